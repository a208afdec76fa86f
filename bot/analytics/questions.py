"""What residents asked and thought: questions without an answer, the words for an entry, ratings. Masked words only."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

import sqlalchemy as sa

from bot.analytics.facts import matches, text, texts
from bot.analytics.period import Period
from bot.analytics.reading import BATCH, Query, Reader, readable, select_events
from bot.database.tables import events as table
from bot.dialogue.events import Event, Happened

_SIGNS = re.compile(r"[\W_]+")
_FALLBACK: sa.ColumnElement[str] = sa.literal_column(
    "'fallback'"
)  # written out, or the partial index would not be used
_QUESTION, _FELL_BACK = Happened.QUESTION_ASKED.value, Happened.FELL_BACK.value


@dataclass(frozen=True)
class Unanswered:
    """A question without an answer as most often written, how often it came, and when last. `why` as in `names.WHY`."""

    text: str
    lang: str
    count: int
    why: str
    last: dt.datetime
    conversation: str


@dataclass(frozen=True)
class Asked:
    """Words by which an entry was asked for; `reply` (as in `names.REPLIES`) and confidence of the last time."""

    text: str
    count: int
    reply: str
    confidence: float


@dataclass(frozen=True)
class Rating:
    """What a resident thought of an answer; `text` may be empty."""

    at: dt.datetime
    entry: str
    helpful: bool
    text: str
    conversation: str


@dataclass
class _Group:
    """Questions that differ in signs only; `last`: the newest row."""

    count: int = 0
    last: int = 0
    spellings: Counter[str] = field(default_factory=Counter)

    @property
    def text(self) -> str:
        """The most frequent spelling."""
        return min(self.spellings, key=lambda each: (-self.spellings[each], each))


def normalised(words: str) -> str:
    """Words without what people write one way or the other: width, capitals, spaces, punctuation."""
    folded = unicodedata.normalize("NFKC", words).casefold()
    return _SIGNS.sub("", folded) or folded.strip()


def unanswered(reader: Reader, period: Period, limit: int) -> list[Unanswered]:
    """Questions that got no answer, or candidates of which none was right; most frequent first."""
    groups: dict[str, _Group] = {}
    refused, offered = _before_refusals(reader, period), table.c.reply == "choices"
    _gather(groups, reader, _asked(period).where(table.c.reply == _FALLBACK))
    for start in range(0, len(refused), BATCH):
        _gather(groups, reader, _asked(None).where(table.c.id.in_(refused[start : start + BATCH]), offered))
    found = (
        Unanswered(group.text, text(event, "lang"), group.count, _why(event), event.at, event.conversation)
        for group, event in _with_last(reader, groups)
        if not text(event, "kind").startswith("smalltalk/")
    )
    return list(islice(found, limit))


def latest_unanswered(reader: Reader, day: dt.date, limit: int) -> list[Unanswered]:
    """The newest questions of a day that got no answer, one by one."""
    newest = select_events().where(table.c.day == day.isoformat(), table.c.reply == _FALLBACK)
    events = readable(reader.fetch(newest.order_by(table.c.id.desc()).limit(limit * 3)))
    found = (
        Unanswered(text(event, "text"), text(event, "lang"), 1, _why(event), event.at, event.conversation)
        for event in events
        if not text(event, "kind").startswith("smalltalk/")
    )
    return list(islice(found, limit))


def words_for(reader: Reader, entry: str, period: Period, limit: int) -> list[Asked]:
    """Questions for which `entry` was the best match; most frequent first."""
    groups: dict[str, _Group] = {}
    _gather(groups, reader, _asked(period).where(table.c.entry == entry, table.c.name == _QUESTION))
    return [
        Asked(
            group.text, group.count, text(event, "reply") or text(event, "kind"), dict(matches(event)).get(entry, 0.0)
        )
        for group, event in islice(_with_last(reader, groups), limit)
    ]


def confused_with(reader: Reader, entry: str, period: Period) -> list[tuple[str, int]]:
    """Other entries among the candidates of which `entry` was one, and how often; most frequent first."""
    offers = select_events().where(
        table.c.name == Happened.CHOICES_OFFERED.value,
        _days(period),
        table.c.facts.contains(f'"{entry}"', autoescape=True),
    )
    beside: Counter[str] = Counter()
    for event in readable(reader.fetch(offers)):
        offered = texts(event, "entries")
        if entry in offered:
            beside.update(set(offered) - {entry})
    return sorted(beside.items(), key=lambda each: (-each[1], each[0]))


def ratings(reader: Reader, period: Period, entry: str, helpful: bool | None, limit: int) -> list[Rating]:
    """Ratings, newest first; `entry`: only of that one, `helpful`: only those that say so."""
    wanted = select_events().where(table.c.name == Happened.ANSWER_RATED.value)
    if entry:
        wanted = wanted.where(table.c.entry == entry)
    found = (
        Rating(event.at, text(event, "entry"), event.facts.get("helpful") is True, said, event.conversation)
        for event in _newest_first(reader, period, wanted)
        if isinstance(said := event.facts.get("text", ""), str)
    )
    return list(islice((each for each in found if helpful in (None, each.helpful)), limit))


def _newest_first(reader: Reader, period: Period, wanted: Query) -> Iterator[Event]:
    """Events day by day; those of a day are few enough to be held at once."""
    for day in sorted(period, reverse=True):
        of_day = wanted.where(table.c.day == day.isoformat()).order_by(table.c.id.desc())
        yield from readable(reader.fetch(of_day))


def _days(period: Period) -> sa.ColumnElement[bool]:
    return table.c.day.between(period.first.isoformat(), period.last.isoformat())


def _asked(period: Period | None) -> Query:
    """Texts with how often and in which row last they were written."""
    wanted = sa.select(table.c.text, sa.func.count(), sa.func.max(table.c.id)).where(table.c.text.is_not(None))
    return (wanted if period is None else wanted.where(_days(period))).group_by(table.c.text)


def _gather(groups: dict[str, _Group], reader: Reader, wanted: Query) -> None:
    for words, count, last in reader.fetch(wanted):
        if key := normalised(words):
            group = groups.setdefault(key, _Group())
            group.count += count
            group.last = max(group.last, last)
            group.spellings[words] += count


def _before_refusals(reader: Reader, period: Period) -> list[int]:
    """The last question before each "none of these" in its conversation. Where it got candidates, all were refused;
    otherwise those of a menu were."""
    asked = table.alias()
    question = (
        sa.select(sa.func.max(asked.c.id))
        .where(asked.c.conversation == table.c.conversation, asked.c.id < table.c.id, asked.c.name == _QUESTION)
        .scalar_subquery()
    )
    refusals = sa.select(question).where(
        table.c.name == _FELL_BACK, _days(period), table.c.facts.contains('"none_of_these"')
    )
    return sorted({row[0] for row in reader.fetch(refusals) if row[0] is not None})


def _with_last(reader: Reader, groups: dict[str, _Group]) -> Iterator[tuple[_Group, Event]]:
    """Groups, the most frequent first, with the event of their newest row; a few hundred looked up at a time."""
    ordered = sorted(groups.values(), key=lambda group: (-group.count, -group.last))
    for start in range(0, len(ordered), 500):
        some = ordered[start : start + 500]
        rows = reader.fetch(select_events().where(table.c.id.in_([group.last for group in some])))
        by_id = {row.id: row for row in rows}
        for group in some:
            for event in readable([by_id[group.last]] if group.last in by_id else []):
                yield group, event


def _why(event: Event) -> str:
    """The reason told with the question; with candidates that were offered, none of them was right."""
    if text(event, "reply") == "choices":
        return "none_of_these"
    kind = text(event, "kind")
    return text(event, "why") or (kind if kind == "unsupported_language" else "not_sure")
