"""A demo month through the real doors: counted by the archive, marked as synthetic, the same from the same seed."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from typer.testing import CliRunner

from bot import assemble, assemble_demo
from bot.analytics.archive import Archive
from bot.analytics.period import TOKYO, Period
from bot.analytics.summary import Summary
from bot.assemble_demo import Ask
from bot.assemble_demo_telephone import CloudPhone
from bot.cli import app
from bot.database.tables import day_summaries, events
from bot.dialogue.events import Event, Happened
from bot.dialogue.publisher import Publisher
from bot.settings import Settings

MAY = Period.read_month("2026-05")
TALKS, CALLS = 150, 10
NOW = dt.datetime(2026, 7, 1, 12, tzinfo=TOKYO)


@pytest.fixture(scope="module")
def publisher() -> Publisher:
    """With the cache of this checkout: analysing all phrasings anew takes long."""
    publisher = assemble.publisher(Settings())
    assert publisher.publish().published
    return publisher


def play(
    settings: Settings, publisher: Publisher, period: Period = MAY, seed: int = 1, conversations: int = 30
) -> assemble_demo.Played:
    until = dt.datetime.combine(period.last + dt.timedelta(days=1), dt.time(), TOKYO)
    ask = Ask(period, until, conversations, CALLS, seed)
    done: list[None] = []
    played = assemble_demo.play(
        settings, publisher, ask, lambda desk: CloudPhone(settings, desk), lambda: done.append(None)
    )
    assert len(done) == conversations + CALLS
    return played


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, publisher: Publisher) -> Settings:
    """A data folder that holds a demo month; tests only look."""
    made = Settings(data=tmp_path_factory.mktemp("demo"))
    assert play(made, publisher, conversations=TALKS) == assemble_demo.Played(TALKS, CALLS, 0)
    return made


def rows(settings: Settings) -> list[Any]:
    with assemble.database(settings) as database, database.connect() as connection:
        return list(connection.execute(sa.select(events).order_by(events.c.id)))


def figures(settings: Settings, period: Period = MAY) -> Summary:
    with assemble.database(settings) as database:
        return Archive(database, lambda: NOW).of(period)


def happened(settings: Settings) -> list[tuple[object, ...]]:
    """Every event but for the names of conversations and how long turns took on this machine."""
    return [
        (row.name, row.at, row.day, row.entry, row.text, {**json.loads(row.facts), "ms": None})
        for row in rows(settings)
    ]


def test_a_month_is_counted_as_it_was_played(settings: Settings) -> None:
    summary = figures(settings)
    assert summary.total("conversations") >= TALKS  # who comes back after an hour has begun a second one
    assert summary.total("calls_received") == CALLS
    assert sum(summary.table("conversations_by_door").values()) == summary.total("conversations")
    assert summary.total("questions") > 100
    assert summary.total("answers") > 100


def test_there_is_something_to_report_and_to_tune(settings: Settings) -> None:
    summary = figures(settings)
    for what in ("choices", "fallback", "out_of_scope", "not_sure", "none_of_these", "helpful", "unhelpful"):
        assert summary.total(what), what
    assert len(summary.table("questions_by_language")) > 1
    with assemble.database(settings) as database:
        archive = Archive(database, lambda: NOW)
        assert len(archive.unanswered(MAY)) > 10
        assert archive.content_changes(MAY).known


def test_every_event_is_marked_and_in_the_month(settings: Settings) -> None:
    kept = rows(settings)
    assert all(row.synthetic for row in kept)
    assert all(MAY.first.isoformat() <= row.day <= MAY.last.isoformat() for row in kept)
    with assemble.database(settings) as database:
        assert Archive(database, lambda: NOW).synthetic(MAY)


def test_time_only_moves_forward(settings: Settings) -> None:
    began = [row.at for row in rows(settings) if row.name in {Happened.CONVERSATION_STARTED, Happened.QUESTION_ASKED}]
    assert began == sorted(began)
    assert len(set(began)) > 100


def test_both_doors_tell_where_conversations_come_from(settings: Settings) -> None:
    started = [json.loads(row.facts) for row in rows(settings) if row.name == Happened.CONVERSATION_STARTED]
    assert Counter(facts["door"] for facts in started)["widget"] > 100
    assert Counter(facts["door"] for facts in started)["rasa"]
    from_site = [facts for facts in started if facts["door"] == "widget" and facts["page"]]
    assert all(facts["page"].startswith("/") for facts in from_site)
    assert Counter(facts["device"] for facts in from_site)["phone"] > 50


def test_every_call_ends(settings: Settings) -> None:
    names = Counter(row.name for row in rows(settings))
    assert names[Happened.CALL_RECEIVED] == names[Happened.CALL_ENDED] == CALLS


@pytest.mark.slow
def test_the_same_seed_gives_the_same_events(publisher: Publisher, tmp_path: Path) -> None:
    played = [Settings(data=tmp_path / name) for name in ("once", "again", "other")]
    for settings, seed in zip(played, (1, 1, 2), strict=True):
        play(settings, publisher, seed=seed)
    once, again, other = map(happened, played)
    assert once == again
    assert once != other


@pytest.mark.slow
def test_february_of_a_leap_year(publisher: Publisher, tmp_path: Path) -> None:
    settings, february = Settings(data=tmp_path), Period.read_month("2024-02")
    play(settings, publisher, february)
    days = {row.day for row in rows(settings)}
    assert max(days) <= "2024-02-29"
    assert figures(settings, february).total("calls_received") == CALLS


@pytest.mark.slow
def test_removing_leaves_nothing_of_it_and_everything_else(publisher: Publisher, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    play(settings, publisher)
    june = Event(Happened.CONVERSATION_STARTED, dt.datetime(2026, 6, 1, 0, 1, tzinfo=TOKYO), "real", {"lang": "ja"})
    log = assemble.event_log(settings)
    log.append([june])
    log.close()
    assert figures(settings).total("conversations")  # day_summaries are made
    with assemble.database(settings) as database:
        assert assemble_demo.remove(database, MAY) > 50
        assert assemble_demo.real_events(database, MAY) == 0
        with database.connect() as connection:
            assert connection.execute(sa.select(sa.func.count()).select_from(day_summaries)).scalar_one() == 0
            assert connection.execute(sa.select(events.c.conversation)).scalars().all() == ["real"]
        assert Archive(database, lambda: NOW).of(MAY) == Summary()


@pytest.mark.slow
def test_what_the_database_does_not_take_is_told(tmp_path: Path, publisher: Publisher) -> None:
    (tmp_path / "m.sqlite").mkdir()  # no database can be there
    away = Settings(data=tmp_path, database=SecretStr(f"sqlite:///{tmp_path}/m.sqlite"))
    assert play(away, publisher, conversations=1).waiting > CALLS


# -- the command -------------------------------------------------------------------------------------------------


def demo(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["demo", *words])
    return done.exit_code, done.output


def test_a_month_with_real_use_is_left_alone(tmp_path: Path) -> None:
    log = assemble.event_log(Settings(data=tmp_path))
    asked = {"text": "納付書をなくした", "kind": "answer", "matches": [], "lang": "ja"}
    log.append([Event(Happened.QUESTION_ASKED, dt.datetime(2026, 5, 31, 23, 59, tzinfo=TOKYO), "real", asked)])
    log.close()
    code, said = demo("--month", "2026-05", "--into", str(tmp_path))
    assert code == 2
    assert "ほんとうの利用の記録が1件" in said
    assert [row.conversation for row in rows(Settings(data=tmp_path))] == ["real"]


def test_figures_of_real_use_count_as_real_when_the_events_are_gone(tmp_path: Path) -> None:
    summary = Summary({"total": {"conversations": 3}})
    kept = {"day": "2026-05-02", "version": 1, "through": 9, "summary": summary.to_json(), "synthetic": False}
    empty = {"day": "2026-05-03", "version": 1, "through": 0, "summary": Summary().to_json(), "synthetic": False}
    with assemble.database(Settings(data=tmp_path)) as database:
        with database.begin() as connection:
            connection.execute(sa.insert(day_summaries), [kept, empty])
        assert assemble_demo.real_events(database, MAY) == 1
        assert assemble_demo.remove(database, MAY) == 0
    assert demo("--month", "2026-05", "--into", str(tmp_path))[0] == 2


@pytest.mark.parametrize(("month", "named"), [("2099-01", "2099年1月"), ("2026-13", "2026-13"), ("五月", "五月")])
def test_a_month_that_can_t_be_is_refused(month: str, named: str, tmp_path: Path) -> None:
    code, said = demo("--month", month, "--into", str(tmp_path))
    assert code == 2
    assert named in said


@pytest.mark.slow
def test_the_command_says_what_to_do_next_and_replaces_what_it_made(tmp_path: Path) -> None:
    small = ("--month", "2026-05", "--conversations", "3", "--calls", "1", "--into", str(tmp_path))
    code, said = demo(*small)
    assert code == 0
    assert "会話3件、電話1件" in said
    for command in ("report 2026-05 --out", "tune 2026-05", "staff add", "serve", "demo --month 2026-05 --remove"):
        assert f"MADOGUCHI_DATA={tmp_path} madoguchi {command}" in said
    made = len(rows(Settings(data=tmp_path)))
    assert f"合成データ{made:,}件を消しました" in demo(*small)[1]
    assert len(rows(Settings(data=tmp_path))) == made


def test_removing_where_nothing_is_says_so(tmp_path: Path) -> None:
    assert demo("--month", "2026-05", "--into", str(tmp_path), "--remove") == (
        0,
        "2026年5月の合成データ0件を消しました。\n",
    )
