"""Path parameters that no table describes: their types, told by the objects they name."""

import re

from mockserver.compiler.facts import Operation, Parameter, Reading
from mockserver.compiler.labels import component_name
from mockserver.compiler.problems import Problems
from mockserver.compiler.shapes import type_and_format, without_null
from mockserver.compiler.typewords import Schema


def add_path_parameters(reading: Reading, problems: Problems) -> None:
    """Give every operation its path parameters, in the path's order, typed by a row or an object's field."""
    for operation in reading.operations:
        declared = {each.name for each in operation.parameters if each.location == "path"}
        wanted = re.findall(r"\{(\w+)\}", operation.endpoint.path)
        for name in declared - set(wanted):
            problems.report(
                operation.place, f"the path parameter {name!r} is not in the path {operation.endpoint.path}"
            )
        inserted = []
        for name in wanted:
            if name in declared:
                continue
            inserted.append(_inferred_parameter(reading, problems, operation, name, last=name == wanted[-1]))
        order = {name: index for index, name in enumerate(wanted)}
        path = [*inserted, *(each for each in operation.parameters if each.location == "path")]
        rest = [each for each in operation.parameters if each.location != "path"]
        operation.parameters = [*sorted(path, key=lambda each: order.get(each.name, 99)), *rest]


def _inferred_parameter(
    reading: Reading, problems: Problems, operation: Operation, name: str, *, last: bool
) -> Parameter:
    """A path parameter without a row: typed by the object field of that name, or by the object's id."""
    found: dict[str, Schema] = {}
    own = _stem_of(name)
    for named in reading.objects.values():
        properties = named.schema.get("properties", {})
        if name in properties:
            found.setdefault(type_and_format(properties[name]), properties[name])
        elif "id" in properties and component_name(named.name).lower() in (
            own,
            *_collection_before(operation, name),
        ):
            found.setdefault(type_and_format(properties["id"]), properties["id"])
    if not found and last:
        for answer in operation.answers:
            properties = (answer.schema or {}).get("properties", {})
            for key in (name, "id"):
                if answer.status in (None, 200) and key in properties:
                    found.setdefault(type_and_format(properties[key]), properties[key])
                    break
    schema: Schema = {"type": "string"}
    source = operation.source
    if len(found) == 1:
        model = next(iter(found.values()))
        plain = without_null(model)
        schema = {key: plain[key] for key in ("type", "format", "pattern") if key in plain} or schema
        source = model.get("x-source", source)
    elif found:
        problems.report(
            operation.place,
            f"objects disagree about the type of {name!r}; give {operation.endpoint} a path parameter table",
        )
    else:
        problems.note(operation.place, f"nothing tells the type of the path parameter {name!r}; it is text")
    text = operation.extra.pop("path_text", "") if last else ""
    return Parameter(name, "path", schema, True, text, source)


def _collection_before(operation: Operation, parameter: str) -> tuple[str, ...]:
    """("webhookendpoint",) for `/v1/webhook-endpoints/{endpoint_id}`: whose items the parameter names."""
    match = re.search(rf"/([\w-]+)/\{{{parameter}\}}", operation.endpoint.path)
    if match is None:
        return ()
    words = component_name(match[1]).lower()
    return (words, words.removesuffix("s"), re.sub(r"ies$", "y", words))


def _stem_of(parameter: str) -> str:
    """ "callid" for call_id, "agent" for agent_id: the object whose id it is."""
    return component_name(re.sub(r"_?(?:id|uuid|key)$", "", parameter)).lower()
