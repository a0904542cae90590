"""The beginning of an organization: its name, its owner, the keys it was opened with."""

from typing import Final

from mockserver.errors import ApiError
from mockserver.lifecycles import api_keys, members
from mockserver.lifecycles.members import Person
from mockserver.world.store import Document
from mockserver.world.world import World

ORGANIZATIONS: Final = "orgs"
DEFAULT_NAME: Final = "My organization"
"""Invented: what an organization is called that a key's first use opened."""


def begin(world: World, *, name: str, owner: Person) -> Document:
    """Write down a new organization; the document."""
    record = world.create(
        ORGANIZATIONS,
        {"id": world.organization_id, "name": name, "created_at": world.now, "updated_at": world.now},
    )
    members.join(world, owner, "owner")
    api_keys.keep_all(world)
    return record.document


def is_written_down(world: World) -> bool:
    """Whether the organization has a document: not so where a document of one's own is served."""
    return world.organization_id in world[ORGANIZATIONS]


def sister(world: World, organization_id: int) -> World:
    """Another organization of the same person, to transfer something to.

    Raises ApiError 403 for one that is not theirs: of that the API says only that it is out of reach.
    """
    found = world.registry.sister(world, organization_id)
    if found is None:
        raise ApiError(f"You do not belong to an organization {organization_id}.", status=403)
    return found


def of(world: World) -> Document:
    """The organization's document."""
    record = world[ORGANIZATIONS].get(world.organization_id)
    assert record is not None, "every organization begins with its document"
    return record.document
