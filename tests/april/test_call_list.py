"""Lists and exports of a furnished organization agree with the calls themselves, whatever is asked."""

import csv
import io
from typing import Any
from urllib.parse import urlencode

import hypothesis.strategies as st
import pytest
from caller import Caller
from hypothesis import given

from mockserver.assembly import build
from mockserver.settings import Settings


@pytest.fixture(scope="module")
def demo() -> Caller:
    app = build(Settings(world="demo"))
    return Caller(app, app.worlds.mint())


@pytest.fixture(scope="module")
def calls(demo: Caller) -> list[Any]:
    """Every call, read one by one."""
    found = demo.get("/v1/calls?limit=200").json["results"]
    assert len(found) == 200
    single = [demo.get(f"/v1/calls/{call['call_id']}").json for call in found]
    assert single == found, "list and retrieve show the same"
    return single


def test_the_demo_world_shows_every_state(calls: list[Any]) -> None:
    assert {call["status"] for call in calls} == {"in_progress", "completed", "failed"}
    assert {call["direction"] for call in calls} == {"inbound", "outbound", "mic", "widget"}
    assert {call["grade_status"] for call in calls} >= {"completed", None}
    assert any(call["critical_issue_count"] for call in calls)
    starts = [call["start_time"] for call in calls]
    assert starts == sorted(starts, reverse=True)
    assert len({start[:10] for start in starts}) > 14, "spread over weeks"


@given(data=st.data())
def test_filters_show_exactly_what_matches(demo: Caller, calls: list[Any], data: st.DataObject) -> None:
    one = data.draw(st.sampled_from(calls))
    names = ("agent_id", "direction", "status", "from_number", "to_number")
    query = {name: one[name] for name in data.draw(st.sets(st.sampled_from(names)))}
    first, last = sorted(data.draw(st.sampled_from(calls))["start_time"] for _ in range(2))
    if data.draw(st.booleans()):
        query["start_date"] = first
    if data.draw(st.booleans()):
        query["end_date"] = last
    limit, offset = data.draw(st.integers(1, 200)), data.draw(st.integers(0, 220))
    shown = demo.get(f"/v1/calls?{urlencode({**query, 'limit': limit, 'offset': offset})}").json
    expected = [
        call
        for call in calls
        if all(call[name] == value for name, value in query.items() if name in names)
        and query.get("start_date", "") <= call["start_time"] <= query.get("end_date", "9999")
    ]
    assert shown["total"] == len(expected)
    assert shown["results"] == expected[offset : offset + limit]
    assert (shown["limit"], shown["offset"]) == (limit, offset)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=abc", "limit"),
        ("limit=", "limit"),
        ("limit=1.5", "limit"),
        ("offset=-1", "offset"),
        ("agent_id=x", "agent_id"),
        ("direction=sideways", "direction"),
        ("status=done", "status"),
        ("start_date=yesterday", "start_date"),
        ("end_date=2026-13-01", "end_date"),
    ],
)
def test_a_bad_value_names_its_field(demo: Caller, query: str, field: str) -> None:
    refused = demo.get(f"/v1/calls?{query}")
    assert (refused.status, list(refused.json)) == (400, [field])


def test_dates_may_have_offsets_or_be_days(demo: Caller, calls: list[Any]) -> None:
    day = calls[50]["start_time"][:10]
    expected = [call for call in calls if call["start_time"] >= day]
    assert demo.get(f"/v1/calls?start_date={day}").json["total"] == len(expected)
    assert demo.get(f"/v1/calls?start_date={day}T02:00:00%2B02:00").json["total"] == len(expected)


def test_exports_hold_the_completed_calls(demo: Caller, calls: list[Any]) -> None:
    completed = [call for call in calls if call["status"] == "completed"]
    today = demo.get("/_mock/clock").json["now"][:10]
    as_json = demo.get("/v1/calls/export?export_format=json")
    assert as_json.headers["content-disposition"] == f"attachment; filename=calls-export-{today}.json"
    exported = as_json.json["calls"]
    assert [{**call, "transcripts": None} for call in exported] == [
        {**call, "transcripts": None} for call in completed
    ]
    spoken = demo.get(f"/v1/calls/{exported[0]['call_id']}/transcript").json["transcripts"]
    assert exported[0]["transcripts"] == spoken
    as_csv = demo.get("/v1/calls/export?export_format=csv")
    assert as_csv.headers["content-disposition"] == f"attachment; filename=calls-export-{today}.csv"
    assert as_csv.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(as_csv.body.decode())))
    assert list(rows[0]) == list(calls[0])
    assert [row["call_id"] for row in rows] == [str(call["call_id"]) for call in completed]
    assert [row["from_number"] for row in rows] == [call["from_number"] for call in completed]
    assert demo.get("/v1/calls/export").status == 400
    assert demo.get("/v1/calls/export?export_format=xml").status == 400


def test_a_spreadsheet_runs_nothing_of_an_export(api: Caller) -> None:
    agent = api.post("/v1/agents", {"name": "A", "prompt": "p", "voice": "=cmd|'/c calc'!A1"}).json["id"]
    for reason in ("=1+1", "+49 30", "@sum", "-2+3", "\t=1"):
        scenario = {"turns": [{"user": "Hello."}], "ends": {"reason": reason.strip() and reason}}
        placed = api.post("/_mock/calls", {"direction": "mic", "agent_id": agent, "scenario": scenario})
        assert placed.status == 201
    api.settle()
    text = api.get("/v1/calls/export?export_format=csv").body.decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 5
    for row in rows:
        assert row["voice"] == "'=cmd|'/c calc'!A1"
        assert row["end_reason"].startswith("'")
