"""Agents in the words of another API: the same documents, with settings that only it knows."""

from typing import Any, Final

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.lifecycles import agent_files, agents, calls, stack, written
from mockserver.world.store import Document
from mockserver.world.world import World

AGENTS: Final = "agents"
TOOLS: Final = "v2/tools"

_KEPT: Final = (
    "description",
    "agentType",
    "voiceEnabled",
    "firstMessage",
    "endCallEnabled",
    "maxDurationSeconds",
    "noiseCancellation",
    "tools",
)
"""What a body sets that no other contract knows."""

_UNSET: Final[Document] = {
    "description": None,
    "agentType": "simple",
    "voiceEnabled": True,
    "firstMessage": None,
    "endCallEnabled": True,
    "maxDurationSeconds": 0,
    "noiseCancellation": "none",
    "tools": [],
}
"""An agent that was made by another API: it can speak, for it has a voice there."""

_FIXED: Final[Document] = {
    "interruptionConfig": {
        "enabled": True,
        "threshold": 0.5,
        "minSilenceDuration": 0.3,
        "minSpeechDuration": 0.1,
    },
    "recordingConfig": {"enabled": False, "downloadEnabled": True},
    "dtmfConfig": None,
    "silenceConfig": None,
    "multilingualConfig": None,
    "callSummaryConfig": None,
    "webhookConfig": None,
    "publishConfig": None,
    "graphData": None,
}
"""What no documented body sets."""


def v2_agents_list(world: World, inputs: Inputs) -> Reply:
    """The agents, one page of them, in short."""
    page = defaults.matching(world, inputs, limit=inputs.query["limit"], offset=inputs.query["offset"])
    return Reply({"agents": [_in_short(record.document) for record in page.records], "total": page.total})


def v2_agents_retrieve(world: World, inputs: Inputs) -> Reply:
    """The whole agent."""
    return Reply(_whole(world, defaults.record_of(world, inputs).document))


def v2_agents_create(world: World, inputs: Inputs) -> Reply:
    """A new agent, which every contract shows."""
    body = {"voiceEnabled": False, **defaults.wanted(inputs)}
    agent = world.create(AGENTS, {"voice": calls.DEFAULT_VOICE, **_stored({}, body)}).document
    agents.tell(world, "agent.created", agent)
    return Reply(_whole(world, agent))


def v2_agents_partial_update(world: World, inputs: Inputs) -> Reply:
    """The agent changed."""
    record = defaults.record_of(world, inputs)
    agent = world.revise(AGENTS, record.id, _stored(record.document, defaults.given(inputs))).document
    agents.tell(world, "agent.updated", agent)
    return Reply(_whole(world, agent))


def v2_agents_delete(world: World, inputs: Inputs) -> Reply:
    """Nothing; the agent is gone with its knowledge, its conversations and the recordings of its calls."""
    record = defaults.record_of(world, inputs)
    agent = record.document
    for collection in (agent_files.FILES, written.SESSIONS):
        for each in world[collection].page(where={"agent_id": record.id}, limit=defaults.UNPAGED).records:
            world.remove(collection, each.id)
    for each in world[calls.CALLS].page(where={"agent_id": record.id}, limit=defaults.UNPAGED).records:
        world.change(calls.CALLS, each.id, {"recording_url": None})
    world.remove(AGENTS, record.id)
    agents.tell(world, "agent.deleted", agent)
    return Reply(None)


def _stored(before: Document, body: Document) -> Document:
    """What a body means for the agent that is kept."""
    found: Document = {name: body[name] for name in ("name",) if name in body}
    if "instructions" in body:
        found["prompt"] = body["instructions"]
    voice = dict(body.get("voice", {}))
    for name in ("voice_id", "voiceId"):
        if name in voice:
            found["voice"] = voice.pop(name)
    chosen = dict(before.get("stack", {}))
    thinks = {
        to: body[name] for name, to in (("temperature", "temperature"), ("maxTokens", "maxTokens")) if name in body
    }
    if "model" in body:
        thinks |= stack.model(body["model"])
    for part, changes in (("model", thinks), ("transcriber", body.get("transcriber", {})), ("voice", voice)):
        if changes:
            chosen[part] = {**chosen.get(part, {}), **changes}
    if chosen:
        found["stack"] = chosen
    settings = {name: body[name] for name in _KEPT if name in body}
    if settings:
        found["settings"] = {**before.get("settings", {}), **settings}
    return found


def _in_short(agent: Document) -> Document:
    model = stack.of(agent)["model"]
    settings = {**_UNSET, **agent.get("settings", {})}
    return {**agent, **settings, "model": f"{model['provider']}/{model['model']}"}


def _whole(world: World, agent: Document) -> Document:
    settings = {**_UNSET, **agent.get("settings", {})}
    runs = stack.of(agent)
    speaks = settings["voiceEnabled"]
    return {
        **agent,
        **_FIXED,
        **settings,
        "model": {"temperature": None, "maxTokens": None, **runs["model"], "instructions": agent["prompt"]},
        "transcriber": runs["transcriber"] if speaks else None,
        "voice": {**runs["voice"], "voiceId": agent["voice"]} if speaks else None,
        "tools": _tools(world, settings["tools"]),
        "knowledgeBase": _knowledge(world, agent["id"]),
    }


def _tools(world: World, names: list[str]) -> list[Document]:
    """Each tool with its kind; one that was never created is a function as far as anybody knows."""
    if not names:
        return []
    kinds: dict[str, Any] = {record.document["name"]: record.document["type"] for record in world[TOOLS]}
    return [{"name": name, "type": kinds.get(name, "function"), "enabled": True} for name in names]


def _knowledge(world: World, agent_id: int) -> Document | None:
    files = world[agent_files.FILES].page(where={"agent_id": agent_id}, limit=defaults.UNPAGED).records
    return {"sources": [record.document for record in files]} if files else None
