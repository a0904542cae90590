"""Conversations from a browser: mic sessions, publishable keys, and the widget that uses them."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from caller import Answer, Caller

from mockserver.clock import parse_iso
from mockserver.lifecycles.sessions import TOKEN_SECONDS, token_secret

SHOP = "https://shop.example.com"


def claims(api: Caller, token: str) -> Any:
    """What a room token says, its signature checked."""
    world = api.app.worlds.find(str(api.key))
    assert world is not None
    signed, _, signature = token.rpartition(".")
    expected = hmac.new(token_secret(world).encode(), signed.encode(), hashlib.sha256).digest()
    assert _decoded(signature) == expected
    header, payload = (orjson.loads(_decoded(part)) for part in signed.split("."))
    assert header == {"alg": "HS256", "typ": "JWT"}
    return payload


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def new_agent(api: Caller, **fields: Any) -> int:
    made = api.post("/v1/agents", {"name": "Shop desk", "prompt": "Be brief.", "voice": "v", **fields})
    identity: int = made.json["id"]
    return identity


def new_key(api: Caller, **fields: Any) -> Any:
    body = {"allowed_domains": ["shop.example.com", "*.Example.org"], **fields}
    if body.get("mode", "agent") == "agent":
        body.setdefault("agent_id", new_agent(api))
    made = api.post("/v1/publishable-key", body)
    assert made.status == 201, made.body
    return made.json


def visit(api: Caller, key: str | None, origin: str | None = SHOP, body: Any = None) -> Answer:
    """What the widget sends from a page of `origin`."""
    headers = {"x-api-key": key, "origin": origin}
    sent = {name: value for name, value in headers.items() if value is not None}
    return Caller(api.app, None).post("/v1/widget/session", {} if body is None else body, headers=sent)


def test_a_mic_session_is_a_call(api: Caller) -> None:
    agent = new_agent(api)
    session = api.post("/v1/mic-session", {"agent_id": agent})
    assert session.status == 201
    call = session.json["call_id"]
    assert (session.json["room_name"], session.json["server_url"][:6]) == (f"mic-{call}", "wss://")
    token = claims(api, session.json["token"])
    now = parse_iso(api.get("/_mock/clock").json["now"]) // 1000
    assert (token["video"]["room"], token["video"]["roomJoin"]) == (f"mic-{call}", True)
    assert (token["nbf"], token["exp"]) == (now, now + TOKEN_SECONDS), "by the world's clock"
    assert token["sub"] == f"user-{call}"
    assert api.get(f"/v1/calls/{call}").json["status"] == "in_progress"
    api.settle()
    over = api.get(f"/v1/calls/{call}").json
    assert (over["direction"], over["status"], over["agent_id"]) == ("mic", "completed", agent)
    assert over["billing_total_cents"] == 8 * over["billable_minutes"]


def test_a_mic_session_is_refused(new_api: Callable[..., Caller]) -> None:
    api = new_api()
    missing = [api.post("/v1/mic-session"), api.post("/v1/mic-session", {})]
    assert [each.status for each in missing] == [400, 400]
    assert [each.json for each in missing] == [{"detail": "agent_id is required"}] * 2
    assert list(api.post("/v1/mic-session", {"agent_id": "seven"}).json) == ["agent_id"]
    assert api.post("/v1/mic-session", {"agent_id": new_agent(new_api())}).status == 404
    broke = new_api(world="penniless")
    refused = broke.post("/v1/mic-session", {"agent_id": broke.get("/v1/agents").json[0]["id"]})
    assert (refused.status, refused.json["detail"]) == (402, "Insufficient balance")


def test_the_life_of_a_publishable_key(api: Caller) -> None:
    key = new_key(api, name="Shop")
    target = f"/v1/publishable-key/{key['id']}"
    assert key["key"].startswith("pk_live_")
    assert key["key_prefix"] == key["key"][:12]
    assert (key["mode"], key["is_active"], key["is_enabled"]) == ("agent", True, True)
    assert api.get(target).json == key == api.get("/v1/publishable-key").json[0]
    changed = api.patch(target, {"name": "Shop 2", "is_enabled": False}).json
    assert (changed["name"], changed["is_enabled"], changed["key"]) == ("Shop 2", False, key["key"])
    assert visit(api, key["key"]).json == {"error": "key_disabled", "message": "This key is paused."}
    api.patch(target, {"is_enabled": True})
    assert visit(api, key["key"]).status == 200
    assert api("DELETE", target).status == 204
    assert [each["is_active"] for each in api.get("/v1/publishable-key").json] == [False]
    assert visit(api, key["key"]).status == 401
    for method in ("GET", "PATCH", "DELETE"):
        assert api(method, target, {} if method == "PATCH" else None).status == 404


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"allowed_domains": []}, "allowed_domains"),
        ({"allowed_domains": ["*"]}, "allowed_domains"),
        ({"allowed_domains": ["*.*"]}, "allowed_domains"),
        ({"allowed_domains": ["https://shop.example.com"]}, "allowed_domains"),
        ({"mode": "agent", "agent_id": None}, "agent_id"),
        ({"mode": "webhook"}, "webhook_url"),
        ({"mode": "both"}, "mode"),
    ],
)
def test_a_key_must_make_sense(api: Caller, fields: dict[str, Any], wrong: str) -> None:
    body = {"allowed_domains": ["a.example"], "agent_id": new_agent(api), **fields}
    answer = api.post("/v1/publishable-key", body)
    assert (answer.status, list(answer.json)) == (400, [wrong])
    assert api.get("/v1/publishable-key").json == []


def test_a_key_keeps_making_sense(api: Caller) -> None:
    target = f"/v1/publishable-key/{new_key(api)['id']}"
    for broken, lacks in (({"mode": "webhook"}, "webhook_url"), ({"agent_id": None}, "agent_id")):
        refused = api.patch(target, broken)
        assert (refused.status, lacks in refused.json["detail"]) == (409, True)
    assert api.patch(target, {"agent_id": 1}).status == 404
    assert api.patch(target, {"allowed_domains": ["*"]}).status == 400
    asked = {"mode": "webhook", "webhook_url": "https://hooks.example.com/in"}
    assert api.patch(target, asked).json["webhook_url"] == asked["webhook_url"]


def test_a_visitor_talks(api: Caller) -> None:
    key = new_key(api)
    session = visit(api, key["key"]).json
    assert session["agent_name"] == "Shop desk"
    assert claims(api, session["token"])["video"]["room"] == session["room_name"]
    api.settle()
    call = api.get(f"/v1/calls/{session['call_id']}").json
    assert (call["direction"], call["status"], call["agent_id"]) == ("widget", "completed", key["agent_id"])
    assert "web.complete" in {each["type"] for each in api.get("/_mock/events").json}


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://shop.example.com", True),
        ("https://SHOP.example.com:8443", True),
        ("http://localhost:3000", True),
        ("http://127.0.0.1", True),
        ("https://a.example.org", True),
        ("https://a.b.example.org", True),
        ("https://example.org", False),
        ("https://badexample.org", False),
        ("https://www.shop.example.com", False),
        ("https://shop.example.com.evil.test", False),
        ("null", False),
        ("https://[", False),
        (None, False),
    ],
)
def test_only_the_keys_domains_may_use_it(api: Caller, origin: str | None, allowed: bool) -> None:
    answer = visit(api, new_key(api)["key"], origin)
    if allowed:
        assert answer.status == 200
    else:
        assert answer.status == 403
        assert answer.json == {"error": "domain_not_allowed", "message": "Origin not allowed."}


def test_the_widget_is_refused_in_its_own_words(api: Caller, new_api: Callable[..., Caller]) -> None:
    for key in (None, "pk_live_unknown", "nonsense", str(api.key)):
        refused = visit(api, key)
        assert (refused.status, sorted(refused.json)) == (401, ["error", "message"])
    key = new_key(api)
    wrong = visit(api, key["key"], body=[1])
    assert (wrong.status, sorted(wrong.json)) == (400, ["error", "message"])
    api.patch(f"/v1/agents/{key['agent_id']}", {"widget_enabled": False})
    assert (visit(api, key["key"]).status, visit(api, key["key"]).json["error"]) == (403, "widget_disabled")
    api("DELETE", f"/v1/agents/{key['agent_id']}")
    assert (visit(api, key["key"]).status, visit(api, key["key"]).json["error"]) == (409, "no_agent")
    broke = new_api(world="penniless")
    refused = visit(broke, new_key(broke)["key"])
    assert (refused.status, refused.json["message"]) == (402, "Insufficient balance")


def test_a_publishable_key_opens_no_other_door(api: Caller) -> None:
    key = new_key(api)["key"]
    browser = Caller(api.app, key)
    assert browser.get("/v1/calls").status == 401
    assert browser.get("/_mock/journal").status == 401
    before = len(api.app.worlds)
    visit(api, "pk_live_never_made")
    assert len(api.app.worlds) == before, "its first use opens no organization"


def test_a_reset_forgets_publishable_keys(api: Caller) -> None:
    key = new_key(api)["key"]
    assert visit(api, key).status == 200
    assert api.post("/_mock/reset", {"world": "empty"}).status == 200
    assert visit(api, key).status == 401
    assert api.get("/v1/calls").json["total"] == 0


def test_a_browser_asks_before_it_sends(api: Caller) -> None:
    asked = {
        "origin": SHOP,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type, x-api-key",
    }
    answer = Caller(api.app, None)("OPTIONS", "/v1/widget/session", headers=asked)
    assert answer.status == 204
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "x-api-key" in answer.headers["access-control-allow-headers"]
    assert answer.headers["access-control-allow-origin"] in ("*", SHOP)
    refused = visit(api, "pk_live_unknown")
    assert refused.headers["access-control-allow-origin"] in ("*", SHOP), "the page must be able to read why"


def test_a_key_goes_to_another_organization(api: Caller) -> None:
    world = api.app.worlds.find(str(api.key))
    assert world is not None
    other = world.registry.found(world)
    other_key = f"sk_test_other{other.organization_id}"
    world.registry.admit(other_key, other)
    there = Caller(api.app, other_key)
    key = new_key(api)
    target = f"/v1/publishable-key/{key['id']}/transfer"
    assert api.post(target, {"target_org_id": 1}).status == 403
    assert api.post(target, {"target_org_id": world.organization_id}).status == 409
    copy = api.post(target, {"target_org_id": other.organization_id, "name": "Copy"})
    assert (copy.status, copy.json["agent_id"], copy.json["name"]) == (201, None, "Copy")
    assert copy.json["key"] != key["key"]
    moved = api.post(target, {"target_org_id": other.organization_id, "mode": "move"})
    assert (moved.status, moved.json["key"], moved.json["id"]) == (200, key["key"], key["id"])
    assert api.get("/v1/publishable-key").json == []
    assert {each["key"] for each in there.get("/v1/publishable-key").json} == {copy.json["key"], key["key"]}
    assert visit(api, key["key"]).json["error"] == "no_agent"
    there.patch(f"/v1/publishable-key/{key['id']}", {"agent_id": new_agent(there)})
    call = visit(api, key["key"]).json["call_id"]
    assert there.get(f"/v1/calls/{call}").status == 200
