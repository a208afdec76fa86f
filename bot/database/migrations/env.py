"""Run by Alembic for every upgrade; connection and transaction are the caller's (`bot/database/migrating.py`)."""

from __future__ import annotations

from alembic import context

from bot.database.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,  # SQLite can't alter columns in place
)
context.run_migrations()
