"""Outbound calls: placing one."""

from typing import Final

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import ApiError, Conflict, NotFound
from mockserver.lifecycles import attestations, billing, calls, numbers, platform_numbers
from mockserver.world.store import Document
from mockserver.world.world import World

UNKNOWN_OUTCOME: Final = "0202"
"""Invented: the end of a number whose call the provider accepts without saying what became of it."""


def calls_place(world: World, inputs: Inputs) -> Reply:
    """A call to somebody, run by the agent named, by the configuration given, or by the number's own agent."""
    body = defaults.given(inputs)
    number = numbers.sender(world, body["from_number"])
    objection = numbers.outbound_objection(number)
    if objection is not None:
        raise ApiError(objection.text, status=403)
    return Reply({"call_id": _placed(world, body, number), "status": "initiated"})


def calls_place_once(world: World, inputs: Inputs) -> Reply:
    """The same in the words of a later generation: a number that may not call out is a conflict with a code.

    202 says that the provider has not said what became of the call: it must not be dialled again.
    """
    body = defaults.given(inputs)
    number = numbers.sender(world, body["from_number"])
    objection = numbers.outbound_objection(number)
    if objection is not None:
        raise Conflict(objection.text, code=objection.code, more={"retryable": False})
    call_id = _placed(world, body, number)
    if body["to_number"].endswith(UNKNOWN_OUTCOME):
        return Reply({"call_id": call_id, "status": "unknown"}, status=202)
    return Reply({"call_id": call_id, "status": "initiated"}, status=201)


def _placed(world: World, body: Document, number: Document) -> int:
    """The id of a new call from `number`, as the body wants it."""
    agent = _agent(world, body, number)
    attestations.require_confirmation(world)
    billing.require_balance(world)
    platform_numbers.spend_call(world, number)
    language = body.get("primary_language", body.get("language"))
    placement = calls.Placement(
        direction="outbound",
        from_number=number["number"],
        to_number=body["to_number"],
        agent=agent,
        max_hold_seconds=body.get("max_hold_seconds"),
        variables=body.get("variables", {}),
        locale=language,
    )
    return int(calls.start(world, placement).id)


def _agent(world: World, body: Document, number: Document) -> Document:
    """The agent or the configuration that runs the call. Raises NotFound, or ApiError 400 when nothing does."""
    config = body.get("config")
    if config is not None:
        voice = config.get("voice", config.get("voice_name", calls.DEFAULT_VOICE))
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
