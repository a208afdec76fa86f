"""Who answers when: people in office hours, the emergency announcement before everything else (domain.md 12-5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from . import process
from .baresip import Baresip
from .conftest import OPERATOR_SAYS
from .linphone import Linphone
from .service import Service, fact, names

pytestmark = pytest.mark.slow

EMERGENCY = "ただいま、システムの障害のため、お受けできません。"
OPERATOR = process.port()
USER, PASSWORD = "linphone", "himitsu-no-aikotoba"


@pytest.fixture(scope="module")
def open_today(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service whose office hours are the whole day, with an operator; who calls has to know a password."""
    running = Service(
        tmp_path_factory.mktemp("open"), is_open=True, operators=f"sip:operator@127.0.0.1:{OPERATOR}",
        transfer_by="bridge", sip_user=USER, sip_password=PASSWORD,
    )  # fmt: skip
    yield running
    running.stop()


@pytest.fixture
def caller(tmp_path: Path, tidy: Callable[[Linphone], Linphone]) -> Callable[..., Linphone]:
    """Makes a telephone that knows the password, or another one."""

    def make(name: str, password: str = PASSWORD) -> Linphone:
        return tidy(Linphone(tmp_path / name, login=(USER, password)))

    return make


def test_office_hours_lead_to_a_person(
    open_today: Service, caller: Callable[..., Linphone], tmp_path: Path, tidy: Callable[[Baresip], Baresip]
) -> None:
    operator = tidy(Baresip(tmp_path / "operator", "operator", answers=True, say=OPERATOR_SAYS, port=OPERATOR))
    phone = caller("daytime")
    phone.dial(open_today.target("daytime"))
    operator.until("CALL_ESTABLISHED", 20)
    operator.until("CALL_RTCP", 20)  # after a few seconds of talking
    phone.hang_up()
    phone.stop()
    assert phone.heard().share_of(OPERATOR_SAYS.between(0, 3)) >= 0.6
    call = open_today.ended_call("daytime")
    assert fact(call, "call_received")["situation"] == "open"
    assert fact(call, "call_ended")["person"] is True


def test_the_emergency_announcement_goes_before_office_hours(
    open_today: Service, caller: Callable[..., Linphone]
) -> None:
    open_today.command("emergency", "on", "--why", "訓練", "--who", "試験")
    phone = caller("emergency")
    phone.dial(open_today.target("emergency"))
    phone.ended(20)
    phone.stop()
    assert phone.heard().share_of(open_today.said(EMERGENCY)) >= 0.6
    call = open_today.ended_call("emergency")
    assert fact(call, "call_received")["situation"] == "emergency"
    assert "transfer_tried" not in names(call)
    open_today.command("emergency", "off", "--why", "訓練の終わり", "--who", "試験")


def test_a_caller_with_a_wrong_password_is_not_answered(open_today: Service, caller: Callable[..., Linphone]) -> None:
    phone = caller("thief", password="atezuppou")
    phone.dial(open_today.target("thief"), until="Password for linphone")  # refused, and asked again
    assert not phone.child.lines("Media streams established")
    assert open_today.calls("thief") == []
    assert PASSWORD not in open_today.printed()
