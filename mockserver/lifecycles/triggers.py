"""Making an event happen by what would cause it: a call is placed, a number fails, the balance runs out.

A trigger begins something; whoever holds the clock then moves it until the event has happened. The names are those
of the served contracts' events, and a few of our own for what happens without an event.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from mockserver.clock import Subject
from mockserver.errors import WrongUse, nearest
from mockserver.lifecycles import (
    billing,
    calls,
    extractions,
    grades,
    lines,
    numbers,
    questions,
    reports,
    sessions,
    test_calls,
    texts,
    webhooks,
)
from mockserver.world.store import Document, Id
from mockserver.world.world import World

LAST_CENTS: Final = 1
"""What is left on the account when the call begins that uses it up: less than any minute costs."""

WANTED_FIELDS: Final = ("order_id", "reason")
"""What an agent looks for in a call when data is to be extracted and no agent wants any (invented)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a trigger may be told; what is left out is chosen.

    * agent_id: whose call it is. * scenario: what is said in it. * call_id: a call that exists already.
    """

    agent_id: int | None = None
    scenario: str | None = None
    call_id: int | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """What has begun: `subjects` whose timers lead to the event, and what to `show` of it.

    `then` is done once nothing of the subjects waits any more, if the event needs a last push. An event is the
    wanted one when `proves(its data)`: others of its type may happen on the way.
    """

    subjects: tuple[Subject, ...] = ()
    show: Mapping[str, Any] = field(default_factory=dict)
    then: Callable[[World], None] | None = None
    proves: Callable[[Document], bool] | None = None

    def is_it(self, data: Document) -> bool:
        """Whether an event that carries `data` is the one that was begun."""
        if self.proves is not None:
            return self.proves(data)
        return "call_id" not in data or data["call_id"] == self.show.get("call_id")


@dataclass(frozen=True, slots=True)
class Trigger:
    """A way to make something happen. `event` is our own type of event it ends with, None for none.

    `does` says what happens, for people; `takes` are the wishes that mean something to it.
    """

    event: str | None
    does: str
    begin: Callable[[World, Wishes], Begun]
    takes: tuple[str, ...] = ()


# -- calls ------------------------------------------------------------------------------------------------


def _inbound(*, scenario: str | None = None) -> Callable[[World, Wishes], Begun]:
    def begin(world: World, wishes: Wishes) -> Begun:
        return _call(world, _inbound_placement(world, wishes, scenario))

    return begin


def _widget(*, scenario: str | None = None) -> Callable[[World, Wishes], Begun]:
    def begin(world: World, wishes: Wishes) -> Begun:
        agent = _agent(world, wishes.agent_id)
        wanted = scenario if wishes.scenario is None else wishes.scenario
        return _call(world, calls.browser_placement("widget", agent, world.count("visitors"), wanted))

    return begin


def _call(world: World, placement: calls.Placement) -> Begun:
    call_id = calls.start(world, placement).id
    return Begun(((calls.CALLS, call_id), ("turns", call_id)), {"call_id": call_id})


def _text(world: World, wishes: Wishes) -> Begun:
    number = lines.provide(world, wishes.agent_id).document["number"]
    message = texts.receive(world, from_number=_somebody(world), to=number, body="Is my order on its way?")
    return Begun((), {"message_id": message.id})


def _inbound_placement(world: World, wishes: Wishes, scenario: str | None) -> calls.Placement:
    billing.require_balance(world)
    number = lines.provide(world, wishes.agent_id).document
    answering = number["inbound_agent_id"] if wishes.agent_id is None else wishes.agent_id
    return calls.Placement(
        direction="inbound",
        from_number=_somebody(world),
        to_number=number["number"],
        agent=_agent(world, answering),
        scenario=scenario if wishes.scenario is None else wishes.scenario,
    )


def _grade(world: World, wishes: Wishes) -> Begun:
    """A call that has ended is graded anew; without one, a caller dials in and is graded afterwards."""
    if wishes.call_id is None:
        return _inbound(scenario="support-question")(world, wishes)
    call = _ended(world, wishes.call_id)
    grades.regrade(world, call["call_id"])
    return Begun(((calls.CALLS, call["call_id"]),), {"call_id": call["call_id"]})


def _extract(world: World, wishes: Wishes) -> Begun:
    """A call of an agent that wants something extracted, and the extraction when it is over."""
    if wishes.call_id is not None:
        call = _ended(world, wishes.call_id)
        extractions.extract(world, call)
        return Begun((), {"call_id": call["call_id"]})
    wanting = [record.document["id"] for record in world[lines.AGENTS] if record.document.get("extraction_fields")]
    agent_id = wishes.agent_id
    if agent_id is None:
        fresh = {**lines.AGENT, "name": "Acme Orders", "extraction_fields": list(WANTED_FIELDS)}
        agent_id = wanting[0] if wanting else world.create(lines.AGENTS, fresh).document["id"]
    begun = _inbound(scenario="refund-with-tool")(world, Wishes(agent_id=agent_id, scenario=wishes.scenario))

    def then(world: World) -> None:
        extractions.extract(world, _ended(world, begun.show["call_id"]))

    return Begun(begun.subjects, begun.show, then)


def _report(world: World, wishes: Wishes) -> Begun:
    """Somebody files an issue report on a call: the one named, or the newest that has ended."""

    def file(world: World, call_id: int) -> Document:
        report = reports.file(
            world,
            call_id,
            source="user",
            title="The agent talked over the caller",
            description="Filed by a trigger.",
            severity="warning",
        )
        return {"call_id": call_id, "report_id": report.id}

    if wishes.call_id is not None:
        return Begun((), file(world, _ended(world, wishes.call_id)["call_id"]))
    newest = world[calls.CALLS].page(where={"status": "completed"}, limit=1).records
    if newest:
        return Begun((), file(world, int(newest[0].id)))
    begun = _inbound(scenario="support-question")(world, Wishes(agent_id=wishes.agent_id))

    def then(world: World) -> None:
        file(world, begun.show["call_id"])

    return Begun(begun.subjects, begun.show, then)


def _visitor_asks(world: World, wishes: Wishes) -> Begun:
    """A visitor opens the widget with a key that asks how: its own URL, or whoever subscribed to the question."""
    agent = _agent(world, wishes.agent_id)
    billing.require_balance(world)
    call_id = world.next_number(calls.CALLS)
    asking = [record.document for record in world[sessions.KEYS] if record.document.get("mode") == "webhook"]
    place = None
    if asking:
        secret = next((secret for secret, _ in webhooks.signers(world, "telephony.incoming")), "")
        place = questions.Place(f"publishable key {asking[0]['id']}", asking[0]["webhook_url"], secret)

    def answered(answer: Document | None) -> None:
        configured = agent if answer is None else {"name": agent["name"], **answer}
        sessions.open_session(world, "widget", configured, call_id=call_id)

    questions.ask(
        world, "web.incoming", {"call_id": call_id, "from_number": "web", "to_number": "web"}, answered, place
    )
    return Begun((), {"call_id": call_id})


def _test_call(world: World, wishes: Wishes) -> Begun:
    agent = _agent(world, wishes.agent_id)
    order = test_calls.Order(
        target_type="agent",
        target_id=agent["id"],
        direction="outbound",
        target_number=test_calls.LINE,
        mode="bot",
        agent_id=agent["id"],
        estimated_cost_cents=test_calls.estimate(world, agent.get("product", "spark")),
    )
    run = test_calls.queue(world, order, "Ask for the opening hours.", wishes.scenario)
    shown = {"test_call_id": run.id}
    return Begun(((test_calls.RUNS, run.id),), shown, proves=lambda data: data["test_call"]["id"] == run.id)


# -- money, numbers, webhooks ---------------------------------------------------------------------------------


def _empty_balance(world: World, wishes: Wishes) -> Begun:
    """A call uses up what is left of the balance. Automatic reloads are switched off: they would fill it again."""
    billing.account(world)
    world.change(billing.ACCOUNT, billing.THE, {"auto_reload_enabled": False})
    billing.settle_at(world, LAST_CENTS)
    return _inbound(scenario="support-question")(world, wishes)


def _low_balance(world: World, wishes: Wishes) -> Begun:
    """A call brings the balance just below the line at which an alert is sent."""
    billing.account(world)
    world.change(billing.ACCOUNT, billing.THE, {"auto_reload_enabled": False})
    billing.settle_at(world, billing.LOW_BALANCE_CENTS)
    return _inbound(scenario="support-question")(world, wishes)


def _number(area_code: str | None) -> Callable[[World, Wishes], Begun]:
    def begin(world: World, wishes: Wishes) -> Begun:
        numbers.require_room(world)
        record = numbers.provision(world, area_code=area_code)
        shown = {"phone_number_id": record.id, "number": record.document["number"]}
        return Begun(((numbers.NUMBERS, record.id),), shown)

    return begin


def _retry(world: World, wishes: Wishes) -> Begun:
    """The newest delivery is sent once more, as after an answer that got lost: same event, fresh signature."""
    newest: Id | None = None
    for record in world[webhooks.DELIVERIES]:
        newest = record.id
    if newest is None:
        raise WrongUse(
            "webhook.retry: nothing has been delivered yet, so nothing can be delivered again. Subscribe a URL, "
            "and trigger telephony.complete first."
        )
    webhooks.redeliver(world, str(newest))
    return Begun((), {"delivery_id": newest})


CALL: Final = ("agent_id", "scenario")

TRIGGERS: Final[Mapping[str, Trigger]] = MappingProxyType(
    {
        "telephony.incoming": Trigger(
            "telephony.incoming", "A caller dials in, and whoever subscribed is asked.", _inbound(), CALL
        ),
        "telephony.complete": Trigger(
            "telephony.complete",
            "A caller dials in, and the call runs to its end.",
            _inbound(scenario="support-question"),
            CALL,
        ),
        "telephony.tool": Trigger(
            "telephony.tool",
            "A caller dials in, and the agent uses a tool.",
            _inbound(scenario="refund-with-tool"),
            CALL,
        ),
        "telephony.turn": Trigger(
            "telephony.turn",
            "A caller dials in, and the first sentence is said.",
            _inbound(scenario="support-question"),
            CALL,
        ),
        "call.started": Trigger("call.started", "A caller dials in, and the call begins.", _inbound(), CALL),
        "sms.received": Trigger("sms.received", "Somebody texts one of the numbers.", _text, ("agent_id",)),
        "web.incoming": Trigger(
            "web.incoming", "A visitor opens the widget, and is asked about.", _visitor_asks, ("agent_id",)
        ),
        "web.complete": Trigger(
            "web.complete",
            "A visitor talks through the widget, and the session ends.",
            _widget(scenario="browser-session"),
            CALL,
        ),
        "web.tool": Trigger(
            "web.tool",
            "A visitor talks through the widget, and the agent uses a tool.",
            _widget(scenario="browser-session"),
            CALL,
        ),
        "web.turn": Trigger(
            "web.turn",
            "A visitor talks through the widget, and the first sentence is said.",
            _widget(scenario="browser-session"),
            CALL,
        ),
        "call.graded": Trigger(
            "call.graded",
            "A caller dials in and the call is graded, or a call is graded anew.",
            _grade,
            (*CALL, "call_id"),
        ),
        "call.data_extracted": Trigger(
            "call.data_extracted",
            "A call ends whose agent wants data extracted, and it is.",
            _extract,
            (*CALL, "call_id"),
        ),
        "call.transfer_completed": Trigger(
            "call.transfer_completed",
            "A caller dials in and is handed over to a person.",
            _inbound(scenario="transfer"),
            ("agent_id",),
        ),
        "issue.reported": Trigger(
            "issue.reported", "Somebody reports an issue with a call.", _report, ("agent_id", "call_id")
        ),
        "test-call.completed": Trigger(
            "test-call.completed", "A bot calls an agent, and the run is over.", _test_call, CALL
        ),
        "alert.triggered": Trigger(
            "alert.triggered", "A call uses up the balance, and an alert is sent.", _empty_balance, ("agent_id",)
        ),
        "balance.empty": Trigger(
            "alert.triggered", "A call uses up the balance, and an alert is sent.", _empty_balance, ("agent_id",)
        ),
        "balance.low": Trigger(
            "alert.triggered",
            "A call leaves little of the balance, and an alert is sent.",
            _low_balance,
            ("agent_id",),
        ),
        "number.active": Trigger(None, "A new demo number is provisioned and becomes active.", _number(None)),
        "number.failed": Trigger(None, "A new demo number is provisioned and fails.", _number(numbers.DEAD_AREA)),
        "webhook.retry": Trigger(None, "The newest delivery is sent once more.", _retry),
    }
)

ASKED_FOR: Final[Mapping[str, str]] = MappingProxyType(
    {
        "issue.escalated": "escalate a cluster of issues through the API",
        "sms.sent": "send a text message through the API",
        "sms.failed": "send a text message to a number that ends with 0404",
        "campaign.completed": "start a campaign through the API and let its time pass (POST /_mock/clock/settle)",
        "campaign.step.completed": "launch a campaign through the API and let its time pass "
        "(POST /_mock/clock/settle)",
        "agent.created": "create an agent through the API",
        "agent.updated": "change an agent through the API",
        "agent.deleted": "delete an agent through the API",
        "chat.message.completed": "write to an agent through the API",
        "chat.session.ended": "end a session through the API",
        "webhook.test": "nothing in this mock sends it",
    }
)
"""Events that need no trigger: what leads to each instead, most often a request of the API."""


def find(name: str, told_for: Mapping[str, Collection[str]]) -> Trigger:
    """The trigger for an event, by its name in a served contract or our own.

    `told_for` has the served contracts' types of event, each with our own types it is told for. Raises WrongUse
    for a name there is none of, with the nearest, and for an event that nothing causes, with the reason.
    """
    known = names(told_for)
    if name in known:
        own = name if name in TRIGGERS else next(each for each in told_for[name] if each in TRIGGERS)
        return TRIGGERS[own]
    for own in (name, *told_for.get(name, ())):
        if own in ASKED_FOR:
            raise WrongUse(f"{name} is not triggered: {ASKED_FOR[own]}.")
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


def _somebody(world: World) -> str:
    """The number of a person who has not been heard of before."""
    return f"+1415555{2000 + world.count('callers') % 8000}"


def _agent(world: World, agent_id: int | None) -> Document:
    if agent_id is None:
        return lines.some_agent(world)
    record = world[lines.AGENTS].get(agent_id)
    if record is None:
        raise WrongUse(f"agent_id: this organization has no agent {agent_id}.")
    return record.document


def _ended(world: World, call_id: int) -> Document:
    record = world[calls.CALLS].get(call_id)
    if record is None:
        raise WrongUse(f"call_id: this organization has no call {call_id}.")
    if record.document["status"] != "completed":
        raise WrongUse(f"call_id: call {call_id} is {record.document['status']}; name one that is completed.")
    return record.document
