"""Events that ask: the receiver's answer configures what is about to begin, within two seconds of real time."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import orjson

from mockserver.lifecycles import webhooks
from mockserver.lifecycles.webhooks import Target
from mockserver.world.events import Event
from mockserver.world.outbox import Outcome, Outgoing
from mockserver.world.store import Document
from mockserver.world.world import World

ANSWER_SECONDS: Final = 2.0

FELL_BACK: Final = "fell back to the assigned agent"


class Place(NamedTuple):
    """A URL that is asked because of where a call comes from, not because it has subscribed."""

    label: str
    url: str
    secret: str


Then = Callable[[Document | None], None]


async def answer_to(
    world: World, event_type: str, payload: Mapping[str, Any], place: Place | None = None
) -> Document | None:
    """The usable answer to a question, None when there is none; for behaviours that must wait for it."""
    answered: asyncio.Future[Document | None] = asyncio.get_running_loop().create_future()
    ask(world, event_type, payload, answered.set_result, place)
    return await answered


def ask(
    world: World,
    event_type: str,
    payload: Mapping[str, Any],
    then: Then,
    place: Place | None = None,
) -> None:
    """Ask every subscriber how to go on; `then(answer)` runs once, with None when nobody gave a usable answer.

    A `place` is asked instead of the subscribers, where one is given.

    Subscribers are asked at the same time; of several usable answers the oldest subscription's counts. What each
    said, and why it was not used, is in the journal and with the delivery.
    """
    event = world.log(event_type, lambda: dict(payload))
    targets = [] if event is None else _asked(world, event, place)
    if event is None or not targets:
        then(None)
        return
    answers: list[tuple[bool, Document | None]] = [(False, None)] * len(targets)
    done = False

    def receive(nth: int, delivery_id: str, url: str, outcome: Outcome, timestamp: int) -> None:
        nonlocal done
        answer, verdict = _judged(world, event_type, outcome)
        webhooks.answered(world, delivery_id, outcome, timestamp, accepted=answer is not None, verdict=verdict)
        _note(world, event_type, url, outcome, verdict)
        answers[nth] = (True, answer)
        for arrived, each in answers:
            if not arrived or done:
                return
            if each is not None:
                done = True
                then(each)
                return
        then(None)

    for nth, target in enumerate(targets):
        delivery = webhooks.keep(world, event, target)

        def then_one(
            outcome: Outcome,
            timestamp: int,
            nth: int = nth,
            delivery_id: str = str(delivery.id),
            url: str = target.url,
        ) -> None:
            receive(nth, delivery_id, url, outcome, timestamp)

        world.outbox.put(
            Outgoing(
                lane=f"question {delivery.id}",
                method="POST",
                url=target.url,
                body=target.body,
                secret=target.secret,
                rules=world.rules.channels[target.channel].delivery.headers,
                facts={"event": target.event_type, "delivery": str(delivery.id)},
                then=then_one,
                timeout_seconds=ANSWER_SECONDS,
            )
        )


def _asked(world: World, event: Event, place: Place | None) -> list[Target]:
    """Where a question goes: to its own place, or else to its subscribers."""
    if place is None:
        return webhooks.targets(world, event)
    return [
        Target(told.channel, None, *place, told.type, webhooks.encode(told.envelope)) for told in event.told[:1]
    ]


def _judged(world: World, event_type: str, outcome: Outcome) -> tuple[Document | None, str]:
    """The answer if it can be used, and what was thought of it."""
    if outcome.error is not None:
        return None, f"{FELL_BACK}: {outcome.error}"
    if not outcome.accepted:
        return None, f"{FELL_BACK}: the receiver answered {outcome.status}"
    try:
        answer = orjson.loads(outcome.body) if outcome.body.strip() else None
    except orjson.JSONDecodeError as error:
        return None, f"{FELL_BACK}: the answer is not JSON ({error})"
    if answer is None or answer == {}:
        return None, f"{FELL_BACK}: the answer is empty"
    if isinstance(answer, dict) and "voice_name" in answer and "voice" not in answer:
        answer["voice"] = answer.pop("voice_name")  # the vendor's alias
    problem = world.rules.check_answer(event_type, answer)
    if problem is not None:
        return None, f"{FELL_BACK}: {problem}"
    return answer, "the answer configures the call"


def _note(world: World, event_type: str, url: str, outcome: Outcome, verdict: str) -> None:
    world.journal.record(
        world.clock.now_ms,
        "POST",
        url,
        "",
        event_type,
        b"",
        0 if outcome.status is None else outcome.status,
        "webhook",
        outcome.body,
        outcome.headers.get("content-type", ""),
        (verdict,),
    )
