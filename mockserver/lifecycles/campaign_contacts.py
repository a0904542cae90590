"""Whom a campaign calls: who waits, who is to be tried again and when, and what became of everybody.

A contact is found by its campaign and status together, and those to be tried again by the moment from which on, so
that whoever is next is found at once among however many.
"""

from typing import Final

from mockserver.clock import iso
from mockserver.world.store import Document, Id, Record
from mockserver.world.world import World

CONTACTS: Final = "campaigns/contacts"
RETRIES: Final = "campaigns/retries"
"""A collection of our own: contacts to be tried again, by the moment from which on."""

STATUSES: Final = ("pending", "scheduled", "calling", "completed", "failed", "exhausted")


def add(world: World, campaign_id: Id, number: str, variables: Document) -> None:
    """Somebody to be called, with the variables of the call."""
    world.create(
        CONTACTS,
        {
            "phone_number": number,
            "variables": variables,
            "attempts": 0,
            "call_id": None,
            "last_outcome": "",
            "next_attempt_at": None,
            "created_at": world.now,
            "updated_at": world.now,
            "campaign_id": campaign_id,
            **_status(campaign_id, "pending"),
        },
    )


def everybody(world: World, campaign_id: Id) -> list[Document]:
    """Every contact of a campaign, in the order in which they were added."""
    return [record.document for record in _all_of(world, CONTACTS, campaign_id)]


def with_status(world: World, campaign_id: Id, status: str) -> list[Document]:
    """Every contact of a campaign that has a status."""
    found = world[CONTACTS].page(where=_queue(campaign_id, status), limit=len(world[CONTACTS]))
    return [record.document for record in found.records]


def counts(world: World, campaign_id: Id) -> dict[str, int]:
    """How many contacts have each status."""
    found = world[CONTACTS]
    return {each: found.page(where=_queue(campaign_id, each), limit=1).total for each in STATUSES}


def get(world: World, contact_id: int) -> Document | None:
    """A contact; None once its campaign is removed."""
    record = world[CONTACTS].get(contact_id)
    return None if record is None else record.document


def following(world: World, campaign_id: Id) -> Document | None:
    """Who is to be called now: somebody who is to be tried again, or somebody new; None when nobody is."""
    due = next_retry(world, campaign_id)
    if due is not None and due["due_at"] <= world.now:
        return get(world, due["id"])
    found = world[CONTACTS].page(where=_queue(campaign_id, "pending"), limit=1).records
    return found[0].document if found else None


def next_retry(world: World, campaign_id: Id) -> Document | None:
    """Who is to be tried again first: `{id, campaign_id, due_at}`."""
    found = world[RETRIES].page(where={"campaign_id": campaign_id}, limit=1).records
    return found[0].document if found else None


def set_status(world: World, contact: Document, status: str, **changes: object) -> None:
    """Note what a contact's status is now; nothing is planned for them any more."""
    if contact["id"] in world[RETRIES]:
        world.remove(RETRIES, contact["id"])
    changes = {"next_attempt_at": None, **changes, **_status(contact["campaign_id"], status)}
    world.change(CONTACTS, contact["id"], changes)


def retry_later(world: World, contact: Document, minutes: int, **changes: object) -> None:
    """Plan to call a contact again."""
    due = iso(world.clock.now_ms + minutes * 60_000)
    set_status(world, contact, "scheduled", next_attempt_at=due, **changes)
    world.create(RETRIES, {"id": contact["id"], "campaign_id": contact["campaign_id"], "due_at": due})


def forget(world: World, campaign_id: Id) -> None:
    """Remove every contact of a campaign."""
    for collection in (RETRIES, CONTACTS):
        for record in _all_of(world, collection, campaign_id):
            world.remove(collection, record.id)


def _status(campaign_id: Id, status: str) -> Document:
    """A contact's status, and what contacts are found by."""
    return {"status": status, **_queue(campaign_id, status)}


def _queue(campaign_id: Id, status: str) -> Document:
    return {"queue": f"{campaign_id} {status}"}


def _all_of(world: World, collection: str, campaign_id: Id) -> list[Record]:
    found = world[collection]
    return found.page(where={"campaign_id": campaign_id}, limit=len(found)).records
