"""JSON as documentation writes it: with comments, elisions and trailing commas, and with line numbers kept."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["object", "array", "string", "integer", "number", "boolean", "null", "elision"]

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
_WORD = re.compile(r"[A-Za-z_]\w*")
_ELISION = re.compile(r"\.\.\.|…")
_CONSTANTS: dict[str, tuple[Kind, Any]] = {
    "true": ("boolean", True),
    "false": ("boolean", False),
    "null": ("null", None),
}
_DEEPEST = 60


class NotJson(Exception):
    """The text is not JSON, even read leniently; `line` is where it stops making sense."""

    def __init__(self, line: int, text: str) -> None:
        self.line = line
        super().__init__(text)


@dataclass(frozen=True, slots=True)
class Node:
    """A JSON value with its line. `comment` is what a comment inside it says; `elided` that it had `...`."""

    kind: Kind
    line: int
    value: Any = None
    members: dict[str, "Node"] = field(default_factory=dict)
    items: tuple["Node", ...] = ()
    comment: str = ""
    elided: bool = False

    def plain(self) -> Any:
        """The value as plain Python; elided parts are left out."""
        if self.kind == "object":
            return {name: node.plain() for name, node in self.members.items() if node.kind != "elision"}
        if self.kind == "array":
            return [node.plain() for node in self.items if node.kind != "elision"]
        return self.value

    def complete(self) -> bool:
        """Whether nothing was elided or replaced by a comment, so that the value can be shown as an example."""
        if self.kind == "elision" or self.elided or (self.comment and not self.items and not self.members):
            return False
        return all(node.complete() for node in (*self.members.values(), *self.items))

    def walk(self, path: str = "") -> Iterator[tuple[str, "Node"]]:
        """Every object and array inside, with its path: "", "transcripts[]", "cost.breakdown"."""
        yield path, self
        for name, node in self.members.items():
            if node.kind in ("object", "array"):
                yield from node.walk(f"{path}.{name}" if path else name)
        for node in self.items[:1]:
            if node.kind in ("object", "array"):
                yield from node.walk(f"{path}[]")


def read_json(text: str, start: int, line: int) -> tuple[Node, int]:
    """The value that begins at `text[start]` (which is on page line `line`) and the index after it.

    Raises NotJson.
    """
    reader = _Reader(text, start, line)
    node = reader.value(0)
    return node, reader.at


class _Reader:
    def __init__(self, text: str, at: int, line: int) -> None:
        self.text = text
        self.at = at
        self._start = at
        self._line = line

    def line(self) -> int:
        return self._line + self.text.count("\n", self._start, self.at)

    def fail(self, text: str) -> NotJson:
        return NotJson(self.line(), text)

    def skip(self) -> str:
        """Pass white space and comments; returns what the comments say."""
        said = []
        while self.at < len(self.text):
            if self.text[self.at].isspace():
                self.at += 1
            elif self.text.startswith("/*", self.at):
                end = self.text.find("*/", self.at)
                if end < 0:
                    raise self.fail("a comment is never closed")
                said.append(self.text[self.at + 2 : end].strip())
                self.at = end + 2
            elif self.text.startswith("//", self.at):
                end = self.text.find("\n", self.at)
                end = len(self.text) if end < 0 else end
                said.append(self.text[self.at + 2 : end].strip())
                self.at = end
            else:
                break
        return " ".join(said)

    def value(self, depth: int) -> Node:
        if depth > _DEEPEST:
            raise self.fail("nested too deeply")
        self.skip()
        line = self.line()
        char = self.text[self.at : self.at + 1]
        if char == "{":
            return self.object(depth)
        if char == "[":
            return self.array(depth)
        if char == '"':
            return Node("string", line, self.string())
        if elision := _ELISION.match(self.text, self.at):
            self.at = elision.end()
            return Node("elision", line, elided=True)
        if number := _NUMBER.match(self.text, self.at):
            self.at = number.end()
            if number[1] or number[2]:
                return Node("number", line, float(number[0]))
            return Node("integer", line, int(number[0]))
        if (word := _WORD.match(self.text, self.at)) and word[0] in _CONSTANTS:
            self.at = word.end()
            kind, value = _CONSTANTS[word[0]]
            return Node(kind, line, value)
        raise self.fail(
            f"{self.text[self.at : self.at + 12]!r} is not a JSON value" if char else "the JSON ends early"
        )

    def string(self) -> str:
        import json

        end = self.at + 1
        while end < len(self.text) and self.text[end] not in '"\n':
            end += 2 if self.text[end] == "\\" else 1
        if self.text[end : end + 1] != '"':
            raise self.fail("a string is never closed")
        literal = self.text[self.at : end + 1]
        try:
            text = json.loads(literal)
        except ValueError:
            raise self.fail(f"{literal} is not a JSON string") from None
        self.at = end + 1
        assert isinstance(text, str)
        return text

    def object(self, depth: int) -> Node:
        line = self.line()
        self.at += 1
        members: dict[str, Node] = {}
        comment, elided = "", False
        while True:
            comment = " ".join(filter(None, [comment, self.skip()]))
            if self.text[self.at : self.at + 1] == "}":
                self.at += 1
                return Node("object", line, members=members, comment=comment, elided=elided)
            if mark := _ELISION.match(self.text, self.at):
                self.at, elided = mark.end(), True
            else:
                if self.text[self.at : self.at + 1] != '"':
                    raise self.fail("expected a field name in double quotes")
                name = self.string()
                if name in members:
                    raise self.fail(f"field {name!r} is given twice")
                self.skip()
                if self.text[self.at : self.at + 1] != ":":
                    raise self.fail(f"expected ':' after {name!r}")
                self.at += 1
                members[name] = self.value(depth + 1)
            self._comma("}")

    def array(self, depth: int) -> Node:
        line = self.line()
        self.at += 1
        items: list[Node] = []
        comment, elided = "", False
        while True:
            comment = " ".join(filter(None, [comment, self.skip()]))
            if self.text[self.at : self.at + 1] == "]":
                self.at += 1
                return Node("array", line, items=tuple(items), comment=comment, elided=elided)
            item = self.value(depth + 1)
            if item.kind == "elision":
                elided = True
            else:
                items.append(item)
            self._comma("]")

    def _comma(self, close: str) -> None:
        before = self.at
        self.skip()
        char = self.text[self.at : self.at + 1]
        if char == ",":
            self.at += 1
        elif char == close:
            self.at = before
        else:
            raise self.fail(f"expected ',' or '{close}'")
