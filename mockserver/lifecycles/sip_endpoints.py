"""SIP endpoints: a phone system registers with one and reaches an agent. Passwords are shown once and not kept."""

from typing import Final

from mockserver import chance
from mockserver.world.store import Document, Record
from mockserver.world.world import World

ENDPOINTS: Final = "sip-endpoints"

SIP_HOST: Final = "sip.example.com"
"""Invented, and reserved for examples: nothing answers there."""

SET_UP_SECONDS: Final = 2.0
"""Invented."""


def make(world: World, given: Document) -> tuple[Record, str]:
    """A new endpoint, in use within seconds, and its password."""
    number = world.count(ENDPOINTS)
    username = f"agent-{chance.token('sip user', world.seed, world.organization, number, length=10).lower()}"
    record = world.create(
        ENDPOINTS,
        {
            "agent_id": given["agent_id"],
            "name": given.get("name") or f"SIP endpoint {number}",
            "allowed_source_cidrs": given.get("allowed_source_cidrs", []),
            "sip_uri": f"sip:{username}@{SIP_HOST}",
            "username": username,
            "status": "provisioning",
            "created_at": world.now,
        },
    )
    world.clock.after(SET_UP_SECONDS, set_up, (ENDPOINTS, record.id), endpoint_id=record.id)
    return record, new_password(world)


def set_up(world: World, endpoint_id: int) -> None:
    """The endpoint takes registrations from now on."""
    record = world[ENDPOINTS].get(endpoint_id)
    if record is not None and record.document["status"] == "provisioning":
        world.change(ENDPOINTS, endpoint_id, {"status": "active"})


def new_password(world: World) -> str:
    """A password that nobody had before."""
    return chance.token("sip password", world.seed, world.organization, world.count("sip passwords"), length=24)
