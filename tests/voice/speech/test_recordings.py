"""Recordings in place of synthesis: exactly these words, a whole file, and no old facts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.knowledge.findings import Level
from voice.g711 import Clip
from voice.speech.loudness import TARGET_DB, active_db
from voice.speech.prompts import PromptStore
from voice.speech.pronunciation import Pronunciation
from voice.speech.recordings import FILE, FOLDER, Recordings, load_recordings, unused
from voice.speech.rendering import make
from voice.speech.wave_file import encode

GREETING = "お電話ありがとうございます。"


def sound(seconds: float = 1.0, rate: int = 44_100, amplitude: float = 3000) -> bytes:
    samples = amplitude * np.sin(2 * np.pi * 600 * np.arange(int(seconds * rate)) / rate)
    return encode(samples.astype(np.int16), rate)


def listed(root: Path, text: str, **files: bytes) -> tuple[Recordings | None, list[str]]:
    (root / FOLDER).mkdir(parents=True, exist_ok=True)
    for name, raw in files.items():
        (root / FOLDER / f"{name}.wav").write_bytes(raw)
    (root / FILE).write_text(text + "\n", encoding="utf-8")
    found, findings = load_recordings(root)
    return found, [each.code for each in findings]


def test_recording_takes_the_place_of_exactly_its_words(tmp_path: Path) -> None:
    recordings, codes = listed(tmp_path, f"- {{file: greeting.wav, text: {GREETING}}}", greeting=sound())
    assert not codes
    assert recordings is not None
    store = PromptStore(tmp_path / "prompts", Pronunciation(), recordings)
    (segment,) = store.missing([(GREETING, "ja")])
    assert segment.recording
    assert store.segments(GREETING.replace("電話", "でんわ"))[0].recording is None
    assert store.segments(GREETING, "en")[0].recording is None
    clip = make(segment, None, recordings.folder)
    assert isinstance(clip, Clip)
    assert abs(active_db(clip.samples.astype(float)) - TARGET_DB) < 1
    store.put(segment, clip)
    assert store.clip(GREETING) is not None


def test_recording_that_was_changed_has_another_key_and_is_not_mixed_up(tmp_path: Path) -> None:
    line = f"- {{file: a.wav, text: {GREETING}}}"
    first, _ = listed(tmp_path, line, a=sound())
    second, _ = listed(tmp_path, line, a=sound(2.0))
    assert first is not None
    assert second is not None
    stores = [PromptStore(tmp_path / "prompts", Pronunciation(), each) for each in (first, second)]
    segments = [store.segments(GREETING)[0] for store in stores]
    assert stores[0].key(segments[0]) != stores[1].key(segments[1])
    assert "もう一度公開" in str(make(segments[0], None, first.folder))  # the file is no longer the published one


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("- {file: none.wav, text: はい}", ["IVR054"]),
        ("- {file: broken.wav, text: はい}", ["IVR055"]),
        ("- {file: silent.wav, text: はい}", ["IVR055"]),
        ("- {file: long.wav, text: はい}", ["IVR056"]),
        ("- {file: good.wav, text: はい}\n- {file: good.wav, text: はい}", ["IVR058"]),
        ("- {file: ../calendar.yaml, text: はい}", ["FAQ007"]),
        ("- {file: good.wav}", ["FAQ001"]),
        ("file: good.wav", ["FAQ008"]),
    ],
)
def test_list_with_a_slip_is_refused(tmp_path: Path, text: str, codes: list[str]) -> None:
    files = {"broken": b"RIFF", "silent": sound(amplitude=0), "long": sound(121, 4000), "good": sound()}
    assert listed(tmp_path, text, **files) == (None, codes)


def test_list_that_is_missing_or_empty_has_no_recordings(tmp_path: Path) -> None:
    found, findings = load_recordings(tmp_path)
    assert found is not None
    assert not found.recordings
    assert not findings
    assert listed(tmp_path, "[]")[1] == []


def test_recording_of_words_that_changed_is_noticed(tmp_path: Path) -> None:
    recordings, _ = listed(tmp_path, f"- {{file: a.wav, text: {GREETING}}}", a=sound())
    assert recordings is not None
    assert unused(recordings, [(GREETING, "ja")]) == []
    (notice,) = unused(recordings, [(GREETING + "本日は、", "ja")])
    assert (notice.code, notice.level) == ("IVR057", Level.NOTICE)


def test_recordings_survive_json(tmp_path: Path) -> None:
    recordings, _ = listed(tmp_path, f"- {{file: a.wav, text: {GREETING}}}", a=sound())
    assert recordings is not None
    assert Recordings.model_validate_json(recordings.model_dump_json()) == recordings
