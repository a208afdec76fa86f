"""A foreign program as a child that ends by itself, and the ports it may use."""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

# Three ranges that don't meet, below Linux's ephemeral ports: nobody connects from one between our look and its use.
_BLOCKS = itertools.cycle(range(20_000, 26_000, 20))
_PORTS = itertools.cycle(range(26_000, 30_000, 2))  # every other one: baresip takes the next port too, for TLS
_SERVICES = itertools.cycle(range(30_000, 32_600, 200))
REMEDY = "Install it: sh tests/install_system_packages.sh"


def port() -> int:
    """A port of 127.0.0.1 that is free for UDP and TCP alike, as SIP needs it, and given to nobody else of this run."""
    for number in _PORTS:
        with socket.socket(type=socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            try:
                udp.bind(("127.0.0.1", number))
                tcp.bind(("127.0.0.1", number))
            except OSError:
                continue
            return number
    raise AssertionError("unreachable: the ports go round")


def block() -> int:
    """The first (even) of 20 neighbouring UDP ports for audio that nobody holds now, and no other test of this run."""
    for first in _BLOCKS:
        if all(_is_free(number) for number in range(first, first + 20)):
            return first
    raise AssertionError("unreachable: the blocks go round")


def rtp_ports() -> str:
    """200 ports for the audio of a service, as `MADOGUCHI_RTP_PORTS` says it."""
    first = next(_SERVICES)
    return f"{first}-{first + 199}"


def _is_free(number: int) -> bool:
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.0.0.1", number))
        except OSError:
            return False
        return True


class Child:
    """A program running in a folder of its own, its output in `<name>.log` there.

    `timeout(1)` of coreutils ends it after `limit_secs` even if the test run is killed before.
    """

    def __init__(self, name: str, command: Sequence[str], folder: Path, limit_secs: float) -> None:
        program = shutil.which(command[0])
        if program is None:
            pytest.fail(f"{command[0]} is missing. {REMEDY}")
        folder.mkdir(parents=True, exist_ok=True)
        self._log = folder / f"{name}.log"
        self._limit_secs = limit_secs
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                ["timeout", "--foreground", "--kill-after=2", f"{limit_secs:.0f}", program, *command[1:]],
                cwd=folder, stdin=subprocess.PIPE, stdout=log, stderr=log,
                env={**os.environ, "HOME": str(folder), "TERM": "xterm", "LANG": "C"},
            )  # fmt: skip

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def printed(self) -> str:
        """All of its output so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def lines(self, text: str) -> int:
        """How often a text was printed so far."""
        return self.printed().count(text)

    def wait(self, within_secs: float | None = None) -> int:
        """Its exit code, once it ended by itself; 124 if its time was up. Raises subprocess.TimeoutExpired."""
        return self._process.wait(self._limit_secs + 5 if within_secs is None else within_secs)

    def until(self, text: str, within_secs: float = 10.0, times: int = 1) -> None:
        """Until it has printed a text (so often). Fails with the end of its output."""
        until = time.monotonic() + within_secs
        while self.lines(text) < times:
            end = self.printed()[-2000:]
            assert self.running, f"it ended without {text!r}:\n{end}"
            assert time.monotonic() < until, f"no {text!r} within {within_secs} s:\n{end}"
            time.sleep(0.02)

    def type(self, line: str) -> None:
        """A line on its standard input."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        self._process.stdin.flush()

    def stop(self) -> None:
        """End it, if it still runs: politely, then by force (`timeout` hands the signal on)."""
        if self.running:
            self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
