"""Calls in figures: who was talked to, and how a week went compared to the week before."""

from collections import Counter
from typing import Any, Final

from mockserver.clock import iso
from mockserver.engine.exchange import Inputs, Reply
from mockserver.lifecycles import calls
from mockserver.world.store import Document
from mockserver.world.world import World

PERIOD_DAYS: Final = 7
"""How far a report reaches back (invented)."""

LABELS: Final = "phone-number-labels"
BUSIEST: Final = 100
"""How many numbers the list of the other sides has at most (invented)."""


def calls_party_numbers_list(world: World, inputs: Inputs) -> Reply:
    """The numbers of the other sides that have the digits asked for, the most frequent first."""
    digits = inputs.query.get("q", "")
    counted: Counter[str] = Counter()
    for field in ("from_number", "to_number"):
        counted.update({number: count for number, count in world[calls.CALLS].counts(field).items() if number})
    own = {record.document["number"] for record in world["phone-numbers"]}
    labels = {each.document["phone_number"]: each.document["label"] for each in world[LABELS]}
    found = [
        {"number": number, "label": labels.get(number), "call_count": count}
        for number, count in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
        if number.startswith("+") and number not in own and digits in number
    ]
    return Reply({"numbers": found[:BUSIEST]})


def calls_report_summary_list(world: World, inputs: Inputs) -> Reply:
    """The last seven days in figures, beside the seven before."""
    now = world.clock.now_ms
    week = PERIOD_DAYS * 86_400_000
    current, previous = _calls(world, now - week, now), _calls(world, now - 2 * week, now - week - 1)
    graded, graded_before = _graded(current), _graded(previous)
    bad, bad_before = _critical(current), _critical(previous)
    return Reply(
        {
            "agents": _by_agent(world, current),
            "excluded_numbers": 0,
            "has_business_hours": False,
            "metrics": {
                "appointments_set": _metric(0, 0),
                "caller_experience": _metric(_score(graded), _score(graded_before)),
                "calls_handled": _metric(len(current), len(previous)),
                "handled_start_to_finish": _metric(_whole(current), _whole(previous)),
                "went_badly": _metric(bad, bad_before),
            },
            "needs_attention": {
                "value": bad,
                "previous": bad_before,
                "reasons": [{"key": "critical_issue", "count": bad}] if bad else [],
            },
            "outcomes": _outcomes(graded),
            "pending_reports": sum(call["grade_status"] == "pending" for call in current),
            "period": {"start": iso(now - week)[:10], "end": iso(now)[:10]},
            "previous_period": {"start": iso(now - 2 * week)[:10], "end": iso(now - week)[:10]},
            "reported": sum(call["issue_count"] > 0 for call in current),
            "success_rate": {
                "graded": len(graded),
                "graded_previous": len(graded_before),
                "succeeded": _succeeded(graded),
                "succeeded_previous": _succeeded(graded_before),
            },
            "timezone": "UTC",
        }
    )


def _calls(world: World, start_ms: int, end_ms: int) -> list[Document]:
    collection = world[calls.CALLS]
    page = collection.page(at_least=iso(start_ms), at_most=iso(end_ms), limit=len(collection))
    return [document for record in page.records if not (document := record.document)["is_test_call"]]


def _graded(found: list[Document]) -> list[Document]:
    return [call for call in found if call["grade_status"] == "completed"]


def _succeeded(graded: list[Document]) -> int:
    return sum(call.get("call_outcome") == "successful" for call in graded)


def _critical(found: list[Document]) -> int:
    return sum(call["critical_issue_count"] > 0 for call in found)


def _whole(found: list[Document]) -> int:
    """How many calls the agent brought to their end by itself."""
    return sum(call["status"] == "completed" and call["end_reason"] != "transfer" for call in found)


def _score(graded: list[Document]) -> int:
    """The mean score, up to 100."""
    scores = [call["grade_score"] for call in graded if call["grade_score"] is not None]
    return round(100 * sum(scores) / len(scores)) if scores else 0


def _metric(value: int, previous: int) -> dict[str, int]:
    return {"value": value, "previous": previous}


def _outcomes(graded: list[Document]) -> list[dict[str, Any]]:
    counted = Counter(str(call.get("call_outcome", "unknown")) for call in graded)
    return [
        {"key": key, "label": key.replace("_", " ").capitalize(), "count": count}
        for key, count in sorted(counted.items())
    ]


def _by_agent(world: World, found: list[Document]) -> list[dict[str, Any]]:
    counted = Counter(call["agent_id"] for call in found if call["agent_id"] is not None)
    names = {record.id: record.document["name"] for record in world["agents"]}
    return [
        {"agent_id": agent_id, "agent_name": names.get(agent_id), "calls_handled": count}
        for agent_id, count in sorted(counted.items())
    ]
