"""Money: what calls cost, top-ups, reloads, alerts, and that no cent appears or disappears."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from caller import Caller
from hypothesis import given
from hypothesis import strategies as st

from mockserver import shipped
from mockserver.http.app import App
from mockserver.lifecycles import billing

OPENING = 25_000
TIERS = {"spark", "bolt", "storm-base", "storm-base-with-ack", "storm-extra", "storm-extra-with-ack"}
VISA, DECLINED = "pm_card_visa", "pm_card_chargeDeclined"


def transactions(api: Caller) -> list[dict[str, Any]]:
    """All of them, page by page."""
    rows: list[dict[str, Any]] = []
    while True:
        page = api.get(f"/v1/billing/transactions?limit=7&offset={len(rows)}").json
        rows += page["results"]
        if len(rows) >= page["total"]:
            return rows


def balance(api: Caller) -> int:
    cents: int = api.get("/v1/billing").json["balance_cents"]
    return cents


def talk(api: Caller, agent: int, scenario: str = "support-question", **more: Any) -> dict[str, Any]:
    """A call from beginning to end."""
    call = api.post("/_mock/calls", {"direction": "mic", "agent_id": agent, "scenario": scenario, **more}).json
    api.settle()
    shown: dict[str, Any] = api.get(f"/v1/calls/{call['call_id']}").json
    return shown


def new_agent(api: Caller, product: str = "spark") -> int:
    made = api.post("/v1/agents", {"name": "Desk", "prompt": "Be brief.", "voice": "v", "product": product})
    identity: int = made.json["id"]
    return identity


def alerts(api: Caller) -> list[str]:
    return [each["data"]["kind"] for each in api.get("/_mock/events").json if each["type"] == "alert.triggered"]


def test_a_new_organization_has_its_credit(api: Caller) -> None:
    account = api.get("/v1/billing").json
    assert (account["balance_cents"], account["balance_usd"], account["currency"]) == (OPENING, "250.00", "usd")
    assert (account["has_payment_method"], account["auto_reload_enabled"]) == (False, False)
    (credit,) = transactions(api)
    assert (credit["kind"], credit["amount_usd"], credit["call_id"]) == ("adjustment", "250.00", None)


@pytest.mark.parametrize(
    ("product", "test_call", "cents"),
    [("spark", False, 8), ("spark", True, 16), ("bolt", False, 12), ("storm-extra", True, 50)],
)
def test_a_call_takes_its_bill_once(api: Caller, product: str, test_call: bool, cents: int) -> None:
    assert api.post("/v1/phone-numbers", {}).status == 201
    api.settle()
    call = talk(api, new_agent(api, product), "long-call", direction="inbound", is_test_call=test_call)
    assert call["billing_total_cents"] == cents * call["billable_minutes"]
    assert call["billable_minutes"] == -(-call["duration_seconds"] // 60) > 5
    debit = transactions(api)[0]
    assert (debit["kind"], debit["call_id"]) == ("call_usage", call["call_id"])
    assert debit["amount_cents"] == -call["billing_total_cents"] == balance(api) - OPENING
    assert debit["created_at"] == call["billed_at"]


def test_the_page_says_what_a_minute_costs_and_which_cards_decline(april: App) -> None:
    page = (shipped.folder("openapi") / "thunderphone-2026-04" / "docs" / "billing.md").read_text("utf-8")
    rates = dict(re.findall(r"^\| ([a-z-]+) \| ([0-9]+) \|$", page, re.MULTILINE))
    assert april.worlds.rules.rates == {tier: int(cents) for tier, cents in rates.items()}
    assert rates.keys() == TIERS
    cards = dict(re.findall(r"^\| (pm_\w+) \| (.*) \|$", page, re.MULTILINE))
    assert {card: says for card, says in cards.items() if card != VISA} == dict(billing.DECLINED)


def test_the_demo_world_has_paid_for_its_calls(new_api: Callable[..., Caller]) -> None:
    api = new_api(world="demo")
    rows = transactions(api)
    assert balance(api) == sum(row["amount_cents"] for row in rows) > 10_000
    billed = {row["call_id"]: row["amount_cents"] for row in rows if row["kind"] == "call_usage"}
    calls = api.get("/v1/calls?limit=200&status=completed").json["results"]
    assert {each["call_id"]: -each["billing_total_cents"] for each in calls} == billed


def test_topping_up(api: Caller) -> None:
    none = api.post("/v1/billing/top-up", {"amount_cents": 5_000})
    assert (none.status, none.json["code"]) == (422, "payment_method_required")
    for amount in (0, 99, 10_000_001):
        assert list(api.post("/v1/billing/top-up", {"amount_cents": amount}).json) == ["amount_cents"]
    once = api.post("/v1/billing/top-up", {"amount_cents": 5_000.0, "payment_method_id": VISA}).json
    assert (once["status"], once["client_secret"]) == ("succeeded", None)
    assert api.get("/v1/billing").json["has_payment_method"] is False, "named once is not saved"
    assert api.post("/v1/billing/setup-intent").json["setup_intent_id"].startswith("seti_")
    saved = api.post("/v1/billing/default-payment-method", {"payment_method_id": DECLINED})
    assert (saved.status, saved.json["has_payment_method"]) == (200, True)
    declined = api.post("/v1/billing/top-up", {"amount_cents": 5_000})
    assert (declined.status, declined.json["code"]) == (402, "card_declined")
    newest = transactions(api)[0]
    assert (newest["kind"], newest["amount_cents"], newest["has_receipt"]) == ("manual_topup", 5_000, True)
    assert newest["metadata"]["payment_intent_id"] == once["payment_intent_id"]
    assert balance(api) == OPENING + 5_000


def test_switching_reloads_on(api: Caller) -> None:
    wanted = {"auto_reload_enabled": True, "auto_reload_minimum_cents": 100, "auto_reload_amount_cents": 1_000}
    refused = api.patch("/v1/billing", wanted)
    assert (refused.status, refused.json["code"]) == (422, "payment_method_required")
    api.post("/v1/billing/default-payment-method", {"payment_method_id": VISA})
    alone = api.patch("/v1/billing", {"auto_reload_enabled": True})
    assert (alone.status, sorted(alone.json)) == (400, ["auto_reload_amount_cents", "auto_reload_minimum_cents"])
    assert list(api.patch("/v1/billing", {"auto_reload_amount_cents": 0}).json) == ["auto_reload_amount_cents"]
    account = api.patch("/v1/billing", wanted).json
    assert {name: account[name] for name in wanted} == wanted
    assert api.patch("/v1/billing", {"auto_reload_enabled": False}).json["auto_reload_amount_cents"] == 1_000


def test_a_reload_fills_up_until_the_months_limit(api: Caller) -> None:
    """At the threshold it reloads by itself; the limit counts per calendar month and begins again in the next."""
    api.post("/v1/billing/default-payment-method", {"payment_method_id": VISA})
    reload = {"auto_reload_enabled": True, "auto_reload_minimum_cents": OPENING - 8, "auto_reload_amount_cents": 1}
    assert (
        api.patch("/v1/billing", {**reload, "auto_reload_monthly_limit_cents": 2}).json["balance_cents"] == OPENING
    )
    agent = new_agent(api)
    for _ in range(3):
        talk(api, agent)
    kinds = [row["kind"] for row in reversed(transactions(api))]
    assert kinds == ["adjustment", "call_usage", "auto_reload", "call_usage", "auto_reload", "call_usage"]
    api.advance(31 * 86_400)
    talk(api, agent)
    assert [row["kind"] for row in transactions(api)[:2]] == ["auto_reload", "call_usage"]


def test_alerts_say_when_the_balance_is_low_and_when_it_is_used_up(new_api: Callable[..., Caller]) -> None:
    api = new_api(world="penniless")
    agent = api.get("/v1/agents").json[0]["id"]
    assert api.post("/v1/mic-session", {"agent_id": agent}).status == 402
    api.post("/v1/billing/top-up", {"amount_cents": 501, "payment_method_id": VISA})
    talk(api, agent)
    talk(api, agent)
    assert alerts(api) == ["balance_low"], "once, when it falls below five dollars"
    for _ in range(11):
        talk(api, agent, "long-call")
    assert balance(api) <= 0
    assert alerts(api) == ["balance_low", "balance_empty"]


def test_a_declined_reload_leaves_an_alert(api: Caller) -> None:
    api.post("/v1/billing/default-payment-method", {"payment_method_id": DECLINED})
    reload = {"auto_reload_enabled": True, "auto_reload_minimum_cents": OPENING, "auto_reload_amount_cents": 1_000}
    assert api.patch("/v1/billing", reload).json["balance_cents"] == OPENING
    assert alerts(api) == ["auto_reload_failed"]


CALLS = st.tuples(
    st.just("call"),
    st.sampled_from(["spark", "bolt", "storm-extra"]),
    st.sampled_from(["abandoned", "support-question", "long-call", "failed-to-connect"]),
)
TOP_UPS = st.tuples(st.just("top up"), st.integers(100, 400), st.sampled_from([VISA, DECLINED]))
WAITS = st.tuples(st.just("wait"), st.sampled_from([1, 30, 400, 20 * 86_400]), st.none())
CARDS = st.tuples(st.just("card"), st.sampled_from([VISA, DECLINED]), st.none())
RELOADS = st.tuples(st.just("reload"), st.integers(0, 30_000), st.integers(1, 300))


@given(st.lists(CALLS | TOP_UPS | WAITS | CARDS | RELOADS, max_size=12), st.none() | st.integers(0, 500))
def test_the_balance_is_the_sum_of_the_transactions(
    april: App, program: list[tuple[str, Any, Any]], limit: int | None
) -> None:
    """Whatever happens, in whatever order: every cent has a transaction, every billed call exactly one."""
    api = Caller(april, april.worlds.mint())
    agents = {product: new_agent(api, product) for product in ("spark", "bolt", "storm-extra")}
    api.patch("/v1/billing", {"auto_reload_monthly_limit_cents": limit})
    for what, one, other in [*program, ("wait", 3_600, None)]:
        if what == "call":
            body = {"direction": "mic", "agent_id": agents[one], "scenario": other}
            assert api.post("/_mock/calls", body).status == 201
        elif what == "top up":
            paid = api.post("/v1/billing/top-up", {"amount_cents": one, "payment_method_id": other})
            assert paid.status == (201 if other == VISA else 402)
        elif what == "wait":
            api.advance(one)
        elif what == "card":
            api.post("/v1/billing/default-payment-method", {"payment_method_id": one})
        else:
            body = {"auto_reload_minimum_cents": one, "auto_reload_amount_cents": other}
            assert api.patch("/v1/billing", {"auto_reload_enabled": True, **body}).status in (200, 422)
        rows = transactions(api)
        account = api.get("/v1/billing").json
        assert account["balance_cents"] == sum(row["amount_cents"] for row in rows)
        assert account["balance_usd"] == f"{account['balance_cents'] / 100:.2f}"
    billed = [row["call_id"] for row in rows if row["kind"] == "call_usage"]
    calls = api.get("/v1/calls?limit=200").json["results"]
    assert sorted(billed) == sorted(each["call_id"] for each in calls if each["billing_total_cents"])
    assert -sum(each["billing_total_cents"] or 0 for each in calls) == sum(
        row["amount_cents"] for row in rows if row["kind"] == "call_usage"
    )
    for month in {row["created_at"][:7] for row in rows}:
        reloaded = sum(
            row["amount_cents"] for row in rows if row["kind"] == "auto_reload" and row["created_at"][:7] == month
        )
        assert limit is None or reloaded <= limit
    assert api.get("/_mock/journal").json["defects"] == []
