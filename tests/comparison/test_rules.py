"""Small pairs: which codes two schemas or documents yield, in both directions and both ways round."""

from typing import Any

import pytest

from comparison.documents import Json, compared, content, families, one, receiving, sending, told
from mockserver.comparison.rules import RULES

TEXT: Json = {"type": "string"}
COUNT: Json = {"type": "integer"}
NULL: Json = {"type": "null"}


def thing(*required: str, **fields: Any) -> Json:
    """An object schema."""
    return {"type": "object", "properties": fields, **({"required": list(required)} if required else {})}


def closed(schema: Json) -> Json:
    return {**schema, "additionalProperties": False}


def just(*values: Any) -> Json:
    return {"type": "string", "enum": list(values)}


# A pair of schemas, and what follows when a client sends them and when it receives them.
SCHEMAS: dict[str, tuple[Json, Json, list[str], list[str]]] = {
    "a field is new": (
        thing(a=TEXT),
        thing(a=TEXT, count=COUNT),
        ["compatible request-field-added body.count"],
        ["compatible response-field-added response 200.count"],
    ),
    "a required field is new": (
        thing(a=TEXT),
        thing("count", a=TEXT, count=COUNT),
        ["breaking request-field-added-required body.count"],
        ["compatible response-field-added response 200.count"],
    ),
    "a field is new in an object that promised no others": (
        closed(thing(a=TEXT)),
        closed(thing(a=TEXT, count=COUNT)),
        ["compatible request-field-added body.count"],
        ["risky response-field-added-to-closed response 200.count"],
    ),
    "a required field is gone": (
        thing("count", a=TEXT, count=COUNT),
        thing(a=TEXT),
        ["risky request-field-ignored body.count"],
        ["breaking response-field-removed response 200.count"],
    ),
    "an optional field is gone from an object without others": (
        closed(thing(a=TEXT, count=COUNT)),
        closed(thing(a=TEXT)),
        ["breaking request-field-refused body.count"],
        ["risky response-optional-field-removed response 200.count"],
    ),
    "a field has another name": (
        thing(a=TEXT, language=TEXT),
        thing(a=TEXT, language_code=TEXT),
        ["breaking request-field-renamed body.language"],
        ["breaking response-field-renamed response 200.language"],
    ),
    "a similar name of another type is another field": (
        thing(a=TEXT, language=TEXT),
        thing(a=TEXT, language_code=COUNT),
        ["compatible request-field-added body.language_code", "risky request-field-ignored body.language"],
        [
            "compatible response-field-added response 200.language_code",
            "risky response-optional-field-removed response 200.language",
        ],
    ),
    "no field is declared any more": (
        thing("a", a=TEXT, b=TEXT),
        {"type": "object"},
        ["risky request-field-ignored body.a", "risky request-field-ignored body.b"],
        ["breaking response-fields-undeclared response 200"],
    ),
    "fields are declared": (
        {"type": "object"},
        thing("a", a=TEXT, b=TEXT),
        ["breaking request-field-added-required body.a", "compatible request-field-added body.b"],
        ["compatible response-fields-declared response 200"],
    ),
    "a field becomes required": (
        thing(a=TEXT),
        thing("a", a=TEXT),
        ["breaking request-field-became-required body.a"],
        ["compatible response-field-became-required response 200.a"],
    ),
    "a field becomes optional": (
        thing("a", a=TEXT),
        thing(a=TEXT),
        ["compatible request-field-became-optional body.a"],
        ["breaking response-field-became-optional response 200.a"],
    ),
    "a field that is only read or only written concerns one direction": (
        thing(a=TEXT),
        thing("id", "secret", a=TEXT, id={**COUNT, "readOnly": True}, secret={**TEXT, "writeOnly": True}),
        ["breaking request-field-added-required body.secret"],
        ["compatible response-field-added response 200.id"],
    ),
    "a field becomes one of a map": (
        thing("a", a=TEXT, b=COUNT),
        {**thing(b=COUNT), "additionalProperties": TEXT},
        ["breaking request-type-narrowed body.*", "compatible request-field-became-optional body.a"],
        [
            "breaking response-field-became-optional response 200.a",
            "compatible response-type-narrowed response 200.*",
        ],
    ),
    "another type": (
        COUNT,
        TEXT,
        ["breaking request-type-changed body"],
        ["breaking response-type-changed response 200"],
    ),
    "whole numbers become any": (
        COUNT,
        {"type": "number"},
        ["compatible request-type-widened body"],
        ["breaking response-type-widened response 200"],
    ),
    "any value becomes text": (
        {},
        TEXT,
        ["breaking request-type-narrowed body"],
        ["compatible response-type-narrowed response 200"],
    ),
    "alternatives of plain types are types": (
        {"anyOf": [TEXT, COUNT]},
        {"type": ["string", "integer"]},
        [],
        [],
    ),
    "null comes in by a type": (
        TEXT,
        {"type": ["string", "null"]},
        ["compatible request-null-allowed body"],
        ["breaking response-null-possible response 200"],
    ),
    "null comes in by an alternative": (
        {"type": "string", "format": "uuid"},
        {"anyOf": [{"type": "string", "format": "uuid"}, NULL]},
        ["compatible request-null-allowed body"],
        ["breaking response-null-possible response 200"],
    ),
    "null goes out of an enumeration": (
        {"type": ["string", "null"], "enum": ["a", None]},
        just("a"),
        ["breaking request-null-refused body"],
        ["compatible response-null-gone response 200"],
    ),
    "a value is gone and another comes": (
        just("inbound", "mic"),
        just("inbound", "web"),
        ["breaking request-enum-narrowed body", "compatible request-enum-widened body"],
        ["breaking response-enum-widened response 200", "compatible response-enum-narrowed response 200"],
    ),
    "only some values are left": (
        TEXT,
        just("a", "b"),
        ["breaking request-enum-narrowed body"],
        ["compatible response-enum-narrowed response 200"],
    ),
    "a constant is an enumeration of one": (
        {"const": "a"},
        just("a", "b"),
        ["compatible request-enum-widened body"],
        ["breaking response-enum-widened response 200"],
    ),
    "a form is asked for": (
        TEXT,
        {"type": "string", "format": "uuid"},
        ["breaking request-format-added body"],
        ["compatible response-format-added response 200"],
    ),
    "a form is not promised any more": (
        {"type": "string", "format": "uuid"},
        TEXT,
        ["compatible request-format-removed body"],
        ["risky response-format-removed response 200"],
    ),
    "another form": (
        {"type": "string", "format": "date"},
        {"type": "string", "format": "date-time"},
        ["breaking request-format-changed body"],
        ["breaking response-format-changed response 200"],
    ),
    "the width of integers is nobody's business": (COUNT, {**COUNT, "format": "int64"}, [], []),
    "a pattern is asked for": (
        TEXT,
        {**TEXT, "pattern": "^a"},
        ["risky request-pattern-changed body"],
        ["compatible response-pattern-added response 200"],
    ),
    "a pattern is gone": (
        {**TEXT, "pattern": "^a"},
        TEXT,
        ["compatible request-pattern-removed body"],
        ["risky response-pattern-changed response 200"],
    ),
    "a bound tightens": (
        {**TEXT, "minLength": 1, "maxLength": 255},
        {**TEXT, "minLength": 1, "maxLength": 120},
        ["breaking request-bounds-tightened body"],
        ["compatible response-bounds-tightened response 200"],
    ),
    "bounds move": (
        {**COUNT, "minimum": 1, "maximum": 10},
        {**COUNT, "exclusiveMinimum": 1, "maximum": 20},
        ["breaking request-bounds-tightened body", "compatible request-bounds-loosened body"],
        ["compatible response-bounds-tightened response 200", "risky response-bounds-loosened response 200"],
    ),
    "a share becomes points": (
        {"type": "number", "minimum": 0, "maximum": 1},
        {"type": "number", "minimum": 0, "maximum": 100},
        ["breaking request-scale-changed body"],
        ["breaking response-scale-changed response 200"],
    ),
    "a share becomes whole numbers": (
        {"type": ["number", "null"], "minimum": 0, "maximum": 1},
        {"anyOf": [{**COUNT, "format": "int64"}, NULL]},
        ["breaking request-scale-changed body"],
        ["breaking response-scale-changed response 200"],
    ),
    "another default": (
        thing(a={**COUNT, "default": 50}),
        thing(a={**COUNT, "default": 20}),
        ["risky request-default-changed body.a"],
        [],
    ),
    "a default of another type is another default": (
        thing(a={"default": False}),
        thing(a={"default": 0}),
        ["risky request-default-changed body.a"],
        [],
    ),
    "an object closes": (
        thing(a=TEXT),
        closed(thing(a=TEXT)),
        ["breaking request-object-closed body"],
        ["compatible response-object-closed response 200"],
    ),
    "an object opens": (
        closed(thing(a=TEXT)),
        thing(a=TEXT),
        ["compatible request-object-opened body"],
        ["risky response-object-opened response 200"],
    ),
    "the values of a map change": (
        {"type": "object", "additionalProperties": TEXT},
        {"type": "object", "additionalProperties": COUNT},
        ["breaking request-type-changed body.*"],
        ["breaking response-type-changed response 200.*"],
    ),
    "items change": (
        {"type": "array", "items": just("a")},
        {"type": "array", "items": just("a", "b")},
        ["compatible request-enum-widened body[]"],
        ["breaking response-enum-widened response 200[]"],
    ),
    "items may be anything": (
        {"type": "array", "items": TEXT},
        {"type": "array"},
        ["compatible request-type-widened body[]"],
        ["breaking response-type-widened response 200[]"],
    ),
    "items are one of several forms": (
        {"type": "array", "items": {}},
        {"type": "array", "items": {"anyOf": [thing(a=TEXT), TEXT]}},
        ["breaking request-type-narrowed body[]"],
        ["compatible response-type-narrowed response 200[]"],
    ),
    "another alternative, matched by what tells it apart": (
        {"oneOf": [thing("kind", kind={"const": "cat"}, a=TEXT)]},
        {"oneOf": [thing("kind", kind={"const": "dog"}, a=TEXT), thing("kind", kind={"const": "cat"}, a=COUNT)]},
        ["breaking request-type-changed body.a", "compatible request-alternative-added body"],
        ["breaking response-alternative-added response 200", "breaking response-type-changed response 200.a"],
    ),
    "an alternative is gone": (
        {"anyOf": [thing(a=TEXT), {"type": "array", "items": TEXT}]},
        thing(a=TEXT),
        ["breaking request-alternative-removed body"],
        ["compatible response-alternative-removed response 200"],
    ),
    "parts are one schema": (
        thing("a", "b", a=TEXT, b=COUNT),
        {"allOf": [thing("a", a=TEXT), thing("b", b={**COUNT, "maximum": 9})]},
        ["breaking request-bounds-tightened body.b"],
        ["compatible response-bounds-tightened response 200.b"],
    ),
    "rules that cannot be weighed": (
        thing(a=TEXT, b=TEXT),
        {**thing(a=TEXT, b=TEXT), "dependentRequired": {"a": ["b"]}},
        ["risky request-rules-changed body"],
        ["risky response-rules-changed response 200"],
    ),
    "a required field that is not declared is a rule": (
        thing(a=TEXT),
        {**thing(a=TEXT), "required": ["b"]},
        ["risky request-rules-changed body"],
        ["risky response-rules-changed response 200"],
    ),
    "words are no change": (
        thing(a={**TEXT, "description": "one", "example": "x"}),
        {**thing(a={**TEXT, "description": "two"}), "title": "Thing", "x-invented": True},
        [],
        [],
    ),
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_schemas(name: str) -> None:
    old, new, sent, received = SCHEMAS[name]

    assert told(compared(sending(old), sending(new))) == sent
    assert told(compared(receiving(old), receiving(new))) == received


def parameter(name: str = "limit", *, required: bool = False, place: str = "query", **schema: Any) -> Json:
    return {"name": name, "in": place, "required": required, "schema": schema or TEXT}


def answer(**schemas: Any) -> Json:
    return {"responses": {status.lstrip("_"): schema for status, schema in schemas.items()}}


def event(body: Json, reply: Json | None = None, **more: Any) -> Json:
    responses = {"200": content(reply)} if reply is not None else {"2XX": {"description": ""}}
    return {"post": {"requestBody": content(body), "responses": responses, **more}}


KEY = {"components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}}}
BASIC = {"components": {"securitySchemes": {"key": {"type": "http", "scheme": "basic"}}}}
LIMIT = {"components": {"parameters": {"limit": parameter(required=True)}}}

DOCUMENTS: dict[str, tuple[Json, Json, list[str]]] = {
    "an operation is new": (
        {"paths": {"/a": {"get": {"responses": {}}}}},
        {"paths": {"/a": {"get": {"responses": {}}, "post": {"operationId": "make", "responses": {}}}}},
        ["compatible operation-added make"],
    ),
    "an operation is gone": (
        {"paths": {"/a": {"put": {"operationId": "set", "responses": {}}, "patch": {"responses": {}}}}},
        {"paths": {"/a": {"patch": {"responses": {}}}}},
        ["breaking operation-removed set"],
    ),
    "an operation has another id": (
        one({"operationId": "make"}),
        one({"operationId": "create"}),
        ["risky operation-renamed operationId"],
    ),
    "an operation is deprecated": (one({}), one({"deprecated": True}), ["risky operation-deprecated post_things"]),
    "an operation is not deprecated any more": (
        one({"deprecated": True}),
        one({}),
        ["compatible operation-undeprecated post_things"],
    ),
    "a path parameter has another name and type": (
        {"paths": {"/a/{id}": {"parameters": [parameter("id", place="path")], "get": {"responses": {}}}}},
        {"paths": {"/a/{a_id}": {"get": {"parameters": [parameter("a_id", place="path", **COUNT)]}}}},
        ["breaking request-type-changed path id", "compatible path-parameter-renamed path id"],
    ),
    "a parameter is new": (
        one({}),
        one({"parameters": [parameter()]}),
        ["compatible parameter-added query limit"],
    ),
    "a required parameter is new": (
        one({}),
        one({"parameters": [parameter(required=True)]}),
        ["breaking parameter-added-required query limit"],
    ),
    "a parameter is gone, and one of that name in another place is another": (
        one({"parameters": [parameter()]}),
        one({"parameters": [parameter(place="header")]}),
        ["compatible parameter-added header limit", "risky parameter-removed query limit"],
    ),
    "a parameter has another name": (
        one({"parameters": [parameter("phone_number")]}),
        one({"parameters": [parameter("number", type="string", maxLength=5)]}),
        ["breaking parameter-renamed query phone_number", "breaking request-bounds-tightened query phone_number"],
    ),
    "a parameter becomes required": (
        one({"parameters": [parameter()]}),
        one({"parameters": [{"$ref": "#/components/parameters/limit"}]}, **LIMIT),
        ["breaking parameter-became-required query limit"],
    ),
    "a parameter becomes optional and has another default": (
        one({"parameters": [parameter(required=True, type="string")]}),
        one({"parameters": [parameter(type="string", default="a")]}),
        ["compatible parameter-became-optional query limit", "risky request-default-changed query limit"],
    ),
    "a body is new": (one({}), one({"requestBody": content(TEXT)}), ["compatible request-body-added body"]),
    "a required body is new": (
        one({}),
        one({"requestBody": {"required": True, **content(TEXT)}}),
        ["breaking request-body-added-required body"],
    ),
    "a body is gone": (one({"requestBody": content(TEXT)}), one({}), ["risky request-body-removed body"]),
    "a body becomes required": (
        one({"requestBody": content(TEXT)}),
        one({"requestBody": {"required": True, **content(TEXT)}}),
        ["breaking request-body-became-required body"],
    ),
    "a body becomes optional": (
        one({"requestBody": {"required": True, **content(TEXT)}}),
        one({"requestBody": content(TEXT)}),
        ["compatible request-body-became-optional body"],
    ),
    "a body is sent in another way": (
        one({"requestBody": content(TEXT)}),
        one({"requestBody": content(TEXT, "multipart/form-data")}),
        ["breaking request-media-type-removed body", "compatible request-media-type-added body"],
    ),
    "a charset does not make another media type": (
        one({"requestBody": content(TEXT)}),
        one({"requestBody": content(TEXT, "application/json; charset=utf-8")}),
        [],
    ),
    "a success has another status, and its body is compared": (
        one(answer(_201=content(TEXT))),
        one(answer(_200=content(COUNT))),
        ["breaking response-type-changed response 200", "breaking success-status-changed response 201"],
    ),
    "successes are new and gone": (
        one(answer(_200=content(TEXT))),
        one(answer(_200=content(TEXT), _202=content(TEXT))),
        ["risky success-status-added response 202"],
    ),
    "a success is gone": (
        one(answer(_200=content(TEXT), _202=content(TEXT))),
        one(answer(_200=content(TEXT))),
        ["breaking success-status-removed response 202"],
    ),
    "errors come and go": (
        one(answer(_404={})),
        one(answer(_409={})),
        ["compatible error-status-added response 409", "compatible error-status-removed response 404"],
    ),
    "there is no body any more": (
        one(answer(_200=content(TEXT))),
        one(answer(_200={})),
        ["breaking response-body-removed response 200"],
    ),
    "there is a body now": (
        one(answer(_200={})),
        one(answer(_200=content(TEXT))),
        ["compatible response-body-added response 200"],
    ),
    "JSON is JSON whatever it is called": (
        one(answer(_200=content(TEXT))),
        one(answer(_200=content(COUNT, "application/problem+json"))),
        [
            "breaking response-media-type-removed response 200",
            "breaking response-type-changed response 200",
            "compatible response-media-type-added response 200",
        ],
    ),
    "a header is read in any case": (
        one(answer(_200={"headers": {"X-Left": {"schema": COUNT}, "X-Old": {"schema": TEXT}}})),
        one(answer(_200={"headers": {"x-left": {"schema": TEXT}, "X-New": {"schema": TEXT}}})),
        [
            "breaking response-type-changed response 200 header x-left",
            "compatible response-header-added response 200 header x-new",
            "risky response-header-removed response 200 header x-old",
        ],
    ),
    "a key is asked for": (
        one({}, **KEY),
        one({"security": [{"key": []}]}, **KEY),
        ["breaking security-required security"],
    ),
    "a key is not needed any more": (
        one({"security": [{"key": []}]}, **KEY),
        one({"security": [{"key": []}, {}]}, **KEY),
        ["compatible security-dropped security"],
    ),
    "another kind of key, whatever its name": (
        one({"security": [{"key": []}]}, **KEY),
        one({"security": [{"key": []}]}, **BASIC),
        ["breaking security-option-removed security", "compatible security-option-added security"],
    ),
    "another server": (
        {"servers": [{"url": "https://one.example"}]},
        {"servers": [{"url": "https://two.example"}]},
        ["risky servers-changed servers"],
    ),
    "an event is new": ({}, {"webhooks": {"call.ended": event(TEXT)}}, ["compatible event-added call.ended"]),
    "an event is gone": ({"webhooks": {"call.ended": event(TEXT)}}, {}, ["breaking event-removed call.ended"]),
    "what an event brings is received, what it asks for is sent": (
        {"webhooks": {"call.ended": event(just("a"), just("a"))}},
        {"webhooks": {"call.ended": event(just("a", "b"), just("a", "b"))}},
        ["breaking response-enum-widened body", "compatible request-enum-widened answer"],
    ),
    "an event asks now": (
        {"webhooks": {"call.ended": event(TEXT)}},
        {"webhooks": {"call.ended": event(TEXT, TEXT)}},
        ["breaking event-answer-required answer"],
    ),
    "an event does not ask any more": (
        {"webhooks": {"call.ended": event(TEXT, TEXT)}},
        {"webhooks": {"call.ended": event(TEXT)}},
        ["risky event-answer-removed answer"],
    ),
    "an event comes with another header": (
        {"webhooks": {"call.ended": event(TEXT, parameters=[parameter("X-Signature", place="header")])}},
        {"webhooks": {"call.ended": event(TEXT)}},
        ["risky response-header-removed header x-signature"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents(name: str) -> None:
    old, new, expected = DOCUMENTS[name]

    assert told(compared(old, new)) == expected


PAIRS = [
    *((document[0], document[1]) for document in DOCUMENTS.values()),
    *((sending(pair[0]), sending(pair[1])) for pair in SCHEMAS.values()),
    *((receiving(pair[0]), receiving(pair[1])) for pair in SCHEMAS.values()),
]


@pytest.mark.parametrize("pair", PAIRS)
def test_the_way_back_is_the_reverse(pair: tuple[Json, Json]) -> None:
    old, new = pair

    assert families(compared(new, old)) == families(compared(old, new), backwards=True)
    assert not compared(old, old).changes


def test_every_rule_has_a_pair_that_shows_it() -> None:
    expected = [
        *(line for _, _, lines in DOCUMENTS.values() for line in lines),
        *(line for _, _, sent, received in SCHEMAS.values() for line in (*sent, *received)),
    ]

    assert {line.split()[1] for line in expected} == RULES.keys()
    assert {tuple(line.split()[:2]) for line in expected} == {
        (str(rule.severity), code) for code, rule in RULES.items()
    }
