"""Alerts about the API itself."""

from typing import Any, Final

from sdk.wire import Wire

ALERT: Final = {"data": {"essentials": {"alertRule": "api-down", "severity": "Sev0", "monitorCondition": "Fired"}}}


def incident_token(wire: Wire) -> Any:
    wire.post("/v1/monitoring/azure-alert", ALERT)
    return wire.get("/_mock/emails").json[-1]["token"]


PATH: Final = {("monitoring_ack_retrieve", "token"): incident_token}
EXTRA: Final = {"monitoring_azure_alert_create": ALERT}
