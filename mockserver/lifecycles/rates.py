"""What a minute costs, in US cents.

Only spark's 8 cents follow from the vendor's April 2026 pages (54 s, one billable minute, 8 cents). The other
tiers were never published for that generation: their rates are invented. A test call is charged twofold.
"""

from typing import Final

_SPARK: Final = 8
_INVENTED: Final = {
    "bolt": 12,
    "storm-base": 18,
    "storm-base-with-ack": 18,
    "storm-extra": 25,
    "storm-extra-with-ack": 25,
}

TEST_CALL_MULTIPLIER: Final = 2


def cents_per_minute(product: str, is_test_call: bool) -> int:
    """The rate of a product tier; an unknown tier is charged as spark."""
    rate = _INVENTED.get(product, _SPARK)
    return rate * TEST_CALL_MULTIPLIER if is_test_call else rate
