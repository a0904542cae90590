"""Investigations: begun, taken from step to step, and applied to the agent."""

from typing import Final

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import Conflict, NotFound
from mockserver.lifecycles import calls, experiments, investigations, prompts, reports
from mockserver.world.store import Document, Record
from mockserver.world.world import World

_CALM: Final = ("awaiting_candidates", "ready")
"""When causes are known and nothing is going on."""


def investigations_create(world: World, inputs: Inputs) -> Reply:
    """A new investigation: idle, or with `run` auto on its way to being ready."""
    body = defaults.wanted(inputs)
    agent = world[prompts.AGENTS].get(body["agent_id"])
    if agent is None:
        raise NotFound(f"Not found: agent_id {body['agent_id']} is none of this organization's agents.")
    wanted = {**body, "call_ids": list(dict.fromkeys(body["call_ids"]))}
    for identity in wanted["call_ids"]:
        _require_call(world, identity, agent.document)
    for trace in body["issue_trace_ids"]:
        if world[reports.REPORTS].find("trace_id", trace) is None:
            raise NotFound(f"Not found: issue_trace_ids has {trace}, which is none of your issue-reports.")
    return Reply(_shown(world, investigations.open_new(world, agent.document, wanted)))


def investigations_list(world: World, inputs: Inputs) -> Reply:
    """All investigations, the newest first."""
    collection = world[investigations.INVESTIGATIONS]
    return Reply([_shown(world, record) for record in collection.page(limit=len(collection)).records])


def investigations_retrieve(world: World, inputs: Inputs) -> Reply:
    """The investigation with its candidates and experiments."""
    return Reply(_shown(world, defaults.record_of(world, inputs)))


def investigations_partial_update(world: World, inputs: Inputs) -> Reply:
    """The investigation dismissed, or with another configuration for its experiments to come."""
    record = defaults.record_of(world, inputs)
    changes = defaults.given(inputs)
    identity, status = str(record.id), record.document["status"]
    if status in ("applied", "dismissed") and changes:
        raise Conflict(f"The investigation is {status} and cannot be changed any more.")
    if "experiment_config" in changes:
        record = investigations.change(world, identity, {"experiment_config": changes["experiment_config"]})
    return Reply(_shown(world, investigations.dismiss(world, identity) if "status" in changes else record))


def investigations_hypotheses(world: World, inputs: Inputs) -> Reply:
    """The investigation on its way to causes."""
    identity = _in(world, inputs, ("idle", *_CALM), "suppose causes")
    return Reply(_shown(world, investigations.hypothesize(world, identity)))


def investigations_search(world: World, inputs: Inputs) -> Reply:
    """The investigation on its way to prompts that have been tried out."""
    return Reply(_shown(world, investigations.search(world, _in(world, inputs, _CALM, "search for prompts"))))


def investigations_candidates_manual(world: World, inputs: Inputs) -> Reply:
    """A new candidate by a person."""
    identity = _in(world, inputs, ("idle", *_CALM), "add a candidate")
    body = defaults.given(inputs)
    edit = {"operation": "replace", "text": body["prompt"]}
    return Reply(
        investigations.add_candidate(world, identity, body, source="manual", hypothesis_id=None, edits=[edit])
    )


def investigations_candidates_experiments(world: World, inputs: Inputs) -> Reply:
    """A queued experiment with the candidate, and with others beside it."""
    identity = _in(world, inputs, _CALM, "experiment")
    body = defaults.given(inputs)
    named = [inputs.path["candidate_id"], *body.get("candidate_ids", [])]
    candidates = _candidates(investigations.document(world, identity), named)
    return Reply(investigations.experiment(world, identity, candidates, body.get("config", {})))


def investigations_apply(world: World, inputs: Inputs) -> Reply:
    """The investigation applied: the agent has the prompt of the candidates named, or of the best one."""
    identity = _in(world, inputs, _CALM, "apply a candidate")
    investigation = investigations.document(world, identity)
    body = defaults.wanted(inputs)
    named = [body["candidate_id"]] if "candidate_id" in body else []
    named += body.get("candidate_ids", [])
    if not named:
        if investigation["search_result"] is None:
            raise Conflict("Nothing has been searched for yet; name a candidate by candidate_id.")
        named = [investigation["search_result"]["best_candidate_id"]]
    candidates = _candidates(investigation, named)
    if len(candidates) > 1 and any(each["source"] == "manual" for each in candidates[1:]):
        raise Conflict("A candidate by a person replaces the whole prompt; name it first or alone.")
    agent = world[prompts.AGENTS].get(investigation["agent_id"])
    if agent is None or agent.document["prompt"] != investigation["baseline_prompt"]:
        what = "is gone" if agent is None else "has another prompt than the one investigated"
        raise Conflict(f"The agent {what}; begin a new investigation.")
    return Reply(_shown(world, investigations.apply(world, identity, candidates, deploy=body["deploy"])))


def _require_call(world: World, call_id: int, agent: Document) -> None:
    """Raise NotFound for an unknown call or another agent's, Conflict for one in progress."""
    record = world[calls.CALLS].get(call_id)
    if record is None:
        raise NotFound(f"Not found: call_ids has {call_id}, which is none of this organization's calls.")
    if record.document["agent_id"] != agent["id"]:
        raise NotFound(f"Not found: call_ids has {call_id}, which is none of agent {agent['id']}'s calls.")
    if record.document["status"] == "in_progress":
        raise Conflict(f"The call {call_id} is still in progress; investigate it once it has ended.")


def _in(world: World, inputs: Inputs, statuses: tuple[str, ...], what: str) -> str:
    """The id of the investigation the path names. Raises Conflict unless it is in one of `statuses`."""
    record = defaults.find(world, investigations.INVESTIGATIONS, "investigation_id", inputs)
    status = record.document["status"]
    if status not in statuses:
        wait = " Wait until that is done." if status in investigations.BUSY else ""
        raise Conflict(f"The investigation is {status}; to {what} it must be {' or '.join(statuses)}.{wait}")
    return str(record.id)


def _candidates(investigation: Document, named: list[str]) -> list[Document]:
    """The candidates named, each once. Raises NotFound for one that the investigation does not have."""
    known = {each["id"]: each for each in investigation["candidates"]}
    for identity in named:
        if identity not in known:
            raise NotFound(f"Not found: {identity} is none of this investigation's candidates.")
    return [known[identity] for identity in dict.fromkeys(named)]


def _shown(world: World, record: Record) -> Document:
    """An investigation with its experiments, and whether its agent has moved on."""
    investigation = record.document
    agent = world[prompts.AGENTS].get(investigation["agent_id"])
    current = "" if agent is None else str(agent.document["prompt"])
    stale = current != investigation["baseline_prompt"]
    return {
        **investigation,
        "baseline_stale": stale,
        "prompt_drift": {
            "drifted": stale,
            "baseline_prompt_hash": prompts.hash_of(investigation["baseline_prompt"]),
            "current_prompt_hash": prompts.hash_of(current),
        },
        "experiments": experiments.of(world, str(record.id)),
    }
