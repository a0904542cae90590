"""Values that a client writes and nobody may read again: what `writeOnly` in a request schema means for a record.

Whoever keeps or quotes a request asks here first. An operation without such a field has no redaction at all, so
that nothing is looked at twice.
"""

from typing import Any, Self

import orjson

from mockserver.spec.document import Operation, is_json
from mockserver.spec.schema import Schema

HIDDEN = "[redacted]"


class Redaction:
    """Hides the secrets in one operation's request bodies."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    @classmethod
    def of(cls, operation: Operation) -> Self | None:
        """The redaction of an operation's JSON body; None when its schema has no `writeOnly` field."""
        if operation.body is None:
            return None
        for media_type, schema in operation.body.content.items():
            if is_json(media_type) and _has_secrets(schema, set()):
                return cls(schema)
        return None

    def hidden(self, body: bytes) -> bytes:
        """`body` with each secret replaced by "[redacted]".

        A field that is not declared goes too: it may be a secret under a misspelled name. So does a body that is
        not the JSON that was meant.
        """
        if not body:
            return body
        try:
            value = orjson.loads(body)
        except orjson.JSONDecodeError:
            value = None
        return orjson.dumps(_hidden(value, self._schema) if isinstance(value, dict) else HIDDEN)

    def quotes(self, path: tuple[str | int, ...]) -> bool:
        """Whether a message about the value at `path` of a body could quote a secret."""
        schema: Schema | None = self._schema
        for part in path:
            if schema is None or schema.node.get("writeOnly"):
                break
            schema = schema.properties.get(part) if isinstance(part, str) else _items(schema)
        return schema is None or bool(schema.node.get("writeOnly")) or _has_secrets(schema, set())


def _items(schema: Schema) -> Schema | None:
    return schema.sub("items") if isinstance(schema.node.get("items"), dict) else None


def _has_secrets(schema: Schema, seen: set[str]) -> bool:
    if schema.node.get("writeOnly"):
        return True
    if schema.key in seen:
        return False
    seen.add(schema.key)
    below = [*schema.properties.values(), *schema.branches, _items(schema)]
    return any(each is not None and _has_secrets(each, seen) for each in below)


def _hidden(value: Any, schema: Schema) -> Any:
    if schema.node.get("writeOnly"):
        return HIDDEN
    schema = schema.object
    if isinstance(value, list):
        items = _items(schema)
        return value if items is None else [_hidden(each, items) for each in value]
    if not isinstance(value, dict) or not schema.properties:
        return value
    declared = schema.properties
    return {name: _hidden(each, declared[name]) if name in declared else HIDDEN for name, each in value.items()}
