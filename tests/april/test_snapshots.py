"""A snapshot holds the whole organization: restored, it goes on exactly as the original would have."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from caller import Caller

from mockserver.assembly import build
from mockserver.settings import Settings

READS = ("/v1/calls?limit=200", "/v1/agents", "/v1/phone-numbers", "/_mock/clock")


def everything(api: Caller) -> list[bytes]:
    return [api.get(target).body for target in READS]


def future(api: Caller, call_id: int) -> list[Any]:
    """What becomes of a call in progress, its grade and transcript and recording included."""
    api.settle()
    at = f"/v1/calls/{call_id}"
    url = api.get(f"{at}/audio").json["url"]
    recording = api.get(url.removeprefix("http://mock.test")).body
    return [
        *(api.get(target).body for target in (at, f"{at}/transcript", f"{at}/history", f"{at}/grade")),
        recording,
    ]


@pytest.fixture
def busy(new_api: Callable[..., Caller]) -> tuple[Caller, int]:
    """An organization with history and a call that has just begun, of a scenario of its own."""
    api = new_api(world="demo")
    scenario = {
        "turns": [{"assistant": "Hello {customer.name}."}, {"user": "Hi."}],
        "grade": {"score": [0.5, 0.5]},
    }
    call = api.post("/_mock/calls", {"scenario": scenario}).json["call_id"]
    api.advance(1)
    return api, call


def test_it_goes_on_as_the_original_would_have(busy: tuple[Caller, int], new_api: Callable[..., Caller]) -> None:
    api, call_id = busy
    snapshot = api.get("/_mock/snapshot").json
    before = everything(api)
    expected = future(api, call_id)
    restored = new_api()
    assert restored.post("/_mock/snapshot", snapshot).status == 200
    assert everything(restored) == before
    assert future(restored, call_id) == expected
    made = restored.post("/v1/agents", {"name": "A", "prompt": "p", "voice": "v"}).json["id"]
    assert made not in {agent["id"] for agent in snapshot["collections"]["agents"]}, "ids go on, not again"


def test_rolling_back_undoes_everything_since(busy: tuple[Caller, int]) -> None:
    api, _ = busy
    snapshot, before = api.get("/_mock/snapshot").json, everything(api)
    api.settle()
    for agent in api.get("/v1/agents").json:
        api("DELETE", f"/v1/agents/{agent['id']}")
    assert everything(api) != before
    api.post("/_mock/snapshot", snapshot)
    assert everything(api) == before
    assert api.get("/_mock/snapshot").json == snapshot


def test_a_file_is_a_world(busy: tuple[Caller, int], tmp_path: Path) -> None:
    api, call_id = busy
    file = tmp_path / "saved.json"
    file.write_bytes(api.get("/_mock/snapshot").body)
    app = build(Settings(world=str(file)))
    reopened = Caller(app, app.worlds.mint())
    assert everything(reopened) == everything(api)
    assert future(reopened, call_id) == future(api, call_id)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda snapshot: [], "no snapshot"),
        (lambda snapshot: {**snapshot, "mockserver_snapshot": 99}, "no snapshot"),
        (lambda snapshot: {**snapshot, "now": "yesterday"}, "damaged"),
        (lambda snapshot: {**snapshot, "collections": None}, "damaged"),
        (
            lambda snapshot: {**snapshot, "timers": [{**snapshot["timers"][0], "action": "calls.explode"}]},
            "calls.explode",
        ),
    ],
)
def test_what_is_no_snapshot_changes_nothing(
    busy: tuple[Caller, int], damage: Callable[[Any], Any], said: str
) -> None:
    api, _ = busy
    before = everything(api)
    refused = api.post("/_mock/snapshot", damage(json.loads(api.get("/_mock/snapshot").body)))
    assert (refused.status, said in refused.json["mock_error"]) == (400, True)
    assert everything(api) == before
