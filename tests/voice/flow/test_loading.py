"""Reading the folder: the shipped content, broken files, and what a version stands for."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from bot.dialogue.office_hours import TOKYO, OfficeHours, load_office_hours
from bot.knowledge.loader import load
from bot.knowledge.models import Knowledge
from voice.flow.loading import load_telephone
from voice.flow.model import Telephone, speech
from voice.flow.transcript import transcript

ROOT = Path(__file__).resolve().parents[3]


def test_shipped_flows_have_no_findings() -> None:
    loaded, (hours, _) = load(ROOT), load_office_hours(ROOT)
    assert loaded.knowledge is not None
    assert hours is not None
    telephone, findings = load_telephone(ROOT, loaded.knowledge, hours, editions=loaded.editions)
    assert [str(found) for found in findings] == []
    assert telephone is not None
    titles = [choice.title for choice in telephone.flows["after_hours"].nodes["menu"].active()]
    assert titles == [
        "納付書の再発行",
        "住所変更の方法",
        "納付場所と納税の方法",
        "車検用の納税証明書",
        "障害者減免",
        "還付",
    ]
    assert len(speech(telephone)) > 20
    assert Telephone.model_validate_json(telephone.model_dump_json()) == telephone


def test_examples_of_the_editors_guide_work_on_the_shipped_flows(tmp_path: Path) -> None:
    guide = (
        (ROOT / "docs" / "編集者の手引き.md")
        .read_text(encoding="utf-8")
        .partition("## 5. 電話の流れ")[2]
        .partition("## 6.")[0]
    )
    topic, dated, notice = re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL)
    shutil.copytree(ROOT / "ivr_flows", tmp_path / "ivr_flows")
    file = tmp_path / "ivr_flows" / "after_hours.yaml"
    before, mark, after = file.read_text(encoding="utf-8").partition('    wait_secs: "6"\n')
    assert mark
    says = dated.partition("say:\n")[2]
    file.write_text(before + topic + says + mark + after, encoding="utf-8")
    (tmp_path / "ivr_flows" / "notices.yaml").write_text(notice, encoding="utf-8")
    loaded, (hours, _) = load(ROOT), load_office_hours(ROOT)
    assert loaded.knowledge is not None
    assert hours is not None
    today = dt.date(2026, 11, 21)
    telephone, findings = load_telephone(tmp_path, loaded.knowledge, hours, today=today, editions=loaded.editions)
    assert findings == []
    assert telephone is not None
    lines = transcript(telephone, "after_hours", dt.datetime(2027, 3, 31, 20, 0, tzinfo=TOKYO), ["7"])
    assert "督促状は、7を、" in lines[2]
    assert lines[4].startswith("案内：督促状について、ご案内します。")
    assert lines[4].endswith("納期限を過ぎました。お早めにお納めください。")


def test_broken_file_gives_no_telephone_and_says_where(
    root: Path, knowledge: Knowledge, hours: OfficeHours, change: Callable[..., None]
) -> None:
    change("overflow.yaml", "nodes：\n", "nodes:\n")
    telephone, findings = load_telephone(root, knowledge, hours)
    assert telephone is None
    assert [(f.path, f.line, f.code) for f in findings] == [("ivr_flows/overflow.yaml", 4, "YML003")]


def test_unknown_key_of_a_node_is_told_with_the_nearest_one(
    root: Path, knowledge: Knowledge, hours: OfficeHours, change: Callable[..., None]
) -> None:
    change("overflow.yaml", "every_sec:", "every_secs:")
    _, findings = load_telephone(root, knowledge, hours)
    assert [(f.code, f.line) for f in findings] == [("FAQ002", 7)]
    assert findings[0].fix.startswith("「every_secs」のことですか。")


def test_number_that_is_none_is_told(
    root: Path, knowledge: Knowledge, hours: OfficeHours, change: Callable[..., None]
) -> None:
    change("overflow.yaml", 'limit_secs: "長め"', 'limit_secs: "60"')
    _, findings = load_telephone(root, knowledge, hours)
    assert [(f.code, f.line) for f in findings] == [("FAQ008", 7)]
    assert "limit_secs" in findings[0].what


def test_notices_that_are_no_list_are_told(
    root: Path, knowledge: Knowledge, hours: OfficeHours, change: Callable[..., None]
) -> None:
    change("notices.yaml", "id: a\n", None)
    _, findings = load_telephone(root, knowledge, hours)
    assert [f.code for f in findings] == ["FAQ008"]
    change("notices.yaml", "- {id: a\n", None)
    telephone, findings = load_telephone(root, knowledge, hours)
    assert telephone is None
    assert [f.path for f in findings] == ["ivr_flows/notices.yaml"]


def test_notices_may_be_missing_and_strangers_of_editors_programs_are_ignored(
    root: Path, knowledge: Knowledge, hours: OfficeHours, change: Callable[..., None]
) -> None:
    (root / "ivr_flows" / "notices.yaml").unlink()
    change(".#after_hours.yaml", "x", None)
    telephone, findings = load_telephone(root, knowledge, hours)
    assert findings == []
    assert telephone is not None


def test_version_changes_with_the_words_and_only_then(
    root: Path, knowledge: Knowledge, hours: OfficeHours, change: Callable[..., None]
) -> None:
    first, _ = load_telephone(root, knowledge, hours)
    change("overflow.yaml", "# 説明\nid: overflow", "id: overflow")
    same, _ = load_telephone(root, knowledge, hours)
    change("overflow.yaml", "say: おかけ直しを。", "say: おかけ直しください。")
    other, _ = load_telephone(root, knowledge, hours)
    assert first is not None
    assert same is not None
    assert other is not None
    assert first.version == same.version != other.version


def test_questions_are_kept_without_brackets(telephone: Telephone) -> None:
    assert telephone.voices["refund"].question == "refundですか。"
    assert "silent" not in telephone.voices


def test_english_is_one_word_of_yaml_away(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "ivr_flows", tmp_path / "ivr_flows")
    file = tmp_path / "ivr_flows" / "after_hours.yaml"
    text = file.read_text(encoding="utf-8")
    assert text.count('stopped: "true"}') == 1
    file.write_text(text.replace('stopped: "true"}', 'stopped: "false"}'), encoding="utf-8")
    loaded, (hours, _) = load(ROOT), load_office_hours(ROOT)
    assert loaded.knowledge is not None
    assert hours is not None
    off, _ = load_telephone(ROOT, loaded.knowledge, hours, editions=loaded.editions)
    on, findings = load_telephone(tmp_path, loaded.knowledge, hours, editions=loaded.editions)
    assert off is not None
    assert on is not None
    assert {found.code for found in findings} <= {"IVR019"}, "more keys than people can hold, and nothing else"
    evening = dt.datetime(2026, 11, 20, 17, 15, tzinfo=TOKYO)
    lines = transcript(on, "after_hours", evening, ["9", "4"])
    assert "For English, press 9." in lines[2]
    assert any("inspection" in line and line.isascii() is False for line in lines[5:])
    assert {piece.lang for piece in speech(off)} == {"ja"}
    assert {piece.lang for piece in speech(on)} == {"ja", "en"}
