"""Sixty calls that have been: what was said, what they cost, how they were graded and what people reported."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

Json = Any

FIRST = datetime(2026, 4, 1, 8, 0, 0, 113_000, tzinfo=UTC)
CENTS = {
    "spark": 8,
    "bolt": 12,
    "storm-base": 18,
    "storm-base-with-ack": 18,
    "storm-extra": 25,
    "storm-extra-with-ack": 25,
}
DIRECTIONS = ("inbound", "inbound", "outbound", "mic", "widget")
LINES = (
    "Hello, this is the parcel desk.",
    "Hi, I am waiting for a parcel, number P-17.",
    "One moment, I will look that up, and then tell you where it is.",
    "Thank you, take your time.",
    "It is on its way and should arrive tomorrow.",
    'Good. And "tomorrow" means in the morning, noon, or night?',
    "Between nine and twelve.",
    "Wonderful, goodbye.",
)
TURN_MS = 2_400
COLUMNS = (
    "call_id",
    "agent_id",
    "direction",
    "from_number",
    "to_number",
    "start_time",
    "end_time",
    "duration_seconds",
    "status",
    "end_reason",
    "recording_url",
    "is_test_call",
    "product",
    "voice",
    "billable_minutes",
    "billing_total_cents",
    "billed_at",
    "grade_score",
    "grade_status",
    "grade_updated_at",
    "issue_count",
    "critical_issue_count",
)
"""Every documented field of a call."""


def stamp(moment: datetime) -> str:
    """A time as the API writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


@dataclass
class Past:
    """What calls left behind, oldest first. Issue reports are counted when a call is shown."""

    calls: list[Json] = field(default_factory=list)
    histories: dict[int, list[Json]] = field(default_factory=dict)
    grades: dict[int, Json] = field(default_factory=dict)
    reports: list[Json] = field(default_factory=list)
    transactions: list[Json] = field(default_factory=list)


def lived(org_id: int, agents: list[Json], member_id: int, count: int) -> Past:
    """The past of an organization: so many calls of its agents in turn, the last of them not over."""
    past = Past()
    _money(past, org_id, FIRST - timedelta(hours=2), 25_000, "adjustment", "Welcome")
    _money(past, org_id, FIRST - timedelta(hours=1), 5_000, "manual_topup", "Top-up")
    for n in range(count):
        call_id = org_id * 1_000_000 + 17 * n + 5
        begin = FIRST + timedelta(minutes=97 * n, milliseconds=31 * n)
        agent = agents[n % len(agents)]
        _call(past, org_id, call_id, n, begin, agent)
        if n == count - 1:
            past.histories[call_id] = list(_history(n, 3))
            continue
        _end(past, org_id, call_id, n, begin, member_id)
    return past


def _call(past: Past, org_id: int, call_id: int, n: int, begin: datetime, agent: Json) -> None:
    direction = DIRECTIONS[n % len(DIRECTIONS)]
    ours, theirs = f"+1555123{1000 + org_id}", f"+1415555{2000 + n % 7}"
    sides = {"inbound": (theirs, ours), "outbound": (ours, theirs), "mic": ("browser-microphone", ours)}
    caller, called = sides.get(direction, ("web-widget", ours))
    past.calls.append(
        {
            "call_id": call_id,
            "agent_id": agent["id"],
            "direction": direction,
            "from_number": caller,
            "to_number": called,
            "start_time": stamp(begin),
            "end_time": None,
            "duration_seconds": None,
            "status": "in_progress",
            "end_reason": None,
            "recording_url": None,
            "is_test_call": n % 11 == 4,
            "product": agent["product"],
            "voice": agent["voice"],
            "billable_minutes": None,
            "billing_total_cents": None,
            "billed_at": None,
            "grade_score": None,
            "grade_status": None,
            "grade_updated_at": None,
        }
    )


def _end(past: Past, org_id: int, call_id: int, n: int, begin: datetime, member_id: int) -> None:
    call = past.calls[-1]
    if n % 15 == 7:
        past.histories[call_id] = []
        call |= {"status": "failed", "end_time": stamp(begin), "duration_seconds": 0, "end_reason": "no_answer"}
        return
    seconds = 60 if n % 10 == 0 else 21 + 37 * n % 260
    end = begin + timedelta(seconds=seconds, milliseconds=400)
    minutes = -(-seconds // 60)
    cents = minutes * CENTS[call["product"]] * (2 if call["is_test_call"] else 1)
    billed = end + timedelta(milliseconds=300)
    past.histories[call_id] = list(_history(n, min(len(LINES), seconds * 1000 // TURN_MS - 1)))
    call |= {
        "status": "completed",
        "end_time": stamp(end),
        "duration_seconds": seconds,
        "end_reason": ("caller_hangup", "agent_end", "timeout")[n % 3],
        "recording_url": f"gs://second-recordings/{call_id}.mp3",
        "billable_minutes": minutes,
        "billing_total_cents": cents,
        "billed_at": stamp(billed),
    }
    _money(past, org_id, billed, -cents, "call_usage", f"Call {call_id}: {minutes} min", call_id)
    if n % 3:
        _grade(past, org_id, call, n, end)
    if n % 9 == 5:
        title, severity = "It spoke over the caller", ("warning", "critical")[n % 2]
        filed = report(org_id, len(past.reports), call_id, end + timedelta(minutes=3), title, severity)
        past.reports.append(filed | {"reported_by_id": member_id, "timestamp_seconds": 7})


def _grade(past: Past, org_id: int, call: Json, n: int, end: datetime) -> None:
    asked, done = end + timedelta(seconds=1), end + timedelta(seconds=6)
    score = (50 + 7 * n % 50) / 100
    failed = n % 13 == 1
    poor = not failed and score < 0.6
    call |= {
        "grade_score": None if failed else score,
        "grade_status": "failed" if failed else "completed",
        "grade_updated_at": stamp(done),
    }
    past.grades[call["call_id"]] = {
        "id": org_id * 1_000 + n,
        "call_id": call["call_id"],
        "score": call["grade_score"],
        "call_outcome": None if failed else "unsuccessful" if poor else "successful",
        "summary": None if failed else "The caller asked for a parcel.",
        "detected_issues": ["No clear answer"] if poor else [],
        "status": call["grade_status"],
        "created_at": stamp(asked),
    }
    if poor:
        filed = report(org_id, len(past.reports), call["call_id"], done, "No clear answer", "info")
        past.reports.append(filed | {"source": "system", "detected_issue_ref": "0"})


def report(org_id: int, number: int, call_id: int, when: datetime, title: str, severity: str) -> Json:
    """A new issue report by a person."""
    return {
        "id": org_id * 10_000 + number,
        "call_id": call_id,
        "source": "user",
        "severity": severity,
        "status": "open",
        "title": title,
        "description": "",
        "reported_by_id": None,
        "timestamp_seconds": None,
        "detected_issue_ref": None,
        "metadata": {},
        "trace_id": str(uuid5(NAMESPACE_URL, f"report {org_id} {number}")),
        "created_at": stamp(when),
        "updated_at": stamp(when),
    }


def dollars(cents: int) -> str:
    """So many cents as dollars, with two decimals."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def _money(
    past: Past, org_id: int, when: datetime, cents: int, kind: str, description: str, call_id: int | None = None
) -> None:
    past.transactions.append(
        {
            "id": org_id * 10_000 + len(past.transactions),
            "kind": kind,
            "amount_cents": cents,
            "amount_usd": dollars(cents),
            "call_id": call_id,
            "phone_number_id": None,
            "phone_number_value": None,
            "description": description,
            "metadata": {},
            "has_receipt": kind == "manual_topup",
            "created_at": stamp(when),
        }
    )


def _history(n: int, turns: int) -> Iterator[Json]:
    """What happened in a call of so many turns: the third may need a tool, and may be cut short."""
    index = 0
    for turn, line in enumerate(LINES[:turns]):
        start, end = 300 + turn * TURN_MS, turn * TURN_MS + TURN_MS - 200
        assistant = turn % 2 == 0
        if turn == 2 and n % 4 == 0:
            for entry in _tool(n, start - 250):
                yield {"index": index, **entry}
                index += 1
        cut = turn == 2 and n % 6 == 2
        spoken = line[:24]
        yield {
            "type": "span",
            "index": index,
            "role": "assistant" if assistant else "user",
            "content": line,
            "start_ms": start,
            "end_ms": end,
            "first_byte_ms": 180 if assistant else None,
            "interrupted": cut,
        }
        if cut:
            kinds = (("interrupt", {"spoken": spoken, "unspoken": line[24:]}), ("patch", {"content": spoken}))
            for number, (kind, more) in enumerate(kinds, 1):
                yield {"type": kind, "index": index + number, "at_ms": end, "target_index": index, **more}
            index += 2
        index += 1


def _tool(n: int, at: int) -> Iterator[Json]:
    named = {"tool_call_id": f"tool_{n}", "name": "find_parcel"}
    yield {"type": "function_call", "at_ms": at, **named, "arguments": {"number": "P-17"}}
    yield {
        "type": "function_response",
        "at_ms": at + 120,
        **named,
        "response": {"state": "on its way"},
        "duration_ms": 120,
        "error": None,
    }


def transcript(history: list[Json]) -> list[Json]:
    """What was said, as it was really said, and what tools did."""
    corrected = {each["target_index"]: each["content"] for each in history if each["type"] == "patch"}
    rows = []
    for each in history:
        if each["type"] == "span":
            kind, role, said = "text", each["role"], corrected.get(each["index"], each["content"])
            times = (each["start_ms"], each["end_ms"])
        elif each["type"] in ("function_call", "function_response"):
            kind = each["type"].replace("_call", "")
            role = "tool_call" if kind == "function" else "tool_response"
            said = f"{each['name']}: {each.get('arguments', each.get('response'))}"
            times = (each["at_ms"], each["at_ms"])
        else:
            continue
        rows.append(
            {"role": role, "content_type": kind, "content": said, "start_ms": times[0], "end_ms": times[1]}
        )
    return rows
