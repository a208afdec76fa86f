"""Speed and size of serving, as ratios beside the peer measured in the same run (machines are shared and noisy)."""

from __future__ import annotations

import datetime as dt
import os
import signal
import socket
import statistics
import subprocess
import sys
import sysconfig
import time
import urllib.request
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import distributions
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import keep
from benchmarks.peer import Peer
from bot import assemble
from bot.dialogue import turn
from bot.dialogue.office_hours import TOKYO
from bot.knowledge.loader import load
from bot.settings import Settings

TURNS = 600
TELEPHONE, REPORT = ("pyopenjtalk-plus", "sipmessage", "soxr"), ("typst",)  # what those extras bring


def main() -> None:
    """Measure turns, reload, start and memory."""
    loaded = load(Settings().root)
    assert loaded.knowledge is not None
    questions = [placed.question.ask for placed in loaded.questions][:TURNS]
    with TemporaryDirectory() as scratch:
        settings = Settings(data=Path(scratch))
        publisher = assemble.publisher(settings)
        first = _seconds(publisher.publish)
        published = publisher.current
        assert published is not None
        reload = min(_seconds(publisher.publish) for _ in range(3))
        now = dt.datetime.now(TOKYO)
        opened = turn.start("benchmark", published, now).conversation
        turns = _each(questions, lambda text: turn.hear(opened, text, published, now))
        peer = Peer(loaded.knowledge)
        beside = _each(questions, peer.rank)
        start, memory = _serve(settings)
    keep("serving", {
        "turn_ms": {"p50": _quantile(turns, 50), "p99": _quantile(turns, 99)},
        "peer_ms": {"p50": _quantile(beside, 50), "p99": _quantile(beside, 99)},
        "turn_to_peer_p50": round(statistics.median(turns) / statistics.median(beside), 2),
        "first_publish_s": round(first, 2), "reload_s": round(reload, 2),
        "start_to_ready_s": round(start, 2), "resident_mb": memory, "install_mb": _installed(),
    })  # fmt: skip


def _seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def _each(questions: Sequence[str], action: Callable[[str], object]) -> list[float]:
    for question in questions[:20]:
        action(question)
    return [_seconds(partial(action, question)) for question in questions]


def _quantile(seconds: Sequence[float], percent: int) -> float:
    return round(statistics.quantiles(seconds, n=100)[percent - 1] * 1000, 2)


def _serve(settings: Settings) -> tuple[float, int]:
    """Start a server with a ready index; seconds until it is ready, and its memory after a hundred questions."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"MADOGUCHI_DATA": str(settings.data)}
    started = time.perf_counter()
    command = [sys.executable, "-m", "bot", "serve", "--port", str(port)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            address = f"http://127.0.0.1:{port}"
            while not _ready(f"{address}/readyz") and time.perf_counter() - started < 60:
                time.sleep(0.02)
            ready = time.perf_counter() - started
            for i in range(100):
                _ready(f"{address}/api/v1/suggestions?q=%E7%B4%8D%E4%BB%98%E6%9B%B8{i}")
            status = Path(f"/proc/{server.pid}/status").read_text(encoding="ascii")
            memory = next(int(row.split()[1]) for row in status.splitlines() if row.startswith("VmRSS"))
        finally:
            server.send_signal(signal.SIGTERM)
    return ready, memory // 1024


def _ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as reply:
            return int(reply.status) == 200
    except OSError:
        return False


def _installed() -> dict[str, int] | None:
    """Megabytes of a fresh install: the chat alone, with the telephone, and with the report as PDF too; None where no
    environment can be made."""
    lock = Settings().root / "requirements.lock"
    with TemporaryDirectory() as scratch:
        subprocess.run([sys.executable, "-m", "venv", scratch], check=True)
        pip = [str(Path(scratch) / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        if subprocess.run([*pip, "--no-deps", "-r", str(lock)], check=False, capture_output=True).returncode:
            return None
        packages = sysconfig.get_path("purelib", vars={"base": scratch})
        whole = sum(file.stat().st_size for file in Path(packages).rglob("*") if file.is_file())
        report, telephone = (sum(_size(name, packages) for name in names) for names in (REPORT, TELEPHONE))
    sizes = {"chat": whole - report - telephone, "with_telephone": whole - report, "with_report": whole}
    return {name: size // 2**20 for name, size in sizes.items()}


def _size(name: str, packages: str) -> int:
    """Bytes of the files of one package."""
    found = next(iter(distributions(name=name, path=[packages])))
    return sum(Path(str(found.locate_file(file))).stat().st_size for file in found.files or ())


if __name__ == "__main__":
    main()
