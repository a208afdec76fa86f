"""Everything around the recogniser. No model can be had here, so no recognition rate is claimed (voice.md 4)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from voice.speech import recognition
from voice.speech.recognition import (
    NoRecognition,
    Recognised,
    VoskRecognizer,
    check_model,
    understood,
    upsampled,
)

pytest.importorskip("vosk")


def model(folder: Path, *files: str) -> Path:
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"not a model")
    return folder


def test_wrong_folder_is_told_before_vosk_sees_it(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(NoRecognition, match="フォルダーがありません"):
        VoskRecognizer(tmp_path / "none")
    with pytest.raises(NoRecognition, match="展開したフォルダー"):
        VoskRecognizer(tmp_path)
    assert capfd.readouterr() == ("", "")


def test_folder_above_the_model_is_named(tmp_path: Path) -> None:
    model(tmp_path / "vosk-model-small-ja-0.22", "am/final.mdl", "conf/mfcc.conf")
    with pytest.raises(NoRecognition, match=r"vosk-model-small-ja-0\.22 を指定"):
        check_model(tmp_path)


def test_model_that_is_incomplete_or_broken_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoRecognition, match=r"conf/mfcc\.conf"):
        check_model(model(tmp_path / "a", "am/final.mdl"))
    with pytest.raises(NoRecognition, match="壊れて"):
        VoskRecognizer(model(tmp_path / "b", "am/final.mdl", "conf/mfcc.conf"))


def test_missing_package_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recognition, "find_spec", lambda _: None)
    with pytest.raises(NoRecognition, match="recognition"):
        check_model(tmp_path)


@pytest.mark.parametrize(
    ("result", "recognised"),
    [
        ({"text": "納付 書 を なくし まし た"}, Recognised("納付書をなくしました", 0.0)),
        ({"text": "PayPay で 払え ます か"}, Recognised("PayPay で払えますか", 0.0)),
        ({"text": "thank you very much"}, Recognised("thank you very much", 0.0)),
        ({"text": "自動車 [unk] 税"}, Recognised("自動車税", 0.0)),
        ({"text": "車 検", "result": [{"conf": 0.9}, {"conf": 0.4}]}, Recognised("車検", 0.4)),
        ({"text": ""}, Recognised("", 0.0)),
        ({}, Recognised("", 0.0)),
    ],
)
def test_result_of_vosk_is_read(result: dict[str, object], recognised: Recognised) -> None:
    assert understood(result) == recognised


def test_sound_is_brought_to_the_rate_of_the_models() -> None:
    tone = (8000 * np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)).astype("<i2")
    double = np.frombuffer(upsampled(tone.tobytes()), dtype="<i2").astype(float)
    assert len(double) == 16_000
    assert np.argmax(np.abs(np.fft.rfft(double))) == 440
    assert upsampled(b"") == b""
    assert len(upsampled(tone.tobytes() + b"\x01")) == 32_000
