"""Campaigns really call everybody on their list, so many at a time."""

from collections.abc import Callable
from typing import Any

import pytest

CONTACTS = ["+14155550003", "+14155550001", "+14155550005", "+14155550003", "+14155550006"]
"""A voicemail, a busy line, a long call, the voicemail again, and somebody who hangs up."""


def drafted(pair: Any, **fields: Any) -> str:
    body = {"name": "Reminders", "agent_id": pair.agent()["id"], "type": "voice", "contacts": CONTACTS}
    made = pair.second.post("/campaigns", {**body, **fields})
    assert (made.status, made.json["status"]) == (201, "draft"), made.body
    return f"/campaigns/{made.json['id']}"


def test_a_campaign_calls_everybody_once(new_pair: Callable[..., Any]) -> None:
    pair = new_pair("demo")
    at = drafted(pair, max_concurrent=2)
    launched = pair.second.post(f"{at}/launch")
    assert (launched.status, launched.json["status"], launched.json["total_contacts"]) == (200, "running", 4)
    pair.first.advance(1)
    running = pair.second.get(at).json
    assert (running["in_progress"], running["pending"]) == (2, 2)
    pair.first.settle()
    over = pair.second.get(at).json
    counts = [over[name] for name in ("completed", "failed", "in_progress", "pending")]
    assert (over["status"], counts) == ("completed", [3, 1, 0, 0]), "the line that is busy has failed"
    called = pair.first.get("/v1/calls?limit=4").json["results"]
    assert {each["to_number"] for each in called} == set(CONTACTS)
    assert {each["from_number"] for each in called} == {pair.voip_number()["number"]}
    told = pair.first.get("/_mock/events?contract=thinnestai-v2").json
    steps = [each["data"] for each in told if each["event"] == "campaign.step.completed"]
    assert {each["contact"] for each in steps} == set(CONTACTS)
    assert {each["call_id"] for each in steps} == {each["call_id"] for each in called}
    assert [each["data"]["failed"] for each in told if each["event"] == "campaign.completed"] == [1]
    assert pair.second.post(f"{at}/launch").status == 409
    assert pair.second.patch(at, {"name": "Later"}).status == 403
    assert pair.second.post(f"{at}/launch?force_rerun=true").json["status"] == "running"
    assert pair.defects() == []


def test_a_paused_campaign_finishes_its_calls_and_goes_on_later(new_pair: Callable[..., Any]) -> None:
    pair = new_pair("demo")
    at = drafted(pair)
    pair.second.post(f"{at}/launch")
    pair.first.advance(1)
    paused = pair.second.post(f"{at}/pause").json
    assert (paused["status"], paused["pending"]) == ("paused", 3)
    assert pair.second.post(f"{at}/pause").status == 409
    pair.first.settle()
    waiting = pair.second.get(at).json
    assert (waiting["status"], waiting["completed"], waiting["pending"]) == ("paused", 1, 3)
    assert pair.second.post(f"{at}/resume").json["status"] == "running"
    snapshot = pair.first.get("/_mock/snapshot").json
    pair.first.settle()
    assert pair.second.get(at).json["status"] == "completed"
    assert pair.first.post("/_mock/snapshot", snapshot).status == 200
    assert pair.second.get(at).json["status"] == "running"
    pair.first.settle()
    assert pair.second.get(at).json["status"] == "completed", "a snapshot keeps what is scheduled"


def test_messages_need_neither_voice_nor_number(pair: Any) -> None:
    silent = pair.agent(voiceEnabled=False)["id"]
    schedule = "2026-04-21T09:00:00Z"
    at = drafted(pair, type="sms", agent_id=silent, schedule=schedule, message_template="Tomorrow at ten.")
    assert pair.second.post(f"{at}/launch").status == 200
    pair.first.advance(3600)
    assert pair.second.get(at).json["pending"] == 4, "not before it is scheduled"
    pair.first.settle()
    over = pair.second.get(at).json
    assert (over["status"], over["completed"], over["scheduled_at"]) == ("completed", 4, schedule)


@pytest.mark.parametrize(
    ("world", "fields", "missing"),
    [
        ("demo", {"contacts": []}, "contact"),
        ("demo", {"agent": {"voiceEnabled": False}}, "cannot speak"),
        ("empty", {}, "number"),
        ("demo", {"from_number": "+14155550111"}, "number"),
    ],
)
def test_what_a_launch_needs(
    new_pair: Callable[..., Any], world: str, fields: dict[str, Any], missing: str
) -> None:
    pair = new_pair(world)
    if "agent" in fields:
        fields = {"agent_id": pair.agent(**fields["agent"])["id"]}
    at = drafted(pair, **fields)
    refused = pair.second.post(f"{at}/launch")
    assert (refused.status, missing in refused.json["detail"]) == (422, True), refused.body
    assert pair.second.get(at).json["status"] == "draft"


def test_a_draft_can_be_changed_and_lists_filter(new_pair: Callable[..., Any]) -> None:
    pair = new_pair("demo")
    at, _ = drafted(pair), drafted(pair)
    changed = pair.second.patch(at, {"contacts": CONTACTS[:1], "name": "One"}).json
    assert (changed["name"], changed["total_contacts"]) == ("One", 1)
    pair.second.post(f"{at}/launch")
    page = pair.second.get("/campaigns?status=running").json
    assert (page["total"], [each["name"] for each in page["campaigns"]]) == (1, ["One"])
    assert pair.second.get("/campaigns").json["total"] == 2
    assert pair.second.post("/campaigns", {"name": "x"}).status == 422
