"""The first schema: events, figures of past days, staff, audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0001"
down_revision = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Take this step."""
    _events()
    _staff()
    op.create_table(
        "day_summaries",
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("through", sa.BigInteger(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "audit",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.String(50), nullable=False),
        sa.Column("act", sa.String(40), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("address", sa.String(45), nullable=False),
    )
    op.create_index("ix_audit_at", "audit", ["at"])


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("uid", sa.String(32), nullable=False, unique=True),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("conversation", sa.String(64), nullable=False),
        sa.Column("entry", sa.String(60)),
        sa.Column("text", sa.Text()),
        sa.Column("reply", sa.String(10)),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_events_day", "events", ["day", "id"])
    op.create_index("ix_events_conversation", "events", ["conversation", "id"])
    op.create_index("ix_events_entry", "events", ["entry", "name", "day"])
    op.create_index("ix_events_name", "events", ["name", "day", "id"])
    unanswered = sa.text("reply = 'fallback'")
    op.create_index(
        "ix_events_unanswered", "events", ["day", "id"], sqlite_where=unanswered, postgresql_where=unanswered
    )


def _staff() -> None:
    op.create_table(
        "staff",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String(50), nullable=False, unique=True),
        sa.Column("role", sa.String(10), nullable=False),
        sa.Column("password", sa.String(200), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.SmallInteger(), nullable=False),
        sa.Column("locked_until", sa.BigInteger()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger()),
    )
    op.create_table(
        "staff_sessions",
        sa.Column("token", sa.String(64), primary_key=True),
        sa.Column("staff", ID, nullable=False),
        sa.Column("csrf", sa.String(64), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_staff_sessions_staff", "staff_sessions", ["staff"])
