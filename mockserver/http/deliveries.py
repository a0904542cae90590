"""`/_mock/deliveries`: webhooks with every attempt, and ways to make them hard on a receiver."""

from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict

from mockserver.errors import WrongUse
from mockserver.http.bodies import read
from mockserver.lifecycles.webhooks import DELIVERIES
from mockserver.world.store import Document
from mockserver.world.world import World


class ModeBody(BaseModel):
    """`POST /_mock/deliveries/mode`: send everything twice; let later deliveries overtake earlier ones."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
    duplicate: bool | None = None
    reorder: bool | None = None


def show(world: World, body: bytes) -> Any:
    """Every delivery, oldest first."""
    return [_shown(record.document) for record in world[DELIVERIES]]


def shown(world: World, delivery_id: str) -> Any:
    """One delivery. Raises WrongUse when there is none."""
    record = world[DELIVERIES].get(delivery_id)
    if record is None:
        raise WrongUse(f"There is no delivery {delivery_id}. GET /_mock/deliveries lists them.")
    return _shown(record.document)


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
