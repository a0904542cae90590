"""Replies as bytes: a document as one response schema shows it, validated, and cached until it changes."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

import orjson

from mockserver.chance import Part
from mockserver.engine.exchange import NO_HEADERS, Source
from mockserver.errors import ApiError, InvalidInput, NonConformingReply, WrongUse, nearest
from mockserver.spec.document import Operation, Response
from mockserver.spec.fill import Filler
from mockserver.spec.roles import list_items
from mockserver.spec.schema import Fill, Schema
from mockserver.world.store import Page, Record
from mockserver.world.world import World


class Rendered(NamedTuple):
    """A reply ready to be sent. `media_type` is "" for one without a body; `secrets` are for its reader only."""

    status: int
    body: bytes
    media_type: str
    source: str
    headers: Mapping[str, str] = NO_HEADERS
    warnings: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()

    @property
    def journaled(self) -> bytes:
        """The body as the journal keeps it."""
        body = self.body
        for secret in self.secrets:
            body = body.replace(secret.encode(), b"[not kept]")
        return body


class Renderer:
    """Shows values by schemas; holds the filler."""

    def __init__(self, filler: Filler) -> None:
        self.filler = filler

    def record(self, world: World, record: Record, schema: Schema, where: str) -> bytes:
        """One document as `schema` shows it. Raises NonConformingReply when that breaks the schema."""
        body = None if record.rendered is None else record.rendered.get(schema.key)
        return self._rendered(world, record, schema, where) if body is None else body

    def _rendered(self, world: World, record: Record, schema: Schema, where: str) -> bytes:
        value = schema.project(record.document, self.filling(world, record.collection, record.id))
        conform(value, schema, where)
        body = bytes(memoryview(orjson.dumps(value)))  # see Record: no over-allocated bytes are kept
        if record.rendered is None:
            record.rendered = {}
        record.rendered[schema.key] = body
        return body

    def page(self, world: World, page: Page, schema: Schema, where: str) -> bytes:
        """A list as its reply schema shows it, made of its items' cached bytes."""
        found = list_items(schema)
        if found is None:
            raise NonConformingReply(f"{where} answered a list, and #{schema.pointer} is none.")
        envelope, item_schema = found
        key = item_schema.key
        items = b",".join(
            [
                record.rendered[key]
                if record.rendered is not None and key in record.rendered
                else self._rendered(world, record, item_schema, where)
                for record in page.records
            ]
        )
        if envelope is None:
            return b"[" + items + b"]"
        around = {
            "total": page.total,
            "count": page.total,
            "limit": page.limit,
            "offset": page.offset,
            "has_more": page.offset + len(page.records) < page.total,
            "next_cursor": page.next_cursor,
        }
        fields = []
        for name, each in schema.object.properties.items():
            if name == envelope:
                fields.append(orjson.dumps(name) + b":[" + items + b"]")
                continue
            value = around[name] if name in around else self.filler.value(each, where, name, now=world.now)
            fields.append(orjson.dumps(name) + b":" + orjson.dumps(value))
        return b"{" + b",".join(fields) + b"}"

    def value(self, world: World, value: Any, schema: Schema, where: str) -> bytes:
        """JSON as `schema` shows it, missing required fields filled."""
        shown = schema.project(value, self.filling(world, where))
        conform(shown, schema, where)
        return orjson.dumps(shown)

    def example(self, world: World, operation: Operation, response: Response, name: str | None = None) -> Any:
        """The example a response declares (the one called `name`), or a value made up with every field shown.

        Raises WrongUse when a name is given and no example is called so.
        """
        medias = operation.node["responses"].get(response.status, {}).get("content", {}).values()
        named = {
            key: each["value"]
            for media in medias
            for key, each in media.get("examples", {}).items()
            if "value" in each
        }
        if name is not None:
            if name not in named:
                raise WrongUse(
                    f"Prefer: example={name}: {operation.id} has no example of that name for {response.status}."
                    f"{nearest(name, named)} It has: {', '.join(named) if named else 'none'}."
                )
            return named[name]
        for media in medias:
            if "example" in media:
                return media["example"]
        for value in named.values():
            return value
        assert response.json is not None, "only asked for JSON responses"
        return self.filler.example(response.json, world.seed, world.organization, operation.id, now=world.now)

    def defect(self, text: str) -> Rendered:
        """A 500 that says it is the mock's own."""
        return Rendered(500, orjson.dumps({"mock_error": text}), "application/json", Source.ENGINE)

    def misuse(self, text: str) -> Rendered:
        """A 400 that says the mock itself was used wrongly."""
        return Rendered(400, orjson.dumps({"mock_error": text}), "application/json", Source.ENGINE)

    def filling(self, world: World, *parts: Part) -> Fill:
        """How to fill a missing field of the thing named by `parts`, always with the same value."""

        def fill(schema: Schema, path: tuple[str | int, ...]) -> Any:
            return self.filler.value(schema, world.seed, world.organization, *parts, *path, now=world.now)

        return fill

    def refusal(self, error: ApiError, operation: Operation | None, source: str) -> Rendered:
        """An error in the shape the operation declares for its status, or else `{"detail": …}`."""
        response = operation.response(error.status) if operation is not None else None
        body = orjson.dumps(_error_body(error, response))
        return Rendered(error.status, body, "application/json", source, error.headers)


def conform(value: Any, schema: Schema, where: str) -> None:
    """Raise NonConformingReply, naming the first violations, when `value` breaks `schema`."""
    if schema.accepts(value):
        return
    broken = "; ".join(f"{each.pointer}: {each.message}" for each in list(schema.violations(value))[:3])
    raise NonConformingReply(
        f"{where} is off-schema (#{schema.pointer}): {broken}. Correct the behaviour, or the document."
    )


def _error_body(error: ApiError, response: Response | None) -> Any:
    """The error as the declared schema shows it: by field, `detail`, or a code beside a message."""
    schema = None if response is None else response.json
    if isinstance(error, InvalidInput) and list(error.fields) != ["detail"]:
        by_field = {
            "non_field_errors" if name == "detail" else name: list(texts) for name, texts in error.fields.items()
        }
        if schema is None or schema.accepts(by_field):
            return by_field
    text = (
        " ".join(error.fields["detail"])
        if isinstance(error, InvalidInput) and "detail" in error.fields
        else error.detail
    )
    coded = {} if error.code is None else {"code": error.code}
    if schema is None:
        return {"detail": text, **coded, **error.more}
    code = HTTPStatus(error.status).name.lower() if error.code is None else error.code
    known = {"detail": text, "message": text, "error": code, "status": error.status, **coded, **error.more}
    return schema.project(known, lambda missing, path: code)
