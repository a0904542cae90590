"""SIP endpoints: a password is answered when it is made, and never again."""

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.lifecycles import sip_endpoints
from mockserver.world.world import World


def sip_endpoints_create(world: World, inputs: Inputs) -> Reply:
    """A new endpoint with its password."""
    record, password = sip_endpoints.make(world, defaults.wanted(inputs))
    return Reply({**record.document, "password": password}, secrets=(password,))


def sip_endpoints_rotate_password(world: World, inputs: Inputs) -> Reply:
    """The endpoint with a new password; the old one is good no longer."""
    record = defaults.record_of(world, inputs)
    password = sip_endpoints.new_password(world)
    return Reply({**record.document, "password": password}, secrets=(password,))
