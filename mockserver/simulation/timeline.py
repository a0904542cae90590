"""When things happen in one call. Made from the scenario's templates and chance alone: nothing is worded yet.

`outline` gives the length and the end of a call in constant time; `plan` adds each turn's times.
"""

from dataclasses import dataclass
from typing import NamedTuple

from mockserver import chance
from mockserver.simulation.pacing import PACE, TAIL_MS
from mockserver.simulation.scenarios import Scenario


@dataclass(frozen=True, slots=True)
class Outline:
    """How long a call takes and how it ends; milliseconds from the call's start.

    * ends_ms: when it ends, or when it fails.
    * duration_ms: `ends_ms` rounded down to whole seconds, and still not before the last word's end; 0 for a
      call that never connected.
    * answered_ms: when the line opens; None when it never does.
    """

    ends_ms: int
    duration_ms: int
    answered_ms: int | None
    status: str
    end_reason: str


class Timing(NamedTuple):
    """When one turn happens. `turn` is its place in the scenario; silences have no timing.

    * start_ms, end_ms: of the speech; of a tool's call and of its answer.
    * wait_ms: from the end of what came before (and the scenario's own silence) to `start_ms`; 0 for a caller
      who cuts in.
    * acknowledged_ms: end of what the agent says while a tool works, from `start_ms` on; None without.
    """

    turn: int
    start_ms: int
    end_ms: int
    wait_ms: int
    acknowledged_ms: int | None


@dataclass(frozen=True, slots=True)
class Plan(Outline):
    """An outline with the times of all turns, ordered by start, each ending by `duration_ms`."""

    turns: tuple[Timing, ...]


def outline(scenario: Scenario, *parts: chance.Part) -> Outline:
    """How long the call named by `parts` takes and how it ends: the same as in its plan."""
    return _outline(scenario, chance.digest("timing", *parts))


def plan(scenario: Scenario, *parts: chance.Part) -> Plan:
    """All times of the call named by `parts`. The same parts give the same plan, whatever is said."""
    seed = chance.digest("timing", *parts)
    whole = _outline(scenario, seed)
    return Plan(
        ends_ms=whole.ends_ms,
        duration_ms=whole.duration_ms,
        answered_ms=whole.answered_ms,
        status=whole.status,
        end_reason=whole.end_reason,
        turns=_timings(scenario, seed, parts),
    )


def _pace(seed: bytes) -> float:
    slowest, fastest = PACE
    return slowest + (fastest - slowest) * (seed[0] << 8 | seed[1]) / 0xFFFF


def _outline(scenario: Scenario, seed: bytes) -> Outline:
    rings = scenario.rings * 1000
    ends = scenario.ends
    if ends.status == "failed":
        return Outline(int(rings), 0, None, ends.status, ends.reason)
    _, elastic, fixed = scenario.layout
    tail = TAIL_MS[0] + (seed[2] << 8 | seed[3]) % (TAIL_MS[1] - TAIL_MS[0])
    ends_ms = int(rings + fixed + elastic * _pace(seed) + tail)
    return Outline(ends_ms, ends_ms // 1000 * 1000, int(rings), ends.status, ends.reason)


def _timings(scenario: Scenario, seed: bytes, parts: tuple[chance.Part, ...]) -> tuple[Timing, ...]:
    blocks = scenario.layout.blocks
    pace = _pace(seed)
    wobbles = seed[4:]
    while len(wobbles) < len(blocks):
        wobbles += chance.digest("timing", "more", len(wobbles), *parts)
    opened = scenario.rings * 1000
    timings = []
    shift, ended = 0.0, int(opened)
    for block, wobble in zip(blocks, wobbles, strict=False):
        if not block.tied:
            lean = (wobble - 127.5) / 127.5
            shift = lean * pace * (block.room_before if lean < 0 else block.room_after)
        begins = opened + block.fixed + block.elastic * pace + shift
        start = int(begins)
        wait = start - ended - int(block.silence)
        ended = int(begins + block.fixed_length + block.elastic_length * pace)
        said = block.elastic_length > 0
        timings.append(
            Timing(
                block.turn,
                start,
                ended if said else start + block.takes,
                0 if block.tied else wait,
                start + block.acknowledgement if block.acknowledgement else None,
            )
        )
    return tuple(timings)
