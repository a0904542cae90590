"""Campaigns."""

from collections.abc import Mapping
from typing import Any, Final

from sdk.needs.calls import calling_number
from sdk.needs.numbers import first_agent
from sdk.wire import Wire


def campaign(wire: Wire) -> Any:
    hours = {"daily_window_start": "00:00", "daily_window_end": "00:00"}
    body = {"name": "Reminders", "agent": first_agent(wire), "from_number": calling_number(wire), **hours}
    made = wire.post("/v1/campaigns", body).json["public_id"]
    wire.post(f"/v1/campaigns/{made}/contacts", [{"phone_number": "+14155550199", "first_name": "Ada"}])
    return made


PATH: Final = {"campaign_id": campaign}
BODY: Final = {("campaigns_create", "agent"): first_agent, ("campaigns_create", "from_number"): calling_number}
EXTRA: Final[Mapping[str, Any]] = {
    "campaigns_action": {"consent_to_charge": True},
    "campaigns_contacts": {"contacts": [{"phone_number": "+14155550199", "first_name": "Ada"}]},
}
QUERY: Final[Mapping[str, Any]] = {"campaigns_action": {"action": "start"}}
