"""Read a content folder into Knowledge: `faq/`, `nlu_data/` and `tests/questions/` below one root.

`load` never raises for what an editor wrote: all findings come back at once, and no knowledge when one is an error.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.knowledge import lint, rasa_nlu
from bot.knowledge.chinese import TRADITIONAL, Corrections
from bot.knowledge.findings import Finding, errors, finding
from bot.knowledge.models import Entry, Knowledge, Question, SmallTalk, Topic, Vocabulary
from bot.knowledge.rasa_nlu import TrainingData
from bot.knowledge.shape import near, validate
from bot.knowledge.translations import (
    EASY,
    LANGUAGES,
    Pack,
    check_pack,
    easy_answers,
    edition,
    read_entries,
    read_glossary,
    read_topics,
)  # fmt: skip
from bot.knowledge.yaml_text import Document, decode

RULES_ON_WORDS = {"FAQ004", "FAQ020", "FAQ021", "FAQ022", "FAQ023"}
RASA_SETUP = {"config.yml", "domain.yml", "rules.yml"}  # what only Rasa reads
RESERVED = {"translations", "messages"}  # folders of faq/ that are no topics
TRANSLATIONS = Path("faq") / "translations"


@dataclass
class Source:
    """What was read, before it is checked as a whole; every dictionary keeps the place of each thing for findings."""

    root: Path
    topics: list[tuple[Topic, Document, int]] = field(default_factory=list)
    topics_complete: bool = False
    entries: dict[str, tuple[Entry, Document]] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)  # ids of entries with errors: they exist, their names are no slip
    training: TrainingData = field(default_factory=TrainingData)
    foreign_training: dict[str, TrainingData] = field(default_factory=dict)
    questions: list[Placed] = field(default_factory=list)
    phrasings_complete: bool = True  # else nobody can say which entry has too few
    findings: list[Finding] = field(default_factory=list)
    read: set[Path] = field(default_factory=set)
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    @property
    def ids(self) -> set[str]:
        """Every id that may be named."""
        return self.unread | self.entries.keys()

    def document(self, file: Path) -> Document | None:
        """Parse a file, count it into the version, keep its findings."""
        path = file.relative_to(self.root).as_posix()
        self.read.add(file)
        try:
            raw = file.read_bytes()
        except OSError:
            self.findings.append(finding("YML013", path))
            return None
        self.digest.update(path.encode() + b"\0" + raw)
        document, found = decode(raw, path)
        self.findings += found
        return document

    def strays(self) -> list[Finding]:
        """YAML files that nothing reads: an editor would wait for them in vain."""
        folders = (self.root / "faq", self.root / "nlu_data", self.root / "tests" / "questions")
        found = (file for folder in folders for file in folder.rglob("*.y*ml") if file.is_file())
        unread = (f for f in found if f not in self.read and f.parts[len(self.root.parts) + 1] != "messages")
        return [
            finding("FAQ016", file.relative_to(self.root).as_posix())
            for file in unread
            if file.name not in RASA_SETUP and not file.name.startswith(".")
        ]


@dataclass(frozen=True)
class Placed:
    """A guarding question and where it stands, for findings."""

    question: Question
    path: str
    line: int


@dataclass(frozen=True)
class Loaded:
    """The outcome: `knowledge` is None when a finding is an error. `editions`: the same in other languages, made of
    `packs`; `corrections` of what is made traditional Chinese."""

    knowledge: Knowledge | None
    questions: tuple[Placed, ...]
    findings: tuple[Finding, ...]
    editions: Mapping[str, Knowledge] = field(default_factory=dict)
    packs: tuple[Pack, ...] = ()
    corrections: Corrections = ()


def load(root: Path, foreign: bool = False) -> Loaded:
    """Read and check everything editors write below `root`. Findings are sorted by place.

    A `foreign` FAQ was not written to our rules: long answers and other marks in its words don't keep it from use.
    """
    source = Source(root)
    _read_topics(source)
    _read_entries(source)
    for file in _files((root / "nlu_data").rglob("*.yml")):
        if file.parent == root / "nlu_data" and file.name in RASA_SETUP:
            continue  # Rasa's own set-up, no content
        lang = file.relative_to(root / "nlu_data").parts[0]
        into = source.foreign_training.setdefault(lang, TrainingData()) if lang in LANGUAGES else source.training
        if document := source.document(file):
            source.findings += rasa_nlu.add(document, into)
        else:
            source.phrasings_complete = False
    packs = _read_translations(source)
    version = source.digest.hexdigest()[:12]  # questions guard the content, they are not part of it
    _read_questions(source)
    source.findings += source.strays()
    asked = [(placed.question, placed.path, placed.line) for placed in source.questions]
    source.findings += lint.check_training(source.training, source.ids, asked)
    source.findings += lint.check_entries(source.topics, source.entries, source.training, source.ids)
    if not source.entries and not source.unread:
        source.findings.append(finding("FAQ019", "faq"))
    found = tuple(sorted({f for f in source.findings if source.phrasings_complete or f.code != "FAQ028"}))
    bad = [f for f in errors(found) if not (foreign and f.code in RULES_ON_WORDS)]
    if bad:
        return Loaded(None, tuple(source.questions), found)
    read = tuple(packs.values())
    easy, made = packs.pop(EASY, None), packs.pop(TRADITIONAL, Pack(TRADITIONAL))
    corrections = tuple((term.term, term.use) for term in made.glossary)
    knowledge = _knowledge(source, source.training, version)
    if easy:
        knowledge = replace(knowledge, easy=easy_answers(knowledge, easy))
    editions = {
        lang: edition(knowledge, pack, _knowledge(source, source.foreign_training.get(lang, TrainingData()), version))
        for lang, pack in packs.items()
    }
    return Loaded(knowledge, tuple(source.questions), found, editions, read, corrections)


def _files(found: Iterable[Path]) -> list[Path]:
    """What editors wrote; not what editors' programs leave beside it (Emacs `.#x.yml`, macOS `._x.yaml`)."""
    return sorted(file for file in found if file.is_file() and not file.name.startswith("."))


def _read_topics(source: Source) -> None:
    file = source.root / "faq" / "topics.yaml"
    if not file.is_file():
        source.findings.append(finding("FAQ001", "faq/topics.yaml", key="topics.yaml"))
        return
    document = source.document(file)
    if document is None:
        return
    if not isinstance(document.data, list):
        source.findings.append(finding("FAQ008", document.path, 1, key="topics.yaml", expected="「- 」で始まる一覧"))
        return
    for number, data in enumerate(document.data):
        topic, found = validate(Topic, data, document, number)
        source.findings += found
        if topic and topic.id in (other.id for other, _, _ in source.topics):
            source.findings.append(finding("FAQ011", document.path, document.line(number), id=topic.id, other="上の行"))
        elif topic:
            source.topics.append((topic, document, number))
    source.topics_complete = len(source.topics) == len(document.data)


def _read_entries(source: Source) -> None:
    known = [topic.id for topic, _, _ in source.topics]
    for file in _files((source.root / "faq").glob("*/*.yaml")):
        if file.parent.name in RESERVED:
            continue
        source.unread.add(file.stem)
        if (document := source.document(file)) is None:
            continue
        entry, found = validate(Entry, document.data, document)
        source.findings += found
        if entry is None:
            continue
        source.unread.remove(file.stem)
        if entry.id in source.entries:
            other = source.entries[entry.id][1].path
            source.findings.append(finding("FAQ011", document.path, document.line("id"), id=entry.id, other=other))
            continue
        if entry.id != file.stem:
            source.findings.append(finding("FAQ010", document.path, document.line("id"), id=entry.id, name=file.stem))
            source.unread.add(file.stem)  # others name it as the file does: one slip, one finding
        if entry.topic != file.parent.name:
            where = (document.path, document.line("topic"))
            source.findings.append(finding("FAQ013", *where, topic=entry.topic, folder=file.parent.name))
        if source.topics_complete and entry.topic not in known:
            facts = {"topic": entry.topic, "hint": near(entry.topic, known), "allowed": "、".join(known)}
            source.findings.append(finding("FAQ012", document.path, document.line("topic"), **facts))
        source.entries[entry.id] = (entry, document)


def _read_translations(source: Source) -> dict[str, Pack]:
    """Every language that has a folder; the glossary first, since it judges the rest."""
    entries = {id_: entry for id_, (entry, _) in source.entries.items()}
    packs: dict[str, Pack] = {}
    for folder in sorted(path for path in (source.root / TRANSLATIONS).glob("*") if path.is_dir()):
        if folder.name not in (*LANGUAGES, EASY, TRADITIONAL):
            path = folder.relative_to(source.root).as_posix()
            allowed = "、".join((*LANGUAGES, EASY, TRADITIONAL))
            source.findings.append(finding("TRN009", path, lang=folder.name, allowed=allowed))
            continue
        pack = packs[folder.name] = Pack(folder.name)
        for file in sorted(_files(folder.glob("*.yaml")), key=lambda file: (file.stem != "glossary", file.name)):
            if (document := source.document(file)) is None:
                continue
            if file.stem == "glossary":
                source.findings += read_glossary(document, pack)
            elif file.stem == "topics":
                source.findings += read_topics(document, pack)
            else:
                source.findings += read_entries(document, pack, entries, source.unread)
        source.findings += check_pack(pack, entries, [topic for topic, _, _ in source.topics])
    return packs


def _read_questions(source: Source) -> None:
    for file in _files((source.root / "tests" / "questions").glob("*.yaml")):
        if (document := source.document(file)) is None:
            continue
        if not isinstance(document.data, list):
            source.findings.append(finding("FAQ008", document.path, 1, key=file.name, expected="「- 」で始まる一覧"))
            continue
        for number, data in enumerate(document.data):
            question, found = validate(Question, data, document, number)
            source.findings += found
            if question is None:
                continue
            line = document.line(number)
            source.questions.append(Placed(question, document.path, line))
            for key, ids in (("expect", question.right - set(question.accept)), ("accept", set(question.accept))):
                for id_ in sorted(ids - source.ids):
                    facts = {"key": key, "id": id_, "hint": near(id_, source.ids)}
                    source.findings.append(finding("ASK001", document.path, line, **facts))


def _knowledge(source: Source, training: TrainingData, version: str) -> Knowledge:
    def of(kind: str) -> dict[str, tuple[str, ...]]:
        start = f"{kind}/"
        found = training.intents.items()
        return {
            name.removeprefix(start): tuple(e.text for e in examples)
            for name, examples in found
            if name.startswith(start)
        }

    faq = of("faq")
    small_talk = {
        name: SmallTalk(name, texts, tuple(training.responses.get(f"utter_smalltalk/{name}", ())))
        for name, texts in of("smalltalk").items()
    }
    synonyms = {example.text: term for term, examples in training.synonyms.items() for example in examples} | {
        term: term for term in training.synonyms
    }
    return Knowledge(
        version=version,
        topics=tuple(topic for topic, _, _ in source.topics),
        entries={id_: entry for id_, (entry, _) in source.entries.items()},
        phrasings={id_: faq.get(id_, ()) for id_ in source.entries},
        small_talk=small_talk,
        out_of_scope=of("out_of_scope"),
        vocabulary=Vocabulary(synonyms, training.texts("subject"), training.texts("filler")),
    )
