"""The life of a webhook delivery: one event to one endpoint, tried until it is accepted or a day has passed."""

from typing import Any, Final

import orjson

from mockserver.clock import iso
from mockserver.world.events import Event
from mockserver.world.outbox import Outcome, Outgoing
from mockserver.world.store import Document, Record
from mockserver.world.world import World

ENDPOINTS: Final = "developer/webhook-endpoints"
DELIVERIES: Final = "developer/webhook-deliveries"
LEGACY: Final = "webhook"
LEGACY_ID: Final = "the"

FIRST_RETRY_SECONDS: Final = 10
RETRY_FACTOR: Final = 2
"""Each wait is twice the one before (invented; the vendor says exponential backoff without figures)."""

GIVE_UP_SECONDS: Final = 24 * 3600
"""The last try is made this long after the first; then the endpoint counts as failing."""

TIMEOUT_SECONDS: Final = 30.0

KEPT_DELIVERIES: Final = 10_000

# The single-URL webhook knows these events by older names.
_LEGACY_NAMES: Final = {
    "telephony.incoming": "call.incoming",
    "web.incoming": "call.incoming",
    "telephony.complete": "call.complete",
    "web.complete": "call.complete",
}


def encode(envelope: Document) -> bytes:
    """A payload as it goes over the wire: sorted keys, no spaces."""
    return orjson.dumps(envelope, option=orjson.OPT_SORT_KEYS)


def deliver(world: World, event: Event) -> None:
    """Queue one delivery of `event` to each subscribed, active endpoint, and to the legacy URL if there is one."""
    for target in targets(world, event.type):
        body = encode({**event.envelope(), "type": target["event_type"]})
        delivery = keep(world, event, target, body)
        if world.reorders and world.count("reordered deliveries") % 2:
            # On purpose: every other delivery waits, so that later ones overtake it.
            world.clock.after(5, send, (DELIVERIES, delivery.id), delivery_id=delivery.id)
        else:
            send(world, str(delivery.id))


def targets(world: World, event_type: str) -> list[Document]:
    """Where an event goes: `{endpoint_id, url, secret, event_type, label}` for each."""
    found = [
        {
            "endpoint_id": endpoint["id"],
            "label": endpoint["label"],
            "url": endpoint["url"],
            "secret": endpoint["secret"],
            "event_type": event_type,
        }
        for endpoint in (record.document for record in world[ENDPOINTS])
        if endpoint["status"] == "active" and (not endpoint["events"] or event_type in endpoint["events"])
    ]
    legacy = world[LEGACY].get(LEGACY_ID)
    if legacy is not None:
        row = legacy.document
        name = _LEGACY_NAMES.get(event_type, event_type)
        found.append(
            {
                "endpoint_id": None,
                "label": "legacy",
                "url": row["url"],
                "secret": row["secret"],
                "event_type": name,
            }
        )
    return found


def send(world: World, delivery_id: str) -> None:
    """Try a delivery, unless its endpoint has been removed or disabled meanwhile."""
    record = world[DELIVERIES].get(delivery_id)
    if record is None:
        return
    delivery = record.document
    endpoint = None if delivery["endpoint_id"] is None else world[ENDPOINTS].get(delivery["endpoint_id"])
    if delivery["endpoint_id"] is not None and (endpoint is None or endpoint.document["status"] == "disabled"):
        _change(world, delivery_id, {"status": "failed", "next_retry_at": None})
        return
    _put(world, delivery)
    if world.duplicates:
        _put(world, delivery)


def attempted(world: World, delivery_id: str, outcome: Outcome, timestamp: int) -> None:
    """Record a try, and plan the next one or the end."""
    record = world[DELIVERIES].get(delivery_id)
    if record is None:
        return
    delivery = record.document
    attempts = [*delivery["attempts"], _attempt(world, outcome)]
    changes: Document = {"attempts": attempts, "attempt_count": len(attempts), "signed_at": timestamp}
    if outcome.accepted or delivery["status"] == "delivered":
        _change(world, delivery_id, {**changes, "status": "delivered", "next_retry_at": None})
        return
    due_ms = _next_try(world, delivery, len(attempts))
    if outcome.failure == "refused" or due_ms is None:
        _change(world, delivery_id, {**changes, "status": "failed", "next_retry_at": None})
        if due_ms is None and delivery["endpoint_id"] in world[ENDPOINTS]:
            world.change(ENDPOINTS, delivery["endpoint_id"], {"status": "failing"})
        return
    timer = world.clock.at(due_ms, send, (DELIVERIES, delivery_id), delivery_id=delivery_id)
    _change(world, delivery_id, {**changes, "status": "retrying", "next_retry_at": iso(timer.due_ms)})


def redeliver(world: World, delivery_id: str) -> Record | None:
    """Try a delivery once more now, whatever became of it; None when there is none."""
    record = world[DELIVERIES].get(delivery_id)
    if record is None:
        return None
    world.clock.cancel((DELIVERIES, delivery_id))
    _put(world, record.document)
    return record


def answered(
    world: World, delivery_id: str, outcome: Outcome, timestamp: int, *, accepted: bool, verdict: str
) -> None:
    """Record the answer to a question, which is asked once only; `verdict` says what was made of it."""
    if world[DELIVERIES].get(delivery_id) is not None:
        changes: Document = {
            "status": "delivered" if accepted else "failed",
            "attempts": [_attempt(world, outcome)],
            "attempt_count": 1,
            "signed_at": timestamp,
            "verdict": verdict,
        }
        _change(world, delivery_id, changes)


def keep(world: World, event: Event, target: Document, body: bytes) -> Record:
    """A new pending delivery of an event to one of `targets`; the oldest is forgotten when there are too many."""
    delivery = world[DELIVERIES].add(
        {
            "id": world.next_uuid(DELIVERIES),
            "event_id": event.id,
            "event_type": target["event_type"],
            "endpoint_id": target["endpoint_id"],
            "endpoint_label": target["label"],
            "source": "legacy" if target["endpoint_id"] is None else "endpoint",
            "call_id": event.data.get("call_id"),
            "url": target["url"],
            "secret": target["secret"],
            "body": body.decode("utf-8"),
            "status": "pending",
            "attempts": [],
            "attempt_count": 0,
            "signed_at": 0,
            "next_retry_at": None,
            "created_at": world.now,
            "first_tried_ms": world.clock.now_ms,
        }
    )
    if len(world[DELIVERIES]) > KEPT_DELIVERIES:
        oldest = next(iter(world[DELIVERIES]))
        world.clock.cancel((DELIVERIES, oldest.id))
        world[DELIVERIES].remove(oldest.id)
    return delivery


def _put(world: World, delivery: Document) -> None:
    def then(outcome: Outcome, timestamp: int) -> None:
        attempted(world, delivery["id"], outcome, timestamp)

    world.outbox.put(
        Outgoing(
            lane=f"webhook {delivery['endpoint_id']}",
            method="POST",
            url=delivery["url"],
            body=delivery["body"].encode("utf-8"),
            secret=delivery["secret"],
            then=then,
            timeout_seconds=TIMEOUT_SECONDS,
            after=delivery["signed_at"],
        )
    )


def _next_try(world: World, delivery: Document, tries: int) -> int | None:
    """When to try again, in milliseconds; None when the day is over."""
    last_ms: int = delivery["first_tried_ms"] + GIVE_UP_SECONDS * 1000
    if world.clock.now_ms >= last_ms:
        return None
    wait_seconds: int = FIRST_RETRY_SECONDS * RETRY_FACTOR ** (tries - 1)
    return min(world.clock.now_ms + wait_seconds * 1000, last_ms)


def _attempt(world: World, outcome: Outcome) -> Document:
    return {
        "at": world.now,
        "request_headers": dict(outcome.sent),
        "status": outcome.status,
        "response_headers": dict(outcome.headers),
        "response_body": outcome.body[:4096].decode("utf-8", "replace"),
        "duration_ms": outcome.duration_ms,
        "error": outcome.error,
        "failure": outcome.failure,
    }


def _change(world: World, delivery_id: str, changes: dict[str, Any]) -> None:
    world[DELIVERIES].change(delivery_id, changes)
