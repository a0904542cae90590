"""Integrations, and connections to other services."""

from collections.abc import Mapping
from typing import Any, Final

import preparing

from sdk.wire import Wire

Table = Mapping[str | tuple[str, str], Any]

SPEC: Final = {"type": "function", "function": {"name": "find_parcel", "parameters": {"type": "object"}}}


def integration(wire: Wire) -> Any:
    return wire.post("/v1/integrations", {"display_name": "Parcels", "spec": SPEC}).json


def integration_number(wire: Wire) -> Any:
    return integration(wire)["number"]


def provider_connection(wire: Wire) -> Any:
    body = {"api_key": "key-of-the-demo"}
    return wire.post("/v1/provider-connections/google_sheets/api-key", body).json


def connection_id(wire: Wire) -> Any:
    return provider_connection(wire)["id"]


def shared_connection_id(wire: Wire) -> Any:
    """A connection that the first agent has."""
    identity = connection_id(wire)
    wire("PUT", f"/v1/provider-connections/{identity}/agents/{wire.get('/v1/agents').json[0]['id']}")
    return identity


_ON_A_CONNECTION: Final = (
    "agents_update",
    "delete",
    "partial_update",
    "retrieve",
    "sheets_configure",
    "sheets_inspect",
    "sheets_picker_token",
)
PATH: Final[Table] = {
    "integration_id": integration_number,
    ("integrations_transfer", "integration_id"): lambda wire: integration(wire)["id"],
    ("integrations_versions_list", "integration_id"): lambda wire: integration(wire)["id"],
    **{(f"provider_connections_{each}", "connection_id"): connection_id for each in _ON_A_CONNECTION},
    ("provider_connections_agents_delete", "connection_id"): shared_connection_id,
    ("provider_connections_agents_delete", "agent_id"): preparing.agent_id,
    ("provider_connections_agents_update", "agent_id"): preparing.agent_id,
    ("provider_connections_api_key", "provider"): lambda wire: "hubspot",
}
BODY: Final = {
    ("integrations_create", "spec"): lambda wire: SPEC,
    ("integrations_update", "spec"): lambda wire: SPEC,
    ("integrations_test_request_create", "url"): lambda wire: preparing.URL,
    ("integrations_transfer", "target_org_id"): preparing.org_id,
    "api_key": lambda wire: "key-of-the-demo",
    "spreadsheet_id": lambda wire: "1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms",
    "sheet_name": lambda wire: "Calls",
}
EXTRA: Final[Mapping[str, Any]] = {
    "provider_connections_agents_update": {"allowed_operations": {"append_row": True}},
    "provider_connections_partial_update": {"allowed_operations": {"update_row": False}},
}
