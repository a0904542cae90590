"""Monitoring: alerts about the API itself, taken from services that watch it, and how its products are."""

from typing import Any, Final

from mockserver.clock import iso
from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Raw, Reply
from mockserver.lifecycles import incidents
from mockserver.world.store import Document
from mockserver.world.world import World

_HEARTBEAT_MS: Final = 5 * 60 * 1000
"""How often the products are looked at (invented)."""


def monitoring_azure_alert_create(world: World, inputs: Inputs) -> Reply:
    """Whether anybody was told. An alert that fires is an incident, one that is resolved ends it."""
    essentials = _part(_part(defaults.given(inputs), "data"), "essentials")
    rule = essentials.get("alertRule")
    if not isinstance(rule, str):
        return Reply({"ok": True, "delivered": False})
    if essentials.get("monitorCondition") == "Resolved":
        incidents.resolve(world, rule)
    else:
        text = f"{essentials.get('severity', 'Sev0')}: {rule}"
        incidents.report(world, rule=rule, text=text, base_url=inputs.request.base_url)
    return Reply({"ok": True, "delivered": True})


def monitoring_glitchtip_alert_create(world: World, inputs: Inputs) -> Reply:
    """Whether anybody was told: an alert without a word tells nobody."""
    body = defaults.given(inputs)
    attachments = body.get("attachments")
    first = attachments[0] if isinstance(attachments, list) and attachments else {}
    title = first.get("title") if isinstance(first, dict) else None
    text = title or body.get("text")
    if not isinstance(text, str) or not text:
        return Reply({"ok": True, "delivered": False})
    incidents.report(world, rule="glitchtip", text=text, base_url=inputs.request.base_url)
    return Reply({"ok": True, "delivered": True})


def monitoring_auto_ack_create(world: World, inputs: Inputs) -> Reply:
    """Whether anything was left to acknowledge, of the rule or of any."""
    wanted = defaults.given(inputs)
    found = incidents.acknowledge_all(world, wanted.get("rule"), wanted.get("actor", "automatic"))
    return Reply({"ok": True, "acknowledged": found})


def monitoring_ack_retrieve(world: World, inputs: Inputs) -> Reply:
    """A sentence for whoever opened the link."""
    incident = incidents.acknowledge(world, inputs.path["token"])
    text = f"{incident['rule']} is {incident['status']}.\n"
    return Reply(Raw(text.encode("utf-8"), "text/plain; charset=utf-8"))


def status_heartbeat_list(world: World, inputs: Inputs) -> Reply:
    """How each family of products was when it was last looked at: always well."""
    checked_at = iso(world.clock.now_ms // _HEARTBEAT_MS * _HEARTBEAT_MS)
    families = dict.fromkeys(product.partition("-")[0] for product in world.rules.rates)
    return Reply(
        {"products": [{"product": each, "status": "operational", "checked_at": checked_at} for each in families]}
    )


def _part(body: Document, name: str) -> dict[str, Any]:
    """An object inside of what somebody else sent; empty where there is none."""
    found = body.get(name)
    return found if isinstance(found, dict) else {}
