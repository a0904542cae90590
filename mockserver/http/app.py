"""The whole server as one ASGI application: the API, and our own pages under three prefixes."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.engine.pipeline import Engine
from mockserver.errors import MockError
from mockserver.http import control, docs
from mockserver.http.api import Api
from mockserver.http.control import Control
from mockserver.http.pacemaker import Pacemaker
from mockserver.http.storage import Storage, StoredObject
from mockserver.lifecycles import recordings
from mockserver.media.recording import mp3_size, render_mp3
from mockserver.media.signed_urls import MOUNT as STORAGE_PREFIX
from mockserver.world.worlds import Worlds

_RESERVED = (control.PREFIX, docs.PREFIX, STORAGE_PREFIX)


class App:
    """An ASGI application. `engine` and `worlds` are what it serves, `pacemaker` keeps the worlds going."""

    def __init__(
        self,
        engine: Engine,
        worlds: Worlds,
        *,
        document: Callable[[str | None], bytes],
        allowed_hosts: Iterable[str] = (),
    ) -> None:
        """`document` gives a served OpenAPI document as YAML, by its contract's name (None is the first);
        `allowed_hosts` may be sent webhooks to.

        Raises MockError for a path that is reserved.
        """
        for path in engine.routes.paths:
            if path.startswith(_RESERVED):
                raise MockError(f"The path {path} cannot be served: {', '.join(_RESERVED)} are mockserver's own.")
        self.engine = engine
        self.worlds = worlds
        self.pacemaker = Pacemaker(allowed_hosts)
        self._api = Api(engine, worlds, self.pacemaker)
        self._own = self._own_pages(document)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or run the lifespan."""
        app: ASGIApp = self._own
        if scope["type"] == "http" and not scope["path"].startswith(_RESERVED):
            app = self._api
        await app(scope, receive, send)

    def _own_pages(self, document: Callable[[str | None], bytes]) -> Starlette:
        names = [contract.name for contract in self.engine.contracts]
        controls = Control(self.engine, self.worlds, self.pacemaker, document=document)
        cors = Middleware(
            CORSMiddleware,
            allow_origins=["*"],
            allow_methods=["*"],
            allow_headers=["*"],
        )
        unknown = {404: controls.unknown, 405: controls.unknown}
        # An application of its own, so that a page can read its 404 and 405 too.
        controlling = Starlette(routes=controls.routes(), middleware=[cors], exception_handlers=unknown)
        controlling.router.redirect_slashes = False
        app = Starlette(
            routes=[
                Mount(control.PREFIX, controlling),
                Mount(STORAGE_PREFIX, Storage(self.worlds.rules.signer, self._locate)),
                *docs.routes(names),
            ],
            lifespan=self._lifespan,
            exception_handlers=unknown,
        )
        app.router.redirect_slashes = False
        return app

    @asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        yield
        await self.pacemaker.stop()

    def _locate(self, path: str) -> StoredObject | None:
        """The recording at an object path, with the time in its own world."""
        found = recordings.organization_and_call(path)
        world = None if found is None else self.worlds.of_organization(found[0])
        if found is None or world is None:
            return None
        world.keep_pace()
        call = recordings.recorded_call(world, found[1])
        if call is None:
            return None
        segments = recordings.segments(world, found[1])
        duration_ms = call["duration_seconds"] * 1000
        seed = recordings.voice_seed(world, found[1])
        return StoredObject(
            now=datetime.fromtimestamp(world.clock.now_ms / 1000, UTC),
            etag=recordings.version(segments, duration_ms, seed),
            last_modified=datetime.fromtimestamp(recordings.finished_ms(call) / 1000, UTC),
            render=lambda: render_mp3(segments, duration_ms, seed=seed),
            size=mp3_size(duration_ms),
        )
