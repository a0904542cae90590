"""What happened in a world: events, in order, each with an id of its own."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mockserver.world.channels import Told

KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened.

    `type` is our own dotted name for it, `at` an ISO 8601 time, `data` what our own code says of it. `told` is how
    each served contract tells it, if it does.
    """

    id: str
    type: str
    at: str
    data: dict[str, Any]
    told: tuple[Told, ...]

    @property
    def agent_id(self) -> int | None:
        """The agent it happened to, if any."""
        found: int | None = self.data.get("agent_id")
        return found


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
