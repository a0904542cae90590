"""Organizations, and who belongs to them."""

from typing import Any, Final

import preparing

from sdk.wire import Wire


def organization_id(wire: Wire) -> Any:
    return wire.get("/v1/whoami").json["organization"]["id"]


PATH: Final = {
    "org_id": organization_id,
    ("orgs_retrieve", "id"): organization_id,
    ("orgs_update", "id"): organization_id,
    ("orgs_partial_update", "id"): organization_id,
    ("orgs_delete", "id"): preparing.org_id,
    "member_id": preparing.member_id,
    "invite_id": preparing.invite_id,
    ("invites_retrieve", "token"): preparing.invite_token,
    ("invites_accept", "token"): preparing.invite_token,
    ("invites_decline", "token"): preparing.invite_token,
    ("invites_request_access", "token"): preparing.invite_token,
}
BODY: Final = {
    ("invites_create", "email"): lambda wire: "new.colleague@example.com",
}
EXTRA: Final = {"members_role_bulk_update": {"role": "admin"}}
BEFORE: Final = {"leave_create": preparing.act_as_member}
