"""Publish content: load, check, index aside, then swap. Bad YAML never replaces good knowledge (design.md 4.7)."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.dialogue.office_hours import OfficeHours, load_office_hours
from bot.dialogue.published import ORIGINAL, Edition, Published
from bot.dialogue.wording import Wording, load_wordings
from bot.knowledge.chinese import SIMPLIFIED, TRADITIONAL, Corrections, converted_model, traditional
from bot.knowledge.findings import Finding, errors, finding
from bot.knowledge.loader import Loaded, load
from bot.knowledge.models import Knowledge
from bot.search.encoder import ModelMissing
from bot.search.engines import Engines

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What an attempt to publish gave: `published` is None when a finding is an error; `loaded` is what was read."""

    published: Published | None
    findings: tuple[Finding, ...]
    loaded: Loaded | None = None


class Companion(Protocol):
    """Another door that is published together with the chat, or not at all: the telephone."""

    def prepare(self, loaded: Loaded, hours: OfficeHours) -> tuple[Callable[[], None] | None, list[Finding]]:
        """Check what it would publish of what was `loaded` without errors. None if a finding is an error; else what
        publishes it."""
        ...


class Publisher:
    """Holds what is published now. `current` is swapped as a whole, so a turn never sees half a change."""

    def __init__(self, root: Path, engines: Engines, companion: Companion | None = None) -> None:
        self._root, self._engines, self._companion = root, engines, companion
        self._lock = threading.Lock()
        self.current: Published | None = None
        self.findings: tuple[Finding, ...] = ()
        self._last: Outcome | None = None
        self._listeners: list[Callable[[Outcome], None]] = []

    def tell(self, listener: Callable[[Outcome], None]) -> None:
        """Call this with what is published now, and with whatever is published from now on."""
        with self._lock:
            self._listeners.append(listener)
            if self._last is not None:
                listener(self._last)

    def publish(self) -> Outcome:
        """Try to publish what is in the content folder. The old version keeps serving when there is an error, and when
        reading fails in a way nobody thought of: then the finding says so. Raises ModelMissing for Japanese."""
        with self._lock:
            try:
                outcome, publish_companion = self._prepare()
            except ModelMissing:
                raise
            except Exception as error:
                log.exception("not published")
                outcome = Outcome(None, (finding("FAQ017", ".", kind=type(error).__name__),))
            self.findings = outcome.findings
            if outcome.published is None:
                log.warning("not published: %d errors in the content", len(errors(outcome.findings)))
            else:
                self.current = outcome.published
                publish_companion()
                self._last = outcome
                for listener in self._listeners:
                    listener(outcome)
                log.info("published knowledge %s", outcome.published.engine.knowledge.version)
            return outcome

    def _prepare(self) -> tuple[Outcome, Callable[[], None]]:
        loaded = load(self._root)
        hours, findings = load_office_hours(self._root)
        wordings, found = load_wordings(self._root)
        findings = [*findings, *found, *loaded.findings]
        if loaded.knowledge is None or hours is None or ORIGINAL not in wordings or errors(findings):
            return Outcome(None, tuple(sorted(set(findings))), loaded), _nothing
        publish_companion: Callable[[], None] | None = _nothing
        if self._companion is not None:
            publish_companion, found = self._companion.prepare(loaded, hours)
            findings += found
        if publish_companion is None:
            return Outcome(None, tuple(sorted(set(findings))), loaded), _nothing
        editions = {ORIGINAL: Edition(self._engines.build(loaded.knowledge), wordings[ORIGINAL])}
        for lang, knowledge in loaded.editions.items():
            if wording := wordings.get(lang):
                findings += self._add(editions, knowledge, wording, loaded.corrections)
        return Outcome(Published(editions, hours), tuple(sorted(set(findings))), loaded), publish_companion

    def _add(
        self, editions: dict[str, Edition], knowledge: Knowledge, wording: Wording, corrections: Corrections
    ) -> list[Finding]:
        """One more language; without its model it is left out, and told."""
        try:
            engine = self._engines.build(knowledge)
        except ModelMissing:
            return [finding("TRN011", f"faq/translations/{knowledge.lang}", lang=knowledge.lang)]
        editions[knowledge.lang] = Edition(engine, wording)
        if knowledge.lang == SIMPLIFIED:
            shown = engine.showing(traditional(knowledge, corrections))
            editions[TRADITIONAL] = Edition(shown, converted_model(wording, corrections))
        return []


def facts_of(outcome: Outcome) -> dict[str, object]:
    """What the event KNOWLEDGE_PUBLISHED tells: a hash of each Japanese entry and its last day, the number of stale
    translations by language, and of entries that nobody has reviewed."""
    assert outcome.published is not None
    knowledge = outcome.published.engine.knowledge
    packs = outcome.loaded.packs if outcome.loaded else ()
    entries = knowledge.entries.items()
    return {
        "version": knowledge.version,
        "entries": {id_: hashlib.sha256(e.model_dump_json().encode()).hexdigest()[:12] for id_, e in entries},
        "until": {id_: entry.valid.until.isoformat() for id_, entry in entries if entry.valid.until},
        "stale": {pack.lang: len(pack.stale) for pack in packs},
        "unreviewed": sum(entry.reviewed is None for _, entry in entries),
    }


def _nothing() -> None:
    """There is no companion to publish."""
