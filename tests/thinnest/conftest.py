"""One organization, seen through both APIs that the default server serves."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from caller import Caller

from mockserver.http.app import App


@dataclass
class Pair:
    """Two callers of one organization: `first` by ThunderPhone's key, `second` by ThinnestAI's."""

    first: Caller
    second: Caller

    def call(self, scenario: str, **fields: Any) -> int:
        """A call from a browser to a new agent, or as `fields` say; its id."""
        if "direction" not in fields:
            agent = self.first.post(
                "/v1/agents", {"name": "Priya", "prompt": "Be brief.", "voice": "en-US-James1"}
            )
            fields = {"direction": "mic", "agent_id": agent.json["id"], **fields}
        placed = self.first.post("/_mock/calls", {"scenario": scenario, **fields})
        assert placed.status == 201, placed.body
        identity: int = placed.json["call_id"]
        return identity

    def agent(self, **fields: Any) -> Any:
        """A new agent that can speak."""
        return self.second.post("/v2/agents", {"name": "Priya", "voiceEnabled": True, **fields}).json

    def voip_number(self) -> Any:
        """The demo world's number that may call out."""
        return next(each for each in self.first.get("/v1/phone-numbers").json if each["source"] == "voip")

    def defects(self) -> Any:
        """What the mock itself did wrong."""
        return self.first.get("/_mock/journal").json["defects"]


def paired(app: App, world: str = "empty") -> Pair:
    """A fresh organization."""
    key = app.worlds.mint(world_name=world)
    return Pair(Caller(app, key), Caller(app, key.replace("sk_test_", "thns_sk_")))


@pytest.fixture
def new_pair(april: App) -> Callable[..., Pair]:
    """Makes organizations: `new_pair("demo")`."""
    return lambda world="empty": paired(april, world)


@pytest.fixture
def pair(april: App) -> Pair:
    """A fresh, empty organization."""
    return paired(april)
