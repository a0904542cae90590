"""VoIP connections and SIP endpoints."""

from collections.abc import Mapping
from typing import Any, Final

from thunderphone.generated.models import VoipConnectionsSearchNumbersListType

from sdk.needs.numbers import first_agent
from sdk.wire import Wire

CREDENTIALS: Final = {"apiKey": "KEY0123456789"}


def evidence(wire: Wire, provider: str = "telnyx") -> Any:
    body = {"provider": provider, "credentials": CREDENTIALS}
    return wire.post("/v1/voip-connections/test", body).json["verification_evidence"]["id"]


def connection(wire: Wire) -> Any:
    body = {"provider": "telnyx", "verification_evidence_id": evidence(wire)}
    return wire.post("/v1/voip-connections", body).json["id"]


def discovery(wire: Wire) -> Any:
    found = wire.post("/v1/voip-connections/twilio/subaccounts", {"credentials": CREDENTIALS})
    return found.json["discovery_id"]


def endpoint(wire: Wire) -> Any:
    return wire.post("/v1/sip-endpoints", {"agent_id": first_agent(wire)}).json["id"]


SIP: Final = (
    "sip_endpoints_retrieve",
    "sip_endpoints_partial_update",
    "sip_endpoints_delete",
    "sip_endpoints_rotate_password",
)
VOIP: Final = (
    "available_numbers_list",
    "delete",
    "enable_transfers",
    "import_numbers",
    "partial_update",
    "provision_number",
    "search_numbers_list",
)
PATH: Final = {(each, "endpoint_id"): endpoint for each in SIP} | {
    (f"voip_connections_{each}", "connection_id"): connection for each in VOIP
}
BODY: Final = {
    ("voip_connections_create", "verification_evidence_id"): evidence,
    ("voip_connections_twilio_subaccounts_connect", "discovery_id"): discovery,
}
EXTRA: Final[Mapping[str, Any]] = {
    "voip_connections_create": {"provider": "telnyx", "verification_evidence_id": None},
    "voip_connections_test_create": {"provider": "telnyx", "credentials": CREDENTIALS},
    "voip_connections_import_numbers": {"numbers": ["+12065550142"]},
    "voip_connections_provision_number": {"number": "+12065550131"},
    "voip_connections_twilio_subaccounts": {"credentials": CREDENTIALS},
    "voip_connections_twilio_subaccounts_connect": {"discovery_id": None, "subaccount_sids": ["AC00"]},
    "sip_endpoints_partial_update": {"name": "Reception"},
}
QUERY: Final[Mapping[str, Any]] = {
    "voip_connections_search_numbers_list": {"country": "US", "type_": VoipConnectionsSearchNumbersListType.LOCAL},
}
