"""Money: an organization's prepaid balance, the transactions it is the sum of, and automatic reloads.

All amounts are whole US cents. Money moves in one function, `book`, which writes the transaction and the balance
together, so that the balance is the sum of the transactions at any moment.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from mockserver import chance
from mockserver.errors import ApiError
from mockserver.lifecycles import payloads
from mockserver.world.store import Document, Record
from mockserver.world.world import World

ACCOUNT: Final = "billing"
THE: Final = "the"
"""The id of an organization's one account."""

TRANSACTIONS: Final = "billing/transactions"

OPENING_CREDIT_CENTS: Final = 25_000
"""What a new organization has (invented; the vendor publishes no trial credit)."""

LOW_BALANCE_CENTS: Final = 500
"""Below this an alert is sent, unless automatic reloads have a threshold of their own (invented)."""

DECLINED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "pm_card_chargeDeclined": "Your card was declined.",
        "pm_card_chargeDeclinedInsufficientFunds": "Your card has insufficient funds.",
        "pm_card_chargeDeclinedExpiredCard": "Your card has expired.",
    }
)
"""Payment methods that can be saved and whose every charge is declined, and how; any other pays (invented)."""


def account(world: World) -> Document:
    """The organization's account, opened with its credit on first use."""
    record = world[ACCOUNT].get(THE)
    if record is None:
        world.create(
            ACCOUNT,
            {
                "id": THE,
                "balance_cents": 0,
                "balance_usd": usd(0),
                "currency": "usd",
                "auto_reload_enabled": False,
                "auto_reload_minimum_cents": 0,
                "auto_reload_amount_cents": 0,
                "auto_reload_monthly_limit_cents": None,
                "has_payment_method": False,
                # Kept with the account and shown by no schema of the April contract:
                "payment_method_id": None,
                "reload_month": "",
                "reloaded_cents": 0,
            },
        )
        book(world, "adjustment", OPENING_CREDIT_CENTS, "Opening credit")
        record = world[ACCOUNT].get(THE)
        assert record is not None, "it has just been made"
    return record.document


def balance(world: World) -> int:
    """The balance in cents; at or below 0 no call can begin."""
    cents: int = account(world)["balance_cents"]
    return cents


def require_balance(world: World) -> None:
    """Raise ApiError 402 when there is no money for another call."""
    if balance(world) <= 0:
        raise ApiError("Insufficient balance", status=402)


def book(world: World, kind: str, amount_cents: int, description: str, **details: Any) -> Record:
    """Move money: a new transaction, and the balance changed by it.

    `amount_cents` is negative for what is spent. `details` are further fields of the transaction.
    """
    after = account(world)["balance_cents"] + amount_cents
    record = world.create(
        TRANSACTIONS,
        {
            "kind": kind,
            "amount_cents": amount_cents,
            "amount_usd": usd(amount_cents),
            "call_id": None,
            "phone_number_id": None,
            "phone_number_value": None,
            "description": description,
            "metadata": {},
            "has_receipt": kind in ("manual_topup", "auto_reload"),
            "created_at": world.now,
            **details,
        },
    )
    world.change(ACCOUNT, THE, {"balance_cents": after, "balance_usd": usd(after)})
    return record


def settle_at(world: World, cents: int) -> None:
    """Make the balance `cents` by an adjustment, as a support team could."""
    difference = cents - balance(world)
    if difference:
        book(world, "adjustment", difference, "Adjustment")


def debit_call(world: World, call: Document) -> None:
    """Take a call's bill from the balance, reload it if that is wanted, and warn when it is low."""
    cents = call["billing_total_cents"]
    if not cents:
        return
    before = balance(world)
    minutes = call["billable_minutes"]
    book(
        world,
        "call_usage",
        -cents,
        f"Call {call['call_id']}: {minutes} min {call['product']}",
        call_id=call["call_id"],
        metadata={"billable_minutes": minutes, "product": call["product"], "is_test_call": call["is_test_call"]},
    )
    reload_if_low(world)
    _warn(world, before)


def top_up(world: World, amount_cents: int, payment_method_id: str | None) -> str:
    """Charge a payment method, the saved one if none is named, and add the amount; the id of the payment.

    Raises ApiError 422 `payment_method_required` when there is none, 402 `card_declined` when it does not pay.
    """
    method = account(world)["payment_method_id"] if payment_method_id is None else payment_method_id
    if method is None:
        raise payment_method_required()
    if method in DECLINED:
        raise ApiError(DECLINED[method], status=402, code="card_declined")
    payment = stripe_id(world, "pi")
    book(world, "manual_topup", amount_cents, "Top-up", metadata={"payment_intent_id": payment})
    return payment


def configure_reload(world: World, changes: Document) -> None:
    """Change the settings of automatic reloads; a balance already at the threshold is reloaded at once.

    Raises ApiError 422 `payment_method_required` for switching them on without a payment method.
    """
    if changes.get("auto_reload_enabled", False) and not account(world)["has_payment_method"]:
        raise payment_method_required()
    account(world)
    world.change(ACCOUNT, THE, changes)
    reload_if_low(world)


def save_payment_method(world: World, payment_method_id: str) -> None:
    """The payment method that top-ups and reloads use from now on."""
    account(world)
    world.change(ACCOUNT, THE, {"payment_method_id": payment_method_id, "has_payment_method": True})


def reload_if_low(world: World) -> None:
    """Reload once when the balance is at its threshold, unless the month's limit or the card forbids it."""
    now = account(world)
    if not now["auto_reload_enabled"] or now["balance_cents"] > now["auto_reload_minimum_cents"]:
        return
    amount, limit = now["auto_reload_amount_cents"], now["auto_reload_monthly_limit_cents"]
    month = world.now[:7]
    spent = now["reloaded_cents"] if now["reload_month"] == month else 0
    if limit is not None and spent + amount > limit:
        return
    if now["payment_method_id"] in DECLINED:
        text = DECLINED[now["payment_method_id"]]
        world.emit("alert.triggered", lambda: payloads.alert(world.now, "auto_reload_failed", text, now))
        return
    payment = stripe_id(world, "pi")
    book(world, "auto_reload", amount, "Automatic reload", metadata={"payment_intent_id": payment})
    world.change(ACCOUNT, THE, {"reload_month": month, "reloaded_cents": spent + amount})


def payment_method_required() -> ApiError:
    """The refusal of a payment that nothing can make."""
    return ApiError(
        "A payment method is required: POST /v1/billing/default-payment-method saves one.",
        status=422,
        code="payment_method_required",
    )


def stripe_id(world: World, prefix: str) -> str:
    """A new id in the style of the payment provider: `pi_…`, `seti_…`."""
    token = chance.token("payments", world.seed, world.organization, world.count("payments"), length=24)
    return f"{prefix}_{token}"


def usd(cents: int) -> str:
    """An amount as the API writes it: `1250.00`, `-0.08`."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole}.{rest:02d}"


def _warn(world: World, before: int) -> None:
    """Send an alert when the balance has just become low or empty."""
    now = account(world)
    after = now["balance_cents"]
    low = now["auto_reload_minimum_cents"] if now["auto_reload_enabled"] else LOW_BALANCE_CENTS
    if before > 0 >= after:
        world.emit(
            "alert.triggered",
            lambda: payloads.alert(world.now, "balance_empty", "The balance is used up; calls are refused.", now),
        )
    elif before >= low > after:
        world.emit(
            "alert.triggered", lambda: payloads.alert(world.now, "balance_low", "The balance is running low.", now)
        )
