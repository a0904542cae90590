"""Calls as one object with everything in it, computed over the call that every contract shows."""

from typing import Final

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import ApiError, InvalidInput, NotFound
from mockserver.lifecycles import (
    billing,
    calls,
    conversations,
    costs,
    grades,
    naming,
    numbers,
    recordings,
    sessions,
    stack,
    vitals,
)
from mockserver.simulation import views
from mockserver.simulation.analysis import NOTHING, analysis
from mockserver.world.store import Document
from mockserver.world.world import World

BUCKET: Final = "thinnestai-recordings"
RECORDING_SECONDS: Final = 3600
"""How long a recording's URL lives: an hour, whatever the server's settings say of other contracts."""

LIVEKIT_URL: Final = "wss://api.thinnest.ai/livekit"
TOKEN_SECONDS: Final = 300


def v2_calls_list(world: World, inputs: Inputs) -> Reply:
    """The calls that match, newest first, in short."""
    limit, offset = inputs.query["limit"], inputs.query["offset"]
    page = defaults.matching(world, inputs, limit=limit, offset=offset)
    return Reply({"calls": [_in_short(world, record.document) for record in page.records], "total": page.total})


def v2_calls_retrieve(world: World, inputs: Inputs) -> Reply:
    """The whole call; of one in progress, as far as it has come."""
    return Reply(_whole(world, defaults.record_of(world, inputs).document, inputs))


def v2_calls_partial_update(world: World, inputs: Inputs) -> Reply:
    """The whole call with other tags or metadata."""
    record = defaults.record_of(world, inputs)
    changed = world.change(calls.CALLS, record.id, {**defaults.given(inputs), "updated_at": world.now})
    return Reply(_whole(world, changed.document, inputs))


def v2_calls_delete(world: World, inputs: Inputs) -> Reply:
    """Nothing; the call is in no list of this contract any more, and stays otherwise."""
    record = defaults.record_of(world, inputs)
    world.change(calls.CALLS, record.id, {"deleted": True, "updated_at": world.now})
    return Reply(None)


def v2_calls_create(world: World, inputs: Inputs) -> Reply:
    """A browser session with the token that lets in, or a call to somebody."""
    body = defaults.wanted(inputs)
    if body["type"] == "outbound":
        missing = [name for name in ("phone_number_id", "customer") if name not in body]
        if missing:
            raise InvalidInput({name: ["This field is required for an outbound call."] for name in missing})
    agent = naming.agent(world, body["agent_id"])
    return _outbound(world, agent, body) if body["type"] == "outbound" else _web(world, agent, body)


def _web(world: World, agent: Document, body: Document) -> Reply:
    billing.require_balance(world)
    placement = calls.browser_placement("widget", _overridden(agent, body), world.count("browser visitors"), None)
    call_id = int(calls.start(world, placement).id)
    room = _room(agent["id"], call_id)
    world.change(calls.CALLS, call_id, {"livekit_room_name": room})
    token = sessions.room_token(world, room, identity=f"user-{call_id}", seconds=TOKEN_SECONDS)
    return Reply(
        {
            "id": naming.shown(naming.DEMO, call_id),
            "type": "web",
            "status": "active",
            "agent_id": naming.shown(naming.AGENT, agent["id"]),
            "token": token,
            "livekit_url": LIVEKIT_URL,
            "room_name": room,
            "expires_in": TOKEN_SECONDS,
        }
    )


def _outbound(world: World, agent: Document, body: Document) -> Reply:
    record = world[numbers.NUMBERS].get(body["phone_number_id"])
    if record is None or record.document["status"] == "released":
        raise NotFound(f"Not found: no phone number {body['phone_number_id']} among this organization's.")
    objection = numbers.outbound_objection(record.document)
    if objection is not None:
        raise ApiError(objection.text, status=403)
    billing.require_balance(world)
    customer = body["customer"]
    placement = calls.Placement(
        direction="outbound",
        from_number=record.document["number"],
        to_number=customer["number"],
        agent=_overridden(agent, body),
    )
    call_id = int(calls.start(world, placement).id)
    return Reply(
        {
            "id": call_id,
            "type": "outbound",
            "status": "connecting",
            "agent_id": naming.shown(naming.AGENT, agent["id"]),
            "customer": {"name": None, **customer},
            "room_name": _room(agent["id"], call_id),
        }
    )


def _overridden(agent: Document, body: Document) -> Document:
    """The agent with the providers that one call wants instead of its own."""
    wanted = body.get("voice_config", {})
    chosen = dict(agent.get("stack", {}))
    for name, part in (("stt_provider", "transcriber"), ("tts_provider", "voice")):
        if name in wanted:
            chosen[part] = {**chosen.get(part, {}), "provider": wanted[name]}
    return {**agent, "stack": chosen} if chosen else agent


def _room(agent_id: int, call_id: int) -> str:
    first, _, _ = naming.shown("", agent_id).partition("_")
    return f"voice-{first}-{naming.shown('', call_id).replace('_', '')[-6:]}"


def _in_short(world: World, call: Document) -> Document:
    """The call as stored, with what lists show besides."""
    return {
        **call,
        "duration_seconds": vitals.seconds(world, call),
        "latency_ms": vitals.latency_ms(world, call),
        "cost": costs.of(call),
    }


def _whole(world: World, call: Document, inputs: Inputs) -> Document:
    call_id = call["call_id"]
    recorded = call["recording_url"] is not None
    runs = stack.of(call)
    return {
        **_in_short(world, call),
        "transcript": _transcript(world, call),
        "recording_url": _recording(world, call_id, inputs) if recorded else None,
        "recording_duration": call["duration_seconds"] if recorded else None,
        "model": {"provider": runs["model"]["provider"], "model_id": runs["model"]["model"]},
        "transcriber": runs["transcriber"],
        "voice": {**runs["voice"], "voice_id": call["voice"]},
        "interruptions": vitals.interruptions(world, call),
        "analysis": _analysis(world, call),
        **_numbers(call),
        "metadata": call.get("metadata", {}),
        "updated_at": _changed_at(call),
    }


def _transcript(world: World, call: Document) -> list[Document]:
    """What was said, without the tools; times are seconds in words, to a tenth."""
    rows = views.transcript(
        conversations.of(world, call["call_id"]), until_ms=conversations.said_until(world, call)
    )
    return [
        {"role": row["role"], "content": row["content"], "timestamp": f"{row['start_ms'] // 100 / 10:.1f}"}
        for row in rows
        if row["content_type"] == "text"
    ]


def _recording(world: World, call_id: int, inputs: Inputs) -> str:
    return recordings.signed_url(
        world, call_id, inputs.request.base_url, lifetime_seconds=RECORDING_SECONDS, bucket=BUCKET
    )


def _analysis(world: World, call: Document) -> Document:
    """What the analysis says, with the tags that somebody put in place of its own."""
    grade = grades.latest(world, call)
    scenario = conversations.scenario_of(world, call)
    found = dict(NOTHING) if grade is None else analysis(scenario, grade.document)
    return {
        **found,
        "tags": list(call.get("tags", found["tags"])),
        "knowledge_gaps": list(found["knowledge_gaps"]),
    }


def _numbers(call: Document) -> Document:
    """The agent's number and the other side's; neither for a call in a browser."""
    ours, theirs = call["to_number"], call["from_number"]
    if call["direction"] == "outbound":
        ours, theirs = theirs, ours
    if call["direction"] not in calls.TELEPHONE:
        ours = theirs = None
    return {"phone_number": ours, "caller_phone": theirs}


def _changed_at(call: Document) -> str:
    """When anything of the call last changed."""
    moments = ("start_time", "end_time", "billed_at", "grade_updated_at", "updated_at")
    return max(str(call[name]) for name in moments if call.get(name) is not None)
