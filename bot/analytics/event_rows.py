"""Events as rows of the table `events`, and how rows get there: each once, in order, on both databases.

No database can refuse a row, and no Excel file made of it: lengths, control characters and odd values end here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import sqlalchemy as sa

from bot.analytics.masking import mask
from bot.analytics.period import day_of, instant
from bot.database.tables import events
from bot.dialogue.events import FACTS_VERSION, Event, Happened

Row = dict[str, object]
COLUMNS = (
    "uid", "version", "name", "at", "day", "conversation", "entry", "text", "reply", "facts", "synthetic",
)  # fmt: skip

_ID = re.compile(r"[a-z0-9-]{1,60}")
_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REPLIES = {"answer", "choices", "fallback"}

_NAMES = ", ".join(f'"{name}"' for name in COLUMNS)
# All rows in one parameter: the drivers would take them one by one, and on SQLite stop the turns of residents for each.
_VALUES = ", ".join(f"json_extract(value, '$[{place}]')" for place in range(len(COLUMNS)))
_SQLITE = (
    f"INSERT INTO events ({_NAMES}) SELECT {_VALUES} FROM json_each(?) WHERE true ORDER BY key "
    "ON CONFLICT (uid) DO NOTHING"
)
_TYPED = ", ".join(f'"{n}" {events.c[n].type.compile()}' for n in COLUMNS)
_POSTGRES = sa.text(
    f"INSERT INTO events ({_NAMES}) SELECT {_NAMES} FROM ROWS FROM (json_to_recordset(CAST(:rows AS json)) "
    f"AS ({_TYPED})) WITH ORDINALITY ORDER BY ordinality ON CONFLICT (uid) DO NOTHING"
)
_LOCK = sa.text("SELECT pg_advisory_xact_lock(1702258036)")
"""Writers take turns, or a reader that has seen id 7 could find id 6 later."""


def row_of(uid: str, event: Event, synthetic: bool) -> Row:
    """The row. A resident's words are masked and in `text` only; `entry` is what the event is about."""
    facts = dict(event.facts)
    words = facts.pop("text", None)
    if isinstance(page := facts.get("page"), str):  # of the site, but sent by anybody
        facts["page"] = _storable(mask(page))
    reply = facts.get("reply")
    return {
        "uid": uid,
        "version": FACTS_VERSION,
        "name": str(event.name)[:40],
        "at": instant(event.at),
        "day": day_of(event.at),
        "conversation": _storable(event.conversation)[:64],
        "entry": _entry(event),
        "text": None if words is None else _storable(mask(str(words))),
        "reply": reply if reply in _REPLIES and event.name is Happened.QUESTION_ASKED else None,
        "facts": _json(facts),
        "synthetic": synthetic,
    }


def _entry(event: Event) -> str | None:
    """The first of `entries`, or `entry`, or the entry that was chosen, or the best match of a question."""
    facts = event.facts
    found: object = facts.get("entry")
    entries, matches = facts.get("entries"), facts.get("matches")
    if isinstance(entries, list | tuple) and entries:
        found = entries[0]
    elif event.name is Happened.CHOICE_MADE and facts.get("kind") == "entry":
        found = facts.get("id")
    elif event.name is Happened.QUESTION_ASKED and isinstance(matches, list | tuple) and matches:
        best = matches[0]
        found = best[0] if isinstance(best, list | tuple) and best else None
    return found if isinstance(found, str) and _ID.fullmatch(found) else None


def _storable(text: str) -> str:
    """UTF-8 has no half surrogates, PostgreSQL no NUL, XML (Excel) few control characters and no U+FFFE."""
    return _NOT_IN_XML.sub("", text.encode("utf-8", "replace").decode())


def _json(facts: dict[str, object]) -> str:
    try:
        return _storable(json.dumps(facts, ensure_ascii=False, default=str))
    except Exception:  # keys that are no words, circles, a value whose __str__ fails: the event still counts
        return "{}"


def insert(engine: sa.Engine, rows: Sequence[Row]) -> None:
    """Keep these rows; those that are kept already stay as they are. Raises SQLAlchemyError, and what drivers raise."""
    if not rows:
        return
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            values = [[row[name] for name in COLUMNS] for row in rows]
            connection.exec_driver_sql(_SQLITE, (json.dumps(values, ensure_ascii=False),))
        else:
            connection.execute(_LOCK)
            connection.execute(_POSTGRES, {"rows": json.dumps(rows, ensure_ascii=False)})
