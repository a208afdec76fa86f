"""Passwords: which are good enough, and how they are kept (argon2id, never in clear)."""

from __future__ import annotations

import re
import secrets
import unicodedata
from functools import cached_property

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH, MAX_LENGTH = 12, 128
DISTINCT = 5  # signs that differ from each other; 「121212121212」 has two
BESIDE_NAME = 8  # signs that must be left without the name
_COMMON = """
    abcdefghijkl abcabc abcd admin administrator asdfghjkl baseball changeme chatbot console dragon football
    hajimemashite iloveyou jidousha jidoushazei kuruma letmein login madoguchi monkey nihon nippon ohayou passwd
    password passwordpassword princess qazwsx qazwsxedc qwer qwerty qwertyuiop root saitama saitamaken saitamakencho
    sakura secret shokuin sunshine superman tokyo user welcome zaqwsx zeimu zeimuka zxcvbn zxcvbnm
"""
COMMON = frozenset(_COMMON.split())
"""Words that, with nothing but figures and signs around them, are among the first an attacker tries: from published
lists of leaked passwords, and words of this service."""
_LEET = str.maketrans("0134578@$!", "oieastbasi")


def hasher() -> PasswordHasher:
    """How passwords are hashed today. 64 MiB and three passes are the second recommendation of RFC 9106, section 4, and
    more than OWASP's least (Password Storage Cheat Sheet: 19 MiB and two passes). One lane in place of four: telephone
    calls share the processor with us."""
    return PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1, hash_len=32, salt_len=16, type=Type.ID)


class Passwords:
    """Hashes and checks. Checking against nothing takes as long as checking against a password."""

    def __init__(self, how: PasswordHasher | None = None) -> None:
        self._how = how or hasher()
        self.checks = 0
        """How many were checked so far: names that exist and names that do not cost one each."""

    @cached_property
    def _nobody(self) -> str:
        return self._how.hash(secrets.token_urlsafe(32))

    def hash(self, password: str) -> str:
        """What to keep of a password."""
        return self._how.hash(folded(password))

    def check(self, kept: str | None, password: str) -> bool:
        """Whether this is the password of which `kept` is what we keep; None: of nobody."""
        self.checks += 1
        nobody = self._nobody  # for every check, so that the first one takes long whoever it is
        try:
            matches = self._how.verify(kept or nobody, folded(password))
        except (VerificationError, InvalidHashError):
            return False
        return matches and kept is not None

    def outdated(self, kept: str) -> bool:
        """Whether it was hashed in another way than today's."""
        return self._how.check_needs_rehash(kept)


def folded(password: str) -> str:
    """The same for full-width and half-width typing (NFKC; NIST SP 800-63B-4, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def weakness(password: str, name: str) -> str | None:
    """Why a password is not good enough, in Japanese; None if it is. Length counts, not kinds of signs (NIST SP
    800-63B-4, 3.1.1.2)."""
    text = folded(password)
    if len(text) < MIN_LENGTH:
        return f"パスワードが{len(text)}文字です。{MIN_LENGTH}文字以上にしてください。"
    if len(text) > MAX_LENGTH:
        return f"パスワードが{len(text)}文字です。{MAX_LENGTH}文字までにしてください。"
    if not text.isprintable():
        return "パスワードに、改行やタブなどの見えない文字があります。取りのぞいてください。"
    if len(text.casefold().replace(name.casefold(), "")) < BESIDE_NAME:
        return "パスワードが名前とほとんど同じです。名前とは関係のない、長い文にしてください。"
    if len(set(text)) < DISTINCT:
        return "パスワードが同じ文字のくり返しです。いくつかの言葉をつないだ、長い文にしてください。"
    if _is_common(text.casefold()):
        return "よく使われる、当てられやすいパスワードです。いくつかの言葉をつないだ、長い文にしてください。"
    return None


def _is_common(text: str) -> bool:
    if text.isdigit() or text in "abcdefghijklmnopqrstuvwxyz" * 2:
        return True
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)
    plain = core.translate(_LEET)
    return not COMMON.isdisjoint({core, plain, *(re.sub(r"[\W\d_]+", "", each) for each in (core, plain))})
