"""Signing in and what a session is worth: guessing, fixation, time-out, who is thrown out when, the audit log."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from staffed import PASSWORD, House, Visitor, house

from bot.database.opening import open_database, prepare
from bot.dialogue.published import Published
from bot.staff.audit_log import Actor
from bot.staff.signing_in import FAILURES, FAILURES_PER_ADDRESS

OTHER = "まったく べつの 合言葉 です"
WRONG = "ちがう 合言葉 です！！"
COOKIE = "madoguchi-console"


@pytest.fixture
def office(published: Published, tmp_path: Path) -> Iterator[House]:
    engine = open_database(f"sqlite:///{tmp_path}/m.sqlite")
    prepare(engine)
    with house(published, engine, tmp_path) as made:
        yield made
    engine.dispose()


def signed_in(visitor: Visitor) -> bool:
    """Whether the account page opens."""
    return bool(visitor.get("/console/account").status_code == 200)


def fail(visitor: Visitor, times: int, name: str = "editor") -> list[tuple[int, str]]:
    """Wrong passwords; status and sentence of each answer."""
    answers = [visitor.sign_in(name, WRONG) for _ in range(times)]
    return [(answer.status_code, said(answer.text)) for answer in answers]


def said(page: str) -> str:
    """What the notice of a page says."""
    found = re.search(r'class="notice error"[^>]*>\s*<p>(.*?)</p>', page, re.DOTALL)
    return found[1] if found else ""


# -- guessing ----------------------------------------------------------------------------------------------------------
def test_a_member_signs_in_and_out(office: House) -> None:
    visitor = office.visitor()
    assert visitor.sign_in("editor").headers["location"] == "/console/"
    assert signed_in(visitor)
    assert visitor.post("/console/sign-out").headers["location"] == "/console/sign-in"
    assert not signed_in(visitor)
    assert office.acts() == [("editor", "sign_in"), ("editor", "sign_out")]


def test_five_failures_lock_the_account_for_every_address(office: House) -> None:
    assert {status for status, _ in fail(office.visitor(), FAILURES)} == {401}
    elsewhere = office.visitor("198.51.100.3")
    assert elsewhere.sign_in("editor").status_code == 401
    assert office.visitor().sign_in("admin").status_code == 303  # others are not in it
    office.clock.forward(minutes=15)
    assert elsewhere.sign_in("editor").status_code == 303


def test_a_flood_from_one_address_is_stopped_before_anything_is_hashed(office: House) -> None:
    visitor = office.visitor()
    for n in range(FAILURES_PER_ADDRESS):
        fail(visitor, 1, f"somebody-{n}")
    before, log = office.staff.passwords.checks, len(office.acts())
    assert fail(visitor, 3, "nobody")[0] == (429, said(visitor.sign_in("admin").text))
    assert office.staff.passwords.checks == before
    assert len(office.acts()) == log  # nor does it fill the log
    assert office.visitor("198.51.100.3").sign_in("admin").status_code == 303


def test_a_failure_does_not_tell_which_names_there_are(office: House) -> None:
    office.staff.accounts.disable("viewer")
    visitor = office.visitor()
    answers = fail(visitor, FAILURES + 1, "editor")  # the last one is locked
    before = office.staff.passwords.checks
    for name in ("nobody", "viewer", "", "' OR 1=1 --", "<b>", "x" * 3000):
        answers += fail(visitor, 1, name)
    assert len(set(answers)) == 1
    assert office.staff.passwords.checks - before == 6  # and each costs the same work


def test_what_was_typed_stays_out_of_the_log_and_the_password_out_of_the_page(office: House) -> None:
    visitor = office.visitor()
    page = visitor.sign_in("my-password-by-mistake", "hunter2 hunter2").text
    assert 'value="my-password-by-mistake"' in page  # the name comes back, to be corrected
    assert "hunter2" not in page
    assert "mistake" not in str(office.staff.audit.read())


def test_guessing_the_old_password_in_a_session_is_counted_too(office: House) -> None:
    visitor = office.member("editor")
    for _ in range(FAILURES):
        answer = visitor.post("/console/account/password", old=WRONG, new=OTHER, again=OTHER)
        assert answer.status_code == 422
        assert "いまのパスワードがちがいます" in said(answer.text)
    assert visitor.post("/console/account/password", old=PASSWORD, new=OTHER, again=OTHER).status_code == 422
    assert office.visitor("198.51.100.3").sign_in("editor").status_code == 401


# -- fixation ----------------------------------------------------------------------------------------------------------
def test_the_session_changes_when_somebody_signs_in(office: House) -> None:
    visitor = office.member("viewer")
    before = visitor.http.cookies[COOKIE]
    visitor.http.cookies.delete(COOKIE)
    visitor.get("/console/sign-in")
    visitor.http.cookies.set(COOKIE, before)  # what somebody else has put there
    assert visitor.post("/console/sign-in", name="admin", password=PASSWORD).status_code == 303
    assert visitor.http.cookies.get(COOKIE, domain="madoguchi.example") != before
    assert office.staff.sessions.find(before) is None


def test_a_session_that_somebody_made_up_is_never_taken_over(office: House) -> None:
    visitor = office.visitor()
    visitor.http.cookies.set(COOKIE, "chosen-by-the-attacker")
    visitor.sign_in("admin")
    assert office.staff.sessions.find("chosen-by-the-attacker") is None
    victim = office.visitor()
    victim.http.cookies.set(COOKIE, "chosen-by-the-attacker")
    assert not signed_in(victim)


def test_a_stolen_cookie_is_worth_nothing_after_the_sign_out(office: House) -> None:
    visitor, thief = office.member("editor"), office.visitor("198.51.100.3")
    thief.http.cookies.set(COOKIE, visitor.http.cookies[COOKIE])
    assert signed_in(thief)
    visitor.post("/console/sign-out")
    assert not signed_in(thief)


# -- time-out and being thrown out ------------------------------------------------------------------------------------
def test_a_session_ends_after_half_an_hour_without_a_click(office: House) -> None:
    visitor = office.member("viewer")
    office.clock.forward(minutes=29)
    assert signed_in(visitor)  # a click
    office.clock.forward(minutes=29)
    assert signed_in(visitor)
    office.clock.forward(minutes=30)
    answer = visitor.get("/console/trends?from=2026-10-01")
    assert answer.headers["location"] == "/console/sign-in?next=%2Fconsole%2Ftrends%3Ffrom%3D2026-10-01"
    page = visitor.get(answer.headers["location"])
    assert "しばらく操作がなかった" in page.text
    assert COOKIE not in visitor.http.cookies
    visitor.post("/console/sign-in", name="viewer", password=PASSWORD, next="/console/trends?from=2026-10-01")
    assert signed_in(visitor)


def test_the_live_page_does_not_keep_a_session_open(office: House) -> None:
    visitor = office.member("viewer")
    for _ in range(3):
        office.clock.forward(minutes=9)
        assert visitor.get("/console/live").status_code == 200
    office.clock.forward(minutes=3)
    answer = visitor.get("/console/live")
    assert (answer.status_code, answer.content) == (401, b"")


def test_a_session_ends_after_ten_hours_whatever_one_does(office: House) -> None:
    visitor = office.member("viewer")
    for _ in range(29):
        office.clock.forward(minutes=20)
        assert signed_in(visitor)
    office.clock.forward(minutes=20)
    assert not signed_in(visitor)


def test_a_new_password_signs_out_everywhere_else(office: House) -> None:
    here, there = office.member("editor"), office.member("editor", address="198.51.100.3")
    old = here.http.cookies[COOKIE]
    answer = here.post("/console/account/password", old=PASSWORD, new=OTHER, again=OTHER)
    assert answer.headers["location"] == "/console/account"
    assert "ほかの画面（ほかのパソコンなど）はサインアウトしました" in here.get("/console/account").text
    assert here.http.cookies[COOKIE] != old
    assert not signed_in(there)
    assert office.staff.sessions.find(old) is None
    assert there.sign_in("editor", OTHER).status_code == 303
    assert ("editor", "password") in office.acts()


def test_other_screens_are_signed_out_on_demand(office: House) -> None:
    here, there = office.member("editor"), office.member("editor")
    assert here.post("/console/account/sessions").status_code == 303
    assert signed_in(here)
    assert not signed_in(there)


@pytest.mark.parametrize(
    ("act", "fields", "back"),
    [
        ("disabled", {}, False),
        ("role", {"role": "viewer"}, True),
        ("password", {}, False),
    ],
)
def test_what_an_admin_changes_ends_the_sessions_at_once(
    office: House, act: str, fields: dict[str, str], back: bool
) -> None:
    admin, victim = office.member("admin"), office.member("editor")
    admin.get("/console/staff")
    assert admin.post(f"/console/staff/{act}", None, name="editor", **fields).status_code in {200, 303}
    assert not signed_in(victim)
    assert (victim.sign_in("editor").status_code == 303) is back
    assert ("admin", f"account_{act}") in office.acts()


# -- accounts ----------------------------------------------------------------------------------------------------------
def test_who_was_given_a_password_changes_it_before_anything_else(office: House) -> None:
    admin = office.member("admin")
    admin.get("/console/staff")
    page = admin.post("/console/staff", name="jiro", role="editor").text
    given = re.search(r'<code class="secret">(.*?)</code>', page)
    assert given
    assert given[1] not in str(office.staff.audit.read())
    jiro = office.visitor()
    jiro.sign_in("jiro", given[1])
    for page in ("/console/", "/console/entries", "/console/emergency"):
        assert jiro.get(page).headers["location"] == "/console/account"
    jiro.get("/console/account")
    assert jiro.post("/console/account/password", old=given[1], new=OTHER, again=OTHER).status_code == 303
    assert jiro.get("/console/entries").status_code == 200


@pytest.mark.parametrize(
    ("new", "again", "why", "field"),
    [
        ("mijikai", "mijikai", "12文字以上", "password"),
        ("password2026!", "password2026!", "当てられやすい", "password"),
        ("editor-editor-1", "editor-editor-1", "名前とほとんど同じ", "password"),
        (OTHER, OTHER + "！", "2つの欄がちがいます", "again"),
        (PASSWORD, PASSWORD, "いまと同じパスワード", "password"),
        ("x" * 129, "x" * 129, "128文字まで", "password"),
    ],
)
def test_weak_passwords_are_refused_beside_their_field(
    office: House, new: str, again: str, why: str, field: str
) -> None:
    visitor = office.member("editor")
    answer = visitor.post("/console/account/password", old=PASSWORD, new=new, again=again)
    assert answer.status_code == 422
    assert why in said(answer.text)
    assert f'<a href="#{field}">' in answer.text
    assert re.search(rf'<input id="{field}"[^>]*aria-invalid="true" aria-describedby="said', answer.text)
    assert office.visitor().sign_in("editor").status_code == 303


def test_an_admin_can_not_shut_themselves_out(office: House) -> None:
    admin = office.member("admin")
    admin.get("/console/staff")
    for act in ("disabled", "role", "password"):
        answer = admin.post(f"/console/staff/{act}", name="ADMIN", role="viewer")
        assert answer.status_code == 422
        assert "自分の役割・利用・パスワードは" in said(answer.text)
    assert signed_in(admin)


def test_everything_an_admin_does_is_in_the_log_with_the_address(office: House) -> None:
    admin = office.member("admin", address="2001:db8::7")
    admin.get("/console/staff")
    admin.post("/console/staff", name="jiro", role="viewer")
    admin.post("/console/staff/role", name="jiro", role="editor")
    admin.post("/console/staff/disabled", name="jiro")
    admin.post("/console/staff/enabled", name="jiro")
    acts = [act for act in office.staff.audit.read() if act.who == "admin"]
    assert [act.act for act in reversed(acts)] == [
        "sign_in", "account_added", "account_role", "account_disabled", "account_enabled",
    ]  # fmt: skip
    assert {act.address for act in acts} == {"2001:db8::7"}
    page = admin.get("/console/audit").text
    for words in ("職員の追加", "jiro（閲覧）", "jiro: 閲覧から編集へ", "利用の停止", "2001:db8::7"):
        assert words in page


def test_the_log_is_shown_in_pages_and_by_who(office: House) -> None:
    admin = office.member("admin")
    for n in range(150):
        office.staff.audit.add(Actor("taro" if n % 2 else "jiro"), "download", f"no-{n:03}.csv")
    page = admin.get("/console/audit?who=taro&act=download").text
    assert page.count("no-") == 75
    assert admin.get("/console/audit?who=%00taro&act=download%00").text.count("no-") == 75  # PostgreSQL can't hold it
    first = admin.get("/console/audit").text
    older = re.search(r'href="(/console/audit\?[^"]*before=\d+)"', first)
    assert older
    second = admin.get(older[1].replace("&amp;", "&")).text
    assert "no-149" in first
    assert "no-000" not in first
    assert "no-000" in second
