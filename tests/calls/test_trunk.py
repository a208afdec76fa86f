"""A trunk that wants to be registered at: SIPp as its registrar."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from served import eventually

from . import process
from .service import Service
from .sipp import Sipp

pytestmark = pytest.mark.slow


def test_the_service_registers_at_its_trunk_and_leaves_it(tmp_path: Path, tidy: Callable[..., object]) -> None:
    port = process.port()
    granted = Sipp(tmp_path / "granted", "registrar", None, port=port, granted=60)
    tidy(granted)
    service = Service(
        tmp_path / "service", sip_registrar=f"sip:127.0.0.1:{port}", sip_account="sip:0485550100@trunk.example.jp",
        sip_login="madoguchi", sip_secret="himitsu",
    )  # fmt: skip
    tidy(service)
    outcome = granted.outcome()
    assert outcome.ok == 1, outcome.errors + outcome.messages[-4000:]
    eventually(lambda: "登録済み" in service.state)
    called = Sipp(tmp_path / "called", "answer", service.sip, "-s", "trunk")
    tidy(called)
    assert called.outcome().ok == 1
    left = Sipp(tmp_path / "left", "registrar", None, port=port, granted=0)
    tidy(left)
    service.stop()
    outcome = left.outcome()
    assert outcome.ok == 1, outcome.errors + outcome.messages[-4000:]
    assert "expires=0" in outcome.messages.lower() or "expires: 0" in outcome.messages.lower()
    assert "himitsu" not in service.printed()
