"""Subscriptions to events."""

from typing import Final

from mockserver import chance
from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import ApiError
from mockserver.world.world import World

ENDPOINTS: Final = "v2/webhook-endpoints"
MOST: Final = 20


def v2_webhooks_endpoints(world: World, inputs: Inputs) -> Reply:
    """A new endpoint, and the secret that is shown only now. Raises ApiError 400 when there are too many."""
    if len(world[ENDPOINTS]) >= MOST:
        raise ApiError(f"The account has {MOST} webhook endpoints and may have no more.")
    number = world.next_number(ENDPOINTS)
    secret = "whsec_" + chance.token("webhook secret", world.seed, world.organization, number, length=32)
    own = {"id": number, "secret": secret, "is_active": True, "created_at": world.now[:19]}
    record = world.create(ENDPOINTS, {**defaults.wanted(inputs), **own})
    return Reply({"status": "success", "endpoint": record.document}, secrets=(secret,))


def v2_webhooks_endpoints_partial_update(world: World, inputs: Inputs) -> Reply:
    """Which endpoint was changed; what is null or left out stays."""
    record = defaults.record_of(world, inputs)
    changes = {name: value for name, value in defaults.given(inputs).items() if value is not None}
    world.change(ENDPOINTS, record.id, changes)
    return Reply({"status": "success", "endpoint_id": record.id})
