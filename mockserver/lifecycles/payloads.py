"""What events carry, built from documents when the event is emitted; each contract tells of it what it declares.

The vendor publishes the payloads of incoming and complete events; those of graded and reported are partly
unseen, so they carry the resource as the API shows it.
"""

from typing import Any

import orjson

from mockserver.simulation import views
from mockserver.world.store import Document, Record

_COMPLETE = (
    "call_id",
    "agent_id",
    "agent_name",
    "is_test_call",
    "direction",
    "from_number",
    "to_number",
    "start_time",
    "end_time",
    "duration_seconds",
    "status",
    "end_reason",
    "product",
    "voice",
    "billable_minutes",
    "billing_total_cents",
)


def complete(call: Document, conversation: Document) -> dict[str, Any]:
    """`telephony.complete` and `web.complete`: the call's end with what was said.

    Rows name their content by media type here, unlike the transcript endpoint: speech is text/plain, tools are
    application/json with structured content.
    """
    rows = views.transcript(conversation)
    return {
        **{name: call[name] for name in _COMPLETE},
        "transfer_number": conversation["transfer_number"],
        "recording_url": call["recording_url"],
        "transcripts": [_row(row) for row in rows],
    }


def graded(call: Document, grade: Record | None) -> dict[str, Any]:
    """`call.graded`: whose call it was, and the grade row."""
    assert grade is not None, "a grade is never removed"
    row = grade.document
    return {
        "call_id": row["call_id"],
        "agent_id": call["agent_id"],
        "agent_name": call["agent_name"],
        "grade": row,
        "report": {"outcome_label": row["call_outcome"]},
    }


def reported(report: Record) -> dict[str, Any]:
    """`issue.reported`: the report as the API shows it (the payload is unpublished)."""
    return report.document


def alert(now: str, kind: str, message: str, account: Document) -> dict[str, Any]:
    """`alert.triggered`: what is the matter with the organization's balance (the payload is unpublished)."""
    return {
        "kind": kind,
        "message": message,
        "balance_cents": account["balance_cents"],
        "balance_usd": account["balance_usd"],
        "triggered_at": now,
    }


def _row(row: Document) -> Document:
    if row["content_type"] == "text":
        return {**row, "content_type": "text/plain"}
    return {**row, "content_type": "application/json", "content": orjson.loads(row["content"])}
