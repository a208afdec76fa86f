"""The judge of recordings is itself judged: it must tell right from nearly right."""

from __future__ import annotations

import numpy as np

from .listening import Sound, key_tones, silence, warble


def test_a_sound_is_found_wherever_it_is() -> None:
    sound = warble(2, seed=1)
    assert silence(1.3).followed_by(sound).followed_by_silence(0.7).likeness(sound) > 0.999999


def test_another_sound_is_not_found() -> None:
    assert warble(5, seed=1).likeness(warble(2, seed=2)) < 0.2


def test_g711_is_the_same_sound() -> None:
    sound = warble(2, seed=1)
    assert sound.contains(Sound.of_ulaw(sound.ulaw()))


def test_a_lost_packet_of_many_is_forgiven_and_a_slipped_sample_is_not() -> None:
    sound = warble(3, seed=1).samples
    lost, slipped = sound.copy(), np.delete(sound, range(12_000, 12_080))
    lost[8_000:8_160] = 0.0
    assert Sound(lost).contains(Sound(sound))
    assert not Sound(np.concatenate([slipped, np.zeros(80)])).contains(Sound(sound))


def test_what_is_longer_than_the_recording_or_silent_is_not_found() -> None:
    assert warble(1, seed=1).likeness(warble(2, seed=1)) == 0.0
    assert warble(1, seed=1).likeness(silence(0.5)) == 0.0


def test_key_tones_are_two_tones() -> None:
    spectrum = np.abs(np.fft.rfft(key_tones("5", on_secs=1.0, off_secs=0.0).samples))
    assert sorted(np.argsort(spectrum)[-2:]) == [770, 1336]
