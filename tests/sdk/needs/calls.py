"""Calls, and browser sessions."""

from collections.abc import Mapping
from typing import Any, Final

import preparing

from sdk.wire import Wire


def ended_call(wire: Wire) -> Any:
    return wire.get("/v1/calls?status=completed&exclude_test_calls=true").json["results"][-1]["call_id"]


def ongoing_call(wire: Wire) -> Any:
    return wire.post("/_mock/calls", {"direction": "mic"}).json["call_id"]


def calling_number(wire: Wire) -> Any:
    numbers = wire.get("/v1/phone-numbers").json
    return next(each["number"] for each in numbers if each["outbound_eligible"])


PATH: Final = {
    "call_id": ended_call,
    ("calls_listen", "call_id"): ongoing_call,
    ("calls_whisper", "call_id"): ongoing_call,
    ("realtime_sessions_live_transcripts", "call_id"): ongoing_call,
}
BODY: Final = {"agent_id": preparing.agent_id, ("calls_place", "from_number"): calling_number}
EXTRA: Final[Mapping[str, Any]] = {
    "calls_place": {"to_number": "+14155550199"},
    "calls_whisper": {"text": "Offer a refund."},
    "realtime_sessions_create": {"agent_id": None},
}
