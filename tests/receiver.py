"""A webhook receiver of the kind people write: an HTTP server in a thread that records, and answers as told."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Received:
    """One request: `path` as received, query included."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """`answers` are used up first to last, then `status` and `body` answer everything."""

    url: str = ""
    status: int = 200
    body: bytes = b""
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    delay_seconds: float = 0.0
    on_receive: Callable[[Received], None] = lambda received: None
    received: list[Received] = field(default_factory=list)
    waiting: threading.Event = field(default_factory=threading.Event)

    def types(self) -> list[str]:
        return [each.json["type"] for each in self.received]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a free port of this machine."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.received.append(Received(self.command, self.path, headers, self.rfile.read(length)))
            receiver.on_receive(receiver.received[-1])
            if receiver.delay_seconds:
                receiver.waiting.wait(receiver.delay_seconds)
            status, body = receiver.answers.pop(0) if receiver.answers else (receiver.status, receiver.body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(BrokenPipeError):  # whoever asked may have given up meanwhile
                self.wfile.write(body)

        do_GET = do_POST

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hooks"
    try:
        yield receiver
    finally:
        receiver.waiting.set()
        server.shutdown()
        server.server_close()
