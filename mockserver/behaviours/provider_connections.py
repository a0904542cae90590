"""Provider connections: made with a key, limited, given to agents; and the spreadsheet one of them writes to."""

from typing import Final

from mockserver import chance
from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import Conflict, InvalidInput, NotFound, nearest
from mockserver.lifecycles import providers
from mockserver.lifecycles.providers import CONNECTIONS, PROVIDERS, SHEETS
from mockserver.world.store import Document, Record
from mockserver.world.world import World

_TABS: Final = ("Calls", "Contacts", "Appointments")
"""Invented: the tabs that every spreadsheet here has."""


def provider_connections_list(world: World, inputs: Inputs) -> Reply:
    """The services there are, those connected, and the agents they can be given to."""
    agents = [record.document for record in world["agents"]]
    return Reply(
        {
            "configured": True,
            "providers": {
                key: {"name": each.name, "operations": list(each.operations)} for key, each in PROVIDERS.items()
            },
            "connections": [providers.seen(world, record.document) for record in world[CONNECTIONS]],
            "agents": [{"id": agent["id"], "name": agent["name"]} for agent in agents],
        }
    )


def provider_connections_api_key(world: World, inputs: Inputs) -> Reply:
    """A new connection that allows whatever its service can do. Raises Conflict for an account that has one."""
    connection = providers.new(inputs.path["provider"], inputs.body["api_key"])
    account = connection["provider_account_id"]
    if any(each.document["provider_account_id"] == account for each in world[CONNECTIONS]):
        raise Conflict("This account is connected already; change or delete its connection.")
    return _seen(world, world.create(CONNECTIONS, connection))


def provider_connections_retrieve(world: World, inputs: Inputs) -> Reply:
    """The connection with its agents."""
    return _seen(world, _connection(world, inputs))


def provider_connections_partial_update(world: World, inputs: Inputs) -> Reply:
    """The connection with the operations that were named allowed or forbidden; the others stay as they are."""
    record = _connection(world, inputs)
    changes = defaults.given(inputs)
    if "allowed_operations" in changes:
        changes["allowed_operations"] = _switched(record.document, changes["allowed_operations"])
    return _seen(world, world.change(CONNECTIONS, record.id, changes))


def provider_connections_agents_update(world: World, inputs: Inputs) -> Reply:
    """The connection, given to an agent with operations of its own, or with whatever the connection allows.

    Raises Conflict for more than that, unless the ceiling is to be raised.
    """
    record = _connection(world, inputs)
    connection = record.document
    agent_id = defaults.find(world, "agents", "agent_id", inputs).id
    wanted = defaults.wanted(inputs)
    own = wanted.get("allowed_operations")
    changes: Document = {"agent_ids": list(dict.fromkeys([*connection["agent_ids"], agent_id]))}
    if own is not None:
        raised = _switched(connection, {name: True for name, yes in own.items() if yes})
        if raised != connection["allowed_operations"]:
            if not wanted["raise_ceiling"]:
                raise Conflict(
                    "The connection allows less than that; set raise_ceiling to allow it there as well."
                )
            changes["allowed_operations"] = raised
        own = _switched({**connection, "allowed_operations": {}}, own)
    changes["agent_operations"] = {**connection["agent_operations"], str(agent_id): own}
    return _seen(world, world.change(CONNECTIONS, record.id, changes))


def provider_connections_agents_delete(world: World, inputs: Inputs) -> Reply:
    """Nothing; the agent no longer has the connection. Raises NotFound when it had not."""
    record = _connection(world, inputs)
    connection = record.document
    agent_id = inputs.path["agent_id"]
    if agent_id not in connection["agent_ids"]:
        raise NotFound(f"Not found: the agent {agent_id} does not have this connection.")
    left = [each for each in connection["agent_ids"] if each != agent_id]
    operations = {key: value for key, value in connection["agent_operations"].items() if key != str(agent_id)}
    world.change(CONNECTIONS, record.id, {"agent_ids": left, "agent_operations": operations})
    return Reply(None)


def provider_connections_sheets_inspect(world: World, inputs: Inputs) -> Reply:
    """The tabs of a spreadsheet; every id that looks like one is a spreadsheet here."""
    _sheets(world, inputs)
    return Reply(_spreadsheet(inputs.body["spreadsheet_id"]))


def provider_connections_sheets_configure(world: World, inputs: Inputs) -> Reply:
    """The connection with the spreadsheet and the tab that its operations use."""
    record = _sheets(world, inputs)
    spreadsheet = _spreadsheet(inputs.body["spreadsheet_id"])
    tab = inputs.body["sheet_name"]
    if tab not in _TABS:
        raise InvalidInput({"sheet_name": [f"The spreadsheet has no tab {tab!r}.{nearest(tab, _TABS)}"]})
    chosen = {
        "spreadsheet_id": spreadsheet["spreadsheet_id"],
        "spreadsheet_title": spreadsheet["title"],
        "sheet_name": tab,
    }
    return _seen(world, world.change(CONNECTIONS, record.id, {"provider_metadata": chosen}))


def provider_connections_sheets_picker_token(world: World, inputs: Inputs) -> Reply:
    """A token for the Picker in a browser; nobody at Google knows it."""
    record = _sheets(world, inputs)
    nth = world.count("picker tokens")
    token = "ya29." + chance.token("picker token", world.seed, world.organization, record.id, nth, length=40)
    return Reply({"access_token": token}, secrets=(token,))


def _connection(world: World, inputs: Inputs) -> Record:
    return defaults.find(world, CONNECTIONS, "connection_id", inputs)


def _sheets(world: World, inputs: Inputs) -> Record:
    """The connection the path names. Raises Conflict for one to another service, which has no spreadsheets."""
    record = _connection(world, inputs)
    provider = record.document["provider"]
    if provider != SHEETS:
        raise Conflict(f"This connection is to {provider}, which has no spreadsheets; connect {SHEETS}.")
    return record


def _spreadsheet(identity: str) -> Document:
    return {"spreadsheet_id": identity, "title": "Call log", "sheets": list(_TABS)}


def _switched(connection: Document, wanted: Document) -> Document:
    """A connection's operations with some switched. Raises InvalidInput for one its service does not have."""
    known = PROVIDERS[connection["provider"]].operations
    for name in wanted:
        if name not in known:
            raise InvalidInput({"allowed_operations": [f"There is no operation {name!r}.{nearest(name, known)}"]})
    return {**connection["allowed_operations"], **wanted}


def _seen(world: World, record: Record) -> Reply:
    return Reply(providers.seen(world, record.document))
