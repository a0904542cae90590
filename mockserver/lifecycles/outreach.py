"""The life of a campaign that calls or writes to everybody on a list: draft, running, paused, completed."""

from typing import Final

from mockserver.clock import parse_iso
from mockserver.errors import ApiError, Conflict
from mockserver.lifecycles import billing, calls, conversations, naming, numbers
from mockserver.simulation import timeline
from mockserver.world.store import Document, Record
from mockserver.world.world import World

CAMPAIGNS: Final = "v2/campaigns"
LISTS: Final = "v2/campaign-contacts"
"""The contacts of each campaign, apart from it: a campaign changes with every call, its list does not."""

MESSAGE_SECONDS: Final = 1.0
"""How long a message takes (invented)."""

_AFTER_A_CALL: Final = 0.1
"""From the end of a call to its count in the campaign."""


def draft(world: World, wanted: Document, contacts: list[str]) -> Record:
    """A new campaign that nobody has launched."""
    campaign = world.create(CAMPAIGNS, {**wanted, **_progress(contacts), "created_at": world.now})
    world[LISTS].add({"id": campaign.id, "contacts": contacts})
    return campaign


def replace_contacts(world: World, campaign_id: int, contacts: list[str]) -> None:
    """Another list for a draft."""
    world[LISTS].change(campaign_id, {"contacts": contacts})
    world.change(CAMPAIGNS, campaign_id, _progress(contacts))


def launch(world: World, campaign: Document, *, again: bool) -> Document:
    """The campaign, running. With `again` one that is over begins anew.

    Raises Conflict when it is no draft, ApiError 422 when something is missing, 402 without balance.
    """
    states = ("draft", "completed", "failed") if again else ("draft",)
    if campaign["status"] not in states:
        raise Conflict(f"The campaign is {campaign['status']}; only a draft can be launched.")
    contacts = _contacts(world, campaign["id"])
    if not contacts:
        raise ApiError("The campaign has no contacts; add one before launching it.", status=422)
    if campaign["type"] == "voice":
        agent = naming.agent(world, campaign["agent_id"])
        if not agent.get("settings", {}).get("voiceEnabled", True):
            raise ApiError("The campaign's agent cannot speak; set its voiceEnabled first.", status=422)
        if _line(world, campaign) is None:
            raise ApiError("A campaign of calls needs a number that may call out.", status=422)
    billing.require_balance(world)
    started = {**_progress(contacts), "status": "running", "started_at": world.now}
    running = world.change(CAMPAIGNS, campaign["id"], started).document
    scheduled = campaign["scheduled_at"]
    due_ms = world.clock.now_ms if scheduled is None else max(world.clock.now_ms, parse_iso(scheduled))
    _call_on(world, running, due_ms)
    return running


def pause(world: World, campaign: Document) -> Document:
    """The campaign, paused; calls that are going on are finished. Raises Conflict when it is not running."""
    if campaign["status"] != "running":
        raise Conflict(f"The campaign is {campaign['status']}, not running.")
    return world.change(CAMPAIGNS, campaign["id"], {"status": "paused"}).document


def resume(world: World, campaign: Document) -> Document:
    """The campaign, running again. Raises Conflict when it is not paused."""
    if campaign["status"] != "paused":
        raise Conflict(f"The campaign is {campaign['status']}, not paused.")
    running = world.change(CAMPAIGNS, campaign["id"], {"status": "running"}).document
    if running["pending"] == 0 and running["in_progress"] == 0:
        _finish(world, campaign["id"])
    else:
        _call_on(world, running, world.clock.now_ms)
    return running


def contact(world: World, campaign_id: int) -> None:
    """Call, or write to, the next one on the list, if the campaign still runs and has room."""
    campaign = _campaign(world, campaign_id)
    room = campaign["in_progress"] < campaign["max_concurrent"]
    if campaign["status"] != "running" or campaign["pending"] == 0 or not room:
        return
    contacts = _contacts(world, campaign_id)
    who = contacts[len(contacts) - campaign["pending"]]
    call_id, seconds = None, MESSAGE_SECONDS
    if campaign["type"] == "voice":
        line = _line(world, campaign)
        if line is None or billing.balance(world) <= 0:
            world.change(CAMPAIGNS, campaign_id, {"status": "paused"})
            return
        call_id, seconds = _dial(world, campaign, line, who)
    counts = {"pending": campaign["pending"] - 1, "in_progress": campaign["in_progress"] + 1}
    world.change(CAMPAIGNS, campaign_id, counts)
    subject = (CAMPAIGNS, campaign_id)
    world.clock.after(seconds, contacted, subject, campaign_id=campaign_id, who=who, call_id=call_id)


def contacted(world: World, campaign_id: int, who: str, call_id: int | None) -> None:
    """A call, or a message, is over: it counts, and the next one on the list has their turn."""
    campaign = _campaign(world, campaign_id)
    record = None if call_id is None else world[calls.CALLS].get(call_id)
    status = "completed" if record is None else record.document["status"]
    counts = {"in_progress": campaign["in_progress"] - 1, status: campaign[status] + 1}
    world.change(CAMPAIGNS, campaign_id, counts)
    shown = naming.shown(naming.CAMPAIGN, campaign_id)
    world.emit(
        "campaign.step.completed",
        lambda: {
            "agent_id": campaign["agent_id"],
            "campaign_id": shown,
            "contact": who,
            "status": status,
            "call_id": call_id,
        },
    )
    if campaign["status"] != "running":
        return
    if campaign["pending"] > 0:
        contact(world, campaign_id)
    elif counts["in_progress"] == 0:
        _finish(world, campaign_id)


def _finish(world: World, campaign_id: int) -> None:
    campaign = world.change(CAMPAIGNS, campaign_id, {"status": "completed"}).document
    world.emit(
        "outreach.completed",
        lambda: {
            "agent_id": campaign["agent_id"],
            "campaign_id": naming.shown(naming.CAMPAIGN, campaign_id),
            "completed": campaign["completed"],
            "failed": campaign["failed"],
        },
    )


def _call_on(world: World, campaign: Document, due_ms: int) -> None:
    """As many contacts at once as the campaign allows, from `due_ms` on."""
    free = campaign["max_concurrent"] - campaign["in_progress"]
    for _ in range(min(free, campaign["pending"])):
        world.clock.at(due_ms, contact, (CAMPAIGNS, campaign["id"]), campaign_id=campaign["id"])


def _dial(world: World, campaign: Document, line: str, who: str) -> tuple[int, float]:
    """A new call, and how many seconds it takes until it is counted."""
    record = world["agents"].get(campaign["agent_id"])
    placement = calls.Placement(
        direction="outbound",
        from_number=line,
        to_number=who,
        agent=None if record is None else record.document,
    )
    call = calls.start(world, placement).document
    scenario = conversations.scenario_of(world, call)
    whole = timeline.outline(scenario, *conversations.parts(world, call["call_id"]))
    return call["call_id"], whole.ends_ms / 1000 + calls.SETTLEMENT_SECONDS + _AFTER_A_CALL


def _line(world: World, campaign: Document) -> str | None:
    """The number a campaign calls from: the one it names, or the first that may call out; None without one."""
    wanted = campaign.get("from_number")
    for record in world[numbers.NUMBERS]:
        number = record.document
        if wanted in (None, number["number"]) and numbers.outbound_objection(number) is None:
            return str(number["number"])
    return None


def _progress(contacts: list[str]) -> Document:
    total = len(contacts)
    return {"total_contacts": total, "pending": total, "completed": 0, "failed": 0, "in_progress": 0}


def _contacts(world: World, campaign_id: int) -> list[str]:
    record = world[LISTS].get(campaign_id)
    assert record is not None, "kept with the campaign"
    found: list[str] = record.document["contacts"]
    return found


def _campaign(world: World, campaign_id: int) -> Document:
    record = world[CAMPAIGNS].get(campaign_id)
    assert record is not None, "a campaign is never removed"
    return record.document
