"""OpenAPI 3.0 schemas written as 3.1, so that only one dialect is known further in."""

from typing import Any


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
