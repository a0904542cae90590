"""A whole organization as one JSON document that people and diff tools can read, and back."""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import orjson

from mockserver.clock import Subject, iso, parse_iso
from mockserver.errors import SpecError, WrongUse
from mockserver.lifecycles import api_keys, emails, organizations
from mockserver.world.store import Document
from mockserver.world.world import World

FORMAT: Final = 1

# Keys belong to whoever holds them, not to what an organization owns.
_NOT_OWNED: Final = frozenset({"developer/api-keys"})

_PACKAGE: Final = "mockserver.lifecycles"


def take(world: World) -> Document:
    """What the organization owns, its time and what is scheduled; not its keys, journal, events or faults."""
    return {
        "mockserver_snapshot": FORMAT,
        "seed": world.seed,
        "organization": world.organization,
        "organization_id": world.organization_id,
        "user_id": world.user_id,
        "now": world.now,
        "counts": dict(sorted(world.counts.items())),
        "collections": {
            collection.layout.name: [record.document for record in collection]
            for collection in sorted(world.store, key=lambda each: each.layout.name)
            if len(collection) and collection.layout.name not in _NOT_OWNED
        },
        "timers": [
            {
                "due": iso(timer.due_ms),
                "action": _name(timer.action),
                "collection": timer.subject[0],
                "id": timer.subject[1],
                "data": timer.data,
            }
            for timer in world.clock.timers()
        ],
    }


def restore(world: World, snapshot: Any) -> None:
    """Make a fresh world own what a snapshot says. Raises WrongUse when it is none."""
    if not isinstance(snapshot, dict) or snapshot.get("mockserver_snapshot") != FORMAT:
        raise WrongUse(
            f"This is no snapshot (mockserver_snapshot: {FORMAT} is missing). GET /_mock/snapshot makes one."
        )
    try:
        world.seed = snapshot["seed"]
        world.organization = snapshot["organization"]
        world.organization_id = snapshot["organization_id"]
        world.user_id = snapshot["user_id"]
        world.clock.now_ms = parse_iso(snapshot["now"])
        world.counts.update(snapshot["counts"])
        for name, documents in snapshot["collections"].items():
            for document in documents:
                world[name].add(document)
        for timer in snapshot["timers"]:
            subject: Subject = (timer["collection"], timer["id"])
            world.clock.at(parse_iso(timer["due"]), _action(timer["action"]), subject, **timer["data"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WrongUse(f"The snapshot is damaged: {type(error).__name__}: {error}") from error
    if organizations.is_written_down(world):
        api_keys.keep_all(world)
        emails.publish_again(world)
    for document in snapshot["collections"].get("publishable-key", ()):
        if document.get("is_active"):
            world.registry.admit(document["key"], world)


def read_snapshot(path: Path) -> Any:
    """The snapshot in a file. Raises SpecError when it is not JSON."""
    try:
        return orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise SpecError(f"{path.name} is not JSON: {error}") from None


def _name(action: Callable[..., None]) -> str:
    return f"{action.__module__.removeprefix(_PACKAGE + '.')}.{action.__name__}"


def _action(name: str) -> Callable[..., None]:
    module, _, function = name.rpartition(".")
    try:
        found: Callable[..., None] = getattr(importlib.import_module(f"{_PACKAGE}.{module}"), function)
    except (ImportError, AttributeError):
        raise WrongUse(f"The snapshot has a timer for {name}, which this version does not know.") from None
    return found
