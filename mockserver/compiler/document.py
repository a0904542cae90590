"""The OpenAPI 3.1 document that a reading of the pages amounts to."""

import re
from collections.abc import Mapping
from typing import Any

from mockserver.compiler import statements
from mockserver.compiler.facts import Answer, Event, Operation, Parameter, Reading
from mockserver.compiler.fields import finished
from mockserver.compiler.labels import component_name
from mockserver.compiler.problems import Place, Problems
from mockserver.compiler.shared_responses import Shared
from mockserver.compiler.typewords import NAMED, Schema
from mockserver.errors import nearest

Document = dict[str, Any]

REFERENCE = "#/components/schemas/"
PARTIAL = "x-partial"

_SCHEMA_ORDER = (
    *("$ref", "title", "description", "type", "format", "enum", "const", "pattern", "minLength", "maxLength"),
    *("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "minItems", "maxItems", "default"),
    *("properties", "required", "additionalProperties", "items", "anyOf", "oneOf", "allOf", "discriminator"),
    *("examples", "x-invented", "x-source"),
)


def document_of(reading: Reading, problems: Problems) -> Document:
    """The document, before overrides and shared responses; unresolved names are reported."""
    names = _component_names(reading, problems)
    resolver = _Resolver(names, reading, problems)
    document: Document = {
        "openapi": "3.1.0",
        "info": {"title": "API reference", "version": _version(reading)},
    }
    if reading.origins:
        document["servers"] = [{"url": origin} for origin in reading.origins]
    if reading.bearer:
        document["security"] = [{"bearerAuth": []}]
    tags = dict.fromkeys(operation.tag for operation in reading.operations)
    document["tags"] = [
        {"name": tag, **({"description": reading.tags[tag]} if reading.tags.get(tag) else {})} for tag in tags
    ]
    paths: dict[str, Any] = {}
    ids = operation_ids(reading.operations, problems)
    for operation, operation_id in zip(reading.operations, ids, strict=True):
        entry = paths.setdefault(operation.endpoint.path, {})
        entry[operation.endpoint.method.lower()] = _operation(operation, operation_id, resolver)
    document["paths"] = paths
    if reading.events:
        headers = [_event_header(each, source, resolver) for each, source in reading.event_headers]
        document["webhooks"] = {event.name: _webhook(event, headers, resolver) for event in reading.events}
    document["components"] = _components(reading, names, resolver)
    return document


def _version(reading: Reading) -> str:
    versions = {
        match[1] for operation in reading.operations if (match := re.match(r"/(v\d+)\b", operation.endpoint.path))
    }
    return ", ".join(sorted(versions)) or "0"


def _component_names(reading: Reading, problems: Problems) -> dict[str, str]:
    names: dict[str, str] = {}
    taken: dict[str, str] = {}
    for name, named in reading.objects.items():
        component = component_name(name)
        if component in taken:
            problems.report(
                named.place, f"the objects {taken[component]!r} and {name!r} have the same component name"
            )
        taken[component] = name
        names[name] = component
    return names


class _Resolver:
    """Turns placeholders into references and puts keys in the order people read them."""

    def __init__(self, names: Mapping[str, str], reading: Reading, problems: Problems) -> None:
        self.names = names
        self.reading = reading
        self.problems = problems
        self.partials: dict[str, str] = {}
        self.unknown: set[str] = set()

    def schema(self, schema: Schema) -> Schema:
        """`schema` with named objects as `$ref`."""
        out: Schema = {}
        for key, value in schema.items():
            if key == NAMED:
                out["$ref"] = REFERENCE + self.component(value, partial=bool(schema.get(PARTIAL)))
            elif key == PARTIAL:
                continue
            elif key == "properties":
                out[key] = {name: self.schema(inner) for name, inner in value.items()}
            elif key in ("items", "additionalProperties") and isinstance(value, dict):
                out[key] = self.schema(value)
            elif key in ("anyOf", "oneOf", "allOf"):
                out[key] = [self.schema(inner) for inner in value]
            else:
                out[key] = value
        if "discriminator" in out and "oneOf" in out:
            out["discriminator"] = self.discriminator(schema)
        return {key: out[key] for key in sorted(out, key=_rank)}

    def component(self, name: str, *, partial: bool = False) -> str:
        """The component called `name` on the pages; several spellings ("Agents", "agent") may mean one."""
        found = self.names.get(name)
        if found is None:
            by_lower = {key.lower(): value for key, value in self.names.items()}
            found = by_lower.get(name.lower()) or by_lower.get(name.lower().removesuffix("s"))
        if found is None:
            self.unknown.add(name)
            return component_name(name)
        if partial:
            self.partials[found] = f"Patched{found}"
            return f"Patched{found}"
        return found

    def discriminator(self, schema: Schema) -> Schema:
        field = schema["discriminator"]["propertyName"]
        mapping = {}
        for branch in schema["oneOf"]:
            named = self.reading.objects.get(branch.get(NAMED, ""))
            const = (named.schema.get("properties", {}).get(field, {}) if named else {}).get("const")
            if const is not None and named is not None:
                mapping[const] = REFERENCE + self.names[named.name]
        return {"propertyName": field, **({"mapping": mapping} if mapping else {})}


def _rank(key: str) -> tuple[int, str]:
    return (_SCHEMA_ORDER.index(key) if key in _SCHEMA_ORDER else len(_SCHEMA_ORDER), key)


def _components(reading: Reading, names: Mapping[str, str], resolver: _Resolver) -> Document:
    schemas: dict[str, Any] = {}
    for name, named in reading.objects.items():
        schema = resolver.schema(named.schema)
        if named.example is not None:
            schema["examples"] = [named.example.plain()]
        schemas[names[name]] = {key: schema[key] for key in sorted(schema, key=_rank)}
    for full, partial in resolver.partials.items():
        original = schemas[full]
        schemas[partial] = {key: value for key, value in original.items() if key not in ("required", "examples")}
        schemas[partial]["properties"] = {
            name: {key: value for key, value in inner.items() if key != "default"}
            for name, inner in original.get("properties", {}).items()
        }
    for name in sorted(resolver.unknown):
        place = _uses(reading, name)
        resolver.problems.report(
            place, f"no page describes an object called {name!r}.{nearest(name, list(names))}"
        )
    components: Document = {}
    if reading.bearer:
        components["securitySchemes"] = {"bearerAuth": {"type": "http", "scheme": "bearer"}}
    if schemas:
        components["schemas"] = schemas
    return components


def _uses(reading: Reading, name: str) -> Place:
    """The first place whose schema names `name`."""

    def mentions(schema: Any) -> bool:
        if isinstance(schema, dict):
            return schema.get(NAMED) == name or any(mentions(value) for value in schema.values())
        return isinstance(schema, list) and any(mentions(value) for value in schema)

    schemas: list[tuple[Any, Place]] = [(each.schema, each.place) for each in reading.objects.values()]
    for operation in reading.operations:
        schemas += [(each.schema, operation.place) for each in operation.parameters]
        schemas += [(operation.body.schema, operation.place)] if operation.body is not None else []
        schemas += [(each.schema, each.place) for each in operation.answers]
    for event in reading.events:
        schemas += [(event.payload, event.place), (event.reply, event.place)]
    schemas += [(each.schema, each.place) for each in reading.shared]
    schemas += [(each.schema, each.place) for each, _ in reading.event_headers]
    return next(place for schema, place in schemas if mentions(schema))


# Operations.


def operation_ids(operations: list[Operation], problems: Problems) -> list[str]:
    """One id per operation, by rule; where two versions of a path would share one, the later names its version."""
    ids = [operation_id(operation.endpoint.method, operation.endpoint.path) for operation in operations]
    versions = [re.match(r"/(v\d+)/", operation.endpoint.path) for operation in operations]
    lowest = min((match[1] for match in versions if match), default=None)
    for index, match in enumerate(versions):
        if match and match[1] != lowest and ids.count(ids[index]) > 1:
            ids[index] = f"{match[1]}_{ids[index]}"
    first: dict[str, Operation] = {}
    for name, operation in zip(ids, operations, strict=True):
        if name in first and str(first[name].endpoint) != str(operation.endpoint):
            problems.report(
                operation.endpoint.place,
                f"{operation.endpoint} and {first[name].endpoint} would both be called {name}",
            )
        first.setdefault(name, operation)
    return ids


def operation_id(method: str, path: str) -> str:
    """`calls_retrieve` for GET /v1/calls/{call_id}, `calls_grade` for POST /v1/calls/{call_id}/grade."""
    parts = [part for part in path.split("/") if part]
    if parts and re.fullmatch(r"v\d+", parts[0]):
        parts = parts[1:]
    literals = [re.sub(r"\W+", "_", part) for part in parts if not part.startswith("{")]
    base = "_".join(literals) or "root"
    ends_in_parameter = bool(parts) and parts[-1].startswith("{")
    match method.upper():
        case "GET" | "HEAD":
            suffix = "_retrieve" if ends_in_parameter else "_list"
        case "POST":
            suffix = "_create" if len(parts) == 1 else ""
        case "PUT":
            suffix = "_update"
        case "PATCH":
            suffix = "_partial_update"
        case "DELETE":
            suffix = "_delete"
        case _:
            suffix = f"_{method.lower()}"
    return base + suffix


def _operation(operation: Operation, operation_id: str, resolver: _Resolver) -> Document:
    out: Document = {"operationId": operation_id, "tags": [operation.tag], "summary": operation.summary}
    if operation.description and operation.description != operation.summary:
        out["description"] = operation.description
    if operation.parameters:
        out["parameters"] = [_parameter(each, resolver) for each in operation.parameters]
    if operation.body is not None:
        media: Document = {"schema": resolver.schema(operation.body.schema)}
        if operation.body.example is not None and operation.body.example.complete():
            media["example"] = operation.body.example.plain()
        out["requestBody"] = {"required": operation.body.required, "content": {"application/json": media}}
    out["responses"] = {
        "default" if answer.status is None else str(answer.status): _answer(answer, resolver)
        for answer in operation.answers
    }
    if operation.extra.get("x-invented"):
        out["x-invented"] = True
    out["x-source"] = operation.source
    return out


def _parameter(parameter: Parameter, resolver: _Resolver) -> Document:
    out: Document = {"name": parameter.name, "in": parameter.location, "required": parameter.required}
    if parameter.description:
        out["description"] = parameter.description
    schema = resolver.schema(parameter.schema)
    out["schema"] = {key: value for key, value in schema.items() if key not in ("x-source", "description")}
    if parameter.invented:
        out["x-invented"] = True
    out["x-source"] = parameter.source
    return out


def _answer(answer: Answer, resolver: _Resolver) -> Document:
    out: Document = {"description": answer.description or statements.reason(answer.status or 200)}
    if answer.headers:
        out["headers"] = {
            name: {"description": f"{value}", "schema": {"type": "string"}}
            for name, value in answer.headers.items()
        }
    media = list(answer.media)
    if answer.schema is not None and "application/json" not in media:
        media.append("application/json")
    content: Document = {}
    for kind in media:
        if kind == "application/json":
            entry: Document = {"schema": resolver.schema(answer.schema if answer.schema is not None else {})}
            if answer.example is not None and answer.example.complete():
                entry["example"] = answer.example.plain()
        else:
            entry = {"schema": {"type": "string"}}
        content[kind] = entry
    if content:
        out["content"] = content
    out["x-source"] = answer.source
    return out


# Webhooks, and responses that operations share.


def _event_header(each: Any, source: str, resolver: _Resolver) -> Document:
    schema = resolver.schema(finished(each, source))
    return {
        "name": each.name,
        "in": "header",
        "required": bool(each.required),
        **({"description": each.description} if each.description else {}),
        "schema": {
            key: value for key, value in schema.items() if key not in ("x-source", "description", "x-invented")
        },
        **({"x-invented": True} if each.invented else {}),
        "x-source": source,
    }


def _webhook(event: Event, headers: list[Document], resolver: _Resolver) -> Document:
    payload = resolver.schema(event.payload) if event.payload is not None else {"type": "object"}
    envelope: Schema = {
        "type": "object",
        "properties": {
            "type": {"type": "string", "const": event.name},
            "data": payload,
            "event_id": {"type": "string", "format": "uuid"},
        },
        "required": ["type", "data", "event_id"],
    }
    post: Document = {"summary": event.name}
    if event.description:
        post["description"] = event.description
    if headers:
        post["parameters"] = headers
    post["requestBody"] = {"required": True, "content": {"application/json": {"schema": envelope}}}
    post["responses"] = {"2XX": {"description": "The receiver accepted the event."}}
    if event.reply is not None:
        post["responses"] = {
            "200": {
                "description": "What to do about it.",
                "content": {"application/json": {"schema": resolver.schema(event.reply)}},
            },
            **post["responses"],
        }
        post["x-blocking"] = True
    if event.invented:
        post["x-invented"] = True
    post["x-source"] = event.source
    return {"post": post}


def shared_responses(reading: Reading, problems: Problems) -> list[Shared]:
    """The shared responses that pages state; one for a status that has one already is reported."""
    resolver = _Resolver(_component_names(reading, Problems()), reading, problems)
    found: dict[str, Shared] = {}
    for shared in reading.shared:
        name = component_name(statements.reason(shared.status))
        body: Document = {"description": shared.description or statements.reason(shared.status)}
        if shared.schema is not None:
            body["content"] = {"application/json": {"schema": resolver.schema(shared.schema)}}
        if name in found:
            problems.report(shared.place, f"status {shared.status} has two shared responses")
            continue
        for unknown in sorted(resolver.unknown):
            problems.report(shared.place, f"no page describes an object called {unknown!r}")
        found[name] = Shared(name, shared.status, shared.applies, {**body, "x-source": shared.source})
    return list(found.values())
