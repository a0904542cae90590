"""Text messages."""

from collections.abc import Mapping
from typing import Any, Final

from sdk.wire import Wire


def texting_number(wire: Wire) -> Any:
    return next(each["number"] for each in wire.get("/v1/phone-numbers").json if each["sms_capable"])


def message(wire: Wire) -> Any:
    body = {"from_number": texting_number(wire), "to": "+14155550199", "body": "Hello"}
    return wire.post("/v1/sms", body, headers={"idempotency-key": "hello"}).json["id"]


PATH: Final = {"message_id": message}
BODY: Final = {("sms_create", "from_number"): texting_number}
EXTRA: Final[Mapping[str, Any]] = {"sms_create": {"from_number": None, "to": "+14155550199", "body": "Hello"}}
QUERY: Final[Mapping[str, Any]] = {"sms_create": {"idempotency_key": "hello"}}
