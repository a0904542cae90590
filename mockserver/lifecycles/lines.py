"""Somebody to call: an agent, and an active number that it answers."""

from typing import Final

from mockserver.lifecycles import numbers
from mockserver.world.store import Document, Record
from mockserver.world.world import World

AGENTS: Final = "agents"

AGENT: Final = {
    "name": "Acme Support",
    "prompt": "You are a friendly support agent for Acme. Keep answers short.",
    "voice": "en-US-James1",
    "product": "spark",
}
"""Who answers where the organization has nobody (invented)."""


def provide(world: World, agent_id: int | None = None) -> Record:
    """An active number that is answered, by the agent named or by its own; made where there is none.

    A number that exists is never changed, only added to.
    """
    for record in world[numbers.NUMBERS]:
        number = record.document
        if number["status"] == "active" and (agent_id is not None or number["inbound_agent_id"] is not None):
            return record
    answering = some_agent(world)["id"] if agent_id is None else agent_id
    return world.change(numbers.NUMBERS, _active(world)["id"], {"inbound_agent_id": answering})


def calling(world: World) -> Document:
    """An active number that may call out; made where there is none."""
    owned = (record.document for record in world[numbers.NUMBERS])
    able = next((each for each in owned if numbers.outbound_objection(each) is None), None)
    return _active(world, platform_outbound=True) if able is None else able


def texting(world: World) -> Document:
    """An active number that carries texts; made where there is none."""
    owned = (record.document for record in world[numbers.NUMBERS])
    able = (each for each in owned if each["status"] == "active" and each.get("sms_capable"))
    return next(able, None) or _active(world)


def some_agent(world: World) -> Document:
    """The organization's oldest agent; made where there is none."""
    for record in world[AGENTS]:
        return record.document
    return world.create(AGENTS, dict(AGENT)).document


def _active(world: World, *, platform_outbound: bool = False) -> Document:
    """A new demo number that need not wait for its carrier."""
    fresh = numbers.provision(world, area_code=None, platform_outbound=platform_outbound)
    world.clock.cancel((numbers.NUMBERS, fresh.id))
    numbers.activate(world, int(fresh.id))
    record = world[numbers.NUMBERS].get(fresh.id)
    assert record is not None, "it has just been provisioned"
    return record.document
