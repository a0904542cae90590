"""The server that is compared with: a bare Starlette, and nothing of the mock in its process."""

from multiprocessing.connection import Connection

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockserver.bench.serving import Task, resident, serve


def bare_process(pipe: Connection, tasks: list[Task]) -> None:
    """Serve the bytes of each task from a route of its own."""

    def route(task: Task) -> Route:
        async def answer(request: Request) -> Response:
            if task.method != "GET":
                orjson.loads(await request.body())
            return Response(task.reply, task.status, media_type="application/json")

        return Route(task.target, answer, methods=[task.method])

    app = Starlette(routes=[route(task) for task in tasks])
    serve(app, pipe, {"resident_mib": resident()})
