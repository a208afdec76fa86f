"""Everything that staff can take away: tables by name, and the workshop where files are made while a page waits."""

from __future__ import annotations

import datetime as dt
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.analytics.names import DOORS, OUTCOMES, SYNTHETIC, WHY, name_of
from bot.analytics.period import Period
from bot.analytics.talks import Search, Talk
from bot.console import entry_figures, states
from bot.console.context import ConsoleContext
from bot.console.counts import TABLES, Counts
from bot.console.entry_figures import Wanted, entry_table
from bot.console.japanese import language, when
from bot.console.query import ChosenPeriod
from bot.console.refusals import log_place
from bot.console.tables import Cell, Table, columns

MOST = 50_000
"""Rows of one list: enough for a month of questions, little enough to be made while somebody waits."""
PAGE = 500


class Tables:
    """The tables of an installation, by the name of their file."""

    def __init__(self, context: ConsoleContext) -> None:
        self._context, self._archive = context, context.archive
        self._lists: dict[str, Callable[[Period], Table]] = {
            "unanswered": self._unanswered, "ratings": self._ratings, "conversations": self._conversations,
            "call-list": self._calls,
        }  # fmt: skip

    def table(self, name: str, chosen: ChosenPeriod) -> Table:
        """The table with what must be known of its period. Raises KeyError, SQLAlchemyError."""
        made = self._lists[name](chosen.period) if name in self._lists else self._counted(name, chosen)
        notes = [f"期間: {chosen.period.first}〜{chosen.period.last}", *chosen.notes]
        if self._archive.synthetic(chosen.period):
            notes.insert(0, f"{SYNTHETIC}を含みます。実際の利用ではありません。")
        return replace(made, notes=(*notes, *made.notes))

    def _counted(self, name: str, chosen: ChosenPeriod) -> Table:
        published = self._context.desk.published
        knowledge = published.engine.knowledge
        counts = Counts(chosen, self._archive.days(chosen.period), knowledge)
        if name == "entries":
            untranslated = states.untranslated(published)
            return entry_table(entry_figures.rows(knowledge, counts.whole, untranslated, Wanted()))
        return TABLES[name](counts)

    def _unanswered(self, period: Period) -> Table:
        """Most frequent first."""
        rows: list[list[Cell]] = [
            [asked.text, language(asked.lang), asked.count, name_of(WHY, asked.why), when(asked.last)]
            for asked in self._archive.unanswered(period, MOST)
        ]
        return Table("答えられなかった質問", columns("質問", "言語", "回数", "わけ", "最後"), rows)

    def _ratings(self, period: Period) -> Table:
        """Newest first, with reasons."""
        entries = self._context.desk.published.engine.knowledge.entries
        rows: list[list[Cell]] = []
        for rating in self._archive.ratings(period, limit=MOST):
            entry = entries.get(rating.entry)
            verdict = "役に立った" if rating.helpful else "役に立たなかった"
            rows.append([when(rating.at), rating.entry, entry.question if entry else "", verdict, rating.text])
        return Table("評価", columns("時刻", "id", "質問", "評価", "理由"), rows)

    def _conversations(self, period: Period) -> Table:
        return self._talks("会話の一覧", period, ("widget", "rasa"))

    def _calls(self, period: Period) -> Table:
        return self._talks("電話の一覧", period, ("sip", "twiml"))

    def _talks(self, title: str, period: Period, doors: tuple[str, ...]) -> Table:
        """Newest first, door by door, read a page at a time."""
        head = columns("番号", "始まり", "入口", "言語", "質問", "結果", "はじめの言葉")
        searches = [Search(first=period.first, last=period.last, door=door) for door in doors]
        rows = (_talk(talk) for search in searches for talk in self._every(search))
        return Table(title, head, rows, (f"一度に書き出すのは、入口ごとに新しいほうから{MOST:,}件までです。",))

    def _every(self, search: Search) -> Iterator[Talk]:
        left = MOST
        while left > 0:
            found = self._archive.conversations(search, min(PAGE, left))
            yield from found
            left -= max(1, len(found))
            if not found.before:
                return
            search = replace(search, before=found.before)


def _talk(talk: Talk) -> list[Cell]:
    return [
        talk.id, when(talk.began), name_of(DOORS, talk.door), language(talk.lang), talk.questions,
        name_of(OUTCOMES, talk.outcome), talk.first_words,
    ]  # fmt: skip


FRESH = dt.timedelta(minutes=10)
"""How long a file is handed out again before it is made anew: figures of a running month change."""
AT_ONCE = 2

Make = Callable[[Path], None]


class MakingFailed(Exception):
    """A file could not be made; the log says why."""


@dataclass
class _Job:
    began: dt.datetime
    file: Path
    done: threading.Event = field(default_factory=threading.Event)
    failed: bool = False


class Workshop:
    """Makes files in `folder` in threads, so that no page has to wait for a big month. Old ones are thrown away when
    new ones are asked for, and at the start: tables hold words of residents."""

    def __init__(self, folder: Path, clock: Callable[[], dt.datetime]) -> None:
        self._folder, self._clock = folder, clock
        self._jobs: dict[str, _Job] = {}
        self._lock, self._room = threading.Lock(), threading.BoundedSemaphore(AT_ONCE)
        shutil.rmtree(folder, ignore_errors=True)

    def file(self, name: str, make: Make, wait_secs: float) -> Path | None:
        """The file, made by `make` if there is no fresh one; None if that takes longer than this. Raises MakingFailed;
        asked again after that, it is tried again."""
        job = self._job(name, make)
        if not job.done.wait(wait_secs):
            return None
        if job.failed:
            with self._lock:
                self._jobs.pop(name, None)
            raise MakingFailed(name)
        return job.file

    def _job(self, name: str, make: Make) -> _Job:
        now = self._clock()
        with self._lock:
            self._clear(now)
            job = self._jobs.get(name)
            if job is None:
                self._folder.mkdir(parents=True, exist_ok=True)
                job = self._jobs[name] = _Job(now, self._folder / name)
                threading.Thread(target=self._work, args=(job, make), name="making", daemon=True).start()
            return job

    def take(self, name: str) -> bytes | None:
        """What is in a finished file, which is thrown away; None if there is none: somebody else has just taken it, and
        perhaps asked for it again."""
        with self._lock:
            job = self._jobs.get(name)
            if job is None or job.failed or not job.done.is_set():
                return None
            del self._jobs[name]
            body = job.file.read_bytes()
            job.file.unlink()
        return body

    def _clear(self, now: dt.datetime) -> None:
        old = [name for name, job in self._jobs.items() if job.done.is_set() and now - job.began >= FRESH]
        for name in old:
            self._jobs.pop(name).file.unlink(missing_ok=True)

    def _work(self, job: _Job, make: Make) -> None:
        try:
            with self._room:
                make(job.file)
        except Exception as error:  # the edge of the thread: the page says so, the log says where
            log_place(error, f"making {job.file.name}")
            job.failed = True
        finally:
            job.done.set()
