"""What a scenario may leave open, as `{customer.first_name}`, and how each gap is filled.

A placeholder is `{group}`, `{group.part}`, or either with a label, `{group.part:label}`. The parts of one
group belong together: `{date}` is said, `{date.iso}` goes into a tool's arguments, and both are the same day.
A label makes a second value of its own: `{time:offered}` and `{time:booked}`. All values are invented, and
numbers, mail addresses and codes are ones that reach nobody (555-01xx, example.com).
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Protocol

Value = str | int | float


class Draw(Protocol):
    """What a maker may draw on. Each group and label of one call has its own, so makers do not disturb
    each other."""

    facts: Mapping[str, str]

    def below(self, bound: int) -> int:
        """An integer from 0 to `bound` - 1."""

    def pick(self, choices: Sequence[str]) -> str:
        """One of `choices`."""

    def name(self, kind: str) -> str:
        """A name of a kind in fixtures/names: first_name, last_name, company, city, street_address."""

    def given(self, part: str, invented: Value) -> Value:
        """The value the call's facts give for this part of the group, or `invented`."""


@dataclass(frozen=True, slots=True)
class Group:
    """`words`: per part, how many words it is timed as (a code is read out sign by sign); the part "" is the
    group's own name. `make` gives a value for each of these parts."""

    words: Mapping[str, float]
    make: Callable[[Draw], dict[str, Value]]


_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_AREAS: Final = ("206", "212", "303", "312", "415", "512", "617", "702")
_AGENTS: Final = ("James", "Nora", "Priya", "Leo", "Maya", "Sam")
_ITEMS: Final = (
    *("wireless earbuds", "rain jacket", "desk lamp", "coffee grinder", "yoga mat", "phone case"),
    *("running shoes", "electric kettle", "backpack", "bath towels"),
)
_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"

# Dates are counted from the fact `today` (YYYY-MM-DD); without it from this day.
_TODAY: Final = "2026-04-20"


def _alone(value: Callable[[Draw], Value]) -> Callable[[Draw], dict[str, Value]]:
    return lambda draw: {"": draw.given("", value(draw))}


def _customer(draw: Draw) -> dict[str, Value]:
    first = draw.given("first_name", draw.name("first_name"))
    last = draw.given("last_name", draw.name("last_name"))
    # A name in another script makes no plain mail address.
    letters = f"{first}.{last}" if f"{first}{last}".isascii() else f"customer{draw.below(9000) + 1000}"
    email = "".join(letter for letter in letters.lower() if letter.isalnum() or letter == ".") + "@example.com"
    return {
        "first_name": first,
        "last_name": last,
        "name": draw.given("name", f"{first} {last}"),
        "email": draw.given("email", email),
    }


def _phone(draw: Draw) -> dict[str, Value]:
    area, last = draw.pick(_AREAS), 100 + draw.below(100)
    return {
        "": draw.given("", f"+1{area}5550{last}"),
        "spoken": draw.given("spoken", f"{area} 555 0{last}"),
    }


def _date(draw: Draw) -> dict[str, Value]:
    day = dt.date.fromisoformat(draw.facts.get("today", _TODAY)[:10]) + dt.timedelta(days=2 + draw.below(12))
    weekday = _WEEKDAYS[day.weekday()]
    return {
        "": draw.given("", f"{weekday}, {_MONTHS[day.month - 1]} {day.day}"),
        "weekday": draw.given("weekday", weekday),
        "iso": draw.given("iso", day.isoformat()),
    }


def _time(draw: Draw) -> dict[str, Value]:
    hour, minute = 8 + draw.below(10), 15 * draw.below(4)
    spoken = f"{(hour - 1) % 12 + 1}:{minute:02} {'AM' if hour < 12 else 'PM'}"
    return {"": draw.given("", spoken), "iso": draw.given("iso", f"{hour:02}:{minute:02}")}


def _amount(draw: Draw) -> dict[str, Value]:
    cents = 1200 + draw.below(23800)
    return {
        "": draw.given("", f"${cents // 100}.{cents % 100:02}"),
        "number": draw.given("number", cents / 100),
        "cents": draw.given("cents", cents),
    }


def _address(draw: Draw) -> dict[str, Value]:
    street = draw.given("street", draw.name("street_address"))
    city = draw.given("city", draw.name("city"))
    return {
        "": draw.given("", f"{street}, {city}"),
        "street": street,
        "city": city,
        "postcode": draw.given("postcode", f"{10000 + draw.below(89999)}"),
    }


def _code(letters: int, digits: int, draw: Draw) -> str:
    front = "".join(draw.pick(_LETTERS) for _ in range(letters))
    return front + "".join(str(draw.below(10)) for _ in range(digits))


GROUPS: Final[Mapping[str, Group]] = MappingProxyType(
    {
        "agent_name": Group({"": 1}, _alone(lambda draw: draw.pick(_AGENTS))),
        "company": Group({"": 2}, _alone(lambda draw: draw.name("company"))),
        "from_number": Group({"": 7}, lambda draw: {"": _phone(draw)[""]}),
        "to_number": Group({"": 7}, lambda draw: {"": _phone(draw)[""]}),
        "customer": Group({"first_name": 1, "last_name": 1, "name": 2, "email": 5}, _customer),
        "phone": Group({"": 7, "spoken": 7}, _phone),
        "date": Group({"": 3, "weekday": 1, "iso": 3}, _date),
        "time": Group({"": 2, "iso": 2}, _time),
        "amount": Group({"": 4, "number": 4, "cents": 4}, _amount),
        "address": Group({"": 5, "street": 3, "city": 1.5, "postcode": 4}, _address),
        "order_id": Group({"": 5}, _alone(lambda draw: f"{_code(1, 0, draw)}-{10000 + draw.below(90000)}")),
        "tracking_id": Group({"": 9}, _alone(lambda draw: _code(2, 9, draw))),
        "reference": Group({"": 5}, _alone(lambda draw: _code(3, 3, draw))),
        "member_id": Group({"": 6}, _alone(lambda draw: f"{10000000 + draw.below(90000000)}")),
        "item": Group({"": 2}, _alone(lambda draw: draw.pick(_ITEMS))),
        "count": Group({"": 1}, _alone(lambda draw: 2 + draw.below(5))),
    }
)


def placeholder_names() -> list[str]:
    """Every name that may stand between braces, without labels."""
    return [f"{group}.{part}" if part else group for group, made in GROUPS.items() for part in made.words]
