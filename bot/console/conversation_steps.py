"""The course of a conversation or a call, told step by step in words that staff understand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.analytics import facts
from bot.analytics.names import DEVICES, DOORS, REPLIES, SITUATIONS, WHY, name_of
from bot.console.japanese import language, lasting
from bot.dialogue.events import Event
from bot.knowledge.models import Knowledge

RESIDENT, SERVICE, NOTE = "resident", "service", "note"

ENDED_BY = {"caller": "かけた人が切りました", "service": "案内が終わりました", "failure": "つながらなくなりました"}


@dataclass(frozen=True)
class Named:
    """An entry with its question, and how sure the search was of it (0–1)."""

    id: str
    title: str
    confidence: float | None = None


@dataclass(frozen=True)
class Step:
    """One thing that happened: `said` are a resident's masked words, `what` is our sentence about it."""

    at: dt.datetime
    who: str
    what: str
    said: str = ""
    entries: tuple[Named, ...] = ()
    details: tuple[str, ...] = ()


def steps_of(events: Iterable[Event], knowledge: Knowledge) -> list[Step]:
    """Every step that can be told, oldest first."""
    return [_Teller(event, knowledge).step() for event in events]


class _Teller:
    """Tells one event; facts that are missing, or of a form that nobody expects, are left out."""

    def __init__(self, event: Event, knowledge: Knowledge) -> None:
        self._event, self._knowledge = event, knowledge
        self._facts: Mapping[str, object] = event.facts

    def step(self) -> Step:
        tell = getattr(self, f"_{self._event.name.value}", None)
        return tell() if tell else self._note(self._event.name.value)

    # -- the chat ----------------------------------------------------------------------------------------------

    def _conversation_started(self) -> Step:
        door = name_of(DOORS, self._text("door") or "widget")
        device, page = DEVICES.get(self._text("device"), ""), self._text("page")
        shown = [door, language(self._text("lang")), device, f"ページ {page}" if page else ""]
        return self._note("会話が始まりました", *shown)

    def _question_asked(self) -> Step:
        reply, time = self._text("reply"), self._number("ms")
        details = [
            REPLIES.get(reply, ""),
            language(self._text("lang")) if self._text("lang") != "ja" else "",
            f"{time:.0f} ミリ秒" if time is not None else "",
        ]
        return self._step(RESIDENT, "質問", *details, said=True, entries=self._matches())

    def _choice_made(self) -> Step:
        kind, id_ = self._text("kind"), self._text("id")
        if kind == "entry":
            return self._step(RESIDENT, "質問を選びました", entries=(self._named(id_),))
        topic = self._knowledge.topic(id_)
        words = {
            "menu": "メニューを選びました",
            "none": "「この中にない」を選びました",
            "topic": f"話題「{topic.title if topic else id_}」を選びました",
            "lang": f"言語を選びました（{language(id_)}）",
        }
        return self._step(RESIDENT, words.get(kind, "ボタンを押しました"))

    def _answer_given(self) -> Step:
        return self._step(SERVICE, "答えました", entries=self._entries())

    def _choices_offered(self) -> Step:
        return self._step(SERVICE, "候補を出しました", entries=self._entries())

    def _fell_back(self) -> Step:
        why = self._text("why")
        return self._step(SERVICE, "答えられませんでした", WHY.get(why, why))

    def _answer_rated(self) -> Step:
        what = "役に立った、と評価しました" if self._facts.get("helpful") else "役に立たなかった、と評価しました"
        return self._step(RESIDENT, what, said=True, entries=(self._named(self._text("entry")),))

    def _language_changed(self) -> Step:
        return self._note("言語が変わりました", f"{language(self._text('before'))}から{language(self._text('lang'))}へ")

    # -- the telephone -----------------------------------------------------------------------------------------

    def _call_received(self) -> Step:
        situation = name_of(SITUATIONS, self._text("situation"))
        test = "ためしの電話" if self._facts.get("test") else ""
        return self._note("電話がかかりました", name_of(DOORS, self._text("door")), situation, test)

    def _call_answered(self) -> Step:
        return self._step(SERVICE, "電話に出ました")

    def _call_refused(self) -> Step:
        return self._note("電話を受けられませんでした")

    def _menu_heard(self) -> Step:
        return self._step(SERVICE, "メニューを読みました", *self._heard())

    def _key_pressed(self) -> Step:
        return self._step(RESIDENT, f"キー「{self._text('key')}」を押しました")

    def _wrong_key_pressed(self) -> Step:
        return self._step(RESIDENT, f"ない番号「{self._text('key')}」を押しました")

    def _nothing_pressed(self) -> Step:
        return self._step(RESIDENT, "何も押されませんでした")

    def _topic_chosen(self) -> Step:
        return self._step(RESIDENT, f"「{self._text('title')}」を選びました", entries=self._entries())

    def _topic_heard(self) -> Step:
        return self._step(SERVICE, f"「{self._text('title')}」を案内しました", *self._heard(), entries=self._entries())

    def _question_spoken(self) -> Step:
        return self._step(RESIDENT, "声で質問しました", said=True, entries=self._entries())

    def _queue_joined(self) -> Step:
        return self._note("順番待ちに入りました")

    def _queue_left(self) -> Step:
        waited = self._number("waited")
        return self._note("順番待ちを出ました", f"{lasting(waited)}待ち" if waited is not None else "")

    def _transfer_tried(self) -> Step:
        return self._step(SERVICE, "人につなごうとしました")

    def _transferred(self) -> Step:
        return self._step(SERVICE, "人につなぎました")

    def _transfer_failed(self) -> Step:
        return self._step(SERVICE, "人につなげませんでした")

    def _call_ended(self) -> Step:
        seconds = self._number("total_seconds")
        by = ENDED_BY.get(self._text("by"), "")
        return self._note("電話が終わりました", by, f"通話 {lasting(seconds)}" if seconds is not None else "")

    # -- parts -------------------------------------------------------------------------------------------------

    def _step(self, who: str, what: str, *details: str, said: bool = False, entries: tuple[Named, ...] = ()) -> Step:
        words = self._text("text") if said else ""
        return Step(self._event.at, who, what, words, entries, tuple(filter(None, details)))

    def _note(self, what: str, *details: str) -> Step:
        return self._step(NOTE, what, *details)

    def _heard(self) -> tuple[str, ...]:
        seconds = self._number("seconds")
        end = "最後まで" if self._facts.get("complete") else "途中まで"
        return (end, lasting(seconds) if seconds is not None else "")

    def _named(self, id_: str, confidence: float | None = None) -> Named:
        entry = self._knowledge.entries.get(id_)
        return Named(id_, entry.question if entry else f"{id_}（いまはないFAQ）", confidence)

    def _entries(self) -> tuple[Named, ...]:
        ids = self._facts.get("entries")
        return tuple(self._named(str(id_)) for id_ in ids) if isinstance(ids, list | tuple) else ()

    def _matches(self) -> tuple[Named, ...]:
        return tuple(self._named(id_, confidence) for id_, confidence in facts.matches(self._event))

    def _text(self, name: str) -> str:
        value = self._facts.get(name)
        return value if isinstance(value, str) else ""

    def _number(self, name: str) -> float | None:
        return facts.number(self._event, name)
