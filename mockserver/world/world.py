"""A world: everything one organization owns, and its time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver import chance
from mockserver.clock import Clock, Pace, Subject, Timer, monotonic_seconds
from mockserver.world.events import Event, EventLog
from mockserver.world.journal import Journal
from mockserver.world.store import Collection, Layout, Store

CheckEvent = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class Rules:
    """What every world of a server has in common, fixed when the server is made.

    `layouts` says how collections are kept, `check_event` raises MockError for an event that breaks its
    declared payload. `speed` is how many world seconds pass in a real one at pace `real`.
    """

    layouts: Mapping[str, Layout]
    check_event: CheckEvent
    pace: Pace = Pace.MANUAL
    speed: float = 1.0


class World:
    """All state of one organization: `store`, `clock`, `events`, `journal`.

    Only the server's event loop touches a world, and no handler awaits, so a request is atomic. Everything
    that looks random in it is derived from `seed` and `organization`.
    """

    def __init__(self, rules: Rules, *, seed: str, organization: str, start_ms: int) -> None:
        self.rules = rules
        self.seed = seed
        self.organization = organization
        self.store = Store(rules.layouts)
        self.clock = Clock(start_ms, self._run)
        self.events = EventLog()
        self.journal = Journal()
        self._issued: dict[str, int] = {}
        self._wall_start = monotonic_seconds()
        self._world_start_ms = start_ms

    def __getitem__(self, collection: str) -> Collection:
        """The collection of this name, empty on first use."""
        return self.store[collection]

    @property
    def now(self) -> str:
        """The world's time, ISO 8601 UTC with milliseconds."""
        return self.clock.now

    # -- identity and chance ------------------------------------------------------------------------

    def next_number(self, collection: str) -> int:
        """A new integer id for `collection`.

        Ids count up from a base that differs per organization and collection, so that two organizations
        never share one and an id of the other is really unknown here.
        """
        base = 10_000_000 + chance.number("ids", self.seed, self.organization, collection, bits=39)
        return base + self._issue(collection)

    def next_uuid(self, collection: str) -> str:
        """A new UUID for `collection`."""
        return chance.uuid_of(self.seed, self.organization, collection, self._issue(collection))

    def _issue(self, collection: str) -> int:
        count = self._issued.get(collection, 0) + 1
        self._issued[collection] = count
        return count

    # -- time ---------------------------------------------------------------------------------------

    def keep_pace(self) -> None:
        """Before a request: at pace `real`, move the clock to where real time says it is."""
        if self.rules.pace is Pace.REAL:
            self.clock.advance_to(self._real_ms())

    def seconds_to_next_timer(self) -> float | None:
        """Real seconds until the next timer is due at pace `real`; None when none waits."""
        due = self.clock.next_due()
        if due is None:
            return None
        return max(0.0, (due - self._real_ms()) / 1000 / self.rules.speed)

    def advance(self, seconds: float) -> int:
        """Move time by `seconds`; how many timers ran. At pace `real` it goes on from there."""
        count = self.clock.advance(seconds)
        self._restart_wall()
        return count

    def settle(self) -> int:
        """Move time until no timer waits; how many ran."""
        count = self.clock.settle()
        self._restart_wall()
        return count

    def read(self, subject: Subject) -> None:
        """After a read of `subject` was served: at pace `poll`, move to its next timer."""
        if self.rules.pace is Pace.POLL:
            due = self.clock.next_due(subject)
            if due is not None:
                self.clock.advance_to(due)

    def _restart_wall(self) -> None:
        self._wall_start = monotonic_seconds()
        self._world_start_ms = self.clock.now_ms

    def _real_ms(self) -> int:
        passed = (monotonic_seconds() - self._wall_start) * self.rules.speed
        return self._world_start_ms + int(passed * 1000)

    def _run(self, timer: Timer) -> None:
        timer.action(self, **timer.data)

    # -- events -------------------------------------------------------------------------------------

    def emit(self, event_type: str, data: dict[str, Any]) -> Event:
        """Log that something happened. Raises MockError when the payload breaks its declared schema."""
        number = self.events.count + 1
        event = Event(
            id=chance.uuid_of(self.seed, self.organization, "event", number),
            type=event_type,
            at=self.now,
            data=data,
        )
        self.rules.check_event(event)
        self.events.append(event)
        return event
