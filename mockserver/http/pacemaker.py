"""Keeps worlds at pace `real` moving when nobody asks: one pending wake-up per world with a timer."""

import asyncio

from mockserver.clock import Pace
from mockserver.world.world import World


class Pacemaker:
    """Wakes each followed world when its next timer falls due. Lives on the server's event loop."""

    def __init__(self) -> None:
        self._wakes: dict[World, asyncio.TimerHandle] = {}

    def follow(self, world: World) -> None:
        """Wake `world` at its next timer; to be called whenever its timers may have changed."""
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

    def stop(self) -> None:
        """Wake nobody any more."""
        for handle in self._wakes.values():
            handle.cancel()
        self._wakes.clear()

    def _wake(self, world: World) -> None:
        self._wakes.pop(world, None)
        try:
            world.keep_pace()
        except Exception as error:
            # Nobody is there to be answered: the world remembers it, and time goes on.
            world.journal.defects.append(f"{type(error).__name__}: {error}")
        self.follow(world)
