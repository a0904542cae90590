"""Agents: drafts and their deployment, versions, variants, what agents link, and what is imported as one."""

from typing import Any

import orjson
import pytest
from caller import Caller

from mockserver import MockServer, Settings
from mockserver.assembly import build
from mockserver.http.app import App
from sdk.wire import Wire

BASICS = {"name": "Desk", "prompt": "You answer questions about parcels.", "voice": "en-US-James1"}


@pytest.fixture(scope="module")
def app() -> App:
    return build(Settings(contracts=("thunderphone-sdk-0.2",)))


@pytest.fixture
def api(app: App) -> Caller:
    return Caller(app, app.worlds.mint(world_name="demo"))


def test_a_change_waits_for_its_deployment(api: Caller) -> None:
    made = api.post("/v1/agents", {**BASICS, "background_track": "CALL_CENTER"}).json
    at = f"/v1/agents/{made['id']}"
    assert (made["has_draft"], api.get(f"{at}/versions").json["count"]) == (False, 1)

    drafted = api.patch(at, {"prompt": "Be brief.", "background_track": None, "product": "storm-extra"}).json
    assert (drafted["prompt"], drafted["draft_prompt"]) == (BASICS["prompt"], "Be brief.")
    assert (drafted["has_draft"], drafted["draft_thinking_level"]) == (True, "extra")
    call = api.post("/v1/calls/register-sip", {"agent_id": made["id"]})
    assert call.status in (200, 201), call.body
    snapshot = api.get(f"/v1/calls/{call.json['call_id']}").json["prompt_snapshot"]
    assert snapshot == BASICS["prompt"], "calls go on with what is deployed"

    deployed = api.post(f"{at}/deploy").json
    assert (deployed["prompt"], deployed["product"], deployed["background_track"]) == (
        "Be brief.",
        "storm-extra",
        None,
    )
    assert (deployed["has_draft"], deployed["draft_prompt"], deployed["draft_updated_at"]) == (False, None, None)
    page = api.get(f"{at}/versions").json
    assert (page["count"], [each["version"] for each in page["results"]]) == (2, [2, 1])
    assert [each["snapshot"]["prompt"] for each in page["results"]] == ["Be brief.", BASICS["prompt"]]


def test_a_draft_is_taken_back_whole_or_by_field(api: Caller) -> None:
    made = api.post("/v1/agents", BASICS).json
    at = f"/v1/agents/{made['id']}"
    api.patch(at, {"name": "Front desk", "voice": "en-US-Ava1"})
    assert api.patch(at, {"draft_voice": None}).json["draft_name"] == "Front desk"
    assert api.patch(at, {"name": "Desk"}).json["has_draft"] is False, "a draft of what is deployed is none"
    api("PUT", at, {**BASICS, "voice": "en-US-Ava1"})
    discarded = api.post(f"{at}/discard-draft").json
    assert {**discarded, "updated_at": made["updated_at"]} == made


def test_an_agent_may_be_sent_back_as_it_was_read(api: Caller) -> None:
    seen = api.post("/v1/agents", {**BASICS, "product": "bolt"}).json
    at = f"/v1/agents/{seen['id']}"
    drafted = api("PUT", at, {**seen, "prompt": "Be brief."}).json
    assert (drafted["draft_prompt"], drafted["draft_product"]) == ("Be brief.", None)
    again = api("PUT", at, drafted).json
    assert {**again, "updated_at": 0, "draft_updated_at": 0} == {**drafted, "updated_at": 0, "draft_updated_at": 0}


def test_a_moved_agent_takes_its_draft_but_no_links(api: Caller) -> None:
    instruction = api.post("/v1/reusable-instructions", {"name": "Closing", "content": "Say goodbye."}).json["id"]
    agent = api.post("/v1/agents", BASICS).json["id"]
    api.patch(f"/v1/agents/{agent}", {"draft_reusable_instruction_ids": [instruction]})
    api.post(f"/v1/agents/{agent}/deploy")
    api.patch(f"/v1/agents/{agent}", {"draft_reusable_instruction_ids": [], "name": "Moved"})
    target = api.post("/v1/orgs/", {"name": "Second"}).json["id"]
    moved = api.post(f"/v1/agents/{agent}/transfer", {"target_org_id": target, "mode": "move"}).json
    assert moved["detached"]["reusable_instruction_ids"] == [instruction]
    assert (moved["agent"]["reusable_instructions"], moved["agent"]["draft_name"]) == ([], "Moved")
    assert moved["agent"]["draft_reusable_instruction_ids"] is None


@pytest.mark.parametrize(
    ("method", "path"), [("PATCH", ""), ("PUT", ""), ("POST", "/deploy"), ("POST", "/discard-draft")]
)
def test_a_stale_change_is_refused(api: Caller, method: str, path: str) -> None:
    seen = api.post("/v1/agents", BASICS).json
    at = f"/v1/agents/{seen['id']}"
    now = api.patch(at, {"name": "Somebody else's"}).json
    body = BASICS if method == "PUT" else {}
    stale = api(method, at + path, {**body, "if_updated_at": seen["updated_at"]})
    assert (stale.status, stale.json["code"]) == (409, "stale")
    assert api.get(at).json == now
    assert api(method, at + path, {**body, "if_updated_at": now["updated_at"]}).status == 200


def test_split_testing_shares_calls_among_variants(api: Caller) -> None:
    agent = api.post("/v1/agents", BASICS).json["id"]
    at = f"/v1/agents/{agent}"
    control = api.post(f"{at}/variants", {"label": "As it is", "is_control": True, "weight": 0}).json
    warmer = api.post(f"{at}/variants", {"label": "Warmer", "prompt": "Be warm."}).json
    toggled = api.post(f"{at}/split-testing", {"enabled": True}).json
    assert toggled == {"draft_split_testing_enabled": True, "split_testing_enabled": False}
    api.post(f"{at}/deploy")
    body = {"agent_id": agent, "direction": "mic"}
    call = api.get(f"/v1/calls/{api.post('/_mock/calls', body).json['call_id']}").json
    assert (call["agent_variant_id"], call["agent_variant_label"]) == (warmer["id"], "Warmer")
    assert call["prompt_snapshot"] == "Be warm."
    api.settle()
    stats = {each["variant_id"]: each for each in api.get(f"{at}/variant-stats").json}
    assert (stats[control["id"]]["calls"], stats[control["id"]]["success_rate"]) == (0, None)
    assert stats[warmer["id"]]["calls"] == 1
    assert stats[warmer["id"]]["avg_duration_seconds"] > 0
    api.patch(f"{at}/variants/{warmer['id']}", {"is_control": True})
    assert [each["is_control"] for each in api.get(f"{at}/variants").json] == [False, True]


def test_linked_instructions_follow_their_agents(api: Caller) -> None:
    instruction = api.post("/v1/reusable-instructions", {"name": "Closing", "content": "Say goodbye."}).json
    agent = api.post("/v1/agents", BASICS).json["id"]
    at, text = f"/v1/agents/{agent}", f"/v1/reusable-instructions/{instruction['id']}"
    unknown = "00000000-0000-4000-8000-000000000000"
    assert api.patch(at, {"draft_reusable_instruction_ids": [unknown]}).status == 404
    drafted = api.patch(at, {"draft_reusable_instruction_ids": [instruction["id"]]}).json
    assert (drafted["reusable_instructions"], api.get(text).json["agent_count"]) == ([], 0)
    api.post(f"{at}/deploy")
    api.patch(text, {"content": "Wish a good day."})
    assert [each["content"] for each in api.get(at).json["reusable_instructions"]] == ["Wish a good day."]
    assert [each["agent_count"] for each in api.get("/v1/reusable-instructions").json] == [1]
    assert api("DELETE", text).status == 204
    assert api.get(at).json["reusable_instructions"] == []


def test_tools_of_one_name_are_warned_of(api: Caller) -> None:
    body = {"display_name": "Orders", "url": "https://mcp.example.com/orders"}
    one, other = (api.post("/v1/mcp-servers", body).json["id"] for _ in range(2))
    agent = api.post("/v1/agents", {**BASICS, "draft_mcp_server_ids": [one, other]}).json["id"]
    at = f"/v1/agents/{agent}"
    assert api.post(f"{at}/deploy").json["tool_collision_warnings"] == []
    for server in (one, other):
        assert api.post(f"/v1/mcp-servers/{server}/sync-tools").status == 200
    warned = api.get(at).json["tool_collision_warnings"]
    assert warned[0] == {"tool_name": "search_orders", "sources": ["Orders", "Orders"]}


def test_a_newer_attestation_revokes_the_one_before(api: Caller) -> None:
    agent = api.post("/v1/agents", BASICS).json["id"]
    at = f"/v1/agents/{agent}/consent-attestations"
    body = {
        "affirmed": True,
        "attestation_text_version": "2",
        "locale": "en-US",
        "rendered_text": "We record this.",
    }
    refused = api.post(at, {**body, "affirmed": False})
    assert (refused.status, set(refused.json)) == (400, {"affirmed"})
    assert set(api.post(at, {**body, "statement_sha256": "0" * 64}).json) == {"statement_sha256"}
    first, second = api.post(at, body).json, api.post(at, body).json
    found = {each["id"]: each["status"] for each in api.get(at).json}
    assert found == {first["id"]: "revoked", second["id"]: "active"}
    sound = api.get(f"/v1/consent-announcements/{second['attestation_text_sha256']}")
    assert (sound.status, sound.headers["content-type"]) == (200, "audio/mpeg")
    assert api.get(f"/v1/consent-announcements/{'0' * 64}").status == 404


def test_a_call_says_what_was_announced(api: Caller) -> None:
    announced = {"consent_announcement_enabled": True, "consent_announcement_text": "We record this."}
    agent = api.post("/v1/agents", {**BASICS, **announced}).json["id"]
    call = api.post("/_mock/calls", {"agent_id": agent, "direction": "mic"}).json["call_id"]
    evidence = api.get(f"/v1/calls/{call}").json["consent_evidence"]
    assert evidence["locale"] == "en-US"
    assert api.get(f"/v1/consent-announcements/{evidence['asset_hash']}").status == 200


def test_a_prompt_analysis_takes_a_moment(api: Caller) -> None:
    agent = api.post("/v1/agents", BASICS).json["id"]
    at = f"/v1/agents/{agent}/prompt-analysis"
    german = {"prompt": "Du bist der freundliche Assistent und hilfst mit {{order}} immer, wenn es nicht geht."}
    begun = api.post(at, german)
    assert (begun.status, begun.json) == (202, {"retry_after_ms": 1500, "stale": False})
    api.advance(1.5)
    done = api.post(at, german)
    assert (done.status, done.json["facts"]["variables"]) == (200, ["order"])
    severities = {each["id"]: each["severity"] for each in done.json["findings"]}
    assert severities["language_mismatch"] == "warning"
    again = api.post(at, {"prompt": "Another."})
    assert (again.status, again.json["stale"], again.json["facts"]) == (202, True, done.json["facts"])


def test_steps_become_text(api: Caller) -> None:
    at = "/v1/agents/steps/flatten"
    steps = [{"title": "Greet", "instructions": "Ask for the order.", "steps": ["Spell it back."]}, "Say goodbye."]
    text = "Be kind.\n\n## Steps\n\n1. Greet: Ask for the order.\n   1.1. Spell it back.\n2. Say goodbye."
    assert api.post(at, {"prompt": "Be kind.", "steps": steps}).json == {"prompt": text}
    assert api.post(at, {"prompt": "Be kind.", "steps": []}).json == {"prompt": "Be kind."}
    assert set(api.post(at, {"prompt": "Be kind.", "steps": [7]}).json) == {"steps"}


def message(api: Caller, method: str, params: object = None, **kwargs: object) -> dict[str, Any]:
    sent = {"jsonrpc": "2.0", "id": 7, "method": method, **({} if params is None else {"params": params})}
    reply = api.post("/v1/mcp", sent, **kwargs)
    assert reply.status in (200, 202), reply.body
    found: dict[str, Any] = reply.json
    return found


def test_the_mcp_endpoint_works_on_the_same_world(api: Caller) -> None:
    hello = message(api, "initialize", {"protocolVersion": "2025-03-26"})
    assert (hello["id"], hello["result"]["protocolVersion"]) == (7, "2025-03-26")
    names = {each["name"] for each in message(api, "tools/list")["result"]["tools"]}
    assert {"create_agent", "list_agents", "get_call_transcript"} <= names
    made = message(api, "tools/call", {"name": "create_agent", "arguments": BASICS})["result"]["structuredContent"]
    assert api.get(f"/v1/agents/{made['id']}").json == made
    newest = message(api, "tools/call", {"name": "list_calls", "arguments": {"limit": 1}})["result"]
    assert newest["structuredContent"]["results"] == api.get("/v1/calls?limit=1").json["results"]
    absent = message(api, "tools/call", {"name": "get_call", "arguments": {"call_id": 1}})["result"]
    assert absent["isError"] is True
    assert message(api, "tools/call", {"name": "get_call", "arguments": {}})["error"]["code"] == -32602
    assert message(api, "resources/list")["error"]["code"] == -32601


def test_clients_of_the_protocol_are_answered_as_it_says(api: Caller) -> None:
    headers = {"accept": "application/json, text/event-stream"}
    sent = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    assert api.post("/v1/mcp", sent, headers=headers).status == 200
    noted = api.post("/v1/mcp", {"jsonrpc": "2.0", "method": "notifications/initialized"}, headers=headers)
    assert (noted.status, noted.body) == (202, b"")
    assert api.post("/v1/mcp", sent).status == 202


def test_a_header_of_an_mcp_server_is_never_read_back(api: Caller) -> None:
    assert set(api.post("/v1/mcp-servers", {"display_name": "Orders"}).json) == {"url"}
    secret = {"key": "Authorization", "value": "Bearer t0ps3cret"}
    made = api.post("/v1/mcp-servers", {"url": "https://mcp.example.com/orders", "headers": [secret]}).json
    assert (made["headers"], made["display_name"]) == (
        [{"key": "Authorization", "has_value": True}],
        "mcp.example.com",
    )
    at = f"/v1/mcp-servers/{made['id']}"
    kept = api.patch(at, {"headers": [{"key": "Authorization"}, {"key": "X-Team"}]}).json
    assert [each["has_value"] for each in kept["headers"]] == [True, False]
    agent = api.post("/v1/agents", {**BASICS, "draft_mcp_server_ids": [made["id"]]}).json["id"]
    linked = api.post(f"/v1/agents/{agent}/deploy").body
    assert made["id"].encode() in linked
    assert b"t0ps3cret" not in linked + api.get(at).body


def test_a_reachable_mcp_server_is_asked_for_its_tools() -> None:
    with MockServer(Settings(contracts=("thunderphone-sdk-0.2",), world="demo")) as server:
        key = server.mint_key()
        with Wire(server.base_url, key) as wire:
            url = f"{server.base_url}/v1/mcp"  # the mock is an MCP server itself
            header = {"key": "Authorization", "value": f"Bearer {key}"}
            at = f"/v1/mcp-servers/{wire.post('/v1/mcp-servers', {'url': url, 'headers': [header]}).json['id']}"
            synced = wire.post(f"{at}/sync-tools").json
            assert synced["last_sync_error"] == ""
            assert "create_agent" in {each["name"] for each in synced["cached_tools"]}
            wire.patch(at, {"headers": []})
            failed = wire.post(f"{at}/sync-tools").json
            assert failed["last_sync_error"] == "The server answered 401."
            assert failed["cached_tools"] == synced["cached_tools"]
            wire.patch(at, {"url": "https://mcp.example.com/orders"})
            assert [each["name"] for each in wire.post(f"{at}/sync-tools").json["cached_tools"]] == [
                "search_127_0_0_1",
                "get_127_0_0_1_item",
            ]


def test_an_export_becomes_agents(api: Caller) -> None:
    export = {
        "assistants": [
            {"id": "a1", "name": "Desk", "model": {"messages": [{"role": "system", "content": "Take orders."}]}},
            {
                "id": "a2",
                "name": "Night",
                "general_prompt": "Take messages. Be brief.",
                "serverUrl": "https://x.example",
            },
            {"id": "a3", "name": "Without a prompt"},
        ]
    }
    asked = {"source": "vapi", "auth_mode": "paste", "payload": orjson.dumps(export).decode()}
    at = f"/v1/agent-imports/{api.post('/v1/agent-imports', asked).json['id']}"
    assert api.get(at).json["status"] == "queued"
    assert api.post(f"{at}/commit").status == 409
    api.settle()
    ready = api.get(at).json
    assert (ready["status"], [each["source_id"] for each in ready["items"]]) == ("ready", ["a1", "a2"])
    skipped, taken = (f"{at}/items/{each['id']}" for each in ready["items"])
    api.patch(skipped, {"selected": False})
    mapped = api.patch(taken, {"name": "Night desk", "prompt_choice": "rewritten"}).json["mapped"]
    assert mapped["prompt"] == "# Night\n\n- Take messages.\n- Be brief."
    secret = {"connection": "tools-1", "header_id": "authorization", "value": "Bearer x"}
    report = api.post(f"{at}/connection-secrets", secret).json["report"]
    assert report["connections"][0]["headers"][0]["has_value"] is True

    assert api.post(f"{at}/commit").json["status"] == "committing"
    assert api("DELETE", at).status == 409
    api.settle()
    done = api.get(at).json
    assert [each["status"] for each in done["items"]] == ["skipped", "created"]
    agent = api.get(f"/v1/agents/{done['items'][1]['created_agent_id']}").json
    assert (agent["name"], agent["prompt"]) == ("Night desk", mapped["prompt"])

    move = {"agent_id": agent["id"], "number": "+14155550123"}
    moved = api.post(f"{at}/numbers/move", move).json
    assert (moved["imported"], moved["needs_verification"]) == (True, True)
    assert api.post(f"{at}/numbers/move", move).json["imported"] is False
    assert moved["phone_number"]["inbound_agent_id"] == agent["id"]
    assert api("DELETE", at).status == 204
    assert api.get(at).status == 404


def test_an_import_that_cannot_be_read_fails(api: Caller) -> None:
    def failure(**asked: str) -> str:
        made = api.post("/v1/agent-imports", {"source": "retell", **asked}).json["id"]
        api.settle()
        found = api.get(f"/v1/agent-imports/{made}").json
        assert (found["status"], found["items"], bool(found["error"])) == ("failed", [], True)
        return str(found["error_code"])

    assert failure(auth_mode="api_key", api_key="an-invalid-key") == "invalid_credentials"
    assert failure(auth_mode="paste", payload='{"agents": []}') == "nothing_to_import"
    assert set(api.post("/v1/agent-imports", {"source": "retell", "auth_mode": "api_key"}).json) == {"api_key"}
