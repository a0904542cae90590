"""Every kind of change: a stable code, how much it hurts, and what follows for the team of a client.

A code belongs to one direction. `request-…` is about what the client writes: bodies, parameters, answers to
events. `response-…` is about what it reads: replies, headers, events.
"""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Severity(StrEnum):
    """How much a change hurts a client that is not touched.

    breaking: it may fail. risky: it goes on, and may do something else than it did. compatible: nothing to do.
    """

    BREAKING = "breaking"
    RISKY = "risky"
    COMPATIBLE = "compatible"


@dataclass(frozen=True, slots=True)
class Rule:
    """What one kind of change means: its severity, and its consequence for the client as a sentence."""

    severity: Severity
    consequence: str


_BREAKING = {
    "operation-removed": "Calls to it fail: use another operation.",
    "parameter-added-required": "Requests without it are refused: send it.",
    "parameter-renamed": "The old name is not read any more: send the new one.",
    "parameter-became-required": "Requests without it are refused: send it always.",
    "request-body-added-required": "Requests without a body are refused: send one.",
    "request-body-became-required": "Requests without a body are refused: send one always.",
    "request-media-type-removed": "Bodies of this kind are refused: send one of the other kinds.",
    "success-status-changed": "Code that waits for the old status takes a success for a failure.",
    "success-status-removed": "Code that waits for this status never sees it.",
    "response-body-removed": "There is nothing to parse any more: do without the body.",
    "response-media-type-removed": "Replies of this kind are not sent any more: read one of the other kinds.",
    "security-required": "Requests without credentials are refused: send them.",
    "security-option-removed": "Requests with these credentials are refused: send others.",
    "event-removed": "It never arrives: whatever waits for it waits for ever.",
    "event-answer-required": "The receiver is asked now: answer with a body.",
    "request-field-added-required": "Requests without it are refused: send it.",
    "request-field-refused": "Requests that send it are refused: leave it out.",
    "request-field-renamed": "The old name is not read any more: send the new one.",
    "request-field-became-required": "Requests without it are refused: send it always.",
    "request-type-changed": "Values of the old type are refused: send the new one.",
    "request-type-narrowed": "Values of the types that are gone are refused.",
    "request-null-refused": "Requests that send null are refused: leave the field out, or send a value.",
    "request-enum-narrowed": "Requests that send one of the values that are gone are refused.",
    "request-format-added": "Text in another form is refused: send this one.",
    "request-format-changed": "Text in the old form is refused: send the new one.",
    "request-bounds-tightened": "Values outside the new bounds are refused.",
    "request-scale-changed": "The same number means something else: convert what you send.",
    "request-object-closed": "Requests with fields that are not declared are refused: leave them out.",
    "request-alternative-removed": "Requests in this form are refused: send another.",
    "response-field-removed": "Code that reads it finds nothing: do without it.",
    "response-field-renamed": "Code that reads the old name finds nothing: read the new one.",
    "response-fields-undeclared": "Nothing promises them any more: read them untyped, and check that they come.",
    "response-field-became-optional": "It may be missing: read it as optional.",
    "response-type-changed": "Parsing fails, or yields another type: read the new one.",
    "response-type-widened": "Values of types that were never sent arrive: read those too.",
    "response-null-possible": "Null may arrive where there was always a value: expect it.",
    "response-enum-widened": "Values arrive that strict parsers refuse and a switch does not know: add them.",
    "response-format-changed": "Text arrives in another form: parse the new one.",
    "response-scale-changed": "The same number means something else: convert what you read, and every threshold.",
    "response-alternative-added": "Replies arrive in a form that was never sent: read it too.",
}

_RISKY = {
    "servers-changed": "Clients with the old base URL ask the wrong server: check the setting.",
    "operation-renamed": "The path is the same. Generated clients name the function after the operationId.",
    "operation-deprecated": "It works, and will go away: plan to leave it.",
    "parameter-removed": "It is ignored: a filter that is still sent filters nothing.",
    "request-body-removed": "It is ignored: what it asked for does not happen.",
    "success-status-added": "Code that waits for one status takes this one for a failure: accept it.",
    "response-header-removed": "Code that reads it finds nothing: do without it.",
    "event-answer-removed": "The receiver is not asked any more: its answer is ignored.",
    "request-field-ignored": "It is ignored: what it asked for does not happen.",
    "request-default-changed": "Leaving it out means something else: send the value you mean.",
    "request-pattern-changed": "Text that was taken may be refused: compare it with the pattern.",
    "request-rules-changed": "Combinations that were taken may be refused: compare the rules.",
    "response-optional-field-removed": "Code that hopes for it never finds it: do without it.",
    "response-field-added-to-closed": "Parsers that took the old promise of no other fields refuse it.",
    "response-object-opened": "Fields that are not declared may arrive: parsers must ignore them.",
    "response-format-removed": "The text may have another form: parse it with care.",
    "response-pattern-changed": "The text may look different: check code that takes it apart.",
    "response-rules-changed": "Combinations that never came may arrive: compare the rules.",
    "response-bounds-loosened": "Values outside the old bounds may arrive: check columns, layouts and checks.",
}

_COMPATIBLE = {
    "operation-added": "New: use it if you like.",
    "operation-undeprecated": "It stays.",
    "path-parameter-renamed": "The URL is the same. Generated clients name the argument after it.",
    "parameter-added": "New: use it if you like.",
    "parameter-became-optional": "It may be left out.",
    "request-body-added": "New: use it if you like.",
    "request-body-became-optional": "It may be left out.",
    "request-media-type-added": "New: use it if you like.",
    "error-status-added": "Clients that handle errors by their family need nothing.",
    "error-status-removed": "It is not declared any more: its handling may go.",
    "response-body-added": "Clients that ignore it need nothing.",
    "response-media-type-added": "New: ask for it if you like.",
    "response-header-added": "New: read it if you like.",
    "security-dropped": "Credentials are not needed any more.",
    "security-option-added": "New: use it if you like.",
    "event-added": "New: receivers that ignore types they do not know need nothing.",
    "request-field-added": "New: send it if you like.",
    "request-field-became-optional": "It may be left out.",
    "request-type-widened": "More types are taken.",
    "request-null-allowed": "Null is taken too.",
    "request-enum-widened": "More values are taken.",
    "request-format-removed": "Other forms are taken too.",
    "request-pattern-removed": "Any text is taken.",
    "request-bounds-loosened": "More values are taken.",
    "request-object-opened": "Fields that are not declared are taken.",
    "request-alternative-added": "Another form is taken.",
    "response-field-added": "New: read it if you like. Parsers must ignore fields they do not know, as ever.",
    "response-fields-declared": "They are promised now.",
    "response-field-became-required": "It is always there.",
    "response-type-narrowed": "Fewer types arrive.",
    "response-null-gone": "It always has a value.",
    "response-enum-narrowed": "These values do not arrive any more.",
    "response-format-added": "The form of the text is promised.",
    "response-pattern-added": "The form of the text is promised.",
    "response-bounds-tightened": "Fewer values arrive.",
    "response-object-closed": "Only declared fields arrive.",
    "response-alternative-removed": "This form does not arrive any more.",
}

RULES = MappingProxyType(
    {
        code: Rule(severity, consequence)
        for severity, table in (
            (Severity.BREAKING, _BREAKING),
            (Severity.RISKY, _RISKY),
            (Severity.COMPATIBLE, _COMPATIBLE),
        )
        for code, consequence in table.items()
    }
)
"""Each code's rule, the breaking ones first."""
