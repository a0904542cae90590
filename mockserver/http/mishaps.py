"""How a reply goes wrong on purpose over a real connection, and what a caller may wish for in `Prefer`."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.types import Send

from mockserver.engine.rendering import Rendered
from mockserver.errors import ApiError, WrongUse
from mockserver.world.faults import Mishap

LONGEST_WAIT_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a `Prefer` header asks for, as users of Prism know it: `code=402, example=name, wait=2`."""

    code: int | None = None
    example: str | None = None
    wait_seconds: float = 0.0


def wishes_of(headers: Mapping[bytes, bytes]) -> Wishes | None:
    """The wishes in the request's `Prefer` header, None without one. Raises WrongUse for a senseless value.

    Preferences of other kinds are ignored, as the header's own standard says.
    """
    text = headers.get(b"prefer")
    if text is None:
        return None
    found: dict[str, str] = {}
    for part in re.split(r"[,;]", text.decode("latin-1")):
        name, _, value = part.strip().partition("=")
        found[name.strip().lower()] = value.strip().strip('"')
    wishes = {name: found[name] for name in ("code", "example", "wait") if name in found}
    if not wishes:
        return None
    code, wait = wishes.get("code"), wishes.get("wait", "0")
    if code is not None and not re.fullmatch(r"[1-5][0-9][0-9]", code):
        raise WrongUse(f"Prefer: code={code} is no HTTP status. Write one like code=402.")
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", wait) or float(wait) > LONGEST_WAIT_SECONDS:
        raise WrongUse(f"Prefer: wait={wait} is no number of seconds up to {LONGEST_WAIT_SECONDS:g}.")
    return Wishes(None if code is None else int(code), wishes.get("example"), float(wait))


def refusal_of(mishap: Mishap) -> ApiError | None:
    """The refusal a mishap makes, or None when it refuses nothing."""
    if mishap.status is None:
        return None
    headers = {} if mishap.retry_after is None else {"Retry-After": str(mishap.retry_after)}
    return ApiError(mishap.detail, status=mishap.status, headers=headers)


def malformed(rendered: Rendered) -> Rendered:
    """The reply with the second half of its body missing, as if it were all there is."""
    return rendered._replace(body=rendered.body[: len(rendered.body) // 2])


async def drop(send: Send) -> None:
    """Close the connection without a reply."""
    transport = _transport(send)
    if transport is None:
        raise ConnectionResetError("The connection was dropped on purpose.")
    transport.abort()
    await asyncio.sleep(0.01)  # let the server notice, or it would complain that no reply was made


async def truncate(send: Send, rendered: Rendered) -> None:
    """Send the headers and half of the body, then close the connection."""
    size = b"%d" % len(rendered.body)
    headers = [(b"content-length", size), (b"content-type", rendered.media_type.encode("latin-1"))]
    await send({"type": "http.response.start", "status": rendered.status, "headers": headers})
    half = rendered.body[: len(rendered.body) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})
    transport = _transport(send)
    if transport is None:
        raise ConnectionResetError("The connection was cut on purpose.")
    transport.close()
    await asyncio.sleep(0.01)


def _transport(send: Send) -> Any:
    """The socket behind an ASGI `send`, where the server lets it be seen (uvicorn does); else None."""
    return getattr(getattr(send, "__self__", None), "transport", None)
