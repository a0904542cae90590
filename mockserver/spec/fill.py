"""A value for a field that nobody gave: the same for the same parts, and valid.

In order: the schema's default, null where it may be null, its constant, its first enumerated value, its first
example, an empty list or object, and then a generated value within its bounds.
"""

from collections.abc import Mapping
from typing import Any, Final

from mockserver import chance
from mockserver.chance import Part
from mockserver.errors import SpecError
from mockserver.spec.schema import Schema

_WORDS: Final = (
    *("able", "about", "after", "again", "along", "answer", "around", "back", "base", "begin"),
    *("better", "board", "bring", "call", "care", "change", "clear", "close", "come", "cover", "day"),
    *("detail", "early", "even", "field", "find", "first", "follow", "forward", "give", "glad"),
    *("good", "ground", "group", "hand", "head", "help", "high", "home", "house", "idea", "keep"),
    *("kind", "large", "late", "lead", "learn", "leave", "level", "light", "line", "list", "little"),
    *("local", "long", "main", "matter", "meet", "middle", "month", "morning", "name", "near"),
    *("need", "next", "note", "number", "office", "often", "open", "order", "other", "paper", "part"),
    *("people", "place", "plan", "point", "quick", "quiet", "reach", "ready", "real", "reason"),
    *("rest", "right", "room", "second", "seem", "side", "simple", "small", "speak", "stand"),
    *("start", "state", "step", "story", "street", "support", "table", "take", "talk", "team"),
    *("thing", "think", "time", "together", "turn", "under", "until", "very", "visit", "voice"),
    *("wait", "walk", "water", "week", "while", "window", "word", "work", "world", "year", "young"),
)


class Filler:
    """Makes missing values."""

    def value(self, schema: Schema, *parts: Part, now: str) -> Any:
        """A value that satisfies `schema`, determined by `parts`; `now` is for times without a default.

        Raises SpecError when none can be made up, as for a pattern without an example.
        """
        made = self._value(schema, parts, now)
        if not schema.accepts(made):
            raise SpecError(
                f"{schema.schemas.name}: no value could be made up for #{schema.pointer} (tried {made!r}). "
                "Give the schema an `example` or a `default`."
            )
        return made

    def example(self, schema: Schema, *parts: Part, now: str) -> Any:
        """A value with every declared field, for an answer that nothing else decides."""
        node = schema.node
        if "default" in node or "const" in node or "enum" in node or "example" in node or "examples" in node:
            return self._value(schema, parts, now)
        if schema.properties:
            return {name: self.example(each, *parts, name, now=now) for name, each in schema.properties.items()}
        if schema.branches:
            return self.example(schema.branches[0], *parts, now=now)
        return self._value(schema, parts, now)

    def _value(self, schema: Schema, parts: tuple[Part, ...], now: str) -> Any:
        node = schema.node
        if "default" in node:
            return node["default"]
        if schema.nullable:
            return None
        if "const" in node:
            return node["const"]
        if "enum" in node:
            return node["enum"][0]
        for given in (*node.get("examples", ()), *([node["example"]] if "example" in node else ())):
            return given
        if schema.branches:
            return self._value(schema.branches[0], parts, now)
        if schema.properties or "object" in schema.types:
            return {
                name: self._value(schema.properties[name], (*parts, name), now)
                for name in schema.properties
                if name in schema.required
            }
        return self._scalar(schema, parts, now)

    def _scalar(self, schema: Schema, parts: tuple[Part, ...], now: str) -> Any:
        node = schema.node
        if "array" in schema.types:
            count = node.get("minItems", 0)
            return [self._value(schema.sub("items"), (*parts, index), now) for index in range(count)]
        if "boolean" in schema.types:
            return False
        if "integer" in schema.types or "number" in schema.types:
            return _number(node)
        if "string" in schema.types:
            return self._text(node, parts, now)
        return {}

    def _text(self, node: Mapping[str, Any], parts: tuple[Part, ...], now: str) -> str:
        chosen = chance.number(*parts, bits=32)
        made = {
            "date-time": now,
            "date": now[:10],
            "time": now[11:],
            "uuid": chance.uuid_of(*parts),
            "email": f"user{chosen}@example.com",
            "uri": f"https://example.com/{chosen}",
            "hostname": f"host{chosen}.example.com",
            "ipv4": f"192.0.2.{chosen % 256}",
            "ipv6": f"2001:db8::{chosen % 65536:x}",
            "byte": "",
        }.get(node.get("format", ""))
        if made is not None:
            return made
        least, most = node.get("minLength", 0), node.get("maxLength", 60)
        words = chance.generator(*parts)
        text = " ".join(words.choice(_WORDS) for _ in range(4)).capitalize()
        while len(text) < least:
            text += " " + words.choice(_WORDS)
        return text[:most].strip().ljust(least, "x")


def _number(node: Mapping[str, Any]) -> int | float:
    """The number nearest to zero within the bounds."""
    low = node.get("minimum", node.get("exclusiveMinimum", 0) + 1 if "exclusiveMinimum" in node else None)
    high = node.get("maximum", node.get("exclusiveMaximum", 0) - 1 if "exclusiveMaximum" in node else None)
    value: int | float = 0
    if low is not None and value < low:
        value = low
    if high is not None and value > high:
        value = high
    step = node.get("multipleOf")
    if step:
        value = -(-value // step) * step
    return value
