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
    Layout("agents/variants", filters=frozenset({"agent_id"}), numbered=True),
    Layout("agents/prompt-analyses", numbered=True),
    Layout("agent-imports", order="created_at", newest_first=True),
    Layout("consent-announcements", id_field="asset_hash"),
    Layout("phone-numbers", filters=frozenset({"voip_connection_id"}), numbered=True),
    Layout("integrations", filters=frozenset({"display_name"})),
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
    Layout(
        "issue-reports",
        order="created_at",
        newest_first=True,
        filters=frozenset({"call_id", "cluster_id", "trace_id"}),
        numbered=True,
    ),
    Layout("issue-clusters", order="first_seen", newest_first=True, filters=frozenset({"pattern_key"})),
    Layout("test-calls", order="created_at", newest_first=True, numbered=True),
    Layout("test-call-batches", numbered=True),
    Layout("agents/test-scenarios", filters=frozenset({"agent_id", "source_call_id"}), numbered=True),
    Layout(
        "agents/test-runs", order="created_at", newest_first=True, filters=frozenset({"agent_id"}), numbered=True
    ),
    Layout("validation-examples", filters=frozenset({"agent_id"}), numbered=True),
    Layout(
        "agents/validation-runs",
        order="created_at",
        newest_first=True,
        filters=frozenset({"agent_id"}),
        numbered=True,
    ),
    Layout("investigations", order="created_at", newest_first=True),
    Layout("investigations/experiments", filters=frozenset({"investigation_id"})),
    Layout("suites", filters=frozenset({"agent_id"})),
    Layout("billing/transactions", order="created_at", newest_first=True, numbered=True),
    Layout("billing/payment-methods"),
    Layout("members", order="created_at", numbered=True),
    Layout("invites", order="created_at", newest_first=True, numbered=True),
    Layout("campaigns", id_field="public_id", order="created_at", newest_first=True),
    Layout("campaigns/contacts", filters=frozenset({"campaign_id", "queue"}), numbered=True),
    Layout("campaigns/retries", order="due_at", filters=frozenset({"campaign_id"}), numbered=True),
    Layout("sms", order="created_at", newest_first=True),
    Layout("developer/api-keys", order="created_at", newest_first=True),
    Layout("v2/sessions", filters=frozenset({"agent_id"}), numbered=True),
    Layout("v2/knowledge", filters=frozenset({"agent_id"}), numbered=True),
    Layout("v2/campaigns", numbered=True),
    Layout("v2/webhook-endpoints", numbered=True),
)
