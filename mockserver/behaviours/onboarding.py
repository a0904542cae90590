"""Onboarding: an organization's first steps, read off what it owns, and whether anybody wants to see them."""

from typing import Final

from mockserver.engine.defaults import SINGLETON
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import Conflict
from mockserver.lifecycles.calls import CALLS
from mockserver.lifecycles.numbers import NUMBERS
from mockserver.world.store import Document
from mockserver.world.world import World

ONBOARDING: Final = "onboarding"


def onboarding_list(world: World, inputs: Inputs) -> Reply:
    """Which steps are done, and whether the list of them has been dismissed."""
    return Reply(_seen(world))


def onboarding_dismiss_create(world: World, inputs: Inputs) -> Reply:
    """The steps, dismissed; whoever dismisses them again does not change when."""
    if _kept(world)["dismissed_at"] is None:
        _keep(world, {"dismissed_at": world.now})
    return Reply(_seen(world))


def onboarding_undismiss_create(world: World, inputs: Inputs) -> Reply:
    """The steps, to be seen again."""
    _keep(world, {"dismissed_at": None})
    return Reply(_seen(world))


def onboarding_agent_talk_skip(world: World, inputs: Inputs) -> Reply:
    """The steps, the agent's done without a talk. Raises Conflict where there is no agent."""
    if not len(world["agents"]):
        raise Conflict("There is no agent to talk to yet; create one first.")
    _keep(world, {"talk_skipped": True})
    return Reply(_seen(world))


def _seen(world: World) -> Document:
    kept = _kept(world)
    called = len(world[CALLS]) > 0
    steps = {
        "agent": {
            "complete": len(world["agents"]) > 0 and (called or kept["talk_skipped"]),
            "talk_skipped": kept["talk_skipped"],
        },
        "phone_number": {"complete": len(world[NUMBERS]) > 0},
        "first_call": {"complete": called},
    }
    return {
        "steps": steps,
        "all_complete": all(step["complete"] for step in steps.values()),
        "dismissed": kept["dismissed_at"] is not None,
        "dismissed_at": kept["dismissed_at"],
    }


def _kept(world: World) -> Document:
    record = world[ONBOARDING].get(SINGLETON)
    return {"dismissed_at": None, "talk_skipped": False} if record is None else record.document


def _keep(world: World, changes: Document) -> None:
    if SINGLETON in world[ONBOARDING]:
        world[ONBOARDING].change(SINGLETON, changes)
    else:
        world[ONBOARDING].add({**_kept(world), "id": SINGLETON, **changes})
