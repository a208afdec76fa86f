"""Offer and answer about one stream of telephone audio (RFC 3264): PCMU or PCMA, keys (RFC 4733) if known."""

from __future__ import annotations

import ipaddress
import secrets

from voice.g711 import Law
from voice.media.stream import RemoteMedia
from voice.sip import sdp
from voice.sip.transport import is_ipv4

LAWS: dict[str, Law] = {"PCMU/8000": "PCMU", "PCMA/8000": "PCMA"}
OUR_TYPES: list[tuple[int, Law]] = [(0, "PCMU"), (8, "PCMA")]
KEYS = "TELEPHONE-EVENT/8000"
OUR_KEYS = 101  # payload type of our offers
MIRROR = {"sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive"}


class Unacceptable(ValueError):
    """No common ground; `warning` is the value of the Warning field of the 488 (RFC 3261 20.43)."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.warning = f'{code} - "{text}"'


class MediaSession:
    """Our side of a call's description: id and version (RFC 3264 8), what was last said and what the peer wants."""

    def __init__(self, host: str, port: int) -> None:
        """`host` and `port` are where our stream receives."""
        self.remote: RemoteMedia | None = None
        self._where = (host, port)
        self._id = secrets.randbelow(1 << 62)
        self._version = self._id
        self._last: list[str] = []  # the lines after o= of our last description

    @property
    def description(self) -> bytes:
        """Our last description again, as an offer that changes nothing (a refresh); the first one if there was none."""
        return self._written(self._version, self._last) if self._last else self.offer()

    def offer(self) -> bytes:
        """A description to begin with: both laws, keys as type 101."""
        return self._say(self._audio(OUR_TYPES, OUR_KEYS, "sendrecv"), ["0 0"])

    def answer(self, body: bytes) -> bytes:
        """Answer an offer; `remote` says then what the peer wants. Raises Unacceptable, having changed nothing."""
        session = _parse(body)
        chosen = _choose(session)
        media = session.media[chosen]
        remote = _remote(session, media)
        direction = MIRROR[_direction(session, media)]
        if direction == "sendrecv" and not remote.receives:
            direction = "recvonly"  # c=0.0.0.0, the hold of RFC 2543 (RFC 3264 8.4)
        lines: list[str] = []
        for number, line in enumerate(session.media):
            if number == chosen:
                lines += self._audio([(remote.payload_type, remote.law)], remote.key_payload_type, direction)
            else:  # refused, as RFC 3264 6 wants it: in its place, port 0
                lines.append(f"m={line.kind} 0 {line.protocol} {' '.join(line.formats) or '0'}")
        self.remote = remote
        return self._say(lines, session.times or ["0 0"])

    def accept(self, body: bytes) -> RemoteMedia:
        """Take the answer to our offer. Raises Unacceptable."""
        session = _parse(body)
        remote = _remote(session, session.media[_choose(session)])
        self.remote = remote
        return remote

    def _say(self, media: list[str], times: list[str]) -> bytes:
        host, _ = self._where
        lines = ["s=-", f"c=IN IP4 {host}", *(f"t={time}" for time in times), *media]
        if self._last and lines != self._last:
            self._version += 1  # RFC 3264 8: by one, and only when something changed
        self._last = lines
        return self._written(self._version, lines)

    def _written(self, version: int, lines: list[str]) -> bytes:
        head = ["v=0", f"o=- {self._id} {version} IN IP4 {self._where[0]}"]
        return ("\r\n".join([*head, *lines]) + "\r\n").encode()

    def _audio(self, types: list[tuple[int, Law]], keys: int | None, direction: str) -> list[str]:
        numbers = [str(number) for number, _ in types] + ([str(keys)] if keys is not None else [])
        lines = [f"m=audio {self._where[1]} RTP/AVP {' '.join(numbers)}"]
        lines += [f"a=rtpmap:{number} {law}/8000" for number, law in types]
        if keys is not None:
            lines += [f"a=rtpmap:{keys} telephone-event/8000", f"a=fmtp:{keys} 0-15"]
        return [*lines, "a=ptime:20", f"a={direction}"]


def _parse(body: bytes) -> sdp.Session:
    try:
        return sdp.parse(body)
    except ValueError as error:
        raise Unacceptable(399, "The session description cannot be read") from error


def _choose(session: sdp.Session) -> int:
    """Which media line is the call: the first audio over plain RTP with a law of G.711."""
    for number, media in enumerate(session.media):
        if media.kind == "audio" and media.port and media.protocol == "RTP/AVP" and _law(media):
            return number
    audio = [media for media in session.media if media.kind == "audio" and media.port]
    if not audio:
        raise Unacceptable(304, "Media type not available: audio is needed")
    if all(media.protocol != "RTP/AVP" for media in audio):
        raise Unacceptable(302, "Incompatible transport protocol: RTP/AVP is needed")
    raise Unacceptable(305, "Incompatible media format: PCMU or PCMA is needed")


def _law(media: sdp.MediaLine) -> tuple[int, Law] | None:
    return next(((number, LAWS[name]) for number, name in media.codecs().items() if name in LAWS), None)


def _direction(session: sdp.Session, media: sdp.MediaLine) -> str:
    return media.direction() or session.direction or "sendrecv"


def _remote(session: sdp.Session, media: sdp.MediaLine) -> RemoteMedia:
    host = media.connection or session.connection
    if not is_ipv4(host):
        raise Unacceptable(301, "Incompatible network address formats: IPv4 is needed")
    if ipaddress.IPv4Address(host).is_multicast or host == "255.255.255.255":
        raise Unacceptable(330, "Multicast not available")
    number, law = _law(media) or OUR_TYPES[0]  # `_choose` has seen that there is one
    keys = next((other for other, name in media.codecs().items() if name == KEYS), None)
    direction = _direction(session, media)
    control = (media.values("rtcp") or [""])[0].partition(" ")[0]  # RFC 3605
    valid = control.isascii() and control.isdigit() and 0 < int(control[:6]) < 65536
    return RemoteMedia(
        host=host,
        port=media.port,
        law=law,
        payload_type=number,
        key_payload_type=keys,
        sends=direction in {"sendrecv", "sendonly"},
        receives=direction in {"sendrecv", "recvonly"} and host != "0.0.0.0",
        rtcp_port=int(control) if valid else min(media.port + 1, 65535),
    )
