"""What a call cost, and what it is made of.

The total is the bill that every contract shows; the parts are invented.
"""

from typing import Final

from mockserver.lifecycles.calls import TELEPHONE
from mockserver.world.store import Document

RUPEES: Final = 85
"""How many a dollar is, as in the vendor's example."""

_SHARES: Final = {"stt": 125, "tts": 188, "llm": 63}
"""Of a thousand; the rest is the platform's. In the vendor's example a call of 8 cents is divided so."""

_TELEPHONY: Final = 100


def of(call: Document) -> Document:
    """`{total_usd, total_inr, breakdown}`, 0 as long as nothing was billed.

    The breakdown sums to the total in tenths of a cent, so exactly, as decimals.
    """
    cents = 0 if call["billing_total_cents"] is None else call["billing_total_cents"]
    whole = cents * 10
    telephony = whole * _TELEPHONY // 1000 if call["direction"] in TELEPHONE else 0
    parts = {name: (whole - telephony) * share // 1000 for name, share in _SHARES.items()}
    platform = whole - telephony - sum(parts.values())
    return {
        "total_usd": cents / 100,
        "total_inr": cents * RUPEES / 100,
        "breakdown": {
            "platform_fee": platform / 1000,
            **{name: tenths / 1000 for name, tenths in parts.items()},
            "telephony": telephony / 1000,
        },
    }
