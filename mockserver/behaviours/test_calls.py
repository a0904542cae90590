"""Test calls: one run, or a batch of them."""

from typing import Final

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import Conflict, NotFound
from mockserver.lifecycles import billing, test_calls
from mockserver.lifecycles.numbers import NUMBERS
from mockserver.world.store import Document
from mockserver.world.world import World

_SIMULATOR: Final = ("scenario_mode", "simulator_product", "language", "primary_language")
"""Wishes about the bot. Nothing follows from them here; a run keeps them."""


def test_calls_create(world: World, inputs: Inputs) -> Reply:
    """A queued run."""
    body = defaults.wanted(inputs)
    order = _order(world, inputs, body)
    prompt = body.get("scenario_prompt", "")
    scenario = test_calls.chosen(world, "scenario_prompt", prompt)
    return Reply(test_calls.queue(world, order, prompt, scenario))


def test_call_batches_create(world: World, inputs: Inputs) -> Reply:
    """A batch in progress with all its runs queued."""
    body = defaults.wanted(inputs)
    order = _order(world, inputs, body)
    prompts = body.get("scenario_prompts", [])
    chosen = [test_calls.chosen(world, "scenario_prompts", prompt) for prompt in prompts]
    plans = list(zip(prompts, chosen, strict=True)) if prompts else [("", None)]
    return Reply(
        test_calls.queue_batch(
            world, order, plans, run_count=body["run_count"], stagger_seconds=body["stagger_seconds"]
        )
    )


def _order(world: World, inputs: Inputs, body: Document) -> test_calls.Order:
    """Who is to be tested. Raises NotFound, Conflict for a number without an agent, ApiError 402 without money."""
    target_id, direction = body["target_id"], body["direction"]
    if body["target_type"] == "agent":
        agent_id, own = target_id, test_calls.number_of(world, target_id, direction)
        number = body.get("target_number", "") or own
    else:
        record = world[NUMBERS].get(target_id)
        if record is None:
            raise NotFound(f"Not found: target_id {target_id} is none of this organization's phone numbers.")
        field = test_calls.AGENT_FIELDS[direction]
        agent_id, number = record.document[field], record.document["number"]
        if agent_id is None:
            raise Conflict(f"{number} has no {field}: PATCH it before testing the direction {direction}.")
    agent = world["agents"].get(agent_id)
    if agent is None:
        raise NotFound(f"Not found: target_id {target_id} is none of this organization's agents.")
    billing.require_balance(world)
    return test_calls.Order(
        target_type=body["target_type"],
        target_id=target_id,
        direction=direction,
        target_number=number,
        mode=body.get("mode", "bot"),
        agent_id=agent_id,
        estimated_cost_cents=test_calls.estimate(world, agent.document["product"]),
        agent_name=agent.document["name"],
        requested_by_id=inputs.request.user_id,
        metadata={name: body[name] for name in _SIMULATOR if name in body},
        name=body.get("name", ""),
    )
