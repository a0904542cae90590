"""Phone-number labels: one label per number."""

from typing import Final

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.world.world import World

_LABELS: Final = "phone-number-labels"
_BY_NUMBER: Final = "phone-number-labels by number"
"""A collection of our own: the label's id by the number it is for."""


def phone_number_labels_create(world: World, inputs: Inputs) -> Reply:
    """The number's label, new or changed."""
    number = inputs.body["phone_number"]
    known = world[_BY_NUMBER].get(number)
    if known is not None:
        return Reply(world.change(_LABELS, known.document["label_id"], {"label": inputs.body["label"]}))
    record = world.create(_LABELS, defaults.given(inputs))
    world.create(_BY_NUMBER, {"id": number, "label_id": record.id})
    return Reply(record)


def phone_number_labels_delete(world: World, inputs: Inputs) -> Reply:
    """Nothing; the number has no label any more."""
    label = defaults.record_of(world, inputs).document
    world.remove(_BY_NUMBER, label["phone_number"])
    return defaults.delete(world, inputs)
