"""Instructions that several agents share, with how many do."""

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.lifecycles.agents import AGENTS
from mockserver.world.store import Page, Record
from mockserver.world.world import World


def reusable_instructions_list(world: World, inputs: Inputs) -> Reply:
    """Every instruction, with how many agents use it now."""
    reply = defaults.list_documents(world, inputs)
    assert isinstance(reply.content, Page), "the default answers a page"
    for record in reply.content.records:
        _count(world, record)
    return reply


def reusable_instructions_retrieve(world: World, inputs: Inputs) -> Reply:
    """The instruction, with how many agents use it now."""
    return Reply(_count(world, defaults.record_of(world, inputs)))


def reusable_instructions_partial_update(world: World, inputs: Inputs) -> Reply:
    """The instruction changed, as every agent that uses it shows from now on."""
    record = defaults.record_of(world, inputs)
    return Reply(_count(world, world.revise(record.collection, record.id, defaults.given(inputs))))


def _count(world: World, record: Record) -> Record:
    """Bring the count up to date. Agents whose draft alone has the instruction do not use it."""
    users = world[AGENTS].page(where={"reusable_instruction_ids": record.id}, limit=1).total
    if record.document["agent_count"] == users:
        return record
    return world[record.collection].change(record.id, {"agent_count": users})
