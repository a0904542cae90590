"""API keys: made, listed and revoked by owner and admins."""

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import NotFound
from mockserver.lifecycles import api_keys, members
from mockserver.world.world import World


def developer_api_keys_list(world: World, inputs: Inputs) -> Reply:
    """Every key, revoked ones included, with its last use."""
    members.require(world, inputs.request.user_id, "admin")
    return Reply(api_keys.shown(world))


def developer_api_keys_create(world: World, inputs: Inputs) -> Reply:
    """A key that acts for the caller; only this reply shows it."""
    member = members.require(world, inputs.request.user_id, "admin")
    name = {"name": api_keys.DEFAULT_NAME, **defaults.given(inputs)}["name"]
    key, record = api_keys.make(world, name=name, user_id=member["user_id"])
    return Reply({**record.document, "key": key}, secrets=(key,))


def developer_api_keys_delete(world: World, inputs: Inputs) -> Reply:
    """Nothing; the key is refused from now on, even when it is the caller's."""
    members.require(world, inputs.request.user_id, "admin")
    document = defaults.record_of(world, inputs).document
    if not document["is_active"]:
        raise NotFound(f"Not found: this key was revoked at {document['revoked_at']}.")
    api_keys.revoke(world, document)
    return Reply(None)
