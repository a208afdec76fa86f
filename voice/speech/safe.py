"""The sentence that can always be said: it is shipped as sound, so that a prompt that is missing is never silence.

Made by `python -m voice.speech.safe` from SENTENCE; a test compares the two, and the hours with the calendar.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from voice.g711 import Clip, transcode

SENTENCE = (
    "おそれいりますが、ただいま案内をお伝えできません。"
    "平日の午前8時30分から午後5時15分までに、おかけ直しください。"
)  # fmt: skip
"""Its words; the hours are those of ivr_flows/calendar.yaml."""

_FILE = Path(__file__).with_name("safe_sentence.ulaw")


@cache
def safe_clip() -> Clip:
    """SENTENCE as it is heard, 8 seconds."""
    ulaw = _FILE.read_bytes()
    return Clip(ulaw, transcode(ulaw, "PCMU", "PCMA"))


def make() -> bytes:
    """SENTENCE synthesised anew with no table of readings, µ-law. Takes a second."""
    from voice.speech.say import spoken  # noqa: PLC0415  (the engine: only here)
    from voice.speech.synthesis import Synthesis  # noqa: PLC0415

    return Clip.of(spoken(SENTENCE, "ja", Synthesis(None))).ulaw


if __name__ == "__main__":
    _FILE.write_bytes(make())
