"""What the telephone process is told when it starts; plain values, so that it can be a process of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import SecretStr

from bot.knowledge.models import Strict
from voice.sip.config import SipConfig


class Trunk(Strict):
    """Where to REGISTER (`registrar`), which address (`account`), and how to log in."""

    registrar: str
    account: str
    login: str
    secret: SecretStr


class TelephoneConfig(Strict):
    """`targets` maps "operators" and "night_desk" to SIP addresses."""

    sip: SipConfig
    rtp_ports: tuple[int, int]
    snapshot: Path
    prompts: Path
    emergency: Path
    caller_key: Path
    keep_caller_numbers: bool = False
    targets: dict[str, str]
    transfer_by: Literal["auto", "refer", "bridge"] = "auto"
    trunk: Trunk | None = None
    drain_seconds: float = 20.0
