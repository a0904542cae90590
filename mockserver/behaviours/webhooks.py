"""Webhook endpoints and the organization's own webhook: secrets, tests, and what became of deliveries."""

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import NotFound
from mockserver.lifecycles import agent_names, members, webhooks
from mockserver.lifecycles.webhooks import ENDPOINTS, LEGACY, LEGACY_ID
from mockserver.world.store import Document
from mockserver.world.world import World


def developer_webhook_endpoints_list(world: World, inputs: Inputs) -> Reply:
    """All endpoints, for an admin."""
    members.require(world, inputs.request.user_id, "admin")
    records = defaults.matching(world, inputs, limit=defaults.UNPAGED).records
    return Reply([_with_agent(world, record.document) for record in records])


def developer_webhook_endpoints_partial_update(world: World, inputs: Inputs) -> Reply:
    """The endpoint changed, by an admin."""
    members.require(world, inputs.request.user_id, "admin")
    record = defaults.record_of(world, inputs)
    return Reply(_with_agent(world, world.revise(ENDPOINTS, record.id, defaults.given(inputs)).document))


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
    record = world.create(ENDPOINTS, {**given, "secret": secret, "secret_hint": hint})
    return Reply(_with_agent(world, record.document))


async def developer_webhook_endpoints_test(world: World, inputs: Inputs) -> Reply:
    """What an endpoint answered to a made-up event, signed and delivered like a real one."""
    members.require(world, inputs.request.user_id, "admin")
    endpoint = defaults.find(world, ENDPOINTS, "endpoint_id", inputs).document
    event_type = defaults.given(inputs).get("event_type", webhooks.TEST_EVENT)
    event_id, delivery = await webhooks.test(world, endpoint, event_type)
    last = delivery["attempts"][-1]
    success = delivery["status"] == "delivered"
    problem = "" if success else f"The endpoint answered {last['status']}."
    return Reply(
        {
            "success": success,
            "status": delivery["status"],
            "event_id": event_id,
            "event_type": event_type,
            "response_code": last["status"],
            "error": problem if last["error"] is None else last["error"],
        }
    )


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


def _with_agent(world: World, endpoint: Document) -> Document:
    """An endpoint with the name of the agent it is limited to, as it is now."""
    return {**endpoint, "agent_name": agent_names.of(world, endpoint.get("agent_id"))}
