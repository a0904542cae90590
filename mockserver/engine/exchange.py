"""What a behaviour is given and what it gives back."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from mockserver.spec.document import Operation
from mockserver.spec.roles import Role
from mockserver.world.store import Page, Record
from mockserver.world.world import World

NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})


class Source(StrEnum):
    """Where an answer comes from; every reply says it in `X-Mock-Source`."""

    BEHAVIOUR = "behaviour"
    RESOURCE = "resource"
    EXAMPLE = "example"
    ENGINE = "engine"


# What is made for every request is a NamedTuple: as immutable as a frozen dataclass, and made in a third of the
# time.


class Request(NamedTuple):
    """A request as it came over the wire. `headers` are ASGI's: lower-case names and values as bytes.

    `user_id` is the person in whose name its key acts.
    """

    method: str
    path: str
    query: str
    headers: Mapping[bytes, bytes]
    body: bytes
    scheme: str
    host: str
    user_id: int

    def header(self, name: str) -> str | None:
        """The value of a header, by its lower-case name."""
        value = self.headers.get(name.encode("ascii"))
        return None if value is None else value.decode("latin-1")

    @property
    def base_url(self) -> str:
        """How the caller reaches this server, without a final slash."""
        return f"{self.scheme}://{self.host}"


class Inputs(NamedTuple):
    """A checked request. `path` and `query` hold typed values, `body` is JSON or ABSENT."""

    operation: Operation
    role: Role | None
    path: Mapping[str, Any]
    query: Mapping[str, Any]
    body: Any
    request: Request


@dataclass(frozen=True, slots=True)
class Raw:
    """A reply body that is not JSON."""

    data: bytes
    media_type: str


class Reply(NamedTuple):
    """What to answer: a record or a page (shown by the response schema), JSON, raw bytes, or nothing (None).

    `status` None means the operation's first declared success. `secrets` are texts in it that nobody but the
    caller may read: the journal leaves them out.
    """

    content: Record | Page | Raw | dict[str, Any] | list[Any] | None = None
    status: int | None = None
    headers: Mapping[str, str] = NO_HEADERS
    secrets: tuple[str, ...] = ()


Behaviour = Callable[[World, Inputs], Reply]

LaterBehaviour = Callable[[World, Inputs], Awaitable[Reply]]
"""An `async def` behaviour: one that must wait for somebody outside. What it awaits is not atomic."""
