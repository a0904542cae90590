"""What each role means when no behaviour says otherwise: nine short functions over collections.

Each is a behaviour like any other, `(world, inputs) -> reply`; a behaviour named by an operationId may call
one and add what is special. They raise NotFound and InvalidInput in the API's name.
"""

import base64
from collections.abc import Mapping
from dataclasses import replace as replaced
from typing import Any

import orjson

from mockserver.engine.exchange import Behaviour, Inputs, Reply
from mockserver.errors import ApiError, InvalidInput, NotFound
from mockserver.spec.document import Operation
from mockserver.spec.forms import Upload
from mockserver.spec.requests import ABSENT
from mockserver.spec.roles import Kind, Role
from mockserver.spec.schema import Schema
from mockserver.world.store import Document, Id, Page, Record
from mockserver.world.world import World

UNPAGED = 1_000_000
CURSOR = "cursor"
SINGLETON = "the"


def list_documents(world: World, inputs: Inputs) -> Reply:
    """The documents that match the declared filters, one page of them where the operation pages."""
    require_parents(world, inputs)
    limit, offset = inputs.query.get("limit", UNPAGED), inputs.query.get("offset", 0)
    if not any(each.name == CURSOR for each in inputs.operation.query()):
        return Reply(matching(world, inputs, limit=limit, offset=offset))
    page = matching(world, inputs, limit=limit, after=_behind(world, inputs))
    more = len(page.records) < page.total
    return Reply(replaced(page, next_cursor=_cursor(page.records[-1].id) if more else None))


def matching(
    world: World,
    inputs: Inputs,
    *,
    limit: int,
    offset: int = 0,
    where: Mapping[str, Any] | None = None,
    after: Id | None = None,
) -> Page:
    """Part of the documents that match the declared filters, and `where` besides."""
    role = role_of(inputs)
    collection = world[role.collection]
    equal: dict[str, Any] = {each.field: inputs.path[each.parameter] for each in role.parents}
    if role.hides is not None:
        equal[role.hides] = None
    equal.update(where or {})
    bounds: dict[str, Any] = {}
    others = []
    for each in role.filters:
        value = inputs.query.get(each.parameter)
        if value is None:
            continue
        if each.test == "=":
            equal[each.index] = value
        elif each.test == "is false":
            if value:
                equal[each.index] = False
        elif each.field == collection.layout.order:
            bounds["at_least" if each.test == ">=" else "at_most"] = value
        else:
            others.append((each, value))
    if not others:
        return collection.page(where=equal, limit=limit, offset=offset, after=after, **bounds)
    records = []
    for record in collection.page(where=equal, limit=UNPAGED, after=after, **bounds).records:
        document = record.document
        found = [(document.get(each.field), each.test, value) for each, value in others]
        if all(has is not None and (has >= value if test == ">=" else has <= value) for has, test, value in found):
            records.append(record)
    return Page(records[offset : offset + limit], len(records), limit, offset)


def create(world: World, inputs: Inputs) -> Reply:
    """A new document from the body, its missing fields filled."""
    role = role_of(inputs)
    require_parents(world, inputs)
    document = {
        **wanted(inputs),
        **{each.field: inputs.path[each.parameter] for each in role.parents},
    }
    return Reply(world.create(role.collection, document))


def retrieve(world: World, inputs: Inputs) -> Reply:
    """The document the path names."""
    return Reply(record_of(world, inputs))


def update(world: World, inputs: Inputs) -> Reply:
    """The document with the body's fields changed."""
    record = record_of(world, inputs)
    return Reply(world.revise(record.collection, record.id, given(inputs)))


def replace(world: World, inputs: Inputs) -> Reply:
    """The document with every field a client may set changed: to the body's value, or as if never given."""
    record = record_of(world, inputs)
    return Reply(world.revise(record.collection, record.id, replacement(world, record.collection, inputs)))


def delete(world: World, inputs: Inputs) -> Reply:
    """Nothing; the document is gone and nothing refers to it any more."""
    record = record_of(world, inputs)
    world.remove(record.collection, record.id)
    return Reply(None)


def read(world: World, inputs: Inputs) -> Reply:
    """The one document at a fixed path, made on first use."""
    return Reply(_singleton(world, role_of(inputs)))


def write(world: World, inputs: Inputs) -> Reply:
    """The one document at a fixed path with the body's fields changed."""
    record = _singleton(world, role_of(inputs))
    return Reply(world.revise(record.collection, record.id, given(inputs)))


DEFAULTS: Mapping[Kind, Behaviour] = {
    Kind.LIST: list_documents,
    Kind.CREATE: create,
    Kind.RETRIEVE: retrieve,
    Kind.UPDATE: update,
    Kind.REPLACE: replace,
    Kind.DELETE: delete,
    Kind.ACT: retrieve,
    Kind.READ: read,
    Kind.WRITE: write,
}


def role_of(inputs: Inputs) -> Role:
    """The operation's role; only asked for operations that have one."""
    assert inputs.role is not None, f"{inputs.operation.id} has no role"
    return inputs.role


def record_of(world: World, inputs: Inputs) -> Record:
    """The record the path names. Raises NotFound when this organization has none, or under another parent."""
    role = role_of(inputs)
    require_parents(world, inputs)
    assert role.id_parameter is not None, f"{inputs.operation.id} names no document"
    record = find(world, role.collection, role.id_parameter, inputs)
    if role.parents:
        document = record.document
        for each in role.parents:
            if document.get(each.field) != inputs.path[each.parameter]:
                raise _missing(role.collection, role.id_parameter, inputs)
    return record


def find(world: World, collection: str, parameter: str, inputs: Inputs) -> Record:
    """The record of a collection that a path parameter names.

    Raises NotFound when there is none, or what the role says for one of another organization.
    """
    role = inputs.role
    key = role.key if role is not None and role.collection == collection else None
    record = _named(world, collection, key, inputs.path[parameter])
    if record is not None:
        return record
    if role is not None and role.foreign_status != NotFound.status:
        for other in world.registry:
            if other is not world and _named(other, collection, key, inputs.path[parameter]) is not None:
                raise ApiError(f"This {parameter} is not yours to use.", status=role.foreign_status)
    raise _missing(collection, parameter, inputs)


def require_parents(world: World, inputs: Inputs) -> None:
    """Raise NotFound when the path runs through a document this organization does not have."""
    for each in role_of(inputs).parents:
        if each.collection is not None:
            find(world, each.collection, each.parameter, inputs)


def given(inputs: Inputs) -> Document:
    """The body's fields but for files; none when there is no body."""
    if inputs.body is ABSENT or not isinstance(inputs.body, dict):
        return {}
    return {name: value for name, value in inputs.body.items() if not _has_file(value)}


def wanted(inputs: Inputs) -> Document:
    """The body's fields, and for those left out the values that the request schema declares."""
    schema = _body_schema(inputs.operation)
    if schema is None:
        return given(inputs)
    declared = {name: each.node["default"] for name, each in schema.properties.items() if "default" in each.node}
    return {**declared, **given(inputs)}


def replacement(world: World, collection: str, inputs: Inputs) -> Document:
    """Every field that the body may have: as it says, or else as in a new document of the collection."""
    schema = _body_schema(inputs.operation)
    fresh = world.completed(collection, wanted(inputs))
    return {} if schema is None else {name: fresh.get(name) for name in schema.properties}


def _behind(world: World, inputs: Inputs) -> Id | None:
    """The document a cursor stands at. Raises InvalidInput for one that was never given or has grown too old."""
    cursor = inputs.query.get(CURSOR)
    if not cursor:
        return None
    try:
        identity: Id = orjson.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
    except ValueError:
        identity = ""
    if not isinstance(identity, int | str) or identity not in world[role_of(inputs).collection]:
        raise InvalidInput({CURSOR: ["This cursor is unknown or out of date; begin again without one."]})
    return identity


def _cursor(identity: Id) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(identity)).decode("ascii")


def _has_file(value: Any) -> bool:
    return isinstance(value, Upload) or (isinstance(value, list) and any(map(_has_file, value)))


def _named(world: World, collection: str, key: str | None, value: Any) -> Record | None:
    return world[collection].get(value) if key is None else world[collection].find(key, value)


def _missing(collection: str, parameter: str, inputs: Inputs) -> NotFound:
    return NotFound(f"Not found: no {parameter} {inputs.path[parameter]} among this organization's {collection}.")


def _body_schema(operation: Operation) -> Schema | None:
    if operation.body is None:
        return None
    return next(iter(operation.body.content.values()), None)


def _singleton(world: World, role: Role) -> Record:
    record = world[role.collection].get(SINGLETON)
    if record is None:
        id_field = world[role.collection].layout.id_field
        record = world.create(role.collection, {id_field: SINGLETON})
    return record
