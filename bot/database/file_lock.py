"""A lock on an open file that ends with the process that holds it, however that ends."""

from __future__ import annotations

import sys
from typing import IO, Any

if sys.platform != "win32":
    import fcntl


def try_lock(file: IO[Any]) -> bool:
    """Take the file for this process; False if another one has it. Closing the file gives it back. On Windows, where
    editors only check content and nobody serves, it is always ours."""
    if sys.platform == "win32":
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def wait_for_lock(file: IO[Any]) -> None:
    """Take the file for this process as soon as nobody else has it."""
    if sys.platform != "win32":
        fcntl.flock(file, fcntl.LOCK_EX)
