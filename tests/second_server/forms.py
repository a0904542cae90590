"""What a request may say: one checker per kind of field, and how a body or a query is read with them."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Json = Any
Check = Callable[[Json], Json]


class Wrong(Exception):
    """A value is not what its field takes; says why."""


class Refused(Exception):
    """A request is refused: with what status, and what it is told."""

    def __init__(self, status: int, told: Json, **headers: str) -> None:
        super().__init__(status, told)
        self.status = status
        self.told = told
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


@dataclass(frozen=True)
class Field:
    """How one field is checked, and what it is when it is left out; `default` is called for each new thing."""

    check: Check
    required: bool = False
    default: Callable[[], Json] = lambda: None


def text(least: int = 0, most: int | None = None, *, pattern: str | None = None, null: bool = False) -> Check:
    """Text of so many characters, none of them NUL."""

    def check(value: Json) -> Json:
        if value is None and null:
            return None
        if not isinstance(value, str):
            raise Wrong("Not a valid string.")
        if len(value) < least:
            raise Wrong("This field may not be blank." if least == 1 else f"At least {least} characters.")
        if most is not None and len(value) > most:
            raise Wrong(f"Ensure this field has no more than {most} characters.")
        if "\0" in value or (pattern is not None and re.fullmatch(pattern, value) is None):
            raise Wrong("Enter a valid value.")
        return value

    return check


def word(*words: str) -> Check:
    """One of these words."""

    def check(value: Json) -> Json:
        if not isinstance(value, str) or value not in words:
            raise Wrong(f"Not one of {', '.join(words)}.")
        return value

    return check


def whole(low: int, high: int, *, null: bool = False) -> Check:
    """A whole number within bounds. JSON knows one kind of number, so 30.0 is whole."""

    def check(value: Json) -> Json:
        if value is None and null:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
            raise Wrong("A valid integer is required.")
        if not low <= value <= high:
            raise Wrong(f"Ensure this value is from {low} to {high}.")
        return int(value)

    return check


def flag(value: Json) -> Json:
    """True or false."""
    if not isinstance(value, bool):
        raise Wrong("Must be a valid boolean.")
    return value


def anything(value: Json) -> Json:
    """Any object."""
    if not isinstance(value, dict):
        raise Wrong("Not an object.")
    return value


def uuid(value: Json) -> Json:
    """A UUID as text."""
    return str(text(pattern=r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")(value)).lower()


def many(check_one: Check) -> Check:
    """A list."""

    def check(value: Json) -> Json:
        if not isinstance(value, list):
            raise Wrong("Not a list.")
        return [check_one(each) for each in value]

    return check


def record(**fields: Field) -> Check:
    """An object with these fields; others are kept as they are."""

    def check(value: Json) -> Json:
        anything(value)
        for name, field in fields.items():
            if name in value:
                field.check(value[name])
            elif field.required:
                raise Wrong(f"{name} is required.")
        return value

    return check


def number_in_query(low: int, high: int) -> Check:
    """A whole number as a query or a path writes it."""
    bounded = whole(low, high)

    def check(value: Json) -> Json:
        if re.fullmatch(r"[+-]?[0-9]{1,30}", value) is None:
            raise Wrong("A valid integer is required.")
        return bounded(int(value))

    return check


def moment(value: Json) -> Json:
    """A date with a time and an offset."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", value, re.ASCII) is None:
        raise Wrong("Enter a valid date and time.")
    try:
        return datetime.fromisoformat(value.upper())
    except ValueError:
        raise Wrong("Enter a valid date and time.") from None


def body(raw: bytes, fields: Mapping[str, Field], *, partial: bool = False) -> dict[str, Json]:
    """What a body says, with what it leaves out; only what it says when it is `partial`. Raises Refused."""
    try:
        said = json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Refused(400, {"detail": f"JSON parse error: {error}"}) from None
    if not isinstance(said, dict):
        raise Refused(400, {"detail": "Invalid data. Expected an object."})
    return _checked(said, fields, partial=partial)


def query(pairs: list[tuple[str, str]], fields: Mapping[str, Field]) -> dict[str, Json]:
    """What a query says of these parameters. Raises Refused."""
    names = [name for name, _ in pairs if name in fields]
    twice = {name: ["Given more than once."] for name in names if names.count(name) > 1}
    if twice:
        raise Refused(400, twice)
    return _checked(dict(pairs), fields, partial=False)


def _checked(said: Mapping[str, Json], fields: Mapping[str, Field], *, partial: bool) -> dict[str, Json]:
    found: dict[str, Json] = {}
    wrong: dict[str, list[str]] = {}
    for name, field in fields.items():
        if name in said:
            try:
                found[name] = field.check(said[name])
            except Wrong as why:
                wrong[name] = [str(why)]
        elif partial:
            continue
        elif field.required:
            wrong[name] = ["This field is required."]
        else:
            found[name] = field.default()
    if wrong:
        raise Refused(400, wrong)
    return found


def _no_constant(name: str) -> Json:
    raise ValueError(f"{name} is no JSON")
