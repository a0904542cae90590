"""The account's figures follow from what happened, and payment methods are kept."""

from typing import Any

from caller import Caller

VISA, DECLINED = "pm_card_visa", "pm_card_chargeDeclined"


def account(demo: Caller, *names: str) -> list[Any]:
    shown = demo.get("/v1/billing").json
    return [shown[name] for name in names]


def test_what_was_spent_is_told_by_month_and_by_day(demo: Caller) -> None:
    rows = demo.get("/v1/billing/transactions").json
    now = demo.get("/_mock/clock").json["now"]
    usage = [row for row in rows if row["kind"] == "call_usage"]
    month = -sum(row["amount_cents"] for row in usage if row["created_at"][:7] == now[:7])
    assert account(demo, "current_month_usage_spend_cents") == [month]
    (average, runway, balance) = account(
        demo, "average_daily_spend_cents_7d", "balance_runway_days", "balance_cents"
    )
    assert runway == balance // average
    demo.advance(32 * 86_400)
    names = ("current_month_usage_spend_cents", "average_daily_spend_cents_7d", "balance_runway_days")
    assert account(demo, *names) == [0, None, None]


def test_a_declined_reload_is_tried_again_and_then_stops(demo: Caller) -> None:
    demo.post("/v1/billing/default-payment-method", {"payment_method_id": DECLINED})
    reload = {
        "auto_reload_enabled": True,
        "auto_reload_minimum_cents": 50_000,
        "auto_reload_amount_cents": 60_000,
    }
    refused = demo.patch("/v1/billing", reload).json
    assert (refused["auto_reload_status"], refused["auto_reload_consecutive_declines"]) == ("retrying", 1)
    assert refused["auto_reload_next_retry_at"] > refused["auto_reload_failed_at"]
    demo.settle()
    names = ("auto_reload_status", "auto_reload_paused", "auto_reload_consecutive_declines")
    assert account(demo, *names) == ["stopped", True, 3]
    demo.post("/v1/billing/default-payment-method", {"payment_method_id": VISA})
    paid = demo.patch("/v1/billing", reload).json
    assert (paid["auto_reload_status"], paid["auto_reload_failed_at"]) == ("ok", None)
    assert paid["last_auto_reload"]["amount_cents"] == paid["auto_reload_month_spend_cents"] == 60_000
    assert paid["last_top_up"]["kind"] == "auto"


def test_payment_methods_are_listed_and_one_pays(demo: Caller) -> None:
    demo.post("/v1/billing/default-payment-method", {"payment_method_id": "pm_card_amex"})
    visa, amex = demo.get("/v1/billing/payment-methods").json["payment_methods"]
    assert (visa["last4"], amex["brand"], visa["is_default"], amex["is_default"]) == ("4242", "amex", False, True)
    for each, has_one in ((amex, True), (visa, False)):
        assert demo("DELETE", f"/v1/billing/payment-methods/{each['id']}").status == 204
        assert account(demo, "has_payment_method") == [has_one]
    assert demo("DELETE", f"/v1/billing/payment-methods/{VISA}").status == 404
    assert demo.post("/v1/billing/top-up", {"amount_cents": 500}).json["code"] == "payment_method_required"


def test_only_payments_have_receipts(demo: Caller) -> None:
    demo.post("/v1/billing/top-up", {"amount_cents": 500})
    payment, *others = demo.get("/v1/billing/transactions").json
    at = "/v1/billing/transactions/{}/receipt"
    assert demo.get(at.format(payment["id"])).json["receipt_url"].startswith("https://")
    usage = next(each for each in others if each["kind"] == "call_usage")
    assert demo.get(at.format(usage["id"])).status == 404
