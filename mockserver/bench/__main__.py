"""`python -m mockserver.bench`: measure, and print the table."""

import multiprocessing
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import click
import orjson

from mockserver.bench import load
from mockserver.bench.bare import bare_process
from mockserver.bench.mock import mock_process
from mockserver.bench.serving import Process, Task
from mockserver.clock import monotonic_seconds
from mockserver.settings import DEFAULT_CONTRACT

BARE_SERVER: Final = """
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

class Server(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        print("http://127.0.0.1:%d" % self.servers[0].sockets[0].getsockname()[1], flush=True)

app = Starlette(routes=[Route("/_mock/health", lambda request: Response(b"{}"))])
Server(uvicorn.Config(app, port=0, log_level="warning", access_log=False)).run()
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: ours, the bare server's, and ours as a multiple of that."""

    what: str
    ours: float
    bare: float | None
    unit: str
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours as a multiple of the bare server's; None where that has nothing to compare."""
        return self.ours / self.bare if self.bare else None


@click.command()
@click.option("--contract", default=DEFAULT_CONTRACT, show_default=True, help="The contract to serve.")
@click.option(
    "--calls", default=100_000, show_default=True, type=click.IntRange(1_000), help="Calls in the world."
)
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1), help="Rounds; medians are shown.")
@click.option("--seconds", default=1.0, show_default=True, type=click.FloatRange(0.05), help="Seconds of a round.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the rows to this file, too.")
def main(contract: str, calls: int, rounds: int, seconds: float, json_file: Path | None) -> None:
    """Measure a mock server beside a bare Starlette that returns the same bytes."""
    rows = [*measure(contract, calls, rounds, seconds)]
    click.echo(table(rows))
    if json_file is not None:
        json_file.write_bytes(orjson.dumps([{**asdict(row), "ratio": row.ratio} for row in rows]))


def measure(contract: str, calls: int, rounds: int, seconds: float) -> Iterator[Row]:
    """The rows, as they are known."""
    with _running(mock_process, contract, calls) as (mock_pipe, hello):
        tasks = [_task(hello, *each) for each in hello["tasks"]]
        with _running(bare_process, [_plain(task) for task in tasks]) as (bare_pipe, bare_hello):
            for task in tasks:
                yield from _compared(task, (mock_pipe, hello), (bare_pipe, bare_hello), rounds, seconds)
        facts = hello["facts"]
    bare_start = statistics.median(_start_up([sys.executable, "-c", BARE_SERVER]) for _ in range(rounds))
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--contract", contract]
    start = statistics.median(_start_up(command) for _ in range(rounds))
    yield Row("start-up to the first reply", start * 1e3, bare_start * 1e3, "ms")
    yield Row("memory, nothing asked yet", facts["resident_mib"], bare_hello["resident_mib"], "MiB")
    yield Row(
        f"memory of {calls:,} calls",
        facts["calls_mib"],
        None,
        "MiB",
        f"{facts['calls_mib'] * 1024 / calls:.1f} KiB each",
    )
    yield Row("a new organization, empty", facts["fresh_us"], None, "µs CPU")
    yield Row("a new organization, demo", facts["demo_ms"], None, "ms CPU", "200 calls")


def table(rows: list[Row]) -> str:
    """The rows as text."""
    lines = [f"{'':28}{'mockserver':>12}{'bare':>12}{'ratio':>8}  "]
    for row in rows:
        bare = "" if row.bare is None else f"{row.bare:,.1f}" if row.bare < 100 else f"{row.bare:,.0f}"
        ours = f"{row.ours:,.1f}" if row.ours < 100 else f"{row.ours:,.0f}"
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        lines.append(
            f"{row.what:28}{ours:>12}{bare:>12}{ratio:>8}  {row.unit}{', ' + row.note if row.note else ''}"
        )
    return "\n".join(line.rstrip() for line in lines)


def _compared(
    task: Task, mock: tuple[Connection, Any], bare: tuple[Connection, Any], rounds: int, seconds: float
) -> Iterator[Row]:
    """A task at both servers in turns, so that whatever else the machine does meets both."""
    plain = _plain(task)
    seen: list[list[tuple[load.Round, float]]] = [[], []]
    for _ in range(rounds):
        for index, ((pipe, hello), each) in enumerate(((mock, task), (bare, plain))):
            before = _cpu(pipe)
            done = load.run(hello["port"], each.wire(), each.status, seconds=seconds)
            seen[index].append((done, (_cpu(pipe) - before) / done.requests))
    speeds = [statistics.median(done.requests / done.seconds for done, _ in each) for each in seen]
    costs = [statistics.median(cost for _, cost in each) * 1e6 for each in seen]
    halves, tails = (
        [statistics.median(done.percentile(share) for done, _ in each) * 1e3 for each in seen]
        for share in (0.5, 0.99)
    )
    yield Row(task.name, speeds[0], speeds[1], "requests/s", f"{len(task.reply):,} bytes")
    yield Row("  CPU", costs[0], costs[1], "µs")
    yield Row("  median latency", halves[0], halves[1], "ms")
    yield Row("  99 % latency", tails[0], tails[1], "ms")


def _task(hello: Any, name: str, method: str, target: str, body: Any) -> Task:
    """A task with the reply that the mock gives to it."""
    sent = b"" if body is None else orjson.dumps(body)
    task = Task(name, method, target, sent, hello["headers"])
    status, reply = load.ask(hello["port"], task.wire())
    if status not in (200, 201):
        raise click.ClickException(f"{method} {target} answered {status}: {reply[:500]!r}")
    return replace(task, status=status, reply=reply)


def _plain(task: Task) -> Task:
    """The same for a bare server, which has a route for each and reads no query."""
    return replace(task, target="/" + task.name.replace(" ", "-"))


@contextmanager
def _running(process: Process, *arguments: Any) -> Iterator[tuple[Connection, Any]]:
    """A server in a process of its own, while the block runs: the pipe to it, and what it says first."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=process, args=(theirs, *arguments), daemon=True)
    server.start()
    theirs.close()
    try:
        yield ours, ours.recv()
    finally:
        ours.close()
        server.join(timeout=10)
        server.terminate()


def _cpu(pipe: Connection) -> float:
    pipe.send(None)
    seconds: float = pipe.recv()
    return seconds


def _start_up(command: list[str]) -> float:
    """Seconds from a command to its first reply."""
    began = monotonic_seconds()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline().strip().rsplit(":", 1)[1])
        load.ask(port, b"GET /_mock/health HTTP/1.1\r\nHost: bench.test\r\n\r\n")
        passed = monotonic_seconds() - began
        process.terminate()
        process.wait(timeout=10)
    return passed


if __name__ == "__main__":
    main()
