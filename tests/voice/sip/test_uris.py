"""Where URIs point, and that they are printed as they came."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sipmessage import Request

from voice.sip import uris
from voice.sip.uris import Place, exact, literal, place, resolve


@pytest.mark.parametrize(
    "text",
    [
        "sip:a@h;gr=urn:uuid:f81d4fae-7dec",
        "sip:%61lice@my_pbx:5080;self=x;lr",
        "sip:+81-48;phone-context=jp@10.0.0.1;transport=tcp",
        "tel:+81481234567",
        "SIP:h",
    ],
)
def test_uri_is_printed_as_it_came(text: str) -> None:
    assert bytes(Request("BYE", exact(text))).startswith(f"BYE {text} SIP/2.0\r\n".encode())


@pytest.mark.parametrize("text", ["", "sip:", "a@b", "sip:a b", "sip:a\r\nX: y", "sip:a>b", 'sip:"a"@b', "1sip:a"])
def test_text_that_no_request_line_can_hold_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="URI"):
        exact(text)


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("sip:10.0.0.1", Place("10.0.0.1", 5060, "udp")),
        ("sip:a;b=c@10.0.0.1:5070;transport=TCP;lr", Place("10.0.0.1", 5070, "tcp")),
        ("sip:a:secret@trunk.example", Place("trunk.example", 5060, "udp")),
        ("SIP:a@h;maddr=10.0.0.2?X=y", Place("10.0.0.2", 5060, "udp")),
    ],
)
def test_uri_points_to_a_place(uri: str, expected: Place) -> None:
    assert place(uri) == expected


@pytest.mark.parametrize(
    "uri", ["sips:a@h", "tel:+81", "sip:a@h;transport=ws", "sip:a@h:0", "sip:a@h:70000", "sip:[::1]", "http://h", "x"]
)
def test_uri_that_is_no_place_for_us_is_refused(uri: str) -> None:
    with pytest.raises(ValueError, match="URI"):
        place(uri)
    assert literal(uri) is None


def test_name_is_no_literal_but_is_resolved() -> None:
    assert literal("sip:localhost:5070") is None
    assert literal("sip:127.0.0.1:5070") == ("127.0.0.1", 5070, "udp")


async def test_name_is_resolved_by_the_system() -> None:
    assert await resolve("sip:localhost:5070;transport=tcp") == ("127.0.0.1", 5070, "tcp")


@pytest.mark.parametrize(
    ("uri", "user"),
    [("sip:048@h", "048"), ("sip:048;x=y:pw@h", "048"), ("sip:h", ""), ("tel:048;ext=1", "048"), ("", "")],
)
def test_user_of_a_uri_is_taken_as_written(uri: str, user: str) -> None:
    assert uris.user(uri) == user


def test_parameters_are_those_of_the_uri_not_of_its_user() -> None:
    assert uris.parameters("sip:a;lr=no@h;LR;x=1?y=2") == {"lr": "", "x": "1"}


@given(st.text(max_size=80))
def test_any_text_is_refused_or_read_without_another_error(text: str) -> None:
    for read in (exact, place, uris.parameters):
        try:
            read(f"sip:{text}")
        except ValueError:
            continue
