"""VoIP connections: credentials are tested, what they proved makes a connection, numbers come by it.

Credentials are looked at and forgotten: what is kept of them is a fingerprint, to tell later whether others were
sent than those that passed the test.
"""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Any, Final

import orjson

from mockserver import chance
from mockserver.errors import Conflict, NotFound
from mockserver.lifecycles import numbers
from mockserver.world.store import Document, Id, Record
from mockserver.world.world import World

CONNECTIONS: Final = numbers.CONNECTIONS
EVIDENCE: Final = "voip-connections evidence"
"""A collection of our own: what each passed test proved, by the evidence's id."""

# Invented: what a tester ends a text with to see a test fail.
REFUSED: Final = "-invalid"
SILENT: Final = "-unauthorized"
UNREACHABLE: Final = ".invalid"

METHODS: Final = {
    "twilio": ("api_key", "twilio_subaccount"),
    "telnyx": ("api_key", "guided_telnyx"),
    "signalwire": ("api_key",),
    "vonage": ("api_key",),
    "manual": ("manual",),
}
"""The setup methods of each provider, the usual one first."""

UNKNOWN_CHARGE: Final = MappingProxyType(
    {
        "provider_charge_currency": "usd",
        "provider_charge_estimate_cents": None,
        "provider_charge_note": "Your provider may bill the test call; its price is not known here.",
    }
)
"""What a test costs at the provider."""

_TITLES: Final = {
    "twilio": "Twilio",
    "telnyx": "Telnyx",
    "signalwire": "SignalWire",
    "vonage": "Vonage",
    "manual": "SIP trunk",
}
_MASK: Final = "[redacted]"
_SECRET_NAMES: Final = ("password", "secret", "token", "key", "auth", "credential")
_OFFERED: Final = 8
_FIRST_LINE: Final = 555_0110
_AREA_CODES: Final = ("206", "305", "503", "602", "718", "813")


def probe(world: World, provider: str, credentials: Document, sip_config: Document) -> Document:
    """What became of a test, in the words of every contract; evidence is kept of one that passed."""
    keys, settings = list(_texts(credentials)), list(_texts(sip_config))
    manual = provider == "manual"
    valid = not any(each.endswith(REFUSED) for each in keys) and (manual or bool(credentials))
    reachable = (
        valid and not any(each.endswith(UNREACHABLE) for each in settings) and bool(not manual or sip_config)
    )
    authorized = valid and not any(each.endswith(SILENT) for each in keys)
    passed = valid and reachable and authorized
    checks = {"credentials_valid": valid, "inbound_reachable": reachable, "outbound_authorized": authorized}
    result = {"status": "pass" if passed else "fail", "checks": checks}
    evidence_id = world.next_uuid(EVIDENCE)
    if passed:
        proven = {"provider": provider, "fingerprint": _fingerprint(credentials), "tested_at": world.now}
        shown = {"credentials": masked(credentials, secret=True), "test_result": result}
        sip = {"sip_fingerprint": _fingerprint(sip_config), "sip_config": masked(sip_config)}
        world.create(EVIDENCE, {"id": evidence_id, **proven, **shown, **sip})
    return {
        **result,
        "verification_evidence_id": evidence_id if passed else None,
        "suggested_connection_name": suggested_name(world, provider),
        "suggested_connection_name_inferred": True,
        "test_result": result,
        "verification_evidence": evidence(
            world, evidence_id, provider, _fingerprint([credentials, sip_config]), checks
        ),
    }


def evidence(world: World, evidence_id: str, provider: str, fingerprint: str, checks: Document) -> Document:
    """What a test proves, or fails to prove, as later contracts show it. What a provider charges is unknown."""
    return {
        "id": evidence_id,
        "created_at": world.now,
        "provider": provider,
        "config_fingerprint": fingerprint,
        "evidence": checks,
        "inbound_status": "pass" if checks["inbound_reachable"] else "fail",
        "outbound_status": "pass" if checks["outbound_authorized"] else "fail",
        **UNKNOWN_CHARGE,
    }


def evidence_of_number(world: World, number: Document) -> Document:
    """What the verification of a number sets out from: the evidence that its connection passed its test."""
    connection = world[CONNECTIONS].get(number["voip_connection_id"])
    assert connection is not None, "a number loses its connection's id with the connection"
    kept = connection.document
    checks = kept.get("test_result", {}).get("checks", {"inbound_reachable": True, "outbound_authorized": True})
    identity = chance.uuid_of("number evidence", world.seed, world.organization, number["id"], world.now)
    return evidence(world, identity, kept["provider"], _fingerprint(kept["sip_config"]), checks)


def connect(world: World, given: Document) -> Record:
    """A connection from evidence and what it proves. Raises NotFound and Conflict as `_spend`."""
    provider = given["provider"]
    methods = METHODS[provider]
    method = given.get("setup_method", methods[0])
    if method not in methods:
        raise Conflict(f"The setup method {method} is none of {provider}'s: {', '.join(methods)}.")
    proven = _spend(world, provider, given)
    return _connected(world, provider, method, given.get("name"), proven)


def connect_subaccount(world: World, sid: str, name: str) -> Record:
    """A connection to a subaccount of a Twilio account that was looked through before."""
    found = {"credentials": {"accountSid": sid, "authToken": _MASK}, "sip_config": {}, "tested_at": world.now}
    checks = {"credentials_valid": True, "inbound_reachable": True, "outbound_authorized": True}
    found["test_result"] = {"status": "pass", "checks": checks}
    record = _connected(world, "twilio", "twilio_subaccount", name, found)
    return world.change(CONNECTIONS, record.id, {"subaccount_sid": sid})


def _connected(world: World, provider: str, method: str, name: str | None, proven: Document) -> Record:
    manual = provider == "manual"
    return world.create(
        CONNECTIONS,
        {
            "name": suggested_name(world, provider) if name is None else name,
            "provider": provider,
            "setup_method": method,
            "status": "connected",
            "inferred_name": name is None,
            "credentials": proven["credentials"],
            "sip_config": proven["sip_config"],
            "test_result": proven["test_result"],
            "last_tested_at": proven["tested_at"],
            "numbers_imported": 0,
            "numbers_pending_verification": 0,
            "provisioning_supported": not manual,
            "provisioning_message": "Numbers of a SIP trunk are ordered from its operator." if manual else None,
            "transfer_enabled_at": None,
            "transfer_refused_at": None,
        },
    )


def enable_transfers(world: World, connection: Record) -> Record:
    """Have the provider accept transfers; a trunk of one's own is not ours to configure, and refuses (ours)."""
    manual = connection.document["provider"] == "manual"
    moment = {"transfer_enabled_at": None if manual else world.now}
    return world.change(
        CONNECTIONS, connection.id, {**moment, "transfer_refused_at": world.now if manual else None}
    )


def change(world: World, connection: Record, given: Document) -> Record:
    """The connection with a new name, or with new credentials and the evidence for them.

    Raises Conflict for credentials without evidence, NotFound and Conflict as `_spend`.
    """
    changes: Document = {}
    if "name" in given:
        changes |= {"name": given["name"], "inferred_name": False}
    if "verification_evidence_id" in given:
        proven = _spend(world, connection.document["provider"], given)
        changes |= {
            "credentials": proven["credentials"],
            "sip_config": proven["sip_config"],
            "test_result": proven["test_result"],
            "last_tested_at": proven["tested_at"],
            "status": "connected",
        }
    elif "credentials" in given or "sip_config" in given:
        raise Conflict(
            "New credentials or SIP settings need a verification_evidence_id. POST them to "
            "/v1/voip-connections/test first."
        )
    return world.change(CONNECTIONS, connection.id, changes)


def disconnect(world: World, connection_id: Id) -> None:
    """Forget a connection; its numbers stay without one."""
    for record in numbers.of_connection(world, connection_id):
        numbers.lose_connection(world, int(record.id))
    world.remove(CONNECTIONS, connection_id)


def available(world: World, connection: Document) -> list[Document]:
    """The numbers that the provider lists and that are not imported: made up, the same each time."""
    if connection["provider"] == "manual":
        return []
    area = _AREA_CODES[chance.number("voip area", world.seed, connection["id"]) % len(_AREA_CODES)]
    ours = numbers.known_numbers(world)
    lines = [str(line) for line in range(_FIRST_LINE, _FIRST_LINE + _OFFERED)]
    return [
        {"number": f"+1{area}{line}", "friendly_name": f"({area}) {line[:3]}-{line[3:]}"}
        for line in lines
        if f"+1{area}{line}" not in ours
    ]


def import_numbers(world: World, connection: Record, wanted: list[str]) -> list[Record]:
    """The phone numbers that the connection now carries. Raises Conflict, and imports none, if one is known."""
    ours = numbers.known_numbers(world)
    fresh = list(dict.fromkeys(wanted))
    for number in fresh:
        if number in ours:
            raise Conflict(f"{number} is already a phone number of this organization. Nothing was imported.")
    texts = connection.document["provider"] != "manual"  # a trunk carries calls and nothing else
    records = [numbers.import_voip(world, int(connection.id), number, texts=texts) for number in fresh]
    numbers.recount(world, connection.id)
    return records


def suggested_name(world: World, provider: str | None) -> str:
    """A name after the provider that no connection has yet."""
    taken = {record.document["name"] for record in world[CONNECTIONS]}
    title = "VoIP connection" if provider is None else _TITLES[provider]
    name, number = title, 1
    while name in taken:
        number += 1
        name = f"{title} {number}"
    return name


def masked(settings: Any, *, secret: bool = False) -> Any:
    """SIP settings as they may be shown: the text of whatever is named like a secret is hidden."""
    if isinstance(settings, dict):
        return {
            name: masked(value, secret=secret or any(word in name.lower() for word in _SECRET_NAMES))
            for name, value in settings.items()
        }
    if isinstance(settings, list):
        return [masked(each, secret=secret) for each in settings]
    return _MASK if secret else settings


def _spend(world: World, provider: str, given: Document) -> Document:
    """What a piece of evidence proves; it cannot be used again.

    Raises NotFound for an unknown one, Conflict for one that is used up or proves something else than `given`.
    """
    evidence_id = given["verification_evidence_id"]
    record = world[EVIDENCE].get(evidence_id)
    if record is None:
        raise NotFound(f"Not found: no test that passed has the verification_evidence_id {evidence_id}.")
    proven = record.document
    if proven.get("spent", False):
        raise Conflict(f"The evidence {evidence_id} has been used already. Test the credentials again.")
    if proven["provider"] != provider:
        raise Conflict(f"The evidence {evidence_id} is of a test with {proven['provider']}, not with {provider}.")
    for name, print_name in (("credentials", "fingerprint"), ("sip_config", "sip_fingerprint")):
        if name in given and _fingerprint(given[name]) != proven[print_name]:
            raise Conflict(f"The {name} are not those that the evidence {evidence_id} is of. Test these first.")
    world.change(EVIDENCE, evidence_id, {"spent": True})
    return proven


def _fingerprint(value: Any) -> str:
    return chance.digest("credentials", orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()).hex()


def _texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)
