"""Pages that staff work with: what can be taken away (opened again), the switch, the calendar, the question box."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import httpx
import openpyxl
import pytest
from happenings import COUNTED_BY_HAND, MONTH, at, keep, talk
from happenings import asked as question
from served import ROOT
from staffed import House, Visitor, house

from bot.analytics.figures import FIGURES
from bot.analytics.period import Period
from bot.assemble_telephone_tools import Tools
from bot.console.context import CalendarDay
from bot.console.files import MakingFailed, Workshop
from bot.console.pages.downloads import COUNTS, EVERYTHING, LISTS
from bot.console.panels import DRAWN
from bot.console.tables import Table, as_csv, as_workbook, columns
from bot.database.opening import open_database, prepare
from bot.dialogue.published import Published
from bot.knowledge.loader import load
from voice.emergency import EmergencySwitch
from voice.telephone.publishing import TelephonePublisher, read_contents
from voice.telephone.snapshot import Snapshot

OCTOBER, SEPTEMBER = "month=2026-10", "month=2026-09"
FORMULAS = ("=cmd|' /C calc'!A0", "+1+1", "-1", "@SUM(A1)", "\t=1", "  =1+1", "＝1+1", "\x00=1")
SOUND = b"RIFF sound"


@dataclass
class Telephone:
    """A telephone for the console alone, as `bot.console.context.TelephoneTools` asks for it."""

    turned: list[tuple[dt.datetime, bool, str, str]] = field(default_factory=list)
    broken: OSError | None = None

    def emergency_on(self) -> bool:
        return bool(self.turned) and self.turned[-1][1]

    def turn_emergency(self, on: bool, who: str, why: str) -> None:
        if self.broken:
            raise self.broken
        self.turned.append((at("2026-11-23T10:00"), on, who, why))

    def announcement(self) -> str:
        return "ただいま、お電話をお受けできません。\n時間をおいて、おかけ直しください。"

    def emergency_history(self) -> list[tuple[dt.datetime, bool, str, str]]:
        return self.turned

    def calendar(self, year: int, month: int) -> list[CalendarDay]:
        days = list(Period.month(dt.date(year, month, 1)))
        notice = ("年末のお知らせ",)
        return [
            CalendarDay(day, "終日時間外" if day.weekday() > 4 else "8:30〜17:15", "", notice if day.day > 28 else ())
            for day in days
        ]

    def spoken(self, entry_id: str) -> str | None:
        return "電話の文です。" if entry_id == "payment-methods" else None

    def sound(self, text: str) -> bytes:
        return SOUND + text.encode()


@pytest.fixture(scope="module")
def office(published: Published, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """October as counted by hand; September is synthetic and full of formulas."""
    data = tmp_path_factory.mktemp("tools")
    engine = open_database(f"sqlite:///{data}/madoguchi.sqlite")
    prepare(engine)
    keep(engine, MONTH)
    for number, text in enumerate(FORMULAS):
        day = f"2026-09-{number + 1:02}T10:00"
        keep(engine, talk(f"f{number}", day, question(day, text, "fallback", why="not_sure")), synthetic=True)
    with house(published, engine, data, Telephone()) as made:
        yield made
    engine.dispose()


@pytest.fixture(scope="module")
def viewer(office: House) -> Visitor:
    return office.member("viewer")


def taken(viewer: Visitor, address: str) -> httpx.Response:
    """The file, also where it is made while the page waits."""
    answer = viewer.get(address)
    for _ in range(600):
        if answer.status_code != 202:
            break
        time.sleep(0.05)
        if viewer.get(f"{address}{'&' if '?' in address else '?'}ready").status_code != 202:
            answer = viewer.get(address)
    return answer


def rows_of(answer: httpx.Response) -> list[list[str]]:
    assert answer.status_code == 200
    assert answer.content.startswith(b"\xef\xbb\xbf")  # or Excel takes it for Shift_JIS
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def workbook(answer: httpx.Response) -> openpyxl.Workbook:
    assert answer.status_code == 200
    return openpyxl.load_workbook(io.BytesIO(answer.content))


# -- downloads ---------------------------------------------------------------------------------------------------------
def test_figures_come_out_as_counted_by_hand(viewer: Visitor) -> None:
    head, row, *notes = rows_of(taken(viewer, f"/console/downloads/figures.csv?{OCTOBER}&unit=month"))
    assert row[0] == "2026年10月"
    assert ["期間: 2026-10-01〜2026-10-31"] in notes
    sheet = workbook(taken(viewer, f"/console/downloads/figures.xlsx?{OCTOBER}&unit=month")).worksheets[0]
    cells = {cell.value: under.value for cell, under in zip(*list(sheet.iter_rows())[-2:], strict=True)}
    for place, each in enumerate(FIGURES, 1):
        assert head[place] == f"{each.title}（{each.unit}）"
        expected = COUNTED_BY_HAND[each.id]
        assert expected is not None
        assert float(row[place]) == pytest.approx(expected * (100 if each.unit == "%" else 1), rel=1e-3), each.id
        assert cells[head[place]] == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("name", [offer.name for offer in (*COUNTS, *LISTS)])
def test_every_table_can_be_opened_again(viewer: Visitor, name: str) -> None:
    rows = rows_of(taken(viewer, f"/console/downloads/{name}.csv?{OCTOBER}"))
    answer = taken(viewer, f"/console/downloads/{name}.xlsx?{OCTOBER}")
    sheet = workbook(answer).worksheets[0]
    table = list(sheet.iter_rows(values_only=True))
    head = table.index(tuple(rows[0]))
    assert len(table) - head == len([row for row in rows if len(row) == len(rows[0])])
    assert len(rows) > 2
    name_of_file = unquote(answer.headers["content-disposition"])
    assert name_of_file.endswith("_2026-10-01_2026-10-31.xlsx")


def test_everything_in_one_workbook_with_its_meanings(viewer: Visitor) -> None:
    book = workbook(taken(viewer, f"/console/downloads/{EVERYTHING}.xlsx?{SEPTEMBER}"))
    assert book.sheetnames == [offer.title for offer in (*COUNTS, *LISTS)] + ["数字の意味"]
    meanings = list(book["数字の意味"].iter_rows(values_only=True))
    assert ("質問と返事", "質問", next(f.formula for f in FIGURES if f.id == "questions")) in meanings
    for sheet in book.worksheets[:-1]:
        assert "合成データ（架空の利用）" in str(sheet["A1"].value), sheet.title


def test_what_residents_wrote_is_no_formula(viewer: Visitor) -> None:
    rows = rows_of(taken(viewer, f"/console/downloads/unanswered.csv?{SEPTEMBER}"))
    words = [row[0] for row in rows[1:] if len(row) > 1]
    assert len(words) == 4  # those that differ by signs only are one
    assert not [word for word in words if word.lstrip(" ").startswith(("=", "+", "-", "@", "\t"))]
    sheet = workbook(taken(viewer, f"/console/downloads/unanswered.xlsx?{SEPTEMBER}")).worksheets[0]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    assert "=cmd|' /C calc'!A0" in [row[0].value for row in sheet.iter_rows()]


@pytest.mark.parametrize("text", [*FORMULAS, "\ufffe=1", "税\uffff金\ud800"])
def test_a_table_writes_any_words(text: str) -> None:
    table = Table("表[1]:*?/\\" + "長い名前" * 20, columns("言葉", "数"), [[text, 1]])
    written = b"".join(as_csv(table)).decode("utf-8-sig")
    cell = next(csv.reader(io.StringIO(written.split("\r\n", 1)[1])))[0]
    assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))
    assert not set(cell) & {"\ufffe", "\uffff", "\ud800"}
    sheet = openpyxl.load_workbook(io.BytesIO(as_workbook([table], at("2026-10-01T00:00")))).active
    assert sheet is not None
    assert sheet["A2"].data_type == "s"


@pytest.mark.parametrize("name", list(DRAWN))
def test_every_chart_is_a_picture_of_its_own(viewer: Visitor, name: str) -> None:
    answer = taken(viewer, f"/console/downloads/{name}.svg?{OCTOBER}")
    assert answer.headers["content-type"] == "image/svg+xml"
    picture = ET.fromstring(answer.content)
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"


def test_a_download_stands_in_the_audit_log_and_nothing_is_left(viewer: Visitor, office: House) -> None:
    taken(viewer, f"/console/downloads/ratings.csv?{OCTOBER}")
    last = office.staff.audit.read(limit=1)[0]
    assert (last.who, last.act, last.what) == ("viewer", "download", "ratings.csv 2026-10-01〜2026-10-31")
    assert not list((office.context.data / "console" / "made").glob("ratings*"))


@pytest.mark.parametrize(
    ("query", "kind", "name"),
    [("month=2026-10", "月次報告", "2026-10"), ("from=2026-10-05&to=2026-10-11", "週次報告", "2026-10-05-week"),
     ("from=2026-10-05&to=2026-10-05", "日次報告", "2026-10-05")],
)  # fmt: skip
def test_reports_of_a_month_a_week_a_day(viewer: Visitor, query: str, kind: str, name: str) -> None:
    page = viewer.get(f"/console/downloads?{query}").text
    assert f"{kind}: " in page
    assert f'/console/downloads/report/{name}.xlsx"' in page
    answer = taken(viewer, f"/console/downloads/report/{name}.html")
    assert unquote(answer.headers["content-disposition"]).endswith(f"{kind}_{name}.html")
    assert "応答率" in answer.text
    assert answer.headers["content-disposition"].startswith("attachment")


def test_a_file_that_takes_long_is_waited_for(tmp_path: Path) -> None:
    gate, clock = threading.Event(), lambda: at("2026-10-01T00:00")
    workshop = Workshop(tmp_path / "made", clock)

    def slowly(file: Path) -> None:
        gate.wait(10)
        file.write_text("できた", encoding="utf-8")

    assert workshop.file("a.csv", slowly, 0) is None
    assert workshop.file("a.csv", slowly, 0) is None  # it is not begun twice
    assert workshop.take("a.csv") is None  # not yet
    gate.set()
    file = workshop.file("a.csv", slowly, 10)
    assert file is not None
    assert file.read_text(encoding="utf-8") == "できた"
    assert workshop.take("a.csv") == "できた".encode()
    assert workshop.take("a.csv") is None
    (tmp_path / "made" / "left.csv").write_text("言葉", encoding="utf-8")
    Workshop(tmp_path / "made", clock)
    assert not (tmp_path / "made").exists()


def test_a_file_that_can_t_be_made_is_tried_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    workshop = Workshop(tmp_path / "made", lambda: at("2026-10-01T00:00"))

    def fails(_: Path) -> None:
        raise ValueError("利用者の言葉")

    with pytest.raises(MakingFailed):
        workshop.file("a.csv", fails, 10)
    assert "ValueError at making a.csv" in caplog.text
    assert "利用者の言葉" not in caplog.text
    assert workshop.file("a.csv", Path.touch, 10) is not None


# -- the emergency switch ----------------------------------------------------------------------------------------------
def test_the_switch_asks_for_a_reason_and_once_more(office: House) -> None:
    editor, told = office.member("editor"), "/console/emergency"
    assert "いま: 切れています" in editor.get(told).text
    empty = editor.post(f"{told}/confirm", on="yes", why="  ")
    assert empty.status_code == 422
    assert "理由を書いてください" in empty.text
    assert 'aria-invalid="true"' in empty.text
    assert editor.post(f"{told}/confirm", on="yes", why="あ" * 201).status_code == 422
    sure = editor.post(f"{told}/confirm", on="yes", why="台風 <b>")
    assert "緊急案内を入れますか" in sure.text
    assert "<q>ただいま、お電話をお受けできません。</q>" in sure.text  # what will be played
    assert "電話では読み上げません" in sure.text  # the reason
    assert "台風 &lt;b&gt;" in sure.text
    assert "いま: 切れています" in editor.get(told).text  # not yet
    assert editor.post(told, on="yes", why="台風 <b>").status_code == 303
    page = editor.get(told).text
    assert "緊急案内を入れました。" in page
    assert "いま: 入っています" in page
    assert re.search(r"入れた</span></td><td>editor</td><td>台風 &lt;b&gt;", page)
    assert "入っています" in office.member("viewer").get("/console/").text
    assert editor.post(told, on="yes", why="もう一度").status_code == 303
    assert "もう入っています" in editor.get(told).text
    assert editor.post(told, on="no", why="台風が過ぎた").status_code == 303
    assert [act for who, act in office.acts() if act == "emergency"] == ["emergency"] * 2


def test_the_announcement_is_what_a_caller_hears(office: House, published: Published, tmp_path: Path) -> None:
    contents, _ = read_contents(ROOT, load(ROOT), published.hours)
    assert contents
    publisher = TelephonePublisher(ROOT, tmp_path / "prompts", tmp_path / "published.json")
    tools = Tools(office.desk, publisher, EmergencySwitch(tmp_path / "switch"))
    assert tools.announcement() == ""
    publisher.current = Snapshot(contents, tmp_path)
    said = tools.announcement()
    assert said.startswith("お電話ありがとうございます。埼玉県")
    assert said.endswith("お電話ありがとうございました。")
    publisher.close()


def test_the_page_tells_what_became_of_the_switch(published: Published, tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/madoguchi.sqlite", busy_seconds=0.1)
    prepare(engine)
    telephone, path = Telephone(), "/console/emergency"
    with house(published, engine, tmp_path, telephone) as made:
        editor = made.member("editor")
        telephone.broken = OSError("disk full")
        failed = editor.post(path, on="yes", why="台風")
        assert failed.status_code == 503
        assert "切り替えられませんでした" in failed.text
        assert 'value="台風"' in failed.text
        telephone.broken = None
        with engine.connect() as other:  # another writer, busy for longer than one waits
            other.exec_driver_sql("BEGIN IMMEDIATE")
            assert editor.post(path, on="yes", why="台風").status_code == 303
        page = editor.get(path).text
        assert "緊急案内を入れました。操作の記録（監査）には残せませんでした。" in page
        assert "いま: 入っています" in page
    engine.dispose()


def test_a_viewer_sees_the_switch_and_can_t_turn_it(viewer: Visitor) -> None:
    page = viewer.get("/console/emergency").text
    assert "役割が必要です" in page
    assert '<form method="post" action="/console/emergency' not in page
    assert viewer.post("/console/emergency", on="yes", why="x").status_code == 403


def test_without_a_telephone_pages_say_so(published: Published, tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/madoguchi.sqlite")
    prepare(engine)
    with house(published, engine, tmp_path) as made:
        editor = made.member("editor")
        assert "電話の部品が入っていない" in editor.get("/console/emergency").text
        assert editor.post("/console/emergency", on="yes", why="x").status_code == 404
        assert "電話の部品が入っていません" in editor.get("/console/preview/payment-methods").text
        calendar = editor.get("/console/calendar?month=2026-12").text
        assert "毎年の休業日" in calendar
        assert calendar.count("8:30〜17:15") == 20
    engine.dispose()


# -- the rest ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("month", "days", "empty"), [("2026-12", 31, 4), ("2028-02", 29, 6), ("2026-02", 28, 7)])
def test_the_calendar_has_every_day_once(viewer: Visitor, month: str, days: int, empty: int) -> None:
    page = viewer.get(f"/console/calendar?month={month}").text
    assert re.findall(r'<time datetime="([^"]+)"><strong>', page) == [f"{month}-{n:02}" for n in range(1, days + 1)]
    assert page.count('class="none"') == empty


def test_the_calendar_marks_today_and_groups_notices(viewer: Visitor) -> None:
    page = viewer.get("/console/calendar").text
    assert re.search(r'today"><p class="head"><time datetime="2026-11-23">', page)
    assert "年末のお知らせ" in page
    assert "11/29（日）〜11/30（月）" in page
    assert "2026-12 の形" in viewer.get("/console/calendar?month=kongetsu").text
    assert "2020年から" in viewer.get("/console/calendar?month=2019-12").text


def test_a_question_is_answered_and_explained(viewer: Visitor) -> None:
    viewer.get("/console/question")
    page = viewer.post("/console/question", text="自動車税はいつまでに払えばいいですか", lang="ja").text
    assert "利用者に返るもの: 答え" in page
    assert "判断: 答える" in page
    assert "意味の近さ" in page
    assert "同じ言葉" in page
    assert not re.search(r'badge">[~=]', page)  # signs of the analyzer
    nothing = viewer.post("/console/question", text="宇宙旅行の税金", lang="ja").text
    assert "利用者に返るもの: 答えなし" in nothing
    hello = viewer.post("/console/question", text="こんにちは", lang="ja").text
    assert "質問ではなく、あいさつなどの言葉" in hello
    english = viewer.post("/console/question", text="When is the deadline?", lang="ja").text
    assert "英語の質問として読みました" in english
    assert viewer.post("/console/question", text=" ", lang="ja").status_code == 422
    assert "&lt;b&gt;" in viewer.post("/console/question", text="<b>", lang="xx").text


def test_an_answer_at_both_doors(viewer: Visitor) -> None:
    page = viewer.get("/console/preview/payment-methods").text
    assert "電話の文です。" in page
    assert "7文字（上限は200文字）" in page
    assert viewer.get("/console/preview/payment-methods/sound.wav").content == SOUND + "電話の文です。".encode()
    assert viewer.get("/console/preview/pay-paypay/sound.wav").status_code == 404
    assert 'lang="en"' in viewer.get("/console/preview/payment-methods?lang=en").text
    assert "この言語はありません" in viewer.get("/console/preview/payment-methods?lang=xx").text
    assert "やさしい日本語" in viewer.get("/console/preview/payment-methods?lang=ja-easy").text


def test_content_tells_what_waits(viewer: Visitor, published: Published) -> None:
    page = viewer.get(f"/console/content?{OCTOBER}").text
    assert f"FAQ {len(published.engine.knowledge.entries)}件" in page
    assert "2026年12月31日（木）まで" in page  # within 60 days of 23 November
    assert "この期間までに公開した記録がない" in page
    assert "一度も答えていないFAQ" in page
