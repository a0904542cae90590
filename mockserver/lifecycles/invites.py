"""The life of an invite: sent by e-mail, answered by whoever has the link, or out of date after seven days.

There is no timer: an invite is out of date when it is looked at too late, so nothing waits for it for a week.
"""

from typing import Final

from mockserver import chance
from mockserver.clock import iso
from mockserver.errors import ApiError, Conflict, NotFound
from mockserver.lifecycles import emails, members, organizations
from mockserver.lifecycles.members import Person
from mockserver.world.store import Document, Record
from mockserver.world.world import World

INVITES: Final = "invites"

LIFETIME_SECONDS: Final = 7 * 86_400

_LINK: Final = "https://app.thunderphone.example/invites/"
"""Invented: where links in e-mails lead was never published."""


def send(world: World, *, email: str, role: str, invited_by: Document) -> Record:
    """A new pending invite, and the e-mail with its link. Raises Conflict for somebody who is in or invited."""
    if members.at(world, email) is not None:
        raise Conflict(f"{email} is a member of this organization already.")
    if any(each["email"].casefold() == email.casefold() for each in pending(world)):
        raise Conflict(f"{email} has a pending invite already; revoke it to send another.")
    identity = world.next_number(INVITES)
    token = chance.uuid_of(world.seed, world.organization, "invite token", identity)
    record = world.create(
        INVITES,
        {
            "id": identity,
            "token": token,
            "email": email,
            "role": role,
            "status": "pending",
            "invited_by_email": invited_by["email"],
            "created_at": world.now,
            "expires_at": iso(world.clock.now_ms + LIFETIME_SECONDS * 1000),
        },
    )
    _write(
        world, email, f"{invited_by['email']} invites you to {organizations.of(world)['name']}", record.document
    )
    return record


def pending(world: World) -> list[Document]:
    """The invites that can still be answered, the newest first."""
    page = world[INVITES].page(limit=len(world[INVITES]))
    return [document for record in page.records if is_open(world, document := record.document)]


def is_open(world: World, invite: Document) -> bool:
    """Whether an invite can still be answered."""
    return bool(invite["status"] == "pending" and world.now < invite["expires_at"])


def led_to(world: World, token: str) -> tuple[World, Document]:
    """The organization and the invite that a token leads to.

    Raises NotFound for one that leads nowhere, ApiError 403 for an invite's id.
    """
    found = world.registry.published(token)
    if found is None and token.isdecimal() and int(token) in world[INVITES]:
        raise ApiError("That is the invite's id; it is opened by the token in the e-mail's link.", status=403)
    if found is None:
        raise NotFound("Not found: no invite has this token.")
    home, identity = found
    if home is not world:
        home.keep_pace()
    record = home[INVITES].get(identity)
    if record is None:
        raise NotFound("Not found: this invite has been revoked.")
    return home, record.document


def accept(home: World, invite: Document, *, caller: Document | None) -> None:
    """The person invited joins. `caller` is the membership of whoever asks; it may be theirs elsewhere.

    Raises Conflict when the invite cannot be answered any more.
    """
    _require_open(home, invite)
    members.join(home, _invited(home, invite, caller), invite["role"])
    home.change(INVITES, invite["id"], {"status": "accepted"})


def decline(home: World, invite: Document) -> None:
    """The person invited does not join. Raises Conflict when the invite cannot be answered any more."""
    _require_open(home, invite)
    home.change(INVITES, invite["id"], {"status": "declined"})


def request_access(home: World, invite: Document, *, caller: Document | None) -> None:
    """Tell whoever sent the invite that `caller`, or somebody unknown, wants to join with it (an e-mail).

    Raises Conflict when the invite has been answered; for one that is out of date, asking is what is left.
    """
    _require_unanswered(invite)
    who = "Somebody" if caller is None else caller["email"]
    _write(home, invite["invited_by_email"], f"{who} asks to join {organizations.of(home)['name']}", invite)


def _write(world: World, to: str, subject: str, invite: Document) -> None:
    """Send an e-mail about an invite, with its link."""
    token = invite["token"]
    emails.send(world, to=to, subject=subject, link=_LINK + token, token=token, leads_to=invite["id"])


def _invited(home: World, invite: Document, caller: Document | None) -> Person:
    if caller is not None and caller["email"].casefold() == invite["email"].casefold():
        return members.person(caller)
    return members.addressee(home, invite["email"])


def _require_open(home: World, invite: Document) -> None:
    _require_unanswered(invite)
    if not is_open(home, invite):
        raise Conflict(f"This invite expired at {invite['expires_at']}.")


def _require_unanswered(invite: Document) -> None:
    if invite["status"] != "pending":
        raise Conflict(f"This invite has been {invite['status']} already.")
