"""Every event that a contract declares can be made to happen, or it is said what leads to it."""

import re
from typing import Any

import pytest
from caller import Caller

from mockserver import shipped
from mockserver.assembly import build
from mockserver.errors import WrongUse
from mockserver.http.triggers import told_for
from mockserver.lifecycles import webhooks
from mockserver.lifecycles.triggers import ASKED_FOR, TRIGGERS, find, names
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


def fresh(contract: str, world: str) -> Caller:
    """An organization in which a URL is subscribed to everything."""
    worlds = APPS[contract].worlds
    key = worlds.mint(world_name=world)
    owned = worlds.find(key)
    assert owned is not None
    webhooks.subscribe(owned, "http://127.0.0.1:9/hook")
    return Caller(APPS[contract], key.replace("sk_test_", KEYS.get(contract, "sk_test_")))


@pytest.mark.parametrize(("contract", "event"), EVENTS)
@pytest.mark.parametrize("world", ["empty", "demo"])
def test_it_happens(contract: str, event: str, world: str) -> None:
    api = fresh(contract, world)
    if event == "webhook.retry":
        trigger(api, names(told_for([one for one in CONTRACTS if one.name == contract]))[0])
    seen = len(api.get("/_mock/events").json)
    done = trigger(api, event)
    happened = [
        (each.get("type") or each["event"], each.get("at") or each["timestamp"])
        for each in api.get("/_mock/events").json[seen:]
    ]
    told = {name for each in CONTRACTS if each.name == contract for name in told_for([each])}
    wanted = event if event in told else TRIGGERS[event].event
    if wanted is not None:
        newest = [at for name, at in happened if name == wanted][-1]
        assert newest <= done["now"]
        if world == "empty":
            assert max(at for _, at in happened) == newest == done["now"], "time has moved no further"
        assert wanted in {each["event_type"] for each in done["deliveries"]}
    journal = api.get("/_mock/journal").json
    assert journal["defects"] == []


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)
def test_what_a_contract_declares_is_caused_or_refused(contract: Contract) -> None:
    told = told_for([contract])
    for name, causes in told.items():
        assert name in names(told) or any(each in ASKED_FOR for each in causes), (
            f"{name} is declared, and neither TRIGGERS nor ASKED_FOR in lifecycles/triggers.py knows it"
        )


def test_what_is_not_triggered_says_what_to_do_instead() -> None:
    declared = {name for contract in CONTRACTS for name in told_for([contract])}
    assert ASKED_FOR.keys() <= declared
    for name, instead in ASKED_FOR.items():
        with pytest.raises(WrongUse, match=f"{name} is not triggered: {re.escape(instead)}"):
            find(name, {name: [name]})
    assert not ASKED_FOR.keys() & TRIGGERS.keys()


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
