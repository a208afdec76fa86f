"""One turn of a conversation, pure: (conversation, input, what is published, now) → (conversation, reply, events)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from bot.dialogue import hearing, language
from bot.dialogue.events import Event, Happened
from bot.dialogue.office_hours import TOKYO
from bot.dialogue.published import Published
from bot.dialogue.reply import Choice, Reply, ReplyKind, shown
from bot.dialogue.state import Conversation, Line
from bot.knowledge.models import Entry
from bot.search.engine import Band, Result
from bot.search.index import Kind
from bot.search.text import MAX_LENGTH, has_words

PAGE = 8  # entries on one page of a topic
PATIENCE = 2  # fallbacks in a row before the telephone is put first


@dataclass(frozen=True)
class Turn:
    """What a turn made."""

    conversation: Conversation
    reply: Reply
    events: tuple[Event, ...]


def start(conversation_id: str, published: Published, now: dt.datetime, lang: str = "ja") -> Turn:
    """Open a conversation: greeting and the topics."""
    conversation = Conversation(id=conversation_id, lang=language.supported(lang), started_at=now, updated_at=now)
    talk = _Talk(conversation, published, now)
    talk.note(Happened.CONVERSATION_STARTED, lang=conversation.lang, tag=lang)
    return talk.end(talk.greeting())


def hear(conversation: Conversation, message: str, published: Published, now: dt.datetime) -> Turn:
    """A resident typed, said or pressed something. `message` is free text or the payload of a button."""
    lang = language.of_message(conversation, message, published)
    if lang not in published.editions:
        talk = _Talk(conversation, published, now, said=message[:MAX_LENGTH])
        return talk.end(talk.unsupported(message, lang))
    heard = conversation if lang == conversation.lang else conversation.model_copy(update={"lang": lang})
    talk = _Talk(heard, published, now, said=message[:MAX_LENGTH])
    if heard is not conversation:
        talk.note(Happened.LANGUAGE_CHANGED, lang=lang, before=conversation.lang, chosen=False)
    return talk.end(talk.reply_to(message))


def rate(
    conversation: Conversation, entry_id: str, helpful: bool, reason: str, published: Published, now: dt.datetime
) -> Turn:
    """A resident said whether an answer helped; `reason` may be empty."""
    talk = _Talk(conversation, published, now)
    talk.note(Happened.ANSWER_RATED, entry=entry_id, helpful=helpful, text=reason)
    thanks = Reply(kind=ReplyKind.CHOICES, text=talk.words.thanks_rating, choices=talk.to_menu())
    return talk.end(thanks, remembered=conversation.last_reply)  # 「2」 is still the second choice


@dataclass
class _Talk:
    """Works on one turn; everything it changes is its own."""

    before: Conversation
    published: Published
    now: dt.datetime
    said: str | None = None
    changed: dict[str, object] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.edition = self.published.edition(self.before.lang)
        self.engine, self.words = self.edition.engine, self.edition.wording
        self.knowledge = self.engine.knowledge
        self.day = self.now.astimezone(TOKYO).date()

    # -- deciding ----------------------------------------------------------------------------------------------

    def reply_to(self, message: str) -> Reply:
        """Find out what a message is, and reply."""
        if len(message) > MAX_LENGTH:
            return self.sorry(self.words.too_long.format(limit=MAX_LENGTH, length=len(message)))
        if not message.strip():
            return self.sorry(self.words.empty)
        if pressed := hearing.payload(message):
            return self.chosen(*pressed)
        if message.startswith("/"):
            return self.sorry(self.words.unknown_choice)
        offered = self.before.last_reply.choices if self.before.last_reply else ()
        if choice := hearing.picked(message, offered):
            kind, id_, page = hearing.payload(choice.payload) or ("menu", "", 1)
            return self.chosen(kind, id_, page)
        if not has_words(message):
            return self.sorry(self.words.no_words)
        return self.asked(message)

    def asked(self, text: str) -> Reply:
        """A question in free text."""
        if both := hearing.several(self.engine, text, self.day):
            self.note_question(text, both[0])
            return self.answer([result.matches[0].id for result in both], self.words.both, asked=True)
        result = self.engine.search(text, self.day)
        if result.band is not Band.ANSWER and not result.small_talk:
            result = hearing.follow_up(self.engine, self.before, text, self.day) or result
        self.note_question(text, result)
        if result.small_talk:
            return self.small_talk(result.small_talk)
        if result.band is Band.ANSWER:
            return self.answer([result.matches[0].id], asked=True)
        if result.band is Band.CHOICES and len(candidates := hearing.candidates(result)) > 1:
            self.changed["failures"] = 0
            if topic := hearing.shared_topic(self.knowledge, candidates):  # the next short question is about that
                self.changed |= {"last_topic": topic, "last_entry": None}
            return self.offer(self.varied("choices"), candidates)
        return self.fall_back("out_of_scope" if result.best is Kind.OUT_OF_SCOPE else "not_sure")

    def chosen(self, kind: str, id_: str, page: int) -> Reply:
        """A button was pressed, or its number typed."""
        known = id_ in {*self.knowledge.entries, *self.published.editions} or self.knowledge.topic(id_)
        self.note(Happened.CHOICE_MADE, kind=kind, id=id_ if known else "", page=page)  # or it is anybody's words
        if kind == "menu":
            return Reply(kind=ReplyKind.CHOICES, text=self.words.menu, choices=self.edition.topics)
        if kind == "none":
            return self.fall_back("none_of_these")
        if kind == "lang" and id_ in self.published.editions:
            return self.switched(id_)
        if kind == "topic" and (topic := self.knowledge.topic(id_)):
            self.changed |= {"last_topic": topic.id, "last_entry": None}
            return self.page_of(topic.id, topic.title, page)
        if kind == "entry" and id_ in self.knowledge.entries:
            withdrawn = self.knowledge.served(id_, self.day) is None
            return self.sorry(self.words.withdrawn, contact=True) if withdrawn else self.answer([id_])
        return self.sorry(self.words.unknown_choice)

    def small_talk(self, kind: str) -> Reply:
        """Greetings and the like; some of them mean something for the conversation."""
        last = self.before.last_reply
        if kind == "repeat":
            return self.repeated(last)
        if kind == "menu":
            return self.chosen("menu", "", 1)
        if kind == "more" and (reply := self.more()):
            return reply
        if kind in {"yes", "no"} and last and last.kind is ReplyKind.CHOICES:
            entries = [choice for choice in last.choices if choice.payload.startswith("/entry/")]
            if kind == "no" and entries:
                return self.chosen("none", "", 1)
            if entries:
                return last.model_copy(update={"text": self.words.choose_one})
        replies = self.knowledge.small_talk[kind].replies
        text = replies[self.count(f"smalltalk/{kind}") % len(replies)]
        if kind in {"human-please", "complaint", "emergency"}:
            return Reply(kind=ReplyKind.FALLBACK, text=text, choices=self.to_menu(), contact=self.contact())
        choices = self.edition.topics if kind in {"greeting", "help", "who-are-you"} else self.to_menu()
        return Reply(kind=ReplyKind.CHOICES, text=text, choices=choices)

    # -- replying ----------------------------------------------------------------------------------------------

    def answer(self, ids: list[str], text: str = "", asked: bool = False) -> Reply:
        """One entry, or two that were asked for at once, and where to go on. `asked`: in the resident's own words."""
        entries = [self.knowledge.entries[id_] for id_ in ids]
        last = entries[-1]
        self.changed |= {"last_entry": last.id, "last_topic": last.topic, "failures": 0}
        about = {"topics": [entry.topic for entry in entries], "categories": [entry.category for entry in entries]}
        self.note(Happened.ANSWER_GIVEN, entries=ids, **about, asked=asked)
        answers = tuple(shown(entry, self.knowledge) for entry in entries)
        contact = ""
        if any(answer.lang != self.before.lang for answer in answers):  # and no machine translates it
            text, contact = "\n".join(part for part in (text, self.words.untranslated) if part), self.contact()
        choices = (*self.related(last, ids), *self.to_menu())
        return Reply(kind=ReplyKind.ANSWER, text=text, answers=answers, choices=choices, contact=contact)

    def offer(self, text: str, ids: list[str]) -> Reply:
        """A few candidates and "none of these"."""
        self.note(Happened.CHOICES_OFFERED, entries=ids)
        none = Choice(title=self.words.titles.none, payload="/none")
        return Reply(kind=ReplyKind.CHOICES, text=text, choices=(*map(self.entry_choice, ids), none))

    def greeting(self) -> Reply:
        """How a conversation opens."""
        return Reply(kind=ReplyKind.CHOICES, text=self.words.greeting, choices=self.edition.topics)

    def switched(self, lang: str) -> Reply:
        """The resident picked a language: the last answer again, or the greeting, in that one."""
        self.note(Happened.LANGUAGE_CHANGED, lang=lang, before=self.before.lang, chosen=True)
        self.changed |= {"lang": lang, "lang_chosen": True}
        heard = self.before.model_copy(update={"lang": lang})
        other = _Talk(heard, self.published, self.now, changed=self.changed, events=self.events)
        last = self.before.last_reply
        ids = [a.id for a in last.answers if self.knowledge.served(a.id, self.day)] if last else []
        return other.answer(ids) if ids else other.greeting()

    def unsupported(self, text: str, lang: str) -> Reply:
        """A language that we don't have: say so in English and plain Japanese, and offer those that we have."""
        self.note(Happened.QUESTION_ASKED, text=text, kind="unsupported_language", matches=[], lang=lang)
        choices = tuple(Choice.language(code, name) for code, name in self.published.languages().items())
        return Reply(kind=ReplyKind.FALLBACK, text=self.words.unsupported, choices=choices, contact=self.contact())

    def fall_back(self, why: str) -> Reply:
        """No answer: say so, each time in other words; after a few times the telephone comes first."""
        failures = self.changed["failures"] = self.before.failures + 1
        self.note(Happened.FELL_BACK, why=why)
        if why == "out_of_scope":  # our telephone would not help there
            return Reply(kind=ReplyKind.FALLBACK, text=self.varied(why), choices=self.to_menu())
        text = self.varied("hand_over" if failures > PATIENCE else why)
        return Reply(kind=ReplyKind.FALLBACK, text=text, choices=self.to_menu(), contact=self.contact())

    def sorry(self, text: str, contact: bool = False) -> Reply:
        """Something was off with the message itself; it costs no patience."""
        return Reply(
            kind=ReplyKind.FALLBACK, text=text, choices=self.edition.topics, contact=self.contact() if contact else ""
        )

    def more(self) -> Reply | None:
        """「もっと詳しく」: what belongs to the last answer."""
        last = self.knowledge.served(self.before.last_entry or "", self.day)
        choices = self.related(last, [last.id]) if last else ()
        if last is None or not choices:
            return None
        text = self.words.more.format(question=last.question)
        return Reply(kind=ReplyKind.CHOICES, text=text, choices=(*choices, *self.to_menu()))

    def repeated(self, last: Reply | None) -> Reply:
        """「もう一度」: an answer as it stands now, which may have been corrected or withdrawn meanwhile."""
        if last is None or not last.answers:
            return last or self.sorry(self.words.nothing_to_repeat)
        ids = [answer.id for answer in last.answers if self.knowledge.served(answer.id, self.day)]
        return self.answer(ids, last.text) if ids else self.sorry(self.words.withdrawn, contact=True)

    def page_of(self, topic_id: str, title: str, page: int) -> Reply:
        """The entries of a topic, a page at a time."""
        entries = self.knowledge.in_topic(topic_id, self.day)
        shown = entries[max(0, page - 1) * PAGE : page * PAGE]
        if not shown:
            return self.sorry(self.words.unknown_choice)
        choices = [self.entry_choice(entry.id) for entry in shown]
        if page * PAGE < len(entries):
            choices.append(Choice(title=self.words.titles.more, payload=f"/topic/{topic_id}/{page + 1}"))
        return Reply(
            kind=ReplyKind.CHOICES, text=self.words.topic.format(topic=title), choices=(*choices, *self.to_menu())
        )

    # -- parts -------------------------------------------------------------------------------------------------

    def to_menu(self) -> tuple[Choice, ...]:
        """The way back."""
        return (Choice(title=self.words.titles.menu, payload="/menu"),)

    def entry_choice(self, id_: str) -> Choice:
        """A button for an entry."""
        return self.edition.entries[id_]

    def related(self, entry: Entry, but: list[str]) -> tuple[Choice, ...]:
        """Related entries that may be served today."""
        ids = [id_ for id_ in entry.related if id_ not in but and self.knowledge.served(id_, self.day)]
        return tuple(map(self.entry_choice, ids))

    def contact(self) -> str:
        """The telephone line."""
        return self.words.contact(self.published.hours, self.now)

    def count(self, group: str) -> int:
        """How often a group of wordings was used before; counts this use."""
        used: dict[str, int] = dict(self.before.used)
        earlier = used.get(group, 0)
        self.changed["used"] = used | {group: earlier + 1}
        return earlier

    def varied(self, group: str) -> str:
        """The next wording of a group."""
        variants: tuple[str, ...] = getattr(self.words, group)
        return variants[self.count(group) % len(variants)]

    # -- remembering -------------------------------------------------------------------------------------------

    def note(self, name: Happened, **facts: object) -> None:
        """An event."""
        self.events.append(Event(name, self.now, self.before.id, {"knowledge": self.knowledge.version, **facts}))

    def note_question(self, text: str, result: Result) -> None:
        """The event of a question in free text."""
        matches = [[match.id, round(match.confidence, 3)] for match in result.matches]
        kind = f"smalltalk/{result.small_talk}" if result.small_talk else str(result.band)
        self.note(Happened.QUESTION_ASKED, text=text, kind=kind, matches=matches, lang=self.before.lang)

    def end(self, reply: Reply, remembered: Reply | None = None) -> Turn:
        """The turn with everything it changed; `remembered`: what the next message refers to instead of `reply`."""
        line = Line(at=self.now, said=self.said, reply=reply)
        after = self.before.model_copy(update={**self.changed, "last_reply": remembered or reply}).with_line(line)
        return Turn(after, reply, tuple(self.replied(event, reply) for event in self.events))

    def replied(self, event: Event, reply: Reply) -> Event:
        """A question's event with what the turn came to."""
        kind = str(event.facts.get("kind"))
        why = [e.facts["why"] for e in self.events if e.name is Happened.FELL_BACK] or [kind]
        told = {"why": why[0]} if reply.kind is ReplyKind.FALLBACK and "/" not in kind else {}  # small talk has none
        return event.telling(reply=str(reply.kind), **told) if event.name is Happened.QUESTION_ASKED else event
