"""Session descriptions, as far as one audio stream needs them (RFC 4566; limits against floods of lines)."""

from __future__ import annotations

from dataclasses import dataclass, field

LINES = 400
MEDIA = 16
DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")


@dataclass
class MediaLine:
    """One m= section. `connection` is the host of its c= line, "" where the session's counts."""

    kind: str
    port: int
    protocol: str
    formats: list[str]
    connection: str = ""
    attributes: list[tuple[str, str]] = field(default_factory=list)

    def values(self, name: str) -> list[str]:
        """The values of an attribute, in order ("" for a=name alone)."""
        return [value for key, value in self.attributes if key == name]

    def codecs(self) -> dict[int, str]:
        """Payload types of the m= line to "NAME/rate" in upper case, static ones of RFC 3551 too."""
        known = {0: "PCMU/8000", 8: "PCMA/8000"}
        mapped: dict[int, str] = {}
        for value in self.values("rtpmap"):
            number, _, encoding = value.partition(" ")
            if number.isascii() and number.isdigit() and len(number) < 4:
                mapped[int(number)] = "/".join(encoding.strip().upper().split("/")[:2])
        types = [int(f) for f in self.formats if f.isascii() and f.isdigit() and int(f[:4]) < 128]
        return {number: mapped.get(number) or known.get(number, "") for number in types}

    def direction(self) -> str:
        """Its own direction attribute, "" if it has none."""
        return next((name for name, _ in self.attributes if name in DIRECTIONS), "")


@dataclass
class Session:
    """A session description."""

    origin: str
    connection: str
    times: list[str]
    media: list[MediaLine]
    direction: str


def parse(body: bytes) -> Session:
    """Read a description. Raises ValueError; lines of kinds that don't matter are passed over."""
    try:
        lines = body.decode("utf-8").replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError as error:
        raise ValueError("not UTF-8") from error
    if len(lines) > LINES:
        raise ValueError("too many lines")
    session = Session("", "", [], [], "")
    if lines[0].strip() != "v=0":
        raise ValueError("not a session description")
    for line in lines[1:]:
        kind, equals, value = line.partition("=")
        if equals and len(kind) == 1:
            _take(session, kind, value.strip())
        elif line.strip():
            raise ValueError("a line is no line of SDP")
    if not session.origin:
        raise ValueError("no origin")
    return session


def _take(session: Session, kind: str, value: str) -> None:
    media = session.media[-1] if session.media else None
    if kind == "o":
        session.origin = value
    elif kind == "t":
        session.times.append(value)
    elif kind == "c" and media is not None:
        media.connection = host(value)
    elif kind == "c":
        session.connection = host(value)
    elif kind == "m":
        if len(session.media) >= MEDIA:
            raise ValueError("too many media")
        session.media.append(_media(value))
    elif kind == "a" and media is not None:
        name, _, rest = value.partition(":")
        media.attributes.append((name.strip(), rest.strip()))
    elif kind == "a" and value in DIRECTIONS:
        session.direction = value


def _media(value: str) -> MediaLine:
    parts = value.split()[:64]
    if len(parts) < 3:
        raise ValueError("a media line is too short")
    number = parts[1].partition("/")[0]
    if not (number.isascii() and number.isdigit() and int(number[:6]) < 65536):
        raise ValueError("a media line without a port")
    return MediaLine(parts[0].lower(), int(number), parts[2].upper(), parts[3:])


def host(connection: str) -> str:
    """The address of a c= line, "IP6" for IPv6 (which is not spoken here)."""
    parts = connection.split()
    if len(parts) != 3 or parts[0].upper() != "IN":
        raise ValueError("a connection line is not IN IP4")
    return parts[2].partition("/")[0] if parts[1].upper() == "IP4" else "IP6"
