"""One leg's audio: RTP and RTCP of a call, driven by the clock of `Media`."""

from __future__ import annotations

import random
import socket
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from voice.g711 import Clip, Law
from voice.media import dtmf, rtp
from voice.media.control import Control
from voice.media.jitter import Relay
from voice.media.playing import Playing, nothing
from voice.media.receiving import Listening
from voice.media.tones import tone

if TYPE_CHECKING:
    from voice.media.media import Media

_LARGEST = 2048  # octets of a datagram; 160 ms of audio are 1292
_A_SECOND = 50  # beats
_MOST_PACKETS = 16  # taken in a beat; a flood of more waits in the kernel, and what does not fit there is gone


@dataclass(frozen=True)
class RemoteMedia:
    """The other side's audio as its SDP has it. `host`: an IPv4 address, never a name (a look-up would stop all
    calls); "0.0.0.0" is the old way to hold. `sends`/`receives`: what its direction attribute lets it do.
    `rtcp_port` 0: the port after `port`. `key_payload_type` None: it knows no RFC 4733, keys come as tones."""

    host: str
    port: int
    law: Law = "PCMU"
    payload_type: int = 0
    key_payload_type: int | None = None
    sends: bool = True
    receives: bool = True
    rtcp_port: int = 0


@dataclass(frozen=True)
class StreamReport:
    """What is known of a leg's audio. Counts are packets; `lost` is what we missed, `lost_there` what the other side
    says it missed of ours; `round_trip_ms` is None while no report of its tells."""

    sent: int
    received: int
    lost: int
    lost_there: int
    ignored: int
    jitter_ms: float
    round_trip_ms: float | None


class Stream:
    """Sends 50 packets a second from `connect` to `close`: what plays, else what is bridged, else silence (routers
    and telephones stay awake). While the other side does not receive (hold), nothing is sent and what plays waits,
    so that a caller who comes back has missed nothing. Audio from any host but the SDP's is ignored."""

    def __init__(self, media: Media, audio: socket.socket, control: socket.socket) -> None:
        self.port: int = audio.getsockname()[1]
        self.on_key: Callable[[str], None] = lambda _: None
        self.on_dead: Callable[[], None] = nothing
        self.remote: RemoteMedia | None = None
        self.listening = Listening(media.tones, self._hear_tone)
        self.control = Control(self, control, media.loop)
        self.closed = False
        self._media, self._audio, self._playing = media, audio, Playing()
        self._bridged: Stream | None = None
        self._relay: Relay | None = None
        self._keys = dtmf.KeyEvents()
        self._pressing: deque[tuple[bytes, bool]] = deque()  # payload, whether it is an event
        self._sends = self._dead = False
        self._taken = 0  # packets in this beat
        self._target, self._latched = ("", 0), ""
        self._alive_at = media.loop.time()
        self._turn = self.port // 2 % _A_SECOND  # the beat of a second in which slow things are done
        self._marker = rtp.MARKER
        self._sequence = random.getrandbits(15)  # RFC 3550 5.1: nobody can guess where it starts
        self.ssrc = random.getrandbits(32)
        self._base = self._pressed_at = self.timestamp = random.getrandbits(32)
        self.sent = self.octets = self.ignored = 0
        media.loop.add_reader(audio, self._receive)

    # -- what the owner does -----------------------------------------------------------------------------------

    @property
    def on_audio(self) -> Callable[[bytes], None] | None:
        """Gets 20 ms of 16-bit PCM at 8 kHz (320 octets), in order, what is lost as silence; None: nobody listens."""
        return self.listening.on_audio

    @on_audio.setter
    def on_audio(self, listener: Callable[[bytes], None] | None) -> None:
        self.listening.on_audio = listener

    def connect(self, remote: RemoteMedia) -> None:
        """Send to and take from this address from now on; again after every new SDP. Sequence and time go on.

        Raises ValueError for a host and port that cannot be one telephone's.
        """
        address = IPv4Address(remote.host)
        if address.is_multicast or remote.host == "255.255.255.255" or not 0 < remote.port < 65536:
            raise ValueError("audio goes to one host and port")
        if self.remote is None or (self.remote.host, self.remote.port) != (remote.host, remote.port):
            self._latched, self._target = "", (remote.host, remote.port)
        self._sends = remote.receives and not address.is_unspecified
        self.remote, self._marker = remote, rtp.MARKER
        self.alive()
        self._playing.use(remote.law)
        self._pressing.clear()
        if self._relay:
            self._relay.use(remote.law)
        self.listening.expect(remote.law, remote.payload_type, remote.key_payload_type is None)

    def play(self, clips: Sequence[Clip], ended: Callable[[], None]) -> None:
        """Play clips one after the other in place of what is playing; `ended` only when all was played."""
        self._playing.start(clips, ended)

    def stop(self) -> float:
        """Stop what is playing; seconds of it that were heard, 0.0 if nothing was playing."""
        return self._playing.stop()

    @property
    def playing(self) -> bool:
        """Whether a clip is playing, or waits for the end of a hold."""
        return self._playing.running

    @property
    def heard(self) -> float:
        """Seconds heard of what is playing, or of what played last."""
        return self._playing.heard

    def press(self, key: str, seconds: float = 0.1) -> None:
        """Press one of 0-9 * # for the other side: as events, or as a tone if it knows none."""
        remote = self.remote
        if remote is None:
            return
        if remote.key_payload_type is not None:
            self._pressing += [(payload, True) for payload in dtmf.press(key, seconds)]
        else:
            octets = tone(key, seconds).coded(remote.law)
            self._pressing += [(octets[at : at + rtp.FRAME], False) for at in range(0, len(octets), rtp.FRAME)]

    def bridge(self, other: Stream | None) -> None:
        """Let two callers hear each other; keys are passed on, and told to `on_key`. None ends it for both.

        What is played to one of them goes before what the other says.
        """
        for stream in (self, other):
            if stream and (former := stream._bridged):
                former._part()
                stream._part()
        if other:
            self._meet(other)
            other._meet(self)

    def report(self) -> StreamReport:
        """The counters so far."""
        came, there = self.listening.reception, self.control
        trip = None if there.round_trip is None else round(there.round_trip * 1000, 1)
        return StreamReport(
            self.sent, came.received, came.lost, there.lost_there, self.ignored, round(came.jitter_ms, 1), trip
        )

    def close(self) -> None:
        """Say goodbye and give the ports back; a second time does nothing."""
        if self.closed:
            return
        self.closed = True
        self.bridge(None)
        self.stop()
        self._media.loop.remove_reader(self._audio)
        self.control.close()
        self._audio.close()
        self.listening.deaf_to_tones()
        self._media.forget(self)

    # -- what the clock does -----------------------------------------------------------------------------------

    def beat(self, number: int) -> None:
        """20 ms passed: send. What the owner is to be told waits until all others have been served."""
        if self._playing.over:
            self._media.loop.call_soon(self._playing.finish)
        if self._taken > _MOST_PACKETS:
            self._media.loop.add_reader(self._audio, self._receive)
        self._taken = 0
        if self._sends:
            self._send(number)
        self.listening.beat()
        if number % _A_SECOND == self._turn:
            self._look_after(self._media.loop.time())

    def _send(self, number: int) -> None:
        remote = self.remote
        assert remote is not None
        self._sequence = self._sequence + 1 & 0xFFFF
        timestamp = self.timestamp = self._base + number * rtp.FRAME & 0xFFFFFFFF
        kind, marker = remote.payload_type, self._marker
        if self._pressing:
            payload, event = self._pressing.popleft()
            if event:
                kind, marker = remote.key_payload_type or 0, self._begins(payload, timestamp)
                timestamp = self._pressed_at
        elif self._playing.running or self._relay is None:
            payload = self._playing.frame()
        else:
            payload = self._relay.frame() or self._playing.frame()
        self._marker = 0
        try:
            self._audio.sendto(
                rtp.HEADER.pack(rtp.VERSION, kind | marker, self._sequence, timestamp, self.ssrc) + payload,
                self._target,
            )
        except OSError:  # no route, no room in the queue: as lost on the way, and the caller's silence ends the call
            return
        self.sent += 1
        self.octets += len(payload)

    def _begins(self, payload: bytes, timestamp: int) -> int:
        """The marker of an event: only its first packet has it, and gives all their timestamp (RFC 4733 2.3)."""
        if payload[1] & 0x80 or int.from_bytes(payload[2:4], "big") != rtp.FRAME:
            return 0
        self._pressed_at = timestamp
        return rtp.MARKER

    def _look_after(self, now: float) -> None:
        self.control.beat(now)
        remote = self.remote
        if remote and remote.sends and not self._dead and now - self._alive_at > self._media.silence_seconds:
            self._dead = True
            self._media.loop.call_soon(self.on_dead)

    # -- what arrives ------------------------------------------------------------------------------------------

    def hears(self, host: str) -> bool:
        """Whether a datagram from this host is the other side's."""
        if self._media.symmetric and self._latched:
            return host == self._latched
        return self.remote is not None and (self.remote.host == host or self._media.symmetric)

    def alive(self) -> float:
        """The other side gave a sign of life; returns the loop's time."""
        self._alive_at, self._dead = self._media.loop.time(), False
        return self._alive_at

    def _receive(self) -> None:
        self._taken += 1
        if self._taken > _MOST_PACKETS:
            self._media.loop.remove_reader(self._audio)
            return
        try:
            datagram, source = self._audio.recvfrom(_LARGEST)
        except OSError:  # taken back by the kernel (a false checksum)
            return
        packet = rtp.parse(datagram)
        if packet is None or not self.hears(source[0]):
            self.ignored += 1
            return
        now = self.alive()
        law = self.listening.laws.get(packet.payload_type)
        if law is None and not self._is_event(packet):
            self.ignored += 1  # comfort noise, another codec
            return
        if self._media.symmetric:
            self._latched, self._target = source[0], source
        self.listening.take(packet, law, now)
        if law is None and (key := self._keys.take(packet)):
            self.listening.deaf_to_tones()
            if self._bridged:
                self._bridged.press(key)
            self.on_key(key)

    def _hear_tone(self, key: str) -> None:
        self._media.loop.call_soon(self.on_key, key)  # a bridged listener hears the tone itself

    def _is_event(self, packet: rtp.Packet) -> bool:
        """An RFC 4733 event. Some send them under another number than was agreed (SIPp always 96): the shape tells."""
        agreed = self.remote.key_payload_type if self.remote else None
        kind = packet.payload_type
        return kind == agreed or (kind >= rtp.FIRST_DYNAMIC and len(packet.payload) == 4)

    # -- bridging ----------------------------------------------------------------------------------------------

    def _meet(self, other: Stream) -> None:
        self._bridged = other
        self._relay = Relay(self.remote.law if self.remote else "PCMU")
        other.listening.relay = self._relay

    def _part(self) -> None:
        self._bridged = self._relay = self.listening.relay = None
