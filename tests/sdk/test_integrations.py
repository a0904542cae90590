"""Integrations under two names, and connections to other services with what agents may do with them."""

from typing import Any

import pytest
from caller import Caller

from mockserver.assembly import build
from mockserver.http.app import App
from mockserver.settings import Settings

SPEC = {"type": "function", "function": {"name": "find_parcel"}}
CONNECTIONS = "/v1/provider-connections"


@pytest.fixture(scope="module")
def app() -> App:
    return build(Settings(contracts=("thunderphone-sdk-0.2",)))


@pytest.fixture
def api(app: App) -> Caller:
    return Caller(app, app.worlds.mint(world_name="demo"))


def made(api: Caller, name: str = "Parcels", **fields: Any) -> Any:
    answer = api.post("/v1/integrations", {"display_name": name, "spec": SPEC, **fields})
    assert answer.status == 201, answer.body
    return answer.json


def test_an_integration_is_one_thing_under_its_uuid_and_its_number(api: Caller) -> None:
    listed = made(api, endpoint_url="https://example.com/parcels", headers=[{"key": "X-Shop", "value": "12"}])
    at = f"/v1/integrations/{listed['number']}"
    seen = api.get(at).json
    assert (seen["id"], seen["uuid"]) == (listed["number"], listed["id"])
    assert seen["endpoint"] == {
        "url": "https://example.com/parcels",
        "method": "POST",
        "headers": {"X-Shop": "12"},
        "request_format": "standard",
    }
    api.patch(at, {"endpoint": {"url": "https://example.com/v2", "method": "GET"}})
    (after,) = api.get("/v1/integrations").json
    assert (after["endpoint_url"], after["endpoint_method"]) == ("https://example.com/v2", "GET")
    assert after["headers"] == listed["headers"]
    api("PUT", at, {"display_name": "Parcels", "spec": SPEC})
    assert api.get("/v1/integrations").json[0]["endpoint_url"] == ""
    versions = api.get(f"/v1/integrations/{listed['id']}/versions").json
    assert versions["count"] == 3
    assert [each["version"] for each in versions["results"]] == [3, 2, 1]
    assert versions["results"][2]["snapshot"] == listed
    assert api("DELETE", at).status == 204
    assert (api.get(at).status, api.get("/v1/integrations").json) == (404, [])


def test_no_two_integrations_have_one_name(api: Caller) -> None:
    first, second = made(api), made(api, "Refunds")
    assert api.post("/v1/integrations", {"display_name": "Parcels", "spec": SPEC}).status == 409
    assert api.patch(f"/v1/integrations/{second['number']}", {"display_name": "Parcels"}).status == 409
    at = f"/v1/integrations/{first['number']}"
    assert api("PUT", at, {"display_name": "Refunds", "spec": SPEC}).status == 409
    assert api.patch(at, {"display_name": "Parcels", "wizard_input": "Find it."}).status == 200


def test_an_agent_may_do_no_more_than_its_connection_unless_the_ceiling_is_raised(api: Caller) -> None:
    connection = api.post(f"{CONNECTIONS}/google_calendar/api-key", {"api_key": "key-of-the-shop"}).json
    at = f"{CONNECTIONS}/{connection['id']}"
    api.patch(at, {"allowed_operations": {"cancel_event": False}, "send_guest_invitations": True})
    agent = api.get("/v1/agents").json[0]
    wanted = {"allowed_operations": {"list_events": True, "cancel_event": True}}
    assert api("PUT", f"{at}/agents/{agent['id']}", wanted).status == 409
    raised = api("PUT", f"{at}/agents/{agent['id']}", {**wanted, "raise_ceiling": True}).json
    assert raised["allowed_operations"]["cancel_event"] is True
    (attachment,) = raised["agent_attachments"]
    assert (attachment["agent_id"], attachment["agent_name"]) == (agent["id"], agent["name"])
    assert attachment["effective_operations"] == {"list_events": True, "create_event": False, "cancel_event": True}
    api.patch(at, {"allowed_operations": {"list_events": False}})
    assert api.get(at).json["agent_attachments"][0]["effective_operations"]["list_events"] is False
    assert api("DELETE", f"/v1/agents/{agent['id']}").status == 204
    assert api.get(at).json["agent_attachments"] == []


def test_a_connection_is_refused_what_its_service_does_not_have(api: Caller) -> None:
    unknown = api.post(f"{CONNECTIONS}/hubsport/api-key", {"api_key": "key-of-the-shop"})
    assert (unknown.status, "hubspot" in unknown.json["detail"]) == (404, True)
    hubspot = api.post(f"{CONNECTIONS}/hubspot/api-key", {"api_key": "key-of-the-shop"}).json
    assert api.post(f"{CONNECTIONS}/hubspot/api-key", {"api_key": "key-of-the-shop"}).status == 409
    at = f"{CONNECTIONS}/{hubspot['id']}"
    assert "allowed_operations" in api.patch(at, {"allowed_operations": {"read_rows": True}}).json
    sheet = {"spreadsheet_id": "1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms", "sheet_name": "Calls"}
    assert api.post(f"{at}/sheets/configure", sheet).status == 409
    sheets = api.post(f"{CONNECTIONS}/google_sheets/api-key", {"api_key": "key-of-the-shop"}).json
    at = f"{CONNECTIONS}/{sheets['id']}"
    assert "Calls" in api.post(f"{at}/sheets/inspect", {"spreadsheet_id": sheet["spreadsheet_id"]}).json["sheets"]
    assert api.post(f"{at}/sheets/configure", {**sheet, "sheet_name": "Call"}).status == 400
    assert api.post(f"{at}/sheets/configure", sheet).json["provider_metadata"]["sheet_name"] == "Calls"
    everything = api.get(CONNECTIONS).json
    assert [each["provider"] for each in everything["connections"]] == ["hubspot", "google_sheets"]
    assert "read_rows" in everything["providers"]["google_sheets"]["operations"]
