"""A document in the one dialect that is known further in: 3.1, with nothing left implicit."""

from typing import Any, Final

_INTEGERS: Final = {"int32": 2**31, "int64": 2**63}


def bounded(node: Any) -> None:
    """Write the bounds that the formats int32 and int64 imply into every schema of a document, in place.

    JSON Schema checks formats of strings only, and a caller may lean on these as on any other bound.
    """
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            limit = _INTEGERS.get(each["format"]) if isinstance(each.get("format"), str) else None
            if limit is not None:
                each.setdefault("minimum", -limit)
                each.setdefault("maximum", limit - 1)
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each


def upgraded(raw: dict[str, Any]) -> dict[str, Any]:
    """A copy of a 3.0 document whose schemas are JSON Schema 2020-12.

    `nullable` becomes a null type; boolean `exclusiveMinimum`/`exclusiveMaximum` become numbers; a schema's
    `example` becomes `examples`; keywords beside a `$ref` are dropped, as 3.0 says.
    """
    converted: dict[str, Any] = _convert(raw)
    return {**converted, "openapi": "3.1.0"}


def _convert(node: Any) -> Any:
    if isinstance(node, list):
        return [_convert(each) for each in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("$ref"), str):
        return {"$ref": node["$ref"]}
    result = {key: _convert(value) for key, value in node.items()}
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(node.get(exclusive), bool):
            del result[exclusive]
            if node[exclusive] and bound in result:
                result[exclusive] = result.pop(bound)
    if node.get("nullable") is True:
        del result["nullable"]
        result = _nullable(result)
    return result


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    if isinstance(schema.get("type"), str) and not {"enum", "format"} & schema.keys():
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}
