"""What the words of the flows must keep to: that they can be spoken, how long they are, on which days. Pure.

Lengths in signs: five a second is unhurried Japanese speech (domain.md 12-3).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress

from bot.knowledge.findings import Finding, finding
from bot.knowledge.shape import near
from bot.knowledge.yaml_text import Document
from voice.flow.model import Telephone, menu
from voice.flow.nodes import Dated, Flow, Node, Part
from voice.flow.source import Source

LONGEST_TOPIC, LONGEST_MENU = 300, 150  # 60 s and 30 s
SIGNS_A_SECOND = 5
LETTERS_A_SIGN = {"ja": 1, "zh": 1, "ko": 1}  # other languages: three letters take the time of one sign
EXPIRY_WARNING_DAYS = 30

_UNSPEAKABLE = re.compile(r"https?://\S*|www\.\S*|[（）()「」『』【】\[\]<>＜＞{}※→～*#•_|]")
_LATIN = re.compile(r"[A-Za-zＡ-Ｚａ-ｚ]+")
_EVERY_YEAR = re.compile(r"\d{2}-\d{2}")
_ONE_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LEAP_YEAR = "2028-"  # has every day that any year has


class _Place:
    """Makes findings about a place of a file."""

    def __init__(self, document: Document, *place: str | int) -> None:
        self.document, self.place = document, place

    def __call__(self, code: str, *more: str | int, **facts: object) -> Finding:
        return finding(code, self.document.path, self.document.line(*self.place, *more), **facts)

    def at(self, *more: str | int) -> _Place:
        return _Place(self.document, *self.place, *more)


def check(telephone: Telephone, source: Source) -> Iterator[Finding]:
    """Every rule on words that holds on any day."""
    for flow, document in source.flows.values():
        place = _Place(document)
        yield from _speakable(flow.unavailable, flow.lang, place.at("unavailable"), source)
        for name, node in flow.nodes.items():
            yield from _check_node(node, flow, place.at("nodes", name), source)
            yield from _check_lengths(name, node, telephone, flow, place.at("nodes", name))
            for where, part in _parts(node):
                yield from _check_part(part, flow, place.at("nodes", name, *where), telephone, source)
    yield from _check_notices(telephone, source)


def _parts(node: Node) -> Iterator[tuple[tuple[str | int, ...], Part]]:
    for where, parts in node.says():
        for number, part in enumerate(parts):
            yield (*where, number), part


# -- templates and lengths -------------------------------------------------------------------------------------------
def _check_node(node: Node, flow: Flow, place: _Place, source: Source) -> Iterator[Finding]:
    if node.choices is not None:
        needs_each = any(not choice.each for choice in node.choices)
        if needs_each:
            yield from _template("each", node.each, ("{title}", "{key}"), place)
        yield from _speakable(_plain(node.each), flow.lang, place.at("each"), source)
        yield from _speakable(node.tail, flow.lang, place.at("tail"), source)
        for number, choice in enumerate(node.choices):
            where = place.at("choices", number)
            if choice.each:
                yield from _template("each", choice.each, ("{key}",), where, ("{title}",))
            yield from _speakable(choice.title, choice.lang or flow.lang, where.at("title"), source)
            yield from _speakable(_plain(choice.each), choice.lang or flow.lang, where.at("each"), source)
    if node.listen and node.listen.choose_each:
        yield from _template("choose_each", node.listen.choose_each, ("{question}", "{key}"), place.at("listen"))
        for key in ("choose_each", "choose_tail"):
            text = _plain(getattr(node.listen, key))
            yield from _speakable(text, flow.lang, place.at("listen", key), source)


def _plain(template: str) -> str:
    return re.sub(r"\{[^}]*\}", "", template)


def _template(
    key: str, value: str, needed: tuple[str, ...], place: _Place, more: tuple[str, ...] = ()
) -> Iterator[Finding]:
    names = re.findall(r"\{[^}]*\}", value)
    rest = [name for name in names if name not in more]
    if sorted(rest) != sorted(needed) or re.search(r"[{}]", _plain(value)):
        yield place("IVR030", key, key=key, value=value, allowed=" と ".join(needed))


def _check_lengths(name: str, node: Node, telephone: Telephone, flow: Flow, place: _Place) -> Iterator[Finding]:
    letters = LETTERS_A_SIGN.get(flow.lang, 3)
    for number, choice in enumerate(node.choices or ()):
        length = _longest(choice.say, telephone, flow)
        if length > LONGEST_TOPIC * letters:
            seconds = length // (SIGNS_A_SECOND * letters)
            facts = {"length": length, "limit": LONGEST_TOPIC * letters, "seconds": seconds}
            yield place("IVR016", "choices", number, title=choice.title, **facts)
    if node.choices:
        length = _longest(node.say, telephone, flow) + sum(len(piece.text) for piece in menu(node, flow))
        if length > LONGEST_MENU * letters:
            seconds = length // (SIGNS_A_SECOND * letters)
            facts = {"length": length, "limit": LONGEST_MENU * letters, "seconds": seconds}
            yield place("IVR017", node=name, **facts)


def _longest(parts: Iterable[Part], telephone: Telephone, flow: Flow) -> int:
    """Signs on the day on which most is said. What is said changes only on the first day of a period."""
    parts = tuple(parts)
    days = {day for part in parts if (day := _day(part.from_))} | {dt.date(2028, 1, 1)}
    return max(sum(_length(part, telephone, flow) for part in parts if part.applies(day)) for day in days)


def _length(part: Part, telephone: Telephone, flow: Flow) -> int:
    entry = telephone.voiced(flow.lang).get(part.entry)
    return len(entry.voice if entry else part.text)


# -- parts -----------------------------------------------------------------------------------------------------------
def _check_part(part: Part, flow: Flow, place: _Place, telephone: Telephone, source: Source) -> Iterator[Finding]:
    yield from _check_dates(part, place)
    kinds = [kind for kind in ("entry", "notices") if getattr(part, kind)]
    if (part.text and kinds) or len(kinds) > 1:
        yield place("IVR009", found="、".join([*(["text"] if part.text else []), *kinds]) + "があります")
    elif not part.text.strip() and not kinds:
        yield place("IVR020")
    elif part.entry:
        yield from _check_entry(part.entry, flow, place, telephone, source)
    else:
        yield from _speakable(part.text, flow.lang, place, source)


def _check_entry(id_: str, flow: Flow, place: _Place, telephone: Telephone, source: Source) -> Iterator[Finding]:
    entry = telephone.voices.get(id_)
    if id_ not in source.ids:
        yield place("IVR010", id=id_, hint=near(id_, source.ids))
    elif entry is None:
        yield place("IVR011", id=id_)
    elif id_ not in telephone.voiced(flow.lang):
        yield place("IVR012", id=id_, lang=flow.lang)
    elif (entry.valid.from_ or entry.valid.until) and not flow.unavailable:
        yield place("IVR015", id=id_)


def _speakable(text: str, lang: str, place: _Place, source: Source) -> Iterator[Finding]:
    if match := _UNSPEAKABLE.search(text):
        yield place("IVR023", found=match[0])
    elif lang == "ja":
        for word in source.words:
            text = text.replace(word, "")
        if match := _LATIN.search(text):
            yield place("IVR024", found=match[0])


# -- dates -----------------------------------------------------------------------------------------------------------
def _day(text: str) -> dt.date | None:
    whole = _LEAP_YEAR + text if _EVERY_YEAR.fullmatch(text) else text
    with suppress(ValueError):
        return dt.date.fromisoformat(whole) if _ONE_DAY.fullmatch(whole) else None
    return None


def _check_dates(period: Dated, place: _Place) -> Iterator[Finding]:
    start, end = period.from_, period.until
    bad = [(key, value) for key, value in (("from", start), ("until", end)) if value and _day(value) is None]
    for key, value in bad:
        yield place("IVR025", key, key=key, value=value)
    if bad or not (start or end):
        return
    yearly = [bool(_EVERY_YEAR.fullmatch(value)) for value in (start, end)]
    if any(yearly) and not all(yearly):
        yield place("IVR026", start=start, end=end)
    elif start and end and not any(yearly) and start > end:
        yield place("IVR027", start=start, end=end)


def _over(period: Dated, today: dt.date) -> bool:
    end = period.until
    return bool(end) and not _EVERY_YEAR.fullmatch(end) and end < today.isoformat()


def check_days(telephone: Telephone, source: Source, today: dt.date) -> Iterator[Finding]:
    """Entries and periods that are over on `today`, entries that end within 30 days."""
    for flow, document in source.flows.values():
        for name, node in flow.nodes.items():
            for where, part in _parts(node):
                place = _Place(document, "nodes", name, *where)
                if _over(part, today):
                    yield place("IVR028", end=part.until)
                elif entry := telephone.voices.get(part.entry):
                    end = entry.valid.until
                    if not entry.valid.contains(today):
                        yield place("IVR013", id=part.entry)
                    elif end and (end - today).days <= EXPIRY_WARNING_DAYS:
                        yield place("IVR014", id=part.entry, end=end, days=(end - today).days)
    for notice, number in source.notices:
        if source.notice_document and _over(notice, today):
            yield _Place(source.notice_document, number)("IVR028", end=notice.until)


# -- notices ---------------------------------------------------------------------------------------------------------
def _check_notices(telephone: Telephone, source: Source) -> Iterator[Finding]:
    if source.notice_document is None:
        return
    ids: set[str] = set()
    known = source.flows.keys() | source.unread
    for notice, number in source.notices:
        place = _Place(source.notice_document, number)
        if notice.id in ids:
            yield place("IVR031", "id", id=notice.id)
        ids.add(notice.id)
        yield from _check_dates(notice, place)
        yield from _speakable(notice.text, notice.lang, place.at("text"), source)
        for id_ in notice.flows:
            if id_ not in known:
                facts = {"hint": near(id_, known), "allowed": "、".join(sorted(known))}
                yield place("IVR032", "flows", flow=id_, **facts)
            elif id_ in telephone.flows and not _says_notices(telephone.flows[id_]):
                yield place("IVR033", "flows", id=notice.id, flow=id_)


def _says_notices(flow: Flow) -> bool:
    return any(part.notices for node in flow.nodes.values() for _, part in _parts(node))
