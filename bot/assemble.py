"""Put the parts together as the settings say. Only `cli` and this module know everybody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from bot.analytics.event_log import EventLog
from bot.dialogue.desk import Desk
from bot.dialogue.publisher import Companion, Publisher
from bot.knowledge.models import Knowledge
from bot.search.encoder import MODELS, Encoder, load_encoder
from bot.search.engine import Engine
from bot.search.engines import Engines
from bot.search.features import FeatureTable
from bot.search.foreign import analyzer_of
from bot.search.ranking import Ranking, load_ranking
from bot.settings import Settings
from bot.web.sessions import MemoryStore


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
