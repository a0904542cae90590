"""The mock with something wrong in front of it: a wrapper that breaks exactly one thing, chosen from outside.

A `Defect` sees each request on its way in, each reply on its way out and each webhook before it is sent, and may
change them. It keeps what it must remember in `Scene.memory`, which is empty whenever a defect is put on.
"""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

import uvicorn

from mockserver.assembly import build
from mockserver.delivery.courier import Courier
from mockserver.settings import Settings
from mockserver.world.outbox import Outcome, Outgoing

Json = Any
Headers = list[tuple[str, str]]


@dataclass
class Asked:
    """A request. Header names are lower-case. `query` is raw, without the question mark."""

    method: str
    path: str
    query: str
    headers: Headers
    body: bytes

    @property
    def json(self) -> Json:
        """The body as JSON; None when it is none."""
        return _json(self.body)

    @json.setter
    def json(self, value: Json) -> None:
        self.body = json.dumps(value).encode()

    @property
    def parameters(self) -> dict[str, str]:
        """The query, by name."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @parameters.setter
    def parameters(self, value: dict[str, str]) -> None:
        self.query = urlencode(value)

    def header(self, name: str) -> str:
        """A header's value; "" without one."""
        return next((value for each, value in self.headers if each == name), "")

    @property
    def key(self) -> str:
        """The API key that was sent."""
        return self.header("authorization").removeprefix("Bearer ")


@dataclass
class Answered:
    """A reply. Header names are lower-case; the length is counted again when it is sent."""

    status: int
    headers: Headers
    body: bytes

    @property
    def json(self) -> Json:
        """The body as JSON; None when it is none."""
        return _json(self.body)

    @json.setter
    def json(self, value: Json) -> None:
        self.body = json.dumps(value, ensure_ascii=False).encode()

    def set(self, name: str, value: str | None) -> None:
        """Set a header; None removes it."""
        self.headers = [each for each in self.headers if each[0] != name]
        if value is not None:
            self.headers.append((name, value))


@dataclass
class Sent:
    """A webhook that is about to be sent."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes
    secret: str | None

    @property
    def json(self) -> Json:
        """The body as JSON; None when it is none."""
        return _json(self.body)

    def header(self, name: str) -> str | None:
        """The name of a header as it is spelled here, whatever its case."""
        return next((each for each in self.headers if each.lower() == name.lower()), None)


@dataclass
class Scene:
    """What a defect may remember, and how it asks the healthy server behind it."""

    memory: dict[Any, Any]
    behind: Callable[[Asked], Any]


Before = Callable[[Asked, Scene], Any]
After = Callable[[Asked, Answered, Scene], Any]
OnWebhook = Callable[[Sent, Scene], Any]


@dataclass(frozen=True)
class Defect:
    """One thing that is wrong.

    * before(asked, scene): changes a request; answers it itself when it returns an Answered. May be a coroutine.
    * after(asked, answered, scene): changes a reply. May be a coroutine.
    * webhook(sent, scene): changes a webhook. False drops it and says that it was delivered; "twice" sends it
      again.
    * laws: the codes of the laws that are meant to find it; any of them will do.
    * operations: the operations that it breaks, for a run that only asks those.
    """

    name: str
    says: str
    kind: str
    laws: tuple[str, ...]
    operations: tuple[str, ...] = ()
    before: Before | None = None
    after: After | None = None
    webhook: OnWebhook | None = None
    options: dict[str, Any] = field(default_factory=dict)


class Saboteur:
    """An ASGI application: the mock, with the defect that is on."""

    def __init__(self, settings: Settings) -> None:
        self._app = build(settings)
        self.worlds = self._app.worlds
        self._defect: Defect | None = None
        self._memory: dict[Any, Any] = {}

    def put_on(self, defect: Defect | None) -> None:
        """From now on this is wrong; None makes everything right."""
        self._memory = {}
        self._defect = defect

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["type"] != "http" or self._defect is None or scope["path"].startswith("/_mock"):
            await self._app(scope, receive, send)
            return
        asked = Asked(
            scope["method"],
            scope["path"],
            scope["query_string"].decode("latin-1"),
            [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]],
            await _body(receive),
        )

        async def behind(request: Asked) -> Answered:
            return await _ask(self._app, scope, request)

        scene = Scene(self._memory, behind)
        answered = None
        if self._defect.before is not None:
            answered = await _awaited(self._defect.before(asked, scene))
        if not isinstance(answered, Answered):
            answered = await behind(asked)
            if self._defect.after is not None:
                answered = await _awaited(self._defect.after(asked, answered, scene)) or answered
        await _reply(answered, send, asked.method)

    async def deliver(
        self, original: Any, courier: Courier, outgoing: Outgoing, headers: dict[str, str]
    ) -> Outcome:
        """Send a webhook, or what the defect makes of it."""
        defect = self._defect
        if defect is None or defect.webhook is None:
            healthy: Outcome = await original(courier, outgoing, headers)
            return healthy
        sent = Sent(outgoing.method, outgoing.url, dict(headers), outgoing.body, outgoing.secret)
        verdict = defect.webhook(sent, Scene(self._memory, _nobody))
        if verdict is False:
            return Outcome(200, {}, b"", 1, sent.headers)
        changed = replace(outgoing, method=sent.method, url=sent.url, body=sent.body)
        if verdict == "twice":
            await original(courier, changed, sent.headers)
        outcome: Outcome = await original(courier, changed, sent.headers)
        return outcome


async def _nobody(asked: Asked) -> Answered:
    raise AssertionError("A webhook has nobody behind it.")


async def _awaited(value: Any) -> Any:
    return await value if asyncio.iscoroutine(value) else value


def _json(body: bytes) -> Json:
    try:
        return json.loads(body)
    except ValueError:
        return None


async def _body(receive: Any) -> bytes:
    body: bytes = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body


async def _ask(app: Any, scope: Any, asked: Asked) -> Answered:
    """What the healthy server answers."""
    inner = dict(scope)
    headers = [(name, value) for name, value in asked.headers if name != "content-length"]
    if asked.body:
        headers.append(("content-length", str(len(asked.body))))
    inner |= {
        "method": asked.method,
        "path": asked.path,
        "raw_path": asked.path.encode("utf-8"),
        "query_string": asked.query.encode("latin-1"),
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers],
    }
    messages: list[Any] = []
    pending = [{"type": "http.request", "body": asked.body, "more_body": False}]

    async def receive() -> Any:
        return pending.pop() if pending else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        messages.append(message)

    await app(inner, receive, send)
    start = next(each for each in messages if each["type"] == "http.response.start")
    body = b"".join(each.get("body", b"") for each in messages if each["type"] == "http.response.body")
    return Answered(
        start["status"],
        [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in start.get("headers", [])],
        body,
    )


async def _reply(answered: Answered, send: Any, method: str) -> None:
    headers = [
        (name, value) for name, value in answered.headers if name not in ("content-length", "transfer-encoding")
    ]
    if answered.status not in (204, 304) or answered.body:
        headers.append(("content-length", str(len(answered.body))))
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": answered.status, "headers": encoded})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else answered.body})


@contextmanager
def staged(settings: Settings | None = None) -> Iterator[tuple[str, Saboteur]]:
    """A running server with a saboteur in front: its base URL, and the saboteur."""
    saboteur = Saboteur(Settings() if settings is None else settings)
    original = Courier._exchange

    async def exchange(courier: Courier, outgoing: Outgoing, headers: dict[str, str]) -> Outcome:
        return await saboteur.deliver(original, courier, outgoing, headers)

    config = uvicorn.Config(saboteur, host="127.0.0.1", port=0, log_level="warning", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    Courier._exchange = exchange  # type: ignore[method-assign, assignment]
    try:
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            thread.join(0.005)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}", saboteur
    finally:
        server.should_exit = True
        thread.join(10)
        Courier._exchange = original  # type: ignore[method-assign]
