"""The same server without a socket: an ASGI application that any event loop of this process may call."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from starlette.types import Message, Receive, Scope, Send

from mockserver.hosting import Host

ADDRESS: Final = "http://thunderphone.test"
"""What stands before the paths of requests. The domain `.test` is reserved: nothing real is ever reached by it."""


class MockApp(Host):
    """An ASGI application, for `ASGITransport` of httpx and httpx2 and for Starlette's `TestClient`.

    `with MockApp() as app:` a request may come from any event loop; it is answered on the one that owns the
    worlds, as everything is. Nothing listens and, as long as receivers are connected in this process
    (`Sandbox.subscribe`), nothing is sent: it works where a test may not open sockets.
    """

    listens = False

    @property
    def base_url(self) -> str:
        """`http://thunderphone.test`: for clients that insist on a host."""
        return ADDRESS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. The lifespan is this object's own and not the caller's."""
        if scope["type"] != "http":
            return
        loop, body = self.loop, await _whole(receive)
        answered = asyncio.run_coroutine_threadsafe(self._answer(scope, body), loop)
        messages, failure = await asyncio.wrap_future(answered)
        for message in messages:
            await send(message)
        if failure is not None:
            raise failure

    async def _answer(self, scope: Scope, body: bytes) -> tuple[list[Message], Exception | None]:
        """What the application sends, and what it raises to break a connection on purpose."""
        sent: list[Message] = []
        waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Message:
            if waiting:
                return waiting.pop()
            return await asyncio.Event().wait()  # type: ignore[return-value]  # the client stays connected

        async def send(message: Any) -> None:
            sent.append(message)

        try:
            await self.app(scope, receive, send)
        except Exception as failure:
            return sent, failure
        return sent, None

    def _loop_factory(self) -> Callable[[], asyncio.AbstractEventLoop] | None:
        # uvloop wakes its loop without a Python socket, which asyncio's own needs a pair of.
        try:
            import uvloop
        except ImportError:
            return None
        return uvloop.new_event_loop

    async def _main(self, ready: Callable[[], None]) -> None:
        self._over = asyncio.Event()
        ready()
        await self._over.wait()
        await self.app.pacemaker.stop()

    def _leave(self) -> None:
        self.loop.call_soon_threadsafe(self._over.set)


async def _whole(receive: Receive) -> bytes:
    """The body of a request."""
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body", False):
            return b"".join(parts)
