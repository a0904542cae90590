"""Campaigns: making one, whom it calls, starting and stopping it, and how far it is."""

from collections.abc import Mapping
from typing import Any

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import InvalidInput
from mockserver.lifecycles import campaign_contacts, campaigns, contact_lists
from mockserver.lifecycles.campaign_calls import CAMPAIGNS
from mockserver.spec.forms import Upload
from mockserver.world.store import Document
from mockserver.world.world import World


def campaigns_create(world: World, inputs: Inputs) -> Reply:
    """A draft; it calls nobody until it is started."""
    return Reply(campaigns.draft(world, defaults.wanted(inputs)))


def campaigns_retrieve(world: World, inputs: Inputs) -> Reply:
    """The campaign with all its contacts."""
    record = defaults.record_of(world, inputs)
    return Reply({**record.document, "contacts": campaign_contacts.everybody(world, record.id)})


def campaigns_partial_update(world: World, inputs: Inputs) -> Reply:
    """The campaign with other settings."""
    record = defaults.record_of(world, inputs)
    return Reply(campaigns.change(world, record.document, defaults.given(inputs)))


def campaigns_delete(world: World, inputs: Inputs) -> Reply:
    """Nothing; the campaign and its contacts are gone."""
    campaigns.remove(world, defaults.record_of(world, inputs).document)
    return Reply(None)


def campaigns_action(world: World, inputs: Inputs) -> Reply:
    """The campaign started, paused or cancelled. Raises InvalidInput for a start without consent to its price."""
    campaign = defaults.record_of(world, inputs).document
    action = inputs.path["action"]
    if action == "start":
        if defaults.given(inputs).get("consent_to_charge") is not True:
            raise InvalidInput({"consent_to_charge": ["Calls cost money: send true to start."]})
        return Reply(campaigns.start(world, campaign))
    stopped = campaigns.pause if action == "pause" else campaigns.cancel
    return Reply(stopped(world, campaign))


def campaigns_contacts(world: World, inputs: Inputs) -> Reply:
    """How many contacts were added, and what is wrong with the others."""
    campaign = defaults.find(world, CAMPAIGNS, "campaign_id", inputs).document
    people, problems = contact_lists.people(_rows(inputs.body))
    campaigns.enlist(world, campaign, people)
    return Reply(
        {
            "accepted": len(people),
            "rejected": len(problems),
            "errors": problems[: contact_lists.MOST_ERRORS],
            "errors_truncated": len(problems) > contact_lists.MOST_ERRORS,
        }
    )


def campaigns_stats_list(world: World, inputs: Inputs) -> Reply:
    """How far the campaign is, and its last calls."""
    campaign = defaults.find(world, CAMPAIGNS, "campaign_id", inputs).document
    return Reply(
        {
            "total": campaign["total_count"],
            "completed": campaign["completed_count"],
            "failed": campaign["failed_count"],
            "in_progress": campaign["in_progress_count"],
            "by_status": campaign_contacts.counts(world, campaign["public_id"]),
            "recent_calls": campaign["recent_calls"],
        }
    )


def _rows(body: Any) -> list[Mapping[str, Any]]:
    """The contacts in a body: a list, an object around one, or a form with a file."""
    if isinstance(body, list):
        return body
    given: Document = body if isinstance(body, dict) else {}
    file, mapping = given.get("file"), given.get("mapping") or {}
    if isinstance(file, Upload):
        if not isinstance(mapping, dict):
            raise InvalidInput({"mapping": ["An object is wanted: names by which the columns are to be known."]})
        return [*contact_lists.rows_of(file.data, mapping)]
    if "contacts" not in given:
        raise InvalidInput({"contacts": ["This field is required, unless a file is sent."]})
    return [*given["contacts"]]
