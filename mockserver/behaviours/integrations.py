"""Integrations, the saved tools of agents: their state of validation, and going to another organization."""

from typing import Final

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import Conflict, NotFound
from mockserver.world.world import World

INTEGRATIONS: Final = "integrations"

_CALLED: Final = ("spec", "endpoint_url", "endpoint_method", "headers")


def integrations_create(world: World, inputs: Inputs) -> Reply:
    """A new integration that nobody has tested."""
    given = {"headers": [], **defaults.body_defaults(inputs.operation), **defaults.given(inputs)}
    return Reply(world.create(INTEGRATIONS, {**given, "validation_status": "untested"}))


def integrations_partial_update(world: World, inputs: Inputs) -> Reply:
    """The integration changed; untested again when what is called is another."""
    record = defaults.record_of(world, inputs)
    before, changes = record.document, defaults.given(inputs)
    if any(name in changes and changes[name] != before[name] for name in _CALLED):
        changes["validation_status"] = "untested"
    return Reply(world.revise(INTEGRATIONS, record.id, changes))


def integrations_transfer(world: World, inputs: Inputs) -> Reply:
    """The integration in another organization of the same person: 201 for a copy, 200 for the thing itself."""
    integration = defaults.find(world, INTEGRATIONS, "integration_id", inputs).document
    wanted = {**defaults.body_defaults(inputs.operation), **defaults.given(inputs)}
    target = world.registry.sister(world, wanted["target_org_id"])
    if target is None:
        raise NotFound(f"Not found: target_org_id {wanted['target_org_id']} is no organization of yours.")
    moves = wanted["mode"] == "move"
    if moves and target is world:
        raise Conflict("The integration is in this organization already.")
    there = {**integration, "display_name": wanted.get("name", integration["display_name"])}
    if moves:
        world.remove(INTEGRATIONS, integration["id"])
    else:
        there = {name: value for name, value in there.items() if name not in ("id", "created_at", "updated_at")}
    arrived = target.create(INTEGRATIONS, there)
    return Reply(
        {
            "integration": arrived.document,
            "mode": wanted["mode"],
            "source_org_id": world.organization_id,
            "target_org_id": target.organization_id,
        },
        status=200 if moves else 201,
    )
