"""Requests the mock sends itself: webhooks and tool calls, signed and sent."""
