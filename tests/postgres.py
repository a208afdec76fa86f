"""A PostgreSQL server of our own, on a free port of this machine, that may be killed and started again."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
SETTINGS = "-c fsync=off -c max_connections=60 -c shared_buffers=32MB -c listen_addresses=127.0.0.1 -k ''"


class Postgres:
    """Running when made; `url` opens its database. As root it runs under another account: it refuses root."""

    def __init__(self) -> None:
        assert PROGRAMS, "no PostgreSQL: run tests/install_system_packages.sh"
        self._account = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        self._folder = Path(tempfile.mkdtemp(prefix="pg"))
        if os.geteuid() == 0:
            shutil.chown(self._folder, self._account)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.url = f"postgresql+pg8000://madoguchi@127.0.0.1:{self.port}/postgres"
        self._run("initdb", "-U", "madoguchi", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8")
        self.start()

    def start(self) -> None:
        """Start it, also after it was killed; returns when it takes connections."""
        options = f"{SETTINGS} -p {self.port}"
        self._run("pg_ctl", "-w", "-t", "30", "-l", str(self._folder / "log"), "-o", options, "start")

    def kill(self) -> None:
        """SIGKILL for all its processes at once, in the middle of whatever they do; what was committed comes back with
        the next start."""
        lock = self._folder / "data" / "postmaster.pid"
        server = lock.read_text().split()[0]
        children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
        for each in (server, *children):
            with suppress(ProcessLookupError):
                os.kill(int(each), signal.SIGKILL)
        while any(map(_runs, (server, *children))):
            time.sleep(0.01)
        lock.unlink()

    def close(self) -> None:
        """End it and remove everything."""
        if (self._folder / "data" / "postmaster.pid").exists():
            self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, program: str, *words: str) -> None:
        command = [str(PROGRAMS[-1] / program), "-D", str(self._folder / "data"), *words]
        if os.geteuid() == 0:
            command = ["runuser", "-u", self._account, "--", *command]
        done = subprocess.run(command, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        log = self._folder / "log"
        told = log.read_text()[-2000:] if log.exists() else ""
        assert done.returncode == 0, f"{program}: {done.stderr.decode()}\n{told}"


def _runs(process: str) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
