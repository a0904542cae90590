"""What can go wrong, in two families that never mix.

* ApiError: the API's own refusal; becomes a reply in the vendor's shape
  * NotFound 404, Unauthorized 401, InvalidInput 400, MethodNotAllowed 405 …
* MockError: the mock, its spec or its use is wrong; never looks like the vendor
  * SpecError: a contract, page, override or scenario file does not make sense (says where)
  * UnknownBehaviour: a behaviour function is named after no operation
  * NonConformingReply: a reply (or an emitted event) breaks its own schema
  * ClockNeverSettles: timers keep making timers
  * WrongUse: the control API, the command line or a Python call was used wrongly

A message says what happened, where, and what to do.
"""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def nearest(name: str, names: Iterable[str]) -> str:
    """ " Did you mean X?" for the valid name closest to `name`, or "" when none is close."""
    close = difflib.get_close_matches(name, list(names), n=1, cutoff=0.6)
    return f" Did you mean {close[0]}?" if close else ""


class ApiError(Exception):
    """A refusal the API itself would make. `status` is the HTTP status, `detail` its text for people.

    `code` is a stable machine word where the vendor has one (`payment_method_required`), `more` what else the body
    says; `headers` are added to the reply.
    """

    status = 400

    def __init__(
        self,
        detail: str,
        *,
        status: int | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code
        self.more = dict(more or {})
        self.headers = dict(headers or {})
        if status is not None:
            self.status = status


class Unauthorized(ApiError):
    """401: the key is missing, malformed, unknown or revoked."""

    status = 401

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class NotFound(ApiError):
    """404: unknown, or another organization's."""

    status = 404


class Conflict(ApiError):
    """409: the state of the resource does not allow it."""

    status = 409


class MethodNotAllowed(ApiError):
    """405 with the full `Allow` list of the path."""

    status = 405

    def __init__(self, method: str, allowed: Sequence[str]) -> None:
        super().__init__(f'Method "{method}" not allowed.', headers={"Allow": ", ".join(allowed)})


class InvalidInput(ApiError):
    """400 with a list of messages per field, as `{"title": ["This field is required."]}`."""

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        self.fields = {name: list(messages) for name, messages in fields.items()}
        super().__init__("; ".join(f"{name}: {' '.join(texts)}" for name, texts in self.fields.items()))


class MockError(Exception):
    """A defect of the mock or of its use, answered 500 with `{"mock_error": …}`."""


class SpecError(MockError):
    """A contract, page, override, world or scenario file does not make sense; says which and where."""


class UnknownBehaviour(MockError):
    """A public function in a behaviours module is named after no operation of any contract."""


class NonConformingReply(MockError):
    """A reply or event that the mock made does not satisfy the schema the document declares for it."""


class ClockNeverSettles(MockError):
    """`settle()` ran so many timers that something must be rescheduling itself for ever."""


class WrongUse(MockError):
    """The mock's own interface (control API, command line, Python) was used wrongly."""
