"""Variants of agents: split testing, and how the variants do."""

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.lifecycles import variants
from mockserver.lifecycles.agents import AGENTS
from mockserver.lifecycles.variants import VARIANTS
from mockserver.world.store import Record
from mockserver.world.world import World


def agents_variants(world: World, inputs: Inputs) -> Reply:
    """A new variant; a control takes the place of the one before."""
    reply = defaults.create(world, inputs)
    assert isinstance(reply.content, Record), "the default answers what it made"
    _only_control(world, reply.content)
    return reply


def agents_variants_partial_update(world: World, inputs: Inputs) -> Reply:
    """The variant changed; a control takes the place of the one before."""
    reply = defaults.update(world, inputs)
    assert isinstance(reply.content, Record), "the default answers what it changed"
    _only_control(world, reply.content)
    return reply


def agents_variant_stats_list(world: World, inputs: Inputs) -> Reply:
    """How each variant of the agent has done so far."""
    agent = defaults.find(world, AGENTS, "agent_id", inputs)
    return Reply([*variants.stats(world, int(agent.id))])


def _only_control(world: World, record: Record) -> None:
    """Let no other variant of the agent be its control, if this one is."""
    variant = record.document
    if not variant["is_control"]:
        return
    for other in variants.of(world, variant["agent_id"]):
        if other["is_control"] and other["id"] != variant["id"]:
            world.change(VARIANTS, other["id"], {"is_control": False})
