"""What is true of agents whatever is done with them."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from mockserver.world.store import Document, Id, Record
from mockserver.world.world import World

AGENTS: Final = "agents"


def thinking_of(product: str) -> str | None:
    """The thinking level that a tier decides; None for a tier that leaves the choice."""
    parts = product.split("-")
    return parts[1] if parts[0] == "storm" else None


def warn_of_collisions(world: World, record: Record) -> Record:
    """The agent, warned of tools that are called the same in more than one of its integrations and MCP servers."""
    agent = record.document
    sources: dict[str, list[str]] = defaultdict(list)
    for tool, source in _tools(agent):
        sources[tool].append(source)
    warnings = [{"tool_name": tool, "sources": found} for tool, found in sources.items() if len(found) > 1]
    if warnings == agent.get("tool_collision_warnings", []):
        return record
    return world[AGENTS].change(record.id, {"tool_collision_warnings": warnings})


def warn_users_of(world: World, server_id: Id) -> None:
    """As `warn_of_collisions`, for every agent that uses an MCP server."""
    page = world[AGENTS].page(where={"mcp_server_ids": server_id}, limit=len(world[AGENTS]))
    for record in page.records:
        warn_of_collisions(world, record)


def tell(world: World, event_type: str, agent: Document) -> None:
    """Tell that an agent was created, updated or deleted."""
    world.emit(event_type, lambda: {"agent_id": agent["id"], "name": agent["name"]})


def _tools(agent: Document) -> Iterator[tuple[str, str]]:
    """The tools that an agent has been linked with, and where each comes from."""
    for integration in agent.get("integrations", ()):
        spec = integration.get("spec") or {}
        name = spec.get("function", spec).get("name")
        if name:
            yield name, integration["display_name"]
    for server in agent.get("mcp_servers", ()):
        for tool in server["cached_tools"] or ():
            yield tool["name"], server["display_name"]
