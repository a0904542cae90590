"""Subscriptions to events: what they may be."""

import re
from typing import Any, Final

from mockserver import chance
from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import ApiError, nearest
from mockserver.world.store import Document
from mockserver.world.world import World

ENDPOINTS: Final = "v2/webhook-endpoints"
MOST: Final = 20
EVENTS: Final = (
    "agent.created",
    "agent.updated",
    "agent.deleted",
    "chat.message.completed",
    "chat.session.ended",
    "voice.call.started",
    "voice.call.ended",
    "campaign.step.completed",
    "campaign.completed",
    "webhook.test",
)

_URL: Final = re.compile(r"(https://[^\s/?#]+|http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?)([/?#]\S*)?")


def v2_webhooks_endpoints(world: World, inputs: Inputs) -> Reply:
    """A new endpoint, and the secret that is shown only now."""
    body = defaults.wanted(inputs)
    _require_sense(body)
    if len(world[ENDPOINTS]) >= MOST:
        raise ApiError(f"The account has {MOST} webhook endpoints and may have no more.")
    number = world.next_number(ENDPOINTS)
    secret = "whsec_" + chance.token("webhook secret", world.seed, world.organization, number, length=32)
    record = world.create(
        ENDPOINTS, {**body, "id": number, "secret": secret, "is_active": True, "created_at": world.now[:19]}
    )
    return Reply({"status": "success", "endpoint": record.document}, secrets=(secret,))


def v2_webhooks_endpoints_partial_update(world: World, inputs: Inputs) -> Reply:
    """Which endpoint was changed; what is null or left out stays."""
    record = defaults.record_of(world, inputs)
    changes = {name: value for name, value in defaults.given(inputs).items() if value is not None}
    _require_sense(changes)
    world.change(ENDPOINTS, record.id, changes)
    return Reply({"status": "success", "endpoint_id": record.id})


def _require_sense(body: Document) -> None:
    """Raise ApiError 400 for a URL or an event that cannot be."""
    url: Any = body.get("url", "https://ok.example")
    if not _URL.fullmatch(url):
        raise ApiError(f"url must begin with https:// (or be http:// on this machine); {url!r} does not.")
    wanted = body.get("event_types", EVENTS)
    if not wanted:
        raise ApiError(f"event_types must name at least one event. Known: {', '.join(EVENTS)}.")
    for each in wanted:
        if each not in EVENTS:
            raise ApiError(f"event_types: there is no event {each!r}.{nearest(each, EVENTS)}")
