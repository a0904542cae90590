"""How a campaign goes on: it calls its contacts, a few at a time and at certain hours, and tries again.

It is woken at the moments at which something may be done: it begins, its hours begin, a contact may be tried
again, it ends. In between it goes on whenever one of its calls is over.
"""

from typing import Any, Final

from mockserver.clock import parse_iso
from mockserver.errors import ApiError, Conflict
from mockserver.lifecycles import (
    attestations,
    billing,
    calls,
    campaign_contacts,
    conversations,
    numbers,
    platform_numbers,
)
from mockserver.lifecycles.daily_windows import DailyWindow, daily_window
from mockserver.world.store import Document, Id
from mockserver.world.world import World

CAMPAIGNS: Final = "campaigns"
OVER: Final = frozenset({"completed", "cancelled"})
RECENT_CALLS: Final = 10

_RESTING: Final = OVER | {"draft"}
_REACHED: Final = frozenset({"answered", "voicemail"})
_AFTER_CALL_MS: Final = 1
"""A campaign looks at a call just after it is over."""


def wake(world: World, campaign_id: Id) -> None:
    """Do what can be done now, and be woken again when more can be. Woken for nothing, it does nothing."""
    record = world[CAMPAIGNS].get(campaign_id)
    if record is None or record.document["status"] in _RESTING:
        return
    campaign, now = record.document, world.now
    if campaign["end_at"] is not None and campaign["end_at"] <= now:
        _give_up(world, campaign)
    elif campaign["status"] == "scheduled" and (campaign["start_at"] is None or campaign["start_at"] <= now):
        world.change(CAMPAIGNS, campaign_id, {"status": "running"})
    _dial(world, campaign_id)
    _finish_if_done(world, campaign_id)
    _set_alarm(world, campaign_id)


def look_at_call(world: World, campaign_id: Id, contact_id: int, call_id: int) -> None:
    """A contact's call is over: note what came of it, plan another attempt if one is due, and go on."""
    contact = campaign_contacts.get(world, contact_id)
    record = world[calls.CALLS].get(call_id)
    if contact is None or record is None or contact["call_id"] != call_id:
        return
    call = record.document
    if call["status"] == "in_progress":
        follow(world, campaign_id, contact_id, call_id)
        return
    campaign = find(world, campaign_id)
    outcome = _outcome(world, call)
    seen = {
        "call_id": call_id,
        "contact_id": contact_id,
        "phone_number": contact["phone_number"],
        "outcome": outcome,
        "ended_at": call["end_time"],
    }
    changes: Document = {
        "in_progress_count": campaign["in_progress_count"] - 1,
        "recent_calls": [seen, *campaign["recent_calls"]][:RECENT_CALLS],
    }
    once_more = outcome in campaign["retry_on"] and campaign["status"] != "cancelled"
    if once_more and contact["attempts"] < campaign["max_attempts"]:
        campaign_contacts.retry_later(world, contact, campaign["retry_backoff_minutes"], last_outcome=outcome)
    elif outcome in _REACHED and not once_more:
        campaign_contacts.set_status(world, contact, "completed", last_outcome=outcome)
        changes["completed_count"] = campaign["completed_count"] + 1
    else:
        campaign_contacts.set_status(world, contact, "exhausted" if once_more else "failed", last_outcome=outcome)
        changes["failed_count"] = campaign["failed_count"] + 1
    world.change(CAMPAIGNS, campaign_id, changes)
    wake(world, campaign_id)


def follow(world: World, campaign_id: Id, contact_id: int, call_id: int) -> None:
    """Have the campaign look at a call when that is over."""
    due = max(calls.ends_ms(world, call_id), world.clock.now_ms) + _AFTER_CALL_MS
    about: dict[str, Any] = {"campaign_id": campaign_id, "contact_id": contact_id, "call_id": call_id}
    world.clock.at(due, look_at_call, (CAMPAIGNS, campaign_id), **about)


def window(campaign: Document) -> DailyWindow:
    """A campaign's hours. Raises InvalidInput for an unknown time zone."""
    return daily_window(campaign["daily_window_start"], campaign["daily_window_end"], campaign["timezone"])


def find(world: World, campaign_id: Id) -> Document:
    """A campaign that is known to be there: what it plans is cancelled when it is removed."""
    record = world[CAMPAIGNS].get(campaign_id)
    assert record is not None, f"{CAMPAIGNS}/{campaign_id} has been removed"
    return record.document


def require_means(world: World, campaign: Document) -> Document:
    """The agent that talks in the campaign's calls.

    Raises Conflict when it is gone or the number may not call, NotFound when the number is gone, ApiError 402 and
    403 as a single call does.
    """
    agent = world["agents"].get(campaign["agent"])
    if agent is None:
        raise Conflict(f"The agent {campaign['agent']} is gone. PATCH the campaign's agent first.")
    attestations.require_confirmation(world)
    billing.require_balance(world)
    objection = numbers.outbound_objection(numbers.sender(world, campaign["from_number"]))
    if objection is not None:
        raise Conflict(objection.text, code=objection.code, more={"retryable": False})
    return agent.document


def _dial(world: World, campaign_id: Id) -> None:
    """Begin as many calls as may begin now. What stands against any call pauses the campaign."""
    while True:
        campaign = find(world, campaign_id)
        if campaign["status"] != "running" or campaign["in_progress_count"] >= campaign["max_concurrent_calls"]:
            return
        if not window(campaign).is_open(world.clock.now_ms):
            return
        contact = campaign_contacts.following(world, campaign_id)
        if contact is None:
            return
        try:
            agent = require_means(world, campaign)
        except ApiError:
            world.change(CAMPAIGNS, campaign_id, {"status": "paused"})
            return
        number = numbers.sender(world, campaign["from_number"])
        if not platform_numbers.may_call(world, number):
            return
        platform_numbers.spend_call(world, number)
        _call(world, campaign, contact, agent)


def _call(world: World, campaign: Document, contact: Document, agent: Document) -> None:
    placement = calls.Placement(
        direction="outbound",
        from_number=campaign["from_number"],
        to_number=contact["phone_number"],
        agent=agent,
        variables=contact["variables"],
    )
    call_id = int(calls.start(world, placement).id)
    campaign_contacts.set_status(world, contact, "calling", attempts=contact["attempts"] + 1, call_id=call_id)
    campaign_id = campaign["public_id"]
    world.change(CAMPAIGNS, campaign_id, {"in_progress_count": campaign["in_progress_count"] + 1})
    follow(world, campaign_id, contact["id"], call_id)


def _give_up(world: World, campaign: Document) -> None:
    """The campaign's end has come: whoever was not reached is not called any more."""
    campaign_id = campaign["public_id"]
    left = [
        *campaign_contacts.with_status(world, campaign_id, "pending"),
        *campaign_contacts.with_status(world, campaign_id, "scheduled"),
    ]
    for contact in left:
        campaign_contacts.set_status(world, contact, "failed", last_outcome="campaign_ended")
    world.change(CAMPAIGNS, campaign_id, {"failed_count": campaign["failed_count"] + len(left)})


def _finish_if_done(world: World, campaign_id: Id) -> None:
    campaign = find(world, campaign_id)
    done = campaign["completed_count"] + campaign["failed_count"] == campaign["total_count"]
    if done and campaign["status"] not in _RESTING:
        world.clock.cancel((CAMPAIGNS, campaign_id))
        finished = world.change(CAMPAIGNS, campaign_id, {"status": "completed"}).document
        world.emit("campaign.completed", lambda: finished)


def _set_alarm(world: World, campaign_id: Id) -> None:
    """Be woken at the next moment at which something can be done that nothing else leads to."""
    campaign, now = find(world, campaign_id), world.clock.now_ms
    coming = [each for each in _moments(world, campaign) if each > now]
    if not coming or campaign["status"] in OVER:
        return
    wakes_at = campaign["wakes_at"]
    if wakes_at is None or wakes_at <= now or wakes_at > min(coming):
        world.change(CAMPAIGNS, campaign_id, {"wakes_at": min(coming)})
        world.clock.at(min(coming), wake, (CAMPAIGNS, campaign_id), campaign_id=campaign_id)


def _moments(world: World, campaign: Document) -> list[int]:
    """When the campaign ends, and when it may go on."""
    campaign_id, now = campaign["public_id"], world.clock.now_ms
    found = [] if campaign["end_at"] is None else [parse_iso(campaign["end_at"])]
    if campaign["status"] == "scheduled":
        return [*found, parse_iso(campaign["start_at"])]
    if campaign["status"] != "running" or campaign["in_progress_count"] >= campaign["max_concurrent_calls"]:
        return found
    hours = window(campaign)
    if not hours.is_open(now):
        return [*found, hours.opens_after(now)]
    if campaign_contacts.following(world, campaign_id) is not None:  # today's calls of a demo number are used up
        return [*found, now + round(platform_numbers.seconds_to_reset(world) * 1000)]
    retry = campaign_contacts.next_retry(world, campaign_id)
    return found if retry is None else [*found, parse_iso(retry["due_at"])]


def _outcome(world: World, call: Document) -> str:
    """What came of a call, in the words of `retry_on`; a mailbox is known by the scenario."""
    if call["status"] == "failed":
        reason: str = call["end_reason"]
        return reason if reason in ("busy", "no_answer") else "failed"
    return "voicemail" if conversations.scenario_of(world, call).name == "voicemail" else "answered"
