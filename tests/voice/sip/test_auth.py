"""Digests: the RFCs' own figures, the asking and the answering side, and what an attacker may try."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sipmessage import CSeq, Request, Response

from voice.sip import auth, digest
from voice.sip.auth import Challenger, authorise
from voice.sip.digest import Proof, Secret
from voice.sip.uris import exact

KEY = b"k" * 32
SECRET = Secret("0480000000", 'pass"w\\ord')


class Clock:
    """A time that tests move."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def invite(uri: str = "sip:0481234567@127.0.0.1", method: str = "INVITE") -> Request:
    request = Request(method, exact(uri), b"v=0")
    request.cseq = CSeq(1, method)
    return request


def challenged(challenger: Challenger, request: Request, status: int = 401) -> Response:
    response = Response(status, "Unauthorized")
    response.headers.setlist("WWW-Authenticate", challenger.challenge(request))
    return response


def answered(challenger: Challenger, secret: Secret = SECRET, uri: str = "sip:0481234567@127.0.0.1") -> Request:
    request = invite(uri)
    assert authorise(request, challenged(challenger, request), secret)
    return request


def swapped(request: Request, old: str, new: str) -> Request:
    value = request.headers["Authorization"]
    assert old in value
    request.headers.set("Authorization", value.replace(old, new))
    return request


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def challenger(clock: Clock) -> Challenger:
    return Challenger("madoguchi", {SECRET.user: SECRET.password}, KEY, now=clock)


# -- figures of the RFCs -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_digest_is_that_of_rfc_7616_3_9_1(algorithm: str, expected: str) -> None:
    proof = Proof(
        realm="http-auth@example.org",
        nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        method="GET",
        uri="/dir/index.html",
        algorithm=algorithm,
        cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    )
    assert proof.response(Secret("Mufasa", "Circle of Life")) == expected


def test_digest_is_that_of_rfc_2617_3_5() -> None:
    proof = Proof(
        realm="testrealm@host.com",
        nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",
        method="GET",
        uri="/dir/index.html",
        cnonce="0a4f113b",
    )
    assert proof.response(Secret("Mufasa", "Circle Of Life")) == "6629fae49393a05397450978507c4ef1"


def test_digest_is_that_of_rfc_2069_with_its_erratum() -> None:
    proof = Proof(
        realm="testrealm@host.com",
        nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",
        method="GET",
        uri="/dir/index.html",
        qop="",
    )
    assert proof.response(Secret("Mufasa", "CircleOfLife")) == "1949323746fe6a43ef61f9606e7febea"


def test_digest_of_a_session_starts_from_the_digest_of_the_secret() -> None:
    plain, session = (
        Proof(realm="r", nonce="n", method="INVITE", uri="sip:a", algorithm=name, cnonce="c").response(SECRET)
        for name in ("SHA-256", "SHA-256-sess")
    )
    assert plain != session


def test_digest_of_an_unknown_algorithm_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown"):
        Proof(realm="r", nonce="n", method="INVITE", uri="sip:a", algorithm="AKAv1-MD5").response(SECRET)


# -- reading -----------------------------------------------------------------------------------------------------------


def test_challenge_of_rfc_3261_with_a_comma_in_quotes_is_read() -> None:
    value = (
        'Digest realm="atlanta.com", domain="sip:ss1.carrier.com", qop="auth,auth-int", '
        'nonce="f84f1cec41e6cbe5aea9c8e88d359", opaque="", stale=FALSE, algorithm=MD5'
    )
    assert digest.parse(value) == {
        "realm": "atlanta.com",
        "domain": "sip:ss1.carrier.com",
        "qop": "auth,auth-int",
        "nonce": "f84f1cec41e6cbe5aea9c8e88d359",
        "opaque": "",
        "stale": "FALSE",
        "algorithm": "MD5",
    }


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Digest",
        "Digest ",
        "Digest realm",
        'Digest realm="open',
        'Digest realm="a" nonce="b"',
        'Digest realm="a", realm="b"',
        "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        'Digest realm="' + "a" * 5000 + '"',
    ],
)
def test_broken_challenge_is_none(value: str) -> None:
    assert digest.parse(value) is None


@given(st.text(max_size=200))
def test_any_text_after_digest_is_read_or_refused_without_an_error(text: str) -> None:
    digest.parse("Digest " + text)


def test_made_up_header_is_refused_without_long_thought() -> None:
    assert digest.parse("Digest " + 'a="b",' * 600 + " x") is None  # sipmessage 0.7.1 would never come back


def test_secret_does_not_show_its_password() -> None:
    assert "pass" not in repr(SECRET)


# -- asking and answering ----------------------------------------------------------------------------------------------


def test_right_password_is_verified(challenger: Challenger) -> None:
    assert challenger.verify(answered(challenger))


def test_sha_256_is_offered_first_and_chosen(challenger: Challenger) -> None:
    offered = challenger.challenge(invite())
    assert ["SHA-256" in offered[0], "MD5" in offered[1]] == [True, True]
    assert "algorithm=SHA-256" in answered(challenger).headers["Authorization"]


def test_strongest_is_chosen_even_when_md5_comes_first(clock: Clock) -> None:
    reversed_ = Challenger("madoguchi", {SECRET.user: SECRET.password}, KEY, ("MD5", "SHA-256"), clock)
    assert "algorithm=SHA-256" in answered(reversed_).headers["Authorization"]


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256", "SHA-512-256", "MD5-sess", "SHA-256-sess"])
def test_both_ends_agree_with_every_algorithm(algorithm: str, clock: Clock) -> None:
    challenger = Challenger("r", {SECRET.user: SECRET.password}, KEY, (algorithm,), clock)
    assert challenger.verify(answered(challenger))


def test_wrong_password_is_refused_and_not_stale(challenger: Challenger) -> None:
    request = answered(challenger, Secret(SECRET.user, "guess"))
    assert not challenger.verify(request)
    assert "stale" not in challenger.challenge(request)[0]


def test_unknown_user_is_refused(challenger: Challenger) -> None:
    assert not challenger.verify(answered(challenger, Secret("nobody", SECRET.password)))


def test_request_without_credentials_is_refused(challenger: Challenger) -> None:
    assert not challenger.verify(invite())


def test_credentials_cannot_be_used_twice(challenger: Challenger) -> None:
    request = answered(challenger)
    assert challenger.verify(request)
    assert not challenger.verify(request)
    assert "stale=true" in challenger.challenge(request)[0]


def test_old_nonce_is_stale_and_a_new_one_helps(challenger: Challenger, clock: Clock) -> None:
    request = answered(challenger)
    clock.now += auth.NONCE_SECONDS + 1
    assert not challenger.verify(request)
    response = challenged(challenger, request)
    assert auth.is_stale(response)
    assert authorise(request, response, SECRET)
    assert challenger.verify(request)


def test_nonce_of_the_future_is_not_taken(challenger: Challenger, clock: Clock) -> None:
    request = answered(challenger)
    clock.now -= 60
    assert not challenger.verify(request)


def test_nonce_somebody_made_up_is_refused(challenger: Challenger, clock: Clock) -> None:
    other = Challenger("madoguchi", {SECRET.user: SECRET.password}, b"x" * 32, now=clock)
    assert not challenger.verify(answered(other))


def test_nonce_for_sha_256_does_not_serve_for_md5(challenger: Challenger) -> None:
    request = invite()
    response = challenged(challenger, request)
    value = response.headers["WWW-Authenticate"].replace("SHA-256", "MD5")
    response.headers.setlist("WWW-Authenticate", [value])
    assert authorise(request, response, SECRET)
    assert not challenger.verify(request)


def test_credentials_survive_a_proxy_that_changes_the_target(challenger: Challenger) -> None:
    request = answered(challenger)
    request.uri = exact("sip:100@10.0.0.5:5070;transport=udp")
    assert challenger.verify(request)


@pytest.mark.parametrize(
    ("old", "new"),
    [("qop=auth", "qop=auth-int"), ("nc=00000001", "nc=1"), ("nc=00000001", "nc=0000000g"), ("nc=", "count=")],
)
def test_credentials_that_leave_the_offer_are_refused(challenger: Challenger, old: str, new: str) -> None:
    assert not challenger.verify(swapped(answered(challenger), old, new))


def test_credentials_of_another_realm_are_passed_over(challenger: Challenger, clock: Clock) -> None:
    request = answered(challenger)
    mine = request.headers["Authorization"]
    request.headers.setlist("Authorization", [mine.replace('realm="madoguchi"', 'realm="other"'), mine])
    assert challenger.verify(request)


def test_many_nonces_are_forgotten_without_letting_replays_in(
    challenger: Challenger, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth, "NONCES", 3)
    requests = []
    for _ in range(5):
        clock.now += 1
        requests.append(answered(challenger))
        assert challenger.verify(requests[-1])
    assert [challenger.verify(request) for request in requests] == [False] * 5


def test_flood_of_strangers_leaves_nothing_behind(challenger: Challenger) -> None:
    for number in range(200):
        challenger.verify(answered(challenger, Secret(f"u{number}", "x")))
    assert not challenger._counts


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_credentials_are_judged_without_an_error(nonce: str, rest: str) -> None:
    challenger = Challenger("madoguchi", {SECRET.user: SECRET.password}, KEY)
    request = invite()
    request.headers.set("Authorization", f'Digest realm="madoguchi", nonce="{nonce}", algorithm={rest}')
    assert not challenger.verify(request)
    assert challenger.challenge(request)


# -- challenges of others ----------------------------------------------------------------------------------------------


def asked(value: str, status: int = 401) -> Response:
    response = Response(status, "")
    response.headers.set("Proxy-Authenticate" if status == 407 else "WWW-Authenticate", value)
    return response


def test_proxy_challenge_is_answered_in_its_own_field() -> None:
    request = invite()
    assert authorise(request, asked('Digest realm="p", nonce="n", qop="auth"', 407), SECRET)
    assert request.headers.get("Proxy-Authorization")
    assert request.headers.get("Authorization") is None


def test_challenge_without_qop_is_answered_the_old_way() -> None:
    request = invite()
    assert authorise(request, asked('Digest realm="p", nonce="n"'), SECRET)
    found = digest.parse(request.headers["Authorization"])
    assert found is not None
    assert {"qop", "nc", "cnonce", "algorithm"}.isdisjoint(found)


def test_auth_int_alone_covers_the_body() -> None:
    one, other = invite(), invite()
    other.body = b"v=1"
    responses = []
    for request in (one, other):
        assert authorise(request, asked('Digest realm="p", nonce="n", qop="auth-int"'), SECRET)
        found = digest.parse(request.headers["Authorization"]) or {}
        proof = Proof("p", "n", "INVITE", str(request.uri), qop="auth-int", cnonce=found["cnonce"], body=request.body)
        assert found["response"] == proof.response(SECRET)
        responses.append(found["response"])
    assert responses[0] != responses[1]


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ('Digest realm="p", nonce="n", algorithm=AKAv1-MD5', 401),
        ('Digest realm="p", nonce="n", qop="auth-conf"', 401),
        ('Digest realm="p"', 401),
        ("Negotiate abc", 401),
        ('Digest realm="p", nonce="n"', 403),
    ],
)
def test_challenge_we_cannot_answer_is_left(value: str, status: int) -> None:
    request = invite()
    assert not authorise(request, asked(value, status), SECRET)
    assert request.headers.get("Authorization") is None


def test_secret_for_one_realm_is_not_shown_to_another() -> None:
    request, secret = invite(), Secret("a", "b", realm="trunk")
    assert not authorise(request, asked('Digest realm="evil", nonce="n"'), secret)
    assert authorise(request, asked('Digest realm="trunk", nonce="n"'), secret)
