"""The life of a phone number: demo numbers are provisioned, VoIP numbers imported and verified."""

from typing import Final, NamedTuple

from mockserver.errors import ApiError, Conflict
from mockserver.world.store import Document, Record
from mockserver.world.world import World

NUMBERS: Final = "phone-numbers"

PROVISIONING_SECONDS: Final = 3.0
"""Invented; the guide says within a few seconds."""

VERIFYING_SECONDS: Final = 8.0
"""Invented; the guide only says that a call is placed."""

MOST_DEMO_NUMBERS: Final = 10
"""Invented; a limit exists, its size was never published."""

DEAD_AREA: Final = "999"
"""Invented: the area code whose numbers fail to be provisioned. No carrier has it."""

UNVERIFIABLE: Final = "99"
"""Invented: the end of a VoIP number whose verification fails."""

_AREA_CODES: Final = ("212", "303", "312", "404", "415", "512", "617", "702", "808", "916")
_STATES: Final = ("NY", "CO", "IL", "GA", "CA", "TX", "MA", "NV", "HI", "CA")


class Objection(NamedTuple):
    """What stands against a call: a word for programs, and a text for people."""

    code: str
    text: str


def provision(world: World, *, area_code: str | None, state: str | None = None) -> Record:
    """A demo number in provisioning that becomes active by itself.

    Its digits are 555-0100 and up in the area asked for; the first hundred are reserved for fiction.
    """
    area = area_code
    if area is None and state in _STATES:
        area = _AREA_CODES[_STATES.index(state)]
    elif area is None:
        area = _AREA_CODES[world.count(NUMBERS) % len(_AREA_CODES)]
    known = known_numbers(world)
    number = _next_number(world, area)
    while number in known:  # it came here from another organization
        number = _next_number(world, area)
    record = world.create(NUMBERS, {**_unassigned(number), "source": "demo"})
    world.clock.after(PROVISIONING_SECONDS, activate, (NUMBERS, record.id), number_id=record.id)
    return record


def activate(world: World, number_id: int) -> None:
    """The carrier has connected the number, or has no such area."""
    record = world[NUMBERS].get(number_id)
    if record is not None and record.document["status"] == "provisioning":
        failed = record.document["number"].startswith(f"+1{DEAD_AREA}")
        world.change(NUMBERS, number_id, {"status": "failed" if failed else "active"})


def outbound_objection(number: Document) -> Objection | None:
    """Why a number may not call out, or None; the codes are invented (that there are stable ones is known)."""
    dialled = number["number"]
    if number["source"] == "demo" and not number.get("platform_outbound", False):
        return Objection(
            "platform_number", "Demo numbers cannot place outbound calls; use a verified VoIP number."
        )
    if number["source"] == "voip" and number["voip_verification_status"] not in ("verified", "carrier_accepted"):
        text = f"{dialled} cannot place outbound calls until its verification succeeds."
        return Objection("number_unverified", text)
    if number["status"] != "active":
        return Objection("number_inactive", f"{dialled} cannot place outbound calls: it is {number['status']}.")
    return None


def demo_count(world: World) -> int:
    """How many demo numbers the organization has."""
    return sum(record.document["source"] == "demo" for record in world[NUMBERS])


def known_numbers(world: World) -> set[str]:
    """Every number of the organization, in E.164."""
    return {record.document["number"] for record in world[NUMBERS]}


def import_voip(world: World, connection_id: int, number: str) -> Record:
    """A number that came by a connection, to be verified."""
    return world.create(NUMBERS, {**_unassigned(number), "source": "voip", "voip_connection_id": connection_id})


def verify(world: World, number: Document) -> None:
    """Begin to verify a VoIP number. Raises Conflict for one that cannot be, or is being verified."""
    if number["source"] != "voip":
        raise Conflict(f"{number['number']} is a demo number; only VoIP numbers are verified.")
    if number["voip_connection_id"] is None:
        raise Conflict(f"The connection of {number['number']} is gone. Import the number by another one.")
    if world.clock.next_due((NUMBERS, number["id"])) is not None:
        raise Conflict(f"{number['number']} is being verified already; wait until that is over.")
    world.clock.after(VERIFYING_SECONDS, verified, (NUMBERS, number["id"]), number_id=number["id"])


def lose_connection(world: World, number_id: int) -> None:
    """Nothing carries the number's calls any more."""
    world.clock.cancel((NUMBERS, number_id))
    lost = {"voip_connection_id": None, "voip_verification_status": "unverified", "status": "failed"}
    world.change(NUMBERS, number_id, lost)


def move(number: Document, source: World, target: World) -> Record:
    """Take a demo number to another organization, without its agents; it keeps its id.

    Raises Conflict for a VoIP number or one that is there already, ApiError 403 when there is no room.
    """
    if target is source:
        raise Conflict(f"{number['number']} is in this organization already.")
    if number["source"] == "voip":
        raise Conflict(
            f"{number['number']} cannot leave its VoIP connection. Import it in the other organization."
        )
    if number["number"] in known_numbers(target):  # organizations count their demo numbers each for itself
        raise Conflict(f"The other organization has the number {number['number']} already.")
    require_room(target)
    source.remove(NUMBERS, number["id"])
    moved = {**number, "inbound_agent_id": None, "outbound_agent_id": None, "updated_at": target.now}
    record = target.create(NUMBERS, moved)
    if number["status"] == "provisioning":
        target.clock.after(PROVISIONING_SECONDS, activate, (NUMBERS, record.id), number_id=record.id)
    return record


def require_room(world: World) -> None:
    """Raise ApiError 403 when the organization has all the demo numbers it may have."""
    if demo_count(world) >= MOST_DEMO_NUMBERS:
        # 403 and not 409: the vendor says it for what a key may not do by policy; the status itself is unseen.
        raise ApiError(
            f"The organization has {MOST_DEMO_NUMBERS} demo numbers and may have no more. Release one first.",
            status=403,
        )


def verified(world: World, number_id: int) -> None:
    """The call through the connection arrived, or did not."""
    number = world[NUMBERS].get(number_id)
    if number is None:
        return
    if number.document["number"].endswith(UNVERIFIABLE):
        world.change(NUMBERS, number_id, {"voip_verification_status": "failed"})
        return
    verified = {"voip_verification_status": "verified", "voip_last_verified_at": world.now, "status": "active"}
    world.change(NUMBERS, number_id, verified)


def _next_number(world: World, area: str) -> str:
    return f"+1{area}{555_0099 + world.count(f'{NUMBERS} {area}')}"


def _unassigned(number: str) -> Document:
    return {
        "number": number,
        "status": "provisioning",
        "inbound_agent_id": None,
        "outbound_agent_id": None,
        "voip_connection_id": None,
        "voip_verification_status": "unverified",
        "voip_last_verified_at": None,
    }
