"""Rows whose cells run together without any separator: "limitinteger50Page size (1–200)"."""

# ruff: noqa: RUF002, RUF003 (the dashes that pages use)

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from mockserver.compiler.columns import Column
from mockserver.compiler.prose import clauses, split_list
from mockserver.compiler.rows import (
    IDENTIFIER,
    METHODS,
    NAMES,
    NO,
    YES,
    Row,
    UndecidedRow,
    base_of,
    describe_readings,
    distinct,
    is_default,
)
from mockserver.compiler.typewords import WORDS

_LONGEST_NAMES = 160  # characters of a name cell in a flattened row
_TYPE_WORDS = sorted(WORDS, key=len, reverse=True)
_WORD = "(?:" + "|".join(re.escape(word) for word in _TYPE_WORDS) + ")"
_TYPE_AT = re.compile(
    rf"(?:(?:array|list) of {_WORD}(?:s(?-i:(?![a-z])))?|{_WORD}(?:\[\])?)(?:\s\|\s(?:null|{_WORD}))*",
    re.IGNORECASE,
)
_GLUED_TYPE = re.compile(
    r"(?<!sub)(?<=[a-z_])(?:integer|string|boolean|number|timestamp|array|object)(?=[A-Z0-9]|$| \|)"
)
_ABBREVIATIONS = {
    word for word in WORDS if len(word) <= 4 or any(word != other and other.startswith(word) for other in WORDS)
}
_REQUIRED_AT = re.compile("|".join(sorted([*YES, *NO], key=len, reverse=True)), re.I)
_NAME_RUN = re.compile(rf"(?:{IDENTIFIER}\s*,\s+)*[A-Za-z_$][\w$.\[\]*-]*")


@dataclass(frozen=True, slots=True)
class _Reading:
    cells: tuple[str, ...]
    clean: bool


def looks_like_flat_row(text: str, columns: Sequence[Column]) -> bool:
    """Whether `text`, after a flattened heading, is meant as a row (read or damaged) rather than as prose."""
    first = columns[0]
    if first is Column.METHOD:
        return bool(re.match(r"[A-Z]+\s*/", text))
    if first is Column.STATUS:
        return text[0].isdigit() and not re.match(r"[1-5]\d\d (?:OK|Created|Accepted|No Content)\b", text)
    if first is Column.PATH:
        return text.startswith("/")
    if re.match(r"[a-z_$]", text) or (Column.TYPE in columns and _GLUED_TYPE.search(text[:80])):
        return True  # prose begins with a capital; what does not is a row, readable or not
    return any(True for _ in _lay_flat(text, columns))


def read_flat(
    line: int, text: str, columns: Sequence[Column], known: Collection[str], urls: Collection[str]
) -> Row:
    """The row in `text`, whose cells run together as "limitinteger50Page size (1–200)".

    `known` are field names that examples on the page confirm, `urls` the paths of its commands.
    Raises UndecidedRow.
    """
    readings = [*_lay_flat(text, columns)]
    if not readings:
        raise UndecidedRow(_why_not_flat(text, columns))
    if len(readings) > 1:
        readings = _confirmed(readings, columns, known, urls) or readings
    if len(readings) > 1:
        readings = [reading for reading in readings if reading.clean] or readings
    if len(readings) > 1 and Column.TYPE in columns:
        kind = list(columns).index(Column.TYPE)
        readings = [reading for reading in readings if reading.cells[kind][:1].islower()] or readings
    if len(readings) > 1:
        readings = _without_swallowed_types(readings, columns)
    found = distinct(reading.cells for reading in readings)
    if len(found) > 1:
        raise UndecidedRow("the row can be read in several ways: " + describe_readings(found, columns))
    return Row(line, tuple(columns), found[0])


def _without_swallowed_types(readings: list[_Reading], columns: Sequence[Column]) -> list[_Reading]:
    """Drop a reading whose name ends in the very word that a shorter reading takes as the type.

    "from_numberstringE.164" is a string called from_number, not an E.164 called from_numberstring.
    """
    if Column.NAME not in columns or Column.TYPE not in columns:
        return readings
    name, kind = list(columns).index(Column.NAME), list(columns).index(Column.TYPE)
    shorter = {reading.cells[name] + reading.cells[kind] for reading in readings}
    return [reading for reading in readings if reading.cells[name] not in shorter] or readings


def _confirmed(
    readings: list[_Reading], columns: Sequence[Column], known: Collection[str], urls: Collection[str]
) -> list[_Reading]:
    for column, evidence in ((Column.NAME, known), (Column.PATH, urls)):
        if column in columns:
            index = list(columns).index(column)
            return [
                reading
                for reading in readings
                if all(part.strip() in evidence for part in reading.cells[index].split(","))
            ]
    return []


def _why_not_flat(text: str, columns: Sequence[Column]) -> str:
    if Column.TYPE in columns:
        return (
            f"no reading of {text[:60]!r} as {', '.join(column.value for column in columns)}: "
            "no word in it is a type I know, or what follows the type does not fit"
        )
    return f"no reading of {text[:60]!r} as {', '.join(column.value for column in columns)}"


def _lay_flat(text: str, columns: Sequence[Column]) -> Iterator[_Reading]:
    def lay(
        rest: str, column_at: int, laid: tuple[str, ...], row_type: str | None, clean: bool
    ) -> Iterator[_Reading]:
        if column_at == len(columns):
            if not rest:
                yield _Reading(laid, clean)
            return
        column = columns[column_at]
        for cell, after, is_clean in _cells_at(column, rest, row_type, columns[column_at + 1 :]):
            yield from lay(
                after,
                column_at + 1,
                (*laid, cell),
                cell if column is Column.TYPE else row_type,
                clean and is_clean,
            )

    yield from lay(text.strip(), 0, (), None, True)


def _cells_at(
    column: Column, rest: str, row_type: str | None, following: Sequence[Column]
) -> Iterator[tuple[str, str, bool]]:
    """The cells of `column` that `rest` can begin with: (cell, what follows, whether the cut looks like one).

    `following` are the columns still to come.
    """
    last = not following
    match column:
        case Column.METHOD:
            for method in METHODS:
                if rest.startswith(method) and rest[len(method) :].lstrip().startswith("/"):
                    yield method, rest[len(method) :].lstrip(), True
        case Column.PATH:
            yield from _paths_at(rest)
        case Column.STATUS:
            if match := re.match(r"[1-5]\d\d(?!\d)", rest):
                yield match[0], rest[3:].lstrip(), True
        case Column.NAME:
            yield from _names_at(rest)
        case Column.TYPE:
            if match := _TYPE_AT.match(rest):
                after = rest[match.end() :]
                if _may_follow_type(match[0], after, default_follows=Column.DEFAULT in following):
                    yield match[0], after, not after[:1].islower()
        case Column.REQUIRED:
            if match := _REQUIRED_AT.match(rest):
                after = rest[match.end() :]
                if not after.startswith(" ") and (not after[:1].islower() or _opens_a_cell(after)):
                    yield match[0], after, True
        case Column.DEFAULT:
            yield from _defaults_at(rest, row_type, last)
        case Column.EVENT:
            if match := re.match(r"[a-z][\w-]*(?:\.[a-z][a-z_-]*)+", rest):
                yield match[0], rest[match.end() :], not rest[match.end() :][:1].islower()
        case _:
            if last:
                yield rest, "", not rest.startswith(" ")
            elif not rest:
                yield "", "", True
            else:
                for cut in re.finditer(r"(?<=[a-z)\]])(?=[A-Z])", rest):
                    yield rest[: cut.start()], rest[cut.start() :], True


_OPENINGS = re.compile(
    r"(?:up to|at (?:most|least)|max|min|between|one of|any of|exactly|from|free|must|if|when|only)\b"
    r"|(?:an?|the|e\.g)\b"
)


def _opens_a_cell(text: str) -> bool:
    """Whether text in lower case can begin a cell: a list of values, or words that open a constraint.

    "noup to 200" is "no", "up to 200"; "notes for you" is not "no", "tes for you".
    """
    return split_list(clauses(text)[0]) is not None or _OPENINGS.match(text) is not None


def _may_follow_type(kind: str, after: str, *, default_follows: bool) -> bool:
    """Whether `after` can be the cells behind the type `kind`.

    A cell that begins in lower case makes the cut doubtful ("intgrTotal" is no int). It is accepted as a list
    of values, or as words behind a full type word; words with a seam in them ("newestSort order") only where a
    default may come first.
    """
    if after[:1] in (" ", ",", ";", ".", ")"):
        return False
    if not after[:1].islower() or split_list(clauses(after)[0]) is not None:
        return True
    if re.match(r"(?:yes|no|true|false|required|optional)(?![a-z])", after):
        return True
    glued = not default_follows and re.search(r"[a-z][A-Z]", after.split(" ", maxsplit=1)[0])
    return kind.lower() not in _ABBREVIATIONS and not glued and " | " not in after


def _paths_at(rest: str) -> Iterator[tuple[str, str, bool]]:
    token = re.match(r"/[^\s]*", rest)
    if token is None:
        return
    run = token[0]
    ends = [
        cut.start()
        for cut in re.finditer(r"(?<=[a-z0-9}_/-])(?=[A-Z(])", run)
        if run[: cut.start()].count("{") == run[: cut.start()].count("}")
    ]
    if not ends or len(run) == len(rest):
        ends.append(len(run))
    for end in ends:
        after = rest[end:]
        if not after.startswith(" ") and run[:end].count("{") == run[:end].count("}"):
            yield run[:end], after, True


def _names_at(rest: str) -> Iterator[tuple[str, str, bool]]:
    run = _NAME_RUN.match(rest)
    if run is None:
        return
    for end in range(1, min(run.end(), _LONGEST_NAMES) + 1):
        cell = rest[:end]
        if cell[-1] in "_.-, [" or not NAMES.match(cell):
            continue
        yield cell, rest[end:], True


def _defaults_at(rest: str, row_type: str | None, last: bool) -> Iterator[tuple[str, str, bool]]:
    base = base_of(row_type)
    if base in ("integer", "number"):
        number = re.match(r"-?\d+(?:\.\d+)?", rest)
        if number is None:
            yield "", rest, True
        elif _is_cell_start(rest[number.end() :], last) or (not last and _opens_a_cell(rest[number.end() :])):
            yield number[0], rest[number.end() :], True
        elif not _can_be_cut(number[0]) and not rest[number.end() :][:1].islower():
            yield "", rest, True  # "1–200": one digit cannot be cut, so it belongs to the description
        else:
            raise UndecidedRow(f"where does the default end and the description begin in {rest[:40]!r}?")
        return
    if base == "boolean":
        word = re.match(r"true|false", rest)
        after = rest[word.end() :] if word else ""
        if word and not after.startswith(" ") and (not after[:1].islower() or _opens_a_cell(after)):
            yield word[0], after, True
        elif rest.lower() in ("yes", "no", "on", "off"):
            raise UndecidedRow(f"{rest!r} for a boolean: write true or false if it is the default")
        else:
            yield "", rest, True
        return
    if prefixed := _default_before_list(rest):
        raise UndecidedRow(
            f"{rest[:40]!r} is a list, or the default {prefixed!r} and the list {rest[len(prefixed) :][:40]!r}"
        )
    token = re.match(r"\"[^\"]*\"|`[^`]*`|[a-z0-9](?:[\w.-]*?(?=[A-Z(\[]|$)|[\w.-]*$)", rest)
    cell = token[0] if token else ""
    if cell[-1:] in ("-", "_", ".", "/", ":"):
        raise UndecidedRow(f"where does the default end and the description begin in {rest[:40]!r}?")
    if len(cell) > 1 and is_default(cell, row_type) and _is_cell_start(rest[len(cell) :], last):
        yield cell, rest[len(cell) :], True
        if not rest[len(cell) :]:
            yield "", rest, True
    elif rest[:1].islower() and not _opens_a_cell(rest):
        raise UndecidedRow(f"where does the default end and the description begin in {rest[:40]!r}?")
    else:
        yield "", rest, True


def _can_be_cut(number: str) -> bool:
    """Whether the digits of a number may be a default and the start of a description: "10" as "1" and "0"."""
    literal = r"-?(?:0|[1-9]\d*)(?:\.\d+)?"
    return any(
        re.fullmatch(literal, number[:cut]) and re.match(r"(?:0(?!\d)|[1-9])", number[cut:])
        for cut in range(1, len(number))
    )


def _default_before_list(text: str) -> str:
    """The default that may be glued to the list it is from: "desc" in "descasc, desc"; "" when there is none."""
    first = re.split(r",| or ", text, maxsplit=1)[0]
    if first == text:
        return ""
    for cut in range(1, min(len(first), _LONGEST_NAMES)):
        items = split_list(clauses(text[cut:])[0])
        if items and text[:cut] in items and len(set(items)) == len(items):
            return text[:cut]
    return ""


def _is_cell_start(text: str, last: bool) -> bool:
    return not text or (not last and (text[0].isupper() or text[0] in '(`"“['))
