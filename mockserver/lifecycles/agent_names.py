"""What an agent is called, for whatever shows the name beside the id."""

from mockserver.world.world import World


def of(world: World, agent_id: int | None) -> str | None:
    """The agent's name as it is now; None without an agent."""
    record = None if agent_id is None else world["agents"].get(agent_id)
    if record is None:
        return None
    name: str = record.document["name"]
    return name
