"""Requests with an idempotency key: the same request again gets the same reply and changes nothing.

Which operations have one is read off the document: a header parameter `Idempotency-Key`, or a field
`idempotency_key` of the body. Where the reply to a repetition differs, `x-idempotent-replay` on the operation says
how: `{status: 200, merge: {idempotent_replay: true}}`.
"""

import hashlib
from collections.abc import Callable
from typing import Final

import orjson

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
        raise Conflict(
            f"The idempotency key {key!r} was used for another request; a new request needs a new key.",
            code="idempotency_key_reused",
            more={"retryable": False},
        )
    rendered: Rendered = reply
    rule = operation.node.get("x-idempotent-replay")
    if rule is None:
        return rendered
    body = orjson.dumps({**orjson.loads(rendered.body), **rule.get("merge", {})})
    return rendered._replace(status=rule.get("status", rendered.status), body=body)


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
    """What the request asked for. Forms are told apart by their values: their boundaries differ each time."""
    request = inputs.request
    parts = (request.method, request.path, request.query)
    body = orjson.dumps(inputs.body, option=orjson.OPT_SORT_KEYS, default=repr)
    return hashlib.blake2b("\n".join(parts).encode() + b"\n" + body, digest_size=16).digest()
