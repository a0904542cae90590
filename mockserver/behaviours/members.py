"""Members: removed, given roles, and leaving."""

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import ApiError, Conflict
from mockserver.lifecycles import members
from mockserver.lifecycles.members import MEMBERS
from mockserver.world.world import World


def members_delete(world: World, inputs: Inputs) -> Reply:
    """Nothing; the member and the keys they made are gone."""
    caller = members.require(world, inputs.request.user_id, "admin")
    member = defaults.record_of(world, inputs).document
    if member["id"] == caller["id"] and member["role"] != "owner":
        raise ApiError("You cannot remove yourself; POST /v1/leave instead.")
    if not members.is_below(member, caller):
        raise ApiError(
            f"You do not have permission: as {caller['role']} you cannot remove the {member['role']}.", status=403
        )
    members.part(world, member)
    return Reply(None)


def members_role_bulk_update(world: World, inputs: Inputs) -> Reply:
    """The member in the new role."""
    members.require(world, inputs.request.user_id, "owner")
    member = defaults.record_of(world, inputs)
    if member.document["role"] == "owner":
        raise ApiError("The owner's role changes by transferring the ownership only.", status=403)
    return Reply(world.change(MEMBERS, member.id, defaults.given(inputs)))


def members_transfer_ownership(world: World, inputs: Inputs) -> Reply:
    """The member owns the organization; who owned it is an admin."""
    owner = members.require(world, inputs.request.user_id, "owner")
    heir = defaults.find(world, MEMBERS, "member_id", inputs).document
    if heir["id"] == owner["id"]:
        raise Conflict("You own this organization already.")
    world.change(MEMBERS, owner["id"], {"role": "admin"})
    world.change(MEMBERS, heir["id"], {"role": "owner"})
    return Reply({"detail": f"{heir['email']} owns the organization now."})


def leave_create(world: World, inputs: Inputs) -> Reply:
    """Nothing; the caller is no member any more."""
    member = members.require(world, inputs.request.user_id, "member")
    if member["role"] == "owner":
        raise ApiError("The owner cannot leave; transfer the ownership first.", status=403)
    members.part(world, member)
    return Reply(None)
