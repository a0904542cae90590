"""Money."""

from collections.abc import Mapping
from typing import Any, Final

from sdk.wire import Wire


def payment(wire: Wire) -> Any:
    """The transaction of a top-up."""
    assert wire.post("/v1/billing/top-up", {"amount_cents": 5_000}).status == 201
    return wire.get("/v1/billing/transactions?limit=1").json[0]["id"]


PATH: Final = {
    "payment_method_id": lambda wire: wire.get("/v1/billing/payment-methods").json["payment_methods"][0]["id"],
    "transaction_id": payment,
}
EXTRA: Final[Mapping[str, Any]] = {"billing_top_up_create": {"amount_cents": 5_000}}
