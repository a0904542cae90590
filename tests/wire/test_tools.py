"""A tool with an endpoint is really called, and what it answers is what the call's records say."""

from typing import Any

import httpx2
import pytest
from receiver import Receiver, receiving
from thunderphone.webhooks import verify_signature

SCENARIO = {
    "turns": [
        {"assistant": "Hello, how can I help?"},
        {"user": "Where is my order?"},
        {"tool": "lookup_order", "arguments": {"order_id": "A1", "deep": True}, "response": {"status": "planned"}},
        {"assistant": "Let me see."},
    ],
    "ends": {"reason": "agent_end"},
}


def call_with_tool(http: httpx2.Client, **endpoint: Any) -> int:
    tool = {
        "type": "function",
        "function": {"name": "lookup_order", "description": "Finds an order", "parameters": {"type": "object"}},
        "endpoint": endpoint,
    }
    agent = http.post("/v1/agents", json={"name": "A", "prompt": "p", "voice": "v", "tools": [tool]}).json()["id"]
    placed = http.post("/_mock/calls", json={"direction": "mic", "agent_id": agent, "scenario": SCENARIO})
    call_id: int = placed.json()["call_id"]
    http.post("/_mock/clock/settle")
    return call_id


def recorded(http: httpx2.Client, call_id: int) -> tuple[Any, Any, Any]:
    """The tool's row in the transcript, its entry in the history, and its event."""
    rows = http.get(f"/v1/calls/{call_id}/transcript").json()["transcripts"]
    entries = http.get(f"/v1/calls/{call_id}/history").json()
    [event] = [each for each in http.get("/_mock/events").json() if each["type"] == "web.tool"]
    return (
        next(row for row in rows if row["role"] == "tool_response"),
        next(entry for entry in entries if entry["type"] == "function_response"),
        event["data"],
    )


def test_the_endpoint_gets_the_arguments_signed_and_its_answer_is_kept(
    http: httpx2.Client, receiver: Receiver
) -> None:
    hook = {"label": "x", "url": receiver.url, "events": ["telephony.incoming"]}
    secret = http.post("/v1/developer/webhook-endpoints", json=hook).json()["secret"]
    receiver.body = b'{"status":"delivered","items":[1,2]}'
    call_id = call_with_tool(http, url=f"{receiver.url}?region=us", headers={"X-Shop": "42"})
    [asked] = receiver.received
    assert (asked.method, asked.path, asked.body) == ("POST", "/hooks?region=us", b'{"deep":true,"order_id":"A1"}')
    assert (asked.headers["x-thunderphone-call-id"], asked.headers["x-shop"]) == (str(call_id), "42")
    assert verify_signature(
        asked.headers["x-thunderphone-signature-v2"],
        secret=secret,
        method="POST",
        path=asked.path,
        body=asked.body,
    )
    row, entry, event = recorded(http, call_id)
    assert row["content"] == '{"status":"delivered","items":[1,2]}'
    assert (entry["response"], entry["error"]) == ({"status": "delivered", "items": [1, 2]}, None)
    assert (event["name"], event["response"]) == ("lookup_order", entry["response"])


def test_a_get_tool_has_its_arguments_in_the_query(http: httpx2.Client, receiver: Receiver) -> None:
    receiver.body = b"[]"
    call_id = call_with_tool(http, url=receiver.url, method="GET")
    [asked] = receiver.received
    assert (asked.method, asked.path, asked.body) == ("GET", "/hooks?deep=true&order_id=A1", b"")
    assert recorded(http, call_id)[1]["response"] == []


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [(500, b"oops", "the tool answered 500"), (404, b'{"detail":"none"}', "the tool answered 404")],
)
def test_a_failure_is_recorded_and_the_call_goes_on(
    http: httpx2.Client, receiver: Receiver, status: int, body: bytes, error: str
) -> None:
    receiver.status, receiver.body = status, body
    call_id = call_with_tool(http, url=receiver.url)
    _, entry, event = recorded(http, call_id)
    assert (entry["error"], event["error"]) == (error, error)
    assert http.get(f"/v1/calls/{call_id}").json()["status"] == "completed"


def test_a_tool_that_cannot_be_reached_is_recorded_too(http: httpx2.Client) -> None:
    with receiving() as gone:
        url = gone.url
    call_id = call_with_tool(http, url=url)
    assert "ConnectError" in recorded(http, call_id)[1]["error"]


def test_without_an_endpoint_the_tool_answers_as_the_scenario_says(http: httpx2.Client) -> None:
    agent = http.post("/v1/agents", json={"name": "A", "prompt": "p", "voice": "v"}).json()["id"]
    placed = http.post("/_mock/calls", json={"direction": "mic", "agent_id": agent, "scenario": SCENARIO})
    http.post("/_mock/clock/settle")
    _, entry, event = recorded(http, placed.json()["call_id"])
    assert (entry["response"], event["response"]) == ({"status": "planned"}, {"status": "planned"})
