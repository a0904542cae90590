"""The cards an organization pays with: what is known of each, and which one pays."""

from types import MappingProxyType
from typing import Final

from mockserver import chance
from mockserver.lifecycles import billing
from mockserver.world.store import Document, Record
from mockserver.world.world import World

METHODS: Final = "billing/payment-methods"

# The payment provider's own test cards: brand and last digits.
_CARDS: Final = MappingProxyType(
    {
        "pm_card_visa": ("visa", "4242"),
        "pm_card_visa_debit": ("visa", "5556"),
        "pm_card_mastercard": ("mastercard", "4444"),
        "pm_card_amex": ("amex", "8431"),
        "pm_card_discover": ("discover", "1117"),
        "pm_card_chargeDeclined": ("visa", "0002"),
        "pm_card_chargeDeclinedInsufficientFunds": ("visa", "9995"),
        "pm_card_chargeDeclinedExpiredCard": ("visa", "0069"),
    }
)


def save(world: World, payment_method_id: str) -> None:
    """The organization has this payment method, and top-ups and reloads use it from now on."""
    if world[METHODS].get(payment_method_id) is None:
        world.create(METHODS, _card(world, payment_method_id))
    _make_default(world, payment_method_id)


def remove(world: World, record: Record) -> None:
    """Forget a payment method. Another one takes its place as the default; without any, reloads are off (ours)."""
    world.remove(METHODS, record.id)
    if record.document["is_default"]:
        left = [str(each.id) for each in world[METHODS]]
        _make_default(world, left[-1] if left else None)


def _make_default(world: World, payment_method_id: str | None) -> None:
    for record in list(world[METHODS]):
        is_default = record.id == payment_method_id
        if record.document["is_default"] != is_default:
            world.change(METHODS, record.id, {"is_default": is_default})
    billing.use_payment_method(world, payment_method_id)


def _card(world: World, payment_method_id: str) -> Document:
    """What a payment method is: a test card by its name, any other a Visa with digits of its own (invented)."""
    digits = f"{chance.number('card', payment_method_id) % 10_000:04d}"
    brand, last4 = _CARDS.get(payment_method_id, ("visa", digits))
    return {
        "id": payment_method_id,
        "brand": brand,
        "last4": last4,
        "exp_month": 12,
        "exp_year": int(world.now[:4]) + 3,
        "is_default": False,
    }
