"""SIP over UDP and TCP on one IPv4 port: bytes in, bytes out (RFC 3261 18). Knows no SIP beyond where a message ends.

Raw non-blocking sockets for UDP: at most `BATCH` datagrams are read before the loop may run the audio clock again.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import ipaddress
import secrets
import socket
from collections import Counter
from collections.abc import Callable
from typing import TypeAlias

from voice.sip.connection import Connection, Limits
from voice.sip.pace import Pace

Address: TypeAlias = tuple[str, int, str]
"""Where a message came from or goes to: IPv4 host, port, "udp" or "tcp"."""

BATCH = 16  # datagrams read at once: about 1 ms of the loop even if every one is parsed
LARGEST = 65535  # bytes of a datagram
BUFFER = 1 << 20  # bytes the kernel holds for us: a burst of about 1,000 requests


@functools.lru_cache(maxsize=1024)
def is_ipv4(host: str) -> bool:
    """Whether `host` is a dotted IPv4 address: names are never looked up here, that would stop the audio."""
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True


class Transport:
    """The sockets of one port. `receive(data, source)` is called for each datagram and each message of a connection;
    when it gives False for a message of a connection, that is not read on for a moment and the message comes again."""

    def __init__(
        self,
        host: str,
        port: int,
        receive: Callable[[bytes, Address], bool],
        advertised: str | None = None,
        pace: Pace | None = None,
        limits: Limits | None = None,
    ) -> None:
        """`host`: address to bind; `port`: 0 takes a free one; `advertised`: what peers are told instead of `host`."""
        self.port = port
        self.counts: Counter[str] = Counter()
        self.on_unreachable: Callable[[Address], None] = lambda _: None  # a connection could not be opened
        self.on_closed: Callable[[Address], None] = lambda _: None  # so it was, or one is gone
        self._host = host
        self._advertised = advertised
        self._receive = receive
        self._pace = pace or Pace()
        self._limits = limits or Limits()
        self._udp: socket.socket | None = None
        self._tcp: asyncio.Server | None = None
        self._connections: dict[tuple[str, int], Connection] = {}
        self._opening: dict[tuple[str, int], list[bytes]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Bind UDP and TCP to the same port and listen. Raises OSError when the port is taken."""
        loop = asyncio.get_running_loop()
        for attempt in range(20):
            udp = _bound_udp(self._host, self.port)
            port = udp.getsockname()[1]
            try:
                self._tcp = await loop.create_server(self._accept, self._host, port, backlog=64)
            except OSError:
                udp.close()
                if self.port or attempt == 19:  # a free UDP port whose TCP twin is taken: try another
                    raise
            else:
                self._udp, self.port = udp, port
                loop.add_reader(udp, self._read)
                return

    async def close(self) -> None:
        """Close everything; what is still queued on connections is given up."""
        if self._udp is not None:
            asyncio.get_running_loop().remove_reader(self._udp)
            self._udp.close()
            self._udp = None
        if self._tcp is not None:
            self._tcp.close()
            self._tcp = None
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for connection in list(self._connections.values()):
            connection.close()
        self._connections.clear()
        await asyncio.sleep(0)  # let the closed connections be told

    def send(self, data: bytes, to: Address, fallback: Address | None = None) -> None:
        """Send one message; never waits, never raises. Over TCP an open connection to `to` is used, else a new one is
        opened (to `fallback` if given: RFC 3261 18.2.2)."""
        host, port, kind = to
        if kind == "tcp":
            connection = self._connections.get((host, port))
            if connection is not None:
                connection.write(data)
                return
            host, port, kind = fallback or to
        if not is_ipv4(host) or not 0 < port < 65536:
            self.counts["unsendable"] += 1
        elif kind == "tcp":
            self._open(host, port, data)
        elif self._udp is not None:
            try:
                self._udp.sendto(data, (host, port))
            except OSError:  # buffer full, unreachable: the network lost it, retransmission is for that
                self.counts["unsent"] += 1

    def local_host(self, to: Address) -> str:
        """The address of ours that the peer `to` can reach: the advertised one, the bound one, or what routing says."""
        if self._advertised:
            return self._advertised
        return _route(to[0]) if self._host in {"", "0.0.0.0"} else self._host

    def via(self, to: Address) -> str:
        """A new top Via for a request of ours to `to`, with a fresh branch (RFC 3261 8.1.1.7) and rport (RFC 3581)."""
        branch = f"z9hG4bK{secrets.token_hex(10)}"
        return f"SIP/2.0/{to[2].upper()} {self.local_host(to)}:{self.port};branch={branch};rport"

    def contact(self, to: Address, user: str = "") -> str:
        """Our Contact for the peer `to`, as a name-addr."""
        where = f"{user}@{self.local_host(to)}" if user else self.local_host(to)
        return f"<sip:{where}:{self.port}{';transport=tcp' if to[2] == 'tcp' else ''}>"

    def connected(self, to: Address) -> bool:
        """Whether a TCP connection to `to` is open."""
        return (to[0], to[1]) in self._connections

    # -- UDP -------------------------------------------------------------------------------------------------------
    def _read(self) -> None:
        udp = self._udp
        for _ in range(BATCH):
            if udp is None or udp is not self._udp:  # closed by what we delivered
                return
            try:
                data, (host, port) = udp.recvfrom(LARGEST)
            except BlockingIOError:
                return
            except OSError:  # an ICMP error of an earlier send (Linux reports it here)
                continue
            self._receive(data, (host, port, "udp"))

    # -- TCP -------------------------------------------------------------------------------------------------------
    def _accept(self) -> Connection:
        return Connection(self._admit, self._deliver, self._forget, self._pace, self._limits)

    def _admit(self, connection: Connection) -> bool:
        host = connection.peer[0]
        same = sum(1 for known, _ in self._connections if known == host)
        if len(self._connections) >= self._limits.connections or same >= self._limits.connections_per_host:
            self.counts["connections refused"] += 1
            return False
        self._connections[connection.peer] = connection
        return True

    def _deliver(self, connection: Connection, data: bytes) -> bool:
        return self._receive(data, (*connection.peer, "tcp"))

    def _forget(self, connection: Connection) -> None:
        if self._connections.get(connection.peer) is connection:
            del self._connections[connection.peer]
            self.on_closed((*connection.peer, "tcp"))

    def _open(self, host: str, port: int, data: bytes) -> None:
        waiting = self._opening.get((host, port))
        if waiting is not None:
            if len(waiting) < self._limits.queued:
                waiting.append(data)
            return
        if len(self._opening) >= self._limits.opening:
            self.counts["unsent"] += 1
            asyncio.get_running_loop().call_soon(self._failed, (host, port, "tcp"))
            return
        self._opening[host, port] = [data]
        task = asyncio.get_running_loop().create_task(self._connect(host, port))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, host: str, port: int) -> None:
        loop = asyncio.get_running_loop()
        bound = None if self._host in {"", "0.0.0.0"} else (self._host, 0)
        try:
            async with asyncio.timeout(self._limits.connect_seconds * self._pace.scale):
                await loop.create_connection(self._accept, host, port, local_addr=bound)
        except (OSError, TimeoutError):
            self.counts["unsent"] += len(self._opening[host, port])
        finally:
            waiting = self._opening.pop((host, port))
        connection = self._connections.get((host, port))
        if connection is None:
            self._failed((host, port, "tcp"))
            return
        for data in waiting:
            connection.write(data)

    def _failed(self, address: Address) -> None:
        self.on_unreachable(address)
        self.on_closed(address)


def _bound_udp(host: str, port: int) -> socket.socket:
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        udp.setblocking(False)
        with contextlib.suppress(OSError):  # the kernel may allow less
            udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        udp.bind((host, port))
    except OSError:
        udp.close()
        raise
    return udp


@functools.lru_cache(maxsize=256)
def _route(host: str) -> str:
    """Which of our addresses the kernel would use towards `host`; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((host, 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])
