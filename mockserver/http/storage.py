"""The storage service: serves the recordings that signed URLs point to.

It knows no keys and no organizations: a signature opens one object, and the clock of that object's own world
says whether it still does.
"""

import asyncio
import re
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

from starlette.datastructures import Headers
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from mockserver.errors import MockError
from mockserver.media.signed_urls import StorageRefusal, UrlSigner

CACHE_BYTES = 64 * 1024 * 1024
"""How many bytes of rendered objects a Storage keeps unless told otherwise."""

_METHODS = "GET, HEAD, OPTIONS"
_CHUNK_BYTES = 256 * 1024

# A page on any origin may play a recording and read what it needs to seek in it.
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "Accept-Ranges, Content-Length, Content-Range, Content-Type, ETag, Last-Modified"
    ),
}


class NoSuchKey(StorageRefusal):
    """404: the URL is genuine, but its object is gone."""

    status = 404
    code = "NoSuchKey"
    message = "There is no such object."


class MethodRefused(StorageRefusal):
    """405: recordings can only be read."""

    status = 405
    code = "MethodNotAllowed"
    message = "This method is not allowed on a recording."


class RangeRefused(StorageRefusal):
    """416: the range asked for begins behind the end of the object."""

    status = 416
    code = "InvalidRange"
    message = "The range cannot be satisfied."


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object as it is at `now`, the time in its own world.

    `etag` is opaque text without quotes and commas, and changes with the content. `render` makes the content:
    slow, pure, called in a thread. `size` is the content's length in bytes where that is known beforehand; it
    saves rendering when only headers are asked for. Both times are aware.
    """

    now: datetime
    etag: str
    last_modified: datetime
    render: Callable[[], bytes]
    size: int | None = None
    media_type: str = "audio/mpeg"


class Storage:
    """ASGI application that answers GET, HEAD and OPTIONS below its mount point with stored objects.

    `locate` finds the object for an object path (without the bucket), or None. Contents are rendered when
    first read, once however many ask at the same time, and up to `cache_bytes` of them are kept. The object's
    path is what `scope["path"]` has behind `scope["root_path"]`, as under a Starlette Mount.
    """

    def __init__(
        self,
        signer: UrlSigner,
        locate: Callable[[str], StoredObject | None],
        *,
        cache_bytes: int = CACHE_BYTES,
    ) -> None:
        self._signer = signer
        self._locate = locate
        self._contents = _Contents(cache_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; every refusal is the storage service's XML."""
        headers = Headers(scope=scope)
        try:
            response = await self._respond(scope, headers)
        except StorageRefusal as refusal:
            response = _refuse(refusal)
        for name, value in _CORS.items():
            response.headers[name] = value
        await response(scope, receive, send)

    async def _respond(self, scope: Scope, headers: Headers) -> Response:
        method = scope["method"]
        if method == "OPTIONS":
            return _preflight(headers)
        if method not in ("GET", "HEAD"):
            raise MethodRefused(f"It was {method}. Use GET or HEAD.", headers={"Allow": _METHODS})
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        grant = self._signer.authenticate(method, path, scope["query_string"])
        stored = self._locate(grant.object_path)
        if stored is None:
            raise NoSuchKey(
                f"Nothing is stored at {path} any more. Was the organization reset, or the server restarted?"
            )
        grant.check_time(stored.now)
        return await self._serve(grant.object_path, stored, method, headers)

    async def _serve(self, path: str, stored: StoredObject, method: str, headers: Headers) -> Response:
        etag = f'"{stored.etag}"'
        modified = format_datetime(stored.last_modified.astimezone(UTC), usegmt=True)
        common = {
            "Accept-Ranges": "bytes",
            "Cache-Control": "private, max-age=0",
            "ETag": etag,
            "Last-Modified": modified,
        }
        if _matches(headers.get("if-none-match"), etag):
            return Response(status_code=304, headers=common)
        common["Content-Type"] = stored.media_type
        if method == "HEAD":
            size = len(await self._contents.read(path, stored)) if stored.size is None else stored.size
            return Response(headers={**common, "Content-Length": str(size)})
        content = await self._contents.read(path, stored)
        asked = headers.get("range") if headers.get("if-range", etag) in (etag, modified) else None
        part = byte_range(asked, len(content))
        if part is None:
            common["Content-Length"] = str(len(content))
            return StreamingResponse(_chunks(content, 0, len(content)), headers=common)
        start, stop = part
        common["Content-Length"] = str(stop - start)
        common["Content-Range"] = f"bytes {start}-{stop - 1}/{len(content)}"
        return StreamingResponse(_chunks(content, start, stop), status_code=206, headers=common)


class _Contents:
    """Rendered contents by object path and etag, the least recently read forgotten first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._bytes = 0
        self._kept: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._rendering: dict[tuple[str, str], asyncio.Task[bytes]] = {}

    async def read(self, path: str, stored: StoredObject) -> bytes:
        """The content of `stored`. Raises MockError when it has not the size it was announced with."""
        key = (path, stored.etag)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        task = self._rendering.get(key)
        if task is None:
            task = self._rendering[key] = asyncio.create_task(asyncio.to_thread(_render, path, stored))
            task.add_done_callback(lambda done: self._finish(key, done))
        # Shielded: one listener who hangs up must not take the others' rendering along.
        return await asyncio.shield(task)

    def _finish(self, key: tuple[str, str], done: asyncio.Task[bytes]) -> None:
        del self._rendering[key]
        if done.cancelled() or done.exception() is not None:
            return
        content = done.result()
        if len(content) > self._limit:
            return
        self._kept[key] = content
        self._bytes += len(content)
        while self._bytes > self._limit:
            _, forgotten = self._kept.popitem(last=False)
            self._bytes -= len(forgotten)


def _render(path: str, stored: StoredObject) -> bytes:
    content = stored.render()
    if stored.size not in (None, len(content)):
        raise MockError(
            f"The object {path} was announced with {stored.size} bytes and rendered with {len(content)}. "
            "Correct the size that `locate` gives, or leave it out."
        )
    return content


# One range with at least one end. So many digits are more than any size has, and few enough for int().
_ONE_RANGE = re.compile(
    r"\s*bytes\s*=\s*(?:([0-9]{1,999})\s*-\s*([0-9]{0,999})|-\s*([0-9]{1,999}))\s*", re.IGNORECASE
)


def byte_range(header: str | None, size: int) -> tuple[int, int] | None:
    """Where the part that a Range header asks for starts and stops in `size` bytes; None means the whole.

    A header that is missing, malformed, in other units or with several ranges asks for the whole. Raises
    RangeRefused when the one range has no byte in common with the content.
    """
    match = None if header is None else _ONE_RANGE.fullmatch(header)
    if match is None:
        return None
    first, last, tail = match.groups()
    if tail is not None:
        start, stop = max(0, size - int(tail)), size
    else:
        start, stop = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return None
    if start >= stop:
        raise RangeRefused(f"{header!r} was asked of {size} bytes.", headers={"Content-Range": f"bytes */{size}"})
    return start, stop


def _matches(header: str | None, etag: str) -> bool:
    """Whether an If-None-Match header names `etag`."""
    if header is None:
        return False
    return header.strip() == "*" or etag in (name.strip().removeprefix("W/") for name in header.split(","))


async def _chunks(content: bytes, start: int, stop: int) -> AsyncIterator[bytes]:
    for at in range(start, stop, _CHUNK_BYTES):
        yield content[at : min(stop, at + _CHUNK_BYTES)]


def _preflight(headers: Headers) -> Response:
    allowed = headers.get("access-control-request-headers", "Range, If-Range, If-None-Match")
    return Response(
        status_code=204,
        headers={
            "Access-Control-Allow-Methods": _METHODS,
            "Access-Control-Allow-Headers": allowed,
            "Access-Control-Max-Age": "3600",
            "Allow": _METHODS,
        },
    )


# A path can have any character in it; an XML document cannot.
_NOT_IN_XML = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


def _refuse(refusal: StorageRefusal) -> Response:
    """`refusal` as the service's XML."""
    body = (
        "<?xml version='1.0' encoding='UTF-8'?>"
        f"<Error><Code>{refusal.code}</Code><Message>{escape(refusal.message)}</Message>"
        f"<Details>{escape(refusal.details)}</Details></Error>"
    )
    return Response(
        _NOT_IN_XML.sub("\ufffd", body),
        status_code=refusal.status,
        headers={
            "Content-Type": "application/xml; charset=UTF-8",
            "Cache-Control": "private, max-age=0",
            **refusal.headers,
        },
    )
