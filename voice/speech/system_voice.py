"""The operating system's own voices (Windows SAPI, macOS, espeak on Linux) through pyttsx3, for listening at a desk.

Not for the server: pyttsx3 2.99 is one engine per process, loses files and hangs (voice.md 3.2: 1 wrong file in 24). So
each text has a fresh process, a time limit, and its file is looked at before it is believed.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voice.speech.errors import SpeechError
from voice.speech.loudness import finish
from voice.speech.wave_file import BrokenRecording, decode

LIMIT_SECONDS = 30.0
LEAST_SECONDS_A_SIGN = 0.03  # the fastest voices say 20 signs a second; less is a file that was cut or another text's
WORDS_A_MINUTE = 160

_PROGRAM = """
import sys
import pyttsx3
text, out, rate, lang = sys.argv[1:]
engine = pyttsx3.init()
engine.setProperty("rate", int(rate))
for voice in engine.getProperty("voices"):
    known = [each.decode(errors="ignore") if isinstance(each, bytes) else str(each) for each in voice.languages or []]
    if any(each.strip("\\x05\\x02").lower().startswith(lang) for each in known) or f"_{lang}" in voice.id.lower():
        engine.setProperty("voice", voice.id)
        break
engine.save_to_file(text, out)
engine.runAndWait()
"""


class SystemVoiceFailed(SpeechError):
    """No sound from the operating system's voice; the words say why in Japanese."""


def speak(text: str, lang: str = "ja", limit_seconds: float = LIMIT_SECONDS) -> NDArray[np.int16]:
    """`text` in the system's voice, int16 at 8 kHz, levelled like every prompt. Raises SystemVoiceFailed."""
    if find_spec("pyttsx3") is None:
        raise SystemVoiceFailed(
            "パソコンの声を使う部品（pyttsx3）が入っていません。pip install 'madoguchi[voices]' で入ります。"
        )
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "speech.wav"
        _run([sys.executable, "-c", _PROGRAM, text, str(out), str(WORDS_A_MINUTE), lang], limit_seconds)
        return _checked(out, text)


def _run(command: list[str], limit_seconds: float) -> None:
    try:
        done = subprocess.run(command, capture_output=True, timeout=limit_seconds, check=False)
    except subprocess.TimeoutExpired as error:
        raise SystemVoiceFailed(f"パソコンの声が{limit_seconds:g}秒で終わりませんでした。") from error
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise SystemVoiceFailed(f"パソコンの声を使えません: {''.join(last)}")


def _checked(out: Path, text: str) -> NDArray[np.int16]:
    try:
        samples, rate = decode(out.read_bytes())
    except OSError as error:
        raise SystemVoiceFailed("パソコンの声が、音のファイルを作りませんでした。") from error
    except BrokenRecording as error:
        raise SystemVoiceFailed(f"パソコンの声の作ったファイルを使えません（{error}）。") from error
    made = finish(samples, rate)
    if len(made) < LEAST_SECONDS_A_SIGN * 8000 * len(text.strip()):
        raise SystemVoiceFailed("パソコンの声の作った音が短すぎます。もう一度試してください。")
    return made
