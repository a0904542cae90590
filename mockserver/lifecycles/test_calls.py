"""The life of a test call: queued, then a real call is made and followed to its grade, then it is over.

A batch is begun at once and over when its last run is. The moments between the steps are invented.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

from mockserver.errors import InvalidInput, nearest
from mockserver.lifecycles import billing, calls, conversations, grades, rates
from mockserver.lifecycles.numbers import NUMBERS
from mockserver.simulation import views
from mockserver.world.store import Document, Record
from mockserver.world.world import World

RUNS: Final = "test-calls"
BATCHES: Final = "test-call-batches"

QUEUE_SECONDS: Final = 2.0
"""From being asked for to the call (invented)."""

BOT: Final = "+15005550100"
"""The bot's telephone number (invented)."""

LINE: Final = "+15005550142"
"""The number of an agent that has none (invented)."""

AGENT_FIELDS: Final = MappingProxyType({"outbound": "inbound_agent_id", "inbound": "outbound_agent_id"})
"""Which agent of a phone number is tested: the bot calls its inbound agent, its outbound agent calls the bot."""

ESTIMATED_MINUTES: Final = 1
"""How long a run is taken to be for its estimate; the vendor's sample run is estimated so."""

_CHOICE: Final = re.compile(r"\bscenario:([a-z0-9-]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Who is tested and how: `direction` is the bot's, `target_number` the agent's side of the line.

    `channel` is telephony or web: on the web the bot is a visitor in a browser. `metadata` and `requested_by_id`,
    who asked for it, are kept with what comes of it; `name` is a batch's.
    """

    target_type: str
    target_id: int
    direction: str
    target_number: str
    mode: str
    agent_id: int
    estimated_cost_cents: int
    agent_name: str = ""
    channel: str = "telephony"
    requested_by_id: int | None = None
    metadata: Document = field(default_factory=dict)
    name: str = ""


def estimate(world: World, product: str) -> int:
    """What one run with an agent of this product is estimated at, in cents."""
    return ESTIMATED_MINUTES * rates.cents_per_minute(world, product, True)


def number_of(world: World, agent_id: int, direction: str) -> str:
    """The first number that the agent has for the bot's direction, or the line of agents that have none."""
    for record in world[NUMBERS]:
        if record.document[AGENT_FIELDS[direction]] == agent_id:
            return str(record.document["number"])
    return LINE


def chosen(world: World, field: str, prompt: str) -> str | None:
    """The scenario that a prompt chooses by its name (`scenario:no-answer`); None when it chooses none.

    Raises InvalidInput, naming `field`, for a name that no scenario has.
    """
    found = _CHOICE.search(prompt)
    if found is None:
        return None
    name, known = found[1], world.rules.scenarios
    if name not in known:
        raise InvalidInput(
            {field: [f"There is no scenario {name}.{nearest(name, known)} Known: {', '.join(known)}."]}
        )
    return name


def queue(
    world: World,
    order: Order,
    prompt: str,
    scenario: str | Document | None,
    *,
    batch_id: int | None = None,
    delay_seconds: float = 0.0,
) -> Record:
    """A queued run whose call begins in a moment, `delay_seconds` later than usual."""
    run = world.create(
        RUNS,
        {
            "target_type": order.target_type,
            "target_id": order.target_id,
            "direction": order.direction,
            "target_number": order.target_number,
            "scenario_prompt": prompt,
            "mode": order.mode,
            "status": "queued",
            "charge_multiplier": rates.TEST_CALL_MULTIPLIER,
            "estimated_cost_cents": order.estimated_cost_cents,
            "call_id": None,
            "sip_call_id": None,
            "error_message": "",
            "started_at": None,
            "completed_at": None,
            "batch_id": batch_id,
            # Kept with the run, and shown by some contracts only:
            "agent_id": order.agent_id,
            "agent_name": order.agent_name,
            "target_name": order.agent_name if order.target_type == "agent" else order.target_number,
            "requested_by_id": order.requested_by_id,
            "metadata": order.metadata,
            "duration_seconds": None,
            "recording_url": None,
            "grade": None,
            "transcript": [],
            "channel": order.channel,
            "mock_scenario": scenario,
        },
    )
    world.clock.after(QUEUE_SECONDS + delay_seconds, begin, (RUNS, run.id), run_id=run.id)
    return run


def queue_batch(
    world: World,
    order: Order,
    plans: Sequence[tuple[str, str | None]],
    *,
    run_count: int,
    stagger_seconds: int,
) -> Record:
    """A batch in progress: `run_count` runs, each (prompt, scenario) of `plans` in turn."""
    batch_id = world.next_number(BATCHES)
    run_ids = []
    for index in range(run_count):
        prompt, scenario = plans[index % len(plans)]
        delay = float(index * stagger_seconds)
        run_ids.append(queue(world, order, prompt, scenario, batch_id=batch_id, delay_seconds=delay).id)
    batch = world.create(
        BATCHES,
        {
            "id": batch_id,
            "target_type": order.target_type,
            "target_id": order.target_id,
            "direction": order.direction,
            "run_count": run_count,
            "stagger_seconds": stagger_seconds,
            "scenario_prompts": [prompt for prompt, _ in plans if prompt],
            "status": "in_progress",
            "run_ids": run_ids,
            "estimated_cost_cents": run_count * order.estimated_cost_cents,
            "completed_runs": 0,
            "failed_runs": 0,
            "started_at": world.now,
            "completed_at": None,
            # Shown by some contracts only:
            "total_runs": run_count,
            "estimated_minutes": run_count * ESTIMATED_MINUTES,
            "target_number": order.target_number,
            "requested_by_id": order.requested_by_id,
            "name": order.name,
            "error_message": "",
        },
    )
    watch(world, batch_id)
    return batch


def begin(world: World, run_id: int) -> None:
    """The bot and the agent are connected: a call begins. Without agent or money the run fails."""
    run = _document(world, RUNS, run_id)
    agent = world["agents"].get(run["agent_id"])
    if agent is None or billing.balance(world) <= 0:
        _finish(world, run, "The agent no longer exists." if agent is None else "Insufficient balance")
        return
    call = calls.start(world, _placement(run, agent.document))
    sip = world.next_number("test-call legs") if run["mode"] == "sip" else None
    changes = {"status": "in_progress", "call_id": call.id, "sip_call_id": sip, "started_at": world.now}
    world.change(RUNS, run_id, changes)
    follow(world, run_id)


def _placement(run: Document, agent: Document) -> calls.Placement:
    """The call that a run makes."""
    if run["channel"] == "web":
        visit = calls.browser_placement("mic", agent, run["id"], run["mock_scenario"])
        return replace(visit, is_test_call=True)
    called = run["direction"] == "outbound"
    return calls.Placement(
        direction="inbound" if called else "outbound",
        from_number=BOT if called else run["target_number"],
        to_number=run["target_number"] if called else BOT,
        agent=agent,
        scenario=run["mock_scenario"],
        is_test_call=True,
    )


def follow(world: World, run_id: int) -> None:
    """Look at the call after each of its steps, until it is graded or nothing more will happen to it."""
    run = _document(world, RUNS, run_id)
    call = _document(world, calls.CALLS, run["call_id"])
    due = world.clock.next_due((calls.CALLS, run["call_id"]))
    graded = call["grade_status"] in ("completed", "failed")
    if call["status"] == "failed":
        _finish(world, run, f"The call failed: {call['end_reason']}")
    elif due is None or graded:
        _finish(world, run, "")
    else:
        # Behind the call's own timer of that moment, which is older.
        world.clock.at(due, follow, (RUNS, run_id), run_id=run_id)


def watch(world: World, batch_id: int) -> None:
    """Keep a timer of the batch's own at its runs' next step, for clients that poll the batch."""
    batch = _document(world, BATCHES, batch_id)
    steps = [due for run_id in batch["run_ids"] if (due := world.clock.next_due((RUNS, run_id))) is not None]
    if steps:
        world.clock.at(min(steps), watch, (BATCHES, batch_id), batch_id=batch_id)


def _finish(world: World, run: Document, error: str) -> None:
    """The run is over, failed if there is an `error`; its batch counts it, and the event is sent."""
    status = "failed" if error else "completed"
    changes: Document = {"status": status, "error_message": error, "completed_at": world.now}
    record = world.change(RUNS, run["id"], {**changes, **_outcome(world, run)})
    if run["batch_id"] is not None:
        _count(world, run["batch_id"], status)
    world.emit("test-call.completed", lambda: _payload(world, record.document))


def _outcome(world: World, run: Document) -> Document:
    """What a run that is over shows of its call; nothing when it never got to one."""
    if run["call_id"] is None:
        return {}
    call = _document(world, calls.CALLS, run["call_id"])
    grade = grades.latest(world, call)
    return {
        "duration_seconds": call["duration_seconds"],
        "recording_url": call["recording_url"],
        "grade": None if grade is None else grade.document,
        "transcript": views.transcript(conversations.of(world, run["call_id"])),
    }


def _count(world: World, batch_id: int, status: str) -> None:
    batch = _document(world, BATCHES, batch_id)
    counts = {name: batch[name] + (name == f"{status}_runs") for name in ("completed_runs", "failed_runs")}
    changes: dict[str, Any] = dict(counts)
    if sum(counts.values()) == batch["run_count"]:
        changes["status"] = "completed" if counts["completed_runs"] else "failed"
        changes["error_message"] = "" if counts["completed_runs"] else "No run was completed."
        changes["completed_at"] = world.now
    world.change(BATCHES, batch_id, changes)


def _payload(world: World, run: Document) -> Document:
    """`test-call.completed`: the run and the grade of its call (the payload is unpublished)."""
    call = None if run["call_id"] is None else world[calls.CALLS].get(run["call_id"])
    grade = None if call is None else grades.latest(world, call.document)
    return {
        "agent_id": run["agent_id"],
        "test_call": run,
        "grade": None if grade is None else grade.document,
    }


def _document(world: World, collection: str, identity: int) -> Document:
    record = world[collection].get(identity)
    assert record is not None, f"{collection}/{identity} is never removed"
    return record.document
