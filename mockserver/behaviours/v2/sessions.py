"""Written conversations: what their operations do beside keeping them."""

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import NotFound
from mockserver.lifecycles import written
from mockserver.world.world import World


def v2_sessions_partial_update(world: World, inputs: Inputs) -> Reply:
    """The session; archiving it ends it."""
    before = defaults.record_of(world, inputs).document
    reply = defaults.update(world, inputs)
    if before["status"] == "active" and inputs.body["status"] == "archived":
        written.end(world, before)
    return reply


def v2_sessions_delete(world: World, inputs: Inputs) -> Reply:
    """Nothing; the session is gone with its messages."""
    before = defaults.record_of(world, inputs).document
    reply = defaults.delete(world, inputs)
    if before["status"] == "active":
        written.end(world, before)
    return reply


def v2_agents_chat(world: World, inputs: Inputs) -> Reply:
    """What the agent answers. Raises NotFound for an unknown agent or a session that is not with it."""
    agent = defaults.find(world, "agents", "agent_id", inputs).document
    session_id = inputs.body.get("session_id")
    if session_id is None:
        session = written.begin(world, agent["id"])
    else:
        found = world[written.SESSIONS].get(session_id)
        if found is None or found.document["agent_id"] != agent["id"]:
            raise NotFound("Not found: this agent has no such session.")
        session = found
    return Reply(written.answer(world, agent, int(session.id), inputs.body["message"]))
