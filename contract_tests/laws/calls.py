"""Calls: how the fields of a call hang together, and how its list, record, transcript, history and export
agree.
"""

import csv
import io
import json
import re
from typing import Any

from hypothesis import strategies as st

from ..finding import Unjudged, require
from ..law import Need, law
from ..trial import Trial
from .lists import APRIL, CALLS, E164, moment, whole

Json = Any

SAMPLE = 12
SPEAKERS = ("user", "assistant")


def _minutes(seconds: int) -> int:
    return max(1, -(-seconds // 60))


def _over(trial: Trial) -> list[Json]:
    """Calls that are over. Raises Unjudged when there are none."""
    found = [each for each in trial.calls() if each["status"] != "in_progress"]
    if not found:
        raise Unjudged("The organization has no call that is over.")
    return found


EARLY = (
    "end_time",
    "duration_seconds",
    "end_reason",
    "billable_minutes",
    "billing_total_cents",
    "billed_at",
    "recording_url",
    "grade_score",
    "grade_updated_at",
)
"""What a call in progress does not have yet."""


def _not_early(call: Json) -> None:
    for name in EARLY:
        require(
            call[name] is None,
            f"Call {call['call_id']} is in progress and has {name} {call[name]!r}.",
            mark=f"early {name}",
        )


def _sample(trial: Trial, count: int = SAMPLE) -> list[Json]:
    """Some calls of each status and direction."""
    groups: dict[tuple[str, str], list[Json]] = {}
    for each in trial.calls():
        groups.setdefault((each["status"], each["direction"]), []).append(each)
    if not groups:
        raise Unjudged("The organization has no calls.")
    share = max(1, count // len(groups))
    return [each for group in groups.values() for each in trial.some(group, share)]


@law(
    "ML-301",
    source="calls.md#call-object: end_time is null while in progress",
    operations=("calls_list",),
    contracts=APRIL,
    causes="Fields that are filled in ahead, or never; a status that is changed before the rest.",
)
def status_decides_what_is_known(trial: Trial) -> None:
    """A call in progress has no end, duration, reason, bill or recording; one that is over has an end and a
    reason.
    """
    for call in trial.calls():
        what = f"Call {call['call_id']} is {call['status']}"
        if call["status"] == "in_progress":
            _not_early(call)
        else:
            for name in ("end_time", "duration_seconds", "end_reason"):
                require(call[name] is not None, f"{what} and has no {name}.", mark=f"no {name}")
        require(call["start_time"] is not None, f"{what} and has no start_time.", mark="no start")


@law(
    "ML-302",
    source="calls.md#call-object: duration_seconds is derived from the two times",
    operations=("calls_list",),
    contracts=APRIL,
    causes="Rounded in place of cut; milliseconds; counted from the ring; the times swapped.",
)
def duration_follows_the_times(trial: Trial) -> None:
    """`duration_seconds` is the whole seconds between start and end, and a call ends no sooner than it begins."""
    for call in _over(trial):
        length = (moment(call["end_time"]) - moment(call["start_time"])).total_seconds()
        what = f"Call {call['call_id']} from {call['start_time']} to {call['end_time']}"
        require(length >= 0, f"{what} ends before it begins.", mark="backwards")
        if call["status"] == "failed" and call["duration_seconds"] == 0:
            continue  # nobody talked: whether ringing is duration was never published
        require(
            call["duration_seconds"] == int(length),
            f"{what} says duration_seconds {call['duration_seconds']}; {int(length)} follows from its times.",
            mark="duration",
        )


@law(
    "ML-303",
    source="calls.md#call-object: minutes on the bill, rounded up",
    operations=("calls_list",),
    contracts=APRIL,
    causes="Rounded down or to the nearest; a minute too many for whole minutes; seconds billed.",
)
def minutes_are_rounded_up(trial: Trial) -> None:
    """`billable_minutes` are the started minutes of the call's duration."""
    billed = [each for each in _over(trial) if each["billable_minutes"] is not None]
    if not billed:
        raise Unjudged("No call was billed.")
    for call in billed:
        require(
            call["billable_minutes"] == _minutes(call["duration_seconds"]),
            f"Call {call['call_id']} of {call['duration_seconds']} s is billed {call['billable_minutes']} "
            "minutes; "
            f"{_minutes(call['duration_seconds'])} have begun.",
            mark="minutes",
        )


@law(
    "ML-304",
    source="billing.md#rates",
    operations=("calls_list",),
    contracts=APRIL,
    causes="The rate of another tier; a test call at the usual price, or another call at the double one.",
)
def cents_by_minutes(trial: Trial) -> None:
    """Calls of one product tier cost the same per minute: spark 8 cents; a test call twice as much."""
    rates: dict[str, tuple[float, Json]] = {}
    for call in _over(trial):
        if call["billing_total_cents"] is None or not call["billable_minutes"]:
            continue
        factor = 2 if call["is_test_call"] else 1
        rate = call["billing_total_cents"] / call["billable_minutes"] / factor
        if call["product"] == "spark":
            require(
                rate == 8,
                f"Call {call['call_id']} costs {call['billing_total_cents']} cents for "
                f"{call['billable_minutes']} minutes of spark; 8 a minute were due.",
                mark="spark",
            )
        known, other = rates.setdefault(call["product"], (rate, call))
        require(
            rate == known,
            f"{call['product']} costs {rate:g} cents a minute in call {call['call_id']} and {known:g} in call "
            f"{other['call_id']}.",
            mark=f"rate {call['product']}",
        )


@law(
    "ML-305",
    source="calls.md#call-object",
    operations=("calls_list",),
    contracts=APRIL,
    causes="Minutes without cents, cents without the time of billing; failed calls that cost.",
)
def a_bill_is_whole(trial: Trial) -> None:
    """A call has minutes, cents and the time of billing, or none of them; it is billed when it is over, not
    before.
    """
    for call in _over(trial):
        parts = [call[name] is not None for name in ("billable_minutes", "billing_total_cents", "billed_at")]
        require(len(set(parts)) == 1, f"Call {call['call_id']} has a part of a bill: {_bill(call)}.", mark="part")
        if call["billed_at"] is not None:
            require(
                moment(call["billed_at"]) >= moment(call["end_time"]),
                f"Call {call['call_id']} was billed before it ended: {_bill(call)}.",
                mark="early",
            )
        if call["status"] == "completed":
            require(parts[0], f"Call {call['call_id']} is completed and has no bill.", mark="unbilled")
        else:
            require(
                not call["billing_total_cents"],
                f"Call {call['call_id']} failed and costs money: {_bill(call)}.",
                mark="failed",
            )


def _bill(call: Json) -> str:
    return ", ".join(f"{name} {call[name]!r}" for name in ("billable_minutes", "billing_total_cents", "billed_at"))


@law(
    "ML-306",
    source="calls.md#call-object, calls.md#grade-object",
    operations=("calls_list", "calls_grade_list"),
    contracts=APRIL,
    causes="A score in percent; the call's fields not written when grading ends; an older grade shown.",
)
def call_shows_its_latest_grade(trial: Trial) -> None:
    """`grade_status`, `grade_score` and `grade_updated_at` are those of the call's latest grade, or null without
    one.
    """
    for call in _sample(trial, 24):
        exchange = trial.api("calls_grade_list", call_id=call["call_id"])
        if exchange.status == 404:
            require(
                call["grade_status"] is None and call["grade_score"] is None,
                f"Call {call['call_id']} has no grade and says {call['grade_status']}, {call['grade_score']}.",
                exchange,
                mark="no grade",
            )
            continue
        grade = exchange.json
        require(grade["call_id"] == call["call_id"], "A grade is of another call.", exchange, mark="other call")
        require(
            (call["grade_status"], call["grade_score"]) == (grade["status"], grade["score"]),
            f"Call {call['call_id']} says {call['grade_status']}, {call['grade_score']}; its grade "
            f"{grade['status']}, "
            f"{grade['score']}.",
            exchange,
            mark="differs",
        )
        if grade["status"] == "completed":
            require(
                call["grade_updated_at"] is not None,
                "A graded call has no grade_updated_at.",
                exchange,
                mark="when",
            )
            require(
                moment(call["grade_updated_at"]) >= moment(grade["created_at"]),
                "A grade was updated before it was asked for.",
                exchange,
                mark="when",
            )
            require(
                moment(call["grade_updated_at"]) >= moment(call["end_time"]),
                "A call was graded before it ended.",
                exchange,
                mark="when",
            )


@law(
    "ML-307",
    source="calls.md#call-object",
    operations=("calls_list", "calls_issue_reports_list"),
    contracts=APRIL,
    causes="Counters that are not kept when a report is filed by a person, or by grading.",
)
def counters_equal_the_reports(trial: Trial) -> None:
    """`issue_count` and `critical_issue_count` count the call's issue reports, whoever filed them."""
    calls = trial.calls()
    counted = [each for each in calls if each["issue_count"]]
    for call in [*trial.some(counted, 10), *trial.some(calls, 6)]:
        reports = trial.api.ok("calls_issue_reports_list", call_id=call["call_id"])
        critical = sum(each["severity"] == "critical" for each in reports)
        require(
            (call["issue_count"], call["critical_issue_count"]) == (len(reports), critical),
            f"Call {call['call_id']} counts {call['issue_count']} reports, {call['critical_issue_count']} "
            "critical; it has "
            f"{len(reports)} and {critical}.",
            mark="counters",
        )


@law(
    "ML-308",
    source="calls.md#retrieve-a-call",
    operations=("calls_list", "calls_retrieve"),
    contracts=APRIL,
    causes="A record and a list that are made by different code; a field forgotten in one.",
)
def list_and_record_agree(trial: Trial) -> None:
    """A call read by itself is, field by field, what the list shows."""
    for call in _sample(trial, 30):
        alone = trial.api.ok("calls_retrieve", call_id=call["call_id"])
        if not trial.has_control and call["status"] == "in_progress":
            continue
        _alike(call, alone, f"Call {call['call_id']}: the list", "the record")


def _alike(one: Json, other: Json, first: str, second: str) -> None:
    names = sorted({*one, *other})
    differing = [name for name in names if one.get(name, "nothing") != other.get(name, "nothing")]
    require(
        not differing,
        f"{first} and {second} differ: "
        + ", ".join(f"{name} {one.get(name)!r} and {other.get(name)!r}" for name in differing[:4])
        + ".",
        mark="differ " + ",".join(differing[:4]),
    )


@law(
    "ML-309",
    source="calls.md#export-calls",
    operations=("calls_export_list", "calls_list"),
    contracts=APRIL,
    causes="Calls in progress exported; oldest first; a transcript missing or of another call.",
)
def json_export_is_the_list(trial: Trial) -> None:
    """The JSON export has the completed calls of the list, the most recent first, with their transcripts."""
    completed = whole(trial.api, CALLS, status="completed")[:1000]
    exported = trial.api.ok("calls_export_list", export_format="json")["calls"]
    require(
        [each["call_id"] for each in exported] == [each["call_id"] for each in completed],
        f"The export has {len(exported)} calls that are not the {len(completed)} completed calls of the "
        "list, in order.",
        mark="calls",
    )
    for call, row in zip(completed, exported, strict=True):
        _alike(
            call,
            {name: value for name, value in row.items() if name != "transcripts"},
            f"Call {call['call_id']}: the list",
            "the export",
        )
    for row in trial.some(exported, SAMPLE):
        alone = trial.api.ok("calls_transcript_list", call_id=row["call_id"])["transcripts"]
        require(
            row["transcripts"] == alone,
            f"Call {row['call_id']}: the export's transcript is another one.",
            mark="transcripts",
        )


@law(
    "ML-310",
    source="calls.md#export-calls",
    operations=("calls_export_list",),
    contracts=APRIL,
    causes="Columns in another order than the header; null written as None; commas that are not quoted.",
)
def csv_export_is_the_json_export(trial: Trial) -> None:
    """The CSV export has one line per call of the JSON export, with the same values; an empty cell is null."""
    exported = trial.api.ok("calls_export_list", export_format="json")["calls"]
    exchange = trial.api("calls_export_list", export_format="csv")
    rows = list(csv.DictReader(io.StringIO(exchange.body.decode("utf-8"))))
    require(
        [row["call_id"] for row in rows] == [str(each["call_id"]) for each in exported],
        f"The CSV export has {len(rows)} lines that are not the {len(exported)} calls of the JSON export, "
        "in order.",
        exchange,
        mark="rows",
    )
    for row, call in zip(rows, exported, strict=True):
        for name, cell in row.items():
            require(
                name in call, f"The CSV export has a column {name!r} that no call has.", exchange, mark="column"
            )
            require(
                _cell(call[name]) == cell,
                f"Call {call['call_id']}: the CSV says {name} {cell!r}, the JSON {call[name]!r}.",
                exchange,
                mark=f"cell {name}",
            )
    if rows:
        # What the document does not name may be in one form only.
        _, declared = trial.document.item_schema(
            trial.document.reply_schema(trial.document.operations["calls_export_list"], 200) or {}
        ) or (None, {})
        missing = {*exported[0]} & {*trial.document.properties(declared)} - {"transcripts", *rows[0]}
        require(not missing, f"The CSV export lacks {', '.join(sorted(missing))}.", exchange, mark="columns")


def _cell(value: Json) -> str:
    if value is None:
        return ""
    return json.dumps(value) if isinstance(value, bool | list | dict) else str(value)


@law(
    "ML-311",
    source="calls.md#export-calls",
    operations=("calls_export_list",),
    contracts=APRIL,
    causes="No Content-Disposition; another name; shown in the browser in place of saved.",
)
def export_is_a_file(trial: Trial) -> None:
    """An export is an attachment named after the day, `calls-export-YYYY-MM-DD`, with its format's ending and
    type.
    """
    for kind, media_type in (("csv", "text/csv"), ("json", "application/json")):
        exchange = trial.api("calls_export_list", export_format=kind)
        disposition = exchange.headers.get("content-disposition", "")
        require(
            re.fullmatch(rf'attachment; ?filename="?calls-export-\d{{4}}-\d\d-\d\d\.{kind}"?', disposition),
            f"The {kind} export has Content-Disposition {disposition!r}.",
            exchange,
            mark=f"{kind} name",
        )
        # Which day it is there nobody else can tell: a mock has a time of its own.
        day = moment(trial.control.now()).date() if trial.has_control else None
        require(
            day is None or f"{day}." in disposition,
            f"On {day} the {kind} export is called {disposition!r}.",
            exchange,
            mark=f"{kind} day",
        )
        require(
            exchange.media_type == media_type,
            f"The {kind} export is {exchange.media_type}.",
            exchange,
            mark=f"{kind} type",
        )
    refused: tuple[dict[str, Json], ...] = ({}, {"export_format": "xml"}, {"export_format": "CSV"})
    for bad in refused:
        exchange = trial.api("calls_export_list", **bad)
        require(
            exchange.status == 400 and "export_format" in exchange.json,
            f"An export with {bad or 'no format'} is answered {exchange.shown_reply()[:100]}; 400 was due.",
            exchange,
            mark="format",
        )


@law(
    "ML-312",
    source="calls.md#transcript-entry-object: in the order spoken",
    operations=("calls_transcript_list",),
    contracts=APRIL,
    causes="Rows in the order they were stored; negative or swapped times; seconds in place of milliseconds.",
)
def transcript_is_in_order(trial: Trial) -> None:
    """Transcript rows come in the order spoken, each ends no sooner than it begins, and all lie within the
    call.
    """
    for call in _sample(trial):
        transcript = trial.api.ok("calls_transcript_list", call_id=call["call_id"])
        require(transcript["call_id"] == call["call_id"], "A transcript names another call.", mark="other call")
        rows = transcript["transcripts"]
        starts = [each["start_ms"] for each in rows]
        require(
            starts == sorted(starts), f"Call {call['call_id']}: rows are not in the order spoken.", mark="order"
        )
        for each in rows:
            require(
                each["end_ms"] >= each["start_ms"],
                f"Call {call['call_id']}: a row ends before it begins: {each}.",
                mark="backwards",
            )
            require(each["content"] != "", f"Call {call['call_id']}: a row is empty.", mark="empty")
        if call["end_time"] is not None and rows:
            length = (moment(call["end_time"]) - moment(call["start_time"])).total_seconds() * 1000
            require(
                rows[-1]["start_ms"] <= length and max(each["end_ms"] for each in rows) <= length + 1000,
                f"Call {call['call_id']} lasts {length:.0f} ms and its transcript reaches "
                f"{rows[-1]['end_ms']} ms.",
                mark="beyond the end",
            )
        if call["status"] == "completed" and call["duration_seconds"] and call["duration_seconds"] > 12:
            require(
                rows,
                f"Call {call['call_id']} of {call['duration_seconds']} s has an empty transcript.",
                mark="silent",
            )
            require(max(each["end_ms"] for each in rows) > 1000, "Times look like seconds.", mark="unit")


@law(
    "ML-313",
    source="calls.md#transcript-entry-object",
    operations=("calls_transcript_list",),
    contracts=APRIL,
    causes="The later generation's content types (text/plain); tool rows labelled as text.",
)
def roles_and_content_types_pair(trial: Trial) -> None:
    """People's rows are `text`, tool calls `function`, tool answers `function_response`; an answer follows its
    call.
    """
    pairs = {"user": "text", "assistant": "text", "tool_call": "function", "tool_response": "function_response"}
    for call in _sample(trial, 30):
        waiting = 0
        for each in trial.api.ok("calls_transcript_list", call_id=call["call_id"])["transcripts"]:
            require(
                pairs[each["role"]] == each["content_type"],
                f"Call {call['call_id']}: a {each['role']} row has content type {each['content_type']}.",
                mark=f"pair {each['role']}",
            )
            waiting += {"tool_call": 1, "tool_response": -1}.get(each["role"], 0)
            require(waiting >= 0, f"Call {call['call_id']}: a tool answers before it was called.", mark="unasked")
        if call["status"] != "in_progress":
            require(
                waiting == 0, f"Call {call['call_id']}: {waiting} tool calls without an answer.", mark="unanswered"
            )


@law(
    "ML-314",
    source="calls.md#get-the-turn-history",
    operations=("calls_history_list",),
    contracts=APRIL,
    causes="Indexes that begin at one or have gaps; entries sorted by kind.",
)
def history_is_in_order(trial: Trial) -> None:
    """History entries are numbered 0, 1, 2 …, in the order of their times, and point at earlier entries."""
    for call in _sample(trial):
        entries = trial.api.ok("calls_history_list", call_id=call["call_id"])
        what = f"Call {call['call_id']}"
        require(
            [each["index"] for each in entries] == list(range(len(entries))),
            f"{what}: indexes have gaps.",
            mark="index",
        )
        times = [each.get("at_ms", each.get("end_ms")) for each in entries]
        require(all(isinstance(each, int) for each in times), f"{what}: an entry has no time.", mark="no time")
        for each in entries:
            if "start_ms" in each:
                require(
                    each["start_ms"] <= each["end_ms"],
                    f"{what}: an entry ends before it begins: {each}.",
                    mark="backwards",
                )
            if "target_index" in each:
                require(
                    each["target_index"] < each["index"],
                    f"{what}: entry {each['index']} points ahead.",
                    mark="target",
                )
        begun = [each["start_ms"] for each in entries if each["type"] == "span"]
        require(begun == sorted(begun), f"{what}: spans are not in the order spoken.", mark="order")


@law(
    "ML-315",
    source="calls.md#get-the-turn-history",
    operations=("calls_history_list",),
    contracts=APRIL,
    causes="Ids that are made anew for the answer; an answer lost.",
)
def tool_calls_pair_with_responses(trial: Trial) -> None:
    """In a history each tool response has the id and name of one earlier call, and each call of a past call one
    response.
    """
    for call in _sample(trial, 30):
        open_calls: dict[str, str] = {}
        for each in trial.api.ok("calls_history_list", call_id=call["call_id"]):
            if each["type"] == "function_call":
                require(each["tool_call_id"] not in open_calls, "A tool_call_id is used twice.", mark="twice")
                open_calls[each["tool_call_id"]] = each["name"]
            elif each["type"] == "function_response":
                name = open_calls.pop(each["tool_call_id"], None)
                require(
                    name == each["name"],
                    f"Call {call['call_id']}: a response of {each['name']} has no call.",
                    mark="unpaired",
                )
        if call["status"] != "in_progress":
            require(
                not open_calls, f"Call {call['call_id']}: no response to {list(open_calls.values())}.", mark="open"
            )


@law(
    "ML-316",
    source="calls.md#get-the-transcript: tool calls, interruptions and latencies are in the history",
    operations=("calls_history_list", "calls_transcript_list"),
    contracts=APRIL,
    causes="A transcript that is kept apart from the history and drifts; a tool left out of one of the two.",
)
def transcript_and_history_agree(trial: Trial) -> None:
    """What is said in the transcript is what the history's spans say, at the same times; tool rows are its tool
    entries.
    """
    for call in _sample(trial, 24):
        rows = trial.api.ok("calls_transcript_list", call_id=call["call_id"])["transcripts"]
        entries = trial.api.ok("calls_history_list", call_id=call["call_id"])
        if call["status"] == "in_progress" and not trial.has_control:
            continue
        spoken = [(each["role"], each["start_ms"]) for each in rows if each["role"] in SPEAKERS]
        spans = sorted(
            ((each["role"], each["start_ms"]) for each in entries if each["type"] == "span"),
            key=lambda each: each[1],
        )
        extra = {each["start_ms"] for each in entries if each["type"] == "acknowledgement"}
        spoken = [each for each in spoken if each[1] not in extra]
        require(
            spoken == spans,
            f"Call {call['call_id']}: the transcript has {len(spoken)} stretches of speech, the history "
            f"{len(spans)}; or their "
            "speakers or times differ.",
            mark="speech",
        )
        final = {each["index"]: each["content"] for each in entries if each["type"] == "span"}
        final |= {each["target_index"]: each["content"] for each in entries if each["type"] == "patch"}
        said = [each["content"] for each in rows if each["role"] in SPEAKERS and each["start_ms"] not in extra]
        heard = [
            final[each["index"]]
            for each in sorted((e for e in entries if e["type"] == "span"), key=lambda e: int(e["start_ms"]))
        ]
        require(
            said == heard, f"Call {call['call_id']}: the transcript's words are not the history's.", mark="words"
        )
        tools = [sum(each["role"] == role for each in rows) for role in ("tool_call", "tool_response")]
        kept = [sum(each["type"] == kind for each in entries) for kind in ("function_call", "function_response")]
        require(
            tools == kept,
            f"Call {call['call_id']}: the transcript has {tools} tool calls and responses, the history {kept}.",
            mark="tools",
        )


@law(
    "ML-317",
    source="calls.md#call-object: the numbers in E.164",
    operations=("calls_list",),
    contracts=APRIL,
    causes="Numbers without plus, with blanks, or of the other side.",
)
def numbers_are_e164(trial: Trial) -> None:
    """The numbers of a telephone call are in E.164, and they are two different ones."""
    for call in trial.calls():
        if call["direction"] not in ("inbound", "outbound"):
            continue
        for name in ("from_number", "to_number"):
            require(E164.fullmatch(call[name]), f"Call {call['call_id']} has {name} {call[name]!r}.", mark=name)
        require(call["from_number"] != call["to_number"], f"Call {call['call_id']} calls itself.", mark="itself")


@law(
    "ML-318",
    source="calls.md#call-object",
    operations=("calls_list", "phone_numbers_list", "agents_list"),
    contracts=APRIL,
    causes="from_number and to_number swapped for outbound calls; ids of another kind.",
)
def calls_are_of_this_organization(trial: Trial) -> None:
    """Call ids are unique; an inbound call goes to a number of the organization and an outbound one comes from
    one.
    """
    calls = trial.calls()
    ids = [each["call_id"] for each in calls]
    require(len(set(ids)) == len(ids), "Two calls have the same id.", mark="ids")
    numbers = {each["number"] for each in trial.api.ok("phone_numbers_list")}
    if not trial.has_control:
        return  # elsewhere numbers may have been released since
    for call in calls:
        own = {"inbound": "to_number", "outbound": "from_number"}.get(call["direction"])
        if own is not None and not call["is_test_call"]:
            require(
                call[own] in numbers,
                f"Call {call['call_id']}: {own} {call[own]} is not one of the organization's numbers.",
                mark=f"{call['direction']} number",
            )


@law(
    "ML-319",
    source="calls.md#call-object: the agent's product tier and voice when the call began",
    needs=(Need.CONTROL, Need.WRITES),
    operations=("agents_create", "calls_retrieve"),
    contracts=APRIL,
    causes="A call that shows the agent as it is now.",
)
def a_call_keeps_its_agent_as_it_was(trial: Trial) -> None:
    """A call says the product and voice that its agent had when it began, whatever the agent becomes; the bill
    follows them.
    """
    agent = trial.agent(product="bolt", voice="en-US-James1")
    before = trial.place(direction="mic", agent_id=agent["id"], scenario=trial.turns())
    changed = {"product": "storm-extra", "voice": "another-voice"}
    trial.api.ok("agents_partial_update", agent_id=agent["id"], json=changed)
    after = trial.place(direction="mic", agent_id=agent["id"], scenario=trial.turns())
    trial.settle()
    for call_id, product, voice in (
        (before, "bolt", "en-US-James1"),
        (after, "storm-extra", "another-voice"),
    ):
        call = trial.api.ok("calls_retrieve", call_id=call_id)
        require(
            call["product"] == product, f"A call begun with {product} says {call['product']}.", mark=f"{product}"
        )
        require(call["voice"] == voice, f"A call begun with {voice} says {call['voice']}.", mark="voice")
        listed = next(each for each in trial.calls() if each["call_id"] == call_id)
        _alike(listed, call, "The list", "the record")
        require(
            call["agent_id"] == agent["id"], "A call names another agent than the one that spoke.", mark="agent"
        )


@law(
    "ML-320",
    source="calls.md#call-object",
    needs=(Need.CONTROL, Need.WRITES),
    operations=("calls_retrieve",),
    contracts=APRIL,
    causes="A call that is completed at once; a transcript that is whole from the beginning; time that runs back.",
)
def a_call_lives(trial: Trial) -> None:
    """A call is in progress first, its transcript only grows, and then it is completed and changes no more but
    for its grade.
    """
    turns = [
        {"assistant": "Hello, how can I help you today?"},
        {"user": "I would like to know where my parcel is, please."},
    ] * 4
    call_id = trial.place(direction="mic", scenario=trial.turns(*turns))
    first = trial.api.ok("calls_retrieve", call_id=call_id)
    require(first["status"] == "in_progress", f"A call that has just begun is {first['status']}.", mark="begun")
    _not_early(first)
    _not_early(next(each for each in trial.calls() if each["call_id"] == call_id))
    require(first["direction"] == "mic", f"A mic session is {first['direction']}.", mark="direction")
    grown: list[Json] = []
    lengths = set()
    for _ in range(60):
        rows = trial.api.ok("calls_transcript_list", call_id=call_id)["transcripts"]
        done, saying = grown[:-1], grown[-1:]
        require(rows[: len(done)] == done, "A transcript changes what it already said.", mark="rewritten")
        for old, new in zip(saying, rows[len(done) :], strict=False):
            require(
                new["content"].startswith(old["content"]) and new["start_ms"] == old["start_ms"],
                f"What is being said turns from {old['content']!r} into {new['content']!r}.",
                mark="rewritten",
            )
        require(len(rows) >= len(grown), "A transcript becomes shorter.", mark="shorter")
        grown = rows
        lengths.add(len(rows))
        now = trial.api.ok("calls_retrieve", call_id=call_id)
        require(
            (now["start_time"], now["call_id"]) == (first["start_time"], call_id),
            "A call begins anew.",
            mark="start",
        )
        if now["status"] != "in_progress":
            break
        trial.control.advance(3)
    require(
        now["status"] == "completed", f"The call is still {now['status']} after three minutes.", mark="endless"
    )
    require(len(lengths) > 2, "The transcript did not grow while the call was going on.", mark="grown")
    require(
        len(grown) == len(turns),
        f"{len(turns)} turns were said and {len(grown)} are in the transcript.",
        mark="turns",
    )
    require(
        [each["content"] for each in grown] == [next(iter(each.values())) for each in turns],
        "The transcript does not say what was said.",
        mark="words",
    )
    require(
        now["end_reason"] == "caller_hangup",
        f"The caller hung up and end_reason is {now['end_reason']}.",
        mark="reason",
    )
    trial.settle()
    last = trial.api.ok("calls_retrieve", call_id=call_id)
    for name in (
        "status",
        "start_time",
        "end_time",
        "duration_seconds",
        "end_reason",
        "from_number",
        "to_number",
        "agent_id",
    ):
        require(last[name] == now[name], f"A call that is over changes its {name}.", mark=f"changed {name}")
    for name in ("billable_minutes", "billing_total_cents", "billed_at", "recording_url"):
        require(last[name] is not None, f"A call that is over never gets its {name}.", mark=f"never {name}")


@law(
    "ML-321",
    source="calls.md#call-object",
    needs=(Need.CONTROL, Need.WRITES),
    operations=("calls_retrieve",),
    contracts=APRIL,
    causes="One reason, or one status, for every end.",
)
def a_call_ends_as_it_ended(trial: Trial) -> None:
    """`end_reason` says how a call ended, and `is_test_call` whether a test run made it, in the record and in
    the list.
    """
    for reason in ("caller_hangup", "agent_end", "timeout"):
        call = trial.ended_call(direction="mic", scenario=trial.turns(reason=reason))
        require(
            call["end_reason"] == reason, f"A call that ended by {reason} says {call['end_reason']}.", mark=reason
        )
        require(
            call["status"] == "completed", f"A call that ended by {reason} is {call['status']}.", mark="status"
        )
    for flag in (True, False):
        call = trial.ended_call(direction="mic", scenario=trial.turns(), is_test_call=flag)
        require(
            call["is_test_call"] is flag,
            f"is_test_call is {call['is_test_call']} for a call made with {flag}.",
            mark="test",
        )


@law(
    "ML-322",
    source="calls.md#call-object",
    needs=(Need.CONTROL, Need.WRITES),
    operations=("calls_retrieve",),
    contracts=APRIL,
    causes="Off by one at whole minutes; minutes of speech in place of minutes of the call.",
)
def minutes_at_every_length(trial: Trial) -> None:
    """Calls of any length are billed their started minutes, at their tier's rate, and last as long as their
    times say.
    """
    agent = trial.agent()

    def check(words: int) -> None:
        said = [{"assistant": "Hello."}, {"user": " ".join(["well"] * words)}, {"assistant": "Thank you."}]
        call = trial.ended_call(direction="mic", agent_id=agent["id"], scenario=trial.turns(*said))
        seconds = call["duration_seconds"]
        length = (moment(call["end_time"]) - moment(call["start_time"])).total_seconds()
        require(seconds == int(length), f"A call of {length} s says {seconds}.", mark="duration")
        require(
            call["billable_minutes"] == _minutes(seconds),
            f"A call of {seconds} s is billed {call['billable_minutes']} minutes.",
            mark="minutes",
        )
        require(
            call["billing_total_cents"] == 8 * call["billable_minutes"],
            f"{call['billable_minutes']} minutes of spark cost {call['billing_total_cents']} cents.",
            mark="cents",
        )

    trial.forall(st.sampled_from([1, 40, 120, 125, 130, 135, 140, 145, 150, 250, 300]), check, shrink=False)


@law(
    "ML-323",
    source="calls.md#retrieve-a-call",
    operations=("calls_retrieve",),
    contracts=APRIL,
    causes="Views of a call that look it up differently; an empty answer in place of 404.",
)
def unknown_calls_are_nowhere(trial: Trial) -> None:
    """Every door of a call that does not exist answers 404 with a reason."""
    doors = [
        each
        for each in (
            "calls_retrieve",
            "calls_transcript_list",
            "calls_history_list",
            "calls_audio_list",
            "calls_grade_list",
            "calls_issue_reports_list",
        )
        if trial.has(each)
    ]
    for door in doors:
        with trial.about(door):
            exchange = trial.api(door, call_id=987_654_321_987)
            require(
                exchange.status == 404,
                f"{exchange.what} for a call that does not exist; 404 was due.",
                exchange,
                mark=f"{door} found",
            )
            require(
                isinstance(exchange.json.get("detail"), str) and exchange.json["detail"],
                f"{exchange.what} gives no reason in `detail`.",
                exchange,
                mark=f"{door} reason",
            )


@law(
    "ML-324",
    source="calls.md#call-object",
    needs=(Need.CONTROL, Need.WRITES),
    operations=("calls_retrieve",),
    contracts=APRIL,
    causes="An inbound call that has the outbound agent; numbers swapped.",
)
def an_inbound_call_reaches_its_number(trial: Trial) -> None:
    """A call to a number is inbound, from the caller to that number, with the agent that the number has for it."""
    line = trial.line()
    call = trial.ended_call(from_number="+14155550142", to_number=line["number"], scenario=trial.turns())
    require(
        call["direction"] == "inbound", f"A caller dials in and the call is {call['direction']}.", mark="direction"
    )
    require(
        (call["from_number"], call["to_number"]) == ("+14155550142", line["number"]),
        f"A call from +14155550142 to {line['number']} says {call['from_number']} to {call['to_number']}.",
        mark="numbers",
    )
    require(
        call["agent_id"] == line["inbound_agent_id"], "Another agent answered than the number's.", mark="agent"
    )
    listed = trial.api.ok("calls_list", from_number="+14155550142", to_number=line["number"], direction="inbound")
    require(
        [each["call_id"] for each in listed["results"]] == [call["call_id"]],
        "The list does not find the call by its numbers.",
        mark="found",
    )


@law(
    "ML-325",
    source="calls.md#transcript-entry-object",
    needs=(Need.CONTROL, Need.WRITES),
    operations=("calls_transcript_list", "calls_history_list"),
    contracts=APRIL,
    causes="Tool rows left out, in another order, or with others' arguments.",
)
def what_a_tool_did_is_told(trial: Trial) -> None:
    """A tool's call and answer are in the transcript and in the history, with its name, arguments and answer, in
    order.
    """
    call = trial.ended_call(direction="mic", scenario="refund-with-tool")
    rows = trial.api.ok("calls_transcript_list", call_id=call["call_id"])["transcripts"]
    entries = trial.api.ok("calls_history_list", call_id=call["call_id"])
    asked = [each for each in entries if each["type"] == "function_call"]
    answered = [each for each in entries if each["type"] == "function_response"]
    require(
        asked and len(asked) == len(answered), "The history does not have the tool that was used.", mark="history"
    )
    order = [each["role"] for each in rows if each["role"].startswith("tool_")]
    require(
        order == ["tool_call", "tool_response"] * len(asked), f"The transcript has tool rows {order}.", mark="rows"
    )
    for entry, row in zip(asked, (each for each in rows if each["role"] == "tool_call"), strict=True):
        require(
            entry["name"] in row["content"],
            f"The transcript does not name the tool {entry['name']}: {row['content']!r}.",
            mark="name",
        )
    for call_entry, response in zip(asked, answered, strict=True):
        require(response["at_ms"] >= call_entry["at_ms"], "A tool answered before it was asked.", mark="times")
        require(
            response["duration_ms"] <= response["at_ms"] - call_entry["at_ms"] + 1000,
            "A tool took longer than it took.",
            mark="duration",
        )


@law(
    "ML-326",
    source="calls.md#get-the-turn-history",
    needs=(Need.CONTROL, Need.WRITES),
    operations=("calls_history_list",),
    contracts=APRIL,
    causes="An interruption that is not told, or that leaves the unspoken words in the transcript.",
)
def an_interruption_is_told(trial: Trial) -> None:
    """An interruption is in the history; the transcript has only what was spoken before it."""
    call = trial.ended_call(direction="mic", scenario="interruption")
    entries = trial.api.ok("calls_history_list", call_id=call["call_id"])
    cuts = [each for each in entries if each["type"] == "interrupt"]
    require(cuts, "A conversation with an interruption has none in its history.", mark="none")
    said = [
        each["content"] for each in trial.api.ok("calls_transcript_list", call_id=call["call_id"])["transcripts"]
    ]
    for cut in cuts:
        target = entries[cut["target_index"]]
        require(
            target["type"] == "span" and target["interrupted"], "An interrupted span does not say so.", mark="flag"
        )
        require(
            any(each.startswith(cut["spoken"][:20]) for each in said),
            "The transcript lacks what was spoken.",
            mark="spoken",
        )
        require(
            not any(cut["unspoken"] and each.endswith(cut["unspoken"]) for each in said),
            "The transcript has words that were never spoken.",
            mark="unspoken",
        )
