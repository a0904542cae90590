"""A call in the words of the second API: the same call, with everything in one object."""

import base64
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from caller import Caller

PUBLISHED = """
    id type status agent_id agent_name started_at ended_at duration_seconds ended_reason transcript
    recording_url recording_duration cost model transcriber voice latency_ms interruptions analysis
    phone_number caller_phone call_direction created_at updated_at
"""
"""The fields of the vendor's example."""

OUTBOUND = {"type": "outbound", "customer": {"number": "+14155550199", "name": "Asha"}}


def listed(api: Caller, query: str = "") -> list[int]:
    return [each["id"] for each in api.get(f"/v2/calls?limit=100{query}").json["calls"]]


def test_one_call_is_read_in_two_vocabularies(new_pair: Callable[..., Any]) -> None:
    pair = new_pair("demo")
    ours, theirs = pair.first, pair.second
    number = ours.get("/v1/phone-numbers").json[0]
    call_id = pair.call(
        "angry-caller", direction="inbound", to_number=number["number"], from_number="+14155550177"
    )
    pair.first.settle()
    call, shown = ours.get(f"/v1/calls/{call_id}").json, theirs.get(f"/v2/calls/{call_id}").json
    assert set(shown) == {*PUBLISHED.split(), "metadata"}
    assert (shown["id"], shown["type"], shown["call_direction"]) == (call_id, "inbound", "inbound")
    assert (shown["status"], shown["ended_reason"]) == ("ended", "user_hangup")
    assert (shown["phone_number"], shown["caller_phone"]) == (number["number"], "+14155550177")
    assert shown["started_at"] == call["start_time"][:19] + "Z"
    assert int(shown["duration_seconds"]) == call["duration_seconds"] == shown["recording_duration"]
    assert shown["updated_at"] == call["grade_updated_at"][:19] + "Z"
    rows = ours.get(f"/v1/calls/{call_id}/transcript").json["transcripts"]
    spoken = [row for row in rows if row["content_type"] == "text"]
    assert [(each["role"], each["content"]) for each in shown["transcript"]] == [
        (row["role"], row["content"]) for row in spoken
    ]
    assert [each["timestamp"] for each in shown["transcript"]] == [
        f"{row['start_ms'] // 100 / 10}" for row in spoken
    ]
    history = ours.get(f"/v1/calls/{call_id}/history").json
    assert shown["interruptions"] == sum(each["type"] == "interrupt" for each in history) == 4
    replies = [each for each in history if each["type"] == "span" and each["role"] == "assistant"][1:]
    waits = [each["first_byte_ms"] for each in replies if each["first_byte_ms"] > 0]
    assert shown["latency_ms"] == round(sum(waits) / len(waits))
    grade = ours.get(f"/v1/calls/{call_id}/grade").json
    analysis = shown["analysis"]
    assert (analysis["summary"]["overview"], analysis["summary"]["outcome"]) == (grade["summary"], "unresolved")
    assert (analysis["sentiment"], analysis["score"]["score"]) == ("negative", round(grade["score"] * 100))
    assert analysis["tags"] == analysis["summary"]["key_topics"] == ["late parcel", "complaint"]
    assert analysis["knowledge_gaps"], "the agent did not know when the parcel comes"
    assert theirs.get(f"/v2/agents/{shown['agent_id']}").json["name"] == shown["agent_name"]
    assert pair.defects() == []


@pytest.mark.parametrize("scenario", ["refund-with-tool", "angry-caller", "long-call", "abandoned"])
def test_the_cost_is_the_bill_and_its_parts_sum_to_it(new_pair: Callable[..., Any], scenario: str) -> None:
    pair = new_pair("demo")
    inbound = {"direction": "inbound", "to_number": pair.first.get("/v1/phone-numbers").json[0]["number"]}
    for fields in ({}, inbound):
        call_id = pair.call(scenario, **fields)
        before = pair.second.get(f"/v2/calls/{call_id}").json["cost"]
        assert (before["total_usd"], set(before["breakdown"].values())) == (0, {0})
        pair.first.settle()
        cents = pair.first.get(f"/v1/calls/{call_id}").json["billing_total_cents"]
        reply = pair.second.get(f"/v2/calls/{call_id}")
        cost = json.loads(reply.body, parse_float=Decimal)["cost"]
        assert cost["total_usd"] == sum(cost["breakdown"].values()) == Decimal(cents) / 100
        assert cost["total_inr"] == cost["total_usd"] * 85
        assert (cost["breakdown"]["telephony"] > 0) == bool(fields)


def test_the_recording_plays_for_one_hour(pair: Any) -> None:
    call_id = pair.call("support-question")
    assert pair.second.get(f"/v2/calls/{call_id}").json["recording_url"] is None
    pair.first.settle()
    url = pair.second.get(f"/v2/calls/{call_id}").json["recording_url"].removeprefix("http://mock.test")
    other = pair.first.get(f"/v1/calls/{call_id}/audio").json["url"].removeprefix("http://mock.test")
    anybody = Caller(pair.first.app, None)
    assert (anybody.get(url).status, anybody.get(url).body) == (200, anybody.get(other).body)
    assert "/thinnestai-recordings/" in url
    pair.first.advance(3600)
    assert (anybody.get(url).status, anybody.get(other).status) == (200, 400)
    pair.first.advance(1)
    assert anybody.get(url).status == 400
    assert anybody.get(url.replace("thinnestai-recordings", "thunderphone-recordings")).status == 403


def test_a_call_that_goes_on_is_shown_as_far_as_it_has_come(pair: Any) -> None:
    call_id = pair.call("refund-with-tool")
    pair.first.advance(12)
    early = pair.second.get(f"/v2/calls/{call_id}").json
    unknown = ("ended_at", "duration_seconds", "ended_reason", "recording_url", "recording_duration")
    assert (early["status"], {early[name] for name in unknown}) == ("active", {None})
    assert early["analysis"] == {
        "summary": None,
        "sentiment": None,
        "score": None,
        "tags": [],
        "knowledge_gaps": [],
    }
    pair.first.settle()
    late = pair.second.get(f"/v2/calls/{call_id}").json
    assert 0 < len(early["transcript"]) < len(late["transcript"])
    assert late["analysis"]["summary"]["action_items"] == ["Refund the order within five business days"]


def test_a_call_that_never_connected(new_pair: Callable[..., Any]) -> None:
    pair = new_pair("demo")
    created = pair.second.post(
        "/v2/calls",
        {
            **OUTBOUND,
            "agent_id": pair.agent()["id"],
            "phone_number_id": pair.voip_number()["id"],
            "customer": {"number": "+14155550001"},
        },
    )
    pair.first.settle()
    call = pair.second.get(f"/v2/calls/{created.json['id']}").json
    assert (call["status"], call["ended_reason"], call["duration_seconds"]) == ("error", "busy", 0)
    assert (call["cost"]["total_usd"], call["recording_url"], call["transcript"]) == (0, None, [])
    assert (call["latency_ms"], call["analysis"]["score"]) == (None, None)
    assert (call["caller_phone"], call["phone_number"]) == ("+14155550001", pair.voip_number()["number"])


def test_lists_filter_and_page(new_pair: Callable[..., Any]) -> None:
    pair = new_pair("demo")
    whole = pair.second.get("/v2/calls?limit=100").json
    assert whole["total"] == pair.first.get("/v1/calls?limit=1").json["total"] == 200
    assert [each["id"] for each in whole["calls"]] == [
        each["call_id"] for each in pair.first.get("/v1/calls?limit=100").json["results"]
    ]
    second = pair.second.get("/v2/calls?limit=2&offset=2").json["calls"]
    assert second == whole["calls"][2:4]
    first = whole["calls"][0]
    shown = pair.second.get(f"/v2/calls/{first['id']}").json
    assert {name: shown[name] for name in first if name != "cost"} == {
        name: value for name, value in first.items() if name != "cost"
    }
    totals = {
        query: pair.second.get(f"/v2/calls?limit=1&{query}").json["total"]
        for query in ("type=web", "type=inbound", "type=outbound", "status=active", "status=ended", "status=error")
    }
    assert sum(totals[query] for query in totals if query.startswith("type")) == 200
    assert sum(totals[query] for query in totals if query.startswith("status")) == 200
    assert (totals["status=active"], totals["type=web"] > 0) == (3, True)
    agents = pair.second.get("/v2/agents").json["agents"]
    counted = [pair.second.get(f"/v2/calls?limit=1&agent_id={each['id']}").json["total"] for each in agents]
    assert sum(counted) == 200
    assert pair.second.get("/v2/calls?agent_id=ag_nobody").json == {"calls": [], "total": 0}
    refused = pair.second.get("/v2/calls?limit=101&status=live")
    assert (refused.status, list(refused.json)) == (422, ["detail"])
    assert "limit" in refused.json["detail"]
    assert "status" in refused.json["detail"]


def test_deleting_leaves_the_call_out_of_lists_and_nothing_else(pair: Any) -> None:
    kept, deleted = pair.call("support-question"), pair.call("support-question")
    pair.first.settle()
    target = f"/v2/calls/{deleted}"
    assert pair.second("DELETE", target).status == 204
    assert listed(pair.second) == listed(pair.second, "&status=ended") == [kept]
    after = pair.second.get(target).json
    assert (after["status"], after["recording_url"] is None) == ("deleted", False)
    assert pair.first.get(f"/v1/calls/{deleted}").json["status"] == "completed"
    assert pair.first.get("/v1/calls").json["total"] == 2
    assert pair.second("DELETE", target).status == 204


def test_tags_and_metadata_are_replaced(pair: Any) -> None:
    target = f"/v2/calls/{pair.call('support-question')}"
    assert pair.second.patch(target, {"tags": ["vip"], "metadata": {"order": 7}}).json["metadata"] == {"order": 7}
    pair.first.settle()
    call = pair.second.get(target).json
    assert (call["analysis"]["tags"], call["metadata"]) == (["vip"], {"order": 7})
    changed = pair.second.patch(target, {"metadata": {"seen": True}}).json
    assert (changed["metadata"], changed["analysis"]["tags"]) == ({"seen": True}, ["vip"])
    assert pair.second.patch(target, {"tags": "vip"}).status == 422


def test_a_web_call_lets_in_with_a_token(pair: Any) -> None:
    agent = pair.agent(model="openai/gpt-4o-mini", voice={"provider": "sarvam", "voiceId": "meera"})
    made = pair.second.post("/v2/calls", {"agent_id": agent["id"], "voice_config": {"stt_provider": "sarvam"}})
    assert made.status == 201
    room = made.json["room_name"]
    assert room.startswith(f"voice-{agent['id'].split('_')[1]}-")
    claims = json.loads(base64.urlsafe_b64decode(made.json["token"].split(".")[1] + "=="))
    assert (claims["exp"] - claims["nbf"], claims["video"]["room"]) == (made.json["expires_in"], room)
    pair.first.settle()
    call = pair.second.get(f"/v2/calls/{made.json['id']}").json
    assert (call["type"], call["status"], call["phone_number"]) == ("web", "ended", None)
    assert listed(pair.second) == [call["id"]]
    assert call == {**pair.second.get(f"/v2/calls/{call['id']}").json}
    assert call["model"] == {"provider": "openai", "model_id": "gpt-4o-mini"}
    assert (call["transcriber"]["provider"], call["voice"]["provider"]) == ("sarvam", "sarvam")
    assert call["voice"]["voice_id"] == "meera"
    assert pair.first.get(f"/v1/calls/{call['id']}").json["direction"] == "widget"


def test_an_outbound_call_needs_a_number_and_somebody(new_pair: Callable[..., Any]) -> None:
    pair = new_pair("demo")
    agent, number = pair.agent()["id"], pair.voip_number()["id"]
    whole = {**OUTBOUND, "agent_id": agent, "phone_number_id": number}
    made = pair.second.post("/v2/calls", whole)
    assert (made.status, made.json["status"], made.json["customer"]) == (201, "connecting", OUTBOUND["customer"])
    assert pair.first.get(f"/v1/calls/{made.json['id']}").json["to_number"] == "+14155550199"
    missing = pair.second.post("/v2/calls", {"type": "outbound", "agent_id": agent})
    assert (missing.status, "phone_number_id" in missing.json["detail"]) == (422, True)
    demo = next(each["id"] for each in pair.first.get("/v1/phone-numbers").json if each["source"] == "demo")
    refusals = [({"phone_number_id": 1}, 404), ({"phone_number_id": demo}, 403), ({"agent_id": "ag_no"}, 404)]
    for change, status in refusals:
        assert pair.second.post("/v2/calls", {**whole, **change}).status == status
    pair.first.advance(60)
    assert pair.second.post("/v2/calls", {**whole, "type": "inbound"}).status == 422
    poor = new_pair("penniless")
    assert poor.second.post("/v2/calls", {"agent_id": poor.agent()["id"]}).status == 402


def test_five_calls_a_minute(pair: Any) -> None:
    agent = pair.agent()["id"]
    replies = [pair.second.post("/v2/calls", {"agent_id": agent}) for _ in range(6)]
    assert [each.status for each in replies] == [201] * 5 + [429]
    left = [(each.headers["x-ratelimit-limit"], each.headers["x-ratelimit-remaining"]) for each in replies]
    assert left == [("5", str(count)) for count in (4, 3, 2, 1, 0, 0)]
    assert list(replies[-1].json) == ["detail"]
    other = pair.second.get("/v2/calls")
    assert (other.status, other.headers["x-ratelimit-limit"]) == (200, "120"), "other requests are not limited"
    assert "x-ratelimit-limit" not in pair.first.get("/v1/calls").headers
    pair.first.advance(60)
    assert pair.second.post("/v2/calls", {"agent_id": agent}).status == 201


def test_what_is_foreign_is_forbidden_and_what_is_unknown_is_not_found(new_pair: Callable[..., Any]) -> None:
    ours, theirs = new_pair(), new_pair()
    call_id, agent = ours.call("support-question"), ours.agent()["id"]
    for target in (f"/v2/calls/{call_id}", f"/v2/agents/{agent}"):
        assert ours.second.get(target).status == 200
        for method, body in (("GET", None), ("PATCH", {}), ("DELETE", None)):
            refused = theirs.second(method, target, body)
            assert (refused.status, list(refused.json)) == (403, ["detail"])
    for target in ("/v2/calls/7", "/v2/calls/demo-nobody", "/v2/agents/ag_nobody", "/v2/agents/7"):
        assert theirs.second.get(target).status == 404
    assert theirs.first.get(f"/v1/calls/{call_id}").status == 404, "the other API tells nobody"


def test_keys_belong_to_one_api_each_and_open_the_same_organization(pair: Any) -> None:
    app = pair.first.app
    for key in (pair.first.key, "thns_sk_nobody", "ak_agent", None):
        refused = Caller(app, key).get("/v2/calls")
        assert (refused.status, refused.json["detail"] != "") == (401, True)
    assert Caller(app, "thns_sk_nobody").get("/v2/calls").json == {
        "detail": "Invalid or expired authentication token"
    }
    assert Caller(app, pair.second.key).get("/v1/calls").status == 401
    pair.second.settle()  # the mock's own interface takes either key
