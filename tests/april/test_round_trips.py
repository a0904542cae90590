"""Create, see it listed, retrieve, change, delete, gone: for every collection, as the roles say there is one."""

from collections.abc import Callable
from typing import Any

import preparing
import pytest
from caller import Caller

from mockserver import shipped
from mockserver.settings import DEFAULT_CONTRACT
from mockserver.spec.contract import Contract
from mockserver.spec.document import Operation
from mockserver.spec.roles import Kind

CONTRACT = Contract.load(shipped.folder("openapi") / DEFAULT_CONTRACT)

KEPT_AFTER_DELETE = {"publishable-key", "developer/api-keys"}
"""Deleting deactivates: the key stays in the list, and is of no more use."""


FOLLOWS = {"updated_at", "inferred_name"}
"""What may change by itself when something else is changed: a name that was given is not inferred any more."""


def operations(collection: str) -> dict[Kind, Operation]:
    """What can be done to a collection, the whole organization's list before those under a parent."""
    found: dict[Kind, Operation] = {}
    for operation in sorted(CONTRACT.operations, key=lambda each: len(each.path_names)):
        role = CONTRACT.roles.get(operation.id)
        if role is not None and role.collection == collection:
            found.setdefault(role.kind, operation)
    return found


COLLECTIONS = sorted(
    {role.collection for role in CONTRACT.roles.values() if role.kind is Kind.CREATE} - {"grades"}
)


def listed(api: Caller, operation: Operation) -> Any:
    shown = api.get(preparing.target_of(operation, api)).json
    return shown if isinstance(shown, list) else shown[CONTRACT.roles[operation.id].envelope]


def item_target(operation: Operation, identity: Any) -> str:
    name = CONTRACT.roles[operation.id].id_parameter
    assert name is not None
    return operation.path.format(**{name: identity})


def a_change(operation: Operation) -> dict[str, Any]:
    """A body that changes one text."""
    assert operation.body is not None
    for name, schema in operation.body.content["application/json"].properties.items():
        if (
            schema.types == {"string"}
            and not {"enum", "format"} & schema.node.keys()
            and schema.accepts("changed")
        ):
            return {name: "changed"}
    return {}


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_a_resource_lives_from_create_to_delete(collection: str, new_api: Callable[..., Caller]) -> None:
    api = new_api(world="demo")
    api.settle()
    can = operations(collection)
    create = can[Kind.CREATE]
    id_field = CONTRACT.roles[create.id].id_field
    made = api.post(preparing.target_of(create, api), preparing.body_of(create, api))
    assert made.status in (200, 201), made.body
    identity = made.json[id_field]

    def shown() -> Any:
        """The resource as it can be read: by id where that is possible, else out of the list."""
        if Kind.RETRIEVE in can:
            found = api.get(item_target(can[Kind.RETRIEVE], identity))
            return found.json if found.status == 200 else None
        return next((each for each in listed(api, can[Kind.LIST]) if each[id_field] == identity), None)

    first = shown()
    assert first is not None
    common = made.json.keys() & first.keys()
    assert {name: made.json[name] for name in common} == {name: first[name] for name in common}
    if Kind.LIST in can:
        assert identity in [each[id_field] for each in listed(api, can[Kind.LIST])]
    if Kind.UPDATE in can and (change := a_change(can[Kind.UPDATE])):
        changed = api.patch(item_target(can[Kind.UPDATE], identity), change)
        assert changed.status == 200, changed.body
        after = shown()
        different = {name for name in first if first[name] != after[name]}
        assert different - FOLLOWS == set(change), "that changed, and nothing else"
        assert {name: after[name] for name in change} == change
    if Kind.DELETE in can:
        target = item_target(can[Kind.DELETE], identity)
        assert api("DELETE", target).status == 204
        if collection in KEPT_AFTER_DELETE:
            rest = [each for each in listed(api, can[Kind.LIST]) if each[id_field] == identity]
            assert [each["is_active"] for each in rest] == [False]
        else:
            assert shown() is None
            assert api("DELETE", target).status == 404
    assert api.get("/_mock/journal").json["defects"] == []


def test_every_collection_is_covered() -> None:
    assert len(COLLECTIONS) >= 9
