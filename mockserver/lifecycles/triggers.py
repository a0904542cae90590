"""Making an event happen by what would cause it: a call is placed, a number fails, the balance runs out.

A trigger begins something (`causes`); whoever holds the clock then moves it until the event has happened. The
names are those of the served contracts' events, and a few of our own for what happens without an event.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from mockserver.errors import WrongUse, nearest
from mockserver.lifecycles import causes, numbers
from mockserver.lifecycles.causes import Begun, Cause, Wishes
from mockserver.world.world import World


@dataclass(frozen=True, slots=True)
class Trigger:
    """A way to make something happen. `event` is our own type of event it ends with, None for none.

    `does` says what happens, for people; `takes` are the wishes that mean something to it.
    """

    event: str | None
    does: str
    begin: Cause
    takes: tuple[str, ...] = ()


CALL: Final = ("agent_id", "scenario")

TRIGGERS: Final[Mapping[str, Trigger]] = MappingProxyType(
    {
        "telephony.incoming": Trigger(
            "telephony.incoming", "A caller dials in, and whoever subscribed is asked.", causes.inbound(), CALL
        ),
        "telephony.complete": Trigger(
            "telephony.complete",
            "A caller dials in, and the call runs to its end.",
            causes.inbound(scenario="support-question"),
            CALL,
        ),
        "telephony.tool": Trigger(
            "telephony.tool",
            "A caller dials in, and the agent uses a tool.",
            causes.inbound(scenario="refund-with-tool"),
            CALL,
        ),
        "telephony.turn": Trigger(
            "telephony.turn",
            "A caller dials in, and the first sentence is said.",
            causes.inbound(scenario="support-question"),
            CALL,
        ),
        "web.incoming": Trigger(
            "web.incoming", "A visitor opens the widget, and is asked about.", causes.visitor_asks, ("agent_id",)
        ),
        "web.complete": Trigger(
            "web.complete",
            "A visitor talks through the widget, and the session ends.",
            causes.widget(scenario="browser-session"),
            CALL,
        ),
        "web.tool": Trigger(
            "web.tool",
            "A visitor talks through the widget, and the agent uses a tool.",
            causes.widget(scenario="browser-session"),
            CALL,
        ),
        "web.turn": Trigger(
            "web.turn",
            "A visitor talks through the widget, and the first sentence is said.",
            causes.widget(scenario="browser-session"),
            CALL,
        ),
        "call.graded": Trigger(
            "call.graded",
            "A caller dials in and the call is graded, or a call is graded anew.",
            causes.grade,
            (*CALL, "call_id"),
        ),
        "call.data_extracted": Trigger(
            "call.data_extracted",
            "A call ends whose agent wants data extracted, and it is.",
            causes.extract,
            (*CALL, "call_id"),
        ),
        "call.transfer_completed": Trigger(
            "call.transfer_completed",
            "A caller dials in and is handed over to a person.",
            causes.inbound(scenario="transfer"),
            ("agent_id",),
        ),
        "issue.reported": Trigger(
            "issue.reported", "Somebody reports an issue with a call.", causes.report, ("agent_id", "call_id")
        ),
        "test-call.completed": Trigger(
            "test-call.completed", "A bot calls an agent, and the run is over.", causes.test_call, CALL
        ),
        "alert.triggered": Trigger(
            "alert.triggered",
            "A call uses up the balance, and an alert is sent.",
            causes.empty_balance,
            ("agent_id",),
        ),
        "balance.empty": Trigger(
            "alert.triggered",
            "A call uses up the balance, and an alert is sent.",
            causes.empty_balance,
            ("agent_id",),
        ),
        "balance.low": Trigger(
            "alert.triggered",
            "A call leaves little of the balance, and an alert is sent.",
            causes.low_balance,
            ("agent_id",),
        ),
        "issue.escalated": Trigger(
            "issue.escalated",
            "Somebody reports an issue with a call and escalates it.",
            causes.escalation,
            ("agent_id", "call_id"),
        ),
        "sms.sent": Trigger("sms.sent", "A text is sent, and the carrier takes it.", causes.text_sent),
        "sms.failed": Trigger("sms.failed", "A text is sent, and the carrier refuses it.", causes.text_refused),
        "sms.received": Trigger("sms.received", "Somebody texts a number.", causes.text_received),
        "campaign.completed": Trigger(
            "campaign.completed", "A campaign calls one person, and is over.", causes.campaign, ("agent_id",)
        ),
        "outreach.completed": Trigger(
            "outreach.completed",
            "A campaign writes to one person, and is over.",
            causes.outreach_campaign,
            ("agent_id",),
        ),
        "campaign.step.completed": Trigger(
            "campaign.step.completed",
            "A campaign writes to one person.",
            causes.outreach_campaign,
            ("agent_id",),
        ),
        "call.started": Trigger("call.started", "A caller dials in.", causes.inbound(), CALL),
        "chat.message.completed": Trigger(
            "chat.message.completed",
            "Somebody writes to an agent, which answers.",
            causes.chat_message,
            ("agent_id",),
        ),
        "chat.session.ended": Trigger(
            "chat.session.ended",
            "Somebody writes to an agent, and the session is archived.",
            causes.chat_over,
            ("agent_id",),
        ),
        "agent.created": Trigger("agent.created", "An agent is created.", causes.agent_created),
        "agent.updated": Trigger(
            "agent.updated", "An agent's prompt is changed.", causes.agent_updated, ("agent_id",)
        ),
        "agent.deleted": Trigger("agent.deleted", "An agent is created and deleted again.", causes.agent_deleted),
        "number.active": Trigger(
            None, "A new demo number is provisioned and becomes active.", causes.number(None)
        ),
        "number.failed": Trigger(
            None, "A new demo number is provisioned and fails.", causes.number(numbers.DEAD_AREA)
        ),
        "webhook.retry": Trigger(None, "The newest delivery is sent once more.", causes.retry),
    }
)

REFUSED: Final[Mapping[str, str]] = MappingProxyType(
    {"webhook.test": "it tries out one endpoint, and no operation of the contract that declares it sends it"}
)
"""Events that a contract declares and nothing here causes, and why not."""


def find(name: str, told_for: Mapping[str, Collection[str]]) -> Trigger:
    """The trigger for an event, by its name in a served contract or our own.

    `told_for` has the served contracts' types of event, each with our own types it is told for. Raises WrongUse
    for a name there is none of, with the nearest, and for an event that nothing causes, with the reason.
    """
    known = names(told_for)
    if name in known:
        return TRIGGERS[next((each for each in told_for.get(name, ()) if each in TRIGGERS), name)]
    for own in (name, *told_for.get(name, ())):
        if own in REFUSED:
            raise WrongUse(f"{name} cannot be triggered: {REFUSED[own]}.")
    hint = nearest(name, known)
    raise WrongUse(f"There is no event {name!r} to trigger.{hint} Known: {', '.join(known)}.")


def names(told_for: Mapping[str, Collection[str]]) -> list[str]:
    """What can be triggered: the served contracts' events that something causes, and then our own names."""
    heard = {own for causes in told_for.values() for own in causes}
    declared = [name for name, causes in told_for.items() if any(each in TRIGGERS for each in causes)]
    own = [
        name
        for name, trigger in TRIGGERS.items()
        if name not in heard
        and (trigger.event in heard if trigger.event else bool(heard))
        and name != trigger.event
    ]
    return list(dict.fromkeys([*declared, *own]))


def begin(world: World, name: str, trigger: Trigger, wishes: Wishes, given: Iterable[str]) -> Begun:
    """Set a trigger off. `given` are the wishes that were made; WrongUse for one that means nothing to it."""
    for wish in given:
        if wish not in trigger.takes:
            takes = ", ".join(trigger.takes) or "nothing"
            raise WrongUse(f"{wish}: this means nothing to {name}, which takes {takes}.")
    return trigger.begin(world, wishes)
