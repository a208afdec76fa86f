"""The month: who comes when and why, drawn from one seed. The same seed and content give the same figures."""

from __future__ import annotations

import datetime as dt
import hashlib
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, TypeVar

from bot.demo import timetable
from bot.demo.caller import Caller
from bot.demo.doors import Chat, Telephone, Visitor
from bot.demo.resident import Resident, Wish
from bot.demo.timetable import Visit
from bot.demo.words import Topic, words
from bot.dialogue.office_hours import OfficeHours

A_MONTH = 1_500  # conversations to which the numbers in residents.yaml refer
FOREIGN, RASA = 0.04, 0.04
DEVICES: Mapping[str, int] = {"phone": 75, "computer": 20, "tablet": 5}
MOTIVES = {"asks": 62, "browses": 20, "looks": 9, "strays": 4, "careless": 1.2, "angry": 0.8}

T = TypeVar("T")


@dataclass(frozen=True)
class Plan:
    """What to play: the days, how many, from which seed."""

    days: Sequence[dt.date]
    conversations: int
    calls: int
    seed: int
    hours: OfficeHours


def conversations(plan: Plan, chat: Chat) -> list[tuple[dt.datetime, Visit]]:
    """Everybody who comes to the chat, in the order of coming."""
    rng = random.Random(f"chat {plan.seed}")
    moments = timetable.chats(plan.days, plan.conversations, plan.hours, rng)
    themes = _themes(plan, rng)
    return [
        (moment, partial(_resident, chat, moment, theme, f"{plan.seed} {number}"))
        for number, (moment, theme) in enumerate(zip(moments, themes, strict=True))
    ]


def calls(plan: Plan, telephone: Telephone) -> list[tuple[dt.datetime, Visit]]:
    """Everybody who calls, in the order of calling."""
    rng = random.Random(f"calls {plan.seed}")
    visits: list[tuple[dt.datetime, Visit]] = []
    callers = [f"+8149{rng.randrange(10**7):07}" for _ in range(max(1, round(plan.calls * 0.8)))]  # some call again
    for number, moment in enumerate(timetable.calls(plan.days, plan.calls, plan.hours, rng)):
        call = hashlib.sha256(f"{plan.seed} {plan.days[0]} {number}".encode()).hexdigest()[:32]
        caller = Caller(telephone, f"CA{call}", rng.choice(callers), random.Random(f"{plan.seed} call {number}"))
        rush = timetable.phase(moment.date()) in {"arriving", "closing"} and 9 <= moment.hour <= 14
        visits.append((moment, partial(caller.visit, rng.random() < (0.34 if rush else 0.06))))
    return visits


def _themes(plan: Plan, rng: random.Random) -> list[str]:
    """Who asks for something that no entry answers: the name of the theme, or ""."""
    share = plan.conversations / A_MONTH
    asked = [name for name, theme in words().themes.items() for _ in range(round(theme.residents * share))]
    asked = asked[: plan.conversations]
    everybody = [*asked, *[""] * (plan.conversations - len(asked))]
    rng.shuffle(everybody)
    return everybody


def _resident(chat: Chat, moment: dt.datetime, theme: str, seed: str) -> Iterator[float]:
    rng = random.Random(f"resident {seed}")
    known = words()
    door: Literal["widget", "rasa"] = "rasa" if rng.random() < RASA else "widget"
    page, device = _drawn(known.pages, rng), _drawn(DEVICES, rng)
    if not theme and rng.random() < FOREIGN:
        tag = _drawn({lang: tongue.weight for lang, tongue in known.foreign.items()}, rng)
        asked = tuple(rng.sample(known.foreign[tag].questions, rng.choice((1, 1, 2))))
        wishes = [Wish("", (text,)) for text in asked]
        return Resident(chat, Visitor(door, tag, device, page), wishes, False, rng).visit()
    visitor = Visitor(door, "ja", device, page)
    if theme:
        return Resident(chat, visitor, [_of_theme(theme, rng)], False, rng).visit()
    motive = _drawn(MOTIVES, rng)
    wishes = _wishes(motive, timetable.phase(moment.date()), rng)
    return Resident(chat, visitor, wishes, motive == "browses", rng).visit()


def _wishes(motive: str, phase: str, rng: random.Random) -> list[Wish]:
    known = words()
    match motive:
        case "looks":
            return []
        case "strays":
            return [Wish("", tuple(rng.sample(known.out_of_scope, 2)))]
        case "careless":
            return [Wish("", (rng.choice(known.personal),))]
        case "angry":
            return [Wish("", (rng.choice(known.small_talk["angry"]),)), _wish(phase, rng)]
    return [_wish(phase, rng) for _ in range(rng.choices((1, 2, 3), (66, 26, 8))[0])]


def _wish(phase: str, rng: random.Random) -> Wish:
    """Something that an entry answers: the first of a topic are asked for most."""
    topics = words().topics
    name = _drawn({name: topic.weights[phase] for name, topic in topics.items()}, rng)
    topic: Topic = topics[name]
    entry = _drawn({entry: 1 / (rank + 1.5) for rank, entry in enumerate(topic.questions)}, rng)
    asks = list(topic.questions[entry])
    rng.shuffle(asks)
    return Wish(entry, tuple(asks), name)


def _of_theme(name: str, rng: random.Random) -> Wish:
    questions = words().themes[name].questions
    return Wish("", tuple(rng.sample(questions, min(3, len(questions)))))


def _drawn(weights: Mapping[T, float], rng: random.Random) -> T:
    return rng.choices(list(weights), list(weights.values()))[0]
