"""Training data is read as Rasa 3.1 means it, and exported as a project in which every entry has its answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from bot.knowledge.loader import load
from bot.knowledge.rasa_nlu import TrainingData, add
from bot.knowledge.rasa_project import export_rasa
from bot.knowledge.yaml_text import parse

ROOT = Path(__file__).resolve().parents[2]


def read(text: str) -> tuple[TrainingData, list[tuple[str, int]]]:
    document, findings = parse(text, "nlu_data/x.yml")
    assert document is not None
    training = TrainingData()
    findings = [*findings, *add(document, training)]
    return training, [(found.code, found.line) for found in findings]


def test_examples_know_their_lines() -> None:
    training, findings = read(
        'version: "3.1"\nnlu:\n# 注\n- intent: faq/a\n  examples: |\n'
        "\n    - いつ\n    # 注\n    -  どこ \n    - - ハイフン\n    - #タグ\n"
    )
    assert findings == []
    assert [(example.text, example.line) for example in training.intents["faq/a"]] == [
        ("いつ", 7), ("どこ", 9), ("- ハイフン", 10), ("#タグ", 11),
    ]  # fmt: skip
    assert training.places["faq/a"] == ("nlu_data/x.yml", 4)


def test_synonyms_lookups_and_responses_are_kept_apart() -> None:
    training, findings = read(
        "nlu:\n- synonym: 自動車税\n  examples: |\n    - 車税\n- lookup: subject\n  examples: |\n    - 納付書\n"
        "- lookup: subject\n  examples: |\n    - 督促状\n"
        "responses:\n  utter_smalltalk/a:\n  - text: はい\n  - text: ' いいえ '\n"
    )
    assert findings == []
    assert training.intents == {}
    assert [example.text for example in training.synonyms["自動車税"]] == ["車税"]
    assert training.texts("subject") == ("納付書", "督促状")
    assert training.texts("filler") == ()
    assert training.responses == {"utter_smalltalk/a": ["はい", "いいえ"]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- a\n", [("FAQ008", 1)]),
        ("nlu: faq/a\n", [("FAQ008", 1)]),
        ("nlu:\n- 言い回し\n", [("FAQ001", 2)]),
        ("nlu:\n- intent: faq/a\n", [("FAQ001", 2)]),
        ("nlu:\n- examples: |\n    - いつ\n", [("FAQ001", 2)]),
        ("nlu:\n- intent: faq/a\n  examples:\n  - いつ\n", [("FAQ008", 3)]),
        ("nlu:\n- intent: faq/a\n  examples: |\n    いつ\n    -どこ\n    -\n", [("NLU005", 4), ("NLU005", 5),
        ("NLU005", 6)]),
        ("nlu:\n- {intent: a, examples: '- b'}\n- {intent: a, examples: '- c'}\n", [("NLU009", 3)]),
        ("responses: はい\n", [("FAQ008", 1)]),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_told(text: str, expected: list[tuple[str, int]]) -> None:
    assert read(text)[1] == expected


@pytest.mark.parametrize(
    "responses",
    ["", "responses:\n  utter_smalltalk/greetings:\n  - text: はい\n", "responses:\n  utter_smalltalk/greeting: []\n",
     "responses:\n  utter_smalltalk/greeting: はい\n", "responses:\n  utter_smalltalk/greeting:\n  - text: ' '\n",
     "responses:\n  utter_smalltalk/greeting:\n  - image: はい\n", "responses:\n  utter_greeting:\n  - text: はい\n"],
)  # fmt: skip
def test_small_talk_without_a_reply_is_an_error(content: Path, change: Callable[..., None], responses: str) -> None:
    change(
        "nlu_data/smalltalk.yml", f"nlu:\n- intent: smalltalk/greeting\n  examples: |\n    - こんにちは\n{responses}"
    )
    loaded = load(content)
    assert loaded.knowledge is None
    assert [found.code for found in loaded.findings] == ["NLU008"]
    assert loaded.findings[0].what == (
        "あいさつなどの「smalltalk/greeting」に、返事（utter_smalltalk/greeting）がありません。"
    )


REFUSAL = "自動車税についてお答えします。"


def exported(root: Path, directory: Path) -> dict[str, dict[str, object]]:
    knowledge = load(root).knowledge
    assert knowledge is not None
    export_rasa(knowledge, root, directory, REFUSAL)
    files = sorted(file for file in directory.rglob("*") if file.is_file())
    return {file.relative_to(directory).as_posix(): yaml.safe_load(file.read_text(encoding="utf-8")) for file in files}


def test_export_lays_files_out_as_a_rasa_project(content: Path, tmp_path: Path, change: Callable[..., None]) -> None:
    change("faq/contact/call-centre.yaml", "topic: config", "topic: contact")
    change("faq/topics.yaml", "id: config", "id: contact")
    (content / "faq/contact").rename(content / "faq/config")
    (content / "nlu_data/faq/contact.yml").rename(content / "nlu_data/faq/config.yml")
    files = exported(content, tmp_path / "rasa")
    assert set(files) == {
        "config.yml", "domain.yml", "data/rules.yml", "data/responses.yml", "data/smalltalk.yml",
        "data/out_of_scope.yml",
        "data/lookups.yml", "data/synonyms.yml", "data/faq/slip.yml", "data/faq/config.yml",
    }  # fmt: skip
    for name in set(files) - {"data/responses.yml"}:
        written = (tmp_path / "rasa" / name).read_bytes()
        assert written == (content / "nlu_data" / name.removeprefix("data/")).read_bytes()
    assert files["data/responses.yml"] == {
        "version": "3.1",
        "responses": {
            "utter_faq/call-centre": [{"text": "はい。コールセンター（0570-012-229）へお電話ください。"}],
            "utter_faq/slip-lost": [{"text": "はい、再発行できます。\n- 電話で申し込みます。"}],
            "utter_faq/slip-reissue": [{"text": "自動車税事務所で再発行できます。"}],
            "utter_out_of_scope/weather": [{"text": "自動車税についてお答えします。"}],
        },
    }


def test_export_of_the_real_content_answers_every_intent(tmp_path: Path) -> None:
    exported(ROOT, tmp_path)
    training = TrainingData()
    for file in sorted((tmp_path / "data").rglob("*.yml")):
        document, findings = parse(file.read_text(encoding="utf-8"), file.name)
        assert document is not None
        assert [*findings, *add(document, training)] == []
    entries = {f"faq/{file.stem}" for file in (ROOT / "faq").glob("*/*.yaml") if file.parent.name != "messages"}
    assert entries == {intent for intent in training.intents if intent.startswith("faq/")}
    assert {intent for intent in training.intents if not training.responses.get(f"utter_{intent}")} == set()
