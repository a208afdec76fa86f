"""Prompts as files: what is fetched is what the telephone would send."""

from __future__ import annotations

import io
import wave

import numpy as np
import pytest
from doors import FakeHouse, shipped

from voice import sound
from voice.flow.model import speech
from voice.flow.steps import Spoken
from voice.g711 import Clip
from voice.sound import SoundShelf, name_of, wav

GREETING = Spoken(shipped().flows["after_hours"].nodes["greeting"].say[0].text)


def test_a_file_holds_the_very_samples_of_the_clip() -> None:
    clip = Clip.of((8000 * np.sin(np.arange(800) / 3)).astype(np.int16))
    with wave.open(io.BytesIO(wav(clip))) as file:
        assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (8000, 2, 1)
        heard = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    assert np.array_equal(heard, clip.samples)


def test_every_published_speech_has_a_name_of_its_own() -> None:
    pieces = speech(shipped())
    assert len({name_of(piece) for piece in pieces}) == len(pieces)
    assert name_of(Spoken("a", "ja")) != name_of(Spoken("a", "en"))


def test_published_speech_is_found_though_it_was_never_handed_out() -> None:
    """After a restart a cloud may still ask for it."""
    assert SoundShelf(FakeHouse().context()).find(name_of(GREETING)) == GREETING


def test_what_was_handed_out_is_found_after_it_was_withdrawn() -> None:
    house = FakeHouse()
    shelf = SoundShelf(house.context())
    address = shelf.address(GREETING)
    house.published = shipped().model_copy(update={"flows": {}, "voices": {}, "notices": ()})
    found = shelf.file(*address.split(".wav?v="))
    assert found is not None
    assert found[1]
    assert SoundShelf(house.context()).file(name_of(GREETING), "") is None


def test_another_pronunciation_is_another_address() -> None:
    house = FakeHouse()
    before = SoundShelf(house.context()).address(GREETING)
    house.seconds_a_sign *= 2
    shelf = SoundShelf(house.context())
    assert shelf.address(GREETING) != before
    found = shelf.file(*before.split(".wav?v="))
    assert found is not None
    assert not found[1]


def test_only_so_much_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound, "REMEMBERED", 2)
    shelf = SoundShelf(FakeHouse(published=None).context())
    pieces = [Spoken(str(number)) for number in range(3)]
    for piece in pieces:
        shelf.address(piece)
    assert [shelf.find(name_of(piece)) for piece in pieces] == [None, *pieces[1:]]
