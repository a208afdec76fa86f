"""The store: names that follow the sound, whole files, whole texts."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from voice.g711 import Clip
from voice.speech import loudness
from voice.speech.prompts import PromptStore
from voice.speech.pronunciation import Line, Pronunciation
from voice.speech.recordings import Recordings
from voice.speech.segments import AFTER_SENTENCE, AFTER_TEXT, Segment, sentences

TEXT = "自動車税の納期限は5月31日です。お電話ありがとうございました。"
BEEP = Clip(b"\x01" * 800, b"\x02" * 800)


def store(folder: Path, *lines: Line) -> PromptStore:
    return PromptStore(folder, Pronunciation(lines=lines), Recordings())


def fill(prompts: PromptStore, *texts: str) -> None:
    for segment in prompts.missing([(text, "ja") for text in texts]):
        prompts.put(segment, BEEP)


def test_text_is_missing_until_all_its_segments_are_there(tmp_path: Path) -> None:
    prompts = store(tmp_path)
    first, second = prompts.missing([(TEXT, "ja"), (TEXT, "ja")])
    prompts.put(first, BEEP)
    assert prompts.clip(TEXT) is None
    assert prompts.missing([(TEXT, "ja")]) == [second]
    prompts.put(second, BEEP)
    clip = prompts.clip(TEXT)
    assert clip is not None
    assert clip.seconds == pytest.approx(0.2 + AFTER_SENTENCE + AFTER_TEXT)
    assert clip.ulaw[:800] == BEEP.ulaw
    assert len(clip.alaw) == len(clip.ulaw)
    assert prompts.missing([(TEXT, "ja")]) == []
    assert prompts.clip(TEXT) is clip  # remembered


def test_another_process_finds_what_was_rendered(tmp_path: Path) -> None:
    fill(store(tmp_path), TEXT)
    assert store(tmp_path).clip(TEXT) is not None


def test_key_follows_everything_that_is_heard_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prompts, segment = store(tmp_path), Segment("自動車税の納期限は、")
    key = prompts.key(segment)
    assert prompts.key(replace(segment, pause_after=2.0)) == key
    changed = [replace(segment, words="自動車税の納期限が、"), replace(segment, speed=1.0), replace(segment, lang="en")]
    assert len({key, *map(prompts.key, changed)}) == 4
    monkeypatch.setattr(loudness, "SETTINGS", "another level")
    assert prompts.key(segment) != key


def test_changed_reading_touches_only_segments_with_its_word(tmp_path: Path) -> None:
    fill(store(tmp_path), TEXT)
    line = Line(word="納期限", reading="ノウキゲン", accent="3")
    missing = store(tmp_path, line).missing([(TEXT, "ja")])
    assert [segment.words for segment in missing] == [sentences(TEXT)[0].words]
    noted = line.model_copy(update={"note": "確かめました"})
    assert store(tmp_path, line).key(missing[0]) == store(tmp_path, noted).key(missing[0])
    other = Line(word="車検証", reading="シャケンショウ")
    assert store(tmp_path, line).key(missing[0]) == store(tmp_path, other, line).key(missing[0])


@pytest.mark.parametrize("text", ["", "🎉", "あ" * 2000])
def test_text_that_cannot_be_said_is_neither_found_nor_missing(tmp_path: Path, text: str) -> None:
    assert store(tmp_path).clip(text) is None
    assert store(tmp_path).missing([(text, "ja")]) == []


@pytest.mark.parametrize("law", ["ulaw", "alaw"])
@pytest.mark.parametrize("damage", [b"", b"\xff" * 3, None])
def test_damaged_file_counts_as_missing(tmp_path: Path, law: str, damage: bytes | None) -> None:
    prompts = store(tmp_path)
    fill(prompts, "はい。")
    (file,) = tmp_path.glob(f"??/*.{law}")
    if damage is None:
        file.unlink()
    else:
        file.write_bytes(damage)
    assert prompts.clip("はい。") is None
    assert len(prompts.missing([("はい。", "ja")])) == 1


def test_no_drafts_are_left_behind(tmp_path: Path) -> None:
    fill(store(tmp_path), TEXT)
    assert {file.suffix for file in tmp_path.glob("??/*")} == {".ulaw", ".alaw"}


def test_prompts_unused_for_a_month_are_deleted(tmp_path: Path) -> None:
    prompts = store(tmp_path)
    fill(prompts, "はい。", "いいえ。")
    (tmp_path / "dictionary").mkdir()
    (tmp_path / "dictionary" / "old.dic").write_bytes(b"")
    assert prompts.prune([("はい。", "ja")]) == 0
    later = time.time() + 31 * 86_400
    assert prompts.prune([("はい。", "ja")], now=later) == 1
    assert prompts.clip("はい。") is not None
    assert prompts.clip("いいえ。") is None
    assert len(list(tmp_path.glob("??/*"))) == 2
    assert not list(tmp_path.glob("dictionary/*"))


def test_prompt_that_is_still_said_stays_young(tmp_path: Path) -> None:
    prompts = store(tmp_path)
    fill(prompts, "はい。")
    for file in tmp_path.glob("??/*"):
        os.utime(file, (0, 0))
    prompts.prune([("はい。", "ja")])
    assert prompts.prune([]) == 0


def test_memory_of_whole_texts_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voice.speech.prompts.REMEMBERED_BYTES", 20_000)
    prompts = store(tmp_path)
    texts = ["はい。", "いいえ。", "どうぞ。"]
    fill(prompts, *texts)
    clips = [prompts.clip(text) for text in texts]
    assert prompts.clip("どうぞ。") is clips[2]
    assert prompts.clip("はい。") is not clips[0]
    assert prompts.clip("はい。") == clips[0]
