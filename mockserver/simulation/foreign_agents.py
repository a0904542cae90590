"""Agents of other vendors: read from what somebody exported and pasted, or made up as what an account there has.

Read is whatever looks like a name and a prompt, where the vendors that the typed client names put them. What is
made up is ours.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson

TITLES: Final = {"bland": "Bland", "elevenlabs": "ElevenLabs", "retell": "Retell", "vapi": "Vapi"}

_LISTS: Final = ("agents", "assistants", "pathways", "results", "data")
_NAMES: Final = (("name",), ("agent_name",), ("title",))
_PROMPTS: Final = (
    ("conversation_config", "agent", "prompt", "prompt"),
    ("model", "systemPrompt"),
    ("response_engine", "general_prompt"),
    ("general_prompt",),
    ("prompt",),
    ("instructions",),
)
_IDS: Final = (("id",), ("agent_id",), ("assistant_id",), ("_id",))
_LANGUAGES: Final = (("conversation_config", "agent", "language"), ("language",))
_SERVERS: Final = (("server", "url"), ("serverUrl",), ("webhook_url",))


@dataclass(frozen=True, slots=True)
class Foreign:
    """An agent as another vendor has it: `guessed` names what had to be assumed, `server_url` is whom it calls."""

    source_id: str
    name: str
    prompt: str
    language: str | None = None
    server_url: str | None = None
    guessed: tuple[str, ...] = ()


def made_up(source: str) -> list[Foreign]:
    """The agents of an account at `source`."""
    url = f"https://tools.example.com/{source}"
    return [
        Foreign(
            f"{source}_agent_1",
            "Front desk",
            "You answer calls for a dental practice. Find out what the caller needs and offer the next free "
            "appointment. Confirm name and phone number before you end the call.",
            "en-US",
            url,
        ),
        Foreign(
            f"{source}_agent_2",
            "After hours",
            "You answer calls when the practice is closed. Take a message with name, phone number and reason, and "
            "say that somebody will call back in the morning.",
            "en-US",
        ),
    ]


def read(payload: str) -> list[Foreign]:
    """The agents in a pasted export: one object, a list, or an object around one.

    What is no JSON is the prompt of one agent. Raises ValueError when there is no agent in it.
    """
    try:
        value: Any = orjson.loads(payload)
    except orjson.JSONDecodeError:
        text = payload.strip()
        return [Foreign("pasted_1", "Imported agent", text, guessed=("name",))]
    found = [_foreign(index, each) for index, each in enumerate(_objects(value), start=1)]
    agents = [each for each in found if each is not None]
    if not agents:
        raise ValueError("There is no agent in it: none of its objects has a prompt.")
    return agents


def rewritten(name: str, prompt: str) -> str:
    """The prompt in the form that a rewrite gives it: who the agent is, then one instruction a line."""
    sentences = [each.strip() for each in re.split(r"(?<=[.!?])\s+", prompt.strip()) if each.strip()]
    return f"# {name}\n\n" + "\n".join(f"- {each}" for each in sentences)


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        inner = next((value[name] for name in _LISTS if isinstance(value.get(name), list)), None)
        value = [value] if inner is None else inner
    if isinstance(value, list):
        yield from (each for each in value if isinstance(each, dict))


def _foreign(index: int, value: dict[str, Any]) -> Foreign | None:
    prompt = _text(value, _PROMPTS) or _system_message(value)
    if prompt is None:
        return None
    name = _text(value, _NAMES)
    return Foreign(
        _text(value, _IDS) or f"pasted_{index}",
        name or f"Imported agent {index}",
        prompt,
        _text(value, _LANGUAGES),
        _text(value, _SERVERS),
        () if name else ("name",),
    )


def _system_message(value: dict[str, Any]) -> str | None:
    """The prompt among the messages of a model, where Vapi has it."""
    model = value.get("model")
    messages = model.get("messages") if isinstance(model, dict) else None
    for each in messages if isinstance(messages, list) else ():
        if isinstance(each, dict) and each.get("role") == "system" and isinstance(each.get("content"), str):
            content: str = each["content"]
            return content
    return None


def _text(value: dict[str, Any], places: tuple[tuple[str, ...], ...]) -> str | None:
    for place in places:
        found: Any = value
        for part in place:
            found = found.get(part) if isinstance(found, dict) else None
        if isinstance(found, str) and found.strip():
            return found
    return None
