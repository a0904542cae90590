"""Webhook endpoints in the client's contract, with a real receiver: tests, and what became of deliveries."""

from collections.abc import Iterator

import pytest
from receiver import Receiver
from thunderphone.webhooks import verify_signature

from mockserver import MockServer, Settings
from sdk.wire import Wire

ENDPOINTS = "/v1/developer/webhook-endpoints"
DELIVERIES = "/v1/developer/webhook-deliveries"


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(Settings(contracts=("thunderphone-sdk-0.2",), world="demo")) as running:
        yield running


@pytest.fixture
def wire(server: MockServer) -> Iterator[Wire]:
    with Wire(server.base_url, server.mint_key()) as each:
        each.settle()
        yield each


def test_a_test_event_is_signed_and_sent_like_a_real_one(wire: Wire, receiver: Receiver) -> None:
    endpoint = wire.post(ENDPOINTS, {"label": "CI", "url": receiver.url, "events": ["call.graded"]}).json
    said = wire.post(f"{ENDPOINTS}/{endpoint['id']}/test").json
    (received,) = receiver.received
    assert verify_signature(
        received.headers["x-thunderphone-signature-v2"],
        secret=endpoint["secret"],
        method="POST",
        path=received.path,
        body=received.body,
    )
    assert (received.json["type"], received.json["event_id"]) == ("webhook.test", said["event_id"])
    assert (said["success"], said["status"], said["response_code"], said["error"]) == (True, "delivered", 200, "")
    assert [each["event_type"] for each in wire.get(DELIVERIES).json["results"]] == ["webhook.test"]


def test_a_test_event_carries_what_the_last_real_one_did(wire: Wire, receiver: Receiver) -> None:
    endpoint = wire.post(ENDPOINTS, {"label": "CI", "url": receiver.url}).json
    at = f"{ENDPOINTS}/{endpoint['id']}/test"
    wire.post(at, {"event_type": "web.complete"})
    assert isinstance(receiver.received[0].json["data"]["call_id"], int), "made up, of the declared shape"
    call_id = wire.post("/_mock/calls", {"direction": "mic"}).json["call_id"]
    wire.settle()
    wire.post(at, {"event_type": "web.complete"})
    assert receiver.received[-1].json["data"]["call_id"] == call_id


def test_a_failed_test_is_sent_once_more_and_judges_nobody(wire: Wire, receiver: Receiver) -> None:
    receiver.status = 503
    endpoint = wire.post(ENDPOINTS, {"label": "CI", "url": receiver.url}).json
    said = wire.post(f"{ENDPOINTS}/{endpoint['id']}/test", {"event_type": "issue.reported"}).json
    assert (said["success"], said["status"], said["response_code"]) == (False, "retrying", 503)
    assert "503" in said["error"]
    wire.settle()
    (delivery,) = wire.get(f"{DELIVERIES}?status=failed").json["results"]
    assert (delivery["attempt_count"], delivery["failure_category"], delivery["http_status"]) == (
        2,
        "http_error",
        503,
    )
    assert wire.get(ENDPOINTS).json[0]["status"] == "active"


def test_deliveries_are_read_newest_first_from_where_one_stopped(wire: Wire, receiver: Receiver) -> None:
    wire("PUT", "/v1/webhook", {"url": receiver.url})
    agent = wire.get("/v1/agents").json[0]
    endpoint = wire.post(ENDPOINTS, {"label": "CI", "url": receiver.url, "agent_id": agent["id"]}).json
    assert endpoint["agent_name"] == agent["name"]
    for _ in range(3):
        wire.post(f"{ENDPOINTS}/{endpoint['id']}/test")
        assert wire.post("/_mock/clock/advance", {"seconds": 60}).status == 200
    page = wire.get(f"{DELIVERIES}?limit=2").json
    rest = wire.get(f"{DELIVERIES}?limit=2&cursor={page['next_cursor']}").json
    assert (page["has_more"], rest["has_more"]) == (True, False)
    tried = [each["last_attempt_at"] for each in page["results"] + rest["results"]]
    assert len(tried) == 3
    assert tried == sorted(tried, reverse=True)
    assert len(wire.get(f"{DELIVERIES}?since={tried[1]}").json["results"]) == 2
    assert wire.get(f"{DELIVERIES}?endpoint_id=legacy").json["results"] == []
    wire.post("/_mock/calls", {"direction": "mic"})
    wire.settle()
    legacy = [each for each in wire.get(DELIVERIES).json["results"] if each["source"] == "legacy"]
    assert legacy
    assert {each["endpoint_id"] for each in legacy} == {"legacy"}
    assert wire.get(f"{DELIVERIES}?endpoint_id=legacy&limit=200").json["results"] == legacy
