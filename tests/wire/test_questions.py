"""Incoming calls ask: a usable answer shapes the call, anything else falls back, and the journal says why."""

import json
from typing import Any

import httpx2
import pytest
from receiver import Receiver, receiving

from mockserver import MockServer


@pytest.fixture
def http(http: httpx2.Client) -> httpx2.Client:
    """An organization whose one number is answered by an agent with the voice `assigned`."""
    agent = http.post("/v1/agents", json={"name": "A", "prompt": "p", "voice": "assigned"}).json()["id"]
    number = http.post("/v1/phone-numbers").json()
    http.post("/_mock/clock/advance", json={"seconds": 5})
    http.patch(f"/v1/phone-numbers/{number['id']}", json={"inbound_agent_id": agent})
    return http


@pytest.fixture
def receiver(http: httpx2.Client, receiver: Receiver) -> Receiver:
    """A receiver that is asked about incoming calls."""
    subscribed = {"label": "x", "url": receiver.url, "events": ["telephony.incoming"]}
    assert http.post("/v1/developer/webhook-endpoints", json=subscribed).status_code == 201
    return receiver


def call_in(http: httpx2.Client) -> Any:
    """Someone dials in, the question is answered, and the call goes on for a second."""
    placed = {"from_number": "+14155550199", "scenario": "support-question"}
    call_id = http.post("/_mock/calls", json=placed).json()["call_id"]
    http.post("/_mock/clock/advance", json={"seconds": 1})
    return http.get(f"/v1/calls/{call_id}").json()


def verdicts(http: httpx2.Client) -> list[str]:
    entries = http.get("/_mock/journal").json()["entries"]
    return [entry["warnings"][0] for entry in entries if entry["source"] == "webhook"]


def test_the_answer_shapes_the_call(http: httpx2.Client, receiver: Receiver) -> None:
    receiver.body = json.dumps(
        {"prompt": "You know this caller.", "voice": "en-US-Ann1", "product": "bolt"}
    ).encode()
    call = call_in(http)
    assert (call["voice"], call["product"]) == ("en-US-Ann1", "bolt")
    asked = receiver.received[0].json
    assert asked["type"] == "telephony.incoming"
    assert asked["data"] == {name: call[name] for name in ("call_id", "from_number", "to_number")}
    assert verdicts(http) == ["the answer configures the call"]
    http.post("/_mock/clock/settle")
    finished = http.get(f"/v1/calls/{call['call_id']}").json()
    assert finished["billing_total_cents"] == 12 * finished["billable_minutes"], "and is billed by its tier"


def test_the_alias_of_voice_is_understood(http: httpx2.Client, receiver: Receiver) -> None:
    receiver.body = b'{"prompt": "p", "voice_name": "en-US-Ann1"}'
    assert call_in(http)["voice"] == "en-US-Ann1"


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (200, b"{}", "empty"),
        (200, b"null", "empty"),
        (200, b"", "empty"),
        (500, b'{"prompt": "p", "voice": "v"}', "answered 500"),
        (200, b"{nonsense", "not JSON"),
        (200, b'{"prompt": "p"}', "voice"),
        (200, b'{"prompt": "p", "voice": "v", "max_hold_seconds": 3}', "max_hold_seconds"),
        (200, b'{"prompt": "p", "voice": "v", "product": "zap"}', "/product"),
        (200, b'["prompt"]', "object"),
    ],
)
def test_anything_else_falls_back_to_the_assigned_agent(
    http: httpx2.Client, receiver: Receiver, status: int, body: bytes, why: str
) -> None:
    receiver.status, receiver.body = status, body
    assert call_in(http)["voice"] == "assigned"
    [verdict] = verdicts(http)
    assert verdict.startswith("fell back to the assigned agent: ")
    assert why in verdict
    [delivery] = http.get("/_mock/deliveries").json()
    assert (delivery["status"], delivery["verdict"], delivery["attempt_count"]) == ("failed", verdict, 1)


def test_an_answer_after_two_seconds_is_too_late(http: httpx2.Client, receiver: Receiver) -> None:
    receiver.body, receiver.delay_seconds = b'{"prompt": "p", "voice": "late"}', 3.0
    assert call_in(http)["voice"] == "assigned"
    assert verdicts(http) == ["fell back to the assigned agent: no answer within 2 s"]


def test_of_two_usable_answers_the_older_subscription_counts(http: httpx2.Client, receiver: Receiver) -> None:
    receiver.body, receiver.delay_seconds = b'{"prompt": "p", "voice": "older"}', 0.3
    with receiving() as second:
        second.body = b'{"prompt": "p", "voice": "newer"}'
        http.post("/v1/developer/webhook-endpoints", json={"label": "y", "url": second.url})
        assert call_in(http)["voice"] == "older"
        receiver.status = 404
        assert call_in(http)["voice"] == "newer"


def open_widget(server: MockServer, key: str) -> httpx2.Response:
    headers = {"X-API-Key": key, "Origin": "https://shop.example.com"}
    return httpx2.post(f"{server.base_url}/v1/widget/session", headers=headers, json={})


def test_a_webhook_key_asks_its_own_url_about_each_visitor(
    server: MockServer, http: httpx2.Client, receiver: Receiver
) -> None:
    made = http.post(
        "/v1/publishable-key",
        json={"mode": "webhook", "webhook_url": f"{receiver.url}/widget", "allowed_domains": ["shop.example.com"]},
    )
    assert made.status_code == 201, made.text
    receiver.body = b'{"prompt": "You are in the shop.", "voice": "en-US-Ann1", "product": "bolt"}'
    opened = open_widget(server, made.json()["key"])
    assert opened.status_code == 200, opened.text
    [asked] = receiver.received
    assert asked.path == "/hooks/widget"
    assert asked.json["data"] == {"call_id": opened.json()["call_id"], "from_number": "web", "to_number": "web"}
    call = http.get(f"/v1/calls/{opened.json()['call_id']}").json()
    assert (call["direction"], call["voice"], call["product"], call["agent_id"]) == (
        "widget",
        "en-US-Ann1",
        "bolt",
        None,
    )
    receiver.body = b"{}"
    refused = open_widget(server, made.json()["key"])
    assert (refused.status_code, refused.json()["error"]) == (409, "no_agent")
    agent = http.get("/v1/agents").json()[0]["id"]
    http.patch(f"/v1/publishable-key/{made.json()['id']}", json={"agent_id": agent})
    fallen_back = open_widget(server, made.json()["key"]).json()
    assert http.get(f"/v1/calls/{fallen_back['call_id']}").json()["voice"] == "assigned"
