"""How long things take in a pretend call, and how a scenario's turns lie one after another.

Every constant here is invented: the vendor publishes none. Two kinds of time are kept apart. *Elastic* time
(speech, pauses between speakers) is stretched by the pace of the call; *fixed* time (what the scenario gives
in seconds, and acknowledgements) is not. Both are summed once per scenario, so that the length of a call at a
given pace costs one multiplication.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from mockserver.simulation.turns import AssistantTurn, SilenceTurn, ToolTurn, Turn, UserTurn

ASSISTANT_WORD_MS: Final = 350.0
USER_WORD_MS: Final = 390.0

# From the end of what came before to the first sound, or to the tool's call.
OPENING_MS: Final = 1200.0
REPLY_MS: Final = 800.0
ANSWER_MS: Final = 900.0
SAME_SPEAKER_MS: Final = 450.0
TOOL_CALL_MS: Final = 500.0
AFTER_TOOL_MS: Final = 600.0

# How long both are heard at once when the caller cuts in.
OVERLAP_MS: Final = 300.0

# The pace of a call stretches its elastic time by a factor in this range.
PACE: Final = (0.9, 1.12)
# A turn may begin earlier or later by this part of the pause beside it; below a half, so that none overlap.
WOBBLE: Final = 0.4
# From the last sound to the end of the call. At least a second: the end is rounded down to whole seconds.
TAIL_MS: Final = (1000, 2000)

# Of the wait before a reply: the part in which the model works, and of that the part before its first word.
MODEL_SHARE: Final = 0.65
FIRST_TOKEN_SHARE: Final = 0.4


class Block(NamedTuple):
    """Where one turn lies at pace 1, in ms from the moment the line is open.

    It begins at `elastic` + `fixed` and lasts `elastic_length` + `fixed_length`. `silence` is the scenario's
    own silence right before it. It may move by `room_before` and `room_after`; a `tied` block moves exactly
    as the one before. `takes` and `acknowledgement` are a tool's, counted from the block's beginning.
    """

    turn: int
    elastic: float
    fixed: float
    elastic_length: float
    fixed_length: float
    silence: float
    room_before: float
    room_after: float
    tied: bool
    takes: int
    acknowledgement: int


class Layout(NamedTuple):
    """All blocks in order, and the sums of elastic and fixed time up to the end of the last turn."""

    blocks: tuple[Block, ...]
    elastic: float
    fixed: float


def lay_out(turns: Sequence[Turn]) -> Layout:
    """The layout of `turns`. It depends on the written text alone, never on what gaps are filled with."""
    blocks: list[Block] = []
    gaps: list[float] = []
    elastic = fixed = silence = 0.0
    before: Turn | None = None
    for index, turn in enumerate(turns):
        if isinstance(turn, SilenceTurn):
            silence += turn.silence * 1000
            fixed += turn.silence * 1000
            continue
        tied = isinstance(before, AssistantTurn) and before.interrupted_after is not None
        gap = -min(OVERLAP_MS, blocks[-1].elastic_length / 2) if tied else _pause(before, turn)
        elastic_length, fixed_length, takes, acknowledgement = _length(turn)
        elastic += gap
        blocks.append(
            Block(
                turn=index,
                elastic=elastic,
                fixed=fixed,
                elastic_length=elastic_length,
                fixed_length=fixed_length,
                silence=silence,
                room_before=0.0,
                room_after=0.0,
                tied=tied,
                takes=takes,
                acknowledgement=acknowledgement,
            )
        )
        gaps.append(gap)
        elastic += elastic_length
        fixed += fixed_length
        silence = 0.0
        before = turn
    return Layout(_with_room(blocks, gaps), elastic, fixed)


def _pause(before: Turn | None, turn: Turn) -> float:
    if before is None:
        return OPENING_MS
    if isinstance(turn, ToolTurn):
        return TOOL_CALL_MS
    if isinstance(before, ToolTurn):
        return AFTER_TOOL_MS
    if isinstance(turn, AssistantTurn):
        return REPLY_MS if isinstance(before, UserTurn) else SAME_SPEAKER_MS
    return ANSWER_MS if isinstance(before, AssistantTurn) else SAME_SPEAKER_MS


def _length(turn: AssistantTurn | UserTurn | ToolTurn) -> tuple[float, float, int, int]:
    """Elastic and fixed length, a tool's time to answer and the length of its acknowledgement, in ms."""
    if isinstance(turn, AssistantTurn):
        return turn.cut[0].words() * ASSISTANT_WORD_MS, 0.0, 0, 0
    if isinstance(turn, UserTurn):
        return turn.template.words() * USER_WORD_MS, 0.0, 0, 0
    spoken = turn.acknowledgement
    acknowledgement = 0 if spoken is None else int(spoken.template.words() * ASSISTANT_WORD_MS)
    return 0.0, float(max(turn.takes_ms, acknowledgement)), turn.takes_ms, acknowledgement


def _with_room(blocks: list[Block], gaps: list[float]) -> tuple[Block, ...]:
    """`blocks`, each with the room it has: a part of the pause on either side of itself and what is tied."""
    after = [gaps[i + 1] if i + 1 < len(gaps) else 0.0 for i in range(len(gaps))]
    for i in reversed(range(len(blocks) - 1)):
        if blocks[i + 1].tied:
            after[i] = after[i + 1]
    return tuple(
        block._replace(room_before=WOBBLE * gap, room_after=WOBBLE * room)
        for block, gap, room in zip(blocks, gaps, after, strict=True)
    )
