"""How our own code wants the collections kept that it works with, whatever a served contract says of them."""

from typing import Final

from mockserver.world.store import Layout

LAYOUTS: Final = (
    Layout(
        "calls",
        id_field="call_id",
        order="start_time",
        newest_first=True,
        filters=frozenset({"status", "agent_id"}),
        numbered=True,
    ),
    Layout("agents", numbered=True),
    Layout("phone-numbers", filters=frozenset({"voip_connection_id"}), numbered=True),
    Layout("voip-connections", numbered=True),
    Layout("grades", numbered=True),
    Layout("issue-reports", order="created_at", newest_first=True, numbered=True),
    Layout("test-calls", order="created_at", newest_first=True, numbered=True),
    Layout("test-call-batches", numbered=True),
    Layout("billing/transactions", order="created_at", newest_first=True, numbered=True),
    Layout("members", order="created_at", numbered=True),
    Layout("invites", order="created_at", newest_first=True, numbered=True),
    Layout("developer/api-keys", order="created_at", newest_first=True),
    Layout("v2/sessions", filters=frozenset({"agent_id"}), numbered=True),
    Layout("v2/knowledge", filters=frozenset({"agent_id"}), numbered=True),
    Layout("v2/campaigns", numbered=True),
    Layout("v2/webhook-endpoints", numbered=True),
)
