"""Filing an issue report: the report itself, its cluster, the call's counters, and the event."""

from typing import Any, Final

from mockserver.errors import NotFound
from mockserver.lifecycles import clusters, payloads
from mockserver.world.store import Document, Id, Record
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


def of_trace(world: World, trace_id: str, call_id: int) -> Record:
    """The report with this trace. Raises NotFound unless the call has it."""
    found = world[REPORTS].find("trace_id", trace_id)
    if found is None or found.document["call_id"] != call_id:
        raise NotFound(f"Not found: issue {trace_id} is none of this call's issue-reports.")
    return found


def guard(world: World, report_id: Id, kind: str, identity: int) -> None:
    """From now on a test case watches over the issue; `kind` is scenario or validation_example."""
    record = world[REPORTS].get(report_id)
    if record is not None:
        _guarded(world, report_id, [*record.document["linked_test_cases"], {"kind": kind, "id": identity}])


def unguard(world: World, report_id: Id, kind: str, identity: int) -> None:
    """The test case is gone, and watches over the issue no more."""
    record = world[REPORTS].get(report_id)
    if record is not None:
        gone = {"kind": kind, "id": identity}
        _guarded(world, report_id, [each for each in record.document["linked_test_cases"] if each != gone])


def _guarded(world: World, report_id: Id, cases: list[Document]) -> None:
    world.change(REPORTS, report_id, {"linked_test_cases": cases, "regression_guarded": bool(cases)})
