"""Filing an issue report: the report itself, its cluster, the call's counters, and the event."""

from typing import Any, Final

from mockserver.lifecycles import clusters, payloads
from mockserver.world.store import Document, Record
from mockserver.world.world import World

REPORTS: Final = clusters.REPORTS


def file(
    world: World,
    call_id: int,
    *,
    source: str,
    title: str,
    description: str,
    severity: str,
    reported_by_id: int | None = None,
    **details: Any,
) -> Record:
    """A new open report on a call; `source` is user or system. `details` are further fields of the report."""
    record = world["calls"].get(call_id)
    assert record is not None, "only existing calls are reported on"
    call = record.document
    filed: Document = {
        "call_id": call_id,
        # The list of all reports filters by it; no schema of the April contract shows it.
        "agent_id": call["agent_id"],
        "source": source,
        "severity": severity,
        "status": "open",
        "title": title,
        "description": description,
        "reported_by_id": reported_by_id,
        "timestamp_seconds": None,
        "detected_issue_ref": None,
        "metadata": {},
        "trace_id": world.next_uuid("issue-report traces"),
        "call_start_time": call["start_time"],
        **details,
    }
    report = world.create(REPORTS, {**filed, "cluster_id": clusters.join(world, filed, call)})
    world.change(
        "calls",
        call_id,
        {
            "issue_count": call["issue_count"] + 1,
            "critical_issue_count": call["critical_issue_count"] + (severity == "critical"),
        },
    )
    world.emit("issue.reported", lambda: payloads.reported(report))
    return report
