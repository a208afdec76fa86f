"""What the server refuses, and how; and what it does not even answer."""

from __future__ import annotations

import asyncio
import socket

import pytest

from voice.sip.call import Refusal
from voice.sip.digest import Secret

from .caller import Owner, Telephone, sdp, service, telephone
from .peers import Heard


async def silence(phone: Telephone, seconds: float = 0.15) -> bool:
    """Whether nothing comes for a while."""
    await asyncio.sleep(seconds)
    return phone.wire.heard.empty()


@pytest.mark.parametrize(
    ("method", "status", "field"),
    [
        ("REFER", "603", "Allow"),
        ("SUBSCRIBE", "405", "Allow"),
        ("REGISTER", "405", "Allow"),
        ("MESSAGE", "405", "Allow"),
        ("DANCE", "501", "Allow"),
        ("BYE", "481", ""),
        ("INFO", "481", ""),
        ("UPDATE", "481", ""),
        ("NOTIFY", "481", ""),
    ],
)
async def test_method_outside_a_call_is_refused(method: str, status: str, field: str) -> None:
    async with service() as server, telephone(server) as phone:
        refused = await phone.ask(method, "Event: presence", "Refer-To: <sip:a@b>")
        assert refused.start.startswith(f"SIP/2.0 {status} ")
        assert "tag=" in refused["To"]
        assert not field or "INVITE" in refused[field]
        assert len(server.reception.transactions) == 0


@pytest.mark.parametrize(("method", "status"), [("DANCE", 405), ("PRACK", 405), ("REFER", 603), ("NOTIFY", 489)])
async def test_method_within_a_call_is_refused(method: str, status: int) -> None:
    async with service() as server, telephone(server) as phone:
        await phone.call()
        assert (await phone.ask(method, "Event: dialog")).start.startswith(f"SIP/2.0 {status} ")
        await phone.ask("BYE")


@pytest.mark.parametrize("method", ["BYE", "INVITE", "INFO", "OPTIONS", "UPDATE"])
async def test_request_of_an_unknown_call_is_481(method: str) -> None:
    async with service() as server, telephone(server) as phone:
        phone.to_tag = "nobody"
        assert (await phone.ask(method, body=sdp() if method == "INVITE" else "")).start.startswith("SIP/2.0 481")


async def test_ack_of_an_unknown_call_is_not_answered() -> None:
    async with service() as server, telephone(server) as phone:
        phone.to_tag = "nobody"
        phone.send("ACK")
        assert await silence(phone)


@pytest.mark.parametrize(
    ("lines", "body", "status", "field", "value"),
    [
        (("Require: 100rel, timer",), sdp(), "420", "Unsupported", "100rel"),
        (("Require: nothingSupportsThis",), sdp(), "420", "Unsupported", "nothingsupportsthis"),
        (("Accept: text/plain",), sdp(), "406", "Accept", "application/sdp"),
        ((), sdp("18"), "488", "Warning", "305 - "),
        ((), sdp("18", "m=video 40002 RTP/AVP 31"), "488", "Warning", "305 - "),
        ((), sdp().replace("m=audio", "m=video"), "488", "Warning", "304 - "),
        ((), sdp().replace("RTP/AVP", "RTP/SAVP"), "488", "Warning", "302 - "),
        ((), sdp().replace("c=IN IP4 127.0.0.1", "c=IN IP6 ::1"), "488", "Warning", "301 - "),
        ((), sdp().replace("c=IN IP4 127.0.0.1", "c=IN IP4 224.0.0.1"), "488", "Warning", "330 - "),
        ((), "v=1\r\n", "488", "Warning", "399 - "),
    ],
)
async def test_invite_that_cannot_be_served_is_refused(
    lines: tuple[str, ...], body: str, status: str, field: str, value: str
) -> None:
    owner = Owner()
    async with service(owner) as server, telephone(server) as phone:
        refused = await phone.ask("INVITE", *lines, body=body)
        assert refused.start.startswith(f"SIP/2.0 {status} ")
        assert refused[field].startswith(value)
        assert server.media.streams == 0
        phone.send("ACK", branch=phone.branch)
        assert len(server.reception.transactions) == 0
    assert not owner.calls


async def test_supported_100rel_is_no_hindrance() -> None:
    async with service() as server, telephone(server) as phone:
        await phone.call("Supported: 100rel, timer, replaces")
        await phone.ask("BYE")


async def test_body_of_another_type_is_415() -> None:
    async with service() as server, telephone(server) as phone:
        refused = await phone.ask("INVITE", body="hello", kind="text/plain")
        assert refused.start.startswith("SIP/2.0 415")
        assert refused["Accept"] == "application/sdp"
        packed = await phone.ask("INVITE", "Content-Encoding: gzip", body=sdp())
        assert packed.start.startswith("SIP/2.0 415")


async def test_offer_is_found_among_other_parts() -> None:
    other, ours = "Content-Type: application/isup\r\n\r\nabc", f"Content-Type: application/sdp\r\n\r\n{sdp()}"
    parts = f"--x\r\n{other}\r\n--x\r\n{ours}\r\n--x--"
    async with service() as server, telephone(server) as phone:
        success = await phone.ask("INVITE", body=parts, kind='multipart/mixed;boundary="x"')
        assert success.start == "SIP/2.0 200 OK"
        phone.in_call(success)
        phone.send("ACK")
        await phone.ask("BYE")


@pytest.mark.parametrize("uri", ["sips:8100@127.0.0.1", "nobodyKnows:this", "http://example.com/"])
async def test_other_schemes_are_416(uri: str) -> None:
    async with service() as server, telephone(server) as phone:
        assert (await phone.ask("INVITE", body=sdp(), uri=uri)).start.startswith("SIP/2.0 416")
        assert (await phone.ask("OPTIONS", uri=uri)).start.startswith("SIP/2.0 416")


async def test_telephone_number_as_request_uri_is_taken() -> None:
    owner = Owner()
    async with service(owner) as server, telephone(server) as phone:
        phone.in_call(await phone.ask("INVITE", body=sdp(), uri="tel:+81487001234;phone-context=jp"))
        phone.send("ACK")
        assert owner.calls[0].dialled == "+81487001234"
        await phone.ask("BYE")


@pytest.mark.parametrize(
    ("field", "value"), [("Contact", "<sip:a@127.0.0.1>, <sip:b@127.0.0.1>"), ("Record-Route", '<sip:"broken>')]
)
async def test_invite_that_can_make_no_dialog_is_400(field: str, value: str) -> None:
    async with service() as server, telephone(server) as phone:
        data = phone.text("INVITE", body=sdp()).decode()
        if field == "Contact":
            data = "\r\n".join(line for line in data.split("\r\n") if not line.startswith("Contact"))
        phone.put(data.replace("Max-Forwards", f"{field}: {value}\r\nMax-Forwards").encode())
        assert (await phone.hear()).start.startswith("SIP/2.0 400")
        assert server.media.streams == 0


async def test_forked_request_is_482() -> None:
    owner = Owner(lambda call: call.ring())
    async with service(owner) as server, telephone(server) as phone:
        phone.send("INVITE", body=sdp())
        await phone.hear("SIP/2.0 180")
        phone.cseq -= 1
        assert (await phone.ask("INVITE", body=sdp())).start.startswith("SIP/2.0 482")
        assert len(owner.calls) == 1


async def test_owner_refuses_a_call() -> None:
    owner = Owner(lambda _: Refusal(503, "Queue Full", 20))
    async with service(owner) as server, telephone(server) as phone:
        refused = await phone.ask("INVITE", body=sdp())
        assert (refused.start, refused["Retry-After"]) == ("SIP/2.0 503 Queue Full", "20")
        phone.send("ACK", branch=phone.branch)
        await owner.until("ended by service")


async def test_owner_that_fails_costs_one_call_only(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("0487001234")

    async with service(Owner(fail)) as server, telephone(server) as phone:
        assert (await phone.ask("INVITE", body=sdp())).start.startswith("SIP/2.0 500")
        assert (await phone.ask("OPTIONS")).start == "SIP/2.0 200 OK"
    assert "RuntimeError in fail" in caplog.text
    assert "0487001234" not in caplog.text


async def test_calls_are_limited_in_all_and_for_a_source() -> None:
    for limits in ({"max_calls": 1}, {"calls_per_source": 1}):
        async with service(**limits) as server, telephone(server) as one, telephone(server) as two:
            await one.call()
            refused = await two.ask("INVITE", body=sdp())
            assert refused.start.startswith("SIP/2.0 503")
            assert int(refused["Retry-After"]) > 0
            await one.ask("BYE")
            two.tag = "again"
            await two.call()
            await two.ask("BYE")


async def test_draining_refuses_new_calls_and_keeps_the_others() -> None:
    owner = Owner()
    async with service(owner) as server, telephone(server) as one, telephone(server) as two:
        await one.call()
        server.refuse_new()
        assert (await two.ask("INVITE", body=sdp()))["Retry-After"]
        assert (await two.ask("OPTIONS")).start.startswith("SIP/2.0 503")
        assert (await one.ask("INFO", body="Signal=1", kind="application/dtmf-relay")).start == "SIP/2.0 200 OK"
        await owner.until("key 1")
        await one.ask("BYE")


async def test_networks_not_listed_get_no_answer() -> None:
    async with service(allowed=("192.0.2.0/24",)) as server, telephone(server) as phone:
        phone.send("OPTIONS")
        phone.send("INVITE", body=sdp())
        assert await silence(phone)
        assert server.counts["not allowed"] == 2


async def test_flood_is_cut_short_and_forgotten() -> None:
    async with service(t1=0.5, burst=5, requests_per_second=1.0) as server, telephone(server) as phone:
        for _ in range(50):
            phone.send("OPTIONS")
        await asyncio.sleep(0.1)
        assert 5 <= phone.wire.heard.qsize() <= 7
        assert server.counts["too fast"] >= 40


async def test_connection_that_is_too_fast_is_read_slowly() -> None:
    async with service(t1=0.01, burst=2, requests_per_second=2.0) as server, telephone(server, "TCP") as phone:
        for _ in range(6):
            phone.send("OPTIONS")
        for _ in range(6):
            await phone.hear("SIP/2.0 200")
        assert server.counts["too fast"] > 0


@pytest.mark.parametrize(
    "data",
    [b"", b"\0", b"\0" * 32, b"\r\n", b"\r\n\r\n", b"\x00\x01\x00\x00!\x12\xa4B", b"jaK", b"\xff" * 100],
    ids=str,
)
async def test_noise_is_not_answered(data: bytes) -> None:
    async with service() as server, telephone(server) as phone:
        phone.put(data)
        assert await silence(phone, 0.05)
        assert server.counts["messages"] == 0


async def test_options_are_answered_without_remembering() -> None:
    async with service() as server, telephone(server) as phone:
        data = phone.send("OPTIONS")
        first = await phone.hear("SIP/2.0 200")
        phone.put(data)
        assert (await phone.hear())["To"] == first["To"]  # the same tag (RFC 3261 8.2.7)
        assert "UPDATE" in first["Allow"]
        assert first["Accept"] == "application/sdp"
        assert len(server.reception.transactions) == 0


async def test_answer_goes_to_where_the_request_came_from() -> None:
    async with service() as server, telephone(server) as phone:
        via = "SIP/2.0/UDP 192.0.2.1:5099;branch=z9hG4bKnat;rport , SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKup"
        answered = await phone.ask("OPTIONS", via=via)
        top, below = answered.headers["via"]
        assert top == f"SIP/2.0/UDP 192.0.2.1:5099;branch=z9hG4bKnat;rport={phone.port};received=127.0.0.1"
        assert below == "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKup"


async def test_answer_without_rport_goes_to_the_port_of_the_via() -> None:
    async with service() as server, telephone(server) as phone, telephone(server) as other:
        phone.send("OPTIONS", via=f"SIP/2.0/UDP 192.0.2.1:{other.port};branch=z9hG4bKold")
        assert (await other.hear("SIP/2.0 200"))["Via"].endswith(";received=127.0.0.1")
        assert await silence(phone, 0.05)


def credentials(challenge: Heard, secret: Secret, uri: str) -> str:
    """The Authorization of RFC 2617 with qop, by hand."""
    import hashlib

    def md5(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    value = next(v for v in challenge.headers["www-authenticate"] if "MD5" in v)
    realm, nonce = (value.split(f'{name}="')[1].split('"')[0] for name in ("realm", "nonce"))
    first, second = md5(f"{secret.user}:{realm}:{secret.password}"), md5(f"INVITE:{uri}")
    response = md5(f"{first}:{nonce}:00000001:abc:auth:{second}")
    return (
        f'Authorization: Digest username="{secret.user}", realm="{realm}", nonce="{nonce}", uri="{uri}", qop=auth, '
        f'nc=00000001, cnonce="abc", algorithm=MD5, response="{response}"'
    )


async def test_password_is_asked_for_when_one_is_set() -> None:
    owner = Owner()
    async with service(owner, credentials={"pbx": "secret"}) as server, telephone(server) as phone:
        challenge = await phone.ask("INVITE", body=sdp())
        assert challenge.start.startswith("SIP/2.0 401")
        phone.send("ACK", branch=phone.branch)
        uri = f"sip:8100@127.0.0.1:{server.port}"
        wrong = await phone.ask("INVITE", credentials(challenge, Secret("pbx", "guess"), uri), body=sdp())
        assert wrong.start.startswith("SIP/2.0 401")
        phone.in_call(await phone.ask("INVITE", credentials(challenge, Secret("pbx", "secret"), uri), body=sdp()))
        phone.send("ACK")
        await owner.until("answered")
        assert (await phone.ask("BYE")).start == "SIP/2.0 200 OK"


async def test_audio_ports_that_are_used_up_are_503() -> None:
    port = free_pair()
    async with service(ports=range(port, port + 2)) as server, telephone(server) as one, telephone(server) as two:
        await one.call()
        refused = await two.ask("INVITE", body=sdp())
        assert refused.start.startswith("SIP/2.0 503")
        assert server.counts["no port left"] == 1
        await one.ask("BYE")


def free_pair() -> int:
    """An even port of 127.0.0.1 that was free with the next one a moment ago."""
    while True:
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as two,
        ):
            one.bind(("127.0.0.1", 0))
            port = int(one.getsockname()[1])
            if port % 2 == 0 and port < 65534:
                try:
                    two.bind(("127.0.0.1", port + 1))
                except OSError:
                    continue
                return port


async def test_full_table_of_transactions_is_503() -> None:
    async with service() as server, telephone(server) as one, telephone(server) as two:
        await one.call()
        server.reception.transactions._limit = len(server.reception.transactions)
        assert (await two.ask("INVITE", body=sdp())).start.startswith("SIP/2.0 503")
        assert (await one.ask("INFO")).start.startswith("SIP/2.0 503")
        assert server.media.streams == 1
        server.reception.transactions._limit = 100
        await one.ask("BYE")


async def test_error_in_us_is_counted_and_told_without_words(caplog: pytest.LogCaptureFixture) -> None:
    owner = Owner()
    async with service(owner) as server, telephone(server) as phone:
        await phone.call()

        def fail(*_: object) -> None:
            raise KeyError("0487001234")

        owner.calls[0].handle = fail  # type: ignore[method-assign]
        phone.send("INFO")
        assert await silence(phone, 0.05)
        assert server.counts["failed"] == 1
        server.counts["failed"] = 0
        owner.calls[0].hang_up()
        await phone.expect_bye()
    assert "KeyError in fail" in caplog.text
    assert "0487001234" not in caplog.text
