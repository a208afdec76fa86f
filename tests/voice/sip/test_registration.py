"""Registering at a real registrar over UDP, with timers at a fiftieth of their length."""

from __future__ import annotations

import asyncio
import logging
import random
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sipmessage import Response

from voice.sip import registration
from voice.sip.digest import Secret
from voice.sip.registration import Account, Registration, State

from .ends import End, end
from .peers import Peer
from .registrar import Registrar

SCENARIO = Path(__file__).with_name("registrar.xml")
SIPPS = Secret("0481234567", "secret")
PASSWORD = "p4ss,w0rd"
USERS = {"0481234567": PASSWORD}


@asynccontextmanager
async def registered(
    registrar: Registrar, password: str = PASSWORD, expires: int = 3600, transport: str = "udp"
) -> AsyncIterator[tuple[Registration, Peer, End]]:
    """A registration that has been started, its registrar, and our end of the line."""
    peer = await registrar.start()
    async with end() as ours:
        account = Account(
            f"sip:127.0.0.1:{peer.port};transport={transport}",
            "sip:0481234567@trunk.example",
            Secret("0481234567", password),
            expires,
        )
        made = Registration(ours.clients, account, ours.transport.contact, random.Random(1))
        made.start()
        try:
            yield made, peer, ours
        finally:
            await made.close()
            await peer.close()


async def until(true: Callable[[], bool]) -> None:
    """Wait for something that is bound to happen."""
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.005)


@pytest.mark.parametrize(("offered", "used"), [(("MD5",), "MD5"), (("MD5", "SHA-256"), "SHA-256")])
async def test_registration_proves_itself_with_the_strongest_algorithm(offered: tuple[str, ...], used: str) -> None:
    registrar = Registrar(USERS, offered)
    async with registered(registrar) as (made, _, ours):
        await until(lambda: made.registered)
        assert registrar.used == [used]
        assert list(registrar.bindings) == [f"sip:0481234567@127.0.0.1:{ours.transport.port}"]


async def test_registration_answers_a_proxys_challenge() -> None:
    async with registered(Registrar(USERS, proxy=True)) as (made, _, _ours):
        await until(lambda: made.registered)


async def test_registration_says_how_it_stands() -> None:
    async with registered(Registrar(USERS, granted=600)) as (made, _, _ours):
        assert made.describe() == "登録中"
        await until(lambda: made.registered)
        assert made.describe().startswith("登録済み（あと 5")
    assert made.describe() == "登録を終えました"


async def test_registration_is_renewed_before_it_ends() -> None:
    registrar = Registrar(USERS, granted=10)
    async with registered(registrar) as (made, _, _ours):
        await until(lambda: len(registrar.used) == 4)
        assert made.registered


async def test_registrations_share_a_call_id_and_count_up() -> None:
    registrar = Registrar(USERS, granted=10)
    async with registered(registrar) as (_, peer, _ours):
        await until(lambda: len(registrar.used) == 2)
        assert len({request["Call-ID"] for request in peer.received}) == 1
        numbers = [int(request["CSeq"].split()[0]) for request in peer.received]
        assert numbers == list(range(1, len(numbers) + 1))


async def test_registration_is_taken_back_on_close() -> None:
    registrar = Registrar(USERS)
    async with registered(registrar) as (made, _, _ours):
        await until(lambda: made.registered)
        await made.close()
        assert registrar.bindings == {}
        assert made.state is State.CLOSED


async def test_wrong_password_is_said_and_not_tried_again_soon(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with registered(Registrar(USERS), "wrong-secret") as (made, peer, _):
        await until(lambda: made.state is State.FAILED)
        assert made.describe() == "登録できません: 認証（利用者名かパスワードが違います）"
        await asyncio.sleep(registration.FIRST_PAUSE * 3 / 50)
        assert len(peer.received) == 2  # one without, one with credentials
    assert "wrong-secret" not in caplog.text
    assert not any(b"wrong-secret" in request.body for request in peer.received)


async def test_stale_nonce_is_no_wrong_password() -> None:
    registrar = Registrar(USERS, stale_once=True)
    async with registered(registrar) as (made, peer, _):
        await until(lambda: made.registered)
        assert len(peer.received) == 3


async def test_too_short_an_expiry_is_asked_for_again_at_once() -> None:
    registrar = Registrar(USERS, granted=9000, least=1800)
    async with registered(registrar, expires=60) as (made, _, _ours):
        await until(lambda: made.registered)
        assert list(registrar.bindings.values()) == [1800]


async def test_registrar_that_is_away_is_tried_until_it_is_back() -> None:
    registrar = Registrar(USERS, silent=True)
    async with registered(registrar) as (made, _, _ours):
        await until(lambda: made.state is State.FAILED)
        assert made.describe() == "登録できません: 応答がありません"
        registrar.silent = False
        await until(lambda: made.registered)


async def test_registrar_that_goes_away_is_noticed_when_its_grant_ends() -> None:
    registrar = Registrar(USERS, granted=10)
    async with registered(registrar) as (made, _, _ours):
        await until(lambda: made.registered)
        registrar.silent = True
        await until(lambda: not made.registered)
        await until(lambda: made.describe() == "登録できません: 応答がありません")


async def test_retry_after_of_a_busy_registrar_is_obeyed() -> None:
    registrar = Registrar(USERS, refuse="503 Service Unavailable", refuse_lines=("Retry-After: 40 (maintenance)",))
    async with registered(registrar) as (made, peer, _):
        await until(lambda: made.state is State.FAILED)
        assert made.describe() == "登録できません: 応答 503"
        registrar.refuse = ""
        await asyncio.sleep(0.4)  # 20 s as the registrar counts
        assert len(peer.received) == 1
        await until(lambda: made.registered)


async def test_own_contact_is_found_among_others() -> None:
    strangers = ("<sip:0481234567@192.0.2.9:5060>;expires=7", '"A, B" <sip:other@192.0.2.1>;expires=3')
    async with registered(Registrar(USERS, granted=1000, strangers=strangers)) as (made, _, _ours):
        await until(lambda: made.registered)
        assert made.describe().startswith("登録済み（あと 99")


async def test_address_of_the_registrar_is_told() -> None:
    async with registered(Registrar(USERS)) as (made, peer, _ours):
        found: list[object] = []
        made.on_found = found.append
        await until(lambda: made.registered)
        assert found == [("127.0.0.1", peer.port, "udp")]


async def test_lost_connection_registers_again_soon() -> None:
    registrar = Registrar(USERS, granted=3600)
    async with registered(registrar) as (made, _, _ours):
        await until(lambda: made.registered)
        assert made.registrar is not None
        made.lost(made.registrar)
        await until(lambda: len(registrar.used) == 2)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("sipp") is None, reason="sipp (Debian: sip-tester) is not installed")
@pytest.mark.parametrize("kind", ["udp", "tcp"])
async def test_sipp_finds_our_digest_right(kind: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = f"-i 127.0.0.1 -p {port} -t {kind[0]}1 -m 1 -timeout 20 -nostdin".split()
    sipp = await asyncio.create_subprocess_exec(
        "sipp", "-sf", str(SCENARIO), *options, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        async with end(0.5) as ours:
            account = Account(f"sip:127.0.0.1:{port};transport={kind}", "sip:0481234567@t.example", SIPPS)
            await asyncio.sleep(1.0)
            made = Registration(ours.clients, account, ours.transport.contact, random.Random(1))
            made.start()
            async with asyncio.timeout(20):
                assert await sipp.wait() == 0  # not 0 if its own arithmetic gave another digest
            await until(lambda: made.registered)
            made.registrar = None  # it is gone: nobody to say goodbye to
            await made.close()
    finally:
        if sipp.returncode is None:
            sipp.kill()
            await sipp.wait()


async def test_name_that_does_not_exist_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)  # no test asks the real DNS
    async with end() as ours:
        account = Account("sip:no-such-host.invalid", "sip:a@b.example", Secret("a", "b"))
        made = Registration(ours.clients, account, ours.transport.contact, random.Random(1))
        made.start()
        await until(lambda: made.state is State.FAILED)
        assert made.describe() == "登録できません: 登録先の名前から番地を調べられません"
        await made.close()


async def test_mistake_of_ours_is_seen_and_the_attempts_go_on(caplog: pytest.LogCaptureFixture) -> None:
    def broken(*_: object) -> str:
        raise RuntimeError("secret words")

    async with end() as ours:
        made = Registration(ours.clients, Account("sip:127.0.0.1:9", "sip:a@b", SIPPS), broken, random.Random(1))
        made.start()
        await until(lambda: made.state is State.FAILED)
        assert made.describe() == "登録できません: 内部の誤り"
        assert "RuntimeError" in caplog.text
        assert "secret words" not in caplog.text
        await made.close()


@pytest.mark.parametrize("registrar", ["", "sip:", "trunk.example", 'sip:"<>'])
async def test_account_that_cannot_be_used_is_refused(registrar: str) -> None:
    async with end() as ours:
        with pytest.raises(ValueError, match="URI"):
            Registration(
                ours.clients, Account(registrar, "sip:a@b", Secret("a", "b")), ours.transport.contact, random.Random(1)
            )


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120), ("120 (soon)", 120), ("18000;duration=3600", 18000), ("soon", None), ("", None)],
)
def test_seconds_of_a_header_are_read_without_its_comment(value: str, seconds: int | None) -> None:
    response = Response(503, "")
    response.headers.set("Retry-After", value)
    assert registration._seconds(response, "Retry-After") == seconds
