"""Scenarios tried out on an agent: a batch of test calls, pending, then in progress, then over and counted.

Each combination of a scenario and the conditions of the matrix is a test call of its own, whose grade decides: a
successful call passes. Suites whose scenarios a batch had all of take it for a run of theirs.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, Final

from mockserver.lifecycles import calls, grades, prompts, test_calls, test_scenarios
from mockserver.world.store import Document, Record
from mockserver.world.world import World

RUNS: Final = "agents/test-runs"
SUITES: Final = "suites"

VOICEMAIL: Final = "voicemail"
"""How a call goes that a machine answers."""

REMEMBERED: Final = 20
"""How many of its latest runs a suite shows (invented)."""

Conditions = Mapping[str, Any]


def combinations(matrix: Mapping[str, Sequence[Any]]) -> list[Conditions]:
    """Every choice of one condition per dimension; one empty choice when there are no dimensions."""
    names = [name for name, values in matrix.items() if values]
    return [dict(zip(names, values, strict=True)) for values in product(*(matrix[name] for name in names))]


def execute(
    world: World,
    agent: Document,
    plans: Sequence[tuple[Document, Conditions, test_calls.Order]],
    *,
    channel: str,
    stagger_seconds: int,
    matrix: Document,
    number: Document | None,
) -> Record:
    """A pending batch; each of `plans` is a scenario, its conditions, and who is called how."""
    rows: list[Document] = []
    for index, (scenario, conditions, order) in enumerate(plans):
        run = test_calls.queue(
            world,
            order,
            scenario["scenario_prompt"],
            _conversation(world, scenario, conditions),
            delay_seconds=float(index * stagger_seconds),
        )
        rows.append(
            {
                "id": run.id,
                "scenario_id": scenario["id"],
                "title": scenario["title"],
                "conditions": dict(conditions),
                "status": "queued",
                "verdict": None,
                "score": None,
                "call_id": None,
                "critical": False,
                "error_message": "",
            }
        )
    batch = world.create(
        RUNS,
        {
            "agent_id": agent["id"],
            "agent_prompt_hash": prompts.hash_of(agent["prompt"]),
            "channel": channel,
            "status": "pending",
            "total": len(rows),
            "completed": 0,
            "failed": 0,
            "pass_count": 0,
            "fail_count": 0,
            "runs": rows,
            "matrix_dimensions": matrix,
            "phone_number_id": None if number is None else number["id"],
            "phone_number_display": None if number is None else number["number"],
            "requested_by_id": plans[0][2].requested_by_id,
            "estimated_cost_cents": sum(order.estimated_cost_cents for _, _, order in plans),
            "estimated_minutes": len(rows) * test_calls.ESTIMATED_MINUTES,
            "error_message": "",
            "started_at": None,
            "completed_at": None,
        },
    )
    _watch_on(world, batch.document)
    return batch


def watch(world: World, batch_id: int) -> None:
    """Look at the batch's test calls after each of their steps, until all of them are over."""
    record = world[RUNS].get(batch_id)
    assert record is not None, "a batch is never removed"
    batch = record.document
    rows = [_row(world, row) for row in batch["runs"]]
    changes: Document = {
        "runs": rows,
        "status": "in_progress",
        "started_at": world.now if batch["started_at"] is None else batch["started_at"],
        "completed": sum(row["status"] == "completed" for row in rows),
        "failed": sum(row["status"] == "failed" for row in rows),
        "pass_count": sum(row["verdict"] == "pass" for row in rows),
        "fail_count": sum(row["verdict"] == "fail" for row in rows),
    }
    over = changes["completed"] + changes["failed"] == batch["total"]
    if over:
        changes["status"] = "completed" if changes["completed"] else "failed"
        changes["error_message"] = "" if changes["completed"] else rows[0]["error_message"]
        changes["completed_at"] = world.now
    changed = world.change(RUNS, batch_id, changes).document
    if over:
        _tell_scenarios(world, changed)
        _tell_suites(world, changed)
    else:
        _watch_on(world, changed)


def _watch_on(world: World, batch: Document) -> None:
    """Keep a timer of the batch's own at its test calls' next step, behind theirs of that moment."""
    subjects = [(test_calls.RUNS, row["id"]) for row in batch["runs"]]
    steps = [due for subject in subjects if (due := world.clock.next_due(subject)) is not None]
    world.clock.at(min(steps), watch, (RUNS, batch["id"]), batch_id=batch["id"])


def _row(world: World, row: Document) -> Document:
    """What the batch shows of one of its test calls."""
    record = world[test_calls.RUNS].get(row["id"])
    assert record is not None, "a test call is never removed"
    run = record.document
    shown = {**row, "status": run["status"], "call_id": run["call_id"], "error_message": run["error_message"]}
    call = world[calls.CALLS].get(run["call_id"]) if run["status"] == "completed" else None
    if call is None:
        return shown
    grade = grades.latest(world, call.document)
    outcome = None if grade is None else grade.document["call_outcome"]
    return {
        **shown,
        "verdict": "pass" if outcome == "successful" else "fail",
        "score": None if grade is None else grade.document["score"],
        "critical": call.document["critical_issue_count"] > 0,
    }


def _tell_scenarios(world: World, batch: Document) -> None:
    """Each scenario keeps what it came to: it passed when it passed under all conditions."""
    verdicts: dict[int, set[str]] = {}
    for row in batch["runs"]:
        if row["verdict"] is not None:
            verdicts.setdefault(row["scenario_id"], set()).add(row["verdict"])
    for identity, found in verdicts.items():
        test_scenarios.judge(world, identity, "fail" if "fail" in found else "pass")


def _tell_suites(world: World, batch: Document) -> None:
    """Suites of the agent that had all their scenarios in the batch take it for a run."""
    suites = world[SUITES]
    for record in suites.page(where={"agent_id": batch["agent_id"]}, limit=len(suites)).records:
        suite = record.document
        rows = [row for row in batch["runs"] if row["scenario_id"] in suite["scenario_ids"]]
        if not rows or {row["scenario_id"] for row in rows} != set(suite["scenario_ids"]):
            continue
        run = _suite_run(suite, rows, batch)
        changes: Document = {"runs": [run, *suite["runs"]][:REMEMBERED]}
        if run["green"]:
            changes["last_green_at"] = world.now
        world.change(SUITES, record.id, changes)


def _suite_run(suite: Document, rows: Sequence[Document], batch: Document) -> Document:
    """What a suite shows of a batch; it is green when it meets the suite's criteria."""
    passed = sum(row["verdict"] == "pass" for row in rows)
    rate = 100 * passed / len(rows)
    critical = sum(row["critical"] for row in rows)
    criteria = suite["criteria"]
    harmless = critical == 0 or not criteria["zero_critical_failures"]
    return {
        "batch_id": batch["id"],
        "total": len(rows),
        "pass_count": passed,
        "fail_count": len(rows) - passed,
        "pass_rate": round(rate, 1),
        "critical_failures": critical,
        "green": rate >= criteria["min_pass_rate"] and harmless,
        "completed_at": batch["completed_at"],
    }


def _conversation(world: World, scenario: Document, conditions: Conditions) -> str | Document | None:
    """How the call of a scenario goes: as its prompt says, as the call it was taken from, or by chance."""
    chosen = test_calls.chosen(world, "scenario_prompt", scenario["scenario_prompt"])
    if chosen is not None:
        return chosen
    telephony = {**scenario["telephony"], **conditions.get("telephony", {})}
    if telephony.get("voicemail_answer", False) and scenario["direction"] == "outbound":
        return VOICEMAIL
    taken: str | Document | None = scenario.get("mock_scenario")
    return taken
