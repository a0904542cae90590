"""A pattern for every free text that a client may send, because one rule of the server applies to them all."""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

_SHAPED = {"enum", "const", "format", "pattern"}


def add_pattern(document: Json, pattern: str) -> int:
    """Give each text in query parameters and request bodies that has no form of its own the pattern; how many."""
    count = 0
    for schema in _request_schemas(document):
        for text in _texts(document, schema, set()):
            text["pattern"] = pattern
            count += 1
    return count


def _request_schemas(document: Json) -> Iterator[Json]:
    for item in document.get("paths", {}).values():
        for operation in item.values():
            if not isinstance(operation, dict):
                continue
            for parameter in operation.get("parameters", []):
                if parameter.get("in") == "query":
                    yield parameter["schema"]
            for media in operation.get("requestBody", {}).get("content", {}).values():
                yield media["schema"]


def _texts(document: Json, schema: Json, seen: set[str]) -> Iterator[Json]:
    """The schemas of plain texts in and below `schema`, `$ref`s followed once each."""
    reference = schema.get("$ref")
    if isinstance(reference, str):
        if reference not in seen:
            seen.add(reference)
            target: Any = document
            for part in reference.removeprefix("#/").split("/"):
                target = target[part]
            yield from _texts(document, target, seen)
        return
    types = schema.get("type", [])
    if "string" in ([types] if isinstance(types, str) else types) and not _SHAPED & schema.keys():
        yield schema
    below = [*schema.get("properties", {}).values(), *schema.get("anyOf", []), *schema.get("oneOf", [])]
    for each in (*below, *schema.get("allOf", []), schema.get("items"), schema.get("additionalProperties")):
        if isinstance(each, dict):
            yield from _texts(document, each, seen)
