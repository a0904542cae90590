"""The life of an investigation: why an issue shows, and which change of the prompt makes it go away.

First the calls are replayed as they were, which says how often the issue shows again, and causes are supposed.
Then prompts are proposed and tried out in experiments, and one of them is applied to the agent. Nothing is thought
up by a model: causes and prompts come from a short list of ours, and all moments are invented.
"""

from collections.abc import Sequence
from typing import Any, Final

from mockserver import chance
from mockserver.lifecycles import calls, clusters, experiments, prompts
from mockserver.world.store import Document, Record
from mockserver.world.world import World

INVESTIGATIONS: Final = experiments.INVESTIGATIONS

BASELINE_SECONDS: Final = 4.0
"""To replay one call as it was."""

WRITING_SECONDS: Final = 6.0
"""To propose prompts."""

BUSY: Final = ("generating_hypotheses", "generating_candidates", "searching")

SUPPOSED: Final = 2
"""How many causes are supposed."""

_UNANSWERED: Final = "None of the calls was answered, so there is nothing to replay."
_HARMLESS: Final = "No issue was reported on any of the calls, and none showed when they were replayed."

# What may be behind an issue, and what would be added to the prompt against it.
_CAUSES: Final = (
    (
        "The prompt does not say what to do when the agent is unsure.",
        "The agent went on where it should have asked.",
        "When you are not sure what the caller wants, ask before you act.",
    ),
    (
        "The prompt does not say when to hand over.",
        "The caller insisted, and no rule covered that.",
        "When a caller asks for a person, offer it at once and do not argue.",
    ),
    (
        "The prompt asks for no confirmation.",
        "A detail was taken for granted and not repeated.",
        "Repeat names, dates and numbers before you rely on them.",
    ),
    (
        "The prompt leaves the length of answers open.",
        "The caller lost track of a long answer.",
        "Answer in at most two sentences, then let the caller speak.",
    ),
)


def open_new(world: World, agent: Document, wanted: Document) -> Record:
    """A new, idle investigation; one of calls that nobody answered is over before it begins."""
    found = [world[calls.CALLS].get(each) for each in wanted["call_ids"]]
    replayable = any(record is not None and record.document["status"] == "completed" for record in found)
    record = world.create(
        INVESTIGATIONS,
        {
            "agent_id": agent["id"],
            "call_ids": wanted["call_ids"],
            "issue_pattern_id": wanted["issue_pattern_id"],
            "issue_trace_ids": wanted["issue_trace_ids"],
            "experiment_config": wanted.get("experiment_config", {}),
            "status": "idle" if replayable else "not_replayable",
            "replay_explanation": "" if replayable else _UNANSWERED,
            "baseline_prompt": agent["prompt"],
            "baseline_repro_rate": None,
            "baseline_results": [],
            "baseline_stale": False,
            "hypotheses": [],
            "candidates": [],
            "experiments": [],
            "progress": {"stage": "idle", "done": 0, "total": 0},
            "prompt_drift": {},
            "search_result": None,
            "suggested_lane_change": None,
            "applied_agent_version": None,
            "applied_candidate_id": None,
            "error_message": None,
            # Kept with the investigation and not shown: whether it goes on by itself.
            "auto": wanted.get("run") == "auto",
        },
    )
    changed = change(world, str(record.id), {})
    return hypothesize(world, str(record.id)) if replayable and record.document["auto"] else changed


def change(world: World, identity: str, changes: Document) -> Record:
    """An investigation with some fields changed; the cluster it is about shows how it stands."""
    record = world.change(INVESTIGATIONS, identity, changes)
    investigation = record.document
    cluster = clusters.named(world, investigation["issue_pattern_id"])
    if cluster is not None:
        summary = {
            "investigation_id": identity,
            "status": investigation["status"],
            "candidate_count": len(investigation["candidates"]),
        }
        clusters.change(world, cluster.id, {"investigation_summary": summary})
    return record


def hypothesize(world: World, identity: str) -> Record:
    """The calls are being replayed as they were, to suppose causes."""
    total = len(document(world, identity)["call_ids"])
    progress = {"stage": "baseline", "done": 0, "total": total}
    world.clock.after(BASELINE_SECONDS, replay_baseline, (INVESTIGATIONS, identity), investigation_id=identity)
    return change(
        world, identity, {"status": "generating_hypotheses", "progress": progress, "baseline_results": []}
    )


def replay_baseline(world: World, investigation_id: str) -> None:
    """The next call has been replayed; after the last one it is known how often the issue shows, and why."""
    investigation = document(world, investigation_id)
    done = len(investigation["baseline_results"])
    results = [
        *investigation["baseline_results"],
        _baseline(world, investigation, investigation["call_ids"][done]),
    ]
    total = len(investigation["call_ids"])
    progress = {"stage": "baseline", "done": done + 1, "total": total}
    changes: Document = {"baseline_results": results, "progress": progress}
    if done + 1 < total:
        change(world, investigation_id, changes)
        subject = (INVESTIGATIONS, investigation_id)
        world.clock.after(BASELINE_SECONDS, replay_baseline, subject, investigation_id=investigation_id)
        return
    shown = sum(each["reproduced_count"] for each in results)
    changes["baseline_repro_rate"] = round(shown / sum(each["sample_count"] for each in results), 4)
    if shown:
        known = investigation["hypotheses"]
        causes = known if known else _hypotheses(world, investigation_id)
        changes |= {"status": "awaiting_candidates", "hypotheses": causes}
    else:
        changes |= {"status": "not_reproducible", "replay_explanation": _HARMLESS}
    change(world, investigation_id, changes)
    if shown and investigation["auto"]:
        search(world, investigation_id)


def search(world: World, identity: str) -> Record:
    """Prompts are being proposed, one for each supposed cause."""
    world.clock.after(WRITING_SECONDS, write_candidates, (INVESTIGATIONS, identity), investigation_id=identity)
    progress = {"stage": "candidates", "done": 0, "total": len(document(world, identity)["hypotheses"])}
    return change(world, identity, {"status": "generating_candidates", "progress": progress})


def write_candidates(world: World, investigation_id: str) -> None:
    """The prompts are written; each is tried out now."""
    investigation = document(world, investigation_id)
    known = {each["hypothesis_id"] for each in investigation["candidates"]}
    for cause in investigation["hypotheses"]:
        if cause["id"] not in known:
            edit = {"operation": "append", "text": cause["instruction"]}
            prompt = _edited(investigation["baseline_prompt"], [edit])
            add_candidate(
                world,
                investigation_id,
                {"label": cause["title"], "prompt": prompt, "rationale": cause["rationale"]},
                source="ai",
                hypothesis_id=cause["id"],
                edits=[edit],
            )
    investigation = document(world, investigation_id)
    trials = [
        experiment(world, investigation_id, [each], investigation["experiment_config"])
        for each in investigation["candidates"]
    ]
    total = sum(each.document["progress"]["total"] for each in trials)
    changes = {"status": "searching", "progress": {"stage": "experiments", "done": 0, "total": total}}
    change(world, investigation_id, {**changes, "trials": [each.id for each in trials]})
    _watch_on(world, investigation_id)


def watch(world: World, investigation_id: str) -> None:
    """Look at the experiments after each of their steps, until all of them are over."""
    investigation = document(world, investigation_id)
    trials = [each for each in experiments.of(world, investigation_id) if each["id"] in investigation["trials"]]
    progress = {**investigation["progress"], "done": sum(each["progress"]["done"] for each in trials)}
    changes: Document = {"progress": progress}
    over = all(each["status"] == "completed" for each in trials)
    if over:
        changes |= {"status": "ready", "search_result": _result(investigation, trials)}
    change(world, investigation_id, changes)
    if not over:
        _watch_on(world, investigation_id)


def add_candidate(
    world: World,
    identity: str,
    fields: Document,
    *,
    source: str,
    hypothesis_id: str | None,
    edits: Sequence[Document],
) -> Document:
    """A new candidate: a prompt to put in place of the agent's. Its edits count as verified once it was tried."""
    candidate = {
        "id": world.next_uuid("prompt candidates"),
        "kind": "prompt_edit",
        "source": source,
        "rationale": "",
        **fields,
        "hypothesis_id": hypothesis_id,
        "edits": list(edits),
        "edits_unverified": True,
        "latest_experiment_id": None,
        "created_at": world.now,
    }
    change(world, identity, {"candidates": [*document(world, identity)["candidates"], candidate]})
    return candidate


def experiment(world: World, identity: str, candidates: Sequence[Document], config: Document) -> Record:
    """A queued experiment with candidates of an investigation, who name it as their latest."""
    investigation = document(world, identity)
    begun = experiments.begin(world, investigation, candidates, {**investigation["experiment_config"], **config})
    tried = {each["id"] for each in candidates}
    changed = [
        {**each, "latest_experiment_id": begun.id, "edits_unverified": False} if each["id"] in tried else each
        for each in investigation["candidates"]
    ]
    change(world, identity, {"candidates": changed})
    return begun


def apply(world: World, identity: str, candidates: Sequence[Document], *, deploy: bool) -> Record:
    """The agent has the candidates' prompt, deployed or drafted; the issue counts as resolved, or as seen to."""
    investigation = document(world, identity)
    agent = world[prompts.AGENTS].get(investigation["agent_id"])
    assert agent is not None, "asked for only while the agent exists"
    edits = [edit for each in candidates[1:] for edit in each["edits"]]
    prompts.write(world, agent.document, _edited(candidates[0]["prompt"], edits), deploy=deploy)
    version = prompts.version(world, investigation["agent_id"]) if deploy else None
    record = change(
        world,
        identity,
        {
            "status": "applied",
            "applied_candidate_id": candidates[0]["id"],
            "applied_agent_version": version,
        },
    )
    cluster = clusters.named(world, investigation["issue_pattern_id"])
    if cluster is not None:
        changed = clusters.change(world, cluster.id, {"resolving_investigation_id": identity})
        clusters.settle(world, changed.document, "resolved" if deploy else "acknowledged")
    return record


def dismiss(world: World, identity: str) -> Record:
    """Nothing more happens to the investigation; what is being tried out fails."""
    world.clock.cancel((INVESTIGATIONS, identity))
    for each in experiments.of(world, identity):
        experiments.stop(world, each, "The investigation was dismissed.")
    return change(world, identity, {"status": "dismissed"})


def document(world: World, identity: str) -> Document:
    """The investigation with this id, which exists."""
    record = world[INVESTIGATIONS].get(identity)
    assert record is not None, "an investigation is never removed"
    return record.document


def _watch_on(world: World, identity: str) -> None:
    """Keep a timer of the investigation's own at its experiments' next step, behind theirs of that moment."""
    trials = document(world, identity)["trials"]
    steps = [due for each in trials if (due := world.clock.next_due((experiments.EXPERIMENTS, each))) is not None]
    world.clock.at(min(steps), watch, (INVESTIGATIONS, identity), investigation_id=identity)


def _baseline(world: World, investigation: Document, call_id: int) -> Document:
    """How often the issue shows when one call is replayed: mostly, if one was reported on it, else never."""
    record = world[calls.CALLS].get(call_id)
    assert record is not None, "a call is never removed"
    call = record.document
    count = experiments.samples_per_call(investigation["experiment_config"])
    shows = 0
    if call["issue_count"] and call["status"] == "completed":
        missed = chance.number("baseline", world.seed, world.organization, call_id) % (count // 2 + 1)
        shows = count - missed
    return {"call_id": call_id, "sample_count": count, "reproduced_count": shows}


def _hypotheses(world: World, identity: str) -> list[Document]:
    dice = chance.generator("hypotheses", world.seed, world.organization, identity)
    return [
        {
            "id": world.next_uuid("hypotheses"),
            "title": title,
            "rationale": rationale,
            "instruction": instruction,
        }
        for title, rationale, instruction in dice.sample(_CAUSES, SUPPOSED)
    ]


def _result(investigation: Document, trials: Sequence[Document]) -> dict[str, Any]:
    """What the search found: the candidate under which the issue shows least often."""
    best = min(trials, key=lambda each: each["summary"]["repro_rate"])
    return {
        "best_candidate_id": best["candidate_id"],
        "best_repro_rate": best["summary"]["repro_rate"],
        "baseline_repro_rate": investigation["baseline_repro_rate"],
        "experiment_count": len(trials),
    }


def _edited(prompt: str, edits: Sequence[Document]) -> str:
    """A prompt with what the edits append to it."""
    return " ".join([prompt.rstrip(), *(edit["text"] for edit in edits)])
