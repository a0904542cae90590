"""A table says the same however it was torn: tidy, without outer pipes, or with no separators at all."""

# ruff: noqa: RUF001 (the dashes that pages use)

import json
from dataclasses import dataclass
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from mockserver.compiler.contract import compile_pages
from mockserver.compiler.pages import page_of
from mockserver.compiler.problems import Problems, UndecidedPages
from mockserver.compiler.rows import split_cells

ENDPOINTS = {
    "tidy": "# Things\n\n## Endpoints\n\n| Method | Path | Description |\n| --- | --- | --- |\n"
    "| GET | /v1/things | List things |\n\n## Thing object\n\n",
    "pipes": "Endpoints\n| Method | Path | Description |\n|---|---|---|\nGET | /v1/things | List things |\n"
    "Thing object\n",
    "flat": "Endpoints\n\nMethodPathDescription\nGET/v1/thingsList things\n\nThing object\n\n",
}


@dataclass(frozen=True)
class Row:
    """One field: what a table says of it, a value it may have, and the schema that must come out."""

    name: str
    kind: str
    words: str
    value: Any
    schema: dict[str, Any]


names = st.from_regex(r"[a-z][a-z0-9]{0,7}(_[a-z0-9]{1,6}){0,2}", fullmatch=True)
values = st.lists(st.from_regex(r"[a-z][a-z_]{0,6}[a-z]", fullmatch=True), min_size=2, max_size=4, unique=True)
prose = st.sampled_from(
    [
        "The first",
        "How many there are",
        "Seconds from the start",
        "Set by the server. Never changes",
        "E.164 number",
        "Derived",
    ]
)


@st.composite
def rows(draw: st.DrawFn) -> Row:
    name, null = draw(names), draw(st.booleans())
    base = draw(
        st.sampled_from(["integer", "string", "boolean", "number", "timestamp", "enum", "range", "object"])
    )
    words, kind = draw(prose), base
    schema: dict[str, Any] = {"type": base}
    value: Any = {"integer": 7, "string": "x", "boolean": True, "number": 0.5, "object": {}}.get(base)
    if base == "timestamp":
        schema, value = {"type": "string", "format": "date-time"}, "2026-04-20T18:24:10.113Z"
    elif base == "enum":
        items = draw(values)
        kind, words = "string", f"{', '.join(items[:-1])}, or {items[-1]}"
        schema, value = {"type": "string", "enum": items}, items[0]
    elif base == "range":
        low, high = sorted(draw(st.lists(st.integers(0, 9999), min_size=2, max_size=2)))
        kind, words = "integer", f"{low}–{high} of them"
        schema, value = {"type": "integer", "minimum": low, "maximum": high}, low
    if null:
        kind = f"{kind} | null"
        plain = not schema.keys() & {"enum", "format"}
        schema = {**schema, "type": [schema["type"], "null"]} if plain else {"anyOf": [schema, {"type": "null"}]}
    return Row(name, kind, words, value, schema)


tables = st.lists(rows(), min_size=1, max_size=6, unique_by=lambda row: row.name)


def render(style: str, table: list[Row]) -> str:
    example = json.dumps({row.name: row.value for row in table}, indent=2)
    if style == "tidy":
        lines = [f"| {row.name} | {row.kind.replace('|', chr(92) + '|')} | {row.words} |" for row in table]
        shown = f"```json\n{example}\n```"
        return f"{shown}\n\n| Field | Type | Description |\n| --- | --- | --- |\n" + "\n".join(lines)
    if style == "pipes":
        lines = [f"{row.name} | {row.kind} | {row.words} |" for row in table]
        return "| Field | Type | Description |\n|---|---|---|\n" + "\n".join(lines)
    lines = [f"{row.name}{row.kind}{row.words}" for row in table]
    return f"{example}\nFieldTypeDescription\n" + "\n".join(lines)


def read(style: str, table: list[Row]) -> dict[str, Any]:
    problems = Problems()
    page = page_of("page.md", (ENDPOINTS[style] + render(style, table) + "\n").encode(), problems)
    document = compile_pages([page], problems).document
    properties = document["components"]["schemas"]["Thing"]["properties"]
    return {
        name: (schema.pop("description"), {key: value for key, value in schema.items() if key != "x-source"})
        for name, schema in properties.items()
    }


@given(tables)
def test_a_table_reads_the_same_in_every_style(table: list[Row]) -> None:
    said = {row.name: (row.words, row.schema) for row in table}

    for style in ENDPOINTS:
        assert read(style, table) == said, style


@given(st.lists(st.text("abc |`\\x", max_size=8), min_size=1, max_size=4))
def test_cells_survive_escaping(cells: list[str]) -> None:
    plain = [cell.replace("`", "").replace("\\", "").strip() for cell in cells]
    line = "| " + " | ".join(cell.replace("|", "\\|") for cell in plain) + " |"

    assert split_cells(line) == (plain, True, True)


QUERY = {
    "tidy": "\n".join(ENDPOINTS["tidy"].splitlines()[:-2]) + "\n## List things\n\n",
    "pipes": ENDPOINTS["pipes"].replace("Thing object", "List things"),
    "flat": ENDPOINTS["flat"].replace("Thing object", "List things"),
}


@dataclass(frozen=True)
class Parameter:
    """One query parameter with a default, or "" for none."""

    name: str
    kind: str
    default: str
    words: str


@st.composite
def parameters(draw: st.DrawFn) -> Parameter:
    kind = draw(st.sampled_from(["integer", "string", "boolean", "number"]))
    defaults = {
        "integer": st.integers(0, 5000).map(str),
        "string": st.from_regex(r"[a-z]{3,8}", fullmatch=True),
        "boolean": st.sampled_from(["true", "false"]),
        "number": st.sampled_from(["0.5", "2.25"]),
    }
    words = draw(prose | st.just("") | st.just("1–200 at a time") | values.map(", ".join))
    return Parameter(draw(names), kind, draw(st.just("") | defaults[kind]), words)


def render_parameters(style: str, table: list[Parameter]) -> str:
    if style == "tidy":
        head = "| Param | Type | Default | Description |\n| --- | --- | --- | --- |\n"
        return head + "\n".join(f"| {each.name} | {each.kind} | {each.default} | {each.words} |" for each in table)
    if style == "pipes":
        cells = [[cell for cell in (each.name, each.kind, each.default, each.words) if cell] for each in table]
        head = "| Param | Type | Default | Description |\n|---|---|---|---|\n"
        return head + "\n".join(" | ".join(row) + " |" * (5 - len(row)) for row in cells)
    lines = [f"{each.name}{each.kind}{each.default}{each.words}" for each in table]
    return "Query parameters\n\nParamTypeDefaultDescription\n" + "\n".join(lines)


def read_parameters(style: str, table: list[Parameter]) -> list[dict[str, Any]] | None:
    """What the table says, None when it is reported as undecidable."""
    problems = Problems()
    page = page_of("page.md", (QUERY[style] + render_parameters(style, table) + "\n").encode(), problems)
    try:
        document = compile_pages([page], problems).document
    except UndecidedPages:
        return None
    found: list[dict[str, Any]] = document["paths"]["/v1/things"]["get"]["parameters"]
    return [{key: value for key, value in each.items() if key != "x-source"} for each in found]


@given(parameters())
def test_a_torn_row_is_read_as_written_or_reported_but_never_read_otherwise(row: Parameter) -> None:
    written = read_parameters("tidy", [row])
    assume(written is not None)  # a default outside its own list contradicts itself in any style

    for style in ("pipes", "flat"):
        assert read_parameters(style, [row]) in (None, written), style
