"""Events of the second API: its own envelope, signature and schedule, to a real receiver."""

import hashlib
import hmac
from typing import Any

import httpx2
import pytest
from receiver import Receiver

ENDPOINTS = "/webhooks/endpoints"


@pytest.fixture
def second(http: httpx2.Client) -> dict[str, str]:
    """The headers that make a request one of the second API."""
    return {"Authorization": http.headers["authorization"].replace("sk_test_", "thns_sk_")}


def subscribe(http: httpx2.Client, second: dict[str, str], receiver: Receiver, **fields: Any) -> Any:
    body = {"url": receiver.url, "event_types": ["voice.call.started", "voice.call.ended"], **fields}
    made = http.post(ENDPOINTS, json=body, headers=second)
    assert (made.status_code, made.json()["status"]) == (201, "success"), made.text
    return made.json()["endpoint"]


def place(http: httpx2.Client) -> Any:
    agent = http.post("/v1/agents", json={"name": "A", "prompt": "p", "voice": "v"}).json()["id"]
    body = {"direction": "mic", "agent_id": agent, "scenario": "wrong-number"}
    return http.post("/_mock/calls", json=body).json()


def settle(http: httpx2.Client) -> None:
    assert http.post("/_mock/clock/settle").status_code == 200


def test_a_call_is_told_signed(http: httpx2.Client, second: dict[str, str], receiver: Receiver) -> None:
    endpoint = subscribe(http, second, receiver)
    placed = place(http)
    settle(http)
    assert [each.json["event"] for each in receiver.received] == ["voice.call.started", "voice.call.ended"]
    for each in receiver.received:
        signed = each.headers["x-webhook-timestamp"].encode() + b"." + each.body
        digest = hmac.new(endpoint["secret"].encode(), signed, hashlib.sha256).hexdigest()
        assert each.headers["x-webhook-signature"] == f"sha256={digest}"
        assert each.headers["x-webhook-event"] == each.json["event"]
        assert each.headers["user-agent"] == "ThinnestAI-Webhooks/1.0"
        assert sorted(each.json) == ["agent_id", "data", "event", "timestamp"]
        assert each.json["agent_id"] == placed["agent_id"], "a number, unlike in calls"
        assert each.json["data"]["call_id"] == placed["call_id"]
    call = http.get(f"/v2/calls/{placed['call_id']}", headers=second).json()
    ended = receiver.received[-1].json["data"]
    assert {name: ended[name] for name in ("type", "status", "agent_id", "ended_at", "ended_reason")} == {
        name: call[name] for name in ("type", "status", "agent_id", "ended_at", "ended_reason")
    }
    assert ended["duration"] == int(call["duration_seconds"])


def test_three_retries_after_10_60_and_300_seconds(
    http: httpx2.Client, second: dict[str, str], receiver: Receiver
) -> None:
    subscribe(http, second, receiver, event_types=["agent.created"])
    once = subscribe(http, second, receiver, event_types=["agent.created"], max_retries=0)
    receiver.status = 500
    http.post("/v2/agents", json={"name": "Priya"}, headers=second)
    settle(http)
    deliveries = http.get("/_mock/deliveries").json()
    tried = {each["endpoint_id"]: [attempt["at"] for attempt in each["attempts"]] for each in deliveries}
    assert len(tried.pop(once["id"])) == 1
    [moments] = tried.values()
    assert [moment[14:19] for moment in moments] == ["00:00", "00:10", "01:10", "06:10"]
    assert {each["status"] for each in deliveries} == {"failed"}
    identities = {each.headers["x-webhook-delivery-id"] for each in receiver.received}
    assert (len(receiver.received), len(identities)) == (5, 2)


def test_an_endpoint_gets_what_it_wants(http: httpx2.Client, second: dict[str, str], receiver: Receiver) -> None:
    endpoint = subscribe(http, second, receiver, event_types=["agent.created", "agent.updated"])
    listed = http.get(ENDPOINTS, headers=second)
    assert "secret" not in listed.json()["endpoints"][0]
    assert endpoint["secret"] not in http.get("/_mock/journal").text
    agent = http.post("/v2/agents", json={"name": "Priya"}, headers=second).json()["id"]
    http.delete(f"/v2/agents/{agent}", headers=second)
    settle(http)
    assert [each.json["data"]["public_id"] for each in receiver.received] == [agent]
    assert http.get(ENDPOINTS, headers=second).json()["endpoints"][0]["last_triggered_at"] is not None
    changed = http.patch(f"{ENDPOINTS}/{endpoint['id']}", json={"is_active": False}, headers=second)
    assert changed.json() == {"status": "success", "endpoint_id": endpoint["id"]}
    http.post("/v2/agents", json={"name": "Asha"}, headers=second)
    settle(http)
    assert len(receiver.received) == 1


def test_what_an_endpoint_may_be(http: httpx2.Client, second: dict[str, str]) -> None:
    def post(**fields: Any) -> httpx2.Response:
        body = {"url": "https://hooks.example/x", "event_types": ["agent.created"], **fields}
        return http.post(ENDPOINTS, json=body, headers=second)

    wrong = post(event_types=["agent.create"])
    assert (wrong.status_code, "event_types" in wrong.json()["detail"]) == (400, True)
    assert [post(url="http://hooks.example/x").status_code, post(event_types=[]).status_code] == [400, 400]
    assert post(max_retries=6).status_code == 400, "422 everywhere else"
    assert [post().status_code for _ in range(21)] == [201] * 20 + [400]
