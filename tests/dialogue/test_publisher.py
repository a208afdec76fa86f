"""Publishing: bad content never replaces good, an edit costs only what it changed."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from bot import assemble
from bot.dialogue import turn
from bot.dialogue.office_hours import TOKYO
from bot.dialogue.published import Published
from bot.dialogue.publisher import Publisher
from bot.knowledge.findings import errors
from bot.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DAY = dt.date(2026, 11, 20)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("content")
    for folder in ("faq", "nlu_data", "ivr_flows"):
        shutil.copytree(ROOT / folder, root / folder)
    return root


@pytest.fixture(scope="module")
def publisher(copy: Path, analysed: Path, published: Published) -> Publisher:
    shutil.copytree(analysed / "cache", copy / "var" / "cache")
    publisher = assemble.publisher(Settings(root=copy, data=copy / "var"))
    assert publisher.publish().published
    return publisher


def test_a_broken_file_keeps_the_old_version(publisher: Publisher, copy: Path) -> None:
    before, file = publisher.current, copy / "faq" / "payment-slip" / "slip-lost.yaml"
    good = file.read_text(encoding="utf-8")
    file.write_text(good.replace("answer:", "answer："), encoding="utf-8")
    outcome = publisher.publish()
    assert outcome.published is None
    assert publisher.current is before
    assert any(found.code == "YML003" for found in publisher.findings)
    file.write_text(good, encoding="utf-8")
    assert publisher.publish().published


def test_a_missing_message_is_told(publisher: Publisher, copy: Path) -> None:
    file = copy / "faq" / "messages" / "ja.yaml"
    good = file.read_text(encoding="utf-8")
    file.write_text(good.replace("greeting:", "greetings:"), encoding="utf-8")
    assert {found.path for found in errors(publisher.publish().findings)} == {"faq/messages/ja.yaml"}
    file.write_text(good, encoding="utf-8")
    assert publisher.publish().published


def test_a_new_phrasing_is_found_without_training(publisher: Publisher, copy: Path) -> None:
    file = copy / "nlu_data" / "faq" / "payment-slip.yml"
    head = "- intent: faq/slip-damaged\n  examples: |\n"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(head, f"{head}    - ハムスターにかじられた\n"), encoding="utf-8")
    published = publisher.publish().published
    assert published is not None
    assert published.engine.search("ハムスターにかじられました", DAY).matches[0].id == "slip-damaged"


def test_a_restart_with_the_cache_gives_the_same_search(publisher: Publisher, copy: Path) -> None:
    again = assemble.publisher(Settings(root=copy, data=copy / "var")).publish().published
    now = publisher.publish().published
    assert again is not None
    assert now is not None
    for question in ("納付書をなくした", "引っ越した", "減免の書類"):
        assert again.engine.search(question, DAY).matches == now.engine.search(question, DAY).matches


def test_an_entry_without_a_current_translation_is_shown_in_japanese_with_the_telephone(
    publisher: Publisher, copy: Path
) -> None:
    file = copy / "faq" / "payment-slip" / "slip-lost.yaml"
    good = file.read_text(encoding="utf-8")
    file.write_text(good.replace("はい。", "はい、できます。", 1), encoding="utf-8")
    outcome = publisher.publish()
    assert outcome.published is not None
    assert {found.code for found in outcome.findings} >= {"TRN003"}
    now = dt.datetime(2026, 11, 20, 12, 0, tzinfo=TOKYO)
    started = turn.start("c", outcome.published, now, "vi").conversation
    reply = turn.hear(started, "/entry/slip-lost", outcome.published, now).reply
    assert reply.answers[0].lang == "ja"
    assert reply.answers[0].text.startswith("はい、できます。")
    assert reply.text == outcome.published.edition("vi").wording.untranslated
    assert "0570-012-229" in reply.contact
    file.write_text(good, encoding="utf-8")
    published = publisher.publish().published
    assert published is not None
    assert turn.hear(started, "/entry/slip-lost", published, now).reply.answers[0].lang == "vi"
