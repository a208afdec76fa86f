"""The words of the telephone against domain.md 12-2, 12-3 and 12-5, on the real content."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from bot.dialogue.office_hours import load_office_hours
from bot.knowledge.loader import load
from voice.flow.loading import load_telephone
from voice.flow.model import Telephone, menu, speech, spoken, topic
from voice.flow.nodes import Choice, Node, Parts

ROOT = Path(__file__).resolve().parents[2]
NUMBER = "0570-012-229"
PLAIN_DAY = dt.date(2027, 1, 20)
SEASONS = [dt.date(2027, month, 15) for month in range(1, 13)]

FACTS: dict[str, tuple[str, ...]] = {
    "納付書の再発行": (
        "平日の午前8時30分から午後5時15分",
        "この番号",
        NUMBER,
        "ナンバー",
        "車台番号の下4桁",
        "住所が変わった方",
        "ペイジー",
        "ゆうちょ銀行を除く金融機関",
    ),
    "住所変更の方法": (
        "運輸支局",
        "15日以内",
        "オーエスエス",
        "埼玉県電子申請届出サービス",
        "はがき",
        "平日の電話",
        "お名前は、この届け出では変えられません",
        "住民登録のある住所だけ",
    ),
    "納付場所と納税の方法": (
        "金融機関",
        "コンビニ",
        "スマートフォン決済アプリ",
        "地方税お支払サイト",
        "クレジットカード",
        "ペイジー",
        "原則として5月31日",
        "領収証書と車検用の証明書は出ません",
    ),
    "車検用の納税証明書": (
        "埼玉県内のナンバー",
        "紙の納税証明書は原則いりません",
        "期限までに金融機関の窓口かコンビニ",
        "納付書の右端の証明書",
        "県税事務所か自動車税事務所",
    ),
    "障害者減免": (
        "障害者本人か、生計を一にする家族名義",
        "自家用車",
        "1人1台",
        "等級などに条件",
        "埼玉県電子申請届出サービス",
        "自動車税事務所",
        "軽自動車は市町村",
    ),
    "還付": (
        "抹消登録",
        "二重に納めた",
        "名義変更や県外ナンバーへの変更では戻りません",
        "約2か月から3か月後",
        "住所が変わった方は、平日の受付時間にお電話",
    ),
}
"""読み上げに入れる事実, topic by topic, in the order of the specification."""

LEFT_OUT: dict[str, str] = {
    "納付書の再発行": r"\d+日(?!以内)|届くまで",
    "住所変更の方法": r"罰|円",
    "納付場所と納税の方法": r"手数料|利用料|口座|ペイペイ|楽天|引き落とし",
    "車検用の納税証明書": r"\d+日|開庁日",
    "障害者減免": r"円|上限|期限|\d級",
    "還付": r"口座|振り込|送金|受け取",
}
"""入れないこと."""


@pytest.fixture(scope="module")
def telephone() -> Telephone:
    loaded = load(ROOT)
    hours, _ = load_office_hours(ROOT)
    assert loaded.knowledge is not None
    assert hours is not None
    today = dt.date(2026, 11, 21)
    found, findings = load_telephone(ROOT, loaded.knowledge, hours, today=today, editions=loaded.editions)
    assert findings == []
    assert found is not None
    return found


def node(telephone: Telephone, flow: str, name: str) -> Node:
    return telephone.flows[flow].nodes[name]


def said(telephone: Telephone, flow: str, parts: Parts, day: dt.date = PLAIN_DAY) -> str:
    return "".join(piece.text for piece in spoken(parts, telephone, day, telephone.flows[flow]))


def answer(telephone: Telephone, choice: Choice, day: dt.date) -> str:
    return "".join(piece.text for piece in topic(choice, telephone, day, telephone.flows["after_hours"]))


def choices(telephone: Telephone) -> dict[str, Choice]:
    return {choice.title: choice for choice in node(telephone, "after_hours", "menu").active()}


def test_topics_are_those_of_the_specification_in_its_order(telephone: Telephone) -> None:
    assert list(choices(telephone)) == list(FACTS)
    assert [choice.key for choice in choices(telephone).values()] == list("123456")


@pytest.mark.parametrize("title", FACTS)
def test_topic_tells_its_facts_in_every_month_and_nothing_else(telephone: Telephone, title: str) -> None:
    for day in SEASONS:
        text = answer(telephone, choices(telephone)[title], day)
        assert [fact for fact in FACTS[title] if fact not in text] == []
        assert re.findall(LEFT_OUT[title], text) == []


@pytest.mark.parametrize("title", FACTS)
def test_topic_is_of_the_length_of_the_handbook_and_gives_the_number_at_most_once(
    telephone: Telephone, title: str
) -> None:
    for day in SEASONS:
        text = answer(telephone, choices(telephone)[title], day)
        assert 150 <= len(text) <= 300
        assert text.count(NUMBER) <= 1


def test_menu_says_the_topic_before_its_key(telephone: Telephone) -> None:
    flow = telephone.flows["after_hours"]
    (sentence,) = menu(flow.nodes["menu"], flow)
    assert sentence.text.startswith("納付書の再発行は、1を、住所変更の方法は、2を、")
    assert sentence.text.endswith("還付は、6を、押してください。")


@pytest.mark.parametrize("day", [PLAIN_DAY, dt.date(2026, 12, 30)])
def test_greeting_names_itself_then_the_hours_then_the_page(telephone: Telephone, day: dt.date) -> None:
    text = said(telephone, "after_hours", node(telephone, "after_hours", "greeting").say, day)
    order = [
        "自動車税コールセンター",
        "受付時間外",
        "平日の午前8時30分から午後5時15分まで",
        "くらしと県税",
        "埼玉県 自動車税 で検索",
    ]
    places = [text.find(words) for words in order]
    assert -1 not in places
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("day", "heard"),
    [("2026-12-28", False), ("2026-12-29", True), ("2027-01-01", True), ("2027-01-03", True), ("2027-01-04", False)],
)
def test_greeting_speaks_of_the_new_year_on_its_days_only(telephone: Telephone, day: str, heard: bool) -> None:
    text = said(telephone, "after_hours", node(telephone, "after_hours", "greeting").say, dt.date.fromisoformat(day))
    assert ("年末年始のお休みをいただいております" in text) is heard


@pytest.mark.parametrize(
    ("day", "version"),
    [
        ("2027-03-31", "納期限を過ぎた納付書は"),
        ("2027-04-01", "今年度の納税通知書は、5月の上旬から中旬"),
        ("2027-04-30", "今年度の納税通知書は"),
        ("2027-05-01", "今年度の納期限は"),
        ("2027-05-31", "今年度の納期限は"),
        ("2027-06-01", "納期限を過ぎた納付書は"),
    ],
)
def test_due_date_is_worded_for_the_month(telephone: Telephone, day: str, version: str) -> None:
    versions = ("納期限を過ぎた納付書は", "今年度の納税通知書は", "今年度の納期限は")
    text = answer(telephone, choices(telephone)["納付場所と納税の方法"], dt.date.fromisoformat(day))
    assert version in text
    assert sum(words in text for words in versions) == 1


def test_topic_ends_the_call_and_is_not_offered_again(telephone: Telephone) -> None:
    wanted = node(telephone, "after_hours", "menu")
    assert wanted.repeat is not None
    assert wanted.repeat.on is False
    assert node(telephone, "after_hours", wanted.after).hang_up
    assert all(not choice.goto for choice in wanted.active())  # one layer only


def test_those_who_wait_hear_of_the_page_and_the_chatbot(telephone: Telephone) -> None:
    line = node(telephone, "overflow", "line")
    assert line.queue is not None
    assert 20 <= line.queue.every_secs <= 30
    message = said(telephone, "overflow", line.queue.say)
    assert "お待たせ" in message
    assert "くらしと県税" in message
    assert "チャットボット" in message
    assert NUMBER in said(telephone, "overflow", node(telephone, "overflow", line.queue.then).say)


def test_emergency_promises_no_time(telephone: Telephone) -> None:
    text = said(telephone, "emergency", node(telephone, "emergency", "announcement").say)
    assert "お受けすることができません" in text
    assert not re.search(r"\d", text)


def test_every_utterance_is_for_the_ear(telephone: Telephone) -> None:
    unfit = re.compile(r"[A-Za-z（）()「」『』【】<>※→〜~•/]|https?:")
    assert [piece.text for piece in speech(telephone) if unfit.search(piece.text)] == []


@pytest.mark.parametrize("flow", ["after_hours", "office_hours", "overflow", "emergency"])
def test_notices_have_a_place_in_every_flow(telephone: Telephone, flow: str) -> None:
    assert any(part.notices for each in telephone.flows[flow].nodes.values() for part in each.say)
