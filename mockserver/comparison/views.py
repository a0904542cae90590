"""One schema as the set of values it takes: references followed, `allOf` merged, null set apart."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from mockserver.spec.schema import Schemas

NOTHING: Final[Any] = object()
"""A default that is not given."""

_LOWER = {"minimum": "value", "minLength": "length", "minItems": "items", "minProperties": "properties"}
_UPPER = {"maximum": "value", "maxLength": "length", "maxItems": "items", "maxProperties": "properties"}
_IMPLIED = {"int32": 2**31, "int64": 2**63}
# Keywords that say nothing about values, or that a view tells in its own fields. Everything else, except
# extensions, is kept as a rule that can only be compared as it is written.
_READ = {
    *_LOWER, *_UPPER, "exclusiveMinimum", "exclusiveMaximum", "type", "enum", "const", "format", "pattern",
    "default", "properties", "required", "additionalProperties", "items", "allOf", "anyOf", "oneOf", "$ref",
    "title", "description", "example", "examples", "deprecated", "readOnly", "writeOnly", "externalDocs", "xml",
    "nullable", "$comment", "$id", "$schema", "$anchor", "$defs", "discriminator", "contentEncoding",
    "contentMediaType",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bound:
    """A range. `lower` and `upper` are (value, nudge), the nudge telling a bound that is itself excluded."""

    lower: tuple[float, int] | None = None
    upper: tuple[float, int] | None = None

    def joined(self, other: "Bound") -> "Bound":
        """What both allow."""
        lowers = [each for each in (self.lower, other.lower) if each is not None]
        uppers = [each for each in (self.upper, other.upper) if each is not None]
        return Bound(max(lowers, default=None), min(uppers, default=None))

    def tighter_than(self, other: "Bound") -> bool:
        """Whether one of its ends refuses what `other` takes."""
        low = self.lower is not None and (other.lower is None or self.lower > other.lower)
        high = self.upper is not None and (other.upper is None or self.upper < other.upper)
        return low or high

    def __str__(self) -> str:
        if self.lower is None and self.upper is None:
            return "any"
        if self.lower is None or self.upper is None:
            sign, end = ("≥", self.lower) if self.upper is None else ("≤", self.upper)
            assert end is not None
            return f"{sign if end[1] == 0 else {'≥': '>', '≤': '<'}[sign]} {end[0]:g}"
        dots = f"{'<' if self.lower[1] else ''}…{'<' if self.upper[1] else ''}"
        return f"{self.lower[0]:g}{dots}{self.upper[0]:g}"


@dataclass(frozen=True, slots=True)
class View:
    """What one schema takes, null apart. Fields, items and alternatives are pointers, to be viewed in turn.

    Empty `types` mean any. `extra` is a pointer where undeclared fields have a schema, else whether there may be
    any. `rules` holds what can only be compared as it is written.
    """

    place: str
    types: frozenset[str] = frozenset()
    enum: tuple[Any, ...] | None = None
    format: str | None = None
    patterns: frozenset[str] = frozenset()
    bounds: Mapping[str, Bound] = field(default_factory=dict)
    default: Any = NOTHING
    properties: Mapping[str, str] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    extra: str | bool = True
    items: str | None = None
    alternatives: tuple[str, ...] = ()
    rules: Mapping[str, Any] = field(default_factory=dict)

    @property
    def anything(self) -> bool:
        """Whether it says nothing about types."""
        return not self.types and not self.alternatives and self.enum is None

    @property
    def kinds(self) -> frozenset[str]:
        """The types as disjoint sets of values: a number is an integer or something between."""
        return self.types | {"integer"} if "number" in self.types else self.types

    def bound(self, name: str) -> Bound:
        """Its bound on `value`, `length`, `items` or `properties`."""
        return self.bounds.get(name, Bound())


class Views:
    """The views of one document, each made once."""

    def __init__(self, schemas: Schemas) -> None:
        self.schemas = schemas
        self._views: dict[str, View] = {}
        self._peeled: dict[str, tuple[bool | None, str]] = {}

    def peeled(self, pointer: str) -> tuple[bool | None, str]:
        """Whether the schema takes null (None: it says nothing about types), and where the rest of it stands.

        `X | null` is X with null allowed; X may be a reference.
        """
        if pointer not in self._peeled:
            self._peeled[pointer] = self._peel(pointer)
        return self._peeled[pointer]

    def at(self, pointer: str) -> View:
        """The view of the schema at `pointer`, which need not be peeled."""
        place = self.peeled(pointer)[1]
        if place not in self._views:
            self._views[place] = self._folded(self._made(place, frozenset()))
        return self._views[place]

    def node(self, pointer: str) -> Mapping[str, Any]:
        """The schema as it is written, after its references."""
        return self.schemas.follow(pointer)[1]

    def is_set(self, pointer: str, keyword: str) -> bool:
        """Whether the schema, or one on the way to it, has the boolean `keyword`."""
        written = self.written(pointer)
        return written.get(keyword) is True or self.node(pointer).get(keyword) is True

    def default(self, pointer: str) -> Any:
        """The default of the schema as it is used here: beside its reference, or its own. NOTHING without one."""
        for node in (self.written(pointer), self.node(pointer), self.node(self.peeled(pointer)[1])):
            if "default" in node:
                return node["default"]
        return NOTHING

    def written(self, pointer: str) -> Mapping[str, Any]:
        """The node at `pointer` itself, before any reference is followed."""
        node: Any = self.schemas.raw
        for part in pointer.split("/")[1:]:
            part = part.replace("~1", "/").replace("~0", "~")
            node = node[int(part)] if isinstance(node, list) else node[part]
        return node if isinstance(node, dict) else {}

    def _peel(self, pointer: str) -> tuple[bool | None, str]:
        nullable: bool | None = None
        while True:
            pointer, node = self.schemas.follow(pointer)
            branches = [
                (keyword, index)
                for keyword in ("anyOf", "oneOf")
                for index, branch in enumerate(node.get(keyword, []))
                if isinstance(branch, dict)
            ]
            others = [each for each in branches if not _only_null(node[each[0]][each[1]])]
            if branches and len(others) == 1 and not _says_more(node):
                nullable = True if len(others) < len(branches) else nullable
                pointer = below(pointer, *others[0])
                continue
            if branches and len(others) < len(branches):
                return True, pointer
            if not branches and len(node.get("allOf", [])) == 1 and not _says_more(node, "allOf"):
                pointer = below(pointer, "allOf", 0)
                continue
            types = _types(node)
            if "enum" in node and None in node["enum"] and (not types or "null" in types):
                return True, pointer
            if "null" in types and "enum" not in node and "const" not in node:
                return True, pointer
            says = bool(types or branches or "enum" in node or "const" in node or "allOf" in node)
            return nullable if nullable or not says else False, pointer

    def _made(self, pointer: str, above: frozenset[str]) -> View:
        """The view of the node at `pointer`; `above` are the places whose `allOf` leads here."""
        place, node = self.schemas.follow(pointer)
        view = self._own(place, node)
        for index in range(len(node.get("allOf", []))):
            part_place = self.schemas.follow(below(place, "allOf", index))[0]
            if part_place not in above:
                view = _merged(view, self._made(part_place, above | {place}))
        return view

    def _folded(self, view: View) -> View:
        """The view with alternatives that are nothing but types told as types, which is the same."""
        branches = [self._made(each, frozenset()) for each in view.alternatives]
        if not branches or view.types or any(each != View(each.place, each.types) for each in branches):
            return view
        if any(not each.types for each in branches):
            return replace(view, alternatives=())
        return replace(view, types=frozenset().union(*(each.types for each in branches)), alternatives=())

    def _own(self, place: str, node: Mapping[str, Any]) -> View:
        """What the node itself says, without the parts of its `allOf`."""
        values = list(node["enum"]) if "enum" in node else [node["const"]] if "const" in node else None
        enum = None if values is None else tuple(each for each in values if each is not None)
        types = frozenset(_types(node)) - {"null"}
        if not types and enum is not None:
            types = frozenset(map(_type_of, enum))
        if not types and ("properties" in node or "additionalProperties" in node):
            types = frozenset({"object"})
        extra = node.get("additionalProperties", True)
        return View(
            place=place,
            types=types,
            enum=enum,
            format=node.get("format") if node.get("format") not in _IMPLIED else None,
            patterns=frozenset([node["pattern"]] if "pattern" in node else []),
            bounds=_bounds(node),
            default=node.get("default", NOTHING),
            properties={
                name: below(place, "properties", name)
                for name, schema in node.get("properties", {}).items()
                if schema is not False
            },
            required=frozenset(node.get("required", [])),
            extra=below(place, "additionalProperties")
            if isinstance(extra, dict) and extra
            else extra is not False,
            items=below(place, "items") if isinstance(node.get("items"), dict) else None,
            alternatives=tuple(
                below(place, keyword, index)
                for keyword in ("oneOf", "anyOf")
                for index, branch in enumerate(node.get(keyword, []))
                if isinstance(branch, dict) and not _only_null(branch)
            ),
            rules=_rules(node),
        )


def below(pointer: str, *parts: str | int) -> str:
    """The JSON pointer of something below `pointer`."""
    return pointer + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def _merged(one: View, other: View) -> View:
    """The view of what satisfies both."""
    enum = one.enum if other.enum is None else other.enum
    if one.enum is not None and other.enum is not None:
        enum = tuple(each for each in one.enum if each in other.enum)
    return View(
        place=one.place,
        types=one.types & other.types if one.types and other.types else one.types | other.types,
        enum=enum,
        format=one.format or other.format,
        patterns=one.patterns | other.patterns,
        bounds={name: one.bound(name).joined(other.bound(name)) for name in {**one.bounds, **other.bounds}},
        default=one.default if one.default is not NOTHING else other.default,
        properties={**other.properties, **one.properties},
        required=one.required | other.required,
        extra=one.extra if one.extra is not True else other.extra,
        items=one.items or other.items,
        alternatives=one.alternatives or other.alternatives,
        rules=_rules_of_both(one.rules, other.rules),
    )


def _rules(node: Mapping[str, Any]) -> dict[str, Any]:
    """What can only be compared as it is written; with the fields that must be there and are not declared."""
    found = {key: value for key, value in node.items() if key not in _READ and not key.startswith("x-")}
    if missing := sorted(set(node.get("required", [])) - node.get("properties", {}).keys()):
        found["required"] = missing
    return found


def _rules_of_both(one: Mapping[str, Any], other: Mapping[str, Any]) -> Mapping[str, Any]:
    """Rules that parts of an `allOf` state; the same keyword may stand in several, each holding for itself."""
    found = dict(one)
    for key, value in other.items():
        found[key] = [found[key], value] if key in found else value
    return found


def _bounds(node: Mapping[str, Any]) -> dict[str, Bound]:
    lower: dict[str, tuple[float, int]] = {}
    upper: dict[str, tuple[float, int]] = {}
    implied = _IMPLIED.get(node["format"]) if isinstance(node.get("format"), str) else None
    for keyword, name in _LOWER.items():
        if _is_number(node.get(keyword)) and not (name != "value" and node[keyword] == 0):
            lower[name] = (node[keyword], 0)
    for keyword, name in _UPPER.items():
        if _is_number(node.get(keyword)):
            upper[name] = (node[keyword], 0)
    if _is_number(node.get("exclusiveMinimum")):
        lower["value"] = max(lower.get("value", (float("-inf"), 0)), (node["exclusiveMinimum"], 1))
    if _is_number(node.get("exclusiveMaximum")):
        upper["value"] = min(upper.get("value", (float("inf"), 0)), (node["exclusiveMaximum"], -1))
    if implied is not None:  # what every integer of that format has is nobody's decision
        if lower.get("value", (0, 0))[0] == -implied:
            del lower["value"]
        if upper.get("value", (0, 0))[0] == implied - 1:
            del upper["value"]
    return {name: Bound(lower.get(name), upper.get(name)) for name in {**lower, **upper}}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _says_more(node: Mapping[str, Any], *but: str) -> bool:
    """Whether a node says something about values besides naming its alternatives or parts."""
    telling = {"properties", "allOf", "required", "enum", "const", "items", "additionalProperties"}
    return bool(node.keys() & telling - set(but))


def _only_null(node: Mapping[str, Any]) -> bool:
    return _types(node) == {"null"} or ("const" in node and node["const"] is None) or node.get("enum") == [None]


def _types(node: Mapping[str, Any]) -> set[str]:
    found = node.get("type", [])
    return {found} if isinstance(found, str) else set(found)


def _type_of(value: Any) -> str:
    """The JSON type of a value that is not null."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"
