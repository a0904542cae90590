"""The API over ASGI: from a scope to the engine and back. One of two modules that know HTTP's fine print.

It is a bare ASGI application rather than a set of routes: the engine's tree of paths finds an operation in the
time Starlette needs to compare one route.
"""

import asyncio
import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.types import Receive, Scope, Send

from mockserver.clock import Pace
from mockserver.engine.exchange import Request, Source
from mockserver.engine.pipeline import Bound, Engine
from mockserver.engine.rendering import Rendered
from mockserver.errors import ApiError, MethodNotAllowed, NotFound, Unauthorized, WrongUse
from mockserver.http import mishaps
from mockserver.http.pacemaker import Pacemaker
from mockserver.spec.contract import Credential
from mockserver.spec.routing import Match
from mockserver.world.faults import Mishap
from mockserver.world.world import Access, World
from mockserver.world.worlds import Worlds

LARGEST_BODY = 1024 * 1024
"""Bytes of request body that are read (our limit; no vendor page gives one)."""

LARGEST_FORM = 16 * LARGEST_BODY
"""The same for forms, which carry files."""

EXPOSED = dict.fromkeys(("X-Mock-Hint", "X-Mock-Source", "X-Mock-Warning"))
"""Reply headers a page in a browser may read besides those its own reply has."""


class Api:
    """The ASGI application of the served contracts."""

    def __init__(self, engine: Engine, worlds: Worlds, pacemaker: Pacemaker) -> None:
        self._engine = engine
        self._worlds = worlds
        self._pacemaker = pacemaker

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        headers = dict(scope["headers"])
        method = scope["method"]
        raw_path = scope.get("raw_path")
        path = scope["path"] if raw_path is None else raw_path.decode("latin-1")
        world = bound = None
        if method == "OPTIONS" and b"access-control-request-method" in headers:
            await send_reply(send, _preflight(self._engine.match(path), headers), headers)
            return
        try:
            match = self._engine.match(path)
            if match is None:
                raise self._unknown(path)
            if method == "OPTIONS":
                await send_reply(send, _options(match), headers)
                return
            bound = match.methods.get("GET" if method == "HEAD" else method)
            if bound is None:
                raise MethodNotAllowed(method, match.allowed)
            access = self._access(bound, headers)
            world = access.world
            body = b"" if method == "GET" else await _read_body(receive, headers)
        except ApiError as error:
            operation = None if bound is None else bound.operation
            rendered = self._engine.renderer.refusal(error, operation, Source.ENGINE)
        else:
            query = scope["query_string"].decode("latin-1")
            host = _host(scope, headers)
            request = Request(method, path, query, headers, body, scope["scheme"], host, access.user_id)
            if world.faults or b"prefer" in headers:
                amiss = await self._answer_amiss(bound, match.values, access, request, send)
                if amiss is None:
                    return
                rendered = amiss
            else:
                rendered = await self._answer(bound, match.values, access, request)
        await send_reply(send, rendered, headers, with_body=method != "HEAD", world=world)

    async def _answer(self, bound: Bound, values: Sequence[str], access: Access, request: Request) -> Rendered:
        """The reply. Nothing awaits while a behaviour runs, so a request is atomic, unless it must wait itself."""
        world = access.world
        if world.rules.pace is Pace.REAL:
            try:
                world.keep_pace()
            except Exception as error:  # a timer's failure is the mock's own, and this caller should see it
                return self._engine.defect(world, bound.operation.id, error)
        access.used_ms = world.clock.now_ms
        if bound.later is None:
            rendered = self._engine.respond(bound, values, world, request)
        else:
            waiting = asyncio.ensure_future(self._engine.respond_later(bound, values, world, request))
            await asyncio.sleep(0)  # let it say what it wants sent
            self._pacemaker.follow(world)
            rendered = await waiting
        self._pacemaker.follow(world)
        return rendered

    async def _answer_amiss(
        self, bound: Bound, values: Sequence[str], access: Access, request: Request, send: Send
    ) -> Rendered | None:
        """The reply to a request that a fault may happen to or that wishes for one; None when it is sent."""
        operation, world = bound.operation, access.world
        try:
            wishes = mishaps.wishes_of(request.headers)
            mishap = world.faults.take(operation.id, world.clock.now_ms)
            waits = [each.wait_seconds for each in (wishes, mishap) if each is not None]
            if any(waits):
                await asyncio.sleep(max(waits))
            if mishap is not None and mishap.fault.connection == "drop":
                self._engine.record(
                    bound, world, request, Rendered(0, b"", "", Source.ENGINE, {}, _of_fault(mishap))
                )
                await mishaps.drop(send)
                return None
            refusal = None if mishap is None else mishaps.refusal_of(mishap)
            wished = wishes is not None and (wishes.code is not None or wishes.example is not None)
            if refusal is None and not wished:
                rendered = await self._answer(bound, values, access, request)
            else:
                if refusal is not None:
                    rendered = self._engine.renderer.refusal(refusal, operation, Source.ENGINE)
                else:
                    assert wishes is not None, "somebody wished"
                    rendered = self._engine.wished(bound, world, wishes.code, wishes.example)
                self._engine.record(bound, world, request, rendered)
        except WrongUse as error:
            return self._engine.renderer.misuse(str(error))
        if mishap is None:
            return rendered
        rendered = rendered._replace(warnings=(*rendered.warnings, *_of_fault(mishap)))
        world.journal.annotate(rendered.warnings)
        if mishap.fault.malformed:
            rendered = mishaps.malformed(rendered)
        if mishap.fault.connection == "truncate":
            await mishaps.truncate(send, rendered)
            return None
        return rendered

    def _unknown(self, path: str) -> NotFound:
        close = difflib.get_close_matches(path[:200], self._engine.routes.paths, n=1, cutoff=0.7)
        hint = f" Did you mean {close[0]}?" if close else " The API's paths are listed at /docs."
        return NotFound(f"Not found: no operation has the path {path[:200]}.{hint}")

    def _access(self, bound: Bound, headers: Mapping[bytes, bytes]) -> Access:
        """What the caller may use. Raises Unauthorized; operations without credentials share one world."""
        if not bound.credentials:
            return self._worlds.public()
        return find_access(self._worlds, bound.credentials[0], headers)


def find_access(worlds: Worlds, credential: Credential, headers: Mapping[bytes, bytes]) -> Access:
    """What the key in a request's headers opens. Raises Unauthorized, saying what is wrong with it."""
    key = sent_key(credential, headers)
    refusal = credential.refusal
    # The form comes first: a world's keys are of several kinds, and one kind does not open the other's doors.
    if not credential.pattern.fullmatch(key):
        raise Unauthorized("Invalid API key: it does not have the form of one." if refusal is None else refusal)
    key = credential.canonical(key)
    access = worlds.enter(key) if credential.opens else worlds.access(key)
    if access is None:
        raise Unauthorized("Invalid API key: it is unknown or has been revoked." if refusal is None else refusal)
    return access


def sent_key(credential: Credential, headers: Mapping[bytes, bytes]) -> str:
    """The key a request carries. Raises Unauthorized when it carries none."""
    text = headers.get(credential.header, b"").decode("latin-1")
    if not text:
        known = credential.refusal
        raise Unauthorized("Authentication credentials were not provided." if known is None else known)
    prefix = credential.prefix
    if text[: len(prefix)].lower() != prefix.lower():
        raise Unauthorized(f"The {credential.header.decode()} header must read `{prefix}<key>`.")
    return text[len(prefix) :]


async def send_reply(
    send: Send,
    rendered: Rendered,
    asked: Mapping[bytes, bytes],
    *,
    with_body: bool = True,
    world: World | None = None,
) -> None:
    """Send a reply to a request with the headers `asked`; without its body to HEAD."""
    body = rendered.body
    headers = [(b"x-mock-source", rendered.source.encode("ascii"))]
    if rendered.status != 204:
        headers.append((b"content-length", b"%d" % len(body)))
    if rendered.media_type:
        headers.append((b"content-type", rendered.media_type.encode("latin-1")))
    for name, text in rendered.headers.items():
        headers.append((name.lower().encode("latin-1"), text.encode("latin-1")))
    for warning in rendered.warnings:
        headers.append((b"x-mock-warning", _header_text(warning)))
    if world is not None and world.rules.pace is Pace.MANUAL and world.clock.pending:
        headers.append((b"x-mock-hint", _hint(world)))
    if b"origin" in asked:
        headers.append((b"access-control-allow-origin", b"*"))
        headers.append(
            (b"access-control-expose-headers", ", ".join({**EXPOSED, **rendered.headers}).encode("ascii"))
        )
    await send({"type": "http.response.start", "status": rendered.status, "headers": headers})
    await send({"type": "http.response.body", "body": body if with_body else b""})


def _of_fault(mishap: Mishap) -> tuple[str, ...]:
    return (f"fault {mishap.number} happened to this request (GET /_mock/faults)",)


async def _read_body(receive: Receive, headers: Mapping[bytes, bytes]) -> bytes:
    """The request's body. Raises ApiError 413 without reading further once it is too large."""
    declared = headers.get(b"content-length")
    limit = LARGEST_FORM if headers.get(b"content-type", b"").lower().startswith(b"multipart/") else LARGEST_BODY
    too_large = ApiError(f"Request body is larger than {limit} bytes.", status=413)
    if declared is not None and declared.isdigit() and int(declared) > limit:
        raise too_large
    parts: list[bytes] = []
    size = 0
    while True:
        message: Any = await receive()
        if message["type"] == "http.disconnect":
            return b"".join(parts)
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            raise too_large
        if not message.get("more_body", False):
            return b"".join(parts) if len(parts) > 1 else parts[0]


def _options(match: Match[Bound]) -> Rendered:
    """The reply to OPTIONS."""
    return Rendered(204, b"", "", Source.ENGINE, {"Allow": ", ".join(match.allowed)})


def _preflight(match: Match[Bound] | None, headers: Mapping[bytes, bytes]) -> Rendered:
    """The reply to a browser that asks before it sends. Everything may be sent: what is wrong with a request is
    said in the reply to it, which a browser shows only when this allowed it.
    """
    asked = headers[b"access-control-request-method"].decode("latin-1")
    allowed = [] if match is None else list(match.allowed)
    answer = {
        "Access-Control-Allow-Methods": ", ".join(allowed if asked in allowed else [*allowed, asked]),
        "Access-Control-Max-Age": "600",
    }
    if allowed:
        answer["Allow"] = ", ".join(allowed)
    wanted = headers.get(b"access-control-request-headers")
    if wanted is not None:
        answer["Access-Control-Allow-Headers"] = wanted.decode("latin-1")
    return Rendered(204, b"", "", Source.ENGINE, answer)


def _host(scope: Scope, headers: Mapping[bytes, bytes]) -> str:
    """Where the caller reached us: its Host header, or else the socket's own address."""
    named = headers.get(b"host")
    if named is not None:
        return named.decode("latin-1")
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
