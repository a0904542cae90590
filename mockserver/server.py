"""A server in a thread of this process: one event loop owns all worlds, and other threads ask it to act."""

import asyncio
import threading
from collections.abc import Callable
from types import TracebackType
from typing import ParamSpec, TypeVar

import uvicorn

from mockserver.assembly import build
from mockserver.errors import WrongUse
from mockserver.http.app import App
from mockserver.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")


class MockServer:
    """A running mock server, as a context manager: `with MockServer() as server: server.base_url`.

    `port` 0 takes a free one.
    """

    def __init__(self, settings: Settings | None = None, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.settings = Settings() if settings is None else settings
        self.app: App = build(self.settings)
        config = uvicorn.Config(
            self.app, host=host, port=port, log_level="warning", access_log=False, timeout_graceful_shutdown=5
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="mockserver", daemon=True)
        self._started = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failure: BaseException | None = None

    @property
    def base_url(self) -> str:
        """Where the server listens: `http://127.0.0.1:54321`."""
        if not self._server.started:
            raise WrongUse("The server is not running. Use it as `with MockServer() as server:`.")
        host, port = self._server.servers[0].sockets[0].getsockname()[:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"

    def call(self, action: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `action` on the loop that owns the worlds, and wait for its result."""
        if self._loop is None:
            raise WrongUse("The server is not running. Use it as `with MockServer() as server:`.")

        async def run() -> T:
            return action(*args, **kwargs)

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(timeout=30)

    def mint_key(self, *, world: str | None = None, seed: str | None = None) -> str:
        """A fresh API key of a fresh organization."""
        return self.call(lambda: self.app.worlds.mint(world_name=world, seed=seed))

    def __enter__(self) -> "MockServer":
        self._thread.start()
        self._started.wait(timeout=30)
        if self._failure is not None:
            raise WrongUse(f"The server did not start: {self._failure}") from self._failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=30)

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=self._server.config.get_loop_factory()) as runner:
                self._loop = runner.get_loop()
                runner.run(self._serve())
        except BaseException as failure:  # SystemExit too: uvicorn's word for a port in use
            self._failure = failure
        finally:
            self._started.set()

    async def _serve(self) -> None:
        serving = asyncio.ensure_future(self._server.serve())
        while not self._server.started and not serving.done():
            await asyncio.sleep(0.002)
        self._started.set()
        await serving
