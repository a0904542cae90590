"""Placing calls: who may call, who talks, what the number called decides, and what is refused."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from caller import Caller

from mockserver import shipped
from mockserver.simulation.scenarios import load_scenarios

OURS = "+15551234567"
THEIRS = "+14155550199"
CONFIG = {"prompt": "Remind them of Tuesday.", "voice": "en-US-James1"}
SCENARIOS = load_scenarios(shipped.folder("fixtures") / "scenarios")


def own_number(api: Caller, **fields: Any) -> str:
    """A verified VoIP number of the organization, made past the API."""
    world = api.app.worlds.find(str(api.key))
    assert world is not None
    document = {
        "number": OURS,
        "source": "voip",
        "status": "active",
        "inbound_agent_id": None,
        "outbound_agent_id": None,
        "voip_connection_id": None,
        "voip_verification_status": "verified",
        "voip_last_verified_at": world.now,
        **fields,
    }
    world.create("phone-numbers", document)
    return str(document["number"])


def new_agent(api: Caller, **fields: Any) -> int:
    made = api.post("/v1/agents", {"name": "Desk", "prompt": "Be brief.", "voice": "en-US-James1", **fields})
    identity: int = made.json["id"]
    return identity


def place(api: Caller, **body: Any) -> Any:
    return api.post("/v1/call", {"from_number": OURS, "to_number": THEIRS, **body})


def test_a_call_is_placed_and_lives_like_any_other(api: Caller) -> None:
    own_number(api)
    agent = new_agent(api, product="bolt")
    placed = place(api, agent_id=agent, to_number="+14155550008")
    assert (placed.status, placed.json) == (201, {"call_id": placed.json["call_id"], "status": "initiated"})
    target = f"/v1/calls/{placed.json['call_id']}"
    ringing = api.get(target).json
    assert (ringing["status"], ringing["direction"], ringing["agent_id"]) == ("in_progress", "outbound", agent)
    assert (ringing["from_number"], ringing["to_number"]) == (OURS, "+14155550008")
    api.settle()
    over = api.get(target).json
    assert (over["status"], over["billing_total_cents"]) == ("completed", 12 * over["billable_minutes"])
    assert over["grade_status"] == "completed"
    assert over["issue_count"] == 1, "the tool failed, as the number says"
    assert api.get(f"{target}/audio").status == 200
    complete = [each for each in api.get("/_mock/events").json if each["type"] == "telephony.complete"]
    assert [each["data"]["call_id"] for each in complete] == [over["call_id"]]


def test_who_talks(api: Caller) -> None:
    """The configuration, or the agent named, or else the number's own; both or neither is refused."""
    agent = new_agent(api)
    own_number(api)
    refused = place(api)
    assert (refused.status, "no outbound agent" in refused.json["detail"]) == (400, True)
    both = place(api, agent_id=agent, config=CONFIG)
    assert (both.status, both.json["detail"]) == (400, "Provide either agent_id or config, not both")
    configured = place(api, config={**CONFIG, "product": "storm-base"}).json["call_id"]
    shown = api.get(f"/v1/calls/{configured}").json
    assert (shown["agent_id"], shown["product"], shown["voice"]) == (None, "storm-base", CONFIG["voice"])
    number = api.get("/v1/phone-numbers").json[0]["id"]
    assert api.patch(f"/v1/phone-numbers/{number}", {"outbound_agent_id": agent}).status == 200
    assert api.get(f"/v1/calls/{place(api).json['call_id']}").json["agent_id"] == agent


@pytest.mark.parametrize(
    ("config", "wrong"),
    [
        ({"voice": "v"}, "prompt"),
        ({"prompt": "p"}, "voice"),
        ({**CONFIG, "speak_order": "agent_first"}, "speak_order"),
        ({**CONFIG, "max_hold_seconds": 5}, "max_hold_seconds"),
        ({**CONFIG, "acknowledgement_prompt_mode": "manual"}, "acknowledgement_prompt"),
        ({**CONFIG, "product": "zap"}, "zap"),
    ],
)
def test_a_configuration_is_checked(api: Caller, config: dict[str, Any], wrong: str) -> None:
    own_number(api)
    answer = place(api, config=config)
    assert (answer.status, list(answer.json)) == (400, ["config"])
    assert wrong in str(answer.json["config"])


def test_voice_has_another_name(api: Caller) -> None:
    own_number(api)
    call = place(api, config={"prompt": "p", "voice_name": "en-GB-Ann"}).json["call_id"]
    assert api.get(f"/v1/calls/{call}").json["voice"] == "en-GB-Ann"


def test_refusals(api: Caller, new_api: Callable[..., Caller]) -> None:
    for body in ({}, {"from_number": OURS}, {"to_number": THEIRS}):
        missing = api.post("/v1/call", body)
        assert (missing.status, missing.json) == (400, {"detail": "from_number and to_number are required"})
    assert list(place(api, to_number="14155550199").json) == ["to_number"]
    own_number(new_api())
    assert place(api, config=CONFIG).status == 404, "that number is another organization's"
    own_number(api, voip_verification_status="unverified")
    assert place(api, config=CONFIG).status == 403
    demo = own_number(api, number="+14155550100", source="demo")
    refused = place(api, config=CONFIG, from_number=demo)
    assert (refused.status, "Demo numbers" in refused.json["detail"]) == (403, True)
    verified = own_number(api, number="+15551234568")
    assert place(api, agent_id=1, from_number=verified).status == 404
    assert api.get("/v1/calls").json["total"] == 0, "whatever is refused leaves no call"


def test_an_empty_balance_refuses_outbound_and_turns_inbound_away(new_api: Callable[..., Caller]) -> None:
    api = new_api(world="penniless")
    own_number(api)
    refused = place(api, config=CONFIG)
    assert (refused.status, refused.json["detail"]) == (402, "Insufficient balance")
    api.settle()
    call = api.post("/_mock/calls", {}).json["call_id"]
    turned_away = api.get(f"/v1/calls/{call}").json
    assert (turned_away["status"], turned_away["end_reason"]) == ("failed", "insufficient_balance")
    assert turned_away["billing_total_cents"] is None
    assert "telephony.incoming" not in {each["type"] for each in api.get("/_mock/events").json}
    assert api.post("/v1/billing/top-up", {"amount_cents": 500, "payment_method_id": "pm_card_visa"}).status == 201
    assert place(api, config=CONFIG).status == 201


def documented_numbers() -> list[tuple[str, str, str]]:
    """(ending, direction, scenario) of each row of the page's table."""
    page = shipped.folder("openapi") / "thunderphone-2026-04" / "docs" / "outbound-calls.md"
    rows = re.findall(r"^\| ([0-9]{7}) \| ([a-z, ]+) \| ([a-z-]+) \|", page.read_text("utf-8"), re.MULTILINE)
    return [(ending, direction, name) for ending, ways, name in rows for direction in ways.split(", ")]


def test_the_page_lists_every_number_that_decides() -> None:
    known = {
        (ending, direction, scenario.name)
        for scenario in SCENARIOS.values()
        for ending in scenario.numbers
        for direction in scenario.directions
        if direction in ("inbound", "outbound")
    }
    assert set(documented_numbers()) == known


@pytest.mark.parametrize(("ending", "direction", "name"), documented_numbers())
def test_a_number_decides(api: Caller, ending: str, direction: str, name: str) -> None:
    own_number(api)
    number = "+1415" + ending
    if direction == "outbound":
        call = place(api, config=CONFIG, to_number=number).json["call_id"]
    else:
        answer = {"agent_id": new_agent(api), "from_number": number, "to_number": OURS}
        call = api.post("/_mock/calls", answer).json["call_id"]
    api.settle()
    ended = api.get(f"/v1/calls/{call}").json
    ends = SCENARIOS[name].ends
    assert (ended["status"], ended["end_reason"]) == (ends.status, ends.reason)
