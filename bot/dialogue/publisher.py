"""Publish content: load, check, index aside, then swap. Bad YAML never replaces good knowledge (design.md 4.7)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.dialogue.office_hours import OfficeHours, load_office_hours
from bot.dialogue.published import Published
from bot.dialogue.wording import load_wording
from bot.knowledge.findings import Finding, errors, finding
from bot.knowledge.loader import Loaded, load
from bot.knowledge.models import Knowledge, Vocabulary
from bot.search.analysis import Analyzer
from bot.search.encoder import Encoder
from bot.search.engine import Engine
from bot.search.features import FeatureTable, cache_name
from bot.search.ranking import Ranking

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What an attempt to publish gave: `published` is None when a finding is an error; `loaded` is what was read."""

    published: Published | None
    findings: tuple[Finding, ...]
    loaded: Loaded | None = None


class Companion(Protocol):
    """Another door that is published together with the chat, or not at all: the telephone."""

    def prepare(self, knowledge: Knowledge, hours: OfficeHours) -> tuple[Callable[[], None] | None, list[Finding]]:
        """Check what it would publish. None if a finding is an error; else what publishes it."""
        ...


class Publisher:
    """Holds what is published now. `current` is swapped as a whole, so a turn never sees half a change."""

    def __init__(
        self, root: Path, encoder: Encoder, ranking: Ranking, cache: Path, companion: Companion | None = None
    ) -> None:
        self._root, self._encoder, self._ranking, self._cache = root, encoder, ranking, cache
        self._companion = companion
        self._table: FeatureTable | None = None
        self._file: Path | None = None
        self._lock = threading.Lock()
        self.current: Published | None = None
        self.findings: tuple[Finding, ...] = ()

    def publish(self) -> Outcome:
        """Try to publish what is in the content folder. The old version keeps serving when there is an error, and when
        reading fails in a way nobody thought of: then the finding says so."""
        with self._lock:
            try:
                outcome, publish_companion = self._prepare()
            except Exception as error:
                log.exception("not published")
                outcome = Outcome(None, (finding("FAQ017", ".", kind=type(error).__name__),))
            self.findings = outcome.findings
            if outcome.published is None:
                log.warning("not published: %d errors in the content", len(errors(outcome.findings)))
            else:
                self.current = outcome.published
                publish_companion()
                log.info("published knowledge %s", outcome.published.engine.knowledge.version)
            return outcome

    def _prepare(self) -> tuple[Outcome, Callable[[], None]]:
        loaded = load(self._root)
        hours, calendar_findings = load_office_hours(self._root)
        wording, wording_findings = load_wording(self._root)
        findings = tuple(sorted({*loaded.findings, *calendar_findings, *wording_findings}))
        if loaded.knowledge is None or hours is None or wording is None:
            return Outcome(None, findings, loaded), _nothing
        publish_companion: Callable[[], None] | None = _nothing
        if self._companion is not None:
            publish_companion, found = self._companion.prepare(loaded.knowledge, hours)
            findings = tuple(sorted({*findings, *found}))
        if publish_companion is None:
            return Outcome(None, findings, loaded), _nothing
        file, table = self._features(loaded.knowledge.vocabulary)
        engine = Engine(loaded.knowledge, table, self._ranking)
        try:
            table.save(file, engine.index.texts)
        except OSError as error:  # it only makes the next start slower
            log.warning("the cache of features can't be written: %s", error)
        return Outcome(Published(engine, wording, hours), findings, loaded), publish_companion

    def _features(self, vocabulary: Vocabulary) -> tuple[Path, FeatureTable]:
        """The features kept for these synonyms and this encoder, from memory or from the cache file."""
        file = self._cache / cache_name(vocabulary, self._encoder)
        if self._table is None or file != self._file:
            self._file, self._table = file, FeatureTable(Analyzer(vocabulary), self._encoder)
            self._table.load(file)
        return file, self._table


def _nothing() -> None:
    """There is no companion to publish."""
