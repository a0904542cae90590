"""What a world wants to be sent: appended by whatever happens inside, sent by the server outside."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mockserver.spec.delivery import Header


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one outgoing request.

    `status` is None when no reply came; `error` then says why and `failure` is one word for it: connection,
    timeout, refused (by ourselves) or invalid. `body` is cut at 64 KiB. `sent` are the headers that were sent.
    """

    status: int | None
    headers: Mapping[str, str]
    body: bytes
    duration_ms: int
    sent: Mapping[str, str]
    error: str | None = None
    failure: str | None = None

    @property
    def accepted(self) -> bool:
        """Whether the receiver answered with any 2xx."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One request to send. Requests of the same `lane` go out one after another.

    `rules` are the headers its contract gives it; `secret` signs it, `facts` are what else the rules may name
    (event, delivery). `after` is the timestamp of the previous signature over the same event, which the next one
    must exceed. `then(outcome)` runs on the loop that owns the world.
    """

    lane: str
    method: str
    url: str
    body: bytes
    secret: str
    rules: Sequence[Header] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    then: Callable[[Outcome, int], None] = lambda outcome, timestamp: None
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout_seconds: float = 30.0
    after: int = 0


class Outbox:
    """Outgoing requests nobody has taken yet, oldest first."""

    def __init__(self) -> None:
        self._waiting: deque[Outgoing] = deque()

    def put(self, outgoing: Outgoing) -> None:
        """Have `outgoing` sent soon."""
        self._waiting.append(outgoing)

    async def exchange(self, outgoing: Outgoing) -> Outcome:
        """Have `outgoing` sent and wait for what becomes of it; for behaviours that must answer with it.

        Its own `then` has run before.
        """
        answered: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

        def then(outcome: Outcome, timestamp: int) -> None:
            try:
                outgoing.then(outcome, timestamp)
            finally:
                answered.set_result(outcome)

        self.put(replace(outgoing, then=then))
        return await answered

    def take(self) -> list[Outgoing]:
        """Everything that waits; it waits no more."""
        taken = list(self._waiting)
        self._waiting.clear()
        return taken

    def __bool__(self) -> bool:
        return bool(self._waiting)
