"""Agents: fields that demand each other, transfers between organizations, help with prompts."""

from collections.abc import Callable

import pytest
from caller import Caller

from mockserver.http.app import App

BASICS = {"name": "Desk", "prompt": "You answer questions about parcels.", "voice": "en-US-James1"}
MANUAL = {
    "product": "storm-extra",
    "acknowledgement_prompt_mode": "manual",
    "acknowledgement_prompt": "Say: one moment.",
}


@pytest.fixture
def other(april: App, api: Caller) -> Caller:
    """Another organization of the same person, with a key of its own."""
    world = april.worlds.find(str(api.key))
    assert world is not None
    found = april.worlds.found(world)
    key = f"sk_test_other{found.organization_id}"
    april.worlds.admit(key, found)
    return Caller(april, key)


def organization(api: Caller) -> int:
    world = api.app.worlds.find(str(api.key))
    assert world is not None
    return world.organization_id


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"acknowledgement_prompt": "One moment."}, {"acknowledgement_prompt_mode"}),
        ({"acknowledgement_prompt_mode": "manual"}, {"acknowledgement_prompt", "product"}),
        ({**MANUAL, "product": "bolt"}, {"product"}),
        ({**MANUAL, "acknowledgement_prompt_mode": "auto"}, {"acknowledgement_prompt_mode"}),
        ({**MANUAL, "acknowledgement_prompt": None}, {"acknowledgement_prompt"}),
        ({**MANUAL, "acknowledgement_prompt": ""}, {"acknowledgement_prompt"}),
        ({"product": "zap"}, {"product"}),
        ({"name": "n" * 256}, {"name"}),
        ({"inbound_speak_order": "nobody_first"}, {"inbound_speak_order"}),
    ],
)
def test_wrong_fields_are_named(api: Caller, fields: dict[str, object], wrong: set[str]) -> None:
    refused = api.post("/v1/agents", {**BASICS, **fields})
    assert (refused.status, set(refused.json)) == (400, wrong)
    agent = api.post("/v1/agents", BASICS).json
    replaced = api("PUT", f"/v1/agents/{agent['id']}", {**BASICS, **fields})
    assert (replaced.status, set(replaced.json)) == (400, wrong)
    assert api.get("/v1/agents").json == [agent]


def test_acknowledgements_through_an_agents_life(api: Caller) -> None:
    made = api.post("/v1/agents", {**BASICS, **MANUAL})
    assert (made.status, {name: made.json[name] for name in MANUAL}) == (201, MANUAL)
    at = f"/v1/agents/{made.json['id']}"
    assert api.patch(at, {"acknowledgement_prompt": "Say: sure."}).json["acknowledgement_prompt"] == "Say: sure."
    for change in (
        {"product": "spark"},
        {"acknowledgement_prompt_mode": "auto"},
        {"acknowledgement_prompt": None},
    ):
        refused = api.patch(at, change)
        assert (refused.status, "go together" in refused.json["detail"]) == (409, True)
    contradiction = api.patch(at, {"acknowledgement_prompt_mode": "auto", "acknowledgement_prompt": "Say: hm."})
    assert (contradiction.status, list(contradiction.json)) == (400, ["acknowledgement_prompt_mode"])
    assert api.get(at).json["acknowledgement_prompt"] == "Say: sure."
    leave = {"product": "spark", "acknowledgement_prompt_mode": "auto", "acknowledgement_prompt": None}
    assert api.patch(at, leave).status == 200
    refused = api.patch(at, {"acknowledgement_prompt": "Say: hm."})
    assert refused.status == 409
    assert api.patch(at, MANUAL).status == 200


def test_a_storm_tier_decides_the_thinking_level(api: Caller) -> None:
    made = api.post("/v1/agents", {**BASICS, "product": "storm-extra", "thinking_level": "base"}).json
    assert made["thinking_level"] == "extra"
    at = f"/v1/agents/{made['id']}"
    assert api.patch(at, {"product": "storm-base-with-ack"}).json["thinking_level"] == "base"
    assert api.patch(at, {"thinking_level": "extra"}).json["thinking_level"] == "base"
    assert api.patch(at, {"product": "spark", "thinking_level": "extra"}).json["thinking_level"] == "extra"
    assert api("PUT", at, {**BASICS, "product": "storm-extra-with-ack"}).json["thinking_level"] == "extra"
    versions = [each["snapshot"]["thinking_level"] for each in api.get(f"{at}/versions").json]
    assert versions == ["extra", "extra", "base", "base", "extra"]


def test_an_agent_is_copied_to_another_organization(api: Caller, other: Caller) -> None:
    agent = api.post("/v1/agents", {**BASICS, **MANUAL}).json
    number = api.post("/v1/phone-numbers").json
    api.patch(f"/v1/phone-numbers/{number['id']}", {"inbound_agent_id": agent["id"]})
    at = f"/v1/agents/{agent['id']}"
    copied = api.post(f"{at}/transfer", {"target_org_id": organization(other), "name": "Their desk"})
    assert copied.status == 201
    answer = copied.json
    assert (answer["mode"], answer["source_org_id"], answer["target_org_id"]) == (
        "copy",
        organization(api),
        organization(other),
    )
    assert answer["agent"]["id"] != agent["id"]
    assert other.get("/v1/agents").json == [answer["agent"]]
    assert (answer["agent"]["name"], answer["agent"]["acknowledgement_prompt"]) == (
        "Their desk",
        "Say: one moment.",
    )
    assert api.get(at).json == agent
    assert api.get(f"/v1/phone-numbers/{number['id']}").json["inbound_agent_id"] == agent["id"]


def test_an_agent_is_moved_to_another_organization(api: Caller, other: Caller) -> None:
    spec = {"type": "function", "function": {"name": "find_parcel"}}
    tool = api.post("/v1/integrations", {"display_name": "Parcels", "spec": spec}).json
    agent = api.post("/v1/agents", {**BASICS, "integration_ids": [tool["id"]]}).json
    number = api.post("/v1/phone-numbers").json
    api.patch(f"/v1/phone-numbers/{number['id']}", {"inbound_agent_id": agent["id"]})
    at = f"/v1/agents/{agent['id']}"
    body = {"target_org_id": organization(other), "mode": "move"}
    moved = api.post(f"{at}/transfer", body)
    assert moved.status == 200
    assert moved.json["detached"] == {"phone_number_ids": [number["id"]], "integration_ids": [tool["id"]]}
    assert api.get(at).status == 404
    assert api.get(f"/v1/phone-numbers/{number['id']}").json["inbound_agent_id"] is None
    theirs = other.get(at)
    assert (theirs.status, theirs.json["integrations"]) == (200, [])
    assert [each["version"] for each in other.get(f"{at}/versions").json] == [1]
    assert api.post(f"{at}/transfer", body).status == 404
    assert other.post(f"{at}/transfer", {"target_org_id": organization(api), "mode": "move"}).status == 200
    assert api.get(at).json["id"] == agent["id"]


def test_a_transfer_goes_to_ones_own_organizations_only(api: Caller, new_api: Callable[..., Caller]) -> None:
    agent = api.post("/v1/agents", BASICS).json
    at = f"/v1/agents/{agent['id']}"
    stranger = api.post(f"{at}/transfer", {"target_org_id": organization(new_api()), "mode": "move"})
    assert (stranger.status, "do not belong to" in stranger.json["detail"]) == (403, True)
    assert api.post(f"{at}/transfer", {"target_org_id": organization(api), "mode": "move"}).status == 409
    assert api.post(f"{at}/transfer", {"target_org_id": organization(api), "mode": "steal"}).status == 400
    assert api.post(f"{at}/transfer", {}).json == {"target_org_id": ["This field is required."]}
    assert api.get("/v1/agents").json == [agent]


@pytest.mark.parametrize(
    ("prompt", "locale", "code", "mismatch"),
    [
        ("You are a friendly agent and always help the caller.", "en-US", "en", False),
        ("Du bist freundlich und hilfst immer mit Fragen zu den Paketen.", "en-US", "de", True),
        ("Eres un agente amable y siempre ayudas a los clientes con sus pedidos.", "es-MX", "es", False),
        ("Vous êtes un agent de la poste et vous aidez les clients.", "en", "fr", True),
        ("あなたは親切な係です。荷物の質問に答えます。", "ja-JP", "ja", False),
        ("Вы помогаете клиентам посылками.", "en-US", "ru", True),
        ("xyzzy", "en-US", "und", False),
    ],
)
def test_the_language_of_a_prompt(api: Caller, prompt: str, locale: str, code: str, mismatch: bool) -> None:
    found = api.post("/v1/agents/prompt-language-check", {"prompt": prompt, "target_locale": locale})
    assert (found.status, found.json["detected_language_code"], found.json["mismatch"]) == (200, code, mismatch)
    assert (found.json["confidence"] > 0.5) == (code != "und")
    translated = api.post("/v1/agents/translate-prompt", {"prompt": prompt, "target_locale": locale}).json
    same = code == locale[:2]
    assert translated["translated_prompt"] == prompt
    assert (translated["used_fallback"], translated["warning"] == "") == (not same, same)


def test_prompt_helpers_refuse_nonsense_and_need_no_prompt_for_fillers(api: Caller) -> None:
    for helper in ("prompt-language-check", "translate-prompt"):
        assert api.post(f"/v1/agents/{helper}", {}).json == {"prompt": ["This field is required."]}
        assert list(api.post(f"/v1/agents/{helper}", {"prompt": "p", "target_locale": "?"}).json) == [
            "target_locale"
        ]
    proposed = api.post("/v1/agents/generate-acknowledgement-prompt")
    assert (proposed.status, proposed.json["used_fallback"]) == (200, True)
    manual = {**MANUAL, "acknowledgement_prompt": proposed.json["acknowledgement_prompt"]}
    assert api.post("/v1/agents", {**BASICS, **manual}).status == 201
