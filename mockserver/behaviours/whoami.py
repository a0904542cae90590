"""Who am I: the key a request came with, and what it may do."""

from mockserver.engine.exchange import Inputs, Reply
from mockserver.lifecycles import api_keys, members, organizations
from mockserver.world.store import Document
from mockserver.world.world import World


def whoami_list(world: World, inputs: Inputs) -> Reply:
    """The organization, and the key's name, beginning and role; keys of this API have no scopes."""
    organization = organizations.of(world)
    key = _key(world, inputs)
    member = members.of(world, inputs.request.user_id)
    return Reply(
        {
            "organization": {"id": organization["id"], "name": organization["name"]},
            "credential_kind": "api_key",
            "key_label": key.get("name"),
            "key_prefix": key.get("key_prefix"),
            "role": None if member is None else member["role"],
            "scopes": [],
            "oauth_client_id": None,
        }
    )


def _key(world: World, inputs: Inputs) -> Document:
    """What is kept of the key in the request's header."""
    _, _, text = str(inputs.request.header("authorization")).partition(" ")
    found = api_keys.known(world, text.strip())
    return {} if found is None else found
