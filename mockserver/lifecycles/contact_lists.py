"""Contacts as they are sent, one by one or as a CSV file, read into numbers and variables."""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from mockserver.errors import InvalidInput
from mockserver.world.store import Document

MOST_CONTACTS: Final = 5_000
"""In one request (the vendor's n8n node)."""

MOST_ERRORS: Final = 100
"""Of wrong rows that are told (invented)."""

_NUMBER_NAMES: Final = ("phone_number", "phone")
_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_SEPARATORS: Final = re.compile(r"[\s().-]")

Person = tuple[str, Document]
Problem = dict[str, Any]


def people(rows: Iterable[Mapping[str, Any]]) -> tuple[list[Person], list[Problem]]:
    """Who is in the rows, and what is wrong with those that name nobody. Raises InvalidInput for too many rows."""
    found: list[Person] = []
    problems: list[Problem] = []
    for index, row in enumerate(rows):
        if index >= MOST_CONTACTS:
            raise InvalidInput({"contacts": [f"At most {MOST_CONTACTS} contacts in one request."]})
        given = next((row[name] for name in _NUMBER_NAMES if row.get(name)), None)
        number = None if given is None else _SEPARATORS.sub("", str(given))
        variables = {name: value for name, value in row.items() if name not in _NUMBER_NAMES}
        if number is None:
            problems.append({"index": index, "error": "missing_phone_number"})
        elif _E164.fullmatch(number) is None:
            problems.append({"index": index, "error": "invalid_phone_number"})
        elif any(isinstance(value, dict | list) for value in variables.values()):
            problems.append({"index": index, "error": "invalid_variables"})
        else:
            found.append((number, variables))
    return found, problems


def rows_of(file: bytes, mapping: Mapping[str, Any]) -> list[dict[str, str]]:
    """The rows of a CSV file with a line of headings, by the names that `mapping` gives its columns.

    `{"phone_number": "Mobile"}` says that the column Mobile has the number; a column that is not named keeps its
    own name. Raises InvalidInput for what is no such file, and for a column that it lacks.
    """
    try:
        text = file.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput({"file": ["The file is not UTF-8 text."]}) from None
    lines = csv.reader(io.StringIO(text, newline=""))
    try:
        headings = [each.strip() for each in next(lines, [])]
        rows = [line for line in lines if any(line)]
    except csv.Error as error:
        raise InvalidInput({"file": [f"The file is not CSV: {error}."]}) from None
    if not headings:
        raise InvalidInput({"file": ["The file is empty; its first line names the columns."]})
    names = {heading: heading.lower() if heading.lower() in _NUMBER_NAMES else heading for heading in headings}
    for name, heading in mapping.items():
        if heading not in names:
            known = ", ".join(headings)
            raise InvalidInput({"mapping": [f"The file has no column {heading}. It has: {known}."]})
        names[heading] = name
    return [{names[heading]: cell for heading, cell in zip(headings, row, strict=False)} for row in rows]
