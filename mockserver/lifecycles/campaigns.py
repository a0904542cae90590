"""Campaigns: they call their contacts, a few at a time and at certain hours, and try again who did not answer.

A campaign is woken at the moments at which something may be done: it begins, its hours begin, a contact may be
tried again, it ends. In between it goes on whenever one of its calls is over. What it needs of its contacts is
found by index, so that a step costs the same with ten contacts as with ten thousand.
"""

from typing import Any, Final

from mockserver.clock import iso, parse_iso
from mockserver.errors import ApiError, Conflict, InvalidInput, NotFound
from mockserver.lifecycles import attestations, billing, calls, conversations, numbers, platform_numbers
from mockserver.lifecycles.daily_windows import daily_window
from mockserver.world.store import Document, Id, Record
from mockserver.world.world import World

CAMPAIGNS: Final = "campaigns"
CONTACTS: Final = "campaigns/contacts"
RETRIES: Final = "campaigns/retries"
"""A collection of our own: contacts to be tried again, by the moment from which on."""

CONTACT_STATUSES: Final = ("pending", "scheduled", "calling", "completed", "failed", "exhausted")
RECENT_CALLS: Final = 10

_OVER: Final = frozenset({"completed", "cancelled"})
_REACHED: Final = frozenset({"answered", "voicemail"})
_SETTINGS: Final = (
    "name",
    "agent",
    "from_number",
    "timezone",
    "daily_window_start",
    "daily_window_end",
    "start_at",
    "end_at",
    "max_attempts",
    "max_concurrent_calls",
    "retry_backoff_minutes",
    "retry_on",
)
_BETWEEN_CALLS_MS: Final = 1
"""A campaign looks at a call just after it is over."""


def draft(world: World, given: Document) -> Record:
    """A new campaign without contacts. Raises NotFound for what it names, InvalidInput for impossible times."""
    return world.create(
        CAMPAIGNS,
        {
            **_checked(world, given),
            "status": "draft",
            "total_count": 0,
            "completed_count": 0,
            "failed_count": 0,
            "in_progress_count": 0,
            "created_at": world.now,
            "updated_at": world.now,
            # Kept with the campaign and not shown:
            "wakes_at": None,
            "recent_calls": [],
        },
    )


def change(world: World, campaign: Document, given: Document) -> Record:
    """The campaign with other settings, which hold from the next call on. Raises Conflict once it is over."""
    if campaign["status"] in _OVER:
        raise Conflict(f"The campaign is {campaign['status']} and cannot be changed.")
    identity = campaign["public_id"]
    world.change(CAMPAIGNS, identity, _checked(world, {**campaign, **given}))
    wake(world, identity)
    return _record(world, identity)


def remove(world: World, campaign: Document) -> None:
    """Forget a campaign and its contacts; its calls stay. Raises Conflict while it runs."""
    if campaign["status"] == "running":
        raise Conflict("The campaign is running. Pause or cancel it first.")
    for collection in (CONTACTS, RETRIES):
        for record in _all_of(world, collection, campaign["public_id"]):
            world.remove(collection, record.id)
    world.remove(CAMPAIGNS, campaign["public_id"])


def enlist(world: World, campaign: Document, people: list[tuple[str, Document]]) -> None:
    """Add contacts, each a number and the variables of its call. Raises Conflict once the campaign is over."""
    if campaign["status"] in _OVER:
        raise Conflict(f"The campaign is {campaign['status']} and takes no more contacts.")
    identity = campaign["public_id"]
    for number, variables in people:
        world.create(
            CONTACTS,
            {
                "phone_number": number,
                "variables": variables,
                "attempts": 0,
                "call_id": None,
                "last_outcome": "",
                "next_attempt_at": None,
                "created_at": world.now,
                "updated_at": world.now,
                "campaign_id": identity,
                **_status(identity, "pending"),
            },
        )
    world.change(CAMPAIGNS, identity, {"total_count": campaign["total_count"] + len(people)})
    wake(world, identity)


def start(world: World, campaign: Document) -> Record:
    """The campaign begins, or goes on after a pause.

    Raises Conflict when it has nobody to call or nothing to call with, ApiError 402 and 403 as a single call.
    """
    if campaign["status"] not in ("draft", "paused"):
        raise Conflict(f"The campaign is {campaign['status']}; only a draft or a paused one can be started.")
    if campaign["total_count"] == 0:
        raise Conflict("The campaign has no contacts. POST them to /v1/campaigns/{campaign_id}/contacts first.")
    if campaign["end_at"] is not None and campaign["end_at"] <= world.now:
        raise Conflict(f"The campaign ended at {campaign['end_at']}. PATCH its end_at first.")
    attestations.require_confirmation(world)
    billing.require_balance(world)
    objection = numbers.outbound_objection(numbers.sender(world, campaign["from_number"]))
    if objection is not None:
        raise Conflict(objection.text, code=objection.code, more={"retryable": False})
    world.change(CAMPAIGNS, campaign["public_id"], {"status": "scheduled"})
    wake(world, campaign["public_id"])
    return _record(world, campaign["public_id"])


def pause(world: World, campaign: Document) -> Record:
    """No more calls begin; those that are going on go on. Raises Conflict when it is not under way."""
    if campaign["status"] not in ("scheduled", "running"):
        raise Conflict(f"The campaign is {campaign['status']} and cannot be paused.")
    return world.change(CAMPAIGNS, campaign["public_id"], {"status": "paused"})


def cancel(world: World, campaign: Document) -> Record:
    """No call ever begins again. Raises Conflict when it is over already."""
    if campaign["status"] in _OVER:
        raise Conflict(f"The campaign is {campaign['status']} already.")
    identity = campaign["public_id"]
    world.clock.cancel((CAMPAIGNS, identity))
    calling = world[CONTACTS].page(where=_queue(identity, "calling"), limit=campaign["max_concurrent_calls"])
    for record in calling.records:
        _follow(world, identity, int(record.id), record.document["call_id"])
    return world.change(CAMPAIGNS, identity, {"status": "cancelled"})


def contacts(world: World, campaign_id: Id) -> list[Document]:
    """Every contact of a campaign, in the order in which they were added."""
    return [record.document for record in _all_of(world, CONTACTS, campaign_id)]


def by_status(world: World, campaign_id: Id) -> dict[str, int]:
    """How many contacts have each status."""
    found = world[CONTACTS]
    return {each: found.page(where=_queue(campaign_id, each), limit=1).total for each in CONTACT_STATUSES}


def wake(world: World, campaign_id: Id) -> None:
    """Do what can be done now, and be woken again when more can be. Woken for nothing, it does nothing."""
    record = world[CAMPAIGNS].get(campaign_id)
    if record is None or record.document["status"] in (*_OVER, "draft"):
        return
    campaign, now = record.document, world.now
    if campaign["end_at"] is not None and campaign["end_at"] <= now:
        _give_up(world, campaign_id)
    elif campaign["status"] == "scheduled" and (campaign["start_at"] is None or campaign["start_at"] <= now):
        world.change(CAMPAIGNS, campaign_id, {"status": "running"})
    _dial(world, campaign_id)
    _finish_if_done(world, campaign_id)
    _set_alarm(world, campaign_id)


def look_at_call(world: World, campaign_id: Id, contact_id: int, call_id: int) -> None:
    """A contact's call is over: note what came of it, plan another attempt if one is due, and go on."""
    contact = world[CONTACTS].get(contact_id)
    call = world[calls.CALLS].get(call_id)
    if contact is None or call is None or contact.document["call_id"] != call_id:
        return
    if call.document["status"] == "in_progress":
        _follow(world, campaign_id, contact_id, call_id)
        return
    campaign = _record(world, campaign_id).document
    outcome = _outcome(world, call.document)
    changes: Document = {"last_outcome": outcome}
    counts: Document = {"in_progress_count": campaign["in_progress_count"] - 1}
    wanted = outcome in campaign["retry_on"] and campaign["status"] != "cancelled"
    if wanted and contact.document["attempts"] < campaign["max_attempts"]:
        due = iso(world.clock.now_ms + campaign["retry_backoff_minutes"] * 60_000)
        world.create(RETRIES, {"id": contact_id, "campaign_id": campaign_id, "due_at": due})
        changes |= {"next_attempt_at": due, **_status(campaign_id, "scheduled")}
    elif outcome in _REACHED and not wanted:
        changes |= _status(campaign_id, "completed")
        counts["completed_count"] = campaign["completed_count"] + 1
    else:
        changes |= _status(campaign_id, "exhausted" if wanted else "failed")
        counts["failed_count"] = campaign["failed_count"] + 1
    world.change(CONTACTS, contact_id, changes)
    seen = {
        "call_id": call_id,
        "contact_id": contact_id,
        "phone_number": contact.document["phone_number"],
        "outcome": outcome,
        "ended_at": call.document["end_time"],
    }
    counts["recent_calls"] = [seen, *campaign["recent_calls"]][:RECENT_CALLS]
    world.change(CAMPAIGNS, campaign_id, counts)
    wake(world, campaign_id)


def _dial(world: World, campaign_id: Id) -> None:
    """Begin as many calls as may begin now."""
    while True:
        campaign = _record(world, campaign_id).document
        if campaign["status"] != "running" or campaign["in_progress_count"] >= campaign["max_concurrent_calls"]:
            return
        if not _window(campaign).is_open(world.clock.now_ms):
            return
        contact = _next_contact(world, campaign_id)
        if contact is None or not _call(world, campaign, contact):
            return


def _call(world: World, campaign: Document, contact: Document) -> bool:
    """Whether the contact is being called. What stands against any call pauses the campaign."""
    campaign_id = campaign["public_id"]
    agent = world["agents"].get(campaign["agent"])
    try:
        number = numbers.sender(world, campaign["from_number"])
        attestations.require_confirmation(world)
        billing.require_balance(world)
        if agent is None or numbers.outbound_objection(number) is not None:
            raise Conflict("The campaign has nothing to call with any more.")
        if not platform_numbers.may_call(world, number):
            return False
    except ApiError:
        world.change(CAMPAIGNS, campaign_id, {"status": "paused"})
        return False
    platform_numbers.spend_call(world, number)
    placement = calls.Placement(
        direction="outbound",
        from_number=campaign["from_number"],
        to_number=contact["phone_number"],
        agent=agent.document,
        variables=contact["variables"],
    )
    call_id = int(calls.start(world, placement).id)
    if contact["id"] in world[RETRIES]:
        world.remove(RETRIES, contact["id"])
    begun = {"attempts": contact["attempts"] + 1, "call_id": call_id, "next_attempt_at": None}
    world.change(CONTACTS, contact["id"], {**begun, **_status(campaign_id, "calling")})
    world.change(CAMPAIGNS, campaign_id, {"in_progress_count": campaign["in_progress_count"] + 1})
    _follow(world, campaign_id, contact["id"], call_id)
    return True


def _follow(world: World, campaign_id: Id, contact_id: int, call_id: int) -> None:
    due = max(calls.ends_ms(world, call_id), world.clock.now_ms) + _BETWEEN_CALLS_MS
    about: dict[str, Any] = {"campaign_id": campaign_id, "contact_id": contact_id, "call_id": call_id}
    world.clock.at(due, look_at_call, (CAMPAIGNS, campaign_id), **about)


def _give_up(world: World, campaign_id: Id) -> None:
    """The campaign's end has come: whoever was not reached is not called any more."""
    failed = 0
    for status in ("pending", "scheduled"):
        found = world[CONTACTS].page(where=_queue(campaign_id, status), limit=len(world[CONTACTS]))
        for record in found.records:
            over = {"last_outcome": "campaign_ended", "next_attempt_at": None, **_status(campaign_id, "failed")}
            world.change(CONTACTS, record.id, over)
            if record.id in world[RETRIES]:
                world.remove(RETRIES, record.id)
            failed += 1
    if failed:
        campaign = _record(world, campaign_id).document
        world.change(CAMPAIGNS, campaign_id, {"failed_count": campaign["failed_count"] + failed})


def _finish_if_done(world: World, campaign_id: Id) -> None:
    campaign = _record(world, campaign_id).document
    done = campaign["completed_count"] + campaign["failed_count"] == campaign["total_count"]
    if done and campaign["status"] not in (*_OVER, "draft"):
        world.clock.cancel((CAMPAIGNS, campaign_id))
        finished = world.change(CAMPAIGNS, campaign_id, {"status": "completed"}).document
        world.emit("campaign.completed", lambda: finished)


def _set_alarm(world: World, campaign_id: Id) -> None:
    """Be woken at the next moment at which something can be done that nothing else leads to."""
    campaign = _record(world, campaign_id).document
    now = world.clock.now_ms
    moments = [] if campaign["end_at"] is None else [parse_iso(campaign["end_at"])]
    if campaign["status"] in _OVER:
        return
    if campaign["status"] == "scheduled":
        moments.append(parse_iso(campaign["start_at"]))
    elif campaign["status"] == "running" and campaign["in_progress_count"] < campaign["max_concurrent_calls"]:
        window = _window(campaign)
        if not window.is_open(now):
            moments.append(window.opens_after(now))
        elif _next_contact(world, campaign_id) is not None:  # it would be called, but for today's limit
            moments.append(now + round(platform_numbers.seconds_to_reset(world) * 1000))
        else:
            moments += [parse_iso(each["due_at"]) for each in _retries(world, campaign_id, limit=1)]
    coming = [each for each in moments if each > now]
    if not coming:
        return
    wakes_at = campaign["wakes_at"]
    if wakes_at is None or wakes_at <= now or wakes_at > min(coming):
        world.change(CAMPAIGNS, campaign_id, {"wakes_at": min(coming)})
        world.clock.at(min(coming), wake, (CAMPAIGNS, campaign_id), campaign_id=campaign_id)


def _next_contact(world: World, campaign_id: Id) -> Document | None:
    """Who is to be called now: somebody to be tried again, or somebody new."""
    for retry in _retries(world, campaign_id, limit=1):
        if retry["due_at"] <= world.now:
            record = world[CONTACTS].get(retry["id"])
            assert record is not None, "contacts are removed with what is planned for them"
            return record.document
    found = world[CONTACTS].find(*_one(campaign_id, "pending"))
    return None if found is None else found.document


def _outcome(world: World, call: Document) -> str:
    """What came of a call, in the words of `retry_on`; a mailbox is known by the scenario."""
    if call["status"] == "failed":
        reason: str = call["end_reason"]
        return reason if reason in ("busy", "no_answer") else "failed"
    return "voicemail" if conversations.scenario_of(world, call).name == "voicemail" else "answered"


def _checked(world: World, campaign: Document) -> Document:
    """A campaign's settings, with its agent's name and its times as the API writes them."""
    agent = world["agents"].get(campaign["agent"])
    if agent is None:
        raise NotFound(f"Agent {campaign['agent']} not found.")
    numbers.sender(world, campaign["from_number"])
    _window(campaign)
    times = {}
    for name in ("start_at", "end_at"):
        given = campaign.get(name)
        times[name] = None if given is None else iso(parse_iso(given))
    if times["start_at"] is not None and times["end_at"] is not None and times["end_at"] <= times["start_at"]:
        raise InvalidInput({"end_at": [f"It must lie behind start_at, {times['start_at']}."]})
    settings = {name: campaign[name] for name in _SETTINGS if name not in times}
    return {**settings, **times, "agent_name": agent.document["name"]}


def _window(campaign: Document) -> Any:
    return daily_window(campaign["daily_window_start"], campaign["daily_window_end"], campaign["timezone"])


def _status(campaign_id: Id, status: str) -> Document:
    """A contact's status, and what contacts are found by."""
    return {"status": status, **_queue(campaign_id, status)}


def _queue(campaign_id: Id, status: str) -> Document:
    return {"queue": f"{campaign_id} {status}"}


def _one(campaign_id: Id, status: str) -> tuple[str, str]:
    ((name, value),) = _queue(campaign_id, status).items()
    return name, value


def _retries(world: World, campaign_id: Id, *, limit: int) -> list[Document]:
    page = world[RETRIES].page(where={"campaign_id": campaign_id}, limit=limit)
    return [record.document for record in page.records]


def _all_of(world: World, collection: str, campaign_id: Id) -> list[Record]:
    found = world[collection]
    return found.page(where={"campaign_id": campaign_id}, limit=len(found)).records


def _record(world: World, campaign_id: Id) -> Record:
    record = world[CAMPAIGNS].get(campaign_id)
    assert record is not None, "what a campaign plans is cancelled when it is removed"
    return record
