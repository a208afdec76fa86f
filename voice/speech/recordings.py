"""Human recordings, `ivr_flows/recordings.yaml`: a file takes the place of words that are exactly these.

A changed text no longer matches and is synthesised, so that nobody hears an old fact; `check` then says that the
recording is not used.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from pydantic import StringConstraints

from bot.knowledge.findings import Finding, finding
from bot.knowledge.models import Strict, Words
from bot.knowledge.shape import validate
from bot.knowledge.yaml_text import Document, read
from voice.speech.aloud import bare
from voice.speech.loudness import active_db
from voice.speech.segments import AFTER_TEXT, Segment
from voice.speech.wave_file import BrokenRecording, decode

FILE = Path("ivr_flows/recordings.yaml")
FOLDER = Path("ivr_flows/recordings")
MAX_SECONDS = 120
MAX_BYTES = 50 * 1024 * 1024  # two minutes of 96 kHz stereo, 16 bits: 46 MB
LEAST_DB = -50.0  # quieter is a microphone that was not plugged in


class RecordingLine(Strict):
    """A line of the file: `file` below ivr_flows/recordings/, `text` the exact words."""

    file: Annotated[Words, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*\.wav$")]
    text: Words
    lang: str = "ja"


class Recording(Strict):
    """A recording that was found whole; `digest` is that of its bytes."""

    file: str
    text: str
    lang: str
    digest: str


class Recordings(Strict):
    """All of them, below `folder`; dumps to JSON and back, to be published with the flows they belong to."""

    folder: str = ""
    recordings: tuple[Recording, ...] = ()

    def segment(self, text: str, lang: str) -> Segment | None:
        """The recording of exactly these words, if there is one."""
        words = bare(text)
        for one in self.recordings:
            if one.lang == lang and bare(one.text) == words:
                return Segment(words, lang, 1.0, AFTER_TEXT, (one.file, one.digest))
        return None


def load_recordings(root: Path) -> tuple[Recordings | None, list[Finding]]:
    """Read the list below the content root and every file it names. No list: no recordings. An error: None and why."""
    empty = Recordings(folder=str(root / FOLDER))
    if not (root / FILE).exists():
        return empty, []
    document, findings = read(root / FILE, root)
    if document is None or findings:
        return None, findings
    if document.data == "":
        return empty, []
    if not isinstance(document.data, list):
        return None, [finding("FAQ008", document.path, 1, key=document.path, expected="「- 」で始まる一覧")]
    found: list[Recording] = []
    for place, data in enumerate(document.data):
        line, wrong = validate(RecordingLine, data, document, place)
        findings += wrong
        if line:
            recording, wrong = _listen(line, root, document, place)
            if recording and any(bare(recording.text) == bare(other.text) for other in found):
                wrong = [finding("IVR058", document.path, document.line(place), file=line.file)]
            findings += wrong
            found += [recording] if recording else []
    return (None, findings) if findings else (empty.model_copy(update={"recordings": tuple(found)}), [])


def _listen(line: RecordingLine, root: Path, document: Document, place: int) -> tuple[Recording | None, list[Finding]]:
    at, file = document.line(place), root / FOLDER / line.file
    if not file.is_file():
        return None, [finding("IVR054", document.path, at, file=line.file)]
    if file.stat().st_size > MAX_BYTES:
        return None, [finding("IVR056", document.path, at, file=line.file, limit=MAX_SECONDS)]
    try:
        raw = file.read_bytes()
        samples, rate = decode(raw)
    except (BrokenRecording, OSError) as error:
        why = str(error) if isinstance(error, BrokenRecording) else "ファイルを開けません"
        return None, [finding("IVR055", document.path, at, file=line.file, why=why)]
    if len(samples) > MAX_SECONDS * rate:
        return None, [finding("IVR056", document.path, at, file=line.file, limit=MAX_SECONDS)]
    if active_db(samples) < LEAST_DB:
        return None, [finding("IVR055", document.path, at, file=line.file, why="音が入っていません")]
    digest = hashlib.sha256(raw).hexdigest()[:32]
    return Recording(file=line.file, text=line.text, lang=line.lang, digest=digest), []


def unused(recordings: Recordings, spoken: Iterable[tuple[str, str]]) -> list[Finding]:
    """A notice for every recording whose words are no longer said anywhere; `spoken`: (text, lang)."""
    said = {(bare(text), lang) for text, lang in spoken}
    return [
        finding("IVR057", FILE.as_posix(), 0, file=one.file, text=one.text[:20])
        for one in recordings.recordings
        if (bare(one.text), one.lang) not in said
    ]
