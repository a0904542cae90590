"""What is told of a call while it goes on: each time somebody has finished speaking."""

from typing import Final

from mockserver.lifecycles import conversations, webhooks
from mockserver.simulation import timeline, views
from mockserver.simulation.scenarios import Scenario
from mockserver.world.store import Document
from mockserver.world.world import World

_EVENTS: Final = {
    "inbound": "telephony.turn",
    "outbound": "telephony.turn",
    "mic": "web.turn",
    "widget": "web.turn",
}


def schedule(world: World, call: Document, scenario: Scenario) -> None:
    """Have each turn of a call told when it is over; nothing when nobody wants to hear of turns."""
    event_type = _EVENTS[call["direction"]]
    if not world.heard or next(webhooks.signers(world, event_type), None) is None:
        return
    call_id = call["call_id"]
    plan = timeline.plan(scenario, *conversations.parts(world, call_id))
    for timing in plan.turns:
        # Not under the call itself: whoever polls a call waits for its states, not for every sentence.
        subject = ("turns", call_id)
        world.clock.after(timing.end_ms / 1000, tell, subject, call_id=call_id, end_ms=timing.end_ms)


def tell(world: World, call_id: int, end_ms: int) -> None:
    """What was said up to this moment and not before."""
    record = world["calls"].get(call_id)
    if record is None:
        return
    call = record.document
    for row in views.transcript(conversations.of(world, call_id)):
        if row["content_type"] == "text" and row["end_ms"] == end_ms:
            said = {name: row[name] for name in ("role", "content", "start_ms", "end_ms")}
            world.emit(
                _EVENTS[call["direction"]],
                lambda said=said: {"call_id": call_id, "agent_id": call["agent_id"], **said},  # type: ignore[misc]
            )
