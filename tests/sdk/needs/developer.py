"""API keys and webhooks."""

from typing import Final

import preparing

PATH: Final = {
    "endpoint_id": preparing.endpoint_id,
    ("developer_api_keys_delete", "key_id"): lambda wire: wire.post("/v1/developer/api-keys").json["id"],
}
BODY: Final = {
    ("developer_webhook_endpoints_create", "url"): lambda wire: preparing.URL,
    ("webhook_update", "url"): lambda wire: preparing.URL,
    ("webhook_bulk_update", "url"): lambda wire: preparing.URL,
}
EXTRA: Final = {
    "developer_webhook_endpoints_test": {"event_type": "telephony.complete"},
    "webhook_bulk_update": {"url": preparing.URL},
}
BEFORE: Final = {
    "webhook_list": preparing.organization_webhook,
    "developer_webhook_deliveries_list": preparing.organization_webhook,
}
