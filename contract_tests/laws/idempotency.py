"""Requests that say by a key that they are one: sent again they get the same reply and do nothing."""

from typing import Any

from ..finding import Unjudged, require
from ..law import Need, law
from ..trial import Trial

Json = Any


def _placed(trial: Trial, body: Json) -> Json:
    """The first call that can be placed, from whichever number may call out."""
    numbers = trial.api.ok("phone_numbers_list")
    for number in numbers["results"] if isinstance(numbers, dict) else numbers:
        body["from_number"] = number["number"]
        exchange = trial.api("calls_place", json=body)
        if exchange.status in (201, 202):
            return exchange.json
    raise Unjudged("No number of the organization may call out.")


@law(
    "ML-741",
    source="the typed client 0.2.0: calls_place, idempotency_key and idempotent_replay",
    needs=(Need.CONTROL, Need.WRITES, Need.BILLABLE),
    operations=("calls_place", "calls_list", "phone_numbers_list"),
    contracts=("thunderphone-sdk-0.2",),
    causes="A retry that calls a second time; a key that is looked at without the request it came with.",
)
def a_key_makes_a_call_once(trial: Trial) -> None:
    """The same placement with the same key is one call, and says so; another one with that key is refused."""
    home = trial.fresh("demo")
    body: Json = {"to_number": "+14155550142", "idempotency_key": "contract-suite-1"}
    first = _placed(home, body)
    total = home.api.ok("calls_list", limit=1)["total"]
    again = home.api("calls_place", json=body)
    require(
        again.status == 200, f"A repeated placement is answered {again.status}; 200 was due.", again, mark="status"
    )
    require(again.json["call_id"] == first["call_id"], "A repeated placement is another call.", again, mark="call")
    require(again.json.get("idempotent_replay") is True, "A repetition does not say so.", again, mark="says")
    require(
        home.api.ok("calls_list", limit=1)["total"] == total, "A repeated placement called again.", mark="total"
    )
    other = home.api("calls_place", json={**body, "to_number": "+14155550143"})
    require(other.status == 409, f"A key used for another call is answered {other.status}.", other, mark="reused")
    second = home.api.ok("calls_place", json={**body, "idempotency_key": "contract-suite-2"})
    require(second["call_id"] != first["call_id"], "Another key gets the same call.", mark="another key")
