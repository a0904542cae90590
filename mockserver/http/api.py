"""The API over ASGI: from a scope to the engine and back. One of two modules that know HTTP's fine print.

It is a bare ASGI application rather than a set of routes: the engine's tree of paths finds an operation in the
time Starlette needs to compare one route.
"""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.types import Receive, Scope, Send

from mockserver.clock import Pace
from mockserver.engine.pipeline import Bound, Engine, Request
from mockserver.engine.rendering import Rendered
from mockserver.errors import ApiError, MethodNotAllowed, NotFound, Unauthorized
from mockserver.http.pacemaker import Pacemaker
from mockserver.spec.contract import Credential
from mockserver.spec.routing import Match
from mockserver.world.world import World
from mockserver.world.worlds import Worlds

LARGEST_BODY = 1024 * 1024
"""Bytes of request body that are read (our limit; no vendor page gives one)."""

EXPOSED = "Content-Disposition, ETag, Retry-After, X-Mock-Hint, X-Mock-Source, X-Mock-Warning"
"""Reply headers a page in a browser may read."""


class Api:
    """The ASGI application of the served contracts."""

    def __init__(self, engine: Engine, worlds: Worlds, pacemaker: Pacemaker) -> None:
        self._engine = engine
        self._worlds = worlds
        self._pacemaker = pacemaker

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        method = scope["method"]
        path = scope["raw_path"].decode("latin-1") if scope.get("raw_path") else scope["path"]
        world = None
        try:
            match = self._match(path)
            if method == "OPTIONS":
                await self._send(send, _options(match, headers), headers, with_body=False)
                return
            bound = match.methods.get("GET" if method == "HEAD" else method)
            if bound is None:
                raise MethodNotAllowed(method, match.allowed)
            world = self._world(bound.credentials, headers)
            body = await _read_body(receive, headers)
        except ApiError as error:
            rendered = self._engine.renderer.refusal(error, None, "engine")
        else:
            request = Request(
                method=method,
                path=path,
                query=scope["query_string"].decode("latin-1"),
                headers=headers,
                body=body,
                base_url=f"{scope['scheme']}://{_host(scope, headers)}",
            )
            rendered = self._answer(bound, match, world, request)
        await self._send(send, rendered, headers, with_body=method != "HEAD", world=world)

    def _answer(self, bound: Bound, match: Match[Bound], world: World, request: Request) -> Rendered:
        """The reply; no await in here, so a request is atomic."""
        try:
            world.keep_pace()
        except Exception as error:  # a timer's failure is the mock's own, and this caller should see it
            return self._engine.defect(world, bound.operation.id, error)
        rendered = self._engine.respond(bound, match.values, world, request)
        self._pacemaker.follow(world)
        return rendered

    def _match(self, path: str) -> Match[Bound]:
        match = self._engine.match(path)
        if match is None:
            close = difflib.get_close_matches(path, self._engine.routes.paths, n=1, cutoff=0.7)
            hint = f" Did you mean {close[0]}?" if close else " The API's paths are listed at /docs."
            raise NotFound(f"Not found: no operation has the path {path[:200]}.{hint}")
        return match

    def _world(self, credentials: Iterable[Credential], headers: Mapping[str, str]) -> World:
        """The caller's world. Raises Unauthorized; an operation without credentials shares one world."""
        credential = next(iter(credentials), None)
        if credential is None:
            return self._worlds.public()
        return find_world(self._worlds, credential, headers)

    async def _send(
        self,
        send: Send,
        rendered: Rendered,
        asked: Mapping[str, str],
        *,
        with_body: bool,
        world: World | None = None,
    ) -> None:
        headers = [(b"x-mock-source", rendered.source.encode("ascii"))]
        if rendered.status != 204:
            headers.append((b"content-length", str(len(rendered.body)).encode("ascii")))
        if rendered.media_type:
            headers.append((b"content-type", rendered.media_type.encode("latin-1")))
        headers += [
            (name.lower().encode("latin-1"), text.encode("latin-1")) for name, text in rendered.headers.items()
        ]
        headers += [(b"x-mock-warning", _header_text(warning)) for warning in rendered.warnings]
        if world is not None and world.clock.pending and world.rules.pace is Pace.MANUAL:
            headers.append((b"x-mock-hint", _hint(world)))
        if "origin" in asked:
            headers.append((b"access-control-allow-origin", b"*"))
            headers.append((b"access-control-expose-headers", EXPOSED.encode("ascii")))
        await send({"type": "http.response.start", "status": rendered.status, "headers": headers})
        await send({"type": "http.response.body", "body": rendered.body if with_body else b""})


def find_world(worlds: Worlds, credential: Credential, headers: Mapping[str, str]) -> World:
    """The world of the key in a request's headers. Raises Unauthorized, saying what is wrong with it."""
    text = headers.get(credential.header)
    if not text:
        raise Unauthorized("Authentication credentials were not provided.")
    prefix = credential.prefix
    if text[: len(prefix)].lower() != prefix.lower():
        raise Unauthorized(f"The {credential.header} header must read `{prefix}<key>`.")
    key = text[len(prefix) :]
    if not credential.pattern.fullmatch(key):
        raise Unauthorized("Invalid API key: it does not have the form of one.")
    world = worlds.find(key)
    if world is None:
        raise Unauthorized("Invalid API key: it is unknown or has been revoked.")
    return world


async def _read_body(receive: Receive, headers: Mapping[str, str]) -> bytes:
    """The request's body. Raises ApiError 413 without reading further once it is too large."""
    too_large = ApiError(f"Request body is larger than {LARGEST_BODY} bytes.", status=413)
    declared = headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > LARGEST_BODY:
        raise too_large
    parts: list[bytes] = []
    size = 0
    while True:
        message: Any = await receive()
        if message["type"] == "http.disconnect":
            return b"".join(parts)
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > LARGEST_BODY:
            raise too_large
        if not message.get("more_body", False):
            return b"".join(parts) if len(parts) > 1 else parts[0]


def _options(match: Match[Bound], headers: Mapping[str, str]) -> Rendered:
    """The reply to OPTIONS, which answers a browser's preflight as well."""
    allowed = ", ".join(match.allowed)
    answer = {"Allow": allowed}
    if "access-control-request-method" in headers:
        answer["Access-Control-Allow-Methods"] = allowed
        answer["Access-Control-Max-Age"] = "600"
        wanted = headers.get("access-control-request-headers")
        if wanted is not None:
            answer["Access-Control-Allow-Headers"] = wanted
    return Rendered(204, b"", "", "engine", answer)


def _host(scope: Scope, headers: Mapping[str, str]) -> str:
    """Where the caller reached us: its Host header, or else the socket's own address."""
    if "host" in headers:
        return headers["host"]
    host, port = scope["server"]
    return f"{host}:{port}"


def _hint(world: World) -> bytes:
    due = world.clock.next_due()
    seconds = 0.0 if due is None else (due - world.clock.now_ms) / 1000
    waiting = world.clock.pending
    return f"{waiting} timer{'s'[: waiting != 1]} pending; advance the clock {seconds:g}s".encode("ascii")


def _header_text(text: str) -> bytes:
    """`text` as a header may carry it: one line of visible ASCII."""
    return "".join(letter if " " <= letter <= "~" else "?" for letter in text)[:500].encode("ascii")
