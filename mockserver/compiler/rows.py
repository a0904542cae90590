"""Rows of reference tables, also as scrapers leave them: outer pipes gone, cells missing, or no separators at all.

A row is read by finding every way to lay it over the columns. One way: it is read. None, or several that
differ: it is reported.
"""

# ruff: noqa: RUF001 (dashes and quotes of every kind are what this module reads)

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from mockserver.compiler.columns import Column
from mockserver.compiler.prose import NOTHING, read_literal, split_list
from mockserver.compiler.typewords import UnknownType, read_type, strip_markup

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
YES = {
    "yes": True,
    "true": True,
    "required": True,
    "y": True,
    "✓": True,
    "✔": True,
    "✅": True,
    "always": True,
}
NO = {"no": False, "false": False, "optional": False, "n": False, "✗": False, "✘": False, "❌": False}
NONE = ("", "-", "—", "–", "n/a", "none")

IDENTIFIER = r"(?:\*|[A-Za-z_$][\w$-]*)(?:\[\])?(?:\.(?:\*|[A-Za-z_$][\w$-]*(?:\[\])?))*"
NAMES = re.compile(rf"{IDENTIFIER}(?:\s*(?:,|/|\band\b)\s*{IDENTIFIER})*$")
_PATH = re.compile(r"(?:https?://[^/\s]+)?(?:/[\w.~{}:-]*)+(?:\?\S*)?$")
_STATUS = re.compile(r"[1-5]\d\d(?:\s+[A-Z][A-Za-z' -]*)?$")
_EVENT = re.compile(r"[a-z][\w-]*(?:\.[a-z*][\w-]*)+$")
_LITERAL_TOKEN = re.compile(r"""[a-z0-9][\w+:/-]*(?:\.[\w+:/-]+)*$|"[^"]*"$|`[^`]*`$""")
_FORMAT_WORDS = {
    "e.164",
    "iso",
    "uuid",
    "url",
    "uri",
    "email",
    "string",
    "text",
    "free-form",
    "optional",
    "required",
}

_MOST_EXTRA = 12  # cells more than columns: an enumeration written with pipes, not a table's worth

_TEXTS = (Column.TEXT, Column.ALLOWED, Column.EXAMPLE, Column.BODY, Column.APPLIES)
_NEEDED = (
    *(Column.METHOD, Column.ENDPOINT, Column.PATH, Column.NAME, Column.STATUS, Column.EVENT),
    Column.TYPE,
)


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row, in the order of the table's columns."""

    line: int
    columns: tuple[Column, ...]
    cells: tuple[str, ...]

    def get(self, column: Column) -> str:
        """The cell of `column`, "" when absent; two cells of one kind are joined."""
        return " ".join(
            cell for kind, cell in zip(self.columns, self.cells, strict=True) if kind is column and cell
        )

    def has(self, column: Column) -> bool:
        """Whether the table has such a column."""
        return column in self.columns


class UndecidedRow(Exception):
    """No reading of the row, or several."""


def split_cells(line: str) -> tuple[list[str], bool, bool]:
    """The cells of a piped row, and whether it has a leading and a trailing outer pipe.

    Pipes after a backslash and pipes inside code marks do not separate cells.
    """
    text = line.strip()
    cells, cell, code = [], "", False
    at = 0
    while at < len(text):
        char = text[at]
        if char == "\\" and text[at + 1 : at + 2] == "|":
            cell += "|"
            at += 2
            continue
        if char == "`" and (code or "`" in text[at + 1 :]):
            code = not code
        if char == "|" and not code:
            cells.append(cell.strip())
            cell = ""
        else:
            cell += char
        at += 1
    cells.append(cell.strip())
    leading, trailing = text.startswith("|"), len(cells) > 1 and cells[-1] == ""
    if leading:
        cells = cells[1:]
    if trailing:
        cells = cells[:-1]
    return cells, leading, trailing


def accepts(column: Column, cell: str, row_type: str | None, names: Collection[str] | None) -> bool:
    """Whether `cell` can stand in `column`. `row_type` is the row's Type cell where it has been read."""
    text = strip_markup(cell)
    match column:
        case Column.METHOD:
            return text.upper() in METHODS
        case Column.PATH:
            return bool(_PATH.match(text))
        case Column.ENDPOINT:
            method, _, path = text.partition(" ")
            return method in METHODS and bool(_PATH.match(path.strip()))
        case Column.NAME:
            return bool(NAMES.match(re.sub(r"(?<=\w)[*†]+$", "", text)))
        case Column.TYPE:
            try:
                read_type(cell, names)
            except UnknownType:
                return False
            return True
        case Column.REQUIRED:
            return _required_word(text) in (YES | NO) or text.lower() in NONE
        case Column.DEFAULT:
            return text.lower() in NONE or is_default(cell, row_type)
        case Column.STATUS:
            return bool(_STATUS.match(text))
        case Column.EVENT:
            return bool(_EVENT.match(text))
        case Column.SECTION:
            return not text or text[0].isupper()
        case Column.LOCATION:
            return text.lower() in ("query", "path", "header", "body")
        case _:
            return True


def _required_word(text: str) -> str:
    return text.lower().rstrip("*.")


def is_default(cell: str, row_type: str | None) -> bool:
    """Whether `cell` writes a default of the row's type; for strings a single word that is no list."""
    base = base_of(row_type)
    if base is not None and base != "string":
        return read_literal(cell, base) is not NOTHING
    text = cell.strip()
    return bool(_LITERAL_TOKEN.match(text)) and text.lower() not in _FORMAT_WORDS and split_list(text) is None


def base_of(type_cell: str | None) -> str | None:
    """The JSON type that a Type cell names, None when it names none or several."""
    if not type_cell:
        return None
    try:
        schema = read_type(type_cell).schema
    except UnknownType:
        return None
    base = schema.get("type")
    return base if isinstance(base, str) else None


def read_piped(
    line: int,
    text: str,
    columns: Sequence[Column],
    *,
    outer: bool,
    names: Collection[str] | None,
) -> Row:
    """The row in `text`. `outer` says whether the table's heading has a leading pipe. Raises UndecidedRow."""
    cells, leading, _ = split_cells(text)
    intact = leading == outer
    if intact and len(cells) < len(columns):
        cells = [*cells, *[""] * (len(columns) - len(cells))]
    if intact and len(cells) == len(columns):
        if _positional(cells, columns, None):
            row = Row(line, tuple(columns), tuple(cells))
            if _prose_default(row):
                raise UndecidedRow(
                    f"{row.get(Column.DEFAULT)!r} stands under Default; is it the default or the description?"
                )
            return row
    elif len(cells) == len(columns) and "" in cells[: _last_filled(cells)] and _positional(cells, columns, names):
        return Row(line, tuple(columns), tuple(cells))
    if len(cells) > len(columns) + _MOST_EXTRA:
        raise UndecidedRow(f"{len(cells)} cells under {len(columns)} headings")
    found = list(_alignments([cell for cell in cells if cell], columns, names))
    fewest = min((merges for merges, _ in found), default=0)
    readings = distinct(reading for merges, reading in found if merges == fewest)
    if len(readings) == 1:
        return Row(line, tuple(columns), readings[0])
    if not readings:
        raise UndecidedRow(_why_not(cells, columns, names))
    raise UndecidedRow("the row can be read in several ways: " + describe_readings(readings, columns))


def _last_filled(cells: Sequence[str]) -> int:
    return max((index for index, cell in enumerate(cells) if cell), default=0)


def _positional(cells: Sequence[str], columns: Sequence[Column], names: Collection[str] | None) -> bool:
    row_type = next((cell for cell, column in zip(cells, columns, strict=True) if column is Column.TYPE), None)
    for cell, column in zip(cells, columns, strict=True):
        if not cell:
            if column in (
                Column.NAME,
                Column.METHOD,
                Column.PATH,
                Column.ENDPOINT,
                Column.STATUS,
                Column.EVENT,
            ):
                return False
            if column is Column.TYPE:
                return False
        elif column is Column.DEFAULT and base_of(row_type) in (None, "string"):
            continue  # intact rows say where the default is; any text may be one
        elif not accepts(column, cell, row_type, names):
            return False
    return True


def _prose_default(row: Row) -> bool:
    """Several words under Default with nothing under Description look like a shifted row."""
    default = row.get(Column.DEFAULT)
    return (
        row.has(Column.TEXT)
        and not row.get(Column.TEXT)
        and not re.match(r"^[\"`]", default)
        and (len(default.split()) > 2 or split_list(default) is not None)
    )


def _alignments(
    cells: Sequence[str], columns: Sequence[Column], names: Collection[str] | None
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Every way to lay the non-empty `cells`, in order, over `columns`, with how many pipes it takes for text.

    A pipe before `null` belongs to a type and counts for nothing.
    """

    def lay(
        at: int, column_at: int, merges: int, laid: tuple[str, ...], row_type: str | None
    ) -> Iterator[tuple[int, tuple[str, ...]]]:
        if column_at == len(columns):
            if at == len(cells):
                yield merges, laid
            return
        column = columns[column_at]
        if column not in _NEEDED:
            yield from lay(at, column_at + 1, merges, (*laid, ""), row_type)
        for taken in range(1, len(cells) - at + 1):
            piece = cells[at : at + taken]
            joined = " | ".join(piece)
            merged = sum(strip_markup(cell) != "null" for cell in piece[1:])
            if taken > 1 and column is not Column.TYPE:
                last_text = column in _TEXTS and column_at == len(columns) - 1
                if not last_text or split_list(joined, any_case=True) is None:
                    break
                merged = taken
            if not accepts(column, joined, row_type, names if names is not None else ()):
                continue
            if column in (*_TEXTS, Column.DEFAULT) and _belongs_elsewhere(joined, column, columns, row_type):
                continue
            kind = joined if column is Column.TYPE else row_type
            yield from lay(at + taken, column_at + 1, merges + merged, (*laid, joined), kind)

    yield from lay(0, 0, 0, (), None)


def _belongs_elsewhere(cell: str, column: Column, columns: Sequence[Column], row_type: str | None) -> bool:
    """A bare yes is a Required cell, not a default or a description; a bare 0 is a default, not a text."""
    text = strip_markup(cell)
    if Column.REQUIRED in columns and _required_word(text) in (YES | NO):
        return base_of(row_type) != "boolean" or strip_markup(cell).lower() not in ("true", "false")
    base = base_of(row_type)
    return (
        column is not Column.DEFAULT
        and Column.DEFAULT in columns
        and base in ("integer", "number", "boolean")
        and is_default(cell, row_type)
    )


def distinct(readings: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The readings that differ."""
    return list(dict.fromkeys(readings))


def describe_readings(readings: Sequence[tuple[str, ...]], columns: Sequence[Column]) -> str:
    """The first readings, for a report."""
    return "; or ".join(
        ", ".join(f"{column.value} {cell!r}" for column, cell in zip(columns, reading, strict=True) if cell)
        for reading in readings[:3]
    )


def _why_not(cells: Sequence[str], columns: Sequence[Column], names: Collection[str] | None) -> str:
    row_type = next((cell for cell, column in zip(cells, columns, strict=False) if column is Column.TYPE), None)
    for cell, column in zip(cells, columns, strict=False):
        if column is Column.TYPE and cell:
            try:
                read_type(cell, names)
            except UnknownType as error:
                return str(error)
        if cell and not accepts(column, cell, row_type, names):
            return f"{cell!r} does not fit the column {column.value}"
        if not cell and column in _NEEDED:
            return f"the {column.value} is missing"
    if len(cells) > len(columns):
        return f"{len(cells)} cells under {len(columns)} headings; escape a pipe inside a cell as \\|"
    return f"the cells do not fit the columns {', '.join(column.value for column in columns)}"
