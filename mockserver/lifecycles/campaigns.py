"""Campaigns: made, given contacts, started and stopped. What they do meanwhile is in `campaign_calls`."""

from typing import Final

from mockserver.clock import iso, parse_iso
from mockserver.errors import Conflict, InvalidInput, NotFound
from mockserver.lifecycles import campaign_calls, campaign_contacts, numbers
from mockserver.lifecycles.campaign_calls import CAMPAIGNS, OVER
from mockserver.world.store import Document
from mockserver.world.world import World

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


def draft(world: World, given: Document) -> Document:
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
    ).document


def change(world: World, campaign: Document, given: Document) -> Document:
    """The campaign with other settings, which hold from the next call on. Raises Conflict once it is over."""
    if campaign["status"] in OVER:
        raise Conflict(f"The campaign is {campaign['status']} and cannot be changed.")
    world.change(CAMPAIGNS, campaign["public_id"], _checked(world, {**campaign, **given}))
    return _gone_on(world, campaign)


def remove(world: World, campaign: Document) -> None:
    """Forget a campaign and its contacts; its calls stay. Raises Conflict while it runs."""
    if campaign["status"] == "running":
        raise Conflict("The campaign is running. Pause or cancel it first.")
    campaign_contacts.forget(world, campaign["public_id"])
    world.remove(CAMPAIGNS, campaign["public_id"])


def enlist(world: World, campaign: Document, people: list[tuple[str, Document]]) -> None:
    """Add contacts, each a number and the variables of its call. Raises Conflict once the campaign is over."""
    if campaign["status"] in OVER:
        raise Conflict(f"The campaign is {campaign['status']} and takes no more contacts.")
    for number, variables in people:
        campaign_contacts.add(world, campaign["public_id"], number, variables)
    total = {"total_count": campaign["total_count"] + len(people)}
    world.change(CAMPAIGNS, campaign["public_id"], total)
    _gone_on(world, campaign)


def start(world: World, campaign: Document) -> Document:
    """The campaign begins, or goes on after a pause.

    Raises Conflict when it has nobody to call or nothing to call with, ApiError 402 and 403 as a single call does.
    """
    if campaign["status"] not in ("draft", "paused"):
        raise Conflict(f"The campaign is {campaign['status']}; only a draft or a paused one can be started.")
    if campaign["total_count"] == 0:
        raise Conflict("The campaign has no contacts. POST them to /v1/campaigns/{campaign_id}/contacts first.")
    if campaign["end_at"] is not None and campaign["end_at"] <= world.now:
        raise Conflict(f"The campaign ended at {campaign['end_at']}. PATCH its end_at first.")
    campaign_calls.require_means(world, campaign)
    world.change(CAMPAIGNS, campaign["public_id"], {"status": "scheduled"})
    return _gone_on(world, campaign)


def pause(world: World, campaign: Document) -> Document:
    """No more calls begin; those that are going on go on. Raises Conflict when it is not under way."""
    if campaign["status"] not in ("scheduled", "running"):
        raise Conflict(f"The campaign is {campaign['status']} and cannot be paused.")
    return world.change(CAMPAIGNS, campaign["public_id"], {"status": "paused"}).document


def cancel(world: World, campaign: Document) -> Document:
    """No call ever begins again; those that are going on go on. Raises Conflict when it is over already."""
    if campaign["status"] in OVER:
        raise Conflict(f"The campaign is {campaign['status']} already.")
    identity = campaign["public_id"]
    world.clock.cancel((CAMPAIGNS, identity))
    for contact in campaign_contacts.with_status(world, identity, "calling"):
        campaign_calls.follow(world, identity, contact["id"], contact["call_id"])
    return world.change(CAMPAIGNS, identity, {"status": "cancelled"}).document


def _gone_on(world: World, campaign: Document) -> Document:
    """The campaign after it did what it can do now."""
    campaign_calls.wake(world, campaign["public_id"])
    return campaign_calls.find(world, campaign["public_id"])


def _checked(world: World, campaign: Document) -> Document:
    """A campaign's settings, with its agent's name and its times as the API writes them."""
    agent = world["agents"].get(campaign["agent"])
    if agent is None:
        raise NotFound(f"Agent {campaign['agent']} not found.")
    numbers.sender(world, campaign["from_number"])
    campaign_calls.window(campaign)
    times = {}
    for name in ("start_at", "end_at"):
        given = campaign.get(name)
        times[name] = None if given is None else iso(parse_iso(given))
    if times["start_at"] is not None and times["end_at"] is not None and times["end_at"] <= times["start_at"]:
        raise InvalidInput({"end_at": [f"It must lie behind start_at, {times['start_at']}."]})
    settings = {name: campaign[name] for name in _SETTINGS if name not in times}
    return {**settings, **times, "agent_name": agent.document["name"]}
