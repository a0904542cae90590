"""The life of a written conversation. No model is asked: an agent's answer is a fixed text around the message."""

import re
from typing import Final

from mockserver.lifecycles import naming
from mockserver.world.store import Document, Record
from mockserver.world.world import World

SESSIONS: Final = "v2/sessions"


def begin(world: World, agent_id: int) -> Record:
    """A new session with an agent."""
    return world.create(SESSIONS, {"agent_id": agent_id, "created_at": world.now, "updated_at": world.now})


def answer(world: World, agent: Document, session_id: int, message: str) -> Document:
    """`{response, session_id, usage}`: the agent's answer to a message, kept with it in the session."""
    record = world[SESSIONS].get(session_id)
    assert record is not None, "only asked for sessions that exist"
    session = record.document
    response = f"This is {agent['name']}. You wrote: “{message}” How can I help you further?"
    messages = [
        *session["messages"],
        {"role": "user", "content": message, "timestamp": world.now},
        {"role": "assistant", "content": response, "timestamp": world.now},
    ]
    name = session["name"] if session["messages"] else message[:60]
    world.change(SESSIONS, session_id, {"messages": messages, "message_count": len(messages), "name": name})
    read, wrote = _tokens(agent["prompt"]) + _tokens(message), _tokens(response)
    shown = naming.shown(naming.SESSION, session_id)
    world.emit(
        "chat.message.completed",
        lambda: {
            "agent_id": agent["id"],
            "session_id": shown,
            "message": response,
            "tokens_used": read + wrote,
        },
    )
    usage = {"input_tokens": read, "output_tokens": wrote, "total_tokens": read + wrote}
    return {"response": response, "session_id": shown, "usage": usage}


def end(world: World, session: Document) -> None:
    """Tell that a session is over."""
    world.emit(
        "chat.session.ended",
        lambda: {
            "agent_id": session["agent_id"],
            "session_id": naming.shown(naming.SESSION, session["id"]),
            "message_count": session["message_count"],
        },
    )


def _tokens(text: str) -> int:
    """About how many tokens a text is: its words and marks."""
    return len(re.findall(r"\w+|[^\w\s]", text))
