"""Words to say what is wrong with: which requests are meant, and what happens to their replies."""

import re
from collections.abc import Callable
from typing import Any

from sabotage.stage import After, Answered, Asked, Before, Scene

Json = Any

PATHS = {
    "calls_list": ("GET", r"/v1/calls"),
    "calls_retrieve": ("GET", r"/v1/calls/\d+"),
    "calls_export_list": ("GET", r"/v1/calls/export"),
    "calls_transcript_list": ("GET", r"/v1/calls/\d+/transcript"),
    "calls_history_list": ("GET", r"/v1/calls/\d+/history"),
    "calls_audio_list": ("GET", r"/v1/calls/\d+/audio"),
    "calls_grade_list": ("GET", r"/v1/calls/\d+/grade"),
    "calls_grade": ("POST", r"/v1/calls/\d+/grade"),
    "calls_issue_reports_list": ("GET", r"/v1/calls/\d+/issue-reports"),
    "calls_issue_reports": ("POST", r"/v1/calls/\d+/issue-reports"),
    "calls_place": ("POST", r"/v1/call"),
    "issue_reports_list": ("GET", r"/v1/issue-reports"),
    "agents_list": ("GET", r"/v1/agents"),
    "agents_create": ("POST", r"/v1/agents"),
    "agents_retrieve": ("GET", r"/v1/agents/\d+"),
    "agents_partial_update": ("PATCH", r"/v1/agents/\d+"),
    "agents_update": ("PUT", r"/v1/agents/\d+"),
    "agents_delete": ("DELETE", r"/v1/agents/\d+"),
    "agents_versions_list": ("GET", r"/v1/agents/\d+/versions"),
    "agents_duplicate": ("POST", r"/v1/agents/\d+/duplicate"),
    "integrations_list": ("GET", r"/v1/integrations"),
    "integrations_create": ("POST", r"/v1/integrations"),
    "integrations_retrieve": ("GET", r"/v1/integrations/[0-9a-f-]{36}"),
    "integrations_partial_update": ("PATCH", r"/v1/integrations/[0-9a-f-]{36}"),
    "phone_numbers_list": ("GET", r"/v1/phone-numbers"),
    "phone_numbers_create": ("POST", r"/v1/phone-numbers"),
    "phone_numbers_retrieve": ("GET", r"/v1/phone-numbers/\d+"),
    "phone_numbers_partial_update": ("PATCH", r"/v1/phone-numbers/\d+"),
    "phone_numbers_update": ("PUT", r"/v1/phone-numbers/\d+"),
    "phone_numbers_limits_list": ("GET", r"/v1/phone-numbers/limits"),
    "phone_number_labels_list": ("GET", r"/v1/phone-number-labels"),
    "phone_number_labels_create": ("POST", r"/v1/phone-number-labels"),
    "phone_number_labels_delete": ("DELETE", r"/v1/phone-number-labels/\d+"),
    "publishable_key_list": ("GET", r"/v1/publishable-key"),
    "publishable_key_create": ("POST", r"/v1/publishable-key"),
    "publishable_key_delete": ("DELETE", r"/v1/publishable-key/\d+"),
    "widget_session_create": ("POST", r"/v1/widget/session"),
    "mic_session_create": ("POST", r"/v1/mic-session"),
    "billing_list": ("GET", r"/v1/billing"),
    "billing_bulk_update": ("PATCH", r"/v1/billing"),
    "billing_top_up_create": ("POST", r"/v1/billing/top-up"),
    "billing_transactions_list": ("GET", r"/v1/billing/transactions"),
    "developer_api_keys_list": ("GET", r"/v1/developer/api-keys"),
    "developer_api_keys_create": ("POST", r"/v1/developer/api-keys"),
    "developer_api_keys_delete": ("DELETE", r"/v1/developer/api-keys/[0-9a-f-]{36}"),
    "developer_webhook_endpoints_list": ("GET", r"/v1/developer/webhook-endpoints"),
    "developer_webhook_endpoints_create": ("POST", r"/v1/developer/webhook-endpoints"),
    "developer_webhook_endpoints_partial_update": ("PATCH", r"/v1/developer/webhook-endpoints/[0-9a-f-]{36}"),
    "developer_webhook_endpoints_delete": ("DELETE", r"/v1/developer/webhook-endpoints/[0-9a-f-]{36}"),
    "webhook_update": ("PUT", r"/v1/webhook"),
    "members_list": ("GET", r"/v1/members"),
    "members_delete": ("DELETE", r"/v1/members/\d+"),
    "invites_create": ("POST", r"/v1/invites"),
    "invites_list": ("GET", r"/v1/invites"),
    "invites_accept": ("POST", r"/v1/invites/[^/]+/accept"),
    "orgs_list": ("GET", r"/v1/orgs/"),
    "orgs_partial_update": ("PATCH", r"/v1/orgs/\d+/"),
    "test_calls_create": ("POST", r"/v1/test-calls"),
    "test_calls_list": ("GET", r"/v1/test-calls"),
    "test_call_batches_retrieve": ("GET", r"/v1/test-call-batches/\d+"),
    "voices_list": ("GET", r"/v1/voices"),
    "voip_connections_create": ("POST", r"/v1/voip-connections"),
    "voip_connections_retrieve": ("GET", r"/v1/voip-connections/\d+"),
    "healthz_list": ("GET", r"/v1/healthz"),
    "orgs_create": ("POST", r"/v1/orgs/"),
    "orgs_delete": ("DELETE", r"/v1/orgs/\d+/"),
    "agents_transfer": ("POST", r"/v1/agents/\d+/transfer"),
    "agents_prompt_language_check_create": ("POST", r"/v1/agents/prompt-language-check"),
    "integrations_test_request_create": ("POST", r"/v1/integrations/test-request"),
    "storage": ("GET", r"/_storage/.*"),
}
"""Where each operation that a defect names is found."""


def asks(asked: Asked, *operations: str) -> bool:
    """Whether a request is for one of these operations."""
    return any(asked.method == PATHS[each][0] and re.fullmatch(PATHS[each][1], asked.path) for each in operations)


def on(*operations: str, status: int | None = None) -> Callable[[Callable[[Asked, Answered, Scene], None]], After]:
    """A change of the JSON replies of these operations, of a status, or of every success."""

    def made(change: Callable[[Asked, Answered, Scene], None]) -> After:
        def after(asked: Asked, answered: Answered, scene: Scene) -> None:
            right = answered.status == status if status is not None else 200 <= answered.status < 300
            if right and asks(asked, *operations):
                change(asked, answered, scene)

        return after

    return made


def rows(value: Json) -> list[Json]:
    """The objects of a reply: of a page, a list, an export, or the reply itself."""
    if isinstance(value, list):
        return value
    for name in ("results", "calls", "transcripts", "voices"):
        if isinstance(value, dict) and isinstance(value.get(name), list):
            found: list[Json] = value[name]
            return found
    return [value]


def each(
    *operations: str, change: Callable[[Json], None], only: Callable[[Json], bool] = lambda row: True
) -> After:
    """Change every object of these operations' replies."""

    def after(asked: Asked, answered: Answered, scene: Scene) -> None:
        if not asks(asked, *operations) or not 200 <= answered.status < 300 or answered.json is None:
            return
        value = answered.json
        for row in rows(value):
            if isinstance(row, dict) and only(row):
                change(row)
        answered.json = value

    return after


def put(name: str, value: Json) -> Callable[[Json], None]:
    """Set a field."""

    def change(row: Json) -> None:
        row[name] = value(row) if callable(value) else value

    return change


def lose(name: str) -> Callable[[Json], None]:
    """Drop a field."""
    return lambda row: row.pop(name, None)


def has(name: str) -> Callable[[Json], bool]:
    """Whether an object has a field that is not null."""
    return lambda row: row.get(name) is not None


def refused(status: int, detail: str = "No.") -> Answered:
    """A refusal."""
    answered = Answered(status, [("content-type", "application/json")], b"")
    answered.json = {"detail": detail}
    return answered


def without(*names: str, operations: tuple[str, ...]) -> Before:
    """Forget these query parameters on the way in."""

    def before(asked: Asked, scene: Scene) -> None:
        if asks(asked, *operations):
            asked.parameters = {name: value for name, value in asked.parameters.items() if name not in names}

    return before
