"""Agents: duplicating."""

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.world.world import World

LONGEST_NAME = 255


def agents_duplicate(world: World, inputs: Inputs) -> Reply:
    """A new agent with the same configuration, under the name given or one that says it is a copy."""
    original = defaults.find(world, "agents", "agent_id", inputs).document
    copied = {name: value for name, value in original.items() if name not in ("id", "created_at", "updated_at")}
    copied["name"] = f"{original['name']} (copy)"[:LONGEST_NAME]
    return Reply(world.create("agents", {**copied, **defaults.given(inputs)}))
