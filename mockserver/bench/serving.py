"""What both servers have in common: a process of its own that serves, and says on a pipe how it stands."""

import gc
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp

Process = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Task:
    """One kind of request that is measured: what is sent, and the bytes that a bare server shall answer."""

    name: str
    method: str
    target: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    reply: bytes = b""

    def wire(self) -> bytes:
        """The request as it goes over the wire."""
        lines = [f"{self.method} {self.target} HTTP/1.1", "Host: bench.test"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(self.body)}"]
        return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + self.body


def serve(app: ASGIApp, pipe: Connection, hello: dict[str, Any]) -> None:
    """Serve on a free port until the pipe closes; each message on it is answered with the CPU seconds used."""
    config = uvicorn.Config(app, port=0, log_level="warning", access_log=False, lifespan="off")
    server = uvicorn.Server(config)

    def converse() -> None:
        while not server.started:
            time.sleep(0.005)
        pipe.send({**hello, "port": server.servers[0].sockets[0].getsockname()[1]})
        while True:
            try:
                pipe.recv()
            except EOFError:
                server.should_exit = True
                return
            pipe.send(time.process_time())

    threading.Thread(target=converse, daemon=True).start()
    server.run()


def resident() -> float:
    """The memory of this process in MiB: what is resident, or where that is not told the most that ever was."""
    import resource  # Windows has none, and may still import this module

    gc.collect()
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / (2**20 if sys.platform == "darwin" else 2**10)
    return pages * resource.getpagesize() / 2**20
