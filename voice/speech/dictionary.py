"""The table of readings as a user dictionary of Open JTalk, made once per table and kept in a folder.

The compiler prints on C stdout and cannot be told not to, which would spoil `--json`: it runs in a process of its own.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from voice.speech.errors import SpeechError
from voice.speech.pronunciation import Line, Pronunciation

LIMIT_SECONDS = 60.0  # it takes 0.4 s; a machine may be busy

_COST, _COST_OF_ONE_KANJI = 1, 4000
"""A low cost wins over the engine's own words. A single kanji must not break up words it is a part of: at 3,000 方
(カタ) breaks 両方, at 1 方法 and 夕方 too; at 5,000 it misses some of its own places (measured on 160 sentences)."""
_COMPILE = """
import contextlib, io, sys
with contextlib.redirect_stdout(io.StringIO()):
    import pyopenjtalk
pyopenjtalk.mecab_dict_index(sys.argv[1], sys.argv[2])
"""


@cache  # looked up for every segment of every call
def engine_version(package: str) -> str:
    """The version of an installed engine, without importing it; "-" if it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "-"


def build_dictionary(pronunciation: Pronunciation, folder: Path) -> Path | None:
    """The compiled table in `folder`; made now if it is not there. None for an empty table.

    Raises SpeechError (Japanese) if the compiler fails."""
    if not pronunciation.lines:
        return None
    rows = "".join(_row(line) for line in pronunciation.lines)
    key = hashlib.sha256(f"{engine_version('pyopenjtalk-plus')}\n{rows}".encode()).hexdigest()[:16]
    target = folder / f"{key}.dic"
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as workshop:
            made = _compile(rows, Path(workshop))
            os.replace(made, target)  # whole or not at all: other processes read it
    return target


def _compile(rows: str, workshop: Path) -> Path:
    source, made = workshop / "readings.csv", workshop / "readings.dic"
    source.write_text(rows, encoding="utf-8")
    command = [sys.executable, "-c", _COMPILE, str(source), str(made)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=LIMIT_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise SpeechError(f"読み方の辞書の作成が{LIMIT_SECONDS:.0f}秒で終わりませんでした。") from error
    if done.returncode or not made.exists():
        detail = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise SpeechError(f"読み方の辞書を作れませんでした: {''.join(detail)}")
    return made


def _row(line: Line) -> str:
    """A line in the format of naist-jdic: surface, contexts (looked up by the part of speech), cost, features."""
    single = len(line.surface) == 1 and line.surface >= "一"
    cost = _COST_OF_ONE_KANJI if single else _COST
    accent = f"{int(line.accent)}/{line.morae}"
    return f"{line.surface},,,{cost},名詞,一般,*,*,*,*,{line.surface},{line.reading},{line.said},{accent},*\n"
