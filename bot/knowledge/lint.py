"""What the words of entries and training data must keep to (design.md 4.2–4.4, style.md 4.4). Pure."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from bot.knowledge.findings import Finding, finding
from bot.knowledge.models import MAX_ANSWER, MAX_QUESTION, MAX_VOICE, Entry, Question, Topic
from bot.knowledge.rasa_nlu import Example, TrainingData
from bot.knowledge.shape import near
from bot.knowledge.yaml_text import Document

MIN_PHRASINGS = 20
LONG_SENTENCE = 90  # style.md 4.4 aims at 60; an editor is told from here on
EXPIRY_WARNING_DAYS = 60

# The only figures an unconfirmed entry may hold: the call centre's number and hours (domain.md 11-1).
_CALL_CENTRE = re.compile(
    r"0570\W*(?:の)?012\W*(?:の)?229|(平日の?、?)?(午前)?8時30分|(午後)?5時15分|eL-QR|1(つ|人|台|度|回)|[一]度"
)
_FIGURE = re.compile(r"[0-9０-９]+|[一二三四五六七八九十百千万]+(?:円|日|か月|ヶ月|月|年|割|パーセント|通)")
_MARKDOWN = (
    re.compile(r"<[^>\s][^>]*>"), re.compile(r"^#{1,6} .*", re.M), re.compile(r"^\|.*\|", re.M),
    re.compile(r"!\[.*?\]"), re.compile(r"\]\((?!https://)[^)]*\)"), re.compile(r"`+[^`]*`+"),
)  # fmt: skip
_UNSPEAKABLE = re.compile(r"https?://\S*|[（）()「」『』【】\[\]<>＜＞※→～*#•]|^- ", re.M)
_IGNORED = re.compile(r"[\s\W_]+")


def same(text: str) -> str:
    """The key under which two phrasings count as the same: width, case, spaces and punctuation don't matter."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return _IGNORED.sub("", plain) or plain


def check_entries(
    topics: Sequence[tuple[Topic, Document, int]],
    entries: Mapping[str, tuple[Entry, Document]],
    training: TrainingData,
    ids: AbstractSet[str],
) -> list[Finding]:
    """Every rule on entries and topics, each given with where it stands. `ids` are those that may be named: also of
    entries that can't be read now, which is told elsewhere."""
    findings: list[Finding] = []
    for topic, document, number in topics:
        for place, id_ in enumerate(topic.menu):
            if id_ not in ids:
                line = document.line(number, "menu", place)
                findings.append(finding("FAQ014", document.path, line, key="menu", id=id_, hint=near(id_, ids)))
    for entry, document in entries.values():
        for place, id_ in enumerate(entry.related):
            line = document.line("related", place)
            if id_ == entry.id:
                findings.append(finding("FAQ015", document.path, line, id=id_))
            elif id_ not in ids:
                findings.append(finding("FAQ014", document.path, line, key="related", id=id_, hint=near(id_, ids)))
        findings += _check_words(entry, document)
        count = len(training.intents.get(f"faq/{entry.id}", ()))
        if training.intents and count < MIN_PHRASINGS:
            least = MIN_PHRASINGS
            findings.append(
                finding("FAQ028", document.path, 1, count=count, least=least, topic=entry.topic, id=entry.id)
            )
    return findings


def _check_words(entry: Entry, document: Document) -> Iterator[Finding]:
    path, line = document.path, document.line("answer")
    limits = {"question": MAX_QUESTION, "answer": MAX_ANSWER, "voice": MAX_VOICE}
    for key, limit in limits.items():
        if (length := len(getattr(entry, key) or "")) > limit:
            yield finding("FAQ004", path, document.line(key), key=key, length=length, limit=limit)
    for pattern in _MARKDOWN:
        if match := pattern.search(entry.answer):
            yield finding("FAQ022", path, line, found=match[0][:20])
    if entry.voice and (match := _UNSPEAKABLE.search(entry.voice)):
        yield finding("FAQ021", path, document.line("voice"), found=match[0].strip())
    if entry.certainty == "未":
        for key, text in (("answer", entry.answer), ("voice", entry.voice or "")):
            if match := _FIGURE.search(_CALL_CENTRE.sub("", re.sub(r"\(https://[^)]*\)", "", text))):
                yield finding("FAQ020", path, document.line(key), found=match[0])
    if entry.valid.from_ and entry.valid.until and entry.valid.from_ > entry.valid.until:
        yield finding("FAQ023", path, document.line("valid"), start=entry.valid.from_, end=entry.valid.until)
    if entry.reviewed is None:
        yield finding("FAQ026", path, document.line("reviewed"))
    for sentence in re.split(r"[。\n]", entry.answer):
        if len(sentence) > LONG_SENTENCE and "http" not in sentence:
            yield finding("FAQ027", path, line, length=len(sentence), sentence=sentence.strip()[:20])


def check_validity(entries: Sequence[Entry], today: dt.date) -> Iterator[Finding]:
    """Entries that are withdrawn, or soon will be, on `today`."""
    for entry in entries:
        path, end = f"faq/{entry.topic}/{entry.id}.yaml", entry.valid.until
        if end and end < today:
            yield finding("FAQ024", path, end=end)
        elif end and (end - today).days <= EXPIRY_WARNING_DAYS:
            yield finding("FAQ025", path, end=end, days=(end - today).days)


def check_training(
    training: TrainingData, ids: AbstractSet[str], questions: Sequence[tuple[Question, str, int]]
) -> list[Finding]:
    """Every rule on phrasings: known intents, no phrasing twice, none that is also a guarding question."""
    findings: list[Finding] = []
    seen: dict[str, tuple[str, Example]] = {}
    for intent, examples in training.intents.items():
        path, line = training.places[intent]
        kind, _, name = intent.partition("/")
        if kind not in {"faq", "smalltalk", "out_of_scope"} or not name:
            findings.append(finding("NLU007", path, line, intent=intent))
        elif kind == "faq" and name not in ids:
            findings.append(finding("NLU001", path, line, id=name, hint=near(name, ids)))
        elif kind == "smalltalk" and not training.responses.get(f"utter_{intent}"):
            findings.append(finding("NLU008", path, line, id=intent))
        for example in examples:
            if (key := same(example.text)) not in seen:
                seen[key] = (intent, example)
            elif seen[key][0] == intent:
                findings.append(finding("NLU002", example.path, example.line, text=example.text))
            else:
                findings.append(finding("NLU003", example.path, example.line, text=example.text, first=seen[key][0]))
    asked: dict[str, str] = {}
    for question, path, line in questions:
        key, where = same(question.ask), f"{path}:{line}"
        if key in seen:
            example = seen[key][1]
            findings.append(finding("NLU004", example.path, example.line, text=example.text, where=where))
        if key in asked:
            findings.append(finding("ASK002", path, line, text=question.ask, other=asked[key]))
        asked.setdefault(key, where)
    return findings
