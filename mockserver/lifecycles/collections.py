"""How our own code wants the collections kept that it works with, whatever a served contract says of them."""

from typing import Final

from mockserver.world.store import Layout

LAYOUTS: Final = (
    Layout(
        "calls",
        id_field="call_id",
        order="start_time",
        newest_first=True,
        filters=frozenset({"status"}),
        numbered=True,
    ),
    Layout("agents", numbered=True),
    Layout("phone-numbers", filters=frozenset({"voip_connection_id"}), numbered=True),
    Layout("voip-connections", numbered=True),
    Layout("sip-endpoints", numbered=True),
    Layout("outbound-tcpa-confirmations", order="confirmed_at", newest_first=True, numbered=True),
    Layout(
        "phi-designation-attestations",
        order="attested_at",
        newest_first=True,
        filters=frozenset({"agent_id"}),
        numbered=True,
    ),
    Layout("outbound-platform-number-requests", order="created_at", newest_first=True, numbered=True),
    Layout("grades", numbered=True),
    Layout("issue-reports", order="created_at", newest_first=True, numbered=True),
    Layout("test-calls", order="created_at", newest_first=True, numbered=True),
    Layout("test-call-batches", numbered=True),
    Layout("billing/transactions", order="created_at", newest_first=True, numbered=True),
    Layout("billing/payment-methods"),
    Layout("members", order="created_at", numbered=True),
    Layout("invites", order="created_at", newest_first=True, numbered=True),
    Layout("campaigns", id_field="public_id", order="created_at", newest_first=True),
    Layout("campaigns/contacts", filters=frozenset({"campaign_id", "queue"}), numbered=True),
    Layout("campaigns/retries", order="due_at", filters=frozenset({"campaign_id"}), numbered=True),
    Layout("sms", order="created_at", newest_first=True),
    Layout("developer/api-keys", order="created_at", newest_first=True),
)
