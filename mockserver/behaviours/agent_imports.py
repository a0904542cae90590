"""Imports of agents from other vendors, as a person sees them through."""

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import Conflict, NotFound
from mockserver.lifecycles import agent_imports
from mockserver.lifecycles.agent_imports import IMPORTS, REFUSED
from mockserver.lifecycles.agents import AGENTS
from mockserver.world.world import World


def agent_imports_create(world: World, inputs: Inputs) -> Reply:
    """A new import, queued. Neither key nor export is kept longer than it takes to read the agents."""
    body = defaults.wanted(inputs)
    key = body.get("api_key", "")
    record = agent_imports.begin(
        world, body["source"], body["auth_mode"], payload=body.get("payload", ""), refused=REFUSED in key
    )
    return Reply(record, secrets=(key,) if key else ())


def agent_imports_items_partial_update(world: World, inputs: Inputs) -> Reply:
    """The item as it is wanted. Raises Conflict once the import has been committed, or before it is ready."""
    record = defaults.find(world, IMPORTS, "public_id", inputs)
    return Reply(agent_imports.change_item(world, record, inputs.path["item_id"], defaults.given(inputs)))


def agent_imports_connection_secrets(world: World, inputs: Inputs) -> Reply:
    """The import, knowing that the header has a value."""
    record = defaults.find(world, IMPORTS, "public_id", inputs)
    body = defaults.given(inputs)
    found = agent_imports.keep_secret(
        world, record, body["connection"], body["header_id"], body.get("header_name")
    )
    return Reply(found)


def agent_imports_commit(world: World, inputs: Inputs) -> Reply:
    """The import, its selected items becoming agents."""
    return Reply(agent_imports.commit(world, defaults.find(world, IMPORTS, "public_id", inputs)))


def agent_imports_delete(world: World, inputs: Inputs) -> Reply:
    """Nothing; the agents that came of it stay. Raises Conflict while they are being made."""
    record = defaults.find(world, IMPORTS, "public_id", inputs)
    if record.document["status"] == "committing":
        raise Conflict("The import is being committed; delete it once that is over.")
    return defaults.delete(world, inputs)


def agent_imports_numbers_move(world: World, inputs: Inputs) -> Reply:
    """A number that an imported agent answers from now on. Raises Conflict before the import is done."""
    record = defaults.find(world, IMPORTS, "public_id", inputs)
    if record.document["status"] != "done":
        raise Conflict(f"The import is {record.document['status']}. Numbers move once it is done.")
    body = defaults.wanted(inputs)
    if body["agent_id"] not in world[AGENTS]:
        raise NotFound(f"Not found: agent_id {body['agent_id']} is none of this organization's agents.")
    moved, imported = agent_imports.move_number(world, body["agent_id"], body["number"], body.get("connection_id"))
    number = moved.document
    unverified = number["source"] == "voip" and number["voip_verification_status"] != "verified"
    return Reply({"imported": imported, "needs_verification": unverified, "phone_number": number})
