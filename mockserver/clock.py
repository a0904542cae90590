"""Time: a world's virtual clock, and the only place that reads the machine's own clock.

A `Clock` moves when it is told to (`advance`, `settle`) and runs what falls due on the way, in order, each
timer at its own moment. How it moves by itself is a pace, decided by whoever owns the clock.
"""

import heapq
import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from mockserver.errors import ClockNeverSettles

Subject = tuple[str, Any]


class Pace(StrEnum):
    """How a world's time moves by itself: not at all, to the next timer of what is read, or as real time."""

    MANUAL = "manual"
    POLL = "poll"
    REAL = "real"


def wall_ms() -> int:
    """The machine's time, in milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


def monotonic_seconds() -> float:
    """Seconds of a clock that never goes back; only differences mean something."""
    return time.monotonic()


def iso(ms: int) -> str:
    """Milliseconds since 1970 as the API writes times: `2026-04-20T18:24:10.113Z`."""
    seconds, rest = divmod(ms, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC).isoformat()[:19]}.{rest:03d}Z"


def parse_iso(text: str) -> int:
    """Milliseconds since 1970 of an ISO 8601 time or date; one without an offset is UTC.

    Raises ValueError when `text` is neither.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)


@dataclass(frozen=True, order=True, slots=True)
class Timer:
    """Something that will happen: `action(world, **data)` at `due_ms`, concerning `subject`.

    `subject` is a (collection, id) pair: reading that resource at pace `poll` moves time to its timers.
    """

    due_ms: int
    number: int
    action: Callable[..., None] = field(compare=False)
    subject: Subject = field(compare=False)
    data: dict[str, Any] = field(compare=False)


class Clock:
    """A virtual clock with timers. `run` is given each timer when it falls due."""

    def __init__(self, start_ms: int, run: Callable[[Timer], None]) -> None:
        self.now_ms = start_ms
        self._run = run
        self._queue: list[Timer] = []
        self._numbers = itertools.count(1)
        self._cancelled: set[int] = set()
        self._by_subject: dict[Subject, list[Timer]] = {}

    @property
    def now(self) -> str:
        """The moment as an ISO 8601 string in UTC with milliseconds."""
        return iso(self.now_ms)

    @property
    def pending(self) -> int:
        """How many timers wait."""
        return len(self._queue) - len(self._cancelled)

    def after(self, seconds: float, action: Callable[..., None], subject: Subject, **data: Any) -> Timer:
        """Run `action(world, **data)` when `seconds` (0 or more) have passed."""
        return self.at(self.now_ms + max(0, round(seconds * 1000)), action, subject, **data)

    def at(self, due_ms: int, action: Callable[..., None], subject: Subject, **data: Any) -> Timer:
        """Run `action(world, **data)` at `due_ms`; a moment already past means at the next chance."""
        timer = Timer(max(due_ms, self.now_ms), next(self._numbers), action, subject, data)
        heapq.heappush(self._queue, timer)
        self._by_subject.setdefault(subject, []).append(timer)
        return timer

    def cancel(self, subject: Subject) -> None:
        """Drop every timer that concerns `subject`."""
        for timer in self._by_subject.pop(subject, ()):
            self._cancelled.add(timer.number)

    def timers(self) -> list[Timer]:
        """What waits, soonest first."""
        return sorted(timer for timer in self._queue if timer.number not in self._cancelled)

    def next_due(self, subject: Subject | None = None) -> int | None:
        """When the next timer (of `subject`, if given) falls due; None when none waits.

        A subject whose id is None stands for its whole collection.
        """
        if subject is None:
            self._drop_cancelled()
            return self._queue[0].due_ms if self._queue else None
        return min((timer.due_ms for timer in self._about(subject)), default=None)

    def seconds_until(self, timer: Timer) -> float:
        """How many seconds are left until a timer falls due."""
        return (timer.due_ms - self.now_ms) / 1000

    def advance(self, seconds: float) -> int:
        """Move time by `seconds`, running what falls due; how many timers ran."""
        return self.advance_to(self.now_ms + round(seconds * 1000))

    def advance_to(self, target_ms: int) -> int:
        """Move time to `target_ms` (never back), running what falls due on the way; how many timers ran."""
        count = 0
        while (due := self.next_due()) is not None and due <= target_ms:
            self._step()
            count += 1
        self.now_ms = max(self.now_ms, target_ms)
        return count

    def settle(self, limit: int = 100_000) -> int:
        """Move time until nothing waits; how many timers ran.

        Raises ClockNeverSettles after `limit` timers.
        """
        for count in itertools.count():
            due = self.next_due()
            if due is None:
                return count
            if count >= limit:
                timer = self._queue[0]
                raise ClockNeverSettles(
                    f"settle() ran {limit} timers and is not done; the next is {timer.action.__name__} of "
                    f"{timer.subject[0]}/{timer.subject[1]} at {iso(due)}. Use advance(seconds) instead."
                )
            self._step()
        raise AssertionError("unreachable: itertools.count() never ends")

    def _step(self) -> None:
        timer = heapq.heappop(self._queue)
        self.now_ms = max(self.now_ms, timer.due_ms)
        waiting = self._by_subject[timer.subject]
        waiting.remove(timer)
        if not waiting:
            del self._by_subject[timer.subject]
        self._run(timer)

    def _drop_cancelled(self) -> None:
        while self._queue and self._queue[0].number in self._cancelled:
            self._cancelled.discard(heapq.heappop(self._queue).number)

    def _about(self, subject: Subject) -> Iterator[Timer]:
        collection, identity = subject
        if identity is not None:
            yield from self._by_subject.get(subject, ())
            return
        for (name, _), timers in self._by_subject.items():
            if name == collection:
                yield from timers
