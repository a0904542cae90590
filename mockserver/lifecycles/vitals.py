"""What is measured of a call: how long callers wait for an answer, and how often they cut the agent short."""

from mockserver.lifecycles import conversations
from mockserver.simulation import timeline, views
from mockserver.simulation.turns import AssistantTurn
from mockserver.world.store import Document
from mockserver.world.world import World


def seconds(world: World, call: Document) -> float | None:
    """How long a call took, to a tenth of a second; None while it goes on, 0 for one nobody answered.

    Its whole seconds are the call's own `duration_seconds`.
    """
    whole: int | None = call["duration_seconds"]
    if whole is None or call["status"] != "completed":
        return whole
    scenario = conversations.scenario_of(world, call)
    tenths = timeline.outline(scenario, *conversations.parts(world, call["call_id"])).ends_ms // 100 % 10
    return (whole * 10 + tenths) / 10


def latency_ms(world: World, call: Document) -> int | None:
    """How long the caller waited for the agent on average, so far; None when the agent has answered nothing."""
    scenario = conversations.scenario_of(world, call)
    until = conversations.said_until(world, call)
    plan = timeline.plan(scenario, *conversations.parts(world, call["call_id"]))
    waits = [
        timing.wait_ms
        for timing in plan.turns[1:]  # the greeting answers nobody
        if isinstance(scenario.turns[timing.turn], AssistantTurn)
        and timing.wait_ms > 0
        and (until is None or timing.start_ms <= until)
    ]
    return round(sum(waits) / len(waits)) if waits else None


def interruptions(world: World, call: Document) -> int:
    """How often the caller has cut the agent short: the interrupts in the call's history."""
    spoken = conversations.of(world, call["call_id"])
    entries = views.history(spoken, until_ms=conversations.said_until(world, call))
    return sum(entry["type"] == "interrupt" for entry in entries)
