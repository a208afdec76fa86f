"""A conversation turn by turn: every way a message can go, on the real content."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.dialogue import turn
from bot.dialogue.events import Happened
from bot.dialogue.office_hours import TOKYO
from bot.dialogue.published import Published
from bot.dialogue.reply import Reply, ReplyKind
from bot.dialogue.state import MAX_LINES, Conversation
from bot.dialogue.turn import Turn

NOW = dt.datetime(2026, 11, 20, 12, 0, tzinfo=TOKYO)  # a Friday, office hours
NIGHT = dt.datetime(2026, 11, 20, 18, 0, tzinfo=TOKYO)

UNSURE = "納税証明書"  # needed? where? lost? fee?

Talk = Callable[..., Turn]


@pytest.fixture
def talk(published: Published) -> Talk:
    """Say these things one after the other; the last turn comes back."""

    def say(*messages: str, now: dt.datetime = NOW) -> Turn:
        taken = turn.start("conversation", published, now)
        for message in messages:
            taken = turn.hear(taken.conversation, message, published, now)
        return taken

    return say


def ids(reply: Reply) -> list[str]:
    return [answer.id for answer in reply.answers]


def payloads(reply: Reply) -> list[str]:
    return [choice.payload for choice in reply.choices]


def test_start_greets_and_offers_the_eleven_topics(talk: Talk) -> None:
    reply = talk().reply
    assert reply.kind is ReplyKind.CHOICES
    assert "個人情報" in reply.text
    assert len(reply.choices) == 11
    assert all(payload.startswith("/topic/") for payload in payloads(reply))


def test_a_sure_question_is_answered_with_related_entries(talk: Talk) -> None:
    reply = talk("納付書をなくした").reply
    assert (reply.kind, ids(reply)) == (ReplyKind.ANSWER, ["slip-lost"])
    assert "/entry/slip-reissue-where" in payloads(reply)
    assert payloads(reply)[-1] == "/menu"


def test_an_unsure_question_gives_two_to_five_choices(talk: Talk) -> None:
    reply = talk(UNSURE).reply
    assert reply.kind is ReplyKind.CHOICES
    assert 3 <= len(reply.choices) <= 5
    assert payloads(reply)[-1] == "/none"


@pytest.mark.parametrize("typed", ["1", "１", "①", "1番", "1."])
def test_a_number_picks_the_offered_choice(talk: Talk, typed: str) -> None:
    assert ids(talk("/topic/payment", typed).reply) == ["payment-methods"]


def test_the_title_of_a_choice_picks_it(talk: Talk) -> None:
    title = talk("/topic/payment").reply.choices[1].title
    assert ids(talk("/topic/payment", title).reply) == ["pay-app"]


def test_a_number_nobody_offered_is_a_question(talk: Talk) -> None:
    assert talk("99").reply.kind is not ReplyKind.ANSWER


def test_topic_pages_lead_to_every_entry_of_the_topic(talk: Talk, published: Published) -> None:
    found, payload = set(), "/topic/payment"
    while payload:
        choices = payloads(talk(payload).reply)
        found |= {choice.removeprefix("/entry/") for choice in choices if choice.startswith("/entry/")}
        payload = next((choice for choice in choices if choice.startswith("/topic/payment/")), "")
    expected = {entry.id for entry in published.engine.knowledge.in_topic("payment", NOW.date())}
    assert found == expected


@pytest.mark.parametrize(
    ("question", "then", "entry"),
    [
        ("減免の対象になる障害の等級を教えて", "いつまで？", "exemption-deadline"),
        ("減免の対象になる障害の等級を教えて", "必要なものは", "exemption-documents"),
        ("減免の対象になる障害の等級を教えて", "どこで申請？", "exemption-where"),
        ("廃車にすると自動車税は戻りますか", "いつごろ？", "refund-timing"),
    ],
)
def test_a_short_follow_up_leans_on_the_last_answer(talk: Talk, question: str, then: str, entry: str) -> None:
    reply = talk(question, then).reply
    assert entry in (ids(reply) or [payload.removeprefix("/entry/") for payload in payloads(reply)])


def test_a_follow_up_with_a_subject_of_its_own_stands_alone(talk: Talk) -> None:
    assert ids(talk("減免の対象になる障害の等級を教えて", "納付書なくした").reply) == ["slip-lost"]


def test_more_offers_what_belongs_to_the_last_answer(talk: Talk) -> None:
    reply = talk("納付書をなくした", "もっと詳しく").reply
    assert reply.kind is ReplyKind.CHOICES
    assert "/entry/slip-reissue-needed" in payloads(reply)


def test_two_questions_are_both_answered(talk: Talk) -> None:
    reply = talk("納付書をなくしました。再発行できますか？あと、クレジットカードで払えますか？").reply
    assert ids(reply) == ["slip-lost", "pay-credit-card"]
    assert reply.text


def test_none_of_these_says_sorry_and_gives_the_telephone(talk: Talk) -> None:
    reply = talk(UNSURE, "/none").reply
    assert reply.kind is ReplyKind.FALLBACK
    assert "0570-012-229" in reply.contact


def test_contact_tells_whether_somebody_answers_now(talk: Talk) -> None:
    assert "受付時間内" in talk("人と話したい").reply.contact
    night = talk("人と話したい", now=NIGHT).reply.contact
    assert "受付時間外" in night
    assert "11月24日（火）午前8時30分" in night  # Monday the 23rd is a holiday


def test_repeat_says_the_last_reply_again(talk: Talk) -> None:
    assert ids(talk("納付書をなくした", "もう一度言って").reply) == ["slip-lost"]


def test_no_after_choices_means_none_of_these(talk: Talk) -> None:
    assert talk(UNSURE, "いいえ").reply.kind is ReplyKind.FALLBACK


def test_fallbacks_are_never_worded_alike_three_times_and_end_at_the_telephone(talk: Talk) -> None:
    said: list[str] = []
    taken = [talk(*["/none"] * times).reply for times in range(1, 7)]
    for reply in taken:
        said.append(reply.text)
    assert all(len(set(said[i : i + 3])) > 1 for i in range(len(said) - 2))
    assert "コールセンター" in said[3]


def test_strangers_in_a_row_get_other_words_each_time(talk: Talk) -> None:
    texts = [talk(*["住民税の納付書をなくした"] * times).reply.text for times in (1, 2, 3)]
    assert len(set(texts)) == 3


@pytest.mark.parametrize(
    "message",
    [
        "",
        "   ",
        "\u3000",
        "😀😀",
        "！？",
        "/entry/no-such-entry",
        "/topic/none",
        "/restart",
        "/",
        "x" * 501,
        "/none/../../etc",
        "\x00\x07",
    ],
)
def test_bad_input_gets_a_polite_reply_with_a_way_on(talk: Talk, message: str) -> None:
    reply = talk(message).reply
    assert reply.kind is ReplyKind.FALLBACK
    assert reply.text
    assert reply.choices


def test_too_long_tells_both_lengths(talk: Talk) -> None:
    text = talk("あ" * 501).reply.text
    assert "500" in text
    assert "501" in text


def test_a_withdrawn_entry_is_not_shown_by_its_button(talk: Talk) -> None:
    later = dt.datetime(2027, 1, 10, 12, 0, tzinfo=TOKYO)
    reply = talk("/entry/late-charge-rate", now=later).reply
    assert reply.kind is ReplyKind.FALLBACK
    assert not reply.answers
    assert "0570-012-229" in reply.contact


def test_events_tell_what_happened(talk: Talk) -> None:
    taken = talk("納付書をなくした")
    assert [event.name for event in taken.events] == [Happened.QUESTION_ASKED, Happened.ANSWER_GIVEN]
    assert taken.events[0].facts["text"] == "納付書をなくした"
    assert taken.events[1].facts["entries"] == ["slip-lost"]
    assert all(event.facts["knowledge"] for event in taken.events)


def test_rating_is_an_event_and_thanks(talk: Talk, published: Published) -> None:
    taken = turn.rate(talk("納付書をなくした").conversation, "slip-lost", False, "古い", published, NOW)
    assert taken.events[0].name is Happened.ANSWER_RATED
    assert taken.events[0].facts == {
        "knowledge": published.engine.knowledge.version, "entry": "slip-lost", "helpful": False, "text": "古い",
    }  # fmt: skip
    assert taken.reply.text


def test_a_turn_changes_nothing_it_was_given(talk: Talk, published: Published) -> None:
    before = talk("納付書をなくした").conversation
    copy = before.model_copy(deep=True)
    turn.hear(before, "いつまで？", published, NOW)
    assert before == copy


def test_the_transcript_can_be_read_again_and_is_bounded(talk: Talk, published: Published) -> None:
    conversation = talk("納付書をなくした").conversation
    assert [line.said for line in conversation.transcript] == [None, "納付書をなくした"]
    for _ in range(MAX_LINES + 5):
        conversation = turn.hear(conversation, "/menu", published, NOW).conversation
    assert len(conversation.transcript) == MAX_LINES
    assert Conversation.model_validate_json(conversation.model_dump_json()) == conversation


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=80), min_size=1, max_size=4))
def test_any_messages_get_exactly_one_kind_of_reply(talk: Talk, messages: list[str]) -> None:
    reply = talk(*messages).reply
    assert bool(reply.answers) == (reply.kind is ReplyKind.ANSWER)
    assert reply.text or reply.answers
    assert reply.choices


def test_questions_that_others_wrote_never_loop(published: Published) -> None:
    """The same question again and again ends with a person's telephone number, in changing words."""
    conversation = turn.start("c", published, NOW).conversation
    texts = []
    for _ in range(6):
        taken = turn.hear(conversation, "むにゃむにゃ自動車税むにゃ", published, NOW)
        conversation = taken.conversation
        texts.append(taken.reply.text)
    assert all(len(set(texts[i : i + 3])) > 1 for i in range(4))
