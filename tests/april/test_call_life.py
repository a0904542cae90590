"""A call from its first ring to its grade, moment by moment, with time moved by hand."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from caller import Caller
from mutagen.mp3 import MP3

from mockserver.clock import parse_iso

WRITTEN = {
    "turns": [
        {"assistant": "Hello, how can I help?"},
        {"user": "Please look up my order."},
        {"tool": "lookup_order", "arguments": {"order_id": "A1"}, "response": {"status": "sent"}, "takes": 1},
        {"assistant": "It is on its way to you and will arrive tomorrow.", "interrupted_after": 4},
        {"user": "Thanks, bye."},
    ],
    "ends": {"reason": "caller_hangup"},
    "grade": {"score": [0.9, 0.9], "outcome": "successful", "summary": "Order found."},
}


@pytest.fixture
def place(api: Caller) -> Callable[..., int]:
    """Places a call to a fresh number and says its id."""
    agent = api.post("/v1/agents", {"name": "A", "prompt": "p", "voice": "v"}).json["id"]

    def place_one(**fields: Any) -> int:
        placed = api.post("/_mock/calls", {"direction": "mic", "agent_id": agent, **fields})
        assert placed.status == 201, placed.json
        call_id: int = placed.json["call_id"]
        return call_id

    return place_one


def test_every_step_has_its_own_moment(api: Caller, place: Callable[..., int]) -> None:
    at = f"/v1/calls/{place(scenario=WRITTEN)}"
    history: list[Any] = []
    for _ in range(400):
        call = api.get(at).json
        state = (call["status"], call["recording_url"] is not None, call["grade_status"])
        if not history or history[-1] != state:
            history.append(state)
        if call["status"] == "in_progress":
            assert {
                call[name] for name in ("end_time", "duration_seconds", "billing_total_cents", "billed_at")
            } == {None}
        api.advance(0.1)
    assert history == [
        ("in_progress", False, None),
        ("completed", False, None),
        ("completed", False, "pending"),
        ("completed", True, "pending"),
        ("completed", True, "completed"),
    ]
    call = api.get(at).json
    lived_ms = parse_iso(call["end_time"]) - parse_iso(call["start_time"])
    assert call["duration_seconds"] == lived_ms // 1000
    assert parse_iso(call["end_time"]) < parse_iso(call["billed_at"]) < parse_iso(call["grade_updated_at"])


def test_what_has_been_said_so_far_only_grows(api: Caller, place: Callable[..., int]) -> None:
    call_id = place(scenario=WRITTEN)
    rows: list[Any] = []
    entries: list[Any] = []
    while api.get(f"/v1/calls/{call_id}").json["status"] == "in_progress":
        now_rows = api.get(f"/v1/calls/{call_id}/transcript").json["transcripts"]
        now_entries = api.get(f"/v1/calls/{call_id}/history").json
        assert [row["start_ms"] for row in now_rows][: len(rows)] == [row["start_ms"] for row in rows]
        assert all(new["content"].startswith(old["content"]) for old, new in zip(rows, now_rows, strict=False))
        assert [each["type"] for each in now_entries][: len(entries)] == [each["type"] for each in entries]
        rows, entries = now_rows, now_entries
        api.advance(0.5)
    api.settle()
    final = api.get(f"/v1/calls/{call_id}/transcript").json["transcripts"]
    assert [row["role"] for row in final] == [
        "assistant",
        "user",
        "tool_call",
        "tool_response",
        "assistant",
        "user",
    ]
    assert final[4]["content"] == "It is on its"
    kinds = [each["type"] for each in api.get(f"/v1/calls/{call_id}/history").json]
    assert {"span", "completion", "patch", "function_call", "function_response", "interrupt"} <= set(kinds)


def test_the_recording_is_an_mp3_of_the_calls_length_behind_a_url_that_expires(
    api: Caller, place: Callable[..., int]
) -> None:
    call_id = place(scenario=WRITTEN)
    assert api.get(f"/v1/calls/{call_id}/audio").status == 404
    while api.get(f"/v1/calls/{call_id}").json["recording_url"] is None:
        assert api.get(f"/v1/calls/{call_id}/audio").status == 404
        api.advance(1)
    url = api.get(f"/v1/calls/{call_id}/audio").json["url"]
    target = url.removeprefix("http://mock.test")
    anyone = Caller(api.app, None)
    got = anyone.get(target)
    assert (got.status, got.headers["content-type"]) == (200, "audio/mpeg")
    duration = api.get(f"/v1/calls/{call_id}").json["duration_seconds"]
    read: Any = MP3(io.BytesIO(got.body))  # type: ignore[no-untyped-call]
    assert read.info.length == pytest.approx(duration, abs=0.05)
    part = anyone.get(target, headers={"range": "bytes=100-199"})
    assert (part.status, part.body) == (206, got.body[100:200])
    tampered = anyone.get(target.replace(str(call_id), str(call_id + 1)))
    assert (tampered.status, b"SignatureDoesNotMatch" in tampered.body) == (403, True)
    api.advance(900)
    assert anyone.get(target).status == 200
    api.advance(1)
    expired = anyone.get(target)
    assert (expired.status, b"ExpiredToken" in expired.body) == (400, True)
    assert (
        anyone.get(api.get(f"/v1/calls/{call_id}/audio").json["url"].removeprefix("http://mock.test")).status
        == 200
    )


def test_grading_again(api: Caller, place: Callable[..., int]) -> None:
    call_id = place(scenario=WRITTEN)
    at = f"/v1/calls/{call_id}/grade"
    assert api.get(at).status == 404
    assert api.post(at).status == 409
    api.settle()
    first = api.get(at).json
    assert (first["status"], first["score"], first["call_outcome"]) == ("completed", 0.9, "successful")
    assert api.post(at).json == first
    forced = api.post(f"{at}?force=true")
    assert (forced.status, forced.json["status"], forced.json["score"]) == (200, "pending", None)
    assert forced.json["id"] != first["id"]
    assert api.get(f"/v1/calls/{call_id}").json["grade_status"] == "pending"
    assert api.post(at).json["id"] == forced.json["id"], "a pending grade is not run again"
    api.advance(29)
    second = api.get(at).json
    assert (second["id"], second["status"]) == (forced.json["id"], "completed")
    assert api.get(f"/v1/calls/{call_id}").json["grade_score"] == second["score"]
    api.advance(15 * 60)
    assert api.post(at).json["status"] == "pending", "an old grade is not recent any more"


def test_a_call_that_never_connected(api: Caller, place: Callable[..., int]) -> None:
    call_id = place(scenario="failed-to-connect")
    api.settle()
    call = api.get(f"/v1/calls/{call_id}").json
    assert (call["status"], call["end_reason"], call["duration_seconds"]) == ("failed", "error", 0)
    assert (call["billable_minutes"], call["billing_total_cents"], call["grade_status"]) == (None, None, None)
    assert api.get(f"/v1/calls/{call_id}/audio").status == 404
    assert api.get(f"/v1/calls/{call_id}/transcript").json["transcripts"] == []
    assert api.get(f"/v1/calls/{call_id}/history").json == []


def test_reports_are_checked_kept_and_counted(api: Caller, place: Callable[..., int]) -> None:
    call_id = place(scenario=WRITTEN)
    at = f"/v1/calls/{call_id}/issue-reports"
    for body, field in (
        ({"severity": "info"}, "title"),
        ({"title": "", "severity": "info"}, "title"),
        ({"title": "x" * 121, "severity": "info"}, "title"),
        ({"title": "x"}, "severity"),
        ({"title": "x", "severity": "fatal"}, "severity"),
        ({"title": "x", "severity": "info", "description": 7}, "description"),
    ):
        refused = api.post(at, body)
        assert (refused.status, list(refused.json)) == (400, [field])
    assert api.get(at).json == []
    info = api.post(at, {"title": "x", "severity": "info"})
    critical = api.post(at, {"title": "y" * 120, "severity": "critical", "description": "📞"})
    assert (info.status, critical.status, critical.json["status"]) == (201, 201, "open")
    assert [report["id"] for report in api.get(at).json] == [critical.json["id"], info.json["id"]]
    call = api.get(f"/v1/calls/{call_id}").json
    assert (call["issue_count"], call["critical_issue_count"]) == (2, 1)
    assert api.post("/v1/calls/7/issue-reports", {"title": "x", "severity": "info"}).status == 404


def test_the_angry_callers_grade_files_a_report_itself(api: Caller, place: Callable[..., int]) -> None:
    call_id = place(scenario="angry-caller")
    api.settle()
    reports = api.get(f"/v1/calls/{call_id}/issue-reports").json
    assert reports
    assert {report["source"] for report in reports} == {"system"}
    assert {report["reported_by_id"] for report in reports} == {None}
    assert api.get(f"/v1/calls/{call_id}").json["issue_count"] == len(reports)
    events = [event["type"] for event in api.get("/_mock/events").json if event["type"] != "web.tool"]
    assert events == ["web.complete", "call.graded", *["issue.reported"] * len(reports)]
