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


def ended(api: Caller) -> list[Any]:
    """Connected calls that people had."""
    calls: list[Any] = api.get("/v1/calls?status=completed&exclude_test_calls=true").json["results"]
    return calls


def called(api: Caller, agent: int, count: int = 1, *, scenario: str = "support-question") -> list[Any]:
    """New calls of the agent that are over."""
    body = {"direction": "mic", "agent_id": agent, "scenario": scenario}
    made = [api.post("/_mock/calls", body).json["call_id"] for _ in range(count)]
    api.settle()
    return [api.get(f"/v1/calls/{each}").json for each in made]


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
    hopeless = {**ORDER, "target_id": agent, "scenario_prompts": ["scenario:busy"], "run_count": 2}
    batch = api.post("/v1/simulations/batches", hopeless).json
    api.settle()
    batch = api.get(f"/v1/test-call-batches/{batch['id']}").json
    assert (batch["status"], batch["failed_runs"], batch["error_message"]) == (
        "failed",
        2,
        "No run was completed.",
    )


def change_prompt(api: Caller, agent: int) -> str:
    """The agent's new prompt."""
    changed = f"{api.get(f'/v1/agents/{agent}').json['prompt']} Be brief."
    world = api.app.worlds.find(str(api.key))
    assert world is not None
    world.revise("agents", agent, {"prompt": changed})
    return changed


def scenario(api: Caller, agent: int, prompt: str, **fields: Any) -> Any:
    body = {"title": prompt[:40], "scenario_prompt": prompt, **fields}
    made = api.post(f"/v1/agents/{agent}/test-scenarios", body)
    assert made.status == 201
    return made.json


def execute(api: Caller, agent: int, **fields: Any) -> Any:
    body = {"channel": "telephony", "consent_to_charge": True, **fields}
    return api.post(f"/v1/agents/{agent}/test-runs/execute", body)


def test_executed_scenarios_are_called_and_counted(api: Caller, agent: int) -> None:
    good = scenario(api, agent, "Ask something. scenario:support-question")
    bad = scenario(api, agent, "Be angry. scenario:angry-caller")
    assert (good["source"], good["latest_verdict"], good["is_stale"]) == ("manual", "", False)
    batch = execute(api, agent, stagger_seconds=0).json
    assert (batch["status"], batch["total"], batch["started_at"]) == ("pending", 2, None)
    at = f"/v1/agents/{agent}/test-runs/{batch['id']}"
    api.advance(4)
    assert api.get(at).json["status"] == "in_progress"
    api.settle()
    batch = api.get(at).json
    assert (batch["status"], batch["completed"], batch["failed"]) == ("completed", 2, 0)
    assert (batch["pass_count"], batch["fail_count"]) == (1, 1)
    for row in batch["runs"]:
        call = api.get(f"/v1/calls/{row['call_id']}").json
        assert (row["score"], row["critical"]) == (call["grade_score"], call["critical_issue_count"] > 0)
        assert (row["verdict"] == "pass") == (call["call_outcome"] == "success")
    assert api.get(f"/v1/agents/{agent}/test-runs").json[0] == batch
    verdicts = {each["id"]: each["latest_verdict"] for each in api.get(f"/v1/agents/{agent}/test-scenarios").json}
    assert (verdicts[good["id"]], verdicts[bad["id"]]) == ("pass", "fail")


def test_a_matrix_multiplies_what_is_executed(api: Caller, agent: int) -> None:
    outbound = scenario(api, agent, "Confirm.", direction="outbound")
    matrix = {"telephony": [{"voicemail_answer": True}], "speech_style": [{"pace": "slow"}, {"pace": "fast"}]}
    batch = execute(api, agent, matrix=matrix, scenario_ids=[outbound["id"]]).json
    assert [row["conditions"]["speech_style"]["pace"] for row in batch["runs"]] == ["slow", "fast"]
    api.settle()
    batch = api.get(f"/v1/agents/{agent}/test-runs/{batch['id']}").json
    assert batch["completed"] == 2
    for row in batch["runs"]:
        greeting = api.get(f"/v1/calls/{row['call_id']}/transcript").json["transcripts"][0]
        assert "leave" in greeting["content"], "a machine answered"
    many = {"audio_conditions": [{"noise_asset": "cafe"}] * 60}
    assert execute(api, agent, matrix=many, scenario_ids=[outbound["id"]]).status == 400
    assert execute(api, agent, scenario_ids=[1]).status == 404
    assert execute(api, agent, consent_to_charge=False).status == 400


def test_scenarios_grow_stale_with_the_prompt(api: Caller, agent: int) -> None:
    at = f"/v1/agents/{agent}/test-scenarios"
    assert execute(api, agent).status == 409
    made = api.post(f"{at}/generate", {"count": 4}).json["scenarios"]
    assert [each["source"] for each in made] == ["ai"] * 4
    assert [("edge-case" in each["labels"]) for each in made] == [False, False, True, False]
    change_prompt(api, agent)
    later = scenario(api, agent, "A new one.")
    stale = [each["id"] for each in api.get(at).json if each["is_stale"]]
    assert stale == [each["id"] for each in made]
    refreshed = api.post(f"{at}/refresh", {"only_stale": True}).json["scenarios"]
    assert [each["id"] for each in refreshed] == stale
    assert not any(each["is_stale"] for each in [*refreshed, later])


def test_a_suite_is_green_when_its_scenarios_meet_its_criteria(api: Caller, agent: int) -> None:
    good = scenario(api, agent, "scenario:support-question")["id"]
    bad = scenario(api, agent, "scenario:angry-caller")["id"]
    body = {"agent_id": agent, "name": "Smoke", "scenario_ids": [good, bad], "schedule": {"frequency": "daily"}}
    suite = api.post("/v1/suites", body).json
    assert suite["criteria"] == {"min_pass_rate": 100, "zero_critical_failures": True}
    assert (suite["schedule"]["timezone"], suite["last_green_at"]) == ("UTC", None)
    at = f"/v1/suites/{suite['id']}"
    execute(api, agent, scenario_ids=[good])
    api.settle()
    assert api.get(at).json["runs"] == [], "not all of its scenarios were executed"
    execute(api, agent)
    api.settle()
    suite = api.get(at).json
    assert [(run["pass_rate"], run["green"]) for run in suite["runs"]] == [(50.0, False)]
    easier = {"min_pass_rate": 50, "zero_critical_failures": False}
    assert api.patch(at, {"criteria": easier}).json["criteria"] == easier
    execute(api, agent)
    api.settle()
    suite = api.get(at).json
    assert [run["green"] for run in suite["runs"]] == [True, False]
    assert suite["last_green_at"] == suite["runs"][0]["completed_at"]
    assert [each["latest_verdict"] for each in suite["scenarios"]] == ["pass", "fail"]
    assert api("DELETE", f"/v1/agents/{agent}/test-scenarios/{bad}").status == 204
    suite = api.get(at).json
    assert (suite["scenario_ids"], [each["id"] for each in suite["scenarios"]]) == ([good], [good])
    assert api.post("/v1/suites", {"agent_id": agent}).status == 400
    assert api.patch(at, {"scenario_ids": [bad]}).status == 404
    assert api.patch(at, {"schedule": {"frequency": "daily", "timezone": "Mars/Olympus"}}).status == 400


def test_a_promoted_call_is_played_again_and_guards_its_issue(api: Caller, agent: int) -> None:
    (call,) = called(api, agent)
    issue = report(api, call, "Caller was misunderstood")
    at = f"/v1/calls/{call['call_id']}/promote-to-scenario"
    made = api.post(at, {"issue_trace_id": issue["trace_id"], "failing_turn_index": 2})
    again = api.post(at, {"issue_trace_id": issue["trace_id"], "failing_turn_index": 2})
    assert (made.status, again.status, again.json["id"]) == (201, 200, made.json["id"])
    assert (made.json["source"], made.json["source_call_id"]) == ("production", call["call_id"])
    assert made.json["title"] == issue["title"]
    (found,) = api.get(f"/v1/calls/{call['call_id']}/issue-reports").json
    assert found["linked_test_cases"] == [{"kind": "scenario", "id": made.json["id"]}]
    assert found["regression_guarded"]
    batch = execute(api, agent, scenario_ids=[made.json["id"]], channel="web").json
    api.settle()
    row = api.get(f"/v1/agents/{agent}/test-runs/{batch['id']}").json["runs"][0]
    assert api.get(f"/v1/calls/{row['call_id']}").json["end_reason"] == call["end_reason"]
    assert api("DELETE", f"/v1/agents/{agent}/test-scenarios/{made.json['id']}").status == 204
    (found,) = api.get(f"/v1/calls/{call['call_id']}/issue-reports").json
    assert (found["linked_test_cases"], found["regression_guarded"]) == ([], False)
    assert api.post(at, {"failing_turn_index": 999}).status == 404


def example(api: Caller, call: Any, kind: str, **fields: Any) -> Any:
    """An example of the last thing the agent said in a call."""
    rows = api.get(f"/v1/calls/{call['call_id']}/transcript").json["transcripts"]
    turn = max(index for index, row in enumerate(rows) if row["role"] == "assistant")
    body = {"kind": kind, "turn_index": turn, **fields}
    made = api.post(f"/v1/calls/{call['call_id']}/validation-examples", body)
    assert made.status == 201
    assert made.json["original_response"]["content"] == rows[turn]["content"]
    assert [each["content"] for each in made.json["context"]] == [row["content"] for row in rows[:turn]]
    return made.json


def validate(api: Caller, agent: int) -> Any:
    """A validation run of the agent, completed."""
    run = api.post(f"/v1/agents/{agent}/validation-runs", {}).json
    assert (run["status"], run["pass_rate"]) == ("queued", None)
    api.advance(4)
    assert api.get(f"/v1/validation-runs/{run['id']}").json["status"] == "running"
    api.settle()
    return api.get(f"/v1/validation-runs/{run['id']}").json


def test_a_validation_run_counts_its_verdicts(api: Caller, agent: int) -> None:
    assert api.post(f"/v1/agents/{agent}/validation-runs", {}).status == 409
    first, second, third = called(api, agent, 3)
    golden = example(api, first, "golden")
    issue = report(api, second, "Caller was promised too much")
    failure = example(api, second, "failure", source_issue_id=issue["id"])
    manual = example(api, third, "manual")
    assert [each["status"] for each in (golden, failure, manual)] == ["active", "pending_review", "pending_review"]
    assert issue["title"] in failure["expectation"]
    assert api.patch(f"/v1/validation-examples/{manual['id']}", {"status": "active"}).status == 409
    reviewed = api.patch(f"/v1/validation-examples/{failure['id']}", {"status": "active"}).json
    assert (reviewed["status"], reviewed["last_verdict"]) == ("active", None)
    run = validate(api, agent)
    assert (run["total_count"], run["pass_count"], run["fail_count"], run["skipped_count"]) == (3, 1, 1, 1)
    assert (run["status"], run["pass_rate"], run["regressions"]) == ("completed", 0.5, [])
    verdicts = {row["example_id"]: row["verdict"] for row in run["results"]}
    assert verdicts == {golden["id"]: "pass", failure["id"]: "fail", manual["id"]: "skipped"}
    shown = {each["id"]: each for each in api.get(f"/v1/agents/{agent}/validation-examples").json["examples"]}
    assert (shown[golden["id"]]["last_verdict"], shown[golden["id"]]["last_run_id"]) == ("pass", run["id"])
    status = api.get(f"/v1/agents/{agent}/validation-status").json
    assert (status["active_example_count"], status["latest_run_matches_draft"]) == (2, True)
    assert api.get("/v1/validation-sets").json["agents"][0]["latest_run"]["id"] == run["id"]


def test_what_passed_before_and_fails_now_is_a_regression(api: Caller, agent: int) -> None:
    made = example(api, called(api, agent)[0], "golden")
    at = f"/v1/validation-examples/{made['id']}"
    assert validate(api, agent)["pass_rate"] == 1
    change_prompt(api, agent)
    assert api.get(at).json["is_stale_prompt"]
    assert not api.get(f"/v1/agents/{agent}/validation-status").json["latest_run_matches_draft"]
    api.patch(at, {"labels": ["verdict:fail"]})
    run = validate(api, agent)
    assert run["pass_rate"] == 0
    assert [(each["example_id"], each["previous_verdict"]) for each in run["regressions"]] == [
        (made["id"], "pass")
    ]
    assert api.get(f"/v1/agents/{agent}/validation-runs").json["runs"][0]["id"] == run["id"]


def test_an_example_is_replayed_once_per_prompt_and_heard(api: Caller, agent: int) -> None:
    (call,) = called(api, agent)
    issue = report(api, call, "Caller was cut off")
    made = example(api, call, "golden", source_issue_id=issue["id"])
    at = f"/v1/validation-examples/{made['id']}"
    first, second = (api.post(f"{at}/replay").json for _ in range(2))
    assert (first["cached"], second["cached"]) == (False, True)
    assert first["replayed_output"]["content"] == made["original_response"]["content"]
    change_prompt(api, agent)
    assert not api.post(f"{at}/replay").json["cached"]
    heard = api.get(f"{at}/audio/{made['audio_span_indices'][0]}")
    assert (heard.status, heard.headers["content-type"]) == (200, "application/octet-stream")
    assert heard.body[:1] == b"\xff", "an MP3 file begins with a frame"
    assert api.get(f"{at}/audio/{made['target_turn_index']}").status == 404
    (found,) = api.get(f"/v1/calls/{call['call_id']}/issue-reports").json
    assert found["linked_test_cases"] == [{"kind": "validation_example", "id": made["id"]}]
    assert api("DELETE", at).status == 204
    (found,) = api.get(f"/v1/calls/{call['call_id']}/issue-reports").json
    assert not found["regression_guarded"]
    for turn, status in ((made["audio_span_indices"][0], 409), (999, 404)):
        body = {"kind": "golden", "turn_index": turn}
        assert api.post(f"/v1/calls/{call['call_id']}/validation-examples", body).status == status


def investigate(api: Caller, agent: int, **fields: Any) -> Any:
    """A new investigation of two calls of the agent on which the same issue was reported."""
    first, second = called(api, agent, 2)
    reports = [report(api, each, "Caller was not understood") for each in (first, second)]
    body = {
        "agent_id": agent,
        "call_ids": [first["call_id"], second["call_id"]],
        "issue_pattern_id": reports[0]["cluster_id"],
        "issue_trace_ids": [each["trace_id"] for each in reports],
        **fields,
    }
    made = api.post("/v1/investigations", body)
    assert made.status == 201
    return made.json


def test_an_investigation_goes_step_by_step(api: Caller, agent: int) -> None:
    at = f"/v1/investigations/{investigate(api, agent)['id']}"
    assert api.get(at).json["status"] == "idle"
    assert api.post(f"{at}/search", {}).status == 409
    assert api.post(f"{at}/hypotheses", {}).json["status"] == "generating_hypotheses"
    assert api.post(f"{at}/hypotheses", {}).status == 409
    api.settle()
    found = api.get(at).json
    shown = sum(each["reproduced_count"] for each in found["baseline_results"])
    assert found["status"] == "awaiting_candidates"
    assert found["baseline_repro_rate"] == pytest.approx(shown / 10)
    assert len(found["hypotheses"]) == 2
    searching = api.post(f"{at}/search", {})
    assert (searching.status, searching.json["status"]) == (202, "generating_candidates")
    api.advance(7)
    assert api.get(at).json["status"] == "searching"
    api.settle()
    found = api.get(at).json
    assert (found["status"], found["progress"]) == ("ready", {"stage": "experiments", "done": 20, "total": 20})
    assert [each["status"] for each in found["experiments"]] == ["completed"] * 2
    for each in found["experiments"]:
        assert each == api.get(f"{at}/experiments/{each['id']}").json
        again = sum(sample["grade"]["reproduced"] for sample in each["samples"])
        assert (len(each["samples"]), each["summary"]["reproduced_count"]) == (10, again)
    rates = {each["candidate_id"]: each["summary"]["repro_rate"] for each in found["experiments"]}
    best = found["search_result"]
    assert rates[best["best_candidate_id"]] == best["best_repro_rate"] == min(rates.values())
    assert {each["latest_experiment_id"] for each in found["candidates"]} == {
        each["id"] for each in found["experiments"]
    }


def test_what_is_applied_is_the_agents_prompt_and_settles_the_issue(api: Caller, agent: int) -> None:
    made = investigate(api, agent, run="auto")
    at = f"/v1/investigations/{made['id']}"
    api.settle()
    ready = api.get(at).json
    (cluster,) = (
        each for each in api.get("/v1/issue-clusters").json["results"] if each["id"] == made["issue_pattern_id"]
    )
    assert cluster["investigation_summary"] == {
        "investigation_id": made["id"],
        "status": "ready",
        "candidate_count": 2,
    }
    applied = api.post(f"{at}/apply", {"deploy": True}).json
    best = ready["search_result"]["best_candidate_id"]
    (prompt,) = (each["prompt"] for each in ready["candidates"] if each["id"] == best)
    assert (applied["status"], applied["applied_candidate_id"]) == ("applied", best)
    assert api.get(f"/v1/agents/{agent}").json["prompt"] == prompt
    assert applied["prompt_drift"]["drifted"], "the agent has moved on from what was investigated"
    (cluster,) = (each for each in api.get("/v1/issue-clusters").json["results"] if each["id"] == cluster["id"])
    assert (cluster["status"], cluster["resolving_investigation_id"]) == ("resolved", made["id"])
    assert api.post(f"{at}/apply", {}).status == 409


def test_a_candidate_by_a_person_is_tried_out_and_drafted(api: Caller, agent: int) -> None:
    at = f"/v1/investigations/{investigate(api, agent)['id']}"
    same = api.post(
        f"{at}/candidates/manual", {"label": "Same", "prompt": api.get(at).json["baseline_prompt"]}
    ).json
    other = api.post(f"{at}/candidates/manual", {"label": "Mine", "prompt": "You are brief."}).json
    assert (other["source"], other["edits_unverified"]) == ("manual", True)
    api.post(f"{at}/hypotheses", {})
    api.settle()
    begun = [
        api.post(f"{at}/candidates/{each['id']}/experiments", {"config": {"samples_per_call": 20}}).json
        for each in (same, other)
    ]
    assert [each["status"] for each in begun] == ["queued", "queued"]
    api.settle()
    tried = [api.get(f"{at}/experiments/{each['id']}").json["summary"] for each in begun]
    assert tried[0]["sample_count"] == 40
    assert tried[1]["repro_rate"] < tried[0]["repro_rate"], "a prompt that changes nothing cures nothing"
    deployed = api.get(f"/v1/agents/{agent}").json["prompt"]
    assert api.post(f"{at}/apply", {"candidate_id": other["id"]}).json["applied_agent_version"] is None
    agent_now = api.get(f"/v1/agents/{agent}").json
    assert (agent_now["prompt"], agent_now["draft_prompt"], agent_now["has_draft"]) == (
        deployed,
        "You are brief.",
        True,
    )


def test_what_cannot_be_investigated_says_so(api: Caller, agent: int) -> None:
    (harmless,) = called(api, agent)
    body = {
        "agent_id": agent,
        "call_ids": [harmless["call_id"]],
        "issue_pattern_id": "none",
        "issue_trace_ids": [],
    }
    quiet = api.post("/v1/investigations", {**body, "run": "auto"}).json
    api.settle()
    quiet = api.get(f"/v1/investigations/{quiet['id']}").json
    assert (quiet["status"], quiet["baseline_repro_rate"]) == ("not_reproducible", 0)
    (missed,) = called(api, agent, scenario="busy")
    unanswered = {**body, "call_ids": [missed["call_id"]], "run": "auto"}
    assert api.post("/v1/investigations", unanswered).json["status"] == "not_replayable"
    assert api.post("/v1/investigations", {**body, "call_ids": [1]}).status == 404
    assert api.post("/v1/investigations", {**body, "call_ids": []}).status == 400
    made = api.post("/v1/investigations", body).json
    at = f"/v1/investigations/{made['id']}"
    api.post(f"{at}/hypotheses", {})
    assert api.patch(at, {"status": "dismissed"}).json["status"] == "dismissed"
    api.settle()
    assert api.get(at).json["status"] == "dismissed"
    assert api.post(f"{at}/hypotheses", {}).status == 409
    assert [each["status"] for each in api.get("/v1/investigations").json[:1]] == ["dismissed"]
