"""Put tuning together: the month's events, the content below the root with its searches, and a place for proposals."""

from __future__ import annotations

import datetime as dt
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import sqlalchemy

from bot import assemble
from bot.analytics.archive import Archive
from bot.analytics.period import TOKYO, Period
from bot.database.tables import events
from bot.dialogue.published import ORIGINAL
from bot.knowledge.findings import Finding, errors
from bot.knowledge.loader import load
from bot.knowledge.models import Knowledge
from bot.search.encoder import MODELS, load_encoder
from bot.search.features import FeatureTable, cache_name
from bot.search.foreign import analyzer_of
from bot.search.ranking import load_ranking
from bot.settings import Settings
from bot.tuning import accept
from bot.tuning.accept import Acceptable
from bot.tuning.month import WANTED
from bot.tuning.proposals import Tuning
from bot.tuning.proposals import keep as keep_proposals
from bot.tuning.tune import Progress, Searched, Wanted, tune

log = logging.getLogger(__name__)

HERE = Path(__file__).resolve().parent.parent
COULD_NOT_RUN = 2  # exit code of the command, with a sentence for the operator
LOW_PRIORITY = 10  # of a process (nice): residents come first
LONGEST_MESSAGE = 500  # letters of why a month could not be worked out


class ContentRefused(Exception):
    """The content can't be read: `findings` say why."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("内容に直すところがあります。")
        self.findings = findings


def searched(settings: Settings, knowledge: Knowledge) -> Searched:
    """What a search over some knowledge needs, with the features that are kept between starts. Raises ModelMissing."""
    encoder = load_encoder(settings.embedding, knowledge.lang)
    table = FeatureTable(analyzer_of(knowledge), encoder)
    table.load(settings.data / "cache" / knowledge.lang / cache_name(knowledge.vocabulary, encoder))
    return Searched(knowledge, table, load_ranking(MODELS / knowledge.lang))


def work_out(settings: Settings, period: Period, now: dt.datetime, most: int, progress: Progress) -> Tuning:
    """All proposals of a month, kept in the data folder. Raises ContentRefused, ModelMissing, OSError and
    sqlalchemy.exc.SQLAlchemyError."""
    loaded = load(settings.root)
    if loaded.knowledge is None:
        raise ContentRefused(errors(loaded.findings))
    known = {ORIGINAL: loaded.knowledge, **loaded.editions}
    languages = {lang: searched(settings, knowledge) for lang, knowledge in known.items()}
    guards = [placed.question for placed in loaded.questions]
    with assemble.database(settings) as database:
        wanted = Wanted(period, now, most, _synthetic(database, period))
        tuning = tune(Archive(database).events(period, WANTED), languages, guards, wanted, progress)
    keep_proposals(tuning, settings.data)
    return tuning


def _synthetic(database: sqlalchemy.Engine, period: Period) -> bool:
    days = events.c.day.between(period.first.isoformat(), period.last.isoformat())
    with database.connect() as connection:
        return (
            connection.execute(sqlalchemy.select(events.c.id).where(days, events.c.synthetic).limit(1)).first()
            is not None
        )


def prepare(settings: Settings, tuning: Tuning, ids: Sequence[str]) -> Acceptable:
    """Try proposals out on the content of the settings. Raises NotAccepted and ModelMissing."""
    today = dt.datetime.now(TOKYO).date()
    return accept.prepare(tuning, ids, settings.root, lambda knowledge: searched(settings, knowledge), today)


class Tools:
    """Tuning for the console (`accept.TuningTools`). A month is worked out by `madoguchi tune` in a process of its own,
    with low priority: it takes a minute of a core and some hundred MB, and residents' turns shall not wait for it."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._lock = settings, threading.Lock()
        self._month = ""
        self._failures: dict[str, str] = {}
        self._closed = False
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, month: str) -> None:
        """Work out a month, unless one is at work."""
        with self._lock:
            if self._month or self._closed:
                return
            self._month = month
        threading.Thread(target=self._work, args=(month,), name="tuning", daemon=True).start()

    def working_on(self) -> str:
        """The month that is being worked out; "" if none is."""
        return self._month

    def failure(self, month: str) -> str:
        """Why it could not be worked out the last time; "" if it could."""
        return self._failures.get(month, "")

    def close(self) -> None:
        """End the work, if there is any; no other begins."""
        with self._lock:
            self._closed = True
            if self._process:
                self._process.terminate()

    def prepare(self, tuning: Tuning, ids: Sequence[str]) -> Acceptable:
        """Try proposals out. Raises NotAccepted."""
        return prepare(self._settings, tuning, ids)

    def keep(self, acceptable: Acceptable) -> list[str]:
        """Write them; the files. Raises NotAccepted."""
        return accept.keep(acceptable, self._settings.root, self._settings.data)

    def _work(self, month: str) -> None:
        failure = "計算を始められませんでした。"
        try:
            failure = self._failure_of(month)
        except OSError as error:
            log.error("tuning can't be started: %s", error)
        finally:
            with self._lock:
                self._failures[month] = failure
                self._month = ""

    def _failure_of(self, month: str) -> str:
        """Run the command; what it said if it could not, else "". No traceback is shown: it might quote residents."""
        quiet = subprocess.DEVNULL
        command = [sys.executable, "-P", "-m", "bot", "tune", month]
        with self._lock:
            if self._closed:
                return ""
            process = self._process = subprocess.Popen(
                command, stdin=quiet, stdout=quiet, stderr=subprocess.PIPE, env=self._environment()
            )
        with process:
            with suppress(ProcessLookupError):  # it has ended already
                os.setpriority(os.PRIO_PROCESS, process.pid, LOW_PRIORITY)
            said = process.communicate()[1].decode("utf-8", "replace").strip()
        if process.returncode:
            log.error("tuning of %s ended with %s", month, process.returncode)
        if process.returncode == COULD_NOT_RUN:
            return said[-LONGEST_MESSAGE:]
        return f"途中で終わりました（{process.returncode}）。" if process.returncode else ""

    def _environment(self) -> dict[str, str]:
        """Of the command. It runs in this folder too: paths of the settings may be relative to it."""
        given = self._settings
        mine = {"ROOT": str(given.root), "DATA": str(given.data), "EMBEDDING": given.embedding}
        mine["DATABASE"] = assemble.database_url(given)
        path = os.pathsep.join(filter(None, (str(HERE), os.environ.get("PYTHONPATH"))))
        return {**os.environ, "PYTHONPATH": path, **{f"MADOGUCHI_{name}": value for name, value in mine.items()}}
