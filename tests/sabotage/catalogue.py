"""Deliberate defects, each with the laws that are meant to find it."""

import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sabotage.stage import Answered, Asked, Defect, Scene, Sent
from sabotage.tools import asks, each, has, lose, on, put, refused, without

Json = Any

CALLS = ("calls_list", "calls_retrieve")
CALL_VIEWS = (*CALLS, "calls_export_list")


def _shift(stamp: str, seconds: float) -> str:
    moved = datetime.fromisoformat(stamp.replace("Z", "+00:00")) + timedelta(seconds=seconds)
    return moved.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moved.microsecond // 1000:03d}Z"


def _over(row: Json) -> bool:
    return row.get("status") not in (None, "in_progress")


# -- schema --------------------------------------------------------------------------------------------


def schema() -> Iterator[Defect]:
    """Replies that are not of their declared shape."""
    yield Defect(
        "call-without-voice",
        "A call lacks a field",
        "schema",
        ("ML-103", "ML-901"),
        CALLS,
        after=each(*CALLS, change=lose("voice")),
    )
    yield Defect(
        "agent-id-as-text",
        "An agent's id is text",
        "schema",
        ("ML-103", "ML-901"),
        ("agents_retrieve",),
        after=each("agents_retrieve", change=put("id", lambda row: str(row["id"]))),
    )
    yield Defect(
        "unknown-status-word",
        "A call is `ended`",
        "schema",
        ("ML-103",),
        CALLS,
        after=each(*CALLS, change=put("status", "ended"), only=lambda row: row.get("status") == "completed"),
    )
    yield Defect(
        "score-in-percent",
        "Grades run to 100",
        "schema",
        ("ML-103", "ML-401"),
        ("calls_grade_list",),
        after=each("calls_grade_list", change=put("score", lambda row: row["score"] * 100), only=has("score")),
    )
    yield Defect(
        "null-is-absent",
        "Null fields are left out",
        "schema",
        ("ML-103",),
        CALLS,
        after=each(*CALLS, change=_without_nulls),
    )
    yield Defect(
        "page-without-envelope", "A page is a bare list", "schema", ("ML-103",), ("calls_list",), after=_bare()
    )
    yield Defect(
        "list-with-envelope",
        "A bare list gets an envelope",
        "schema",
        ("ML-103",),
        ("agents_list",),
        after=_enveloped(),
    )
    yield Defect(
        "times-with-offset",
        "Times are +00:00 in place of Z",
        "schema",
        ("ML-106",),
        CALLS,
        after=each(*CALLS, change=put("start_time", lambda row: row["start_time"].replace("Z", "+00:00"))),
    )
    yield Defect(
        "times-without-milliseconds",
        "Times have whole seconds",
        "schema",
        ("ML-106",),
        ("agents_retrieve", "agents_list"),
        after=each(
            "agents_retrieve", "agents_list", change=put("created_at", lambda row: row["created_at"][:19] + "Z")
        ),
    )
    yield Defect(
        "uuid-without-dashes",
        "A key's id is no UUID",
        "schema",
        ("ML-103",),
        ("developer_api_keys_list",),
        after=each("developer_api_keys_list", change=put("id", lambda row: row["id"].replace("-", ""))),
    )
    yield Defect(
        "field-errors-as-text",
        "Messages are text, not lists",
        "schema",
        ("ML-103", "ML-115"),
        ("agents_create",),
        after=on("agents_create", status=400)(lambda asked, answered, scene: _texts(answered)),
    )
    yield Defect(
        "new-history-type",
        "A history entry of a type nobody knows",
        "schema",
        ("ML-103",),
        ("calls_history_list",),
        after=each(
            "calls_history_list", change=put("type", "system"), only=lambda row: row.get("type") == "completion"
        ),
    )
    yield Defect(
        "floats-for-cents",
        "Cents are floats",
        "schema",
        ("ML-103",),
        ("billing_list",),
        after=each("billing_list", change=put("balance_cents", lambda row: row["balance_cents"] + 0.5)),
    )


def _without_nulls(row: Json) -> None:
    for name in [known for known in row if row[known] is None]:
        del row[name]


def _bare() -> Any:
    return on("calls_list")(lambda asked, answered, scene: setattr(answered, "json", answered.json["results"]))


def _enveloped() -> Any:
    return on("agents_list")(lambda asked, answered, scene: setattr(answered, "json", {"results": answered.json}))


def _texts(answered: Answered) -> None:
    answered.json = {
        name: " ".join(told) if isinstance(told, list) else told for name, told in answered.json.items()
    }


# -- statuses, headers, media types --------------------------------------------------------------------


def statuses() -> Iterator[Defect]:
    """Right content under a wrong status, media type or header."""
    yield Defect(
        "created-is-200",
        "Creating answers 200",
        "status",
        ("ML-101", "ML-901"),
        ("agents_create",),
        after=on("agents_create")(lambda asked, answered, scene: setattr(answered, "status", 200)),
    )
    yield Defect(
        "deleted-is-200",
        "Deleting answers 200",
        "status",
        ("ML-101", "ML-507"),
        ("agents_delete",),
        after=on("agents_delete")(lambda asked, answered, scene: setattr(answered, "status", 200)),
    )
    yield Defect(
        "not-found-is-403",
        "Unknown calls are 403",
        "status",
        ("ML-101", "ML-323"),
        ("calls_retrieve",),
        after=on("calls_retrieve", status=404)(lambda asked, answered, scene: setattr(answered, "status", 403)),
    )
    yield Defect(
        "not-found-is-empty-200",
        "Unknown agents are an empty object",
        "status",
        ("ML-103", "ML-508"),
        ("agents_retrieve",),
        after=on("agents_retrieve", status=404)(_empty),
    )
    yield Defect(
        "invalid-is-422",
        "Wrong fields are 422",
        "status",
        ("ML-101", "ML-509"),
        ("agents_create",),
        after=on("agents_create", status=400)(lambda asked, answered, scene: setattr(answered, "status", 422)),
    )
    yield Defect(
        "crash-on-long-names",
        "A long name crashes",
        "status",
        ("ML-105", "ML-509", "ML-511"),
        ("agents_create",),
        before=_crash_long,
    )
    yield Defect(
        "crash-on-offset",
        "An offset beyond the end crashes",
        "status",
        ("ML-105", "ML-201", "ML-202"),
        ("calls_list",),
        before=lambda asked, scene: (
            refused(500)
            if asks(asked, "calls_list") and int(asked.parameters.get("offset", "0") or 0) > 250
            else None
        ),
    )
    yield Defect(
        "missing-key-is-403",
        "Without a key it is 403",
        "status",
        ("ML-101", "ML-601"),
        ("calls_list",),
        after=on("calls_list", status=401)(lambda asked, answered, scene: setattr(answered, "status", 403)),
    )
    yield Defect(
        "one-operation-needs-no-key",
        "Voices are open to anybody",
        "status",
        ("ML-601", "ML-901"),
        ("voices_list",),
        before=_open_voices(),
    )
    yield Defect(
        "method-not-allowed-is-404",
        "Wrong methods are 404",
        "status",
        ("ML-111", "ML-901"),
        ("agents_list",),
        after=lambda asked, answered, scene: setattr(answered, "status", 404) if answered.status == 405 else None,
    )
    yield Defect(
        "no-allow-header",
        "405 without Allow",
        "header",
        ("ML-111", "ML-901"),
        ("agents_list",),
        after=lambda asked, answered, scene: answered.set("allow", None) if answered.status == 405 else None,
    )
    yield Defect(
        "json-as-text",
        "JSON is sent as text/plain",
        "header",
        ("ML-102",),
        ("agents_list",),
        after=on("agents_list")(lambda asked, answered, scene: answered.set("content-type", "text/plain")),
    )
    yield Defect(
        "errors-as-html",
        "Errors are HTML pages",
        "header",
        ("ML-102",),
        ("calls_retrieve",),
        after=on("calls_retrieve", status=404)(_page),
    )
    yield Defect(
        "csv-as-json",
        "The CSV export says it is JSON",
        "header",
        ("ML-102", "ML-103", "ML-311"),
        ("calls_export_list",),
        after=on("calls_export_list")(
            lambda asked, answered, scene: answered.set("content-type", "application/json")
        ),
    )
    yield Defect(
        "export-without-name",
        "Exports have no file name",
        "header",
        ("ML-311", "ML-104"),
        ("calls_export_list",),
        after=on("calls_export_list")(lambda asked, answered, scene: answered.set("content-disposition", None)),
    )
    yield Defect(
        "body-in-204",
        "204 has a body",
        "status",
        ("ML-101", "ML-507"),
        ("agents_delete",),
        after=on("agents_delete")(_null),
    )
    yield Defect(
        "any-media-type",
        "Text is taken for JSON",
        "status",
        ("ML-113", "ML-901"),
        ("agents_create",),
        before=_any_media,
    )
    yield Defect(
        "broken-json-is-500",
        "Broken JSON crashes",
        "status",
        ("ML-105", "ML-113"),
        ("agents_create",),
        before=lambda asked, scene: (
            refused(500) if asks(asked, "agents_create") and asked.body and asked.json is None else None
        ),
    )
    yield Defect(
        "strange-ids-crash",
        "An id that is no number crashes",
        "status",
        ("ML-105", "ML-116"),
        ("calls_retrieve",),
        before=lambda asked, scene: (
            refused(500)
            if re.fullmatch(r"/v1/calls/[^/\d][^/]*", asked.path) and asked.path != "/v1/calls/export"
            else None
        ),
    )


def _empty(asked: Asked, answered: Answered, scene: Scene) -> None:
    answered.status = 200
    answered.json = {}


def _null(asked: Asked, answered: Answered, scene: Scene) -> None:
    answered.status = 200
    answered.json = None


def _page(asked: Asked, answered: Answered, scene: Scene) -> None:
    answered.set("content-type", "text/html")
    answered.body = b"<h1>Not found</h1>"


def _crash_long(asked: Asked, scene: Scene) -> Answered | None:
    if (
        asks(asked, "agents_create", "agents_partial_update")
        and isinstance(asked.json, dict)
        and len(str(asked.json.get("name", ""))) > 200
    ):
        return refused(500)
    return None


def _any_media(asked: Asked, scene: Scene) -> None:
    if asks(asked, "agents_create") and asked.header("authorization"):
        asked.headers = [
            (name, "application/json" if name == "content-type" else value) for name, value in asked.headers
        ]


def _open_voices() -> Any:
    def before(asked: Asked, scene: Scene) -> None:
        if not asks(asked, "voices_list"):
            return
        if asked.key.startswith("sk_"):
            scene.memory["key"] = asked.key
        else:
            asked.headers = [each for each in asked.headers if each[0] != "authorization"]
            asked.headers.append(("authorization", f"Bearer {scene.memory.get('key', 'sk_test_anybody')}"))

    return before


# -- lists ---------------------------------------------------------------------------------------------


def lists() -> Iterator[Defect]:
    """Pages, orders and filters."""
    yield Defect(
        "last-page-repeats",
        "Beyond the end the last page comes again",
        "state",
        ("ML-201",),
        ("calls_list",),
        after=_repeat_last,
    )
    yield Defect(
        "offset-counts-pages", "The offset counts pages", "state", ("ML-201",), ("calls_list",), before=_pages
    )
    yield Defect(
        "limit-off-by-one",
        "A page is one short",
        "state",
        ("ML-201", "ML-203"),
        ("calls_list",),
        after=on("calls_list")(_shorter),
    )
    yield Defect(
        "limit-ignored",
        "The limit is ignored",
        "state",
        ("ML-201", "ML-202"),
        ("calls_list",),
        before=without("limit", operations=("calls_list",)),
    )
    yield Defect(
        "limit-clamped",
        "A limit beyond 200 is clamped",
        "state",
        ("ML-204", "ML-901"),
        ("calls_list",),
        before=_clamp,
    )
    yield Defect(
        "default-is-twenty", "The default is 20", "state", ("ML-202", "ML-203"), ("calls_list",), before=_twenty
    )
    yield Defect(
        "total-counts-the-page",
        "The total is the page's length",
        "state",
        ("ML-202",),
        ("calls_list",),
        after=on("calls_list")(
            lambda asked, answered, scene: _set(answered, "total", lambda page: len(page["results"]))
        ),
    )
    yield Defect(
        "total-ignores-filters",
        "The total ignores filters",
        "state",
        ("ML-206",),
        ("calls_list",),
        after=_stale_total,
    )
    yield Defect(
        "oldest-first",
        "The oldest call is first",
        "state",
        ("ML-205", "ML-210", "ML-201"),
        ("calls_list",),
        after=on("calls_list")(
            lambda asked, answered, scene: _set(answered, "results", lambda page: page["results"][::-1])
        ),
    )
    for name in ("direction", "status", "agent_id", "from_number", "start_date", "end_date"):
        yield Defect(
            f"filter-{name}-ignored",
            f"The filter {name} is ignored",
            "state",
            ("ML-206",),
            ("calls_list",),
            before=without(name, operations=("calls_list",)),
        )
    yield Defect(
        "second-filter-ignored",
        "Of two filters one counts",
        "state",
        ("ML-206",),
        ("calls_list",),
        before=_one_filter,
    )
    yield Defect(
        "end-date-excludes", "The end date is exclusive", "state", ("ML-206",), ("calls_list",), after=_exclusive
    )
    yield Defect(
        "unknown-words-ignored",
        "A direction that is none is ignored",
        "state",
        ("ML-207", "ML-901"),
        ("calls_list",),
        before=_forgiving,
    )
    yield Defect(
        "report-severity-ignored",
        "Reports are not filtered by severity",
        "state",
        ("ML-206",),
        ("issue_reports_list",),
        before=without("severity", operations=("issue_reports_list",)),
    )
    yield Defect(
        "report-agent-ignored",
        "Reports are not filtered by agent",
        "state",
        ("ML-208",),
        ("issue_reports_list",),
        before=without("agent_id", operations=("issue_reports_list",)),
    )
    yield Defect(
        "voices-or",
        "Voices that speak any language asked for",
        "state",
        ("ML-209",),
        ("voices_list",),
        before=_first_language,
    )
    yield Defect(
        "list-duplicates",
        "A call is listed twice",
        "state",
        ("ML-201", "ML-318"),
        ("calls_list",),
        after=on("calls_list")(_double),
    )
    yield Defect(
        "list-misses-failed",
        "Failed calls are in no list",
        "state",
        ("ML-202", "ML-206", "ML-201"),
        ("calls_list",),
        after=on("calls_list")(_no_failed),
    )
    yield Defect(
        "labels-unsorted",
        "Labels are not sorted",
        "state",
        ("ML-211",),
        ("phone_number_labels_list",),
        after=on("phone_number_labels_list")(
            lambda asked, answered, scene: setattr(answered, "json", answered.json[::-1])
        ),
    )
    yield Defect(
        "transactions-oldest-first",
        "Transactions come oldest first",
        "state",
        ("ML-205", "ML-201"),
        ("billing_transactions_list",),
        after=on("billing_transactions_list")(
            lambda asked, answered, scene: _set(answered, "results", lambda page: page["results"][::-1])
        ),
    )


def _set(answered: Answered, name: str, value: Any) -> None:
    page = answered.json
    page[name] = value(page)
    answered.json = page


async def _repeat_last(asked: Asked, answered: Answered, scene: Scene) -> Answered | None:
    if not asks(asked, "calls_list") or answered.status != 200:
        return None
    page = answered.json
    if page["results"] or not page["total"] or page["offset"] == 0:
        return None
    asked.parameters = {**asked.parameters, "offset": str(max(0, page["total"] - page["limit"]))}
    again: Answered = await scene.behind(asked)
    return again


def _pages(asked: Asked, scene: Scene) -> None:
    found = asked.parameters
    if asks(asked, "calls_list") and found.get("offset", "").isdigit() and found.get("limit", "50").isdigit():
        asked.parameters = {**found, "offset": str(int(found["offset"]) * int(found.get("limit", "50")))}


def _shorter(asked: Asked, answered: Answered, scene: Scene) -> None:
    page = answered.json
    if len(page["results"]) == page["limit"] and page["limit"] > 1:
        page["results"].pop()
        answered.json = page


def _clamp(asked: Asked, scene: Scene) -> None:
    found = asked.parameters
    if asks(asked, "calls_list") and found.get("limit", "").isdigit() and int(found["limit"]) > 200:
        asked.parameters = {**found, "limit": "200"}


def _twenty(asked: Asked, scene: Scene) -> None:
    if asks(asked, "calls_list") and "limit" not in asked.parameters:
        asked.parameters = {**asked.parameters, "limit": "20"}


async def _stale_total(asked: Asked, answered: Answered, scene: Scene) -> None:
    if asks(asked, "calls_list") and answered.status == 200:
        asked.parameters = {"limit": "1"}
        everything: Answered = await scene.behind(asked)
        _set(answered, "total", lambda page: everything.json["total"])


def _one_filter(asked: Asked, scene: Scene) -> None:
    filters = [name for name in asked.parameters if name not in ("limit", "offset")]
    if asks(asked, "calls_list") and len(filters) > 1:
        asked.parameters = {name: value for name, value in asked.parameters.items() if name not in filters[1:]}


def _exclusive(asked: Asked, answered: Answered, scene: Scene) -> None:
    end = asked.parameters.get("end_date")
    if asks(asked, "calls_list") and answered.status == 200 and end:
        page = answered.json
        kept = [row for row in page["results"] if row["start_time"] != end]
        page["total"] -= len(page["results"]) - len(kept)
        page["results"] = kept
        answered.json = page


def _forgiving(asked: Asked, scene: Scene) -> None:
    found = asked.parameters
    if asks(asked, "calls_list") and found.get("direction", "inbound") not in (
        "inbound",
        "outbound",
        "mic",
        "widget",
    ):
        asked.parameters = {name: value for name, value in found.items() if name != "direction"}


def _first_language(asked: Asked, scene: Scene) -> None:
    found = asked.parameters
    if asks(asked, "voices_list") and "," in found.get("languages", ""):
        asked.parameters = {**found, "languages": found["languages"].split(",")[0]}


def _double(asked: Asked, answered: Answered, scene: Scene) -> None:
    page = answered.json
    if page["offset"] == 0 and len(page["results"]) > 3:
        page["results"][3] = page["results"][2]
        answered.json = page


def _no_failed(asked: Asked, answered: Answered, scene: Scene) -> None:
    page = answered.json
    page["results"] = [row for row in page["results"] if row["status"] != "failed"]
    answered.json = page


# -- calls ---------------------------------------------------------------------------------------------


def calls() -> Iterator[Defect]:
    """How a call's fields and views hang together."""
    yield Defect(
        "early-end-time",
        "A call in progress has an end",
        "state",
        ("ML-301", "ML-320"),
        CALLS,
        after=each(
            *CALLS,
            change=put("end_time", lambda row: row["start_time"]),
            only=lambda row: row.get("status") == "in_progress",
        ),
    )
    yield Defect(
        "no-end-reason",
        "Calls have no end reason",
        "state",
        ("ML-301", "ML-321"),
        CALLS,
        after=each(*CALL_VIEWS, change=put("end_reason", None)),
    )
    yield Defect(
        "duration-rounded",
        "The duration is rounded up",
        "state",
        ("ML-302",),
        CALLS,
        after=each(
            *CALL_VIEWS,
            change=put("duration_seconds", lambda row: row["duration_seconds"] + 1),
            only=lambda row: bool(row.get("duration_seconds")),
        ),
    )
    yield Defect(
        "duration-in-milliseconds",
        "The duration is in milliseconds",
        "state",
        ("ML-302",),
        CALLS,
        after=each(
            *CALL_VIEWS,
            change=put("duration_seconds", lambda row: row["duration_seconds"] * 1000),
            only=lambda row: bool(row.get("duration_seconds")),
        ),
    )
    yield Defect(
        "minutes-rounded-down",
        "Minutes are rounded down",
        "state",
        ("ML-303", "ML-322"),
        CALLS,
        after=each(
            *CALL_VIEWS,
            change=put("billable_minutes", lambda row: row["duration_seconds"] // 60),
            only=has("billable_minutes"),
        ),
    )
    yield Defect(
        "whole-minutes-cost-one-more",
        "60 seconds are two minutes",
        "state",
        ("ML-303", "ML-322"),
        CALLS,
        after=each(
            *CALL_VIEWS,
            change=put("billable_minutes", lambda row: row["duration_seconds"] // 60 + 2),
            only=has("billable_minutes"),
        ),
    )
    yield Defect(
        "wrong-cents",
        "A spark minute costs 9 cents",
        "state",
        ("ML-304", "ML-322", "ML-702"),
        CALLS,
        after=each(
            *CALL_VIEWS,
            change=put("billing_total_cents", lambda row: row["billable_minutes"] * 9),
            only=lambda row: row.get("product") == "spark" and row.get("billable_minutes") is not None,
        ),
    )
    yield Defect(
        "failed-calls-cost",
        "Failed calls cost money",
        "state",
        ("ML-305",),
        CALLS,
        after=each(
            *CALLS,
            change=lambda row: row.update(billable_minutes=1, billing_total_cents=8, billed_at=row["end_time"]),
            only=lambda row: row.get("status") == "failed",
        ),
    )
    yield Defect(
        "billed-before-the-end",
        "Calls are billed when they begin",
        "state",
        ("ML-305",),
        CALLS,
        after=each(*CALL_VIEWS, change=put("billed_at", lambda row: row["start_time"]), only=has("billed_at")),
    )
    yield Defect(
        "grade-not-shown",
        "The call never shows its grade",
        "state",
        ("ML-306", "ML-402"),
        CALLS,
        after=each(*CALL_VIEWS, change=put("grade_score", None)),
    )
    yield Defect(
        "issues-not-counted",
        "Reports are not counted",
        "state",
        ("ML-307", "ML-443"),
        CALLS,
        after=each(*CALL_VIEWS, change=put("issue_count", 0)),
    )
    yield Defect(
        "critical-counts-warnings",
        "Warnings count as critical",
        "state",
        ("ML-307", "ML-443"),
        CALLS,
        after=each(*CALL_VIEWS, change=put("critical_issue_count", lambda row: row["issue_count"])),
    )
    yield Defect(
        "record-differs",
        "The record names another voice than the list",
        "state",
        ("ML-308", "ML-319"),
        ("calls_retrieve",),
        after=each("calls_retrieve", change=put("voice", "en-GB-Ada2")),
    )
    yield Defect(
        "export-in-progress",
        "The export has calls in progress",
        "state",
        ("ML-309",),
        ("calls_export_list",),
        after=_export_all,
    )
    yield Defect(
        "export-without-words",
        "The export's transcripts are empty",
        "state",
        ("ML-309",),
        ("calls_export_list",),
        after=each("calls_export_list", change=put("transcripts", [])),
    )
    yield Defect(
        "csv-null-as-none",
        "The CSV writes None",
        "state",
        ("ML-310",),
        ("calls_export_list",),
        after=on("calls_export_list")(
            lambda asked, answered, scene: (
                setattr(answered, "body", answered.body.replace(b",,", b",None,"))
                if asked.parameters.get("export_format") == "csv"
                else None
            )
        ),
    )
    yield Defect(
        "transcript-reversed",
        "The transcript is backwards",
        "state",
        ("ML-312", "ML-320"),
        ("calls_transcript_list",),
        after=on("calls_transcript_list")(
            lambda asked, answered, scene: _set(answered, "transcripts", lambda found: found["transcripts"][::-1])
        ),
    )
    yield Defect(
        "transcript-in-seconds",
        "Transcript times are seconds",
        "state",
        ("ML-312", "ML-316"),
        ("calls_transcript_list",),
        after=each(
            "calls_transcript_list",
            change=lambda row: row.update(start_ms=row["start_ms"] // 1000, end_ms=row["end_ms"] // 1000),
        ),
    )
    yield Defect(
        "tool-rows-as-text",
        "Tool rows are of type text",
        "state",
        ("ML-313",),
        ("calls_transcript_list",),
        after=each("calls_transcript_list", change=put("content_type", "text")),
    )
    yield Defect(
        "transcript-without-tools",
        "The transcript has no tool rows",
        "state",
        ("ML-316", "ML-325"),
        ("calls_transcript_list",),
        after=_no_tools,
    )
    yield Defect(
        "history-from-one",
        "History indexes begin at one",
        "state",
        ("ML-314",),
        ("calls_history_list",),
        after=each("calls_history_list", change=put("index", lambda row: row["index"] + 1)),
    )
    yield Defect(
        "tool-ids-differ",
        "Responses have ids of their own",
        "state",
        ("ML-315",),
        ("calls_history_list",),
        after=each(
            "calls_history_list",
            change=put("tool_call_id", lambda row: row["tool_call_id"] + "x"),
            only=lambda row: row.get("type") == "function_response",
        ),
    )
    yield Defect(
        "history-of-another",
        "The history's words are others",
        "state",
        ("ML-316",),
        ("calls_history_list",),
        after=each(
            "calls_history_list",
            change=put("content", "Good morning."),
            only=lambda row: row.get("type") == "span",
        ),
    )
    yield Defect(
        "numbers-without-plus",
        "Numbers lack their plus",
        "state",
        ("ML-317", "ML-324"),
        CALLS,
        after=each(*CALL_VIEWS, change=put("from_number", lambda row: row["from_number"].lstrip("+"))),
    )
    yield Defect(
        "numbers-swapped",
        "Inbound numbers are swapped",
        "state",
        ("ML-318", "ML-324"),
        CALLS,
        after=each(
            *CALL_VIEWS,
            change=lambda row: row.update(from_number=row["to_number"], to_number=row["from_number"]),
            only=lambda row: row.get("direction") == "inbound",
        ),
    )
    yield Defect(
        "product-of-today",
        "A call shows its agent's product of today",
        "time",
        ("ML-319",),
        CALLS,
        after=_todays_product,
    )
    yield Defect(
        "test-flag-lost",
        "No call is a test call",
        "state",
        ("ML-321", "ML-729"),
        CALLS,
        after=each(*CALL_VIEWS, change=put("is_test_call", False)),
    )
    yield Defect(
        "transcript-at-the-end",
        "The transcript comes when the call is over",
        "time",
        ("ML-320",),
        ("calls_transcript_list",),
        after=_late_transcript,
    )
    yield Defect(
        "calls-never-end",
        "Calls stay in progress",
        "time",
        ("ML-320", "ML-321", "ML-402"),
        CALLS,
        after=each(
            "calls_retrieve",
            change=lambda row: row.update(
                status="in_progress", end_time=None, duration_seconds=None, end_reason=None
            ),
        ),
    )


def _export_all(asked: Asked, answered: Answered, scene: Scene) -> None:
    if (
        asks(asked, "calls_export_list")
        and answered.status == 200
        and asked.parameters.get("export_format") == "json"
    ):
        found = answered.json
        if found["calls"]:
            found["calls"].insert(
                0, {**found["calls"][0], "call_id": found["calls"][0]["call_id"] + 1, "status": "in_progress"}
            )
            answered.json = found


def _no_tools(asked: Asked, answered: Answered, scene: Scene) -> None:
    if asks(asked, "calls_transcript_list") and answered.status == 200:
        _set(
            answered,
            "transcripts",
            lambda found: [row for row in found["transcripts"] if row["role"] in ("user", "assistant")],
        )


async def _todays_product(asked: Asked, answered: Answered, scene: Scene) -> None:
    if asks(asked, "calls_retrieve") and answered.status == 200 and answered.json["agent_id"] is not None:
        inner = Asked("GET", f"/v1/agents/{answered.json['agent_id']}", "", asked.headers, b"")
        agent: Answered = await scene.behind(inner)
        if agent.status == 200:
            _set(answered, "product", lambda call: agent.json["product"])


async def _late_transcript(asked: Asked, answered: Answered, scene: Scene) -> None:
    if asks(asked, "calls_transcript_list") and answered.status == 200:
        call: Answered = await scene.behind(
            Asked("GET", asked.path.removesuffix("/transcript"), "", asked.headers, b"")
        )
        if call.json["status"] == "in_progress":
            _set(answered, "transcripts", lambda found: [])


# -- grades, recordings, reports -----------------------------------------------------------------------


def judgements() -> Iterator[Defect]:
    """Grades, recordings and issue reports."""
    yield Defect(
        "graded-at-once",
        "Grading is complete at once",
        "time",
        ("ML-402",),
        ("calls_grade",),
        after=each(
            "calls_grade",
            change=lambda row: row.update(status="completed", score=0.5, summary="x", call_outcome="successful"),
        ),
    )
    yield Defect(
        "force-ignored",
        "force is ignored",
        "state",
        ("ML-403",),
        ("calls_grade",),
        before=without("force", operations=("calls_grade",)),
    )
    yield Defect(
        "always-forced", "Each grading makes a new grade", "state", ("ML-403",), ("calls_grade",), before=_forced
    )
    yield Defect(
        "grades-stay-pending",
        "A grade stays pending",
        "time",
        ("ML-402", "ML-403", "ML-306"),
        ("calls_grade_list",),
        after=each(
            "calls_grade_list",
            change=lambda row: row.update(status="pending", score=None, summary=None, call_outcome=None),
        ),
    )
    yield Defect(
        "ungraded-is-empty",
        "A call without a grade has an empty one",
        "status",
        ("ML-103", "ML-404"),
        ("calls_grade_list",),
        after=on("calls_grade_list", status=404)(_empty),
    )
    yield Defect(
        "addresses-never-expire",
        "A recording's address never expires",
        "time",
        ("ML-423",),
        ("calls_audio_list",),
        before=_keeps_playing,
    )
    yield Defect(
        "signature-ignored",
        "A recording's signature is not checked",
        "state",
        ("ML-422",),
        ("calls_audio_list",),
        before=_any_signature,
    )
    yield Defect(
        "recording-is-html",
        "The address answers a page",
        "schema",
        ("ML-421",),
        ("calls_audio_list",),
        after=on("storage")(lambda asked, answered, scene: setattr(answered, "body", b"<html>player</html>")),
    )
    yield Defect(
        "recording-cut",
        "Recordings are cut in half",
        "state",
        ("ML-421", "ML-426"),
        ("calls_audio_list",),
        after=on("storage", status=200)(
            lambda asked, answered, scene: setattr(answered, "body", answered.body[: len(answered.body) // 2])
        ),
    )
    yield Defect(
        "one-recording-for-all",
        "Every call has the same recording",
        "state",
        ("ML-421", "ML-426"),
        ("calls_audio_list",),
        after=_same_recording,
    )
    yield Defect(
        "recording-needs-the-key",
        "The address wants the key",
        "state",
        ("ML-421",),
        ("calls_audio_list",),
        before=lambda asked, scene: refused(401) if asks(asked, "storage") and not asked.key else None,
    )
    yield Defect(
        "audio-before-the-end",
        "A call in progress has an address",
        "time",
        ("ML-424",),
        ("calls_audio_list",),
        after=_early_audio,
    )
    yield Defect(
        "ranges-off-by-one",
        "A part of a recording lacks its last byte",
        "state",
        ("ML-425",),
        ("calls_audio_list",),
        after=on("storage", status=206)(
            lambda asked, answered, scene: setattr(answered, "body", answered.body[:-1])
        ),
    )
    yield Defect(
        "title-of-121",
        "A title of 121 characters is taken",
        "state",
        ("ML-442", "ML-901"),
        ("calls_issue_reports",),
        before=_long_title,
    )
    yield Defect(
        "title-of-119",
        "A title of 120 characters is refused",
        "state",
        ("ML-442",),
        ("calls_issue_reports",),
        before=lambda asked, scene: (
            _field_error("title")
            if asks(asked, "calls_issue_reports") and len(str((asked.json or {}).get("title", ""))) == 120
            else None
        ),
    )
    yield Defect(
        "severity-defaults",
        "A wrong severity becomes info",
        "state",
        ("ML-442", "ML-901"),
        ("calls_issue_reports",),
        before=_any_severity,
    )
    yield Defect(
        "titles-trimmed",
        "Titles are cut to 40 characters",
        "state",
        ("ML-441",),
        ("calls_issue_reports",),
        after=each(
            "calls_issue_reports",
            "calls_issue_reports_list",
            "issue_reports_list",
            change=put("title", lambda row: row["title"][:40]),
        ),
    )
    yield Defect(
        "report-not-kept",
        "A report is answered and forgotten",
        "state",
        ("ML-441", "ML-442", "ML-443"),
        ("calls_issue_reports",),
        after=_forgets_reports,
    )
    yield Defect(
        "description-lost",
        "Descriptions are not kept",
        "state",
        ("ML-441",),
        ("calls_issue_reports",),
        after=each(
            "calls_issue_reports", "calls_issue_reports_list", "issue_reports_list", change=put("description", "")
        ),
    )
    yield Defect(
        "reports-of-all-calls",
        "A call lists all reports",
        "state",
        ("ML-444", "ML-307"),
        ("calls_issue_reports_list",),
        after=_all_reports,
    )
    yield Defect(
        "report-on-unknown-call",
        "Unknown calls take reports",
        "status",
        ("ML-445", "ML-508"),
        ("calls_issue_reports",),
        after=_report_anything,
    )


def _field_error(name: str) -> Answered:
    answered = refused(400)
    answered.json = {name: ["Not this."]}
    return answered


def _forced(asked: Asked, scene: Scene) -> None:
    if asks(asked, "calls_grade"):
        asked.parameters = {"force": "true"}


async def _keeps_playing(asked: Asked, scene: Scene) -> Answered | None:
    if not asks(asked, "storage"):
        return None
    address = (asked.path, asked.query, asked.header("range"))
    answered: Answered = await scene.behind(asked)
    if answered.status < 300:
        scene.memory[address] = answered
    return scene.memory.get(address, answered)  # type: ignore[no-any-return]


async def _any_signature(asked: Asked, scene: Scene) -> Answered | None:
    if not asks(asked, "storage"):
        return None
    answered: Answered = await scene.behind(asked)
    if answered.status < 300:
        scene.memory[asked.path] = answered
    return scene.memory.get(asked.path, answered)  # type: ignore[no-any-return]


def _same_recording(asked: Asked, answered: Answered, scene: Scene) -> None:
    if asks(asked, "storage") and answered.status == 200:
        answered.body = scene.memory.setdefault("first", answered.body)


def _early_audio(asked: Asked, answered: Answered, scene: Scene) -> None:
    if asks(asked, "calls_audio_list") and answered.status == 404 and "987654321987" not in asked.path:
        answered.status = 200
        answered.json = {"url": "https://storage.example.com/soon.mp3?expires=1&signature=1"}


def _long_title(asked: Asked, scene: Scene) -> None:
    if (
        asks(asked, "calls_issue_reports")
        and isinstance(asked.json, dict)
        and len(str(asked.json.get("title", ""))) > 120
    ):
        asked.json = {**asked.json, "title": asked.json["title"][:120]}


def _any_severity(asked: Asked, scene: Scene) -> None:
    if (
        asks(asked, "calls_issue_reports")
        and isinstance(asked.json, dict)
        and asked.json.get("severity") not in ("info", "warning", "critical")
    ):
        asked.json = {**asked.json, "severity": "info"}


def _forgets_reports(asked: Asked, answered: Answered, scene: Scene) -> None:
    if asks(asked, "calls_issue_reports_list", "issue_reports_list") and answered.status == 200:
        answered.json = [row for row in answered.json if row["source"] == "system"]


async def _all_reports(asked: Asked, answered: Answered, scene: Scene) -> None:
    if asks(asked, "calls_issue_reports_list") and answered.status == 200:
        everything: Answered = await scene.behind(
            Asked("GET", "/v1/issue-reports", "limit=200", asked.headers, b"")
        )
        answered.json = everything.json


def _report_anything(asked: Asked, answered: Answered, scene: Scene) -> None:
    if asks(asked, "calls_issue_reports") and answered.status == 404 and asked.key:
        answered.status = 201
        answered.json = {
            "id": 1,
            "call_id": 987654321987,
            "source": "user",
            "severity": "info",
            "status": "open",
            "title": "x",
            "description": "",
            "reported_by_id": 1,
            "timestamp_seconds": None,
            "detected_issue_ref": None,
            "metadata": {},
            "trace_id": "00000000-0000-4000-8000-000000000001",
            "created_at": "2026-04-20T18:00:00.000Z",
            "updated_at": "2026-04-20T18:00:00.000Z",
        }


# -- things that are made, changed and deleted ---------------------------------------------------------


def resources() -> Iterator[Defect]:
    """Creation, change and deletion."""
    yield Defect(
        "create-drops-a-field",
        "A new agent forgets its background track",
        "state",
        ("ML-501",),
        ("agents_create",),
        before=lambda asked, scene: _forget(asked, "background_track") if asks(asked, "agents_create") else None,
    )
    yield Defect("create-trims", "Names are trimmed", "state", ("ML-512",), ("agents_create",), before=_trim)
    yield Defect(
        "names-escaped",
        "Text is escaped as HTML",
        "state",
        ("ML-512",),
        ("agents_retrieve",),
        after=each(
            "agents_retrieve",
            change=put("name", lambda row: row["name"].replace("<", "&lt;").replace("&a", "&amp;a")),
        ),
    )
    yield Defect(
        "create-is-not-listed",
        "New integrations are in no list",
        "state",
        ("ML-502",),
        ("integrations_list",),
        after=on("integrations_list")(lambda asked, answered, scene: setattr(answered, "json", answered.json[:2])),
    )
    yield Defect(
        "patch-resets",
        "PATCH resets what it leaves out",
        "state",
        ("ML-504",),
        ("agents_partial_update",),
        before=_resetting,
    )
    yield Defect(
        "patch-not-kept",
        "PATCH is answered and forgotten",
        "state",
        ("ML-504", "ML-117"),
        ("agents_partial_update",),
        after=_pretend,
    )
    yield Defect(
        "put-merges", "PUT keeps what it leaves out", "state", ("ML-506",), ("agents_update",), before=_merging
    )
    yield Defect(
        "delete-hides-nothing",
        "A deleted agent can still be read",
        "state",
        ("ML-507",),
        ("agents_delete",),
        after=_ghost,
    )
    yield Defect(
        "deleted-is-listed",
        "A deleted agent stays in the list",
        "state",
        ("ML-507",),
        ("agents_list",),
        after=_lingering,
    )
    yield Defect(
        "delete-twice",
        "Deleting again answers 204",
        "state",
        ("ML-507",),
        ("agents_delete",),
        after=on("agents_delete", status=404)(
            lambda asked, answered, scene: _gone(answered) if asked.key else None
        ),
    )
    yield Defect(
        "delete-does-nothing",
        "Deleting a label does nothing",
        "state",
        ("ML-507",),
        ("phone_number_labels_delete",),
        before=lambda asked, scene: (
            Answered(204, [], b"")
            if asks(asked, "phone_number_labels_delete") and "987654321987" not in asked.path
            else None
        ),
    )
    yield Defect(
        "updated-at-stays",
        "updated_at never moves",
        "time",
        ("ML-505",),
        ("agents_partial_update",),
        after=each(
            "agents_partial_update",
            "agents_retrieve",
            "agents_list",
            change=put("updated_at", lambda row: row["created_at"]),
        ),
    )
    yield Defect(
        "created-at-moves",
        "created_at moves with each change",
        "time",
        ("ML-504", "ML-505"),
        ("agents_partial_update",),
        after=each("agents_partial_update", change=put("created_at", lambda row: row["updated_at"])),
    )
    yield Defect(
        "no-version-on-change",
        "Only creation leaves a version",
        "state",
        ("ML-513",),
        ("agents_versions_list",),
        after=on("agents_versions_list")(
            lambda asked, answered, scene: setattr(answered, "json", answered.json[-1:])
        ),
    )
    yield Defect(
        "versions-oldest-first",
        "Versions come oldest first",
        "state",
        ("ML-513",),
        ("agents_versions_list",),
        after=on("agents_versions_list")(
            lambda asked, answered, scene: setattr(answered, "json", answered.json[::-1])
        ),
    )
    yield Defect(
        "snapshots-of-today",
        "Versions show the agent of today",
        "state",
        ("ML-513",),
        ("agents_versions_list",),
        after=on("agents_versions_list")(_todays_snapshot),
    )
    yield Defect(
        "maximum-not-checked",
        "Hold times beyond an hour are taken",
        "state",
        ("ML-509", "ML-901"),
        ("agents_create",),
        before=_hour,
    )
    yield Defect(
        "enum-not-checked",
        "A product that is none becomes spark",
        "state",
        ("ML-509", "ML-901"),
        ("agents_create",),
        before=_any_product,
    )
    yield Defect(
        "required-not-checked",
        "An agent without a prompt gets one",
        "state",
        ("ML-510", "ML-901"),
        ("agents_create",),
        before=_any_prompt,
    )
    yield Defect(
        "wrong-field-named",
        "The wrong field is named",
        "state",
        ("ML-509", "ML-510", "ML-442"),
        ("calls_issue_reports", "agents_create"),
        after=lambda asked, answered, scene: (
            setattr(answered, "json", {"non_field_errors": ["Wrong."]})
            if answered.status == 400 and asked.body
            else None
        ),
    )
    yield Defect(
        "longest-name-refused",
        "Names of 255 characters are refused",
        "state",
        ("ML-511",),
        ("agents_partial_update",),
        before=lambda asked, scene: (
            _field_error("name")
            if asks(asked, "agents_partial_update") and len(str((asked.json or {}).get("name", ""))) == 255
            else None
        ),
    )
    yield Defect(
        "ids-from-the-request",
        "An id that is sent is answered",
        "state",
        ("ML-503",),
        ("integrations_create",),
        after=_own_ids,
    )
    yield Defect(
        "refused-patch-half-done",
        "A refused change is half kept",
        "state",
        ("ML-514",),
        ("agents_partial_update",),
        after=_half_done,
    )
    yield Defect(
        "stale-reads",
        "Reads are a write behind",
        "state",
        ("ML-117", "ML-504"),
        ("agents_retrieve",),
        after=_stale,
    )
    yield Defect(
        "twins-merged", "Equal creations are merged", "state", ("ML-118",), ("agents_create",), before=_merged
    )
    yield Defect(
        "duplicate-forgets",
        "A duplicate loses its hold time",
        "state",
        ("ML-735",),
        ("agents_duplicate",),
        after=each("agents_duplicate", change=put("max_hold_seconds", None)),
    )
    yield Defect(
        "reading-changes",
        "Reading a call files a report",
        "state",
        ("ML-515", "ML-443"),
        ("calls_retrieve",),
        before=_nosy,
    )
    yield Defect(
        "patch-unassigns",
        "PATCH of one agent unassigns the other",
        "state",
        ("ML-726",),
        ("phone_numbers_partial_update",),
        before=_unassign,
    )
    yield Defect(
        "put-keeps-agents",
        "PUT keeps an agent that is left out",
        "state",
        ("ML-726",),
        ("phone_numbers_update",),
        before=_keep_assigned,
    )
    yield Defect(
        "number-active-at-once",
        "A new number is active",
        "time",
        ("ML-724",),
        ("phone_numbers_create",),
        after=each("phone_numbers_create", change=put("status", "active")),
    )
    yield Defect(
        "limits-not-counted",
        "Used numbers are not counted",
        "state",
        ("ML-725",),
        ("phone_numbers_limits_list",),
        after=each("phone_numbers_limits_list", change=put("platform_numbers_used", 0)),
    )
    yield Defect(
        "credentials-shown",
        "A connection shows its SIP password",
        "state",
        ("ML-731",),
        ("voip_connections_create",),
        before=_remember_password,
        after=each(
            "voip_connections_create",
            "voip_connections_retrieve",
            change=lambda row: row["sip_config"].update(password="hush-hush"),
        ),
    )
    yield Defect(
        "links-outlive",
        "A deleted integration stays linked",
        "state",
        ("ML-733",),
        ("agents_retrieve",),
        after=_outlived,
    )


def _forget(asked: Asked, name: str) -> None:
    if isinstance(asked.json, dict):
        asked.json = {each: value for each, value in asked.json.items() if each != name}


def _trim(asked: Asked, scene: Scene) -> None:
    body = asked.json
    if (
        asks(asked, "agents_create")
        and isinstance(body, dict)
        and isinstance(body.get("name"), str)
        and body["name"].strip()
    ):
        asked.json = {**body, "name": body["name"].strip()}


def _resetting(asked: Asked, scene: Scene) -> None:
    body = asked.json
    if asks(asked, "agents_partial_update") and isinstance(body, dict):
        asked.json = {"widget_enabled": True, "max_hold_seconds": None, "prompt": "Be brief.", **body}


async def _pretend(asked: Asked, answered: Answered, scene: Scene) -> None:
    if asks(asked, "agents_retrieve") and answered.status == 200:
        answered.json = scene.memory.setdefault(asked.path, answered.json)


async def _merging(asked: Asked, scene: Scene) -> None:
    body = asked.json
    if asks(asked, "agents_update") and isinstance(body, dict):
        now: Answered = await scene.behind(Asked("GET", asked.path, "", asked.headers, b""))
        if now.status == 200:
            kept = (
                "product",
                "thinking_level",
                "background_track",
                "max_hold_seconds",
                "inbound_speak_order",
                "outbound_speak_order",
                "widget_enabled",
            )
            required = {"name", "prompt", "voice"} <= set(body)
            asked.json = {**{name: now.json[name] for name in kept}, **body} if required else body


async def _ghost(asked: Asked, answered: Answered, scene: Scene) -> Answered | None:
    if asks(asked, "agents_retrieve"):
        if answered.status == 200:
            scene.memory[asked.path] = answered
        elif asked.path in scene.memory:
            remembered: Answered = scene.memory[asked.path]
            return remembered
    return None


def _lingering(asked: Asked, answered: Answered, scene: Scene) -> None:
    if asks(asked, "agents_create") and answered.status == 201:
        scene.memory.setdefault(asked.key, []).append(answered.json)
    if asks(asked, "agents_list") and answered.status == 200:
        listed = answered.json
        known = {row["id"] for row in listed}
        answered.json = listed + [row for row in scene.memory.get(asked.key, []) if row["id"] not in known]


def _gone(answered: Answered) -> None:
    answered.status, answered.headers, answered.body = 204, [], b""


def _todays_snapshot(asked: Asked, answered: Answered, scene: Scene) -> None:
    found = answered.json
    answered.json = [{**row, "snapshot": found[0]["snapshot"]} for row in found]


def _hour(asked: Asked, scene: Scene) -> None:
    body = asked.json
    if (
        asks(asked, "agents_create", "agents_partial_update", "agents_update")
        and isinstance(body, dict)
        and body.get("max_hold_seconds") == 3601
    ):
        asked.json = {**body, "max_hold_seconds": 3600}


def _any_product(asked: Asked, scene: Scene) -> None:
    body = asked.json
    if (
        asks(asked, "agents_create")
        and isinstance(body, dict)
        and isinstance(body.get("product"), str)
        and not re.match("spark|bolt|storm", body["product"])
    ):
        asked.json = {**body, "product": "spark"}


def _any_prompt(asked: Asked, scene: Scene) -> None:
    body = asked.json
    if asks(asked, "agents_create") and isinstance(body, dict) and "prompt" not in body:
        asked.json = {**body, "prompt": "You are helpful."}


def _own_ids(asked: Asked, answered: Answered, scene: Scene) -> None:
    body = asked.json
    if asks(asked, "integrations_create") and answered.status == 201 and isinstance(body, dict) and "id" in body:
        _set(answered, "id", lambda made: body["id"])


async def _half_done(asked: Asked, answered: Answered, scene: Scene) -> None:
    body = asked.json
    if (
        asks(asked, "agents_partial_update")
        and answered.status == 400
        and isinstance(body, dict)
        and len(body) > 1
    ):
        name = next(iter(body))
        await scene.behind(Asked("PATCH", asked.path, "", asked.headers, json.dumps({name: body[name]}).encode()))


def _stale(asked: Asked, answered: Answered, scene: Scene) -> None:
    if asks(asked, "agents_retrieve") and answered.status == 200:
        before = scene.memory.get(asked.path, answered.json)
        scene.memory[asked.path] = answered.json
        answered.json = before


async def _merged(asked: Asked, scene: Scene) -> Answered | None:
    if not asks(asked, "agents_create") or not asked.key:
        return None
    known = (asked.key, asked.body)
    if known not in scene.memory:
        answered: Answered = await scene.behind(asked)
        if answered.status == 201:
            scene.memory[known] = answered
        return answered
    remembered: Answered = scene.memory[known]
    return remembered


async def _nosy(asked: Asked, scene: Scene) -> None:
    if asks(asked, "calls_retrieve") and asked.key:
        body = json.dumps({"title": "Read", "severity": "info"}).encode()
        headers = [*asked.headers, ("content-type", "application/json")]
        await scene.behind(Asked("POST", asked.path + "/issue-reports", "", headers, body))


def _unassign(asked: Asked, scene: Scene) -> None:
    body = asked.json
    if asks(asked, "phone_numbers_partial_update") and isinstance(body, dict) and body and "status" not in body:
        asked.json = {"inbound_agent_id": None, "outbound_agent_id": None, **body}


async def _keep_assigned(asked: Asked, scene: Scene) -> None:
    if asks(asked, "phone_numbers_update") and isinstance(asked.json, dict):
        asked.method = "PATCH"


def _remember_password(asked: Asked, scene: Scene) -> None:
    """Nothing: the reply is what is wrong."""


def _outlived(asked: Asked, answered: Answered, scene: Scene) -> None:
    if asks(asked, "agents_create", "agents_partial_update") and answered.status in (200, 201):
        scene.memory[answered.json["id"]] = answered.json["integrations"]
    if asks(asked, "agents_retrieve") and answered.status == 200:
        _set(answered, "integrations", lambda agent: scene.memory.get(agent["id"], agent["integrations"]))


# -- access --------------------------------------------------------------------------------------------


def access() -> Iterator[Defect]:
    """Keys, organizations and money."""
    yield Defect(
        "revoked-key-goes-on",
        "A revoked key goes on",
        "state",
        ("ML-604",),
        ("developer_api_keys_delete",),
        before=_undying,
    )
    yield Defect(
        "key-shown-again",
        "The list shows keys",
        "state",
        ("ML-603",),
        ("developer_api_keys_list",),
        after=each("developer_api_keys_list", change=put("key", "sk_live_0123456789abcdef")),
    )
    yield Defect(
        "prefix-of-ten",
        "A key's prefix has ten characters",
        "state",
        ("ML-603",),
        ("developer_api_keys_create",),
        after=each("developer_api_keys_create", change=put("key_prefix", lambda row: row["key"][:10])),
    )
    yield Defect(
        "everybody-reads-agents",
        "Agents are readable by anybody",
        "state",
        ("ML-605",),
        ("agents_retrieve",),
        after=_shared("agents_retrieve"),
    )
    yield Defect(
        "everybody-reads-calls",
        "Calls are readable by anybody",
        "state",
        ("ML-606",),
        ("calls_retrieve",),
        after=_shared("calls_retrieve"),
    )
    yield Defect(
        "everybody-lists-integrations",
        "A list over all organizations",
        "state",
        ("ML-605", "ML-502"),
        ("integrations_list",),
        after=_all_lists,
    )
    yield Defect(
        "unknown-agents-assigned",
        "A number takes any agent",
        "state",
        ("ML-607", "ML-727"),
        ("phone_numbers_partial_update",),
        after=_assigned,
    )
    yield Defect(
        "members-may-manage-keys",
        "A member may list keys",
        "state",
        ("ML-612",),
        ("developer_api_keys_list",),
        after=_no_roles,
    )
    yield Defect(
        "invites-twice", "An invite can be accepted twice", "state", ("ML-611",), ("invites_accept",), after=_twice
    )
    yield Defect(
        "invite-default-admin",
        "Without a role an invite is for an admin",
        "state",
        ("ML-611",),
        ("invites_create",),
        before=_admin,
    )
    yield Defect(
        "removed-members-stay",
        "A removed member stays in the list",
        "state",
        ("ML-613",),
        ("members_list",),
        after=_members_stay,
    )
    yield Defect(
        "rename-not-kept",
        "A new name is forgotten",
        "state",
        ("ML-609",),
        ("orgs_partial_update",),
        before=_unnamed,
    )
    yield Defect(
        "balance-drifts",
        "The balance is not the sum",
        "state",
        ("ML-701", "ML-703"),
        ("billing_list",),
        after=each("billing_list", change=lambda row: row.update(balance_cents=row["balance_cents"] + 1)),
    )
    yield Defect(
        "dollars-rounded",
        "Dollars have one decimal",
        "state",
        ("ML-701",),
        ("billing_list",),
        after=each("billing_list", change=put("balance_usd", lambda row: row["balance_usd"][:-1])),
    )
    yield Defect(
        "call-paid-twice",
        "A call has two transactions",
        "state",
        ("ML-702", "ML-701", "ML-201"),
        ("billing_transactions_list",),
        after=_paid_twice,
    )
    yield Defect(
        "top-up-not-added",
        "A top-up is not added",
        "state",
        ("ML-704",),
        ("billing_top_up_create",),
        before=_unpaid,
    )
    yield Defect(
        "declined-cards-pay",
        "A declined card pays",
        "state",
        ("ML-704",),
        ("billing_top_up_create",),
        before=_good_card,
    )
    yield Defect(
        "penniless-may-talk",
        "With nothing left a session opens",
        "state",
        ("ML-706",),
        ("mic_session_create",),
        before=_credit,
    )
    yield Defect(
        "widget-on-any-domain",
        "The widget opens on any page",
        "state",
        ("ML-728",),
        ("widget_session_create",),
        before=_any_origin,
    )
    yield Defect(
        "test-calls-without-consent",
        "A test call needs no consent",
        "state",
        ("ML-729", "ML-901"),
        ("test_calls_create",),
        before=_consent,
    )
    yield Defect(
        "demo-numbers-call-out",
        "A stranger's number is 403, not 404",
        "status",
        ("ML-722",),
        ("calls_place",),
        after=on("calls_place", status=404)(lambda asked, answered, scene: setattr(answered, "status", 403)),
    )
    yield Defect(
        "manual-prompt-without-tier",
        "A filler prompt without its tier is taken",
        "state",
        ("ML-732",),
        ("agents_create",),
        before=_no_tier,
    )


def _undying(asked: Asked, scene: Scene) -> Answered | None:
    if asks(asked, "developer_api_keys_delete") and "00000000" not in asked.path:
        scene.memory["deleted"] = True
        return Answered(204, [], b"")
    return None


def _shared(operation: str) -> Any:
    def after(asked: Asked, answered: Answered, scene: Scene) -> Answered | None:
        if asks(asked, operation):
            if answered.status == 200:
                scene.memory[asked.path] = answered
            elif answered.status == 404 and asked.path in scene.memory:
                remembered: Answered = scene.memory[asked.path]
                return remembered
        return None

    return after


def _all_lists(asked: Asked, answered: Answered, scene: Scene) -> None:
    if asks(asked, "integrations_create") and answered.status == 201:
        scene.memory.setdefault("all", []).append(answered.json)
    if asks(asked, "integrations_list") and answered.status == 200:
        answered.json = scene.memory.get("all", [])


async def _assigned(asked: Asked, answered: Answered, scene: Scene) -> Answered | None:
    body = asked.json
    if (
        asks(asked, "phone_numbers_partial_update")
        and answered.status == 404
        and asked.key
        and "987654321987" not in asked.path
        and body
    ):
        again: Answered = await scene.behind(Asked("GET", asked.path, "", asked.headers, b""))
        if again.status == 200:
            again.json = {**again.json, **body}
            return again
    return None


def _no_roles(asked: Asked, answered: Answered, scene: Scene) -> None:
    if asks(asked, "developer_api_keys_list") and answered.status == 403:
        answered.status = 200
        answered.json = []


def _twice(asked: Asked, answered: Answered, scene: Scene) -> None:
    if asks(asked, "invites_accept") and answered.status == 409:
        answered.status = 200
        answered.json = {"detail": "Welcome."}


def _admin(asked: Asked, scene: Scene) -> None:
    if asks(asked, "invites_create") and isinstance(asked.json, dict) and "role" not in asked.json:
        asked.json = {**asked.json, "role": "admin"}


def _members_stay(asked: Asked, answered: Answered, scene: Scene) -> None:
    if asks(asked, "members_list") and answered.status == 200:
        known = scene.memory.setdefault(asked.key, {})
        known.update({row["id"]: row for row in answered.json})
        answered.json = list(known.values())


async def _unnamed(asked: Asked, scene: Scene) -> Answered | None:
    body = asked.json
    if (
        asks(asked, "orgs_partial_update")
        and isinstance(body, dict)
        and isinstance(body.get("name"), str)
        and 0 < len(body["name"]) <= 120
        and asked.key
    ):
        now: Answered = await scene.behind(Asked("GET", asked.path, "", asked.headers, b""))
        if now.status == 200:
            now.json = {**now.json, "name": body["name"]}
            return now
    return None


def _paid_twice(asked: Asked, answered: Answered, scene: Scene) -> None:
    if asks(asked, "billing_transactions_list") and answered.status == 200:
        page = answered.json
        paid = [row for row in page["results"] if row["kind"] == "call_usage"]
        if paid and page["offset"] == 0 and len(page["results"]) > 10:
            page["results"][-1] = {**paid[0], "id": 1, "created_at": page["results"][-1]["created_at"]}
            answered.json = page


def _unpaid(asked: Asked, scene: Scene) -> Answered | None:
    body = asked.json
    if asks(asked, "billing_top_up_create") and isinstance(body, dict) and body.get("amount_cents") == 5000:
        answered = Answered(201, [("content-type", "application/json")], b"")
        answered.json = {"payment_intent_id": "pi_1", "client_secret": None, "status": "succeeded"}
        return answered
    return None


def _good_card(asked: Asked, scene: Scene) -> None:
    if (
        asks(asked, "billing_top_up_create")
        and isinstance(asked.json, dict)
        and "Declined" in str(asked.json.get("payment_method_id"))
    ):
        asked.json = {**asked.json, "payment_method_id": "pm_card_visa"}


async def _credit(asked: Asked, scene: Scene) -> Answered | None:
    if not asks(asked, "mic_session_create"):
        return None
    answered: Answered = await scene.behind(asked)
    if answered.status == 402:
        answered.status = 201
        answered.json = {
            "call_id": 1,
            "token": "a.e30.c",
            "room_name": "mic-1",
            "server_url": "wss://x.example.com",
        }
    return answered


def _any_origin(asked: Asked, scene: Scene) -> None:
    if asks(asked, "widget_session_create") and asked.header("origin"):
        asked.headers = [
            (name, "https://shop.example.com" if name == "origin" else value) for name, value in asked.headers
        ]


def _consent(asked: Asked, scene: Scene) -> None:
    if asks(asked, "test_calls_create") and isinstance(asked.json, dict) and "consent_to_charge" in asked.json:
        asked.json = {**asked.json, "consent_to_charge": True}


def _no_tier(asked: Asked, scene: Scene) -> None:
    body = asked.json
    if (
        asks(asked, "agents_create")
        and isinstance(body, dict)
        and body.get("acknowledgement_prompt")
        and "product" not in body
    ):
        asked.json = {**body, "product": "storm-base-with-ack"}


# -- webhooks ------------------------------------------------------------------------------------------


def webhooks() -> Iterator[Defect]:
    """What arrives at a receiver."""
    yield Defect(
        "wrong-secret",
        "Signed with another secret",
        "webhook",
        ("ML-802",),
        webhook=lambda sent, scene: _sign(sent, "whsec_other"),
    )
    yield Defect(
        "signed-before-a-change",
        "The body is changed after signing",
        "webhook",
        ("ML-801", "ML-802"),
        webhook=lambda sent, scene: setattr(sent, "body", sent.body + b" "),
    )
    yield Defect(
        "v1-missing",
        "The first signature is missing",
        "webhook",
        ("ML-802",),
        webhook=lambda sent, scene: _drop(sent, "x-thunderphone-signature"),
    )
    yield Defect(
        "v2-missing",
        "The second signature is missing",
        "webhook",
        ("ML-802",),
        webhook=lambda sent, scene: _drop(sent, "x-thunderphone-signature-v2"),
    )
    yield Defect(
        "v2-old-time",
        "The second signature's time is an hour old",
        "webhook",
        ("ML-802",),
        webhook=lambda sent, scene: _old(sent),
    )
    yield Defect(
        "v1-in-capitals",
        "The first signature is in capitals",
        "webhook",
        ("ML-802",),
        webhook=lambda sent, scene: _upper(sent),
    )
    yield Defect(
        "keys-unsorted", "Keys are not sorted", "webhook", ("ML-801",), webhook=lambda sent, scene: _unsorted(sent)
    )
    yield Defect(
        "event-without-id",
        "Events have no event_id",
        "webhook",
        ("ML-801", "ML-803"),
        webhook=lambda sent, scene: _rewrite(sent, lambda event: event.pop("event_id", None)),
    )
    yield Defect(
        "same-event-id",
        "All events have one id",
        "webhook",
        ("ML-801", "ML-804"),
        webhook=lambda sent, scene: _rewrite(
            sent, lambda event: event.update(event_id="00000000-0000-4000-8000-000000000000")
        ),
    )
    yield Defect(
        "all-events-to-all",
        "web events are told as telephony",
        "webhook",
        ("ML-804", "ML-815", "ML-803"),
        webhook=lambda sent, scene: _rewrite(
            sent, lambda event: event.update(type=event["type"].replace("web.", "telephony."))
        ),
    )
    yield Defect(
        "graded-is-lost",
        "call.graded is never sent",
        "webhook",
        ("ML-804", "ML-812", "ML-803"),
        webhook=lambda sent, scene: False if (sent.json or {}).get("type") == "call.graded" else None,
    )
    yield Defect(
        "events-twice",
        "Every event is sent twice",
        "webhook",
        ("ML-804", "ML-806", "ML-801"),
        webhook=lambda sent, scene: "twice",
    )
    yield Defect(
        "no-second-try",
        "Nothing is sent again",
        "webhook",
        ("ML-806", "ML-807"),
        webhook=lambda sent, scene: _once(sent, scene),
    )
    yield Defect(
        "data-without-minutes",
        "web.complete lacks its minutes",
        "webhook",
        ("ML-803", "ML-811"),
        webhook=lambda sent, scene: _rewrite(sent, lambda event: event["data"].pop("billable_minutes", None)),
    )
    yield Defect(
        "data-of-other-words",
        "web.complete's transcript is in the API's form",
        "webhook",
        ("ML-803", "ML-811"),
        webhook=lambda sent, scene: _rewrite(sent, _api_form),
    )
    yield Defect(
        "query-lost",
        "A URL's query is lost",
        "webhook",
        ("ML-817",),
        webhook=lambda sent, scene: setattr(sent, "url", sent.url.partition("?")[0]),
    )
    yield Defect(
        "events-by-put",
        "Events are PUT",
        "webhook",
        ("ML-801",),
        webhook=lambda sent, scene: setattr(sent, "method", "PUT"),
    )
    yield Defect(
        "disabled-endpoints-get-events",
        "Disabled endpoints are active",
        "webhook",
        ("ML-805",),
        before=_never_disabled,
    )
    yield Defect(
        "events-filter-ignored", "Endpoints get all events", "webhook", ("ML-804", "ML-805"), before=_no_choice
    )
    yield Defect(
        "secret-shown-again",
        "The list shows secrets",
        "webhook",
        ("ML-809",),
        after=each("developer_webhook_endpoints_list", change=put("secret", "whsec_1234567890")),
    )
    yield Defect(
        "hint-of-first-letters",
        "The hint shows the secret's beginning",
        "webhook",
        ("ML-809",),
        after=each(
            "developer_webhook_endpoints_create", change=put("secret_hint", lambda row: row["secret"][:12])
        ),
    )
    yield Defect(
        "old-url-new-names",
        "The older URL gets the new names",
        "webhook",
        ("ML-810",),
        webhook=lambda sent, scene: _rewrite(
            sent, lambda event: event.update(type=event["type"].replace("call.complete", "telephony.complete"))
        ),
    )
    yield Defect(
        "answers-ignored",
        "A receiver's answer is ignored",
        "webhook",
        ("ML-813",),
        webhook=lambda sent, scene: False if "incoming" in str((sent.json or {}).get("type")) else None,
    )
    yield Defect(
        "tool-events-without-answer",
        "Tool events lack the answer",
        "webhook",
        ("ML-818",),
        webhook=lambda sent, scene: _rewrite(sent, lambda event: event["data"].update(response=None), "tool"),
    )
    yield Defect(
        "grade-told-pending",
        "call.graded tells a pending grade",
        "webhook",
        ("ML-812",),
        webhook=lambda sent, scene: _rewrite(
            sent, lambda event: event["data"]["grade"].update(status="pending"), "graded"
        ),
    )


def _sign(sent: Sent, secret: str) -> None:
    name = sent.header("x-thunderphone-signature")
    if name is not None:
        sent.headers[name] = hmac.new(secret.encode(), sent.body, hashlib.sha256).hexdigest()


def _resign(sent: Sent) -> None:
    """Sign again with the right secret, so that only the content is wrong."""
    if sent.secret is None:
        return
    _sign(sent, sent.secret)
    name = sent.header("x-thunderphone-signature-v2")
    if name is not None:
        stamp = sent.headers[name].split(",")[0].removeprefix("t=")
        _second(sent, name, stamp)


def _second(sent: Sent, name: str, stamp: str) -> None:
    path = "/" + sent.url.split("://", 1)[1].partition("/")[2]
    digest = hmac.new(
        (sent.secret or "").encode(), f"{stamp}\n{sent.method}\n{path}\n".encode() + sent.body, hashlib.sha256
    ).hexdigest()
    sent.headers[name] = f"t={stamp},v1={digest}"


def _drop(sent: Sent, header: str) -> None:
    name = sent.header(header)
    if name is not None:
        del sent.headers[name]


def _old(sent: Sent) -> None:
    name = sent.header("x-thunderphone-signature-v2")
    if name is not None:
        stamp = int(sent.headers[name].split(",")[0].removeprefix("t=")) - 3600
        _second(sent, name, str(stamp))


def _upper(sent: Sent) -> None:
    name = sent.header("x-thunderphone-signature")
    if name is not None:
        sent.headers[name] = sent.headers[name].upper()


def _unsorted(sent: Sent) -> None:
    event = sent.json
    if isinstance(event, dict) and "type" in event:
        sent.body = json.dumps(dict(sorted(event.items(), reverse=True)), separators=(",", ":")).encode()
        _resign(sent)


def _rewrite(sent: Sent, change: Any, kind: str = "") -> None:
    event = sent.json
    if isinstance(event, dict) and kind in str(event.get("type", "")) and "data" in event:
        change(event)
        sent.body = json.dumps(event, sort_keys=True, separators=(",", ":")).encode()
        _resign(sent)


def _api_form(event: Json) -> None:
    for row in event["data"].get("transcripts", ()):
        row["content_type"] = "text"


def _once(sent: Sent, scene: Scene) -> bool | None:
    event = (sent.json or {}).get("event_id")
    if (sent.url, event) in scene.memory:
        return False
    scene.memory[sent.url, event] = True
    return None


def _never_disabled(asked: Asked, scene: Scene) -> None:
    if (
        asks(asked, "developer_webhook_endpoints_create")
        and isinstance(asked.json, dict)
        and asked.json.get("status") == "disabled"
    ):
        asked.json = {**asked.json, "status": "active"}


def _no_choice(asked: Asked, scene: Scene) -> None:
    doors = ("developer_webhook_endpoints_create", "developer_webhook_endpoints_partial_update")
    events = asked.json.get("events") if asks(asked, *doors) and isinstance(asked.json, dict) else None
    if isinstance(events, list) and events != ["telephony.incoming"]:
        asked.json = {**asked.json, "events": []}


# -- further corners -----------------------------------------------------------------------------------


def corners() -> Iterator[Defect]:
    """One defect each for laws about smaller corners."""
    yield Defect(
        "unknown-paths-are-pages",
        "Unknown paths are HTML",
        "status",
        ("ML-112",),
        after=lambda asked, answered, scene: _page(asked, answered, scene) if answered.status == 404 else None,
    )
    yield Defect(
        "head-crashes",
        "HEAD fails",
        "status",
        ("ML-114",),
        before=lambda asked, scene: refused(500) if asked.method == "HEAD" else None,
    )
    yield Defect(
        "interruptions-untold",
        "Interruptions are not in the history",
        "state",
        ("ML-326",),
        ("calls_history_list",),
        after=each(
            "calls_history_list",
            change=put("type", "patch"),
            only=lambda row: row.get("type") == "interrupt",
        ),
    )
    yield Defect(
        "grading-hits-all-calls",
        "Grading one call grades them all",
        "state",
        ("ML-405",),
        ("calls_grade",),
        before=_all_graded,
        after=_shown_pending,
    )
    yield Defect(
        "grader-signs-as-user",
        "The grader's reports are a user's",
        "state",
        ("ML-406",),
        ("calls_issue_reports_list",),
        after=each("calls_issue_reports_list", change=put("source", "user")),
    )
    yield Defect(
        "anything-is-graded",
        "Calls that do not exist are graded",
        "status",
        ("ML-407", "ML-508"),
        ("calls_grade",),
        after=on("calls_grade", status=404)(_graded_anyhow),
    )
    yield Defect(
        "endpoint-method-ignored",
        "A new integration is always POST, with no headers",
        "state",
        ("ML-501",),
        ("integrations_create",),
        before=lambda asked, scene: _forget(asked, "headers") if asks(asked, "integrations_create") else None,
    )
    yield Defect(
        "health-behind-the-key",
        "The health check wants a key",
        "status",
        ("ML-602",),
        ("healthz_list",),
        before=lambda asked, scene: refused(401) if asks(asked, "healthz_list") and not asked.key else None,
    )
    yield Defect(
        "list-without-role",
        "The organization's role is missing in the list",
        "schema",
        ("ML-608",),
        ("orgs_list",),
        after=each("orgs_list", change=lose("role")),
    )
    yield Defect(
        "deleted-organizations-stay",
        "A deleted organization goes on",
        "state",
        ("ML-610",),
        ("orgs_delete",),
        before=lambda asked, scene: (
            Answered(204, [], b"") if asks(asked, "orgs_delete") and asked.key in scene.memory else None
        ),
        after=lambda asked, answered, scene: scene.memory.setdefault(asked.key, True),
    )
    yield Defect(
        "moves-copy",
        "Moving an agent leaves it here too",
        "state",
        ("ML-614",),
        ("agents_transfer",),
        before=_copied,
        after=on("agents_transfer")(lambda asked, answered, scene: setattr(answered, "status", 200)),
    )
    yield Defect(
        "reload-settings-forgotten",
        "Reload amounts are not kept",
        "state",
        ("ML-705",),
        ("billing_bulk_update",),
        after=each("billing_list", change=put("auto_reload_amount_cents", 0)),
    )
    yield Defect(
        "outbound-says-inbound",
        "Placed calls are inbound",
        "state",
        ("ML-721",),
        ("calls_place",),
        after=each(
            *CALLS, change=put("direction", "inbound"), only=lambda row: row.get("direction") == "outbound"
        ),
    )
    yield Defect(
        "one-room-for-all",
        "All mic sessions share a room",
        "state",
        ("ML-723",),
        ("mic_session_create",),
        after=each("mic_session_create", change=put("room_name", "mic-room")),
    )
    yield Defect(
        "batch-counters-stay",
        "A batch never counts its runs",
        "state",
        ("ML-730",),
        ("test_call_batches_retrieve",),
        after=each("test_call_batches_retrieve", change=put("completed_runs", 0)),
    )
    yield Defect(
        "tests-always-ok",
        "A test request is always ok",
        "state",
        ("ML-734",),
        ("integrations_test_request_create",),
        after=each("integrations_test_request_create", change=put("ok", True)),
    )
    yield Defect(
        "everything-is-english",
        "Every prompt is English",
        "state",
        ("ML-736",),
        ("agents_prompt_language_check_create",),
        after=each(
            "agents_prompt_language_check_create",
            change=lambda row: row.update(detected_language_code="en", mismatch=False),
        ),
    )
    yield Defect(
        "graded-before-complete",
        "call.graded overtakes",
        "webhook",
        ("ML-808",),
        webhook=_late_complete,
    )
    yield Defect(
        "late-answers-taken",
        "A wrong answer fails the call",
        "webhook",
        ("ML-814",),
        after=each(
            *CALLS,
            change=lambda row: row.update(status="failed", end_reason="error"),
            only=lambda row: row.get("direction") == "inbound" and row.get("status") == "completed",
        ),
    )
    yield Defect(
        "events-to-everybody",
        "Every event goes to every endpoint of the server",
        "webhook",
        ("ML-816",),
        after=_heard_everywhere,
        webhook=_to_everybody,
    )
    yield Defect(
        "failed-calls-untold",
        "Calls that failed are not told",
        "webhook",
        ("ML-820",),
        webhook=_untold("telephony.complete", "failed"),
    )
    yield Defect(
        "money-untold",
        "Nobody is told that money runs out",
        "webhook",
        ("ML-821",),
        webhook=_untold("alert.triggered"),
    )
    yield Defect(
        "run-told-as-queued",
        "test-call.completed tells the run as it began",
        "webhook",
        ("ML-819",),
        webhook=lambda sent, scene: _rewrite(
            sent, lambda event: event["data"]["test_call"].update(status="queued"), "test-call"
        ),
    )


def _untold(kind: str, status: str | None = None) -> Any:
    """Never send events of a kind, or those about calls of a status."""

    def webhook(sent: Sent, scene: Scene) -> bool | None:
        event = sent.json
        if not isinstance(event, dict) or event.get("type") != kind:
            return None
        return False if status is None or event["data"]["status"] == status else None

    return webhook


async def _all_graded(asked: Asked, scene: Scene) -> None:
    if asks(asked, "calls_grade") and asked.key:
        scene.memory[asked.key] = True


def _shown_pending(asked: Asked, answered: Answered, scene: Scene) -> None:
    if asks(asked, "calls_retrieve") and answered.status == 200 and asked.key in scene.memory:
        _set(answered, "grade_status", lambda call: "pending")


def _graded_anyhow(asked: Asked, answered: Answered, scene: Scene) -> None:
    if not asked.key:
        return
    answered.status = 200
    answered.json = {
        "id": 1,
        "call_id": 1,
        "score": None,
        "call_outcome": None,
        "summary": None,
        "detected_issues": [],
        "status": "pending",
        "created_at": "2026-04-20T18:00:00.000Z",
    }


def _copied(asked: Asked, scene: Scene) -> None:
    if asks(asked, "agents_transfer") and isinstance(asked.json, dict) and asked.json.get("mode") == "move":
        asked.json = {**asked.json, "mode": "copy"}


def _late_complete(sent: Sent, scene: Scene) -> None:
    """Tell the completion where the grade was due, and the other way round."""
    event = sent.json
    if isinstance(event, dict) and event.get("type") in ("telephony.complete", "call.graded"):
        held = scene.memory.get(sent.url)
        if held is None and event["type"] == "telephony.complete":
            scene.memory[sent.url] = sent.body
            event = {**event, "type": "call.graded"}
        elif event["type"] == "call.graded" and held is not None:
            event = {**event, "type": "telephony.complete"}
        sent.body = json.dumps(event, sort_keys=True, separators=(",", ":")).encode()
        _resign(sent)


def _heard_everywhere(asked: Asked, answered: Answered, scene: Scene) -> None:
    if asks(asked, "developer_webhook_endpoints_create") and answered.status == 201:
        scene.memory.setdefault("first", answered.json["url"])


def _to_everybody(sent: Sent, scene: Scene) -> str | None:
    if scene.memory.get("first", sent.url) != sent.url:
        sent.url = scene.memory["first"]
        return "twice"
    return None


def every_defect() -> list[Defect]:
    """The whole catalogue."""
    found = [
        *schema(),
        *statuses(),
        *lists(),
        *calls(),
        *judgements(),
        *resources(),
        *access(),
        *webhooks(),
        *corners(),
    ]
    names = [defect.name for defect in found]
    assert len(set(names)) == len(names), "two defects have one name"
    return found
