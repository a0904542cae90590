"""Browser sessions: a call in a room on the media server, and the token that lets one participant in.

The token is a JWT as LiveKit's clients expect it; nobody answers at the media server.
"""

import base64
import hashlib
import hmac
from dataclasses import replace
from typing import Any, Final

import orjson

from mockserver import chance
from mockserver.lifecycles import billing, calls
from mockserver.world.store import Document
from mockserver.world.world import World

KEYS: Final = "publishable-key"

SERVER_URL: Final = "wss://livekit.thunderphone.com"

TOKEN_SECONDS: Final = 600
"""How long a token lets in, by the world's clock (invented; the vendor says short-lived)."""

ISSUER: Final = "mockserver"


def open_session(
    world: World,
    direction: str,
    agent: Document,
    *,
    call_id: int | None = None,
    variables: Document | None = None,
) -> Document:
    """A call of the direction `mic` or `widget` and the way into its room.

    `{call_id, token, room_name, server_url, agent_name}`. `call_id` is given when the call has been named
    already, `variables` are those of the agent's prompt. Raises ApiError 402 without balance.
    """
    billing.require_balance(world)
    placement = calls.browser_placement(direction, agent, world.count("browser visitors"), None)
    call = calls.start(world, replace(placement, call_id=call_id, variables=variables or {}))
    room = f"{direction}-{call.id}"
    world.change(calls.CALLS, call.id, {"livekit_room_name": room})
    return {
        "call_id": call.id,
        "token": room_token(world, room, identity=f"user-{call.id}"),
        "room_name": room,
        "server_url": SERVER_URL,
        "agent_name": agent["name"],
    }


def room_token(
    world: World, room: str, *, identity: str, speaks: bool = True, seconds: int = TOKEN_SECONDS
) -> str:
    """A token that lets `identity` listen and, if it `speaks`, speak in `room`, from now for `seconds`.

    Who does not speak is not seen by the others either.
    """
    now = world.clock.now_ms // 1000
    return signed_token(
        {
            "iss": ISSUER,
            "sub": identity,
            "nbf": now,
            "exp": now + seconds,
            "video": {
                "room": room,
                "roomJoin": True,
                "canPublish": speaks,
                "canPublishData": speaks,
                "canSubscribe": True,
                **({} if speaks else {"hidden": True}),
            },
        },
        secret=token_secret(world),
    )


def token_secret(world: World) -> str:
    """What an organization's tokens are signed with."""
    return chance.token("room tokens", world.seed, world.organization, length=40)


def signed_token(claims: dict[str, Any], *, secret: str) -> str:
    """`claims` as a JSON Web Token signed with HS256."""
    parts = [_base64url(orjson.dumps(part)) for part in ({"alg": "HS256", "typ": "JWT"}, claims)]
    signature = hmac.new(secret.encode("ascii"), b".".join(parts), hashlib.sha256).digest()
    return b".".join([*parts, _base64url(signature)]).decode("ascii")


def _base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
