"""Issue clusters, investigations, scenarios, suites, validations, and simulations."""

from collections.abc import Mapping
from typing import Any, Final

from sdk.needs.calls import ended_call
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


def scenario_id(wire: Wire) -> Any:
    body = {"title": "A refund", "scenario_prompt": "You want your money back."}
    return wire.post(f"/v1/agents/{agent_id(wire)}/test-scenarios", body).json["id"]


def run_id(wire: Wire) -> Any:
    """A batch of the agent's scenarios."""
    body = {"channel": "web", "consent_to_charge": True, "scenario_ids": [scenario_id(wire)]}
    return wire.post(f"/v1/agents/{agent_id(wire)}/test-runs/execute", body).json["id"]


def suite_id(wire: Wire) -> Any:
    body = {"agent_id": agent_id(wire), "name": "Smoke", "scenario_ids": [scenario_id(wire)]}
    return wire.post("/v1/suites", body).json["id"]


def example_id(wire: Wire) -> Any:
    """A golden example of what an agent said second; the caller is heard before it."""
    mine = agent_id(wire)
    calls = wire.get("/v1/calls?limit=200&status=completed&exclude_test_calls=true").json["results"]
    for call in calls:
        body = {"kind": "golden", "turn_index": 2}
        if call["agent_id"] == mine:
            made = wire.post(f"/v1/calls/{call['call_id']}/validation-examples", body)
            if made.status == 201 and made.json["audio_span_indices"]:
                return made.json["id"]
    raise AssertionError("no call has three turns")


def validation_run_id(wire: Wire) -> Any:
    example_id(wire)
    return wire.post(f"/v1/agents/{agent_id(wire)}/validation-runs", {}).json["id"]


def span_index(wire: Wire) -> Any:
    return wire.get("/v1/validation-examples").json["examples"][-1]["audio_span_indices"][0]


def assistant_turn(wire: Wire) -> Any:
    rows = wire.get(f"/v1/calls/{ended_call(wire)}/transcript").json["transcripts"]
    return next(index for index, row in enumerate(rows) if row["role"] == "assistant")


def reported(wire: Wire) -> Any:
    """A report on a call that is over, of an agent that still exists."""
    found = wire.get("/v1/issue-reports?limit=200").json["results"]
    return next(each for each in found if each["agent_id"] is not None)


def new_investigation_id(wire: Wire) -> Any:
    one = reported(wire)
    body = {
        "agent_id": one["agent_id"],
        "call_ids": [one["call_id"]],
        "issue_pattern_id": one["cluster_id"],
        "issue_trace_ids": [one["trace_id"]],
    }
    return wire.post("/v1/investigations", body).json["id"]


def investigation_id(wire: Wire) -> Any:
    """An investigation that is ready."""
    identity = new_investigation_id(wire)
    for step in ("hypotheses", "search"):
        wire.post(f"/v1/investigations/{identity}/{step}", {})
        wire.settle()
    return identity


def latest_investigation(wire: Wire) -> Any:
    identity = wire.get("/v1/investigations").json[0]["id"]
    return wire.get(f"/v1/investigations/{identity}").json


# What is below an agent; its ids are those of one agent's own.
OF_AN_AGENT: Final = (
    "agents_test_runs_execute",
    "agents_test_runs_list",
    "agents_test_runs_retrieve",
    "agents_test_scenarios",
    "agents_test_scenarios_delete",
    "agents_test_scenarios_generate",
    "agents_test_scenarios_list",
    "agents_test_scenarios_partial_update",
    "agents_test_scenarios_refresh",
    "agents_test_scenarios_retrieve",
    "agents_validation_examples_list",
    "agents_validation_runs",
    "agents_validation_runs_list",
    "agents_validation_status_list",
)

PATH: Final[dict[str | tuple[str, str], Any]] = {
    **{(each, "agent_id"): agent_id for each in OF_AN_AGENT},
    "scenario_id": scenario_id,
    "suite_id": suite_id,
    "investigation_id": investigation_id,
    ("investigations_hypotheses", "investigation_id"): new_investigation_id,
    "candidate_id": lambda wire: latest_investigation(wire)["candidates"][0]["id"],
    "experiment_id": lambda wire: latest_investigation(wire)["experiments"][0]["id"],
    "example_id": example_id,
    "span_index": span_index,
    ("validation_runs_retrieve", "run_id"): validation_run_id,
    ("agents_test_runs_retrieve", "batch_id"): run_id,
    "trace_id": trace_id,
    "cluster_id": cluster_id,
    ("simulations_batches_retrieve", "batch_id"): batch_id,
    ("test_call_batches_retrieve", "batch_id"): batch_id,
}
BEFORE: Final = {"agents_test_runs_execute": scenario_id, "agents_validation_runs": example_id}
BODY: Final = {
    "target_id": agent_id,
    "target_type": lambda wire: "agent",
    ("agents_test_runs_execute", "channel"): lambda wire: "telephony",
    ("suites_create", "name"): lambda wire: "Smoke",
    ("calls_validation_examples", "turn_index"): assistant_turn,
    ("investigations_create", "agent_id"): lambda wire: reported(wire)["agent_id"],
    ("investigations_create", "call_ids"): lambda wire: [reported(wire)["call_id"]],
    ("investigations_create", "issue_trace_ids"): lambda wire: [reported(wire)["trace_id"]],
    ("investigations_candidates_manual", "prompt"): lambda wire: "You are brief.",
    "trace_ids": lambda wire: [trace_id(wire)],
}
EXTRA: Final[Mapping[str, Any]] = {
    "investigations_partial_update": {"status": "dismissed"},
    "suites_partial_update": {"name": "Nightly"},
    "issue_reports_bulk_update": {"trace_ids": None, "status": "acknowledged"},
    "issue_reports_partial_update": {"status": "acknowledged"},
    "issue_clusters_partial_update": {"fix_lane": "prompt"},
}
