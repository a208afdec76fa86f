"""`madoguchi tune` at the edges: months that can't be, months with nothing in them, proposals that are not there."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot import assemble
from bot.analytics.period import TOKYO, Period
from bot.cli import app
from bot.cli.tune import overview
from bot.settings import Settings
from bot.staff import Staff
from bot.tuning.effects import RECOMMENDED, Guarded, Proof, Replayed
from bot.tuning.proposals import Proposal, Tuning, Way, keep, marked

PROOF = Proof(
    guarded=Guarded(asked=9, wrong=(1, 1), out_of_scope=(0, 0)),
    replayed=Replayed(asked=9, different=9, whole=True, before=(0, 9, 0), after=(0, 9, 0)),
)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MADOGUCHI_DATA", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["2099-01"], "まだ始まっていません"),
        (["2026-13"], "月として読めません"),
        (["10月"], "2026-10 の形"),
        (["2026-09", "--accept", "1"], "まだありません"),
        (["2026-09", "--show", "a-1"], "先に「madoguchi tune 2026-09」"),
    ],
)
def test_what_cannot_be(data: Path, asked: list[str], told: str) -> None:
    ended = CliRunner().invoke(app, ["tune", *asked])
    assert ended.exit_code == 2
    assert told in ended.output
    assert not (data / "tuning").exists()


@pytest.fixture
def proposed(data: Path) -> Tuning:
    """A synthetic month with a phrasing and a draft, kept."""
    phrasing = Proposal(
        id="a-1", way=Way.PHRASING, target="slip-lost", title="紙", questions=9, askers=9, different=3, why=(),
        phrasings=("紙がどこかにいった",),
    )  # fmt: skip
    draft = phrasing.model_copy(
        update={"id": "b-1", "way": Way.ENTRY, "target": "new-boats", "draft": "id: new-boats\n"}
    )
    draft = draft.model_copy(update={"stands_on": marked([], []), "proof": PROOF})
    tuning = Tuning(
        month="2026-05", made_at=dt.datetime(2026, 6, 1, tzinfo=TOKYO), unfinished=False, synthetic=True, knowledge="x",
        questions=9, poor=9, solved=0, left_alone=0, by_lang={"ja": 9}, seconds=1, proposals=(phrasing, draft),
    )  # fmt: skip
    keep(tuning, data)
    return tuning


def test_synthetic_words_are_written_only_if_that_is_said(proposed: Tuning) -> None:
    ended = CliRunner().invoke(app, ["tune", "2026-05", "--accept", "2", "--accept", "1"])
    assert ended.exit_code == 1
    assert "--even-synthetic" in ended.output
    ended = CliRunner().invoke(app, ["tune", "2026-05", "--accept", "1", "--even-synthetic"])
    assert "内容が変わりました" in ended.output  # it was tried


def test_what_is_accepted_at_the_command_line_is_audited(data: Path, proposed: Tuning) -> None:
    ended = CliRunner().invoke(app, ["tune", "2026-05", "--accept", "b-1"])
    assert ended.exit_code == 0, ended.output
    with assemble.database(Settings(data=data)) as database:
        (act,) = Staff(database).audit.read(acts=["tuning"])
    assert (act.who, act.what) == ("system", "採用した: 2026-05 b-1 新しいFAQの下書き new-boats")


def test_accepting_does_without_the_database(data: Path, proposed: Tuning) -> None:
    (data / "madoguchi.sqlite").write_text("no database" * 99, encoding="utf-8")
    ended = CliRunner().invoke(app, ["tune", "2026-05", "--accept", "b-1"])
    assert ended.exit_code == 0, ended.output
    assert "操作の記録には残せませんでした" in ended.output
    assert (data / "tuning/drafts/new-boats.yaml").is_file()


def test_where_a_draft_goes_and_when_it_counts(data: Path, proposed: Tuning) -> None:
    told = CliRunner().invoke(app, ["tune", "2026-05", "--show", "2"]).output
    assert str(data / "tuning/drafts") in told
    assert "■ 公開すると" in told
    assert "採用すると" not in told


def test_the_first_proposal_stands_last(proposed: Tuning, capsys: pytest.CaptureFixture[str]) -> None:
    overview(proposed.model_copy(update={"together": PROOF}), Period.read_month("2026-05"))
    told = capsys.readouterr().out
    assert told.index("b-1") < told.index("a-1") < told.index("日本語の◎を全部採用すると")
    assert RECOMMENDED in told


@pytest.mark.slow
def test_a_month_with_nothing_in_it(data: Path) -> None:
    ended = CliRunner().invoke(app, ["tune", "2026-09"])
    assert ended.exit_code == 0, ended.output
    assert "質問の記録はありません" in ended.output
    assert (data / "tuning" / "2026-09.json").is_file()
    assert CliRunner().invoke(app, ["tune", "2026-09", "--accept", "1"]).exit_code == 2
