"""An entry as residents get it: in every language in the chat, and as the telephone says it.

`rendered` makes the same HTML of the Markdown subset of design.md 4.2 as `render` of `web_widget/chat/nodes.js`; a test
compares the two for every answer there is.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from bot.console.context import ConsoleContext
from bot.console.japanese import language
from bot.dialogue.published import ORIGINAL, Published
from bot.dialogue.reply import Answer, shown
from bot.knowledge.models import Link
from bot.knowledge.translations import EASY

SIGNS_A_SECOND = 5
"""Of unhurried Japanese speech (domain.md 12-3)."""


@dataclass(frozen=True)
class Shown:
    """`lang`: what the words are written in (for the page), `code`: what was asked for; `missing`: there is no
    translation, the resident reads Japanese and a sentence about that."""

    code: str
    name: str
    lang: str
    question: str
    text: Markup
    links: Sequence[Link]
    related: Sequence[str] = ()
    missing: str = ""


@dataclass(frozen=True)
class Said:
    """What the telephone says; `seconds` is an estimate."""

    text: str
    seconds: float

    @property
    def length(self) -> int:
        """Signs."""
        return len(self.text)


def languages(published: Published) -> list[tuple[str, str]]:
    """(code, Japanese name) of every way an answer is shown, Japanese and plain Japanese first."""
    others = [code for code in published.editions if code != ORIGINAL]
    return [(code, language(code)) for code in (ORIGINAL, EASY, *others)]


def in_chat(published: Published, id_: str, code: str, today: dt.date) -> Shown | None:
    """The answer in a language; None where there is no plain Japanese. Raises KeyError for an unknown entry."""
    edition = published.edition(ORIGINAL if code == EASY else code)
    knowledge = edition.engine.knowledge
    entry = knowledge.entries[id_]
    answer = shown(entry, knowledge)
    if code == EASY:
        return _easy(answer)
    related = [knowledge.entries[other].question for other in entry.related if knowledge.served(other, today)]
    missing = edition.wording.untranslated if answer.lang != knowledge.lang else ""
    return Shown(
        code, language(code), answer.lang, answer.question, rendered(answer.text), answer.links, related, missing
    )


def _easy(answer: Answer) -> Shown | None:
    easy = answer.easy
    if easy is None:
        return None
    return Shown(EASY, language(EASY), ORIGINAL, easy.question, rendered(easy.text), easy.links or answer.links)


def on_telephone(context: ConsoleContext, id_: str) -> Said | None:
    """What the telephone says for an entry; None if it says nothing of it, or there is no telephone."""
    text = context.telephone.spoken(id_) if context.telephone else None
    return Said(text, len(text) / SIGNS_A_SECOND) if text else None


# -- the Markdown subset ---------------------------------------------------------------------------------------------
_INLINE = re.compile(r"\*\*(.+?)\*\*|\[([^\]]+)\]\((https?://[^\s)]+)\)|(0\d{1,4}-\d{1,4}-\d{3,4})")
_ITEM = re.compile(r"^\s*[-*] +(.*)$")
_EMPTY = re.compile(r"\n\s*\n")


def rendered(text: str) -> Markup:
    """Paragraphs, `- ` lists, **bold**, [label](https://…) and telephone numbers; everything else is text."""
    return Markup("").join(block for part in _EMPTY.split(text.strip()) for block in _blocks(part.split("\n")))


def _blocks(lines: list[str]) -> Iterator[Markup]:
    """A block may go from sentences to a list and back without an empty line between."""
    tag, parts = "", list[Markup]()
    for line in lines:
        item = _ITEM.match(line)
        kind = "ul" if item else "p"
        if kind != tag and parts:
            yield _element(tag, parts)
            parts = []
        tag = kind
        parts.append(_element("li", [_inline(item[1])]) if item else _inline(line))
    yield _element(tag, parts)


def _element(tag: str, parts: list[Markup]) -> Markup:
    between = Markup("\n") if tag == "p" else Markup("")
    return Markup("<{0}>{1}</{0}>").format(Markup(tag), between.join(parts))


def _inline(text: str) -> Markup:
    parts, end = list[Markup](), 0
    for match in _INLINE.finditer(text):
        bold, label, url, phone = match.groups()
        parts.append(escape(text[end : match.start()]))
        if bold:
            parts.append(Markup("<strong>{}</strong>").format(bold))
        elif phone:
            parts.append(Markup('<span class="number">{}</span>').format(phone))
        else:
            parts.append(anchor(label, url))
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


def anchor(label: str, url: str) -> Markup:
    """A link away from the console; it tells the other side nothing of where it was pressed."""
    return Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>').format(url, label)
