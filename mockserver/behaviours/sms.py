"""Text messages: sending one. Reading them needs no code."""

from mockserver.engine.exchange import Inputs, Reply
from mockserver.engine.idempotency import HEADER
from mockserver.errors import InvalidInput
from mockserver.lifecycles import texts
from mockserver.world.world import World

_LONGEST_KEY = 128


def sms_create(world: World, inputs: Inputs) -> Reply:
    """A message on its way: 201, or 202 when the carrier does not say what becomes of it.

    Raises InvalidInput without an idempotency key, which nothing else can make sure of.
    """
    key = inputs.request.header(HEADER)
    if not key or len(key) > _LONGEST_KEY:
        raise InvalidInput({"Idempotency-Key": [f"This header is required: 1 to {_LONGEST_KEY} characters."]})
    body = inputs.body
    record = texts.send(world, from_number=body["from_number"], to=body["to"], body=body["body"])
    return Reply(record, status=202 if record.document["status"] == "unknown" else 201)
