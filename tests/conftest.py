"""What the tests share: applications to talk to, and Hypothesis's profiles."""

import os
from collections import Counter
from collections.abc import Callable, Iterator

import anyio._backends._asyncio
import httpcore2
import httpx2
import pytest
from caller import Caller
from hypothesis import settings
from receiver import Receiver, receiving

from mockserver import MockServer
from mockserver.assembly import build
from mockserver.clock import Pace
from mockserver.http.app import App
from mockserver.settings import Settings

pytest_plugins = ["pytester"]

# Imported here, once: a test that runs pytest in this process forgets what was first imported in it, and an
# exception of a module that is imported twice is not caught by the other one's name.
LOADED = (anyio._backends._asyncio, httpcore2)

settings.register_profile("dev", max_examples=30, deadline=None)
settings.register_profile("ci", max_examples=60, deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(scope="session")
def april() -> App:
    """The default contract at pace manual; every test takes a key of its own."""
    return build(Settings())


@pytest.fixture
def api(april: App) -> Caller:
    """A fresh, empty organization of the default contract at pace manual."""
    return Caller(april, april.worlds.mint())


@pytest.fixture
def new_api(april: App) -> Callable[..., Caller]:
    """Makes further organizations: `new_api(world="demo")`."""
    return lambda **kwargs: Caller(
        april, april.worlds.mint(world_name=kwargs.get("world"), seed=kwargs.get("seed"))
    )


@pytest.fixture(scope="session")
def polled() -> App:
    """The default contract at pace poll."""
    return build(Settings(pace=Pace.POLL))


@pytest.fixture(scope="session")
def server() -> Iterator[MockServer]:
    """The default contract at pace manual on a real socket."""
    with MockServer() as running:
        yield running


@pytest.fixture
def http(server: MockServer) -> Iterator[httpx2.Client]:
    """A fresh, empty organization over a real socket; the mock's own defects fail the test that caused them."""
    headers = {"Authorization": f"Bearer {server.mint_key()}"}
    with httpx2.Client(base_url=server.base_url, headers=headers, timeout=30) as client:
        yield client
        assert client.get("/_mock/journal").json()["defects"] == []


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A webhook receiver on this machine."""
    with receiving() as each:
        yield each


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Two tables: the published client's operations by status, the deliberate defects by who found them."""
    _table(terminalreporter, "published client", "the published client, operation by operation")
    _table(terminalreporter, "deliberate defect", "deliberate defects, by the law that found them")


def _table(terminalreporter: pytest.TerminalReporter, subject: str, title: str) -> None:
    """What tests recorded as `subject`, two words each: how often the second comes with the first."""
    counted: dict[str, Counter[str]] = {}
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name == subject:
                row, column = str(value).split()
                counted.setdefault(row, Counter())[column] += 1
    if not counted:
        return
    terminalreporter.section(title)
    for row, columns in sorted(counted.items()):
        shown = "  ".join(f"{column}: {count}" for column, count in sorted(columns.items()))
        terminalreporter.write_line(f"{row:<28}{columns.total():>4}   {shown}")
    terminalreporter.write_line(f"{'together':<28}{sum(each.total() for each in counted.values()):>4}")
