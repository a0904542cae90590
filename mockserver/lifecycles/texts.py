"""Text messages: sent, accepted or refused by the carrier, tried again, answered, and stopped by a keyword.

How many seconds things take, the errors' codes and the numbers that make things go wrong are invented; that there
are these statuses and these events is the vendor's.
"""

from types import MappingProxyType
from typing import Final

from mockserver import chance
from mockserver.clock import iso
from mockserver.errors import Conflict, WrongUse
from mockserver.lifecycles import numbers
from mockserver.world.store import Document, Id, Record
from mockserver.world.world import World

MESSAGES: Final = "sms"
STOPPED: Final = "sms stopped"
"""A collection of our own: who wants no more texts, by their number and ours."""

ATTEMPT_SECONDS: Final = 1.0
"""From the beginning of an attempt to the carrier's answer."""

RETRY_SECONDS: Final = (30, 120)
"""From an attempt that failed for the moment to the next one; after the last of them the message has failed."""

UNKNOWN_OUTCOME: Final = "0202"
"""The end of a number about which the carrier never says what became of a message."""

BUSY: Final = "0503"
"""The end of a number that the carrier cannot serve at the first attempt, but at the next."""

_REFUSALS: Final = MappingProxyType(
    {
        "0404": ("unknown_number", "The carrier knows no such number.", False),
        "0451": ("blocked_content", "The carrier blocked the message for what it says.", False),
        "0500": ("carrier_unavailable", "The carrier could not be reached.", True),
    }
)
"""By a number's end: the code and text of its failure, and whether trying again may help (it does not)."""

STOP_WORDS: Final = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"})
START_WORDS: Final = frozenset({"START", "UNSTOP", "YES"})
"""Keywords of American carriers: with one of the first no more texts are wanted, with one of the second again."""

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = frozenset("^{}\\[~]|€\f")


def send(world: World, *, from_number: str, to: str, body: str) -> Record:
    """A new message on its way.

    Raises NotFound for an unknown sender, Conflict for one that cannot send, and when the other side wants none.
    """
    number = _sender(world, from_number)
    if _pair(from_number, to) in world[STOPPED]:
        text = f"{to} answered with a stop word and gets no more texts from {from_number}."
        raise Conflict(text, code="recipient_opted_out", more={"retryable": False})
    record = world.create(
        MESSAGES,
        {
            **_message("outbound", from_number, to, body),
            "agent_id": number["outbound_agent_id"],
            "provider": _provider(world, number),
            "status": "pending",
            "attempt_count": 1,
            "attempt_started_at": world.now,
            "created_at": world.now,
            "updated_at": world.now,
        },
    )
    if to.endswith(UNKNOWN_OUTCOME):
        return world.change(MESSAGES, record.id, {"status": "unknown"})
    world.clock.after(ATTEMPT_SECONDS, answer, (MESSAGES, record.id), message_id=record.id)
    return record


def answer(world: World, message_id: Id) -> None:
    """The carrier answers an attempt: it has the message, it refuses it, or it cannot just now."""
    record = world[MESSAGES].get(message_id)
    if record is None:
        return
    message = record.document
    attempts, end = message["attempt_count"], message["to"][-4:]
    code, text, passing = _REFUSALS.get(end, ("", "", False))
    if end == BUSY and attempts == 1:
        code, text, passing = "carrier_busy", "The carrier is busy.", True
    if not code:
        provider_id = _carrier_id(world, f"out {message_id}")
        accepted = {"status": "accepted", "accepted_at": world.now, "provider_id": provider_id}
        world.change(MESSAGES, message_id, {**accepted, "error_code": "", "error_message": ""})
        world.emit("sms.sent", lambda: _document(world, message_id))
        return
    failure: Document = {"error_code": code, "error_message": text, "attempt_started_at": None}
    if passing and attempts <= len(RETRY_SECONDS):
        seconds = RETRY_SECONDS[attempts - 1]
        next_at = iso(world.clock.now_ms + seconds * 1000)
        world.change(MESSAGES, message_id, {**failure, "status": "retrying", "next_attempt_at": next_at})
        world.clock.after(seconds, attempt, (MESSAGES, message_id), message_id=message_id)
        return
    world.change(MESSAGES, message_id, {**failure, "status": "failed"})
    world.emit("sms.failed", lambda: _document(world, message_id))


def attempt(world: World, message_id: Id) -> None:
    """Give a message to the carrier once more."""
    record = world[MESSAGES].get(message_id)
    if record is None:
        return
    count = record.document["attempt_count"] + 1
    begun = {"attempt_count": count, "attempt_started_at": world.now, "next_attempt_at": None}
    world.change(MESSAGES, message_id, begun)
    world.clock.after(ATTEMPT_SECONDS, answer, (MESSAGES, message_id), message_id=message_id)


def receive(world: World, *, from_number: str, to: str, body: str) -> Record:
    """A message that somebody sent to one of the organization's numbers; a keyword stops or resumes texts to them.

    Raises WrongUse when the organization has no such number.
    """
    number = numbers.find(world, to)
    if number is None:
        raise WrongUse(f"to_number: {to} is no phone number of this organization.")
    record = world.create(
        MESSAGES,
        {
            **_message("inbound", from_number, to, body),
            "agent_id": number["inbound_agent_id"],
            "provider": _provider(world, number),
            "provider_id": _carrier_id(world, f"in {world.count(MESSAGES)}"),
            "status": "accepted",
            "accepted_at": world.now,
            "attempt_count": 0,
            "created_at": world.now,
            "updated_at": world.now,
        },
    )
    word, pair = body.strip().upper(), _pair(to, from_number)
    if word in STOP_WORDS and pair not in world[STOPPED]:
        world.create(STOPPED, {"id": pair})
    elif word in START_WORDS and pair in world[STOPPED]:
        world.remove(STOPPED, pair)
    world.emit("sms.received", lambda: record.document)
    return record


def segments(body: str) -> int:
    """How many messages of the network a text takes: 160 plain characters, or 70 of any kind, fit in one."""
    if all(letter in _BASIC or letter in _EXTENDED for letter in body):
        length = len(body) + sum(letter in _EXTENDED for letter in body)
        return 1 if length <= 160 else -(-length // 153)
    length = len(body.encode("utf-16-le")) // 2
    return 1 if length <= 70 else -(-length // 67)


def _message(direction: str, from_number: str, to: str, body: str) -> Document:
    return {
        "direction": direction,
        "from_number": from_number,
        "to": to,
        "body": body,
        "segment_count": segments(body),
        "source": "api",
        "call_id": None,
        "accepted_at": None,
        "attempt_started_at": None,
        "next_attempt_at": None,
        "error_code": "",
        "error_message": "",
        "provider_id": "",
    }


def _sender(world: World, from_number: str) -> Document:
    number = numbers.sender(world, from_number)
    if number["status"] != "active":
        text = f"{from_number} cannot send texts: it is {number['status']}."
        raise Conflict(text, code="number_inactive", more={"retryable": False})
    if not number.get("sms_capable"):
        text = f"{from_number} cannot send texts: its connection carries none."
        raise Conflict(text, code="number_not_sms_capable", more={"retryable": False})
    return number


def _provider(world: World, number: Document) -> str:
    connection = world[numbers.CONNECTIONS].get(number["voip_connection_id"] or 0)
    return "platform" if connection is None else str(connection.document["provider"])


def _carrier_id(world: World, name: str) -> str:
    """What the carrier calls a message."""
    return f"SM{chance.digest('sms', world.seed, world.organization, name).hex()[:32]}"


def _pair(ours: str, theirs: str) -> str:
    return f"{ours} {theirs}"


def _document(world: World, message_id: Id) -> Document:
    record = world[MESSAGES].get(message_id)
    assert record is not None, "messages are never removed"
    return record.document
