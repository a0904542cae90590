"""What every reply must look like, whatever was asked: `watch.py` sees to these while other laws are judged."""

from ..law import law
from ..trial import Trial


@law(
    "ML-101",
    source="the contract's document: responses",
    passive=True,
    causes="A status that the document does not have, often 500 or a framework's own 400, 404, 405 or 422.",
)
def declared_status(trial: Trial) -> None:
    """Every reply has a status that the document declares for its operation."""


@law(
    "ML-102",
    source="the contract's document: responses, content",
    passive=True,
    causes="An error page in HTML or plain text; JSON sent as text; CSV and JSON confused.",
)
def declared_media_type(trial: Trial) -> None:
    """Every reply has a media type that the document declares for its status."""


@law(
    "ML-103",
    source="the contract's document: responses, schema",
    passive=True,
    causes=(
        "A field that is missing, null, of another type or outside of its values; a renamed field; "
        "another envelope."
    ),
)
def declared_schema(trial: Trial) -> None:
    """Every JSON reply is valid by the schema that the document declares for its status."""


@law(
    "ML-104",
    source="the contract's document: responses, headers",
    passive=True,
    causes="A header lost on the way, by a proxy for example.",
)
def declared_headers(trial: Trial) -> None:
    """Every reply carries the headers that the document requires for its status."""


@law(
    "ML-105",
    source="errors.md",
    passive=True,
    causes="An exception that nobody caught; a connection closed before the reply was whole.",
)
def no_crash(trial: Trial) -> None:
    """Every request is answered, and never by an undeclared status in the 500s."""


@law(
    "ML-106",
    source="calls.md#call-object",
    contracts=("thunderphone-2026-04", "thunderphone-sdk-0.2"),
    passive=True,
    causes="Times with microseconds, without milliseconds, with an offset in place of Z, or in local time.",
)
def times_in_one_form(trial: Trial) -> None:
    """Every time reads like 2026-04-20T18:24:10.113Z: UTC, with milliseconds and a Z."""


@law(
    "ML-107",
    source="the contract's document: responses",
    passive=True,
    causes="A framework that serializes null, or an empty object, for a reply without content.",
)
def no_content_is_empty(trial: Trial) -> None:
    """A reply of status 204 has no body."""


@law(
    "ML-108",
    source="the HTTP standard",
    passive=True,
    causes="A body changed after its length was counted, by a filter or a proxy.",
)
def honest_length(trial: Trial) -> None:
    """The length that a reply names is the length of its body."""
