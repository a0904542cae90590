"""Incidents: what a monitoring service reported about the API itself, and whether anybody has taken care of it.

The vendor relays alerts to a chat; here they go out as e-mails to the person on call. Everything else about them
is invented.
"""

from typing import Final

from mockserver import chance
from mockserver.errors import NotFound
from mockserver.lifecycles import emails
from mockserver.world.store import Document, Record
from mockserver.world.world import World

INCIDENTS: Final = "monitoring incidents"
"""A collection of ours: no path has a space, so no contract has one of that name."""

ON_CALL: Final = "on-call@example.com"


def report(world: World, *, rule: str, text: str, base_url: str) -> Record:
    """A new incident that waits to be acknowledged, and the e-mail with the link that does it."""
    number = world.next_number(INCIDENTS)
    token = chance.token("incident", world.seed, world.organization, number, length=32)
    record = world[INCIDENTS].add(
        {"id": number, "rule": rule, "status": "open", "acknowledged_by": None, "created_at": world.now}
    )
    link = f"{base_url}/v1/monitoring/ack/{token}"
    emails.send(world, to=ON_CALL, subject=text, link=link, token=token, leads_to=number)
    return record


def resolve(world: World, rule: str) -> None:
    """Whatever was reported by a rule is over."""
    for record in _of(world, rule, ("open", "acknowledged")):
        world[INCIDENTS].change(record.id, {"status": "resolved"})


def acknowledge(world: World, token: str) -> Document:
    """The incident that a link leads to, acknowledged if it was open. Raises NotFound for a link to nothing."""
    found = world.registry.published(token)
    home, number = (world, "") if found is None else found
    record = home[INCIDENTS].get(number)
    if record is None:
        raise NotFound("Not found: no incident has this token.")
    if record.document["status"] == "open":
        record = home[INCIDENTS].change(number, {"status": "acknowledged", "acknowledged_by": "link"})
    return record.document


def acknowledge_all(world: World, rule: str | None, actor: str) -> bool:
    """Acknowledge whatever is open, of a rule or of any; whether there was anything."""
    records = _of(world, rule, ("open",))
    for record in records:
        world[INCIDENTS].change(record.id, {"status": "acknowledged", "acknowledged_by": actor})
    return bool(records)


def _of(world: World, rule: str | None, states: tuple[str, ...]) -> list[Record]:
    return [
        record
        for record in world[INCIDENTS]
        if rule in (None, record.document["rule"]) and record.document["status"] in states
    ]
