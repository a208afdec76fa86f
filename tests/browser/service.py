"""The real service as a process of its own, so that a test may stop it, start it again and see what residents see."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_LIMIT_SECS = 60.0


class Service:
    """`python -m bot serve` on a free port of this machine; the port stays the same after a restart."""

    def __init__(self, data: Path, **settings: object) -> None:
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        given = {f"MADOGUCHI_{name.upper()}": str(value) for name, value in settings.items()}
        self._environment = {**os.environ, "MADOGUCHI_DATA": str(data), "MADOGUCHI_WATCH": "false", **given}
        self.data = data
        self._log = data / "service.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when the knowledge is published."""
        command = [sys.executable, "-m", "bot", "serve", "--port", str(self.port)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=log, stderr=log)
        until = time.monotonic() + START_LIMIT_SECS
        while not self._ready():
            if self._process.poll() is not None or time.monotonic() > until:
                self.stop()
                raise AssertionError(f"the service did not start:\n{self._log.read_text()[-2000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """At once, as a power cut would: open connections are cut as well."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except urllib.error.HTTPError as refused:
            refused.close()
            return False
        except OSError:
            return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
