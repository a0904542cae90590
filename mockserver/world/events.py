"""What happened in a world: events, in order, each with an id of its own."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. `type` is its dotted name, `at` an ISO 8601 time, `data` the payload."""

    id: str
    type: str
    at: str
    data: dict[str, Any]

    def envelope(self) -> dict[str, Any]:
        """The event as a webhook carries it."""
        return {"type": self.type, "data": self.data, "event_id": self.id}


class EventLog:
    """The last 10,000 events of a world, oldest first."""

    def __init__(self) -> None:
        self._events: deque[Event] = deque(maxlen=KEPT)

    def append(self, event: Event) -> None:
        """Keep `event` as the newest."""
        self._events.append(event)

    def __iter__(self) -> Iterator[Event]:
        return iter(self._events)

    def __len__(self) -> int:
        return len(self._events)
