"""What really went over the wire: a capture by the kernel (tcpdump on lo), and what it says of timing."""

from __future__ import annotations

import re
import struct
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Seconds = npt.NDArray[np.float64]
_ETHERNET, _IP, _UDP = 14, 20, 8
_RTP = _ETHERNET + _IP + _UDP


@dataclass
class Audio:
    """RTP packets in the order of the capture: time, port it came from, stream (both ports; SIPp sends all its calls
    from one), sequence number."""

    at: Seconds
    port: npt.NDArray[np.int64]
    stream: npt.NDArray[np.int64]
    sequence: npt.NDArray[np.int64]


@dataclass
class Gaps:
    """Seconds between the packets of a stream, all streams together; `missing`: sequence numbers never seen."""

    seconds: Seconds
    streams: int
    missing: int


class Capture:
    """Two captures while the context lasts: heads of all audio, and whole SIP messages."""

    def __init__(self, folder: Path, sip: int, *audio: range) -> None:
        ports = " or ".join(f"portrange {each.start}-{each.stop - 1}" for each in audio)
        self._files = folder / "audio.pcap", folder / "sip.pcap"
        self._filters = (f"udp and ({ports})", "60"), (f"udp port {sip}", "0")
        self._log = folder / "tcpdump.log"

    def __enter__(self) -> Capture:
        with self._log.open("wb") as log:
            self._processes = [
                subprocess.Popen(
                    ["tcpdump", "-i", "lo", "-n", "-s", length, "-B", "65536", "-w", str(file), chosen], stderr=log
                )
                for file, (chosen, length) in zip(self._files, self._filters, strict=True)
            ]
        self.pid = self._processes[0].pid
        time.sleep(0.5)
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.terminate()
            process.wait(timeout=10)

    @property
    def dropped(self) -> int:
        """Packets that the kernel could not give to tcpdump: the judge was asleep."""
        return sum(int(number) for number in re.findall(r"(\d+) packets dropped by kernel", self._log.read_text()))

    def audio(self) -> Audio:
        """All RTP packets (even ports)."""
        rows = []
        for at, packet in _records(self._files[0]):
            stream = int.from_bytes(packet[_RTP - _UDP : _RTP - _UDP + 4], "big")
            if not stream & 0x10000 and len(packet) >= _RTP + 4:  # from an even port
                rows.append((at, stream >> 16, stream, int.from_bytes(packet[_RTP + 2 : _RTP + 4], "big")))
        table = np.array(rows, dtype=np.float64).reshape(-1, 4)
        return Audio(table[:, 0], *table[:, 1:].astype(np.int64).T)

    def signalling(self) -> list[tuple[float, str]]:
        """All SIP messages."""
        return [(at, packet[_RTP:].decode(errors="replace")) for at, packet in _records(self._files[1])]


def _records(file: Path) -> Iterator[tuple[float, bytes]]:
    data = file.read_bytes()
    fine = 1e-9 if data[:4] == b"\x4d\x3c\xb2\xa1" else 1e-6
    at = 24
    while at + 16 <= len(data):
        seconds, part, kept, _ = struct.unpack_from("<IIII", data, at)
        yield seconds + part * fine, data[at + 16 : at + 16 + kept]
        at += 16 + kept


def gaps(audio: Audio, ports: range, since: float, until: float) -> Gaps:
    """Gaps of the streams that come from these ports, between two times."""
    chosen = (audio.at >= since) & (audio.at <= until) & (audio.port >= ports.start) & (audio.port < ports.stop)
    found: list[Seconds] = []
    missing = 0
    for each in np.unique(audio.stream[chosen]):
        stream = chosen & (audio.stream == each)
        found.append(np.diff(audio.at[stream]))
        missing += int(((np.diff(audio.sequence[stream]) - 1) % 65536).sum())
    return Gaps(np.concatenate(found) if found else np.zeros(0), len(found), missing)


def set_ups(messages: list[tuple[float, str]], audio: Audio) -> Seconds:
    """Seconds from each INVITE to the first audio of the port that its 200 names."""
    invited: dict[str, float] = {}
    waited = []
    ports, first = np.unique(audio.port, return_index=True)
    began = dict(zip(ports.tolist(), audio.at[first].tolist(), strict=True))
    for at, message in messages:
        name = re.search(r"^Call-ID:\s*(\S+)", message, re.M | re.I)
        if not name:
            continue
        if message.startswith("INVITE"):
            invited.setdefault(name[1], at)
            continue
        port = re.search(r"^m=audio (\d+)", message, re.M) if message.startswith("SIP/2.0 200") else None
        if port and name[1] in invited and int(port[1]) in began:
            waited.append(began[int(port[1])] - invited.pop(name[1]))
    return np.array(waited)
