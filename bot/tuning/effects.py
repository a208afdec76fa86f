"""What a change does, as plain values, measured before anyone accepts it; and how much harm is too much."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

ANSWER, OTHER_ANSWER = "答え", "別の答え"  # what a question of the month becomes, in words
GAINED_FOR_ONE = 10  # questions that must get a direct answer for each whose answer changes or goes away
RECOMMENDED = (
    "利用者のしたことに裏づけられ、検査の質問も足せて、次の3つを満たす提案です。"
    "(1) 検査の質問を1問も取りこぼさない。"
    "(2) 検査の質問と、利用者が正しい答えを示した質問で、誤った答えが増えない。"
    "(3) いまの直接の答えが候補・答えなし・別の答えに変わる質問は、新しく答える質問の1割まで"
    "（件数は「答え→候補 2件」のように出ます）。"
)
"""What is recommended, for staff: what `Proof.harm` and `tune.against` look at."""


class Plain(BaseModel):
    """Values that never change."""

    model_config = ConfigDict(frozen=True, extra="forbid")


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

    @property
    def answered_otherwise(self) -> int:
        """Questions that get another direct answer than now, be it better or worse."""
        return sum(move.questions for move in self.moves if (move.before, move.after) == (ANSWER, OTHER_ANSWER))


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

    @property
    def harm(self) -> tuple[str, ...]:
        """What keeps a change from being recommended, as sentences for staff; `RECOMMENDED` tells the same."""
        guarded, month, found = self.guarded, self.replayed, list[str]()
        if guarded.lost:
            found.append(f"検査の質問を{len(guarded.lost)}問、取りこぼすようになります。")
        if guarded.wrong[1] > guarded.wrong[0]:
            found.append(f"検査の質問への誤った答えが{guarded.wrong[0]}件から{guarded.wrong[1]}件に増えます。")
        if guarded.out_of_scope[1] > guarded.out_of_scope[0]:
            found.append("答えてはいけない検査の質問に、答えるようになります。")
        if month.wrong[1] > month.wrong[0]:
            found.append(f"利用者が選んだ答えとちがう答えが{month.wrong[0]}件から{month.wrong[1]}件に増えます。")
        taken, given = month.lost_and_gained
        taken += month.answered_otherwise
        if taken * GAINED_FOR_ONE > given:
            found.append(f"いまの直接の答えが{taken}件、変わるか、なくなります（新しく答えるのは{given}件）。")
        return tuple(found)
