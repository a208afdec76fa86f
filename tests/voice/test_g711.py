"""G.711 is exact: against ITU-T's own figures, the library's former module, and its own definition."""

from __future__ import annotations

import sys
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice import g711
from voice.g711 import Clip, Law, decode, encode, join, transcode

EVERY_OCTET = bytes(range(256))
EVERY_SAMPLE = np.arange(-32768, 32768).astype(np.int16)
LAWS: tuple[Law, ...] = ("PCMU", "PCMA")


@pytest.mark.parametrize(
    ("law", "octet", "value"),
    [  # the ends of the range, and the smallest steps (ITU-T G.711, tables 1 and 2, scaled to 16 bits)
        ("PCMU", 0x80, 32124), ("PCMU", 0x00, -32124), ("PCMU", 0xFF, 0), ("PCMU", 0xFE, 8), ("PCMU", 0x7E, -8),
        ("PCMA", 0xAA, 32256), ("PCMA", 0x2A, -32256), ("PCMA", 0xD5, 8), ("PCMA", 0x55, -8),
    ],
)  # fmt: skip
def test_octets_have_the_values_of_the_recommendation(law: Law, octet: int, value: int) -> None:
    assert decode(bytes([octet]), law)[0] == value


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="audioop is gone")
def test_decoding_equals_the_former_library_module() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import audioop
    assert decode(EVERY_OCTET, "PCMU").tobytes() == audioop.ulaw2lin(EVERY_OCTET, 2)
    assert decode(EVERY_OCTET, "PCMA").tobytes() == audioop.alaw2lin(EVERY_OCTET, 2)
    assert encode(EVERY_SAMPLE, "PCMA") == audioop.lin2alaw(EVERY_SAMPLE.tobytes(), 2)


def _reference(sample: int, law: Law) -> int:
    """The loops of ITU-T G.191 (ulaw_compress, alaw_compress), step by step."""
    size = ~sample if sample < 0 else sample
    if law == "PCMU":
        size = min((size >> 2) + 33, 0x1FFF)
        segment, rest = 1, size >> 6
        while rest:
            segment, rest = segment + 1, rest >> 1
        octet = (8 - segment << 4) | (15 - (size >> segment & 15))
        return octet if sample < 0 else octet | 0x80
    size >>= 4
    if size > 15:
        exponent = 1
        while size > 31:
            size, exponent = size >> 1, exponent + 1
        size += (exponent << 4) - 16
    return (size if sample < 0 else size | 0x80) ^ 0x55


@pytest.mark.parametrize("law", LAWS)
def test_every_sample_is_coded_as_the_itu_reference_codes_it(law: Law) -> None:
    assert encode(EVERY_SAMPLE, law) == bytes(_reference(int(sample), law) for sample in EVERY_SAMPLE)


@pytest.mark.parametrize("law", LAWS)
def test_coding_again_changes_nothing(law: Law) -> None:
    values = decode(EVERY_OCTET, law)
    assert np.array_equal(decode(encode(values, law), law), values)


@pytest.mark.parametrize("law", LAWS)
def test_error_stays_within_half_a_step(law: Law) -> None:
    error = np.abs(decode(encode(EVERY_SAMPLE, law), law).astype(int) - EVERY_SAMPLE)
    size = np.abs(EVERY_SAMPLE.astype(int))
    assert (error <= np.maximum(8, size / 31 + 4)).all()


def test_other_law_sounds_the_same() -> None:
    there = transcode(EVERY_OCTET, "PCMU", "PCMA")
    values = decode(EVERY_OCTET, "PCMU").astype(int)
    assert (np.abs(decode(there, "PCMA") - values) <= np.maximum(8, np.abs(values) / 31 + 4)).all()
    assert transcode(EVERY_OCTET, "PCMU", "PCMU") is EVERY_OCTET


@given(st.lists(st.integers(0, 400), max_size=5))
def test_joined_clips_are_one_after_the_other(lengths: list[int]) -> None:
    clips = [Clip.of(np.full(length, 1000 + i, dtype=np.int16)) for i, length in enumerate(lengths)]
    joined = join(clips)
    assert joined.ulaw == b"".join(clip.ulaw for clip in clips)
    assert joined.alaw == b"".join(clip.alaw for clip in clips)
    assert joined.seconds == pytest.approx(sum(clip.seconds for clip in clips))


@pytest.mark.parametrize(("seconds", "samples"), [(0.5, 4000), (0, 0), (-1, 0)])
def test_silence_is_silent_and_as_long_as_asked(seconds: float, samples: int) -> None:
    clip = Clip.silence(seconds)
    assert len(clip.ulaw) == len(clip.alaw) == samples
    assert not clip.samples.any()
    assert (np.abs(decode(clip.alaw, "PCMA")) <= 8).all()


def test_clip_keeps_what_it_was_made_of() -> None:
    clip = Clip.of(EVERY_SAMPLE)
    assert np.array_equal(clip.samples, decode(clip.coded("PCMU"), "PCMU"))
    assert clip.coded("PCMA") is clip.alaw
    assert clip.seconds == len(EVERY_SAMPLE) / g711.RATE
