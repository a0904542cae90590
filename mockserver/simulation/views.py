"""The faces of one conversation document: transcript, history, and the calls of its tools.

Both lists are ordered by time (`start_ms`, or `at_ms`). With `until_ms` they show a call in progress: the
entries that have begun by then, and of what is being spoken the words so far, including the one in the
speaker's mouth. So a later view only adds entries at the end and lets the last ones grow.
What is returned shares its nested values with the document; copy before changing anything.

The fields of a history entry are invented: the vendor names the seven types and nothing more.
"""

import json
from collections.abc import Iterator
from re import finditer
from typing import Any

from mockserver.errors import WrongUse
from mockserver.simulation.pacing import FIRST_TOKEN_SHARE, MODEL_SHARE
from mockserver.simulation.wording import Conversation

Entry = dict[str, Any]


def transcript(conversation: Conversation, *, until_ms: int | None = None) -> list[Entry]:
    """Rows `{role, content_type, content, start_ms, end_ms}`.

    A tool is two rows of no length next to each other, at its call and at its answer; their content is
    compact JSON: `{"name", "arguments"}`, and the response (`{"error": text}` when there is only an error).
    What the agent says meanwhile is an assistant's row before them.
    """
    return [_row(row, until_ms) for row in _rows(conversation) if until_ms is None or row["start_ms"] <= until_ms]


def history(conversation: Conversation, *, until_ms: int | None = None) -> list[Entry]:
    """Typed entries; `index` is the place in the whole list.

    * span: someone speaks; `first_byte_ms` is how long the caller waited for the agent's first sound.
    * completion: the model finished (at `at_ms`, after `total_ms`) the text of the following span.
    * interrupt: the agent fell silent; `target_index` is its span. patch: the completion `target_index` is
      corrected to what was said.
    * function_call, function_response: a tool; acknowledgement: what the agent says meanwhile. It is not also
      a span: spans and acknowledgements together are the transcript's text rows, one to one.
    """
    entries = sorted(_entries(conversation), key=_time)
    for index, entry in enumerate(entries):
        entry["index"] = index
    for entry in entries:
        if "target_index" in entry:
            entry["target_index"] = entry["target_index"]["index"]
    return [_row(entry, until_ms) for entry in entries if until_ms is None or _time(entry) <= until_ms]


def tool_calls(conversation: Conversation) -> list[Entry]:
    """Every tool call in order: `{id, name, arguments, at_ms, response, error, duration_ms}`."""
    return [
        {
            "id": turn["id"],
            "name": turn["name"],
            "arguments": turn["arguments"],
            "at_ms": turn["start_ms"],
            "response": turn["response"],
            "error": turn["error"],
            "duration_ms": turn["duration_ms"],
        }
        for turn in conversation["turns"]
        if turn["role"] == "tool"
    ]


def with_tool_response(
    conversation: Conversation,
    tool_call_id: str,
    response: object,
    *,
    duration_ms: int,
    error: str | None = None,
) -> Conversation:
    """A copy of `conversation` in which a real endpoint's answer takes the place of the scenario's.

    `response` is JSON data. `duration_ms` is what was measured; the call's own times stay as planned.
    Raises WrongUse for an unknown id.
    """
    turns = list(conversation["turns"])
    for index, turn in enumerate(turns):
        if turn["role"] == "tool" and turn["id"] == tool_call_id:
            turns[index] = {**turn, "response": response, "duration_ms": duration_ms, "error": error}
            return {**conversation, "turns": turns}
    known = ", ".join(call["id"] for call in tool_calls(conversation))
    raise WrongUse(f"This conversation has no tool call {tool_call_id!r}; it has {known if known else 'none'}.")


def _rows(conversation: Conversation) -> Iterator[Entry]:
    for turn in conversation["turns"]:
        if turn["role"] != "tool":
            yield _text_row(turn["role"], turn["content"], turn["start_ms"], turn["end_ms"])
            continue
        spoken = turn["acknowledgement"]
        if spoken is not None:
            yield _text_row("assistant", spoken["content"], turn["start_ms"], spoken["end_ms"])
        call = {"name": turn["name"], "arguments": turn["arguments"]}
        only_error = turn["response"] is None and turn["error"] is not None
        answer = {"error": turn["error"]} if only_error else turn["response"]
        yield _tool_row("tool_call", "function", call, turn["start_ms"])
        yield _tool_row("tool_response", "function_response", answer, turn["end_ms"])


def _text_row(role: str, content: str, start_ms: int, end_ms: int) -> Entry:
    return {"role": role, "content_type": "text", "content": content, "start_ms": start_ms, "end_ms": end_ms}


def _tool_row(role: str, content_type: str, content: object, at_ms: int) -> Entry:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return {"role": role, "content_type": content_type, "content": text, "start_ms": at_ms, "end_ms": at_ms}


def _entries(conversation: Conversation) -> Iterator[Entry]:
    """The history in the order of turns. `index` is still 0, and `target_index` the entry meant."""
    for turn in conversation["turns"]:
        if turn["role"] == "tool":
            yield from _tool_entries(turn)
        elif turn["role"] == "assistant":
            yield from _reply_entries(turn)
        else:
            yield _span(turn, first_byte_ms=None)


def _span(turn: Entry, *, first_byte_ms: int | None) -> Entry:
    return {
        "type": "span",
        "index": 0,
        "role": turn["role"],
        "content": turn["content"],
        "start_ms": turn["start_ms"],
        "end_ms": turn["end_ms"],
        "first_byte_ms": first_byte_ms,
        "interrupted": turn["unspoken"] is not None,
    }


def _reply_entries(turn: Entry) -> Iterator[Entry]:
    wait, unspoken = turn["wait_ms"], turn["unspoken"]
    thought = int(wait * MODEL_SHARE)
    completion: Entry = {
        "type": "completion",
        "index": 0,
        "at_ms": turn["start_ms"] - wait + thought,
        "text": turn["content"] if unspoken is None else f"{turn['content']} {unspoken}",
        "first_byte_ms": int(thought * FIRST_TOKEN_SHARE),
        "total_ms": thought,
    }
    span = _span(turn, first_byte_ms=wait)
    yield completion
    yield span
    if unspoken is None:
        return
    yield {
        "type": "interrupt",
        "index": 0,
        "at_ms": turn["end_ms"],
        "target_index": span,
        "spoken": turn["content"],
        "unspoken": unspoken,
    }
    yield {
        "type": "patch",
        "index": 0,
        "at_ms": turn["end_ms"],
        "target_index": completion,
        "content": turn["content"],
    }


def _tool_entries(turn: Entry) -> Iterator[Entry]:
    spoken = turn["acknowledgement"]
    if spoken is not None:
        yield {
            "type": "acknowledgement",
            "index": 0,
            "start_ms": turn["start_ms"],
            "end_ms": spoken["end_ms"],
            "content": spoken["content"],
            "mode": spoken["mode"],
        }
    yield {
        "type": "function_call",
        "index": 0,
        "at_ms": turn["start_ms"],
        "tool_call_id": turn["id"],
        "name": turn["name"],
        "arguments": turn["arguments"],
    }
    yield {
        "type": "function_response",
        "index": 0,
        "at_ms": turn["end_ms"],
        "tool_call_id": turn["id"],
        "name": turn["name"],
        "response": turn["response"],
        "duration_ms": turn["duration_ms"],
        "error": turn["error"],
    }


def _time(entry: Entry) -> int:
    at: int = entry["at_ms"] if "at_ms" in entry else entry["start_ms"]
    return at


def _row(entry: Entry, until_ms: int | None) -> Entry:
    """`entry` as far as it has come by `until_ms`: whole, or with the words said so far."""
    if until_ms is None or entry.get("end_ms", until_ms) <= until_ms:
        return entry
    start, end = entry["start_ms"], entry["end_ms"]
    words = [match.end() for match in finditer(r"\S+", entry["content"])]
    begun = (until_ms - start) * len(words) // (end - start)
    shown = {**entry, "content": entry["content"][: words[begun]], "end_ms": until_ms}
    if "interrupted" in shown:
        shown["interrupted"] = False
    return shown
