"""MCP servers that agents use: how they are reached, and the tools they offer.

A server that the mock may call (on this machine, or on an allowed host) is really asked for its tools. For any
other two tools are made up, so that what follows can be tried without a server.
"""

import re
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.lifecycles.agents import warn_users_of
from mockserver.world.outbox import Outcome, Outgoing
from mockserver.world.store import Document, Record
from mockserver.world.world import World

SERVERS: Final = "mcp-servers"
PROTOCOL: Final = "2025-06-18"
TIMEOUT_SECONDS: Final = 10.0

_VALUES: Final = "header_values"
"""Where the values of a server's headers are kept; nobody is shown them."""


def mcp_servers_create(world: World, inputs: Inputs) -> Reply:
    """A new server, its tools unknown until they are asked for."""
    body = defaults.wanted(inputs)
    name = body.get("display_name") or urlsplit(body["url"]).hostname or body["url"]
    return Reply(world.create(SERVERS, {**_kept(body, {}), "display_name": name}))


def mcp_servers_partial_update(world: World, inputs: Inputs) -> Reply:
    """The server changed; a header without a value keeps the one it has. Another URL has other tools."""
    record = defaults.record_of(world, inputs)
    server = record.document
    changes = _kept(defaults.given(inputs), server)
    if changes.get("url", server["url"]) != server["url"]:
        changes |= {"cached_tools": [], "last_tools_sync_at": None, "last_sync_error": ""}
    return Reply(world.revise(SERVERS, record.id, changes))


async def mcp_servers_sync_tools(world: World, inputs: Inputs) -> Reply:
    """The server with the tools it offers now, or with why they could not be learnt."""
    record = defaults.record_of(world, inputs)
    try:
        tools = await _tools(world, record)
    except _Failed as failed:
        found: Document = {"last_sync_error": str(failed)}
    else:
        found = {"cached_tools": tools, "last_tools_sync_at": world.now, "last_sync_error": ""}
    still_there = defaults.record_of(world, inputs)  # it may have been deleted meanwhile
    synced = world.change(SERVERS, still_there.id, found)
    warn_users_of(world, synced.id)
    return Reply(synced)


class _Failed(Exception):
    """The server could not be asked, or answered what cannot be read."""


def _kept(body: Document, server: Document) -> Document:
    """The body as it is kept: the values of headers apart from their names."""
    if "headers" not in body:
        return body
    before = server.get(_VALUES, {})
    values = {each["key"]: each.get("value", before.get(each["key"], "")) for each in body["headers"]}
    return {**body, "headers": [{"key": key, "has_value": bool(values[key])} for key in values], _VALUES: values}


async def _tools(world: World, record: Record) -> list[Document]:
    """The tools of a server. Raises _Failed."""
    server = record.document
    client = {
        "protocolVersion": PROTOCOL,
        "capabilities": {},
        "clientInfo": {"name": "mockserver", "version": "1"},
    }
    greeted = await _send(world, server, {"id": 1, "method": "initialize", "params": client}, {})
    if greeted.failure == "refused":
        return _made_up(server)
    _result(greeted)
    session = next((value for name, value in greeted.headers.items() if name.lower() == "mcp-session-id"), None)
    headers = {"MCP-Protocol-Version": PROTOCOL} | ({} if session is None else {"Mcp-Session-Id": session})
    await _send(world, server, {"method": "notifications/initialized"}, headers)
    listed = _result(await _send(world, server, {"id": 2, "method": "tools/list", "params": {}}, headers))
    tools = listed.get("tools")
    if not isinstance(tools, list):
        raise _Failed("The server answered tools/list without a list of tools.")
    return [each for each in tools if isinstance(each, dict) and isinstance(each.get("name"), str)]


async def _send(world: World, server: Document, message: Document, headers: dict[str, str]) -> Outcome:
    return await world.outbox.exchange(
        Outgoing(
            lane=f"mcp {server['id']} {world.count('mcp requests')}",
            method="POST",
            url=server["url"],
            body=orjson.dumps({"jsonrpc": "2.0", **message}),
            secret="",
            headers={
                "Content-Type": "application/json",
                "Accept": "application/json, text/event-stream",
                **server.get(_VALUES, {}),
                **headers,
            },
            timeout_seconds=TIMEOUT_SECONDS,
        )
    )


def _result(outcome: Outcome) -> Document:
    """The result in a server's answer, JSON or the first event of a stream. Raises _Failed."""
    if outcome.error is not None:
        raise _Failed(f"The server could not be reached: {outcome.error}")
    if not outcome.accepted:
        raise _Failed(f"The server answered {outcome.status}.")
    event = re.search(rb"^data:\s*(\{.*\})\s*$", outcome.body, re.MULTILINE)
    try:
        answer: Any = orjson.loads(outcome.body if event is None else event[1])
    except orjson.JSONDecodeError:
        raise _Failed("The server's answer is not JSON.") from None
    if not isinstance(answer, dict) or not isinstance(answer.get("result"), dict):
        error = answer.get("error") if isinstance(answer, dict) else None
        told = error.get("message") if isinstance(error, dict) else None
        raise _Failed(f"The server refused: {told}" if told else "The server's answer has no result.")
    found: Document = answer["result"]
    return found


def _made_up(server: Document) -> list[Document]:
    """Two tools named after the server."""
    subject = re.sub(r"[^a-z0-9]+", "_", server["display_name"].lower()).strip("_") or "records"
    return [
        {
            "name": f"search_{subject}",
            "description": f"Search {server['display_name']}.",
            "inputSchema": _object_with("query"),
        },
        {
            "name": f"get_{subject}_item",
            "description": f"One item of {server['display_name']} by its id.",
            "inputSchema": _object_with("id"),
        },
    ]


def _object_with(name: str) -> Document:
    return {"type": "object", "properties": {name: {"type": "string"}}, "required": [name]}
