"""Who hosts an application in this process: a thread with the one event loop that owns its worlds."""

import asyncio
import threading
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import TYPE_CHECKING, ParamSpec, Self, TypeVar

from mockserver.assembly import build
from mockserver.errors import WrongUse
from mockserver.http.app import App
from mockserver.settings import Settings

if TYPE_CHECKING:
    from mockserver.testing.sandbox import Sandbox

P = ParamSpec("P")
T = TypeVar("T")

PATIENCE_SECONDS = 60.0
"""How long another thread waits for the loop before it gives up; longer than any receiver may take to answer."""


class Host(ABC):
    """An application and the thread it lives in: `with` it, or `start()` and `stop()` it.

    Only the thread's loop touches the worlds. Any other thread, and any other event loop, asks it to act with
    `call` and `wait`.
    """

    listens = True
    """Whether it is reached by a socket."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = Settings() if settings is None else settings
        self.app: App = build(self.settings)
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failure: BaseException | None = None

    @property
    @abstractmethod
    def base_url(self) -> str:
        """What the paths of requests are appended to, without a slash at its end."""

    @abstractmethod
    async def _main(self, ready: Callable[[], None]) -> None:
        """Run on the loop until told to stop; call `ready` once requests can be answered."""

    @abstractmethod
    def _leave(self) -> None:
        """Have `_main` return soon; called from another thread."""

    def _loop_factory(self) -> Callable[[], asyncio.AbstractEventLoop] | None:
        """What makes the loop; None is asyncio's own."""
        return None

    # -- from other threads ---------------------------------------------------------------------------

    def call(self, action: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `action` on the loop that owns the worlds, and wait for its result."""

        async def run() -> T:
            return action(*args, **kwargs)

        return self.wait(run)

    def wait(self, action: Callable[[], Awaitable[T]]) -> T:
        """Run what `action` makes on the loop that owns the worlds, and wait for its result.

        Raises WrongUse when the host is not running, when the caller is that loop itself, or when it takes longer
        than PATIENCE_SECONDS.
        """

        loop = self.loop

        async def run() -> T:
            return await action()

        result = asyncio.run_coroutine_threadsafe(run(), loop)
        try:
            return result.result(timeout=PATIENCE_SECONDS)
        except TimeoutError:
            if result.cancel() or not result.done():
                raise WrongUse(
                    f"The mock was not done after {PATIENCE_SECONDS:g} s. Does it wait for a webhook receiver "
                    "that cannot answer, because it runs on the event loop that waits for the mock? Then await "
                    "asyncio.to_thread(thunderphone.settle)."
                ) from None
            raise

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop that owns the worlds. Raises WrongUse when it is not running or is the caller's own."""
        if self._loop is None or not self._ready.is_set():
            raise WrongUse(f"It is not running. Use it as `with {type(self).__name__}() as server:`.")
        if threading.current_thread() is self._thread:
            raise WrongUse(
                "The event loop of the mock cannot wait for itself. Something that the mock calls (a webhook "
                "receiver in this process, say) has called the mock back; do that from a thread."
            )
        return self._loop

    def mint_key(self, *, world: str | None = None, seed: str | None = None) -> str:
        """A fresh API key of a fresh organization."""
        return self.call(lambda: self.app.worlds.mint(world_name=world, seed=seed))

    def sandbox(self, *, world: str | None = None, seed: str | None = None, name: str = "") -> "Sandbox":
        """A fresh organization of its own, to be used `with`; leaving raises what the mock itself did wrong.

        `world` is what it owns and `seed` what is derived from, both the server's unless given. The same `name`
        gives the same key and so the same ids, in whatever order tests run; a name in use gets another key.
        """
        from mockserver.testing.sandbox import Sandbox

        return Sandbox(self, world=world, seed=seed, name=name)

    # -- running ----------------------------------------------------------------------------------------

    def start(self) -> Self:
        """Run until `stop()`, for notebooks and set-up methods. Raises WrongUse when it cannot."""
        if self._thread is not None:
            raise WrongUse("It has been started already, and each can be started once.")
        self._thread = threading.Thread(target=self._run, name="mockserver", daemon=True)
        self._thread.start()
        self._ready.wait(timeout=PATIENCE_SECONDS)
        if self._failure is not None:
            raise WrongUse(f"The server did not start: {self._failure}") from self._failure
        return self

    def stop(self) -> None:
        """Stop, after what is on its way has arrived; nothing happens when it does not run."""
        if self._thread is not None and self._thread.is_alive():
            self._leave()
            self._thread.join(timeout=PATIENCE_SECONDS)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=self._loop_factory()) as runner:
                self._loop = runner.get_loop()
                runner.run(self._main(self._ready.set))
        except BaseException as failure:  # SystemExit too: uvicorn's word for a port in use
            self._failure = failure
        finally:
            self._loop = None
            self._ready.set()
