"""Attestations."""

from typing import Any, Final

from sdk.needs.numbers import first_agent
from sdk.wire import Wire


def designated(wire: Wire) -> Any:
    body = {
        "accepted": True,
        "agent_id": first_agent(wire),
        "statement_sha256": "0" * 64,
        "text_version": "1",
    }
    assert wire.post("/v1/phi-designation-attestation", body).status == 201


BEFORE: Final = {"phi_designation_attestation_list": designated}
EXTRA: Final = {
    "phi_designation_attestation_create": {"accepted": True},
    "outbound_tcpa_confirmation_create": {"accepted": True},
}
