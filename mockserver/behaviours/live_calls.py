"""Calls that are going on: listening in, whispering to the agent, and calls that come by SIP or in real time."""

from typing import Final

from mockserver.clock import iso
from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import Conflict, NotFound
from mockserver.lifecycles import billing, calls, sessions
from mockserver.world.store import Document
from mockserver.world.world import World

WHISPERS: Final = "whispers"
SIP_HOST: Final = "sip.thunderphone.example"
"""Invented; the vendor's host was never published."""

SIP_SECONDS: Final = 300
"""How long a SIP address may be called (invented)."""

SIP_CALLER: Final = "sip-caller"
"""Who calls by SIP, as far as the mock knows (invented)."""


def calls_listen(world: World, inputs: Inputs) -> Reply:
    """A token that lets somebody into the call's room unseen."""
    call = _going_on(world, inputs)
    room = f"{call['direction']}-{call['call_id']}"
    identity = f"listener-{world.count('listeners')}"
    token = sessions.room_token(world, room, identity=identity, speaks=False)
    return Reply({"room_name": room, "server_url": sessions.SERVER_URL, "token": token})


def calls_whisper(world: World, inputs: Inputs) -> Reply:
    """The agent has been told; what it makes of it is not simulated."""
    call = _going_on(world, inputs)
    world.create(WHISPERS, {"call_id": call["call_id"], "text": inputs.body["text"], "sent_at": world.now})
    return Reply({"status": "sent"})


def calls_register_sip_create(world: World, inputs: Inputs) -> Reply:
    """An address for one call by SIP, which begins at once: nobody has to dial here."""
    body = defaults.given(inputs)
    agent = _agent(world, body["agent_id"])
    billing.require_balance(world)
    to_number = body.get("to_number")
    call = calls.start(
        world,
        calls.Placement(
            direction="inbound",
            from_number=SIP_CALLER,
            to_number="sip" if to_number is None else to_number,
            agent=agent,
            variables=body.get("variables") or {},
        ),
    )
    return Reply(
        {
            "agent_id": agent["id"],
            "call_id": call.id,
            "expires_at": iso(world.clock.now_ms + SIP_SECONDS * 1000),
            "sip_uri": f"sip:call-{call.id}@{SIP_HOST}",
            "to_number": to_number,
        }
    )


def realtime_sessions_create(world: World, inputs: Inputs) -> Reply:
    """A call of the direction `web`, and the way into its room."""
    body = defaults.given(inputs)
    config, agent_id = body.get("config"), body.get("agent_id")
    agent = _agent(world, agent_id) if config is None else {"name": "the assistant", **config}
    opened = sessions.open_session(world, "widget", agent, variables=body.get("variables", {}))
    return Reply({**opened, "livekit_url": opened["server_url"]})


def realtime_sessions_live_transcripts(world: World, inputs: Inputs) -> Reply:
    """Whether the session's words are sent while they are spoken."""
    call = _going_on(world, inputs)
    enabled = defaults.wanted(inputs).get("enabled", True)
    world.change(calls.CALLS, call["call_id"], {"live_transcripts": enabled})
    return Reply({"call_id": call["call_id"], "live_transcripts": enabled})


def _going_on(world: World, inputs: Inputs) -> Document:
    """The call, while it is in progress. Raises Conflict afterwards."""
    call = defaults.find(world, calls.CALLS, "call_id", inputs).document
    if call["status"] != "in_progress":
        raise Conflict(f"The call is over: it is {call['status']}.")
    return call


def _agent(world: World, agent_id: int | None) -> Document:
    record = None if agent_id is None else world["agents"].get(agent_id)
    if record is None:
        raise NotFound(f"Agent {agent_id} not found.")
    return record.document
