"""A Twilio account with subaccounts: it is looked through once, and any of them can be connected.

The subaccounts are made up: three for each parent account, by its id or its keys.
"""

from typing import Final

import orjson

from mockserver import chance
from mockserver.errors import Conflict, NotFound
from mockserver.lifecycles import voip
from mockserver.world.store import Document
from mockserver.world.world import World

DISCOVERIES: Final = "voip-connections discoveries"
"""A collection of our own: what each discovery found."""

_NAMES: Final = ("Support line", "Sales line", "After hours")


def discover(world: World, credentials: Document) -> Document:
    """What a parent account has. Raises Conflict for keys that a test of them would refuse."""
    if not voip.probe(world, "twilio", credentials, {})["checks"]["credentials_valid"]:
        raise Conflict("Twilio refuses the credentials.", code="credentials_refused")
    key = orjson.dumps(credentials, option=orjson.OPT_SORT_KEYS).decode()
    parent = credentials.get("accountSid")
    found: Document = {
        "discovery_id": world.next_uuid(DISCOVERIES),
        "parent": {"sid": parent if isinstance(parent, str) else _sid(key, 0), "friendly_name": "Main account"},
        "subaccounts": [{"sid": _sid(key, index + 1), "friendly_name": name} for index, name in enumerate(_NAMES)],
    }
    world.create(DISCOVERIES, {"id": found["discovery_id"], **found})
    return {**found, "subaccounts": [_with_connection(world, each) for each in found["subaccounts"]]}


def connect(world: World, discovery_id: str, sids: list[str]) -> list[Document]:
    """What became of each of the subaccounts wanted. Raises NotFound for an unknown discovery."""
    record = world[DISCOVERIES].get(discovery_id)
    if record is None:
        raise NotFound(f"Not found: no discovery of this organization is {discovery_id}.")
    names = {each["sid"]: each["friendly_name"] for each in record.document["subaccounts"]}
    results = []
    for sid in dict.fromkeys(sids):
        result: Document = {"sid": sid, "friendly_name": names.get(sid), "connection": None, "error": None}
        known = _connection_of(world, sid)
        if sid not in names:
            result |= {"status": "failed", "error": f"The discovery found no subaccount {sid}."}
        elif known is not None:
            result |= {"status": "skipped", "connection": known}
        else:
            made = voip.connect_subaccount(world, sid, names[sid])
            result |= {"status": "created", "connection": made.document}
        results.append(result)
    return results


def _with_connection(world: World, subaccount: Document) -> Document:
    known = _connection_of(world, subaccount["sid"])
    connection_id = None if known is None else known["id"]
    return {**subaccount, "already_connected": known is not None, "connection_id": connection_id}


def _connection_of(world: World, sid: str) -> Document | None:
    documents = (record.document for record in world[voip.CONNECTIONS])
    return next((each for each in documents if each.get("subaccount_sid") == sid), None)


def _sid(key: str, index: int) -> str:
    return f"AC{chance.digest('twilio', key, index).hex()[:32]}"
