"""A way to talk to an application without a socket."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from mockserver.http.app import App


@dataclass(frozen=True)
class Answer:
    """A reply: `headers` have lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


class Caller:
    """Calls an application as one API key."""

    def __init__(self, app: App, key: str | None) -> None:
        self.app = app
        self.key = key

    def __call__(
        self,
        method: str,
        target: str,
        json: Any = None,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        sent = {"host": "mock.test", **(headers or {})}
        if self.key is not None:
            sent.setdefault("authorization", f"Bearer {self.key}")
        if json is not None:
            body = orjson.dumps(json)
            sent.setdefault("content-type", "application/json")
        return asyncio.run(_call(self.app, method, target, sent, body or b""))

    def get(self, target: str, **kwargs: Any) -> Answer:
        return self("GET", target, **kwargs)

    def post(self, target: str, json: Any = None, **kwargs: Any) -> Answer:
        return self("POST", target, json, **kwargs)

    def patch(self, target: str, json: Any = None, **kwargs: Any) -> Answer:
        return self("PATCH", target, json, **kwargs)

    def advance(self, seconds: float) -> None:
        assert self.post("/_mock/clock/advance", {"seconds": seconds}).status == 200

    def settle(self) -> None:
        assert self.post("/_mock/clock/settle").status == 200


async def _call(app: App, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
    path, _, query = target.partition("?")
    sent: list[Any] = []
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        if waiting:
            return waiting.pop()
        return await asyncio.Event().wait()  # the client stays connected

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode("latin-1"),
        "root_path": "",
        "query_string": query.encode("latin-1"),
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()],
        "server": ("mock.test", 80),
        "client": ("test", 1),
    }
    await app(scope, receive, send)
    start = next(message for message in sent if message["type"] == "http.response.start")
    return Answer(
        status=start["status"],
        headers={name.decode(): value.decode("latin-1") for name, value in start["headers"]},
        body=b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body"),
    )
