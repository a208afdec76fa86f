"""Publish to the telephone, beside the chat: check the flows, render what changed, then swap the snapshot."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable
from pathlib import Path

from bot.dialogue.office_hours import OfficeHours
from bot.knowledge.findings import Finding, errors
from bot.knowledge.loader import Loaded
from voice.flow.loading import load_telephone
from voice.flow.model import speech
from voice.flow.steps import Spoken
from voice.speech.pronunciation import load_pronunciation
from voice.speech.recordings import load_recordings, unused
from voice.speech.rendering import Renderer
from voice.telephone.readings import check_readings
from voice.telephone.snapshot import Contents, Snapshot, SnapshotFile

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
"""(rendered so far, to be rendered)"""


def read_contents(
    root: Path, loaded: Loaded, hours: OfficeHours, listening: bool = False, today: dt.date | None = None
) -> tuple[Contents | None, list[Finding]]:
    """The telephone's content below `root`, checked; None if a finding is an error. `today`: also what is over."""
    assert loaded.knowledge is not None
    telephone, findings = load_telephone(root, loaded.knowledge, hours, listening, today, loaded.editions)
    pronunciation, of_pronunciation = load_pronunciation(root)
    recordings, of_recordings = load_recordings(root)
    findings += [*of_pronunciation, *of_recordings]
    if telephone is None or pronunciation is None or recordings is None or errors(findings):
        return None, findings
    return Contents(telephone=telephone, pronunciation=pronunciation, recordings=recordings), findings


def spoken(contents: Contents) -> list[tuple[str, str]]:
    """Everything that may be said, the flows first: they are heard by everybody."""
    voices = {Spoken(voice.voice) for voice in contents.telephone.voices.values()}
    said = speech(contents.telephone)
    return [(each.text, each.lang) for each in sorted(said, key=lambda s: (s in voices, s.lang, s.text))]


class TelephoneCheck:
    """A companion that only checks, for `madoguchi check`: also for words that may be read wrongly."""

    def __init__(self, root: Path, dictionary: Path, today: dt.date) -> None:
        self._root, self._dictionary, self._today = root, dictionary, today

    def prepare(self, loaded: Loaded, hours: OfficeHours) -> tuple[Callable[[], None] | None, list[Finding]]:
        """Check. Raises SpeechError."""
        contents, findings = read_contents(self._root, loaded, hours, today=self._today)
        if contents is None:
            return None, findings
        findings += check_readings(self._root, contents, self._dictionary)
        return (lambda: None), [*findings, *unused(contents.recordings, spoken(contents))]


class TelephonePublisher:
    """The companion of `bot.dialogue.publisher.Publisher` (its protocol `Companion`). `current` is what doors of this
    process speak from; the telephone process reads the same from `snapshot`."""

    def __init__(self, root: Path, prompts: Path, snapshot: Path, listening: bool = False) -> None:
        self._root, self._prompts, self._listening = root, prompts, listening
        self._file = SnapshotFile(snapshot)
        self._renderer = Renderer()
        self._wanted: Contents | None = None
        self._changed = threading.Condition()
        self._closed = False
        self._left = 0
        self.current: Snapshot | None = None
        self._thread = threading.Thread(target=self._publish_all, name="prompts", daemon=True)
        self._thread.start()

    def prepare(self, loaded: Loaded, hours: OfficeHours) -> tuple[Callable[[], None] | None, list[Finding]]:
        """Check; what comes back publishes it, once the chat is published too."""
        contents, findings = read_contents(self._root, loaded, hours, self._listening)
        return (lambda: self._want(contents)) if contents else None, findings

    @property
    def state(self) -> str:
        """How it is, for an operator."""
        return f"音声を作っています（残り {self._left}）" if self._left else "ok"

    def close(self) -> None:
        """Stop rendering; what is not rendered yet is, at the next start."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._renderer.close()
        self._thread.join(timeout=10)

    def _want(self, contents: Contents) -> None:
        with self._changed:
            self._wanted = contents
            self._changed.notify()

    def _publish_all(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._wanted is not None or self._closed)
                contents, self._wanted = self._wanted, None
            if contents is None or self._closed:
                return
            try:
                self._publish(contents)
            except Exception as error:  # the disk, a worker: the old words go on being heard
                log.error("not published to the telephone: %s: %s", type(error).__name__, error)

    def _publish(self, contents: Contents) -> None:
        """Render what is new, then swap. With nothing published yet, swap first: the safe sentence is better than
        a telephone that nobody answers."""
        snapshot = Snapshot(contents, self._prompts)
        if self.current is None:
            self._swap(snapshot)
        render(snapshot, self._renderer, self._progress)
        self._left = 0
        if self.current is not snapshot:
            self._swap(snapshot)
        snapshot.store.prune(spoken(contents))

    def _progress(self, done: int, of: int) -> None:
        self._left = of - done

    def _swap(self, snapshot: Snapshot) -> None:
        self._file.write(snapshot.contents)
        self.current = snapshot
        log.info("published telephone %s", snapshot.telephone.version)


def render(snapshot: Snapshot, renderer: Renderer, progress: Progress | None = None) -> int:
    """Render what is missing of everything that may be said; how many pieces that were."""
    missing = snapshot.store.missing(spoken(snapshot.contents))
    return renderer.render(missing, snapshot.store, progress) if missing else 0
