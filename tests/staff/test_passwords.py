"""Which passwords are good enough, and how they are kept."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type
from staffed import cheap

from bot.staff.passwords import Passwords, hasher, weakness

GOOD = [
    "いつもの 長い 合言葉 です",
    "correct horse battery",
    "kx7mq-2vbrt-w9ezd",
    "夏の川辺で魚を三匹つかまえた",
    "Tr0ub4dor&3x!!",
]


@pytest.mark.parametrize("password", GOOD)
def test_long_phrases_are_good(password: str) -> None:
    assert weakness(password, "hanako") is None


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("みじかい言葉です", "8文字です。12文字以上"),
        ("x" * 129, "129文字です。128文字まで"),
        ("abcdefg\nhijklm", "見えない文字"),
        ("hanako-k7z2q", "名前とほとんど同じ"),
        ("HANAKO_hanako!", "名前とほとんど同じ"),
        ("ababababababab", "くり返し"),
        ("password2026!", "当てられやすい"),
        ("P@ssw0rd123456", "当てられやすい"),
        ("Saitama-2026!!", "当てられやすい"),
        ("ｐａｓｓｗｏｒｄ１２３４", "当てられやすい"),
        ("qwertyuiop1234", "当てられやすい"),
        ("202611211234", "当てられやすい"),
        ("abcdefghijklmnop", "当てられやすい"),
    ],
)
def test_weak_passwords_are_refused_with_what_to_do(password: str, why: str) -> None:
    said = weakness(password, "hanako")
    assert said is not None
    assert why in said


def test_full_and_half_width_typing_are_the_same_password() -> None:
    passwords = cheap()
    kept = passwords.hash("ｎａｇａｉ　ａｉｋｏｔｏｂａ")
    assert passwords.check(kept, "nagai aikotoba")
    assert not passwords.check(kept, "Nagai aikotoba")


def test_passwords_are_kept_as_rfc_9106_says() -> None:
    kept = extract_parameters(Passwords().hash(GOOD[0]))
    assert (kept.type, kept.memory_cost, kept.time_cost, kept.salt_len, kept.hash_len) == (Type.ID, 65536, 3, 16, 32)


def test_what_is_kept_never_repeats() -> None:
    passwords = cheap()
    assert passwords.hash(GOOD[0]) != passwords.hash(GOOD[0])


def test_nobody_has_no_password_and_costs_a_check_too() -> None:
    passwords = cheap()
    assert not passwords.check(None, GOOD[0])
    assert not passwords.check("not a hash", GOOD[0])
    assert passwords.checks == 2


def test_another_way_of_hashing_is_noticed() -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    assert Passwords(hasher()).outdated(old.hash("x"))
    assert not cheap().outdated(old.hash("x"))
