"""Translations: current ones are served, stale ones are told and withdrawn, slips name their line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.knowledge.findings import CATALOGUE, Finding, Level
from bot.knowledge.loader import Loaded, load
from bot.knowledge.translations import LANGUAGES, check_terms, fingerprint

ROOT = Path(__file__).resolve().parents[2]
FILE = "faq/translations/en/slip.yaml"


def fingerprints(root: Path) -> dict[str, str]:
    knowledge = load(root).knowledge
    assert knowledge is not None
    return {id_: fingerprint(entry) for id_, entry in knowledge.entries.items()}


@pytest.fixture
def translated(content: Path) -> Path:
    """The small content with everything of it in English."""
    of = fingerprints(content)
    folder = content / "faq" / "translations" / "en"
    folder.mkdir(parents=True)
    (folder / "topics.yaml").write_text(
        "slip: {title: Payment slips, subject: payment slip}\ncontact: {title: Contact, subject: call centre}\n"
    )
    (folder / "glossary.yaml").write_text("- {term: 納付書, use: payment slip, also: [slips], avoid: [invoice]}\n")
    (folder / "slip.yaml").write_text(
        f'slip-lost:\n  of: "{of["slip-lost"]}"\n  question: I lost my payment slip.\n'
        "  answer: |\n    Yes, you can get a new one.\n    - Apply by phone.\n  voice: Yes, you can.\n"
        "  links: {納付書のページ: Page about payment slips}\n"
        f'slip-reissue:\n  of: "{of["slip-reissue"]}"\n  question: Where can I get a new payment slip?\n'
        "  answer: At the office.\n"
    )
    (folder / "contact.yaml").write_text(
        f'call-centre:\n  of: "{of["call-centre"]}"\n  question: Can I ask by phone?\n  answer: Yes, 0570-012-229.\n'
    )
    nlu = content / "nlu_data" / "en"
    nlu.mkdir()
    (nlu / "slip.yml").write_text(
        'version: "3.1"\nnlu:\n- intent: faq/slip-lost\n  examples: |\n    - lost my slip\n', encoding="utf-8"
    )
    return content


def all_findings(loaded: Loaded) -> list[Finding]:
    entries = loaded.knowledge.entries if loaded.knowledge else {}
    return [*loaded.findings, *(found for pack in loaded.packs for found in check_terms(pack, entries))]


def codes(loaded: Loaded) -> list[str]:
    return [found.code for found in all_findings(loaded)]


def test_whole_translation_is_an_edition_without_findings(translated: Path) -> None:
    loaded = load(translated)
    assert codes(loaded) == []
    english = loaded.editions["en"]
    assert english.lang == "en"
    assert english.untranslated == frozenset()
    assert english.entries["slip-lost"].question == "I lost my payment slip."
    assert english.entries["slip-lost"].links[0].label == "Page about payment slips"
    assert english.entries["slip-lost"].links[0].url == "https://www.example.lg.jp/slip"
    assert english.topics[0].title == "Payment slips"
    assert english.phrasings["slip-lost"] == ("lost my slip",)
    assert loaded.knowledge
    assert "lost my slip" not in loaded.knowledge.phrasings["slip-lost"]


def test_when_the_japanese_changes_the_translation_is_withdrawn_and_told(
    translated: Path, change: Callable[..., None]
) -> None:
    change("faq/slip/slip-lost.yaml", "はい、再発行できます。\n  -", "はい、再発行できます。\n  -")
    assert codes(load(translated)) == []
    change("faq/slip/slip-lost.yaml", "電話か窓口で申し込みます。", "電話で申し込みます。")
    loaded = load(translated)
    [found] = loaded.findings
    assert (found.path, found.line, found.code) == (FILE, 1, "TRN003")
    assert fingerprints(translated)["slip-lost"] in found.fix
    assert loaded.editions["en"].untranslated == {"slip-lost"}
    assert loaded.editions["en"].entries["slip-lost"].answer.startswith("はい")


def test_only_words_count_for_the_fingerprint(translated: Path, change: Callable[..., None]) -> None:
    before = fingerprints(translated)
    change("faq/slip/slip-lost.yaml", "voice: はい、できます。", "voice: はい、再発行できます。")
    change("faq/slip/slip-lost.yaml", "answer: |\n\n", "answer: |\n")
    assert fingerprints(translated) == before


# code, file, what is written there, in the place of what, line of the finding
SLIPS = [
    ("TRN001", FILE, "slip-last:\n  of", "slip-lost:\n  of", 1),
    ("TRN002", "faq/translations/en/slips.yaml", "slip-lost: {question: Lost., answer: 'Yes.'}\n", None, 1),
    ("TRN004", FILE, "links: {納付書の説明: Page", "links: {納付書のページ: Page", 1),
    ("TRN005", FILE, "'[At the office](https://www.example.lg.jp/).'", "At the office.", 9),
    ("TRN006", FILE, "question: I lost the paper.", "question: I lost my payment slip.", 1),
    ("TRN007", FILE, "Yes, you can get a new one (invoice).", "Yes, you can get a new one.", 1),
    ("TRN010", "faq/translations/en/topics.yaml", "slip: {title: Slips, subject: slip}\n", None, 0),
]


@pytest.mark.parametrize(("code", "file", "new", "old", "line"), SLIPS, ids=[slip[0] for slip in SLIPS])
def test_slip_is_told_with_its_line(
    translated: Path, change: Callable[..., None], code: str, file: str, new: str, old: str | None, line: int
) -> None:
    change(file, new, old)
    loaded = load(translated)
    assert (file, line, code) in {(found.path, found.line, found.code) for found in all_findings(loaded)}
    assert (loaded.knowledge is None) is (CATALOGUE[code][0] is Level.ERROR)


def test_missing_translations_are_one_notice(translated: Path) -> None:
    (translated / "faq" / "translations" / "en" / "contact.yaml").unlink()
    [found] = load(translated).findings
    assert found.code == "TRN008"
    assert "call-centre" in found.what


def test_folder_of_no_language_is_told(translated: Path) -> None:
    (translated / "faq" / "translations" / "english").mkdir()
    [found] = load(translated).findings
    assert (found.code, found.path) == ("TRN009", "faq/translations/english")


def test_plain_japanese_stands_beside_the_answer(translated: Path) -> None:
    of = fingerprints(translated)["slip-lost"]
    easy = translated / "faq" / "translations" / "ja-easy"
    easy.mkdir()
    (easy / "slip.yaml").write_text(
        f'slip-lost:\n  of: "{of}"\n  question: 紙を なくしました。\n  answer: もう一度 もらえます。\n'
        "  links: {納付書のページ: 紙の ページ}\n",
        encoding="utf-8",
    )
    loaded = load(translated)
    assert codes(loaded) == []
    assert loaded.knowledge
    assert loaded.knowledge.easy["slip-lost"].answer == "もう一度 もらえます。"
    assert loaded.editions["en"].easy == loaded.knowledge.easy


@pytest.mark.parametrize(
    "answer",
    [
        "会場は 17:15まで です。",
        "手紙や 電話等で 聞いて ください。",
        "できない わけでは ありません。なくは ない です。",
        f"{'とても 長い 文 ' * 9}です。",
    ],
)
def test_hard_words_in_plain_japanese_are_told(translated: Path, answer: str) -> None:
    of = fingerprints(translated)["slip-lost"]
    easy = translated / "faq" / "translations" / "ja-easy"
    easy.mkdir()
    text = f'slip-lost: {{of: "{of}", question: 紙です。, answer: "{answer}", links: {{納付書のページ: 紙}}}}\n'
    (easy / "slip.yaml").write_text(text, encoding="utf-8")
    assert codes(load(translated)) == ["TRN012"]


def test_every_shipped_translation_is_current_and_follows_its_glossary() -> None:
    loaded = load(ROOT)
    assert set(loaded.editions) == set(LANGUAGES)
    assert [str(found) for found in all_findings(loaded) if found.code.startswith("TRN")] == []
    for lang, knowledge in loaded.editions.items():
        assert knowledge.untranslated == frozenset(), lang
        assert sum(bool(entry.voice) for entry in knowledge.entries.values()) >= 40, lang
        assert min(map(len, knowledge.phrasings.values())) >= 2, lang
        assert sum(len(texts) >= 6 for texts in knowledge.phrasings.values()) >= 100, lang
        asked = [p.question for p in loaded.questions if p.question.lang == lang]
        assert len(asked) >= 120, lang
        assert sum(question.expect == "none" for question in asked) >= 15, lang
    assert loaded.knowledge
    assert len(loaded.knowledge.easy) >= 60
