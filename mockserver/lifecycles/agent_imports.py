"""Imports of agents from other vendors: read, planned, looked over by a person, then made.

The steps are those that the client's enumeration names; how long each takes, and what an account has, is invented.
"""

from typing import Any, Final

from mockserver.errors import Conflict, NotFound
from mockserver.lifecycles import numbers, voip
from mockserver.lifecycles.agents import AGENTS
from mockserver.lifecycles.calls import DEFAULT_VOICE
from mockserver.simulation import foreign_agents
from mockserver.simulation.foreign_agents import Foreign
from mockserver.world.store import Document, Record
from mockserver.world.world import World

IMPORTS: Final = "agent-imports"

STEP_SECONDS: Final = 1.5
"""From each step of an import to the next."""

REFUSED: Final = "invalid"
"""An API key with this word in it is one that the other vendor refuses."""

_HEADER: Final = "authorization"
_LONGEST_NAME: Final = 255


def begin(world: World, source: str, auth_mode: str, *, payload: str, refused: bool) -> Record:
    """A new import, queued. `refused` is whether the other vendor will refuse its key."""
    title = foreign_agents.TITLES[source]
    record = world.create(
        IMPORTS,
        {
            "source": source,
            "auth_mode": auth_mode,
            "account_label": f"{title} account" if auth_mode == "api_key" else f"Pasted from {title}",
            "status": "queued",
            "completed_at": None,
            "error": "",
            "error_code": "",
            "items": [],
            "item_count": 0,
            "progress": _progress("queued", 0, 0),
            "report": {"warnings": 0, "connections": []},
            "result": None,
            "payload": payload,
        },
    )
    _later(world, record, "fetching", refused=refused)
    return record


def advance(world: World, import_id: str, status: str, refused: bool) -> None:
    """The next step has begun."""
    record = world[IMPORTS].get(import_id)
    if record is None:
        return
    if status == "fetching":
        world.change(IMPORTS, import_id, {"status": status, "progress": _progress(status, 0, 0)})
        _later(world, record, "planning", refused=refused)
    elif refused:
        title = foreign_agents.TITLES[record.document["source"]]
        _fail(world, import_id, "invalid_credentials", f"{title} refused the API key.")
    elif status == "planning":
        world.change(IMPORTS, import_id, {"status": status, "progress": _progress(status, 0, 0)})
        _later(world, record, "ready", refused=False)
    else:
        _plan(world, record)


def change_item(world: World, record: Record, item_id: str, given: Document) -> Document:
    """An item of an import that is ready, as somebody wants it. Raises NotFound, Conflict."""
    document = record.document
    items: list[Document] = document["items"]
    item = next((each for each in items if each["id"] == item_id), None)
    if item is None:
        raise NotFound(f"Not found: this import has no item {item_id}.")
    _require(document, "ready", "Its items can be changed while it is ready.")
    mapped = item["mapped"]
    if "prompt_choice" in given:
        mapped["prompt_choice"] = given["prompt_choice"]
        mapped["prompt"] = mapped[f"{given['prompt_choice']}_prompt"]
    mapped.update({name: given[name] for name in ("name", "product", "voice") if name in given})
    item["selected"] = given.get("selected", item["selected"])
    item["updated_at"] = world.now
    world.change(IMPORTS, record.id, {"items": items})
    return item


def keep_secret(world: World, record: Record, connection: str, header_id: str, header_name: str | None) -> Record:
    """The import, knowing that somebody gave a header of a connection its value; the value is not kept.

    Raises NotFound for a connection or a header that the import does not have.
    """
    report = record.document["report"]
    for each in report["connections"]:
        for header in each["headers"]:
            if each["connection"] == connection and header["header_id"] == header_id:
                header["has_value"] = True
                header["header_name"] = header_name or header["header_name"]
                return world.change(IMPORTS, record.id, {"report": report})
    known = ", ".join(each["connection"] for each in report["connections"]) or "none"
    raise NotFound(
        f"Not found: no header {header_id} of a connection {connection}. The import's connections: {known}."
    )


def commit(world: World, record: Record) -> Record:
    """The import, its selected items becoming agents. Raises Conflict unless it is ready and has any selected."""
    document = record.document
    _require(document, "ready", "Only what is ready can be committed.")
    chosen = sum(item["selected"] for item in document["items"])
    if not chosen:
        raise Conflict("No item is selected; select one, or delete the import.")
    changes = {"status": "committing", "progress": _progress("committing", 0, chosen)}
    record = world.change(IMPORTS, record.id, changes)
    world.clock.after(STEP_SECONDS, finish, (IMPORTS, record.id), import_id=record.id)
    return record


def finish(world: World, import_id: str) -> None:
    """The selected items are agents now."""
    record = world[IMPORTS].get(import_id)
    if record is None:
        return
    items: list[Document] = record.document["items"]
    made: list[Any] = []
    for item in items:
        item["updated_at"] = world.now
        if not item["selected"]:
            item["status"] = "skipped"
            continue
        mapped = item["mapped"]
        fields = {name: mapped[name] for name in ("name", "prompt", "voice", "product", "primary_language")}
        item["created_agent_id"] = world.create(AGENTS, fields).id
        item["status"] = "created"
        made.append(item["created_agent_id"])
    result = {"created": len(made), "skipped": len(items) - len(made), "failed": 0, "agent_ids": made}
    done = {"status": "done", "items": items, "result": result, "completed_at": world.now}
    world.change(IMPORTS, import_id, {**done, "progress": _progress("done", len(made), len(made))})


def move_number(world: World, agent_id: int, number: str, connection_id: int | None) -> tuple[Record, bool]:
    """The number, answered by the agent from now on, and whether it had to be imported for that.

    Raises NotFound for an unknown connection, Conflict when there is none to import it by.
    """
    ours = next((each for each in world[numbers.NUMBERS] if each.document["number"] == number), None)
    if ours is not None:
        return world.revise(numbers.NUMBERS, ours.id, {"inbound_agent_id": agent_id}), False
    connections = world[voip.CONNECTIONS]
    connection = next(iter(connections), None) if connection_id is None else connections.get(connection_id)
    if connection is None and connection_id is not None:
        raise NotFound(
            f"Not found: connection_id {connection_id} is none of this organization's VoIP connections."
        )
    if connection is None:
        raise Conflict("There is no VoIP connection to import the number by. Create one first.")
    record = voip.import_numbers(world, connection, [number])[0]
    return world.revise(numbers.NUMBERS, record.id, {"inbound_agent_id": agent_id}), True


def _later(world: World, record: Record, status: str, *, refused: bool) -> None:
    data = {"import_id": record.id, "status": status, "refused": refused}
    world.clock.after(STEP_SECONDS, advance, (IMPORTS, record.id), **data)


def _plan(world: World, record: Record) -> None:
    """What was read becomes items for a person to look over."""
    document = record.document
    try:
        if document["auth_mode"] == "paste":
            found = foreign_agents.read(document["payload"])
        else:
            found = foreign_agents.made_up(document["source"])
    except ValueError as error:
        _fail(world, str(record.id), "nothing_to_import", str(error))
        return
    items = [_item(world, each) for each in found]
    report = {
        "warnings": sum(len(item["warnings"]) for item in items),
        "connections": [
            {
                "connection": f"tools-{index}",
                "url": each.server_url,
                "headers": [{"header_id": _HEADER, "header_name": "Authorization", "has_value": False}],
            }
            for index, each in enumerate((each for each in found if each.server_url), start=1)
        ],
    }
    ready = {"status": "ready", "items": items, "item_count": len(items), "report": report, "payload": ""}
    world.change(IMPORTS, record.id, {**ready, "progress": _progress("ready", len(items), len(items))})


def _item(world: World, foreign: Foreign) -> Document:
    warnings = [{"code": "voice_replaced", "message": f"The voice is not ours; {DEFAULT_VOICE} speaks instead."}]
    warnings += [
        {"code": f"{name}_missing", "message": f"No {name} was found; one was assumed."}
        for name in foreign.guessed
    ]
    name = foreign.name[:_LONGEST_NAME]
    return {
        "id": world.next_uuid(f"{IMPORTS}/items"),
        "source_id": foreign.source_id,
        "source_name": foreign.name,
        "status": "planned",
        "selected": True,
        "created_agent_id": None,
        "error": "",
        "warnings": warnings,
        "updated_at": world.now,
        "mapped": {
            "name": name,
            "prompt": foreign.prompt,
            "prompt_choice": "deterministic",
            "deterministic_prompt": foreign.prompt,
            "rewritten_prompt": foreign_agents.rewritten(name, foreign.prompt),
            "voice": DEFAULT_VOICE,
            "product": "spark",
            "primary_language": foreign.language or "en-US",
        },
    }


def _fail(world: World, import_id: str, code: str, text: str) -> None:
    failed = {"status": "failed", "error_code": code, "error": text, "completed_at": world.now, "payload": ""}
    world.change(IMPORTS, import_id, {**failed, "progress": _progress("failed", 0, 0)})


def _progress(stage: str, done: int, total: int) -> Document:
    return {"stage": stage, "completed": done, "total": total}


def _require(document: Document, status: str, why: str) -> None:
    if document["status"] != status:
        raise Conflict(f"The import is {document['status']}. {why}")
