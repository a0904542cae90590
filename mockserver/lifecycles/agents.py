"""What is true of agents whatever is done with them."""

from typing import Final

AGENTS: Final = "agents"


def thinking_of(product: str) -> str | None:
    """The thinking level that a tier decides; None for a tier that leaves the choice."""
    parts = product.split("-")
    return parts[1] if parts[0] == "storm" else None
