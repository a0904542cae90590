"""The published client, unchanged: each of its operations, called as the document asks, parses its reply."""

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import thunderphone.generated.api as published
from thunderphone.generated.client import AuthenticatedClient

from mockserver import MockServer, Settings, shipped
from mockserver.spec.contract import Contract
from mockserver.spec.document import Operation, is_json
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


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(Settings(contracts=("thunderphone-sdk-0.2",), world="demo")) as running:
        yield running


@pytest.fixture
def wire(server: MockServer) -> Iterator[Wire]:
    """A fresh organization with the demo world's history."""
    with Wire(server.base_url, server.mint_key()) as each:
        each.settle()
        yield each


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


def arguments_of(operation: Operation, function: Any, wire: Wire) -> dict[str, Any]:
    """Keyword arguments for `sync_detailed`, but for the client."""
    hints = typing.get_type_hints(function, vars(inspect.getmodule(function)))
    found: dict[str, Any] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if name == "client":
            continue
        if name == "body":
            models = [
                each for each in typing.get_args(hints[name]) or (hints[name],) if hasattr(each, "from_dict")
            ]
            assert operation.body is not None
            if operation.body.required or operation.id in needs.EXTRA:
                found[name] = body_of(operation, models[0], wire)
        elif name in operation.path_names or parameter.default is inspect.Parameter.empty:
            table = needs.PATH if name not in needs.QUERY.get(operation.id, {}) else {}
            value = needs.prepared(table, operation.id, name, wire)
            if value is not None:
                found[name] = value
    return found | dict(needs.QUERY.get(operation.id, {}))


def cases() -> Iterator[Any]:
    """Every operation; those in `waiting.txt`, not built yet, must fail, so that the list only shrinks."""
    waiting = (Path(__file__).parent / "waiting.txt").read_text().split()
    for operation in CONTRACT.operations:
        marks = [pytest.mark.xfail(reason="its behaviour is not built yet", strict=True)]
        yield pytest.param(operation, id=operation.id, marks=marks if operation.id in waiting else [])


@pytest.mark.parametrize("operation", list(cases()))
def test_the_reply_parses(operation: Operation, wire: Wire) -> None:
    module = importlib.import_module(MODULES[operation.id])
    if operation.id in needs.BEFORE:
        needs.BEFORE[operation.id](wire)
    arguments = arguments_of(operation, module.sync_detailed, wire)
    with AuthenticatedClient(base_url=wire.base_url, token=wire.key, raise_on_unexpected_status=True) as client:
        response = module.sync_detailed(client=client, **arguments)
    success = operation.response(int(response.status_code))
    assert success is not None
    assert success.status[0] in "23", response.content
    if any(is_json(media) for media in success.content):
        assert response.parsed is not None
    assert wire.get("/_mock/journal").json["defects"] == [], "the mock itself failed"
