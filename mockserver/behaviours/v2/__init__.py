"""Behaviours of the operations whose ids begin with `v2_`."""
