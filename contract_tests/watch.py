"""What is held against the document whenever anything is answered, whatever it was asked for.

These are laws like the others (`laws/shape.py` has their texts), but nobody has to ask for them to be judged: each
exchange of every other law is their evidence.
"""

import re
from collections import deque
from collections.abc import Iterator
from typing import Any

from .collections import COLLECTIONS, Collection
from .document import Document, Operation, is_json
from .exchange import Exchange
from .finding import Finding

STATUS = "ML-101"
MEDIA = "ML-102"
SCHEMA = "ML-103"
HEADERS = "ML-104"
CRASH = "ML-105"
TIMES = "ML-106"
EMPTY = "ML-107"
LENGTH = "ML-108"

# As the vendor writes times: UTC with milliseconds and a Z.
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
CREATES = {name: each for each in COLLECTIONS for name in (each.create, each.copy) if name is not None}
"""The operations that make things, and of which collection."""
DEEPEST = 8
_BODILESS = frozenset({204, 304})


class Watch:
    """Looks at every exchange with the API; `findings` grow, `seen` are the (operation, status) pairs met.

    `recent` are the last exchanges, `made` the things that were made: by whose key, of which collection, with
    what id.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self.findings: list[Finding] = []
        self.seen: dict[tuple[str, int], int] = {}
        self._places: dict[tuple[str, int], tuple[tuple[str, ...], ...]] = {}
        self.exchanges = 0
        self.recent: deque[Exchange] = deque(maxlen=12)
        self.made: list[tuple[str | None, Collection, Any]] = []

    def __call__(self, exchange: Exchange) -> None:
        """Hold one exchange against the document."""
        self.exchanges += 1
        self.recent.append(exchange)
        if exchange.operation is None:
            return
        self.note_made(exchange)
        operation = self._document.operations[exchange.operation]
        key = (operation.id, exchange.status)
        self.seen[key] = self.seen.get(key, 0) + 1
        for code, mark, message in self._problems(operation, exchange):
            self.findings.append(Finding(code, f"{exchange.what}: {message}", mark, operation.id, (exchange,)))

    def note_made(self, exchange: Exchange) -> None:
        """Remember what a request made, by whose key, so that it can be deleted."""
        collection = CREATES.get(exchange.operation or "")
        if collection is None or collection.delete is None or exchange.status not in (200, 201):
            return
        try:
            made = exchange.json
        except ValueError:
            return
        if isinstance(made, dict) and "id" in made:
            key = exchange.sent_headers.get("authorization", "").removeprefix("Bearer ") or None
            self.made.append((key, collection, made["id"]))

    def _problems(self, operation: Operation, exchange: Exchange) -> Iterator[tuple[str, str, str]]:
        status = exchange.status
        if status == 0:
            yield CRASH, "no reply", f"no whole reply came ({exchange.body.decode('utf-8', 'replace')})."
            return
        if status >= 500 and status not in operation.statuses:
            yield CRASH, f"{status}", f"the implementation failed: {exchange.shown_reply()[:300]}"
            return
        response = self._document.response(operation, status)
        if response is None:
            declared = ", ".join(sorted(operation.node["responses"]))
            yield STATUS, f"{status}", f"{status} is not declared; {declared} are."
            return
        length = exchange.headers.get("content-length")
        if length is not None and exchange.method != "HEAD" and int(length) != len(exchange.body):
            yield LENGTH, f"{status}", f"Content-Length is {length} and the body has {len(exchange.body)} bytes."
        if status in _BODILESS:
            if exchange.body:
                yield EMPTY, f"{status}", f"{status} has no body, and {len(exchange.body)} bytes came."
            return
        yield from self._headers(response, exchange)
        yield from self._body(operation, response, exchange)

    def _headers(self, response: Any, exchange: Exchange) -> Iterator[tuple[str, str, str]]:
        for name, node in response.get("headers", {}).items():
            header = self._document.followed(node)
            value = exchange.headers.get(name.lower())
            if value is None and header.get("required"):
                yield HEADERS, f"{exchange.status} {name}", f"the header {name} is missing."

    def _body(self, operation: Operation, response: Any, exchange: Exchange) -> Iterator[tuple[str, str, str]]:
        declared = [each.partition(";")[0].strip().lower() for each in response.get("content", {})]
        if not declared or exchange.method == "HEAD":
            return
        if exchange.media_type not in declared:
            shown = exchange.media_type or "none"
            yield (
                MEDIA,
                f"{exchange.status}",
                f"the media type is {shown}, and {' or '.join(declared)} is declared.",
            )
            return
        schema = self._document.reply_schema(operation, exchange.status)
        if not is_json(exchange.media_type) or schema is None:
            return
        try:
            value = exchange.json
        except ValueError as error:
            yield SCHEMA, f"{exchange.status} no JSON", f"the body is no JSON: {error}."
            return
        for violation in self._document.violations(schema, value):
            place = re.sub(r"/\d+", "/*", violation.partition(":")[0])
            yield SCHEMA, f"{exchange.status} {place}", violation
        for names in self._times_in(operation, exchange.status, schema):
            for text in _at(value, names):
                if not _TIME.fullmatch(text):
                    where = "/" + "/".join(names)
                    yield TIMES, where, f"{where} is {text!r}, and times read like 2026-04-20T18:24:10.113Z."

    def _times_in(self, operation: Operation, status: int, schema: Any) -> tuple[tuple[str, ...], ...]:
        key = (operation.id, status)
        if key not in self._places:
            self._places[key] = tuple(dict.fromkeys(_time_places(self._document, schema)))
        return self._places[key]


def _time_places(document: Document, schema: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Where a value of a schema has times: names of fields, `*` for every item of a list."""
    schema = document.followed(schema)
    if len(place) > DEEPEST:
        return  # schemas may contain themselves
    if schema.get("format") == "date-time":
        yield place
    for branch in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from _time_places(document, branch, place)
    for name, each in document.properties(schema).items():
        yield from _time_places(document, each, (*place, name))
    if isinstance(schema.get("items"), dict):
        yield from _time_places(document, schema["items"], (*place, "*"))


def _at(value: Any, place: tuple[str, ...]) -> Iterator[str]:
    """The texts that a value has at a place."""
    if not place:
        if isinstance(value, str):
            yield value
    elif place[0] == "*":
        for each in value if isinstance(value, list) else ():
            yield from _at(each, place[1:])
    elif isinstance(value, dict) and place[0] in value:
        yield from _at(value[place[0]], place[1:])
