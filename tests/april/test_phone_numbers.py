"""Phone numbers: the cap, failed provisioning, PUT, transfer to another organization of the same person."""

from collections.abc import Callable

import pytest
from caller import Caller

from mockserver.http.app import App
from mockserver.lifecycles.numbers import MOST_DEMO_NUMBERS


@pytest.fixture
def sister(april: App, api: Caller) -> Caller:
    """Another organization of the same person."""
    world = april.worlds.find(str(api.key))
    assert world is not None
    other = april.worlds.found(world)
    april.worlds.admit(f"sk_test_sister{other.organization}", other)
    return Caller(april, f"sk_test_sister{other.organization}")


def organization_id(caller: Caller) -> int:
    world = caller.app.worlds.find(str(caller.key))
    assert world is not None
    return world.organization_id


def test_demo_numbers_are_capped(api: Caller) -> None:
    for used in range(MOST_DEMO_NUMBERS):
        limits = api.get("/v1/phone-numbers/limits").json
        assert limits == {"max_platform_numbers": MOST_DEMO_NUMBERS, "platform_numbers_used": used}
        last = api.post("/v1/phone-numbers")
        assert last.status == 201
    refused = api.post("/v1/phone-numbers")
    assert (refused.status, "may have no more" in refused.json["detail"]) == (403, True)
    assert api("DELETE", f"/v1/phone-numbers/{last.json['id']}").status == 204
    assert api.get(f"/v1/phone-numbers/{last.json['id']}").status == 404
    assert api.post("/v1/phone-numbers").status == 201


def test_provisioning_in_an_area_nobody_has_fails(api: Caller) -> None:
    dead = api.post("/v1/phone-numbers", {"area_code": "999"}).json
    fine = api.post("/v1/phone-numbers", {"state": "TX"}).json
    assert (dead["status"], fine["status"], fine["number"][:5]) == ("provisioning", "provisioning", "+1512")
    api.settle()
    states = [api.get(f"/v1/phone-numbers/{each['id']}").json["status"] for each in (dead, fine)]
    assert states == ["failed", "active"]


def test_put_unassigns_what_is_left_out_and_keeps_the_status(api: Caller) -> None:
    agent = api.post("/v1/agents", {"name": "A", "prompt": "p", "voice": "v"}).json["id"]
    number = api.post("/v1/phone-numbers").json
    api.settle()
    at = f"/v1/phone-numbers/{number['id']}"
    api.patch(at, {"inbound_agent_id": agent})
    replaced = api("PUT", at, {"outbound_agent_id": agent})
    assert replaced.status == 200
    shown = replaced.json
    assert (shown["status"], shown["inbound_agent_id"], shown["outbound_agent_id"]) == ("active", None, agent)
    assert [each["snapshot"]["inbound_agent_id"] for each in api.get(f"{at}/versions").json] == [None, agent, None]


def test_only_voip_numbers_are_verified(api: Caller) -> None:
    number = api.post("/v1/phone-numbers").json
    assert number["voip_verification_status"] == "unverified"
    assert api.post(f"/v1/phone-numbers/{number['id']}/verify-voip").status == 409


def test_a_number_moves_to_another_organization_without_its_agents(api: Caller, sister: Caller) -> None:
    agent = api.post("/v1/agents", {"name": "A", "prompt": "p", "voice": "v"}).json["id"]
    number = api.post("/v1/phone-numbers", {"area_code": "415"}).json
    at = f"/v1/phone-numbers/{number['id']}"
    api.patch(at, {"inbound_agent_id": agent})
    moved = api.post(f"{at}/transfer", {"target_org_id": organization_id(sister)})
    assert moved.status == 200
    assert moved.json["cleared_agent_assignments"] is True
    assert (moved.json["source_org_id"], moved.json["target_org_id"]) == (
        organization_id(api),
        organization_id(sister),
    )
    assert api.get(at).status == 404
    assert sister.get(at).json == moved.json["phone_number"]
    assert (sister.get(at).json["number"], sister.get(at).json["inbound_agent_id"]) == (number["number"], None)
    sister.settle()
    assert sister.get(at).json["status"] == "active", "it was still being provisioned, and that goes on"
    own = sister.post("/v1/phone-numbers", {"area_code": "415"}).json
    assert own["number"] != number["number"]
    twin = api.post("/v1/phone-numbers", {"area_code": "415"}).json
    assert twin["number"] == own["number"], (
        "two organizations may give out the same number, and then neither moves"
    )
    refused = api.post(f"/v1/phone-numbers/{twin['id']}/transfer", {"target_org_id": organization_id(sister)})
    assert refused.status == 409


def test_what_cannot_move(api: Caller, sister: Caller, new_api: Callable[..., Caller]) -> None:
    api.post("/v1/phone-numbers", {"area_code": "212"})
    number = api.post("/v1/phone-numbers", {"area_code": "212"}).json  # its digits are none of the other's
    at = f"/v1/phone-numbers/{number['id']}/transfer"
    assert api.post(at, {"target_org_id": organization_id(api)}).status == 409
    stranger = new_api()
    refused = api.post(at, {"target_org_id": organization_id(stranger)})
    assert (refused.status, "do not belong to" in refused.json["detail"]) == (403, True)
    for _ in range(MOST_DEMO_NUMBERS):
        sister.post("/v1/phone-numbers")
    assert api.post(at, {"target_org_id": organization_id(sister)}).status == 403
    tested = api.post("/v1/voip-connections/test", {"provider": "twilio", "credentials": {"token": "t"}}).json
    body = {"provider": "twilio", "verification_evidence_id": tested["verification_evidence_id"]}
    connection = api.post("/v1/voip-connections", body).json
    numbers = {"numbers": ["+14155550142"]}
    imported = api.post(f"/v1/voip-connections/{connection['id']}/import-numbers", numbers).json["results"][0]
    refused = api.post(f"/v1/phone-numbers/{imported['id']}/transfer", {"target_org_id": organization_id(sister)})
    assert (refused.status, "VoIP connection" in refused.json["detail"]) == (409, True)
    assert api.get(f"/v1/phone-numbers/{number['id']}").status == 200, "what is refused changes nothing"
