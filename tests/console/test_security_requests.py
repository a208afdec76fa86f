"""What reaches a page at all: roles, forms of other sites, networks, sizes; and what a page gives away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from staffed import PASSWORD, House, house

from bot.console.app import OPEN, admission, must_be_guarded
from bot.console.frame import GROUPS, Frame
from bot.database.opening import open_database, prepare
from bot.dialogue.published import Published
from bot.staff.accounts import ROLES
from bot.staff.audit_log import Actor

OWN = {"/console/sign-in", "/console/sign-out", "/console/account/password", "/console/account/sessions"}
ASKING = {"/console/question"}
"""A form that changes nothing."""
ADMINS = ("/console/staff", "/console/audit")
HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture(scope="module")
def office(published: Published, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    yield from _office(published, tmp_path_factory.mktemp("office"))


@pytest.fixture(scope="module")
def fenced(published: Published, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A console that answers to two networks only."""
    allowed = ("10.20.0.0/16", "2001:db8:7::/48")
    yield from _office(published, tmp_path_factory.mktemp("fenced"), console_allowed=allowed)


def _office(published: Published, data: Path, **settings: Any) -> Iterator[House]:
    engine = open_database(f"sqlite:///{data}/m.sqlite")
    prepare(engine)
    with house(published, engine, data, **settings) as made:
        yield made
    engine.dispose()


def pages(office: House, method: str) -> list[tuple[str, APIRoute]]:
    """(address with parts filled in, route) of all pages, those that end a session last."""
    found = [
        (re.sub(r"\{[^}]+\}", "2026-10", route.path), route)
        for route in office.router.routes
        if isinstance(route, APIRoute) and method in (route.methods or ()) and "{path" not in route.path
    ]
    return sorted(found, key=lambda page: page[0] in OWN)


# -- roles -------------------------------------------------------------------------------------------------------------
def test_every_page_asks_for_a_role(office: House) -> None:
    seen = 0
    for method in ("GET", "POST"):
        for path, route in pages(office, method):
            if path in {*OPEN, "/console", "/console/static/2026-10"}:
                continue
            seen += 1
            asks = admission(route)
            assert asks, path
            if method == "POST" and path not in OWN | ASKING:
                assert asks.role != "viewer", f"{path} changes something"
            assert (asks.role == "admin") == path.startswith(ADMINS), path
    assert seen > 25


def test_a_page_without_a_role_stops_the_start(office: House) -> None:
    open_to_all = Frame(office.context).router()
    open_to_all.add_api_route("/forgotten", lambda: None)
    with pytest.raises(TypeError, match="/console/forgotten: needs Depends"):
        must_be_guarded(open_to_all.routes[0])
    past_the_guard = APIRouter()
    past_the_guard.add_api_route("/beside", lambda: None)
    with pytest.raises(TypeError, match=r"frame\.router"):
        must_be_guarded(past_the_guard.routes[0])


@pytest.mark.parametrize("role", [None, *ROLES])
def test_every_page_with_every_role(office: House, role: str | None) -> None:
    visitor = office.member(role) if role else office.visitor()
    for method in ("GET", "POST"):
        for path, route in pages(office, method):
            asks = admission(route)
            if asks is None:
                continue
            answer = visitor.get(path) if method == "GET" else visitor.post(path)
            where = f"{method} {path} as {role}: {answer.status_code}"
            if role is None:
                signing_in = answer.headers.get("location", "").startswith("/console/sign-in")
                assert answer.status_code == 401 or signing_in, where
                assert "csrf" not in answer.text, where
            elif ROLES.index(role) < ROLES.index(asks.role):
                assert answer.status_code == 403, where
                assert "の役割が必要です" in answer.text, where
            else:
                assert answer.status_code < 500, where
                assert answer.status_code not in {401, 403}, where


def test_who_tries_what_is_not_theirs_is_in_the_log(office: House) -> None:
    office.member("viewer").get("/console/staff")
    (last, *_) = office.staff.audit.read()
    assert (last.who, last.act, last.what) == ("viewer", "refused", "/console/staff")


def test_the_list_of_pages_leads_to_pages(office: House) -> None:
    there = {path for path, _ in pages(office, "GET")}
    assert {item.path for _, items in GROUPS for item in items} <= there


def test_a_list_of_pages_shows_only_what_a_role_may_open(office: House) -> None:
    for role, seen in (("viewer", False), ("editor", False), ("admin", True)):
        assert ('href="/console/staff"' in office.member(role).get("/console/account").text) is seen


# -- forms of other sites ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("token", ["missing", "", "x", "another session's"])
def test_no_form_is_taken_without_the_token_of_its_session(office: House, token: str) -> None:
    visitor, other = office.member("admin"), office.member("admin")
    fields = {} if token == "missing" else {"csrf": other.csrf if token.startswith("another") else token}
    before = office.staff.accounts.all()
    for path, _ in pages(office, "POST"):
        answer = visitor.http.post(path, data={"name": "viewer", "role": "admin", **fields})
        assert answer.status_code == 403, path
        assert "古くなっていた" in answer.text
    assert office.staff.accounts.all() == before
    assert visitor.get("/console/account").status_code == 200


FOREIGN = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site", "origin": "http://madoguchi.example"},
    {"origin": "https://evil.example"},
    {"origin": "http://madoguchi.example.evil.example"},
    {"origin": "null"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_no_form_of_another_site_is_taken_even_with_the_token(office: House, headers: dict[str, str]) -> None:
    visitor = office.member("admin")
    for path, _ in pages(office, "POST"):
        answer = visitor.post(path, headers, name="viewer", role="admin")
        assert answer.status_code == 403, path
        assert "ほかのサイトから" in answer.text


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "same-origin"}, {"origin": "http://madoguchi.example"}, {}])
def test_forms_of_our_own_pages_are_taken(office: House, headers: dict[str, str]) -> None:
    assert office.member("viewer").post("/console/account/sessions", headers).status_code == 303


def test_nobody_is_signed_in_by_a_form_of_another_site(office: House) -> None:
    visitor = office.visitor()
    stranger = office.visitor()
    stranger.get("/console/sign-in")
    for token in ("", "x", stranger.csrf):
        answer = visitor.http.post("/console/sign-in", data={"csrf": token, "name": "viewer", "password": PASSWORD})
        assert answer.status_code == 403
        assert "madoguchi-console" not in visitor.http.cookies


def test_a_link_on_another_site_does_not_end_in_the_form_to_sign_in(office: House) -> None:
    """The cookie does not come along with it; one page of our own in between and it does."""
    answer = office.visitor().get('/console/entries?q="><b>', headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 200
    assert '<meta http-equiv="refresh" content="0;url=/console/entries?q=' in answer.text
    assert '"><b>' not in answer.text


# -- what is sent ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("type_", "body", "status"),
    [
        ("application/json", b'{"csrf": "%s"}', 415),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n%s\r\n--x--',
            415,
        ),
        ("text/plain", b"csrf=%s", 415),
        ("", b"csrf=%s", 415),
        ("application/x-www-form-urlencoded", b"csrf=%s&name=" + b"x" * 65536, 413),
        ("application/x-www-form-urlencoded", b"csrf=%s" + b"&x=1" * 300, 400),
        ("application/x-www-form-urlencoded", b"csrf=%s&name=%%00", 400),
        ("application/x-www-form-urlencoded", b"csrf=%s&name=%%ff%%fe", 400),
        ("application/x-www-form-urlencoded", b"csrf=%s&name=\xe3\x81\x82", 400),
        ("application/x-www-form-urlencoded; charset=utf-8", b"csrf=%s&name=x", 303),
    ],
)
@pytest.mark.parametrize("in_pieces", [False, True])
def test_forms_have_limits(office: House, type_: str, body: bytes, status: int, in_pieces: bool) -> None:
    visitor = office.member("viewer")
    sent = body % visitor.csrf.encode()
    pieces = iter([sent[at : at + 1000] for at in range(0, len(sent), 1000)])  # no Content-Length then
    answer: Any = visitor.http.post(
        "/console/account/sessions", content=pieces if in_pieces else sent, headers={"content-type": type_}
    )
    assert answer.status_code == status
    assert "Traceback" not in answer.text


def test_what_does_not_exist_is_a_page_in_japanese(office: House) -> None:
    visitor = office.member("viewer")
    for path in (
        "/console/nothing",
        "/console/../console/x",
        "/console/entries/no-such-entry",
        "/console/%00",
        "/console/%ff",
    ):
        answer = visitor.get(path)
        assert answer.status_code in {404, 422}, path
        assert "一覧から選んで" in answer.text or "。</p>" in answer.text
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE"):
        assert visitor.http.request(method, "/console/trends").status_code in {403, 404, 405, 415}


# -- networks ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("address", "welcome"),
    [
        ("10.20.3.4", True),
        ("10.21.0.1", False),
        ("192.0.2.7", False),
        ("::ffff:10.20.3.4", True),
        ("::ffff:192.0.2.7", False),
        ("::10.20.3.4", False),
        ("2001:db8:7:1::5", True),
        ("2001:db8:8::5", False),
        ("fe80::1%eth0", False),
        ("127.0.0.1", False),
        ("testclient", False),
        ("", False),
    ],
)
def test_only_some_networks_may_open_the_console(fenced: House, address: str, welcome: bool) -> None:
    spoofed = {"x-forwarded-for": "10.20.3.4", "x-real-ip": "10.20.3.4", "forwarded": "for=10.20.3.4"}
    visitor = fenced.visitor(address)
    for path in ("/console/sign-in", "/console/nothing", "/console/static/console.css"):
        answer = visitor.get(path, headers=spoofed)
        assert (answer.status_code != 403) is welcome, path
        assert welcome or "決められたネットワークから" in answer.text
    assert visitor.http.get("/healthz").status_code == 200  # the chat is for everybody


def test_a_session_does_not_open_the_console_from_elsewhere(fenced: House) -> None:
    member, thief = fenced.member("admin", address="10.20.3.4"), fenced.visitor("192.0.2.7")
    thief.http.cookies.set("madoguchi-console", member.http.cookies["madoguchi-console"])
    assert thief.get("/console/account").status_code == 403
    before = fenced.staff.passwords.checks
    thief.http.post("/console/sign-in", data={"name": "admin", "password": PASSWORD})
    assert fenced.staff.passwords.checks == before


# -- cookies and headers -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("site", "prefix"), [("http://madoguchi.example", ""), ("https://madoguchi.example", "__Host-")]
)
def test_cookies_stay_with_us(office: House, site: str, prefix: str) -> None:
    visitor = office.visitor(site=site)
    form = visitor.get("/console/sign-in")
    answer = visitor.post("/console/sign-in", name="viewer", password=PASSWORD)
    cookies = [*form.headers.get_list("set-cookie"), *answer.headers.get_list("set-cookie")]
    (begun,) = [each for each in cookies if each.startswith(f"{prefix}madoguchi-console=")]
    assert "Max-Age" not in begun  # gone with the browser
    for each in cookies:
        assert each.startswith(prefix)
        parts = {part.strip().lower() for part in each.split(";")}
        assert {"httponly", "samesite=strict", "path=/"} <= parts
        assert ("secure" in parts) is bool(prefix)
        assert not any(part.startswith("domain") for part in parts)
    assert visitor.get("/console/account").status_code == 200


def test_a_password_in_clear_is_warned_of(office: House) -> None:
    for address, site, warned in (
        ("192.0.2.7", "http://madoguchi.example", True),
        ("192.0.2.7", "https://madoguchi.example", False),
        ("127.0.0.1", "http://localhost", False),
        ("::1", "http://localhost", False),
    ):
        page = office.visitor(address, site).get("/console/sign-in").text
        assert ("暗号化されていません" in page) is warned


def test_every_answer_is_kept_by_nobody_and_framed_by_nobody(office: House) -> None:
    visitor = office.member("viewer")
    answers = [
        visitor.get(path) for path in ("/console/account", "/console/staff", "/console/nothing", "/console/sign-in")
    ]
    answers += [
        office.visitor().get("/console/"),
        office.visitor().get("/console/live"),
        visitor.http.post("/console/staff"),
    ]
    assert {answer.status_code for answer in answers} == {200, 303, 401, 403, 404, 415}
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "base-uri 'none'" in policy
        assert "form-action 'self'" in policy
        assert not any(word in policy for word in ("unsafe", "*", "http"))
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"


def test_style_and_scripts_may_be_kept_as_long_as_they_are_the_same(office: House) -> None:
    page = office.member("viewer").get("/console/account").text
    (style,) = re.findall(r'href="(/console/static/console\.css\?v=\w+)"', page)
    visitor = office.visitor()
    assert "immutable" in visitor.get(style).headers["cache-control"]
    for other in ("/console/static/console.css", "/console/static/console.css?v=old"):
        assert visitor.get(other).headers["cache-control"] == "no-cache"
    for missing in ("nothing.css", "..%2Fapp.py", "app.py", "%2e%2e", ""):
        assert visitor.get(f"/console/static/{missing}").status_code == 404
    assert visitor.get(style).headers["x-content-type-options"] == "nosniff"


def test_no_page_has_style_or_script_of_its_own(office: House) -> None:
    admin = office.member("admin")
    seen = 0
    for path, _ in pages(office, "GET"):
        answer = admin.get(path)
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        seen += 1
        assert not re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=|javascript:", answer.text), path
    assert seen > 10


# -- what comes back -------------------------------------------------------------------------------------------------
def test_nothing_that_was_typed_becomes_html(office: House) -> None:
    admin = office.member("admin")
    office.staff.audit.add(Actor(HOSTILE, HOSTILE), HOSTILE, HOSTILE)
    answers = [
        office.visitor().get("/console/sign-in", params={"next": f"/console/{HOSTILE}"}),
        office.visitor().sign_in(HOSTILE, HOSTILE),
        admin.get("/console/audit"),
        admin.get("/console/audit", params={"who": HOSTILE, "act": HOSTILE}),
        admin.get(f"/console/{HOSTILE}"),
    ]
    admin.get("/console/staff")
    answers += [
        admin.post("/console/staff", name=HOSTILE, role=HOSTILE),
        admin.post("/console/staff/role", name=HOSTILE),
    ]
    for answer in answers:
        assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert" in answers[2].text


def test_nobody_puts_words_of_their_own_into_a_message(office: House) -> None:
    visitor, other = office.member("viewer"), office.member("editor")
    other.post("/console/account/sessions")
    signed_for_another = other.http.cookies["madoguchi-message"]
    mine = visitor.http.cookies["madoguchi-console"]
    for forged in (signed_for_another, "パスワードを電話で教えてください".encode().hex(), "words.", ".", "%E3%81.x"):
        page = visitor.get(
            "/console/account", headers={"cookie": f"madoguchi-console={mine}; madoguchi-message={forged}"}
        )
        assert page.status_code == 200
        assert "notice done" not in page.text
    visitor.post("/console/account/sessions")
    assert "件サインアウトしました。</p>" in visitor.get("/console/account").text
    assert "件サインアウトしました。</p>" not in visitor.get("/console/account").text  # once


@pytest.mark.parametrize(
    "asked",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/console/../../evil",
        "/console//evil.example",
        "/console/\r\nLocation: https://evil.example",
        "/consoleevil",
        "/phone",
        "javascript:alert(1)",
        " /console/",
        "https:/console/",
        "/console/" + "x" * 600,
    ],
)
def test_after_signing_in_one_stays_with_us(office: House, asked: str) -> None:
    visitor = office.visitor()
    assert visitor.sign_in("viewer", next=asked).headers["location"] == "/console/"
    assert visitor.get("/console/sign-in", params={"next": asked}).headers["location"] == "/console/"


def test_after_signing_in_one_comes_to_the_page_one_asked_for(office: House) -> None:
    visitor = office.visitor()
    assert (
        visitor.sign_in("viewer", next="/console/entries?q=納期").headers["location"].startswith("/console/entries?q=")
    )
