"""The webhook story with a real receiver: subscribed, signed, retried, given up, recovered."""

import hashlib
import hmac
import itertools
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from receiver import Received, Receiver, receiving
from thunderphone.webhooks import verify_signature

from mockserver import MockServer
from mockserver.clock import parse_iso

ENDPOINTS = "/v1/developer/webhook-endpoints"


@pytest.fixture
def subscribe(http: httpx2.Client, receiver: Receiver) -> Callable[..., Any]:
    def make(**fields: Any) -> Any:
        made = http.post(ENDPOINTS, json={"label": "test", "url": receiver.url, **fields})
        assert made.status_code == 201, made.text
        return made.json()

    return make


def place(http: httpx2.Client, scenario: str = "wrong-number") -> int:
    agent = http.post("/v1/agents", json={"name": "A", "prompt": "p", "voice": "v"}).json()["id"]
    placed = http.post("/_mock/calls", json={"direction": "mic", "agent_id": agent, "scenario": scenario})
    call_id: int = placed.json()["call_id"]
    return call_id


def signed(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def settle(http: httpx2.Client) -> None:
    assert http.post("/_mock/clock/settle").status_code == 200


def advance(http: httpx2.Client, seconds: float) -> None:
    assert http.post("/_mock/clock/advance", json={"seconds": seconds}).status_code == 200


def test_events_arrive_signed_in_order(
    http: httpx2.Client, receiver: Receiver, subscribe: Callable[..., Any]
) -> None:
    endpoint = subscribe()
    assert endpoint["secret"].startswith("whsec_")
    assert endpoint["secret_hint"].endswith(endpoint["secret"][-6:])
    assert "secret" not in http.get(ENDPOINTS).json()[0]
    call_id = place(http)
    settle(http)
    assert receiver.types() == ["web.complete", "call.graded"]
    for each in receiver.received:
        assert verify_signature(
            each.headers["x-thunderphone-signature-v2"],
            secret=endpoint["secret"],
            method=each.method,
            path=each.path,
            body=each.body,
        )
        assert each.headers["x-thunderphone-signature"] == signed(endpoint["secret"], each.body)
        assert each.body.startswith(b'{"data":{'), "sorted keys, no spaces"
        assert each.json["data"]["call_id"] == call_id
    call = http.get(f"/v1/calls/{call_id}").json()
    complete = receiver.received[0].json["data"]
    assert {name: complete[name] for name in ("status", "duration_seconds", "billing_total_cents")} == {
        name: call[name] for name in ("status", "duration_seconds", "billing_total_cents")
    }


def test_only_what_was_asked_for_arrives(
    http: httpx2.Client, receiver: Receiver, subscribe: Callable[..., Any]
) -> None:
    endpoint = subscribe(events=["call.graded"])
    place(http)
    settle(http)
    assert receiver.types() == ["call.graded"]
    http.patch(f"{ENDPOINTS}/{endpoint['id']}", json={"status": "disabled"})
    place(http)
    settle(http)
    assert len(receiver.received) == 1
    assert (
        http.post(ENDPOINTS, json={"label": "x", "url": receiver.url, "events": ["call.grated"]}).status_code
        == 400
    )
    assert http.delete(f"{ENDPOINTS}/{endpoint['id']}").status_code == 204
    assert http.get(ENDPOINTS).json() == []


def test_the_legacy_url_gets_everything_by_its_older_names(
    http: httpx2.Client, receiver: Receiver, subscribe: Callable[..., Any]
) -> None:
    assert http.get("/v1/webhook").status_code == 404
    set_up = http.put("/v1/webhook", json={"url": receiver.url}).json()
    assert http.get("/v1/webhook").json() == set_up
    subscribe(events=["web.complete"])
    place(http)
    settle(http)
    assert sorted(receiver.types()) == ["call.complete", "call.graded", "web.complete"]
    legacy = next(each for each in receiver.received if each.json["type"] == "call.complete")
    assert legacy.headers["x-thunderphone-signature"] == signed(set_up["secret"], legacy.body)
    moved = http.patch("/v1/webhook", json={"url": receiver.url + "/new"}).json()
    assert (moved["secret"], moved["url"]) == (set_up["secret"], receiver.url + "/new")


def test_a_receiver_that_was_down_for_hours_gets_each_event_once(
    http: httpx2.Client, receiver: Receiver, subscribe: Callable[..., Any]
) -> None:
    endpoint = subscribe(events=["web.complete"])
    receiver.status = 503
    place(http)
    advance(http, 60)
    advance(http, 3 * 3600)
    tried = len(receiver.received)
    assert tried > 5
    receiver.status = 204
    settle(http)
    assert len(receiver.received) == tried + 1
    [delivery] = http.get("/_mock/deliveries").json()
    assert (delivery["status"], delivery["attempt_count"]) == ("delivered", tried + 1)
    assert [each["status"] for each in delivery["attempts"]] == [503] * tried + [204]
    moments = [parse_iso(each["at"]) for each in delivery["attempts"]]
    waits = [later - earlier for earlier, later in itertools.pairwise(moments)]
    assert waits == [10_000 * 2**n for n in range(tried)]
    assert len({each.json["event_id"] for each in receiver.received}) == 1
    assert len({each.body for each in receiver.received}) == 1
    stamps = [each.headers["x-thunderphone-signature-v2"] for each in receiver.received]
    assert len(set(stamps)) == tried + 1, "each try is signed afresh"
    assert verify_signature(
        stamps[-1], secret=endpoint["secret"], method="POST", path="/hooks", body=receiver.received[-1].body
    )
    assert http.get(ENDPOINTS).json()[0]["status"] == "active"


def test_after_a_day_the_endpoint_is_failing_until_it_is_made_active(
    http: httpx2.Client, receiver: Receiver, subscribe: Callable[..., Any]
) -> None:
    endpoint = subscribe(events=["web.complete"])
    receiver.status = 500
    place(http)
    settle(http)
    [delivery] = http.get("/_mock/deliveries").json()
    assert delivery["status"] == "failed"
    first, last = delivery["attempts"][0]["at"], delivery["attempts"][-1]["at"]
    assert parse_iso(last) - parse_iso(first) == 24 * 3600 * 1000
    assert http.get(ENDPOINTS).json()[0]["status"] == "failing"
    receiver.status = 200
    place(http)
    settle(http)
    assert len(http.get("/_mock/deliveries").json()) == 1, "a failing endpoint gets nothing"
    http.patch(f"{ENDPOINTS}/{endpoint['id']}", json={"status": "active"})
    place(http)
    settle(http)
    assert http.get("/_mock/deliveries").json()[-1]["status"] == "delivered"
    again = http.post(f"/_mock/deliveries/{delivery['id']}/redeliver").json()
    assert (again["status"], again["attempts"][-1]["status"]) == ("delivered", 200)


def test_nothing_is_sent_beyond_this_machine_unless_allowed(http: httpx2.Client) -> None:
    made = http.post(
        ENDPOINTS, json={"label": "x", "url": "https://hooks.example.com/in", "events": ["web.complete"]}
    )
    assert made.status_code == 201
    place(http)
    settle(http)
    [delivery] = http.get("/_mock/deliveries").json()
    assert (delivery["status"], delivery["attempts"][0]["failure"]) == ("failed", "refused")
    assert "--webhook-host" in delivery["attempts"][0]["error"]


def test_a_dead_receiver_is_a_connection_failure_and_is_retried(http: httpx2.Client) -> None:
    with receiving() as gone:
        url = gone.url
    http.post(ENDPOINTS, json={"label": "x", "url": url, "events": ["web.complete"]})
    place(http)
    advance(http, 60)
    [delivery] = http.get("/_mock/deliveries").json()
    assert (delivery["status"], delivery["attempts"][0]["failure"]) == ("retrying", "connection")
    assert delivery["next_retry_at"] is not None


def test_a_slow_receiver_delays_no_reply(
    http: httpx2.Client, receiver: Receiver, subscribe: Callable[..., Any]
) -> None:
    subscribe(events=["issue.reported"])
    receiver.delay_seconds = 20
    call_id = place(http)
    for index in range(50):
        filed = http.post(f"/v1/calls/{call_id}/issue-reports", json={"title": f"{index}", "severity": "info"})
        assert filed.status_code == 201
    assert len(receiver.received) == 1, "all were answered while the receiver still thinks about the first"
    receiver.waiting.set()
    settle(http)
    titles = [each.json["data"]["title"] for each in receiver.received]
    assert titles == [str(index) for index in range(50)], "and in order"


def test_duplicates_and_overtaking_on_purpose(
    http: httpx2.Client, receiver: Receiver, subscribe: Callable[..., Any]
) -> None:
    subscribe(events=["issue.reported"])
    call_id = place(http)
    mode = http.post("/_mock/deliveries/mode", json={"duplicate": True, "reorder": True})
    assert mode.json() == {"duplicate": True, "reorder": True}
    for index in range(4):
        http.post(f"/v1/calls/{call_id}/issue-reports", json={"title": f"{index}", "severity": "info"})
    settle(http)
    titles = [each.json["data"]["title"] for each in receiver.received if each.json["type"] == "issue.reported"]
    assert sorted(titles) == ["0", "0", "1", "1", "2", "2", "3", "3"]
    assert titles != sorted(titles)
    assert len({each.json["event_id"] for each in receiver.received}) == 4


def test_a_receiver_may_call_the_mock_while_the_mock_waits_for_it(
    server: MockServer, http: httpx2.Client, receiver: Receiver, subscribe: Callable[..., Any]
) -> None:
    subscribe(events=["web.complete"])
    seen: list[Any] = []

    def read_the_call(received: Received) -> None:
        call_id = received.json["data"]["call_id"]
        seen.append(
            httpx2.get(f"{server.base_url}/v1/calls/{call_id}", headers=dict(http.headers)).json()["status"]
        )

    receiver.on_receive = read_the_call
    place(http)
    settle(http)
    assert seen == ["completed"]
