"""The life of a demo phone number: provisioning, then active."""

from typing import Final

from mockserver.world.store import Record
from mockserver.world.world import World

NUMBERS: Final = "phone-numbers"

PROVISIONING_SECONDS: Final = 3.0
"""Invented; the guide says within a few seconds."""

_AREA_CODES: Final = ("212", "303", "312", "404", "415", "512", "617", "702", "808", "916")


def provision(world: World, *, area_code: str | None) -> Record:
    """A demo number in provisioning that becomes active by itself.

    Its digits are 555-0100 and up in the area asked for; the first hundred are reserved for fiction.
    """
    area = area_code
    if area is None:
        area = _AREA_CODES[world.count(NUMBERS) % len(_AREA_CODES)]
    line = 555_0099 + world.count(f"{NUMBERS} {area}")
    record = world.create(
        NUMBERS,
        {
            "number": f"+1{area}{line}",
            "source": "demo",
            "status": "provisioning",
            "inbound_agent_id": None,
            "outbound_agent_id": None,
            "voip_connection_id": None,
            "voip_verification_status": "unverified",
            "voip_last_verified_at": None,
        },
    )
    world.clock.after(PROVISIONING_SECONDS, activate, (NUMBERS, record.id), number_id=record.id)
    return record


def activate(world: World, number_id: int) -> None:
    """The carrier has connected the number."""
    record = world[NUMBERS].get(number_id)
    if record is not None and record.document["status"] == "provisioning":
        world.change(NUMBERS, number_id, {"status": "active"})
