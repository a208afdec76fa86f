"""What tuning proposes, and the proof beside it: plain values, the same in memory, on the page and in the file of each
month in the data folder (`tuning/2026-10.json`)."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
from enum import StrEnum
from pathlib import Path
from tempfile import NamedTemporaryFile

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.analytics.period import Period

RULES = 2  # raise when proposals of earlier versions must not be accepted any more
FOLDER = "tuning"
DRAFTS = "drafts"
_NAME = re.compile(r"\d{4}-\d{2}\.json")


class Way(StrEnum):
    """What is proposed: (a) to (d)."""

    PHRASING = "phrasing"
    ENTRY = "entry"
    OUT_OF_SCOPE = "out_of_scope"
    ALIKE = "alike"


ANSWER, OTHER_ANSWER = "答え", "別の答え"  # what a question of the month becomes, in words
WAYS = {
    Way.PHRASING: "言い回しを足す",
    Way.ENTRY: "新しいFAQの下書き",
    Way.OUT_OF_SCOPE: "答えない質問にする",
    Way.ALIKE: "2つのFAQが似すぎている",
}
"""Each by its name for staff."""


class Plain(BaseModel):
    """Values that never change."""

    model_config = ConfigDict(frozen=True, extra="forbid")


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


class Case(Plain):
    """A guarding question whose outcome changes, or a question of the month whose reply does: what it gets before and
    after (an entry with its band, in words); `expect` is empty for the month's."""

    ask: str
    expect: str = ""
    before: str
    after: str
    askers: int = 0


class Move(Plain):
    """How many of the month's questions get another reply, from what to what, in words."""

    before: str
    after: str
    questions: int


class Guarded(Plain):
    """How the guarding questions fare: how many were asked; won and lost; wrong direct answers and answers to what must
    not be answered, before and after."""

    asked: int
    won: tuple[Case, ...] = ()
    lost: tuple[Case, ...] = ()
    wrong: tuple[int, int]
    out_of_scope: tuple[int, int]

    @property
    def mistakes(self) -> tuple[int, int]:
        """Answers that are wrong or should not be given, before and after."""
        return self.wrong[0] + self.out_of_scope[0], self.wrong[1] + self.out_of_scope[1]


class Replayed(Plain):
    """The month's questions asked again: how many (of which: `different` ones, and `whole`: all that were asked that
    month), the replies before and after (answer, choices, fallback), those whose first entry or reply changes (how
    many, from what to what, the most frequent), and of the questions whose right answer residents showed: right and
    wrong direct answers before and after."""

    asked: int
    different: int
    whole: bool
    before: tuple[int, int, int]
    after: tuple[int, int, int]
    changes: int = 0
    moves: tuple[Move, ...] = ()
    changed: tuple[Case, ...] = ()
    right: tuple[int, int] = (0, 0)
    wrong: tuple[int, int] = (0, 0)

    @property
    def lost_and_gained(self) -> tuple[int, int]:
        """Questions whose direct answer goes away, and those that get one."""
        lost = sum(move.questions for move in self.moves if move.before == ANSWER != move.after != OTHER_ANSWER)
        return lost, sum(move.questions for move in self.moves if move.before != ANSWER == move.after)


class Proof(Plain):
    """What a change does, measured before anyone accepts it."""

    guarded: Guarded
    replayed: Replayed

    @property
    def effects(self) -> tuple[str, ...]:
        """The same in a few words each, for staff."""
        before, after = self.guarded.mistakes
        told = [f"検査の質問 +{len(self.guarded.won)}/−{len(self.guarded.lost)}", f"誤った答え {before}→{after}"]
        told += [f"{move.before}→{move.after} {move.questions:,}件" for move in self.replayed.moves]
        return (*told,) if self.replayed.moves else (*told, "この月の返事は変わりません")


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


class Tuning(Plain):
    """All proposals of a month, most askers first; `together`: the proof of all recommended ones at once, and `slips`:
    questions that change in it though no single proof had asked them."""

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
        stream.write(text.encode())
    if file.exists():
        os.chmod(stream.name, file.stat().st_mode)
    else:
        os.chmod(stream.name, 0o644)
    Path(stream.name).replace(file)
    return file
