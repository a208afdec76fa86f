"""RFC 4475 over a real socket: what is valid is understood, what is not is refused, responses to nobody are dropped."""

from __future__ import annotations

import asyncio

import pytest

from .caller import Owner, service, telephone
from .torture import MESSAGES, message


def test_all_messages_are_there() -> None:
    assert len(MESSAGES) == 49


@pytest.mark.parametrize("name", MESSAGES)
async def test_torture_message_is_answered_as_the_rfc_says(name: str) -> None:
    expected, _ = MESSAGES[name]
    owner = Owner()
    async with service(owner) as server, telephone(server) as phone:
        phone.put(message(name))
        if expected is None:
            await asyncio.sleep(0.05)
            assert phone.wire.heard.empty()
        else:
            answer = await phone.hear()
            assert answer.start.startswith(f"SIP/2.0 {expected} ")
            assert expected != 420 or answer["Unsupported"] == "nothingsupportsthis, nothingsupportsthiseither"
            sent = message(name).split(b"\r\n\r\n")[0].decode()
            assert answer["Call-ID"] in sent
        assert len(owner.calls) == (1 if expected == 200 and message(name).startswith(b"INVITE") else 0)


async def test_connection_without_content_length_is_answered_and_closed() -> None:
    async with service() as server, telephone(server, "TCP") as phone:
        phone.put(message("trws").replace(b"Content-Length: 0\r\n", b"").replace(b"SIP/2.0  \r", b"SIP/2.0\r"))
        assert (await phone.hear()).start.startswith("SIP/2.0 400")
        async with asyncio.timeout(5):
            await phone.wire.closed.wait()
