"""Whether the examples on the pages agree with what the tables beside them say."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from mockserver.compiler.examples import Node
from mockserver.compiler.facts import NamedObject, Reading
from mockserver.compiler.labels import component_name
from mockserver.compiler.problems import Place, Problems
from mockserver.compiler.shapes import TIMESTAMP
from mockserver.compiler.typewords import NAMED, Schema
from mockserver.errors import nearest

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")
_DATE = re.compile(r"\d{4}-\d\d-\d\d$")


def check_examples(reading: Reading, problems: Problems) -> None:
    """Report each place where an example contradicts its schema: types, fields, values, bounds."""
    for check in reading.checks:
        checker = _Checker(reading.objects, check.page, check.what, problems, partial=check.partial)
        checker.check(check.node, check.schema, "")


class _Fault(NamedTuple):
    """What is wrong at a place of an example. One that does not contradict the table is only noted."""

    node: Node
    path: str
    text: str
    contradicts: bool = True


class _Checker:
    def __init__(
        self, objects: Mapping[str, NamedObject], page: str, what: str, problems: Problems, *, partial: bool
    ) -> None:
        self.objects = {component_name(name).lower(): named for name, named in objects.items()}
        self.page = page
        self.what = what
        self.problems = problems
        self.partial = partial

    def check(self, node: Node, schema: Schema, path: str) -> None:
        """Report what is wrong with `node` under `schema`."""
        for fault in self.faults(node, schema, path):
            where = f" at {fault.path}" if fault.path else ""
            tell = self.problems.report if fault.contradicts else self.problems.note
            tell(Place(self.page, fault.node.line), f"{self.what}{where}: {fault.text}")

    def faults(self, node: Node, schema: Schema, path: str) -> list[_Fault]:
        """Every place where example and schema do not agree."""
        if node.kind == "elision":
            return []
        if NAMED in schema:
            named = self.objects.get(component_name(schema[NAMED]).lower())
            return self.faults(node, named.schema, path) if named else []
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                return self.branches(node, schema, keyword, path)
        kinds = schema.get("type")
        if kinds is None:
            return []
        allowed = kinds if isinstance(kinds, list) else [kinds]
        if node.kind not in allowed and not (node.kind == "integer" and "number" in allowed):
            return [
                _Fault(
                    node, path, f"{_shown(node)} is {_article(node.kind)}, the table says {' or '.join(allowed)}"
                )
            ]
        if node.kind == "object":
            return self.object(node, schema, path)
        if node.kind == "array" and isinstance(schema.get("items"), dict):
            return [
                fault
                for index, item in enumerate(node.items)
                for fault in self.faults(item, schema["items"], f"{path}[{index}]")
            ]
        text = _value_fault(node, schema)
        return [_Fault(node, path, text)] if text else []

    def branches(self, node: Node, schema: Schema, keyword: str, path: str) -> list[_Fault]:
        attempts = [self.faults(node, branch, path) for branch in schema[keyword]]
        for attempt in attempts:
            if not any(fault.contradicts for fault in attempt):
                return attempt
        if not attempts:
            return []
        return min(attempts, key=len) if node.kind == "object" else attempts[0]

    def object(self, node: Node, schema: Schema, path: str) -> list[_Fault]:
        properties = schema.get("properties")
        if properties is None:
            return []
        found: list[_Fault] = []
        for name, value in node.members.items():
            where = f"{path}.{name}" if path else name
            if name in properties:
                found += self.faults(value, properties[name], where)
            elif isinstance(schema.get("additionalProperties"), dict):
                found += self.faults(value, schema["additionalProperties"], where)
            elif value.kind != "elision":
                found.append(
                    _Fault(value, where, f"the table does not describe this field.{nearest(name, properties)}")
                )
        if not node.elided and not self.partial:
            for name in schema.get("required", ()):
                if name not in node.members:
                    # Documented and not shown: the table is believed, as examples are often shortened.
                    missing = f"the field {name!r} of the table is missing from this example"
                    found.append(_Fault(node, path, missing, contradicts=False))
        return found


def _value_fault(node: Node, schema: Schema) -> str | None:
    value: Any = node.value
    if "const" in schema and value != schema["const"]:
        return f"{value!r} is not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{value!r} is not one of {', '.join(map(str, schema['enum']))}"
    if isinstance(value, str):
        if "maxLength" in schema and len(value) > schema["maxLength"]:
            return f"{len(value)} characters, the table allows {schema['maxLength']}"
        if len(value) < schema.get("minLength", 0):
            return f"{len(value)} characters, the table asks for {schema['minLength']}"
        if "pattern" in schema and not re.search(schema["pattern"], value):
            return f"{value!r} does not match {schema['pattern']}"
        shape = {"date-time": TIMESTAMP, "uuid": _UUID, "date": _DATE}.get(schema.get("format", ""))
        if shape is not None and not shape.match(value) and "..." not in value and "…" not in value:
            return f"{value!r} is not a {schema['format']}"
    elif isinstance(value, int | float) and not isinstance(value, bool):
        if value < schema.get("minimum", value) or value > schema.get("maximum", value):
            return f"{value} is outside {schema.get('minimum', '…')} to {schema.get('maximum', '…')}"
        if value <= schema.get("exclusiveMinimum", value - 1) or value >= schema.get(
            "exclusiveMaximum", value + 1
        ):
            return f"{value} is outside its bounds"
    return None


def _shown(node: Node) -> str:
    return {"object": "{…}", "array": "[…]"}.get(node.kind) or repr(node.value)


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeio" else kind if kind == "null" else f"a {kind}"
