"""Organizations in the client's contract: who a key is, invites with their tokens, the first steps."""

import pytest
from caller import Caller

from mockserver.assembly import build
from mockserver.http.app import App
from mockserver.settings import Settings


@pytest.fixture(scope="module")
def app() -> App:
    return build(Settings(contracts=("thunderphone-sdk-0.2",)))


@pytest.fixture
def api(app: App) -> Caller:
    """A fresh organization that owns nothing."""
    return Caller(app, app.worlds.mint(world_name="empty"))


def test_a_key_says_who_it_is(api: Caller) -> None:
    made = api.post("/v1/developer/api-keys", {"name": "CI"}).json
    said = Caller(api.app, made["key"]).get("/v1/whoami").json
    organization = api.get("/v1/orgs/").json[0]
    assert said == {
        "credential_kind": "api_key",
        "key_label": "CI",
        "key_prefix": made["key_prefix"],
        "oauth_client_id": None,
        "organization": {"id": organization["id"], "name": organization["name"]},
        "role": "owner",
        "scopes": [],
    }


def test_an_organization_keeps_its_settings_and_put_forgets_what_it_leaves_out(api: Caller) -> None:
    first = api.post("/v1/orgs/", {"name": "Second", "timezone": "Europe/Berlin"}).json
    assert (first["name"], first["timezone"], first["role"]) == ("Second", "Europe/Berlin", "owner")
    at = f"/v1/orgs/{first['id']}/"
    hours = {"monday": [["09:00", "17:00"]]}
    assert api.patch(at, {"business_hours": hours, "excluded_numbers": ["+14155550100"]}).status == 200
    seen = api.get(at).json
    assert (seen["business_hours"], seen["excluded_numbers"]) == (hours, ["+14155550100"])
    assert api("PUT", at, {"name": "Third"}).json["business_hours"] is None
    assert api.get(at).json["timezone"] == "America/New_York"
    assert api("DELETE", at).status == 204
    assert api.get(at).status == 404


def test_an_invite_shows_the_token_that_answers_it(api: Caller) -> None:
    invite = api.post("/v1/invites", {"email": "ada.lovelace@example.com", "role": "admin"}).json
    assert api.get("/v1/invites").json == [invite]
    opened = api.get(f"/v1/invites/{invite['token']}").json
    assert opened["org_name"] == api.get("/v1/whoami").json["organization"]["name"]
    assert api.post("/v1/invites", {"email": "ada.lovelace@example.com"}).status == 409
    assert api.post(f"/v1/invites/{invite['token']}/request-access").status == 204
    assert api.get("/_mock/emails").json[-1]["to"] == invite["invited_by_email"]
    assert api.post(f"/v1/invites/{invite['token']}/accept").status == 200
    assert api.get("/v1/invites").json == []
    assert [each["role"] for each in api.get("/v1/members").json] == ["owner", "admin"]
    for answer in ("accept", "decline", "request-access"):
        assert api.post(f"/v1/invites/{invite['token']}/{answer}").status == 409


def test_the_first_steps_follow_what_the_organization_has(api: Caller) -> None:
    steps = api.get("/v1/onboarding").json
    assert not any(each["complete"] for each in steps["steps"].values())
    assert api.post("/v1/onboarding/agent-talk/skip").status == 409
    world = api.app.worlds.find(str(api.key))
    assert world is not None
    world.create("agents", {"name": "A", "prompt": "Help.", "voice": "en-US-James1", "product": "spark"})
    assert api.post("/v1/onboarding/agent-talk/skip").json["steps"]["agent"]["complete"]
    dismissed = api.post("/v1/onboarding/dismiss").json
    assert dismissed["dismissed_at"] is not None
    api.advance(60)
    assert api.post("/v1/onboarding/dismiss").json == dismissed
    assert api.post("/v1/onboarding/undismiss").json["dismissed"] is False
