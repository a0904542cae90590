"""Experiments: the calls of an investigation, replayed several times with another prompt, and graded.

An experiment is queued, then runs call by call, then is completed. Nothing is replayed through a model: how often
the issue still shows is chance, a good deal less often than without the change. All of this is invented.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

from mockserver import chance
from mockserver.lifecycles import conversations
from mockserver.simulation import views
from mockserver.world.store import Document, Record
from mockserver.world.world import World

EXPERIMENTS: Final = "investigations/experiments"
INVESTIGATIONS: Final = "investigations"

QUEUE_SECONDS: Final = 2.0
CALL_SECONDS: Final = 3.0
SAMPLES_PER_CALL: Final = 5

_LEFT: Final = {"ai": 30, "manual": 50}
"""Of a hundred times that the issue showed, how many are left at most, by who wrote the prompt."""

_BETTER: Final = "I'm sorry about that. Let me put it right for you."


def samples_per_call(config: Document) -> int:
    """How often each call is replayed."""
    return int(config.get("samples_per_call", SAMPLES_PER_CALL))


def begin(world: World, investigation: Document, candidates: Sequence[Document], config: Document) -> Record:
    """A queued experiment with one candidate, or with several of them together."""
    each_call = samples_per_call(config)
    experiment = world.create(
        EXPERIMENTS,
        {
            "id": world.next_uuid(EXPERIMENTS),
            "investigation_id": investigation["id"],
            "candidate_id": candidates[0]["id"],
            "candidate_ids": [each["id"] for each in candidates],
            "config": {**config, "samples_per_call": each_call},
            "status": "queued",
            "progress": {"done": 0, "total": each_call * len(investigation["call_ids"])},
            "samples": [],
            "summary": {},
            "error_message": None,
            "created_at": world.now,
            "completed_at": None,
            # Kept with the experiment and not shown:
            "left_percent": _left(world, investigation, candidates),
        },
    )
    world.clock.after(QUEUE_SECONDS, start, (EXPERIMENTS, experiment.id), experiment_id=experiment.id)
    return experiment


def start(world: World, experiment_id: str) -> None:
    """The experiment is taken up."""
    world.change(EXPERIMENTS, experiment_id, {"status": "running"})
    world.clock.after(CALL_SECONDS, replay_next, (EXPERIMENTS, experiment_id), experiment_id=experiment_id)


def replay_next(world: World, experiment_id: str) -> None:
    """The next call is replayed; after the last one the experiment is completed."""
    experiment = document(world, experiment_id)
    record = world[INVESTIGATIONS].get(experiment["investigation_id"])
    assert record is not None, "an investigation is never removed"
    investigation = record.document
    each_call = experiment["config"]["samples_per_call"]
    done = len(experiment["samples"]) // each_call
    call_id = investigation["call_ids"][done]
    samples = [*experiment["samples"], *_samples(world, experiment, investigation, call_id)]
    changes: Document = {"samples": samples, "progress": {**experiment["progress"], "done": len(samples)}}
    if done + 1 < len(investigation["call_ids"]):
        world.clock.after(CALL_SECONDS, replay_next, (EXPERIMENTS, experiment_id), experiment_id=experiment_id)
    else:
        changes |= {
            "status": "completed",
            "summary": _summary(samples, investigation["baseline_repro_rate"]),
            "completed_at": world.now,
        }
    world.change(EXPERIMENTS, experiment_id, changes)


def of(world: World, investigation_id: str) -> list[Document]:
    """The experiments of an investigation, the oldest first."""
    collection = world[EXPERIMENTS]
    found = collection.page(where={"investigation_id": investigation_id}, limit=len(collection)).records
    return [record.document for record in found]


def stop(world: World, experiment: Document, reason: str) -> None:
    """An experiment that is not over fails."""
    if experiment["status"] in ("queued", "running"):
        world.clock.cancel((EXPERIMENTS, experiment["id"]))
        changes = {"status": "failed", "error_message": reason, "completed_at": world.now}
        world.change(EXPERIMENTS, experiment["id"], changes)


def document(world: World, experiment_id: str) -> Document:
    """The experiment with this id, which exists."""
    record = world[EXPERIMENTS].get(experiment_id)
    assert record is not None, "an experiment is never removed"
    return record.document


def _left(world: World, investigation: Document, candidates: Sequence[Document]) -> int:
    """How many of a hundred times the issue still shows; a prompt that changes nothing leaves all of them."""
    left = 100
    for each in candidates:
        if each["prompt"] != investigation["baseline_prompt"]:
            most = _LEFT[each["source"]]
            left = min(left, chance.number("experiment", world.seed, world.organization, each["id"]) % (most + 1))
    return left


def _samples(world: World, experiment: Document, investigation: Document, call_id: int) -> list[Document]:
    """One call, replayed as often as the experiment says."""
    heard, answered = _exchange(world, call_id)
    shown = next(each for each in investigation["baseline_results"] if each["call_id"] == call_id)
    chances = shown["reproduced_count"] / shown["sample_count"] * experiment["left_percent"]
    made = []
    for index in range(experiment["config"]["samples_per_call"]):
        drawn = chance.number("sample", world.seed, experiment["id"], call_id, index) % 100
        reproduced = drawn < chances
        made.append(
            {
                "id": world.next_uuid("experiment samples"),
                "call_id": call_id,
                "sample_index": index,
                "user_input": heard,
                "original_output": answered,
                "replayed_output": answered if reproduced else _BETTER,
                "grade": {"reproduced": reproduced, "verdict": "fail" if reproduced else "pass"},
                "metadata": {},
                "created_at": world.now,
            }
        )
    return made


def _exchange(world: World, call_id: int) -> tuple[str, str]:
    """The last thing a caller said that the agent answered, and the answer; empty where there is none."""
    rows = views.transcript(conversations.of(world, call_id))
    spoken = [row for row in rows if row["role"] in ("user", "assistant")]
    for before, after in reversed(list(pairwise(spoken))):
        if (before["role"], after["role"]) == ("user", "assistant"):
            return before["content"], after["content"]
    return "", next((row["content"] for row in spoken if row["role"] == "assistant"), "")


def _summary(samples: Sequence[Document], baseline: float) -> dict[str, Any]:
    reproduced = sum(each["grade"]["reproduced"] for each in samples)
    rate = round(reproduced / len(samples), 4)
    return {
        "sample_count": len(samples),
        "reproduced_count": reproduced,
        "repro_rate": rate,
        "baseline_repro_rate": baseline,
        "improvement": round(baseline - rate, 4),
    }
