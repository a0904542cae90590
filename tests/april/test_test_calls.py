"""Test calls: a run from its order to its graded call, batches, and what is refused."""

from typing import Any

import pytest
from caller import Caller

from mockserver.http.app import App
from mockserver.lifecycles import billing

CALM = "scenario:support-question"


@pytest.fixture
def agent(api: Caller) -> int:
    made = api.post("/v1/agents", {"name": "A", "prompt": "p", "voice": "v", "product": "spark"})
    identity: int = made.json["id"]
    return identity


def order(agent: int, **fields: Any) -> dict[str, Any]:
    return {
        "target_type": "agent",
        "target_id": agent,
        "direction": "outbound",
        "consent_to_charge": True,
        **fields,
    }


def run_of(api: Caller, identity: int) -> Any:
    return next(run for run in api.get("/v1/test-calls?limit=200").json if run["id"] == identity)


def test_a_run_makes_a_real_call(api: Caller, agent: int) -> None:
    made = api.post("/v1/test-calls", order(agent, scenario_prompt="Be scenario:angry-caller today."))
    run = made.json
    assert (made.status, run["status"], run["call_id"], run["started_at"]) == (201, "queued", None, None)
    assert (run["charge_multiplier"], run["estimated_cost_cents"], run["mode"]) == (2, 16, "bot")
    api.advance(3)
    run = run_of(api, run["id"])
    assert run["status"] == "in_progress"
    call = api.get(f"/v1/calls/{run['call_id']}").json
    assert (call["status"], call["is_test_call"], call["agent_id"]) == ("in_progress", True, agent)
    assert (call["direction"], call["to_number"]) == ("inbound", run["target_number"])
    assert run["started_at"] == call["start_time"]
    balance = api.get("/v1/billing").json["balance_cents"]
    api.settle()
    run, call = run_of(api, run["id"]), api.get(f"/v1/calls/{run['call_id']}").json
    assert (run["status"], run["error_message"], call["status"]) == ("completed", "", "completed")
    assert call["billing_total_cents"] == 2 * 8 * call["billable_minutes"]
    assert api.get("/v1/billing").json["balance_cents"] == balance - call["billing_total_cents"]
    assert api.get(f"/v1/calls/{run['call_id']}/transcript").json["transcripts"]
    grade = api.get(f"/v1/calls/{run['call_id']}/grade").json
    assert (grade["status"], run["completed_at"]) == ("completed", call["grade_updated_at"])
    event = next(e for e in api.get("/_mock/events").json if e["type"] == "test-call.completed")
    assert event["data"] == {"test_call": run, "grade": grade}


def test_a_client_that_polls_sees_each_status_once(polled: App) -> None:
    api = Caller(polled, polled.worlds.mint())
    identity = api.post("/v1/agents", {"name": "A", "prompt": "p", "voice": "v"}).json["id"]
    api.post("/v1/test-calls", order(identity, scenario_prompt=CALM))
    seen = [api.get("/v1/test-calls").json[0]["status"] for _ in range(12)]
    assert list(dict.fromkeys(seen)) == ["queued", "in_progress", "completed"]
    body = {key: value for key, value in order(identity).items() if key != "direction"}
    batch = api.post("/v1/test-call-batches", {**body, "run_count": 2, "scenario_prompts": [CALM]}).json
    seen = [api.get(f"/v1/test-call-batches/{batch['id']}").json["completed_runs"] for _ in range(60)]
    assert list(dict.fromkeys(seen)) == [0, 1, 2]
    assert api.get(f"/v1/test-call-batches/{batch['id']}").json["status"] == "completed"


def test_a_call_that_is_not_established_fails_its_run(api: Caller, agent: int) -> None:
    run = api.post("/v1/test-calls", order(agent, direction="inbound", scenario_prompt="scenario:no-answer")).json
    api.settle()
    run = run_of(api, run["id"])
    assert (run["status"], run["error_message"]) == ("failed", "The call failed: no_answer")
    call = api.get(f"/v1/calls/{run['call_id']}").json
    assert (call["direction"], call["from_number"], call["billed_at"]) == ("outbound", run["target_number"], None)


def test_a_phone_number_is_tested_with_its_agent(api: Caller, agent: int) -> None:
    number = api.post("/v1/phone-numbers").json
    target = {"target_type": "phone_number", "target_id": number["id"]}
    refused = api.post("/v1/test-calls", order(agent, **target))
    assert (refused.status, "inbound_agent_id" in refused.json["detail"]) == (409, True)
    api.patch(f"/v1/phone-numbers/{number['id']}", {"inbound_agent_id": agent})
    assert api.post("/v1/test-calls", order(agent, **target, direction="inbound")).status == 409
    run = api.post("/v1/test-calls", order(agent, **target, mode="sip")).json
    api.settle()
    run = run_of(api, run["id"])
    assert run["target_number"] == number["number"]
    assert isinstance(run["sip_call_id"], int)
    call = api.get(f"/v1/calls/{run['call_id']}").json
    assert (call["to_number"], call["agent_id"]) == (number["number"], agent)
    by_agent = api.post("/v1/test-calls", order(agent)).json
    assert by_agent["target_number"] == number["number"], "an agent is called on its own number"


def test_a_batch_cycles_its_prompts_and_staggers_its_runs(api: Caller, agent: int) -> None:
    prompts = [CALM, "scenario:no-answer"]
    body = {key: value for key, value in order(agent).items() if key != "direction"}
    made = api.post(
        "/v1/test-call-batches", {**body, "run_count": 3, "stagger_seconds": 40, "scenario_prompts": prompts}
    )
    batch = made.json
    assert (made.status, batch["status"], batch["direction"]) == (201, "in_progress", "outbound")
    assert (batch["estimated_cost_cents"], batch["run_count"]) == (48, 3)
    runs = {run["id"]: run for run in api.get("/v1/test-calls").json}
    assert sorted(runs) == sorted(batch["run_ids"])
    assert [runs[each]["scenario_prompt"] for each in batch["run_ids"]] == [prompts[0], prompts[1], prompts[0]]
    assert {run["batch_id"] for run in runs.values()} == {batch["id"]}
    api.advance(5)
    assert [run_of(api, each)["status"] for each in batch["run_ids"]] == ["in_progress", "queued", "queued"]
    api.settle()
    after = api.get(f"/v1/test-call-batches/{batch['id']}").json
    assert (after["status"], after["completed_runs"], after["failed_runs"]) == ("completed", 2, 1)
    assert after["completed_at"] == max(run_of(api, each)["completed_at"] for each in batch["run_ids"])
    assert len(api.post("/v1/test-call-batches", body).json["run_ids"]) == 3
    assert api.get("/v1/test-call-batches/1").status == 404


def test_runs_are_listed_newest_first_and_filtered(api: Caller, agent: int) -> None:
    other = api.post("/v1/agents", {"name": "B", "prompt": "p", "voice": "v"}).json["id"]
    number = api.post("/v1/phone-numbers").json
    api.patch(f"/v1/phone-numbers/{number['id']}", {"inbound_agent_id": other})
    behind = {"target_type": "phone_number", "target_id": number["id"]}
    orders = [order(agent), order(other), order(other, **behind)]
    made = []
    for each in orders:
        made.append(api.post("/v1/test-calls", {**each, "scenario_prompt": CALM}).json["id"])
        api.advance(1)

    def ids(query: str) -> list[int]:
        return [run["id"] for run in api.get(f"/v1/test-calls?{query}").json]

    assert ids("") == made[::-1]
    assert ids(f"agent_id={other}") == [made[2], made[1]]
    assert ids("target_type=phone_number") == [made[2]]
    assert ids("status=in_progress") == [made[1], made[0]]
    assert ids("limit=1&offset=1") == [made[1]]
    assert api.get("/v1/test-calls?status=done").status == 400


def test_what_is_refused(api: Caller, agent: int) -> None:
    for path in ("/v1/test-calls", "/v1/test-call-batches"):
        assert list(api.post(path, order(agent, consent_to_charge=False)).json) == ["consent_to_charge"]
        assert api.post(path, order(12)).status == 404
        assert api.post(path, order(12, target_type="phone_number")).status == 404
    without = {key: value for key, value in order(agent).items() if key not in ("consent_to_charge", "direction")}
    assert set(api.post("/v1/test-calls", without).json) == {"consent_to_charge", "direction"}
    unknown = api.post("/v1/test-calls", order(agent, scenario_prompt="scenario:angry-cller"))
    assert (unknown.status, "Did you mean angry-caller?" in unknown.json["scenario_prompt"][0]) == (400, True)
    assert list(api.post("/v1/test-call-batches", order(agent, run_count=21)).json) == ["run_count"]
    queued = api.post("/v1/test-calls", order(agent)).json["id"]
    spend_everything(api)
    assert api.post("/v1/test-calls", order(agent)).json == {"detail": "Insufficient balance"}
    assert api.post("/v1/test-call-batches", order(agent)).status == 402
    api.settle()
    assert run_of(api, queued)["error_message"] == "Insufficient balance"
    assert api.get("/v1/calls").json["total"] == 0


def test_a_snapshot_in_the_middle_of_a_batch_goes_on(api: Caller, agent: int) -> None:
    batch = api.post("/v1/test-call-batches", order(agent, run_count=2, scenario_prompts=[CALM])).json
    api.advance(10)
    snapshot = api.get("/_mock/snapshot").json
    at = f"/v1/test-call-batches/{batch['id']}"
    api.settle()
    ended = [api.get(at).json, api.get("/v1/test-calls").json]
    assert ended[0]["status"] == "completed"
    assert api.post("/_mock/snapshot", snapshot).status == 200
    assert api.get(at).json["status"] == "in_progress"
    api.settle()
    assert [api.get(at).json, api.get("/v1/test-calls").json] == ended


def test_a_run_whose_agent_is_deleted_fails(api: Caller, agent: int) -> None:
    run = api.post("/v1/test-calls", order(agent)).json
    assert api("DELETE", f"/v1/agents/{agent}").status == 204
    api.settle()
    assert run_of(api, run["id"])["error_message"] == "The agent no longer exists."


def spend_everything(api: Caller) -> None:
    """Leave the organization without money."""
    world = api.app.worlds.find(str(api.key))
    assert world is not None
    billing.settle_at(world, 0)
