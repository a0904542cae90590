"""An agent's test scenarios: written, proposed, refreshed, taken from calls, and tried out."""

from math import prod

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import Conflict, InvalidInput, NotFound
from mockserver.lifecycles import billing, calls, conversations, prompts, reports, test_calls, test_runs
from mockserver.lifecycles import test_scenarios as scenarios
from mockserver.lifecycles.numbers import NUMBERS
from mockserver.simulation import views
from mockserver.world.store import Document, Id, Record
from mockserver.world.world import World

AGENTS = "agents"
MOST_RUNS = 50
"""How many test calls one execution may make (invented)."""

BOTS = {"inbound": "outbound", "outbound": "inbound"}
"""Which way the bot calls in a scenario: somebody calls an agent that is called."""


def agents_test_scenarios(world: World, inputs: Inputs) -> Reply:
    """A new scenario by a person."""
    agent = _agent(world, inputs)
    body = defaults.wanted(inputs)
    test_calls.chosen(world, "scenario_prompt", body["scenario_prompt"])
    return Reply(_shown(scenarios.add(world, agent, body), agent), status=201)


def agents_test_scenarios_list(world: World, inputs: Inputs) -> Reply:
    """The agent's scenarios, the oldest first."""
    agent = _agent(world, inputs)
    return Reply([_shown(record, agent) for record in _all(world, agent)])


def agents_test_scenarios_retrieve(world: World, inputs: Inputs) -> Reply:
    """One scenario, stale when the agent's prompt has changed since it was written."""
    return Reply(_shown(defaults.record_of(world, inputs), _agent(world, inputs)))


def agents_test_scenarios_partial_update(world: World, inputs: Inputs) -> Reply:
    """The scenario changed; one that says something else has come to nothing yet."""
    record = defaults.record_of(world, inputs)
    changes = defaults.given(inputs)
    if "scenario_prompt" in changes:
        test_calls.chosen(world, "scenario_prompt", changes["scenario_prompt"])
        changes["latest_verdict"] = ""
    return Reply(_shown(world.change(scenarios.SCENARIOS, record.id, changes), _agent(world, inputs)))


def agents_test_scenarios_delete(world: World, inputs: Inputs) -> Reply:
    """Nothing; suites and issues do not name the scenario any more."""
    scenarios.remove(world, defaults.record_of(world, inputs).document)
    return Reply(None)


def agents_test_scenarios_generate(world: World, inputs: Inputs) -> Reply:
    """New scenarios from a list of ours."""
    agent = _agent(world, inputs)
    body = defaults.wanted(inputs)
    made = scenarios.propose(
        world, agent, count=body["count"], edge_cases=body["include_edge_cases"], locale=body["locale"]
    )
    return Reply({"scenarios": [_shown(record, agent) for record in made]})


def agents_test_scenarios_refresh(world: World, inputs: Inputs) -> Reply:
    """The scenarios that were made to fit the agent's prompt again: those named, or all, or the stale ones."""
    agent = _agent(world, inputs)
    body = defaults.wanted(inputs)
    chosen = [_shown(record, agent) for record in _chosen(world, agent, body.get("scenario_ids"))]
    wanted = [each for each in chosen if each["is_stale"] or not body["only_stale"]]
    return Reply({"scenarios": [_shown(each, agent) for each in scenarios.refresh(world, agent, wanted)]})


def agents_test_runs_execute(world: World, inputs: Inputs) -> Reply:
    """A pending batch of test calls: each scenario wanted, under each combination of conditions."""
    agent = _agent(world, inputs)
    body = defaults.wanted(inputs)
    chosen = [record.document for record in _chosen(world, agent, body.get("scenario_ids"))]
    if not chosen:
        raise Conflict("The agent has no test scenarios; create or generate some before executing them.")
    matrix = body.get("matrix", {})
    count = len(chosen) * prod(len(values) for values in matrix.values() if values)
    if count > MOST_RUNS:
        raise InvalidInput({"matrix": [f"This would make {count} test calls; at most {MOST_RUNS} are possible."]})
    billing.require_balance(world)
    plans = [
        (scenario, conditions, _order(world, inputs, agent, scenario, body))
        for scenario in chosen
        for conditions in test_runs.combinations(matrix)
    ]
    return Reply(
        test_runs.execute(
            world,
            agent,
            plans,
            channel=body["channel"],
            stagger_seconds=body["stagger_seconds"],
            matrix=matrix,
            number=_number(world, body),
        )
    )


def calls_promote_to_scenario(world: World, inputs: Inputs) -> Reply:
    """A scenario that plays the call again (201), or the one it was promoted to before (200)."""
    call = defaults.find(world, calls.CALLS, "call_id", inputs).document
    body = defaults.given(inputs)
    agent = None if call["agent_id"] is None else world[AGENTS].get(call["agent_id"])
    if call["status"] == "in_progress" or agent is None:
        what = "is still in progress" if agent is not None else "has no agent to test"
        raise Conflict(f"The call {what}, so it cannot be promoted to a scenario.")
    turn, trace = body.get("failing_turn_index"), body.get("issue_trace_id")
    turns = len(views.transcript(conversations.of(world, call["call_id"])))
    if turn is not None and turn >= turns:
        raise NotFound(f"Not found: failing_turn_index {turn}; the call has {turns} turns, counted from 0.")
    issue = None if trace is None else reports.of_trace(world, trace, call["call_id"]).document
    record, new = scenarios.promote(world, agent.document, call, turn=turn, issue=issue)
    return Reply(_shown(record, agent.document), status=201 if new else 200)


def _agent(world: World, inputs: Inputs) -> Document:
    """The agent the path names. Raises NotFound when this organization has none."""
    return defaults.find(world, AGENTS, "agent_id", inputs).document


def _shown(record: Record, agent: Document) -> Document:
    """A scenario with what depends on its agent's prompt as it is now."""
    scenario = record.document
    return {**scenario, "is_stale": scenario["prompt_hash"] != prompts.draft_hash(agent)}


def _all(world: World, agent: Document) -> list[Record]:
    collection = world[scenarios.SCENARIOS]
    return collection.page(where={"agent_id": agent["id"]}, limit=len(collection)).records


def _chosen(world: World, agent: Document, identities: list[Id] | None) -> list[Record]:
    """The scenarios named, or all of the agent's. Raises NotFound for one that the agent does not have."""
    if not identities:
        return _all(world, agent)
    found = []
    for identity in dict.fromkeys(identities):
        record = world[scenarios.SCENARIOS].get(identity)
        if record is None or record.document["agent_id"] != agent["id"]:
            raise NotFound(f"Not found: scenario_ids has {identity}, which is none of this agent's scenarios.")
        found.append(record)
    return found


def _number(world: World, body: Document) -> Document | None:
    """The phone number that is wanted, if one is. Raises NotFound when this organization does not have it."""
    if body.get("phone_number_id") is None or body["channel"] == "web":
        return None
    record = world[NUMBERS].get(body["phone_number_id"])
    if record is None:
        raise NotFound(f"Not found: phone_number_id {body['phone_number_id']} is none of your phone numbers.")
    return record.document


def _order(world: World, inputs: Inputs, agent: Document, scenario: Document, body: Document) -> test_calls.Order:
    direction = BOTS[scenario["direction"]]
    number = _number(world, body)
    return test_calls.Order(
        target_type="agent",
        target_id=agent["id"],
        direction=direction,
        target_number=test_calls.number_of(world, agent["id"], direction) if number is None else number["number"],
        mode="bot",
        agent_id=agent["id"],
        estimated_cost_cents=test_calls.estimate(world, agent["product"]),
        agent_name=agent["name"],
        channel=body["channel"],
        requested_by_id=inputs.request.user_id,
        metadata={"scenario_id": scenario["id"]},
    )
