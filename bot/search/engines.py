"""Engines for all languages of a snapshot. What has not changed since the last snapshot is not built again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bot.knowledge.models import Knowledge
from bot.search.encoder import Encoder
from bot.search.engine import Engine
from bot.search.features import FeatureTable, cache_name
from bot.search.foreign import analyzer_of
from bot.search.ranking import Ranking

log = logging.getLogger(__name__)

Models = Callable[[str], tuple[Encoder, Ranking]]
"""Gives the encoder and the fitted figures of a language. Raises ModelMissing."""


class Engines:
    """`cache` keeps the features of texts between starts, in a folder a language."""

    def __init__(self, models: Models, cache: Path) -> None:
        self._models, self._cache = models, cache
        self._loaded: dict[str, tuple[Encoder, Ranking]] = {}
        self._tables: dict[Path, FeatureTable] = {}
        self._built: dict[str, Engine] = {}

    def build(self, knowledge: Knowledge) -> Engine:
        """The search over `knowledge`. Raises ModelMissing."""
        lang = knowledge.lang
        last = self._built.get(lang)
        if last is not None and replace(last.knowledge, version=knowledge.version) == knowledge:
            engine = last.showing(knowledge)
        else:
            encoder, ranking = self._model(lang)
            file = self._cache / lang / cache_name(knowledge.vocabulary, encoder)
            table = self._table(file, knowledge, encoder)
            engine = Engine(knowledge, table, ranking)
            try:
                table.save(file, engine.index.texts)
            except OSError as error:  # it only makes the next start slower
                log.warning("the cache of features can't be written: %s", error)
        self._built[lang] = engine
        return engine

    def _model(self, lang: str) -> tuple[Encoder, Ranking]:
        if lang not in self._loaded:
            self._loaded[lang] = self._models(lang)
        return self._loaded[lang]

    def _table(self, file: Path, knowledge: Knowledge, encoder: Encoder) -> FeatureTable:
        """The features kept for these synonyms and this encoder, from memory or from the cache file."""
        if file not in self._tables:
            self._tables = {other: kept for other, kept in self._tables.items() if other.parent != file.parent}
            self._tables[file] = FeatureTable(analyzer_of(knowledge), encoder)
            self._tables[file].load(file)
        return self._tables[file]
