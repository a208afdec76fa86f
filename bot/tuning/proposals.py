"""What tuning proposes, and the proof beside it: plain values, the same in memory, on the page and in the file of each
month in the data folder (`tuning/2026-10.json`)."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from tempfile import NamedTemporaryFile

from pydantic import ValidationError

from bot.analytics.names import SYNTHETIC
from bot.analytics.period import Period
from bot.tuning.effects import Plain, Proof

RULES = 3  # raise when proposals of earlier versions must not be accepted any more
FOLDER = "tuning"
DRAFTS = "drafts"
_NAME = re.compile(r"\d{4}-\d{2}\.json")


class Way(StrEnum):
    """What is proposed: (a) to (d)."""

    PHRASING = "phrasing"
    ENTRY = "entry"
    OUT_OF_SCOPE = "out_of_scope"
    ALIKE = "alike"


WAYS = {
    Way.PHRASING: "言い回しを足す",
    Way.ENTRY: "新しいFAQの下書き",
    Way.OUT_OF_SCOPE: "答えない質問にする",
    Way.ALIKE: "2つのFAQが似すぎている",
}
"""Each by its name for staff."""

FROM_SYNTHETIC = f"{SYNTHETIC}をもとにした提案です。"


class Example(Plain):
    """A question of residents (masked) and by how many it was asked."""

    text: str
    askers: int


class Guard(Plain):
    """A question to guard the change with; `expect` "none": must not be answered."""

    ask: str
    expect: str


class Near(Plain):
    """An entry that is near, and its share of what the search thought of, 0–1."""

    id: str
    share: float


class Proposal(Plain):
    """One proposal. `target`: the entry, the group of out-of-scope questions, the id of a draft, or two entries with a
    "+" between. `stands_on`: a mark of the content the proposal was made for; if that is another now, it is not
    accepted. `against`: why it is not recommended; empty if it is."""

    id: str
    way: Way
    lang: str = "ja"
    target: str
    title: str
    terms: tuple[str, ...] = ()
    questions: int
    askers: int
    different: int
    examples: tuple[Example, ...] = ()
    why: tuple[str, ...]
    near: tuple[Near, ...] = ()
    phrasings: tuple[str, ...] = ()
    guards: tuple[Guard, ...] = ()
    draft: str = ""
    stands_on: str = ""
    proof: Proof | None = None
    against: tuple[str, ...] = ()

    @property
    def recommended(self) -> bool:
        """Whether it can be accepted with a good conscience."""
        return self.proof is not None and not self.against

    @property
    def acceptable(self) -> bool:
        """Whether accepting it writes anything."""
        return bool(self.phrasings or self.draft)

    @property
    def name(self) -> str:
        """What is proposed, in a word."""
        return WAYS[self.way]

    def accepted_in(self, month: str) -> str:
        """What the audit log says of accepting it; no words of residents."""
        return f"採用した: {month} {self.id} {self.name} {self.target}"

    @property
    def when(self) -> str:
        """When its proof holds, in words: a draft changes nothing until an editor publishes it."""
        return "公開すると" if self.way is Way.ENTRY else "採用すると"


class Tuning(Plain):
    """All proposals of a month, most askers first; `together`: the proof of all recommended Japanese ones at once, and
    `slips`: questions that change in it though no single proof had asked them."""

    rules: int = RULES
    month: str
    made_at: dt.datetime
    unfinished: bool
    synthetic: bool
    knowledge: str
    questions: int
    poor: int
    solved: int
    left_alone: int
    by_lang: dict[str, int]
    seconds: float
    proposals: tuple[Proposal, ...]
    together: Proof | None = None
    slips: int = 0

    def find(self, id_: str) -> Proposal | None:
        """The proposal of this id."""
        return next((proposal for proposal in self.proposals if proposal.id == id_), None)

    def writes_synthetic(self, ids: Sequence[str]) -> bool:
        """Whether accepting these writes words into the content that nobody said. A draft is no content."""
        found = (self.find(id_) for id_ in ids)
        return self.synthetic and any(proposal is None or proposal.way is not Way.ENTRY for proposal in found)


def drawn_up(tuning: Tuning) -> str:
    """What a month came to, in a sentence or two for staff."""
    return (
        f"質問{tuning.questions:,}件のうち、うまく答えられず、いまの内容でも答えられないのは{tuning.poor:,}件。"
        f"提案は{len(tuning.proposals)}件です。あとの{tuning.left_alone:,}件は、聞いた人が少ないか、まとまりません。"
        f"（このほかの{tuning.solved:,}件は、その後の直しで答えられるようになっています）"
    )


def marked(*parts: object) -> str:
    """A short mark of some values: the same for the same values."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def keep(tuning: Tuning, data: Path) -> Path:
    """Write it, whole or not at all; the file. Raises OSError."""
    return write(data / FOLDER / f"{tuning.month}.json", tuning.model_dump_json(indent=1))


def kept(month: str, data: Path) -> Tuning | None:
    """What was worked out for a month last; None if there is nothing that can be read."""
    try:
        tuning = Tuning.model_validate_json((data / FOLDER / f"{month}.json").read_bytes())
    except (OSError, ValidationError):
        return None
    return tuning if tuning.rules == RULES else None


def months(data: Path) -> list[str]:
    """The months there is something for, the latest first."""
    return sorted((file.stem for file in (data / FOLDER).glob("*.json") if _NAME.fullmatch(file.name)), reverse=True)


def forget(data: Path, before: dt.date) -> int:
    """Remove what was worked out for months that lie wholly before a day: it quotes residents' words, which are kept
    no longer than the events. The number of files removed."""
    gone = 0
    for month in months(data):
        if Period.read_month(month).last < before:
            (data / FOLDER / f"{month}.json").unlink(missing_ok=True)
            gone += 1
    for draft in (data / FOLDER / DRAFTS).glob("*.yaml"):
        if dt.datetime.fromtimestamp(draft.stat().st_mtime, dt.UTC).date() < before:
            draft.unlink(missing_ok=True)
            gone += 1
    return gone


def write(file: Path, text: str) -> Path:
    """Write a file, whole or not at all. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("wb", dir=file.parent, prefix=".", suffix=".tmp", delete=False) as stream:
        new = Path(stream.name)
        try:
            stream.write(text.encode())
            stream.flush()
            new.chmod(file.stat().st_mode if file.exists() else 0o644)
            new.replace(file)
        except OSError:
            new.unlink(missing_ok=True)
            raise
    return file
