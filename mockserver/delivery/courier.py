"""Sends what worlds want to be sent, without ever making an API reply wait.

Each lane of a world (an endpoint, say) is one task that sends one request after another, so order within it is
kept, connections are bounded, and a slow receiver delays nobody else.
"""

import asyncio
import ipaddress
from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from mockserver.clock import monotonic_seconds, wall_ms
from mockserver.delivery.signatures import contract_headers, path_query_of
from mockserver.world.outbox import Outcome, Outgoing
from mockserver.world.world import World

if TYPE_CHECKING:
    import httpx2

KEPT_BODY: Final = 64 * 1024
MOST_CONNECTIONS: Final = 32

# How a message is cut out of the stream is the sender's business; a wrong value leaves both sides waiting.
_FRAMING: Final = frozenset(
    {"connection", "content-length", "expect", "te", "trailer", "transfer-encoding", "upgrade"}
)


Receive = Callable[[str, str, dict[str, str], bytes], tuple[int, dict[str, str], bytes]]
"""A receiver in this process: of a method, a path with its query, headers and a body it makes a status, headers
and a body. It runs in a thread of its own."""


class Courier:
    """Sends on the server's event loop. `touched(world)` is called whenever an answer has changed a world."""

    def __init__(self, allowed_hosts: Iterable[str], touched: Callable[[World], None]) -> None:
        self._allowed = frozenset(host.lower() for host in allowed_hosts)
        self._touched = touched
        self._lanes: dict[tuple[World, str], deque[Outgoing]] = {}
        self._tasks: dict[tuple[World, str], asyncio.Task[None]] = {}
        self._client: httpx2.AsyncClient | None = None
        self._near: dict[str, Receive] = {}

    def connect(self, host: str, receive: Receive) -> None:
        """From now on `receive` gets what is sent to `host`, without a socket."""
        self._near[host.lower()] = receive

    def disconnect(self, host: str) -> None:
        """Nobody in this process is `host` any more."""
        self._near.pop(host.lower(), None)

    def collect(self, world: World) -> None:
        """Take what waits in the world's outbox and see that it is sent."""
        for outgoing in world.outbox.take() if world.outbox else ():
            key = (world, outgoing.lane)
            self._lanes.setdefault(key, deque()).append(outgoing)
            if key not in self._tasks:
                self._tasks[key] = asyncio.get_running_loop().create_task(self._work(key))

    async def idle(self, world: World) -> None:
        """Return once nothing of this world is on its way."""
        while True:
            tasks = [task for (each, _), task in self._tasks.items() if each is world]
            if not tasks:
                return
            await asyncio.wait(tasks)

    async def stop(self, grace_seconds: float = 5.0) -> None:
        """Let what is on its way arrive, for a while, and send nothing more."""
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()), timeout=grace_seconds)
        for task in list(self._tasks.values()):
            task.cancel()
        if self._client is not None:
            await self._client.aclose()

    async def send(self, outgoing: Outgoing) -> tuple[Outcome, int]:
        """Send one request now: what became of it, and the timestamp it was signed with."""
        timestamp = max(wall_ms() // 1000, outgoing.after + 1)
        headers = {
            "Content-Type": "application/json",
            **{name: value for name, value in outgoing.headers.items() if name.lower() not in _FRAMING},
            **contract_headers(outgoing, timestamp),
        }
        near = self._near_receiver(outgoing.url) if self._near else None
        if near is not None:
            return await self._hand_over(near, outgoing, headers), timestamp
        problem = self._objection(outgoing.url)
        if problem is not None:
            return Outcome(None, {}, b"", 0, headers, error=problem, failure="refused"), timestamp
        return await self._exchange(outgoing, headers), timestamp

    async def _work(self, key: tuple[World, str]) -> None:
        world, _ = key
        lane = self._lanes[key]
        try:
            while lane:
                outgoing = lane.popleft()
                outcome, timestamp = await self._sent(outgoing)
                try:
                    outgoing.then(outcome, timestamp)
                except Exception as error:
                    # Nobody waits for this answer: the world remembers the defect for whoever owns the test.
                    world.journal.defects.append(f"{type(error).__name__}: {error} (answer of {outgoing.url})")
                await asyncio.sleep(0)  # whoever awaited this answer may want something else sent now
                self._touched(world)
        finally:
            self._lanes.pop(key, None)
            self._tasks.pop(key, None)

    async def _sent(self, outgoing: Outgoing) -> tuple[Outcome, int]:
        """As `send`, and whatever goes wrong is an outcome too: someone may be waiting for one."""
        try:
            return await self.send(outgoing)
        except Exception as error:  # a URL or a header that cannot be sent breaks in many ways
            text = f"{type(error).__name__}: {error}"
            return Outcome(None, {}, b"", 0, outgoing.headers, error=text, failure="invalid"), outgoing.after

    async def _hand_over(self, near: Receive, outgoing: Outgoing, headers: dict[str, str]) -> Outcome:
        started = monotonic_seconds()
        path = path_query_of(outgoing.url)
        try:
            async with asyncio.timeout(outgoing.timeout_seconds):
                status, answered, body = await asyncio.to_thread(
                    near, outgoing.method, path, headers, outgoing.body
                )
        except TimeoutError:
            text = f"no answer within {outgoing.timeout_seconds:g} s"
            return Outcome(None, {}, b"", 0, headers, error=text, failure="timeout")
        passed = round((monotonic_seconds() - started) * 1000)
        return Outcome(status, answered, body[:KEPT_BODY], passed, headers)

    def _near_receiver(self, url: str) -> Receive | None:
        try:
            return self._near.get((urlsplit(url).hostname or "").lower())
        except ValueError:  # no URL: refused, with the reason, like any other
            return None

    async def _exchange(self, outgoing: Outgoing, headers: dict[str, str]) -> Outcome:
        import httpx2  # a sixth of a second that servers without webhooks need not spend

        if self._client is None:
            limits = httpx2.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=MOST_CONNECTIONS)
            self._client = httpx2.AsyncClient(limits=limits, follow_redirects=False, trust_env=False)
        started = monotonic_seconds()

        def passed() -> int:
            return round((monotonic_seconds() - started) * 1000)

        try:
            async with asyncio.timeout(outgoing.timeout_seconds):
                reply = await self._client.request(
                    outgoing.method, outgoing.url, content=outgoing.body, headers=headers, timeout=None
                )
        except TimeoutError:
            text = f"no answer within {outgoing.timeout_seconds:g} s"
            return Outcome(None, {}, b"", passed(), headers, error=text, failure="timeout")
        except httpx2.InvalidURL as error:
            return Outcome(None, {}, b"", passed(), headers, error=str(error), failure="invalid")
        except httpx2.HTTPError as error:
            text = f"{type(error).__name__}: {error}"
            return Outcome(None, {}, b"", passed(), headers, error=text, failure="connection")
        return Outcome(reply.status_code, dict(reply.headers), reply.content[:KEPT_BODY], passed(), headers)

    def _objection(self, url: str) -> str | None:
        """Why nothing is sent to `url`, or None: only loopback addresses and hosts that were allowed are."""
        try:
            host = (urlsplit(url).hostname or "").lower()
        except ValueError as error:
            return f"{url!r} is no URL: {error}"
        if host == "localhost" or host.endswith(".localhost") or host in self._allowed:
            return None
        try:
            if ipaddress.ip_address(host).is_loopback:
                return None
        except ValueError:
            pass
        return (
            f"{host or url!r} is not on this machine, and the mock sends nothing elsewhere unless told to: "
            "start it with --webhook-host for each host to allow."
        )
