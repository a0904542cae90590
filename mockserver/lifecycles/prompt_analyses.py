"""Analyses of prompts: one for each agent, done a moment after it was asked for (how long is invented)."""

from hashlib import sha256
from typing import Final

import orjson

from mockserver.lifecycles.agents import AGENTS
from mockserver.simulation import prompts
from mockserver.world.store import Document
from mockserver.world.world import World

ANALYSES: Final = "agents/prompt-analyses"
SECONDS: Final = 1.5


def analysis(world: World, agent_id: int, asked: Document) -> Document:
    """The analysis of what is asked about: begun if it is another prompt than the one before.

    `status` is pending or done; while it is pending, `facts` and `findings` are those of the one before, if any.
    """
    key = sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest()
    record = world[ANALYSES].get(agent_id)
    if record is None:
        record = world.create(ANALYSES, {"id": agent_id, "key": "", "facts": None, "findings": []})
    if record.document["key"] != key:
        world.clock.cancel((ANALYSES, agent_id))
        begun = {
            "key": key,
            "asked": asked,
            "status": "pending",
            "due_ms": world.clock.now_ms + round(SECONDS * 1000),
        }
        record = world.change(ANALYSES, agent_id, begun)
        world.clock.after(SECONDS, finish, (ANALYSES, agent_id), agent_id=agent_id)
    return record.document


def finish(world: World, agent_id: int) -> None:
    """The prompt has been looked at."""
    record = world[ANALYSES].get(agent_id)
    agent = world[AGENTS].get(agent_id)
    if record is None or agent is None:
        return
    asked = record.document["asked"]
    configured = agent.document
    primary = asked.get("primary_language") or configured.get("primary_language") or "en-US"
    others = asked.get("additional_languages", configured.get("additional_languages") or [])
    facts = prompts.facts_of(asked["prompt"])
    findings = prompts.findings_of(facts, [primary, *others])
    world.change(ANALYSES, agent_id, {"status": "done", "facts": facts, "findings": findings})
