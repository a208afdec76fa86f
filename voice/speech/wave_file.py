"""WAV files: what people record, in and out. PCM only; any rate, any number of channels, 8 to 32 bits."""

from __future__ import annotations

import io
import wave

import numpy as np
from numpy.typing import NDArray

from voice.speech.errors import SpeechError
from voice.speech.loudness import RATE, Samples

_EXTENSIBLE, _PCM = (0xFFFE).to_bytes(2, "little"), (1).to_bytes(2, "little")
_STREAMED = 0x7FFF_0000  # bytes: programs that write to a pipe can't know the length and put the highest one


class BrokenRecording(SpeechError):
    """Not a whole PCM WAV file; the words say in Japanese what it is instead."""


def decode(raw: bytes) -> tuple[Samples, int]:
    """Mono samples in units of int16, and the rate in Hz. Raises BrokenRecording."""
    try:
        with wave.open(io.BytesIO(_plain(raw))) as file:
            width, channels, rate, frames = (
                file.getsampwidth(), file.getnchannels(), file.getframerate(), file.getnframes()
            )  # fmt: skip
            data = file.readframes(frames)
    except (wave.Error, EOFError, RuntimeError) as error:  # RuntimeError: a chunk that ends beyond the file
        raise BrokenRecording("WAV（PCM）のファイルではありません") from error
    if not 4000 <= rate <= 192_000 or not 1 <= channels <= 8 or width not in (1, 2, 3, 4):
        raise BrokenRecording(f"{rate} Hz・{channels}チャンネル・{width * 8}ビットの録音は使えません")
    size = width * channels
    if len(data) < frames * size < _STREAMED:
        raise BrokenRecording("ファイルが途中で切れています")
    samples = _numbers(data[: len(data) // size * size], width)
    return samples.reshape(-1, channels).mean(axis=1), rate


def encode(samples: NDArray[np.int16], rate: int = RATE) -> bytes:
    """A mono 16-bit WAV file."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return made.getvalue()


def _plain(raw: bytes) -> bytes:
    """24-bit recorders write WAVE_FORMAT_EXTENSIBLE, which Python's reader knows only from 3.12 on: the same data."""
    at = raw.find(b"fmt ", 12, 4096) + 8
    if at > 8 and raw[at : at + 2] == _EXTENSIBLE and raw[at + 24 : at + 26] == _PCM:
        return raw[:at] + _PCM + raw[at + 2 :]
    return raw


def _numbers(data: bytes, width: int) -> Samples:
    if width == 1:  # the only unsigned one
        return (np.frombuffer(data, dtype=np.uint8).astype(np.float64) - 128) * 256
    if width == 3:
        octets = np.frombuffer(data, dtype=np.uint8).reshape(-1, 3).astype(np.int32)
        high = octets[:, 2].astype(np.int8).astype(np.int32)
        return ((high << 16) | (octets[:, 1] << 8) | octets[:, 0]) / 256.0
    numbers = np.frombuffer(data, dtype=f"<i{width}").astype(np.float64)
    return numbers if width == 2 else numbers / 65536
