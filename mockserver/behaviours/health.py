"""Health: whether the API is there."""

from mockserver.engine.exchange import Inputs, Reply
from mockserver.world.world import World


def healthz_list(world: World, inputs: Inputs) -> Reply:
    """All is well, or nobody would answer."""
    return Reply({"ok": True})
