"""Agents' prompts: what an analysis finds, and steps as text."""

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.lifecycles import prompt_analyses
from mockserver.lifecycles.agents import AGENTS
from mockserver.simulation import prompts
from mockserver.world.store import Document
from mockserver.world.world import World


def agents_prompt_analysis(world: World, inputs: Inputs) -> Reply:
    """What an analysis of the prompt found (200), or that it is under way and when to ask again (202).

    While it is under way, what was found in another prompt of this agent is given as stale.
    """
    agent = defaults.find(world, AGENTS, "agent_id", inputs)
    found = prompt_analyses.analysis(world, int(agent.id), defaults.wanted(inputs))
    before = {} if found["facts"] is None else {"facts": found["facts"], "findings": found["findings"]}
    if found["status"] == "done":
        return Reply({**before, "stale": False}, status=200)
    wait = {"retry_after_ms": found["due_ms"] - world.clock.now_ms, "stale": bool(before)}
    answer: Document = {**before, **wait}
    world.read((prompt_analyses.ANALYSES, agent.id))  # it is polled, although by POST
    return Reply(answer, status=202)


def agents_steps_flatten(world: World, inputs: Inputs) -> Reply:
    """The prompt with its steps in one text; without steps, the prompt."""
    body = defaults.wanted(inputs)
    return Reply({"prompt": prompts.flattened(body["prompt"], body["steps"])})
