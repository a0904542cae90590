"""Rows of field and parameter tables as JSON schemas."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from mockserver.compiler.columns import Column
from mockserver.compiler.problems import Place, Problems
from mockserver.compiler.prose import NOTHING, Said, read_constraints, read_literal
from mockserver.compiler.rows import NO, NONE, YES, Row
from mockserver.compiler.typewords import Schema, UnknownType, nullable_schema, read_type, strip_markup


@dataclass(frozen=True, slots=True)
class Field:
    """One field or parameter. `schema` is None where the row does not say the type."""

    name: str
    schema: Schema | None
    nullable: bool
    required: bool | None
    description: str
    place: Place
    invented: bool = False
    location: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


def fields_of(rows: Iterable[Row], page: str, problems: Problems, names: Collection[str] | None) -> list[Field]:
    """The fields that `rows` describe; a row may name several. What a row says twice or wrongly is reported."""
    found: list[Field] = []
    lines: dict[str, int] = {}
    for row in rows:
        for each in _read(row, Place(page, row.line), problems, names):
            if each.name in lines:
                problems.report(each.place, f"{each.name!r} is described twice; first on line {lines[each.name]}")
                continue
            lines[each.name] = row.line
            found.append(each)
    return found


def _read(row: Row, place: Place, problems: Problems, names: Collection[str] | None) -> list[Field]:
    nullable, required = False, None
    schema: Schema | None = None
    if row.get(Column.TYPE):
        try:
            reading = read_type(row.get(Column.TYPE), names)
        except UnknownType as error:
            problems.report(place, str(error))
            return []
        schema, nullable, required = reading.schema, reading.nullable, reading.required
    if row.has(Column.REQUIRED):
        word = strip_markup(row.get(Column.REQUIRED)).lower().rstrip("*.")
        required = YES.get(word, NO.get(word, False))
    base = (schema or {}).get("type") if schema is not None else None
    said = _constraints(row, schema, base if isinstance(base, str) else None)
    for problem in said.problems:
        problems.report(place, f"{row.get(Column.NAME)}: {problem}")
    for note in said.notes:
        problems.note(place, f"{row.get(Column.NAME)}: {note}")
    nullable = nullable or said.nullable
    keywords = dict(said.keywords)
    written = row.get(Column.DEFAULT)
    if strip_markup(written).lower() not in NONE:
        value = read_literal(written, base if isinstance(base, str) else None)
        if value is NOTHING or (value is None and not nullable):
            problems.report(place, f"the default {written} of {row.get(Column.NAME)} is not a value of its type")
        elif "default" in keywords and keywords["default"] != value:
            problems.report(place, f"two defaults for {row.get(Column.NAME)}: {value} and {keywords['default']}")
        else:
            keywords["default"] = value
    if schema is None and ("enum" in keywords or "const" in keywords):
        schema = _type_of_values(keywords)
    if schema is not None:
        schema = _merged(schema, keywords)
        _check_default(schema, row, place, problems)
    names_cell = re.sub(r"(?<=\w)[*†]+$", "", strip_markup(row.get(Column.NAME)))
    return [
        Field(
            name=name.strip(),
            schema=schema,
            nullable=nullable,
            required=required,
            description=_description(said, row),
            place=place,
            invented=said.invented,
            location=strip_markup(row.get(Column.LOCATION)).lower(),
        )
        for name in re.split(r"\s*(?:,|\band\b|/)\s*", names_cell)
    ]


def _type_of_values(keywords: dict[str, Any]) -> Schema | None:
    """The type of a field whose row only lists its values: text, or true and false; None for digits."""
    values = keywords.get("enum", [keywords.get("const")])
    if set(values) == {"true", "false"}:
        del keywords["enum"]
        return {"type": "boolean"}
    if all(re.fullmatch(r"-?\d+(\.\d+)?", value) for value in values):
        return None
    return {"type": "string"}


def _constraints(row: Row, schema: Schema | None, base: str | None) -> Said:
    text, allowed = row.get(Column.TEXT), row.get(Column.ALLOWED)
    if schema is not None and base is None:
        return Said(text=read_constraints(text, "object").text, invented="[invented]" in text + allowed)
    said = read_constraints(text, base, allowed=allowed)
    items = (schema or {}).get("items")
    if base == "array" and isinstance(items, dict) and items.get("type") == "string" and "`" in text + allowed:
        inner = read_constraints(text, "string", allowed=allowed)
        if "enum" in inner.keywords:
            return Said(
                {**said.keywords, "items": {**items, "enum": inner.keywords["enum"]}},
                said.problems,
                said.invented,
                said.nullable,
                said.text,
            )
    return said


def _description(said: Said, row: Row) -> str:
    allowed = row.get(Column.ALLOWED)
    parts = [said.text]
    if allowed and not said.text:
        parts.append(re.sub(r"\s*\[invented\]", "", allowed, flags=re.I))
    return strip_emphasis(" ".join(part for part in parts if part))


def described(texts: Sequence[str]) -> tuple[str, bool]:
    """The texts as one description, and whether they are marked [invented]."""
    text = strip_emphasis(" ".join(part for part in texts if part))
    return re.sub(r"\s*\[invented\]", "", text, flags=re.I).strip(), "[invented]" in text.lower()


def strip_emphasis(text: str) -> str:
    """Description text as it is shown: code marks stay, link targets and emphasis go."""
    text = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", text)
    return re.sub(r"\*\*(.+?)\*\*", r"\1", text).replace("\\|", "|").strip()


def _merged(schema: Schema, keywords: dict[str, Any]) -> Schema:
    if "const" in keywords:
        return {**schema, "const": keywords["const"]}
    return {**schema, **keywords}


def _check_default(schema: Schema, row: Row, place: Place, problems: Problems) -> None:
    if "default" not in schema or schema["default"] is None:
        return
    value = schema["default"]
    wrong = ("enum" in schema and value not in schema["enum"]) or (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and not schema.get("minimum", value) <= value <= schema.get("maximum", value)
    )
    if wrong:
        problems.report(
            place, f"the default {value} of {row.get(Column.NAME)} is not one of its own allowed values"
        )


def finished(each: Field, source: str) -> Schema:
    """The schema of a field as the document shows it: null added, described, with its provenance."""
    schema = dict(each.schema or {})
    default = schema.pop("default", NOTHING)
    if each.nullable:
        schema = nullable_schema(schema)
    if each.description:
        schema["description"] = each.description
    if default is not NOTHING:
        schema["default"] = default
    if each.invented:
        schema["x-invented"] = True
    schema["x-source"] = source
    return schema
