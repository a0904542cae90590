"""The life of an API key: made, used, revoked. A key is known to its holder; what is kept tells nobody."""

from typing import Final

from mockserver import chance
from mockserver.clock import iso
from mockserver.world.store import Document, Record
from mockserver.world.world import World

KEYS: Final = "developer/api-keys"
DEFAULT_NAME: Final = "Default key"
_PREFIX_CHARS: Final = 15


def make(world: World, *, name: str, user_id: int) -> tuple[str, Record]:
    """A new key of the organization that acts for a person, and what is kept of it."""
    key = fresh(world)
    world.registry.admit(key, world, user_id=user_id)
    return key, keep(world, key, name=name, user_id=user_id)


def fresh(world: World) -> str:
    """A key that is nobody's yet, even where the organization goes on from a snapshot and counts again."""
    while True:
        count = world.count("api keys")
        key = "sk_live_" + chance.digest("api key", world.seed, world.address, count).hex()[:40]
        if _id(world, key) not in world[KEYS]:
            return key


def keep(world: World, key: str, *, name: str, user_id: int) -> Record:
    """Write down a key that opens the organization."""
    return world.create(
        KEYS,
        {
            "id": _id(world, key),
            "name": name,
            "key": None,  # shown once, by the reply that makes it
            "key_prefix": key[:_PREFIX_CHARS],
            "is_active": True,
            "created_at": world.now,
            "last_used_at": None,
            "revoked_at": None,
            "user_id": user_id,
            "digest": _digest(key),
        },
    )


def known(world: World, key: str) -> Document | None:
    """What is kept of a key; None for one that was never written down."""
    record = world[KEYS].get(_id(world, key))
    return None if record is None else record.document


def keep_all(world: World) -> None:
    """Write down the keys of an organization that begins; of one that begins again, as they were before."""
    before = world.registry.of_organization(world.address)
    if before is None:
        for key in world.keys:
            keep(world, key, name=DEFAULT_NAME, user_id=world.user_id)
        return
    for record in before[KEYS]:
        document = record.document
        if document["user_id"] == before.user_id:
            document["user_id"] = world.user_id
        world[KEYS].add(document)


def shown(world: World) -> list[Document]:
    """Every key that is written down, the newest first, with its last use."""
    used = {_digest(key): access.used_ms for key, access in world.keys.items()}
    documents = [record.document for record in world[KEYS].page(limit=len(world[KEYS])).records]
    return [_with_use(document, used.get(document["digest"])) for document in documents]


def revoke(world: World, document: Document) -> None:
    """End a key: requests with it are refused from now on."""
    changes = {"is_active": False, "revoked_at": world.now}
    for key, access in list(world.keys.items()):
        if _digest(key) == document["digest"]:
            changes |= {"last_used_at": _with_use(document, access.used_ms)["last_used_at"]}
            world.registry.revoke(key)
    world.change(KEYS, document["id"], changes)


def revoke_made_by(world: World, user_id: int) -> None:
    """End every key that acts for a person."""
    for record in world[KEYS]:
        document = record.document
        if document["is_active"] and document["user_id"] == user_id:
            revoke(world, document)


def _with_use(document: Document, used_ms: int | None) -> Document:
    return document if used_ms is None else {**document, "last_used_at": iso(used_ms)}


def _id(world: World, key: str) -> str:
    return chance.uuid_of("api key", world.address, key)


def _digest(key: str) -> str:
    return chance.digest("stored api key", key).hex()
