"""A caller of the typed client's contract, in the demo world."""

import pytest
from caller import Caller

from mockserver import Settings
from mockserver.assembly import build
from mockserver.http.app import App


@pytest.fixture(scope="session")
def typed() -> App:
    """The typed client's contract at pace manual; every test takes a key of its own."""
    return build(Settings(contracts=("thunderphone-sdk-0.2",)))


@pytest.fixture
def demo(typed: App) -> Caller:
    """A fresh organization with the demo world's history."""
    return Caller(typed, typed.worlds.mint(world_name="demo"))
