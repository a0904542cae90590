"""A webhook receiver for tests: it records what it is sent, answers as told, and knows whether it was signed."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final

import orjson

from mockserver.errors import WrongUse
from mockserver.spec.delivery import Header
from mockserver.testing.signed import objection

PATH: Final = "/webhooks"

EVERY: Final = "*"


@dataclass(frozen=True, slots=True)
class Received:
    """One request that arrived. `path` has its query, `headers` lower-case names, `body` is what was signed."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def payload(self) -> Any:
        """The body as JSON, None when it is none."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None

    @property
    def type(self) -> str | None:
        """The type of the event, `call.graded`; None for a body that has none."""
        payload = self.payload
        found = payload.get("type", payload.get("event")) if isinstance(payload, dict) else None
        return found if isinstance(found, str) else None

    @property
    def data(self) -> Any:
        """What the event carries."""
        payload = self.payload
        return payload.get("data") if isinstance(payload, dict) else None


Maker = Callable[[Received], Any]


@dataclass(slots=True)
class _Planned:
    event_type: str
    status: int
    body: Any
    left: int | None


@dataclass(frozen=True, slots=True)
class Signing:
    """How one subscriber's events are signed: its secret and its contract's headers."""

    secret: str
    headers: Sequence[Header] = field(default_factory=tuple)


class WebhookReceiver:
    """Receives webhooks on a free port of this machine, or in this process (`Sandbox.subscribe`).

    It listens once its `url` is asked for, and until it is closed (`with` it, or `close()`). Everything is
    answered 200 with an empty body until `answer` or `fail_next` says otherwise. Threads may use it at will.
    """

    def __init__(self) -> None:
        self.received: list[Received] = []
        self._changed = threading.Condition()
        self._plans: deque[_Planned] = deque()
        self._signings: list[Signing] = []
        self._server: ThreadingHTTPServer | None = None

    # -- where it is ------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Where webhooks are to be sent: `http://127.0.0.1:54321/webhooks`."""
        with self._changed:
            if self._server is None:
                self._server = _listening(self.receive)
            return f"http://127.0.0.1:{self._server.server_address[1]}{PATH}"

    def close(self) -> None:
        """Listen no more; what was received stays."""
        with self._changed:
            server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()

    def __enter__(self) -> "WebhookReceiver":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    # -- how it answers ---------------------------------------------------------------------------------

    def answer(self, event_type: str, body: Any = None, *, status: int = 200, times: int | None = None) -> None:
        """Answer events of a type (`*`: of any) like this from now on, or so many `times`.

        `body` is what is answered as JSON, or a function that is given what was received and returns it: the way
        to configure a call that comes in (`telephony.incoming`). What was planned last counts first.
        """
        with self._changed:
            self._plans.appendleft(_Planned(event_type, status, body, times))

    def fail_next(self, times: int = 1, *, status: int = 500, event_type: str = EVERY) -> None:
        """Answer the next `times` events with `status`, so that they are sent again later."""
        self.answer(event_type, status=status, times=times)

    # -- what it received -------------------------------------------------------------------------------

    @property
    def types(self) -> list[str | None]:
        """The types of everything received, in order."""
        return [each.type for each in list(self.received)]

    def of_type(self, event_type: str, **fields: Any) -> list[Received]:
        """The events of a type whose data has these fields, oldest first."""
        return [
            each
            for each in list(self.received)
            if each.type == event_type
            and isinstance(each.data, dict)
            and all(each.data.get(name) == value for name, value in fields.items())
        ]

    def wait_for(self, event_type: str, *, timeout: float = 5.0, **fields: Any) -> Received:
        """The newest event of a type whose data has these fields; waits `timeout` real seconds for one.

        Raises AssertionError saying what arrived instead.
        """
        __tracebackhide__ = True  # a failure is about the test's own line
        with self._changed:
            arrived = self._changed.wait_for(lambda: self.of_type(event_type, **fields), timeout)
        if arrived:
            return arrived[-1]
        wanted = ", ".join(f"{name}={value!r}" for name, value in fields.items())
        raise AssertionError(
            f"No {event_type}{f' with {wanted}' if wanted else ''} arrived within {timeout:g} s.\n"
            f"  {self._told(event_type, fields)}"
        )

    def verify(self, received: Received | None = None, *, secret: str | None = None) -> None:
        """Check the signature of one request, or of all that arrived, over the exact bytes that were sent.

        `secret` is the endpoint's; a receiver that was subscribed by `Sandbox.subscribe` knows it. Raises
        AssertionError for one that is not signed as its contract says, WrongUse without a secret.
        """
        known = self._signings if secret is None else [self._signing_with(secret)]
        if not known:
            raise WrongUse(
                "verify: no secret is known. Pass secret=…, which the reply that made the endpoint shows, or "
                "subscribe with thunderphone.subscribe(receiver)."
            )
        for each in self.received if received is None else [received]:
            problems = [
                objection(signing.headers, signing.secret, each.method, each.path, each.headers, each.body)
                for signing in known
            ]
            if None not in problems:
                raise AssertionError(f"{each.type} to {each.path}: {problems[0]}")

    # -- what the mock side calls -----------------------------------------------------------------------

    def trust(self, signing: Signing) -> None:
        """From now on `verify` knows this way of signing."""
        self._signings.append(signing)

    def receive(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """Take one request in: the status, the headers and the body of the reply."""
        arrived = Received(method, path, {name.lower(): value for name, value in headers.items()}, body)
        with self._changed:
            self.received.append(arrived)
            planned = self._planned_for(arrived)
            self._changed.notify_all()
        if planned is None:
            return 200, {}, b""
        answer = planned.body(arrived) if callable(planned.body) else planned.body
        if answer is None:
            return planned.status, {}, b""
        return planned.status, {"Content-Type": "application/json"}, orjson.dumps(answer)

    def _planned_for(self, arrived: Received) -> _Planned | None:
        for planned in self._plans:
            if planned.event_type in (EVERY, arrived.type):
                if planned.left is not None:
                    planned.left -= 1
                    if planned.left <= 0:
                        self._plans.remove(planned)
                return planned
        return None

    def _signing_with(self, secret: str) -> Signing:
        headers = self._signings[0].headers if self._signings else _default_headers()
        return Signing(secret, headers)

    def _told(self, event_type: str, fields: Mapping[str, Any]) -> str:
        if not self.received:
            return "Nothing arrived. Is the endpoint's URL receiver.url, and was time moved (advance, settle)?"
        same = self.of_type(event_type)
        if same and fields:
            last = same[-1].data
            others = ", ".join(f"{name}={last.get(name)!r}" for name in fields)
            return f"{len(same)} of this type arrived, the last with {others}."
        counted = Counter(str(each.type) for each in self.received)
        return "Arrived: " + ", ".join(f"{name} ×{count}" for name, count in counted.items()) + "."  # noqa: RUF001


def _default_headers() -> Sequence[Header]:
    """How the default contract signs, for a receiver that nobody has subscribed."""
    from mockserver import shipped
    from mockserver.settings import DEFAULT_CONTRACT
    from mockserver.spec.contract import Contract, find_contract

    delivery = Contract.load(find_contract(shipped.folder("openapi"), DEFAULT_CONTRACT)).delivery
    assert delivery is not None, "the default contract delivers events"
    return delivery.headers


def _listening(
    receive: Callable[[str, str, Mapping[str, str], bytes], tuple[int, dict[str, str], bytes]],
) -> ThreadingHTTPServer:
    """A server on a free port of this machine, in a thread of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Take one request in."""
            length = int(self.headers.get("Content-Length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, more, body = receive(self.command, self.path, headers, self.rfile.read(length))
            self.send_response(status)
            for name, value in {**more, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(BrokenPipeError, ConnectionResetError):  # whoever asked may have given up meanwhile
                self.wfile.write(body)

        do_GET = do_PUT = do_POST

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="webhook receiver", daemon=True
    ).start()
    return server
