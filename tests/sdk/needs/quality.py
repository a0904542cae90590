"""Issue clusters, investigations, scenarios, suites, validations, and simulations."""

from collections.abc import Mapping
from typing import Any, Final

from sdk.wire import Wire


def agent_id(wire: Wire) -> Any:
    return wire.get("/v1/agents").json[0]["id"]


def report(wire: Wire) -> Any:
    """A report by the grader or by a person."""
    return wire.get("/v1/issue-reports").json["results"][0]


def trace_id(wire: Wire) -> Any:
    return report(wire)["trace_id"]


def cluster_id(wire: Wire) -> Any:
    return wire.get("/v1/issue-clusters").json["results"][0]["id"]


def batch_id(wire: Wire) -> Any:
    body = {"target_type": "agent", "target_id": agent_id(wire), "consent_to_charge": True}
    return wire.post("/v1/simulations/batches", body).json["id"]


PATH: Final = {
    "trace_id": trace_id,
    "cluster_id": cluster_id,
    ("simulations_batches_retrieve", "batch_id"): batch_id,
    ("test_call_batches_retrieve", "batch_id"): batch_id,
}
BODY: Final = {
    "target_id": agent_id,
    "target_type": lambda wire: "agent",
    "trace_ids": lambda wire: [trace_id(wire)],
}
EXTRA: Final[Mapping[str, Any]] = {
    "issue_reports_bulk_update": {"trace_ids": None, "status": "acknowledged"},
    "issue_reports_partial_update": {"status": "acknowledged"},
    "issue_clusters_partial_update": {"fix_lane": "prompt"},
}
