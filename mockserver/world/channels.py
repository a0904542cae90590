"""How what happens in a world is told: each served contract has its own words and its own way to deliver them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.spec.delivery import Delivery


@dataclass(frozen=True, slots=True)
class Told:
    """An event as one contract tells it: its type there, and the body of the request that carries it."""

    channel: str
    type: str
    envelope: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Channel:
    """A contract's way to tell events. `name` is the contract's, `tells` our own types of event that it knows of.

    `tell` gives what it makes of one of them (a type, and a body as our own code words it): one thing, or several.
    It raises MockError for one that breaks the payload the contract declares. `sample` makes up a body of one of
    the contract's own types.
    """

    name: str
    delivery: Delivery
    tells: frozenset[str]
    tell: Callable[[str, Mapping[str, Any]], Iterable[Told]]
    sample: Callable[[str], Mapping[str, Any]]
