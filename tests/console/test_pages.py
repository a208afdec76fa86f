"""What pages say: the right numbers, residents' words as text, every period, and a sentence for what can't be read."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from happenings import COUNTED_BY_HAND, MONTH, answered, asked, at, fell_back, keep, talk
from staffed import House, Visitor, house

from bot.analytics.figures import FIGURES
from bot.console.japanese import figure
from bot.database.opening import open_database, prepare
from bot.database.tables import events
from bot.dialogue.events import Event, Happened
from bot.dialogue.published import Published

ENTRY, OTHER = "payment-methods", "pay-app"
SCRIPT, FORMULA = "<script>alert(1)</script>", "=cmd|' /C calc'!A0"
OCTOBER, SEPTEMBER, AUGUST = "month=2026-10", "month=2026-09", "month=2026-08"
NOW = "from=2026-11-01&to=2026-11-23"
TALKS = 120  # of August
SYNTHETIC = "合成データ（架空の利用）"


@pytest.fixture(scope="module")
def office(published: Published, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """It is Monday, 23 November 2026, ten in the morning. August: many talks; September: synthetic; October: counted by
    hand; November: words that want to be more than words."""
    data = tmp_path_factory.mktemp("office")
    engine = open_database(f"sqlite:///{data}/madoguchi.sqlite")
    prepare(engine)
    for number in range(TALKS):
        began = f"2026-08-{number % 28 + 1:02}T10:{number // 28:02}"
        keep(engine, talk(f"many{number:03}", began, asked(began, f"{number}番の質問", "fallback", why="not_sure")))
    keep(engine, talk("made-up", "2026-09-10T10:00", asked("2026-09-10T10:01", "合成の質問", "answer")), synthetic=True)
    keep(engine, MONTH)
    keep(engine, _hostile())
    with house(published, engine, data) as made:
        yield made
    engine.dispose()


def _hostile() -> list[Event]:
    day = "2026-11-23T09"
    matches = [[ENTRY, 0.61], [OTHER, 0.3]]
    return talk(
        "hostile", f"{day}:00", asked(f"{day}:01", SCRIPT, "fallback", why="not_sure"),
        fell_back(f"{day}:01", "not_sure"), asked(f"{day}:02", FORMULA, "choices", matches=matches),
        (f"{day}:02", Happened.CHOICES_OFFERED, {"entries": [ENTRY, OTHER]}),
        (f"{day}:03", Happened.CHOICE_MADE, {"kind": "entry", "id": ENTRY}),
        answered(f"{day}:03", ENTRY, asked=False),
        (f"{day}:04", Happened.ANSWER_RATED, {"entry": ENTRY, "helpful": False, "text": f"+{SCRIPT}"}),
        page=f"/{SCRIPT}",
    )  # fmt: skip


@pytest.fixture(scope="module")
def viewer(office: House) -> Visitor:
    return office.member("viewer")


def text_of(page: str) -> str:
    """What can be read, in one line."""
    plain = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", page, flags=re.DOTALL)
    return " ".join(html.unescape(plain).split())


# -- numbers -----------------------------------------------------------------------------------------------------------
def test_trends_show_every_figure_as_counted_by_hand(viewer: Visitor) -> None:
    page = viewer.get(f"/console/trends?{OCTOBER}").text
    row = re.compile(
        r'rowheader">([^<]+)</th><td role="cell" class="number" data-head="この期間">([^<]+)</td>'
        r'<td role="cell" class="number" data-head="前">([^<]+)</td>.*?class="said">([^<]+) <span', re.DOTALL,
    )  # fmt: skip
    shown = {title: (value, before, html.unescape(how)) for title, value, before, how in row.findall(page)}
    assert len(shown) == len(FIGURES)
    for each in FIGURES:
        value, _, how = shown[each.title]
        assert value == figure(COUNTED_BY_HAND[each.id], each.unit), each.id
        assert how == each.formula
    assert shown["質問"][1] == "1 件"  # September


def test_tiles_say_how_they_are_counted_and_what_was_before(viewer: Visitor) -> None:
    said = text_of(viewer.get(f"/console/trends?{OCTOBER}").text)
    assert "回答率 30.0% 前 100.0%（-70.0ポイント） 答えた質問 ÷ 質問" in said
    assert "「前」は 2026年9月 の数字です。" in said


def test_today_tells_the_day(viewer: Visitor) -> None:
    for address in ("/console/", "/console/live"):
        said = text_of(viewer.get(address).text)
        assert "会話 1 件" in said
        assert "質問 2 件 先週 0 件" in said
        assert "無回答率 50.0%" in said
        assert SCRIPT in said  # the question without an answer, as text


def test_an_entry_tells_how_often_by_which_words_and_where_it_was_confused(
    viewer: Visitor, published: Published
) -> None:
    said = text_of(viewer.get(f"/console/entries/{ENTRY}?{NOW}").text)
    assert "答えた 1 件" in said
    assert "選ばれて 1 件" in said
    assert "直接 0 件" in said
    assert "役に立った 0.0% 評価 1件" in said
    assert f"{FORMULA} 1 候補を出した 61.0%" in said
    other = published.engine.knowledge.entries[OTHER].question
    assert f"{other} 1回 評価とその理由" in said


def test_the_list_of_entries_counts_filters_and_pages(viewer: Visitor, published: Published) -> None:
    first = viewer.get(f"/console/entries?{NOW}").text
    ids = re.compile(r'rowheader"><a href="/console/entries/([a-z0-9-]+)\?')
    assert ids.findall(first)[0] == ENTRY
    seen, address = ids.findall(first), re.search(r'href="([^"]+)" rel="next">次の50件', first)
    while address:
        page = viewer.get(html.unescape(address[1])).text
        seen += ids.findall(page)
        address = re.search(r'href="([^"]+)" rel="next">次の50件', page)
    assert sorted(seen) == sorted(published.engine.knowledge.entries)
    found = ids.findall(viewer.get("/console/entries?words=ペイペイ").text)
    assert "pay-paypay" in found
    assert len(found) < 20
    assert "あてはまるFAQはありません" in viewer.get("/console/entries?words=ぬるぽ").text


# -- residents' words --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "address",
    ["/console/", f"/console/trends?{NOW}", f"/console/conversations?{NOW}", "/console/conversations/hostile",
     f"/console/entries/{ENTRY}?{NOW}", f"/console/conversations?{NOW}&words=%3Cscript%3E"],
)  # fmt: skip
def test_words_of_residents_stay_words(viewer: Visitor, address: str) -> None:
    page = viewer.get(address).text
    assert SCRIPT not in page
    assert html.escape(SCRIPT) in page


def test_a_conversation_is_told_step_by_step(viewer: Visitor) -> None:
    said = text_of(viewer.get("/console/conversations/hostile").text)
    told = (
        "会話が始まりました",
        SCRIPT,
        "確信が持てない",
        "候補を出しました",
        "質問を選びました",
        "確信度 61.0%",
        "役に立たなかった、と評価しました",
    )
    places = [said.find(words) for words in told]
    assert min(places) > 0, dict(zip(told, places, strict=True))


def test_a_call_is_told_step_by_step(viewer: Visitor) -> None:
    said = text_of(viewer.get("/console/conversations/heard").text)
    assert "電話の流れ 2026年10月5日（月）18:00" in said
    assert "「納付書の再発行」を選びました" in said
    assert "「納付書の再発行」を案内しました 最後まで" in said


def test_words_are_found(viewer: Visitor) -> None:
    said = text_of(viewer.get(f"/console/conversations?{OCTOBER}&words=還付").text)
    assert "もどるお金" in said
    assert "車の紙" not in said
    assert "Deadline" in text_of(viewer.get(f"/console/conversations?{OCTOBER}&lang=en").text)
    assert "途中で切れた" in text_of(viewer.get(f"/console/conversations?{OCTOBER}&door=sip&outcome=left").text)


def test_conversations_are_paged_without_loss(viewer: Visitor) -> None:
    seen: list[str] = []
    address: str | None = f"/console/conversations?{AUGUST}"
    pages = 0
    while address:
        page = viewer.get(address).text
        seen += re.findall(r'href="/console/conversations/(many\d+)\?', page)
        older = re.search(r'href="([^"]+)" rel="next">もっと前', page)
        address, pages = html.unescape(older[1]) if older else None, pages + 1
    assert pages == 3
    assert len(seen) == len(set(seen)) == TALKS


# -- periods -----------------------------------------------------------------------------------------------------------
def test_a_month_without_data_shows_nothing_and_no_figure(viewer: Visitor) -> None:
    said = text_of(viewer.get("/console/trends?month=2026-02").text)
    assert "会話 0 件" in said
    assert "回答率 –" in said


@pytest.mark.parametrize(
    ("query", "title", "note"),
    [
        ("month=2026-12", "2026年12月", "まだ始まっていない期間です"),
        ("month=2026-11", "2026年11月", "途中の期間です"),
        ("from=2026-10-01&to=2026-10-31", "2026年10月", ""),
        ("from=2026-10-05&to=2026-10-11", "2026年10月5日〜11日", ""),
        ("from=2026-10-05&to=2026-10-05", "2026年10月5日（月）", ""),
        ("from=2026-10-09&to=2026-10-05", "2026年10月5日〜9日", "入れ替えました"),
        ("from=2020-01-01&to=2026-10-05", "2020年1月1日〜2023年1月4日", "1100日まで"),
        ("from=kyou&to=2026-10-05", "2026年10月25日〜11月23日", "始まりの日を日付として読めませんでした"),
        ("month=10", "2026年10月25日〜11月23日", "月を読めませんでした"),
        ("from=1999-01-01&to=1999-01-02", "2026年10月25日〜11月23日", "2020年から2028年まで"),
        ("unit=hour&month=2026-10", "2026年10月", "まとめ方を読めなかった"),
    ],
)  # fmt: skip
def test_a_period_is_shown_as_asked_or_what_is_wrong_is_told(
    viewer: Visitor, query: str, title: str, note: str
) -> None:
    for page in ("trends", "conversations", "entries", f"entries/{ENTRY}"):
        said = text_of(viewer.get(f"/console/{page}?{query}").text)
        assert "◀ 前 の期間" in said
        assert f"） {title} 次 の期間" in said, (page, said[:600])
        assert note in said
        assert note or "期間です。" not in said


@pytest.mark.parametrize(
    ("query", "before", "after"),
    [
        ("month=2026-03", ("2026-02-01", "2026-02-28"), ("2026-04-01", "2026-04-30")),
        ("from=2026-10-05&to=2026-10-11", ("2026-09-28", "2026-10-04"), ("2026-10-12", "2026-10-18")),
        ("from=2026-03-01&to=2026-03-01", ("2026-02-28", "2026-02-28"), ("2026-03-02", "2026-03-02")),
        ("from=2026-10-02&to=2026-10-04", ("2026-09-29", "2026-10-01"), ("2026-10-05", "2026-10-07")),
    ],
)  # fmt: skip
def test_the_period_before_and_after_is_of_the_same_kind(
    viewer: Visitor, query: str, before: tuple[str, str], after: tuple[str, str]
) -> None:
    page = html.unescape(viewer.get(f"/console/trends?{query}").text)
    for (first, last), way in ((before, "prev"), (after, "next")):
        assert re.search(rf'href="/console/trends\?from={first}&to={last}" rel="{way}"', page), (way, first)


@pytest.mark.parametrize(
    ("unit", "rows"), [("day", ["2026年10月5日（月） 4 2 1 1"]), ("week", ["2026年10月5日〜11日 10 3 2 5"]),
                       ("month", ["2026年10月 10 3 2 5"])],
)  # fmt: skip
def test_pieces_of_a_period_add_up(viewer: Visitor, unit: str, rows: list[str]) -> None:
    said = text_of(viewer.get(f"/console/trends?{OCTOBER}&unit={unit}").text)
    for row in rows:
        assert row in said


@pytest.mark.parametrize("page", ["trends", "conversations", "entries", f"entries/{ENTRY}", "content", "downloads"])
def test_synthetic_use_is_said_on_every_page_that_shows_it(viewer: Visitor, page: str) -> None:
    assert SYNTHETIC in viewer.get(f"/console/{page}?{SEPTEMBER}").text
    assert SYNTHETIC not in viewer.get(f"/console/{page}?{OCTOBER}").text


def test_synthetic_use_is_said_of_one_conversation_and_of_today(viewer: Visitor, office: House) -> None:
    assert SYNTHETIC in viewer.get("/console/conversations/made-up").text
    assert SYNTHETIC not in viewer.get("/console/").text


# -- what there is not -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/console/entries/nothing-like-it", "公開されている内容にありません"),
        ("/console/preview/nothing-like-it", "公開されている内容にありません"),
        ("/console/conversations/none", "この番号の会話はありません"),
        (f"/console/conversations/{'x' * 500}", "この番号の会話はありません"),
        ("/console/conversations/%00", "この番号の会話はありません"),
        ("/console/downloads/passwords.csv", "資料の画面から選んでください"),
        ("/console/downloads/everything.csv", "資料の画面から選んでください"),
        ("/console/downloads/figures.exe", "資料の画面から選んでください"),
        ("/console/downloads/entries.svg", "資料の画面から選んでください"),
        ("/console/downloads/report/2026-12.xlsx", "この報告はありません"),
        ("/console/downloads/report/2026-13.pdf", "この報告はありません"),
        ("/console/downloads/report/2026-10-06-week.pdf", "この報告はありません"),
        ("/console/downloads/report/..%2F2026-10.pdf", ""),
    ],
)
def test_what_there_is_not_is_said_in_japanese(viewer: Visitor, address: str, said: str) -> None:
    answer = viewer.get(address)
    assert answer.status_code == 404
    assert said in text_of(answer.text)
    assert "はじめの画面へ" in answer.text


@pytest.mark.parametrize(
    "query", ["begin=-1", "begin=999999999999", "begin=99999", "sort=no&order=no", "topic=no&category=no", "before=x",
              "outcome=no&lang=no&door=no", "words=" + "あ" * 1000, "words=%00%ff", "lang=xx", "month=９９９９-９９"],
)  # fmt: skip
def test_odd_parameters_never_break_a_page(viewer: Visitor, query: str) -> None:
    for page in ("", "trends", "conversations", "entries", f"entries/{ENTRY}", f"preview/{ENTRY}", "content",
                 "calendar", "downloads", "question", "emergency"):  # fmt: skip
        assert viewer.get(f"/console/{page}?{query}").status_code == 200, (page, query)


def test_trying_a_question_leaves_no_trace(viewer: Visitor, office: House) -> None:
    viewer.get("/console/question")
    viewer.post("/console/question", text="ためしの質問", lang="ja")
    real = office.desk.start("ja").conversation
    office.desk.hear(real.id, "本当の質問", "ja")
    words = sa.select(events.c.text).where(events.c.day == "2026-11-23")
    for _ in range(100):  # the log writes a moment later
        with office.engine.connect() as connection:
            found = set(connection.scalars(words))
        if "本当の質問" in found:
            break
        time.sleep(0.05)
    assert "本当の質問" in found
    assert "ためしの質問" not in found


def test_the_clock_of_the_page_is_tokyo(viewer: Visitor, office: House) -> None:
    """Half past midnight in Tokyo is still yesterday in UTC."""
    office.clock.now = at("2026-11-23T00:30")
    try:
        assert "2026年11月23日（月）" in viewer.get("/console/").text
    finally:
        office.clock.now = at("2026-11-23T10:00")


def test_parts_are_told_in_words(viewer: Visitor) -> None:
    said = text_of(viewer.get("/console/").text)
    assert "記録 動いています sqlite: 書けています" in said
    assert "会話の控え 動いています" in said
    assert "memory" not in said
