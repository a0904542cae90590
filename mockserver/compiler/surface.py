"""The OpenAPI document that a typed client amounts to: its operations, models and enumerations, read as data.

A surface is one JSON object: `operations` (name, tag, method, path, parameters, body, responses), `schemas` by
name (properties, required) and `enums`. Types are those of JSON Schema, with `nullable` beside them. What a client
does not know is missing in the document as well (descriptions, bounds, refusals); what is known otherwise goes
into the contract's overrides.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from mockserver.compiler.statements import reason
from mockserver.errors import SpecError

Json = dict[str, Any]

_KEYS = ("operations", "schemas", "enums")
_SCHEMA_KEYS = frozenset({"type", "format", "enum", "items", "anyOf", "$ref", "nullable", "default", "required"})
_BINARY = "application/octet-stream"


def read_surface(path: Path) -> Json:
    """The surface in the file `path`. Raises SpecError when it is none."""
    try:
        surface = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise SpecError(f"{path.name}: not JSON: {error}") from None
    if not isinstance(surface, dict) or any(key not in surface for key in _KEYS):
        raise SpecError(f"{path.name}: a surface is an object with {', '.join(_KEYS)}.")
    return surface


def document_of_surface(surface: Json) -> Json:
    """The document of a surface, before overrides. Raises SpecError for a construct that is not known."""
    paths: Json = {}
    for operation in surface["operations"]:
        method = operation["method"].lower()
        item = paths.setdefault(operation["path"], {})
        if method in item:
            raise SpecError(f"{operation['operation']}: {operation['method']} {operation['path']} comes twice.")
        item[method] = _operation(operation, surface["schemas"])
    tags = dict.fromkeys(operation["tag"] for operation in surface["operations"])
    return {
        "openapi": "3.1.0",
        "info": {"title": "API of a typed client", "version": "0"},
        "security": [{"bearerAuth": []}],
        "tags": [{"name": tag} for tag in tags],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearerAuth": {"type": "http", "scheme": "bearer"}},
            "schemas": {name: _model(name, model) for name, model in surface["schemas"].items()},
        },
    }


def _operation(operation: Json, schemas: Json) -> Json:
    name = operation["operation"]
    out: Json = {"operationId": name, "tags": [operation["tag"]], "summary": _summary(operation)}
    parameters = [_parameter(name, each, "path", schema) for each, schema in operation["path_params"].items()]
    parameters += [_parameter(name, each, "query", schema) for each, schema in operation["query"].items()]
    if parameters:
        out["parameters"] = parameters
    if operation["body"] is not None:
        out["requestBody"] = _body(name, operation["body"], schemas)
    out["responses"] = {
        status: _response(name, int(status), found) for status, found in operation["responses"].items()
    }
    return out


def _summary(operation: Json) -> str:
    """ "Agents: versions list": the operation's name in words."""
    words: str = operation["operation"].replace("_", " ")
    return words[0].upper() + words[1:]


def _parameter(operation: str, name: str, location: str, schema: Json) -> Json:
    required = location == "path" or bool(schema.get("required"))
    plain = {key: value for key, value in schema.items() if key != "required"}
    where = f"{operation}, parameter {name}"
    return {"name": name, "in": location, "required": required, "schema": _schema(where, plain)}


def _body(operation: str, body: Json, schemas: Json) -> Json:
    """The request body. Of alternatives, those that carry files are sent as a form, the others as JSON."""
    alternatives = body["schema"].get("anyOf", [body["schema"]])
    by_media: dict[str, list[Json]] = {}
    for each in alternatives:
        form = body["encoding"] == "multipart" or _has_files(each, schemas)
        by_media.setdefault("multipart/form-data" if form else "application/json", []).append(
            _schema(f"{operation}, body", each)
        )
    content = {
        media: {"schema": found[0] if len(found) == 1 else {"anyOf": found}} for media, found in by_media.items()
    }
    return {"required": bool(body["required"]), "content": content}


def _has_files(schema: Json, schemas: Json) -> bool:
    model = schemas.get(schema.get("$ref", ""), {})
    return any(each.get("format") == "binary" for each in _parts(model))


def _parts(model: Json) -> Iterator[Json]:
    for each in model.get("properties", {}).values():
        yield each
        if "items" in each:
            yield each["items"]


def _response(operation: str, status: int, schema: Json | None) -> Json:
    out: Json = {"description": reason(status)}
    if schema is None or schema.get("raw", "").strip() == "return None":
        return out
    if "binary" in schema:
        out["content"] = {_BINARY: {"schema": {"type": "string", "format": "binary"}}}
    elif "raw" in schema:
        out["content"] = {"text/plain": {"schema": {"type": "string"}}}
    else:
        out["content"] = {"application/json": {"schema": _schema(f"{operation}, {status}", schema)}}
    return out


def _model(name: str, model: Json) -> Json:
    properties = {
        field: _schema(f"{name}.{field}", schema) for field, schema in model.get("properties", {}).items()
    }
    if not properties:
        return {"type": "object", "additionalProperties": True}
    out: Json = {"type": "object", "properties": properties}
    if model.get("required"):
        out["required"] = list(model["required"])
    return out


def _schema(where: str, schema: Json) -> Json:
    """A type of the client's as JSON Schema. Every integer is one of 64 bits; `{}` is any JSON value."""
    unknown = schema.keys() - _SCHEMA_KEYS
    if unknown:
        raise SpecError(f"{where}: nothing is known of {', '.join(sorted(unknown))}; teach the importer first.")
    out = _plain(where, schema)
    if "default" in schema:
        out["default"] = schema["default"]
    if not schema.get("nullable"):
        return out
    if out.keys() == {"type"} and isinstance(out["type"], str):
        return {"type": [out["type"], "null"]}
    if "anyOf" in out:
        return {**out, "anyOf": [*out["anyOf"], {"type": "null"}]}
    return {"anyOf": [out, {"type": "null"}]}


def _plain(where: str, schema: Json) -> Json:
    if "$ref" in schema:
        return {"$ref": f"#/components/schemas/{schema['$ref']}"}
    if "anyOf" in schema:
        return {"anyOf": [_schema(where, each) for each in schema["anyOf"]]}
    if "enum" in schema:
        kind = {bool: "boolean", int: "integer", str: "string"}[type(schema["enum"][0])]
        return {"type": kind, "enum": list(schema["enum"])}
    if "type" not in schema:
        return {}
    out: Json = {"type": schema["type"]}
    if schema["type"] == "integer":
        out["format"] = "int64"
    if "format" in schema:
        out["format"] = schema["format"]
    if "items" in schema:
        out["items"] = _schema(where, schema["items"])
    return out
