"""Finds conversations and calls, and shows what happened in one."""

from __future__ import annotations

import datetime as dt
import time
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from bot.analytics.call_tally import Call
from bot.analytics.facts import text
from bot.analytics.period import DAY
from bot.analytics.reading import BEGINNINGS, Query, Reader, Row, UnreadableRow, event_of, readable, select_events
from bot.analytics.talk_tally import Talk as TalkState
from bot.database.tables import events as table
from bot.dialogue.events import Event, Happened

MOST_WORDS, LONGEST_WORDS = 5, 100
MOST_EVENTS = 2000  # of one conversation
LOOKED_AT = 200  # beginnings at a time
PATIENCE = 0.2  # seconds; what was found until then is given, with where to go on
FIRST_WORDS = 80  # letters
_AFTER_ALL = 2**62  # behind every id
_SPOKEN = (Happened.QUESTION_ASKED.value, Happened.ANSWER_RATED.value, Happened.QUESTION_SPOKEN.value)


@dataclass(frozen=True)
class Search:
    """What to look for. `words`, divided by spaces, all in one message; `outcome`, `lang`, `door`: keys of `names.py`,
    "" for any; days on which they began; `before`: the cursor of the talk after which to go on."""

    words: str = ""
    first: dt.date | None = None
    last: dt.date | None = None
    outcome: str = ""
    lang: str = ""
    door: str = ""
    before: str = ""


@dataclass(frozen=True)
class Talk:
    """A conversation, or a call. `outcome`: a key of `names.OUTCOMES`, `door` of `names.DOORS`."""

    id: str
    began: dt.datetime
    door: str
    lang: str
    questions: int
    outcome: str
    first_words: str
    cursor: str


class Talks(list[Talk]):
    """Talks that were found; `before`: the cursor from which to look further, "" if all were looked at."""

    before = ""


def conversation(reader: Reader, id_: str, cursor: str) -> list[Event]:
    """All that happened in a conversation or call, oldest first; [] for none. At most `MOST_EVENTS`. Of an id that was
    used again: the talk with this `cursor`; the newest one with ""."""
    if not id_:
        return []
    _, latest = _cursor(cursor) or (None, _AFTER_ALL)
    own = select_events().where(table.c.conversation == id_)
    beginning = own.where(table.c.name.in_([each.value for each in BEGINNINGS])).limit(1)
    found = reader.fetch(beginning.where(table.c.id <= latest).order_by(table.c.id.desc()))
    begun = found[0].id if found else 0  # retention took it
    after = reader.fetch(beginning.where(table.c.id > begun).order_by(table.c.id))
    own = own.where(table.c.id >= begun, table.c.id < (after[0].id if after else _AFTER_ALL))
    return list(readable(reader.fetch(own.order_by(table.c.id).limit(MOST_EVENTS))))


def conversations(reader: Reader, search: Search, today: dt.date, limit: int) -> Talks:
    """The newest talks that fit, at most `limit`."""
    found, give_up = Talks(), time.monotonic() + PATIENCE
    for day, rows in _beginnings(reader, search, today):
        for talk in _talks(reader, day, rows):
            found.before = talk.cursor
            if _fits(talk, search):
                found.append(talk)
            if len(found) >= limit:
                return found
        if not rows:  # the day is done
            found.before = f"{day - DAY}.{_AFTER_ALL}"
        if time.monotonic() > give_up:
            return found
    found.before = ""
    return found


def _beginnings(reader: Reader, search: Search, today: dt.date) -> Iterator[tuple[dt.date, Sequence[Row]]]:
    """Rows with which talks began, newest first, some at a time; none at the end of each day."""
    oldest = reader.fetch(sa.select(sa.func.min(table.c.day)))[0][0]
    if oldest is None:
        return
    after = _cursor(search.before)
    day = min(each for each in (search.last, today, after and after[0]) if each)
    first = max(search.first or dt.date.min, dt.date.fromisoformat(oldest))
    while day >= first:
        below = after[1] if after and after[0] == day else None
        while rows := reader.fetch(_begun(day, below, search.words)):
            yield day, rows
            below = rows[-1].id
        yield day, ()
        day -= DAY


def _begun(day: dt.date, below: int | None, words: str) -> Query:
    wanted = select_events().where(
        table.c.day == day.isoformat(), table.c.name.in_([each.value for each in BEGINNINGS])
    )
    if below is not None:
        wanted = wanted.where(table.c.id < below)
    if said := _said(words):
        days = (day.isoformat(), (day + DAY).isoformat())
        told = sa.select(table.c.conversation).where(table.c.day.in_(days), table.c.name.in_(_SPOKEN), *said)
        wanted = wanted.where(table.c.conversation.in_(told))
    return wanted.order_by(table.c.id.desc()).limit(LOOKED_AT)


def _said(words: str) -> list[sa.ColumnElement[bool]]:
    """Stored texts are in NFKC, so the words are made so too."""
    folded = unicodedata.normalize("NFKC", words)[:LONGEST_WORDS].lower()
    return [sa.func.lower(table.c.text).contains(word, autoescape=True) for word in folded.split()[:MOST_WORDS]]


def _cursor(told: str) -> tuple[dt.date, int] | None:
    day, _, id_ = told.partition(".")
    try:
        found = dt.date.fromisoformat(day), int(id_)
    except ValueError:
        return None
    return found if 0 <= found[1] <= _AFTER_ALL else None


def _talks(reader: Reader, day: dt.date, beginnings: Sequence[Row]) -> Iterator[Talk]:
    """The talks that began with these rows of a day, newest first as they are, as far as the day after it."""
    if not beginnings:
        return
    wanted = select_events().where(
        table.c.conversation.in_({row.conversation for row in beginnings}),
        table.c.day.in_([day.isoformat(), (day + DAY).isoformat()]),
        table.c.id >= beginnings[-1].id,
    )
    begun_with: dict[str, int] = {}  # the latest beginning with an id; ids are used again
    by_talk: dict[int, list[Row]] = defaultdict(list)
    for row in reader.fetch(wanted.order_by(table.c.id)):
        if row.name in BEGINNINGS:
            begun_with[row.conversation] = row.id
        by_talk[begun_with.get(row.conversation, 0)].append(row)
    for begun in beginnings:
        try:
            yield _talk(event_of(begun), readable(by_talk[begun.id]), f"{event_of(begun).at.date()}.{begun.id}")
        except UnreadableRow:
            continue


def _talk(begun: Event, events: Iterable[Event], cursor: str) -> Talk:
    door, lang = text(begun, "door"), text(begun, "lang")
    call = begun.name is Happened.CALL_RECEIVED
    state = Call(begun.at, text(begun, "situation"), door) if call else TalkState(begun.at, lang)
    questions, first_words = 0, ""
    for event in events:
        if event.at - begun.at <= DAY:
            state.take(event)
        said = text(event, "text")
        if event.name in (Happened.QUESTION_ASKED, Happened.QUESTION_SPOKEN):
            questions += not text(event, "kind").startswith("smalltalk/")
            first_words = first_words or said[:FIRST_WORDS]
    return Talk(begun.conversation, begun.at, door, state.lang, questions, state.outcome, first_words, cursor)


def _fits(talk: Talk, search: Search) -> bool:
    pairs = ((search.outcome, talk.outcome), (search.lang, talk.lang), (search.door, talk.door))
    return all(wanted in ("", found) for wanted, found in pairs)
