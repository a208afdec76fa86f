"""SIPp runs a scenario file against a SIP server (or as one) and says how many calls went as the scenario says.

Scenario files are SIPp's XML with `{{name a b}}` for what all of them share: the parts in `scenarios/parts/`, whose
`{1}`, `{2}` are the words after the name. `{word}` elsewhere is a parameter of the run. The expanded file is kept
beside the logs and can be run by hand.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import process
from .process import Child

SCENARIOS = Path(__file__).parent / "scenarios"
LIMIT_SECS = 60.0
DIGITS = Path("/usr/share/sip-tester")  # dtmf_2833_*.pcap of Debian's package


@dataclass(frozen=True)
class Outcome:
    """What came of a run: calls that went as written, those that did not, every SIP message, and SIPp's complaints."""

    ok: int
    failed: int
    messages: str = field(repr=False)
    errors: str

    def sent(self, start: str) -> list[str]:
        """The messages SIPp sent whose first line starts so."""
        return self._of("sent", start)

    def received(self, start: str) -> list[str]:
        """The messages SIPp received whose first line starts so."""
        return self._of("received", start)

    def _of(self, direction: str, start: str) -> list[str]:
        parts = re.split(r"^-{20,} .*$", self.messages, flags=re.M)
        found = (re.match(rf"\s*\w+ message {direction}.*?\n\s*\n(.*)", part, re.S) for part in parts)
        return [each[1].strip() for each in found if each and each[1].lstrip().startswith(start)]


class Sipp:
    """One run, started at once; `outcome()` waits for it. Ends after `limit_secs` by itself.

    `target`: "127.0.0.1:5060" for a caller, None for a scenario that waits for requests. `parameters` fill `{word}`s;
    `options` are SIPp's own ("-m", "20"). A file in `files` is copied beside the scenario (SIPp looks for audio there).
    """

    def __init__(
        self, folder: Path, scenario: str, target: str | None, *options: str,
        tcp: bool = False, limit_secs: float = LIMIT_SECS, files: tuple[Path, ...] = (), port: int = 0,
        source: str = "127.0.0.1", **parameters: Any,
    ) -> None:  # fmt: skip
        self.port = port or process.port()
        self.audio = process.block()
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        for file in files:
            shutil.copy(file, folder)
        (folder / f"{scenario}.xml").write_text(expanded(scenario, parameters))
        calls = () if "-m" in options else ("-m", "1")
        self.child = Child(
            "sipp",
            ["sipp", *([target] if target else []), "-sf", f"{scenario}.xml", "-i", source, "-p", str(self.port),
             "-mi", "127.0.0.1", "-mp", str(self.audio), "-cp", str(process.port()), "-t", "t1" if tcp else "u1",
             "-nostdin", "-trace_msg", "-message_file", "messages", "-trace_err", "-error_file", "errors",
             "-trace_stat", "-stf", "figures", "-fd", "1", "-timeout", f"{limit_secs - 2:.0f}s", "-timeout_error",
             "-timer_resol", "1", *calls, *options],
            folder, limit_secs,
        )  # fmt: skip

    def outcome(self) -> Outcome:
        """What came of it, once it has ended."""
        code = self.child.wait()
        self.child.stop()
        figures = self._read("figures").splitlines()
        if len(figures) < 2:
            raise AssertionError(f"SIPp did not run (exit {code}):\n{self.child.printed()[-3000:]}")
        last = dict(zip(figures[0].split(";"), figures[-1].split(";"), strict=False))
        ok, failed = int(last["SuccessfulCall(C)"]), int(last["FailedCall(C)"])
        return Outcome(ok, failed, self._read("messages"), self._read("errors"))

    def stop(self) -> None:
        """End it before its time."""
        self.child.stop()

    def _read(self, name: str) -> str:
        file = self._folder / name
        return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""


def expanded(scenario: str, parameters: dict[str, object]) -> str:
    """The XML of a scenario with its parts and parameters put in."""
    text = _filled((SCENARIOS / f"{scenario}.xml").read_text(encoding="utf-8"), parameters)
    found = 1
    while found:  # a part may use parts
        text, found = re.subn(r"\{\{([^{}]+)\}\}", lambda part: _filled(_part(*part[1].split()), parameters), text)
    assert "{{" not in text, "a part within the words of a part"
    return text


def _filled(text: str, parameters: dict[str, object]) -> str:
    """`{word}` or `{word=default}` replaced; `{{…}}` is a part and stays."""
    value = re.compile(r"(?<!\{)\{([a-z]\w*)(?:=([^{}]*))?\}(?!\})")
    return value.sub(lambda found: str(parameters.get(found[1], found[2] or "")), text)


def _part(name: str, *words: str) -> str:
    text = (SCENARIOS / "parts" / f"{name}.txt").read_text(encoding="utf-8").rstrip("\n")
    for number, word in enumerate(words, start=1):
        text = text.replace(f"{{{number}}}", word)
    return text
