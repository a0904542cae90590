"""Campaigns: drafting, launching, pausing."""

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import ApiError
from mockserver.lifecycles import naming, outreach
from mockserver.world.store import Document
from mockserver.world.world import World


def v2_campaigns_create(world: World, inputs: Inputs) -> Reply:
    """A new draft. Raises NotFound for an unknown agent."""
    body = defaults.wanted(inputs)
    naming.agent(world, body["agent_id"])
    contacts = list(dict.fromkeys(body.pop("contacts")))
    return Reply(outreach.draft(world, {**body, "scheduled_at": body.pop("schedule", None)}, contacts))


def v2_campaigns_partial_update(world: World, inputs: Inputs) -> Reply:
    """The draft changed. Raises ApiError 403 once it was launched."""
    record = defaults.record_of(world, inputs)
    if record.document["status"] != "draft":
        text = f"The campaign is {record.document['status']}; only a draft can be changed."
        raise ApiError(text, status=403)
    changes = defaults.given(inputs)
    if "contacts" in changes:
        outreach.replace_contacts(world, int(record.id), list(dict.fromkeys(changes.pop("contacts"))))
    if "schedule" in changes:
        changes["scheduled_at"] = changes.pop("schedule")
    return Reply(world.change(outreach.CAMPAIGNS, record.id, changes))


def v2_campaigns_launch(world: World, inputs: Inputs) -> Reply:
    """The campaign, running."""
    campaign = outreach.launch(world, _campaign(world, inputs), again=inputs.query["force_rerun"])
    message = f"Campaign launched: {campaign['total_contacts']} contacts."
    return Reply(_shown(campaign, message))


def v2_campaigns_pause(world: World, inputs: Inputs) -> Reply:
    """The campaign, paused."""
    return Reply(_shown(outreach.pause(world, _campaign(world, inputs)), "Campaign paused."))


def v2_campaigns_resume(world: World, inputs: Inputs) -> Reply:
    """The campaign, running again."""
    return Reply(_shown(outreach.resume(world, _campaign(world, inputs)), "Campaign resumed."))


def _campaign(world: World, inputs: Inputs) -> Document:
    return defaults.find(world, outreach.CAMPAIGNS, "campaign_id", inputs).document


def _shown(campaign: Document, message: str) -> Document:
    return {**campaign, "message": message}
