"""The telephone under load: the real service, SIPp as callers who speak all the time, the kernel as the judge.

`python -m benchmarks.telephone [calls]` needs root (tcpdump), sipp and tcpdump, and ends by itself within 90 s. Beside
the service's packets stand SIPp's own in the same capture: what a program in C gets out of this machine at this moment.
`others_cpu` says how busy the machine was with other things.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt

from benchmarks import keep
from benchmarks.capture import Capture, Gaps, gaps, set_ups
from bot.settings import HERE
from voice.media.clock import PERIOD

SIP, WEB = 15060, 15080
OURS, THEIRS = range(24000, 26000), range(26000, 32000)  # UDP ports of the service and of SIPp
RATE = 20  # new calls a second
STEADY = 20.0  # seconds during which all calls are up
LIMIT = 90
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Usage:
    """A process at one moment. `cpu`: seconds so far; `memory`: resident kilobytes; `machine`: busy seconds of all."""

    cpu: float
    memory: int
    machine: float
    at: float


def main() -> None:
    """Measure, print and keep."""
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    for tool in ("sipp", "tcpdump", "chrt"):
        if shutil.which(tool) is None:
            sys.exit(f"{tool} is needed: sh tests/install_system_packages.sh")
    with TemporaryDirectory() as scratch:
        figures = _measure(Path(scratch), calls)
    keep("telephone", figures)


def _measure(scratch: Path, calls: int) -> dict[str, object]:
    with _service(scratch) as telephone:
        idle = _usage(telephone)
        with Capture(scratch, SIP, OURS, THEIRS) as captured:
            callers = _callers(scratch, calls)
            try:
                time.sleep(calls / RATE + 2)
                before, ours, tools = _usage(telephone), time.time(), _family(callers.pid, captured.pid)
                time.sleep(STEADY - 4)
                after, until = _usage(telephone), time.time()
                tools = _family(callers.pid, captured.pid) - tools
                callers.wait(timeout=LIMIT)
            finally:
                callers.kill()
    seconds = after.at - before.at
    ended = _outcome(scratch / "figures")
    audio = captured.audio()
    served, peer = (gaps(audio, ports, ours, until) for ports in (OURS, THEIRS))
    answered = set_ups(captured.signalling(), audio)
    cpu = after.cpu - before.cpu
    return {
        "calls": calls, "succeeded": ended[0], "failed": ended[1],
        "gap_ms": _spread(served), "sipp_gap_ms": _spread(peer),
        "p99_to_sipp": round(_late(served, 99) / _late(peer, 99), 2),
        "streams": served.streams, "missing_packets": served.missing, "capture_dropped": captured.dropped,
        "invite_to_audio_ms": {"p50": _quantile(answered, 50), "p99": _quantile(answered, 99)},
        "cpu_percent_of_a_core": round(cpu / seconds * 100, 1),
        "kb_per_call": round((after.memory - idle.memory) / calls, 1), "resident_mb": after.memory // 1024,
        "others_cpu_percent_of_a_core": round((after.machine - before.machine - cpu - tools) / seconds * 100, 1),
        "cores": os.cpu_count(), "measured_on": dt.date.today().isoformat(),
    }  # fmt: skip


def _spread(found: Gaps) -> dict[str, float]:
    return {
        "p50": _quantile(found.seconds, 50), "p99": _quantile(found.seconds, 99),
        "p99_9": _quantile(found.seconds, 99.9), "max": _quantile(found.seconds, 100),
        "over_40": int((found.seconds > 0.04).sum()), "over_60": int((found.seconds > 0.06).sum()),
    }  # fmt: skip


def _quantile(seconds: npt.NDArray[np.float64], percent: float) -> float:
    return round(float(np.percentile(seconds, percent)) * 1000, 2) if len(seconds) else -1.0


def _late(found: Gaps, percent: float) -> float:
    return max(float(np.percentile(found.seconds, percent)) - PERIOD, 1e-4)


# -- the service -----------------------------------------------------------------------------------------------


@contextmanager
def _service(scratch: Path) -> Iterator[int]:
    """The real service, closed for the day, with prompts rendered; gives the process id of its telephone."""
    root, data = scratch / "content", scratch / "data"
    for name in ("faq", "nlu_data", "ivr_flows", "web_widget"):
        shutil.copytree(HERE / name, root / name)
    calendar = root / "ivr_flows" / "calendar.yaml"
    days = "".join(f'\n  - {{"date": "{dt.date.today() + dt.timedelta(n)}", "closed": "true"}}' for n in (0, 1))
    calendar.write_text(calendar.read_text("utf-8").replace("\nexceptions: []", f"\nexceptions:{days}"), "utf-8")
    if (HERE / "var" / "prompts").is_dir():
        shutil.copytree(HERE / "var" / "prompts", data / "prompts")
    settings = {
        "DATA": data, "ROOT": root, "SIP": f"127.0.0.1:{SIP}", "RTP_PORTS": f"{OURS.start}-{OURS.stop - 1}",
        "CALLS": 1000, "CALLS_PER_SOURCE": 1000, "DRAIN_SECONDS": 0, "WATCH": "false",
    }  # fmt: skip
    ours = {name: value for name, value in os.environ.items() if not name.startswith("MADOGUCHI_")}
    environment = ours | {f"MADOGUCHI_{name}": str(value) for name, value in settings.items()}
    command = [sys.executable, "-m", "bot", "serve", "--port", str(WEB)]
    with (
        (scratch / "log").open("wb") as log,
        subprocess.Popen(command, cwd=HERE, env=environment, stdout=log, stderr=log) as process,
    ):
        try:
            yield _telephone(process, data / "prompts")
        finally:
            process.terminate()


def _telephone(process: subprocess.Popen[bytes], prompts: Path) -> int:
    until, rendered = time.time() + LIMIT, -1
    while time.time() < until and process.poll() is None:
        time.sleep(1)
        before, rendered = rendered, sum(1 for _ in prompts.glob("**/*"))
        if rendered and rendered == before and "待っています" in _ready():
            return next(pid for pid in _descendants(process.pid) if _holds_sip(pid))
    sys.exit("the service did not start")


def _ready() -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{WEB}/readyz", timeout=2) as reply:
            return str(reply.read().decode())
    except OSError:
        return ""


def _descendants(pid: int) -> list[int]:
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(child) for thread in threads for child in (thread / "children").read_text().split()]
    except OSError:
        return []
    return children + [below for child in children for below in _descendants(child)]


def _holds_sip(pid: int) -> bool:
    rows = [row.split() for row in Path("/proc/net/udp").read_text().splitlines()[1:]]
    sockets = {f"socket:[{row[9]}]" for row in rows if row[1].endswith(f":{SIP:04X}")}
    return any(os.readlink(file) in sockets for file in Path(f"/proc/{pid}/fd").iterdir() if file.is_symlink())


# -- the callers -----------------------------------------------------------------------------------------------


def _callers(scratch: Path, calls: int) -> subprocess.Popen[bytes]:
    text = (Path(__file__).parent / "telephone.xml").read_text("utf-8")
    stay = int((calls / RATE + STEADY - 8) * 1000)  # so that the first is still there when the last has been there long
    (scratch / "caller.xml").write_text(text.replace("{stay}", str(stay)), "utf-8")
    speech = np.random.default_rng(1).integers(0, 256, 8000 * 10).astype(np.uint8)
    (scratch / "speech.ulaw").write_bytes(speech.tobytes())
    command = [  # at the priority of the service, or the two could not be compared
        "chrt", "-f", "19", "sipp", f"127.0.0.1:{SIP}", "-sf", "caller.xml", "-i", "127.0.0.1", "-mi", "127.0.0.1",
        "-m", str(calls), "-r", str(RATE), "-l", str(calls), "-mp", str(THEIRS.start), "-timer_resol", "1", "-nostdin",
        "-trace_stat", "-stf", "figures", "-fd", "1", "-timeout", f"{LIMIT}s",
    ]  # fmt: skip
    log = (scratch / "callers.log").open("wb")
    return subprocess.Popen(command, cwd=scratch, stdout=log, stderr=log)


def _outcome(figures: Path) -> tuple[int, int]:
    """Calls that succeeded and that failed."""
    rows = figures.read_text().splitlines()
    last = dict(zip(rows[0].split(";"), rows[-1].split(";"), strict=False))
    return int(last["SuccessfulCall(C)"]), int(last["FailedCall(C)"])


# -- the machine -----------------------------------------------------------------------------------------------


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _family(*pids: int) -> float:
    return sum(_cpu(pid) for pid in pids)


def _usage(pid: int) -> Usage:
    total = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    memory = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    assert memory
    return Usage(_cpu(pid), int(memory[1]), (sum(total) - total[3] - total[4]) / TICKS, time.time())


if __name__ == "__main__":
    main()
