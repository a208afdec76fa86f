"""The verbs of TwiML that we use, as XML. Escaping is ElementTree's. Names of attributes are the clouds'.

Clouds that copied TwiML lack `actionOnEmptyResult` (Telnyx, Kazoo) and go on after an empty `Gather`: therefore the
same address follows it as a `Redirect`, and an answer without a key means the same from both.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.etree import ElementTree as ET

Document = ET.Element


def document() -> Document:
    """An empty answer."""
    return ET.Element("Response")


def text(answer: Document) -> str:
    """The answer as it goes over the wire."""
    return '<?xml version="1.0" encoding="UTF-8"?>' + ET.tostring(answer, encoding="unicode")


def play(parent: Document, urls: Sequence[str]) -> None:
    """Play sounds, one after the other."""
    for url in urls:
        ET.SubElement(parent, "Play").text = url


def gather(parent: Document, action: str, seconds: float, urls: Sequence[str] = ()) -> None:
    """Wait for one key while and after playing sounds. An empty `finishOnKey` makes # a key like the others."""
    attributes = {
        "action": action, "actionOnEmptyResult": "true", "finishOnKey": "", "input": "dtmf", "method": "POST",
        "numDigits": "1", "timeout": _whole(seconds),
    }  # fmt: skip
    play(ET.SubElement(parent, "Gather", attributes), urls)


def redirect(parent: Document, url: str) -> None:
    """Ask there how to go on."""
    ET.SubElement(parent, "Redirect", {"method": "POST"}).text = url


def pause(parent: Document, seconds: float) -> None:
    """Silence."""
    ET.SubElement(parent, "Pause", {"length": _whole(seconds)})


def dial(parent: Document, number: str, action: str, seconds: float) -> None:
    """Call a person and connect; `action` is asked when that is over, whatever came of it."""
    verb = ET.SubElement(parent, "Dial", {"action": action, "method": "POST", "timeout": _whole(seconds)})
    noun = "Sip" if number.startswith(("sip:", "sips:")) else "Number"
    ET.SubElement(verb, noun).text = number


def hang_up(parent: Document) -> None:
    """End the call."""
    ET.SubElement(parent, "Hangup")


def reject(parent: Document) -> None:
    """Refuse the call before it is answered: the caller hears the busy tone and pays nothing."""
    ET.SubElement(parent, "Reject", {"reason": "busy"})


def _whole(seconds: float) -> str:
    """Whole seconds, at least one: clouds know no smaller time."""
    return str(max(1, math.ceil(seconds)))
