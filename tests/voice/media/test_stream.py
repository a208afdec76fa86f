"""A call's audio over real sockets: what is sent, what is heard, and who is believed."""

from __future__ import annotations

import asyncio
import sys
import tracemalloc
from itertools import pairwise

import numpy as np
import pytest

from voice.g711 import Clip, Law, Samples, decode, transcode
from voice.media import rtcp
from voice.media.media import Media, NoPortLeft
from voice.media.rtp import FRAME, ahead
from voice.media.stream import RemoteMedia
from voice.media.tones import tone

from .handset import Handset, line, until


def _noise(seconds: float, seed: int = 1) -> Clip:
    samples = np.random.default_rng(seed).integers(-20000, 20000, round(seconds * 8000))
    return Clip.of(samples.astype(np.int16))


def _pcm(octets: bytes, law: Law) -> bytes:
    return decode(octets, law).tobytes()


# -- what a caller hears ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("law", ["PCMU", "PCMA"])
async def test_prompt_arrives_octet_for_octet(law: Law) -> None:
    async with line() as opened:
        stream, handset = opened.call(law)
        clips, ended = [_noise(0.313), _noise(0.1, 2)], asyncio.Event()
        stream.play(clips, ended.set)
        await until(ended.is_set)
        assert stream.heard == pytest.approx(0.413)
        assert not stream.playing
        said = b"".join(clip.coded(law) for clip in clips)
        await until(lambda: said in handset.heard)
        assert {packet.payload_type for packet in handset.packets} == {0 if law == "PCMU" else 8}


async def test_silence_is_sent_between_prompts() -> None:
    async with line() as opened:
        _, handset = opened.call("PCMA")
        await until(lambda: len(handset.packets) > 3)
        assert set(handset.heard) == {0xD5}


async def test_numbers_and_time_go_on_through_everything() -> None:
    async with line() as opened:
        stream, handset = opened.call()
        await until(lambda: len(handset.packets) > 3)
        stream.play([_noise(5)], lambda: None)
        await until(lambda: len(handset.packets) > 8)
        stream.stop()
        stream.connect(handset.remote(receives=False))
        await asyncio.sleep(0.1)
        stream.connect(handset.remote())
        count = len(handset.packets)
        await until(lambda: len(handset.packets) > count + 3)
        packets = handset.packets
        assert len({packet.ssrc for packet in packets}) == 1
        steps = [ahead(b.sequence, a.sequence) for a, b in pairwise(packets)]
        times = [ahead(b.timestamp, a.timestamp, 32) for a, b in pairwise(packets)]
        assert set(steps) == {1}
        assert all(time > 0 and time % FRAME == 0 for time in times)
        assert max(times) >= 4 * FRAME  # the hold: time went on, numbers did not
        marked = [i for i, packet in enumerate(packets) if packet.marker]
        assert marked[0] == 0
        assert len(marked) == 2  # the beginning, and after the hold


async def test_held_prompt_waits_and_misses_nothing() -> None:
    async with line() as opened:
        stream, handset = opened.call()
        clip, ended = _noise(0.5), asyncio.Event()
        stream.play([clip], ended.set)
        await until(lambda: stream.heard > 0.1)
        stream.connect(handset.remote(sends=True, receives=False))
        heard = stream.heard
        await asyncio.sleep(0.15)
        assert (stream.heard, stream.playing) == (heard, True)
        stream.connect(handset.remote())
        await until(ended.is_set)
        await until(lambda: clip.ulaw in handset.heard)


async def test_hold_of_the_old_kind_is_a_hold() -> None:
    async with line() as opened:
        stream, handset = opened.call()
        stream.connect(RemoteMedia("0.0.0.0", handset.port))
        await asyncio.sleep(0.05)
        count = len(handset.packets)
        await asyncio.sleep(0.1)
        assert len(handset.packets) == count


async def test_stopped_prompt_never_ends() -> None:
    async with line() as opened:
        stream, _ = opened.call()
        stream.play([_noise(0.3)], lambda: pytest.fail("it was stopped"))
        await until(lambda: stream.heard > 0.1)
        heard = stream.heard
        assert stream.stop() == heard
        assert stream.stop() == 0.0
        await asyncio.sleep(0.4)


async def test_new_prompt_takes_the_place_of_the_old_one() -> None:
    async with line() as opened:
        stream, handset = opened.call()
        ended = asyncio.Event()
        stream.play([_noise(9)], lambda: pytest.fail("it was replaced"))
        await until(lambda: stream.heard > 0.05)
        stream.play([_noise(0.1, 2)], ended.set)
        await until(ended.is_set)
        assert stream.heard == pytest.approx(0.1)
        await until(lambda: _noise(0.1, 2).ulaw in handset.heard)


async def test_nothing_to_say_ends_at_once() -> None:
    async with line() as opened:
        stream, _ = opened.call()
        ended = asyncio.Event()
        stream.play([], ended.set)
        await until(ended.is_set)


async def test_owner_that_fails_does_not_silence_the_others(caplog: pytest.LogCaptureFixture) -> None:
    async with line() as opened:
        stream, caller = opened.call()
        other, handset = opened.call()

        def fail() -> None:
            raise RuntimeError("a fault in a flow")

        def fail_at(_: bytes) -> None:
            fail()

        stream.play([], fail)
        stream.on_audio = fail_at
        caller.send(*caller.speak(_noise(0.02)))
        other.play([_noise(0.2)], lambda: None)
        await until(lambda: _noise(0.2).ulaw in handset.heard)
        await until(lambda: "the audio of a call failed" in caplog.text)
        assert (
            caplog.text.count("a fault in a flow") >= 3
        )  # at the prompt's end, at the packet, at the silence after it


async def test_other_address_and_law_are_followed_at_once() -> None:
    async with line() as opened:
        stream, first = opened.call("PCMU")
        _, second = opened.call_of(stream, "PCMA")
        clip = _noise(0.4)
        stream.play([clip], lambda: None)
        await until(lambda: len(first.packets) > 5)
        stream.connect(second.remote())
        await until(lambda: stream.heard == 0.4)
        await until(lambda: clip.alaw[-FRAME:] in second.heard)
        assert ahead(second.packets[0].sequence, first.packets[-1].sequence) == 1
        start = clip.alaw.find(second.packets[0].payload)
        assert clip.alaw[start:] in second.heard
        assert first.heard.endswith(clip.ulaw[:start])


# -- what we hear ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("law", ["PCMU", "PCMA"])
async def test_audio_is_heard_in_order_with_losses_as_silence(law: Law) -> None:
    async with line() as opened:
        stream, handset = opened.call(law)
        frames: list[bytes] = []
        stream.on_audio = frames.append
        clip = _noise(0.4)
        packets = handset.speak(clip)
        packets[3], packets[5] = packets[5], packets[3]
        handset.send(*packets[:10], packets[9], packets[2], *packets[11:])
        await until(lambda: len(frames) >= 20)
        pcm = clip.coded(law)
        said = _pcm(pcm[: 10 * FRAME], law) + bytes(2 * FRAME) + _pcm(pcm[11 * FRAME :], law)
        assert b"".join(frames[:20]) == said
        assert {len(frame) for frame in frames} == {320}
        assert stream.report().received == 21
        assert stream.report().lost == 0  # one lost, two doubled: RFC 3550 A.3 counts them against each other


@pytest.mark.parametrize("size", [80, 240, 320])
async def test_packets_of_other_lengths_are_heard_in_frames_of_20_ms(size: int) -> None:
    async with line() as opened:
        stream, handset = opened.call()
        frames: list[bytes] = []
        stream.on_audio = frames.append
        clip = _noise(0.24)
        handset.send(*(handset.packet(clip.ulaw[at : at + size]) for at in range(0, len(clip.ulaw), size)))
        await until(lambda: len(frames) >= 12)
        assert b"".join(frames[:12]) == _pcm(clip.ulaw, "PCMU")


async def test_caller_whose_telephone_falls_silent_is_heard_as_silence() -> None:
    async with line() as opened:
        stream, handset = opened.call()
        frames: list[bytes] = []
        stream.on_audio = frames.append
        handset.send(*handset.speak(_noise(0.06)))
        await until(lambda: len(frames) > 8)
        assert not any(frames[-1])


async def test_nobody_listens_and_nothing_is_kept() -> None:
    async with line() as opened:
        stream, handset = opened.call()
        handset.send(*handset.speak(_noise(0.1)))
        await until(lambda: stream.report().received == 5)
        frames: list[bytes] = []
        stream.on_audio = frames.append
        handset.send(*handset.speak(_noise(0.02, 2)))
        await until(lambda: frames)
        assert frames[0] == _pcm(_noise(0.02, 2).ulaw, "PCMU")


async def test_other_sender_of_the_same_host_is_followed() -> None:
    """A telephone behind a PBX is replaced by another: SSRC and port change, the host does not (RFC 3550 8)."""
    async with line() as opened:
        stream, first = opened.call()
        _, second = opened.call_of(stream)
        frames: list[bytes] = []
        stream.on_audio = frames.append
        first.send(*first.speak(_noise(0.1)))
        await until(lambda: len(frames) >= 5)
        second.send(*second.speak(_noise(0.1, 2)))
        await until(lambda: any(frame == _pcm(_noise(0.1, 2).ulaw[-FRAME:], "PCMU") for frame in frames))
        assert stream.report().lost == 0


async def test_strangers_and_other_payloads_are_ignored() -> None:
    async with line() as opened:
        stream, handset = opened.call()
        _, stranger = opened.call_of(stream, host="127.0.0.2")
        frames: list[bytes] = []
        keys: list[str] = []
        stream.on_audio, stream.on_key = frames.append, keys.append
        stranger.send(*stranger.speak(_noise(0.1)))
        stranger.press("9")
        handset.send(handset.packet(bytes(20), kind=18), handset.packet(bytes(1), kind=13))  # G.729, comfort noise
        handset.audio.sendto(b"\x00\x01garbage", ("127.0.0.1", stream.port))
        handset.audio.sendto(b"", ("127.0.0.1", stream.port))
        await until(lambda: stream.report().ignored >= 16)
        handset.press("1")
        await until(lambda: keys)
        assert (keys, frames, stream.report().received) == (["1"], [], 0)


async def test_symmetric_line_answers_whoever_speaks_first() -> None:
    """Behind address translation the host in SDP is a private one; the first who sends is believed, then nobody."""
    async with line(symmetric=True) as opened:
        stream = opened.media.open()
        _, caller = opened.call_of(stream, host="127.0.0.2")
        _, stranger = opened.call_of(stream, host="127.0.0.3")
        stream.connect(RemoteMedia("127.0.0.9", 9, key_payload_type=101))
        caller.send(*caller.speak(_noise(0.02)))
        await until(lambda: caller.packets)
        stranger.send(*stranger.speak(_noise(0.1)))
        await until(lambda: stream.report().ignored == 5)
        assert not stranger.packets


# -- keys ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [101, 96])
async def test_every_key_is_told_once_even_under_another_number(kind: int) -> None:
    """SIPp sends events as payload 96, whatever was agreed."""
    async with line() as opened:
        stream, handset = opened.call(key_type=101)
        keys: list[str] = []
        stream.on_key = keys.append
        handset.press("1590*#11", kind)
        await until(lambda: len(keys) >= 8)
        assert "".join(keys) == "1590*#11"


async def test_keys_of_a_sender_of_their_own_leave_the_audio_alone() -> None:
    async with line() as opened:
        stream, handset = opened.call()
        frames: list[bytes] = []
        keys: list[str] = []
        stream.on_audio, stream.on_key = frames.append, keys.append
        packets = handset.speak(_noise(0.2))
        handset.send(*packets[:5])
        handset.ssrc += 1
        handset.press("7")
        handset.send(*packets[5:])
        await until(lambda: len(frames) >= 10)
        assert b"".join(frames[:10]) == _pcm(_noise(0.2).ulaw, "PCMU")
        assert keys == ["7"]


def _dialled(keys: str) -> Clip:
    pause = np.zeros(800, np.int16)
    parts: list[Samples] = [pause]
    for key in keys:
        parts += [tone(key).samples, pause]
    return Clip.of(np.concatenate(parts))


async def test_tones_are_keys_where_no_events_were_agreed() -> None:
    async with line() as opened:
        stream, handset = opened.call("PCMA", key_type=None)
        keys: list[str] = []
        stream.on_key = keys.append
        handset.send(*handset.speak(_dialled("1#55")))
        await until(lambda: len(keys) >= 4)
        assert "".join(keys) == "1#55"
        handset.press("3")  # an event all the same: from now on, tones do not count twice
        handset.send(*handset.speak(_dialled("44")))
        handset.press("6")
        await until(lambda: "6" in keys)
        await asyncio.sleep(0.1)
        assert "".join(keys) == "1#5536"


async def test_tones_are_only_sound_where_events_were_agreed() -> None:
    async with line() as opened:
        stream, handset = opened.call()
        keys: list[str] = []
        stream.on_key = keys.append
        handset.send(*handset.speak(_dialled("12")))
        handset.press("9")
        await until(lambda: keys)
        await asyncio.sleep(0.1)
        assert keys == ["9"]


async def test_keys_are_pressed_for_the_other_side() -> None:
    async with line() as opened:
        stream, handset = opened.call()
        stream.press("5")
        stream.press("#")
        await until(lambda: len([packet for packet in handset.packets if packet.payload_type == 101]) == 16)
        assert handset.keys == "5#"
        events = [packet for packet in handset.packets if packet.payload_type == 101]
        assert len({packet.timestamp for packet in events}) == 2
        assert [packet.marker for packet in events] == ([True] + [False] * 7) * 2


async def test_key_is_a_tone_for_who_knows_no_events() -> None:
    async with line() as opened:
        stream, handset = opened.call(key_type=None)
        stream.press("8")
        await until(lambda: tone("8").ulaw in handset.heard)


# -- signs of life ---------------------------------------------------------------------------------------------


async def test_dead_caller_is_told_once() -> None:
    async with line(silence_seconds=0.2) as opened:
        stream, _ = opened.call()
        dead: list[float] = []
        stream.on_dead = lambda: dead.append(1)
        await until(lambda: dead)
        await asyncio.sleep(1.2)
        assert len(dead) == 1


async def test_caller_on_hold_or_reporting_is_alive() -> None:
    async with line(silence_seconds=0.5) as opened:
        held, holder = opened.call()
        quiet, reporter = opened.call()
        for stream in (held, quiet):
            stream.on_dead = lambda: pytest.fail("it was alive")
        held.connect(holder.remote(sends=False, receives=False))
        for _ in range(16):
            reporter.report(rtcp.report(rtcp.Sent(reporter.ssrc, 0, 0, 0), b"", b"n", sending=False))
            await asyncio.sleep(0.1)


async def test_reports_tell_both_sides_what_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rtcp, "INTERVAL", 0.1)  # they are looked at once a second
    async with line() as opened:
        stream, handset = opened.call()
        packets = handset.speak(_noise(0.2))
        handset.send(*packets[:4], *packets[5:])
        await until(lambda: any(told.sent_at and told.blocks for told in handset.told))
        told = next(told for told in handset.told if told.blocks)
        assert (told.ssrc, told.blocks[0].ssrc, told.blocks[0].lost) == (handset.packets[0].ssrc, handset.ssrc, 1)
        body = rtcp.Block(told.ssrc, 0, 3, 0, 0, told.sent_at, 0)
        block = b"".join(n.to_bytes(4, "big") for n in (body.ssrc, body.lost, 0, 0, body.last, body.delay))
        handset.report(rtcp.report(rtcp.Sent(handset.ssrc, 0, 9, 1440), block, b"n", sending=True))
        handset.report(b"\x81\xc9garbage!")
        await until(lambda: stream.report().lost_there == 3)
        assert stream.report().round_trip_ms is not None
        assert stream.report().lost == 1


async def test_goodbye_is_said_at_the_end() -> None:
    async with line() as opened:
        stream, handset = opened.call()
        await until(lambda: handset.packets)
        stream.close()
        stream.close()
        await until(lambda: any(told.goodbye for told in handset.told))
        count = len(handset.packets)
        await asyncio.sleep(0.1)
        assert len(handset.packets) <= count + 1


# -- bridges ---------------------------------------------------------------------------------------------------


async def _talk(speaker: Handset, clip: Clip) -> None:
    """Send a clip at the pace of speech."""
    for packet in speaker.speak(clip):
        speaker.send(packet)
        await asyncio.sleep(0.02)


def _share(heard: bytes, said: bytes) -> float:
    """How much of what was said came through, frame by frame."""
    frames = [said[at : at + FRAME] for at in range(0, len(said), FRAME)]
    return sum(frame in heard for frame in frames) / len(frames)


async def test_bridged_callers_hear_each_other_each_in_its_own_law() -> None:
    async with line() as opened:
        one, caller = opened.call("PCMU")
        two, operator = opened.call("PCMA")
        one.bridge(two)
        question, answer = _noise(0.6, 1), _noise(0.6, 2)
        await asyncio.gather(_talk(caller, question), _talk(operator, answer))
        await asyncio.sleep(0.3)
        # whole frames are passed on; a machine that is held up may cost one or two of thirty
        assert _share(operator.heard, transcode(question.ulaw, "PCMU", "PCMA")) > 0.8
        assert _share(caller.heard, transcode(answer.alaw, "PCMA", "PCMU")) > 0.8


async def test_keys_pass_a_bridge_under_the_other_sides_number() -> None:
    async with line() as opened:
        one, caller = opened.call(key_type=101)
        two, operator = opened.call(key_type=97)
        keys: list[str] = []
        one.on_key = keys.append
        one.bridge(two)
        caller.press("42")
        await until(lambda: operator.keys == "42")
        assert keys == ["4", "2"]
        assert caller.keys == ""


async def test_third_party_takes_the_place_of_the_second() -> None:
    async with line() as opened:
        one, caller = opened.call()
        two, first = opened.call()
        three, second = opened.call()
        one.bridge(two)
        three.bridge(one)
        await asyncio.gather(_talk(caller, _noise(0.4, 1)), _talk(first, _noise(0.4, 2)), _talk(second, _noise(0.4, 3)))
        await asyncio.sleep(0.3)
        assert _share(second.heard, _noise(0.4, 1).ulaw) > 0.7
        assert _share(caller.heard, _noise(0.4, 3).ulaw) > 0.7
        assert _share(caller.heard, _noise(0.4, 2).ulaw) == 0
        assert set(first.heard) == {0xFF}


async def test_bridge_ends_for_both_and_when_one_hangs_up() -> None:
    async with line() as opened:
        one, caller = opened.call()
        two, operator = opened.call()
        one.bridge(two)
        two.bridge(None)
        await _talk(caller, _noise(0.2))
        assert set(operator.heard) <= {0xFF}
        one.bridge(two)
        two.close()
        count = len(caller.packets)
        await until(lambda: len(caller.packets) > count + 5)
        assert set(caller.heard) == {0xFF}


async def test_announcement_goes_before_the_other_caller() -> None:
    async with line() as opened:
        one, caller = opened.call()
        two, operator = opened.call()
        one.bridge(two)
        ended = asyncio.Event()
        one.play([_noise(0.2, 5)], ended.set)
        await asyncio.gather(_talk(operator, _noise(0.6, 6)), until(ended.is_set))
        await until(lambda: _noise(0.2, 5).ulaw in caller.heard)
        assert _share(caller.heard, _noise(0.6, 6).ulaw[-8 * FRAME : -4 * FRAME]) > 0


# -- load ------------------------------------------------------------------------------------------------------

FLOOD = """
import socket, sys, time
flood = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
until = time.monotonic() + 2
while time.monotonic() < until:
    flood.sendto(bytes([128, 0]) + bytes(170), ("127.0.0.1", int(sys.argv[1])))
    flood.sendto(bytes([128, 201, 0, 1]) + bytes(4), ("127.0.0.1", int(sys.argv[1]) + 1))
"""


@pytest.mark.slow
async def test_flood_on_one_port_does_not_stop_the_others() -> None:
    async with line() as opened:
        stream, _ = opened.call()
        _, handset = opened.call()
        flood = await asyncio.create_subprocess_exec(sys.executable, "-c", FLOOD, str(stream.port))
        before = opened.media.clock.left_out
        await asyncio.sleep(0.5)
        count = len(handset.packets)
        await asyncio.sleep(1)
        sent = len(handset.packets) - count
        await flood.wait()
        # bounds for a machine that is shared with the flood itself and with other work
        assert sent >= 30
        assert opened.media.clock.left_out - before <= 40
        assert stream.report().received > 2 * 50


async def test_call_needs_little_memory() -> None:
    async with line() as opened:
        opened.call()
        tracemalloc.start()
        try:
            for _ in range(50):
                opened.media.open().connect(RemoteMedia("127.0.0.1", 9))
            assert tracemalloc.get_traced_memory()[0] / 50 < 10_000
        finally:
            tracemalloc.stop()


# -- ports -----------------------------------------------------------------------------------------------------


async def test_ports_are_even_in_turn_and_given_back() -> None:
    async with line() as scout:
        start = scout.media.open().port
    async with line(range(start, start + 6)) as opened:
        streams = [opened.media.open() for _ in range(3)]
        assert sorted(stream.port for stream in streams) == [start, start + 2, start + 4]
        with pytest.raises(NoPortLeft):
            opened.media.open()
        assert opened.media.streams == 3
        streams[1].close()
        assert opened.media.open().port == streams[1].port


async def test_closed_media_closes_all() -> None:
    media = Media("127.0.0.1", range(0))
    await media.start()
    stream = media.open()
    await media.close()
    assert stream.closed
    assert media.streams == 0


@pytest.mark.parametrize(
    ("host", "port"),
    [("pbx.example", 4000), ("224.0.0.1", 4000), ("255.255.255.255", 4000), ("127.0.0.1", 0), ("::1", 1)],
)
async def test_only_one_telephones_address_is_taken(host: str, port: int) -> None:
    async with line() as opened:
        stream = opened.media.open()
        with pytest.raises(ValueError, match=r".+"):
            stream.connect(RemoteMedia(host, port))


async def test_two_media_talk_to_each_other() -> None:
    async with line() as here, line() as there:
        one, two = here.media.open(), there.media.open()
        frames: list[bytes] = []
        keys: list[str] = []
        two.on_audio, two.on_key = frames.append, keys.append
        one.connect(RemoteMedia("127.0.0.1", two.port, "PCMA", 8, key_payload_type=101))
        two.connect(RemoteMedia("127.0.0.1", one.port, "PCMU", 0, key_payload_type=101))
        clip, ended = _noise(0.5), asyncio.Event()
        one.play([clip], ended.set)
        await until(ended.is_set)
        one.press("0")
        await until(lambda: keys == ["0"])
        await until(lambda: _pcm(clip.alaw, "PCMA") in b"".join(frames))
        assert two.report().lost == one.report().lost == 0
