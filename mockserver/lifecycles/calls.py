"""The life of a call: it starts, is talked through, ends, and its recording and grade arrive.

The moments between the steps are invented, near those of the vendor's sample call (billed 0.3 s and graded
6 s after its end).
"""

import re
from dataclasses import dataclass, field
from typing import Any, Final

from mockserver.clock import iso, parse_iso
from mockserver.errors import WrongUse
from mockserver.lifecycles import (
    billing,
    consent,
    conversations,
    grades,
    payloads,
    questions,
    rates,
    recordings,
    tools,
    turns,
    variants,
)
from mockserver.simulation import timeline
from mockserver.simulation.scenarios import Scenario, chosen_by_number
from mockserver.world.store import Document, Record
from mockserver.world.world import World

CALLS: Final = "calls"

SETTLEMENT_SECONDS: Final = 0.288
"""From the last word to the completed, billed record."""

RECORDING_SECONDS: Final = 2.5
"""From the completed record to a recording that can be fetched."""

GRADING_STARTS_SECONDS: Final = 1.0
"""From the completed record to the automatic grader taking it up."""

NO_MONEY: Final = "insufficient-balance"
"""The scenario of a call that is turned away because the balance is used up."""

DEFAULT_VOICE: Final = "en-US-James1"
"""What speaks where nobody chose a voice: the one of the vendor's sample call."""

TELEPHONE: Final = frozenset({"inbound", "outbound"})
"""Directions that run over a telephone number; the others run in a browser."""


@dataclass(frozen=True, slots=True)
class Placement:
    """A call about to start.

    `agent` is an agent or a call configuration (prompt, voice, …). `scenario` is a name, a scenario written out,
    or None to have one chosen by the other side's number, else by chance. `max_hold_seconds` is kept with the
    call, and so are the `variables` of its prompt. `call_id` is given when the call had to be named before it
    could start.
    """

    direction: str
    from_number: str
    to_number: str
    agent: Document | None
    scenario: str | dict[str, Any] | None = None
    is_test_call: bool = False
    max_hold_seconds: int | None = None
    variables: Document = field(default_factory=dict)
    locale: str | None = None
    call_id: int | None = None


def start(world: World, placement: Placement) -> Record:
    """A new call in progress, all of whose life is scheduled.

    An inbound call to an organization without money fails at once. Raises WrongUse for an unknown scenario.
    """
    number = world.next_number(CALLS) if placement.call_id is None else placement.call_id
    refused = placement.direction == "inbound" and billing.balance(world) <= 0
    wanted = NO_MONEY if refused else _wanted_scenario(world, placement)
    scenario = conversations.choose(world, wanted, placement.direction, number)
    whole = timeline.outline(scenario, *conversations.parts(world, number))
    agent, split = variants.chosen(world, {} if placement.agent is None else placement.agent, number)
    record = world.create(
        CALLS,
        {
            "call_id": number,
            "agent_id": agent.get("id"),
            "direction": placement.direction,
            "from_number": placement.from_number,
            "to_number": placement.to_number,
            "start_time": world.now,
            "end_time": None,
            "duration_seconds": None,
            "status": "in_progress",
            "end_reason": None,
            "recording_url": None,
            "is_test_call": placement.is_test_call,
            "product": agent.get("product", "spark"),
            "voice": agent.get("voice", DEFAULT_VOICE),
            "billable_minutes": None,
            "billing_total_cents": None,
            "billed_at": None,
            "grade_score": None,
            "grade_status": None,
            "grade_updated_at": None,
            "issue_count": 0,
            "critical_issue_count": 0,
            # Kept with the call, and shown by some contracts only:
            "prompt": agent.get("prompt", ""),
            "agent_name": agent.get("name", "the assistant"),
            "max_hold_seconds": placement.max_hold_seconds,
            **_details(placement, agent),
            **split,
            **consent.evidence(world, agent),
            "mock_scenario": wanted if isinstance(wanted, dict) else scenario.name,
        },
    )
    if refused:
        finish(world, number)
        return record
    world.emit("call.started", lambda: record.document)
    tools.schedule(world, number, scenario)
    turns.schedule(world, record.document, scenario)
    if placement.direction == "inbound":
        incoming = {"call_id": number, "from_number": placement.from_number, "to_number": placement.to_number}
        questions.ask(world, "telephony.incoming", incoming, lambda answer: _configure(world, number, answer))
    seconds = whole.ends_ms / 1000 + SETTLEMENT_SECONDS
    world.clock.after(seconds, finish, (CALLS, number), call_id=number)
    return record


def _details(placement: Placement, agent: Document) -> Document:
    """What only later contracts show of a call that begins; their schemas' defaults say the rest."""
    found: Document = {}
    if placement.variables:
        found["variables"] = placement.variables
    unresolved = sorted(
        set(re.findall(r"\{\{\s*(\w+)\s*\}\}", agent.get("prompt", ""))) - placement.variables.keys()
    )
    if unresolved:
        found["unresolved_variables"] = unresolved
    locale = agent.get("primary_language") if placement.locale is None else placement.locale
    if locale:
        found["locale"] = locale
    for name in ("thinking_level", "stack"):
        if name in agent:
            found[name] = agent[name]
    if placement.direction == "outbound":
        found["outbound_dial_state"] = "submitted"
    return found


def _configure(world: World, call_id: int, answer: Document | None) -> None:
    """Run the call as a webhook's answer says; without one it runs as its agent is configured."""
    if answer is not None:
        world.change(
            CALLS,
            call_id,
            {
                "prompt": answer["prompt"],
                "voice": answer.get("voice", DEFAULT_VOICE),
                "product": answer.get("product", "spark"),
                "tools": answer.get("tools", []),
            },
        )


def ends_ms(world: World, call_id: int) -> int:
    """The moment at which a call will be, or was, over if nothing cuts it short, in milliseconds since 1970."""
    call = _document(world, call_id)
    whole = timeline.outline(conversations.scenario_of(world, call), *conversations.parts(world, call_id))
    return parse_iso(call["start_time"]) + round(whole.ends_ms + SETTLEMENT_SECONDS * 1000)


def finish(world: World, call_id: int) -> None:
    """The call is over: the record gets its end, its length and its bill."""
    call = _document(world, call_id)
    scenario = conversations.scenario_of(world, call)
    whole = timeline.outline(scenario, *conversations.parts(world, call_id))
    ended = parse_iso(call["start_time"]) + whole.ends_ms
    connected = whole.status == "completed"
    seconds = whole.duration_ms // 1000
    minutes = -(-seconds // 60) if connected else None
    cents = (
        None if minutes is None else minutes * rates.cents_per_minute(world, call["product"], call["is_test_call"])
    )
    world.change(
        CALLS,
        call_id,
        {
            "status": whole.status,
            "end_time": iso(ended),
            "end_reason": whole.end_reason,
            "duration_seconds": seconds,
            "billable_minutes": minutes,
            "billing_total_cents": cents,
            "billed_at": world.now if connected else None,
            **_ending(world, call, whole, scenario),
        },
    )
    billing.debit_call(world, _document(world, call_id))
    if connected:
        world.clock.after(RECORDING_SECONDS, file_recording, (CALLS, call_id), call_id=call_id)
        if scenario.grade != "none":
            world.clock.after(GRADING_STARTS_SECONDS, grade_automatically, (CALLS, call_id), call_id=call_id)
    family = "telephony" if call["direction"] in TELEPHONE else "web"
    world.emit(
        f"{family}.complete",
        lambda: payloads.complete(_document(world, call_id), conversations.of(world, call_id)),
    )
    if scenario.ends.transfer is not None:
        world.emit("call.transfer_completed", lambda: _document(world, call_id))


def _ending(world: World, call: Document, whole: timeline.Outline, scenario: Scenario) -> Document:
    """What only later contracts show of a call that is over."""
    found: Document = {}
    answered = None if whole.answered_ms is None else iso(parse_iso(call["start_time"]) + whole.answered_ms)
    if answered is not None:
        found["recording_started_at"] = answered
    if call["direction"] in TELEPHONE:
        found["sip_answered_at"] = answered
    if call["direction"] == "outbound":
        found["outbound_dial_state"] = "failed" if answered is None else "answered"
    if scenario.ends.transfer is not None:
        found["transfer_destination"] = conversations.of(world, call["call_id"])["transfer_number"]
        found["transfer_outcome"] = "refer_accepted"
        found["transfer_sip_status"] = 202
    return found


def file_recording(world: World, call_id: int) -> None:
    """The recording has reached the storage service; `/audio` answers from now on."""
    world.change(CALLS, call_id, {"recording_url": recordings.internal_path(world, call_id)})


def grade_automatically(world: World, call_id: int) -> None:
    """The grader takes the call up by itself, as it does with every connected call."""
    grades.begin(world, call_id, seconds=grades.AUTOMATIC_SECONDS)


def _wanted_scenario(world: World, placement: Placement) -> str | dict[str, Any] | None:
    """The scenario asked for, or the one that the other side's number chooses, if any."""
    if placement.scenario is not None or placement.direction not in TELEPHONE:
        return placement.scenario
    other = placement.from_number if placement.direction == "inbound" else placement.to_number
    chosen = chosen_by_number(world.rules.scenarios, placement.direction, other)
    return None if chosen is None else chosen.name


def _document(world: World, call_id: int) -> Document:
    record = world[CALLS].get(call_id)
    if record is None:
        raise WrongUse(f"There is no call {call_id} in this organization.")
    return record.document


def browser_placement(
    direction: str, agent: Document | None, visitor: int, scenario: str | dict[str, Any] | None
) -> Placement:
    """A mic or widget session. Its caller is no telephone number but an identifier of ours (invented)."""
    return Placement(
        direction=direction,
        from_number=f"{direction}-visitor-{visitor}",
        to_number="web",
        agent=agent,
        scenario=scenario,
    )
