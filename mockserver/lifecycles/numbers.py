"""The life of a phone number: demo numbers are provisioned, VoIP numbers imported and verified."""

from typing import Final, NamedTuple

from mockserver import chance
from mockserver.errors import ApiError, Conflict, NotFound
from mockserver.world.store import Document, Id, Record
from mockserver.world.world import World

NUMBERS: Final = "phone-numbers"
CONNECTIONS: Final = "voip-connections"

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


PROBE_SECONDS: Final = 1.4
"""How long the test call to a VoIP number takes to arrive (invented)."""

PROBE_FROM: Final = "+12025550100"
"""Whence the test calls come (invented; reserved for fiction)."""


def provision(
    world: World, *, area_code: str | None, state: str | None = None, platform_outbound: bool = False
) -> Record:
    """A demo number in provisioning that becomes active by itself; `platform_outbound` lets it call out.

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
    document = {**_unassigned(world, number), "source": "demo", "platform_outbound": platform_outbound}
    record = world.create(NUMBERS, document)
    world.clock.after(PROVISIONING_SECONDS, activate, (NUMBERS, record.id), number_id=record.id)
    return record


def activate(world: World, number_id: int) -> None:
    """The carrier has connected the number, or has no such area."""
    record = world[NUMBERS].get(number_id)
    if record is not None and record.document["status"] == "provisioning":
        failed = record.document["number"].startswith(f"+1{DEAD_AREA}")
        world.change(
            NUMBERS, number_id, {"status": "failed"} if failed else {"status": "active", **_texting(world)}
        )


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


def find(world: World, dialled: str) -> Document | None:
    """The organization's number that is dialled so, in E.164; None when it has none, or has released it."""
    documents = (record.document for record in world[NUMBERS])
    return next((each for each in documents if each["number"] == dialled and each["status"] != "released"), None)


def sender(world: World, dialled: str) -> Document:
    """The organization's number that a call or a text is to come from. Raises NotFound when it has none such."""
    number = find(world, dialled)
    if number is None:
        raise NotFound(f"from_number {dialled} is not registered to this organization.")
    return number


def demo_count(world: World) -> int:
    """How many demo numbers the organization has."""
    return sum(record.document["source"] == "demo" for record in world[NUMBERS])


def known_numbers(world: World) -> set[str]:
    """Every number of the organization, in E.164."""
    return {record.document["number"] for record in world[NUMBERS]}


def import_voip(world: World, connection_id: int, number: str, *, texts: bool = True) -> Record:
    """A number that came by a connection, to be verified; whether it `texts` is found out then."""
    document = {**_unassigned(world, number), "source": "voip", "voip_connection_id": connection_id}
    return world.create(NUMBERS, {**document, "carries_texts": texts})


def accept(world: World, number_id: int) -> None:
    """The carrier has set up a number that was bought from it, which needs no further verification."""
    if number_id in world[NUMBERS]:
        accepted = {"voip_verification_status": "carrier_accepted", "status": "active", **_texting(world)}
        world.change(NUMBERS, number_id, accepted)
        _recount_of(world, number_id)


def of_connection(world: World, connection_id: Id) -> list[Record]:
    """The numbers that a connection carries."""
    owned = world[NUMBERS]
    return owned.page(where={"voip_connection_id": connection_id}, limit=len(owned)).records


def recount(world: World, connection_id: Id) -> None:
    """Bring a connection's counts of its numbers up to date."""
    carried = [record.document for record in of_connection(world, connection_id)]
    pending = sum(each["voip_verification_status"] == "unverified" for each in carried)
    counts = {"numbers_imported": len(carried), "numbers_pending_verification": pending}
    world.change(CONNECTIONS, connection_id, counts)


def settings(world: World, number: Document, given: Document) -> Document:
    """What changes of a number when somebody gives these settings: a new webhook address has a new secret."""
    if given.get("webhook_url") == number.get("webhook_url"):
        return given
    if "webhook_url" not in given:
        return given
    secret = None
    if given["webhook_url"] is not None:
        changes = world.count("phone-numbers webhooks")
        secret = f"whsec_{chance.token('number webhook', world.seed, world.organization, changes, length=32)}"
    return {**given, "webhook_signing_secret": secret}


def probe_inbound(world: World, number: Document) -> Document:
    """Call a VoIP number from outside and see whether the call arrives; what came of it, kept with the number.

    Raises Conflict for a demo number, and for one whose connection is gone.
    """
    _require_connection(number)
    failed = number["number"].endswith(UNVERIFIABLE)
    detail = (
        f"The call to {number['number']} was refused by the provider; check where it sends the number's calls."
        if failed
        else f"The call to {number['number']} arrived."
    )
    reason = "refused" if failed else "arrived"
    seconds = None if failed else PROBE_SECONDS
    result = {
        "detail": detail,
        "from_number": PROBE_FROM,
        "method": "platform",
        "reason": reason,
        "seconds": seconds,
    }
    status = "failed" if failed else "passed"
    kept = {
        "voip_inbound_result": result,
        "voip_inbound_status": status,
        "voip_inbound_test_method": "platform",
        "voip_inbound_tested_at": world.now,
    }
    world.change(NUMBERS, number["id"], kept)
    probe = {"status": "fail" if failed else "pass", "tested_at": world.now, "seconds_to_arrival": seconds}
    return {**result, **probe, "proves_outbound": False, "loopback": None}


def verify(world: World, number: Document) -> None:
    """Begin to verify a VoIP number. Raises Conflict for one that cannot be, or is being verified."""
    _require_connection(number)
    if world.clock.next_due((NUMBERS, number["id"])) is not None:
        raise Conflict(f"{number['number']} is being verified already; wait until that is over.")
    world.clock.after(VERIFYING_SECONDS, verified, (NUMBERS, number["id"]), number_id=number["id"])


def release(world: World, number: Document) -> None:
    """The number is no longer the organization's."""
    world.remove(NUMBERS, number["id"])
    if number["voip_connection_id"] is not None:
        recount(world, number["voip_connection_id"])


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
    moved |= {"platform_outbound": False, "webhook_url": None, "webhook_signing_secret": None}
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
    changes: Document = {"voip_verification_status": "failed"}
    if not number.document["number"].endswith(UNVERIFIABLE):
        changes = {"voip_verification_status": "verified", "voip_last_verified_at": world.now, "status": "active"}
        changes |= _texting(world, capable=number.document.get("carries_texts", True))
    world.change(NUMBERS, number_id, changes)
    _recount_of(world, number_id)


def _recount_of(world: World, number_id: int) -> None:
    record = world[NUMBERS].get(number_id)
    connection_id = None if record is None else record.document["voip_connection_id"]
    if connection_id is not None:
        recount(world, connection_id)


def _require_connection(number: Document) -> None:
    if number["source"] != "voip":
        raise Conflict(f"{number['number']} is a demo number; only VoIP numbers are verified.")
    if number["voip_connection_id"] is None:
        raise Conflict(f"The connection of {number['number']} is gone. Import the number by another one.")


def _texting(world: World, *, capable: bool = True) -> Document:
    """What is known, from now on, of a number's text messages."""
    return {"sms_capable": capable, "sms_capability_checked_at": world.now}


def _next_number(world: World, area: str) -> str:
    return f"+1{area}{555_0099 + world.count(f'{NUMBERS} {area}')}"


def _unassigned(world: World, number: str) -> Document:
    return {
        "number": number,
        "status": "provisioning",
        "inbound_agent_id": None,
        "outbound_agent_id": None,
        "voip_connection_id": None,
        "voip_verification_status": "unverified",
        "voip_last_verified_at": None,
        "created_at": world.now,
        "updated_at": world.now,
    }
