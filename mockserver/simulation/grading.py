"""What the grader makes of a call, by its scenario: a score, a verdict, and the issues it reports itself."""

from dataclasses import dataclass
from typing import Any

from mockserver import chance
from mockserver.simulation.scenarios import Report, Rubric, Scenario
from mockserver.simulation.timeline import Plan


@dataclass(frozen=True, slots=True)
class FiledReport:
    """An issue report with source `system`. `timestamp_seconds` counts from the call's start."""

    title: str
    severity: str
    description: str
    detected_issue: str | None
    timestamp_seconds: int | None


@dataclass(frozen=True, slots=True)
class Grade:
    """A finished grading. `status` is completed or failed; a failed one has no score, outcome or summary."""

    status: str
    score: float | None
    call_outcome: str | None
    summary: str | None
    detected_issues: tuple[str, ...]
    reports: tuple[FiledReport, ...]

    def row(self) -> dict[str, Any]:
        """The fields that the API's grade row shows, as JSON data."""
        return {
            "score": self.score,
            "call_outcome": self.call_outcome,
            "summary": self.summary,
            "detected_issues": list(self.detected_issues),
            "status": self.status,
        }


def grade(scenario: Scenario, *parts: chance.Part, plan: Plan | None = None) -> Grade | None:
    """The grade that chance, named by `parts`, gives this call; None when it is not graded at all.

    Name each run of the grader by its own parts and the score differs within the rubric. With the call's
    `plan`, reports about a turn say at which second it begins.
    """
    rubric = scenario.grade
    if scenario.ends.status == "failed" or rubric == "none":
        return None
    if not isinstance(rubric, Rubric):
        return Grade("failed", None, None, None, (), ())
    lowest, highest = rubric.score
    part = chance.number("grade", *parts, bits=32) / 0xFFFFFFFF
    return Grade(
        status="completed",
        score=round(lowest + (highest - lowest) * part, 2),
        call_outcome=rubric.outcome,
        summary=rubric.summary if rubric.summary else scenario.title,
        detected_issues=rubric.detected_issues,
        reports=tuple(_filed(report, plan) for report in scenario.reports),
    )


def _filed(report: Report, plan: Plan | None) -> FiledReport:
    return FiledReport(
        title=report.title,
        severity=report.severity,
        description=report.description,
        detected_issue=report.issue,
        timestamp_seconds=None if plan is None or report.turn is None else _second(report.turn, plan),
    )


def _second(turn: int, plan: Plan) -> int:
    """The second at which the turn begins; a silence begins where the turn before it ends."""
    for timing in plan.turns:
        if timing.turn == turn:
            return timing.start_ms // 1000
    return max((timing.end_ms for timing in plan.turns if timing.turn < turn), default=0) // 1000
