"""A webhook receiver of the suite's own: it records what arrives and answers as a law tells it to."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

V1_HEADER = "x-thunderphone-signature"
V2_HEADER = "x-thunderphone-signature-v2"


@dataclass(frozen=True)
class Arrival:
    """One request that arrived. `path` is as received, its query included; `at` a monotonic time in seconds."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def json(self) -> Any:
        """The body as JSON. Raises ValueError when it is none."""
        return json.loads(self.body)

    @property
    def type(self) -> str:
        """The event's type; "" for what is no event."""
        try:
            found = self.json
        except ValueError:
            return ""
        return str(found.get("type", "")) if isinstance(found, dict) else ""

    def v1(self, secret: str) -> str:
        """What the first signature must be."""
        return hmac.new(secret.encode(), self.body, hashlib.sha256).hexdigest()

    def v2(self, secret: str, timestamp: int) -> str:
        """What the digest of the second signature must be, for the time it names."""
        signed = f"{timestamp}\n{self.method}\n{self.path}\n".encode() + self.body
        return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


@dataclass
class Inbox:
    """One URL of the receiver, and what arrived there.

    `answers` are used up first to last, each (status, body, seconds to wait before it); then `status` and `body`
    answer everything.
    """

    url: str
    status: int = 200
    body: bytes = b""
    answers: list[tuple[int, bytes, float]] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)

    def of(self, event_type: str) -> list[Arrival]:
        """The arrivals of one type, oldest first."""
        return [each for each in self.arrivals if each.type == event_type]

    def wait(self, count: int, seconds: float = 3.0, *, event_type: str | None = None) -> list[Arrival]:
        """The arrivals (of a type), once there are `count` or `seconds` of real time have passed."""
        until = time.monotonic() + seconds
        while True:
            found = list(self.arrivals) if event_type is None else self.of(event_type)
            if len(found) >= count or time.monotonic() >= until:
                return found
            time.sleep(0.01)


class Receiver:
    """An HTTP server in a thread. `public_url` is how the implementation reaches it, where that is not its
    address.
    """

    def __init__(self, public_url: str | None = None, *, port: int = 0) -> None:
        self._inboxes: dict[str, Inbox] = {}
        self._count = 0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                headers = {name.lower(): value for name, value in self.headers.items()}
                inbox = receiver._inbox(self.path)
                status, answer, wait = 404, b"", 0.0
                if inbox is not None:
                    inbox.arrivals.append(Arrival(self.command, self.path, headers, body, time.monotonic()))
                    status, answer, wait = (
                        inbox.answers.pop(0) if inbox.answers else (inbox.status, inbox.body, 0.0)
                    )
                if wait:
                    time.sleep(wait)
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(answer)))
                    self.end_headers()
                    self.wfile.write(answer)
                except OSError:
                    self.close_connection = True  # whoever asked has given up meanwhile

            do_GET = do_PUT = do_PATCH = do_DELETE = do_POST

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        own = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.base_url = own if public_url is None else public_url.rstrip("/")

    def inbox(self, *, suffix: str = "") -> Inbox:
        """A URL that nothing has been sent to; it may end in `suffix` (a query, say)."""
        self._count += 1
        path = f"/hooks/{self._count}"
        inbox = self._inboxes[path] = Inbox(f"{self.base_url}{path}{suffix}")
        return inbox

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def _inbox(self, path: str) -> Inbox | None:
        wanted = path.partition("?")[0]
        return next((inbox for known, inbox in self._inboxes.items() if wanted.endswith(known)), None)


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether `condition` came true within `seconds` of real time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= end:
            return False
        time.sleep(0.02)
    return True
