"""Which model, transcriber and voice run an agent or a call: what its owner chose, else what its tier stands for.

The names are real ones; which tier stands for which model is invented.
"""

from typing import Any, Final

from mockserver.world.store import Document

DEFAULT_TRANSCRIBER: Final = {"provider": "deepgram", "model": "nova-3", "language": "en"}
DEFAULT_VOICE: Final = {"provider": "cartesia", "model": "sonic-3", "speed": 1.0}

_MODELS: Final = {
    "spark": "groq/llama-3.3-70b-versatile",
    "bolt": "openai/gpt-4o-mini",
}
_STORM: Final = "openai/gpt-4o"

_MAKERS: Final = {
    "claude": "anthropic",
    "gemini": "google",
    "llama": "groq",
    "sarvam": "sarvam",
}


def model(name: str) -> Document:
    """`{provider, model}` of a model called `provider/model`, or by its model alone."""
    provider, slash, rest = name.partition("/")
    if slash:
        return {"provider": provider, "model": rest}
    maker = next((maker for start, maker in _MAKERS.items() if name.startswith(start)), "openai")
    return {"provider": maker, "model": name}


def of(run: Document) -> dict[str, Any]:
    """`{model, transcriber, voice}` of an agent or a call."""
    chosen = run.get("stack", {})
    tier = model(_MODELS.get(run.get("product", "spark"), _STORM))
    return {
        "model": {**tier, **chosen.get("model", {})},
        "transcriber": {**DEFAULT_TRANSCRIBER, **chosen.get("transcriber", {})},
        "voice": {**DEFAULT_VOICE, **chosen.get("voice", {})},
    }
