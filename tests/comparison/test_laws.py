"""What holds for any two documents."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from comparison.documents import Json, compared, document, families, one, receiving, sending
from mockserver.comparison.findings import Comparison
from mockserver.comparison.operations import compare
from mockserver.comparison.rules import Severity

NAMES = st.sampled_from(["id", "name", "full_name", "state", "count", "created_at"])
COMPONENTS = ("Cat", "Dog", "Tree")


def _bounded(low: str, high: str) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries({}, optional={low: st.integers(0, 3), high: st.integers(4, 9)})


def _objects(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    def made(fields: Json, required: list[str], extra: Any) -> Json:
        schema: Json = {
            "type": "object",
            "properties": fields,
            "required": [each for each in required if each in fields],
        }
        return schema if extra is None else {**schema, "additionalProperties": extra}

    extra = st.one_of(st.none(), st.booleans(), inner)
    return st.builds(made, st.dictionaries(NAMES, inner, max_size=3), st.lists(NAMES, unique=True), extra)


def _nullable(schema: Json) -> Json:
    return {"anyOf": [schema, {"type": "null"}]}


PLAIN = st.one_of(
    st.just({}),
    _bounded("minLength", "maxLength").map(lambda bounds: {"type": "string", **bounds}),
    st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, unique=True).map(
        lambda v: {"type": "string", "enum": v}
    ),
    st.tuples(st.sampled_from(["integer", "number"]), _bounded("minimum", "maximum")).map(
        lambda pair: {"type": pair[0], **pair[1]}
    ),
    st.just({"type": "boolean"}),
    st.just({"type": ["string", "integer"]}),
)


def schemas(leaves: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    """Schemas up to some depth, made of `leaves`."""
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            _objects(inner),
            inner.map(_nullable),
            inner.map(lambda items: {"type": "array", "items": items}),
            st.lists(inner, min_size=2, max_size=3).map(lambda branches: {"anyOf": branches}),
            inner.map(lambda part: {"allOf": [part]}),
        ),
        max_leaves=6,
    )


REFERENCES = st.sampled_from([{"$ref": f"#/components/schemas/{name}"} for name in COMPONENTS])
FREE = schemas(PLAIN)
# Components may refer to each other and to themselves, but only below something: `A = B = A` is nonsense.
COMPONENT = _objects(schemas(st.one_of(PLAIN, REFERENCES)))
USING = schemas(st.one_of(PLAIN, REFERENCES))

PARAMETERS = st.dictionaries(NAMES, st.tuples(PLAIN, st.booleans()), max_size=3).map(
    lambda found: [
        {"name": name, "in": "query", "required": required, "schema": schema}
        for name, (schema, required) in found.items()
    ]
)
BODIES = USING.map(lambda schema: {"content": {"application/json": {"schema": schema}}})
OPERATIONS = st.fixed_dictionaries(
    {
        "parameters": PARAMETERS,
        "responses": st.dictionaries(
            st.sampled_from(["200", "201", "202", "404"]), st.one_of(BODIES, st.just({})), max_size=3
        ),
        "security": st.lists(st.sampled_from([{"one": []}, {"two": []}, {}]), max_size=2),
    },
    optional={"requestBody": BODIES, "deprecated": st.booleans()},
)
DOCUMENTS = st.builds(
    lambda paths, events, components: {
        "paths": paths,
        "webhooks": {name: {"post": {"requestBody": body, "responses": {}}} for name, body in events.items()},
        "components": {
            "schemas": components,
            "securitySchemes": {
                "one": {"type": "http", "scheme": "bearer"},
                "two": {"type": "http", "scheme": "basic"},
            },
        },
    },
    st.dictionaries(
        st.sampled_from(["/cats", "/dogs", "/trees"]),
        st.dictionaries(st.sampled_from(["get", "post", "patch"]), OPERATIONS, min_size=1, max_size=2),
        max_size=2,
    ),
    st.dictionaries(st.sampled_from(["cat.fed", "dog.fed"]), BODIES, max_size=2),
    st.fixed_dictionaries(dict.fromkeys(COMPONENTS, COMPONENT)),
)


@given(DOCUMENTS)
def test_nothing_changed_in_the_same_document(raw: Json) -> None:
    assert not compared(raw, raw).changes


@given(DOCUMENTS, DOCUMENTS)
def test_the_way_back_is_the_reverse(old: Json, new: Json) -> None:
    # How often is another matter: what two schemas have alike on one side is told once.
    assert families(compared(new, old)).keys() == families(compared(old, new), backwards=True).keys()


@given(DOCUMENTS, DOCUMENTS)
def test_every_pointer_leads_somewhere(old: Json, new: Json) -> None:
    first, second = document(old), document(new)
    for change in compare(first, second).changes:
        assert change.old is not None or change.new is not None
        for side, pointer in ((first, change.old), (second, change.new)):
            if pointer is not None and pointer != "/servers":
                side.schemas.follow(pointer)


# What is not called breaking or risky really is harmless: every value of the one schema satisfies the other.

_UNKNOWN = "something_else"


@st.composite
def values(draw: st.DrawFn, schema: Json) -> Any:
    """A value that satisfies `schema`; undeclared fields have a name that no schema declares."""
    if "anyOf" in schema:
        return draw(values(draw(st.sampled_from(schema["anyOf"]))))
    if "allOf" in schema:
        return draw(values(schema["allOf"][0]))
    if "enum" in schema:
        return draw(st.sampled_from(schema["enum"]))
    kinds = schema.get("type", ["null", "string", "integer", "boolean"])
    kind = kinds if isinstance(kinds, str) else draw(st.sampled_from(kinds))
    if kind == "string":
        return draw(st.text("abcd", min_size=schema.get("minLength", 0), max_size=schema.get("maxLength", 12)))
    if kind in ("integer", "number"):
        low, high = schema.get("minimum", -20), schema.get("maximum", 20)
        return draw(st.integers(low, high) if kind == "integer" else st.floats(low, high))
    if kind == "array":
        return draw(st.lists(values(schema["items"]), max_size=2))
    if kind == "object":
        fields = schema.get("properties", {})
        chosen = {name for name in fields if name in schema.get("required", []) or draw(st.booleans())}
        found = {name: draw(values(fields[name])) for name in fields if name in chosen}
        extra = schema.get("additionalProperties", True)
        if extra is not False and draw(st.booleans()):
            found[_UNKNOWN] = draw(values(extra if isinstance(extra, dict) else {}))
        return found
    return None if kind == "null" else draw(st.booleans())


def harmless(comparison: Comparison) -> bool:
    return all(change.severity is Severity.COMPATIBLE for change in comparison.changes)


def related(schema: Json) -> st.SearchStrategy[Json]:
    """Schemas that differ from one in a detail, so that a pair is harmless often enough."""
    changes: list[Json] = [
        {**schema, "description": "other"},
        _nullable(schema),
        {"anyOf": [schema, {"type": "boolean"}]},
        {},
    ]
    if "properties" in schema:
        fields = schema["properties"]
        changes += [
            {**schema, "required": []},
            {**schema, "required": list(fields)},
            {**schema, "properties": {**fields, "extra_field": {"type": "string"}}},
            {**schema, "properties": dict(list(fields.items())[1:])},
            {**schema, "additionalProperties": False},
            {**schema, "additionalProperties": {"type": "string"}},
            *({**schema, "properties": {**fields, name: _nullable(each)}} for name, each in fields.items()),
        ]
        changes = [
            {**each, "required": [name for name in each["required"] if name in each["properties"]]}
            if "required" in each
            else each
            for each in changes
        ]
    for bound, by in (("minLength", -1), ("maxLength", 1), ("minimum", 1), ("maximum", -1)):
        if bound in schema:
            changes.append({**schema, bound: max(schema[bound] + by, 0)})
    if "enum" in schema:
        changes += [{**schema, "enum": [*schema["enum"], "d"]}, {"type": "string"}]
    return st.sampled_from(changes)


PAIRS = st.one_of(
    st.tuples(FREE, FREE),
    st.one_of(FREE, PLAIN, _objects(PLAIN)).flatmap(lambda schema: st.tuples(st.just(schema), related(schema))),
)


@given(PAIRS, st.booleans(), st.data())
def test_what_is_harmless_to_send_is_accepted(pair: tuple[Json, Json], turned: bool, data: st.DataObject) -> None:
    old, new = reversed(pair) if turned else pair
    if harmless(compared(sending(old), sending(new))):
        value = data.draw(values(old))
        assert _schema(new).accepts(value)


@given(PAIRS, st.booleans(), st.data())
def test_what_is_harmless_to_receive_was_promised(
    pair: tuple[Json, Json], turned: bool, data: st.DataObject
) -> None:
    old, new = reversed(pair) if turned else pair
    if harmless(compared(receiving(old), receiving(new))):
        value = data.draw(values(new))
        assert _schema(old).accepts(value)


def _schema(schema: Json) -> Any:
    return document(one({}, components={"schemas": {"It": schema}})).schemas.at("/components/schemas/It")
