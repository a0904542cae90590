"""Publishable keys, and the session a page opens with one."""

from typing import Any, Final

import preparing

from sdk.wire import Wire

DOMAIN: Final = "shop.example.com"


def key(wire: Wire) -> Any:
    agent_id = wire.get("/v1/agents").json[0]["id"]
    return wire.post("/v1/publishable-key", {"allowed_domains": [DOMAIN], "agent_id": agent_id}).json


def key_id(wire: Wire) -> Any:
    return key(wire)["id"]


def page(wire: Wire) -> dict[str, str]:
    """The headers that a page of the domain sends."""
    return {"x-api-key": key(wire)["key"], "origin": f"https://{DOMAIN}"}


PATH: Final = {
    (f"publishable_key_{operation}", "key_id"): key_id
    for operation in ("retrieve", "partial_update", "delete", "transfer")
}
BODY: Final = {
    ("publishable_key_create", "agent_id"): preparing.agent_id,
    ("publishable_key_transfer", "target_org_id"): preparing.org_id,
}
EXTRA: Final = {"publishable_key_create": {"agent_id": None, "allowed_domains": [DOMAIN]}}
HEADERS: Final = {"widget_session_create": page}
