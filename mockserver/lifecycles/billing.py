"""Money: an organization's prepaid balance, the transactions it is the sum of, and automatic reloads.

All amounts are whole US cents. Money moves in one function, `book`, which writes the transaction and the balance
together, so that the balance is the sum of the transactions at any moment.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from mockserver import chance
from mockserver.clock import iso
from mockserver.errors import ApiError
from mockserver.lifecycles import payloads, spending
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

RETRY_SECONDS: Final = (3_600, 7_200)
"""From a declined reload to the next try; after the last one reloads stop (invented)."""

DECLINED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "pm_card_chargeDeclined": "Your card was declined.",
        "pm_card_chargeDeclinedInsufficientFunds": "Your card has insufficient funds.",
        "pm_card_chargeDeclinedExpiredCard": "Your card has expired.",
    }
)
"""Payment methods that can be saved and whose every charge is declined, and how; any other pays (invented)."""

_TOP_UPS: Final = {"manual_topup": "manual", "auto_reload": "auto"}
"""The kinds of transaction that bring money, and what the account calls them."""


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
                # Kept with the account; `statement` shows what the API says of it.
                "payment_method_id": None,
                "reload_month": "",
                "reloaded_cents": 0,
                "declines": 0,
                "declined_at": None,
                "declined_why": None,
                "retry_at": None,
                "top_up_error": None,
                "top_up_intent_id": None,
                "last_reload": None,
                "last_top_up": None,
                **spending.NOTHING,
            },
        )
        book(world, "adjustment", OPENING_CREDIT_CENTS, "Opening credit")
        record = world[ACCOUNT].get(THE)
        assert record is not None, "it has just been made"
    return record.document


def statement(world: World) -> Document:
    """The account as the API shows it: what is kept, and what follows from it at this moment."""
    now = account(world)
    enabled, declines = now["auto_reload_enabled"], now["declines"]
    stopped = enabled and declines > len(RETRY_SECONDS)
    reloaded = _reloaded_this_month(world, now)
    limit = now["auto_reload_monthly_limit_cents"]
    capped = limit is not None and reloaded + now["auto_reload_amount_cents"] > limit
    if not enabled:
        status = "off"
    elif declines:
        status = "stopped" if stopped else "retrying"
    else:
        status = "capped" if capped else "ok"
    failed = {
        "auto_reload_failed_amount_cents": now["auto_reload_amount_cents"],
        "auto_reload_failed_at": now["declined_at"],
        "auto_reload_failure_code": "card_declined",
        "auto_reload_last_error": now["declined_why"],
    }
    return {
        **now,
        **(failed if declines else dict.fromkeys(failed)),
        "auto_reload_consecutive_declines": declines,
        "auto_reload_in_progress": False,
        "auto_reload_month_spend_cents": reloaded,
        "auto_reload_next_retry_at": now["retry_at"],
        "auto_reload_paused": stopped,
        "auto_reload_paused_until": None,
        "auto_reload_status": status,
        "available_cash_cents": max(0, now["balance_cents"]),
        "has_ever_topped_up": now["last_top_up"] is not None,
        "last_auto_reload": now["last_reload"],
        "last_manual_topup_error": now["top_up_error"],
        "last_manual_topup_intent_id": now["top_up_intent_id"],
        "monthly_spending_limit_cents": None,
        "spending_limit_reached": False,
        **spending.figures(now, world.now),
    }


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
    before = account(world)
    after = before["balance_cents"] + amount_cents
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
            "has_receipt": kind in _TOP_UPS,
            "created_at": world.now,
            **details,
        },
    )
    changes: Document = {"balance_cents": after, "balance_usd": usd(after)}
    if amount_cents < 0:
        is_test_call = details.get("metadata", {}).get("is_test_call", False)
        changes |= spending.spent(before, -amount_cents, world.now, is_test_call=is_test_call)
    elif kind in _TOP_UPS:
        paid = {"amount_cents": amount_cents, "created_at": world.now}
        changes["last_top_up"] = {**paid, "kind": _TOP_UPS[kind]}
        if kind == "auto_reload":
            changes["last_reload"] = paid
    world.change(ACCOUNT, THE, changes)
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
    saved = account(world)["payment_method_id"]
    method = saved if payment_method_id is None else payment_method_id
    if method is None:
        raise payment_method_required()
    payment = stripe_id(world, "pi")
    why = DECLINED.get(method)
    world.change(ACCOUNT, THE, {"top_up_error": why, "top_up_intent_id": payment})
    if why is not None:
        raise ApiError(why, status=402, code="card_declined")
    book(world, "manual_topup", amount_cents, "Top-up", metadata={"payment_intent_id": payment})
    return payment


def configure_reload(world: World, changes: Document) -> None:
    """Change the settings of automatic reloads; a balance already at the threshold is reloaded at once.

    Reloads that a declined card had stopped begin anew. Raises ApiError 422 `payment_method_required` for
    switching them on without a payment method.
    """
    if changes.get("auto_reload_enabled", False) and not account(world)["has_payment_method"]:
        raise payment_method_required()
    _forget_declines(world, account(world))
    world.change(ACCOUNT, THE, changes)
    reload_if_low(world)


def use_payment_method(world: World, payment_method_id: str | None) -> None:
    """The payment method that top-ups and reloads use from now on; None when there is none any more."""
    now = account(world)
    has_one = payment_method_id is not None
    world.change(
        ACCOUNT,
        THE,
        {
            "payment_method_id": payment_method_id,
            "has_payment_method": has_one,
            "auto_reload_enabled": now["auto_reload_enabled"] and has_one,
        },
    )
    _forget_declines(world, now)


def reload_if_low(world: World) -> None:
    """Reload once when the balance is at its threshold, unless the month's limit or the card forbids it.

    A declined card is tried again by itself, twice; meanwhile no call tries it.
    """
    now = account(world)
    if now["declines"] == 0:
        _reload(world, now)


def retry_reload(world: World) -> None:
    """Try the card again that declined the last reload."""
    _reload(world, account(world))


def _reload(world: World, now: Document) -> None:
    if not now["auto_reload_enabled"] or now["balance_cents"] > now["auto_reload_minimum_cents"]:
        _forget_declines(world, now)
        return
    amount, limit = now["auto_reload_amount_cents"], now["auto_reload_monthly_limit_cents"]
    spent = _reloaded_this_month(world, now)
    if limit is not None and spent + amount > limit:
        return
    if now["payment_method_id"] in DECLINED:
        _decline(world, now, DECLINED[now["payment_method_id"]])
        return
    payment = stripe_id(world, "pi")
    book(world, "auto_reload", amount, "Automatic reload", metadata={"payment_intent_id": payment})
    world.change(ACCOUNT, THE, {"reload_month": world.now[:7], "reloaded_cents": spent + amount})
    _forget_declines(world, now)


def _decline(world: World, now: Document, why: str) -> None:
    """Note that the card declined a reload, warn of it, and try again later unless it did so too often."""
    declines = now["declines"] + 1
    retry_at = None
    if declines <= len(RETRY_SECONDS):
        seconds = RETRY_SECONDS[declines - 1]
        retry_at = iso(world.clock.now_ms + seconds * 1000)
        world.clock.after(seconds, retry_reload, (ACCOUNT, THE))
    noted = {"declines": declines, "declined_at": world.now, "declined_why": why, "retry_at": retry_at}
    world.change(ACCOUNT, THE, noted)
    world.emit("alert.triggered", lambda: payloads.alert(world.now, "auto_reload_failed", why, now))


def _forget_declines(world: World, now: Document) -> None:
    if now["declines"]:
        world.clock.cancel((ACCOUNT, THE))
        world.change(ACCOUNT, THE, {"declines": 0, "declined_at": None, "declined_why": None, "retry_at": None})


def _reloaded_this_month(world: World, now: Document) -> int:
    cents: int = now["reloaded_cents"] if now["reload_month"] == world.now[:7] else 0
    return cents


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
