"""Words whose reading a person should listen to, in everything that the telephone says: notices for `check`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bot.knowledge.findings import Finding
from bot.knowledge.yaml_text import Document, Text, read
from voice.flow.loading import FOLDER
from voice.flow.nodes import joined
from voice.speech.doubts import check_speech
from voice.speech.japanese import Japanese
from voice.telephone.snapshot import Contents

Place = tuple[str, str, str, int]
"""(text, language, path, line)"""


def check_readings(root: Path, contents: Contents, dictionary: Path) -> list[Finding]:
    """Findings about every sentence of the flows and every spoken answer below `root`. `dictionary`: a folder that
    keeps the compiled table of readings. Raises SpeechError."""
    engine = Japanese.of(contents.pronunciation, dictionary)
    return check_speech([*_flows(root, contents), *_entries(root, contents)], engine)


def _flows(root: Path, contents: Contents) -> Iterator[Place]:
    for flow in contents.telephone.flows.values():
        document, _ = read(root / FOLDER / f"{flow.id}.yaml", root)
        if document is not None:
            for place, line in document.lines.items():
                if _spoken(place) and isinstance(text := _at(document, place), str) and text:
                    yield joined(text), flow.lang, document.path, line


def _spoken(place: tuple[str | int, ...]) -> bool:
    """Whether the words at this place of a flow are said as they stand: below a `say` or `last`, or a part's text."""
    names = [part for part in place if isinstance(part, str)]
    return bool(names) and names[-1] in {"say", "last", "text", "unavailable", "tail"}


def _entries(root: Path, contents: Contents) -> Iterator[Place]:
    for id_, voice in contents.telephone.voices.items():
        document, _ = read(root / "faq" / voice.topic / f"{id_}.yaml", root)
        if document is not None:
            yield voice.voice, "ja", document.path, document.line("voice")


def _at(document: Document, place: tuple[str | int, ...]) -> Text:
    data = document.data
    for part in place:
        data = data[part]  # type: ignore[index]
    return data
