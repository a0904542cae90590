"""What the contracts together say about the store: how collections are kept and what a new document lacks."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver import chance
from mockserver.errors import MockError, SpecError
from mockserver.spec.contract import Contract
from mockserver.spec.fill import Filler
from mockserver.spec.roles import Kind, Role
from mockserver.spec.schema import Fill, Schema
from mockserver.world.channels import Channel, Told
from mockserver.world.store import Document, Layout
from mockserver.world.world import History, Reference, World


@dataclass(frozen=True, slots=True)
class Shapes:
    """Per collection, the schemas its documents are shown by."""

    by_collection: Mapping[str, tuple[Schema, ...]]
    filler: Filler

    def complete(self, world: World, collection: str, document: Document) -> Document:
        """`document` with its id and every required field it lacks, filled the same way each time."""
        schemas = self.by_collection.get(collection, ())
        id_field = world[collection].layout.id_field
        result = dict(document)
        if id_field not in result:
            result[id_field] = _new_id(world, collection, _types(schemas, id_field, world[collection].layout))
        for schema in schemas:
            for name, each in schema.properties.items():
                derived = schema.shown[name].derived if name in schema.shown else False
                if name not in result and not derived and _belongs(name, each, schema):
                    parts = (world.seed, world.organization, collection, result[id_field], name)
                    result[name] = self.filler.value(each, *parts, now=world.now)
        return result


def _belongs(name: str, field: Schema, schema: Schema) -> bool:
    """Whether every document has this field: it is required, or the schema says what it is when nobody gave it."""
    return name in schema.required or "default" in field.node or field.nullable


def shapes(contracts: Iterable[Contract], filler: Filler) -> Shapes:
    """The schemas of every collection, each once, in the contracts' order."""
    found: dict[str, dict[Schema, None]] = defaultdict(dict)
    for contract in contracts:
        for operation in contract.operations:
            role = contract.roles.get(operation.id)
            schema = contract.item_schema(operation)
            if role is not None and not role.view and schema is not None and schema.properties:
                found[role.collection][schema] = None
    return Shapes({name: tuple(schemas) for name, schemas in found.items()}, filler)


def layouts(contracts: Iterable[Contract], needed: Iterable[Layout] = ()) -> dict[str, Layout]:
    """How each collection is kept: its id, its order, and what its lists filter by.

    `needed` is how our own code wants its collections kept, whatever a contract says of them. Raises SpecError
    when two disagree on the id or the order.
    """
    by_collection: dict[str, list[tuple[str, Role]]] = defaultdict(list)
    for contract in contracts:
        for operation_id, role in contract.roles.items():
            by_collection[role.collection].append((operation_id, role))
    ours = {layout.name: layout for layout in needed}
    return {name: _layout(name, by_collection.get(name, []), ours.get(name)) for name in {**by_collection, **ours}}


def _layout(name: str, roles: Sequence[tuple[str, Role]], ours: Layout | None) -> Layout:
    ids = [(each, role.id_field) for each, role in roles]
    orders = [(each, role.order) for each, role in roles if role.order is not None]
    if ours is not None:
        ids.append(("mockserver", ours.id_field))
        orders += [("mockserver", ("-" if ours.newest_first else "") + ours.order)] if ours.order else []
    order = _agreed(name, "order", orders)
    filters = [each for _, role in roles for each in role.filters if each.test in ("=", "is false")]
    fields = {each.index for each in filters}
    fields |= {each.field for _, role in roles if role.kind is Kind.LIST for each in role.parents}
    fields |= {field for _, role in roles for field in role.references}
    fields |= {each for _, role in roles for each in (role.key, role.hides) if each is not None}
    return Layout(
        name,
        id_field=_agreed(name, "id_field", ids),
        order="" if order is None else order.lstrip("-"),
        newest_first=order is not None and order.startswith("-"),
        filters=frozenset(fields) | (frozenset() if ours is None else ours.filters),
        derived={each.index: each.key for each in filters if each.shown is not None or "|" in each.field},
        numbered=ours is not None and ours.numbered,
    )


def references(contracts: Iterable[Contract]) -> tuple[Reference, ...]:
    """Every field that names other documents. Raises SpecError for an expansion of a field that names none."""
    found: dict[Reference, None] = {}
    for contract in contracts:
        for operation_id, role in contract.roles.items():
            for field in role.expansions.keys() - role.references.keys():
                raise SpecError(
                    f"{operation_id}: x-resource.expansions has {field}, which is not in its references."
                )
            for field, target in role.references.items():
                found[Reference(role.collection, field, target, role.expansions.get(field))] = None
    return tuple(found)


def histories(contracts: Iterable[Contract]) -> dict[str, History]:
    """Per collection whose changes are kept: where, and by which field that names the changed document."""
    found = {}
    for contract in contracts:
        for operation_id, role in contract.roles.items():
            if role.snapshot_of is not None:
                if not role.parents:
                    raise SpecError(f"{operation_id}: snapshot_of needs a parent in the path to be kept under.")
                found[role.snapshot_of] = History(role.collection, role.parents[-1].field)
    return found


def channels(contracts: Iterable[Contract], filler: Filler) -> dict[str, Channel]:
    """How each contract that delivers events tells them, by its name."""
    found = {}
    for contract in contracts:
        if contract.delivery is not None:
            told = _told_as(contract)
            found[contract.name] = Channel(
                contract.name,
                contract.delivery,
                frozenset(told),
                _tell(contract.name, told),
                _sample({own_type: schema for each in told.values() for own_type, schema in each}, filler),
            )
    return found


def _told_as(contract: Contract) -> dict[str, list[tuple[str, Schema]]]:
    """By our own type of event, what a contract makes of it: its own type, and the schema of the body."""
    found: dict[str, list[tuple[str, Schema]]] = defaultdict(list)
    for event in contract.webhooks:
        for cause in event.caused_by:
            found[cause].append((event.type, event.schema))
    return found


def _tell(
    name: str, told: Mapping[str, Sequence[tuple[str, Schema]]]
) -> Callable[[str, Mapping[str, Any]], list[Told]]:
    def tell(event_type: str, said: Mapping[str, Any]) -> list[Told]:
        found = []
        for own_type, schema in told[event_type]:
            body = schema.project({**said, "type": own_type}, _nothing_to_fill(own_type))
            if not schema.accepts(body):
                violation = next(schema.violations(body))
                raise MockError(
                    f"The event {own_type} is off its schema at {violation.pointer}: {violation.message}"
                )
            found.append(Told(name, own_type, body))
        return found

    return tell


def _sample(schemas: Mapping[str, Schema], filler: Filler) -> Callable[[str], Mapping[str, Any]]:
    def sample(own_type: str) -> Mapping[str, Any]:
        made: Mapping[str, Any] = filler.example(
            schemas[own_type], "sample", own_type, now="2026-04-20T18:24:10.113Z"
        )
        return made

    return sample


def _nothing_to_fill(event_type: str) -> Fill:
    """An event says what happened: nothing in it is made up, but what its schema declares for lack of it."""

    def fill(schema: Schema, path: tuple[str | int, ...]) -> Any:
        if "default" in schema.node:
            return schema.node["default"]
        if schema.nullable:
            return None
        raise MockError(f"The event {event_type} lacks {'/'.join(map(str, path))}.")

    return fill


def answer_check(contracts: Iterable[Contract]) -> Callable[[str, Any], str | None]:
    """A function that says what is wrong with the answer to an event of a given type; None when nothing is."""
    declared = {
        name: schema for contract in contracts for name, schema in contract.document.webhook_answers().items()
    }

    def check(event_type: str, answer: Any) -> str | None:
        for violation in declared[event_type].violations(answer):
            return f"{violation.pointer or 'the answer'}: {violation.message}"
        return None

    return check


def rates(contracts: Iterable[Contract]) -> dict[str, int]:
    """Cents a minute of each product costs, as the first contract says that names prices (`x-rates`)."""
    for contract in contracts:
        if "x-rates" in contract.document.raw:
            return dict(contract.document.raw["x-rates"]["cents_per_minute"])
    return {}


def _agreed(collection: str, what: str, said: list[tuple[str, Any]]) -> Any:
    values = {value for _, value in said}
    if len(values) > 1:
        each = ", ".join(f"{operation_id}: {value}" for operation_id, value in said)
        raise SpecError(f"The operations on {collection} disagree on {what} ({each}). Set x-resource.{what}.")
    return values.pop() if values else None


def _types(schemas: Iterable[Schema], id_field: str, layout: Layout) -> tuple[frozenset[str], str]:
    if layout.numbered:
        return frozenset({"integer"}), ""
    for schema in schemas:
        if id_field in schema.properties:
            if id_field in schema.shown and schema.shown[id_field].prefix is not None:
                return frozenset({"integer"}), ""
            found = schema.properties[id_field]
            return found.types, found.node.get("format", "")
    return frozenset({"string"}), "uuid"


def _new_id(world: World, collection: str, kind: tuple[frozenset[str], str]) -> int | str:
    types, form = kind
    if "integer" in types:
        return world.next_number(collection)
    made = world.next_uuid(collection)
    return made if form == "uuid" else chance.token(made, length=16)
