"""What a minute costs, in US cents: the served contract's prices (`x-rates`), and a test call twice as much."""

from typing import Final

from mockserver.errors import MockError
from mockserver.world.world import World

TEST_CALL_MULTIPLIER: Final = 2


def cents_per_minute(world: World, product: str, is_test_call: bool) -> int:
    """The rate of a product tier; one without a price costs as much as the first that has one.

    Raises MockError when no served contract names prices.
    """
    rates = world.rules.rates
    if not rates:
        raise MockError("No served contract says what a minute costs: give its document `x-rates`.")
    rate = rates.get(product, next(iter(rates.values())))
    return rate * TEST_CALL_MULTIPLIER if is_test_call else rate
