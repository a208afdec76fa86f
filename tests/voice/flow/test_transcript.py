"""A call in text: what editors see of it."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.dialogue.office_hours import TOKYO
from voice.flow.model import Telephone
from voice.flow.transcript import transcript

EVENING = dt.datetime(2026, 11, 20, 20, 0, tzinfo=TOKYO)
MORNING = dt.datetime(2026, 11, 20, 10, 0, tzinfo=TOKYO)
MENU = "案内：ご用件をお選びください。再発行は1を、納期限は2を、質問はシャープを、押してください。For English, press 9."


def test_transcript_of_a_topic(telephone: Telephone) -> None:
    assert transcript(telephone, None, EVENING, ["8", "-", "1"]) == [
        "着信：2026年11月20日（金）午後8時　時間外の案内（時間外）",
        "案内：お電話ありがとうございます。",
        MENU,
        "利用者：8を押す",
        MENU.replace("案内：", "案内：その番号はありません。"),
        "（6秒 何も押さない）",
        MENU.replace("案内：", "案内：番号が押されませんでした。"),
        "利用者：1を押す",
        "案内：再発行の案内です。再発行できます。",
        "案内：ありがとうございました。",
        "終話：案内を終えて、こちらから切る",
    ]


def test_transcript_of_silence_ends_by_itself(telephone: Telephone) -> None:
    lines = transcript(telephone, "after_hours", EVENING, [])
    assert lines[0] == "着信：2026年11月20日（金）午後8時　時間外の案内"
    assert lines.count("（6秒 何も押さない）") == 3
    assert lines[-1] == "終話：案内を終えて、こちらから切る"


def test_transcript_of_a_person_who_answers(telephone: Telephone) -> None:
    assert transcript(telephone, None, MORNING, ["+"])[1:] == [
        "案内：担当におつなぎします。",
        "（担当者を30秒まで呼び出す）",
        "担当者：電話に出る",
        "終話：担当者におつなぎしました（ここからは担当者との通話です）",
    ]


def test_transcript_of_the_line(telephone: Telephone) -> None:
    lines = transcript(telephone, None, MORNING, ["-", "-", "+"], busy=True)
    assert lines[0].endswith("混雑時（混雑）")
    assert lines[1:3] == ["（担当者の待ち行列に入る）", "案内：混み合っています。"]
    assert lines[-2:] == ["担当者：電話に出る", "終話：担当者におつなぎしました（ここからは担当者との通話です）"]
    given_up = transcript(telephone, None, MORNING, [], busy=True)
    assert given_up[-3:] == ["（待ち行列を出る）", "案内：おかけ直しください。", "終話：案内を終えて、こちらから切る"]


def test_transcript_of_a_question_without_an_answer(telephone: Telephone) -> None:
    lines = transcript(telephone, None, EVENING, ["#"])
    assert "（8秒まで、質問を聞く）" in lines
    assert "案内：聞き取れませんでした。ご質問をお話しください。" in lines


def test_transcript_says_which_keys_were_left(telephone: Telephone) -> None:
    assert transcript(telephone, None, EVENING, ["1", "5", "#"])[-1] == "（使わなかったキー：5、#）"


def test_transcript_of_the_emergency(telephone: Telephone) -> None:
    lines = transcript(telephone, None, MORNING, [], emergency=True)
    assert lines[0].endswith("緊急時（緊急案内）")
    assert lines[-1] == "終話：案内を終えて、こちらから切る"


def test_transcript_refuses_what_is_no_key_and_what_is_no_flow(telephone: Telephone) -> None:
    with pytest.raises(ValueError, match="キー「x」は使えません"):
        transcript(telephone, None, EVENING, ["x"])
    with pytest.raises(LookupError, match="流れ「night」はありません"):
        transcript(telephone, "night", EVENING, [])


def test_transcript_tells_keys_without_a_meaning(telephone: Telephone) -> None:
    on = Telephone.model_validate_json(telephone.model_dump_json().replace('"on":false', '"on":true'))
    lines = transcript(on, None, EVENING, ["1", "5", "0"])
    at = lines.index("利用者：5を押す")
    assert lines[at + 1 : at + 4] == [
        "　　　（ここでは、この番号に意味はありません）",
        "利用者：0を押す",
        "案内：再発行の案内です。再発行できます。",
    ]


def test_transcript_of_a_circle_stops(telephone: Telephone) -> None:
    flow = telephone.flows["emergency"]
    node = flow.nodes["announcement"].model_copy(update={"hang_up": False, "then": "announcement"})
    circle = flow.model_copy(update={"nodes": {"announcement": node}})
    phone = telephone.model_copy(update={"flows": {"emergency": circle}})
    assert transcript(phone, "emergency", MORNING, [])[-1] == "（2000回の手順で終わらないので、ここで止めました）"
