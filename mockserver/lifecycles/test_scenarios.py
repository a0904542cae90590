"""Scenarios to test an agent with: written by a person, proposed, or taken from a call.

A scenario is as old as the agent's prompt it was written for, and stale once that has changed. What is proposed
comes from a short list of ours: nobody's model writes here.
"""

from collections.abc import Sequence
from itertools import cycle, islice
from typing import Final

from mockserver.lifecycles import conversations, prompts, reports
from mockserver.simulation import views
from mockserver.world.store import Document, Id, Record
from mockserver.world.world import World

SCENARIOS: Final = "agents/test-scenarios"
SUBJECT: Final = "scenario"
"""What a scenario is called where an issue names the test cases that guard it."""

_USUAL: Final = (
    ("A plain question", "You want to know one simple thing. Ask it, thank the agent and hang up."),
    ("Something to change", "You want to change something you arranged last week and have the details at hand."),
    ("A complaint", "Something went wrong and you want it put right. Stay polite, and insist."),
    ("First contact", "You call for the first time and want to know what is offered and what it costs."),
    ("A status", "You are waiting for something and ask where it is. You know its number by heart."),
    ("A person, please", "You want to speak to a person and say so twice."),
)
_EDGE: Final = (
    ("Two things at once", "You ask for two things in one breath and expect both to be dealt with."),
    ("A change of mind", "Halfway through you want something else. See whether the agent follows."),
    ("Hardly audible", "You stand in the street and ask for every second sentence to be repeated."),
    ("Off the subject", "You try to talk about something that is none of the agent's business."),
)


def add(world: World, agent: Document, fields: Document) -> Record:
    """A new scenario of the agent, written for its prompt as it is now."""
    return world.create(
        SCENARIOS,
        {
            "source": "manual",
            "direction": "inbound",
            "labels": [],
            "latest_verdict": "",
            **fields,
            "agent_id": agent["id"],
            "prompt_hash": prompts.draft_hash(agent),
        },
    )


def propose(world: World, agent: Document, *, count: int, edge_cases: bool, locale: str) -> list[Record]:
    """`count` new scenarios from our list; every third one is an edge case, if they are wanted."""
    usual, edge = cycle(_USUAL), cycle(_EDGE)
    picked = [next(edge if edge_cases and index % 3 == 2 else usual) for index in range(count)]
    return [
        add(
            world,
            agent,
            {
                "title": title,
                "scenario_prompt": f"You are calling {agent['name']}. {prompt}",
                "source": "ai",
                "labels": [locale, *(["edge-case"] if (title, prompt) in _EDGE else [])],
            },
        )
        for title, prompt in picked
    ]


def refresh(world: World, agent: Document, scenarios: Sequence[Document]) -> list[Record]:
    """The scenarios made to fit the agent's prompt as it is now; what they came to before counts no more."""
    changes = {"prompt_hash": prompts.draft_hash(agent), "latest_verdict": ""}
    return [world.change(SCENARIOS, each["id"], changes) for each in scenarios]


def promote(
    world: World, agent: Document, call: Document, *, turn: int | None, issue: Document | None
) -> tuple[Record, bool]:
    """The scenario that plays a call again, and whether it is new: the same wish is granted once."""
    trace = None if issue is None else issue["trace_id"]
    for record in world[SCENARIOS].page(where={"source_call_id": call["call_id"]}, limit=1_000).records:
        known = record.document
        if (known["source_issue_trace_id"], known["source_turn_index"]) == (trace, turn):
            return record, False
    title = conversations.scenario_of(world, call).title if issue is None else issue["title"]
    record = add(
        world,
        agent,
        {
            "title": title if title else f"Call {call['call_id']}",
            "scenario_prompt": _retold(world, call, turn),
            "direction": "outbound" if call["direction"] == "outbound" else "inbound",
            "source": "production",
            "source_call_id": call["call_id"],
            "source_issue_trace_id": trace,
            "source_turn_index": turn,
            # Kept with the scenario and not shown: a run of it goes as the call went.
            "mock_scenario": call["mock_scenario"],
        },
    )
    if issue is not None:
        reports.guard(world, issue["id"], SUBJECT, int(record.id))
    return record, True


def remove(world: World, scenario: Document) -> None:
    """Forget a scenario; the issue it came from is not guarded by it any more."""
    world.remove(SCENARIOS, scenario["id"])
    trace = scenario["source_issue_trace_id"]
    issue = None if trace is None else world[reports.REPORTS].find("trace_id", trace)
    if issue is not None:
        reports.unguard(world, issue.id, SUBJECT, scenario["id"])


def judge(world: World, identity: Id, verdict: str) -> None:
    """Keep what a scenario came to, if it is still there."""
    if identity in world[SCENARIOS]:
        world.change(SCENARIOS, identity, {"latest_verdict": verdict})


def _retold(world: World, call: Document, turn: int | None) -> str:
    """What the caller of a call said, up to the turn that went wrong, as instructions for the bot."""
    rows = views.transcript(conversations.of(world, call["call_id"]))
    said = [row["content"] for row in islice(rows, None if turn is None else turn + 1) if row["role"] == "user"]
    if not said:
        return "You are calling and say nothing."
    return "You are calling and say, one after the other: " + " ".join(f"“{words}”" for words in said)
