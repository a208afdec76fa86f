"""What tuning proposes, and the proof beside it. Plain values: the same in memory, in the file and on the page."""

from __future__ import annotations

import datetime as dt
import hashlib
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

RULES = 1  # raise when proposals of earlier versions must not be accepted any more


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


class Guarded(Plain):
    """How the guarding questions fare: how many were asked; won and lost; wrong direct answers and answers to what must
    not be answered, before and after."""

    asked: int
    won: tuple[Case, ...] = ()
    lost: tuple[Case, ...] = ()
    wrong: tuple[int, int]
    out_of_scope: tuple[int, int]


class Replayed(Plain):
    """The month's questions asked again: how many (of which: `different` ones, and `whole`: all that were asked that
    month), the replies before and after (answer, choices, fallback), those whose first entry or reply changes, and of
    the questions whose right answer residents showed: right and wrong direct answers before and after."""

    asked: int
    different: int
    whole: bool
    before: tuple[int, int, int]
    after: tuple[int, int, int]
    changed: tuple[Case, ...] = ()
    changes: int = 0
    right: tuple[int, int] = (0, 0)
    wrong: tuple[int, int] = (0, 0)


class Proof(Plain):
    """What a change does, measured before anyone accepts it."""

    guarded: Guarded
    replayed: Replayed


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


def marked(*parts: object) -> str:
    """A short mark of some values: the same for the same values."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]
