"""An agent's prompt as tests see it: with the changes that are not live yet, and by a hash."""

from mockserver import chance
from mockserver.world.store import Document


def draft(agent: Document) -> str:
    """The prompt that is being worked on; the live one when nothing is."""
    waiting = agent.get("draft_prompt")
    return str(agent["prompt"] if waiting is None else waiting)


def hash_of(prompt: str) -> str:
    """32 hexadecimal digits, different for different prompts."""
    return chance.digest("prompt", prompt).hex()[:32]


def draft_hash(agent: Document) -> str:
    """The hash of the prompt that is being worked on."""
    return hash_of(draft(agent))
