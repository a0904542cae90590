"""Public ids and what they stand for."""

from typing import Any, Final

from mockserver.errors import NotFound
from mockserver.spec.public_ids import shown
from mockserver.world.store import Document
from mockserver.world.world import World

AGENT: Final = "ag_"
CAMPAIGN: Final = "camp_"
DEMO: Final = "demo-"
SESSION: Final = "sess_"

__all__ = ["AGENT", "CAMPAIGN", "DEMO", "SESSION", "agent", "shown"]


def agent(world: World, agent_id: Any) -> Document:
    """The agent that a body names: its number, or a text that no agent is called. Raises NotFound."""
    record = world["agents"].get(agent_id)
    if record is None:
        named = shown(AGENT, agent_id) if isinstance(agent_id, int) else agent_id
        raise NotFound(f"Not found: no agent {named} among this organization's.")
    return record.document
