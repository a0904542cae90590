"""VoIP connections: testing, connecting, importing numbers. What is sent as credentials is nowhere kept."""

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import NotFound
from mockserver.lifecycles import voip
from mockserver.world.world import World


def voip_connections_test_create(world: World, inputs: Inputs) -> Reply:
    """What became of a test of credentials."""
    given = defaults.given(inputs)
    return Reply(voip.probe(world, given["provider"], given.get("credentials", {}), given.get("sip_config", {})))


def voip_connections_suggest_name_create(world: World, inputs: Inputs) -> Reply:
    """A free name after the provider, or after that of the connection to rename."""
    given = defaults.given(inputs)
    provider = given.get("provider")
    if "connection_id" in given:
        connection = world[voip.CONNECTIONS].get(given["connection_id"])
        if connection is None:
            raise NotFound(f"Not found: no VoIP connection of this organization is {given['connection_id']}.")
        provider = connection.document["provider"]
    name = voip.suggested_name(world, provider)
    return Reply({"suggested_connection_name": name, "suggested_connection_name_inferred": provider is not None})


def voip_connections_create(world: World, inputs: Inputs) -> Reply:
    """A connection out of evidence."""
    return Reply(voip.connect(world, defaults.given(inputs)))


def voip_connections_partial_update(world: World, inputs: Inputs) -> Reply:
    """The connection renamed, or with new credentials that passed a test."""
    return Reply(voip.change(world, defaults.record_of(world, inputs), defaults.given(inputs)))


def voip_connections_delete(world: World, inputs: Inputs) -> Reply:
    """Nothing; the connection's numbers stay without one."""
    voip.disconnect(world, defaults.record_of(world, inputs).id)
    return Reply(None)


def voip_connections_available_numbers_list(world: World, inputs: Inputs) -> Reply:
    """The numbers at the provider that are not imported yet."""
    connection = defaults.find(world, voip.CONNECTIONS, "connection_id", inputs)
    return Reply([*voip.available(world, connection.document)])


def voip_connections_import_numbers(world: World, inputs: Inputs) -> Reply:
    """New phone numbers, to be verified."""
    connection = defaults.find(world, voip.CONNECTIONS, "connection_id", inputs)
    records = voip.import_numbers(world, connection, inputs.body["numbers"])
    return Reply({"imported_count": len(records), "results": [record.document for record in records]})
