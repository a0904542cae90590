"""Webhook endpoints and the organization's own webhook: secrets."""

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import NotFound
from mockserver.lifecycles import members, webhooks
from mockserver.lifecycles.webhooks import ENDPOINTS, LEGACY, LEGACY_ID
from mockserver.world.world import World


def developer_webhook_endpoints_list(world: World, inputs: Inputs) -> Reply:
    """All endpoints, for an admin."""
    members.require(world, inputs.request.user_id, "admin")
    return defaults.list_documents(world, inputs)


def developer_webhook_endpoints_partial_update(world: World, inputs: Inputs) -> Reply:
    """The endpoint changed, by an admin."""
    members.require(world, inputs.request.user_id, "admin")
    return defaults.update(world, inputs)


def developer_webhook_endpoints_delete(world: World, inputs: Inputs) -> Reply:
    """Nothing; an admin has deleted the endpoint."""
    members.require(world, inputs.request.user_id, "admin")
    return defaults.delete(world, inputs)


def developer_webhook_endpoints_create(world: World, inputs: Inputs) -> Reply:
    """An endpoint with a secret of its own, which only this reply shows."""
    members.require(world, inputs.request.user_id, "admin")
    secret = webhooks.new_secret(world)
    given = {"events": [], **defaults.wanted(inputs)}
    hint = webhooks.secret_hint(secret)
    return Reply(world.create(ENDPOINTS, {**given, "secret": secret, "secret_hint": hint}))


def webhook_list(world: World, inputs: Inputs) -> Reply:
    """The organization's URL and secret, once they are set."""
    record = world[LEGACY].get(LEGACY_ID)
    if record is None:
        raise NotFound("Not found: this organization has no webhook URL; PUT /v1/webhook sets one.")
    return Reply(record)


def webhook_update(world: World, inputs: Inputs) -> Reply:
    """The organization's new URL; its secret is made with the first one and stays."""
    record = world[LEGACY].get(LEGACY_ID)
    if record is None:
        fresh = {"id": LEGACY_ID, "secret": webhooks.new_secret(world)}
        return Reply(world.create(LEGACY, {**fresh, **defaults.given(inputs)}))
    return Reply(world.change(LEGACY, LEGACY_ID, defaults.given(inputs)))


def webhook_bulk_update(world: World, inputs: Inputs) -> Reply:
    """The same as setting it: the URL is all there is to change."""
    return webhook_update(world, inputs)
