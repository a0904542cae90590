"""The load: a few connections, one request on each at a time, with as little work between as Python can do."""

import selectors
import socket
from dataclasses import dataclass

from mockserver.clock import monotonic_seconds


@dataclass(frozen=True, slots=True)
class Round:
    """What one round saw: how many requests in how many seconds, and how long each took, sorted."""

    requests: int
    seconds: float
    latencies: list[float]

    def percentile(self, share: float) -> float:
        """The seconds within which this share of the requests was answered."""
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * share))]


def run(port: int, request: bytes, status: int, *, seconds: float, connections: int = 8) -> Round:
    """Send a request over and over for so many seconds. Raises RuntimeError for another status than expected."""
    expected = b"HTTP/1.1 %d " % status
    latencies: list[float] = []
    with selectors.DefaultSelector() as selector:
        sockets = [_connected(port) for _ in range(connections)]
        try:
            began = monotonic_seconds()
            sent = {}
            for each in sockets:
                selector.register(each, selectors.EVENT_READ)
                sent[each] = monotonic_seconds()
                each.sendall(request)
            while sent:
                for key, _ in selector.select():
                    connection: socket.socket = key.fileobj  # type: ignore[assignment]
                    _read(connection, expected)
                    now = monotonic_seconds()
                    latencies.append(now - sent.pop(connection))
                    if now - began < seconds:
                        sent[connection] = now
                        connection.sendall(request)
            passed = monotonic_seconds() - began
        finally:
            for each in sockets:
                each.close()
    return Round(len(latencies), passed, sorted(latencies))


def ask(port: int, request: bytes) -> tuple[int, bytes]:
    """Send one request: its status, and the body."""
    with _connected(port) as connection:
        connection.sendall(request)
        head, body = _read(connection, b"HTTP/1.1 ")
    return int(head.split(b" ", 2)[1]), body


def _connected(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _read(connection: socket.socket, expected: bytes) -> tuple[bytes, bytes]:
    """One whole reply: its head and its body."""
    data = connection.recv(262_144)
    while (end := data.find(b"\r\n\r\n")) < 0:
        data += _more(connection)
    head, body = data[:end], data[end + 4 :]
    if not head.startswith(expected):
        raise RuntimeError(f"The server answered {head.decode('latin-1')!r} {body[:500]!r}, not {expected!r}.")
    place = head.lower().find(b"content-length:")
    size = int(head[place + 15 :].split(b"\r\n", 1)[0])
    while len(body) < size:
        body += _more(connection)
    return head, body


def _more(connection: socket.socket) -> bytes:
    data = connection.recv(262_144)
    if not data:
        raise RuntimeError("The server closed the connection.")
    return data
