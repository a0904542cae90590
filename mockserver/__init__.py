"""A stateful local stand-in for a voice-AI REST API, driven by its OpenAPI document."""

__version__ = "0.1.0"
