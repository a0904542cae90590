"""What the tests share: applications to talk to, and Hypothesis's profiles."""

import os
from collections.abc import Callable

import pytest
from caller import Caller
from hypothesis import settings

from mockserver.assembly import build
from mockserver.clock import Pace
from mockserver.http.app import App
from mockserver.settings import Settings

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
