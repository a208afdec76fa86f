"""Every sentence of the telephone is said as a good announcer would say it: the table of readings against the engine.

`readings.yaml` holds sentences whose reading a person verified; the engine and the table are the real ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bot.knowledge.loader import load
from voice.speech.doubts import suspicious
from voice.speech.japanese import Japanese
from voice.speech.pronunciation import load_pronunciation

ROOT = Path(__file__).resolve().parents[2]
VERIFIED: list[dict[str, str]] = yaml.safe_load((Path(__file__).parent / "readings.yaml").read_text(encoding="utf-8"))

SLIPS = re.compile(
    "オサメキゲン|クルマケンショー|フツークルマ|ナリワイ|イチニスル|クマガイ|シタマチ|ジマウチ|ゲツワカラ|カミハイリ|ガキモレ|｛|[Ａ-Ｚａ-ｚ]"
)
"""How Open JTalk misread our words without the table, or with an unlucky wording (measured on every sentence)."""

PERSON = re.compile(r"(?<=[ぁ-ん])方(?![法向面々針式角言])")

pytestmark = pytest.mark.slow  # compiles the user dictionary in a process of its own


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Japanese:
    pronunciation, findings = load_pronunciation(ROOT)
    assert pronunciation is not None
    assert findings == []
    return Japanese.of(pronunciation, tmp_path_factory.mktemp("dictionary"))


@pytest.fixture(scope="module")
def spoken_texts() -> list[str]:
    """Everything editors wrote to be said: the `voice` of every entry and the words of every flow."""
    knowledge = load(ROOT).knowledge
    assert knowledge is not None
    voices = [entry.voice for entry in knowledge.entries.values() if entry.voice]
    read = {
        file.stem: yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader)
        for file in sorted((ROOT / "ivr_flows").glob("*.yaml"))
        if file.stem not in {"calendar", "pronunciation", "recordings"}
    }
    japanese = (flow for flow in read.values() if not isinstance(flow, dict) or flow.get("lang", "ja") == "ja")
    flows = [text for flow in japanese for text in words_of(flow) if not text.isascii()]
    assert len(voices) > 150
    assert len(flows) > 40
    return voices + flows


def words_of(part: object, key: str = "") -> Iterator[str]:
    if isinstance(part, dict):
        for name, value in part.items():
            yield from words_of(value, str(name))
    elif isinstance(part, list):
        for value in part:
            yield from words_of(value, key)
    elif key in {"say", "text", "title", "unavailable", "tail"}:
        yield str(part)


@pytest.mark.parametrize("pair", VERIFIED, ids=lambda pair: pair["text"][:24])
def test_sentence_is_read_as_a_person_verified(engine: Japanese, pair: dict[str, str]) -> None:
    assert engine.reading(pair["text"]) == pair["reading"]


def test_enough_sentences_are_verified_once_each() -> None:
    assert len({pair["text"] for pair in VERIFIED}) == len(VERIFIED) >= 120


def test_no_text_of_the_telephone_is_misread(engine: Japanese, spoken_texts: list[str]) -> None:
    readings = {text: engine.reading(text) for text in spoken_texts}
    assert {text: slip[0] for text, reading in readings.items() if (slip := SLIPS.search(reading))} == {}


def test_persons_are_read_kata_everywhere(engine: Japanese, spoken_texts: list[str]) -> None:
    sentences = [sentence for text in spoken_texts for sentence in re.findall(r"[^。]*方[^。]*。", text)]
    wrong = [words for words in sentences if engine.reading(words).count("カタ") < len(PERSON.findall(words))]
    assert sentences
    assert wrong == []


def test_no_reading_of_the_telephone_is_left_in_doubt(engine: Japanese, spoken_texts: list[str]) -> None:
    assert [doubt for text in spoken_texts for doubt in suspicious(text, engine)] == []


def test_every_line_of_the_table_is_obeyed(engine: Japanese) -> None:
    pronunciation, _ = load_pronunciation(ROOT)
    assert pronunciation is not None
    for line in pronunciation.lines:
        said = engine.reading(f"{line.word}、です。")
        assert said.startswith(line.said), f"{line.word}: {said}"
