"""Requests with an idempotency key: the same request again gets the same reply and changes nothing.

Which operations have one is read off the document: a header parameter `Idempotency-Key`, or a field
`idempotency_key` of the body.
"""

import hashlib
from collections.abc import Callable
from typing import Final

from mockserver.engine.exchange import Inputs
from mockserver.engine.rendering import Rendered
from mockserver.errors import Conflict
from mockserver.spec.document import Operation
from mockserver.world.world import World

HEADER: Final = "idempotency-key"
FIELD: Final = "idempotency_key"

KeyOf = Callable[[Inputs], str | None]


def key_reader(operation: Operation) -> KeyOf | None:
    """How to read the key of a request for this operation; None when it takes none."""
    if any(each.location == "header" and each.name.lower() == HEADER for each in operation.parameters):
        return _header_key
    schemas = [] if operation.body is None else operation.body.content.values()
    if any(FIELD in schema.properties for schema in schemas):
        return _field_key
    return None


def replayed(world: World, operation: Operation, key: str, inputs: Inputs) -> Rendered | None:
    """The reply that this key got before, None when it is new. Raises Conflict when it was another request's."""
    kept = world.replays.get((operation.id, key))
    if kept is None:
        return None
    fingerprint, reply = kept
    if fingerprint != _fingerprint(inputs):
        raise Conflict(f"The idempotency key {key!r} was used for another request; a new request needs a new key.")
    rendered: Rendered = reply
    return rendered


def keep(world: World, operation: Operation, key: str, inputs: Inputs, rendered: Rendered) -> None:
    """Remember the reply to a request that succeeded; one that was refused may be tried again."""
    if rendered.status < 400:
        world.replays[operation.id, key] = (_fingerprint(inputs), rendered)


def _header_key(inputs: Inputs) -> str | None:
    return inputs.request.header(HEADER)


def _field_key(inputs: Inputs) -> str | None:
    key = inputs.body.get(FIELD) if isinstance(inputs.body, dict) else None
    return None if key is None else str(key)


def _fingerprint(inputs: Inputs) -> bytes:
    request = inputs.request
    parts = (request.method, request.path, request.query)
    return hashlib.blake2b("\n".join(parts).encode() + b"\n" + request.body, digest_size=16).digest()
