"""Mic sessions: a conversation with an agent from a microphone, without a telephone."""

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import NotFound
from mockserver.lifecycles import sessions
from mockserver.world.world import World


def mic_session_create(world: World, inputs: Inputs) -> Reply:
    """A call of the direction `mic`, and the way into its room."""
    agent_id = defaults.given(inputs)["agent_id"]
    agent = world["agents"].get(agent_id)
    if agent is None:
        raise NotFound(f"Agent {agent_id} not found.")
    return Reply(sessions.open_session(world, "mic", agent.document))
