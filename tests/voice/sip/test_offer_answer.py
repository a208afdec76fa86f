"""Offers and answers about one stream of telephone audio (RFC 3264)."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.media.stream import RemoteMedia
from voice.sip import sdp
from voice.sip.offer_answer import MediaSession, Unacceptable

HEAD = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"


def session() -> MediaSession:
    return MediaSession("127.0.0.1", 20000)


def answer(media: str, head: str = HEAD) -> tuple[str, RemoteMedia]:
    """What we answer to an offer, without its first lines, and where we send then."""
    ours = session()
    text = ours.answer((head + media).encode()).decode()
    assert ours.remote is not None
    return text, ours.remote


@pytest.mark.parametrize(
    ("media", "law", "number", "keys"),
    [
        ("m=audio 4000 RTP/AVP 0\r\n", "PCMU", 0, None),
        ("m=audio 4000 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\n", "PCMA", 8, 101),
        ("m=audio 4000 RTP/AVP 18 111 0\r\na=rtpmap:111 opus/48000/2\r\n", "PCMU", 0, None),
        ("m=audio 4000 RTP/AVP 97 98\r\na=rtpmap:97 pcma/8000\r\na=rtpmap:98 TELEPHONE-EVENT/8000\r\n", "PCMA", 97, 98),
        ("m=audio 4000 RTP/AVP 0 100\r\na=rtpmap:100 telephone-event/48000\r\n", "PCMU", 0, None),
        ("m=audio 4000 RTP/AVP 0 x 300\r\na=rtpmap:x y\r\n", "PCMU", 0, None),
    ],
)
def test_first_law_that_both_know_is_taken(media: str, law: str, number: int, keys: int | None) -> None:
    text, remote = answer(media)
    assert (remote.law, remote.payload_type, remote.key_payload_type) == (law, number, keys)
    assert f"a=rtpmap:{number} {law}/8000" in text
    assert ("telephone-event" in text) == (keys is not None)
    assert "a=ptime:20" in text


def test_other_media_are_refused_in_their_place() -> None:
    video = "m=video 4002 RTP/AVP 31\r\na=rtpmap:31 H261/90000\r\n"
    fax = "m=image 4004 udptl t38\r\n"
    text, remote = answer(video + "m=audio 4000 RTP/AVP 0\r\n" + fax + "m=audio 4006 RTP/AVP 0\r\n")
    lines = [line for line in text.split("\r\n") if line.startswith("m=")]
    assert lines == [
        "m=video 0 RTP/AVP 31",
        "m=audio 20000 RTP/AVP 0",
        "m=image 0 UDPTL t38",
        "m=audio 0 RTP/AVP 0",
    ]
    assert remote.port == 4000


def test_address_of_the_stream_goes_before_that_of_the_session() -> None:
    _, remote = answer("m=audio 4000 RTP/AVP 0\r\nc=IN IP4 192.0.2.9/127\r\n")
    assert remote.host == "192.0.2.9"


@pytest.mark.parametrize(
    ("line", "port"),
    [("", 4001), ("a=rtcp:53020\r\n", 53020), ("a=rtcp:53020 IN IP4 192.0.2.1\r\n", 53020), ("a=rtcp:x\r\n", 4001)],
)
def test_port_of_reports_is_the_next_one_or_the_one_given(line: str, port: int) -> None:
    assert answer("m=audio 4000 RTP/AVP 0\r\n" + line)[1].rtcp_port == port


def test_time_of_the_answer_is_that_of_the_offer() -> None:
    text, _ = answer("m=audio 4000 RTP/AVP 0\r\n", HEAD.replace("t=0 0", "t=3149328700 0"))
    assert "t=3149328700 0\r\n" in text


def test_direction_of_the_session_counts_for_its_stream() -> None:
    text, remote = answer("m=audio 4000 RTP/AVP 0\r\n", HEAD + "a=sendonly\r\n")
    assert "a=recvonly" in text
    assert (remote.sends, remote.receives) == (True, False)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", 399),
        ("v=0\r\n", 399),
        (HEAD, 304),
        (HEAD + "m=audio 0 RTP/AVP 0\r\n", 304),
        (HEAD + "m=audio 4000 RTP/SAVPF 0\r\n", 302),
        (HEAD + "m=audio 4000 RTP/AVP 9\r\n", 305),
        (HEAD + "m=audio 4000 RTP/AVP 0\r\na=rtpmap:0 G729/8000\r\n", 305),
        (HEAD + "m=audio 70000 RTP/AVP 0\r\n", 399),
        (HEAD + "m=audio\r\n", 399),
        (HEAD + "junk\r\n", 399),
        (HEAD + "m=audio 4000 RTP/AVP 0\r\n" * 40, 399),
        (HEAD + "a=x\r\n" * 1000 + "m=audio 4000 RTP/AVP 0\r\n", 399),
        (HEAD.replace("IN IP4 192.0.2.1\r\nt", "IN IP4 pbx.example\r\nt") + "m=audio 4000 RTP/AVP 0\r\n", 301),
        (HEAD.replace("c=IN IP4 192.0.2.1\r\n", "") + "m=audio 4000 RTP/AVP 0\r\n", 301),
    ],
)
def test_offer_without_common_ground_is_refused(text: str, code: int) -> None:
    ours = session()
    with pytest.raises(Unacceptable) as caught:
        ours.answer(text.encode())
    assert caught.value.warning.startswith(f"{code} - ")
    assert ours.remote is None


def test_offer_of_ours_and_its_answer() -> None:
    ours = session()
    offer = ours.offer().decode()
    assert "m=audio 20000 RTP/AVP 0 8 101\r\n" in offer
    assert ours.description.decode() == offer
    remote = ours.accept((HEAD + "m=audio 4000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n").encode())
    assert (remote.law, remote.key_payload_type) == ("PCMA", 101)


def test_version_grows_with_changes_only() -> None:
    ours = session()

    def version(body: bytes) -> int:
        return int(sdp.parse(body).origin.split(" ")[2])

    offer = (HEAD + "m=audio 4000 RTP/AVP 0\r\n").encode()
    first = version(ours.answer(offer))
    assert version(ours.answer(offer)) == first
    assert version(ours.answer(offer + b"a=sendonly\r\n")) == first + 1
    assert version(ours.description) == first + 1


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_answered_or_refused(noise: bytes) -> None:
    for body in (noise, (HEAD + "m=audio 4000 RTP/AVP 0\r\n").encode() + noise):
        with contextlib.suppress(Unacceptable):
            session().answer(body)
