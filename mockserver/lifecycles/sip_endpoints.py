"""SIP endpoints: a phone system registers with one and reaches an agent. Passwords are shown once and not kept."""

import ipaddress
from typing import Final

from mockserver import chance
from mockserver.errors import InvalidInput
from mockserver.world.store import Document, Id, Record
from mockserver.world.world import World

ENDPOINTS: Final = "sip-endpoints"

SIP_HOST: Final = "sip.example.com"
"""Invented, and reserved for examples: nothing answers there."""

SET_UP_SECONDS: Final = 2.0
"""Invented."""


def make(world: World, given: Document) -> tuple[Record, str]:
    """A new endpoint, in use within seconds, and its password. Raises InvalidInput for what is no network."""
    cidrs = _networks(given.get("allowed_source_cidrs", []))
    number = world.count(ENDPOINTS)
    username = f"agent-{chance.token('sip user', world.seed, world.organization, number, length=10).lower()}"
    record = world.create(
        ENDPOINTS,
        {
            "agent_id": given["agent_id"],
            "name": given.get("name") or f"SIP endpoint {number}",
            "allowed_source_cidrs": cidrs,
            "sip_uri": f"sip:{username}@{SIP_HOST}",
            "username": username,
            "status": "provisioning",
            "created_at": world.now,
        },
    )
    world.clock.after(SET_UP_SECONDS, set_up, (ENDPOINTS, record.id), endpoint_id=record.id)
    return record, new_password(world)


def change(world: World, identity: Id, given: Document) -> Record:
    """The endpoint with these settings. Raises InvalidInput for what is no network."""
    changes = dict(given)
    if "allowed_source_cidrs" in given:
        changes["allowed_source_cidrs"] = _networks(given["allowed_source_cidrs"])
    return world.change(ENDPOINTS, identity, changes)


def set_up(world: World, endpoint_id: int) -> None:
    """The endpoint takes registrations from now on."""
    record = world[ENDPOINTS].get(endpoint_id)
    if record is not None and record.document["status"] == "provisioning":
        world.change(ENDPOINTS, endpoint_id, {"status": "active"})


def new_password(world: World) -> str:
    """A password that nobody had before."""
    return chance.token("sip password", world.seed, world.organization, world.count("sip passwords"), length=24)


def _networks(cidrs: list[str]) -> list[str]:
    wrong = []
    for cidr in cidrs:
        try:
            ipaddress.ip_network(cidr)
        except ValueError:
            wrong.append(f"{cidr} is no network in CIDR notation, such as 203.0.113.0/24.")
    if wrong:
        raise InvalidInput({"allowed_source_cidrs": wrong})
    return cidrs
