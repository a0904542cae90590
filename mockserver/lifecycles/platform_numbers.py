"""Demo numbers that may call out: asked for, granted after a review, and limited to so many calls a day."""

from typing import Final

from mockserver.clock import iso, parse_iso
from mockserver.errors import Conflict
from mockserver.lifecycles import numbers
from mockserver.world.store import Document, Record
from mockserver.world.world import World

REQUESTS: Final = "outbound-platform-number-requests"
USE: Final = "outbound-platform-number-use"
"""A collection of our own with one document: whether demo numbers may call out, and how many did today."""

REVIEW_SECONDS: Final = 86_400.0
"""Invented; somebody has to read the request."""

DAILY_CALLS: Final = 100

DENIED: Final = ".invalid"
"""Invented: the end of a website whose owner is denied."""

_THE: Final = "the"
_DAY_MS: Final = 86_400_000


def state(world: World) -> Document:
    """Whether demo numbers may call out, how much of today's allowance is used, and the newest request."""
    use = _use(world)
    newest = world[REQUESTS].page(limit=1).records
    return {
        "calls_today": use["calls"] if use["day"] == world.now[:10] else 0,
        "daily_call_limit": DAILY_CALLS if use["enabled"] else None,
        "default_daily_call_limit": DAILY_CALLS,
        "platform_outbound_enabled": use["enabled"],
        "request": newest[0].document if newest else None,
        "resets_at": iso(world.clock.now_ms - world.clock.now_ms % _DAY_MS + _DAY_MS),
    }


def is_enabled(world: World) -> bool:
    """Whether demo numbers may call out."""
    enabled: bool = _use(world)["enabled"]
    return enabled


def ask(world: World, given: Document) -> Record:
    """A new request, reviewed within a day. Raises Conflict while one waits, or when there is nothing to ask."""
    if is_enabled(world):
        raise Conflict("This organization's demo numbers may call out already.")
    newest = world[REQUESTS].page(limit=1).records
    if newest and newest[0].document["status"] == "pending":
        raise Conflict("A request is being reviewed already; wait until that is over.")
    record = world.create(
        REQUESTS,
        {
            "kind": "outbound_platform_numbers",
            "use_case": given["use_case"],
            "website": given["website"],
            "consent_source": given["consent_source"],
            "expected_daily_calls": given.get("expected_daily_calls"),
            "requested_count": given.get("requested_count", 1),
            "status": "pending",
            "denial_reason": "",
            "created_at": world.now,
            "resolved_at": None,
        },
    )
    world.clock.after(REVIEW_SECONDS, review, (REQUESTS, record.id), request_id=record.id)
    return record


def review(world: World, request_id: int) -> None:
    """Somebody has read the request: demo numbers, present and future, may call out, or may not."""
    record = world[REQUESTS].get(request_id)
    if record is None:
        return
    if record.document["website"].rstrip("/").endswith(DENIED):
        reason = "The website could not be reached."
        world.change(REQUESTS, request_id, {"status": "denied", "denial_reason": reason, "resolved_at": world.now})
        return
    world.change(REQUESTS, request_id, {"status": "approved", "resolved_at": world.now})
    _use(world)
    world.change(USE, _THE, {"enabled": True})
    for number in list(world[numbers.NUMBERS]):
        if number.document["source"] == "demo":
            world.change(numbers.NUMBERS, number.id, {"platform_outbound": True})


def may_call(world: World, number: Document) -> bool:
    """Whether the number may place another call today."""
    return number["source"] != "demo" or int(state(world)["calls_today"]) < DAILY_CALLS


def spend_call(world: World, number: Document) -> None:
    """Count a call by a demo number. Raises Conflict, to be tried again tomorrow, when today's are used up."""
    if number["source"] != "demo":
        return
    use, day = _use(world), world.now[:10]
    calls = use["calls"] if use["day"] == day else 0
    if not may_call(world, number):
        text = f"Demo numbers may place {DAILY_CALLS} calls a day, counted in UTC; today's are used up."
        raise Conflict(text, code="platform_daily_limit", more={"retryable": True})
    world.change(USE, _THE, {"day": day, "calls": calls + 1})


def seconds_to_reset(world: World) -> float:
    """Until demo numbers have new calls."""
    return (parse_iso(state(world)["resets_at"]) - world.clock.now_ms) / 1000


def _use(world: World) -> Document:
    record = world[USE].get(_THE)
    if record is None:
        record = world.create(USE, {"id": _THE, "enabled": False, "day": "", "calls": 0})
    return record.document
