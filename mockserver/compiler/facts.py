"""What pages state, before it is a document: operations, objects, events, shared responses."""

from dataclasses import dataclass, field
from typing import Any

from mockserver.compiler.endpoints import Endpoint
from mockserver.compiler.examples import Node
from mockserver.compiler.fields import Field
from mockserver.compiler.problems import Place
from mockserver.compiler.typewords import Schema


@dataclass(slots=True)
class Parameter:
    """One parameter of an operation; `place` in path, query or header."""

    name: str
    location: str
    schema: Schema
    required: bool
    description: str
    source: str
    invented: bool = False


@dataclass(slots=True)
class Answer:
    """One response of an operation; `status` is None for what the page answers without naming a status."""

    status: int | None
    description: str
    source: str
    place: Place
    schema: Schema | None = None
    example: Node | None = None
    media: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    noun: str = ""


@dataclass(slots=True)
class Body:
    """The request body of an operation."""

    schema: Schema
    required: bool
    source: str
    example: Node | None = None
    description: str = ""


@dataclass(slots=True)
class Operation:
    """Everything the pages say about one operation."""

    endpoint: Endpoint
    tag: str
    summary: str
    description: str
    source: str
    place: Place
    parameters: list[Parameter] = field(default_factory=list)
    body: Body | None = None
    answers: list[Answer] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class NamedObject:
    """An object with a section of its own; becomes a component."""

    name: str
    schema: Schema
    place: Place
    example: Node | None = None


@dataclass(slots=True)
class Event:
    """One webhook event from an Event table."""

    name: str
    description: str
    payload: Schema | None
    place: Place
    source: str
    reply: Schema | None = None
    invented: bool = False


@dataclass(slots=True)
class SharedResponse:
    """A response that many operations give, from a status table on a page without operations."""

    status: int
    description: str
    schema: Schema | None
    applies: str
    place: Place
    source: str


@dataclass(slots=True)
class Check:
    """An example and the schema it stands beside, to be compared when all names are resolved."""

    page: str
    node: Node
    schema: Schema
    what: str
    partial: bool = False


@dataclass(slots=True)
class Reading:
    """What all pages say."""

    operations: list[Operation] = field(default_factory=list)
    objects: dict[str, NamedObject] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    shared: list[SharedResponse] = field(default_factory=list)
    event_headers: list[tuple[Field, str]] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)
    origins: list[str] = field(default_factory=list)
    bearer: bool = False
