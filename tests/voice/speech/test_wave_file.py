"""WAV files of every kind people record, and what is none."""

from __future__ import annotations

import io
import struct
import wave

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.speech.wave_file import BrokenRecording, decode, encode

TONE = 0.5 * np.sin(2 * np.pi * 440 * np.arange(4000) / 8000)


def wav(width: int, channels: int = 1, rate: int = 8000) -> bytes:
    values = np.repeat(np.rint(TONE * 2 ** (8 * width - 1)).astype(np.int64), channels)
    if width == 1:
        data = (values + 128).astype(np.uint8).tobytes()
    else:
        data = b"".join(int(value).to_bytes(width, "little", signed=True) for value in values)
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(data)
    return made.getvalue()


def extensible(raw: bytes) -> bytes:
    """The same file as 24-bit recorders write it: format 0xFFFE, 40 octets, the PCM GUID."""
    tag = struct.pack("<H", 0xFFFE) + raw[22:36]
    guid = bytes.fromhex("0100000000001000800000aa00389b71")
    chunk = b"fmt " + struct.pack("<I", 40) + tag + struct.pack("<HHI", 22, 24, 4) + guid
    body = b"WAVE" + chunk + raw[36:]
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("rate", [8000, 44_100, 96_000])
def test_any_pcm_file_gives_the_same_sound(width: int, channels: int, rate: int) -> None:
    samples, found = decode(wav(width, channels, rate))
    assert found == rate
    assert len(samples) == len(TONE)
    assert np.abs(samples - TONE * 32768).max() < (300 if width == 1 else 2)


def test_file_of_a_24_bit_recorder_is_read() -> None:
    samples, _ = decode(extensible(wav(3)))
    assert np.abs(samples - TONE * 32768).max() < 2


def test_file_written_to_a_pipe_has_a_false_length_and_is_read() -> None:
    raw = bytearray(wav(2))
    raw[40:44] = struct.pack("<I", 0x7FFF_F000)
    assert len(decode(bytes(raw))[0]) == len(TONE)


@pytest.mark.parametrize(
    "raw",
    [b"", b"RIFF", b"ID3\x04mp3 sound", wav(2)[:1000], wav(2)[:40], b"\0" * 5000, wav(2, rate=1000)],
)
def test_what_is_no_whole_wav_is_refused_in_japanese(raw: bytes) -> None:
    with pytest.raises(BrokenRecording, match=r"[ぁ-ん]"):
        decode(raw)


def test_law_coded_file_is_refused() -> None:
    raw = bytearray(wav(1))
    raw[20:22] = struct.pack("<H", 7)  # µ-law
    with pytest.raises(BrokenRecording, match="PCM"):
        decode(bytes(raw))


@given(st.binary(max_size=300), st.integers(0, 60))
def test_damaged_file_is_read_or_refused_but_never_crashes(noise: bytes, at: int) -> None:
    raw = wav(2)
    for damaged in (noise, raw[:at] + noise + raw[at + len(noise) :]):
        try:
            samples, rate = decode(damaged)
        except BrokenRecording:
            continue
        assert rate > 0
        assert np.isfinite(samples).all()


def test_written_file_is_read_back() -> None:
    samples = np.array([0, 1, -1, 32767, -32768], dtype=np.int16)
    assert decode(encode(samples))[0].tolist() == samples.tolist()
