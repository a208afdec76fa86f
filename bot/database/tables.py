"""Every table, in one place. `migrations/` makes them; nothing else does.

Instants are microseconds since 1970 in UTC (`*_at`), days are Asia/Tokyo as `YYYY-MM-DD`: both databases keep and
compare them alike, and no driver turns them into something else.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, SmallInteger, String, Table, Text, text

metadata = MetaData()

Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up in INTEGER columns only
_UNANSWERED = text("reply = 'fallback'")

events = Table(
    "events", metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("uid", String(32), nullable=False, unique=True),  # given once where it happened: nothing is kept twice
    Column("version", SmallInteger, nullable=False),  # of the facts
    Column("name", String(40), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("day", String(10), nullable=False),
    Column("conversation", String(64), nullable=False),  # or call; "" for what belongs to none
    Column("entry", String(60)),  # the entry it is about, if it is about one
    Column("text", Text),  # a resident's words, masked; nowhere else
    Column("reply", String(10)),  # what a question got: answer | choices | fallback
    Column("facts", Text, nullable=False),  # JSON, without `text`
    Column("synthetic", Boolean, nullable=False),  # made by `madoguchi demo`
    Index("ix_events_day", "day", "id"),
    Index("ix_events_conversation", "conversation", "id"),
    Index("ix_events_entry", "entry", "name", "day"),
    Index("ix_events_name", "name", "day", "id"),
    Index("ix_events_unanswered", "day", "id", sqlite_where=_UNANSWERED, postgresql_where=_UNANSWERED),
)  # fmt: skip
"""Facts that happened. Append-only; only retention deletes."""

day_summaries = Table(
    "day_summaries", metadata,
    Column("day", String(10), primary_key=True),
    Column("version", SmallInteger, nullable=False),  # of how figures are counted
    Column("through", BigInteger, nullable=False),  # the last event looked at, of the day and of the one after it
    Column("summary", Text, nullable=False),  # JSON of bot.analytics.summary.Summary
    Column("synthetic", Boolean, nullable=False),
)  # fmt: skip
"""What a past day comes to. Can be thrown away: it is counted again from the events (as long as those are kept)."""

staff = Table(
    "staff", metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("name", String(50), nullable=False, unique=True),
    Column("role", String(10), nullable=False),  # viewer | editor | admin
    Column("password", String(200), nullable=False),  # argon2id
    Column("must_change", Boolean, nullable=False),  # given by somebody else: to be changed at the first sign-in
    Column("failures", SmallInteger, nullable=False),
    Column("locked_until", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("disabled_at", BigInteger),
)  # fmt: skip

staff_sessions = Table(
    "staff_sessions", metadata,
    Column("token", String(64), primary_key=True),  # SHA-256 of what the cookie holds
    Column("staff", Id, nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("began_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Index("ix_staff_sessions_staff", "staff"),
)  # fmt: skip

audit = Table(
    "audit", metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("who", String(50), nullable=False),  # a member of staff, or "system"
    Column("act", String(40), nullable=False),
    Column("what", Text, nullable=False),
    Column("address", String(45), nullable=False),
    Index("ix_audit_at", "at"),
)  # fmt: skip
"""Every act of staff. Append-only."""
