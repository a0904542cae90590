"""What is said in a call: which scenario it follows, and its words."""

from typing import Any, Final

from mockserver.clock import parse_iso
from mockserver.errors import WrongUse, nearest
from mockserver.simulation import timeline
from mockserver.simulation.scenarios import Scenario, parse_scenario, pick
from mockserver.world.store import Document
from mockserver.world.world import World

CONVERSATIONS: Final = "conversations"


def choose(world: World, named: str | dict[str, Any] | None, direction: str, call_id: int) -> Scenario:
    """The scenario called `named` or written out in it; None has one picked for the direction.

    Raises WrongUse for an unknown name or one that does not make sense.
    """
    if named is None:
        return pick(world.rules.scenarios, direction, *parts(world, call_id))
    return _scenario(world, named)


def scenario_of(world: World, call: Document) -> Scenario:
    """The scenario a call follows."""
    return _scenario(world, call["mock_scenario"])


def of(world: World, call_id: int) -> Document:
    """The conversation of a call, worded on first use. Raises WrongUse when there is no such call."""
    kept = world[CONVERSATIONS].get(call_id)
    if kept is not None:
        return kept.document
    record = world["calls"].get(call_id)
    if record is None:
        raise WrongUse(f"There is no call {call_id} in this organization.")
    call = record.document
    scenario = scenario_of(world, call)
    plan = timeline.plan(scenario, *parts(world, call_id))
    facts = {
        "agent_name": call["agent_name"],
        "from_number": call["from_number"],
        "to_number": call["to_number"],
        "today": call["start_time"][:10],
    }
    worded = world.rules.wording.fill(scenario, plan, facts, *parts(world, call_id))
    return world[CONVERSATIONS].add({**worded, "id": call_id, "duration_ms": plan.duration_ms}).document


def replace(world: World, call_id: int, conversation: Document) -> None:
    """Keep what a conversation has become, because something outside took part in it."""
    world[CONVERSATIONS].change(call_id, conversation)


def said_until(world: World, call: Document) -> int | None:
    """How far into a call in progress the world's time is, in milliseconds; None for one that is over."""
    if call["status"] != "in_progress":
        return None
    return max(0, world.clock.now_ms - parse_iso(call["start_time"]))


def parts(world: World, call_id: int) -> tuple[str, str, int]:
    """What chance is named by in everything that concerns one call's conversation."""
    return (world.seed, world.organization, call_id)


def _scenario(world: World, named: str | dict[str, Any]) -> Scenario:
    if isinstance(named, dict):
        return parse_scenario(named, where="scenario")
    scenario = world.rules.scenarios.get(named)
    if scenario is None:
        known = ", ".join(world.rules.scenarios)
        raise WrongUse(
            f"scenario: there is no scenario {named!r}.{nearest(named, world.rules.scenarios)} Known: {known}."
        )
    return scenario
