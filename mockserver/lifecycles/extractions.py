"""Data taken out of a call: the fields that its agent is configured to find, by name.

Nobody reads the transcript here: a field is found where the scenario's tools were given or answered it, and is
missing otherwise. The rest of an extraction's document is invented.
"""

from collections.abc import Iterator
from typing import Any, Final

from mockserver.lifecycles import conversations
from mockserver.simulation import views
from mockserver.world.store import Document, Record
from mockserver.world.world import World

EXTRACTIONS: Final = "extractions"
MODEL: Final = "mock-extractor"


def extract(world: World, call: Document) -> Record:
    """A new extraction of a call that is over; skipped when its agent wants nothing extracted."""
    fields = list(_fields(world, call))
    known = _known(conversations.of(world, call["call_id"]))
    data = {name: known.get(name) for name in fields}
    record = world.create(
        EXTRACTIONS,
        {
            "id": world.next_number(EXTRACTIONS),
            "call_id": call["call_id"],
            "agent_id": call["agent_id"],
            "status": "completed" if fields else "skipped",
            "data": data,
            "field_reasons": {name: "A tool had it." for name in fields if name in known}
            | {name: "Nobody mentioned it." for name in fields if name not in known},
            "evidence": {},
            "error_message": "",
            "model": MODEL,
            "schema_snapshot": fields,
            "schema_version": 1,
            "verification": "verified" if fields else "unavailable",
            "extracted_at": world.now,
            "created_at": world.now,
            "updated_at": world.now,
        },
    )
    if fields:
        world.change("calls", call["call_id"], {"extracted_data": data})
        world.emit("call.data_extracted", lambda: record.document)
    return record


def _fields(world: World, call: Document) -> Iterator[str]:
    """The names of the fields that the call's agent wants; they may be texts, or objects with a name or key."""
    agent = None if call["agent_id"] is None else world["agents"].get(call["agent_id"])
    wanted = None if agent is None else agent.document.get("extraction_fields")
    for each in wanted if isinstance(wanted, list) else []:
        name = each.get("name", each.get("key")) if isinstance(each, dict) else each
        if isinstance(name, str) and name:
            yield name


def _known(conversation: Document) -> dict[str, Any]:
    """What the tools of a conversation were given and answered, by name."""
    found: dict[str, Any] = {}
    for tool in views.tool_calls(conversation):
        for part in (tool["arguments"], tool["response"]):
            if isinstance(part, dict):
                found |= part
    return found
