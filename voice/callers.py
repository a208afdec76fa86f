"""Who called, without keeping the number: a keyed hash tells only that the same caller called again."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class CallerNames:
    """Turns numbers into names for events. `keep_numbers`: the operator has switched plain numbers on."""

    key: bytes
    keep_numbers: bool = False

    def name(self, number: str) -> str:
        """16 hex digits; empty for a withheld number. The same number in any spelling gives the same name."""
        digits = re.sub(r"[^0-9]", "", re.sub(r"^\+81", "0", number.strip()))
        if not digits:
            return ""
        return digits if self.keep_numbers else hmac.new(self.key, digits.encode(), hashlib.sha256).hexdigest()[:16]


def caller_key(file: Path) -> bytes:
    """The key of this installation, made at the first call for it. Without it the hashes mean nothing."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        file.parent.mkdir(parents=True, exist_ok=True)
        key = secrets.token_bytes(32)
        try:
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as made:
                made.write(key)
        except FileExistsError:  # another process was faster
            return file.read_bytes()
        return key
