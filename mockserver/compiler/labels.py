"""Headings that have a fixed meaning in API reference pages."""

# ruff: noqa: RUF001 (dashes and quotes of every kind are what this module reads)

import re
from dataclasses import dataclass
from enum import StrEnum

from mockserver.compiler.typewords import strip_markup


class Part(StrEnum):
    """Which part of an operation or object a heading opens."""

    ENDPOINTS = "endpoints"
    QUERY = "query parameters"
    PATH = "path parameters"
    HEADERS = "headers"
    PARAMETERS = "parameters"
    BODY = "body"
    RESPONSE = "response"
    ERRORS = "errors"
    FIELDS = "fields"
    EXAMPLE = "example"


@dataclass(frozen=True, slots=True)
class Label:
    """A structural heading; `status` where it names one ("Response 200")."""

    part: Part
    status: int | None = None


_STATUS = r"(?:\s*[(:–—-]?\s*(?P<status>[1-5]\d\d)(?:\s+[A-Za-z][A-Za-z ]*)?\)?)?"
_PATTERNS: tuple[tuple[Part, str], ...] = (
    (Part.ENDPOINTS, r"(?:api )?(?:endpoints?|operations|routes|methods)"),
    (Part.QUERY, r"query(?: string)?(?: param(?:eter)?s?)?|filters|query strings?"),
    (Part.PATH, r"(?:path|url) param(?:eter)?s?"),
    (Part.HEADERS, r"(?:request )?headers|header param(?:eter)?s?"),
    (Part.PARAMETERS, r"(?:request )?(?:param(?:eter)?s|arguments)"),
    (Part.BODY, r"(?:request |json )?(?:body|payload)(?: param(?:eter)?s| fields| schema| example)?"),
    (Part.BODY, r"(?:example |sample )?request(?: example| fields| schema)?"),
    (
        Part.RESPONSE,
        r"(?:(?:paginated|example|sample|success|successful|json|200) )?(?:responses?|returns)"
        r"(?: body| fields| example| object| schema| codes?| format)?" + _STATUS,
    ),
    (Part.RESPONSE, r"(?P<status>[1-5]\d\d)(?: (?:OK|Created|Accepted|No Content))"),
    (Part.ERRORS, r"errors?(?: codes?| responses?| statuses)?|status(?: codes?| es)?|possible errors"),
    (Part.FIELDS, r"fields|attributes|properties"),
    (Part.EXAMPLE, r"(?:an )?examples?"),
)
_COMPILED = [(part, re.compile(rf"(?:{pattern})", re.I)) for part, pattern in _PATTERNS]
_OBJECT = re.compile(r"^(?:the )?(?P<name>[A-Za-z][\w -]{0,50}?) object$", re.I)
_NO_OBJECT = {"response", "request", "json", "error", "the", "this", "an", "a"}


def structural(heading: str) -> Label | None:
    """What the heading opens when it is one of the structural ones, else None."""
    text = strip_markup(heading).strip().rstrip(":")
    for part, pattern in _COMPILED:
        if match := pattern.fullmatch(text):
            status = match.groupdict().get("status")
            return Label(part, int(status) if status else None)
    return None


def object_name(heading: str) -> str | None:
    """ "Call" for the heading "Call object"."""
    match = _OBJECT.match(strip_markup(heading))
    if match is None or match["name"].lower() in _NO_OBJECT:
        return None
    return match["name"]


def component_name(words: str) -> str:
    """ "IssueReport" for "Issue Report", "GradeRow" for "grade row"."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", words) if part)


def slug(heading: str) -> str:
    """The anchor of a heading: "call-object"."""
    return re.sub(r"[^\w]+", "-", strip_markup(heading).lower()).strip("-")
