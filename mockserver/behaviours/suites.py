"""Suites: scenarios of one agent that belong together, and when they count as green.

A suite runs when all its scenarios are executed in one batch. Its schedule is kept, but nothing runs by it: time
that always has one more run in it would never settle.
"""

from typing import Final
from zoneinfo import available_timezones

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import InvalidInput, NotFound
from mockserver.lifecycles.test_runs import SUITES
from mockserver.lifecycles.test_scenarios import SCENARIOS
from mockserver.world.store import Document, Record
from mockserver.world.world import World

CRITERIA: Final[Document] = {"min_pass_rate": 100, "zero_critical_failures": True}
"""What a suite demands when nobody said (invented)."""

SCHEDULE: Final[Document] = {"enabled": True, "hour": 0, "minute": 0, "timezone": "UTC", "weekday": 0}


def suites_create(world: World, inputs: Inputs) -> Reply:
    """A new suite that has not run yet."""
    body = _checked(world, defaults.wanted(inputs), {"scenario_ids": [], "criteria": {}, "schedule": None})
    return Reply(world.create(SUITES, {**body, "runs": [], "last_green_at": None}))


def suites_list(world: World, inputs: Inputs) -> Reply:
    """All suites, the oldest first."""
    return Reply([_shown(world, record) for record in world[SUITES]])


def suites_retrieve(world: World, inputs: Inputs) -> Reply:
    """One suite with its latest runs."""
    return Reply(_shown(world, defaults.record_of(world, inputs)))


def suites_partial_update(world: World, inputs: Inputs) -> Reply:
    """The suite changed; its scenarios must be those of its agent."""
    suite = defaults.record_of(world, inputs).document
    changes = _checked(world, defaults.given(inputs), {name: suite[name] for name in ("agent_id", "scenario_ids")})
    return Reply(world.change(SUITES, suite["id"], changes))


def _shown(world: World, record: Record) -> Document:
    """A suite under the name that its agent has now."""
    suite = record.document
    agent = world["agents"].get(suite["agent_id"])
    return suite if agent is None else {**suite, "agent_name": agent.document["name"]}


def _checked(world: World, given: Document, otherwise: Document) -> Document:
    """What a suite is to be: `given` and, for what it leaves out, `otherwise`.

    Raises NotFound for an agent, or a scenario of its, that there is not, InvalidInput for an unknown time zone.
    """
    wanted = {**otherwise, **given}
    agent = world["agents"].get(wanted["agent_id"])
    if agent is None:
        raise NotFound(f"Not found: agent_id {wanted['agent_id']} is none of this organization's agents.")
    for identity in wanted["scenario_ids"]:
        scenario = world[SCENARIOS].get(identity)
        if scenario is None or scenario.document["agent_id"] != agent.id:
            raise NotFound(f"Not found: scenario_ids has {identity}, which is none of this agent's scenarios.")
    if "criteria" in wanted:
        wanted["criteria"] = {**CRITERIA, **wanted["criteria"]}
    if wanted.get("schedule") is not None:
        wanted["schedule"] = {**SCHEDULE, **wanted["schedule"]}
        if wanted["schedule"]["timezone"] not in available_timezones():
            raise InvalidInput({"schedule": [f"There is no time zone {wanted['schedule']['timezone']}."]})
    return {**wanted, "agent_name": agent.document["name"]}
