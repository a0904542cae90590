"""The life of a validation run: queued, then one example after the other is replayed and judged, then completed.

The moments between the steps and the price are invented.
"""

from typing import Final

from mockserver.lifecycles import validation_examples as examples
from mockserver.world.store import Document, Record
from mockserver.world.world import World

RUNS: Final = "agents/validation-runs"

QUEUE_SECONDS: Final = 2.0
EXAMPLE_SECONDS: Final = 3.0
CENTS_PER_EXAMPLE: Final = 0.1


def begin(
    world: World, agent: Document, held_to: list[Document], *, prompt_hash: str, source: str, by: str | None
) -> Record:
    """A queued run of an agent's examples `held_to`; `by` is the name of who wants it."""
    run = world.create(
        RUNS,
        {
            "agent_id": agent["id"],
            "config_source": source,
            "status": "queued",
            "prompt_hash": prompt_hash,
            "total_count": len(held_to),
            "pass_count": 0,
            "warn_count": 0,
            "fail_count": 0,
            "skipped_count": 0,
            "pass_rate": None,
            "regressions": [],
            "results": [],
            "estimated_cost_cents": round(CENTS_PER_EXAMPLE * len(held_to), 2),
            "error_message": "",
            "triggered_by_name": by,
            "created_at": world.now,
            "started_at": None,
            "completed_at": None,
            # Kept with the run and not shown:
            "waiting": [each["id"] for each in held_to],
        },
    )
    world.clock.after(QUEUE_SECONDS, start, (RUNS, run.id), run_id=run.id)
    return run


def start(world: World, run_id: int) -> None:
    """The run is taken up."""
    world.change(RUNS, run_id, {"status": "running", "started_at": world.now})
    world.clock.after(EXAMPLE_SECONDS, judge_next, (RUNS, run_id), run_id=run_id)


def judge_next(world: World, run_id: int) -> None:
    """The next example is judged; after the last one the run is completed."""
    run = _document(world, run_id)
    row = _judged(world, run, run["waiting"][0])
    verdict = row["verdict"]
    changes: Document = {
        "waiting": run["waiting"][1:],
        "results": [*run["results"], row],
        f"{verdict}_count": run[f"{verdict}_count"] + 1,
    }
    if verdict == "fail" and row["previous_verdict"] == "pass":
        regression = {name: row[name] for name in ("example_id", "previous_verdict", "verdict", "reason")}
        changes["regressions"] = [*run["regressions"], regression]
    if changes["waiting"]:
        world.clock.after(EXAMPLE_SECONDS, judge_next, (RUNS, run_id), run_id=run_id)
    else:
        counts = {**run, **changes}
        judged = sum(counts[f"{each}_count"] for each in examples.VERDICTS)
        changes |= {
            "status": "completed",
            "pass_rate": round(counts["pass_count"] / judged, 4) if judged else None,
            "completed_at": world.now,
        }
    world.change(RUNS, run_id, changes)


def latest(world: World, agent_id: int) -> Document | None:
    """The agent's newest run, if it ever had one."""
    page = world[RUNS].page(where={"agent_id": agent_id}, limit=1)
    return page.records[0].document if page.records else None


def _judged(world: World, run: Document, example_id: int) -> Document:
    """An example's row in a run's results; the example keeps its verdict."""
    record = world[examples.EXAMPLES].get(example_id)
    example = {} if record is None else record.document
    row = {
        "example_id": example_id,
        "kind": example.get("kind", "manual"),
        "expectation": example.get("expectation", ""),
        "previous_verdict": example.get("last_verdict"),
        "verdict": "skipped",
        "reason": "The example was deleted." if record is None else f"The example is {example['status']}.",
        "replayed_output": None,
    }
    if record is None or example["status"] != "active":
        return row
    replayed = examples.replay(world, example, run["prompt_hash"])
    world.change(examples.EXAMPLES, example_id, {"last_run_id": run["id"], "last_verdict": replayed.verdict})
    return {
        **row,
        "verdict": replayed.verdict,
        "reason": replayed.reason,
        "replayed_output": {"role": "assistant", "content": replayed.content},
    }


def _document(world: World, run_id: int) -> Document:
    record = world[RUNS].get(run_id)
    assert record is not None, "a run is never removed"
    return record.document
