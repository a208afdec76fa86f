"""How conversations ended, told from what happened in them; counted for the day on which each began."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bot.analytics.facts import text, texts
from bot.analytics.period import DAY
from bot.analytics.summary import TOTAL, Summary
from bot.dialogue.events import Event, Happened

PATIENCE = 2  # "no answer" so often in a row; the next one leads to the telephone (bot.dialogue.turn)
ASKS_FOR_A_PERSON = {"smalltalk/human-please", "smalltalk/complaint", "smalltalk/emergency"}
NAMES = frozenset({
    Happened.CONVERSATION_STARTED, Happened.QUESTION_ASKED, Happened.CHOICE_MADE, Happened.ANSWER_GIVEN,
    Happened.CHOICES_OFFERED, Happened.FELL_BACK, Happened.ANSWER_RATED, Happened.LANGUAGE_CHANGED,
})  # fmt: skip


@dataclass(slots=True)
class Talk:
    """A conversation as it stands. `answered`: the entries of the last reply, if that was an answer."""

    began: dt.datetime
    lang: str = ""
    used: bool = False
    handed_over: bool = False
    wants_person: bool = False
    answered: tuple[str, ...] = ()
    unhelpful: bool = False
    failures: int = 0

    @property
    def resolved(self) -> bool:
        """By behaviour: it ended with an answer that nothing speaks against."""
        return self.used and bool(self.answered) and not self.unhelpful and not self.wants_person

    @property
    def outcome(self) -> str:
        """resolved, handed_over, unresolved or unused (`names.OUTCOMES`)."""
        if self.resolved:
            return "resolved"
        if self.handed_over:
            return "handed_over"
        return "unresolved" if self.used else "unused"

    def take(self, event: Event) -> None:
        """Something happened in it."""
        match event.name:
            case Happened.QUESTION_ASKED:
                kind = text(event, "kind")
                self.used = self.used or not kind.startswith("smalltalk/")
                if kind in ASKS_FOR_A_PERSON:
                    self.wants_person = self.handed_over = True
                elif kind == "unsupported_language":
                    self._reply(())
            case Happened.CHOICE_MADE:
                self.used = True
            case Happened.ANSWER_GIVEN:
                self._reply(texts(event, "entries"))
                self.failures = 0
            case Happened.CHOICES_OFFERED:
                self._reply(())
                self.failures = 0
            case Happened.FELL_BACK:
                self._reply(())
                self.failures += 1
                if self.failures > PATIENCE and text(event, "why") != "out_of_scope":
                    self.handed_over = True
            case Happened.ANSWER_RATED:
                if text(event, "entry") in self.answered:
                    self.unhelpful = event.facts.get("helpful") is not True
            case Happened.LANGUAGE_CHANGED:
                self.lang = text(event, "lang")

    def _reply(self, entries: tuple[str, ...]) -> None:
        self.answered, self.unhelpful, self.wants_person = entries, False, False


class TalkTally:
    """All conversations that began in the days that are counted."""

    def __init__(self) -> None:
        self._talks: dict[str, Talk] = {}
        self._over = Summary()

    def take(self, event: Event, at: dt.datetime, inside: bool) -> bool:
        """An event, if it is one of conversations; `inside`: it happened on a day that is counted. An id may be used
        again: then another conversation begins (the Rasa door keeps the ids of its clients)."""
        if event.name not in NAMES:
            return False
        if event.name is Happened.CONVERSATION_STARTED:
            if before := self._talks.pop(event.conversation, None):
                _count(before, self._over)
            if inside:
                self._talks[event.conversation] = Talk(at, text(event, "lang"))
        elif (talk := self._talks.get(event.conversation)) and at - talk.began <= DAY:
            talk.take(event)
        return True

    def summary(self) -> Summary:
        """How they ended, or stand."""
        summary = Summary(self._over.tables)
        for talk in self._talks.values():
            _count(talk, summary)
        return summary


def _count(talk: Talk, summary: Summary) -> None:
    summary.add("conversations_by_language", talk.lang)
    if talk.used:
        summary.add(TOTAL, "conversations_used")
        summary.add(TOTAL, "resolved" if talk.resolved else "unresolved")
    if talk.handed_over:
        summary.add(TOTAL, "handed_over")
