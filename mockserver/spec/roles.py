"""What each operation does to which collection, read off the document's structure, never off its names.

`/v1/suites/{suite_id}` with GET retrieves; the path without its last parameter is the collection; GET there
with an array, or an object around one, lists; POST there whose reply has the item's id creates; POST on an
item's literal sub-path that answers the item's own schema acts. GET and PUT or PATCH on a fixed path with one
schema read and write a single document. A slash at a path's end changes nothing about its place. Where structure
cannot tell, `x-resource` in the document decides.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from mockserver.errors import SpecError, nearest
from mockserver.spec.document import Operation
from mockserver.spec.schema import Schema
from mockserver.spec.shown import Shown


class Kind(StrEnum):
    """What an operation does to a collection."""

    LIST = "list"
    CREATE = "create"
    RETRIEVE = "retrieve"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    ACT = "act"
    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Parent:
    """A path parameter that names what a document belongs to.

    `parameter` is the path parameter, `field` the document's field that holds it, `collection` where the
    parent itself is kept, or None when no collection of the contract has it.
    """

    parameter: str
    field: str
    collection: str | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """A list parameter that compares a document's field: `test` is `=`, `>=`, `<=` or `is false`.

    `field` may be several, as `from_number|to_number`, of which any may be equal. `is false` leaves out, when the
    parameter is true, what the field is true of. Where the item shows the field in other words than it is kept
    (`shown`), it is compared as it is shown.
    """

    parameter: str
    field: str
    test: str = "="
    shown: Shown | None = None

    @property
    def index(self) -> str:
        """What the store finds documents by for this filter."""
        return self.field if self.shown is None else f"{self.field} as {self.parameter} shows it"

    def key(self, document: Mapping[str, Any]) -> Any:
        """What a document is found by, where that is not simply a field's value."""
        if self.shown is not None:
            return self.shown.value(document)
        return [document.get(name) for name in self.field.split("|")]


@dataclass(frozen=True, slots=True)
class Role:
    """What one operation does.

    `collection` is a name without version or parameters (`calls`, `agents/versions`). `id_field` is the
    document's key, `id_parameter` the path parameter that names it (None for list and create), `key` the field
    that this parameter holds when it is another than the id. `envelope` is
    the list's field that holds the items, None for a bare array. `order` is as `-created_at`. `references`
    maps a field to the collection its value, or each value of its list, must be in; `expansions` maps such a list
    to the field that shows the documents it names. `snapshot_of` names the collection whose every change adds a
    document here. `foreign_status` is what is answered, instead of 404, for a document of another organization.
    A list leaves out the documents that have the field `hides`.
    A `view` only shows documents that are made elsewhere: its schema does not say what they consist of.
    """

    kind: Kind
    collection: str
    id_field: str = "id"
    id_parameter: str | None = None
    key: str | None = None
    foreign_status: int = 404
    envelope: str | None = None
    order: str | None = None
    parents: tuple[Parent, ...] = ()
    filters: tuple[Filter, ...] = ()
    references: Mapping[str, str] = field(default_factory=dict)
    expansions: Mapping[str, str] = field(default_factory=dict)
    snapshot_of: str | None = None
    hides: str | None = None
    view: bool = False


Roles = dict[str, Role]
Reasons = dict[str, str]

_OVERRIDES = {
    "kind",
    "collection",
    "id_field",
    "id_parameter",
    "key",
    "foreign_status",
    "envelope",
    "order",
    "parents",
    "filters",
    "references",
    "expansions",
    "snapshot_of",
    "hides",
    "view",
}


def infer(operations: Sequence[Operation]) -> tuple[Roles, Reasons]:
    """The role of each operation that has one, and for the others why they have none, by operationId.

    Raises SpecError for an `x-resource` that does not make sense.
    """
    return _Inference(operations).run()


def list_items(schema: Schema) -> tuple[str | None, Schema] | None:
    """(envelope, item schema) of a list reply: a bare array, or an object with one array of objects."""
    return schema.remembered("list_items", _list_items)


def _list_items(schema: Schema) -> tuple[str | None, Schema] | None:
    schema = schema.object
    if schema.types == {"array"} and "items" in schema.node:
        return None, schema.sub("items")
    arrays = [
        (name, each.sub("items"))
        for name, each in schema.properties.items()
        if each.types == {"array"} and "items" in each.node and each.sub("items").properties
    ]
    if len(arrays) == 1 and (
        "results" in schema.properties or "total" in schema.properties or len(schema.properties) <= 2
    ):
        return arrays[0]
    return None


class _Inference:
    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = operations
        self.by_shape: dict[tuple[str | None, ...], dict[str, Operation]] = defaultdict(dict)
        for operation in operations:
            self.by_shape[operation.place].setdefault(operation.method, operation)
        self.items = {parts: found for parts in self.by_shape if (found := self._item(parts)) is not None}

    def run(self) -> tuple[Roles, Reasons]:
        roles: Roles = {}
        reasons: Reasons = {}
        for operation in self.operations:
            inferred = self._role(operation)
            if "x-resource" in operation.node:
                override = operation.node["x-resource"]
                role = None if override is None else self._overridden(operation, override, inferred)
                reason = "x-resource says so"
            elif isinstance(inferred, Role):
                role = inferred
                reason = ""
            else:
                role, reason = None, inferred
            if role is None:
                reasons[operation.id] = reason
            else:
                roles[operation.id] = role
        self._name_parents(roles)
        return roles, reasons

    def _item(self, parts: tuple[str | None, ...]) -> tuple[Schema, str] | None:
        """(schema, id field) of the resource at an item path, None when it is no such path."""
        if not parts or parts[-1] is not None:
            return None
        for method in ("GET", "PATCH", "PUT"):
            operation = self.by_shape[parts].get(method)
            schema = _success_schema(operation)
            if operation is not None and schema is not None and schema.properties:
                id_field = _id_field(schema, operation.path_names[-1])
                if id_field is not None:
                    return schema, id_field
        return None

    def _role(self, operation: Operation) -> Role | str:
        parts = operation.place
        if parts in self.items:
            return self._item_role(operation)
        if (*parts, None) in self.by_shape:
            return self._collection_role(operation)
        if parts and parts[-1] is None:
            return self._bare_item_role(operation)
        for length in range(len(parts) - 1, 0, -1):
            if parts[:length] in self.items and operation.method == "POST":
                schema, id_field = self.items[parts[:length]]
                direct = length == len(parts) - 1 and operation.success_status in (200, 202)
                if direct and _success_schema(operation) is schema:
                    return self._made(operation, Kind.ACT, parts[:length], id_field)
                break
        return self._collection_role(operation)

    def _item_role(self, operation: Operation) -> Role | str:
        kind = {
            "GET": Kind.RETRIEVE,
            "PATCH": Kind.UPDATE,
            "PUT": Kind.REPLACE,
            "DELETE": Kind.DELETE,
        }.get(operation.method)
        if kind is None:
            return f"{operation.method} on an item has no usual meaning"
        return self._made(operation, kind, operation.place, self.items[operation.place][1])

    def _bare_item_role(self, operation: Operation) -> Role | str:
        """A path that ends in a parameter without a schema to read: only DELETE explains itself."""
        if operation.method != "DELETE":
            return "no field of its reply matches the path's last parameter"
        creator = self._creates(self.by_shape.get(operation.place[:-1], {}).get("POST"))
        if creator is None:
            return "nothing creates what it deletes"
        id_field = _id_field(creator, operation.path_names[-1])
        if id_field is None:
            return f"no field of {creator.name} matches {{{operation.path_names[-1]}}}"
        return self._made(operation, Kind.DELETE, operation.place, id_field)

    def _collection_role(self, operation: Operation) -> Role | str:
        parts = operation.place
        item = self.items.get((*parts, None))
        schema = _success_schema(operation)
        creator = self._creates(self.by_shape[parts].get("POST"))
        if operation.method == "GET" and schema is not None:
            found = list_items(schema)
            if found is not None:
                if item is None and creator is None:
                    return "nothing writes to this list"
                envelope, item_schema = found
                id_field = item[1] if item is not None else _id_field(item_schema, "id")
                if id_field is None:
                    return f"no field of {item_schema.name} is its id"
                made = self._made(operation, Kind.LIST, (*parts, None), id_field)
                return replace(made, envelope=envelope, filters=_filters(operation, item_schema))
        if operation.method == "POST" and schema is not None and schema.properties:
            if item is not None and item[1] in schema.properties:
                return self._made(operation, Kind.CREATE, (*parts, None), item[1])
            if item is None and creator is schema and self._listed(parts):
                return self._made(operation, Kind.CREATE, (*parts, None), _id_field(schema, "id") or "id")
        if item is None and None not in parts:
            return self._singleton_role(operation)
        return "its structure is no role"

    def _singleton_role(self, operation: Operation) -> Role | str:
        siblings = self.by_shape[operation.place]
        reader, writer = siblings.get("GET"), siblings.get("PUT") or siblings.get("PATCH")
        schema = _success_schema(reader)
        if schema is None or _success_schema(writer) is not schema or operation.method == "POST":
            return "its structure is no role"
        if operation.method == "GET":
            return self._made(operation, Kind.READ, (*operation.place, None), "id")
        if operation.method in ("PUT", "PATCH"):
            return self._made(operation, Kind.WRITE, (*operation.place, None), "id")
        return "its structure is no role"

    def _creates(self, operation: Operation | None) -> Schema | None:
        """What a POST on a collection answers, when it has an id of its own."""
        schema = _success_schema(operation)
        if operation is None or schema is None or operation.success_status != 201:
            return None
        return schema if _id_field(schema, "id") is not None else None

    def _listed(self, parts: tuple[str | None, ...]) -> bool:
        schema = _success_schema(self.by_shape[parts].get("GET"))
        return schema is not None and list_items(schema) is not None

    def _made(self, operation: Operation, kind: Kind, item: tuple[str | None, ...], id_field: str) -> Role:
        at_item = operation.place[: len(item)] == item
        names = operation.path_names
        parents = names[: sum(part is None for part in item[:-1])]
        return Role(
            kind=kind,
            collection=collection_name(item[:-1]),
            id_field=id_field,
            id_parameter=names[len(parents)] if at_item and len(names) > len(parents) else None,
            parents=tuple(Parent(name, name) for name in parents),
        )

    def _overridden(self, operation: Operation, override: Any, inferred: Role | str) -> Role:
        where = f"{operation.id} (x-resource)"
        if not isinstance(override, dict):
            raise SpecError(f"{where}: an object or null is wanted, not {override!r}.")
        for name in override:
            if name not in _OVERRIDES:
                raise SpecError(f"{where}: there is no setting {name!r}.{nearest(name, _OVERRIDES)}")
        given = dict(override)
        if "kind" in given:
            if given["kind"] not in list(Kind):
                raise SpecError(
                    f"{where}: {given['kind']!r} is no kind of role.{nearest(str(given['kind']), list(Kind))}"
                )
            given["kind"] = Kind(given["kind"])
        if "parents" in given:
            given["parents"] = tuple(Parent(name, field) for name, field in given["parents"].items())
        filters = given.pop("filters", None)
        if isinstance(inferred, Role):
            role = replace(inferred, **given)
        elif {"kind", "collection"} <= given.keys():
            role = Role(**given)
            if role.kind not in (Kind.LIST, Kind.CREATE, Kind.READ, Kind.WRITE) and role.id_parameter is None:
                role = replace(role, id_parameter=operation.path_names[-1] if operation.path_names else None)
            schema = _success_schema(operation)
            if role.kind is Kind.LIST and schema is not None and (found := list_items(schema)) is not None:
                role = replace(role, envelope=found[0], filters=_filters(operation, found[1]))
        else:
            raise SpecError(
                f"{where}: structure gives it no role ({inferred}), so `kind` and `collection` are both needed."
            )
        if filters is not None:
            role = replace(role, filters=_with_overrides(where, operation, role.filters, filters))
        return role

    def _name_parents(self, roles: Roles) -> None:
        """Say where each parent is kept, from the path in front of it."""
        collections = {
            operation.place: roles[operation.id].collection
            for operation in self.operations
            if operation.id in roles and roles[operation.id].kind is Kind.RETRIEVE
        }
        for operation in self.operations:
            role = roles.get(operation.id)
            if role is None or not role.parents:
                continue
            parents = []
            for parent in role.parents:
                nth = (
                    operation.path_names.index(parent.parameter)
                    if parent.parameter in operation.path_names
                    else -1
                )
                if nth < 0:
                    raise SpecError(f"{operation.id} (x-resource): its path has no parameter {parent.parameter}.")
                places = [index for index, part in enumerate(operation.place) if part is None]
                parents.append(replace(parent, collection=collections.get(operation.place[: places[nth] + 1])))
            roles[operation.id] = replace(role, parents=tuple(parents))


def collection_name(parts: Iterable[str | None]) -> str:
    """The name of a collection at a path: literal segments without the version (`agents/versions`)."""
    literal = [part for part in parts if part]
    if literal and re.fullmatch(r"v\d+", literal[0]):
        literal = literal[1:]
    return "/".join(literal)


def _success_schema(operation: Operation | None) -> Schema | None:
    if operation is None or operation.success is None or operation.success.json is None:
        return None
    return operation.success.json.object


def _id_field(schema: Schema, parameter: str) -> str | None:
    """The field that a path parameter names: the same name, or `id`."""
    for name in (parameter, "id"):
        if name in schema.properties:
            return name
    return None


def _filters(operation: Operation, item: Schema) -> tuple[Filter, ...]:
    """Query parameters named like a field of the item filter by equality."""
    return tuple(
        Filter(parameter.name, parameter.name, shown=item.shown.get(parameter.name))
        for parameter in operation.query()
        if parameter.name in item.properties and not item.properties[parameter.name].types & {"object", "array"}
    )


def _with_overrides(
    where: str, operation: Operation, inferred: tuple[Filter, ...], given: Mapping[str, str | None]
) -> tuple[Filter, ...]:
    """Filters as `{"start_date": "start_time >="}` or null for none; the others stay as inferred."""
    names = [parameter.name for parameter in operation.query()]
    found = {each.parameter: each for each in inferred}
    for name, meaning in given.items():
        if name not in names:
            raise SpecError(f"{where}: there is no query parameter {name!r}.{nearest(name, names)}")
        if meaning is None:
            found.pop(name, None)
            continue
        field_name, _, test = meaning.partition(" ")
        if test not in (">=", "<=", "=", "", "is false"):
            raise SpecError(
                f"{where}: filter {name!r} must read `field`, `field >=`, `field <=` or `field is false`."
            )
        found[name] = Filter(name, field_name, test or "=")
    return tuple(found.values())
