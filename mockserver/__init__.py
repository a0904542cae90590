"""A stateful local stand-in for a voice-AI REST API, driven by its OpenAPI document."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockserver.clock import Pace as Pace
    from mockserver.in_process import MockApp as MockApp
    from mockserver.server import MockServer as MockServer
    from mockserver.settings import Settings as Settings
    from mockserver.testing.receiver import WebhookReceiver as WebhookReceiver
    from mockserver.testing.sandbox import Sandbox as Sandbox

__version__ = "0.1.0"

__all__ = ["MockApp", "MockServer", "Pace", "Sandbox", "Settings", "WebhookReceiver"]

_HOMES = {
    "MockApp": "mockserver.in_process",
    "MockServer": "mockserver.server",
    "Pace": "mockserver.clock",
    "Sandbox": "mockserver.testing.sandbox",
    "Settings": "mockserver.settings",
    "WebhookReceiver": "mockserver.testing.receiver",
}


def __getattr__(name: str) -> Any:
    """The public names, imported on first use: `import mockserver` alone costs next to nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'mockserver' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)
