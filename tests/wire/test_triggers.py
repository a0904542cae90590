"""Every event that a contract declares can be made to happen, or it is said why not."""

from pathlib import Path
from typing import Any

import pytest
from caller import Caller

from mockserver import shipped
from mockserver.assembly import build
from mockserver.http.triggers import told_for
from mockserver.lifecycles import webhooks
from mockserver.lifecycles.triggers import REFUSED, TRIGGERS, find, names
from mockserver.settings import Settings
from mockserver.spec.contract import Contract, contract_names, find_contract

FOLDER = shipped.folder("openapi")
CONTRACTS = [Contract.load(find_contract(FOLDER, name)) for name in contract_names(FOLDER)]
EVENTS = [
    pytest.param(contract.name, name, id=f"{contract.name} {name}")
    for contract in CONTRACTS
    for name in names(told_for([contract]))
]
KEYS = {"thinnestai-v2": "thns_sk_"}
APPS = {contract.name: build(Settings(contracts=(contract.name,))) for contract in CONTRACTS}


def trigger(api: Caller, event: str, **wishes: Any) -> Any:
    answer = api.post("/_mock/trigger", {"event": event, **wishes})
    assert answer.status == 200, answer.body.decode()
    return answer.json


def fresh(contract: str, world: str = "empty") -> Caller:
    key = APPS[contract].worlds.mint(world_name=world)
    return Caller(APPS[contract], key.replace("sk_test_", KEYS.get(contract, "sk_test_")))


def subscribed(api: Caller) -> Caller:
    world = api.app.worlds.find(str(api.key).replace("thns_sk_", "sk_test_"))
    assert world is not None
    webhooks.subscribe(world, "http://127.0.0.1:9/hook")
    return api


@pytest.mark.parametrize(("contract", "event"), EVENTS)
@pytest.mark.parametrize("world", ["empty", "demo"])
def test_it_happens(contract: str, event: str, world: str) -> None:
    api = subscribed(fresh(contract, world))
    if event == "webhook.retry":
        told = {each["event"] for each in api.get("/_mock/trigger").json["events"]}
        trigger(api, "telephony.complete" if "telephony.complete" in told else "voice.call.ended")
    seen = len(api.get("/_mock/events").json)
    done = trigger(api, event)
    happened = api.get("/_mock/events").json[seen:]
    told = {name for each in CONTRACTS if each.name == contract for name in told_for([each])}
    wanted = event if event in told else TRIGGERS[event].event
    if wanted is not None:
        newest = [each["at"] for each in happened if each.get("type", each.get("event")) == wanted][-1]
        assert newest <= done["now"]
        if world == "empty":
            assert max(each["at"] for each in happened) == newest == done["now"], "time has moved no further"
        assert wanted in {each["event_type"] for each in done["deliveries"]}
    journal = api.get("/_mock/journal").json
    assert journal["defects"] == []


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)
def test_what_a_contract_declares_is_caused_or_refused(contract: Contract) -> None:
    told = told_for([contract])
    for name, causes in told.items():
        assert name in names(told) or any(each in REFUSED for each in causes), (
            f"{name} is declared, and neither TRIGGERS nor REFUSED in lifecycles/triggers.py knows it"
        )


def test_what_is_refused_is_really_caused_by_nothing() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in Path("mockserver").rglob("*.py"))
    for name in REFUSED:
        assert f'emit("{name}"' not in code, f"something emits {name} now: give it a trigger"
        with pytest.raises(Exception, match=f"{name} cannot be triggered: "):
            find(name, {name: [name]})
    assert not REFUSED.keys() & TRIGGERS.keys()


def test_what_it_says(api: Caller) -> None:
    assert trigger(api, "number.failed")["number"].startswith("+1999")
    assert [each["status"] for each in api.get("/v1/phone-numbers").json] == ["failed"]
    call = trigger(api, "telephony.complete", scenario="wrong-number")["call_id"]
    assert api.get(f"/v1/calls/{call}").json["status"] == "completed"
    assert trigger(api, "call.graded", call_id=call)["call_id"] == call
    assert api.get(f"/v1/calls/{call}").json["grade_status"] == "completed"
    trigger(api, "balance.empty")
    assert api.get("/v1/billing").json["balance_cents"] <= 0
    assert api.post("/_mock/trigger", {"event": "telephony.complete"}).status == 402
    listed = api.get("/_mock/trigger").json
    assert {"event": "number.failed", "does": TRIGGERS["number.failed"].does, "takes": []} in listed["events"]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"event": "call.grade"}, "There is no event 'call.grade' to trigger. Did you mean call.graded? Known: "),
        (
            {"event": "number.failed", "call_id": 7},
            "call_id: this means nothing to number.failed, which takes nothing.",
        ),
        ({"event": "call.graded", "call_id": 7}, "call_id: this organization has no call 7."),
        (
            {"event": "call.graded", "scenario": "abandoned"},
            "call.graded did not come to pass, although this did: ",
        ),
        ({"event": "telephony.turn"}, "There is no event 'telephony.turn' to trigger."),
        ({"event": "webhook.retry"}, "webhook.retry: nothing has been delivered yet"),
        ({}, "event: Field required"),
    ],
)
def test_what_cannot_be_is_told(api: Caller, wanted: dict[str, Any], said: str) -> None:
    answer = api.post("/_mock/trigger", wanted)
    assert answer.status == 400
    assert answer.json["mock_error"].startswith(said), answer.json
