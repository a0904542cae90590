"""Validation examples: turns of real calls that an agent is held to, and what it says in them now.

Nothing is replayed through a model. A golden example passes and a failure fails until the agent's prompt changes;
then chance decides, mostly for the better. A label `verdict:pass`, `verdict:warn` or `verdict:fail` decides
instead, so that a test can have the one it needs. All of this is invented.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mockserver import chance
from mockserver.lifecycles import prompts, reports
from mockserver.world.store import Document, Record
from mockserver.world.world import World

EXAMPLES: Final = "validation-examples"
SUBJECT: Final = "validation_example"
"""What an example is called where an issue names the test cases that guard it."""

VERDICTS: Final = ("pass", "warn", "fail")

_GOLDEN: Final = "Says the same as the original response, in its own words."
_FAILURE: Final = "Does not repeat what went wrong here"
_BETTER: Final = "I'm sorry about that. Let me put it right for you."
_WORSE: Final = "I'm afraid I can't help you with that."

# Of a hundred examples under a changed prompt, how many pass, and how many pass or nearly do.
_CHANCES: Final = {"golden": (85, 95), "manual": (85, 95), "failure": (75, 85)}

_REASONS: Final = {
    "pass": "The reply meets the expectation.",
    "warn": "The reply meets the expectation only in part.",
    "fail": "The reply does not meet the expectation.",
}


@dataclass(frozen=True, slots=True)
class Replay:
    """What an agent says in place of an example's original response, and what that is worth."""

    verdict: str
    reason: str
    content: str


def add(
    world: World,
    agent: Document,
    call: Document,
    rows: Sequence[Document],
    turn: int,
    kind: str,
    issue: Document | None,
) -> Record:
    """A new example of what the agent said in turn `turn` of `rows`, the transcript of its call.

    A golden one holds at once; any other waits for a person to review what is expected.
    """
    title = "" if issue is None else f": {issue['title']}"
    expectation = {"golden": _GOLDEN, "failure": f"{_FAILURE}{title}.", "manual": ""}[kind]
    heard = [index for index, row in enumerate(rows[:turn]) if row["role"] == "user"]
    record = world.create(
        EXAMPLES,
        {
            "agent_id": agent["id"],
            "kind": kind,
            "status": "active" if kind == "golden" else "pending_review",
            "expectation": expectation,
            "expectation_proposal_error": None,
            "accepted_responses": [],
            "audio_span_indices": heard,
            "labels": [],
            "last_run_id": None,
            "last_verdict": None,
            "original_response": _said(rows, turn),
            "context": [_said(rows, index) for index in range(turn)],
            "prompt_hash": prompts.hash_of(call["prompt"]),
            "source_call_id": call["call_id"],
            "source_issue_id": None if issue is None else issue["id"],
            "target_turn_index": turn,
            # Kept with the example and not shown: the replays that are answered from a cache.
            "replays": [],
        },
    )
    if issue is not None:
        reports.guard(world, issue["id"], SUBJECT, int(record.id))
    return record


def remove(world: World, example: Document) -> None:
    """Forget an example; the issue it came from is not guarded by it any more."""
    world.remove(EXAMPLES, example["id"])
    if example["source_issue_id"] is not None:
        reports.unguard(world, example["source_issue_id"], SUBJECT, example["id"])


def of_agent(world: World, agent_id: int) -> list[Document]:
    """The agent's examples, the oldest first."""
    collection = world[EXAMPLES]
    found = collection.page(where={"agent_id": agent_id}, limit=len(collection)).records
    return [record.document for record in found]


def replay(world: World, example: Document, prompt_hash: str) -> Replay:
    """What the agent says under a prompt, and how it is judged: always the same for the same prompt."""
    verdict = _verdict(world, example, prompt_hash)
    return Replay(verdict, _REASONS[verdict], _reply(example, verdict))


def cache_key(example: Document, prompt_hash: str) -> str:
    """What a replay of the example under a prompt is found by."""
    return prompts.hash_of(f"{example['id']} {prompt_hash}")


def _verdict(world: World, example: Document, prompt_hash: str) -> str:
    for label in example["labels"]:
        name, _, verdict = label.partition(":")
        if name == "verdict" and verdict in VERDICTS:
            return str(verdict)
    if prompt_hash == example["prompt_hash"]:
        return "fail" if example["kind"] == "failure" else "pass"
    drawn = chance.number("validation", world.seed, world.organization, example["id"], prompt_hash) % 100
    passes, nearly = _CHANCES[example["kind"]]
    return "pass" if drawn < passes else "warn" if drawn < nearly else "fail"


def _reply(example: Document, verdict: str) -> str:
    original = str(example["original_response"]["content"])
    failure = example["kind"] == "failure"
    if verdict == "fail":
        return original if failure else _WORSE
    accepted = [each["content"] for each in example["accepted_responses"]]
    if accepted:
        return str(accepted[0])
    return _BETTER if failure else original


def _said(rows: Sequence[Document], turn: int) -> Document:
    return {"turn_index": turn, "role": rows[turn]["role"], "content": rows[turn]["content"]}
