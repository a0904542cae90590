"""Organizations, their people, invites and keys: who may do what, and what that changes for whom."""

from collections.abc import Callable
from typing import Any

import pytest
from caller import Answer, Caller

from mockserver.assembly import build
from mockserver.clock import parse_iso
from mockserver.settings import Settings
from mockserver.world.worlds import KeyPolicy

AGENT = {"name": "A", "prompt": "p", "voice": "v"}
WEEK_SECONDS = 7 * 86_400


def as_key(api: Caller, key: str) -> Caller:
    return Caller(api.app, key)


def mint(api: Caller, **body: Any) -> Caller:
    """The same application, called with a fresh key made through the control API."""
    made = api.post("/_mock/keys", body)
    assert made.status == 201, made.json
    return as_key(api, made.json["key"])


def invite(api: Caller, email: str, role: str = "member") -> Any:
    sent = api.post("/v1/invites", {"email": email, "role": role})
    assert sent.status == 201, sent.json
    return sent.json


def token_for(api: Caller, email: str) -> str:
    token: str = [each["token"] for each in api.get("/_mock/emails").json if each["to"] == email][-1]
    return token


def join(api: Caller, email: str, role: str = "member") -> tuple[Caller, int]:
    """Invite somebody, accept in their name; a key that acts for them, and the id of the membership."""
    invite(api, email, role)
    assert api.post(f"/v1/invites/{token_for(api, email)}/accept").status == 200
    member_id = next(each["id"] for each in api.get("/v1/members").json if each["email"] == email)
    return mint(api, member_id=member_id), member_id


def own_id(api: Caller) -> int:
    found: int = api.get("/v1/orgs/").json[0]["id"]
    return found


def refusal(answer: Answer) -> int:
    """The status of a refusal that says why."""
    assert list(answer.json) == ["detail"], answer.json
    assert answer.json["detail"]
    return answer.status


# -- organizations --------------------------------------------------------------------------------------


def test_an_organization_is_listed_retrieved_and_renamed(new_api: Callable[..., Caller]) -> None:
    api = new_api(world="demo")
    (listed,) = api.get("/v1/orgs/").json
    assert (listed["name"], listed["role"]) == ("Acme", "owner")
    at = f"/v1/orgs/{listed['id']}/"
    assert api.get(at).json == listed
    assert listed["created_at"] <= min(agent["created_at"] for agent in api.get("/v1/agents").json)
    api.advance(5)
    renamed = api.patch(at, {"name": "Acme & Sons"}).json
    assert renamed == {**listed, "name": "Acme & Sons", "updated_at": renamed["updated_at"]}
    assert renamed["updated_at"] > listed["updated_at"]
    assert api.get("/v1/orgs/").json == [renamed]
    for name in ("", "x" * 121, None):
        assert list(api.patch(at, {"name": name}).json) == ["name"]
        assert list(api.post("/v1/orgs/", {"name": name}).json) == ["name"]
    assert api.get(at.rstrip("/")).status == 404, "the slash is part of the path"


def test_a_second_key_sees_the_same_and_a_new_organization_sees_nothing(api: Caller) -> None:
    agent = api.post("/v1/agents", AGENT).json
    second = as_key(api, api.post("/v1/developer/api-keys").json["key"])
    assert second.get("/v1/agents").json == [agent]
    assert second.get("/v1/orgs/").json == api.get("/v1/orgs/").json

    made = api.post("/v1/orgs/", {"name": "x" * 120})
    assert (made.status, made.json["role"]) == (201, "owner")
    sister = mint(api, organization_id=made.json["id"])
    assert sister.get("/v1/orgs/").json == [made.json]
    assert api.get("/v1/orgs/").json[0]["id"] == own_id(api), "a key still sees its own organization only"
    assert sister.get("/v1/agents").json == []
    assert sister.get(f"/v1/agents/{agent['id']}").status == 404
    (owner,) = sister.get("/v1/members").json
    assert owner["email"] == api.get("/v1/members").json[0]["email"], "the same person"
    assert (owner["role"], owner["id"] == api.get("/v1/members").json[0]["id"]) == ("owner", False)


def test_whoever_is_no_member_finds_no_organization(api: Caller, new_api: Callable[..., Caller]) -> None:
    sister = api.post("/v1/orgs/", {"name": "Sister"}).json["id"]
    stranger = new_api()
    bob, _ = join(api, "bob@example.com", "admin")
    for target in (f"/v1/orgs/{own_id(api)}/", f"/v1/orgs/{sister}/"):
        assert api.get(target).status == 200
        for method, body in (("GET", None), ("PATCH", {"name": "x"}), ("DELETE", None)):
            assert refusal(stranger(method, target, body)) == 404
    assert bob.get(f"/v1/orgs/{own_id(api)}/").json["role"] == "admin"
    assert bob.get(f"/v1/orgs/{sister}/").status == 404
    assert stranger.post("/_mock/keys", {"organization_id": sister}).status == 400


def test_deleting_an_organization(api: Caller) -> None:
    at = f"/v1/orgs/{own_id(api)}/"
    assert refusal(api("DELETE", at)) == 400, "the only one"
    bob, bob_id = join(api, "bob@example.com", "admin")
    assert refusal(bob("DELETE", at)) == 403
    sister_id = api.post("/v1/orgs/", {"name": "Sister"}).json["id"]
    sister = mint(api, organization_id=sister_id)
    assert refusal(api("DELETE", at)) == 400, "other members remain"
    assert api("DELETE", f"/v1/members/{bob_id}").status == 204
    deleted = api("DELETE", at)
    assert (deleted.status, deleted.body) == (204, b"")
    assert api.get("/v1/agents").status == 401
    assert sister.get(at).status == 404
    assert sister.get("/v1/agents").status == 200
    assert refusal(sister("DELETE", f"/v1/orgs/{sister_id}/")) == 400, "now it is the only one"


# -- keys -----------------------------------------------------------------------------------------------


def test_a_key_is_shown_once_used_and_revoked_for_good() -> None:
    app = build(Settings(keys=KeyPolicy.OPEN))
    api = Caller(app, "sk_live_0123456789abcdef")
    (opening,) = api.get("/v1/developer/api-keys").json
    assert (opening["name"], opening["key_prefix"], opening["is_active"]) == (
        "Default key",
        "sk_live_0123456",
        True,
    )
    api.advance(60)
    made = api.post("/v1/developer/api-keys", {"name": "CI"})
    key = made.json["key"]
    assert made.status == 201
    assert key.startswith("sk_live_")
    assert made.json["key_prefix"] == key[:15]
    assert made.json["last_used_at"] is None
    listed = api.get("/v1/developer/api-keys").json
    assert [each["id"] for each in listed] == [made.json["id"], opening["id"]]
    assert listed[0] == {name: value for name, value in made.json.items() if name != "key"}
    assert parse_iso(listed[1]["last_used_at"]) - parse_iso(opening["last_used_at"]) == 60_000

    other = Caller(app, key)
    other.advance(30)
    assert other.get("/v1/agents").status == 200
    used = api.get("/v1/developer/api-keys").json[0]
    assert parse_iso(used["last_used_at"]) - parse_iso(used["created_at"]) == 30_000
    everything = b"".join(api.get(f"/_mock/{each}").body for each in ("journal", "events", "emails"))
    assert b"[not kept]" in everything
    assert key.encode() not in everything

    at = f"/v1/developer/api-keys/{made.json['id']}"
    assert other("DELETE", at).status == 204, "a key may revoke itself"
    for _ in range(2):
        assert refusal(other.get("/v1/agents")) == 401
        assert other.get("/_mock/journal").status == 401
    revoked = api.get("/v1/developer/api-keys").json[0]
    assert (revoked["is_active"], revoked["last_used_at"]) == (False, revoked["revoked_at"])
    assert refusal(api("DELETE", at)) == 404
    assert api.get("/v1/agents").status == 200


@pytest.mark.parametrize("name", ["", "x" * 121, 7, None])
def test_a_key_with_a_wrong_name_is_refused(api: Caller, name: object) -> None:
    refused = api.post("/v1/developer/api-keys", {"name": name})
    assert (refused.status, list(refused.json)) == (400, ["name"])
    assert len(api.get("/v1/developer/api-keys").json) == 1


def test_a_reset_organization_keeps_its_keys_and_nothing_else(api: Caller) -> None:
    second = mint(api, name="Second")
    bob, _ = join(api, "bob@example.com")
    before, keys = own_id(api), api.get("/v1/developer/api-keys").json
    assert second.post("/_mock/reset", {"world": "dmeo"}).status == 400
    assert len(second.get("/v1/members").json) == 2, "nothing happened"
    assert second.post("/_mock/reset", {"world": "empty"}).status == 200
    (owner,) = second.get("/v1/members").json
    assert owner == api.get("/v1/members").json[0]
    assert (own_id(second), own_id(api)) == (before, before)
    ids = {each["id"]: each["is_active"] for each in second.get("/v1/developer/api-keys").json}
    assert ids == {each["id"]: True for each in keys}
    assert bob.get("/v1/orgs/").status == 403, "there is no bob"
    at = f"/v1/developer/api-keys/{keys[-1]['id']}"
    assert second("DELETE", at).status == 204
    assert api.get("/v1/agents").status == 401


def test_a_restored_organization_has_its_people_and_links_but_its_new_key(
    api: Caller, new_api: Callable[..., Caller]
) -> None:
    join(api, "bob@example.com")
    invite(api, "late@example.com")
    token = token_for(api, "late@example.com")
    copy = new_api()
    assert copy.post("/_mock/snapshot", api.get("/_mock/snapshot").json).status == 200
    assert copy.get("/v1/members").json == api.get("/v1/members").json
    assert [each["key_prefix"] for each in copy.get("/v1/developer/api-keys").json] == [str(copy.key)[:15]]
    assert copy.post(f"/v1/invites/{token}/accept").status == 200
    assert (len(copy.get("/v1/members").json), len(api.get("/v1/members").json)) == (3, 2)
    assert mint(copy).key != mint(api).key
    before = api.get("/_mock/snapshot").json
    one = mint(api).key
    assert api.post("/_mock/snapshot", before).status == 200
    assert mint(api).key != one
    assert as_key(api, str(one)).get("/v1/agents").status == 200, "a key outlives what the organization owned"


# -- people ---------------------------------------------------------------------------------------------


def test_roles_decide_who_may_do_what(api: Caller) -> None:
    ann, ann_id = join(api, "ann.admin@example.com", "admin")
    other, other_id = join(api, "other.admin@example.com", "admin")
    max_, max_id = join(api, "max@example.com")
    owner_id = api.get("/v1/members").json[0]["id"]
    people = api.get("/v1/members").json
    assert [each["role"] for each in people] == ["owner", "admin", "admin", "member"]
    assert (people[1]["first_name"], people[1]["last_name"]) == ("Ann", "Admin")
    assert max_.get("/v1/members").json == people, "any member may look"
    assert max_.get("/v1/agents").status == 200

    for method, target, body in (
        ("GET", "/v1/invites", None),
        ("POST", "/v1/invites", {"email": "new@example.com"}),
        ("DELETE", "/v1/invites/7", None),
        ("GET", "/v1/developer/webhook-endpoints", None),
        ("POST", "/v1/developer/webhook-endpoints", {"label": "x", "url": "https://hooks.example.com"}),
        ("PATCH", "/v1/developer/webhook-endpoints/0b7ab1c5-9d0e-4c0f-8a43-4f6f0f6a1f5d", {}),
        ("DELETE", "/v1/developer/webhook-endpoints/0b7ab1c5-9d0e-4c0f-8a43-4f6f0f6a1f5d", None),
        ("GET", "/v1/developer/api-keys", None),
        ("POST", "/v1/developer/api-keys", {}),
        ("DELETE", "/v1/developer/api-keys/0b7ab1c5-9d0e-4c0f-8a43-4f6f0f6a1f5d", None),
        ("DELETE", f"/v1/members/{ann_id}", None),
        ("PATCH", f"/v1/orgs/{own_id(api)}/", {"name": "x"}),
    ):
        assert refusal(max_(method, target, body)) == 403
        assert ann(method, target, body).status not in (401, 403) or method == "DELETE"
    for caller in (max_, ann):
        assert refusal(caller.patch(f"/v1/members/{max_id}/role", {"role": "admin"})) == 403
        assert refusal(caller.post(f"/v1/members/{ann_id}/transfer-ownership")) == 403
    for above in (owner_id, other_id):
        assert refusal(ann("DELETE", f"/v1/members/{above}")) == 403
    assert refusal(api("DELETE", f"/v1/members/{owner_id}")) == 403, "nobody removes the owner, nor does the owner"
    assert refusal(ann("DELETE", f"/v1/members/{ann_id}")) == 400
    assert refusal(api("DELETE", "/v1/members/7")) == 404
    assert refusal(api.patch("/v1/members/7/role", {"role": "admin"})) == 404
    assert refusal(api.post("/v1/members/7/transfer-ownership")) == 404
    assert refusal(api.patch(f"/v1/members/{owner_id}/role", {"role": "member"})) == 403
    assert list(api.patch(f"/v1/members/{max_id}/role", {"role": "owner"}).json) == ["role"]
    assert list(api.patch(f"/v1/members/{max_id}/role", {}).json) == ["role"]

    promoted = api.patch(f"/v1/members/{max_id}/role", {"role": "admin"})
    assert (promoted.status, promoted.json) == (200, {**people[3], "role": "admin"})
    assert max_.get("/v1/invites").status == 200
    assert api("DELETE", f"/v1/members/{max_id}").status == 204
    assert max_.get("/v1/agents").status == 401, "the keys of somebody who is gone are gone"
    assert other.get("/v1/members").json == people[:3]


def test_ownership_is_handed_over_and_only_then_the_owner_may_leave(api: Caller) -> None:
    bob, bob_id = join(api, "bob@example.com")
    owner = api.get("/v1/members").json[0]
    assert refusal(api.post("/v1/leave")) == 403
    assert refusal(api.post(f"/v1/members/{owner['id']}/transfer-ownership")) == 409
    assert api.post(f"/v1/members/{bob_id}/transfer-ownership").json.keys() == {"detail"}
    assert [each["role"] for each in api.get("/v1/members").json] == ["admin", "owner"]
    assert bob.get("/v1/orgs/").json[0]["role"] == "owner"
    agent = api.post("/v1/agents", AGENT).json
    made = as_key(api, api.post("/v1/developer/api-keys").json["key"])
    left = api.post("/v1/leave")
    assert (left.status, left.body) == (204, b"")
    assert (api.get("/v1/agents").status, made.get("/v1/agents").status) == (401, 401)
    assert bob.get("/v1/agents").json == [agent], "what they made stays"
    assert [each["id"] for each in bob.get("/v1/members").json] == [bob_id]


# -- invites --------------------------------------------------------------------------------------------


def test_an_invite_is_sent_looked_at_and_accepted_by_whoever_has_the_link(
    api: Caller, new_api: Callable[..., Caller]
) -> None:
    first = invite(api, "first@example.com")
    api.advance(1)
    sent = invite(api, "Zoe.Quist-Berg@Example.com", "admin")
    owner = api.get("/v1/members").json[0]
    assert (sent["role"], sent["status"], sent["invited_by_email"]) == ("admin", "pending", owner["email"])
    assert parse_iso(sent["expires_at"]) - parse_iso(sent["created_at"]) == WEEK_SECONDS * 1000
    assert api.get("/v1/invites").json == [sent, first]
    email = api.get("/_mock/emails").json[-1]
    assert (email["to"], email["sent_at"]) == (sent["email"], sent["created_at"])
    token = email["token"]
    assert email["link"].endswith(token)
    assert token.encode() not in api.get("/v1/invites").body + api.get("/v1/invites").body

    zoe = new_api()
    at = f"/v1/invites/{token}"
    assert zoe.get(at).json == {**sent, "org_name": api.get("/v1/orgs/").json[0]["name"]}
    assert zoe.post(f"{at}/accept").json["org_id"] == own_id(api)
    joined = api.get("/v1/members").json[-1]
    assert [joined[name] for name in ("email", "first_name", "last_name", "role")] == [
        *("Zoe.Quist-Berg@Example.com", "Zoe", "Quist Berg", "admin")
    ]
    assert api.get("/v1/invites").json == [first]
    assert zoe.get(at).json["status"] == "accepted"
    for answer in ("accept", "decline"):
        assert refusal(zoe.post(f"{at}/{answer}")) == 409
    assert refusal(api("DELETE", f"/v1/invites/{sent['id']}")) == 404, "what was answered cannot be revoked"
    assert refusal(api.post("/v1/invites", {"email": "zoe.quist-berg@example.com"})) == 409
    assert refusal(api.post("/v1/invites", {"email": "first@example.com"})) == 409


def test_a_person_with_an_organization_of_their_own_is_the_same_person_in_both(
    api: Caller, new_api: Callable[..., Caller]
) -> None:
    bob = new_api()
    email = bob.get("/v1/members").json[0]["email"]
    invite(api, email)
    assert bob.get(f"/v1/orgs/{own_id(api)}/").status == 404
    assert bob.post(f"/v1/invites/{token_for(api, email)}/accept").status == 200
    assert bob.get(f"/v1/orgs/{own_id(api)}/").json["role"] == "member"
    inside = mint(bob, organization_id=own_id(api))
    assert inside.get("/v1/orgs/").json[0]["id"] == own_id(api)
    assert inside.get("/v1/invites").status == 403


def test_an_invite_is_declined_or_revoked_or_expires(api: Caller) -> None:
    invite(api, "no@example.com")
    token = token_for(api, "no@example.com")
    assert api.post(f"/v1/invites/{token}/decline").json.keys() == {"detail"}
    assert (api.get(f"/v1/invites/{token}").json["status"], api.get("/v1/invites").json) == ("declined", [])
    assert refusal(api.post(f"/v1/invites/{token}/accept")) == 409

    again = invite(api, "no@example.com")
    token = token_for(api, "no@example.com")
    assert api("DELETE", f"/v1/invites/{again['id']}").status == 204
    assert refusal(api("DELETE", f"/v1/invites/{again['id']}")) == 404
    for method, end in (("GET", ""), ("POST", "/accept"), ("POST", "/decline")):
        assert refusal(api(method, f"/v1/invites/{token}{end}")) == 404
        assert refusal(api(method, f"/v1/invites/nobody-has-this{end}")) == 404

    late = invite(api, "late@example.com")
    assert api.get("/_mock/clock").json["pending"] == [], "a pending invite does not hold settle() up for a week"
    token = token_for(api, "late@example.com")
    api.advance(WEEK_SECONDS - 1)
    assert api.get("/v1/invites").json == [late]
    api.advance(1)
    assert api.get("/v1/invites").json == []
    assert refusal(api.post(f"/v1/invites/{token}/accept")) == 409
    assert invite(api, "late@example.com")["id"] != late["id"]
    assert len(api.get("/v1/members").json) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "email"),
        ({"email": "nobody"}, "email"),
        ({"email": f"{'x' * 60}@{'y' * 60}.{'z' * 60}.{'z' * 60}.{'z' * 60}.com"}, "email"),
        ({"email": "a@example.com", "role": "owner"}, "role"),
    ],
)
def test_a_wrong_invite_is_refused(api: Caller, body: Any, field: str) -> None:
    refused = api.post("/v1/invites", body)
    assert (refused.status, list(refused.json)) == (400, [field])
    assert (api.get("/v1/invites").json, api.get("/_mock/emails").json) == ([], [])


# -- health, and what the control API refuses -----------------------------------------------------------


@pytest.mark.parametrize("authorization", [None, "Bearer ", "Bearer nonsense"])
def test_health_needs_no_key_and_opens_nothing(api: Caller, authorization: str | None) -> None:
    headers = {} if authorization is None else {"authorization": authorization}
    stranger = Caller(api.app, None)
    assert (stranger.get("/v1/healthz", headers=headers).status, api.get("/v1/healthz").json) == (
        200,
        {"ok": True},
    )
    assert stranger.get("/v1/agents", headers=headers).status == 401


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"organization_id": 7}, "organization_id"),
        ({"member_id": 7}, "member_id"),
        ({"member": 7}, "Did you mean member_id?"),
        ({"name": ""}, "name"),
    ],
)
def test_a_key_for_nobody_is_not_made(api: Caller, body: Any, said: str) -> None:
    refused = api.post("/_mock/keys", body)
    assert refused.status == 400
    assert said in refused.json["mock_error"]
