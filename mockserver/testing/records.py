"""What a test may look at afterwards: the requests it made and the webhooks it caused, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from mockserver.world.journal import Entry
from mockserver.world.store import Document


@dataclass(frozen=True, slots=True)
class Asked:
    """One request and its reply. `operation` is the operationId, `body` and `reply` are JSON where they can be.

    `source` says where the reply came from, `warnings` what was wrong with the request and let through.
    """

    number: int
    method: str
    path: str
    query: str
    operation: str | None
    body: Any
    status: int
    reply: Any
    source: str
    warnings: tuple[str, ...]

    def __str__(self) -> str:
        return f"#{self.number} {self.method} {self.path}{f'?{self.query}' if self.query else ''} → {self.status}"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one subscriber.

    `status` is pending, delivered, retrying or failed; `attempts` are the tries with status, headers and error.
    `data` is what the event carries, `payload` the whole body as JSON and `body` as it was signed and sent.
    """

    id: str
    type: str
    url: str
    label: str
    status: str
    call_id: int | None
    attempts: tuple[Mapping[str, Any], ...]
    body: bytes

    @property
    def payload(self) -> Any:
        """The body as JSON."""
        return orjson.loads(self.body)

    @property
    def data(self) -> Mapping[str, Any]:
        """What the event carries; the whole payload of a contract without an envelope."""
        payload = self.payload
        data = payload.get("data", payload)
        return data if isinstance(data, dict) else {}

    def __str__(self) -> str:
        about = "" if self.call_id is None else f" call_id={self.call_id}"
        return f"{self.type}{about} ({self.fate})"

    @property
    def fate(self) -> str:
        """What became of it, for people: `delivered`, or `retrying: answered 503`."""
        if self.status in ("delivered", "pending") or not self.attempts:
            return self.status
        last = self.attempts[-1]
        why = last["error"] if last["status"] is None else f"answered {last['status']}"
        return f"{self.status}: {why}"


def asked(entry: Entry) -> Asked:
    """A request as the journal has it."""
    return Asked(
        number=entry.number,
        method=entry.method,
        path=entry.path,
        query=entry.query,
        operation=entry.operation,
        body=_readable(entry.request_body),
        status=entry.status,
        reply=_readable(entry.reply_body),
        source=str(entry.source),
        warnings=entry.warnings,
    )


def delivered(document: Document) -> Delivery:
    """A delivery as the world keeps it."""
    return Delivery(
        id=str(document["id"]),
        type=document["event_type"],
        url=document["url"],
        label=document["endpoint_label"],
        status=document["status"],
        call_id=document["call_id"],
        attempts=tuple(document["attempts"]),
        body=document["body"].encode("utf-8"),
    )


def _readable(body: bytes) -> Any:
    if not body:
        return None
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.decode("utf-8", "replace")
