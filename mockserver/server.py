"""A server in a thread of this process, on a socket of its own."""

import asyncio
from collections.abc import Callable

import uvicorn

from mockserver.errors import WrongUse
from mockserver.hosting import Host
from mockserver.settings import Settings


class MockServer(Host):
    """A running mock server, as a context manager: `with MockServer() as server: server.base_url`.

    `port` 0 takes a free one. `server.sandbox()` gives a test an organization of its own; in a notebook,
    `server = MockServer().start()` and later `server.stop()`.
    """

    def __init__(self, settings: Settings | None = None, *, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__(settings)
        config = uvicorn.Config(
            self.app, host=host, port=port, log_level="warning", access_log=False, timeout_graceful_shutdown=5
        )
        self._server = uvicorn.Server(config)

    @property
    def base_url(self) -> str:
        """Where the server listens: `http://127.0.0.1:54321`."""
        if not self._server.started:
            raise WrongUse("The server is not running. Use it as `with MockServer() as server:`.")
        host, port = self._server.servers[0].sockets[0].getsockname()[:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"

    def _loop_factory(self) -> Callable[[], asyncio.AbstractEventLoop] | None:
        return self._server.config.get_loop_factory()

    async def _main(self, ready: Callable[[], None]) -> None:
        serving = asyncio.ensure_future(self._server.serve())
        while not self._server.started and not serving.done():
            await asyncio.sleep(0.002)
        if self._server.started:
            ready()
        await serving

    def _leave(self) -> None:
        self._server.should_exit = True
