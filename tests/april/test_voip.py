"""Numbers brought along: credentials tested, connected, rotated and never seen again; numbers imported."""

from typing import Any

import pytest
from caller import Answer, Caller

CREDENTIALS = {"apiKey": "KEY-hunter2", "connectionId": "hunter2-1900"}
SIP = {"domain": "sip.example.com", "auth": {"password": "hunter2"}}
SECRET = b"hunter2"


def probed(api: Caller, provider: str = "telnyx", **fields: Any) -> Answer:
    body = {"provider": provider, "credentials": CREDENTIALS, "sip_config": SIP, **fields}
    return api.post("/v1/voip-connections/test", body)


def connected(api: Caller, **fields: Any) -> Any:
    evidence = probed(api).json["verification_evidence_id"]
    made = api.post("/v1/voip-connections", {"provider": "telnyx", "verification_evidence_id": evidence, **fields})
    assert made.status == 201, made.body
    return made.json


def test_from_credentials_to_a_connection(api: Caller) -> None:
    result = probed(api)
    assert (result.status, result.json["status"], result.json["suggested_connection_name"]) == (
        201,
        "pass",
        "Telnyx",
    )
    body = {
        "provider": "telnyx",
        "verification_evidence_id": result.json["verification_evidence_id"],
        "credentials": CREDENTIALS,
        "sip_config": SIP,
    }
    made = api.post("/v1/voip-connections", body)
    assert made.status == 201
    shown = made.json
    assert (shown["status"], shown["setup_method"], shown["inferred_name"]) == ("connected", "api_key", True)
    assert shown["sip_config"] == {"domain": "sip.example.com", "auth": {"password": "[redacted]"}}
    assert shown["last_tested_at"] is not None
    assert "credentials" not in shown

    at = f"/v1/voip-connections/{shown['id']}"
    assert api.get(at).json == shown
    assert api.get("/v1/voip-connections").json == [shown]
    suggestion = api.post("/v1/voip-connections/suggest-name", {"connection_id": shown["id"]}).json
    assert suggestion == {"suggested_connection_name": "Telnyx 2", "suggested_connection_name_inferred": True}
    renamed = api.patch(at, {"name": "Main trunk"}).json
    assert (renamed["name"], renamed["inferred_name"]) == ("Main trunk", False)

    again = api.post("/v1/voip-connections", body)
    assert (again.status, "already" in again.json["detail"]) == (409, True)
    assert api("DELETE", at).status == 204
    assert api.get(at).status == 404
    assert api.get("/v1/voip-connections").json == []


@pytest.mark.parametrize(
    ("provider", "credentials", "sip", "failing"),
    [
        (
            "twilio",
            {"authToken": "t-invalid"},
            {},
            ["credentials_valid", "inbound_reachable", "outbound_authorized"],
        ),
        ("twilio", {}, {}, ["credentials_valid", "inbound_reachable", "outbound_authorized"]),
        ("vonage", {"deep": [{"key": "k-unauthorized"}]}, {}, ["outbound_authorized"]),
        ("signalwire", {"key": "k"}, {"domain": "sip.invalid"}, ["inbound_reachable"]),
        ("manual", {}, {}, ["inbound_reachable"]),
        ("manual", {}, {"domain": "sip.example.com"}, []),
    ],
)
def test_what_fails_a_test(api: Caller, provider: str, credentials: Any, sip: Any, failing: list[str]) -> None:
    result = probed(api, provider, credentials=credentials, sip_config=sip).json
    assert [name for name, passed in result["checks"].items() if not passed] == failing
    assert (result["status"], result["verification_evidence_id"] is None) == (
        ("fail", True) if failing else ("pass", False)
    )


def test_evidence_proves_what_was_tested_and_nothing_else(api: Caller) -> None:
    evidence = probed(api).json["verification_evidence_id"]
    body = {"provider": "telnyx", "verification_evidence_id": evidence}

    def refusal(**fields: Any) -> tuple[int, str]:
        answer = api.post("/v1/voip-connections", {**body, **fields})
        return answer.status, answer.json["detail"]

    assert refusal(verification_evidence_id="00000000-0000-4000-8000-000000000000")[0] == 404
    assert refusal(provider="twilio") == (
        409,
        f"The evidence {evidence} is of a test with telnyx, not with twilio.",
    )
    assert "credentials are not those" in refusal(credentials={"apiKey": "another"})[1]
    assert "sip_config are not those" in refusal(sip_config={"domain": "elsewhere"})[1]
    assert "none of telnyx's: api_key, guided_telnyx" in refusal(setup_method="manual")[1]
    assert api.post("/v1/voip-connections", {**body, "setup_method": "guided_telnyx"}).status == 201


def test_rotating_credentials_needs_a_test_of_the_new_ones(api: Caller) -> None:
    connection = connected(api)
    at = f"/v1/voip-connections/{connection['id']}"
    fresh = {"apiKey": "KEY-hunter2-new"}
    assert api.patch(at, {"credentials": fresh}).status == 409
    api.advance(60)
    evidence = probed(api, credentials=fresh, sip_config={"domain": "new.example.com"}).json[
        "verification_evidence_id"
    ]
    rotated = api.patch(at, {"credentials": fresh, "verification_evidence_id": evidence})
    assert rotated.status == 200
    assert rotated.json["sip_config"] == {"domain": "new.example.com"}
    assert rotated.json["last_tested_at"] > connection["last_tested_at"]


def test_no_secret_is_ever_seen_again(api: Caller) -> None:
    """Not in replies, not in refusals that quote what was wrong, and not in the journal."""
    connection = connected(api, credentials=CREDENTIALS, sip_config=SIP)
    at = f"/v1/voip-connections/{connection['id']}"
    answers = [
        api.get(at),
        probed(api),
        probed(api, credentials="hunter2"),
        probed(api, credential={"apiKey": "hunter2"}),
        api.post("/v1/voip-connections/test", body=b'["hunter2"]', headers={"content-type": "application/json"}),
        api.post("/v1/voip-connections/test", body=b'{"hunter2', headers={"content-type": "application/json"}),
        api.patch(at, {"credentials": CREDENTIALS, "sip_config": SIP}),
        api.post("/v1/voip-connections/suggest-name", {"provider": "telnyx", "credentials": CREDENTIALS}),
        api.get("/_mock/events"),
        api.get("/_mock/snapshot"),
    ]
    assert [answer.status for answer in answers] == [200, 201, 400, 201, 400, 400, 409, 200, 200, 200]
    assert not any(SECRET in answer.body for answer in answers)
    journal = api.get("/_mock/journal")
    assert SECRET not in journal.body
    kept = [entry["request_body"] for entry in journal.json["entries"]]
    assert kept[0] == {"provider": "telnyx", "credentials": "[redacted]", "sip_config": "[redacted]"}
    agent = {"name": "A", "prompt": "p", "voice": "v"}
    api.post("/v1/agents", agent)
    assert api.get("/_mock/journal").json["entries"][-1]["request_body"] == agent, "what is no secret is kept"


def test_numbers_come_by_a_connection_and_are_verified(api: Caller) -> None:
    connection = connected(api)
    at = f"/v1/voip-connections/{connection['id']}"
    offered = [each["number"] for each in api.get(f"{at}/available-numbers").json]
    assert offered == sorted(offered)
    wanted = [offered[0], "+442079460123"]
    imported = api.post(f"{at}/import-numbers", {"numbers": wanted})
    assert (imported.status, imported.json["imported_count"]) == (201, 2)
    assert [row["number"] for row in imported.json["results"]] == wanted
    assert [each["number"] for each in api.get(f"{at}/available-numbers").json] == offered[1:]
    assert api.get(at).json["numbers_imported"] == 2

    again = api.post(f"{at}/import-numbers", {"numbers": [offered[1], offered[0]]})
    assert (again.status, offered[0] in again.json["detail"]) == (409, True)
    assert len(api.get("/v1/phone-numbers").json) == 2, "all or nothing"

    number_at = f"/v1/phone-numbers/{imported.json['results'][0]['id']}"
    number = api.get(number_at).json
    assert (number["source"], number["status"], number["voip_verification_status"]) == (
        "voip",
        "provisioning",
        "unverified",
    )
    assert number["voip_connection_id"] == connection["id"]
    assert api.post(f"{number_at}/verify-voip").json["voip_verification_status"] == "unverified"
    assert api.post(f"{number_at}/verify-voip").status == 409, "one verification at a time"
    api.settle()
    number = api.get(number_at).json
    assert (number["status"], number["voip_verification_status"]) == ("active", "verified")
    assert number["voip_last_verified_at"] is not None
    assert api.post(f"{number_at}/verify-voip").status == 200, "it may be verified again"

    assert api("DELETE", number_at).status == 204
    assert api.get(at).json["numbers_imported"] == 1
    assert offered[0] in [each["number"] for each in api.get(f"{at}/available-numbers").json]


def test_a_verification_that_fails_can_be_tried_again(api: Caller) -> None:
    at = f"/v1/voip-connections/{connected(api)['id']}"
    imported = api.post(f"{at}/import-numbers", {"numbers": ["+14155550199"]}).json["results"][0]
    number_at = f"/v1/phone-numbers/{imported['id']}"
    api.post(f"{number_at}/verify-voip")
    api.settle()
    number = api.get(number_at).json
    assert (number["status"], number["voip_verification_status"]) == ("provisioning", "failed")
    assert api.post(f"{number_at}/verify-voip").status == 200


def test_without_their_connection_numbers_carry_nothing(api: Caller) -> None:
    at = f"/v1/voip-connections/{connected(api)['id']}"
    imported = api.post(f"{at}/import-numbers", {"numbers": ["+14155550142"]}).json["results"][0]
    number_at = f"/v1/phone-numbers/{imported['id']}"
    api.post(f"{number_at}/verify-voip")
    assert api("DELETE", at).status == 204
    api.settle()
    number = api.get(number_at).json
    assert (number["voip_connection_id"], number["status"], number["voip_verification_status"]) == (
        None,
        "failed",
        "unverified",
    )
    assert api.post(f"{number_at}/verify-voip").status == 409


def test_a_trunk_of_ones_own_lists_no_numbers(api: Caller) -> None:
    evidence = probed(api, "manual", credentials={}).json["verification_evidence_id"]
    made = api.post("/v1/voip-connections", {"provider": "manual", "verification_evidence_id": evidence}).json
    assert (made["name"], made["setup_method"]) == ("SIP trunk", "manual")
    assert api.get(f"/v1/voip-connections/{made['id']}/available-numbers").json == []
    assert api.post("/v1/voip-connections/suggest-name", {"connection_id": 1}).status == 404
