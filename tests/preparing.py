"""What an operation needs before it can succeed: ids for its path and values for its body, made on demand.

Each function is given a caller of the demo world and answers a value. `PATH` is by path parameter, or by
(operationId, path parameter) where one operation needs a special one; `BODY` is by body field, or by
(operationId, body field); `BEFORE` is by operationId, for what must have happened.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from caller import Caller

from mockserver.spec.document import Operation
from mockserver.spec.fill import Filler

Prepared = Callable[[Caller], Any]
Needs = Mapping[str | tuple[str, str], Prepared]

URL: Final = "http://127.0.0.1:9/hook"
"""Nobody listens there."""


def call_id(api: Caller) -> Any:
    return api.get("/v1/calls?status=completed").json["results"][0]["call_id"]


def agent_id(api: Caller) -> Any:
    return api.get("/v1/agents").json[0]["id"]


def phone_number_id(api: Caller) -> Any:
    return next(each["id"] for each in api.get("/v1/phone-numbers").json if each["source"] == "demo")


def evidence_id(api: Caller, *, provider: str = "telnyx") -> Any:
    sip = {"domain": "sip.example.com"}
    credentials = {"apiKey": "KEY0123456789", "connectionId": "1900"}
    body = {"provider": provider, "credentials": credentials, "sip_config": sip}
    return api.post("/v1/voip-connections/test", body).json["verification_evidence_id"]


def connection_id(api: Caller) -> Any:
    body = {"provider": "telnyx", "verification_evidence_id": evidence_id(api)}
    return api.post("/v1/voip-connections", body).json["id"]


def voip_number_id(api: Caller) -> Any:
    at = f"/v1/voip-connections/{connection_id(api)}/import-numbers"
    return api.post(at, {"numbers": ["+12065550142"]}).json["results"][0]["id"]


def label_id(api: Caller) -> Any:
    return api.post("/v1/phone-number-labels", {"phone_number": "+14155550177", "label": "Head office"}).json["id"]


def integration_id(api: Caller) -> Any:
    spec = {"type": "function", "function": {"name": "find_parcel"}}
    return api.post("/v1/integrations", {"display_name": "Parcels", "spec": spec}).json["id"]


def batch_id(api: Caller) -> Any:
    body = {"target_type": "agent", "target_id": agent_id(api), "consent_to_charge": True}
    return api.post("/v1/test-call-batches", body).json["id"]


def other_organization_id(api: Caller) -> Any:
    """Another organization of the same person."""
    world = api.app.worlds.find(str(api.key))
    assert world is not None
    return api.app.worlds.found(world).organization_id


def endpoint_id(api: Caller) -> Any:
    return api.post("/v1/developer/webhook-endpoints", {"label": "Hook", "url": URL}).json["id"]


def organization_webhook(api: Caller) -> Any:
    return api("PUT", "/v1/webhook", {"url": URL}).json


def publishable_key(api: Caller) -> Any:
    body = {"allowed_domains": ["shop.example.com"], "agent_id": agent_id(api)}
    return api.post("/v1/publishable-key", body).json


def calling_number(api: Caller) -> Any:
    """A verified VoIP number with an outbound agent, made past the API."""
    world = api.app.worlds.find(str(api.key))
    assert world is not None
    number = {
        "number": "+15551234567",
        "source": "voip",
        "status": "active",
        "voip_verification_status": "verified",
        "outbound_agent_id": agent_id(api),
    }
    return world.create("phone-numbers", number).document["number"]


def widget_headers(api: Caller) -> Any:
    return {"x-api-key": publishable_key(api)["key"], "origin": "https://shop.example.com"}


def org_id(api: Caller) -> Any:
    return api.post("/v1/orgs/", {"name": "Second"}).json["id"]


def invite_id(api: Caller) -> Any:
    return api.post("/v1/invites", {"email": "invited@example.com"}).json["id"]


def invite_token(api: Caller) -> Any:
    invite_id(api)
    return api.get("/_mock/emails").json[-1]["token"]


def member_id(api: Caller) -> Any:
    api.post(f"/v1/invites/{invite_token(api)}/accept")
    return api.get("/v1/members").json[-1]["id"]


def act_as_member(api: Caller) -> Any:
    """From now on the caller is somebody who may leave."""
    api.key = api.post("/_mock/keys", {"member_id": member_id(api)}).json["key"]


PATH: Final[Needs] = {
    "call_id": call_id,
    "agent_id": agent_id,
    "phone_number_id": phone_number_id,
    ("phone_numbers_verify_voip", "phone_number_id"): voip_number_id,
    "connection_id": connection_id,
    "label_id": label_id,
    "integration_id": integration_id,
    "batch_id": batch_id,
    "endpoint_id": endpoint_id,
    "org_id": org_id,
    "member_id": member_id,
    "invite_id": invite_id,
    ("invites_retrieve", "invite_id"): invite_token,
    "token": invite_token,
    ("developer_api_keys_delete", "key_id"): lambda api: api.post("/v1/developer/api-keys").json["id"],
    "key_id": lambda api: publishable_key(api)["id"],
}

BODY: Final[Needs] = {
    "agent_id": agent_id,
    "inbound_agent_id": agent_id,
    "outbound_agent_id": agent_id,
    "target_org_id": other_organization_id,
    "target_id": agent_id,
    "verification_evidence_id": evidence_id,
    "connection_id": connection_id,
    ("calls_place", "from_number"): calling_number,
    ("integrations_test_request_create", "url"): lambda api: URL,
    ("webhook_update", "url"): lambda api: URL,
    ("webhook_bulk_update", "url"): lambda api: URL,
}

BEFORE: Final[Mapping[str, Prepared]] = {"webhook_list": organization_webhook, "leave_create": act_as_member}

HEADERS: Final[Mapping[str, Prepared]] = {"widget_session_create": widget_headers}
"""By operationId, for an operation that takes more than an API key."""


def target_of(operation: Operation, api: Caller) -> str:
    """Path and query of a request for the operation that can succeed."""
    target = operation.path.format(
        **{name: _prepared(PATH, operation, name, api) for name in operation.path_names}
    )
    required = {each.name: each.schema.node["enum"][0] for each in operation.query() if each.required}
    return target + ("?" + "&".join(f"{name}={value}" for name, value in required.items()) if required else "")


def body_of(operation: Operation, api: Caller) -> dict[str, Any] | None:
    """The operation's example with every required field, ids of things that exist put in; None without a body."""
    if operation.body is None:
        return None
    schema = operation.body.content["application/json"]
    fields = dict(operation.node["requestBody"]["content"]["application/json"].get("example", {}))
    for name in schema.properties:
        if name in fields or name in schema.required:
            if name in BODY or (operation.id, name) in BODY:
                fields[name] = _prepared(BODY, operation, name, api)
            elif name not in fields:
                fields[name] = Filler().value(schema.properties[name], "body", name, now="")
    return fields


def _prepared(needs: Needs, operation: Operation, name: str, api: Caller) -> Any:
    special = (operation.id, name)
    return needs[special if special in needs else name](api)
