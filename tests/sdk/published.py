"""The published client's functions by operationId, and arguments for them that the document and `needs` give."""

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Mapping
from typing import Any

import thunderphone.generated.api as published

from mockserver import shipped
from mockserver.spec.contract import Contract
from mockserver.spec.document import Operation
from mockserver.spec.fill import Filler
from mockserver.spec.schema import Schema
from sdk import needs
from sdk.wire import Wire

CONTRACT = Contract.load(shipped.folder("openapi") / "thunderphone-sdk-0.2")
MODULES = {
    info.name: f"{published.__name__}.{package.name}.{info.name}"
    for package in pkgutil.iter_modules(published.__path__)
    for info in pkgutil.iter_modules(importlib.import_module(f"{published.__name__}.{package.name}").__path__)
}
NOW = "2026-04-20T18:00:00.000Z"


def value_of(schema: Schema, operation: Operation, name: str, wire: Wire) -> Any:
    """A value for a required field: prepared, or made up from its schema."""
    made = needs.prepared(needs.BODY, operation.id, name, wire)
    if made is not None:
        return made
    shown = schema.object
    if shown.properties and "object" in shown.types:
        return {each: value_of(shown.properties[each], operation, each, wire) for each in sorted(shown.required)}
    return Filler().value(schema, operation.id, name, now=NOW)


def body_of(operation: Operation, model: type[Any], wire: Wire) -> Any:
    """The request body as the client's own class."""
    assert operation.body is not None
    schemas = {
        each.name: each for content in operation.body.content.values() for each in (content, *content.branches)
    }
    schema = schemas.get(model.__name__, next(iter(operation.body.content.values())))
    extra = dict(needs.EXTRA.get(operation.id, {}))
    for name, value in extra.items():
        if value is None:
            extra[name] = needs.prepared(needs.BODY, operation.id, name, wire)
    missing = sorted(schema.required - extra.keys())
    fields = {name: value_of(schema.properties[name], operation, name, wire) for name in missing}
    return model.from_dict({**fields, **extra})


def body_model(function: Any) -> type[Any]:
    """The class that `sync_detailed` takes a body as; the first of several."""
    hint = typing.get_type_hints(function, vars(inspect.getmodule(function)))["body"]
    models: list[type[Any]] = [each for each in typing.get_args(hint) or (hint,) if hasattr(each, "from_dict")]
    return models[0]


def arguments_of(
    operation: Operation, function: Any, wire: Wire, known: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Keyword arguments for `sync_detailed`, but for the client; `known` are values for its path."""
    found: dict[str, Any] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if name == "client":
            continue
        if known is not None and name in known:
            found[name] = known[name]
            continue
        if name == "body":
            assert operation.body is not None
            if operation.body.required or operation.id in needs.EXTRA:
                found[name] = body_of(operation, body_model(function), wire)
        elif name in operation.path_names or parameter.default is inspect.Parameter.empty:
            table = needs.PATH if name not in needs.QUERY.get(operation.id, {}) else {}
            value = needs.prepared(table, operation.id, name, wire)
            if value is not None:
                found[name] = value
    return found | dict(needs.QUERY.get(operation.id, {}))
