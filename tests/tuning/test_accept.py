"""Accepted proposals are in the content, whole and checked, and nothing else is; or nothing is."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from difflib import SequenceMatcher
from functools import lru_cache
from pathlib import Path
from tempfile import gettempdir

import pytest
import typer
from served import ROOT
from simulated import NOW

from bot import assemble_tuning
from bot.cli import tune
from bot.knowledge.findings import errors
from bot.knowledge.loader import Loaded, load
from bot.knowledge.models import Knowledge
from bot.settings import Settings
from bot.tuning.accept import CONTENT, Acceptable, NotAccepted, ReadOnly, accepted, keep, prepare, put_back
from bot.tuning.compose import content_mark
from bot.tuning.files import Edit, edits
from bot.tuning.proposals import Guard, Proposal, Tuning, Way, forget, kept, months
from bot.tuning.proposals import keep as keep_proposals
from bot.tuning.tune import Searched

TODAY = NOW.date()
Make = Callable[..., Proposal]


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return load(ROOT)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The real content, to be edited."""
    for name in (*CONTENT, "ivr_flows"):
        shutil.copytree(ROOT / name, tmp_path / "root" / name)
    return tmp_path / "root"


@pytest.fixture
def made(loaded: Loaded) -> Make:
    """A proposal that fits the content."""

    def make(target: str, phrasing: str, guard: str = "", way: Way = Way.PHRASING, id_: str = "a-1") -> Proposal:
        expect = target if way is Way.PHRASING else "none"
        proposal = Proposal(
            id=id_, way=way, target=target, title="見出し", questions=9, askers=9, different=3, examples=(), why=(),
            phrasings=(phrasing,) if phrasing else (), guards=(Guard(ask=guard, expect=expect),) if guard else (),
        )  # fmt: skip
        assert loaded.knowledge is not None
        questions = [placed.question for placed in loaded.questions]
        return proposal.model_copy(update={"stands_on": content_mark(loaded.knowledge, questions, proposal)})

    return make


@lru_cache(maxsize=1)
def features() -> Searched:
    """Of the content as it is: all texts but the new ones are analysed only once for all tests."""
    knowledge = load(ROOT).knowledge
    assert knowledge is not None
    return assemble_tuning.searched(Settings(), knowledge)


def search(knowledge: Knowledge) -> Searched:
    return replace(features(), knowledge=knowledge)


def written(root: Path, *proposals: Proposal) -> Acceptable:
    """As if it had been tried out."""
    return Acceptable(proposals, tuple(edits(proposals, root, {"qr-unreadable": "payment"})), {}, {})


def month_of(*proposals: Proposal) -> Tuning:
    return Tuning(
        month="2026-10", made_at=NOW, unfinished=False, synthetic=True, knowledge="x", questions=9, poor=9, solved=0,
        left_alone=0, by_lang={"ja": 9}, seconds=1, proposals=proposals,
    )  # fmt: skip


def try_out(root: Path, *proposals: Proposal) -> list[str]:
    """Accept all; the files that were written."""
    tuning = month_of(*proposals)
    ids = [proposal.id for proposal in proposals]
    ready = prepare(tuning, ids, root, search, TODAY)
    return keep(ready, root, root.parent / "data")


def content(root: Path) -> dict[str, bytes]:
    return {str(file.relative_to(root)): file.read_bytes() for file in root.rglob("*") if file.is_file()}


@pytest.mark.slow
def test_accepted_words_are_there_and_the_check_stays_green(root: Path, made: Make) -> None:
    before = content(root)
    one = made("qr-unreadable", "スマホでコードを撮っても反応しません", "四角い模様を読み取ってもらえません")
    other = made("visas", "在留資格の変更には何が要りますか", "在留期間の更新の手続き", Way.OUT_OF_SCOPE, "c-1")
    files = try_out(root, one, other)
    after = content(root)
    assert {path for path in after if after[path] != before.get(path)} == set(files)
    assert len(files) == 4
    for path in files:
        new, old = after[path].decode().splitlines(), before[path].decode().splitlines()
        changes = [
            code for code, *_ in SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if code != "equal"
        ]
        assert changes == ["insert"]
        assert 1 <= len(new) - len(old) <= 3
    found = load(root)
    assert found.knowledge is not None
    assert not errors(found.findings)
    assert accepted(one, found.knowledge, root)
    assert accepted(other, found.knowledge, root)
    with pytest.raises(NotAccepted, match="もう採用されています"):
        try_out(root, one)


@pytest.mark.slow
def test_what_the_check_refuses_is_not_written_at_all(root: Path, made: Make) -> None:
    before = content(root)
    good = made("qr-unreadable", "スマホでコードを撮っても反応しません", "四角い模様を読み取ってもらえません")
    bad = made("tax-ev", "納付書が手元に見当たらないです", "住民税の納付書が届きましたがこれは何ですか", id_="a-2")
    with pytest.raises(NotAccepted, match="検査に通らない"):
        try_out(root, good, bad)
    double = made(
        "tax-ev", "", "住民税の納付書をなくしました", id_="a-3"
    )  # guarded already, for nothing to be answered
    with pytest.raises(NotAccepted):
        try_out(root, good, double.model_copy(update={"phrasings": ("電気の車の税の額を知りたいです",)}))
    assert content(root) == before


@pytest.mark.slow
def test_only_what_fits_the_content_is_accepted(root: Path, made: Make) -> None:
    before = content(root)
    fits = made("qr-unreadable", "スマホでコードを撮っても反応しません")
    for proposal, told in (
        (fits.model_copy(update={"stands_on": "other"}), "内容が変わりました"),
        (fits.model_copy(update={"phrasings": ("〔電話番号〕に電話ください",)}), "書いてはいけない"),
        (made("qr-unreadable", "山田太郎と申します、コードが読めません"), "書いてはいけない"),
        (made("qr-unreadable", ""), "書き加えるものがありません"),
        (made("slip-lost+slip-damaged", "", way=Way.ALIKE), "書き加えるものがありません"),
        (made("no-such-entry", "スマホでコードを撮っても反応しません"), "いまはありません"),
    ):
        with pytest.raises(NotAccepted, match=told):
            try_out(root, proposal)
    with pytest.raises(NotAccepted, match="2026-10 にはありません"):
        prepare(month_of(fits), ["a-9"], root, search, TODAY)
    (root / "faq/topics.yaml").write_text("- x", encoding="utf-8")
    with pytest.raises(NotAccepted, match="madoguchi check"):
        try_out(root, fits)
    (root / "faq/topics.yaml").write_bytes(before["faq/topics.yaml"])
    assert content(root) == before


@pytest.mark.slow
def test_a_draft_is_no_content(root: Path, made: Make) -> None:
    before, data = content(root), root.parent / "data"
    update = {"way": Way.ENTRY, "target": "new-boats", "draft": "id: new-boats\n", "phrasings": ("ボートの税金",)}
    draft = made("new-boats", "ボートの税金", way=Way.ENTRY).model_copy(update=update)
    (file,) = try_out(root, draft)
    assert Path(file) == data / "tuning" / "drafts" / "new-boats.yaml"
    assert Path(file).read_text(encoding="utf-8") == "id: new-boats\n"
    assert content(root) == before
    found = load(root)
    assert found.knowledge is not None
    assert accepted(draft, found.knowledge, data)


@pytest.fixture
def nobody() -> Iterator[int]:
    """Somebody who may not write, for root may everywhere."""
    yield 65534
    os.seteuid(0)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_folder_that_cannot_be_written(root: Path, made: Make, nobody: int) -> None:
    for folder in (root, *root.parents):
        if Path(gettempdir()) in folder.parents:
            folder.chmod(folder.stat().st_mode | 0o055)
    before = content(root)
    ready = written(root, made("qr-unreadable", "スマホでコードを撮っても反応しません"))
    os.seteuid(nobody)
    with pytest.raises(ReadOnly, match="何も変えていません"):
        keep(ready, root, root.parent / "data")
    os.seteuid(0)
    assert content(root) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_the_command_prints_the_difference_where_it_cannot_write(
    root: Path, made: Make, nobody: int, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in (root, *root.parents):
        if Path(gettempdir()) in folder.parents:
            folder.chmod(folder.stat().st_mode | 0o055)
    ready = written(root, made("qr-unreadable", "スマホでコードを撮っても反応しません"))
    os.seteuid(nobody)
    with pytest.raises(typer.Exit):
        tune.written(Settings(root=root, data=root.parent / "data"), ready)
    told = capsys.readouterr()
    assert told.out == ready.difference
    assert "git apply" in told.err


def test_files_that_cannot_be_put_back_are_named(tmp_path: Path) -> None:
    (tmp_path / "full").write_text("a file where a folder was", encoding="utf-8")
    both = [Edit("full/a.yml", "before", "after"), Edit("nlu_data/b.yml", "before", "after")]
    assert put_back(both, tmp_path) == ["full/a.yml"]
    assert (tmp_path / "nlu_data/b.yml").read_text(encoding="utf-8") == "before"


def test_somebody_else_was_quicker(root: Path, made: Make) -> None:
    ready = written(root, made("qr-unreadable", "スマホでコードを撮っても反応しません"))
    file = root / "nlu_data/faq/payment.yml"
    file.write_text(file.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    theirs = content(root)
    with pytest.raises(NotAccepted, match="ほかの人"):
        keep(ready, root, root.parent / "data")
    assert content(root) == theirs


def test_months_are_kept_and_forgotten(tmp_path: Path, made: Make) -> None:
    tuning = month_of(made("qr-unreadable", "x"))
    for month in ("2025-08", "2025-09", "2026-10"):
        keep_proposals(tuning.model_copy(update={"month": month}), tmp_path)
    assert months(tmp_path) == ["2026-10", "2025-09", "2025-08"]
    assert kept("2026-10", tmp_path) == tuning
    assert kept("2026-11", tmp_path) is None
    (tmp_path / "tuning" / "2026-10.json").write_text('{"rules": 2', encoding="utf-8")
    assert kept("2026-10", tmp_path) is None
    assert forget(tmp_path, TODAY.replace(year=2025, month=9, day=1)) == 1
    assert months(tmp_path) == ["2026-10", "2025-09"]
    assert forget(tmp_path / "nothing", TODAY) == 0
