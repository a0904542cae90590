"""What an organization spends, added up while it is spent, so that its account can tell without counting again.

Sums are kept by day for the last week and by month; all amounts are whole US cents, and days are UTC's.
"""

from types import MappingProxyType
from typing import Final

from mockserver.clock import iso, parse_iso
from mockserver.world.store import Document

NOTHING: Final = MappingProxyType(
    {"spent_by_day": {}, "spent_month": "", "spent_cents": 0, "spent_on_tests_cents": 0}
)
"""What an account knows of its spending before any."""

TEST_CALL_BUDGET_CENTS: Final = 2_500
"""What test calls of a month may cost. Invented, and never enforced: no source says what happens beyond it."""

_DAYS: Final = 7
_DAY_MS: Final = 86_400_000


def spent(account: Document, cents: int, now: str, *, is_test_call: bool) -> Document:
    """What changes of an account's sums when `cents` are spent at the moment `now`."""
    day, month = now[:10], now[:7]
    since = _first_day(now)
    by_day = {each: sum_ for each, sum_ in account["spent_by_day"].items() if each >= since}
    by_day[day] = by_day.get(day, 0) + cents
    same_month = account["spent_month"] == month
    on_tests = cents if is_test_call else 0
    return {
        "spent_by_day": by_day,
        "spent_month": month,
        "spent_cents": cents + (account["spent_cents"] if same_month else 0),
        "spent_on_tests_cents": on_tests + (account["spent_on_tests_cents"] if same_month else 0),
    }


def figures(account: Document, now: str) -> Document:
    """What an account shows of its spending; averages are null when nothing was spent in a week."""
    since = _first_day(now)
    week = sum(cents for day, cents in account["spent_by_day"].items() if day >= since)
    average = week // _DAYS
    same_month = account["spent_month"] == now[:7]
    on_tests = account["spent_on_tests_cents"] if same_month else 0
    return {
        "average_daily_spend_cents_7d": average if week else None,
        "balance_runway_days": max(0, account["balance_cents"]) // average if average else None,
        "current_month_usage_spend_cents": account["spent_cents"] if same_month else 0,
        "test_call_budget_cents": TEST_CALL_BUDGET_CENTS,
        "test_call_budget_remaining_cents": max(0, TEST_CALL_BUDGET_CENTS - on_tests),
    }


def _first_day(now: str) -> str:
    """The first of the days that count as the last week, today being its last."""
    return iso(parse_iso(now) - (_DAYS - 1) * _DAY_MS)[:10]
