"""What causes events, begun on demand: a call, a text, a campaign; who wants one names it in `triggers`.

Each function here begins something by what would begin it anyway; whoever holds the clock moves it on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mockserver.clock import Subject
from mockserver.errors import WrongUse
from mockserver.lifecycles import (
    agents,
    billing,
    calls,
    campaign_calls,
    campaigns,
    clusters,
    extractions,
    grades,
    lines,
    naming,
    numbers,
    outreach,
    questions,
    reports,
    sessions,
    test_calls,
    texts,
    webhooks,
    written,
)
from mockserver.world.store import Document, Id, Record
from mockserver.world.world import World

LAST_CENTS: Final = 1
"""What is left on the account when the call begins that uses it up: less than any minute costs."""

WANTED_FIELDS: Final = ("order_id", "reason")
"""What an agent looks for in a call when data is to be extracted and no agent wants any (invented)."""

COMPLAINT: Final = "The agent talked over the caller"
"""What is reported when an issue is to be."""

SOMEBODY: Final = "+14155550142"
"""Whom a campaign calls, and who texts (reserved for fiction)."""


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


Cause = Callable[[World, Wishes], Begun]


# -- calls ------------------------------------------------------------------------------------------------


def inbound(*, scenario: str | None = None) -> Cause:
    """A caller dials in; `scenario` unless another is wished for."""

    def begin(world: World, wishes: Wishes) -> Begun:
        return _call(world, _inbound_placement(world, wishes, scenario))

    return begin


def widget(*, scenario: str | None = None) -> Cause:
    """A visitor talks through the widget; `scenario` unless another is wished for."""

    def begin(world: World, wishes: Wishes) -> Begun:
        agent = _agent(world, wishes.agent_id)
        wanted = scenario if wishes.scenario is None else wishes.scenario
        return _call(world, calls.browser_placement("widget", agent, world.count("visitors"), wanted))

    return begin


def _call(world: World, placement: calls.Placement) -> Begun:
    call_id = calls.start(world, placement).id
    return Begun(((calls.CALLS, call_id), ("turns", call_id)), {"call_id": call_id})


def _inbound_placement(world: World, wishes: Wishes, scenario: str | None) -> calls.Placement:
    billing.require_balance(world)
    number = lines.provide(world, wishes.agent_id).document
    answering = number["inbound_agent_id"] if wishes.agent_id is None else wishes.agent_id
    return calls.Placement(
        direction="inbound",
        from_number=f"+1415555{2000 + world.count('callers') % 8000}",
        to_number=number["number"],
        agent=_agent(world, answering),
        scenario=scenario if wishes.scenario is None else wishes.scenario,
    )


def grade(world: World, wishes: Wishes) -> Begun:
    """A call that has ended is graded anew; without one, a caller dials in and is graded afterwards."""
    if wishes.call_id is None:
        return inbound(scenario="support-question")(world, wishes)
    call = _ended(world, wishes.call_id)
    grades.regrade(world, call["call_id"])
    return Begun(((calls.CALLS, call["call_id"]),), {"call_id": call["call_id"]})


def extract(world: World, wishes: Wishes) -> Begun:
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
    begun = inbound(scenario="refund-with-tool")(world, Wishes(agent_id=agent_id, scenario=wishes.scenario))

    def then(world: World) -> None:
        extractions.extract(world, _ended(world, begun.show["call_id"]))

    return Begun(begun.subjects, begun.show, then)


def report(world: World, wishes: Wishes) -> Begun:
    """Somebody files an issue report on a call: the one named, or the newest that has ended."""

    def file(world: World, call_id: int) -> Document:
        report = reports.file(
            world,
            call_id,
            source="user",
            title=COMPLAINT,
            description="Filed by a trigger.",
            severity="warning",
        )
        return {"call_id": call_id, "report_id": report.id}

    if wishes.call_id is not None:
        return Begun((), file(world, _ended(world, wishes.call_id)["call_id"]))
    newest = world[calls.CALLS].page(where={"status": "completed"}, limit=1).records
    if newest:
        return Begun((), file(world, int(newest[0].id)))
    begun = inbound(scenario="support-question")(world, Wishes(agent_id=wishes.agent_id))

    def then(world: World) -> None:
        file(world, begun.show["call_id"])

    return Begun(begun.subjects, begun.show, then)


def visitor_asks(world: World, wishes: Wishes) -> Begun:
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


def test_call(world: World, wishes: Wishes) -> Begun:
    """A bot calls an agent."""
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


def empty_balance(world: World, wishes: Wishes) -> Begun:
    """A call uses up what is left of the balance. Automatic reloads are switched off: they would fill it again."""
    billing.account(world)
    world.change(billing.ACCOUNT, billing.THE, {"auto_reload_enabled": False})
    billing.settle_at(world, LAST_CENTS)
    return inbound(scenario="support-question")(world, wishes)


def low_balance(world: World, wishes: Wishes) -> Begun:
    """A call brings the balance just below the line at which an alert is sent."""
    billing.account(world)
    world.change(billing.ACCOUNT, billing.THE, {"auto_reload_enabled": False})
    billing.settle_at(world, billing.LOW_BALANCE_CENTS)
    return inbound(scenario="support-question")(world, wishes)


def number(area_code: str | None) -> Cause:
    """A new demo number is provisioned, in the area if it matters which."""

    def begin(world: World, wishes: Wishes) -> Begun:
        numbers.require_room(world)
        record = numbers.provision(world, area_code=area_code)
        shown = {"phone_number_id": record.id, "number": record.document["number"]}
        return Begun(((numbers.NUMBERS, record.id),), shown)

    return begin


def retry(world: World, wishes: Wishes) -> Begun:
    """The newest delivery is sent once more, as after an answer that got lost: same event, fresh signature."""
    newest: Id | None = None
    for record in world[webhooks.DELIVERIES]:
        newest = record.id
    if newest is None:
        raise WrongUse(
            "webhook.retry: nothing has been delivered yet, so nothing can be delivered again. Subscribe a URL, "
            "and trigger an event first."
        )
    webhooks.redeliver(world, str(newest))
    return Begun((), {"delivery_id": newest})


# -- what is written, and agents ----------------------------------------------------------------------------


def _text_sent(to: str) -> Cause:
    def begin(world: World, wishes: Wishes) -> Begun:
        sender = lines.texting(world)["number"]
        message = texts.send(world, from_number=sender, to=to, body="Your order is on its way.")
        return _text(message)

    return begin


def text_received(world: World, wishes: Wishes) -> Begun:
    """Somebody texts one of the organization's numbers."""
    number = lines.texting(world)["number"]
    return _text(texts.receive(world, from_number=SOMEBODY, to=number, body="Where is my order?"))


def _text(message: Record) -> Begun:
    shown = {"message_id": message.id}
    return Begun(((texts.MESSAGES, message.id),), shown, proves=lambda data: data["id"] == message.id)


text_sent: Final = _text_sent("+14155550199")
text_refused: Final = _text_sent("+14155550404")


def chat_message(world: World, wishes: Wishes) -> Begun:
    """Somebody writes to an agent, which answers."""
    agent = _agent(world, wishes.agent_id)
    session = written.begin(world, agent["id"])
    written.answer(world, agent, int(session.id), "Where is my order?")
    return Begun()


def chat_over(world: World, wishes: Wishes) -> Begun:
    """Somebody writes to an agent, and the session is archived."""
    agent = _agent(world, wishes.agent_id)
    session = written.begin(world, agent["id"])
    written.answer(world, agent, int(session.id), "Where is my order?")
    written.end(world, world.change(written.SESSIONS, session.id, {"status": "archived"}).document)
    return Begun()


def agent_created(world: World, wishes: Wishes) -> Begun:
    """A new agent."""
    agent = world.create(lines.AGENTS, dict(lines.AGENT)).document
    agents.tell(world, "agent.created", agent)
    return Begun((), {"agent_id": agent["id"]})


def agent_updated(world: World, wishes: Wishes) -> Begun:
    """An agent's prompt says the same as before and one thing more."""
    agent = _agent(world, wishes.agent_id)
    prompt = {"prompt": f"{agent['prompt']} Thank the caller."}
    agents.tell(world, "agent.updated", world.revise(lines.AGENTS, agent["id"], prompt).document)
    return Begun((), {"agent_id": agent["id"]})


def agent_deleted(world: World, wishes: Wishes) -> Begun:
    """A new agent, deleted at once: those that somebody made stay."""
    agent = world.create(lines.AGENTS, dict(lines.AGENT)).document
    world.remove(lines.AGENTS, agent["id"])
    agents.tell(world, "agent.deleted", agent)
    return Begun((), {"agent_id": agent["id"]})


# -- campaigns, issues ----------------------------------------------------------------------------------------


def campaign(world: World, wishes: Wishes) -> Begun:
    """A campaign calls one person, and has nobody left to call."""
    agent, number = _agent(world, wishes.agent_id), lines.calling(world)["number"]
    draft = campaigns.draft(
        world,
        {
            "name": "Reminders",
            "agent": agent["id"],
            "from_number": number,
            "timezone": "UTC",
            "daily_window_start": "00:00",
            "daily_window_end": "00:00",
            "max_attempts": 1,
            "max_concurrent_calls": 1,
            "retry_backoff_minutes": 60,
            "retry_on": [],
        },
    )
    identity = draft["public_id"]
    campaigns.enlist(world, draft, [(SOMEBODY, {})])
    campaigns.start(world, campaign_calls.find(world, identity))
    subjects = ((campaign_calls.CAMPAIGNS, identity),)
    return Begun(subjects, {"campaign_id": identity}, proves=lambda data: data["public_id"] == identity)


def outreach_campaign(world: World, wishes: Wishes) -> Begun:
    """A campaign writes to one person, and has nobody left to write to."""
    agent = _agent(world, wishes.agent_id)
    wanted = {
        "name": "Reminders",
        "agent_id": agent["id"],
        "type": "sms",
        "message_template": "Your order is on its way.",
        "scheduled_at": None,
        "max_concurrent": 1,
        "from_number": None,
    }
    draft = outreach.draft(world, wanted, [SOMEBODY]).document
    outreach.launch(world, draft, again=False)
    shown = naming.shown(naming.CAMPAIGN, draft["id"])
    subjects = ((outreach.CAMPAIGNS, draft["id"]),)
    return Begun(subjects, {"campaign_id": shown}, proves=lambda data: data["campaign_id"] == shown)


def escalation(world: World, wishes: Wishes) -> Begun:
    """An issue is reported, and whoever looks after it escalates it; an older one was resolved."""
    before = clusters.named(world, clusters.pattern_key(COMPLAINT))
    if before is not None and before.document["status"] not in clusters.SETTLED:
        clusters.settle(world, before.document, "resolved")
    begun = report(world, wishes)

    def then(world: World) -> None:
        if begun.then is not None:
            begun.then(world)
        cluster = clusters.named(world, clusters.pattern_key(COMPLAINT))
        assert cluster is not None, "a report has just joined it"
        clusters.escalate(world, cluster.document, "Escalated by a trigger.", world.user_id)

    return Begun(begun.subjects, begun.show, then)


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
