"""改善の提案 in the console: everybody signed in sees them, editors accept them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from served import ROOT, eventually
from simulated import Simulated
from staffed import House, house

from bot import assemble_tuning
from bot.database.opening import open_database, prepare
from bot.dialogue.published import Published
from bot.settings import Settings
from bot.tuning.accept import CONTENT
from bot.tuning.proposals import Proposal, Tuning, Way, keep

MONTH = "/console/tuning/2026-10"


@dataclass
class Console:
    """The console, the proposals it shows, and tools that write to a content folder of their own."""

    house: House
    data: Path
    tuning: Tuning
    tools: assemble_tuning.Tools = field(repr=False)

    def find(self, way: Way) -> Proposal:
        return next(each for each in self.tuning.proposals if each.way is way)


@pytest.fixture(scope="module")
def console(published: Published, simulated: Simulated, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    folder = tmp_path_factory.mktemp("console")
    root, data = folder / "root", folder / "data"
    for name in (*CONTENT, "ivr_flows"):
        shutil.copytree(ROOT / name, root / name)
    tuning = simulated.tuning.model_copy(update={"synthetic": True})
    keep(tuning, data)
    engine = open_database(f"sqlite:///{data}/madoguchi.sqlite")
    prepare(engine)
    tools = assemble_tuning.Tools(Settings(root=root, data=data))
    with house(published, engine, data, tuning=tools) as made:
        yield Console(made, data, tuning, tools)
    engine.dispose()


def test_months_list_and_one_proposal(console: Console) -> None:
    viewer = console.house.member("viewer")
    assert "2026年10月" in viewer.get("/console/tuning").text
    page = viewer.get(MONTH)
    assert page.status_code == 200
    assert "合成データ（架空の利用）" in page.text
    for proposal in console.tuning.proposals:
        assert f"{MONTH}/{proposal.id}" in page.text
        one = viewer.get(f"{MONTH}/{proposal.id}")
        assert one.status_code == 200, one.text
        assert "採用する</button>" not in one.text
        for guard in proposal.guards:
            assert guard.expect in one.text
    assert "計算し直す" not in page.text


@pytest.mark.parametrize(
    "path", ["2027-01", "abc", "2026-13", "2026-10/zzz", "2026-09/a-1", "2026-10/zzz/patch", "99999-1"]
)
def test_what_is_not_there(console: Console, path: str) -> None:
    answer = console.house.member("editor").get(f"/console/tuning/{path}")
    assert answer.status_code == 404
    assert "提案は" in answer.text


def test_only_editors_accept_and_only_with_the_token(console: Console) -> None:
    proposal = console.find(Way.PHRASING)
    viewer = console.house.member("viewer")
    viewer.get(f"{MONTH}/{proposal.id}")
    for path in (f"{MONTH}/{proposal.id}/accept", f"{MONTH}/start"):
        assert viewer.post(path).status_code == 403
    editor = console.house.member("editor")
    editor.csrf = "x" * 43
    assert editor.post(f"{MONTH}/{proposal.id}/accept").status_code == 403
    assert "tuning" not in {act for _, act in console.house.acts()}


def test_a_proposal_for_other_content_is_refused(console: Console) -> None:
    proposal = console.find(Way.PHRASING)  # made for content that lacks something
    editor = console.house.member("editor")
    assert "採用する</button>" in editor.get(f"{MONTH}/{proposal.id}").text
    answer = editor.post(f"{MONTH}/{proposal.id}/accept", even_synthetic="1")
    assert answer.status_code == 422
    assert "内容が変わりました" in answer.text
    assert editor.get(f"{MONTH}/{proposal.id}/patch").status_code == 422


def test_synthetic_words_are_written_only_if_that_is_said(console: Console) -> None:
    editor = console.house.member("editor")
    proposal, draft = console.find(Way.PHRASING), console.find(Way.ENTRY)
    assert 'name="even_synthetic" value="1" required' in editor.get(f"{MONTH}/{proposal.id}").text
    answer = editor.post(f"{MONTH}/{proposal.id}/accept")
    assert answer.status_code == 422
    assert "印を付けて" in answer.text
    page = editor.get(f"{MONTH}/{draft.id}").text
    assert "even_synthetic" not in page  # a draft is no content
    assert "公開すると、こう変わります" in page


def test_a_month_without_proposals_can_be_worked_out(console: Console) -> None:
    editor = console.house.member("editor")
    page = editor.get("/console/tuning/2026-09")
    assert "まだありません" in page.text
    assert "計算する</button>" in page.text
    assert editor.get("/console/tuning/2026-09?ready").status_code == 204


@pytest.mark.slow
def test_accepted_in_the_console(console: Console) -> None:
    """Worked out by the command in a process of its own, accepted by a form, written, published at the next reading."""
    editor = console.house.member("editor")
    draft = console.find(Way.ENTRY)
    assert editor.get(f"{MONTH}/{draft.id}").status_code == 200
    answer = editor.post(f"{MONTH}/{draft.id}/accept")
    assert answer.status_code == 303, answer.text
    page = editor.get(answer.headers["location"])
    assert "採用しました" in page.text
    assert "採用済み" in page.text
    assert (console.data / "tuning/drafts" / f"{draft.target}.yaml").read_text(encoding="utf-8") == draft.draft
    assert ("editor", "tuning") in console.house.acts()
    started = editor.post("/console/tuning/2026-09/start")
    assert started.status_code == 303
    assert editor.post("/console/tuning/2026-08/start").headers["location"].endswith("2026-09")
    assert "計算しています" in editor.get("/console/tuning/2026-09").text
    eventually(lambda: editor.get("/console/tuning/2026-09?ready").status_code == 204, 60)
    page = editor.get("/console/tuning/2026-09")
    assert "この月に、質問の記録はありません" in page.text, console.tools.failure("2026-09")
