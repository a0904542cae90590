"""Invites: sent and revoked by owner and admins, answered by whoever has the link."""

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import NotFound
from mockserver.lifecycles import invites, members, organizations
from mockserver.world.world import World


def invites_list(world: World, inputs: Inputs) -> Reply:
    """What is pending and not out of date."""
    members.require(world, inputs.request.user_id, "admin")
    return Reply(list(invites.pending(world)))


def invites_create(world: World, inputs: Inputs) -> Reply:
    """An invite whose link goes out by e-mail."""
    inviter = members.require(world, inputs.request.user_id, "admin")
    given = defaults.wanted(inputs)
    return Reply(invites.send(world, email=given["email"], role=given["role"], invited_by=inviter))


def invites_delete(world: World, inputs: Inputs) -> Reply:
    """Nothing; the link leads nowhere any more. What has been answered cannot be revoked."""
    members.require(world, inputs.request.user_id, "admin")
    record = defaults.record_of(world, inputs)
    if record.document["status"] != "pending":
        raise NotFound(f"Not found: this invite is not pending but {record.document['status']}.")
    world.remove(record.collection, record.id)
    return Reply(None)


def invites_retrieve(world: World, inputs: Inputs) -> Reply:
    """The invite a token leads to, with the organization's name."""
    home, invite = invites.led_to(world, inputs.path["invite_id"])
    return Reply({**invite, "org_name": organizations.of(home)["name"]})


def invites_accept(world: World, inputs: Inputs) -> Reply:
    """The person invited is a member of the organization."""
    home, invite = invites.led_to(world, inputs.path["token"])
    invites.accept(home, invite, caller=members.of(world, inputs.request.user_id))
    return Reply({"detail": "Invite accepted.", "org_id": home.organization_id})


def invites_request_access(world: World, inputs: Inputs) -> Reply:
    """Nothing; whoever sent the invite is told that the caller asks for access."""
    home, invite = invites.led_to(world, inputs.path["token"])
    invites.request_access(home, invite, caller=members.of(world, inputs.request.user_id))
    return Reply(None)


def invites_decline(world: World, inputs: Inputs) -> Reply:
    """The person invited stays away."""
    home, invite = invites.led_to(world, inputs.path["token"])
    invites.decline(home, invite)
    return Reply({"detail": "Invite declined."})
