"""Calls: export, recording, transcript, history, grading, issue reports."""

import csv
import io
import re
from datetime import UTC, datetime

import orjson

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Raw, Reply
from mockserver.errors import Conflict, NotFound
from mockserver.lifecycles import calls, conversations, grades, recordings, reports
from mockserver.simulation import views
from mockserver.spec.roles import list_items
from mockserver.world.store import Document
from mockserver.world.world import World

EXPORT_ROWS = 1_000


def calls_export_list(world: World, inputs: Inputs) -> Reply:
    """The newest completed calls as a file: metadata as CSV, or JSON with what was said."""
    page = world[calls.CALLS].page(where={"status": "completed"}, limit=EXPORT_ROWS)
    kind = inputs.query["export_format"]
    headers = {"Content-Disposition": f"attachment; filename=calls-export-{world.now[:10]}.{kind}"}
    rows = [record.document for record in page.records]
    if kind == "csv":
        return Reply(Raw(_csv(rows, _columns(inputs)), "text/csv; charset=utf-8"), headers=headers)
    found = [{**row, "transcripts": views.transcript(conversations.of(world, row["call_id"]))} for row in rows]
    return Reply({"calls": found}, headers=headers)


def calls_audio_list(world: World, inputs: Inputs) -> Reply:
    """A signed URL of the recording, once there is one."""
    call = _call(world, inputs)
    if call["recording_url"] is None:
        raise NotFound("Not found: this call has no recording (yet).")
    url = world.rules.signer.sign(
        inputs.request.base_url,
        recordings.object_path(world, call["call_id"]),
        now=datetime.fromtimestamp(world.clock.now_ms / 1000, UTC),
        lifetime_seconds=world.rules.url_seconds,
    )
    return Reply({"url": url})


def calls_transcript_list(world: World, inputs: Inputs) -> Reply:
    """What was said; while the call is in progress, what has been said so far."""
    call = _call(world, inputs)
    spoken = conversations.of(world, call["call_id"])
    rows = views.transcript(spoken, until_ms=conversations.said_until(world, call))
    return Reply({"call_id": call["call_id"], "transcripts": rows})


def calls_history_list(world: World, inputs: Inputs) -> Reply:
    """Everything that happened in the call, or has so far."""
    call = _call(world, inputs)
    spoken = conversations.of(world, call["call_id"])
    return Reply(views.history(spoken, until_ms=conversations.said_until(world, call)))


def calls_grade_list(world: World, inputs: Inputs) -> Reply:
    """The newest grade."""
    grade = grades.latest(world, _call(world, inputs))
    if grade is None:
        raise NotFound("Not found: this call has not been graded.")
    return Reply(grade)


def calls_grade(world: World, inputs: Inputs) -> Reply:
    """A new pending grade; without `force`, the recent one if there is one."""
    call = _call(world, inputs)
    if call["status"] == "in_progress":
        # No page says what happens here; grading half a call would be the worse guess.
        raise Conflict("The call is still in progress; it can be graded once it has ended.")
    latest = grades.latest(world, call)
    if latest is not None and grades.is_recent(world, latest.document) and not inputs.query.get("force", False):
        return Reply(latest)
    return Reply(grades.regrade(world, call["call_id"]))


def calls_issue_reports(world: World, inputs: Inputs) -> Reply:
    """A report by a person, counted on the call."""
    call = _call(world, inputs)
    report = {"description": "", **defaults.wanted(inputs)}
    return Reply(
        reports.file(world, call["call_id"], source="user", reported_by_id=inputs.request.user_id, **report)
    )


def _call(world: World, inputs: Inputs) -> Document:
    """The call the path names. Raises NotFound when this organization has none."""
    return defaults.find(world, calls.CALLS, "call_id", inputs).document


def _columns(inputs: Inputs) -> list[str]:
    """The fields of one exported call as the document declares them, what was said left out."""
    success = inputs.operation.success
    found = None if success is None or success.json is None else list_items(success.json)
    return [] if found is None else [name for name in found[1].properties if name != "transcripts"]


def _csv(rows: list[Document], columns: list[str]) -> bytes:
    """The rows under their field names, safe to open in a spreadsheet."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(name)) for name in columns])
    return text.getvalue().encode("utf-8")


def _cell(value: object) -> str:
    """A value as CSV text: null is empty, booleans and lists as JSON, and no text can be run as a formula."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return orjson.dumps(value).decode()
    # A spreadsheet runs what begins like this; a quote in front makes it text. A plain number or a telephone
    # number does no harm and stays as it is, for the programs that read it.
    if value[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") and not re.fullmatch(r"[+-]?[0-9.]+", value):
        return "'" + value
    return value
