"""`/_mock/deliveries`: webhooks with every attempt, and ways to make them hard on a receiver."""

from collections.abc import Mapping
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, ConfigDict, Field

from mockserver.errors import WrongUse
from mockserver.http.bodies import read
from mockserver.lifecycles import webhooks
from mockserver.lifecycles.webhooks import DELIVERIES
from mockserver.world.store import Document
from mockserver.world.world import World


class ModeBody(BaseModel):
    """`POST /_mock/deliveries/mode`: send everything twice; let later deliveries overtake earlier ones."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
    duplicate: bool | None = None
    reorder: bool | None = None


class SubscriptionBody(BaseModel):
    """`POST /_mock/subscriptions`: a URL, the events it wants (none: all), and whose subscriber it is."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
    url: Annotated[str, Field(pattern=r"^https?://")]
    events: tuple[str, ...] = ()
    contract: str | None = None
    label: str = "mockserver"


def show(world: World, query: Mapping[str, str]) -> Any:
    """Every delivery, oldest first; with `last`, no more than so many of the newest."""
    newest = query.get("last", "")
    if newest and not newest.isdigit():
        raise WrongUse(f"last: {newest!r} is no number of deliveries.")
    kept = list(world[DELIVERIES])
    return [_shown(record.document) for record in (kept[-int(newest) :] if newest else kept)]


def subscribe(world: World, body: bytes) -> Any:
    """A new subscriber, whatever the API's own way to make one: its id, its URL and its secret."""
    wanted = read(SubscriptionBody, body)
    record = webhooks.subscribe(world, wanted.url, wanted.events, channel=wanted.contract, label=wanted.label)
    return {"id": record.id, "url": wanted.url, "events": wanted.events, "secret": record.document["secret"]}


def shown(world: World, delivery_id: str) -> Any:
    """One delivery. Raises WrongUse when there is none."""
    record = world[DELIVERIES].get(delivery_id)
    if record is None:
        raise WrongUse(f"There is no delivery {delivery_id}. GET /_mock/deliveries lists them.")
    return _shown(record.document)


def brief(delivery: Document) -> Document:
    """A delivery as a line about it needs it: which event, where to, what became of it."""
    last = delivery["attempts"][-1] if delivery["attempts"] else {"status": None, "error": None}
    return {
        "id": delivery["id"],
        "event_type": delivery["event_type"],
        "url": delivery["url"],
        "status": delivery["status"],
        "attempts": delivery["attempt_count"],
        "answer": last["status"],
        "error": last["error"],
        "call_id": delivery["call_id"],
    }


def set_mode(world: World, body: bytes) -> Any:
    """Switch duplicates and reordering on or off; what is left out stays."""
    wanted = read(ModeBody, body)
    if wanted.duplicate is not None:
        world.duplicates = wanted.duplicate
    if wanted.reorder is not None:
        world.reorders = wanted.reorder
    return {"duplicate": world.duplicates, "reorder": world.reorders}


def _shown(delivery: Document) -> Document:
    hidden = ("secret", "signed_at", "first_tried_ms")
    visible = {name: value for name, value in delivery.items() if name not in hidden}
    return {**visible, "payload": orjson.loads(delivery["body"])}
