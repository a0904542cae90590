"""Outbound calls: placing one."""

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import ApiError, NotFound
from mockserver.lifecycles import billing, calls, numbers
from mockserver.world.store import Document
from mockserver.world.world import World


def calls_place(world: World, inputs: Inputs) -> Reply:
    """A call to somebody, run by the agent named, by the configuration given, or by the number's own agent."""
    body = defaults.given(inputs)
    number = _own_number(world, body["from_number"])
    agent = _agent(world, body, number)
    billing.require_balance(world)
    placement = calls.Placement(
        direction="outbound",
        from_number=number["number"],
        to_number=body["to_number"],
        agent=agent,
        max_hold_seconds=body.get("max_hold_seconds"),
    )
    return Reply({"call_id": calls.start(world, placement).id, "status": "initiated"})


def _own_number(world: World, dialled: str) -> Document:
    """The organization's number, if it may call out. Raises NotFound, or ApiError 403 saying why it may not."""
    for record in world[numbers.NUMBERS]:
        number = record.document
        if number["number"] == dialled and number["status"] != "released":
            break
    else:
        raise NotFound(f"from_number {dialled} is not registered to this organization.")
    if number["source"] == "demo":
        raise ApiError("Demo numbers cannot place outbound calls; use a verified VoIP number.", status=403)
    if number["voip_verification_status"] != "verified":
        raise ApiError(f"{dialled} cannot place outbound calls until its verification succeeds.", status=403)
    if number["status"] != "active":
        raise ApiError(f"{dialled} cannot place outbound calls: it is {number['status']}.", status=403)
    return number


def _agent(world: World, body: Document, number: Document) -> Document:
    """The agent or the configuration that runs the call. Raises NotFound, or ApiError 400 when nothing does."""
    config = body.get("config")
    if config is not None:
        voice = config.get("voice", config.get("voice_name"))
        return {**config, "voice": voice}
    agent_id = body.get("agent_id")
    if agent_id is None:
        agent_id = number["outbound_agent_id"]
    if agent_id is None:
        raise ApiError(
            f"Provide agent_id or config: {number['number']} has no outbound agent. PATCH its outbound_agent_id "
            "to call out without naming one."
        )
    record = world["agents"].get(agent_id)
    if record is None:
        raise NotFound(f"Agent {agent_id} not found.")
    return record.document
