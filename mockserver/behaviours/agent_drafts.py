"""Drafts of agents: a change waits beside what is deployed, under `draft_…`, until it is deployed or discarded.

Calls only know what is deployed. `draft_fields`, kept with an agent and shown by no contract, names what its draft
changes: a field whose draft is null may be drafted as null, or not at all.
"""

from collections.abc import Mapping
from typing import Any, Final

from mockserver.clock import iso, parse_iso
from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import Conflict
from mockserver.lifecycles import consent
from mockserver.lifecycles.agents import AGENTS, thinking_of, warn_of_collisions
from mockserver.spec.schema import Schema
from mockserver.world.store import Document, Record
from mockserver.world.world import World

DRAFT: Final = "draft_"
_FIELDS: Final = "draft_fields"
_SEEN: Final = ("if_updated_at", "updated_at")
"""How a request may say which state of the agent it was made for."""


def agents_create_deployed(world: World, inputs: Inputs) -> Reply:
    """A new agent, deployed but for what is given as a draft; a Storm tier decides its thinking level."""
    body = _with_thinking(defaults.wanted(inputs))
    live = {name: value for name, value in body.items() if not name.startswith(DRAFT)}
    record = world.create(AGENTS, live)
    consent.keep_of(world, record.document)
    drafted = {name: value for name, value in body.items() if name.startswith(DRAFT)}
    return Reply(_draft(world, record, drafted, inputs) if drafted else record)


def agents_draft(world: World, inputs: Inputs) -> Reply:
    """The agent with the body's fields drafted. Raises Conflict when somebody else has changed it meanwhile."""
    record = _current(world, inputs)
    return Reply(_draft(world, record, _with_thinking(defaults.given(inputs)), inputs))


def agents_draft_whole(world: World, inputs: Inputs) -> Reply:
    """The agent with every field drafted, to the body's value or as if never given.

    Raises Conflict when somebody else has changed it meanwhile.
    """
    record = _current(world, inputs)
    body = _with_thinking(defaults.wanted(inputs))
    fresh = world.completed(AGENTS, {**body, "id": record.id})
    left_out = (name for name in _draftable(inputs) if not name.endswith("_ids") and DRAFT + name not in body)
    whole = {name: fresh.get(name) for name in left_out}
    return Reply(_draft(world, record, {**whole, **body}, inputs))


def agents_deploy(world: World, inputs: Inputs) -> Reply:
    """The agent as drafted, which from now on is what calls are made with: a new version of it.

    Without a draft nothing changes. Raises Conflict when somebody else has changed it meanwhile.
    """
    record = _current(world, inputs)
    agent = record.document
    drafted = agent.get(_FIELDS, [])
    if not drafted:
        return Reply(record)
    deployed = {name: agent[DRAFT + name] for name in drafted}
    record = world.revise(AGENTS, record.id, {**deployed, **_nothing_drafted(drafted)})
    consent.keep_of(world, record.document)
    return Reply(warn_of_collisions(world, _touched(world, record, agent)))


def agents_discard_draft(world: World, inputs: Inputs) -> Reply:
    """The agent without its draft. Raises Conflict when somebody else has changed it meanwhile."""
    record = _current(world, inputs)
    agent = record.document
    drafted = agent.get(_FIELDS, [])
    if not drafted:
        return Reply(record)
    return Reply(_touched(world, world.change(AGENTS, record.id, _nothing_drafted(drafted)), agent))


def agents_split_testing(world: World, inputs: Inputs) -> Reply:
    """Whether calls are split between the agent's variants, and whether they will be once it is deployed."""
    record = defaults.find(world, AGENTS, "agent_id", inputs)
    wanted = {"split_testing_enabled": defaults.wanted(inputs)["enabled"]}
    drafted = ["split_testing_enabled"]
    return Reply(_drafted(world, record, wanted, drafted, {}).document)


def _current(world: World, inputs: Inputs) -> Record:
    """The agent the path names. Raises Conflict unless it is as the body says the caller has seen it."""
    record = defaults.find(world, AGENTS, "agent_id", inputs)
    body, agent = defaults.given(inputs), record.document
    seen = next((body[name] for name in _SEEN if body.get(name) is not None), None)
    if seen is not None and parse_iso(seen) != parse_iso(agent["updated_at"]):
        raise Conflict(
            f"The agent has been changed since {seen}: it was updated at {agent['updated_at']}. "
            "Read it again and repeat your change.",
            code="stale",
        )
    return record


def _draft(world: World, record: Record, wanted: Document, inputs: Inputs) -> Record:
    """The agent with `wanted` drafted: fields under their own name or under that of their draft."""
    return _drafted(world, record, wanted, _draftable(inputs), _shown(inputs).properties)


def _drafted(
    world: World, record: Record, wanted: Document, names: list[str], shown: Mapping[str, Schema]
) -> Record:
    """As `_draft`, for these fields only.

    What differs from what is deployed is drafted; what does not is no longer. So an agent may be sent back as it
    was read, changed under either name.
    """
    agent = record.document
    drafted = dict.fromkeys(agent.get(_FIELDS, []))
    changes: Document = {}
    for name in names:
        own = DRAFT + name
        live = agent.get(name, [] if name.endswith("_ids") else None)
        if name in wanted and wanted[name] != live:
            changes[own] = wanted[name]
            drafted[name] = None
        elif own in wanted and wanted[own] != live and not _blank(name, wanted[own], shown):
            changes[own] = wanted[own]
            drafted[name] = None
        elif name in wanted or own in wanted:
            changes[own] = _empty(name)
            drafted.pop(name, None)
    if not changes:
        return record
    changes |= _about(world, list(drafted))
    return _touched(world, world.change(AGENTS, record.id, changes), agent)


def _blank(name: str, draft: Any, shown: Mapping[str, Schema]) -> bool:
    """Whether a draft says nothing: it is empty, or "" where the field itself may not be."""
    return draft == _empty(name) or (draft == "" and not shown[name].accepts(""))


def _draftable(inputs: Inputs) -> list[str]:
    """The fields that an agent shows a draft of."""
    names = (each.removeprefix(DRAFT) for each in _shown(inputs).properties if each.startswith(DRAFT))
    return [name for name in names if name != "updated_at"]


def _shown(inputs: Inputs) -> Schema:
    success = inputs.operation.success
    assert success is not None, "these operations answer an agent"
    assert success.json is not None, "these operations answer an agent"
    return success.json.object


def _nothing_drafted(drafted: list[str]) -> Document:
    return {
        **{DRAFT + name: _empty(name) for name in drafted},
        _FIELDS: [],
        "has_draft": False,
        "draft_updated_at": None,
    }


def _about(world: World, drafted: list[str]) -> Document:
    return {
        _FIELDS: drafted,
        "has_draft": bool(drafted),
        "draft_updated_at": world.now if drafted else None,
    }


def _empty(name: str) -> Any:
    """What a draft shows that says nothing; the client wants a list of languages in any case."""
    return [] if name == "additional_languages" else None


def _with_thinking(wanted: Document) -> Document:
    """`wanted` with the thinking level that a Storm tier decides."""
    found = dict(wanted)
    for prefix in ("", DRAFT):
        level = thinking_of(wanted.get(f"{prefix}product") or "")
        if level is not None:
            found[f"{prefix}thinking_level"] = level
    return found


def _touched(world: World, record: Record, before: Document) -> Record:
    """The agent, updated later than before even in one millisecond of the world: its time tells states apart."""
    if parse_iso(before["updated_at"]) < parse_iso(record.document["updated_at"]):
        return record
    return world[AGENTS].change(record.id, {"updated_at": iso(parse_iso(before["updated_at"]) + 1)})
