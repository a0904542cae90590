"""An agent's prompt as tests see it: with the changes that are not deployed yet, and by a hash."""

from typing import Final

from mockserver import chance
from mockserver.world.store import Document
from mockserver.world.world import World

AGENTS: Final = "agents"


def draft(agent: Document) -> str:
    """The prompt that is being worked on; the deployed one when nothing is."""
    waiting = agent.get("draft_prompt")
    return str(agent["prompt"] if waiting is None else waiting)


def hash_of(prompt: str) -> str:
    """32 hexadecimal digits, different for different prompts."""
    return chance.digest("prompt", prompt).hex()[:32]


def draft_hash(agent: Document) -> str:
    """The hash of the prompt that is being worked on."""
    return hash_of(draft(agent))


def write(world: World, agent: Document, prompt: str, *, deploy: bool) -> None:
    """Give the agent another prompt: deployed at once, or drafted beside whatever else its draft changes."""
    others = [name for name in agent.get("draft_fields", []) if name != "prompt"]
    if deploy:
        changes: Document = {"prompt": prompt, "draft_prompt": None, "draft_fields": others}
    else:
        changes = {"draft_prompt": prompt, "draft_fields": [*others, "prompt"], "draft_updated_at": world.now}
    changes["has_draft"] = bool(changes["draft_fields"])
    if deploy:
        world.revise(AGENTS, agent["id"], changes)
    else:
        world.change(AGENTS, agent["id"], changes)


def version(world: World, agent_id: int) -> int | None:
    """The number of the agent's newest version, where versions are kept."""
    history = world.rules.histories.get(AGENTS)
    if history is None:
        return None
    versions = world[history.collection]
    kept = versions.page(where={history.link: agent_id}, limit=len(versions)).records
    return max((int(record.document["version"]) for record in kept), default=None)
