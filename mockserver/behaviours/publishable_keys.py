"""Publishable keys: made, changed, deactivated, handed to another organization."""

from mockserver import chance
from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import Conflict, NotFound
from mockserver.lifecycles import agent_names, organizations, sessions, webhooks
from mockserver.world.store import Document, Record
from mockserver.world.world import World

PREFIX_LENGTH = 12


def publishable_key_list(world: World, inputs: Inputs) -> Reply:
    """Every key, those deactivated too."""
    return Reply(
        [_seen(world, record) for record in defaults.matching(world, inputs, limit=defaults.UNPAGED).records]
    )


def publishable_key_create(world: World, inputs: Inputs) -> Reply:
    """A new key that widgets on its domains may use from now on."""
    return Reply(_seen(world, _keep(world, _wanted(inputs))))


def publishable_key_create_signed(world: World, inputs: Inputs) -> Reply:
    """A new key with a secret of its own: what is asked of its URL is signed with it."""
    return Reply(_seen(world, _keep(world, {**_wanted(inputs), "webhook_secret": webhooks.new_secret(world)})))


def publishable_key_retrieve(world: World, inputs: Inputs) -> Reply:
    """The key, while it is active."""
    return Reply(_seen(world, _active(world, inputs)))


def publishable_key_partial_update(world: World, inputs: Inputs) -> Reply:
    """The key changed. Raises Conflict when its mode would lack its agent or its URL."""
    record = _active(world, inputs)
    changes = defaults.given(inputs)
    after = {**record.document, **changes}
    needed = "webhook_url" if after["mode"] == "webhook" else "agent_id"
    if after[needed] is None and changes.keys() & {"mode", needed}:
        raise Conflict(f"A key of mode {after['mode']} needs its {needed}; change both together.")
    return Reply(_seen(world, world.revise(record.collection, record.id, changes)))


def publishable_key_delete(world: World, inputs: Inputs) -> Reply:
    """Nothing; the key is refused from now on, and remains in the list as inactive."""
    record = _active(world, inputs)
    world.change(record.collection, record.id, {"is_active": False})
    world.registry.revoke(record.document["key"])
    return Reply(None)


def publishable_key_transfer(world: World, inputs: Inputs) -> Reply:
    """The key in another organization of the same person: moved with its text, or copied under a new one.

    Agents do not travel along, so the key has none there until one is given to it.
    """
    record = _active(world, inputs)
    body = defaults.wanted(inputs)
    target = organizations.sister(world, body["target_org_id"])
    if target is world:
        raise Conflict("The key is in this organization already.")
    document = {**record.document, "agent_id": None, "name": body.get("name", record.document["name"])}
    if body["mode"] == "move":
        world.remove(record.collection, record.id)
        moved = target.create(sessions.KEYS, {**document, "updated_at": target.now})
        target.registry.admit(document["key"], target)
        return Reply(_seen(target, moved), status=200)
    own = ("id", "key", "key_prefix", "is_active", "created_at", "updated_at")
    copy = {name: value for name, value in document.items() if name not in own}
    if "webhook_secret" in copy:
        copy["webhook_secret"] = webhooks.new_secret(target)
    return Reply(_seen(target, _keep(target, copy)), status=201)


def _active(world: World, inputs: Inputs) -> Record:
    """The key the path names. Raises NotFound for one that is deactivated, too: only the list shows it."""
    record = defaults.find(world, sessions.KEYS, "key_id", inputs)
    if not record.document["is_active"]:
        raise NotFound(f"Not found: the key {record.id} has been deactivated.")
    return record


def _wanted(inputs: Inputs) -> Document:
    return {"agent_id": None, "webhook_url": None, **defaults.wanted(inputs)}


def _seen(world: World, record: Record) -> Document:
    """A key with the name of its agent, as it is now."""
    key = record.document
    return {**key, "agent_name": agent_names.of(world, key["agent_id"])}


def _keep(world: World, document: Document) -> Record:
    """A new, active key with a text of its own, which the widget's endpoint accepts from now on."""
    number = world.next_number(sessions.KEYS)
    key = "pk_live_" + chance.token("publishable key", world.seed, world.organization, number, length=32)
    record = world.create(
        sessions.KEYS,
        {**document, "id": number, "key": key, "key_prefix": key[:PREFIX_LENGTH], "is_active": True},
    )
    world.registry.admit(key, world)
    return record
