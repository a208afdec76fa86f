"""Understand one message beside the search: payloads, numbers, several questions at once, leaning follow-ups. Pure."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Sequence

from bot.dialogue.reply import Choice
from bot.dialogue.state import Conversation
from bot.knowledge.models import Knowledge
from bot.search.engine import Band, Engine, Result
from bot.search.text import normalise

MAX_QUESTIONS = 3
FOLLOW_UP_LENGTH = 16  # a longer sentence names what it is about
OFFERED = 4  # candidates beside "none of these"
LEAST_SHARE = 0.02  # of the first candidate's score, for a candidate to be offered
SAME_TOPIC, RELATED = 1.0, 0.7  # added to the log-odds of entries near the last one

_PAYLOAD = re.compile(r"^/(entry|topic|menu|none|lang)(?:/([A-Za-z0-9-]+))?(?:/(\d+))?$")
_BREAK = re.compile(r"[。？！?!\n]+|(?:それと|それから|あと|また|ついでに|もう一つ|もうひとつ)[、,は]?")
_QUESTION = re.compile(
    r"(か|かな|の|は|たい|教えて|ですか|ください|ほしい|欲しい|れる|える|いくら|いつ|どこ|方法|とは)$"
)


def payload(text: str) -> tuple[str, str, int] | None:
    """The parts of a button's payload (kind, id, page), or None if the text is none."""
    match = _PAYLOAD.match(text.strip())
    return (match[1], match[2] or "", int(match[3] or 1)) if match else None


def picked(text: str, offered: Sequence[Choice]) -> Choice | None:
    """The offered choice that a resident typed: its number (1, ２, ③) or its very title."""
    plain = normalise(text).rstrip("。.番").strip()
    if plain.isdecimal() and 1 <= int(plain) <= len(offered):
        return offered[int(plain) - 1]
    return next((choice for choice in offered if normalise(choice.title).rstrip("。") == plain), None)


def questions(text: str) -> list[str]:
    """The questions in a message, if it holds two or three; else nothing. A statement belongs to the next question."""
    asked, story = [], ""
    for part in _BREAK.split(text):
        if len(part.strip()) < 2:
            continue
        story = f"{story}。{part.strip()}" if story else part.strip()
        if _QUESTION.search(story) and len(story) >= 4:
            asked.append(story)
            story = ""
    return asked if 2 <= len(asked) <= MAX_QUESTIONS and not story else []


def several(engine: Engine, text: str, day: dt.date) -> list[Result]:
    """Results of two or three questions in one message, if each has a sure answer of its own."""
    results = [engine.search(question, day) for question in questions(text)]
    if not results or any(result.band is not Band.ANSWER for result in results):
        return []
    ids = [result.matches[0].id for result in results]
    return results if len(set(ids)) == len(ids) else []


def follow_up(engine: Engine, conversation: Conversation, text: str, day: dt.date) -> Result | None:
    """「いつまで？」 after an answer: the question with the subject of the last topic; None if it stands alone."""
    knowledge = engine.knowledge
    topic = knowledge.topic(conversation.last_topic or "")
    plain = normalise(text, knowledge.vocabulary.fillers)
    if topic is None or len(plain) > FOLLOW_UP_LENGTH or engine.names_a_subject(plain):
        return None
    last = knowledge.entries.get(conversation.last_entry or "")
    boost = {entry.id: SAME_TOPIC for entry in knowledge.entries.values() if entry.topic == topic.id}
    boost |= dict.fromkeys(last.related if last else (), SAME_TOPIC + RELATED)
    if last:
        boost[last.id] = -SAME_TOPIC  # it was just said
    result = engine.search(f"{topic.subject} {plain}", day, boost)
    return result if result.band is not Band.FALLBACK and not result.small_talk else None


def candidates(result: Result) -> list[str]:
    """Two to four matches that are worth showing."""
    least = result.matches[0].score * LEAST_SHARE
    ids = [match.id for match in result.matches[:OFFERED] if match.score >= least]
    return ids if len(ids) > 1 else [match.id for match in result.matches[:2]]


def shared_topic(knowledge: Knowledge, ids: Sequence[str]) -> str | None:
    """The topic of most of these entries, if there is one."""
    topic, count = Counter(knowledge.entries[id_].topic for id_ in ids).most_common(1)[0]
    return topic if count * 2 > len(ids) else None
