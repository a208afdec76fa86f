"""`madoguchi say`, and the sentence that is always there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from voice.speech.loudness import TARGET_DB, active_db
from voice.speech.pronunciation import FILE
from voice.speech.safe import SENTENCE, make, safe_clip
from voice.speech.say import SpeechError, say
from voice.speech.wave_file import decode

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.slow
def test_text_is_written_as_it_is_heard_and_its_reading_returned(tmp_path: Path) -> None:
    assert say("納期限は、0570-012-229へ。", tmp_path / "say.wav", "ja", ROOT) == (
        "ノーキゲンワ、ゼロゴーナナゼロ、ゼロイチニー、ニーニーキューエ。"
        "クリカエシマス。ゼロゴーナナゼロ、ゼロイチニー、ニーニーキューデス。"
    )
    samples, rate = decode((tmp_path / "say.wav").read_bytes())
    assert rate == 8000
    assert 10 < len(samples) / rate < 25
    assert abs(active_db(samples) - TARGET_DB) < 2


def test_other_languages_return_their_words(tmp_path: Path) -> None:
    assert say("Call 0570-012-229.", tmp_path / "say.wav", "en", ROOT).startswith("Call 0 5 7 0, 0 1 2, 2 2 9.")


@pytest.mark.parametrize(("text", "why"), [("", "読み上げる文字"), ("🎉", "読み上げる文字"), ("あ" * 1001, "1001文字")])
def test_text_that_cannot_be_said_is_told(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(SpeechError, match=why):
        say(text, tmp_path / "say.wav", "ja", ROOT)
    assert not (tmp_path / "say.wav").exists()


def test_broken_table_and_unwritable_file_are_told(tmp_path: Path) -> None:
    with pytest.raises(SpeechError, match="書けません"):
        say("はい。", tmp_path / "none" / "say.wav", "ja", ROOT)
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_text("- {word: 方, reading: かた}\n", encoding="utf-8")
    with pytest.raises(SpeechError, match="IVR050"):
        say("はい。", tmp_path / "say.wav", "ja", tmp_path)


@pytest.mark.slow
def test_safe_sentence_is_what_its_words_sound_like() -> None:
    """If this fails after the engine or the level changed: `python -m voice.speech.safe` makes the file anew."""
    made, shipped = make(), safe_clip()
    assert abs(len(made) - len(shipped.ulaw)) < 800
    assert np.mean(np.frombuffer(made, np.uint8)[:20_000] == np.frombuffer(shipped.ulaw, np.uint8)[:20_000]) > 0.99
    assert len(shipped.alaw) == len(shipped.ulaw)
    assert 5 < shipped.seconds < 15


def test_safe_sentence_names_the_hours_of_the_calendar() -> None:
    calendar = (ROOT / "ivr_flows" / "calendar.yaml").read_text(encoding="utf-8")
    assert 'open: "8:30", close: "17:15"' in calendar
    assert "午前8時30分から午後5時15分" in SENTENCE
