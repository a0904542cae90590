"""E-mails that go out, with a link in each: nobody is sent any, they can be read under `/_mock/emails`."""

from typing import Final

from mockserver.world.store import Id
from mockserver.world.world import World

EMAILS: Final = "sent emails"
"""A collection of ours: no path has a space, so no contract has one of that name."""


def send(world: World, *, to: str, subject: str, link: str, token: str, leads_to: Id) -> None:
    """An e-mail with a link that ends in `token`; whoever has that finds what `leads_to` names."""
    world.registry.publish(token, world, leads_to)
    world.create(
        EMAILS,
        {
            "to": to,
            "subject": subject,
            "link": link,
            "token": token,
            "leads_to": leads_to,
            "sent_at": world.now,
        },
    )


def publish_again(world: World) -> None:
    """Make the links in all e-mails lead to this organization, as they did where it was saved."""
    for record in world[EMAILS]:
        email = record.document
        world.registry.publish(email["token"], world, email["leads_to"])
