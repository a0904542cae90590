"""Small documents to compare, and what the reverse of a change is."""

import copy
from collections import Counter
from typing import Any

from mockserver.comparison.findings import Comparison
from mockserver.comparison.operations import compare
from mockserver.spec.document import Document

Json = dict[str, Any]

REVERSES: tuple[tuple[frozenset[str], frozenset[str]], ...] = tuple(
    (frozenset(there.split()), frozenset(back.split()))
    for there, back in (
        ("operation-added", "operation-removed"),
        ("operation-deprecated", "operation-undeprecated"),
        ("parameter-added parameter-added-required", "parameter-removed"),
        ("parameter-became-required", "parameter-became-optional"),
        ("request-body-added request-body-added-required", "request-body-removed"),
        ("request-body-became-required", "request-body-became-optional"),
        ("request-media-type-added", "request-media-type-removed"),
        ("success-status-added", "success-status-removed"),
        ("error-status-added", "error-status-removed"),
        ("response-body-added", "response-body-removed"),
        ("response-media-type-added", "response-media-type-removed"),
        ("response-header-added", "response-header-removed"),
        ("security-required", "security-dropped"),
        ("security-option-added", "security-option-removed"),
        ("event-added", "event-removed"),
        ("event-answer-required", "event-answer-removed"),
        ("request-field-added request-field-added-required", "request-field-ignored request-field-refused"),
        ("request-field-became-required", "request-field-became-optional"),
        ("request-type-narrowed", "request-type-widened"),
        ("request-null-refused", "request-null-allowed"),
        ("request-enum-narrowed", "request-enum-widened"),
        ("request-format-added", "request-format-removed"),
        ("request-pattern-changed request-pattern-removed", "request-pattern-changed request-pattern-removed"),
        ("request-bounds-tightened", "request-bounds-loosened"),
        ("request-object-closed", "request-object-opened"),
        ("request-alternative-added", "request-alternative-removed"),
        (
            "response-field-added response-field-added-to-closed",
            "response-field-removed response-optional-field-removed",
        ),
        ("response-fields-undeclared", "response-fields-declared"),
        ("response-field-became-required", "response-field-became-optional"),
        ("response-type-narrowed", "response-type-widened"),
        ("response-null-gone", "response-null-possible"),
        ("response-enum-narrowed", "response-enum-widened"),
        ("response-format-added", "response-format-removed"),
        ("response-pattern-changed response-pattern-added", "response-pattern-changed response-pattern-added"),
        ("response-bounds-tightened", "response-bounds-loosened"),
        ("response-object-closed", "response-object-opened"),
        ("response-alternative-added", "response-alternative-removed"),
    )
)
"""Codes that the same change has there and back. Every other code is its own reverse."""


def families(comparison: Comparison, *, backwards: bool = False) -> Counter[frozenset[str]]:
    """How many changes there are of each set of codes that have one reverse; `backwards` as if it went back."""

    def family(code: str) -> frozenset[str]:
        for there, back in REVERSES:
            if code in there:
                return back if backwards else there
            if code in back:
                return there if backwards else back
        return frozenset({code})

    return Counter(family(change.code) for change in comparison.changes)


def told(comparison: Comparison) -> list[str]:
    """Each change as `severity code where`, sorted."""
    return sorted(f"{each.severity} {each.code} {each.where}" for each in comparison.changes)


def document(raw: Json, name: str = "it") -> Document:
    """A document with what it must have added."""
    whole = {"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": {}, **copy.deepcopy(raw)}
    return Document(whole, name=name)


def compared(old: Json, new: Json) -> Comparison:
    """The comparison of two documents."""
    return compare(document(old, "old"), document(new, "new"))


def content(schema: Json, media_type: str = "application/json") -> Json:
    """The `content` of a body with that schema."""
    return {"content": {media_type: {"schema": schema}}}


def one(operation: Json, **more: Any) -> Json:
    """A document with the operation `POST /things`."""
    return {"paths": {"/things": {"post": {"responses": {}, **operation}}}, **more}


def sending(schema: Json, **components: Json) -> Json:
    """A document whose one operation takes `schema`."""
    return one({"requestBody": content(schema)}, components={"schemas": components})


def receiving(schema: Json, **components: Json) -> Json:
    """A document whose one operation answers `schema`."""
    return one({"responses": {"200": content(schema)}}, components={"schemas": components})
