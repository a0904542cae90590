"""Exports of calls: as CSV, or as JSON with what was said."""

import csv
import io
import re

import orjson

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Raw, Reply
from mockserver.lifecycles import conversations
from mockserver.simulation import views
from mockserver.spec.roles import list_items
from mockserver.world.store import Document
from mockserver.world.world import World

EXPORT_ROWS = 1_000


def calls_export_list(world: World, inputs: Inputs) -> Reply:
    """The newest calls that match as a file, completed ones if no status is asked for."""
    where = {} if "status" in inputs.query else {"status": "completed"}
    page = defaults.matching(world, inputs, limit=EXPORT_ROWS, where=where)
    kind = inputs.query["export_format"]
    headers = {"Content-Disposition": f"attachment; filename=calls-export-{world.now[:10]}.{kind}"}
    truncated = page.total > EXPORT_ROWS
    if truncated:
        headers |= {"X-Truncated": "true", "X-Total-Count": str(page.total)}
    rows = [record.document for record in page.records]
    if kind == "csv":
        return Reply(Raw(_csv(rows, _columns(inputs)), "text/csv; charset=utf-8"), headers=headers)
    found = [{**row, "transcripts": views.transcript(conversations.of(world, row["call_id"]))} for row in rows]
    return Reply({"calls": found, "total": page.total, "truncated": truncated}, headers=headers)


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
