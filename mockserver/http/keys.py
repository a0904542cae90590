"""`/_mock/keys` and `/_mock/emails`: keys that no request of the API can make, and what goes out by e-mail."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from mockserver.errors import WrongUse
from mockserver.http.bodies import read
from mockserver.lifecycles import api_keys, members, organizations
from mockserver.lifecycles.emails import EMAILS
from mockserver.world.store import Document
from mockserver.world.world import World


class KeyBody(BaseModel):
    """`POST /_mock/keys`: for which organization, and in whose name.

    What is left out means the caller's own organization, and the caller.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
    organization_id: int | None = None
    member_id: int | None = None
    name: Annotated[str, Field(min_length=1, max_length=120)] = api_keys.DEFAULT_NAME


def make(world: World, key: str, body: bytes) -> Any:
    """A fresh key, the organization it opens, and the member it acts for."""
    wanted = read(KeyBody, body)
    user_id = world.keys[key].user_id
    if not organizations.is_written_down(world):
        return _plain(world, wanted, user_id)
    home = world
    if wanted.organization_id is not None and wanted.organization_id != world.organization_id:
        home = _other(world, wanted.organization_id, user_id)
    member = members.of(home, user_id) if wanted.member_id is None else _member(home, wanted.member_id)
    if member is None:
        raise WrongUse("The person of this key is no member of the organization; name a member_id.")
    made, _ = api_keys.make(home, name=wanted.name, user_id=member["user_id"])
    return {
        "key": made,
        "organization_id": home.organization_id,
        "member_id": member["id"],
        "role": member["role"],
    }


def emails(world: World, body: bytes) -> Any:
    """What was sent, oldest first."""
    fields = ("to", "subject", "link", "token", "sent_at")
    return [{name: record.document[name] for name in fields} for record in world[EMAILS]]


def _plain(world: World, wanted: KeyBody, user_id: int) -> Any:
    """A key where no organization is written down: a document of one's own is served, and there is nobody else."""
    if wanted.organization_id not in (None, world.organization_id) or wanted.member_id is not None:
        raise WrongUse("The served document has no organizations and members; leave out both fields.")
    made = api_keys.fresh(world)
    world.registry.admit(made, world, user_id=user_id)
    return {"key": made, "organization_id": world.organization_id, "member_id": None, "role": None}


def _other(world: World, organization_id: int, user_id: int) -> World:
    home = world.registry.organization(organization_id)
    if home is None or members.of(home, user_id) is None:
        raise WrongUse(
            f"organization_id: the person of this key is in no organization {organization_id}. "
            "POST /v1/orgs/ makes one."
        )
    home.keep_pace()
    return home


def _member(home: World, member_id: int) -> Document:
    record = home[members.MEMBERS].get(member_id)
    if record is None:
        raise WrongUse(f"member_id: the organization has no member {member_id}. GET /v1/members lists them.")
    return record.document
