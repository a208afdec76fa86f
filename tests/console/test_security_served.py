"""The console of the real server: behind a proxy, under a flood, while the database is away, switched off."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from postgres import Postgres
from pydantic import SecretStr
from served import Server, eventually
from staffed import PASSWORD, add_account

from bot import assemble
from bot.settings import Settings
from bot.staff import Staff

pytestmark = pytest.mark.slow

INSIDE, OUTSIDE = "10.20.3.4", "203.0.113.9"
CSRF = re.compile(r'name="csrf" value="([^"]+)"')
AWAY = "記録のデータベースにつながりません"


def sign_in(client: httpx.Client, name: str = "hanako", password: str = PASSWORD, **headers: str) -> httpx.Response:
    """Open the form and send it. Cookies are carried by hand: behind a proxy they are for HTTPS only."""
    client.cookies.clear()
    form = client.get("/console/sign-in", headers=headers)
    assert form.status_code == 200, form.text
    (early,) = [each.split(";")[0] for each in form.headers.get_list("set-cookie")]
    found = CSRF.search(form.text)
    assert found
    fields = {"csrf": found[1], "name": name, "password": password}
    answer = client.post("/console/sign-in", data=fields, headers={**headers, "cookie": early})
    client.cookies.clear()
    return answer


def cookie_of(answer: httpx.Response) -> str:
    """The session cookie of an answer, as the browser sends it back."""
    assert answer.status_code == 303, answer.text
    return next(each.split(";")[0] for each in answer.headers.get_list("set-cookie") if "madoguchi-console" in each)


@pytest.fixture(scope="module")
def fenced(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose console answers to one network only, as behind a TLS proxy on the same machine."""
    data = tmp_path_factory.mktemp("fenced") / "data"
    (data).mkdir()
    (data / "cache").symlink_to(server.data / "cache")
    running = Server(data, console_allowed='["10.20.0.0/16"]', messages_per_minute="100000", watch="false")
    add_account(data, "hanako", "viewer")
    yield running
    running.stop()


@pytest.fixture
def elsewhere(fenced: Server) -> Iterator[httpx.Client]:
    """A client on an address that is no trusted proxy."""
    with httpx.Client(base_url=fenced.url, transport=httpx.HTTPTransport(local_address="127.0.0.2")) as client:
        yield client


@pytest.mark.parametrize(
    ("told", "welcome"),
    [
        ({}, False),
        ({"x-forwarded-for": INSIDE}, True),
        ({"x-forwarded-for": f"{OUTSIDE}, {INSIDE}"}, True),
        ({"x-forwarded-for": f"{INSIDE}, {OUTSIDE}"}, False),  # what the visitor says stands before what the proxy adds
        ({"x-forwarded-for": f"{INSIDE}, 127.0.0.1, {OUTSIDE}, 127.0.0.1"}, False),
        ({"x-forwarded-for": f"::ffff:{INSIDE}"}, True),
        ({"x-forwarded-for": "nonsense"}, False),
        ({"x-real-ip": INSIDE, "forwarded": f"for={INSIDE}", "x-client-ip": INSIDE}, False),
    ],
    ids=str,
)
def test_the_proxy_is_believed_and_the_visitor_is_not(fenced: Server, told: dict[str, str], welcome: bool) -> None:
    assert fenced.client.get("/console/sign-in", headers=told).status_code == (200 if welcome else 403)


def test_nobody_but_the_proxy_tells_of_another_address(elsewhere: httpx.Client) -> None:
    assert elsewhere.get("/console/sign-in", headers={"x-forwarded-for": INSIDE}).status_code == 403
    assert elsewhere.get("/healthz").status_code == 200


def test_behind_a_tls_proxy_cookies_are_for_https_only(fenced: Server) -> None:
    proxy = {"x-forwarded-for": INSIDE, "x-forwarded-proto": "https"}
    answer = sign_in(fenced.client, **proxy)
    begun = cookie_of(answer)
    assert begun.startswith("__Host-madoguchi-console=")
    assert "Secure" in next(each for each in answer.headers.get_list("set-cookie") if each.startswith(begun))
    page = fenced.client.get("/console/account", headers={**proxy, "cookie": begun})
    assert page.status_code == 200
    plain = begun.replace("__Host-", "")  # as another host of the domain could put it there
    assert fenced.client.get("/console/account", headers={**proxy, "cookie": plain}).status_code == 303
    assert fenced.rows("SELECT address FROM audit WHERE act = 'sign_in'") == [(INSIDE,)]


def test_the_telephone_for_trying_is_for_staff_who_are_signed_in(fenced: Server) -> None:
    proxy = {"x-forwarded-for": INSIDE, "host": "madoguchi.example"}
    begun = cookie_of(sign_in(fenced.client, **proxy))
    for path in ("/phone", "/phone/api/forecast"):
        assert fenced.client.get(path, headers=proxy).status_code == 403
        assert fenced.client.get(path, headers={**proxy, "cookie": "madoguchi-console=x"}).status_code == 403
        assert fenced.client.get(path, headers={**proxy, "cookie": begun}).status_code == 200
        stolen = {"x-forwarded-for": OUTSIDE, "host": "madoguchi.example", "cookie": begun}
        assert fenced.client.get(path, headers=stolen).status_code == 403


def test_a_flood_of_sign_ins_leaves_the_chat_alone(fenced: Server) -> None:
    """With the real, slow hashing, from an address each, so that no limit by address helps."""
    answers: list[int] = []

    def flood(n: int) -> None:
        with httpx.Client(base_url=fenced.url, timeout=30) as client:
            answers.append(sign_in(client, f"name-{n}", "x" * 500, **{"x-forwarded-for": f"10.20.9.{n}"}).status_code)

    conversation = fenced.start()
    threads = [threading.Thread(target=flood, args=(n,)) for n in range(24)]
    for thread in threads:
        thread.start()
    longest = 0.0
    while any(thread.is_alive() for thread in threads):
        began = time.perf_counter()
        fenced.send(conversation, "納付書をなくしました")
        assert fenced.client.get("/").status_code == 200  # a file, for which the server needs a thread
        longest = max(longest, time.perf_counter() - began)
    for thread in threads:
        thread.join()
    assert set(answers) == {401, 429}
    assert longest < 3  # seconds, of two answers and two dozen hashes on a machine that other tests use too


def test_while_the_database_is_away_the_chat_goes_on(
    serve: Callable[..., Server], postgres: Postgres, postgres_url: str
) -> None:
    with assemble.database(Settings(database=SecretStr(postgres_url))) as database:
        Staff(database).accounts.add("ryoko", "admin", PASSWORD, must_change=False)  # others may have left accounts
    postgres.kill()
    try:
        server = serve(database=postgres_url, watch="false")  # it starts without
        assert_away(server, "/console/sign-in")
        postgres.start()
        eventually(lambda: server.client.get("/console/sign-in").status_code == 200)
        begun = cookie_of(sign_in(server.client, "ryoko"))
        assert server.client.get("/console/", headers={"cookie": begun}).status_code == 200
        postgres.kill()
        assert_away(server, "/console/", begun)
    finally:
        postgres.start()
    assert eventually(lambda: server.client.get("/console/", headers={"cookie": begun}).status_code == 200)
    assert postgres_url.split("//")[1] not in server.printed()


def assert_away(server: Server, path: str, cookie: str = "") -> None:
    """A page in Japanese, with its style; and the chat answers."""
    page = server.client.get(path, headers={"cookie": cookie})
    assert page.status_code == 503
    assert AWAY in page.text
    style = re.search(r'href="(/console/static/console\.css[^"]*)"', page.text)
    assert style
    assert server.client.get(style[1], headers={"cookie": cookie}).status_code == 200
    assert server.client.post("/console/sign-out", data={"csrf": "x"}, headers={"cookie": cookie}).status_code in {
        303,
        503,
    }
    assert server.send(server.start(), "納付書をなくしました")["reply"]


def test_without_console_there_is_none(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve(console="false", watch="false")
    for path in ("/console", "/console/", "/console/sign-in", "/console/static/console.css"):
        assert server.client.get(path).status_code == 404
    assert server.client.get("/phone").status_code == 200  # for people at the machine itself
    assert server.send(server.start(), "納付書をなくしました")["reply"]


def test_accounts_of_the_command_line_open_the_console(fenced: Server) -> None:
    with assemble.database(Settings(data=fenced.data)) as database:
        accounts = Staff(database).accounts
        accounts.add("jiro", "viewer", PASSWORD, must_change=False)
        begun = cookie_of(sign_in(fenced.client, "jiro", **{"x-forwarded-for": INSIDE}))
        here = {"x-forwarded-for": INSIDE, "cookie": begun}
        assert fenced.client.get("/console/account", headers=here).status_code == 200
        accounts.disable("jiro")  # as `madoguchi staff disable jiro` in another process
    assert fenced.client.get("/console/account", headers=here).status_code == 303
