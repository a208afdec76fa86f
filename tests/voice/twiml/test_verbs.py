"""Our XML against that of the official library, verb by verb."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest
from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from voice.twiml import verbs

URL = 'https://a.jp/twiml/next?s=a&b="<1>"'


def _gather(theirs: VoiceResponse) -> None:
    gather = Gather(
        action=URL, action_on_empty_result=True, finish_on_key="", input="dtmf", method="POST", num_digits=1, timeout=6
    )
    gather.play("https://a.jp/1.wav")
    gather.play("https://a.jp/2.wav?v=1&w=2")
    theirs.append(gather)


def _dial(theirs: VoiceResponse, sip: bool) -> None:
    dial = Dial(action=URL, method="POST", timeout=30)
    if sip:
        dial.sip("sip:op@10.0.0.1")
    else:
        dial.number("+81480000000")
    theirs.append(dial)


Ours, Theirs = Callable[[verbs.Document], None], Callable[[VoiceResponse], object]
CASES: dict[str, tuple[Ours, Theirs]] = {
    "play": (lambda d: verbs.play(d, [URL]), lambda r: r.play(URL)),
    "gather": (lambda d: verbs.gather(d, URL, 6.0, ["https://a.jp/1.wav", "https://a.jp/2.wav?v=1&w=2"]), _gather),
    "redirect": (lambda d: verbs.redirect(d, URL), lambda r: r.redirect(URL, method="POST")),
    "pause": (lambda d: verbs.pause(d, 4.2), lambda r: r.pause(length=5)),
    "dial a number": (lambda d: verbs.dial(d, "+81480000000", URL, 30.0), lambda r: _dial(r, sip=False)),
    "dial by SIP": (lambda d: verbs.dial(d, "sip:op@10.0.0.1", URL, 30.0), lambda r: _dial(r, sip=True)),
    "hang up": (verbs.hang_up, lambda r: r.hangup()),
    "reject": (verbs.reject, lambda r: r.reject(reason="busy")),
}


@pytest.mark.parametrize("verb", CASES)
def test_a_verb_is_what_the_official_library_writes(verb: str) -> None:
    ours, theirs = verbs.document(), VoiceResponse()
    CASES[verb][0](ours)
    CASES[verb][1](theirs)
    assert ET.canonicalize(verbs.text(ours)) == ET.canonicalize(str(theirs))


def test_a_time_of_nothing_is_one_second() -> None:
    document = verbs.document()
    verbs.pause(document, 0.0)
    assert document[0].attrib["length"] == "1"


def test_text_is_escaped_and_declared() -> None:
    document = verbs.document()
    verbs.play(document, ["https://a.jp/?a=1&b=<2>"])
    text = verbs.text(document)
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?><Response>')
    assert "a=1&amp;b=&lt;2&gt;" in text
