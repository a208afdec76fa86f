"""Keys and words with real telephones: what is pressed is understood, what is said is heard as it was published.

All telephones call at the same time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from voice.flow.steps import Situation

from .baresip import Baresip
from .ear import Ear
from .linphone import Linphone
from .listening import Sound
from .service import Service, fact, names
from .sipp import Sipp

pytestmark = pytest.mark.slow

GREETING = "お電話ありがとうございます。ただいまは、受付時間外です。"
SLIP = "納付書の再発行について、ご案内します。平日にお電話ください。"
CERTIFICATE = "証明書について、ご案内します。窓口でお受け取りください。"
FAREWELL = "お電話ありがとうございました。"
NO_INPUT = "番号が押されませんでした。"
TOPICS = "123456"

Caller = Callable[[str, Path], Sound]


def by_baresip(target: str, folder: Path, keys: str = "", codecs: str = "pcmu") -> Sound:
    """Calls, presses keys and listens until the service hangs up; what was heard."""
    phone = Baresip(folder, codecs=codecs)
    try:
        phone.dial(target)
        phone.press(keys)
        phone.until("CALL_CLOSED", 120)
    finally:
        phone.stop()
    return phone.heard()


def by_linphone(target: str, folder: Path, keys: str = "", info: bool = False, hold: bool = False) -> Sound:
    """The same with linphone; `hold`: the call is held for a second first."""
    phone = Linphone(folder, info=info)
    try:
        phone.dial(target)
        if hold:
            phone.hold(1.0)
        phone.press(keys)
        phone.ended(120)
    finally:
        phone.stop()
    return phone.heard()


SHORT: dict[str, Caller] = {
    "baresip-pcmu": by_baresip,
    "baresip-pcma": partial(by_baresip, codecs="pcma"),
    "baresip-key": partial(by_baresip, keys="1"),
    "baresip-tcp": lambda target, folder: by_baresip(f"{target};transport=tcp", folder, keys="1"),
    "linphone-hold": partial(by_linphone, keys="1", hold=True),
    "linphone-rfc4733": partial(by_linphone, keys="5"),
    "linphone-info": partial(by_linphone, keys="5", info=True),
}
SHIPPED: dict[str, Caller] = {f"topic-{key}": partial(by_baresip, keys=key) for key in TOPICS}


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service with the flows of the repository, after hours."""
    running = Service(tmp_path_factory.mktemp("shipped"), shipped=True)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def heard(
    service: Service, shipped: Service, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Sound]]:
    """What a caller has heard."""
    folder = tmp_path_factory.mktemp("telephones")
    with ThreadPoolExecutor(len(SHORT) + len(SHIPPED)) as pool:
        calls = {
            name: pool.submit(caller, called.target(name), folder / name)
            for callers, called in ((SHORT, service), (SHIPPED, shipped))
            for name, caller in callers.items()
        }
        yield lambda name: calls[name].result()


@pytest.mark.parametrize("name", ["baresip-pcmu", "baresip-pcma"])
def test_who_presses_nothing_hears_the_menu_again_and_a_polite_end(
    heard: Callable[[str], Sound], service: Service, name: str
) -> None:
    recording = heard(name)
    for words in (GREETING, NO_INPUT, FAREWELL):
        assert recording.contains(service.said(words)), words
    assert recording.likeness(service.said(SLIP)) < 0.5  # the judge can tell
    call = service.ended_call(name)
    assert fact(call, "call_ended")["by"] == "service"
    assert names(call).count("nothing_pressed") == 2


@pytest.mark.parametrize("name", ["baresip-key", "baresip-tcp"])
def test_a_key_interrupts_and_chooses(heard: Callable[[str], Sound], service: Service, name: str) -> None:
    recording = heard(name)
    assert recording.contains(service.said(SLIP))
    assert recording.contains(service.said(FAREWELL))
    assert not recording.contains(service.said(GREETING))
    call = service.ended_call(name)
    assert fact(call, "topic_chosen")["key"] == "1"
    assert fact(call, "topic_heard")["complete"] is True


@pytest.mark.parametrize("name", ["linphone-rfc4733", "linphone-info"])
def test_linphone_presses_keys_and_hears(heard: Callable[[str], Sound], service: Service, name: str) -> None:
    assert heard(name).share_of(service.said(CERTIFICATE)) >= 0.8  # its jitter buffer bends time at the beginning
    assert fact(service.ended_call(name), "topic_chosen")["key"] == "5"


def test_a_call_goes_on_after_being_held(heard: Callable[[str], Sound], service: Service) -> None:
    recording = heard("linphone-hold")
    assert recording.share_of(service.said(SLIP)) >= 0.8
    assert recording.share_of(service.said(FAREWELL)) >= 0.5
    assert fact(service.ended_call("linphone-hold"), "topic_heard")["complete"] is True


@pytest.mark.parametrize("key", TOPICS)
def test_each_of_the_six_topics_is_heard_to_its_end(heard: Callable[[str], Sound], shipped: Service, key: str) -> None:
    recording = heard(f"topic-{key}")
    for prompt in shipped.prompts_of(Situation.EXCEPTION, key):
        assert recording.contains(prompt)
    call = shipped.ended_call(f"topic-{key}")
    assert fact(call, "topic_chosen")["key"] == key
    assert fact(call, "topic_heard")["complete"] is True
    ended = fact(call, "call_ended")
    assert (ended["by"], ended["node"]) == ("service", "after_hours/farewell")


def test_every_packet_of_a_call_follows_the_one_before(dial: Callable[..., Sipp], service: Service, ear: Ear) -> None:
    assert dial("until_the_end", dialled="packets", audio=ear.port, events=96).outcome().ok == 1
    assert ear.heard().contains(service.said(SLIP))
    assert ear.heard().contains(service.said(FAREWELL))
    assert len({packet.ssrc for packet in ear.packets}) == 1
    assert {len(packet.payload) for packet in ear.packets} == {160}
    assert {(b.sequence - a.sequence) % 2**16 for a, b in pairwise(ear.packets)} == {1}
    # a busy machine may make the service skip a beat; time still goes on in whole packets
    assert {(b.timestamp - a.timestamp) % 2**32 % 160 for a, b in pairwise(ear.packets)} == {0}
    assert ear.reports  # RTCP
