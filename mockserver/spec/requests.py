"""Is a request what the operation declares? Text from path and query becomes typed values on the way."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import orjson

from mockserver.clock import iso, parse_iso
from mockserver.errors import ApiError, InvalidInput, NotFound, nearest
from mockserver.spec import public_ids
from mockserver.spec.document import Operation, Parameter, is_json
from mockserver.spec.forms import is_form, read_form, typed, without_files
from mockserver.spec.redaction import Redaction
from mockserver.spec.schema import Schema, Violation

_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)", re.ASCII)
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)
_LARGEST_ID = 2**63 - 1

# Keywords that leave every positive integer of up to 18 digits valid, bounds aside.
_PLAIN = {"type", "format", "description", "title", "example", "examples", "x-source", "minimum", "maximum"}

DEEPEST = 64
"""How deep a JSON body may be nested (our limit; no vendor page gives one)."""


class Absent:
    """The type of ABSENT."""

    def __repr__(self) -> str:
        return "ABSENT"

    def __bool__(self) -> bool:
        return False


ABSENT = Absent()
"""The body of a request that has none, which is not the same as the JSON value null."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A name in a request that is not declared. `place` is "query parameter" or "body field"."""

    place: str
    name: str


class Checked(NamedTuple):
    """The typed values of a valid request.

    `body` is ABSENT when none was sent, and has declared fields only. `unknown` are the other names sent.
    """

    path: dict[str, Any]
    query: Mapping[str, Any]
    body: Any
    unknown: tuple["Unknown", ...]


class RequestCheck:
    """Checks requests of one operation. `redaction` hides what its body keeps secret; None for most."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        schemas = {each.name: each.schema for each in operation.parameters if each.location == "path"}
        self._path = [(name, schemas[name], _is_plain_integer(schemas[name])) for name in operation.path_names]
        self._query = {each.name: each for each in operation.query()}
        self.redaction = Redaction.of(operation)

    def path(self, values: Sequence[str]) -> dict[str, Any]:
        """The path's parameters as typed values. Raises NotFound for one that no resource can have."""
        typed: dict[str, Any] = {}
        for (name, schema, plain_integer), text in zip(self._path, values, strict=True):
            if plain_integer and len(text) < 19 and text.isascii() and text.isdigit() and text[0] != "0":
                typed[name] = int(text)  # nearly every path: no need to ask the validator
                continue
            value = _public(text, schema) if "x-public-id" in schema.node else _coerced(text, schema)
            public = isinstance(value, int) and "string" in schema.types
            if value is _UNFIT or not (public or schema.accepts(value)) or "\0" in text:
                raise NotFound(f"Not found: {name} {_shown(text)} is no {_described(schema)}.")
            if isinstance(value, int) and abs(value) > _LARGEST_ID:
                raise NotFound(f"Not found: {name} {_shown(text)} is larger than any id.")
            typed[name] = value
        return typed

    def query(self, text: str, problems: dict[str, list[str]]) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The query's parameters as typed values, defaults filled in, and the names nobody declared.

        What is wrong goes into `problems` by parameter.
        """
        if not text:
            self._missing(self.defaults, problems)
            return self.defaults.copy(), ()
        given: dict[str, list[str]] = {}
        for name, value in parse_qsl(text, keep_blank_values=True):
            given.setdefault(name, []).append(value)
        typed = self.defaults.copy()
        for name in given.keys() & self._query.keys():
            value = self._query_value(self._query[name], given[name], problems)
            if value is not _UNFIT:
                typed[name] = value
        self._missing({**self.defaults, **given}, problems)
        return typed, tuple(name for name in given if name not in self._query)

    def body(self, raw: bytes, content_type: str | None, problems: dict[str, list[str]]) -> tuple[Any, list[str]]:
        """The body as JSON with its declared fields only, or ABSENT; and the names of the other fields.

        What is wrong goes into `problems` by field. Raises ApiError 415 for a media type that is not
        declared, 400 for text that is not JSON.
        """
        declared = self.operation.body
        if declared is None:
            return ABSENT, []
        if not raw:
            if declared.required:
                for each in declared.content.values():
                    refuse_in_words(each, "required")
                problems.setdefault("detail", []).append("A request body is required.")
            return ABSENT, []
        media_type = "" if content_type is None else content_type
        schema = self._body_schema(media_type)
        if is_form(media_type):
            value = typed(read_form(raw, media_type), schema)
            judged = without_files(value)
        elif is_json(media_type):
            value = judged = _json(raw)
        else:
            return raw, []
        for violation in schema.violations(judged):
            if len(violation.path) <= 1:
                refuse_in_words(schema, violation.keyword)
            if self.redaction is not None and self.redaction.quotes(violation.path):
                violation = replace(violation, message=f"Its {violation.keyword} is not what is declared.")
            note(violation, problems)
        if not isinstance(value, dict) or not schema.properties or schema.keeps_extra:
            return value, []
        unknown = [name for name in value if name not in schema.properties]
        declared_fields = schema.properties
        return {
            name: _as_kept(value[name], declared_fields[name]) for name in value if name in declared_fields
        }, unknown

    @cached_property
    def bare(self) -> bool:
        """Whether a request without a query needs no look beyond its path."""
        return self.operation.body is None and not any(each.required for each in self._query.values())

    @cached_property
    def defaults(self) -> dict[str, Any]:
        """The declared values of query parameters left out."""
        return {
            name: parameter.schema.node["default"]
            for name, parameter in self._query.items()
            if "default" in parameter.schema.node
        }

    def _missing(self, given: Mapping[str, Any], problems: dict[str, list[str]]) -> None:
        for name, parameter in self._query.items():
            if parameter.required and name not in given:
                problems.setdefault(name, []).append("This query parameter is required.")

    def _query_value(self, parameter: Parameter, texts: list[str], problems: dict[str, list[str]]) -> Any:
        schema = parameter.schema
        complaints = problems.setdefault
        if any("\0" in text for text in texts):
            complaints(parameter.name, []).append("Null characters are not allowed.")
            return _UNFIT
        if "array" in schema.types:
            items = schema.sub("items") if "items" in schema.node else schema
            parts = texts if len(texts) > 1 else texts[0].split(",")
            value: Any = [_coerced(part, items) for part in parts]
            unfit = any(each is _UNFIT for each in value)
        elif len(texts) > 1:
            complaints(parameter.name, []).append(f"Given {len(texts)} times; give it once.")
            return _UNFIT
        else:
            value = _coerced(texts[0], schema)
            unfit = value is _UNFIT
        if unfit:
            complaints(parameter.name, []).append(f"{_shown(texts[0])} is no {_described(schema)}.")
            return _UNFIT
        broken = [violation.message for violation in schema.violations(value)]
        if broken:
            complaints(parameter.name, []).extend(broken)
            return _UNFIT
        return _as_kept(value, schema)

    def _body_schema(self, content_type: str) -> Schema:
        declared = self.operation.body
        assert declared is not None, "only asked for operations with a body"
        essence = content_type.partition(";")[0].strip().lower()
        for media_type, schema in declared.content.items():
            if media_type.lower() == essence or media_type == "*/*":
                return schema
        known = ", ".join(declared.content)
        shown = f'"{essence}"' if essence else "none at all"
        raise ApiError(f"Unsupported media type {shown} in request; this operation takes {known}.", status=415)


def check_request(
    check: RequestCheck, values: Sequence[str], query: str, raw: bytes, content_type: str | None
) -> Checked:
    """The typed request. Raises NotFound for an impossible path, InvalidInput naming every wrong field."""
    path = check.path(values)
    if check.bare and not query:
        return Checked(path, check.defaults, ABSENT, ())
    problems: dict[str, list[str]] = {}
    typed_query, unknown_parameters = check.query(query, problems)
    body, unknown_fields = check.body(raw, content_type, problems)
    if problems:
        raise InvalidInput(problems)
    unknown = [Unknown("query parameter", name) for name in unknown_parameters]
    unknown += [Unknown("body field", name) for name in unknown_fields]
    return Checked(path, typed_query, body, tuple(unknown))


def refuse_in_words(schema: Schema, keyword: str) -> None:
    """Raise ApiError when the document says in words how a body that breaks this keyword is refused.

    `x-refusals` on a body's schema maps a keyword, broken by the body itself or a field of it, to the `detail`.
    """
    text = schema.node.get("x-refusals", {}).get(keyword)
    if text is not None:
        raise ApiError(text)


def note(violation: Violation, problems: dict[str, list[str]]) -> None:
    """Add a violation of a body to `problems`, under the field it concerns."""
    if not violation.path:
        problems.setdefault("detail", []).append(violation.message)
        return
    top, *rest = violation.path
    if violation.keyword == "required" and not rest:
        message = "This field is required."
    elif violation.keyword == "pattern" and "\\u0000" in violation.message:
        message = "Null characters are not allowed."  # the pattern that keeps them out would explain nothing
    else:
        message = violation.message
    if rest:
        message = f"At {'/'.join(map(str, rest))}: {message}"
    messages = problems.setdefault(str(top), [])
    if message not in messages:
        messages.append(message)


def unknown_name(operation: Operation, unknown: Unknown, problem: str) -> str:
    """What to tell someone who sent a name that is not declared, with the nearest that is."""
    if unknown.place == "query parameter":
        declared = [each.name for each in operation.query()]
    else:
        declared = [name for each in _body_schemas(operation) for name in each.properties]
    return f"The {unknown.place} {unknown.name} {problem} ({operation.id}).{nearest(unknown.name, declared)}"


def _body_schemas(operation: Operation) -> list[Schema]:
    return [] if operation.body is None else list(operation.body.content.values())


def _as_kept(value: Any, schema: Schema) -> Any:
    """A valid value as the store keeps it.

    A whole number is an integer where the schema wants one: in JSON, 5.0 is the integer 5. A public id is the
    number it stands for; one that stands for none stays as it is.
    """
    if isinstance(value, str) and "x-public-id" in schema.node:
        number = public_ids.meant(schema.node["x-public-id"], value)
        return value if number is None else number
    if isinstance(value, float) and "number" not in schema.types and abs(value) <= _LARGEST_ID:
        return int(value)
    return value


_UNFIT: Any = object()


def _public(text: str, schema: Schema) -> Any:
    """The number that a path's public id stands for; a plain number is as good where the schema takes one."""
    number = public_ids.meant(schema.node["x-public-id"], text)
    if number is not None:
        return number
    return _coerced(text, schema) if "integer" in schema.types else _UNFIT


def _coerced(text: str, schema: Schema) -> Any:
    """`text` as a value of the schema's type, or _UNFIT."""
    types = schema.types
    if "string" in types or not types:
        return _time(text) if schema.node.get("format") == "date-time" else text
    if "integer" in types and _INTEGER.fullmatch(text) and len(text) < 40:
        return int(text)
    if "number" in types and _NUMBER.fullmatch(text):
        return float(text)
    if "boolean" in types and text.lower() in ("true", "false", "1", "0"):
        return text.lower() in ("true", "1")
    return _UNFIT


def _json(raw: bytes) -> Any:
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise ApiError(f"JSON parse error - {error}") from None
    if _too_deep(raw, value):
        raise ApiError(f"JSON parse error - nested deeper than {DEEPEST} levels.")
    return value


def _time(text: str) -> Any:
    """A time as the API writes it, or _UNFIT. A `+` that arrived as a space is put back."""
    try:
        return iso(parse_iso(re.sub(r" (\d\d:\d\d)$", r"+\1", text)))
    except (ValueError, OverflowError):
        return _UNFIT


def _described(schema: Schema) -> str:
    """What a schema wants, in words: `integer`, `uuid`, `date-time`."""
    wanted = schema.node.get("format") if "string" in schema.types else None
    return str(wanted) if wanted is not None else " or ".join(sorted(schema.types - {"null"}))


def _shown(text: str) -> str:
    """`text` for a message: quoted, and cut when long."""
    return repr(text if len(text) <= 60 else text[:57] + "...")


def _is_plain_integer(schema: Schema) -> bool:
    node = schema.node
    wide = node.get("minimum", 0) <= 1 and node.get("maximum", _LARGEST_ID) >= 10**18
    return schema.types == {"integer"} and node.keys() <= _PLAIN and wide


def _too_deep(raw: bytes, value: Any) -> bool:
    """Whether a JSON value is nested deeper than DEEPEST levels; most texts have too few brackets to be."""
    if raw.count(b"[") + raw.count(b"{") <= DEEPEST:
        return False
    level = [value]
    for _ in range(DEEPEST + 1):
        level = [
            below
            for each in level
            if isinstance(each, list | dict)
            for below in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return False
    return True
