"""Failures on purpose: for some operations, some times, in ways a real service fails."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from mockserver import chance

ANY = "*"


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds a reply is held back: fixed when both are equal, else anything between them."""

    least: float
    most: float


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `requests` in any `seconds` of world time; further ones are refused."""

    requests: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with requests for `operation` (an operationId, or "*").

    * status, detail, retry_after: the refusal, in the API's shape; nothing else happens to the request.
    * latency: the reply is held back, in real seconds.
    * rate_limit: requests beyond it are refused with 429 and Retry-After.
    * connection: dropped before the reply, or truncated in the middle of it.
    * malformed: the reply is not whole JSON; what the request does is done.
    * times: how often it happens at most; share: to which part of the requests, drawn by seed.
    """

    operation: str
    status: int | None = None
    detail: str | None = None
    retry_after: int | None = None
    latency: Latency | None = None
    rate_limit: RateLimit | None = None
    connection: Literal["drop", "truncate"] | None = None
    malformed: bool = False
    times: int | None = None
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Mishap:
    """What happens to one request: a fault with its latency and refusal worked out."""

    fault: Fault
    number: int
    wait_seconds: float
    status: int | None
    detail: str
    retry_after: int | None


@dataclass(slots=True)
class _Armed:
    number: int
    fault: Fault
    left: int | None
    seen: int
    moments: list[int]


class Faults:
    """The faults of a world, in the order they were put in; the first that applies to a request happens."""

    def __init__(self, *seed: chance.Part) -> None:
        self._seed = seed
        self._armed: list[_Armed] = []
        self._count = 0

    def __bool__(self) -> bool:
        return bool(self._armed)

    def add(self, fault: Fault) -> int:
        """Let `fault` happen from now on; its number."""
        self._count += 1
        self._armed.append(_Armed(self._count, fault, fault.times, 0, []))
        return self._count

    def clear(self) -> int:
        """Let nothing go wrong any more; how many faults there were."""
        count = len(self._armed)
        self._armed.clear()
        return count

    def __iter__(self) -> Iterator[tuple[int, Fault, int | None]]:
        """(number, fault, how often it may still happen) of each."""
        return iter([(each.number, each.fault, each.left) for each in self._armed])

    def take(self, operation: str, now_ms: int) -> Mishap | None:
        """What happens to a request for `operation` at this moment, or None."""
        for armed in self._armed:
            if armed.fault.operation in (ANY, operation) and self._happens(armed, now_ms):
                if armed.left is not None:
                    armed.left -= 1
                    if armed.left <= 0:
                        self._armed.remove(armed)
                return self._mishap(armed, now_ms)
        return None

    def _happens(self, armed: _Armed, now_ms: int) -> bool:
        armed.seen += 1
        limit = armed.fault.rate_limit
        if limit is not None:
            armed.moments = [each for each in armed.moments if now_ms - each < limit.seconds * 1000]
            if len(armed.moments) < limit.requests:
                armed.moments.append(now_ms)
                return False
        return self._draw(armed, "share") < armed.fault.share

    def _mishap(self, armed: _Armed, now_ms: int) -> Mishap:
        fault = armed.fault
        wait = 0.0
        if fault.latency is not None:
            wait = fault.latency.least + self._draw(armed, "latency") * (fault.latency.most - fault.latency.least)
        status, retry_after = fault.status, fault.retry_after
        detail = "A failure on purpose." if fault.detail is None else fault.detail
        if fault.rate_limit is not None and status is None:
            status, detail = 429, "Request was throttled." if fault.detail is None else fault.detail
            if retry_after is None and armed.moments:
                until_ms = armed.moments[0] + fault.rate_limit.seconds * 1000 - now_ms
                retry_after = max(1, -(-round(until_ms) // 1000))
        return Mishap(fault, armed.number, wait, status, detail, retry_after)

    def _draw(self, armed: _Armed, what: str) -> float:
        """A number from 0 to 1, the same for the same seed, fault and request."""
        return chance.number(*self._seed, "fault", armed.number, armed.seen, what, bits=32) / 2**32
