"""What is said in one call: the scenario's gaps filled, and everything put into one JSON document."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import orjson

from mockserver import chance, shipped
from mockserver.simulation.placeholders import GROUPS, Value
from mockserver.simulation.scenarios import Scenario
from mockserver.simulation.templates import Fill, Placeholder, fill_json
from mockserver.simulation.timeline import Plan, Timing
from mockserver.simulation.turns import AssistantTurn, ToolTurn, UserTurn

Conversation = dict[str, Any]

# How often a value is made anew when another label has the same: nobody offers 3 PM or 3 PM.
_TRIES: Final = 8


class Wording:
    """Fills conversations. Keep one for the whole process: it holds the names of fixtures/names once read."""

    def __init__(self) -> None:
        self._names: dict[str, Mapping[str, Sequence[str]]] = {}

    def fill(self, scenario: Scenario, plan: Plan, facts: Mapping[str, str], *parts: chance.Part) -> Conversation:
        """The conversation of the call named by `parts`, as JSON data.

        `facts` are values known from elsewhere, by placeholder: agent_name, company, from_number, to_number,
        and any other (`customer.first_name`). `today` (YYYY-MM-DD) is the day from which dates are counted.
        What is not given is invented, the same for the same parts. One turn is
        `{role: assistant | user, content, unspoken, start_ms, end_ms, wait_ms}` or
        `{role: tool, id, name, arguments, response, error, start_ms, end_ms, duration_ms, acknowledgement}`;
        `unspoken` is what an interrupted agent did not get to say, else null.
        """
        value = self._values(scenario.locale, facts, ("wording", *parts))
        transfer = scenario.ends.transfer
        return {
            "scenario": scenario.name,
            "turns": [
                _turn(scenario.turns[timing.turn], timing, value, ("tool", timing.turn, *parts))
                for timing in plan.turns
            ],
            "transfer_number": None if transfer is None else transfer.fill(value),
        }

    def _values(self, locale: str, facts: Mapping[str, str], parts: tuple[chance.Part, ...]) -> Fill:
        """What to say for each placeholder, the same each time within one call."""
        made: dict[tuple[str, str], dict[str, Value]] = {}

        def value(gap: Placeholder) -> Value:
            key = (gap.group, gap.label)
            if key not in made:
                others = [values for (group, _), values in made.items() if group == gap.group]
                for attempt in range(_TRIES):
                    number = chance.number(*parts, *key, attempt, bits=256)
                    made[key] = GROUPS[gap.group].make(_Draw(facts, gap, number, self._names_of(locale)))
                    if made[key] not in others:
                        break
            return made[key][gap.part]

        return value

    def _names_of(self, locale: str) -> Callable[[str], Sequence[str]]:
        if locale not in self._names:
            file = shipped.folder("fixtures") / "names" / f"{locale}.json"
            self._names[locale] = orjson.loads(file.read_bytes())
        return self._names[locale].__getitem__


class _Draw:
    """The chance of one group in one call: a large number, used up digit by digit."""

    def __init__(
        self, facts: Mapping[str, str], gap: Placeholder, number: int, names: Callable[[str], Sequence[str]]
    ) -> None:
        self.facts = facts
        self._gap = gap
        self._number = number
        self._names = names

    def below(self, bound: int) -> int:
        self._number, value = divmod(self._number, bound)
        return value

    def pick(self, choices: Sequence[str]) -> str:
        return choices[self.below(len(choices))]

    def name(self, kind: str) -> str:
        return self.pick(self._names(kind))

    def given(self, part: str, invented: Value) -> Value:
        name = f"{self._gap.group}.{part}" if part else self._gap.group
        return self.facts.get(f"{name}:{self._gap.label}" if self._gap.label else name, invented)


def _turn(turn: Any, timing: Timing, value: Fill, parts: tuple[chance.Part, ...]) -> dict[str, Any]:
    if isinstance(turn, ToolTurn):
        return _tool(turn, timing, value, parts)
    assert isinstance(turn, AssistantTurn | UserTurn)
    spoken, unspoken = turn.cut if isinstance(turn, AssistantTurn) else (turn.template, None)
    return {
        "role": "assistant" if isinstance(turn, AssistantTurn) else "user",
        "content": spoken.fill(value),
        "unspoken": None if unspoken is None else unspoken.fill(value),
        "start_ms": timing.start_ms,
        "end_ms": timing.end_ms,
        "wait_ms": timing.wait_ms,
    }


def _tool(turn: ToolTurn, timing: Timing, value: Fill, parts: tuple[chance.Part, ...]) -> dict[str, Any]:
    arguments, response, error = turn.compiled
    spoken = turn.acknowledgement
    return {
        "role": "tool",
        "id": f"call_{chance.token(*parts, length=24)}",
        "name": turn.tool,
        "arguments": fill_json(arguments, value),
        "response": fill_json(response, value),
        "error": None if error is None else error.fill(value),
        "start_ms": timing.start_ms,
        "end_ms": timing.end_ms,
        "duration_ms": timing.end_ms - timing.start_ms,
        "acknowledgement": None
        if spoken is None
        else {
            "content": spoken.template.fill(value),
            "end_ms": timing.acknowledged_ms,
            "mode": spoken.mode,
        },
    }
