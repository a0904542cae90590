"""The people of an organization, their roles, and who may do what."""

import re
from dataclasses import dataclass
from typing import Final

from mockserver import chance
from mockserver.errors import ApiError
from mockserver.lifecycles import api_keys
from mockserver.world.store import Document, Record
from mockserver.world.world import World, id_base

MEMBERS: Final = "members"

_RANKS: Final = {"member": 1, "admin": 2, "owner": 3}

# Invented, as is everybody in a world nobody has been invited to.
_FIRST_NAMES: Final = (
    "Ines",
    "Tomas",
    "Amara",
    "Jonas",
    "Leila",
    "Marek",
    "Sofia",
    "Kofi",
    "Hanna",
    "Ravi",
    "Noor",
)
_LAST_NAMES: Final = ("Marin", "Berg", "Okafor", "Lind", "Haddad", "Novak", "Costa", "Mensah", "Virtanen", "Rao")
_LONGEST_NAME: Final = 150


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, in whatever organizations."""

    user_id: int
    email: str
    first_name: str
    last_name: str


def founder(world: World) -> Person:
    """The person who opened `world`, made up; the same one in all their organizations."""
    drawn = chance.number("founder", world.seed, world.user_id)
    drawn, first = divmod(drawn, len(_FIRST_NAMES))
    drawn, last = divmod(drawn, len(_LAST_NAMES))
    first_name, last_name = _FIRST_NAMES[first], _LAST_NAMES[last]
    email = f"{first_name}.{last_name}{drawn % 10_000:04d}@example.com".lower()
    return Person(world.user_id, email, first_name, last_name)


def addressee(world: World, email: str) -> Person:
    """The person at an address; the same one in every organization of the founder of `world`.

    The names are what can be read off the address.
    """
    words = [word.capitalize() for word in re.findall(r"[^\W\d_]+", email.partition("@")[0])]
    first_name, last_name = (words[0], " ".join(words[1:])) if words else ("", "")
    user_id = id_base("user", world.seed, world.user_id, email.casefold())
    return Person(user_id, email, first_name[:_LONGEST_NAME], last_name[:_LONGEST_NAME])


def person(member: Document) -> Person:
    """Who a membership is of."""
    return Person(member["user_id"], member["email"], member["first_name"], member["last_name"])


def join(world: World, who: Person, role: str) -> Record:
    """A new membership."""
    return world.create(
        MEMBERS,
        {
            "user_id": who.user_id,
            "email": who.email,
            "first_name": who.first_name,
            "last_name": who.last_name,
            "role": role,
            "created_at": world.now,
        },
    )


def part(world: World, member: Document) -> None:
    """End a membership and the keys that the person made (that they end is invented)."""
    api_keys.revoke_made_by(world, member["user_id"])
    world.remove(MEMBERS, member["id"])


def of(world: World, user_id: int) -> Document | None:
    """The membership of a person, or None."""
    return next((each for each in _all(world) if each.get("user_id") == user_id), None)


def at(world: World, email: str) -> Document | None:
    """The membership of the person with this address, or None."""
    wanted = email.casefold()
    return next((each for each in _all(world) if each["email"].casefold() == wanted), None)


def require(world: World, user_id: int, least: str) -> Document:
    """The membership of a person whose role is `least` or above it. Raises ApiError 403 for anybody else."""
    member = of(world, user_id)
    role = "nobody" if member is None else member["role"]
    if member is None or _RANKS[role] < _RANKS[least]:
        wanted = "the owner" if least == "owner" else f"an {least} or the owner"
        raise ApiError(f"You do not have permission: this key acts as {role}, and {wanted} may do it.", status=403)
    return member


def is_below(member: Document, other: Document) -> bool:
    """Whether `member` has a lower role than `other`."""
    return _RANKS[member["role"]] < _RANKS[other["role"]]


def _all(world: World) -> list[Document]:
    return [record.document for record in world[MEMBERS]]
