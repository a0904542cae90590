"""Validation: what an agent said in real calls, kept as examples and replayed under its prompt of today."""

from typing import Final

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Raw, Reply
from mockserver.errors import Conflict, NotFound
from mockserver.lifecycles import calls, conversations, members, prompts, recordings, reports
from mockserver.lifecycles import validation_examples as examples
from mockserver.lifecycles import validation_runs as runs
from mockserver.media.recording import Segment, render_mp3
from mockserver.simulation import views
from mockserver.world.store import Document
from mockserver.world.world import World

AGENTS: Final = "agents"
REPLAYER: Final = "mock-replayer"
LATENCY_MS: Final = 640
"""How long a replay is said to have taken (invented)."""


def calls_validation_examples(world: World, inputs: Inputs) -> Reply:
    """A new example of what the agent said in one turn of the call."""
    call = defaults.find(world, calls.CALLS, "call_id", inputs).document
    body = defaults.wanted(inputs)
    agent = None if call["agent_id"] is None else world[AGENTS].get(call["agent_id"])
    if call["status"] == "in_progress" or agent is None:
        what = "is still in progress" if agent is not None else "has no agent"
        raise Conflict(f"The call {what}, so nothing of it can be an example.")
    rows = views.transcript(conversations.of(world, call["call_id"]))
    turn = body["turn_index"]
    if turn >= len(rows):
        raise NotFound(f"Not found: turn_index {turn}; the call has {len(rows)} turns, counted from 0.")
    if rows[turn]["role"] != "assistant":
        spoken = ", ".join(str(index) for index, row in enumerate(rows) if row["role"] == "assistant")
        raise Conflict(f"The agent does not speak in turn {turn}, but in {spoken if spoken else 'none'}.")
    issue = _issue(world, call, body.get("source_issue_id"))
    made = examples.add(world, agent.document, call, rows, turn, body["kind"], issue)
    return Reply(_shown(world, made.document))


def validation_examples_list(world: World, inputs: Inputs) -> Reply:
    """All examples, without what was said before them."""
    return Reply({"examples": [_in_short(world, record.document) for record in world[examples.EXAMPLES]]})


def agents_validation_examples_list(world: World, inputs: Inputs) -> Reply:
    """The agent's examples, without what was said before them."""
    agent = defaults.find(world, AGENTS, "agent_id", inputs).document
    return Reply({"examples": [_in_short(world, each) for each in examples.of_agent(world, agent["id"])]})


def validation_examples_retrieve(world: World, inputs: Inputs) -> Reply:
    """One example with what was said before it."""
    return Reply(_shown(world, defaults.record_of(world, inputs).document))


def validation_examples_partial_update(world: World, inputs: Inputs) -> Reply:
    """The example changed. Raises Conflict for one that would hold an agent to nothing."""
    record = defaults.record_of(world, inputs)
    changes = defaults.given(inputs)
    after = {**record.document, **changes}
    if after["status"] == "active" and not after["expectation"]:
        raise Conflict("An active example needs an expectation; send one along.")
    return Reply(_shown(world, world.change(examples.EXAMPLES, record.id, changes).document))


def validation_examples_delete(world: World, inputs: Inputs) -> Reply:
    """Nothing; the issue behind the example does not name it any more."""
    examples.remove(world, defaults.record_of(world, inputs).document)
    return Reply(None)


def validation_examples_replay(world: World, inputs: Inputs) -> Reply:
    """What the agent would say now; asked again under the same prompt, from the cache."""
    example = defaults.find(world, examples.EXAMPLES, "example_id", inputs).document
    prompt_hash = prompts.draft_hash(_agent_of(world, example))
    key = examples.cache_key(example, prompt_hash)
    cached = key in example["replays"]
    if not cached:
        world.change(examples.EXAMPLES, example["id"], {"replays": [*example["replays"], key]})
    replayed = examples.replay(world, example, prompt_hash)
    return Reply(
        {
            "cached": cached,
            "raw_prompt_hash": prompt_hash,
            "replay_cache_key": key,
            "replay_metadata": {"example_id": example["id"], "model": REPLAYER, "latency_ms": LATENCY_MS},
            "replayed_output": {"role": "assistant", "content": replayed.content},
        }
    )


def validation_examples_audio_retrieve(world: World, inputs: Inputs) -> Reply:
    """What the caller is heard saying in one turn, as an MP3 file."""
    example = defaults.find(world, examples.EXAMPLES, "example_id", inputs).document
    index, call_id = inputs.path["span_index"], example["source_call_id"]
    if index not in example["audio_span_indices"] or recordings.recorded_call(world, call_id) is None:
        known = ", ".join(map(str, example["audio_span_indices"]))
        raise NotFound(f"Not found: no audio of turn {index}; there is of {known if known else 'none'}.")
    row = views.transcript(conversations.of(world, call_id))[index]
    length = max(row["end_ms"] - row["start_ms"], 1)
    spoken = render_mp3([Segment("user", 0, length)], length, seed=recordings.voice_seed(world, call_id))
    return Reply(Raw(spoken, "application/octet-stream"))


def agents_validation_runs(world: World, inputs: Inputs) -> Reply:
    """A queued run of all the agent's examples but the archived ones."""
    agent = defaults.find(world, AGENTS, "agent_id", inputs).document
    held_to = [each for each in examples.of_agent(world, agent["id"]) if each["status"] != "archived"]
    if not held_to:
        raise Conflict("The agent has no validation examples; make some of its calls before running them.")
    source = defaults.wanted(inputs)["config_source"]
    by = _name_of(world, inputs.request.user_id)
    prompt_hash = prompts.draft_hash(agent)
    return Reply(runs.begin(world, agent, held_to, prompt_hash=prompt_hash, source=source, by=by))


def agents_validation_status_list(world: World, inputs: Inputs) -> Reply:
    """How many examples hold the agent, its newest run, and whether that was of its prompt as it is now."""
    agent = defaults.find(world, AGENTS, "agent_id", inputs).document
    latest = runs.latest(world, agent["id"])
    return Reply(
        {
            "active_example_count": sum(
                each["status"] == "active" for each in examples.of_agent(world, agent["id"])
            ),
            "latest_run": latest,
            "latest_run_matches_draft": latest is not None and latest["prompt_hash"] == prompts.draft_hash(agent),
        }
    )


def validation_sets_list(world: World, inputs: Inputs) -> Reply:
    """Each agent that has examples, with how many and how its newest run went."""
    sets = []
    for record in world[AGENTS]:
        agent = record.document
        held_to = examples.of_agent(world, agent["id"])
        if held_to:
            sets.append(
                {
                    "agent_id": agent["id"],
                    "agent_name": agent["name"],
                    "example_count": len(held_to),
                    "active_example_count": sum(each["status"] == "active" for each in held_to),
                    "latest_run": runs.latest(world, agent["id"]),
                }
            )
    return Reply({"agents": sets})


def _issue(world: World, call: Document, report_id: int | None) -> Document | None:
    """The report an example is about, if it names one. Raises NotFound unless the call has it."""
    if report_id is None:
        return None
    record = world[reports.REPORTS].get(report_id)
    if record is None or record.document["call_id"] != call["call_id"]:
        raise NotFound(f"Not found: source_issue_id {report_id} is none of this call's issue-reports.")
    return record.document


def _agent_of(world: World, example: Document) -> Document:
    record = world[AGENTS].get(example["agent_id"])
    if record is None:
        raise Conflict("The agent of this example is gone; there is nobody to replay it.")
    return record.document


def _shown(world: World, example: Document) -> Document:
    """An example with what depends on its agent's prompt as it is now."""
    agent = world[AGENTS].get(example["agent_id"])
    same = agent is not None and example["prompt_hash"] == prompts.draft_hash(agent.document)
    return {**example, "is_stale_prompt": not same}


def _in_short(world: World, example: Document) -> Document:
    shown = _shown(world, example)
    del shown["context"]
    return shown


def _name_of(world: World, user_id: int) -> str:
    """The name of a person of this organization."""
    for record in world[members.MEMBERS]:
        if record.document["user_id"] == user_id:
            return f"{record.document['first_name']} {record.document['last_name']}".strip()
    person = members.founder(world)
    return f"{person.first_name} {person.last_name}"
