"""Organizations: each is a world of its own, and a caller sees those it is a member of."""

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import ApiError, NotFound
from mockserver.lifecycles import members, organizations
from mockserver.lifecycles.organizations import ORGANIZATIONS
from mockserver.world.store import Document
from mockserver.world.world import World


def orgs_list(world: World, inputs: Inputs) -> Reply:
    """The organization of the key."""
    member = members.require(world, inputs.request.user_id, "member")
    return Reply([_seen(world, member)])


def orgs_create(world: World, inputs: Inputs) -> Reply:
    """A new organization, owned by the caller; it holds nothing, and no key opens it yet."""
    member = members.require(world, inputs.request.user_id, "member")
    fresh = world.registry.found(world, user_id=member["user_id"])
    organizations.begin(fresh, name=inputs.body["name"], owner=members.person(member))
    fresh.change(ORGANIZATIONS, fresh.organization_id, defaults.given(inputs))
    return Reply(_seen(fresh, {"role": "owner"}))


def orgs_retrieve(world: World, inputs: Inputs) -> Reply:
    """The organization the path names, if the caller is a member."""
    return Reply(_seen(*_membership(world, inputs)))


def orgs_partial_update(world: World, inputs: Inputs) -> Reply:
    """The organization changed, by an admin."""
    home, _ = _membership(world, inputs)
    member = members.require(home, inputs.request.user_id, "admin")
    home.change(ORGANIZATIONS, home.organization_id, defaults.given(inputs))
    return Reply(_seen(home, member))


def orgs_update(world: World, inputs: Inputs) -> Reply:
    """The organization as the body says, by an admin; what it leaves out is as in a new one."""
    home, _ = _membership(world, inputs)
    member = members.require(home, inputs.request.user_id, "admin")
    home.change(ORGANIZATIONS, home.organization_id, defaults.replacement(home, ORGANIZATIONS, inputs))
    return Reply(_seen(home, member))


def orgs_delete(world: World, inputs: Inputs) -> Reply:
    """Nothing; the organization and its keys are gone."""
    home, _ = _membership(world, inputs)
    user_id = members.require(home, inputs.request.user_id, "owner")["user_id"]
    if len(home[members.MEMBERS]) > 1:
        raise ApiError("This organization still has other members; remove them first.")
    if not any(each is not home and members.of(each, user_id) is not None for each in world.registry):
        raise ApiError("This is your only organization; create another one first.")
    world.registry.close(home)
    return Reply(None)


def _membership(world: World, inputs: Inputs) -> tuple[World, Document]:
    """The organization the path names, and the caller's membership. Raises NotFound to anybody else."""
    (organization_id,) = inputs.path.values()
    home = world.registry.organization(organization_id)
    member = None if home is None else members.of(home, inputs.request.user_id)
    if home is None or member is None:
        raise NotFound(f"Not found: you are not a member of an organization {organization_id}.")
    if home is not world:
        home.keep_pace()
    return home, member


def _seen(home: World, member: Document) -> Document:
    return {**organizations.of(home), "role": member["role"]}
