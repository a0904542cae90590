"""The server that is measured: the mock, with a world of many calls."""

import gc
import time
from multiprocessing.connection import Connection
from typing import Any

from mockserver.assembly import build
from mockserver.bench.serving import resident, serve
from mockserver.clock import Pace, iso, parse_iso
from mockserver.settings import Settings
from mockserver.world.world import World


def mock_process(pipe: Connection, contract: str, calls: int) -> None:
    """Serve the mock with so many calls; says where, what to ask, and how it stands."""
    app = build(Settings(contracts=(contract,), pace=Pace.MANUAL))
    built = resident()
    started = time.process_time()
    minted = 200
    for _ in range(minted):
        app.worlds.mint()
    fresh = (time.process_time() - started) / minted
    started = time.process_time()
    key = app.worlds.mint(world_name="demo")
    demo = time.process_time() - started
    world = app.worlds.find(key)
    assert world is not None, "it has just been made"
    before = resident()
    tasks = fill(world, calls)
    facts = {
        "fresh_us": fresh * 1e6,
        "demo_ms": demo * 1e3,
        "resident_mib": built,
        "calls_mib": resident() - before,
    }
    headers = {"Authorization": f"Bearer {key}"}
    serve(app, pipe, {"facts": facts, "tasks": tasks, "headers": headers})


def fill(world: World, count: int) -> list[tuple[str, str, str, Any]]:
    """Give a demo world so many calls, copies of its own at other times; what to ask of it."""
    models = [record.document for record in world["calls"] if record.document["status"] != "in_progress"]
    newest = max(parse_iso(call["start_time"]) for call in models)
    collection = world["calls"]
    for number in range(max(0, count - len(collection))):
        model = models[number % len(models)]
        start = iso(newest - 20_000 * (number + 1))
        collection.add({**model, "call_id": world.next_number("calls"), "start_time": start})
    middle = next(record for position, record in enumerate(collection) if position == len(collection) // 2)
    agent_id = middle.document["agent_id"]
    report = {"title": "Agent paused too long", "description": "Five seconds of silence.", "severity": "warning"}
    gc.collect()
    return [
        ("retrieve a call", "GET", f"/v1/calls/{middle.id}", None),
        ("a page of 50 calls", "GET", "/v1/calls?limit=50", None),
        ("a filtered page of 50", "GET", f"/v1/calls?limit=50&status=failed&agent_id={agent_id}", None),
        ("create an issue report", "POST", f"/v1/calls/{middle.id}/issue-reports", report),
    ]
