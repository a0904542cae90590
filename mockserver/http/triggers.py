"""`/_mock/trigger`: make an event happen, by what would cause it."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from mockserver.errors import WrongUse
from mockserver.http import deliveries
from mockserver.http.bodies import read
from mockserver.http.pacemaker import Pacemaker
from mockserver.lifecycles import triggers
from mockserver.lifecycles.causes import Begun, Wishes
from mockserver.lifecycles.triggers import Trigger
from mockserver.lifecycles.webhooks import DELIVERIES
from mockserver.spec.contract import Contract
from mockserver.world.store import Document
from mockserver.world.world import World


class TriggerBody(BaseModel):
    """`POST /_mock/trigger`: the event, and what may be said about how it comes to pass."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
    event: str
    agent_id: int | None = None
    scenario: str | None = None
    call_id: int | None = None


def told_for(contracts: Sequence[Contract]) -> Mapping[str, Sequence[str]]:
    """The types of event that contracts declare, each with our own types it is told for."""
    found: dict[str, list[str]] = {}
    for contract in contracts:
        if contract.delivery is not None:
            for event in contract.webhooks:
                found.setdefault(event.type, []).extend(event.caused_by)
    return found


def show(contracts: Sequence[Contract]) -> Any:
    """What can be triggered, what each does and takes; and what cannot, with the reason."""
    told = told_for(contracts)
    found: list[Document] = []
    for name in triggers.names(told):
        trigger = triggers.find(name, told)
        found.append({"event": name, "does": trigger.does, "takes": list(trigger.takes)})
    refused = {}
    for name in told:
        if name not in triggers.names(told):
            try:
                triggers.find(name, told)
            except WrongUse as error:
                refused[name] = str(error)
    return {"events": found, "refused": refused}


async def pull(world: World, body: bytes, contracts: Sequence[Contract], pacemaker: Pacemaker) -> Any:
    """Make an event happen, moving the world's time as far as it takes: what happened, and what was delivered.

    Raises WrongUse for an event that cannot be triggered, or did not come to pass.
    """
    wanted = read(TriggerBody, body)
    trigger = triggers.find(wanted.event, told_for(contracts))
    given = {name: value for name, value in wanted.model_dump(exclude={"event"}).items() if value is not None}
    past = {event.id for event in world.events}
    sent = {record.id: record.document["attempt_count"] for record in world[DELIVERIES]}
    begun = triggers.begin(world, wanted.event, trigger, Wishes(**given), given)
    await _come_to_pass(world, trigger, begun, past, pacemaker)
    if trigger.event is not None and not _has_happened(world, trigger.event, begun, past):
        raise WrongUse(
            f"{wanted.event} did not come to pass, although this did: {trigger.does} Another scenario may have no "
            "such moment; and what is said turn by turn is told only while somebody has subscribed to it."
        )
    fresh = [
        record.document for record in world[DELIVERIES] if sent.get(record.id) != record.document["attempt_count"]
    ]
    return {
        "event": wanted.event,
        "does": trigger.does,
        "now": world.now,
        **begun.show,
        "deliveries": [deliveries.brief(delivery) for delivery in fresh],
    }


async def _come_to_pass(
    world: World, trigger: Trigger, begun: Begun, past: set[str], pacemaker: Pacemaker
) -> None:
    """Move time until the event has happened or nothing is left that could lead to it."""
    pacemaker.follow(world)
    await pacemaker.courier.idle(world)
    while trigger.event is None or not _has_happened(world, trigger.event, begun, past):
        due = [moment for subject in begun.subjects if (moment := world.clock.next_due(subject)) is not None]
        if not due:
            break
        await pacemaker.advance(world, max(0, min(due) - world.clock.now_ms) / 1000)
        await pacemaker.courier.idle(world)
    if begun.then is not None:
        begun.then(world)
        pacemaker.follow(world)
        await pacemaker.courier.idle(world)


def _has_happened(world: World, event_type: str, begun: Begun, past: set[str]) -> bool:
    return any(
        event.type == event_type and event.id not in past and begun.is_it(event.data) for event in world.events
    )
