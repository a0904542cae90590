"""The life of a grade: pending, then completed or failed; the call's own grade fields follow it."""

from typing import Final

from mockserver import chance
from mockserver.clock import parse_iso
from mockserver.lifecycles import conversations, payloads, reports
from mockserver.simulation import grading, timeline
from mockserver.world.store import Document, Record
from mockserver.world.world import World

GRADES: Final = "grades"

AUTOMATIC_SECONDS: Final = 5.0
"""How long the automatic grader takes; with its start this comes to the sample call's 6 s after the end."""

RECENT_SECONDS: Final = 15 * 60
"""How long a grade counts as recent, so that it is returned and not run again without `force`.

The April pages do not say; 15 minutes is the claim window of the vendor's later generation.
"""


def latest(world: World, call: Document) -> Record | None:
    """The call's newest grade, or None when it was never graded."""
    grade_id = call.get("grade_id")
    return None if grade_id is None else world[GRADES].get(grade_id)


def is_recent(world: World, grade: Document) -> bool:
    """Whether a grade is too young to be run again without force; a pending one always is."""
    if grade["status"] == "pending":
        return True
    return world.clock.now_ms - parse_iso(grade["created_at"]) < RECENT_SECONDS * 1000


def regrade(world: World, call_id: int) -> Record:
    """A new pending grade that is done in 4 to 24 s (invented; the page says usually under 30 s)."""
    seconds = 4 + chance.number(world.seed, world.organization, "regrade", call_id, world.clock.now_ms) % 21
    return begin(world, call_id, seconds=float(seconds))


def begin(world: World, call_id: int, *, seconds: float | None) -> Record:
    """A new pending grade of a call, done after `seconds`; with None, whoever began it finishes it."""
    grade = world.create(
        GRADES,
        {
            "call_id": call_id,
            "score": None,
            "call_outcome": None,
            "summary": None,
            "detected_issues": [],
            "status": "pending",
            "created_at": world.now,
        },
    )
    world.change(
        "calls", call_id, {"grade_id": grade.id, "grade_status": "pending", "grade_updated_at": world.now}
    )
    if seconds is not None:
        world.clock.after(seconds, finish, ("calls", call_id), call_id=call_id, grade_id=grade.id)
    return grade


def grade_now(world: World, call_id: int) -> Record:
    """A new grade that is done at once."""
    grade = begin(world, call_id, seconds=None)
    finish(world, call_id, int(grade.id))
    record = world[GRADES].get(grade.id)
    assert record is not None, "a grade is never removed"
    return record


def finish(world: World, call_id: int, grade_id: int) -> None:
    """The grader is done: the row and the call show it, and issues it found are reported."""
    record = world["calls"].get(call_id)
    assert record is not None, "a call's timers are cancelled with it"
    call = record.document
    scenario = conversations.scenario_of(world, call)
    parts = conversations.parts(world, call_id)
    graded = grading.grade(scenario, *parts, grade_id, plan=timeline.plan(scenario, *parts))
    row = {"status": "failed"} if graded is None else graded.row()
    world.change(GRADES, grade_id, {**row, "graded_at": world.now})
    if call.get("grade_id") == grade_id:
        world.change(
            "calls",
            call_id,
            {
                "grade_status": row["status"],
                "grade_score": row.get("score"),
                "grade_updated_at": world.now,
                "call_outcome": row.get("call_outcome"),
            },
        )
    world.emit("call.graded", lambda: payloads.graded(call, world[GRADES].get(grade_id)))
    for found in () if graded is None else graded.reports:
        reports.file(
            world,
            call_id,
            source="system",
            title=found.title,
            description=found.description,
            severity=found.severity,
            timestamp_seconds=found.timestamp_seconds,
            detected_issue_ref=found.detected_issue,
        )
