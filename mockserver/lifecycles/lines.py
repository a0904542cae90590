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
    fresh = numbers.provision(world, area_code=None)
    world.clock.cancel((numbers.NUMBERS, fresh.id))
    numbers.activate(world, int(fresh.id))
    return world.change(numbers.NUMBERS, fresh.id, {"inbound_agent_id": answering})


def some_agent(world: World) -> Document:
    """The organization's oldest agent; made where there is none."""
    for record in world[AGENTS]:
        return record.document
    return world.create(AGENTS, dict(AGENT)).document
