"""Agents and what belongs to them: instructions, MCP servers, imports."""

from collections.abc import Mapping
from typing import Any, Final

from sdk.wire import Wire


def agent_id(wire: Wire) -> Any:
    return wire.get("/v1/agents").json[0]["id"]


def instruction_id(wire: Wire) -> Any:
    body = {"name": "Closing words", "content": "Thank the caller by name."}
    return wire.post("/v1/reusable-instructions", body).json["id"]


def mcp_server_id(wire: Wire) -> Any:
    body = {"display_name": "Orders", "url": "https://mcp.example.com/orders"}
    return wire.post("/v1/mcp-servers", body).json["id"]


def variant_id(wire: Wire) -> Any:
    return wire.post(f"/v1/agents/{agent_id(wire)}/variants", {"label": "Warmer"}).json["id"]


def other_organization(wire: Wire) -> Any:
    return wire.post("/v1/orgs/", {"name": "Second"}).json["id"]


def announcement_hash(wire: Wire) -> Any:
    body = {"affirmed": True, "attestation_text_version": "2026-04", "locale": "en-US"}
    return wire.post(f"/v1/agents/{agent_id(wire)}/consent-attestations", body).json["attestation_text_sha256"]


def planned_import(wire: Wire) -> Any:
    made = wire.post("/v1/agent-imports", {"source": "vapi", "auth_mode": "api_key", "api_key": "vapi-key"}).json[
        "id"
    ]
    wire.settle()
    return made


def finished_import(wire: Wire) -> Any:
    made = planned_import(wire)
    wire.post(f"/v1/agent-imports/{made}/commit")
    wire.settle()
    return made


def planned_item(wire: Wire) -> Any:
    """An item of the import that the path names before it."""
    newest = wire.get("/v1/agent-imports").json[0]["id"]
    return wire.get(f"/v1/agent-imports/{newest}").json["items"][0]["id"]


PATH: Final[Mapping[Any, Any]] = {
    "agent_id": agent_id,
    "instruction_id": instruction_id,
    "variant_id": variant_id,
    "asset_hash": announcement_hash,
    "item_id": planned_item,
    **{
        (f"agent_imports_{each}", "public_id"): planned_import
        for each in ("commit", "connection_secrets", "delete", "items_partial_update", "retrieve")
    },
    ("agent_imports_numbers_move", "public_id"): finished_import,
    "server_id": mcp_server_id,
}
BODY: Final = {
    ("agents_consent_attestations", "affirmed"): lambda wire: True,
    ("agents_steps_flatten", "steps"): lambda wire: [
        {"title": "Greet", "instructions": "Ask for the order number."}
    ],
    ("agents_transfer", "target_org_id"): other_organization,
}
EXTRA: Final = {
    "agent_imports_connection_secrets": {"connection": "tools-1", "header_id": "authorization"},
    "agent_imports_create": {"auth_mode": "paste", "payload": "You take messages."},
    "agent_imports_numbers_move": {"number": "+14155550123"},
    "mcp_servers_create": {"url": "https://mcp.example.com/orders"},
    "mcp_create": {"id": 1, "method": "tools/list"},
}
