"""Keeps worlds going when nobody asks: what waits to be sent is sent, and real time wakes them at their timers."""

import asyncio
from collections.abc import Iterable

from mockserver.clock import Pace
from mockserver.delivery.courier import Courier
from mockserver.world.world import World


class Pacemaker:
    """Looks after each followed world. Lives on the server's event loop."""

    def __init__(self, allowed_hosts: Iterable[str] = ()) -> None:
        """`allowed_hosts` may be sent to although they are not this machine."""
        self.courier = Courier(allowed_hosts, self.follow)
        self._wakes: dict[World, asyncio.TimerHandle] = {}

    def follow(self, world: World) -> None:
        """Send what `world` has to send and wake it at its next timer; to be called whenever it was touched."""
        if world.outbox:
            self.courier.collect(world)
        if world.rules.pace is not Pace.REAL:
            return
        self.forget(world)
        seconds = world.seconds_to_next_timer()
        if seconds is not None:
            # A wake-up a little late runs every timer at its own moment all the same.
            loop = asyncio.get_running_loop()
            self._wakes[world] = loop.call_later(min(seconds, 3600.0), self._wake, world)

    def forget(self, world: World) -> None:
        """Wake `world` no more."""
        previous = self._wakes.pop(world, None)
        if previous is not None:
            previous.cancel()

    async def advance(self, world: World, seconds: float) -> int:
        """Move a world's time, waiting at each step for the answers to what it sent; how many timers ran."""
        target_ms = world.clock.now_ms + round(seconds * 1000)
        count = 0
        while True:
            await self.courier.idle(world)
            due = world.clock.next_due()
            if due is None or due > target_ms:
                break
            count += world.advance((due - world.clock.now_ms) / 1000)
            self.follow(world)
        count += world.advance(max(0, target_ms - world.clock.now_ms) / 1000)
        self.follow(world)
        return count

    async def settle(self, world: World, limit: int = 100_000) -> int:
        """Move a world's time until nothing waits and nothing is on its way; how many timers ran."""
        count = 0
        while True:
            await self.courier.idle(world)
            due = world.clock.next_due()
            if due is None:
                return count
            if count >= limit:
                world.clock.settle(limit=0)  # says which timer it is that never ends
            count += world.advance(max(0, due - world.clock.now_ms) / 1000)
            self.follow(world)

    async def stop(self) -> None:
        """Wake nobody any more, and let what is on its way arrive."""
        for handle in self._wakes.values():
            handle.cancel()
        self._wakes.clear()
        await self.courier.stop()

    def _wake(self, world: World) -> None:
        self._wakes.pop(world, None)
        try:
            world.keep_pace()
        except Exception as error:
            # Nobody is there to be answered: the world remembers it, and time goes on.
            world.journal.defects.append(f"{type(error).__name__}: {error}")
        self.follow(world)
