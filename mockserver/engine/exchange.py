"""What a behaviour is given and what it gives back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from mockserver.spec.document import Operation
from mockserver.spec.roles import Role
from mockserver.world.store import Page, Record
from mockserver.world.world import World


class Source(StrEnum):
    """Where an answer comes from; every reply says it in `X-Mock-Source`."""

    BEHAVIOUR = "behaviour"
    RESOURCE = "resource"
    EXAMPLE = "example"
    ENGINE = "engine"


@dataclass(frozen=True, slots=True)
class Inputs:
    """A checked request. `path` and `query` hold typed values, `body` is JSON or ABSENT.

    `headers` has lower-case names. `base_url` is how the caller reaches this server, without a final slash.
    """

    operation: Operation
    role: Role | None
    path: Mapping[str, Any]
    query: Mapping[str, Any]
    body: Any
    headers: Mapping[str, str]
    base_url: str


@dataclass(frozen=True, slots=True)
class Raw:
    """A reply body that is not JSON."""

    data: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What to answer: a record or a page (shown by the response schema), JSON, raw bytes, or nothing (None).

    `status` None means the operation's first declared success.
    """

    content: Record | Page | Raw | dict[str, Any] | list[Any] | None = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


Behaviour = Callable[[World, Inputs], Reply]
