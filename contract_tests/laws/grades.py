"""Grades: how grading begins, what it finds, and when a new one is made."""

from typing import Any

from ..finding import Unjudged, require
from ..law import Need, law
from ..trial import Trial
from .lists import APRIL, moment

Json = Any

BOTH = (Need.CONTROL, Need.WRITES)


@law(
    "ML-401",
    source="calls.md#grade-object: 0.0-1.0, larger is better",
    operations=("calls_list", "calls_grade_list"),
    contracts=APRIL,
    causes="Percent in place of a share; a score before the grade is complete; nulls in a complete grade.",
)
def a_complete_grade_is_whole(trial: Trial) -> None:
    """A complete grade has a score from 0 to 1, an outcome and a summary; a pending one has none of them."""
    graded = [each for each in trial.calls() if each["grade_status"] is not None]
    if not graded:
        raise Unjudged("No call was graded.")
    for call in trial.some(graded, 20):
        grade = trial.api.ok("calls_grade_list", call_id=call["call_id"])
        told = [grade[name] for name in ("score", "call_outcome", "summary")]
        if grade["status"] == "completed":
            require(
                all(each is not None for each in told), f"A complete grade lacks something: {grade}.", mark="lacks"
            )
            require(0 <= grade["score"] <= 1, f"A score is {grade['score']}.", mark="score")
            require(grade["summary"], "A complete grade has an empty summary.", mark="summary")
        elif grade["status"] == "pending":
            require(not any(told), f"A pending grade already says something: {grade}.", mark="early")
        require(
            moment(grade["created_at"]) >= moment(call["start_time"]),
            "A call was graded before it began.",
            mark="when",
        )


@law(
    "ML-402",
    source="calls.md#run-grading",
    needs=BOTH,
    operations=("calls_grade", "calls_grade_list"),
    contracts=APRIL,
    causes="A grade that is complete at once, or never; a status that stays while the score comes.",
)
def grading_takes_its_time(trial: Trial) -> None:
    """Run grading answers a pending grade; within half a minute the latest grade is complete, and the call shows
    it.
    """
    call = trial.ended_call(direction="mic", scenario=trial.turns())
    pending = trial.api.ok("calls_grade", call_id=call["call_id"], force=True)
    require(
        pending["status"] == "pending", f"A grade that was just asked for is {pending['status']}.", mark="at once"
    )
    require(
        pending["score"] is None and pending["summary"] is None,
        "A pending grade has a score or summary.",
        mark="early",
    )
    shown = trial.api.ok("calls_retrieve", call_id=call["call_id"])
    require(
        shown["grade_status"] == "pending",
        f"While grading, the call says grade_status {shown['grade_status']}.",
        mark="call pending",
    )
    latest = trial.api.ok("calls_grade_list", call_id=call["call_id"])
    require(
        (latest["id"], latest["status"]) == (pending["id"], "pending"),
        "The latest grade is not the pending one.",
        mark="latest",
    )

    def complete() -> bool:
        return bool(trial.api.ok("calls_grade_list", call_id=call["call_id"])["status"] == "completed")

    require(
        trial.until(complete, within=60, step=3), "A grade is still not complete after a minute.", mark="endless"
    )
    grade = trial.api.ok("calls_grade_list", call_id=call["call_id"])
    require(
        grade["id"] == pending["id"] and grade["created_at"] == pending["created_at"],
        "The grade that is complete is not the one that was asked for.",
        mark="other",
    )
    shown = trial.api.ok("calls_retrieve", call_id=call["call_id"])
    require(
        (shown["grade_status"], shown["grade_score"]) == ("completed", grade["score"]),
        f"The call shows {shown['grade_status']}, {shown['grade_score']} after grading with {grade['score']}.",
        mark="call",
    )
    require(
        shown["grade_updated_at"] is not None and moment(shown["grade_updated_at"]) >= moment(grade["created_at"]),
        "grade_updated_at is not when grading ended.",
        mark="when",
    )


@law(
    "ML-403",
    source="calls.md#run-grading: without force a recent grade is given back",
    needs=BOTH,
    operations=("calls_grade", "calls_grade_list"),
    contracts=APRIL,
    causes="force ignored, or always on; false understood as true.",
)
def force_makes_a_new_grade(trial: Trial) -> None:
    """Without `force` a recent grade is given back unchanged; with it there is a new one, which becomes the
    latest.
    """
    call = trial.ended_call(direction="mic", scenario=trial.turns())
    first = trial.api.ok("calls_grade", call_id=call["call_id"], force=True)
    trial.settle()
    first = trial.api.ok("calls_grade_list", call_id=call["call_id"])
    for asked in ({}, {"force": False}):
        again = trial.api.ok("calls_grade", call_id=call["call_id"], **asked)
        require(
            again["id"] == first["id"],
            f"Grading with {asked or 'no force'} made a new grade of a recent one.",
            mark="unforced",
        )
        require(again == first, "A recent grade is given back changed.", mark="changed")
    forced = trial.api.ok("calls_grade", call_id=call["call_id"], force=True)
    require(forced["id"] != first["id"], "Grading with force gave the old grade back.", mark="forced")
    require(
        trial.api.ok("calls_grade_list", call_id=call["call_id"])["id"] == forced["id"],
        "The new grade is not the latest.",
        mark="latest",
    )
    trial.settle()
    latest = trial.api.ok("calls_grade_list", call_id=call["call_id"])
    require(
        (latest["id"], latest["status"]) == (forced["id"], "completed"),
        "The new grade did not become complete.",
        mark="complete",
    )
    for bad in ("perhaps", "2"):
        exchange = trial.api("calls_grade", call_id=call["call_id"], force=bad)
        require(
            exchange.status == 400,
            f"force={bad} is answered {exchange.status}; 400 was due.",
            exchange,
            mark="bad force",
        )


@law(
    "ML-404",
    source="calls.md#get-the-latest-grade: 404 when it has not been graded",
    needs=BOTH,
    operations=("calls_grade_list",),
    contracts=APRIL,
    causes="An empty grade, or a null body, for a call without one.",
)
def no_grade_before_grading(trial: Trial) -> None:
    """A call that has not been graded has no grade: 404. Asking for it does not begin one."""
    call_id = trial.place(direction="mic", scenario=trial.turns(grade=None))
    for _ in range(2):
        exchange = trial.api("calls_grade_list", call_id=call_id)
        require(
            exchange.status == 404,
            f"A call in progress has a grade: {exchange.shown_reply()[:200]}",
            exchange,
            mark="early",
        )
    asked = trial.api("calls_grade", call_id=call_id)
    require(
        asked.status == 409, f"A call in progress is graded: {asked.status}; 409 was due.", asked, mark="running"
    )
    shown = trial.api.ok("calls_retrieve", call_id=call_id)
    require(
        shown["grade_status"] is None and shown["grade_score"] is None,
        "An ungraded call shows a grade.",
        mark="shown",
    )


@law(
    "ML-405",
    source="calls.md#run-grading",
    needs=BOTH,
    operations=("calls_grade",),
    contracts=APRIL,
    causes="Grades kept for all calls together.",
)
def grades_are_of_their_call(trial: Trial) -> None:
    """Grading one call changes no other call."""
    agent = trial.agent()
    one = trial.ended_call(direction="mic", agent_id=agent["id"], scenario=trial.turns())
    other = trial.ended_call(
        direction="mic", agent_id=agent["id"], scenario=trial.turns({"assistant": "Good day."}, {"user": "Bye."})
    )
    before = trial.api.ok("calls_retrieve", call_id=other["call_id"])
    trial.api.ok("calls_grade", call_id=one["call_id"], force=True)
    require(
        trial.api.ok("calls_retrieve", call_id=other["call_id"]) == before,
        "Grading a call changed another one.",
        mark="other",
    )
    trial.settle()
    require(
        trial.api.ok("calls_retrieve", call_id=other["call_id"]) == before,
        "A grade reached another call.",
        mark="other later",
    )


@law(
    "ML-406",
    source="calls.md#issue-report-object: the system files reports while grading",
    needs=BOTH,
    operations=("calls_grade_list", "calls_issue_reports_list"),
    contracts=APRIL,
    causes="Reports filed as by a person; counters that forget them.",
)
def grading_files_reports(trial: Trial) -> None:
    """What grading finds wrong it files as reports of source `system`, which nobody reported, and the call
    counts them.
    """
    call = trial.ended_call(direction="mic", scenario="tool-failure")
    reports = trial.api.ok("calls_issue_reports_list", call_id=call["call_id"])
    require(reports, "A conversation whose tool failed was graded without a report.", mark="none")
    for each in reports:
        require(
            each["source"] == "system" and each["reported_by_id"] is None,
            f"A grader's report says {each['source']}, {each['reported_by_id']}.",
            mark="source",
        )
        require(each["status"] == "open", "A new report is not open.", mark="status")
    require(
        call["issue_count"] == len(reports),
        f"The call counts {call['issue_count']} of {len(reports)} reports.",
        mark="count",
    )
    entries = trial.api.ok("calls_history_list", call_id=call["call_id"])
    require(
        any(each["type"] == "function_response" and each["error"] for each in entries),
        "A tool failed and the history says nothing of an error.",
        mark="error",
    )
    grade = trial.api.ok("calls_grade_list", call_id=call["call_id"])
    require(grade["detected_issues"], "A grade that led to reports has detected no issues.", mark="issues")


@law(
    "ML-407",
    source="calls.md#run-grading",
    operations=("calls_grade",),
    needs=(Need.WRITES,),
    contracts=APRIL,
    causes="The call is not looked up before grading begins.",
)
def unknown_calls_are_not_graded(trial: Trial) -> None:
    """A call that does not exist cannot be graded: 404."""
    exchange = trial.api("calls_grade", call_id=987_654_321_987)
    require(exchange.status == 404, f"{exchange.what}; 404 was due.", exchange, mark="found")
