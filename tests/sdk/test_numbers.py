"""Phone numbers: what they may do, their settings and versions, connections, SIP endpoints, attestations."""

from typing import Any

from caller import Caller

from mockserver import Pace, Settings
from mockserver.assembly import build

KEYS = {"accountSid": "AC123", "authToken": "hunter2-secret"}


def of_source(demo: Caller, source: str) -> Any:
    return next(each for each in demo.get("/v1/phone-numbers").json if each["source"] == source)


def connected(demo: Caller, provider: str = "telnyx", **sip_config: str) -> Any:
    body = {"provider": provider, "credentials": KEYS, "sip_config": sip_config}
    evidence = demo.post("/v1/voip-connections/test", body).json["verification_evidence"]["id"]
    made = demo.post("/v1/voip-connections", {"provider": provider, "verification_evidence_id": evidence})
    assert made.status == 201, made.body
    return made.json


def call(demo: Caller, number: str) -> Any:
    agent = demo.get("/v1/agents").json[0]["id"]
    body = {"from_number": number, "to_number": "+14155550199", "agent_id": agent}
    return demo.post("/v1/call", body)


def test_demo_numbers_may_call_out_once_that_was_granted(demo: Caller) -> None:
    number = of_source(demo, "demo")
    assert (number["outbound_eligible"], number["outbound_ineligible_reason"]) == (False, "platform_number")
    assert call(demo, number["number"]).json["code"] == "platform_number"
    at = "/v1/outbound-platform-number-request"
    body = {"use_case": "Reminders", "website": "https://clinic.invalid", "consent_source": "Booking form"}
    for website, status, enabled in (
        ("https://clinic.invalid", "denied", False),
        ("https://c.org", "approved", True),
    ):
        assert demo.post(at, {**body, "website": website}).json["status"] == "pending"
        assert demo.post(at, body).status == 409
        demo.settle()
        state = demo.get(at).json
        assert (state["request"]["status"], state["platform_outbound_enabled"]) == (status, enabled)
    assert of_source(demo, "demo")["outbound_eligible"] is True
    assert call(demo, number["number"]).status == 201
    assert demo.get(at).json["calls_today"] == 1
    demo.advance(86_400)
    assert demo.get(at).json["calls_today"] == 0
    fresh = demo.post("/v1/phone-numbers", {"area_code": "303"}).json
    assert fresh["outbound_ineligible_reason"] == "number_inactive"
    demo.settle()
    assert demo.get(f"/v1/phone-numbers/{fresh['id']}").json["outbound_eligible"] is True


def test_nobody_is_called_without_consent(demo: Caller) -> None:
    number = of_source(demo, "voip")["number"]
    at = "/v1/outbound-tcpa-confirmation"
    assert demo.get(at).json["status"] == "active"
    text = {"rendered_text": "We have consent.", "text_version": "7"}
    assert demo.post(at, {**text, "accepted": False}).json["status"] == "revoked"
    refused = call(demo, number)
    assert (refused.status, refused.json["code"]) == (403, "tcpa_confirmation_required")
    confirmed = demo.post(at, {**text, "accepted": True})
    assert (confirmed.status, demo.post(at, {**text, "accepted": True}).status) == (201, 200)
    assert demo.get(at).json == confirmed.json
    assert (confirmed.json["user_role"], call(demo, number).status) == ("owner", 201)


def test_a_numbers_settings_and_their_versions(demo: Caller) -> None:
    number = of_source(demo, "demo")
    at = f"/v1/phone-numbers/{number['id']}"
    hook = {"label": "Front desk", "webhook_url": "https://desk.example.com/hook"}
    assert demo.patch(at, hook).json["webhook_url"] == hook["webhook_url"]
    secret = demo.get(at).json["webhook_signing_secret"]
    assert demo.patch(at, {"label": "Desk"}).status == 200
    assert (secret[:6], demo.get(at).json["webhook_signing_secret"]) == ("whsec_", secret)
    assert demo.patch(at, {"webhook_url": None}).status == 200
    assert demo.get(at).json["webhook_signing_secret"] is None
    page = demo.get(f"{at}/versions").json
    assert [each["snapshot"]["label"] for each in page["results"][:4]] == ["Desk", "Desk", "Front desk", ""]
    assert demo("DELETE", f"{at}?confirm=false").status == 400
    assert demo("DELETE", f"{at}?confirm=true").json["released_at_provider"] is True
    assert demo.get(at).status == 404


def test_numbers_are_ordered_verified_and_tested_by_a_connection(demo: Caller) -> None:
    connection = connected(demo)
    assert (connection["credentials"]["authToken"], connection["test_result"]["status"]) == ("[redacted]", "pass")
    at = f"/v1/voip-connections/{connection['id']}"
    offers = demo.get(f"{at}/search-numbers?country=US&type=local&area_code=206").json["results"]
    wanted = {"number": offers[0]["number"]}
    ordered = demo.post(f"{at}/provision-number", wanted)
    assert (ordered.status, ordered.json["order_status"]) == (201, "submitted")
    assert demo.post(f"{at}/import-numbers", {"numbers": ["+12065550142"]}).status == 201

    def pending() -> tuple[int, int]:
        shown = next(each for each in demo.get("/v1/voip-connections").json if each["id"] == connection["id"])
        return shown["numbers_imported"], shown["numbers_pending_verification"]

    assert pending() == (2, 2)
    demo.settle()
    assert pending() == (2, 1)
    assert demo.post(f"{at}/provision-number", wanted).json["order_status"] == "completed"
    number = demo.get(f"/v1/phone-numbers/{ordered.json['result']['id']}").json
    assert (number["voip_verification_status"], number["sms_capable"]) == ("carrier_accepted", True)
    left = demo.get(f"{at}/search-numbers?country=US&type=local&area_code=206").json["results"]
    assert left == offers[1:]
    assert demo.post(f"{at}/provision-number", {"number": "+12125551234"}).status == 404

    tested = demo.post(f"/v1/phone-numbers/{number['id']}/test-inbound").json
    assert (tested["inbound_probe"]["status"], tested["voip_inbound_status"]) == ("pass", "passed")
    kept = demo.get(f"/v1/phone-numbers/{number['id']}").json
    assert kept["voip_inbound_result"]["seconds"] == tested["inbound_probe"]["seconds_to_arrival"]
    trunk = connected(demo, "manual", domain="sip.example.com")
    assert demo.get(f"/v1/voip-connections/{trunk['id']}/search-numbers?country=US&type=local").status == 409


def test_subaccounts_are_connected_once(demo: Caller) -> None:
    found = demo.post("/v1/voip-connections/twilio/subaccounts", {"credentials": KEYS}).json
    sids = [each["sid"] for each in found["subaccounts"]]
    body = {"discovery_id": found["discovery_id"], "subaccount_sids": [sids[0], "AC-unknown"]}
    at = "/v1/voip-connections/twilio/subaccounts/connect"
    assert [each["status"] for each in demo.post(at, body).json["results"]] == ["created", "failed"]
    assert [each["status"] for each in demo.post(at, body).json["results"]] == ["skipped", "failed"]
    again = demo.post("/v1/voip-connections/twilio/subaccounts", {"credentials": KEYS}).json
    assert [each["already_connected"] for each in again["subaccounts"]] == [True, False, False]


def test_a_sip_endpoints_password_is_told_once(demo: Caller) -> None:
    agent = demo.get("/v1/agents").json[0]["id"]
    wrong = {"agent_id": agent, "allowed_source_cidrs": ["300.0.0.0/8"]}
    assert list(demo.post("/v1/sip-endpoints", wrong).json) == ["allowed_source_cidrs"]
    assert demo.post("/v1/sip-endpoints", {"agent_id": 7}).status == 404
    made = demo.post("/v1/sip-endpoints", {"agent_id": agent, "allowed_source_cidrs": ["203.0.113.0/24"]}).json
    at = f"/v1/sip-endpoints/{made['id']}"
    rotated = demo.post(f"{at}/rotate-password").json
    assert made["password"] != rotated["password"]
    demo.settle()
    shown = demo.get(at).json
    assert ("password" in shown, shown["status"]) == (False, "active")
    assert made["password"].encode() not in demo.get("/_mock/journal").body
    assert demo.get("/v1/sip-endpoints").json["results"] == [shown]
    demo("DELETE", f"/v1/agents/{agent}")
    assert demo.get(at).json["agent_id"] is None


def test_health_data_is_attested_for_an_agent(demo: Caller) -> None:
    at = "/v1/phi-designation-attestation"
    assert demo.get(at).status == 404
    agent = demo.get("/v1/agents").json[0]["id"]
    body = {"accepted": True, "agent_id": agent, "statement_sha256": "0" * 64, "text_version": "1"}
    assert demo.post(at, {**body, "agent_id": 7}).status == 404
    first = demo.post(at, body).json
    assert demo.post(at, body).status == 200
    second = demo.post(at, {**body, "text_version": "2"}).json
    assert (first["scope"], demo.get(at).json) == ("agent", second)
    assert demo.post(at, {**body, "accepted": False}).json["status"] == "revoked"
    assert demo.post(at, {**body, "accepted": False}).status == 404


def test_whoever_polls_sees_demo_numbers_granted() -> None:
    app = build(Settings(contracts=("thunderphone-sdk-0.2",), pace=Pace.POLL))
    polling = Caller(app, app.worlds.mint(world_name="demo"))
    at = "/v1/outbound-platform-number-request"
    polling.post(at, {"use_case": "Reminders", "website": "https://c.org", "consent_source": "Booking form"})
    assert [polling.get(at).json["request"]["status"] for _ in range(2)] == ["pending", "approved"]
