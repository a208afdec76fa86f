"""The same knowledge in other languages: `faq/translations/<lang>/`, every sentence written by a person.

A translation carries the hash of the Japanese it was made from (`of`). When the Japanese changes it is stale: told to
the editor, and not served until somebody has renewed it (design.md 4.2).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.knowledge.findings import Finding, finding
from bot.knowledge.models import Entry, Knowledge, Strict, Topic, Words
from bot.knowledge.shape import near, validate
from bot.knowledge.yaml_text import Document

LANGUAGES = ("en", "zh-Hans", "ko", "es", "vi", "pt")
"""Languages a question can be asked in, beside Japanese."""
EASY = "ja-easy"
"""やさしい日本語: another wording of the answer, not another language of the conversation."""
EASY_SENTENCE = 60  # characters of a sentence in plain Japanese
SHOWN = 5  # ids in a finding about many

_BRACKETS = re.compile(r"（[^）]*）|\]\([^)]*\)")
_HARD = re.compile(r"ないわけでは|なくは ?ない|(?<!者)等(?!級)|おそれ|恐れ|(?<!\d)\d{1,2}:\d{2}(?!\d)")
_URL = re.compile(r"\]\((https://[^)\s]+)\)")


class Translation(Strict):
    """An entry in another language. `links` gives the label of each link, by its Japanese label; `voice`: what the
    telephone says."""

    question: Words
    answer: Words
    voice: Words | None = None
    links: Mapping[str, Words] = {}
    of: str = ""


class TopicWords(Strict):
    """A topic's name in another language, and the noun a follow-up question leaves out."""

    title: Words
    subject: Words


class Term(Strict):
    """A line of a glossary: where `term` stands in the Japanese, `use` or one of `also` stands in the translation; what
    is in `avoid` never does."""

    term: Words
    use: Words
    also: tuple[Words, ...] = ()
    avoid: tuple[Words, ...] = ()


@dataclass
class Pack:
    """What is written in one language. `entries` holds current translations only; `stale` the ids of the others;
    `places` where each stands, for findings."""

    lang: str
    entries: dict[str, Translation] = field(default_factory=dict)
    topics: dict[str, TopicWords] = field(default_factory=dict)
    glossary: list[Term] = field(default_factory=list)
    stale: set[str] = field(default_factory=set)
    places: dict[str, tuple[str, int]] = field(default_factory=dict)


def fingerprint(entry: Entry) -> str:
    """Twelve hex digits of what a translation is made from: question and answer, but not their white space."""
    words = " ".join(f"{entry.question}\n{entry.answer}".split())
    return hashlib.sha256(words.encode()).hexdigest()[:12]


def read_entries(
    document: Document, pack: Pack, entries: Mapping[str, Entry], unread: Collection[str]
) -> Iterator[Finding]:
    """Take over the translations of one file, and tell what is off with them. Entries `unread` have errors of their
    own."""
    if not isinstance(document.data, dict):
        yield finding("FAQ008", document.path, 1, key=document.path, expected="「id: …」の組")
        return
    for id_, data in document.data.items():
        line = document.line(id_)
        translation, found = validate(Translation, data, document, id_)
        yield from found
        if translation is None:
            continue
        entry = entries.get(id_)
        if entry is None and id_ in unread:
            continue
        if entry is None:
            yield finding("TRN001", document.path, line, id=id_, hint=near(id_, entries))
        elif id_ in pack.entries or id_ in pack.stale:
            yield finding("TRN002", document.path, line, id=id_)
        elif translation.of != fingerprint(entry):
            pack.stale.add(id_)
            yield finding("TRN003", document.path, line, id=id_, hash=fingerprint(entry))
        else:
            pack.entries[id_] = translation
            yield from _compare(entry, translation, pack, document)


def _compare(entry: Entry, translation: Translation, pack: Pack, document: Document) -> Iterator[Finding]:
    """What a translation must share with its original: links and addresses."""
    at = pack.places[entry.id] = (document.path, document.line(entry.id))
    labels = {link.label for link in entry.links}
    for label in sorted(labels ^ set(translation.links)):
        yield finding("TRN004", *at, id=entry.id, label=label)
    if sorted(_URL.findall(entry.answer)) != sorted(_URL.findall(translation.answer)):
        yield finding("TRN005", *at, id=entry.id)


def check_terms(pack: Pack, entries: Mapping[str, Entry]) -> Iterator[Finding]:
    """Where translations leave the glossary, and plain Japanese its style: too slow for every publication (half a
    second for all languages)."""
    for id_, translation in pack.entries.items():
        at = pack.places[id_]
        for found in _not_easy(translation) if pack.lang == EASY else ():
            yield finding("TRN012", *at, id=id_, found=found)
        for term, wanted in _missing_terms(entries[id_], translation, pack.glossary):
            yield finding("TRN006", *at, id=id_, term=term, use=wanted)
        for word in _avoided(entries[id_], translation, pack.glossary):
            yield finding("TRN007", *at, id=id_, word=word)


def _not_easy(translation: Translation) -> Iterator[str]:
    """What is hard to read in plain Japanese (style.md 4.4): long sentences without their brackets, vague words."""
    text = f"{translation.question}\n{translation.answer}"
    for sentence in re.split(r"[。？！\n]", _BRACKETS.sub("", text)):
        if len(sentence.strip()) > EASY_SENTENCE:
            yield f"{sentence.strip()[:20]}…"
    yield from _HARD.findall(text)


def _missing_terms(entry: Entry, translation: Translation, glossary: Iterable[Term]) -> Iterator[tuple[str, str]]:
    """Terms of the original that the translation says otherwise; a longer term hides the shorter ones inside it."""
    source = f"{entry.question}\n{entry.answer}"
    said = f"{translation.question}\n{translation.answer}".casefold()
    for term in sorted(glossary, key=lambda term: -len(term.term)):
        if term.term not in source:
            continue
        source = source.replace(term.term, "\0")
        if not any(word.casefold() in said for word in (term.use, *term.also)):
            yield term.term, term.use


def _avoided(entry: Entry, translation: Translation, glossary: Sequence[Term]) -> Iterator[str]:
    source = f"{entry.question}\n{entry.answer}"
    said = f"{translation.question}\n{translation.answer}".casefold()
    agreed = {word.casefold() for term in glossary if term.term in source for word in (term.use, *term.also)}
    for word in sorted(agreed, key=len, reverse=True):  # "kei car tax" is right although "car tax" is not
        said = said.replace(word, "\0")
    for term in glossary:
        for word in term.avoid:
            if re.search(rf"(?<!\w){re.escape(word.casefold())}(?!\w)" if word.isascii() else re.escape(word), said):
                yield word


def localised(entry: Entry, translation: Translation) -> Entry:
    """The entry as a reader of that language sees it; a link without a translated label keeps the Japanese one."""
    links = tuple(
        link.model_copy(update={"label": translation.links.get(link.label, link.label)}) for link in entry.links
    )
    words = {"question": translation.question, "answer": translation.answer, "voice": translation.voice, "links": links}
    return entry.model_copy(update=words)


def read_topics(document: Document, pack: Pack) -> list[Finding]:
    """Take over the names of the topics."""
    if not isinstance(document.data, dict):
        return [finding("FAQ008", document.path, 1, key=document.path, expected="「id: …」の組")]
    findings: list[Finding] = []
    for id_, data in document.data.items():
        words, found = validate(TopicWords, data, document, id_)
        findings += found
        if words:
            pack.topics[id_] = words
    return findings


def read_glossary(document: Document, pack: Pack) -> list[Finding]:
    """Take over the agreed terms."""
    if not isinstance(document.data, list):
        return [finding("FAQ008", document.path, 1, key=document.path, expected="「- 」で始まる一覧")]
    findings: list[Finding] = []
    for number, data in enumerate(document.data):
        term, found = validate(Term, data, document, number)
        findings += found
        if term:
            pack.glossary.append(term)
    return findings


def check_pack(pack: Pack, entries: Mapping[str, Entry], topics: Iterable[Topic]) -> list[Finding]:
    """What a language as a whole lacks."""
    path = f"faq/translations/{pack.lang}"
    found = []
    if pack.lang in LANGUAGES:
        found = [
            finding("TRN010", f"{path}/topics.yaml", lang=pack.lang, topic=topic.id)
            for topic in topics
            if topic.id not in pack.topics
        ]
        missing = sorted(set(entries) - set(pack.entries) - pack.stale)
        if missing:
            ids = "、".join(missing[:SHOWN])
            found.append(finding("TRN008", path, lang=pack.lang, count=len(missing), ids=ids))
    return found


def edition(original: Knowledge, pack: Pack, training: Knowledge) -> Knowledge:
    """The knowledge in the language of `pack`: translated where that is current, Japanese elsewhere. `training` holds
    the phrasings, small talk and vocabulary of that language."""
    translated = {id_: localised(original.entries[id_], words) for id_, words in pack.entries.items()}
    topics = tuple(
        topic.model_copy(update={"title": words.title, "subject": words.subject})
        if (words := pack.topics.get(topic.id))
        else topic
        for topic in original.topics
    )
    return replace(
        training,
        version=original.version,
        topics=topics,
        entries={id_: translated.get(id_, entry) for id_, entry in original.entries.items()},
        phrasings={id_: training.phrasings.get(id_, ()) for id_ in original.entries},
        lang=pack.lang,
        untranslated=frozenset(original.entries.keys() - translated.keys()),
        easy=original.easy,
    )


def easy_answers(original: Knowledge, pack: Pack) -> dict[str, Entry]:
    """Entries in plain Japanese."""
    return {id_: localised(original.entries[id_], words) for id_, words in pack.entries.items()}
