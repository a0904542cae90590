"""Issues and their clusters, simulations, scenarios, suites, validations, investigations."""

from typing import Any

import pytest
from caller import Caller

from mockserver.assembly import build
from mockserver.http.app import App
from mockserver.settings import Settings

ORDER = {"target_type": "agent", "consent_to_charge": True}


@pytest.fixture(scope="module")
def app() -> App:
    return build(Settings(contracts=("thunderphone-sdk-0.2",)))


@pytest.fixture
def api(app: App) -> Caller:
    """A fresh organization with the demo world's history."""
    return Caller(app, app.worlds.mint(world_name="demo"))


@pytest.fixture
def agent(api: Caller) -> int:
    identity: int = api.get("/v1/agents").json[0]["id"]
    return identity


def ended(api: Caller, agent: int | None = None) -> list[Any]:
    """Connected calls that people had, of one agent if given."""
    calls = api.get("/v1/calls?limit=200&status=completed&exclude_test_calls=true").json["results"]
    return [call for call in calls if agent is None or call["agent_id"] == agent]


def report(api: Caller, call: Any, title: str, severity: str = "warning") -> Any:
    made = api.post(f"/v1/calls/{call['call_id']}/issue-reports", {"title": title, "severity": severity})
    assert made.status == 201
    return made.json


def cluster_of(api: Caller, filed: Any) -> Any:
    return next(
        each
        for each in api.get("/v1/issue-clusters?limit=200").json["results"]
        if each["id"] == filed["cluster_id"]
    )


def test_clusters_count_what_the_reports_say(api: Caller) -> None:
    api.settle()
    reports = api.get("/v1/issue-reports?limit=200").json["results"]
    page = api.get("/v1/issue-clusters?limit=200").json
    assert sum(each["report_count"] for each in page["results"]) == len(reports)
    for cluster in page["results"]:
        members = [each for each in reports if each["cluster_id"] == cluster["id"]]
        assert cluster["report_count"] == len(members)
        assert cluster["call_count"] == len({each["call_id"] for each in members})
        assert cluster["last_seen"] == max(each["created_at"] for each in members)
        assert sum(each["report_count"] for each in cluster["agents"]) == len(members)


def test_a_settled_issue_that_comes_back_opens_its_cluster_again(api: Caller) -> None:
    first, second = ended(api)[:2]
    filed = report(api, first, "Caller was promised a callback")
    cluster = cluster_of(api, filed)
    assert (cluster["status"], cluster["severity"], cluster["primary_action"]) == (
        "open",
        "warning",
        "investigate",
    )
    changed = api.patch(f"/v1/issue-clusters/{cluster['id']}", {"status": "resolved"}).json
    assert (changed["status"], changed["primary_action"]) == ("resolved", "none")
    statuses = {
        each["trace_id"]: each["status"] for each in api.get("/v1/issue-reports?limit=200").json["results"]
    }
    assert statuses[filed["trace_id"]] == "resolved"
    again = report(api, second, "caller was promised a callback!", "critical")
    cluster = cluster_of(api, again)
    assert again["cluster_id"] == filed["cluster_id"]
    assert (cluster["status"], cluster["severity"], cluster["recurrence_count"]) == ("open", "critical", 1)
    assert cluster["recent_call_ids"] == [second["call_id"], first["call_id"]]


def test_a_cluster_is_escalated_once(api: Caller) -> None:
    cluster = cluster_of(api, report(api, ended(api)[0], "The line dropped"))
    at = f"/v1/issue-clusters/{cluster['id']}"
    assert cluster["fix_lane"] == "infra"
    made = api.post(f"{at}/escalate", {"note": "Third time this week."})
    again = api.post(f"{at}/escalate", {"note": "Please!"})
    assert (made.status, again.status, again.json) == (201, 200, made.json)
    assert [each["status"] for each in api.get("/v1/issue-clusters?limit=1").json["results"]] == ["escalated"]
    event = next(each for each in api.get("/_mock/events").json if each["type"] == "issue.escalated")
    assert event["data"]["id"] == made.json["id"]
    api.patch(at, {"status": "dismissed"})
    assert api.post(f"{at}/escalate", {"note": "Still."}).status == 409


def test_reports_are_settled_by_name_or_by_pattern(api: Caller) -> None:
    first, second, other = ended(api)[:3]
    named = report(api, other, "Something else")
    for call in (first, second):
        report(api, call, "Agent spoke too fast")
    by_pattern = {"pattern_key": "agent_spoke_too_fast", "trace_ids": [named["trace_id"]], "status": "dismissed"}
    assert api.patch("/v1/issue-reports", by_pattern).json == {"updated": 3}
    assert api.get("/v1/issue-reports?status=dismissed").json["total"] == 3
    unknown = {"trace_ids": ["5b2f6c1e-0d5a-4f4e-9a54-3f1b6f0a1c22"], "status": "open"}
    assert api.patch("/v1/issue-reports", unknown).status == 404
    assert api.patch("/v1/issue-reports", {"status": "open"}).status == 400


def test_a_simulation_is_a_test_call_by_another_door(api: Caller, agent: int) -> None:
    body = {**ORDER, "target_id": agent, "scenario_prompt": "scenario:support-question"}
    run = api.post("/v1/simulations", body).json
    assert (run["status"], run["direction"], run["transcript"]) == ("queued", "outbound", [])
    api.settle()
    (found,) = (each for each in api.get("/v1/test-calls").json if each["id"] == run["id"])
    call = api.get(f"/v1/calls/{found['call_id']}").json
    assert found["status"] == "completed"
    assert (call["direction"], call["duration_seconds"]) == ("test", found["duration_seconds"])
    assert found["grade"] == api.get(f"/v1/calls/{found['call_id']}/grade").json
    assert found["transcript"] == api.get(f"/v1/calls/{found['call_id']}/transcript").json["transcripts"]
    assert api.post("/v1/simulations", {**body, "consent_to_charge": False}).status == 400


def test_a_batch_is_over_when_its_runs_are(api: Caller, agent: int) -> None:
    batch = api.post("/v1/test-call-batches", {**ORDER, "target_id": agent}).json
    assert (batch["run_count"], batch["total_runs"], batch["status"]) == (3, 3, "in_progress")
    api.settle()
    batch = api.get(f"/v1/simulations/batches/{batch['id']}").json
    assert (batch["completed_runs"] + batch["failed_runs"], batch["status"]) == (3, "completed")
    runs = {each["id"] for each in api.get("/v1/simulations").json}
    assert set(batch["run_ids"]) <= runs
