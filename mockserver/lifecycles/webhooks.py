"""The life of a webhook delivery: one event to one subscriber, tried until it is accepted or given up.

Who is sent what, under which name, with which headers and how often is what each served contract says of its own
channel (`mockserver.spec.delivery`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import orjson

from mockserver import chance
from mockserver.clock import iso
from mockserver.errors import WrongUse
from mockserver.spec.delivery import Header
from mockserver.world.channels import Channel
from mockserver.world.events import Event
from mockserver.world.outbox import Outcome, Outgoing
from mockserver.world.store import Document, Record
from mockserver.world.world import World

ENDPOINTS: Final = "developer/webhook-endpoints"
DELIVERIES: Final = "developer/webhook-deliveries"
LEGACY: Final = "webhook"
LEGACY_ID: Final = "the"

KEPT_DELIVERIES: Final = 10_000

TEST_EVENT: Final = "webhook.test"
"""What an endpoint is sent to try it out, unless another type is wanted."""

TEST_RETRY_SECONDS: Final = 60
"""How long after a test that failed it is sent once more."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a telling goes. `endpoint_id` is None for a URL that is no subscriber's document."""

    channel: str
    endpoint_id: str | int | None
    label: str
    url: str
    secret: str
    event_type: str
    body: bytes


def subscribe(
    world: World, url: str, events: Iterable[str] = (), *, channel: str | None = None, label: str = "mockserver"
) -> Record:
    """A new subscriber to events, past the API: its document, the secret included.

    No `events` are all. `channel` is the contract whose subscriber it is; None is the first that has any. Raises
    WrongUse when none has.
    """
    names = list(world.rules.channels)
    if not names or channel not in (None, *names):
        raise WrongUse(
            f"There is nothing to subscribe to: events are delivered by {', '.join(names) or 'nobody'}."
        )
    delivery = world.rules.channels[names[0] if channel is None else channel].delivery
    rules = delivery.subscriptions
    secret = new_secret(world)
    usual = {
        rules.agent: None,
        rules.most_retries: len(delivery.retries.after),
        rules.timeout_ms: round(delivery.timeout_seconds * 1000),
        rules.touched: None,
    }
    return world.create(
        rules.collection,
        {
            "label": label,
            "url": url,
            rules.events: list(events),
            "secret": secret,
            "secret_hint": secret_hint(secret),
            **rules.active,
            **{field: value for field, value in usual.items() if field is not None},
        },
    )


def unsubscribe(world: World, identity: str) -> bool:
    """Take a subscriber away; whether there was one."""
    for channel in world.rules.channels.values():
        for record in world[channel.delivery.subscriptions.collection]:
            if str(record.id) == identity:
                world.remove(record.collection, record.id)
                return True
    return False


def new_secret(world: World) -> str:
    """A new secret to sign with."""
    number = world.count("webhook secrets")
    return "whsec_" + chance.digest("webhook secret", world.seed, world.organization, number).hex()[:32]


def secret_hint(secret: str) -> str:
    """What of a secret may be shown: its end."""
    return f"whsec_…{secret[-6:]}"


def encode(envelope: Mapping[str, Any]) -> bytes:
    """A payload as it goes over the wire: sorted keys, no spaces."""
    return orjson.dumps(dict(envelope), option=orjson.OPT_SORT_KEYS)


def deliver(world: World, event: Event) -> None:
    """Queue one delivery of `event` to each active subscriber of a served contract, and to its single URL."""
    for target in targets(world, event):
        delivery = keep(world, event, target)
        if world.reorders and world.count("reordered deliveries") % 2:
            # On purpose: every other delivery waits, so that later ones overtake it.
            world.clock.after(5, send, (DELIVERIES, delivery.id), delivery_id=delivery.id)
        else:
            send(world, str(delivery.id))


def targets(world: World, event: Event) -> list[Target]:
    """Where an event goes, as each contract tells it."""
    found = []
    for told in event.told:
        for place in _places(world, told.channel, told.type, event.agent_id):
            body = encode({**told.envelope, "type": place.event_type} if place.renamed else told.envelope)
            found.append(Target(told.channel, *place[:5], body))
    return found


def signers(world: World, event_type: str) -> Iterator[tuple[str, Sequence[Header]]]:
    """(secret, headers) of whoever is sent events of a type, in the order they subscribed."""
    for channel in world.rules.channels.values():
        for place in _places(world, channel.name, event_type, None):
            yield place.secret, channel.delivery.headers


class _Place(NamedTuple):
    endpoint_id: str | int | None
    label: str
    url: str
    secret: str
    event_type: str
    renamed: bool


def _places(world: World, channel: str, event_type: str, agent_id: int | None) -> Iterator[_Place]:
    """Who is sent an event that a contract tells under `event_type`."""
    delivery = world.rules.channels[channel].delivery
    rules = delivery.subscriptions
    for record in world[rules.collection]:
        endpoint = record.document
        wanted = endpoint[rules.events]
        only = None if rules.agent is None else endpoint.get(rules.agent)
        if _looks(endpoint, rules.active) and (not wanted or event_type in wanted) and only in (None, agent_id):
            label = str(endpoint.get("label", endpoint["url"]))
            yield _Place(record.id, label, endpoint["url"], endpoint["secret"], event_type, False)
    if delivery.single is not None:
        for record in world[delivery.single.collection]:
            row = record.document
            name = delivery.single.names.get(event_type, event_type)
            yield _Place(None, "legacy", row["url"], row["secret"], name, name != event_type)


def _looks(document: Document, fields: Mapping[str, Any]) -> bool:
    return bool(fields) and all(document.get(name) == value for name, value in fields.items())


def send(world: World, delivery_id: str) -> None:
    """Try a delivery, unless its endpoint has been removed or disabled meanwhile."""
    record = world[DELIVERIES].get(delivery_id)
    if record is None:
        return
    delivery = record.document
    if delivery["endpoint_id"] is not None:
        rules = world.rules.channels[delivery["channel"]].delivery.subscriptions
        endpoint = world[rules.collection].get(delivery["endpoint_id"])
        states = (rules.active, rules.failing)
        if endpoint is None or not any(_looks(endpoint.document, state) for state in states):
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
    changes: Document = {"attempts": attempts, "signed_at": timestamp, **_latest(attempts)}
    if outcome.accepted or delivery["status"] == "delivered":
        _change(world, delivery_id, {**changes, "status": "delivered", "next_retry_at": None})
        return
    due_ms = _next_try(world, delivery, len(attempts))
    if outcome.failure == "refused" or due_ms is None:
        _change(world, delivery_id, {**changes, "status": "failed", "next_retry_at": None})
        rules = world.rules.channels[delivery["channel"]].delivery.subscriptions
        judged = due_ms is None and rules.failing and not delivery["is_test"]
        if judged and delivery["endpoint_id"] in world[rules.collection]:
            world.change(rules.collection, delivery["endpoint_id"], dict(rules.failing))
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
        attempts = [_attempt(world, outcome)]
        changes: Document = {
            "status": "delivered" if accepted else "failed",
            "attempts": attempts,
            "signed_at": timestamp,
            **_latest(attempts),
            "verdict": verdict,
        }
        _change(world, delivery_id, changes)


async def test(world: World, endpoint: Document, event_type: str) -> tuple[str, Document]:
    """The id of a made-up event, sent to one endpoint like a real one, and its delivery after the first try.

    It is tried twice at most, and the endpoint's status stays as it is. It carries what the last real event of its
    type did, or something made up.
    """
    (channel,) = (
        each for each in world.rules.channels.values() if each.delivery.subscriptions.collection == ENDPOINTS
    )
    event = Event(
        id=chance.uuid_of(world.seed, world.organization, "test event", world.count("test events")),
        type=event_type,
        at=world.now,
        data={},
        told=(),
    )
    envelope = {"type": event_type, "event_id": event.id, "data": _test_data(world, channel, endpoint, event_type)}
    label, url, secret = endpoint["label"], endpoint["url"], endpoint["secret"]
    target = Target(channel.name, endpoint["id"], label, url, secret, event_type, encode(envelope))
    delivery = keep(world, event, target, is_test=True)
    await world.outbox.exchange(_outgoing(world, delivery.document))
    kept = world[DELIVERIES].get(delivery.id)
    return event.id, delivery.document if kept is None else kept.document


def _test_data(world: World, channel: Channel, endpoint: Document, event_type: str) -> Any:
    if event_type == TEST_EVENT:
        return {"endpoint_id": endpoint["id"], "message": "This is a test event."}
    for event in reversed(list(world.events)):
        for told in event.told:
            if (told.channel, told.type) == (channel.name, event_type):
                return told.envelope["data"]
    return channel.sample(event_type)["data"]


def keep(world: World, event: Event, target: Target, *, is_test: bool = False) -> Record:
    """A new pending delivery of an event to one of `targets`; the oldest is forgotten when there are too many."""
    delivery = world[DELIVERIES].add(
        {
            "id": world.next_uuid(DELIVERIES),
            "event_id": event.id,
            "channel": target.channel,
            "event_type": target.event_type,
            "endpoint_id": target.endpoint_id,
            "endpoint_label": target.label,
            "source": "legacy" if target.endpoint_id is None else "endpoint",
            "call_id": event.data.get("call_id"),
            "agent_id": event.agent_id,
            "url": target.url,
            "secret": target.secret,
            "body": target.body.decode("utf-8"),
            "is_test": is_test,
            "status": "pending",
            "attempts": [],
            **_latest([]),
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
    world.outbox.put(_outgoing(world, delivery))


def _outgoing(world: World, delivery: Document) -> Outgoing:
    def then(outcome: Outcome, timestamp: int) -> None:
        attempted(world, delivery["id"], outcome, timestamp)

    rules = world.rules.channels[delivery["channel"]].delivery
    subscriptions = rules.subscriptions
    record = (
        None if delivery["endpoint_id"] is None else world[subscriptions.collection].get(delivery["endpoint_id"])
    )
    endpoint: Document = {} if record is None else record.document
    timeout_seconds = rules.timeout_seconds
    # A subscriber past the API has set neither a time nor a number of retries: the contract's hold.
    if subscriptions.timeout_ms is not None and subscriptions.timeout_ms in endpoint:
        timeout_seconds = endpoint[subscriptions.timeout_ms] / 1000
    if endpoint and subscriptions.touched is not None:
        world[subscriptions.collection].change(delivery["endpoint_id"], {subscriptions.touched: world.now})
    return Outgoing(
        lane=f"webhook {delivery['endpoint_id']}",
        method="POST",
        url=delivery["url"],
        body=delivery["body"].encode("utf-8"),
        secret=delivery["secret"],
        rules=rules.headers,
        facts={"event": delivery["event_type"], "delivery": delivery["id"]},
        then=then,
        timeout_seconds=timeout_seconds,
        after=delivery["signed_at"],
    )


def _next_try(world: World, delivery: Document, tries: int) -> int | None:
    """When to try again, in milliseconds; None when it was tried often enough."""
    if delivery["is_test"]:
        return world.clock.now_ms + TEST_RETRY_SECONDS * 1000 if tries < 2 else None
    rules = world.rules.channels[delivery["channel"]].delivery
    endpoint = world[rules.subscriptions.collection].get(delivery["endpoint_id"])
    field = rules.subscriptions.most_retries
    return rules.retries.due_ms(
        tries=tries,
        first_ms=delivery["first_tried_ms"],
        now_ms=world.clock.now_ms,
        most=None if field is None or endpoint is None else endpoint.document.get(field),
    )


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


def _latest(attempts: list[Document]) -> Document:
    """What a delivery says of its tries without going through them."""
    last = attempts[-1] if attempts else {"at": None, "status": None, "failure": None}
    category = last["failure"] if last["failure"] in (None, "connection", "timeout") else "other"
    if last["status"] is not None and not 200 <= last["status"] < 300:
        category = "http_error"
    return {
        "attempt_count": len(attempts),
        "last_attempt_at": last["at"],
        "http_status": last["status"],
        "failure_category": category,
    }


def _change(world: World, delivery_id: str, changes: dict[str, Any]) -> None:
    world[DELIVERIES].change(delivery_id, changes)
