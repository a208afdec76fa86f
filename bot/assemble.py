"""Put the parts together as the settings say. Only `cli` and this module know everybody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from bot.analytics.event_log import EventLog
from bot.dialogue.desk import Desk
from bot.dialogue.publisher import Companion, Publisher
from bot.knowledge.models import Knowledge
from bot.search.analysis import Analyzer
from bot.search.encoder import load_encoder
from bot.search.engine import Engine
from bot.search.features import FeatureTable
from bot.search.ranking import load_ranking
from bot.settings import Settings
from bot.web.sessions import MemoryStore


def publisher(settings: Settings, companion: Companion | None = None) -> Publisher:
    """Publishes the content folder of the settings, and the companion with it. Raises ModelMissing."""
    encoder = load_encoder(settings.embedding)
    return Publisher(settings.root, encoder, load_ranking(), settings.data / "cache", companion)


def engine(settings: Settings, knowledge: Knowledge) -> Engine:
    """A search over knowledge from anywhere, without a cache. Raises ModelMissing."""
    table = FeatureTable(Analyzer(knowledge.vocabulary), load_encoder(settings.embedding))
    return Engine(knowledge, table, load_ranking())


@contextmanager
def desk(settings: Settings, published: Publisher) -> Iterator[Desk]:
    """The desk with its stores; what is waiting is written when it closes."""
    store = MemoryStore(dt.timedelta(minutes=settings.conversation_minutes), settings.conversations)
    events = event_log(settings)
    try:
        yield Desk(published, store, events)
    finally:
        events.close()


def event_log(settings: Settings) -> EventLog:
    """Where the events of all doors go."""
    return EventLog(settings.data / "events.sqlite")
