"""What a telephone is made of, and the words of it.

`Telephone` is one immutable snapshot that dumps to JSON and back (`model_dump_json`, `model_validate_json`), so that
publishing and calling can be two processes. A piece of speech (`Spoken`) is one part of a file; a menu's sentence is
one piece, so that its melody is one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from bot.dialogue.office_hours import OfficeHours
from bot.knowledge.models import Slug, Strict, Validity, Words
from voice.flow.nodes import Choice, Dated, Flow, Lang, Node, Part, Question
from voice.flow.steps import Spoken

OFFERED = 3  # entries that people can hold in mind over the telephone (style.md 1: at most four choices)
NONE_OF_THESE = "0"

_KEY_NAMES = {"ja": {"#": "シャープ", "*": "こめじるし"}, "en": {"#": "hash", "*": "star"}}


class Notice(Dated):
    """A message of staff's own (domain.md 12-5): said in `flows` (none: all of its language) on its days."""

    id: Slug
    text: Words
    flows: tuple[str, ...] = ()
    lang: Lang = "ja"

    def belongs(self, flow: Flow) -> bool:
        """Whether this flow may say it."""
        return self.lang == flow.lang and (not self.flows or flow.id in self.flows)


class VoicedEntry(Strict):
    """An entry that can be spoken. `question` is free of brackets, so that it can be offered by voice."""

    question: str
    voice: str
    topic: str
    category: str = ""
    valid: Validity = Validity()


class Telephone(Strict):
    """Everything a call needs. `listening`: spoken questions can be recognised. `version` changes with the content."""

    version: str
    flows: dict[str, Flow]
    voices: dict[str, VoicedEntry]
    other_voices: dict[str, dict[str, VoicedEntry]] = {}  # noqa: RUF012 - frozen; by language
    hours: OfficeHours
    notices: tuple[Notice, ...] = ()
    listening: bool = False

    def node(self, flow: str, node: str) -> Node | None:
        """A node, None if there is none of this name (the content may have changed under a call)."""
        found = self.flows.get(flow)
        return found.nodes.get(node) if found else None

    def target(self, flow: str, target: str) -> tuple[str, str]:
        """(flow, node) of a `then`, `goto` … written in `flow`: a node of it, or flow/node."""
        other, slash, node = target.partition("/")
        return (other, node) if slash else (flow, target)

    def voiced(self, lang: str) -> dict[str, VoicedEntry]:
        """The entries that can be spoken in a language."""
        return self.voices if lang == "ja" else self.other_voices.get(lang, {})

    def served(self, entry: str, day: dt.date, lang: str = "ja") -> VoicedEntry | None:
        """The entry, if it can be spoken on `day` in that language."""
        found = self.voiced(lang).get(entry)
        return found if found and found.valid.contains(day) else None


def key_name(key: str, lang: str = "ja") -> str:
    """How a key is read: 1 → 1, # → シャープ."""
    return _KEY_NAMES.get(lang, {}).get(key, key)


def spoken(parts: Iterable[Part], telephone: Telephone, day: dt.date, flow: Flow) -> tuple[Spoken, ...]:
    """What `parts` say on `day`. An entry that may not be served becomes the flow's `unavailable`, said once."""
    texts: list[str] = []
    for part in parts:
        if not part.applies(day):
            continue
        if part.notices:
            texts += [n.text for n in telephone.notices if n.belongs(flow) and n.applies(day)]
        elif part.entry:
            entry = telephone.served(part.entry, day, flow.lang)
            text = entry.voice if entry else flow.unavailable
            texts += [text] if entry or text not in texts else []
        else:
            texts.append(part.text)
    return tuple(Spoken(text, flow.lang) for text in texts if text)


def topic(choice: Choice, telephone: Telephone, day: dt.date, flow: Flow) -> tuple[Spoken, ...]:
    """The announcement of a menu's topic; `unavailable` where nothing of it is said on `day`."""
    return spoken(choice.say, telephone, day, flow) or spoken([Part(text=flow.unavailable)], telephone, day, flow)


def menu(node: Node, flow: Flow, with_stopped: bool = False) -> tuple[Spoken, ...]:
    """The sentence of a menu, and one more for every choice with wording of its own."""
    choices = (node.choices or ()) if with_stopped else node.active()
    read = [_line(choice, choice.each or node.each, choice.lang or flow.lang) for choice in choices]
    sentence = "".join(line.text for line, choice in zip(read, choices, strict=True) if not choice.each)
    own = [line for line, choice in zip(read, choices, strict=True) if choice.each]
    whole = Spoken(sentence + node.tail, flow.lang)
    return (*([whole] if sentence else []), *own)


def _line(choice: Choice, each: str, lang: str) -> Spoken:
    # not str.format: a stray brace of an editor must not end a call
    return Spoken(each.replace("{title}", choice.title).replace("{key}", key_name(choice.key, lang)), lang)


def offer(ids: Iterable[str], question: Question, telephone: Telephone, flow: Flow) -> tuple[Spoken, ...]:
    """The entries a spoken question may have meant. The questions are pieces of their own: rendered once each."""
    texts: list[str] = []
    for number, id_ in enumerate(ids, 1):
        before, _, after = question.choose_each.partition("{question}")
        entry = telephone.voiced(flow.lang).get(id_)
        texts += [_keyed(before, number), entry.question if entry else "", _keyed(after, number)]
    return tuple(Spoken(text, flow.lang) for text in (*texts, question.choose_tail) if text)


def _keyed(text: str, number: int) -> str:
    return text.replace("{key}", str(number)).strip()


def speech(telephone: Telephone) -> set[Spoken]:
    """Everything that may be said on any day: what has to be rendered. Stopped topics too, so that they can return at
    once; every voiced entry where questions can be spoken. Flows in other languages only where a call can get there."""
    flows = (flow for flow in telephone.flows.values() if flow.lang == "ja" or flow.id in _led_to(telephone))
    found = {piece for flow in flows for piece in _of_flow(flow, telephone)}
    return {piece for piece in found if piece.text}


def _led_to(telephone: Telephone) -> set[str]:
    """Flows that a choice which is not stopped leads to."""
    nodes = [(flow.id, node) for flow in telephone.flows.values() for node in flow.nodes.values()]
    return {telephone.target(flow, choice.goto)[0] for flow, node in nodes for choice in node.active() if choice.goto}


def _of_flow(flow: Flow, telephone: Telephone) -> Iterator[Spoken]:
    yield Spoken(flow.unavailable, flow.lang)
    for node in flow.nodes.values():
        for _, parts in node.says():
            for part in parts:
                yield from _ever(part, telephone, flow)
        yield from menu(node, flow)
        yield from (piece for piece in menu(node, flow, with_stopped=True) if piece.lang == flow.lang)
        if node.listen and telephone.listening:
            yield from _answers(node.listen, telephone, flow)


def _ever(part: Part, telephone: Telephone, flow: Flow) -> Iterator[Spoken]:
    if part.notices:
        yield from (Spoken(notice.text, flow.lang) for notice in telephone.notices if notice.belongs(flow))
    elif part.entry:
        yield from (Spoken(entry.voice, flow.lang) for entry in [telephone.voiced(flow.lang).get(part.entry)] if entry)
    else:
        yield Spoken(part.text, flow.lang)


def _answers(question: Question, telephone: Telephone, flow: Flow) -> Iterator[Spoken]:
    for id_, entry in telephone.voiced(flow.lang).items():
        yield Spoken(entry.voice, flow.lang)
        if question.choose_each:
            yield from offer([id_] * OFFERED, question, telephone, flow)
