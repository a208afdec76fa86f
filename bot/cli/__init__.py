"""The command `madoguchi`. Help and messages are Japanese; exit 0 ok, 1 findings, 2 could not run."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy: several threads make small searches slower
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # (retrieval.md 4)

from bot.cli import content, demo, report, retention, serve, staff, telephone, tune  # noqa: F401 - each adds its commands
from bot.cli.app import app, stop
from bot.search.encoder import ModelMissing


def main() -> None:
    """Entry point: a mistake of the operator ends with a sentence, not with a traceback."""
    try:
        app()
    except ModelMissing as error:
        stop(str(error))
    except OSError as error:
        stop(f"「{error.filename}」を読み書きできません（{error.strerror}）。名前と、使う人の権限を確かめてください。")
