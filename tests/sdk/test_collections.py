"""Created, retrieved, listed, updated, deleted and gone, by the published client, in every collection."""

import importlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from thunderphone.generated.client import AuthenticatedClient

from mockserver import MockServer, Settings
from mockserver.spec.roles import Kind
from sdk import needs
from sdk.published import CONTRACT, MODULES, arguments_of, body_model
from sdk.wire import Wire

OPERATIONS = {operation.id: operation for operation in CONTRACT.operations}
NAMES = ("name", "label", "title", "display_name")
BY_COLLECTION: dict[str, dict[Kind, list[str]]] = {}
for name, role in CONTRACT.roles.items():
    BY_COLLECTION.setdefault(role.collection, {}).setdefault(role.kind, []).append(name)
CYCLES = sorted(name for name, kinds in BY_COLLECTION.items() if kinds.keys() >= {Kind.CREATE, Kind.DELETE})

STAYS = {
    "developer/api-keys": "a revoked key stays in the list, with the moment it was revoked",
    "publishable-key": "a key that was taken back stays in the list, inactive",
}
"""Collections whose list shows what was deleted, and why."""


def depth(name: str) -> int:
    """How much has to be known to call an operation."""
    return len(OPERATIONS[name].path_names)


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(Settings(contracts=("thunderphone-sdk-0.2",), world="demo")) as running:
        yield running


class Client:
    """Calls the published client's operations as the document asks, at the places that are known so far."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.places: dict[str, Any] = {}

    def call(self, name: str, /, **more: Any) -> tuple[int, Any]:
        """The status and body of an operation's reply; `more` are fields sent besides what is required."""
        operation = OPERATIONS[name]
        module = importlib.import_module(MODULES[name])
        arguments = arguments_of(operation, module.sync_detailed, self.wire, self.places)
        if more:
            model = type(arguments["body"]) if "body" in arguments else body_model(module.sync_detailed)
            sent = arguments["body"].to_dict() if "body" in arguments else {}
            arguments["body"] = model.from_dict({**sent, **more})
        self.places |= {each: arguments[each] for each in operation.path_names}
        headers = needs.HEADERS[name](self.wire) if name in needs.HEADERS else {}
        with AuthenticatedClient(base_url=self.wire.base_url, token=self.wire.key, headers=headers) as client:
            reply = module.sync_detailed(client=client, **arguments)
        return int(reply.status_code), json.loads(reply.content) if reply.content else None

    def ids(self, name: str) -> list[Any]:
        """The ids that a list shows."""
        role = CONTRACT.roles[name]
        status, listed = self.call(name)
        assert status == 200, listed
        items = listed if role.envelope is None else listed[role.envelope]
        return [each[role.key or role.id_field] for each in items]


@pytest.mark.parametrize("collection", CYCLES)
def test_from_create_to_gone(collection: str, server: MockServer) -> None:
    kinds = {kind: min(names, key=depth) for kind, names in BY_COLLECTION[collection].items()}
    with Wire(server.base_url, server.mint_key()) as wire:
        wire.settle()
        client = Client(wire)
        status, created = client.call(kinds[Kind.CREATE])
        assert status in (200, 201, 202), created
        role = CONTRACT.roles[kinds[Kind.DELETE]]
        assert role.id_parameter is not None
        client.places[role.id_parameter] = created[role.key or role.id_field]
        wire.settle()

        shown = CONTRACT.roles[kinds[Kind.LIST]]
        id_field = shown.key or shown.id_field
        listed = created[id_field]
        assert listed in client.ids(kinds[Kind.LIST])
        if Kind.RETRIEVE in kinds:
            status, seen = client.call(kinds[Kind.RETRIEVE])
            assert status == 200, seen
            assert seen[id_field] in (listed, client.places[role.id_parameter])  # an integration has two ids
        for kind in {Kind.UPDATE, Kind.REPLACE} & kinds.keys():
            update = kinds[kind]
            known = OPERATIONS[update].body
            assert known is not None
            fields = next(iter(known.content.values())).object.properties
            changes = {each: f"By {kind}" for each in NAMES if each in fields}
            status, updated = client.call(update, **changes)
            assert status == 200, updated
            if Kind.RETRIEVE in kinds:
                _, seen = client.call(kinds[Kind.RETRIEVE])
                assert {each: seen[each] for each in updated if each in seen} == updated
            for each, text in changes.items():
                assert text in (updated.get(each), updated.get(f"draft_{each}"))

        status, said = client.call(kinds[Kind.DELETE])
        assert status in (200, 202, 204), said
        assert (listed in client.ids(kinds[Kind.LIST])) == (collection in STAYS)
        gone = kinds.get(Kind.RETRIEVE, kinds[Kind.DELETE])
        assert client.call(gone)[0] == 404
