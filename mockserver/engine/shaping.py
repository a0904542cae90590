"""What the contracts together say about the store: how collections are kept and what a new document lacks."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver import chance
from mockserver.errors import MockError, SpecError
from mockserver.spec.contract import Contract
from mockserver.spec.fill import Filler
from mockserver.spec.roles import Kind, Role
from mockserver.spec.schema import Schema
from mockserver.world.events import Event
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
            result[id_field] = _new_id(world, collection, _types(schemas, id_field))
        for schema in schemas:
            for name, each in schema.properties.items():
                if name not in result and name in schema.required:
                    parts = (world.seed, world.organization, collection, result[id_field], name)
                    result[name] = self.filler.value(each, *parts, now=world.now)
        return result


def shapes(contracts: Iterable[Contract], filler: Filler) -> Shapes:
    """The schemas of every collection, each once, in the contracts' order."""
    found: dict[str, dict[Schema, None]] = defaultdict(dict)
    for contract in contracts:
        for operation in contract.operations:
            role = contract.roles.get(operation.id)
            schema = contract.item_schema(operation)
            if role is not None and schema is not None and schema.properties:
                found[role.collection][schema] = None
    return Shapes({name: tuple(schemas) for name, schemas in found.items()}, filler)


def layouts(contracts: Iterable[Contract]) -> dict[str, Layout]:
    """How each collection is kept: its id, its order, and the fields its lists filter by.

    Raises SpecError when two operations disagree on the id or the order.
    """
    by_collection: dict[str, list[tuple[str, Role]]] = defaultdict(list)
    for contract in contracts:
        for operation_id, role in contract.roles.items():
            by_collection[role.collection].append((operation_id, role))
    found = {}
    for name, roles in by_collection.items():
        ids = _agreed(name, "id_field", [(each, role.id_field) for each, role in roles])
        order = _agreed(name, "order", [(each, role.order) for each, role in roles if role.order is not None])
        fields = {each.field for _, role in roles for each in role.filters if each.test == "="}
        fields |= {each.field for _, role in roles if role.kind is Kind.LIST for each in role.parents}
        fields |= {field for _, role in roles for field in role.references}
        found[name] = Layout(
            name,
            id_field="id" if ids is None else ids,
            order="" if order is None else order.lstrip("-"),
            newest_first=order is not None and order.startswith("-"),
            filters=frozenset(fields),
        )
    return found


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


def event_check(contracts: Iterable[Contract]) -> Callable[[Event], None]:
    """A function that raises MockError for an event unknown to every contract, or off its payload schema."""
    declared: dict[str, list[Schema]] = defaultdict(list)
    for contract in contracts:
        for name, schema in contract.webhooks.items():
            declared[name].append(schema)

    def check(event: Event) -> None:
        if event.type not in declared:
            raise MockError(f"{event.type} is no event of the contract. It has: {', '.join(sorted(declared))}.")
        value = event.envelope()
        for schema in declared[event.type]:
            for violation in schema.violations(value):
                raise MockError(
                    f"The event {event.type} is off its schema at {violation.pointer}: {violation.message}"
                )

    return check


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


def _agreed(collection: str, what: str, said: list[tuple[str, Any]]) -> Any:
    values = {value for _, value in said}
    if len(values) > 1:
        each = ", ".join(f"{operation_id}: {value}" for operation_id, value in said)
        raise SpecError(f"The operations on {collection} disagree on {what} ({each}). Set x-resource.{what}.")
    return values.pop() if values else None


def _types(schemas: Iterable[Schema], id_field: str) -> tuple[frozenset[str], str]:
    for schema in schemas:
        if id_field in schema.properties:
            found = schema.properties[id_field]
            return found.types, found.node.get("format", "")
    return frozenset({"string"}), "uuid"


def _new_id(world: World, collection: str, kind: tuple[frozenset[str], str]) -> int | str:
    types, form = kind
    if "integer" in types:
        return world.next_number(collection)
    made = world.next_uuid(collection)
    return made if form == "uuid" else chance.token(made, length=16)
