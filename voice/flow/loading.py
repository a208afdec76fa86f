"""Read `ivr_flows/` into a Telephone. All findings at once; with an error there is no telephone, so that whatever is
published now keeps answering.

`calendar.yaml`, `pronunciation.yaml` and `recordings.yaml` are read by others; every other YAML file is a flow.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from bot.dialogue.office_hours import OfficeHours
from bot.knowledge.findings import Finding, errors, finding
from bot.knowledge.models import Knowledge
from bot.knowledge.shape import validate
from bot.knowledge.yaml_text import read
from voice.flow import lint
from voice.flow.model import Notice, Telephone, VoicedEntry
from voice.flow.nodes import Flow, joined
from voice.flow.source import Source

FOLDER = "ivr_flows"
NEEDED = ("after_hours", "office_hours", "overflow", "emergency")  # what the calendar can ask for (steps.FLOW_OF)
OTHERS = {"calendar", "notices", "pronunciation", "recordings"}
RECORDINGS = "recordings"

_BRACKETS = re.compile(r"（[^）]*）|\([^)]*\)|[「」『』]")


def load_telephone(
    root: Path,
    knowledge: Knowledge,
    hours: OfficeHours,
    listening: bool = False,
    today: dt.date | None = None,
    editions: Mapping[str, Knowledge] | None = None,
) -> tuple[Telephone | None, list[Finding]]:
    """The telephone of the content below `root`; `editions`: the knowledge in other languages. With `today` also what
    is over, or will soon be (for `check`)."""
    source = Source(words=_confirmed_words(root), ids=frozenset(knowledge.entries))
    for file in sorted((root / FOLDER).glob("*.yaml")):
        if file.stem not in OTHERS and not file.name.startswith("."):
            _read_flow(file, root, source)
    _read_notices(root, source)
    source.findings += _strays(root)
    for name in NEEDED:
        if name not in source.flows and name not in source.unread:
            source.findings.append(finding("IVR001", f"{FOLDER}/{name}.yaml", name=name))
    telephone = Telephone(
        version="",
        flows={id_: flow for id_, (flow, _) in source.flows.items()},
        voices=_voices(knowledge),
        other_voices={_spoken_lang(lang): _voices(other) for lang, other in (editions or {}).items()},
        hours=hours,
        notices=tuple(notice for notice, _ in source.notices),
        listening=listening,
    )
    source.findings += lint.check(telephone, source)
    if today:
        source.findings += lint.check_days(telephone, source, today)
    found = sorted(set(source.findings))
    if errors(found):
        return None, found
    version = hashlib.sha256(telephone.model_dump_json().encode()).hexdigest()[:12]
    return telephone.model_copy(update={"version": version}), found


def _read_flow(file: Path, root: Path, source: Source) -> None:
    source.unread.add(file.stem)
    document, findings = read(file, root)
    source.findings += findings
    if document is None:
        return
    flow, findings = validate(Flow, document.data, document)
    source.findings += findings
    if flow is None:
        return
    if flow.id != file.stem:
        where = (document.path, document.line("id"))
        source.findings.append(finding("IVR003", *where, id=flow.id, name=file.stem))
        return
    source.unread.remove(file.stem)
    source.flows[flow.id] = (flow, document)


def _read_notices(root: Path, source: Source) -> None:
    file = root / FOLDER / "notices.yaml"
    if not file.is_file():
        return
    document, findings = read(file, root)
    source.findings += findings
    if document is None:
        return
    if not isinstance(document.data, list):
        source.findings.append(finding("FAQ008", document.path, 1, key=file.name, expected="「- 」で始まる一覧"))
        return
    source.notice_document = document
    for number, data in enumerate(document.data):
        notice, findings = validate(Notice, data, document, number)
        source.findings += findings
        if notice:
            source.notices.append((notice, number))


def _strays(root: Path) -> list[Finding]:
    """Files nobody reads: an editor would wait for them in vain."""
    folder = root / FOLDER
    files = (file for file in folder.rglob("*") if file.is_file() and not file.name.startswith("."))
    return [
        finding("IVR002", file.relative_to(root).as_posix())
        for file in files
        if not (file.parent == folder and file.suffix == ".yaml")
        and not (file.parent == folder / RECORDINGS and file.suffix == ".wav")
    ]


def _confirmed_words(root: Path) -> frozenset[str]:
    """Words whose reading the pronunciation table gives; what is wrong with the table is told by its own reader."""
    file = root / FOLDER / "pronunciation.yaml"
    document, _ = read(file, root) if file.is_file() else (None, [])
    rows = document.data if document and isinstance(document.data, list) else []
    return frozenset(str(row["word"]) for row in rows if isinstance(row, dict) and "word" in row)


def _spoken_lang(lang: str) -> str:
    """Flows name the language that is heard: there is no simplified or traditional speech."""
    return lang.partition("-")[0]


def _voices(knowledge: Knowledge) -> dict[str, VoicedEntry]:
    return {
        entry.id: VoicedEntry(
            question=_BRACKETS.sub("", entry.question),
            voice=joined(entry.voice),
            topic=entry.topic,
            category=entry.category,
            valid=entry.valid,
        )
        for entry in knowledge.entries.values()
        if entry.voice and entry.id not in knowledge.untranslated
    }
