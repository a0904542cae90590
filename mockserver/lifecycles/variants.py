"""Split testing: which variant of an agent answers a call, and how the variants do."""

from typing import Final

from mockserver import chance
from mockserver.world.store import Document
from mockserver.world.world import World

VARIANTS: Final = "agents/variants"

MOST: Final = 1_000
"""More variants of one agent than anybody has."""

_CHANGES: Final = (
    "acknowledgement_prompt",
    "acknowledgement_prompt_mode",
    "background_track",
    "inbound_speak_order",
    "outbound_speak_order",
    "product",
    "prompt",
    "silence_interval_seconds",
    "silence_max_checkins",
    "thinking_level",
    "voice",
)
"""What a variant may have of its own; what it leaves null is the agent's."""


def of(world: World, agent_id: int) -> list[Document]:
    """The variants of an agent, the oldest first."""
    return [record.document for record in world[VARIANTS].page(where={"agent_id": agent_id}, limit=MOST).records]


def chosen(world: World, agent: Document, call_id: int) -> tuple[Document, Document]:
    """The agent as it answers this call, and what the call says of the variant that was drawn by its weight.

    Without split testing that is the agent itself and nothing. The same call always draws the same variant.
    """
    if not agent.get("split_testing_enabled") or "id" not in agent:
        return agent, {}
    candidates = [each for each in of(world, agent["id"]) if each["weight"] > 0]
    if not candidates:
        return agent, {}
    dice = chance.generator("variant", world.seed, world.organization, call_id)
    variant = dice.choices(candidates, [each["weight"] for each in candidates])[0]
    own = {name: variant[name] for name in _CHANGES if variant.get(name) is not None}
    return {**agent, **own}, {"agent_variant_id": variant["id"], "agent_variant_label": variant["label"]}


def stats(world: World, agent_id: int) -> list[Document]:
    """How each variant of an agent has done: its calls, their mean length, and the share of them that succeeded.

    The share is that of the graded calls, from 0 to 1; it is null before any is graded, and so is the length
    before any has ended. Looks at every call of the agent.
    """
    calls: dict[int, list[Document]] = {each["id"]: [] for each in of(world, agent_id)}
    if calls:
        for record in world["calls"].page(where={"agent_id": agent_id}, limit=len(world["calls"])).records:
            call = record.document
            if call.get("agent_variant_id") in calls:
                calls[call["agent_variant_id"]].append(call)
    return [_stats(each, calls[each["id"]]) for each in of(world, agent_id)]


def _stats(variant: Document, calls: list[Document]) -> Document:
    seconds = [call["duration_seconds"] for call in calls if call["duration_seconds"] is not None]
    outcomes = [call["call_outcome"] for call in calls if call.get("call_outcome") is not None]
    won = sum(outcome == "successful" for outcome in outcomes)
    return {
        "variant_id": variant["id"],
        "label": variant["label"],
        "is_control": variant["is_control"],
        "calls": len(calls),
        "avg_duration_seconds": round(sum(seconds) / len(seconds)) if seconds else None,
        "success_rate": round(won / len(outcomes), 3) if outcomes else None,
    }
