"""The column headings of reference tables and what each column holds."""

import re
from enum import StrEnum

from mockserver.compiler.typewords import strip_markup


class Column(StrEnum):
    """What a column holds."""

    METHOD = "method"
    PATH = "path"
    ENDPOINT = "endpoint"  # method and path in one cell
    NAME = "name"
    TYPE = "type"
    REQUIRED = "required"
    DEFAULT = "default"
    ALLOWED = "allowed values"
    TEXT = "description"
    STATUS = "status"
    SECTION = "section"
    BODY = "body"
    EVENT = "event"
    APPLIES = "applies to"
    EXAMPLE = "example"
    LOCATION = "in"
    REPLY = "reply"


KEYS = (Column.METHOD, Column.ENDPOINT, Column.PATH, Column.NAME, Column.STATUS, Column.EVENT)

HEADINGS: dict[str, Column] = {
    **dict.fromkeys(["method", "verb", "http method"], Column.METHOD),
    **dict.fromkeys(["path", "url", "route"], Column.PATH),
    **dict.fromkeys(["endpoint", "operation"], Column.ENDPOINT),
    **dict.fromkeys(
        [
            *("field", "fields", "property", "attribute", "key", "name", "argument", "header", "column"),
            *(
                "param",
                "parameter",
                "query param",
                "query parameter",
                "path param",
                "path parameter",
                "filter",
            ),
            *("body field", "body param", "body parameter", "header name", "field name", "parameter name"),
        ],
        Column.NAME,
    ),
    **dict.fromkeys(["type", "data type", "schema"], Column.TYPE),
    **dict.fromkeys(["required", "required?", "mandatory"], Column.REQUIRED),
    **dict.fromkeys(["default", "default value"], Column.DEFAULT),
    **dict.fromkeys(
        [
            *(
                "allowed values",
                "allowed",
                "values",
                "possible values",
                "valid values",
                "enum",
                "constraints",
            ),
            *("limits", "range", "format", "value"),
        ],
        Column.ALLOWED,
    ),
    **dict.fromkeys(
        [
            *(
                "description",
                "notes",
                "note",
                "meaning",
                "details",
                "condition",
                "when",
                "explanation",
                "purpose",
            ),
            *("summary", "sent when", "reason", "comment", "comments", "what it does", "use"),
        ],
        Column.TEXT,
    ),
    **dict.fromkeys(["status", "code", "status code", "http status", "http code"], Column.STATUS),
    **dict.fromkeys(["section", "group", "category"], Column.SECTION),
    **dict.fromkeys(["body", "response body", "returns", "data", "payload", "response"], Column.BODY),
    **dict.fromkeys(["event", "event type"], Column.EVENT),
    **dict.fromkeys(["reply", "answer"], Column.REPLY),
    **dict.fromkeys(["applies to", "on"], Column.APPLIES),
    **dict.fromkeys(["example", "example value", "sample"], Column.EXAMPLE),
    **dict.fromkeys(["in", "location"], Column.LOCATION),
}

_GLUED = re.compile(
    "|".join(sorted((name.capitalize() for name in HEADINGS if name != "in"), key=len, reverse=True))
)


def column_of(heading: str) -> Column | None:
    """What the column with this heading holds; None when the heading is not known."""
    return HEADINGS.get(strip_markup(heading).lower())


def split_glued_headings(line: str) -> tuple[str, ...] | None:
    """The headings in a line such as "FieldTypeDescription"; None when the line is not a row of headings.

    At least two known headings, the first of them one that names rows.
    """
    found: list[str] = []
    at = 0
    text = line.strip()
    while at < len(text):
        match = _GLUED.match(text, at)
        if match is None:
            return None
        found.append(match[0])
        at = match.end()
    if len(found) < 2 or HEADINGS[found[0].lower()] not in (*KEYS, Column.SECTION):
        return None
    return tuple(found)
