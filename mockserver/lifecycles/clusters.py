"""What issue reports have in common: reports with the same title, of whatever call and agent, make a cluster.

A cluster grows with each report filed. One that was settled opens again when its issue comes back. How the vendor
finds clusters and whose job it holds them to be was never published: titles and the words below are invented.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from mockserver.world.store import Document, Id, Record
from mockserver.world.world import World

CLUSTERS: Final = "issue-clusters"
ESCALATIONS: Final = "issue-escalations"
REPORTS: Final = "issue-reports"

RECENT: Final = 10
"""How many of its latest calls and reports a cluster names."""

SETTLED: Final = ("resolved", "dismissed")

_SEVERITIES: Final = ("info", "warning", "critical")

# The first lane with a word in the title is whose job the issue is; without any, the prompt's.
_LANES: Final = (
    ("runtime", ("pause", "paused", "slow", "delay", "latency", "silence", "interrupted")),
    ("audio", ("voice", "noise", "noisy", "volume", "echo", "hear")),
    ("infra", ("failed", "error", "unavailable", "timeout", "dropped", "disconnected")),
    ("config", ("transferred", "transfer", "hours", "tool", "number", "language")),
)
_ACTIONS: Final = {"prompt": "investigate", "config": "configure"}


def join(world: World, report: Document, call: Document) -> str:
    """The id of the cluster that a report about to be filed belongs to, which counts it from now on."""
    key = pattern_key(report["title"])
    found = world[CLUSTERS].find("pattern_key", key)
    if found is None:
        return str(_begin(world, key, report, call).id)
    cluster = found.document
    known = world[REPORTS].page(where={"call_id": call["call_id"], "cluster_id": found.id}, limit=1)
    changes: Document = {
        "report_count": cluster["report_count"] + 1,
        "call_count": cluster["call_count"] + (not known.records),
        "last_seen": world.now,
        "severity": max(cluster["severity"], report["severity"], key=_SEVERITIES.index),
        "source": cluster["source"] if cluster["source"] == report["source"] else "mixed",
        "agents": _counted(cluster["agents"], call),
        "recent_call_ids": _latest(call["call_id"], cluster["recent_call_ids"]),
        "recent_trace_ids": _latest(report["trace_id"], cluster["recent_trace_ids"]),
    }
    if cluster["status"] in SETTLED:
        changes |= {
            "status": "open",
            "recurrence_count": cluster["recurrence_count"] + 1,
            "recurred_at": world.now,
        }
    change(world, found.id, changes)
    return str(found.id)


def change(world: World, cluster_id: Id, changes: Document) -> Record:
    """A cluster with some fields changed, and what should be done about it then."""
    record = world[CLUSTERS].get(cluster_id)
    assert record is not None, "a cluster is never removed"
    return world.change(CLUSTERS, cluster_id, {**changes, **_action({**record.document, **changes})})


def settle(world: World, cluster: Document, status: str) -> Record:
    """The cluster and all its reports in another status; an escalation of it ends with it."""
    for report in reports_of(world, cluster["id"]):
        world.change(REPORTS, report.id, {"status": status})
    escalation = cluster["escalation_id"]
    if escalation is not None and status in SETTLED:
        world.change(ESCALATIONS, escalation, {"status": "resolved", "updated_at": world.now})
    return change(world, cluster["id"], {"status": status})


def escalate(world: World, cluster: Document, note: str, user_id: int) -> tuple[Record, bool]:
    """The cluster's escalation, and whether it is new: there is at most one at a time."""
    before = None if cluster["escalation_id"] is None else world[ESCALATIONS].get(cluster["escalation_id"])
    if before is not None and before.document["status"] != "resolved":
        return before, False
    escalation = world.create(
        ESCALATIONS,
        {
            "id": world.next_uuid(ESCALATIONS),
            "cluster_id": cluster["id"],
            "organization_id": world.organization_id,
            "escalated_by_id": user_id,
            "note": note,
            "status": "open",
            "evidence_bundle": {
                "name": cluster["name"],
                "severity": cluster["severity"],
                "report_count": cluster["report_count"],
                "call_ids": cluster["recent_call_ids"],
                "trace_ids": cluster["recent_trace_ids"],
            },
            "created_at": world.now,
            "updated_at": world.now,
        },
    )
    changes = {"status": "escalated", "escalation_id": escalation.id, "flagged_at": world.now}
    change(world, cluster["id"], changes)
    world.emit("issue.escalated", lambda: escalation.document)
    return escalation, True


def named(world: World, pattern: str) -> Record | None:
    """The cluster with this id or pattern key, if there is one."""
    found = world[CLUSTERS].get(pattern)
    return world[CLUSTERS].find("pattern_key", pattern) if found is None else found


def reports_of(world: World, cluster_id: Id) -> Sequence[Record]:
    """The reports of a cluster, newest first."""
    collection = world[REPORTS]
    return collection.page(where={"cluster_id": cluster_id}, limit=len(collection)).records


def pattern_key(title: str) -> str:
    """What reports of the same issue share: `Agent paused too long` is `agent_paused_too_long`."""
    words = re.findall(r"\w+", title.casefold())
    return "_".join(words) if words else "untitled"


def lane_of(title: str) -> str:
    """Whose job an issue is, by the words of its title (invented)."""
    words = set(re.findall(r"\w+", title.casefold()))
    return next((lane for lane, signs in _LANES if words.intersection(signs)), "prompt")


def _begin(world: World, key: str, report: Document, call: Document) -> Record:
    title = report["title"]
    reference = report.get("detected_issue_ref")
    cluster: Document = {
        "id": world.next_uuid(CLUSTERS),
        "pattern_key": key,
        "name": title,
        "failure_mode": key if reference is None else reference,
        "severity": report["severity"],
        "source": report["source"],
        "status": "open",
        "fix_lane": lane_of(title),
        "fix_lane_source": "llm",
        "agents": _counted([], call),
        "report_count": 1,
        "call_count": 1,
        "recent_call_ids": [call["call_id"]],
        "recent_trace_ids": [report["trace_id"]],
        "first_seen": world.now,
        "last_seen": world.now,
        "flagged_at": None,
        "recurred_at": None,
        "recurrence_count": 0,
        "investigation_summary": None,
        "resolving_investigation_id": None,
        # Kept with the cluster and not shown:
        "escalation_id": None,
    }
    return world.create(CLUSTERS, {**cluster, **_action(cluster)})


def _action(cluster: Document) -> Document:
    """What should be done about a cluster: nothing more about a settled one, else what its lane needs."""
    settled = cluster["status"] in SETTLED
    return {"primary_action": "none" if settled else _ACTIONS.get(cluster["fix_lane"], "escalate")}


def _counted(agents: Sequence[Document], call: Document) -> list[Document]:
    """The agents of a cluster with one more report about a call of one of them."""
    agent_id = call["agent_id"]
    counted = [{**each, "report_count": each["report_count"] + (each["agent_id"] == agent_id)} for each in agents]
    if agent_id is not None and all(each["agent_id"] != agent_id for each in agents):
        counted.append({"agent_id": agent_id, "agent_name": call["agent_name"], "report_count": 1})
    return counted


def _latest(newest: Any, before: Sequence[Any]) -> list[Any]:
    return [newest, *(each for each in before if each != newest)][:RECENT]
