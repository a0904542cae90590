"""The vendor's guide to inbound calls, step by step, at pace poll: a client that polls never waits in vain."""

import pytest
from caller import Caller

from mockserver.http.app import App


@pytest.fixture
def client(polled: App) -> Caller:
    return Caller(polled, polled.worlds.mint())


def test_the_five_steps(client: Caller) -> None:
    agent = client.post(
        "/v1/agents",
        {"name": "Acme Support", "prompt": "Keep answers short.", "voice": "en-US-James1", "product": "spark"},
    )
    assert agent.status == 201

    number = client.post("/v1/phone-numbers", {"area_code": "415"})
    assert (number.status, number.json["status"]) == (201, "provisioning")
    assert number.json["number"].startswith("+1415")
    at = f"/v1/phone-numbers/{number.json['id']}"
    assert [client.get(at).json["status"] for _ in range(3)] == ["provisioning", "active", "active"]

    assigned = client.patch(at, {"inbound_agent_id": agent.json["id"]})
    assert (assigned.status, assigned.json["inbound_agent_id"]) == (200, agent.json["id"])

    placed = client.post("/_mock/calls", {"to_number": number.json["number"], "from_number": "+14155550199"})
    call_id = placed.json["call_id"]
    running = client.get("/v1/calls?status=in_progress&limit=5").json
    assert [call["call_id"] for call in running["results"]] == [call_id]

    seen = [client.get(f"/v1/calls/{call_id}").json for _ in range(8)]
    assert [call["status"] for call in seen][-1] == "completed"
    call = seen[-1]
    assert (call["agent_id"], call["product"], call["voice"]) == (agent.json["id"], "spark", "en-US-James1")
    assert (call["from_number"], call["to_number"]) == ("+14155550199", number.json["number"])
    assert call["billable_minutes"] == -(-call["duration_seconds"] // 60)
    assert call["billing_total_cents"] == 8 * call["billable_minutes"]
    assert (call["grade_status"], 0 <= call["grade_score"] <= 1) == ("completed", True)

    transcript = client.get(f"/v1/calls/{call_id}/transcript").json
    assert transcript["call_id"] == call_id
    assert {row["role"] for row in transcript["transcripts"]} >= {"user", "assistant"}
    url = client.get(f"/v1/calls/{call_id}/audio").json["url"]
    assert client.get(url.removeprefix("http://mock.test")).status == 200


def test_polling_for_the_recording_alone_gets_there(client: Caller) -> None:
    agent = client.post("/v1/agents", {"name": "A", "prompt": "p", "voice": "v"}).json["id"]
    placed = {"direction": "mic", "agent_id": agent, "scenario": "wrong-number"}
    call_id = client.post("/_mock/calls", placed).json["call_id"]
    statuses = [client.get(f"/v1/calls/{call_id}/audio").status for _ in range(6)]
    assert statuses[0] == 404
    assert statuses[-1] == 200


def test_an_unknown_agent_is_refused_and_nothing_changes(client: Caller) -> None:
    number = client.post("/v1/phone-numbers", {}).json
    at = f"/v1/phone-numbers/{number['id']}"
    refused = client.patch(at, {"inbound_agent_id": 12})
    assert refused.status == 404
    assert "inbound_agent_id 12" in refused.json["detail"]
    assert client.get(at).json["inbound_agent_id"] is None


def test_deleting_an_agent_clears_its_assignments(client: Caller) -> None:
    agent = client.post("/v1/agents", {"name": "A", "prompt": "p", "voice": "v"}).json
    number = client.post("/v1/phone-numbers").json
    at = f"/v1/phone-numbers/{number['id']}"
    client.patch(at, {"inbound_agent_id": agent["id"], "outbound_agent_id": agent["id"]})
    assert client("DELETE", f"/v1/agents/{agent['id']}").status == 204
    assert client.get(f"/v1/agents/{agent['id']}").status == 404
    after = client.get(at).json
    assert (after["inbound_agent_id"], after["outbound_agent_id"]) == (None, None)


def test_every_change_of_an_agent_leaves_a_version(client: Caller) -> None:
    agent = client.post("/v1/agents", {"name": "A", "prompt": "one", "voice": "v"}).json
    at = f"/v1/agents/{agent['id']}"
    client.patch(at, {"prompt": "two"})
    client("PUT", at, {"name": "A", "prompt": "three", "voice": "v", "product": "bolt"})
    versions = client.get(f"{at}/versions").json
    assert [each["version"] for each in versions] == [3, 2, 1]
    assert [each["snapshot"]["prompt"] for each in versions] == ["three", "two", "one"]
    assert [each["snapshot"]["product"] for each in versions] == ["bolt", "spark", "spark"]


def test_put_resets_what_is_left_out_and_patch_does_not(client: Caller) -> None:
    given = {"name": "A", "prompt": "p", "voice": "v", "product": "bolt", "max_hold_seconds": 30}
    agent = client.post("/v1/agents", given).json
    at = f"/v1/agents/{agent['id']}"
    assert client.patch(at, {"name": "B"}).json["product"] == "bolt"
    replaced = client("PUT", at, {"name": "C", "prompt": "p", "voice": "v"}).json
    assert (replaced["product"], replaced["max_hold_seconds"]) == ("spark", None)
    assert (replaced["id"], replaced["created_at"]) == (agent["id"], agent["created_at"])
