"""Buying numbers by a VoIP connection: what its provider offers, and ordering one.

Offers are made up: numbers reserved for fiction, the same each time, in whatever area is asked for.
"""

import re
from typing import Final

from mockserver import chance
from mockserver.errors import Conflict, NotFound
from mockserver.lifecycles import numbers
from mockserver.world.store import Document, Record
from mockserver.world.world import World

CHARGE_NOTE: Final = "Your provider bills the number by its own price list, which is not known here."

_LINES: Final = range(555_0130, 555_0140)
_OFFERED: Final = re.compile(r"\+1[2-9][0-9]{2}555013[0-9]")
_AREAS: Final = ("206", "305", "503", "602", "718", "813")
_TOLL_FREE: Final = ("833", "844", "855", "866", "877", "888")
_COUNTRIES: Final = ("US", "CA")


def offers(
    world: World, connection: Document, *, country: str, toll_free: bool, area_code: str | None
) -> list[Document]:
    """The numbers that can be ordered. Raises Conflict for a trunk, whose numbers are ordered elsewhere."""
    _require_provider(connection)
    areas = _TOLL_FREE if toll_free else _AREAS
    area = area_code
    if area is None:
        area = areas[chance.number("number offers", world.seed, connection["id"]) % len(areas)]
    if country not in _COUNTRIES or (area in _TOLL_FREE) != toll_free:
        return []
    ours = numbers.known_numbers(world)
    return [
        {
            "number": f"+1{area}{line}",
            "friendly_name": f"({area}) {str(line)[:3]}-{str(line)[3:]}",
            "country": country,
            "type": "toll-free" if toll_free else "local",
        }
        for line in _LINES
        if f"+1{area}{line}" not in ours
    ]


def order(world: World, connection: Record, number: str) -> tuple[Record, bool]:
    """The number, set up within seconds, and whether it is new.

    Raises NotFound for one that is not on offer, Conflict for one of another connection, and for a trunk.
    """
    _require_provider(connection.document)
    for record in world[numbers.NUMBERS]:
        known = record.document
        if known["number"] == number:
            if known["voip_connection_id"] == connection.id:
                return record, False
            raise Conflict(f"{number} is already a phone number of this organization.")
    if _OFFERED.fullmatch(number) is None:
        raise NotFound(f"The provider does not offer {number}. GET search-numbers tells what it offers.")
    record = numbers.import_voip(world, int(connection.id), number)
    world.clock.after(
        numbers.PROVISIONING_SECONDS, numbers.accept, (numbers.NUMBERS, record.id), number_id=record.id
    )
    numbers.recount(world, connection.id)
    return record, True


def _require_provider(connection: Document) -> None:
    if connection["provider"] == "manual":
        raise Conflict(f"{connection['name']} is a SIP trunk: numbers are ordered from its operator.")
