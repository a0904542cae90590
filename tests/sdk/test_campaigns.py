"""Campaigns: whom they call and when, how they are stopped, and how they end."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from caller import Answer, Caller

from mockserver import Pace, Settings
from mockserver.assembly import build
from mockserver.clock import parse_iso
from mockserver.http.app import App
from mockserver.lifecycles.daily_windows import daily_window

BUSY, SILENT, MAILBOX = "+14155550001", "+14155550002", "+14155550003"
ANSWERING = [f"+1415555019{digit}" for digit in range(10)]
ALL_DAY = {"daily_window_start": "00:00", "daily_window_end": "00:00"}


def campaign(demo: Caller, people: list[Any], **fields: Any) -> str:
    """The path of a new campaign with contacts."""
    number = next(each["number"] for each in demo.get("/v1/phone-numbers").json if each["outbound_eligible"])
    agent = demo.get("/v1/agents").json[0]["id"]
    body = {"name": "Reminders", "agent": agent, "from_number": number, **ALL_DAY, **fields}
    made = demo.post("/v1/campaigns", body)
    assert (made.status, made.json["status"]) == (201, "draft"), made.body
    at = f"/v1/campaigns/{made.json['public_id']}"
    rows = [each if isinstance(each, dict) else {"phone_number": each} for each in people]
    if rows:
        assert demo.post(f"{at}/contacts", {"contacts": rows}).json["accepted"] == len(rows)
    return at


def start(demo: Caller, at: str) -> Answer:
    return demo.post(f"{at}/start", {"consent_to_charge": True})


def calls_of(demo: Caller, people: list[str]) -> list[Any]:
    """The calls to these people, the first one first."""
    found = demo.get("/v1/calls?limit=200&direction=outbound").json["results"]
    return [each for each in reversed(found) if each["to_number"] in people]


def told(demo: Caller) -> list[Any]:
    return [each["data"] for each in demo.get("/_mock/events").json if each["type"] == "campaign.completed"]


def test_a_campaign_calls_within_its_hours_and_tries_again(demo: Caller) -> None:
    people = [BUSY, SILENT, *ANSWERING]
    at = campaign(
        demo,
        people,
        timezone="America/New_York",
        daily_window_start="09:00",
        daily_window_end="09:05",
        max_attempts=2,
        max_concurrent_calls=2,
        retry_backoff_minutes=30,
    )
    assert start(demo, at).json["status"] == "running"
    demo.settle()
    over = demo.get(at).json
    counts = [over[f"{name}_count"] for name in ("total", "completed", "failed", "in_progress")]
    assert (over["status"], counts) == ("completed", [12, 10, 2, 0])
    by_number = {each["phone_number"]: each for each in over["contacts"]}
    for number, outcome in ((BUSY, "busy"), (SILENT, "no_answer")):
        contact = by_number[number]
        assert [contact[name] for name in ("status", "attempts", "last_outcome")] == ["exhausted", 2, outcome]
    assert [each["total_count"] for each in told(demo)] == [12]

    calls = calls_of(demo, people)
    assert len(calls) == 14
    zone = ZoneInfo("America/New_York")
    for call in calls:
        local = datetime.fromtimestamp(parse_iso(call["start_time"]) / 1000, UTC).astimezone(zone)
        assert (local.hour, local.minute < 5) == (9, True)
        going_on = [each for each in calls if each["start_time"] <= call["start_time"] < each["end_time"]]
        assert len(going_on) <= 2
    first, second = (parse_iso(each["start_time"]) for each in calls if each["to_number"] == BUSY)
    assert second - first >= 30 * 60_000
    stats = demo.get(f"{at}/stats").json
    assert (stats["by_status"]["exhausted"], stats["by_status"]["completed"], stats["total"]) == (2, 10, 12)
    assert [each["call_id"] for each in stats["recent_calls"][:2]] == [call["call_id"] for call in calls[:-3:-1]]


def test_variables_reach_the_call(demo: Caller) -> None:
    at = campaign(demo, [{"phone": "+1 (415) 555-0191", "first_name": "Ada"}])
    start(demo, at)
    (contact,) = demo.get(at).json["contacts"]
    assert (contact["status"], contact["phone_number"]) == ("calling", "+14155550191")
    call = demo.get(f"/v1/calls/{contact['call_id']}").json
    assert (call["variables"], call["direction"]) == ({"first_name": "Ada"}, "outbound")


def test_what_a_start_wants(demo: Caller) -> None:
    at = campaign(demo, [])
    assert list(demo.post(f"{at}/start").json) == ["consent_to_charge"]
    assert start(demo, at).status == 409, "nobody to call"
    demo.post(f"{at}/contacts", [{"phone_number": BUSY}])
    consent = {"rendered_text": "We have consent.", "text_version": "2"}
    demo.post("/v1/outbound-tcpa-confirmation", {**consent, "accepted": False})
    assert start(demo, at).json["code"] == "tcpa_confirmation_required"
    demo.post("/v1/outbound-tcpa-confirmation", {**consent, "accepted": True})
    assert start(demo, at).status == 200
    assert start(demo, at).status == 409, "it runs"
    assert demo("DELETE", at).status == 409
    demo.settle()
    assert demo.post(f"{at}/cancel").status == demo.patch(at, {"name": "x"}).status == 409, "it is over"
    assert demo.post(f"{at}/contacts", [{"phone_number": BUSY}]).status == 409
    assert demo("DELETE", at).status == 204
    assert demo.get(at).status == 404
    body = {"name": "R", "agent": 7, "from_number": "+12065550110", **ALL_DAY}
    assert demo.post("/v1/campaigns", body).status == 404


def test_pausing_and_going_on(demo: Caller) -> None:
    at = campaign(demo, ANSWERING[:4], max_concurrent_calls=1)
    start(demo, at)
    assert demo.post(f"{at}/pause").json["in_progress_count"] == 1
    demo.settle()
    paused = demo.get(at).json
    assert (paused["status"], paused["completed_count"], paused["in_progress_count"]) == ("paused", 1, 0)
    assert start(demo, at).json["status"] == "running"
    demo.settle()
    assert (demo.get(at).json["completed_count"], len(told(demo))) == (4, 1)


def test_cancelling_lets_calls_end_and_begins_none(demo: Caller) -> None:
    at = campaign(demo, [BUSY, *ANSWERING[:3]], max_concurrent_calls=2, end_at="2030-01-01T00:00:00Z")
    start(demo, at)
    assert demo.post(f"{at}/cancel").json["status"] == "cancelled"
    demo.settle()
    by_status = demo.get(f"{at}/stats").json["by_status"]
    assert {name: count for name, count in by_status.items() if count} == {
        "completed": 1,
        "failed": 1,
        "pending": 2,
    }
    assert (told(demo), demo.get("/_mock/clock").json["now"] < "2030") == ([], True)


def test_a_campaign_begins_and_ends_at_its_times(demo: Caller) -> None:
    now = parse_iso(demo.get("/_mock/clock").json["now"])
    begins, ends = (
        datetime.fromtimestamp(now / 1000 + seconds, UTC).isoformat() for seconds in (86_400, 86_400 + 45)
    )
    wrong = {"start_at": ends, "end_at": begins}
    at = campaign(demo, [BUSY, *ANSWERING], max_concurrent_calls=1, start_at=begins, end_at=ends)
    assert list(demo.patch(at, wrong).json) == ["end_at"]
    assert start(demo, at).json["status"] == "scheduled"
    demo.advance(86_399)
    assert demo.get(at).json["status"] == "scheduled"
    demo.settle()
    over = demo.get(at).json
    assert (over["status"], over["completed_count"] + over["failed_count"]) == ("completed", 11)
    assert {"campaign_ended"} < {each["last_outcome"] for each in over["contacts"]}


def test_a_campaign_that_cannot_go_on_waits(demo: Caller) -> None:
    at = campaign(demo, ANSWERING[:3], max_concurrent_calls=1)
    start(demo, at)
    demo("DELETE", f"/v1/agents/{demo.get(at).json['agent']}")
    demo.settle()
    assert (demo.get(at).json["status"], demo.get(at).json["completed_count"]) == ("paused", 1)
    assert "agent" in start(demo, at).json["detail"]
    demo.patch(at, {"agent": demo.get("/v1/agents").json[0]["id"]})
    assert start(demo, at).status == 200
    demo.settle()
    assert demo.get(at).json["status"] == "completed"


def test_a_mailbox_counts_as_reached_unless_it_is_to_be_tried_again(demo: Caller) -> None:
    for retry_on, status, attempts in (([], "completed", 1), (["voicemail"], "exhausted", 3)):
        at = campaign(demo, [MAILBOX], retry_on=retry_on)
        start(demo, at)
        demo.settle()
        (contact,) = demo.get(at).json["contacts"]
        assert (contact["status"], contact["attempts"], contact["last_outcome"]) == (status, attempts, "voicemail")


def test_wrong_rows_are_told_and_the_others_taken(demo: Caller) -> None:
    at = campaign(demo, [])
    rows = [{"phone_number": BUSY}, {"phone": "12"}, {"name": "Ada"}, {"phone": SILENT, "x": {"deep": 1}}]
    added = demo.post(f"{at}/contacts", rows).json
    assert (added["accepted"], added["rejected"], added["errors_truncated"]) == (1, 3, False)
    assert [(each["index"], each["error"]) for each in added["errors"]] == [
        (1, "invalid_phone_number"),
        (2, "missing_phone_number"),
        (3, "invalid_variables"),
    ]
    assert demo.post(f"{at}/contacts", [{"phone": BUSY}] * 5_001).status == 400
    assert demo.get(at).json["total_count"] == 1


def test_contacts_as_a_file(demo: Caller) -> None:
    at = campaign(demo, [])

    def upload(mapping: str) -> Answer:
        parts = [
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="people.csv"\r\n'
            b"Content-Type: text/csv\r\n\r\nMobile,First name\r\n+14155550191,Ada\r\n\r\n12,Bob\r\n",
            b'--b\r\nContent-Disposition: form-data; name="mapping"\r\n\r\n' + mapping.encode(),
            b"--b--\r\n",
        ]
        headers = {"content-type": "multipart/form-data; boundary=b"}
        return demo("POST", f"{at}/contacts", body=b"\r\n".join(parts), headers=headers)

    added = upload('{"phone_number": "Mobile", "first_name": "First name"}').json
    assert (added["accepted"], added["errors"]) == (1, [{"index": 1, "error": "invalid_phone_number"}])
    (contact,) = demo.get(at).json["contacts"]
    assert contact["variables"] == {"first_name": "Ada"}
    assert "Mobile, First name" in upload('{"phone_number": "Tel"}').json["mapping"][0]


@pytest.mark.parametrize(
    ("hours", "zone", "now", "is_open", "opens"),
    [
        (("09:00", "17:00"), "UTC", "2026-04-20T08:59:59.999Z", False, "2026-04-20T09:00:00.000Z"),
        (("09:00", "17:00"), "UTC", "2026-04-20T09:00:00.000Z", True, "2026-04-21T09:00:00.000Z"),
        (("09:00", "17:00"), "UTC", "2026-04-20T17:00:00.000Z", False, "2026-04-21T09:00:00.000Z"),
        (("22:00", "06:00"), "UTC", "2026-04-20T05:00:00.000Z", True, "2026-04-20T22:00:00.000Z"),
        (("22:00", "06:00"), "UTC", "2026-04-20T06:00:00.000Z", False, "2026-04-20T22:00:00.000Z"),
        # Clocks were put forward on 8 March 2026 in New York, and put back on 25 October in Berlin.
        (("09:00", "10:00"), "America/New_York", "2026-03-07T15:00:00.000Z", False, "2026-03-08T13:00:00.000Z"),
        (("02:30", "04:00"), "America/New_York", "2026-03-08T06:00:00.000Z", False, "2026-03-08T07:30:00.000Z"),
        (("09:00", "10:00"), "Europe/Berlin", "2026-10-24T08:00:00.000Z", False, "2026-10-25T08:00:00.000Z"),
    ],
)
def test_hours_of_the_day(hours: tuple[str, str], zone: str, now: str, is_open: bool, opens: str) -> None:
    window = daily_window(*hours, zone)
    assert window.is_open(parse_iso(now)) is is_open
    assert window.opens_after(parse_iso(now)) == parse_iso(opens)


def test_an_unknown_time_zone_is_refused(demo: Caller) -> None:
    at = campaign(demo, [])
    for zone in ("Mars/Olympus", "../etc/passwd", "America"):
        assert list(demo.patch(at, {"timezone": zone}).json) == ["timezone"]


def test_a_campaign_goes_on_where_its_snapshot_is_restored(demo: Caller, typed: App) -> None:
    at = campaign(demo, [BUSY, *ANSWERING[:5]], max_concurrent_calls=2)
    start(demo, at)
    demo.advance(40)
    elsewhere = Caller(typed, typed.worlds.mint())
    assert elsewhere.post("/_mock/snapshot", demo.get("/_mock/snapshot").json).status == 200
    for each in (demo, elsewhere):
        each.settle()
    assert elsewhere.get(at).json == demo.get(at).json
    assert demo.get(at).json["status"] == "completed"


def test_whoever_polls_a_campaign_sees_it_end() -> None:
    app = build(Settings(contracts=("thunderphone-sdk-0.2",), pace=Pace.POLL))
    polling = Caller(app, app.worlds.mint(world_name="demo"))
    at = campaign(polling, [BUSY, *ANSWERING[:2]], daily_window_start="03:00", daily_window_end="04:00")
    start(polling, at)
    seen = [polling.get(at).json["status"] for _ in range(15)]
    assert (seen[0], seen[-1]) == ("running", "completed")
