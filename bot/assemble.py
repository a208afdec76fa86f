"""Put the parts together as the settings say. Only `cli` and this module know everybody."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import sqlalchemy

from bot.analytics.archive import Archive
from bot.analytics.event_log import EventLog
from bot.analytics.retention import Daily, Forgotten, first_kept, forget
from bot.database.opening import open_database, prepare
from bot.dialogue.desk import Desk, now_in_tokyo
from bot.dialogue.events import Event, Happened
from bot.dialogue.publisher import Companion, Outcome, Publisher, facts_of
from bot.knowledge.models import Knowledge
from bot.search.encoder import MODELS, Encoder, load_encoder
from bot.search.engine import Engine
from bot.search.engines import Engines
from bot.search.features import FeatureTable
from bot.search.foreign import analyzer_of
from bot.search.ranking import Ranking, load_ranking
from bot.settings import Settings
from bot.tuning.proposals import forget as forget_proposals
from bot.web.sessions import MemoryStore

DATABASE = "madoguchi.sqlite"


def publisher(settings: Settings, companion: Companion | None = None) -> Publisher:
    """Publishes the content folder of the settings, and the companion with it. Raises ModelMissing."""
    return Publisher(settings.root, Engines(partial(_model, settings), settings.data / "cache"), companion)


def _model(settings: Settings, lang: str) -> tuple[Encoder, Ranking]:
    return load_encoder(settings.embedding, lang), load_ranking(MODELS / lang)


def engine(settings: Settings, knowledge: Knowledge) -> Engine:
    """A search over knowledge from anywhere, without a cache. Raises ModelMissing."""
    encoder, ranking = _model(settings, knowledge.lang)
    return Engine(knowledge, FeatureTable(analyzer_of(knowledge), encoder), ranking)


@contextmanager
def desk(settings: Settings, published: Publisher) -> Iterator[Desk]:
    """The desk with its stores, while old events are deleted day by day; what is waiting is written when it closes."""
    store = MemoryStore(dt.timedelta(minutes=settings.conversation_minutes), settings.conversations)
    events = event_log(settings)
    opened = Desk(published, store, events)
    published.tell(partial(_tell, opened, {}))
    retention = Daily(lambda stop: _forget_daily(settings, stop), lambda: opened.clock().date())
    try:
        yield opened
    finally:
        retention.close()
        events.close()


def _forget_daily(settings: Settings, stop: threading.Event) -> None:
    with database(settings) as opened:
        forget_old(settings, opened, stop)


def forget_old(settings: Settings, engine: sqlalchemy.Engine, stop: threading.Event | None = None) -> Forgotten:
    """Delete what is older than the days of the settings, proposals of tuning too; days are counted before their events
    go, and with `stop` set before that, none go. Raises sqlalchemy.exc.SQLAlchemyError."""
    now, stop = now_in_tokyo(), stop or threading.Event()
    before = first_kept(settings.retention_days, now)
    forget_proposals(settings.data, before)
    Archive(engine, lambda: now).count_past(before, stop)
    return forget(engine, settings.retention_days, now, stop)


def _tell(opened: Desk, told: dict[str, object], outcome: Outcome) -> None:
    """An event for each publication that differs from the one before."""
    if (facts := facts_of(outcome)) != told:
        told.update(facts)
        opened.events.append([Event(Happened.KNOWLEDGE_PUBLISHED, opened.clock(), "", facts)])


def database_url(settings: Settings) -> str:
    """Where the database is: the URL of the settings, or a file of SQLite beside the other data."""
    return settings.database.get_secret_value() or f"sqlite:///{(settings.data / DATABASE).absolute()}"


@contextmanager
def database(settings: Settings) -> Iterator[sqlalchemy.Engine]:
    """The database, its schema up to date. Raises sqlalchemy.exc.SQLAlchemyError where it is away."""
    engine = open_database(database_url(settings))
    try:
        prepare(engine)
        yield engine
    finally:
        engine.dispose()


def event_log(settings: Settings, synthetic: bool = False) -> EventLog:
    """Where the events of all doors go, also while the database is away. One for a process; to be closed."""
    engine = open_database(database_url(settings), busy_seconds=1, answer_seconds=10)  # then a file takes them
    return EventLog(engine, settings.data / "spool", synthetic)
