"""Phone numbers: provisioning."""

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.lifecycles import numbers
from mockserver.world.world import World


def phone_numbers_create(world: World, inputs: Inputs) -> Reply:
    """A demo number that becomes active within seconds."""
    return Reply(numbers.provision(world, area_code=defaults.given(inputs).get("area_code")))
