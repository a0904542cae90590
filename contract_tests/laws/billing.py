"""Money: a balance that is the sum of its transactions, what calls cost, and what happens when nothing is left."""

from typing import Any

from ..finding import Unjudged, require
from ..law import Need, law
from ..trial import Trial
from .lists import APRIL, TRANSACTIONS, whole

Json = Any

WRITES = (Need.WRITES,)
SPENDS = (Need.WRITES, Need.BILLABLE)
BOTH = (Need.CONTROL, Need.WRITES, Need.BILLABLE)
OPERATIONS = ("billing_list", "billing_transactions_list")


def _dollars(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


@law(
    "ML-701",
    source="billing.md#transaction-object: the balance is the sum of all of them",
    operations=OPERATIONS,
    contracts=APRIL,
    causes="A balance that is kept beside the transactions; a transaction counted twice or not at all.",
)
def the_balance_is_the_sum(trial: Trial) -> None:
    """The balance is the sum of all transactions, in cents, and in dollars the same."""
    account = trial.api.ok("billing_list")
    transactions = whole(trial.api, TRANSACTIONS)
    total = sum(each["amount_cents"] for each in transactions)
    require(
        account["balance_cents"] == total,
        f"The balance is {account['balance_cents']} cents, its transactions add up to {total}.",
        mark="sum",
    )
    require(
        account["balance_usd"] == _dollars(account["balance_cents"]),
        f"{account['balance_cents']} cents are {account['balance_usd']} dollars.",
        mark="dollars",
    )
    for each in transactions:
        require(
            each["amount_usd"] == _dollars(each["amount_cents"]),
            f"{each['amount_cents']} cents are {each['amount_usd']} dollars.",
            mark="amounts",
        )
        if each["kind"] in ("call_usage", "phone_number_monthly", "voice_sample_usage"):
            require(
                each["amount_cents"] <= 0,
                f"A {each['kind']} adds {each['amount_cents']} cents.",
                mark="sign of spending",
            )
        elif each["kind"] in ("manual_topup", "auto_reload"):
            require(
                each["amount_cents"] > 0,
                f"A {each['kind']} takes {each['amount_cents']} cents.",
                mark="sign of payment",
            )
            require(each["has_receipt"] is True, f"A {each['kind']} has no receipt.", mark="receipt")
        require(
            (each["kind"] == "call_usage") == (each["call_id"] is not None),
            f"A {each['kind']} has call_id {each['call_id']}.",
            mark="call",
        )


@law(
    "ML-702",
    source="billing.md, calls.md#call-object",
    operations=(*OPERATIONS, "calls_list"),
    contracts=APRIL,
    causes="A call billed twice or never; another amount in the transaction than in the call.",
)
def each_call_is_paid_once(trial: Trial) -> None:
    """Each billed call has exactly one `call_usage` transaction, of its cents, and each such transaction a
    call.
    """
    paid: dict[int, list[int]] = {}
    for each in whole(trial.api, TRANSACTIONS):
        if each["kind"] == "call_usage":
            paid.setdefault(each["call_id"], []).append(each["amount_cents"])
    calls = {each["call_id"]: each for each in trial.calls()}
    billed = {name: each for name, each in calls.items() if each["billing_total_cents"]}
    if not billed:
        raise Unjudged("No call was billed.")
    for call_id, call in billed.items():
        require(
            paid.get(call_id) == [-call["billing_total_cents"]],
            f"Call {call_id} cost {call['billing_total_cents']} cents and its transactions are "
            f"{paid.get(call_id, [])}.",
            mark="once",
        )
    if trial.has_control:
        strange = [each for each in paid if each not in billed]
        require(not strange, f"Transactions pay for calls that cost nothing: {strange[:3]}.", mark="strange")


@law(
    "ML-703",
    source="billing.md",
    needs=BOTH,
    operations=(*OPERATIONS, "calls_retrieve"),
    contracts=APRIL,
    causes="A bill that never reaches the balance, or reaches it twice.",
)
def a_call_takes_its_cost(trial: Trial) -> None:
    """A call takes its cents from the balance once, when it is billed, and a transaction says for what."""
    agent = trial.agent(product="bolt")
    for test, price in ((False, 12), (True, 24)):
        before = trial.api.ok("billing_list")["balance_cents"]
        count = trial.api.ok("billing_transactions_list", limit=1)["total"]
        call_id = trial.place(direction="mic", agent_id=agent["id"], scenario=trial.turns(), is_test_call=test)
        require(
            trial.api.ok("billing_list")["balance_cents"] == before,
            "A call is paid before it is over.",
            mark="early",
        )
        trial.settle()
        call = trial.api.ok("calls_retrieve", call_id=call_id)
        after = trial.api.ok("billing_list")["balance_cents"]
        require(
            before - after == call["billing_total_cents"],
            f"A call of {call['billing_total_cents']} cents takes {before - after}.",
            mark="taken",
        )
        newest = trial.api.ok("billing_transactions_list", limit=1)
        require(
            newest["total"] == count + 1, f"A call makes {newest['total'] - count} transactions.", mark="count"
        )
        entry = newest["results"][0]
        require(
            (entry["kind"], entry["call_id"], entry["amount_cents"])
            == ("call_usage", call_id, -call["billing_total_cents"]),
            f"A call's transaction is {entry}.",
            mark="entry",
        )
        require(entry["has_receipt"] is False, "A call's transaction has a receipt.", mark="receipt")
        require(
            call["billing_total_cents"] == price * call["billable_minutes"],
            f"{'A test call' if test else 'A call'} with bolt costs {call['billing_total_cents']} for "
            f"{call['billable_minutes']} minutes.",
            mark="price",
        )


@law(
    "ML-704",
    source="billing.md#top-up-the-balance",
    needs=SPENDS,
    operations=(*OPERATIONS, "billing_top_up_create"),
    contracts=APRIL,
    causes="A payment that does not reach the balance; bounds that are not checked; a refusal that pays.",
)
def a_top_up_is_added(trial: Trial) -> None:
    """A top-up adds its cents, once, with a transaction and a receipt; a wrong amount is refused and adds
    nothing.
    """
    for amount in (100, 5000, 1050, 1_000_101):
        before = trial.api.ok("billing_list")["balance_cents"]
        payment = trial.api.ok(
            "billing_top_up_create", json={"amount_cents": amount, "payment_method_id": "pm_card_visa"}
        )
        require(payment["status"] == "succeeded", f"A payment is {payment['status']}.", mark="status")
        account = trial.api.ok("billing_list")
        after = account["balance_cents"]
        require(
            account["balance_usd"] == _dollars(after),
            f"{after} cents are {account['balance_usd']!r} dollars.",
            mark="dollars",
        )
        require(after == before + amount, f"A top-up of {amount} adds {after - before}.", mark="added")
        entry = trial.api.ok("billing_transactions_list", limit=1)["results"][0]
        require(
            (entry["kind"], entry["amount_cents"], entry["has_receipt"]) == ("manual_topup", amount, True),
            f"A top-up's transaction is {entry}.",
            mark="entry",
        )
    before = trial.api.ok("billing_list")["balance_cents"]
    for bad in (0, -100, 99, 10_000_001, "100", None, 1.5):
        exchange = trial.api(
            "billing_top_up_create", json={"amount_cents": bad, "payment_method_id": "pm_card_visa"}
        )
        require(
            exchange.status == 400 and "amount_cents" in exchange.json,
            f"A top-up of {bad!r} is answered {exchange.status}.",
            exchange,
            mark="bounds",
        )
    exchange = trial.api("billing_top_up_create", json={"amount_cents": 100, "payment_method_id": "visa"})
    require(
        exchange.status == 400,
        f"A payment method that is none is answered {exchange.status}.",
        exchange,
        mark="method",
    )
    if trial.has_control:
        declined = trial.api(
            "billing_top_up_create", json={"amount_cents": 100, "payment_method_id": "pm_card_chargeDeclined"}
        )
        require(
            declined.status == 402 and declined.json.get("code") == "card_declined",
            f"A declined card is answered {declined.shown_reply()}.",
            declined,
            mark="declined",
        )
        if not trial.api.ok("billing_list")["has_payment_method"]:
            none = trial.api("billing_top_up_create", json={"amount_cents": 100})
            require(
                none.status == 422 and none.json.get("code") == "payment_method_required",
                f"A payment by nothing is answered {none.shown_reply()}.",
                none,
                mark="nothing pays",
            )
    require(
        trial.api.ok("billing_list")["balance_cents"] == before,
        "A refused payment changed the balance.",
        mark="refused",
    )


@law(
    "ML-705",
    source="billing.md#configure-automatic-reloads",
    needs=BOTH,
    operations=("billing_bulk_update", "billing_default_payment_method_create"),
    contracts=APRIL,
    causes=(
        "Settings that are answered and not kept; a reload below the threshold only, twice, or beyond the limit."
    ),
)
def reloads_come_at_the_threshold(trial: Trial) -> None:
    """With reloads on, a balance that falls to the threshold is reloaded by the amount, once; without, it is
    not.
    """
    refused = trial.api(
        "billing_bulk_update",
        json={"auto_reload_enabled": True, "auto_reload_minimum_cents": 100, "auto_reload_amount_cents": 500},
    )
    require(
        refused.status == 422 and refused.json.get("code") == "payment_method_required",
        f"Reloads without a payment method: {refused.shown_reply()}.",
        refused,
        mark="method",
    )
    saved = trial.api.ok("billing_default_payment_method_create", json={"payment_method_id": "pm_card_visa"})
    require(
        saved["has_payment_method"] is True and trial.api.ok("billing_list")["has_payment_method"] is True,
        "A saved payment method is not kept.",
        mark="saved",
    )
    alone = trial.api("billing_bulk_update", json={"auto_reload_enabled": True})
    require(alone.status == 400, f"Reloads without threshold and amount: {alone.status}.", alone, mark="alone")
    balance = trial.api.ok("billing_list")["balance_cents"]
    wanted = {
        "auto_reload_enabled": True,
        "auto_reload_minimum_cents": balance - 8,
        "auto_reload_amount_cents": 700,
        "auto_reload_monthly_limit_cents": None,
    }
    changed = trial.api.ok("billing_bulk_update", json=wanted)
    shown = trial.api.ok("billing_list")
    for name, value in wanted.items():
        require(
            changed[name] == value and shown[name] == value,
            f"{name} was set to {value!r}, is answered {changed[name]!r} and shown {shown[name]!r}.",
            mark=f"kept {name}",
        )
    require(
        shown["balance_cents"] == balance,
        "Switching reloads on changed the balance, above the threshold.",
        mark="above",
    )
    call = trial.ended_call(direction="mic", scenario=trial.turns())
    due = balance - call["billing_total_cents"] + 700
    now = trial.api.ok("billing_list")["balance_cents"]
    require(
        now == due,
        f"At the threshold the balance is {now}; with one reload of 700 it would be {due}.",
        mark="reload",
    )
    kinds = [each["kind"] for each in trial.api.ok("billing_transactions_list", limit=2)["results"]]
    require(
        sorted(kinds) == ["auto_reload", "call_usage"], f"The newest transactions are {kinds}.", mark="entries"
    )
    for limit in (5000, None):
        trial.api.ok("billing_bulk_update", json={"auto_reload_monthly_limit_cents": limit})
        now = trial.api.ok("billing_list")["auto_reload_monthly_limit_cents"]
        require(now == limit, f"A monthly limit of {limit} is kept as {now}.", mark="limit")
    trial.api.ok("billing_bulk_update", json={"auto_reload_enabled": False})
    kept = trial.api.ok("billing_list")
    require(
        kept["auto_reload_enabled"] is False and kept["auto_reload_amount_cents"] == 700,
        "Switching reloads off changes more.",
        mark="off",
    )
    for name, bad in (
        ("auto_reload_minimum_cents", -1),
        ("auto_reload_amount_cents", 0),
        ("auto_reload_enabled", "yes"),
        ("auto_reload_monthly_limit_cents", -5),
    ):
        exchange = trial.api("billing_bulk_update", json={name: bad})
        require(
            exchange.status == 400 and name in exchange.json,
            f"{name}={bad!r} is answered {exchange.status}.",
            exchange,
            mark=f"bounds {name}",
        )
    require(trial.api.ok("billing_list") == kept, "A refused setting changed the account.", mark="refused")


@law(
    "ML-706",
    source="billing.md: at $0.00 inbound calls are turned away and other calls are refused",
    needs=BOTH,
    operations=("mic_session_create", "billing_list"),
    contracts=APRIL,
    causes="Calls on credit; a 402 for what costs nothing.",
)
def nothing_left_no_calls(trial: Trial) -> None:
    """With nothing left outbound calls, sessions and test calls are refused with 402, inbound ones turned away;
    a top-up helps.
    """
    poor = trial.fresh("penniless")
    agent = poor.agent()
    require(poor.api.ok("billing_list")["balance_cents"] <= 0, "The penniless world has money.", mark="setup")
    for name, body in (
        ("mic_session_create", {"agent_id": agent["id"]}),
        (
            "test_calls_create",
            {"target_type": "agent", "target_id": agent["id"], "direction": "outbound", "consent_to_charge": True},
        ),
    ):
        if not poor.has(name):
            continue
        with poor.about(name):
            exchange = poor.api(name, json=body)
            require(
                exchange.status == 402,
                f"{name} with nothing left is answered {exchange.status}; 402 was due.",
                exchange,
                mark=name,
            )
    if poor.has("publishable_key_create", "widget_session_create"):
        with poor.about("widget_session_create"):
            key = poor.api.ok(
                "publishable_key_create", json={"allowed_domains": ["a.example.com"], "agent_id": agent["id"]}
            )
            sent = {"X-API-Key": key["key"], "Origin": "https://a.example.com"}
            exchange = poor.api.holding(None)("widget_session_create", json={}, headers=sent)
            require(
                exchange.status == 402 and exchange.json.get("error") == "payment_required",
                f"With nothing left the widget is answered {exchange.shown_reply()[:120]}.",
                exchange,
                mark="widget",
            )
    before = poor.api.ok("calls_list")["total"]
    for name in ("agents_list", "calls_list", "billing_list"):
        poor.api.ok(name)
    poor.api.ok("billing_top_up_create", json={"amount_cents": 10_000, "payment_method_id": "pm_card_visa"})
    poor.api.ok("mic_session_create", json={"agent_id": agent["id"]})
    require(
        poor.api.ok("calls_list")["total"] == before + 1,
        "After a top-up a session does not become a call.",
        mark="after",
    )
    broke = trial.fresh("penniless")
    with broke.about("calls_retrieve"):
        call_id = broke.place(to_number=broke.line()["number"])
        broke.settle()
        shown = broke.api.ok("calls_retrieve", call_id=call_id)
        require(
            shown["status"] == "failed" and not shown["billing_total_cents"],
            f"An inbound call with nothing left is {shown['status']} and costs {shown['billing_total_cents']}.",
            mark="inbound",
        )
