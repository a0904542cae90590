"""What an analysis makes of a call beyond its grade: topics, what is left to do, the caller's mood."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from mockserver.simulation.scenarios import Rubric, Scenario

NOTHING: Final[Mapping[str, Any]] = MappingProxyType(
    {"summary": None, "sentiment": None, "score": None, "tags": (), "knowledge_gaps": ()}
)
"""The analysis of a call that has none (yet)."""

_MOODS: Final = {"successful": "positive", "unsuccessful": "negative"}


def analysis(scenario: Scenario, grade: Mapping[str, Any]) -> dict[str, Any]:
    """The analysis of a call that follows `scenario` and was graded so; the score is the grade's, from 0 to 1."""
    rubric = scenario.grade
    if grade["status"] != "completed" or not isinstance(rubric, Rubric):
        return dict(NOTHING)
    outcome = grade["call_outcome"]
    mood = _MOODS.get(outcome, "neutral") if rubric.sentiment is None else rubric.sentiment
    return {
        "summary": {
            "overview": grade["summary"],
            "key_topics": list(rubric.topics),
            "action_items": list(rubric.actions),
            "outcome": outcome,
        },
        "sentiment": mood,
        "score": {"score": grade["score"], "reasoning": _reasoning(outcome, grade["detected_issues"])},
        "tags": list(rubric.topics),
        "knowledge_gaps": list(rubric.gaps),
    }


def _reasoning(outcome: str, issues: list[str]) -> str:
    verdict = {
        "successful": "The caller got what they wanted",
        "unsuccessful": "The caller did not get what they wanted",
        "no_conversation": "No conversation came about",
    }.get(outcome, "It is not clear what came of it")
    found = ", ".join(each.replace("_", " ") for each in issues)
    return f"{verdict}; found wrong: {found}." if found else f"{verdict}; nothing was found wrong."
