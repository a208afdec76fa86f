"""Bytes to messages: what is put straight, what is refused, and what is kept exactly as it came."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sipmessage import Request, Response

from voice.sip import fields, wire
from voice.sip.answers import stamp, tagged
from voice.sip.wire import Malformed

HEAD = (
    "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\n"
    "Call-ID: x\r\nCSeq: 1 {method}\r\n"
)


def text(start: str = "OPTIONS sip:c@d SIP/2.0", lines: str = "", body: str = "", method: str = "OPTIONS") -> bytes:
    return f"{start}\r\n{HEAD.format(method=method)}{lines}\r\n{body}".encode()


def request(data: bytes) -> Request:
    message = wire.read(data)
    assert isinstance(message, Request)
    return message


def test_request_is_read_and_written_again() -> None:
    read = request(text(lines="k: timer\r\nX-Odd  :  a,  b\r\n c\r\n"))
    assert (read.method, str(read.uri)) == ("OPTIONS", "sip:c@d")
    assert read.headers["Supported"] == "timer"
    assert read.headers["X-Odd"] == "a,  b c"
    again = request(wire.encode(read))
    assert again.headers.get("Via") == "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1"
    assert again.headers["Content-Length"] == "0"


def test_response_is_read() -> None:
    read = wire.read(text("SIP/2.0 486 Busy here"))
    assert isinstance(read, Response)
    assert (read.code, read.phrase) == (486, "Busy here")


@pytest.mark.parametrize("length", ["3", "0", None])
def test_body_has_the_length_that_is_said(length: str | None) -> None:
    lines = f"Content-Length: {length}\r\n" if length else ""
    assert request(text(lines=lines, body="abcdef")).body == (b"abcdef" if length is None else b"abcdef"[: int(length)])


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (text(lines="Content-Length: 7\r\n", body="abc"), 400),
        (text(lines="Content-Length: 1_0\r\n", body="abc"), 400),
        (text(lines="Content-Length: ٣\r\n", body="abc"), 400),
        (text(lines="From: <sip:e@f>\r\n"), 400),
        (text(lines="no colon\r\n"), 400),
        (text(lines=": nothing\r\n"), 400),
        (text(lines="Bad Name: x\r\n"), 400),
        (text(lines="Max-Forwards: 256\r\n"), 400),
        (text(lines="Max-Forwards: ten\r\n"), 400),
        (text(lines="X: a\nVia: forged\r\n"), 400),
        (text(lines="X: a\rb\r\n"), 400),
        (text(lines="X: y\r\n" * 200), 400),
        (text(lines="X: " + "y" * 9000 + "\r\n"), 513),
        (text("OPTIONS sip:c@d SIP/3.0"), 505),
        (text("OPTIONS sip:c@d HTTP/1.1"), 400),
        (text("OPTIONS sip:@d SIP/2.0"), 400),
        (text("OPTIONS sip:c@d?x=y SIP/2.0"), 400),
        (text("OPTIONS sip:c@d:999999 SIP/2.0"), 400),
        (text("OPTIONS c@d SIP/2.0"), 400),
        (text("OPTIONS  SIP/2.0"), 400),
        (text("OPTIONS"), 400),
        (text("SIP/2.0 99 Low"), 400),
        (text("SIP/2.0 1000 High"), 400),
        (text(method="INVITE"), 400),
        (b"OPTIONS sip:c@d SIP/2.0\r\n", 400),
        (b"OPTIONS sip:c@d SIP/2.0\r\n\r\n", 400),
    ],
)
def test_flawed_message_is_malformed(data: bytes, status: int) -> None:
    with pytest.raises(Malformed) as caught:
        wire.read(data)
    assert caught.value.status == status


def test_stream_needs_a_length() -> None:
    with pytest.raises(Malformed):
        wire.read(text(), stream=True)


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_noise_is_malformed_or_read(data: bytes) -> None:
    with contextlib.suppress(Malformed):
        wire.read(data)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_fields_are_read_or_refused(value: str) -> None:
    for scan in (fields.split, fields.name_addr, fields.via, fields.parameters, fields.uri):
        with contextlib.suppress(ValueError):
            scan(value)


@pytest.mark.parametrize(
    "value", ['"' * 60000, "<" * 60000, ';a="b"' * 10000, "a,<" * 20000, '"\\' * 30000, " " * 60000]
)
def test_reading_a_field_takes_time_in_proportion(value: str) -> None:
    began = time.perf_counter()
    for scan in (fields.split, fields.name_addr, fields.via, fields.parameters):
        with contextlib.suppress(ValueError):
            scan(value)
    assert time.perf_counter() - began < 5.0  # backtracking would take for ever


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("a, b,c", ["a", "b", "c"]),
        ('"a, b" <sip:x@y;p=1,2>, <sip:z>', ['"a, b" <sip:x@y;p=1,2>', "<sip:z>"]),
        ('"\\"," <sip:a>,b', ['"\\"," <sip:a>', "b"]),
        ("", [""]),
    ],
)
def test_lists_are_cut_outside_quotes_and_brackets(value: str, parts: list[str]) -> None:
    assert fields.split(value) == parts


@pytest.mark.parametrize(
    ("value", "display", "uri", "tag"),
    [
        ("<sip:a@b>;tag=1", "", "sip:a@b", "1"),
        ("sip:a@b;tag=1", "", "sip:a@b", "1"),
        ('"A \\"B\\" <C>" <sip:a@b;x=1> ; Tag = 2', 'A "B" <C>', "sip:a@b;x=1", "2"),
        ("Bell, Alexander <sip:a@b>", "Bell, Alexander", "sip:a@b", ""),
        ("caller<tel:+81-48>", "caller", "tel:+81-48", ""),
    ],
)
def test_addresses_are_taken_apart(value: str, display: str, uri: str, tag: str) -> None:
    address = fields.name_addr(value)
    assert (address.display, address.uri, address.parameters.get("tag", "")) == (display, uri, tag)


@pytest.mark.parametrize(
    "value",
    ["", "a@b", "<sip:a@b", '"x <sip:a@b>', "< sip:a@b >", "<>", "sip:a@b?x=y", "<sip:a@b>x", "<sip:a b>", ";tag=1"],
)
def test_what_is_no_address_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        fields.name_addr(value)


def test_tag_is_added_once() -> None:
    assert tagged("<sip:a@b>", "x") == "<sip:a@b>;tag=x"
    assert tagged("sip:a@b;tag=y", "x") == "sip:a@b;tag=y"


@pytest.mark.parametrize(
    ("via", "stamped"),
    [
        ("SIP/2.0/UDP 127.0.0.1:9;branch=b", "SIP/2.0/UDP 127.0.0.1:9;branch=b"),
        ("SIP/2.0/UDP 127.0.0.1:9;branch=b;rport", "SIP/2.0/UDP 127.0.0.1:9;branch=b;rport=7;received=127.0.0.1"),
        ("SIP/2.0/UDP pbx;branch=b", "SIP/2.0/UDP pbx;branch=b;received=127.0.0.1"),
        ("SIP/2.0/UDP pbx;received=1.2.3.4;branch=b", "SIP/2.0/UDP pbx;branch=b;received=127.0.0.1"),
    ],
)
def test_top_via_tells_where_a_request_came_from(via: str, stamped: str) -> None:
    read = request(text().replace(b"SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1", via.encode()))
    stamp(read, ("127.0.0.1", 7, "udp"))
    assert read.headers.getlist("Via") == [stamped]
