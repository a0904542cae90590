"""Faults written from the API's documents alone, without a look at the laws.

They measure the suite as a stranger's implementation would: see `measure`. The laws found 201 of them at first
sight and have learned from the rest since. `laws` are those that find a fault now; one without any is missed.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sabotage.stage import After, Answered, Asked, Before, Defect, Scene, Sent
from sabotage.tools import refused, rows

Json = Any

ID = r"/\d+"
UUID = r"/[0-9a-f-]{36}"
CALL = rf"/v1/calls{ID}"


def at(asked: Asked, methods: str, path: str) -> bool:
    """Whether a request has one of these methods and this path."""
    return asked.method in methods.split() and re.fullmatch(path, asked.path) is not None


def after(
    methods: str, path: str, edit: Callable[[Json, Asked, Scene], Json], *, status: int | None = None
) -> After:
    """Change the JSON of these replies: in place, or by what `edit` returns."""

    def changed(asked: Asked, answered: Answered, scene: Scene) -> None:
        right = answered.status == status if status else 200 <= answered.status < 300
        if right and at(asked, methods, path) and answered.json is not None:
            value = answered.json
            found = edit(value, asked, scene)
            answered.json = value if found is None else found

    return changed


def every(
    methods: str, path: str, edit: Callable[[Json], Any], only: Callable[[Json], bool] = lambda row: True
) -> After:
    """Change each object of these replies that fits."""

    def change(value: Json, asked: Asked, scene: Scene) -> None:
        for row in rows(value):
            if isinstance(row, dict) and only(row):
                edit(row)

    return after(methods, path, change)


def put(name: str, value: Any) -> Callable[[Json], None]:
    """Set a field, if the object has it."""

    def edit(row: Json) -> None:
        if name in row:
            row[name] = value(row) if callable(value) else value

    return edit


def lose(name: str) -> Callable[[Json], Any]:
    """Drop a field."""
    return lambda row: row.pop(name, None)


def body(methods: str, path: str, edit: Callable[[Json], Any]) -> Before:
    """Change the JSON object that is sent."""

    def changed(asked: Asked, scene: Scene) -> None:
        if at(asked, methods, path) and isinstance(asked.json, dict):
            value = asked.json
            edit(value)
            asked.json = value

    return changed


def query(path: str, edit: Callable[[dict[str, str]], Any]) -> Before:
    """Change the query of a GET."""

    def changed(asked: Asked, scene: Scene) -> None:
        if at(asked, "GET", path) and asked.query:
            value = asked.parameters
            edit(value)
            if value != asked.parameters:
                asked.parameters = value

    return changed


def header(methods: str, path: str, name: str, value: str | None) -> After:
    """Set a header of every success; None removes it."""

    def changed(asked: Asked, answered: Answered, scene: Scene) -> None:
        if at(asked, methods, path) and 200 <= answered.status < 300:
            answered.set(name, value)

    return changed


def status(methods: str, path: str, old: int, new: int) -> After:
    """Another status."""

    def changed(asked: Asked, answered: Answered, scene: Scene) -> None:
        if at(asked, methods, path) and answered.status == old:
            answered.status = new

    return changed


def replaced(methods: str, path: str, old: int, new: int, content: bytes = b"") -> After:
    """Another status with another body."""

    def changed(asked: Asked, answered: Answered, scene: Scene) -> None:
        if at(asked, methods, path) and answered.status == old:
            answered.status, answered.body = new, content
            if content:
                answered.set("content-type", "application/json")

    return changed


def get(asked: Asked, path: str, parameters: str = "") -> Asked:
    """Another read by the same caller."""
    return Asked("GET", path, parameters, asked.headers, b"")


def post(asked: Asked, path: str, value: Json, method: str = "POST") -> Asked:
    """Another write by the same caller."""
    headers = [each for each in asked.headers if each[0] != "content-type"]
    return Asked(method, path, "", [*headers, ("content-type", "application/json")], json.dumps(value).encode())


def moment(text: str) -> datetime:
    """A time of the API."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def written(when: datetime) -> str:
    """As the API writes times."""
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def later(name: str, **by: float) -> Callable[[Json], None]:
    """Move a time."""

    def edit(row: Json) -> None:
        if row.get(name):
            row[name] = written(moment(row[name]) + timedelta(**by))

    return edit


def resigned(sent: Sent, value: Json) -> None:
    """Replace a webhook's body and sign it properly."""
    sent.body = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    sign(sent)


def sign(sent: Sent, key: str | None = None, stamp: str | None = None, path: str | None = None) -> None:
    """Sign a webhook, perhaps with something else than is right."""
    secret = (key or sent.secret or "").encode()
    first, second = sent.header("x-thunderphone-signature"), sent.header("x-thunderphone-signature-v2")
    if first:
        sent.headers[first] = hmac.new(secret, sent.body, hashlib.sha256).hexdigest()
    if second:
        found = re.search(r"t=(\d+)", sent.headers[second])
        t = stamp or (found.group(1) if found else "0")
        parts = urlsplit(sent.url)
        target = path or (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        signed = f"{t}\n{sent.method}\n{target}\n".encode() + sent.body
        sent.headers[second] = f"t={t},v1={hmac.new(secret, signed, hashlib.sha256).hexdigest()}"


def on_event(*types: str) -> Callable[[Callable[[Json], Any]], Callable[[Sent, Scene], Any]]:
    """A change of the data of these events; no type means all."""

    def made(edit: Callable[[Json], Any]) -> Callable[[Sent, Scene], Any]:
        def webhook(sent: Sent, scene: Scene) -> Any:
            value = sent.json
            if isinstance(value, dict) and "type" in value and (not types or value["type"] in types):
                edit(value)
                resigned(sent, value)
            return None

        return webhook

    return made


def data(edit: Callable[[Json], Any], *types: str) -> Callable[[Sent, Scene], Any]:
    """A change of what these events tell."""
    return on_event(*types)(lambda value: edit(value["data"]))


def fault(name: str, says: str, kind: str, laws: Iterable[str] = (), **hooks: Any) -> Defect:
    """A fault."""
    return Defect(name, says, kind, tuple(laws), **hooks)


# Calls


def _third_page(value: Json, asked: Asked, scene: Scene) -> None:
    offset, limit = value["offset"], value["limit"]
    if offset >= 2 * limit and len(value["results"]) > 1:
        value["results"] = value["results"][1:]


def _total_of_the_rest(value: Json, asked: Asked, scene: Scene) -> None:
    value["total"] -= value["offset"]


def _two_filters(parameters: dict[str, str]) -> None:
    if "direction" in parameters and "status" in parameters:
        del parameters["status"]


def _dates_ignore_offsets(parameters: dict[str, str]) -> None:
    for name in ("start_date", "end_date"):
        if re.search(r"[+-]\d\d:\d\d$", parameters.get(name, "")):
            parameters[name] = parameters[name][:-6] + "Z"


def _start_is_exclusive(parameters: dict[str, str]) -> None:
    if "start_date" in parameters and parameters["start_date"].endswith("Z"):
        parameters["start_date"] = written(moment(parameters["start_date"]) + timedelta(milliseconds=1))


def _end_date_is_its_day(parameters: dict[str, str]) -> None:
    if "T" in parameters.get("end_date", ""):
        parameters["end_date"] = parameters["end_date"][:10] + "T23:59:59.999Z"


async def _from_number_by_its_end(asked: Asked, scene: Scene) -> Answered | None:
    wanted = asked.parameters.get("from_number", "")
    if not at(asked, "GET", r"/v1/calls") or len(wanted) < 10:
        return None
    asked.parameters = {name: value for name, value in asked.parameters.items() if name != "from_number"}
    own = asked.parameters
    asked.parameters = own | {"limit": "200", "offset": "0"}
    answered: Answered = await scene.behind(asked)
    if answered.status != 200:
        return answered
    value = answered.json
    found = [each for each in value["results"] if each["from_number"].endswith(wanted[-7:])]
    limit, offset = int(own.get("limit", 50)), int(own.get("offset", 0))
    answered.json = {
        "results": found[offset : offset + limit],
        "total": len(found),
        "limit": limit,
        "offset": offset,
    }
    return answered


def _oldest_first_by_agent(value: Json, asked: Asked, scene: Scene) -> None:
    if "agent_id" in asked.parameters:
        value["results"].reverse()


def _limit_capped(parameters: dict[str, str]) -> None:
    if (
        parameters.get("limit", "").isdigit()
        and int(parameters["limit"]) > 100
        and int(parameters["limit"]) <= 200
    ):
        parameters["limit"] = "100"


def _limit_clamped(parameters: dict[str, str]) -> None:
    if re.fullmatch(r"\d{1,9}", parameters.get("limit", "")) and int(parameters["limit"]) > 200:
        parameters["limit"] = "200"


def _zero_is_unset(parameters: dict[str, str]) -> None:
    if parameters.get("limit") == "0":
        del parameters["limit"]


def _empty_filter_is_refused(asked: Asked, scene: Scene) -> Answered | None:
    offset = asked.parameters.get("offset", "0")
    if at(asked, "GET", "/v1/calls") and offset.isdigit() and int(offset) > 150:
        return refused(404, "Invalid page.")
    return None


def _ceiling(row: Json) -> None:
    if row.get("duration_seconds") is not None:
        seconds = (moment(row["end_time"]) - moment(row["start_time"])).total_seconds()
        row["duration_seconds"] = int(seconds) + (seconds > int(seconds))


def _local_time(row: Json) -> None:
    for name in ("start_time", "end_time"):
        if row.get(name):
            row[name] = written(moment(row[name]) + timedelta(hours=2))


def _csv(edit: Callable[[list[list[str]]], Any]) -> After:
    import csv
    import io

    def changed(asked: Asked, answered: Answered, scene: Scene) -> None:
        if at(asked, "GET", "/v1/calls/export") and answered.status == 200 and "csv" in asked.query:
            lines = list(csv.reader(io.StringIO(answered.body.decode())))
            edit(lines)
            out = io.StringIO()
            csv.writer(out, lineterminator="\r\n").writerows(lines)
            answered.body = out.getvalue().encode()

    return changed


def _csv_none(lines: list[list[str]]) -> None:
    for line in lines[1:]:
        line[:] = ["None" if cell == "" else cell for cell in line]


def _csv_times(lines: list[list[str]]) -> None:
    for line in lines[1:]:
        line[:] = [re.sub(r"^(\d{4}-\d\d-\d\d)T(.*)\.\d{3}Z$", r"\1 \2", cell) for cell in line]


def _csv_money(lines: list[list[str]]) -> None:
    at_ = lines[0].index("billing_total_cents")
    for line in lines[1:]:
        if line[at_]:
            line[at_] = str(int(line[at_]) / 100)


def _csv_formula(lines: list[list[str]]) -> None:
    for line in lines[1:]:
        line[:] = [f"'{cell}" if cell.startswith("+") else cell for cell in line]


def _file_name(edit: Callable[[str], str]) -> After:
    def changed(asked: Asked, answered: Answered, scene: Scene) -> None:
        if at(asked, "GET", "/v1/calls/export") and answered.status == 200:
            found = dict(answered.headers).get("content-disposition", "")
            answered.set("content-disposition", edit(found))

    return changed


def _remembered_transcript(value: Json, asked: Asked, scene: Scene) -> None:
    """The rows of whichever call was asked for first by this key."""
    first = scene.memory.setdefault(asked.key, value["transcripts"])
    if len(first) > 0 and len(value["transcripts"]) > 0:
        value["transcripts"] = first


def _renumbered_from_one(value: Json, asked: Asked, scene: Scene) -> None:
    for entry in value:
        entry["index"] += 1
        if "target_index" in entry:
            entry["target_index"] += 1


def _patches_point_beside(value: Json, asked: Asked, scene: Scene) -> None:
    for entry in value:
        if entry["type"] == "patch":
            entry["target_index"] = max(0, entry["target_index"] - 1)


def _no_tool_errors(value: Json, asked: Asked, scene: Scene) -> None:
    for entry in value:
        if entry["type"] == "function_response":
            entry["error"] = None


def _arguments_as_text(value: Json, asked: Asked, scene: Scene) -> None:
    for entry in value:
        if entry["type"] == "function_call":
            entry["arguments"] = {"arguments": json.dumps(entry["arguments"])}


def _history_without_completions(value: Json, asked: Asked, scene: Scene) -> Json:
    kept = [each for each in value if each["type"] != "interrupt"]
    for number, entry in enumerate(kept):
        entry["index"] = number
    return kept


def _history_cut(value: Json, asked: Asked, scene: Scene) -> Json:
    return value[:20]


def _seconds_for_ms(value: Json, asked: Asked, scene: Scene) -> None:
    for row in value["transcripts"]:
        if row["role"] in ("tool_call", "tool_response"):
            row["start_ms"] //= 1000
            row["end_ms"] //= 1000


def _voice_of_today(row: Json, agents: dict[Any, Any]) -> None:
    if row.get("agent_id") in agents:
        row["voice"] = agents[row["agent_id"]]


def _agents_voice_now(asked: Asked, answered: Answered, scene: Scene) -> None:
    if at(asked, "PATCH PUT", rf"/v1/agents{ID}") and answered.status == 200:
        scene.memory[answered.json["id"]] = answered.json["voice"]
    if at(asked, "GET", CALL) and answered.status == 200:
        value = answered.json
        _voice_of_today(value, scene.memory)
        answered.json = value


def _forever(asked: Asked, answered: Answered, scene: Scene) -> None:
    """Addresses that were played once go on playing."""
    if not asked.path.startswith("/_storage/"):
        return
    name = (asked.path, asked.query)
    if answered.status in (200, 206):
        scene.memory[name] = answered.body
    elif name in scene.memory:
        answered.status = 200
        answered.set("content-type", "audio/mpeg")
        answered.body = scene.memory[name]


def _false_is_true(asked: Asked, scene: Scene) -> None:
    if at(asked, "POST", rf"{CALL}/grade") and asked.parameters.get("force"):
        asked.parameters = {"force": "true"}


def _force_forgotten_the_second_time(asked: Asked, scene: Scene) -> None:
    if at(asked, "POST", rf"{CALL}/grade") and asked.parameters.get("force") == "true":
        scene.memory[asked.path] = scene.memory.get(asked.path, 0) + 1
        if scene.memory[asked.path] > 1:
            asked.parameters = {}


def _first_grade(value: Json, asked: Asked, scene: Scene) -> Json:
    if value["status"] != "completed":
        return value
    return scene.memory.setdefault(asked.path, value)


def _grade_moment(row: Json) -> None:
    if row.get("grade_updated_at"):
        row["grade_updated_at"] = row["end_time"]


def _reports_counted_as_critical(row: Json) -> None:
    row["critical_issue_count"] = row["issue_count"]


def _title_cut(value: Json) -> None:
    if isinstance(value.get("title"), str):
        value["title"] = value["title"][:120]


def _severity_default(value: Json) -> None:
    value.setdefault("severity", "warning")


def _without_source(parameters: dict[str, str]) -> None:
    if "source" in parameters and "severity" in parameters:
        del parameters["source"]


def _issue_end_exclusive(parameters: dict[str, str]) -> None:
    if parameters.get("end_date", "").endswith("Z"):
        parameters["end_date"] = written(moment(parameters["end_date"]) - timedelta(milliseconds=1))


def _cached_reports(asked: Asked, answered: Answered, scene: Scene) -> None:
    """A cache for a few reads that a new report does not empty."""
    if not at(asked, "GET", rf"{CALL}/issue-reports") or answered.status != 200:
        return
    body_, left = scene.memory.get((asked.key, asked.path), (None, 0))
    if left:
        scene.memory[asked.key, asked.path] = (body_, left - 1)
        answered.body = body_
    else:
        scene.memory[asked.key, asked.path] = (answered.body, 1)


def _csv_by_default(asked: Asked, scene: Scene) -> None:
    if at(asked, "GET", "/v1/calls/export") and not asked.query:
        asked.query = "export_format=csv"


CALLS = (
    fault(
        "third-page",
        "From the third page on the first call is skipped.",
        "pagination",
        ("ML-201",),
        after=after("GET", "/v1/calls", _third_page),
    ),
    fault(
        "total-of-the-rest",
        "`total` of the calls is what is left behind the offset.",
        "pagination",
        ("ML-202",),
        after=after("GET", "/v1/calls", _total_of_the_rest),
    ),
    fault(
        "two-filters",
        "With a direction, the status is ignored.",
        "filters",
        ("ML-206",),
        before=query("/v1/calls", _two_filters),
    ),
    fault(
        "dates-ignore-offsets",
        "The UTC offset of start_date and end_date is ignored.",
        "filters",
        ("ML-206",),
        before=query("/v1/calls", _dates_ignore_offsets),
    ),
    fault(
        "start-exclusive",
        "A call that began at start_date is left out.",
        "filters",
        ("ML-206",),
        before=query("/v1/calls", _start_is_exclusive),
    ),
    fault(
        "end-date-is-a-day",
        "end_date means the end of its day.",
        "filters",
        ("ML-206",),
        before=query("/v1/calls", _end_date_is_its_day),
    ),
    fault(
        "from-number-suffix",
        "from_number matches by the last seven digits.",
        "filters",
        ("ML-206",),
        before=_from_number_by_its_end,
    ),
    fault(
        "oldest-first-by-agent",
        "With agent_id a page of calls is oldest first.",
        "order",
        ("ML-205", "ML-206"),
        after=after("GET", "/v1/calls", _oldest_first_by_agent),
    ),
    fault(
        "limit-100",
        "A limit above 100 is taken for 100.",
        "bounds",
        ("ML-201", "ML-202", "ML-206"),
        before=query("/v1/calls", _limit_capped),
    ),
    fault(
        "limit-clamped",
        "A limit above 200 is taken for 200 in issue reports.",
        "bounds",
        ("ML-204",),
        before=query("/v1/issue-reports", _limit_clamped),
    ),
    fault(
        "limit-0",
        "limit=0 of transactions is taken as left out.",
        "bounds",
        ("ML-204",),
        before=query("/v1/billing/transactions", _zero_is_unset),
    ),
    fault(
        "far-offset",
        "Offsets above 150 are 404.",
        "pagination",
        ("ML-101", "ML-201", "ML-202", "ML-203", "ML-205", "ML-206"),
        before=_empty_filter_is_refused,
    ),
    fault(
        "duration-up",
        "duration_seconds is rounded up.",
        "rounding",
        ("ML-302", "ML-309", "ML-322", "ML-811"),
        after=every("GET", rf"/v1/calls|{CALL}", _ceiling),
    ),
    fault(
        "local-times-in-list",
        "The list has start and end in local time, with a Z.",
        "times",
        ("ML-206", "ML-305", "ML-306", "ML-308", "ML-309"),
        after=every("GET", "/v1/calls", _local_time),
    ),
    fault(
        "running-duration-0",
        "duration_seconds of a running call is 0.",
        "null",
        ("ML-320",),
        after=every(
            "GET", rf"/v1/calls|{CALL}", put("duration_seconds", 0), lambda row: row.get("status") == "in_progress"
        ),
    ),
    fault(
        "failed-without-reason",
        "A failed call has no end_reason.",
        "null",
        ("ML-301",),
        after=every(
            "GET", rf"/v1/calls|{CALL}", put("end_reason", None), lambda row: row.get("status") == "failed"
        ),
    ),
    fault(
        "failed-without-end",
        "A failed call has no end_time.",
        "null",
        ("ML-301", "ML-302"),
        after=every("GET", rf"/v1/calls|{CALL}", put("end_time", None), lambda row: row.get("status") == "failed"),
    ),
    fault(
        "mic-without-agent",
        "A mic call's agent_id is null.",
        "null",
        ("ML-206", "ML-208", "ML-309", "ML-319", "ML-723"),
        after=every("GET", rf"/v1/calls|{CALL}", put("agent_id", None), lambda row: row.get("direction") == "mic"),
    ),
    fault(
        "outbound-swapped",
        "The two numbers of outbound calls are swapped.",
        "coupling",
        ("ML-206", "ML-310", "ML-318", "ML-721"),
        after=every(
            "GET",
            rf"/v1/calls|{CALL}|/v1/calls/export",
            lambda row: row.update(from_number=row["to_number"], to_number=row["from_number"]),
            lambda row: row.get("direction") == "outbound",
        ),
    ),
    fault(
        "test-call-hidden",
        "is_test_call is always false in the export.",
        "coupling",
        (
            "ML-309",
            "ML-310",
        ),
        after=every("GET", "/v1/calls/export", put("is_test_call", False)),
    ),
    fault(
        "single-charge",
        "A test call is billed once, not twice.",
        "billing",
        ("ML-703", "ML-729"),
        after=every(
            "GET",
            rf"/v1/calls|{CALL}|/v1/calls/export",
            put("billing_total_cents", lambda row: row["billing_total_cents"] // 2),
            lambda row: bool(row.get("is_test_call") and row.get("billing_total_cents")),
        ),
    ),
    fault(
        "billed-before-end",
        "billed_at is the call's start.",
        "coupling",
        ("ML-305", "ML-309"),
        after=every(
            "GET",
            rf"/v1/calls|{CALL}",
            put("billed_at", lambda row: row["start_time"]),
            lambda row: bool(row.get("billed_at")),
        ),
    ),
    fault(
        "voice-of-today",
        "A call, read by itself, has the voice its agent has now.",
        "coupling",
        ("ML-319",),
        after=_agents_voice_now,
    ),
    fault(
        "grade-moment",
        "grade_updated_at is the call's end.",
        "coupling",
        ("ML-306", "ML-310", "ML-402"),
        after=every("GET", rf"/v1/calls|{CALL}|/v1/calls/export", _grade_moment),
    ),
    fault("csv-none", "Empty cells of the CSV are None.", "export", ("ML-310",), after=_csv(_csv_none)),
    fault("csv-times", "The CSV has times in SQL's form.", "export", ("ML-310",), after=_csv(_csv_times)),
    fault(
        "csv-dollars",
        "The CSV has dollars under billing_total_cents.",
        "export",
        ("ML-310",),
        after=_csv(_csv_money),
    ),
    fault(
        "csv-formula",
        "The CSV escapes numbers with an apostrophe.",
        "export",
        ("ML-310",),
        after=_csv(_csv_formula),
    ),
    fault(
        "csv-ascending",
        "The CSV is oldest first.",
        "export",
        ("ML-310",),
        after=_csv(lambda lines: lines.__setitem__(slice(1, None), lines[:0:-1])),
    ),
    fault(
        "export-inline",
        "An export is inline.",
        "headers",
        ("ML-311",),
        after=_file_name(lambda text: text.replace("attachment", "inline")),
    ),
    fault(
        "export-name-unpadded",
        "The export's file name has no leading zeros.",
        "headers",
        ("ML-311",),
        after=_file_name(lambda text: re.sub(r"-0(\d)", r"-\1", text)),
    ),
    fault(
        "export-yesterday",
        "The export is named after the day before.",
        "headers",
        ("ML-311",),
        after=_file_name(
            lambda text: re.sub(
                r"\d{4}-\d\d-\d\d",
                lambda found: str(datetime.fromisoformat(found.group()).date() - timedelta(days=1)),
                text,
            )
        ),
    ),
    fault(
        "export-without-test-calls",
        "The JSON export leaves out test calls.",
        "export",
        (
            "ML-309",
            "ML-310",
        ),
        after=after(
            "GET",
            "/v1/calls/export",
            lambda value, asked, scene: (
                {"calls": [each for each in value["calls"] if not each["is_test_call"]]}
                if isinstance(value, dict)
                else None
            ),
        ),
    ),
    fault(
        "export-transcripts-without-tools",
        "The JSON export's transcripts lack tool rows.",
        "export",
        ("ML-309",),
        after=every(
            "GET",
            "/v1/calls/export",
            lambda row: row.update(
                transcripts=[each for each in row["transcripts"] if not each["role"].startswith("tool")]
            ),
        ),
    ),
    fault(
        "export-format-optional",
        "Without export_format the export is CSV.",
        "bounds",
        ("ML-311",),
        before=_csv_by_default,
    ),
    fault(
        "transcript-of-the-first",
        "Every transcript of a key is the first one read.",
        "cache",
        ("ML-309", "ML-316", "ML-811"),
        after=after("GET", rf"{CALL}/transcript", _remembered_transcript),
    ),
    fault(
        "transcript-tool-seconds",
        "Tool rows of a transcript have seconds.",
        "units",
        ("ML-309", "ML-312", "ML-811"),
        after=after("GET", rf"{CALL}/transcript", _seconds_for_ms),
    ),
    fault(
        "transcript-50-rows",
        "A transcript has at most 10 rows.",
        "cut",
        ("ML-309", "ML-313", "ML-316"),
        after=after(
            "GET",
            rf"{CALL}/transcript",
            lambda value, asked, scene: value.update(transcripts=value["transcripts"][:10]),
        ),
    ),
    fault(
        "history-from-one",
        "History entries are numbered from 1.",
        "off-by-one",
        ("ML-314", "ML-326"),
        after=after("GET", rf"{CALL}/history", _renumbered_from_one),
    ),
    fault(
        "patch-beside",
        "A patch names the entry before the one it corrects.",
        "off-by-one",
        ("ML-316",),
        after=after("GET", rf"{CALL}/history", _patches_point_beside),
    ),
    fault(
        "history-no-errors",
        "A tool's error is never told in the history.",
        "coupling",
        ("ML-406",),
        after=after("GET", rf"{CALL}/history", _no_tool_errors),
    ),
    fault(
        "history-arguments-text",
        "A tool's arguments are encoded twice.",
        "coupling",
        ("ML-818",),
        after=after("GET", rf"{CALL}/history", _arguments_as_text),
    ),
    fault(
        "history-no-interrupts",
        "Interruptions are left out of the history.",
        "cut",
        ("ML-314", "ML-326"),
        after=after("GET", rf"{CALL}/history", _history_without_completions),
    ),
    fault(
        "history-20",
        "A history has at most 20 entries.",
        "cut",
        ("ML-316",),
        after=after("GET", rf"{CALL}/history", _history_cut),
    ),
    fault(
        "audio-forever",
        "A recording's address that was played once never expires.",
        "recordings",
        ("ML-423",),
        after=_forever,
    ),
    fault(
        "audio-octets",
        "Recordings are application/octet-stream.",
        "recordings",
        ("ML-421",),
        after=header("GET", r"/_storage/.*", "content-type", "application/octet-stream"),
    ),
    fault("force-false", "force=false forces.", "grades", ("ML-403",), before=_false_is_true),
    fault(
        "force-once", "force works once per call.", "grades", ("ML-403",), before=_force_forgotten_the_second_time
    ),
    fault(
        "first-grade",
        "GET grade gives the first complete grade for good.",
        "grades",
        ("ML-403",),
        after=after("GET", rf"{CALL}/grade", _first_grade),
    ),
    fault(
        "grade-percent",
        "GET grade has the score in percent, the call has not.",
        "grades",
        ("ML-103", "ML-306"),
        after=after(
            "GET",
            rf"{CALL}/grade",
            lambda value, asked, scene: value.update(score=value["score"] and round(value["score"] * 100)),
        ),
    ),
    fault(
        "grade-score-rounded",
        "The list rounds grade_score to one decimal.",
        "rounding",
        ("ML-306", "ML-308", "ML-309"),
        after=every(
            "GET",
            "/v1/calls",
            lambda row: row.update(grade_score=row["grade_score"] and round(row["grade_score"], 1)),
        ),
    ),
    fault(
        "grade-created",
        "POST grade answers 201.",
        "status",
        ("ML-101",),
        after=status("POST", rf"{CALL}/grade", 200, 201),
    ),
    fault(
        "grade-running-call",
        "A call in progress is graded.",
        "status",
        ("ML-404",),
        after=status("POST", rf"{CALL}/grade", 409, 200),
    ),
    fault(
        "grade-ungraded-null",
        "An ungraded call's grade is 200 null.",
        "status",
        ("ML-103", "ML-306", "ML-323"),
        after=replaced("GET", rf"{CALL}/grade", 404, 200, b"null"),
    ),
    fault(
        "critical-is-all",
        "critical_issue_count counts every report.",
        "counters",
        ("ML-307", "ML-310"),
        after=every("GET", rf"/v1/calls|{CALL}|/v1/calls/export", _reports_counted_as_critical),
    ),
    fault(
        "title-cut",
        "A title of more than 120 characters is cut, not refused.",
        "bounds",
        ("ML-442",),
        before=body("POST", rf"{CALL}/issue-reports", _title_cut),
    ),
    fault(
        "title-trimmed",
        "A report's title is trimmed.",
        "text",
        ("ML-441",),
        before=body(
            "POST",
            rf"{CALL}/issue-reports",
            lambda value: (
                value.update(title=value["title"].strip())
                if isinstance(value.get("title"), str) and value["title"].strip()
                else None
            ),
        ),
    ),
    fault(
        "severity-default",
        "A report without severity is a warning.",
        "bounds",
        ("ML-442",),
        before=body("POST", rf"{CALL}/issue-reports", _severity_default),
    ),
    fault(
        "description-null",
        "A report without description has null.",
        "null",
        ("ML-103",),
        after=every(
            "GET POST", rf"{CALL}/issue-reports", lambda row: row.update(description=row["description"] or None)
        ),
    ),
    fault(
        "reporter-lost",
        "reported_by_id of a person's report is null.",
        "coupling",
        ("ML-441", "ML-444"),
        after=every("GET POST", rf"{CALL}/issue-reports|/v1/issue-reports", put("reported_by_id", None)),
    ),
    fault(
        "trace-shared",
        "All reports have one trace_id.",
        "identity",
        ("ML-444",),
        after=every(
            "GET POST",
            rf"{CALL}/issue-reports|/v1/issue-reports",
            put("trace_id", "00000000-0000-4000-8000-000000000000"),
        ),
    ),
    fault(
        "issues-source-lost",
        "With a severity, source is ignored.",
        "filters",
        ("ML-206",),
        before=query("/v1/issue-reports", _without_source),
    ),
    fault(
        "issues-end-exclusive",
        "end_date of issue reports is exclusive.",
        "filters",
        ("ML-206",),
        before=query("/v1/issue-reports", _issue_end_exclusive),
    ),
    fault(
        "issues-agent-ignored",
        "agent_id of issue reports is ignored with a limit.",
        "filters",
        ("ML-208",),
        before=query("/v1/issue-reports", lambda found: found.pop("agent_id", None) if "limit" in found else None),
    ),
    fault(
        "issues-stale",
        "Each second read of a call's reports is the one before.",
        "cache",
        ("ML-441", "ML-442"),
        after=_cached_reports,
    ),
    fault(
        "issues-enveloped",
        "Issue reports come in a page.",
        "shape",
        ("ML-103", "ML-441", "ML-444"),
        after=after(
            "GET",
            "/v1/issue-reports",
            lambda value, asked, scene: {"results": value, "total": len(value), "limit": 50, "offset": 0},
        ),
    ),
)

# Agents, integrations


def _null_is_absent(value: Json) -> None:
    for name in [each for each in value if value[each] is None]:
        del value[name]


def _empty_is_absent(name: str) -> Callable[[Json], None]:
    def edit(value: Json) -> None:
        if value.get(name) == []:
            del value[name]

    return edit


async def _put_keeps(name: str, asked: Asked, scene: Scene, path: str) -> None:
    """A PUT that keeps what was there when a field is left out."""
    if at(asked, "PUT", path) and isinstance(asked.json, dict) and name not in asked.json:
        was = await scene.behind(get(asked, asked.path))
        if was.status == 200 and was.json.get(name) is not None:
            asked.json = asked.json | {name: was.json[name]}


def _snapshots_of_now(value: Json, asked: Asked, scene: Scene) -> None:
    for each in value:
        each["snapshot"] = value[0]["snapshot"]


def _stale_integrations(asked: Asked, answered: Answered, scene: Scene) -> None:
    """An agent shows its integrations as they were when it was first read."""
    if not (at(asked, "GET POST PATCH PUT", r"/v1/agents(/\d+)?") and 200 <= answered.status < 300):
        return
    value = answered.json
    for agent in rows(value):
        for number, each in enumerate(agent["integrations"]):
            agent["integrations"][number] = scene.memory.setdefault(each["id"], each)
    answered.json = value


def _numbers_keep_agents(asked: Asked, answered: Answered, scene: Scene) -> None:
    """A number read by itself goes on to name the agent that was deleted."""
    if at(asked, "GET PATCH PUT", rf"/v1/phone-numbers{ID}") and answered.status == 200:
        value = answered.json
        if asked.method == "GET" and value["inbound_agent_id"] is None:
            was = scene.memory.get(value["id"])
            if was in scene.memory.get("deleted", set()):
                value["inbound_agent_id"] = was
                answered.json = value
        else:
            scene.memory[value["id"]] = value["inbound_agent_id"]
    if at(asked, "DELETE", rf"/v1/agents{ID}") and answered.status == 204:
        scene.memory.setdefault("deleted", set()).add(int(asked.path.rsplit("/", 1)[1]))


def _without_astral(value: Json) -> None:
    if isinstance(value.get("prompt"), str):
        value["prompt"] = "".join(each if ord(each) < 0x10000 else "?" for each in value["prompt"])


def _composed(value: Json) -> None:
    import unicodedata

    if isinstance(value.get("name"), str):
        value["name"] = unicodedata.normalize("NFC", value["name"])


def _cut(name: str, length: int) -> Callable[[Json], None]:
    def edit(value: Json) -> None:
        if isinstance(value.get(name), str):
            value[name] = value[name][:length]

    return edit


def _refuse_value(methods: str, path: str, name: str, unwanted: Callable[[Any], bool]) -> Before:
    def before(asked: Asked, scene: Scene) -> Answered | None:
        sent = asked.json if at(asked, methods, path) else None
        if isinstance(sent, dict) and name in sent and unwanted(sent[name]):
            answered = refused(400)
            answered.json = {name: ["This value is not valid."]}
            return answered
        return None

    return before


AGENT = rf"/v1/agents{ID}"
AGENTS = rf"/v1/agents|{AGENT}"
INTEGRATION = rf"/v1/integrations{UUID}"


def _nothing_is_502(asked: Asked, answered: Answered, scene: Scene) -> None:
    right = at(asked, "POST", "/v1/integrations/test-request") and answered.status == 200
    if right and answered.json["status_code"] is None:
        answered.status = 502


def _without_wizard(value: Json) -> None:
    if isinstance(value.get("wizard_input"), str):
        del value["wizard_input"]


def _without_acknowledgement(value: Json) -> None:
    if value.get("product", "spark") in ("spark", "bolt") and isinstance(value.get("acknowledgement_prompt"), str):
        del value["acknowledgement_prompt"]
        value.pop("acknowledgement_prompt_mode", None)


AGENTS_AND_TOOLS = (
    fault(
        "put-keeps-tools",
        "PUT of an agent without tools keeps the tools.",
        "put",
        ("ML-506",),
        before=lambda asked, scene: _put_keeps("tools", asked, scene, AGENT),
    ),
    fault(
        "put-keeps-order",
        "PUT of an agent keeps outbound_speak_order.",
        "put",
        ("ML-506",),
        before=lambda asked, scene: _put_keeps("outbound_speak_order", asked, scene, AGENT),
    ),
    fault(
        "patch-null-absent",
        "null in a PATCH of an agent is taken as left out.",
        "null",
        ("ML-509", "ML-511"),
        before=body("PATCH", AGENT, _null_is_absent),
    ),
    fault(
        "patch-empty-integrations",
        "integration_ids [] in a PATCH is taken as left out.",
        "null",
        ("ML-733",),
        before=body("PATCH", AGENT, _empty_is_absent("integration_ids")),
    ),
    fault(
        "patch-empty-tools",
        "tools [] in a PATCH is taken as left out.",
        "null",
        ("ML-511",),
        before=body("PATCH", AGENT, _empty_is_absent("tools")),
    ),
    fault(
        "widget-falsy",
        "widget_enabled false is taken as left out at creation.",
        "null",
        (
            "ML-501",
            "ML-511",
        ),
        before=body(
            "POST",
            "/v1/agents",
            lambda value: value.pop("widget_enabled", None) if value.get("widget_enabled") is False else None,
        ),
    ),
    fault(
        "hold-0-null",
        "max_hold_seconds 0 is null.",
        "null",
        ("ML-511",),
        after=every(
            "GET POST PATCH PUT", AGENTS, lambda row: row.update(max_hold_seconds=row["max_hold_seconds"] or None)
        ),
    ),
    fault(
        "hold-3600",
        "max_hold_seconds 3600 is refused.",
        "bounds",
        ("ML-511",),
        before=_refuse_value("POST PUT PATCH", AGENTS, "max_hold_seconds", lambda value: value == 3600),
    ),
    fault(
        "hold-as-text",
        "The list has max_hold_seconds as text.",
        "types",
        ("ML-103",),
        after=every(
            "GET",
            "/v1/agents",
            lambda row: row.update(
                max_hold_seconds=row["max_hold_seconds"]
                if row["max_hold_seconds"] is None
                else str(row["max_hold_seconds"])
            ),
        ),
    ),
    fault(
        "storm-thinking",
        "thinking_level of a Storm tier is base when PATCHed.",
        "coupling",
        ("ML-732",),
        after=every("PATCH", AGENT, put("thinking_level", "base"), lambda row: row["product"].startswith("storm")),
    ),
    fault(
        "numbers-keep-agent",
        "A number goes on to name its deleted agent.",
        "coupling",
        ("ML-727",),
        after=_numbers_keep_agents,
    ),
    fault(
        "snapshots-now",
        "All versions of an agent show it as it is now.",
        "versions",
        ("ML-513",),
        after=after("GET", rf"{AGENT}/versions", _snapshots_of_now),
    ),
    fault(
        "versions-3",
        "Only an agent's two newest versions are listed.",
        "versions",
        ("ML-513",),
        after=after("GET", rf"{AGENT}/versions", lambda value, asked, scene: value[:2]),
    ),
    fault(
        "number-versions-oldest",
        "A number's versions come oldest first.",
        "versions",
        ("ML-513",),
        after=after("GET", rf"/v1/phone-numbers{ID}/versions", lambda value, asked, scene: value[::-1]),
    ),
    fault(
        "integration-version-0",
        "An integration's versions are numbered from 0.",
        "versions",
        ("ML-103", "ML-513"),
        after=every("GET", rf"{INTEGRATION}/versions", lambda row: row.update(version=row["version"] - 1)),
    ),
    fault(
        "duplicate-name",
        "The name of a duplicate is ignored.",
        "semantics",
        ("ML-735",),
        before=body("POST", rf"{AGENT}/duplicate", lambda value: value.pop("name", None)),
    ),
    fault(
        "duplicate-untooled",
        "The reply to a duplication lacks the tools.",
        "semantics",
        ("ML-735",),
        after=every("POST", rf"{AGENT}/duplicate", put("tools", [])),
    ),
    fault(
        "duplicate-created",
        "A duplicate has created_at before it was made.",
        "times",
        ("ML-735",),
        after=every("POST", rf"{AGENT}/duplicate", later("created_at", hours=-1)),
    ),
    fault(
        "transfer-200",
        "A copied agent is answered with 200.",
        "status",
        ("ML-614",),
        after=status("POST", rf"{AGENT}/transfer", 201, 200),
    ),
    fault(
        "transfer-swapped",
        "Source and target of a transfer are swapped.",
        "coupling",
        ("ML-614",),
        after=every(
            "POST",
            rf"{AGENT}/transfer|{INTEGRATION}/transfer",
            lambda row: row.update(source_org_id=row["target_org_id"], target_org_id=row["source_org_id"]),
        ),
    ),
    fault(
        "transfer-moves",
        "An integration that is to be copied is moved.",
        "semantics",
        ("ML-614",),
        before=body("POST", rf"{INTEGRATION}/transfer", lambda value: value.update(mode="move")),
    ),
    fault(
        "transfer-name",
        "An agent's name for the other organization is ignored.",
        "semantics",
        ("ML-614",),
        before=body("POST", rf"{AGENT}/transfer", lambda value: value.pop("name", None)),
    ),
    fault(
        "prompt-bmp",
        "Characters beyond the basic plane are lost in prompts.",
        "text",
        ("ML-512",),
        before=body("POST PUT PATCH", AGENTS, _without_astral),
    ),
    fault(
        "name-composed",
        "Names are normalised to NFC.",
        "text",
        ("ML-512",),
        before=body("POST PUT PATCH", AGENTS, _composed),
    ),
    fault(
        "name-100",
        "An agent's name is cut at 200 characters.",
        "bounds",
        ("ML-509", "ML-511"),
        before=body("POST PUT PATCH", AGENTS, _cut("name", 200)),
    ),
    fault(
        "prompt-stripped",
        "A prompt's line ends are stripped.",
        "text",
        ("ML-512",),
        before=body(
            "POST PUT PATCH",
            AGENTS,
            lambda value: (
                value.update(prompt=value["prompt"].rstrip())
                if isinstance(value.get("prompt"), str) and value["prompt"].strip()
                else None
            ),
        ),
    ),
    fault(
        "stale-integrations",
        "An agent shows its integrations as they were.",
        "cache",
        ("ML-733",),
        after=_stale_integrations,
    ),
    fault(
        "agent-updated-list",
        "The list of agents has created_at for updated_at.",
        "times",
        ("ML-504",),
        after=every("GET", "/v1/agents", put("updated_at", lambda row: row["created_at"])),
    ),
    fault(
        "mismatch-never",
        "A prompt check never tells a mismatch.",
        "coupling",
        ("ML-736",),
        after=every("POST", "/v1/agents/prompt-language-check", put("mismatch", False)),
    ),
    fault(
        "translated",
        "An untranslated prompt claims to be translated.",
        "coupling",
        ("ML-736",),
        after=every(
            "POST", "/v1/agents/translate-prompt", lambda row: row.update(used_fallback=False, warning="")
        ),
    ),
    fault(
        "ack-409",
        "An impossible acknowledgement prompt in a PATCH is 400, not 409.",
        "status",
        ("ML-732",),
        after=status("PATCH", AGENT, 409, 400),
    ),
    fault(
        "ack-created",
        "Creating an agent with an acknowledgement prompt drops it unless Storm.",
        "validation",
        ("ML-732",),
        before=body("POST", "/v1/agents", _without_acknowledgement),
    ),
    fault(
        "integration-validated",
        "A changed URL leaves an integration validated.",
        "coupling",
        ("ML-504",),
        after=every(
            "PATCH",
            INTEGRATION,
            put("validation_status", "validated"),
            lambda row: row["version"] > 1 if "version" in row else row["created_at"] != row["updated_at"],
        ),
    ),
    fault(
        "headers-masked",
        "An integration's header values are masked when read.",
        "semantics",
        ("ML-502", "ML-504", "ML-513"),
        after=every(
            "GET",
            rf"/v1/integrations|{INTEGRATION}",
            lambda row: [each.update(value="***") for each in row["headers"]],
        ),
    ),
    fault(
        "method-default",
        "endpoint_method is GET by default.",
        "defaults",
        ("ML-501",),
        before=body("POST", "/v1/integrations", lambda value: value.setdefault("endpoint_method", "GET")),
    ),
    fault(
        "test-request-ok-3xx",
        "A test request that is answered 404 is ok.",
        "coupling",
        ("ML-734",),
        after=every(
            "POST",
            "/v1/integrations/test-request",
            lambda row: row.update(ok=row["status_code"] is not None and row["status_code"] < 500),
        ),
    ),
    fault(
        "test-request-no-headers",
        "A test request leaves out the headers.",
        "semantics",
        ("ML-734",),
        before=body("POST", "/v1/integrations/test-request", lambda value: value.pop("headers", None)),
    ),
    fault(
        "test-request-nothing-500",
        "A test request that nothing answers is 502.",
        "status",
        ("ML-734",),
        after=_nothing_is_502,
    ),
    fault(
        "wizard-lost",
        "wizard_input is not kept.",
        "fields",
        ("ML-501",),
        before=body("POST PATCH", rf"/v1/integrations|{INTEGRATION}", _without_wizard),
    ),
    fault(
        "agent-404-400",
        "An unknown integration_ids is 400, not 404.",
        "status",
        ("ML-607",),
        after=status("POST", "/v1/agents", 404, 400),
    ),
)

# Numbers, labels, connections

NUMBER = rf"/v1/phone-numbers{ID}"
NUMBERS = rf"/v1/phone-numbers|{NUMBER}"


def _status_reset(value: Json) -> None:
    value.setdefault("status", "active")


def _second_label(asked: Asked, answered: Answered, scene: Scene) -> None:
    """Labelling again answers with the label as new."""
    if at(asked, "POST", "/v1/phone-number-labels") and answered.status == 200:
        value = answered.json
        value["created_at"] = value["updated_at"]
        answered.json = value


async def _label_again(asked: Asked, scene: Scene) -> None:
    """Labelling a number again drops the old label first, so the id changes."""
    if at(asked, "POST", "/v1/phone-number-labels") and isinstance(asked.json, dict) and asked.json.get("label"):
        there = await scene.behind(get(asked, asked.path))
        for each in there.json if there.status == 200 else []:
            if each["phone_number"] == asked.json.get("phone_number") and len(str(asked.json["label"])) <= 100:
                await scene.behind(Asked("DELETE", f"{asked.path}/{each['id']}", "", asked.headers, b""))


def _evidence_again(asked: Asked, answered: Answered, scene: Scene) -> None:
    if at(asked, "POST", "/v1/voip-connections"):
        evidence = (asked.json or {}).get("verification_evidence_id") if isinstance(asked.json, dict) else None
        if answered.status == 201:
            scene.memory[evidence] = answered.body
        elif answered.status == 409 and evidence in scene.memory:
            answered.status, answered.body = 201, scene.memory[evidence]


def _config_as_sent(asked: Asked, answered: Answered, scene: Scene) -> None:
    if at(asked, "POST", "/v1/voip-connections") and answered.status == 201:
        scene.memory[answered.json["id"]] = asked.json.get("sip_config") or {}
    if at(asked, "GET", r"/v1/voip-connections/\d+") and answered.status == 200:
        answered.json = answered.json | {"sip_config": scene.memory.get(answered.json["id"], {})}


async def _remember_number(asked: Asked, scene: Scene) -> None:
    if at(asked, "DELETE", NUMBER):
        was = await scene.behind(get(asked, asked.path))
        scene.memory[asked.key, asked.path] = was.json if was.status == 200 else None


def _released_stays(asked: Asked, answered: Answered, scene: Scene) -> None:
    if at(asked, "DELETE", NUMBER) and answered.status == 204:
        scene.memory.setdefault(asked.key, []).append(scene.memory.get((asked.key, asked.path)))
    if at(asked, "GET", "/v1/phone-numbers") and answered.status == 200:
        gone = [each | {"status": "released"} for each in scene.memory.get(asked.key, []) if each]
        if gone:
            answered.json = answered.json + gone


NUMBERS_AND_LINES = (
    fault(
        "number-active-at-once",
        "A new number is active in the reply that makes it.",
        "states",
        ("ML-724",),
        after=every("POST", "/v1/phone-numbers", put("status", "active")),
    ),
    fault(
        "number-area",
        "area_code is ignored.",
        "semantics",
        ("ML-724",),
        before=body(
            "POST",
            "/v1/phone-numbers",
            lambda value: (
                value.pop("area_code", None)
                if value.get("area_code") != "999" and re.fullmatch(r"[2-9]\d\d", str(value.get("area_code")))
                else None
            ),
        ),
    ),
    fault(
        "number-put-status",
        "PUT of a number without status makes it active.",
        "put",
        ("ML-726",),
        before=body("PUT", NUMBER, _status_reset),
    ),
    fault(
        "number-put-keeps",
        "PUT of a number keeps the outbound agent.",
        "put",
        ("ML-726",),
        before=lambda asked, scene: _put_keeps("outbound_agent_id", asked, scene, NUMBER),
    ),
    fault(
        "number-patch-null",
        "null in a PATCH of a number is taken as left out.",
        "null",
        ("ML-726",),
        before=body("PATCH", NUMBER, _null_is_absent),
    ),
    fault(
        "number-digits",
        "The list has numbers without plus.",
        "formats",
        ("ML-318", "ML-502", "ML-614", "ML-731"),
        after=every("GET", "/v1/phone-numbers", lambda row: row.update(number=row["number"].lstrip("+"))),
    ),
    fault(
        "number-released-listed",
        "A released number stays in the list.",
        "delete",
        ("ML-507",),
        before=_remember_number,
        after=_released_stays,
    ),
    fault(
        "number-limit-9",
        "The limits say one number more is used.",
        "counters",
        ("ML-725",),
        after=every(
            "GET",
            "/v1/phone-numbers/limits",
            lambda row: row.update(platform_numbers_used=row["platform_numbers_used"] + 1),
            lambda row: row["platform_numbers_used"] > 0,
        ),
    ),
    fault(
        "number-limit-reached",
        "At the limit a number is refused with 409.",
        "status",
        ("ML-101", "ML-725"),
        after=status("POST", "/v1/phone-numbers", 403, 409),
    ),
    fault(
        "verified-never-said",
        "voip_last_verified_at is never set.",
        "fields",
        ("ML-731",),
        after=every("GET", NUMBERS, put("voip_last_verified_at", None)),
    ),
    fault(
        "number-transfer-cleared",
        "A transfer always says that no agents were cleared.",
        "coupling",
        ("ML-614",),
        after=every("POST", rf"{NUMBER}/transfer", put("cleared_agent_assignments", False)),
    ),
    fault(
        "number-oldest",
        "Numbers are listed oldest first.",
        "order",
        ("ML-211",),
        after=after("GET", "/v1/phone-numbers", lambda value, asked, scene: value[::-1]),
    ),
    fault("label-recreated", "Labelling again makes a new label.", "upsert", ("ML-118",), before=_label_again),
    fault(
        "label-created-again",
        "Labelling again answers with a new created_at.",
        "upsert",
        ("ML-118",),
        after=_second_label,
    ),
    fault(
        "label-201",
        "A new label is 201.",
        "status",
        ("ML-101",),
        after=status("POST", "/v1/phone-number-labels", 200, 201),
    ),
    fault(
        "label-cut",
        "A label is cut at 100 characters.",
        "bounds",
        ("ML-509",),
        before=body("POST", "/v1/phone-number-labels", _cut("label", 100)),
    ),
    fault(
        "label-sorted-by-name",
        "Labels are sorted by label.",
        "order",
        ("ML-211",),
        after=after(
            "GET",
            "/v1/phone-number-labels",
            lambda value, asked, scene: sorted(value, key=lambda row: row["label"]),
        ),
    ),
    fault(
        "label-delete-missing",
        "Deleting a label that is gone is 204.",
        "delete",
        ("ML-507", "ML-508"),
        after=replaced("DELETE", rf"/v1/phone-number-labels{ID}", 404, 204),
    ),
    fault(
        "evidence-again",
        "Evidence that was used answers the first connection again.",
        "reuse",
        ("ML-731",),
        after=_evidence_again,
    ),
    fault(
        "voip-credentials",
        "A connection shows its credentials when created.",
        "secrets",
        ("ML-731",),
        after=after(
            "POST",
            "/v1/voip-connections",
            lambda value, asked, scene: value.update(credentials=asked.json.get("credentials", {})),
        ),
    ),
    fault(
        "voip-config-secret",
        "A retrieved connection's sip_config is unredacted.",
        "secrets",
        ("ML-731",),
        after=_config_as_sent,
    ),
    fault(
        "voip-imported-0",
        "numbers_imported stays 0.",
        "counters",
        ("ML-731",),
        after=every("GET", r"/v1/voip-connections(/\d+)?", put("numbers_imported", 0)),
    ),
    fault(
        "voip-inferred",
        "inferred_name is true for a name that was given.",
        "coupling",
        ("ML-504",),
        after=every("GET POST", r"/v1/voip-connections(/\d+)?", put("inferred_name", True)),
    ),
    fault(
        "voip-tested-never",
        "last_tested_at is null.",
        "fields",
        ("ML-504",),
        after=every("GET POST", r"/v1/voip-connections(/\d+)?", put("last_tested_at", None)),
    ),
    fault(
        "voip-failed-evidence",
        "A failed test gives evidence.",
        "coupling",
        ("ML-731",),
        after=every(
            "POST",
            "/v1/voip-connections/test",
            put("verification_evidence_id", "0d5c2a4e-7b1f-4f0a-9a63-1f2d3c4b5a69"),
            lambda row: row["status"] == "fail",
        ),
    ),
    fault(
        "voip-test-200",
        "A test of credentials is 200.",
        "status",
        ("ML-101",),
        after=status("POST", "/v1/voip-connections/test", 201, 200),
    ),
    fault(
        "import-order",
        "Imported numbers come sorted, not in the order given.",
        "order",
        ("ML-731",),
        after=after(
            "POST",
            r"/v1/voip-connections/\d+/import-numbers",
            lambda value, asked, scene: value["results"].sort(key=lambda row: row["number"]),
        ),
    ),
    fault(
        "import-count",
        "imported_count counts one less.",
        "off-by-one",
        ("ML-731",),
        after=after(
            "POST",
            r"/v1/voip-connections/\d+/import-numbers",
            lambda value, asked, scene: value.update(imported_count=value["imported_count"] - 1),
        ),
    ),
    fault(
        "import-duplicate-400",
        "A number imported twice is 400.",
        "status",
        ("ML-731",),
        after=status("POST", r"/v1/voip-connections/\d+/import-numbers", 409, 400),
    ),
    fault(
        "import-inbound-only",
        "An imported number is source demo.",
        "words",
        ("ML-731",),
        after=every("GET", NUMBERS, put("source", "demo")),
    ),
)

# Money


def _without_cents(text: str) -> str:
    return text[:-1] if text.endswith("0") else text


def _stale_total(asked: Asked, answered: Answered, scene: Scene) -> None:
    """`total` of the transactions is counted once for every second read."""
    if at(asked, "GET", "/v1/billing/transactions") and answered.status == 200:
        value = answered.json
        before, again = scene.memory.get(asked.key, (None, False))
        if before is not None and again:
            value["total"] = before
            scene.memory[asked.key] = (before, False)
            answered.json = value
        else:
            scene.memory[asked.key] = (value["total"], True)


def _doubled(value: Json) -> None:
    if (
        isinstance(value.get("amount_cents"), int)
        and 100 <= value["amount_cents"] <= 100000
        and value["amount_cents"] % 100
    ):
        value["amount_cents"] = value["amount_cents"] // 100 * 100 + 100


BILLING = (
    fault(
        "balance-short",
        "balance_usd drops a last zero.",
        "formats",
        ("ML-704",),
        after=every("GET", "/v1/billing", put("balance_usd", lambda row: _without_cents(row["balance_usd"]))),
    ),
    fault(
        "amount-usd-positive",
        "amount_usd of what was spent lacks its sign.",
        "formats",
        ("ML-701",),
        after=every(
            "GET", "/v1/billing/transactions", put("amount_usd", lambda row: row["amount_usd"].lstrip("-"))
        ),
    ),
    fault(
        "balance-thousands",
        "balance_usd has thousands separators.",
        "formats",
        ("ML-704",),
        after=every(
            "GET PATCH", "/v1/billing", put("balance_usd", lambda row: f"{row['balance_cents'] / 100:,.2f}")
        ),
    ),
    fault(
        "topup-99",
        "A top-up of 99 cents is taken for 100.",
        "bounds",
        ("ML-704",),
        before=body(
            "POST",
            "/v1/billing/top-up",
            lambda value: value.update(amount_cents=100) if value.get("amount_cents") == 99 else None,
        ),
    ),
    fault(
        "topup-dollars",
        "A top-up is rounded up to dollars.",
        "rounding",
        ("ML-704",),
        before=body("POST", "/v1/billing/top-up", _doubled),
    ),
    fault(
        "topup-no-receipt",
        "A top-up has no receipt.",
        "coupling",
        ("ML-704",),
        after=every("GET", "/v1/billing/transactions", put("has_receipt", False)),
    ),
    fault(
        "topup-declined-400",
        "A declined top-up is 400.",
        "status",
        ("ML-704",),
        after=status("POST", "/v1/billing/top-up", 402, 400),
    ),
    fault(
        "topup-declined-code",
        "A declined top-up has no code.",
        "fields",
        ("ML-704",),
        after=after(
            "POST", "/v1/billing/top-up", lambda value, asked, scene: value.pop("code", None) and None, status=402
        ),
    ),
    fault(
        "no-card-400",
        "Reloads without a payment method are 400.",
        "status",
        ("ML-705",),
        after=status("PATCH", "/v1/billing", 422, 400),
    ),
    fault(
        "monthly-null",
        "null for the monthly limit is taken as left out.",
        "null",
        ("ML-705",),
        before=body("PATCH", "/v1/billing", _null_is_absent),
    ),
    fault(
        "reload-kind",
        "A reload is listed as manual_topup.",
        "words",
        ("ML-705",),
        after=every(
            "GET",
            "/v1/billing/transactions",
            put("kind", "manual_topup"),
            lambda row: row["kind"] == "auto_reload",
        ),
    ),
    fault(
        "reload-alone",
        "Reloads can be switched on without threshold and amount.",
        "validation",
        ("ML-705",),
        before=body(
            "PATCH",
            "/v1/billing",
            lambda value: (
                (
                    value.setdefault("auto_reload_minimum_cents", 1000),
                    value.setdefault("auto_reload_amount_cents", 5000),
                )
                if value.get("auto_reload_enabled") is True
                else None
            ),
        ),
    ),
    fault(
        "transactions-stale-total",
        "The total of the transactions is cached for a read.",
        "cache",
        ("ML-703",),
        after=_stale_total,
    ),
    fault(
        "usage-without-call",
        "call_usage has no call_id.",
        "fields",
        ("ML-701", "ML-702", "ML-703"),
        after=every("GET", "/v1/billing/transactions", put("call_id", None)),
    ),
    fault(
        "transactions-page-order",
        "Each page of transactions is oldest first.",
        "order",
        ("ML-201", "ML-203", "ML-205"),
        after=after("GET", "/v1/billing/transactions", lambda value, asked, scene: value["results"].reverse()),
    ),
    fault(
        "card-not-saved",
        "Setting a payment method answers has_payment_method false.",
        "fields",
        ("ML-705",),
        after=every("POST", "/v1/billing/default-payment-method", put("has_payment_method", False)),
    ),
    fault(
        "empty-mic-201",
        "A mic session with nothing left is 403.",
        "status",
        ("ML-101", "ML-706"),
        after=status("POST", "/v1/mic-session", 402, 403),
    ),
    fault(
        "empty-test-call",
        "A test call with nothing left is 409.",
        "status",
        ("ML-706",),
        after=status("POST", "/v1/test-calls|/v1/test-call-batches", 402, 409),
    ),
    fault(
        "empty-widget",
        "A widget session with nothing left has another word.",
        "words",
        ("ML-706",),
        after=after(
            "POST",
            "/v1/widget/session",
            lambda value, asked, scene: value.update(error="insufficient_balance"),
            status=402,
        ),
    ),
    fault(
        "usage-twice",
        "A call's usage is listed twice on the first page.",
        "counters",
        ("ML-701", "ML-702"),
        after=after(
            "GET",
            "/v1/billing/transactions",
            lambda value, asked, scene: (
                value["results"].insert(0, value["results"][0])
                if value["offset"] == 0 and value["results"] and value["results"][0]["kind"] == "call_usage"
                else None
            ),
        ),
    ),
)

# Keys, people, organizations

KEYS = "/v1/developer/api-keys"


async def _revoked_still_reads(asked: Asked, scene: Scene) -> None:
    """A revoked key goes on to read agents, by the key that revoked it."""
    if at(asked, "GET", AGENTS) and asked.key in scene.memory.get("revoked", {}):
        asked.headers = scene.memory["revoked"][asked.key]


def _remember_revoked(asked: Asked, answered: Answered, scene: Scene) -> None:
    if at(asked, "POST", KEYS) and answered.status == 201:
        scene.memory[answered.json["id"]] = answered.json["key"]
    if at(asked, "DELETE", KEYS + UUID) and answered.status == 204:
        gone = scene.memory.get(asked.path.rsplit("/", 1)[1])
        if gone and gone != asked.key:
            scene.memory.setdefault("revoked", {})[gone] = asked.headers


def _token_scheme(asked: Asked, scene: Scene) -> None:
    """`Token` is taken as a scheme, as the years before had it."""
    asked.headers = [
        (name, re.sub(r"^Token ", "Bearer ", value) if name == "authorization" else value)
        for name, value in asked.headers
    ]


def _blank_key(asked: Asked, scene: Scene) -> None:
    """A key is taken from X-API-Key too."""
    if not asked.header("authorization") and asked.header("x-api-key").startswith("sk_"):
        asked.headers = [*asked.headers, ("authorization", f"Bearer {asked.header('x-api-key')}")]


async def _role_not_kept(asked: Asked, scene: Scene) -> Answered | None:
    if at(asked, "PATCH", r"/v1/members/\d+/role") and (asked.json or {}).get("role") in ("admin", "member"):
        there = await scene.behind(get(asked, "/v1/members"))
        for each in there.json if there.status == 200 else []:
            if f"/{each['id']}/" in asked.path and each["role"] != "owner":
                answered: Answered = await scene.behind(get(asked, "/v1/members"))
                orgs = await scene.behind(get(asked, "/v1/orgs/"))
                if orgs.json[0]["role"] == "owner":
                    answered.json = each | {"role": asked.json["role"]}
                    return answered
    return None


def _member_reads_keys(asked: Asked, answered: Answered, scene: Scene) -> None:
    if at(asked, "GET", KEYS) and answered.status == 403:
        answered.status, answered.body = 200, b"[]"


def _member_lists_invites(asked: Asked, answered: Answered, scene: Scene) -> None:
    if at(asked, "GET", "/v1/invites") and answered.status == 403:
        answered.status, answered.body = 200, b"[]"


def _revoked_again(asked: Asked, answered: Answered, scene: Scene) -> None:
    if at(asked, "DELETE", KEYS + UUID):
        if answered.status == 204:
            scene.memory[asked.path] = True
        elif answered.status == 404 and asked.path in scene.memory:
            answered.status, answered.body = 204, b""


PEOPLE = (
    fault(
        "key-prefix-12",
        "key_prefix has twelve characters.",
        "formats",
        ("ML-603",),
        after=every("GET POST", KEYS, lambda row: row.update(key_prefix=row["key_prefix"][:12])),
    ),
    fault(
        "key-in-list",
        "The list shows the keys masked but for the last characters, as `key`.",
        "secrets",
        ("ML-603",),
        after=every("GET", KEYS, lambda row: row.update(key=row["key_prefix"] + "…")),
    ),
    fault(
        "revoked-reads-agents",
        "A revoked key goes on to read agents.",
        "access",
        ("ML-604",),
        before=_revoked_still_reads,
        after=_remember_revoked,
    ),
    fault(
        "revoked-hidden",
        "Revoked keys leave the list.",
        "delete",
        ("ML-604",),
        after=after("GET", KEYS, lambda value, asked, scene: [each for each in value if each["is_active"]]),
    ),
    fault(
        "revoked-again",
        "Revoking a key twice is 204.",
        "delete",
        ("ML-604",),
        after=_revoked_again,
    ),
    fault(
        "never-used",
        "last_used_at is never set.",
        "fields",
        ("ML-603",),
        after=every("GET", KEYS, put("last_used_at", None)),
    ),
    fault(
        "revoked-at-null",
        "revoked_at is null for revoked keys.",
        "fields",
        ("ML-604",),
        after=every("GET", KEYS, put("revoked_at", None)),
    ),
    fault(
        "key-default-name",
        "A key without a name is called API key.",
        "defaults",
        ("ML-603",),
        before=body("POST", KEYS, lambda value: value.setdefault("name", "API key")),
    ),
    fault(
        "keys-oldest",
        "Keys are listed oldest first.",
        "order",
        ("ML-211",),
        after=after("GET", KEYS, lambda value, asked, scene: value[::-1]),
    ),
    fault(
        "members-read-keys",
        "A member's list of keys is empty, not refused.",
        "roles",
        ("ML-612",),
        after=_member_reads_keys,
    ),
    fault(
        "members-read-invites",
        "A member's list of invites is empty, not refused.",
        "roles",
        ("ML-612",),
        after=_member_lists_invites,
    ),
    fault("scheme-token", "The scheme Token is taken.", "access", ("ML-601",), before=_token_scheme),
    fault("key-in-x-api-key", "A secret key is taken from X-API-Key.", "access", ("ML-601",), before=_blank_key),
    fault(
        "no-challenge",
        "401 has no WWW-Authenticate.",
        "headers",
        ("ML-601",),
        after=lambda asked, answered, scene: (
            answered.set("www-authenticate", None) if answered.status == 401 else None
        ),
    ),
    fault(
        "no-allow",
        "405 of agents has no Allow.",
        "headers",
        ("ML-111",),
        after=lambda asked, answered, scene: (
            answered.set("allow", None) if answered.status == 405 and asked.path.startswith("/v1/agents") else None
        ),
    ),
    fault(
        "allow-lacks",
        "Allow of a call's grade lacks POST.",
        "headers",
        ("ML-111",),
        after=lambda asked, answered, scene: (
            answered.set("allow", "GET, HEAD")
            if answered.status == 405 and asked.path.endswith("/grade")
            else None
        ),
    ),
    fault(
        "role-not-kept", "A changed role is answered and not kept.", "roles", ("ML-613",), before=_role_not_kept
    ),
    fault(
        "invite-14-days",
        "An invite expires after fourteen days.",
        "times",
        ("ML-611",),
        after=every("GET POST", "/v1/invites", later("expires_at", days=7)),
    ),
    fault(
        "invite-token",
        "An invite shows its token when made.",
        "secrets",
        ("ML-611",),
        after=every("POST", "/v1/invites", lambda row: row.update(token="e2b0c1"), lambda row: "email" in row),
    ),
    fault(
        "invite-role",
        "An invite's role is ignored.",
        "semantics",
        ("ML-611", "ML-612"),
        before=body(
            "POST",
            "/v1/invites",
            lambda value: value.update(role="member") if value.get("role") == "admin" else None,
        ),
    ),
    fault(
        "invite-twice-400",
        "A person invited twice is 400.",
        "status",
        ("ML-611",),
        after=status("POST", "/v1/invites", 409, 400),
    ),
    fault(
        "invites-oldest",
        "Invites are listed oldest first.",
        "order",
        ("ML-611",),
        after=after("GET", "/v1/invites", lambda value, asked, scene: value[::-1]),
    ),
    fault(
        "invite-answered-404",
        "An invite that was answered is 404 when declined.",
        "status",
        ("ML-611",),
        after=status("POST", r"/v1/invites/[^/]+/decline", 409, 404),
    ),
    fault(
        "members-newest",
        "Members are listed newest first.",
        "order",
        ("ML-613",),
        after=after("GET", "/v1/members", lambda value, asked, scene: value[::-1]),
    ),
    fault(
        "owner-leaves",
        "The owner who leaves is answered 400.",
        "status",
        ("ML-101", "ML-613"),
        after=status("POST", "/v1/leave", 403, 400),
    ),
    fault(
        "self-removal-403",
        "Removing oneself is 403, not 400.",
        "status",
        ("ML-612",),
        after=status("DELETE", r"/v1/members/\d+", 400, 403),
    ),
    fault(
        "ownership-204",
        "A transfer of ownership is 204.",
        "status",
        ("ML-101",),
        after=replaced("POST", r"/v1/members/\d+/transfer-ownership", 200, 204),
    ),
    fault(
        "org-403",
        "Another organization is 403, not 404.",
        "status",
        ("ML-101", "ML-608", "ML-610"),
        after=status("GET", r"/v1/orgs/\d+/", 404, 403),
    ),
    fault(
        "org-role-missing",
        "The list of organizations lacks the role.",
        "fields",
        ("ML-608", "ML-610", "ML-612", "ML-613"),
        after=every("GET", "/v1/orgs/", lose("role")),
    ),
    fault(
        "org-name-cut",
        "An organization's name is cut at 120 characters.",
        "bounds",
        ("ML-609",),
        before=body("POST PATCH", r"/v1/orgs/(\d+/)?", _cut("name", 120)),
    ),
    fault(
        "org-updated",
        "Renaming an organization leaves updated_at.",
        "times",
        ("ML-609",),
        after=every("GET PATCH", r"/v1/orgs/(\d+/)?", put("updated_at", lambda row: row["created_at"])),
    ),
)

# Sessions, test calls, voices

PK = "/v1/publishable-key"


async def _domains_by_ending(asked: Asked, scene: Scene) -> None:
    """A host that merely ends in an allowed domain is let in."""
    host = re.sub(r"^https?://|:\d+$", "", asked.header("origin"))
    for domain in scene.memory.get(asked.header("x-api-key"), []):
        if domain.count("*") == 0 and host.endswith(domain) and host != domain:
            asked.headers = [
                (name, "http://localhost" if name == "origin" else value) for name, value in asked.headers
            ]
        if domain.startswith("*.") and host == domain[2:] and scene.memory.get("bare"):
            asked.headers = [
                (name, "http://localhost" if name == "origin" else value) for name, value in asked.headers
            ]


def _remember_domains(asked: Asked, answered: Answered, scene: Scene) -> None:
    if at(asked, "POST PATCH", rf"{PK}|{PK}{ID}") and answered.status in (200, 201):
        scene.memory[answered.json["key"]] = answered.json["allowed_domains"]


def _remember_wildcards(asked: Asked, answered: Answered, scene: Scene) -> None:
    scene.memory["bare"] = True
    if at(asked, "POST PATCH", rf"{PK}|{PK}{ID}") and answered.status in (200, 201):
        scene.memory[answered.json["key"]] = [each for each in answered.json["allowed_domains"] if "*" in each]


def _prompts_not_cycled(value: Json) -> None:
    prompts, count = value.get("scenario_prompts"), value.get("run_count", 3)
    if isinstance(prompts, list) and prompts and isinstance(count, int) and len(prompts) < count <= 20:
        value["scenario_prompts"] = prompts + [prompts[-1]] * (count - len(prompts))


RUNS = "/v1/test-calls"
BATCH = r"/v1/test-call-batches/\d+"


def _paused_is_401(asked: Asked, answered: Answered, scene: Scene) -> None:
    if at(asked, "POST", "/v1/widget/session") and answered.status == 403 and b"key_disabled" in answered.body:
        answered.status = 401


def _no_localhost(asked: Asked, scene: Scene) -> None:
    if at(asked, "POST", "/v1/widget/session") and "localhost" in asked.header("origin"):
        asked.headers = [
            (name, "https://nowhere.example" if name == "origin" else value) for name, value in asked.headers
        ]


def _widget_detail(asked: Asked, answered: Answered, scene: Scene) -> None:
    if at(asked, "POST", "/v1/widget/session") and answered.status >= 400 and answered.json:
        answered.json = {"detail": answered.json["message"]}


def _limit_20(asked: Asked, scene: Scene) -> None:
    if at(asked, "GET", RUNS):
        asked.parameters = {"limit": "20"} | asked.parameters


SESSIONS = (
    fault(
        "pk-prefix-11",
        "A publishable key's prefix has eleven characters.",
        "formats",
        ("ML-728",),
        after=every(
            "GET POST PATCH", rf"{PK}|{PK}{ID}", lambda row: row.update(key_prefix=row["key_prefix"][:11])
        ),
    ),
    fault(
        "pk-list-active",
        "Deactivated publishable keys leave the list.",
        "delete",
        ("ML-507",),
        after=after("GET", PK, lambda value, asked, scene: [each for each in value if each["is_active"]]),
    ),
    fault(
        "pk-list-masked",
        "The list of publishable keys masks them.",
        "secrets",
        ("ML-502",),
        after=every("GET", PK, lambda row: row.update(key=row["key_prefix"] + "********")),
    ),
    fault(
        "pk-star",
        "The domain * is taken.",
        "validation",
        ("ML-728",),
        before=body(
            "POST",
            PK,
            lambda value: (
                value.update(allowed_domains=["example.com"]) if value.get("allowed_domains") == ["*"] else None
            ),
        ),
    ),
    fault(
        "pk-suffix",
        "A host that ends in an allowed domain is let in.",
        "access",
        ("ML-728",),
        before=_domains_by_ending,
        after=_remember_domains,
    ),
    fault(
        "pk-bare",
        "*.example.com lets in example.com.",
        "access",
        ("ML-728",),
        before=_domains_by_ending,
        after=_remember_wildcards,
    ),
    fault(
        "pk-paused-401",
        "A paused key is 401.",
        "status",
        ("ML-728",),
        after=_paused_is_401,
    ),
    fault(
        "pk-localhost",
        "localhost is refused unless it is listed.",
        "access",
        ("ML-728",),
        before=_no_localhost,
    ),
    fault(
        "widget-detail",
        "Refusals of the widget have detail.",
        "shape",
        ("ML-103", "ML-728"),
        after=_widget_detail,
    ),
    fault(
        "widget-agent-name",
        "agent_name is the key's name.",
        "coupling",
        ("ML-728",),
        after=every("POST", "/v1/widget/session", put("agent_name", "Widget")),
    ),
    fault(
        "mic-room",
        "A mic session's room is named after the call before.",
        "off-by-one",
        ("ML-723",),
        after=every("POST", "/v1/mic-session", lambda row: row.update(room_name=f"mic-{row['call_id'] - 1}")),
    ),
    fault(
        "mic-404",
        "A mic session without agent_id is 404.",
        "status",
        ("ML-723",),
        after=status("POST", "/v1/mic-session", 400, 404),
    ),
    fault(
        "mic-200",
        "A mic session is 200.",
        "status",
        ("ML-101",),
        after=status("POST", "/v1/mic-session", 201, 200),
    ),
    fault(
        "mic-inbound",
        "A mic call is inbound in the export.",
        "words",
        ("ML-309", "ML-310"),
        after=every("GET", "/v1/calls/export", put("direction", "inbound"), lambda row: row["direction"] == "mic"),
    ),
    fault(
        "test-single-estimate",
        "A test call's estimate is not doubled.",
        "billing",
        ("ML-730",),
        after=every("GET POST", RUNS, put("estimated_cost_cents", lambda row: row["estimated_cost_cents"] // 2)),
    ),
    fault(
        "test-consent",
        "consent_to_charge false is taken for true.",
        "validation",
        ("ML-729",),
        before=body(
            "POST",
            r"/v1/test-calls|/v1/test-call-batches",
            lambda value: (
                value.update(consent_to_charge=True) if value.get("consent_to_charge") is False else None
            ),
        ),
    ),
    fault(
        "test-direction",
        "A test call's record has the bot's direction.",
        "coupling",
        ("ML-729",),
        after=every(
            "GET",
            rf"/v1/calls|{CALL}",
            lambda row: row.update(
                direction={"inbound": "outbound", "outbound": "inbound"}.get(row["direction"], row["direction"])
            ),
            lambda row: row.get("is_test_call", False),
        ),
    ),
    fault(
        "test-batch-id",
        "The list of test calls lacks batch_id.",
        "null",
        ("ML-730",),
        after=every("GET", RUNS, put("batch_id", None)),
    ),
    fault(
        "test-started-null",
        "started_at of a run is null.",
        "null",
        ("ML-729",),
        after=every("GET", RUNS, put("started_at", None)),
    ),
    fault(
        "test-completed-at",
        "completed_at of a running test call is set.",
        "null",
        ("ML-729",),
        after=every("GET POST", RUNS, put("completed_at", lambda row: row["completed_at"] or row["updated_at"])),
    ),
    fault(
        "test-status-ignored",
        "The status of test calls is ignored with target_type.",
        "filters",
        ("ML-206",),
        before=query(RUNS, lambda found: found.pop("status", None) if "target_type" in found else None),
    ),
    fault(
        "test-oldest",
        "Test calls are oldest first.",
        "order",
        ("ML-730",),
        after=after("GET", RUNS, lambda value, asked, scene: value[::-1]),
    ),
    fault(
        "test-default-limit",
        "The default limit of test calls is 20.",
        "pagination",
        ("ML-203",),
        before=_limit_20,
    ),
    fault(
        "batch-default",
        "A batch has two runs by default.",
        "defaults",
        ("ML-730",),
        before=body("POST", "/v1/test-call-batches", lambda value: value.setdefault("run_count", 2)),
    ),
    fault(
        "batch-prompts",
        "A batch repeats its last prompt instead of beginning again.",
        "semantics",
        ("ML-730",),
        before=body("POST", "/v1/test-call-batches", _prompts_not_cycled),
    ),
    fault(
        "batch-stagger",
        "stagger_seconds is ignored.",
        "semantics",
        ("ML-730",),
        before=body(
            "POST",
            "/v1/test-call-batches",
            lambda value: value.update(stagger_seconds=0) if value.get("stagger_seconds") in range(601) else None,
        ),
        after=None,
    ),
    fault(
        "batch-unfinished",
        "A batch stays in progress.",
        "states",
        ("ML-730",),
        after=every("GET", BATCH, lambda row: row.update(status="in_progress", completed_at=None)),
    ),
    fault(
        "batch-counts",
        "completed_runs counts failed runs too.",
        "counters",
        ("ML-730",),
        after=every(
            "GET", BATCH, lambda row: row.update(completed_runs=row["completed_runs"] + row["failed_runs"])
        ),
    ),
    fault(
        "batch-estimate",
        "A batch's estimate is that of one run.",
        "billing",
        ("ML-730",),
        after=every(
            "GET POST",
            rf"/v1/test-call-batches|{BATCH}",
            lambda row: row.update(estimated_cost_cents=row["estimated_cost_cents"] // max(1, row["run_count"])),
        ),
    ),
    fault(
        "voices-any",
        "Voices that speak any of the languages are listed.",
        "filters",
        ("ML-209",),
        before=query(
            "/v1/voices",
            lambda found: (
                found.update(languages=found["languages"].split(",")[0])
                if "," in found.get("languages", "")
                else None
            ),
        ),
    ),
    fault(
        "voices-gender",
        "gender is ignored with category.",
        "filters",
        ("ML-209",),
        before=query("/v1/voices", lambda found: found.pop("gender", None) if "category" in found else None),
    ),
    fault(
        "voices-languages",
        "languages lists one fewer when filtered.",
        "coupling",
        ("ML-209",),
        after=after(
            "GET",
            "/v1/voices",
            lambda value, asked, scene: value.update(languages=value["languages"][1:]) if asked.query else None,
        ),
    ),
    fault(
        "placed-status",
        "A placed call's status is in_progress.",
        "words",
        ("ML-103", "ML-721"),
        after=every("POST", "/v1/call", put("status", "in_progress")),
    ),
    fault(
        "placed-both",
        "With agent_id and config, config is ignored.",
        "validation",
        ("ML-722",),
        before=body("POST", "/v1/call", lambda value: value.pop("config", None) if "agent_id" in value else None),
    ),
    fault(
        "placed-unverified",
        "An unverified number is 409.",
        "status",
        ("ML-101", "ML-722"),
        after=status("POST", "/v1/call", 403, 409),
    ),
    fault(
        "placed-config-open",
        "An unknown field of config is ignored.",
        "validation",
        ("ML-722",),
        before=body(
            "POST",
            "/v1/call",
            lambda value: (
                value.update(
                    config={
                        name: each
                        for name, each in value["config"].items()
                        if name
                        in (
                            "prompt",
                            "voice",
                            "voice_name",
                            "product",
                            "thinking_level",
                            "background_track",
                            "acknowledgement_prompt_mode",
                            "acknowledgement_prompt",
                            "tools",
                        )
                    }
                )
                if isinstance(value.get("config"), dict)
                else None
            ),
        ),
    ),
)

# Webhooks

ENDPOINTS = "/v1/developer/webhook-endpoints"


def _second_event_signed_wrong(sent: Sent, scene: Scene) -> None:
    """Every endpoint's events are signed with the secret of the first."""
    first = scene.memory.setdefault("secret", sent.secret)
    if first and first != sent.secret:
        sign(sent, key=first)


def _signed_pretty(sent: Sent, scene: Scene) -> None:
    """Signed before the body was written compactly: only events with text beyond ASCII differ."""
    text = sent.body.decode()
    if not text.isascii():
        sent.body = json.dumps(json.loads(text), sort_keys=True, separators=(",", ":")).encode()


def _v2_without_query(sent: Sent, scene: Scene) -> None:
    sign(sent, path=urlsplit(sent.url).path)


def _v2_in_ms(sent: Sent, scene: Scene) -> None:
    name = sent.header("x-thunderphone-signature-v2")
    found = re.search(r"t=(\d+)", sent.headers[name]) if name else None
    if found:
        sign(sent, stamp=found.group(1) + "000")


def _upper(sent: Sent, scene: Scene) -> None:
    name = sent.header("x-thunderphone-signature")
    if name:
        sent.headers[name] = sent.headers[name].upper()


def _legacy_names(sent: Sent, scene: Scene) -> None:
    value = sent.json
    words = {"call.complete": "telephony.complete"}
    if isinstance(value, dict) and value.get("type") in words:
        value["type"] = words[value["type"]]
        resigned(sent, value)


def _same_event_id(sent: Sent, scene: Scene) -> None:
    value = sent.json
    if isinstance(value, dict) and "event_id" in value:
        value["event_id"] = scene.memory.setdefault("id", value["event_id"])
        resigned(sent, value)


def _retry_renamed(sent: Sent, scene: Scene) -> None:
    """An event that is tried again has a new event_id."""
    value = sent.json
    if isinstance(value, dict) and "event_id" in value:
        name = (value["event_id"], sent.url)
        scene.memory[name] = scene.memory.get(name, 0) + 1
        if scene.memory[name] > 1:
            value["event_id"] = f"{value['event_id'][:-2]}{scene.memory[name]:02d}"
            resigned(sent, value)


def _never_again(sent: Sent, scene: Scene) -> Any:
    """No second try."""
    value = sent.json
    if isinstance(value, dict) and "event_id" in value:
        name = (value["event_id"], sent.url)
        scene.memory[name] = scene.memory.get(name, 0) + 1
        if scene.memory[name] > 1:
            return False
    return None


def _dropped(*types: str, only: Callable[[Json], bool] = lambda data: True) -> Callable[[Sent, Scene], Any]:
    def webhook(sent: Sent, scene: Scene) -> Any:
        value = sent.json
        if isinstance(value, dict) and value.get("type") in types and only(value["data"]):
            return False
        return None

    return webhook


def _twice(*types: str) -> Callable[[Sent, Scene], Any]:
    def webhook(sent: Sent, scene: Scene) -> Any:
        value = sent.json
        return "twice" if isinstance(value, dict) and value.get("type") in types else None

    return webhook


def _deleted_goes_on(asked: Asked, scene: Scene) -> Answered | None:
    """A deleted endpoint leaves the list, and still gets its events."""
    if at(asked, "DELETE PATCH", ENDPOINTS + UUID):
        gone = asked.path.rsplit("/", 1)[1]
        if gone in scene.memory:
            return refused(404, "Not found.")
        if asked.method == "DELETE" and scene.memory.get("made", {}).get(gone) == asked.key:
            scene.memory[gone] = True
            return Answered(204, [], b"")
    return None


def _deleted_not_listed(asked: Asked, answered: Answered, scene: Scene) -> None:
    if at(asked, "POST", ENDPOINTS) and answered.status == 201:
        scene.memory.setdefault("made", {})[answered.json["id"]] = asked.key
    if at(asked, "GET", ENDPOINTS) and answered.status == 200:
        answered.json = [each for each in answered.json if each["id"] not in scene.memory]


def _disabled_goes_on(asked: Asked, scene: Scene) -> None:
    """An endpoint that is disabled by a PATCH of nothing else is only shown as disabled."""
    if at(asked, "PATCH", ENDPOINTS + UUID) and isinstance(asked.json, dict) and "status" in asked.json:
        name = asked.path.rsplit("/", 1)[1]
        scene.memory.pop(name, None)
        if asked.json == {"status": "disabled"} and asked.key in scene.memory.get(("made", name), ""):
            scene.memory[name] = "disabled"
            asked.json = {}


def _disabled_shown(asked: Asked, answered: Answered, scene: Scene) -> None:
    if at(asked, "POST", ENDPOINTS) and answered.status == 201:
        scene.memory["made", answered.json["id"]] = asked.key
    if at(asked, "GET PATCH", rf"{ENDPOINTS}({UUID})?") and answered.status == 200:
        value = answered.json
        for each in rows(value):
            each["status"] = scene.memory.get(each["id"], each["status"])
        answered.json = value


def _tool_rows_as_text(data_: Json) -> None:
    for row in data_["transcripts"]:
        if not isinstance(row["content"], str):
            row["content"] = json.dumps(row["content"])


def _seconds_form(name: str) -> Callable[[Json], None]:
    def edit(row: Json) -> None:
        if row.get(name):
            row[name] = re.sub(r"\.\d{3}Z$", "+00:00", row[name])

    return edit


COMPLETE = ("telephony.complete", "call.complete", "web.complete")

WEBHOOKS = (
    fault(
        "hook-secret-listed",
        "The list of endpoints shows secrets.",
        "secrets",
        ("ML-809",),
        after=every("GET", ENDPOINTS, lambda row: row.update(secret="whsec_0000")),
    ),
    fault(
        "hook-hint",
        "secret_hint ends in the first characters of the secret.",
        "formats",
        ("ML-809",),
        after=after(
            "POST",
            ENDPOINTS,
            lambda value, asked, scene: value.update(secret_hint="whsec_…" + value["secret"][6:12]),
        ),
    ),
    fault(
        "hook-events-empty",
        "events [] in a PATCH of an endpoint is taken as left out.",
        "null",
        ("ML-511",),
        before=body("PATCH", ENDPOINTS + UUID, _empty_is_absent("events")),
    ),
    fault(
        "hook-deleted",
        "A deleted endpoint gets its events.",
        "delete",
        ("ML-805",),
        before=_deleted_goes_on,
        after=_deleted_not_listed,
    ),
    fault(
        "hook-disabled",
        "A disabled endpoint gets its events.",
        "states",
        ("ML-805",),
        before=_disabled_goes_on,
        after=_disabled_shown,
    ),
    fault(
        "hook-first-secret",
        "All events are signed with the first secret.",
        "signatures",
        ("ML-802", "ML-810", "ML-817"),
        webhook=_second_event_signed_wrong,
    ),
    fault(
        "hook-escaped",
        "Text beyond ASCII is escaped after signing.",
        "signatures",
        ("ML-802",),
        webhook=_signed_pretty,
    ),
    fault(
        "hook-v2-query",
        "The second signature leaves out the URL's query.",
        "signatures",
        ("ML-817",),
        webhook=_v2_without_query,
    ),
    fault(
        "hook-v2-ms",
        "The second signature's time is in milliseconds.",
        "signatures",
        ("ML-802", "ML-817"),
        webhook=_v2_in_ms,
    ),
    fault("hook-upper", "The signature is in upper case.", "signatures", ("ML-802",), webhook=_upper),
    fault(
        "hook-legacy-name",
        "The organization's webhook gets telephony.complete.",
        "words",
        ("ML-810",),
        webhook=_legacy_names,
    ),
    fault(
        "hook-same-id", "All events have one event_id.", "identity", ("ML-801", "ML-804"), webhook=_same_event_id
    ),
    fault("hook-retry-id", "A retried event has another event_id.", "retry", ("ML-806",), webhook=_retry_renamed),
    fault(
        "hook-no-retry", "A refused event is not tried again.", "retry", ("ML-806", "ML-807"), webhook=_never_again
    ),
    fault(
        "hook-graded-score",
        "call.graded has the score in percent.",
        "units",
        ("ML-803", "ML-812"),
        webhook=data(
            lambda value: value["grade"].update(
                score=value["grade"]["score"] and round(value["grade"]["score"] * 100)
            ),
            "call.graded",
        ),
    ),
    fault(
        "hook-graded-pending",
        "call.graded has the grade while it was pending.",
        "cache",
        ("ML-812",),
        webhook=data(
            lambda value: value["grade"].update(status="pending", score=None, call_outcome=None, summary=None),
            "call.graded",
        ),
    ),
    fault(
        "hook-system-reports",
        "issue.reported comes for reports of people only.",
        "semantics",
        ("ML-812",),
        webhook=_dropped("issue.reported", only=lambda value: value.get("source") == "system"),
    ),
    fault(
        "hook-incoming-lost",
        "The question of an incoming call is never sent.",
        "semantics",
        ("ML-808", "ML-810", "ML-813", "ML-814"),
        webhook=_dropped("telephony.incoming", "call.incoming"),
    ),
    fault(
        "hook-complete-failed",
        "No event tells of a failed call.",
        "semantics",
        ("ML-820",),
        webhook=_dropped(*COMPLETE, only=lambda value: value.get("status") == "failed"),
    ),
    fault(
        "hook-complete-twice",
        "The end of a call is told twice.",
        "retry",
        ("ML-808", "ML-810"),
        webhook=_twice("telephony.complete"),
    ),
    fault(
        "hook-tools-text",
        "Tool rows of a completed call are text.",
        "types",
        ("ML-811",),
        webhook=data(_tool_rows_as_text, *COMPLETE),
    ),
    fault(
        "hook-content-type-words",
        "Rows of a completed call have the transcript's content types.",
        "words",
        ("ML-803", "ML-811"),
        webhook=data(
            lambda value: [
                row.update(content_type={"text/plain": "text"}.get(row["content_type"], "function"))
                for row in value["transcripts"]
            ],
            *COMPLETE,
        ),
    ),
    fault(
        "hook-minutes-null",
        "A completed call has no billable_minutes.",
        "null",
        ("ML-811",),
        webhook=data(lambda value: value.update(billable_minutes=None), *COMPLETE),
    ),
    fault(
        "hook-transfer-null",
        "transfer_number is always null.",
        "null",
        ("ML-820",),
        webhook=data(lambda value: value.update(transfer_number=None), *COMPLETE),
    ),
    fault(
        "hook-duration-ms",
        "duration_seconds of a completed call is rounded.",
        "rounding",
        ("ML-811",),
        webhook=data(
            lambda value: value.update(
                duration_seconds=value["duration_seconds"] and value["duration_seconds"] + 1
            ),
            *COMPLETE,
        ),
    ),
    fault(
        "hook-start-zone",
        "start_time of a completed call ends in +00:00.",
        "times",
        ("ML-811",),
        webhook=data(_seconds_form("start_time"), *COMPLETE),
    ),
    fault(
        "hook-from-missing",
        "from_number and to_number of telephony.incoming are swapped.",
        "coupling",
        ("ML-813",),
        webhook=data(
            lambda value: value.update(from_number=value["to_number"], to_number=value["from_number"]),
            "telephony.incoming",
            "call.incoming",
        ),
    ),
    fault(
        "hook-tool-response",
        "A tool event has its arguments as text.",
        "types",
        ("ML-803", "ML-818"),
        webhook=data(
            lambda value: value.update(arguments=json.dumps(value["arguments"])), "telephony.tool", "web.tool"
        ),
    ),
    fault(
        "hook-tool-other-id",
        "A tool event's tool_call_id is not the history's.",
        "identity",
        ("ML-818",),
        webhook=data(
            lambda value: value.update(tool_call_id=value["tool_call_id"][::-1]), "telephony.tool", "web.tool"
        ),
    ),
    fault(
        "hook-test-grade",
        "test-call.completed has no grade.",
        "null",
        ("ML-819",),
        webhook=data(lambda value: value.update(grade=None), "test-call.completed"),
    ),
    fault(
        "hook-alert-dollars",
        "alert.triggered has dollars as balance_cents.",
        "units",
        webhook=data(lambda value: value.update(balance_cents=value["balance_cents"] // 100), "alert.triggered"),
    ),
    fault(
        "hook-alert-once",
        "balance_empty is never told.",
        "semantics",
        ("ML-821",),
        webhook=_dropped("alert.triggered", only=lambda value: value["kind"] == "balance_empty"),
    ),
    fault(
        "hook-text",
        "Events are text/plain.",
        "headers",
        ("ML-801",),
        webhook=lambda sent, scene: sent.headers.update(
            {sent.header("content-type") or "content-type": "text/plain"}
        ),
    ),
    fault(
        "hook-web-as-phone",
        "A widget call's end is told as telephony.complete.",
        "words",
        ("ML-803", "ML-804", "ML-811", "ML-815"),
        webhook=lambda sent, scene: (
            resigned(sent, sent.json | {"type": "telephony.complete"})
            if isinstance(sent.json, dict) and sent.json.get("type") == "web.complete"
            else None
        ),
    ),
    fault(
        "hook-other-voice",
        "A completed call names no voice.",
        "fields",
        ("ML-803", "ML-811"),
        webhook=data(lambda value: value.pop("voice", None), *COMPLETE),
    ),
    fault(
        "hook-issue-status",
        "issue.reported has no trace_id.",
        "fields",
        ("ML-803", "ML-812"),
        webhook=data(lambda value: value.pop("trace_id", None), "issue.reported"),
    ),
    fault(
        "legacy-secret-rotates",
        "Changing the organization's URL shows another secret.",
        "secrets",
        ("ML-810",),
        after=every("PATCH", "/v1/webhook", put("secret", "whsec_ffffffffffffffffffffffff")),
    ),
    fault(
        "legacy-204",
        "Without a URL the organization's webhook is 200 null.",
        "status",
        ("ML-103", "ML-810"),
        after=replaced("GET", "/v1/webhook", 404, 200, b"null"),
    ),
)

# HTTP


def _id_kept(asked: Asked, answered: Answered, scene: Scene) -> None:
    """An id that was sent with a creation is answered."""
    if (
        at(asked, "POST", "/v1/agents")
        and answered.status == 201
        and isinstance(asked.json, dict)
        and "id" in asked.json
    ):
        value = answered.json
        value["id"] = asked.json["id"]
        answered.json = value


def _no_media_type(asked: Asked, scene: Scene) -> None:
    """Any media type is taken for JSON by labels."""
    if at(asked, "POST", "/v1/phone-number-labels") and asked.body:
        asked.headers = [each for each in asked.headers if each[0] != "content-type"] + [
            ("content-type", "application/json")
        ]


def _double_submit(asked: Asked, answered: Answered, scene: Scene) -> Answered | None:
    """The same creation twice in a row answers the first again."""
    if at(asked, "POST", "/v1/integrations") and answered.status == 201:
        name = (asked.key, asked.body)
        if name in scene.memory:
            return Answered(201, answered.headers, scene.memory[name])
        scene.memory[name] = answered.body
    return None


def _read_marks(asked: Asked, answered: Answered, scene: Scene) -> None:
    """Reading an agent moves its updated_at."""
    if at(asked, "GET", AGENT) and answered.status == 200:
        value = answered.json
        scene.memory[asked.path] = scene.memory.get(asked.path, -1) + 1
        value["updated_at"] = written(moment(value["updated_at"]) + timedelta(seconds=scene.memory[asked.path]))
        answered.json = value


async def _leak(asked: Asked, answered: Answered, scene: Scene) -> None:
    """Labels of whoever asked first are read by everybody who has none."""
    if at(asked, "GET", "/v1/phone-number-labels") and answered.status == 200:
        if answered.json:
            scene.memory.setdefault("rows", answered.json)
        elif "rows" in scene.memory:
            answered.json = scene.memory["rows"]


def _leaked_history(asked: Asked, answered: Answered, scene: Scene) -> None:
    """A history that was read once is read by anybody."""
    if at(asked, "GET", rf"{CALL}/history"):
        if answered.status == 200:
            scene.memory[asked.path] = answered.body
        elif answered.status == 404 and asked.path in scene.memory:
            answered.status, answered.body = 200, scene.memory[asked.path]


def _leaked_batch(asked: Asked, answered: Answered, scene: Scene) -> None:
    if at(asked, "GET", BATCH):
        if answered.status == 200:
            scene.memory[asked.path] = answered.body
        elif answered.status == 404 and asked.path in scene.memory:
            answered.status, answered.body = 200, scene.memory[asked.path]


def _leaked_versions(asked: Asked, answered: Answered, scene: Scene) -> None:
    if at(asked, "GET", rf"{INTEGRATION}/versions|{NUMBER}/versions"):
        if answered.status == 200:
            scene.memory[asked.path] = answered.body
        elif answered.status == 404 and asked.path in scene.memory:
            answered.status, answered.body = 200, scene.memory[asked.path]


def _unicode_json(asked: Asked, answered: Answered, scene: Scene) -> None:
    if at(asked, "GET", "/v1/phone-number-labels") and answered.status == 200 and not answered.body.isascii():
        answered.body = answered.body.decode().encode("latin-1", "replace")


def _html(asked: Asked, answered: Answered, scene: Scene) -> None:
    """A path below /v1 that the API does not have is answered by the web server."""
    known = r"/v1/(agents|calls|orgs|phone|integr|issue|voip|test|invites|members|dev|publish|webhook)"
    if answered.status == 404 and not re.match(known, asked.path):
        answered.set("content-type", "text/html")
        answered.body = b"<h1>Not found</h1>"


def _health_asks(asked: Asked, answered: Answered, scene: Scene) -> None:
    if asked.path == "/v1/healthz" and not asked.header("authorization"):
        answered.status = 401


HTTP = (
    fault("client-id", "An id that was sent is answered.", "identity", ("ML-503",), after=_id_kept),
    fault("any-media-type", "Labels take any media type.", "http", ("ML-113",), before=_no_media_type),
    fault(
        "double-submit",
        "The same integration made twice is the first.",
        "duplicates",
        ("ML-118",),
        after=_double_submit,
    ),
    fault("read-marks", "Reading an agent moves its updated_at.", "side-effects", ("ML-515",), after=_read_marks),
    fault(
        "leak-labels",
        "Without labels one reads another organization's.",
        "tenants",
        ("ML-610",),
        after=_leak,
    ),
    fault(
        "leak-history",
        "A history can be read by other organizations.",
        "tenants",
        ("ML-606",),
        after=_leaked_history,
    ),
    fault(
        "leak-batch", "A batch can be read by other organizations.", "tenants", ("ML-730",), after=_leaked_batch
    ),
    fault(
        "leak-versions",
        "Versions can be read by others, and after deletion.",
        "tenants",
        ("ML-605",),
        after=_leaked_versions,
    ),
    fault(
        "latin-1",
        "The list of labels is Latin-1.",
        "text",
        (
            "ML-511",
            "ML-512",
        ),
        after=_unicode_json,
    ),
    fault(
        "delete-200",
        "Deleting a connection is 200 with an empty object.",
        "status",
        ("ML-101", "ML-507"),
        after=replaced("DELETE", r"/v1/voip-connections/\d+", 204, 200, b"{}"),
    ),
    fault(
        "html-404",
        "An unknown path is answered in HTML.",
        "http",
        ("ML-112",),
        after=_html,
    ),
    fault(
        "detail-list",
        "detail of a 404 of members is a list.",
        "shape",
        ("ML-103",),
        after=after(
            "DELETE PATCH POST",
            r"/v1/members/.*",
            lambda value, asked, scene: value.update(detail=[value["detail"]]),
            status=404,
        ),
    ),
    fault(
        "health-asks",
        "The health check asks for a key.",
        "access",
        ("ML-101", "ML-602"),
        after=_health_asks,
    ),
    fault(
        "field-errors-text",
        "Field errors of publishable keys are text, not lists.",
        "shape",
        ("ML-103",),
        after=after(
            "POST PATCH",
            rf"{PK}|{PK}{ID}",
            lambda value, asked, scene: {
                name: each[0] if isinstance(each, list) else each for name, each in value.items()
            },
            status=400,
        ),
    ),
    fault(
        "422",
        "Field errors of labels are 422.",
        "status",
        ("ML-101", "ML-113"),
        after=status("POST", "/v1/phone-number-labels", 400, 422),
    ),
)

DEFECTS: tuple[Defect, ...] = (
    CALLS + AGENTS_AND_TOOLS + NUMBERS_AND_LINES + BILLING + PEOPLE + SESSIONS + WEBHOOKS + HTTP
)
