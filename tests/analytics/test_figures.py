"""The registry of figures and the document that is made from it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from happenings import MONTH, H, call, ended
from hypothesis import given
from hypothesis import strategies as st

from bot.analytics import tally
from bot.analytics.content import CONTENT_FIGURES
from bot.analytics.figures import FIGURES, figure, tables, values
from bot.analytics.summary import BOUNDS, Summary, bucket, within
from bot.analytics.tally import summarise

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "数字の決まり.md").read_text(encoding="utf-8")
ALL = [*FIGURES, *CONTENT_FIGURES]


def test_the_document_has_the_tables_of_the_program() -> None:
    assert "\n".join(tables()) in DOCUMENT


def test_the_tables_can_be_printed() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot.analytics.figures"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() in DOCUMENT


def test_ids_and_titles_are_told_apart() -> None:
    assert len({each.id for each in ALL}) == len({each.title for each in ALL}) == len(ALL)
    assert figure("answered_rate").title == "回答率"
    with pytest.raises(KeyError):
        figure("")


@pytest.mark.parametrize(
    "each", [each for each in FIGURES if re.search("[÷−]", each.formula)], ids=lambda each: each.id
)
def test_formulas_name_other_figures_by_their_titles(each: object) -> None:
    """Everything divided or taken away is a figure of the same document, or said to be a sum of times."""
    formula = figure(each.id).formula.split("（臨時")[0]  # type: ignore[attr-defined]
    titles = sorted((each.title for each in FIGURES), key=len, reverse=True)
    for part in re.split(" ?[÷−＋] ?", formula.replace("（役", "役").replace("た）", "た").replace("（人", "人")):
        known = part.rstrip("）") in titles or part in titles
        assert known or part.startswith(("待つ列", "列を離れた", "応答してから", "質問か選択", "その回数")), part


@pytest.mark.parametrize("each", FIGURES, ids=lambda each: each.id)
def test_shares_lie_between_nothing_and_everything(each: object) -> None:
    found = figure(each.id)  # type: ignore[attr-defined]
    value = found.value(summarise(MONTH))
    assert value is not None
    assert found.unit in {"件", "%", "秒", "ミリ秒"}
    assert 0 <= value <= (1 if found.unit == "%" else 10_000)


def test_every_total_of_the_hand_counted_month_is_explained() -> None:
    for name, rows in summarise(MONTH).tables.items():
        for key in rows if name in {"total", "longest"} else ():
            assert re.search(rf"\b{key}\b", tally.__doc__ or ""), key


@given(st.lists(st.floats(0, 10_000), min_size=1), st.sampled_from([0.5, 0.95, 0.99, 1.0]))
def test_a_share_of_turns_is_found_within_its_bucket(times: list[float], share: float) -> None:
    summary = Summary()
    for ms in times:
        summary.add("turn_ms", bucket(ms))
    found = within(summary.table("turn_ms"), share)
    exact = sorted(times)[max(0, -int(-len(times) * share // 1) - 1)]
    bounds = [0, *BOUNDS]
    lower = max(bound for bound in bounds if bound < exact or bound == 0)
    upper = min(bound for bound in BOUNDS if bound >= exact)
    assert found is not None
    assert lower - 0.05 <= found <= upper + 0.05


def test_turns_slower_than_all_buckets() -> None:
    assert within({bucket(50_000): 3}, 0.95) == 10_000
    assert within({}, 0.95) is None


def test_the_example_of_the_document_is_what_the_program_counts() -> None:
    """50 calls in office hours, 4 of them cut after 3 seconds, 39 answered by a person; 30 after hours."""
    noon, evening = "2026-10-05T12:00", "2026-10-05T20:00"
    events = [
        *(each for n in range(4) for each in call(f"cut{n}", noon, "open", ended("caller", 3))),
        *(each for n in range(39) for each in call(f"p{n}", noon, "open", (H.TRANSFERRED, {}), ended("caller", 90))),
        *(each for n in range(7) for each in call(f"full{n}", noon, "overflow", ended("caller", 40))),
        *(each for n in range(30) for each in call(f"night{n}", evening, "after_hours", ended("service", 60))),
    ]
    found = values(summarise(events))
    assert (found["calls_counted"], found["calls_office_hours"]) == (76, 46)
    assert (found["answer_rate_saitama"], found["answer_rate_chiba"]) == (0.8478, 0.9079)
    for told in ("76件", "46件", "39 ÷ 46 = 84.8%", "（39 + 30）÷ 76 = 90.8%"):
        assert told in DOCUMENT
