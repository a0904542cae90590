"""VoIP connections: testing, connecting, importing numbers. What is sent as credentials is nowhere kept."""

from mockserver import chance
from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import Conflict, NotFound
from mockserver.lifecycles import number_orders, sip_endpoints, subaccounts, voip
from mockserver.world.store import Document
from mockserver.world.world import World


def voip_connections_test_create(world: World, inputs: Inputs) -> Reply:
    """What became of a test of credentials."""
    given = defaults.given(inputs)
    credentials, sip_config = given.get("credentials", {}), given.get("sip_config", {})
    if "connection_id" in given:
        connection = _connection(world, given["connection_id"])
        credentials = credentials or {"connection": connection["id"]}
        sip_config = sip_config or connection["sip_config"]
    return Reply(voip.probe(world, given["provider"], credentials, sip_config))


def voip_connections_suggest_name_create(world: World, inputs: Inputs) -> Reply:
    """A free name after the provider, or after that of the connection to rename."""
    given = defaults.given(inputs)
    provider = given.get("provider")
    if "connection_id" in given:
        provider = _connection(world, given["connection_id"])["provider"]
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
    return Reply(
        {
            "imported_count": len(records),
            "results": [record.document for record in records],
            "provider_charge_estimate_cents": 0,
            "provider_charge_note": "The numbers are yours already; having them here costs nothing.",
        }
    )


def voip_connections_enable_transfers(world: World, inputs: Inputs) -> Reply:
    """The connection, which transfers calls from now on, or refuses to."""
    return Reply(voip.enable_transfers(world, defaults.record_of(world, inputs)))


def voip_connections_search_numbers_list(world: World, inputs: Inputs) -> Reply:
    """The numbers that can be ordered from the connection's provider."""
    connection = defaults.find(world, voip.CONNECTIONS, "connection_id", inputs)
    query = inputs.query
    found = number_orders.offers(
        world,
        connection.document,
        country=query["country"],
        toll_free=query["type"] == "toll-free",
        area_code=query.get("area_code"),
    )
    return Reply({"provider_charge_note": number_orders.CHARGE_NOTE, "results": found})


def voip_connections_provision_number(world: World, inputs: Inputs) -> Reply:
    """A number ordered from the provider: 201, or 200 when the connection has it already."""
    connection = defaults.find(world, voip.CONNECTIONS, "connection_id", inputs)
    record, new = number_orders.order(world, connection, inputs.body["number"])
    reply = {
        "order_id": chance.uuid_of("number order", world.seed, world.organization, record.id),
        "order_status": "submitted" if record.document["status"] == "provisioning" else "completed",
        "provider_charge_note": number_orders.CHARGE_NOTE,
        "result": record.document,
    }
    return Reply(reply, status=201 if new else 200)


def voip_connections_sip_host_list(world: World, inputs: Inputs) -> Reply:
    """Where SIP trunks send their calls."""
    return Reply({"sip_host": sip_endpoints.SIP_HOST})


def voip_connections_twilio_subaccounts(world: World, inputs: Inputs) -> Reply:
    """The subaccounts of a Twilio account: of the one whose keys are sent, or of a connection's."""
    given = defaults.given(inputs)
    credentials = given.get("credentials", {})
    if "connection_id" in given:
        connection = _connection(world, given["connection_id"])
        if connection["provider"] != "twilio":
            raise Conflict(f"{connection['name']} is no connection to Twilio.")
        credentials = credentials or {"connection": connection["id"]}
    return Reply(subaccounts.discover(world, credentials))


def voip_connections_twilio_subaccounts_connect(world: World, inputs: Inputs) -> Reply:
    """What became of each subaccount."""
    body = inputs.body
    return Reply({"results": subaccounts.connect(world, body["discovery_id"], body["subaccount_sids"])})


def _connection(world: World, identity: int) -> Document:
    """The connection that a body names. Raises NotFound when this organization has none."""
    connection = world[voip.CONNECTIONS].get(identity)
    if connection is None:
        raise NotFound(f"Not found: no VoIP connection of this organization is {identity}.")
    return connection.document
