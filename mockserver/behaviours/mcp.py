"""The API as an MCP server: JSON-RPC over one path, with a few of the vendor's many tools (which ones is ours)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from mockserver.engine.exchange import Inputs, Reply
from mockserver.lifecycles import billing, conversations
from mockserver.lifecycles.agents import AGENTS
from mockserver.lifecycles.calls import CALLS
from mockserver.lifecycles.numbers import NUMBERS
from mockserver.simulation import views
from mockserver.spec.schema import Schemas
from mockserver.world.store import Document
from mockserver.world.world import World

PROTOCOLS: Final = ("2025-06-18", "2025-03-26", "2024-11-05")
"""The versions of the protocol that are spoken, the newest first."""

_INVALID_PARAMS: Final = -32602
_UNKNOWN_METHOD: Final = -32601

_MOST: Final = 200


class _Refused(Exception):
    """A request that JSON-RPC answers with an error."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class _Absent(Exception):
    """A tool was asked for what there is not."""


@dataclass(frozen=True, slots=True)
class _Tool:
    """What a tool is for, what it takes, and what it does: `run(world, arguments, show)`."""

    description: str
    takes: Mapping[str, Any]
    run: Callable[[World, Document, "_Show"], Any]
    needs: tuple[str, ...] = ()

    @property
    def schema(self) -> Document:
        """The arguments as JSON Schema."""
        return {
            "type": "object",
            "properties": dict(self.takes),
            "required": [*self.needs],
            "additionalProperties": False,
        }


_Show = Callable[[str, Document], Any]
"""A document as a schema of the contract shows it, by the schema's name."""


def mcp_create(world: World, inputs: Inputs) -> Reply:
    """The answer to one JSON-RPC message.

    The typed client is answered 202. A client of the protocol says that it accepts an event stream: it gets 200,
    and for a notification 202 without a body.
    """
    message: Document = inputs.body
    streams = "text/event-stream" in (inputs.request.header("accept") or "")
    status = 200 if streams else 202
    answer: Document = {"jsonrpc": "2.0", "id": message.get("id")}
    if "id" not in message and streams:
        return Reply(None, status=202)
    try:
        answer["result"] = _handle(world, inputs, message["method"], message.get("params") or {})
    except _Refused as refused:
        answer["error"] = {"code": refused.code, "message": str(refused)}
    return Reply(answer, status=status)


def _handle(world: World, inputs: Inputs, method: str, params: Document) -> Document:
    if method == "initialize":
        wanted = params.get("protocolVersion")
        return {
            "protocolVersion": wanted if wanted in PROTOCOLS else PROTOCOLS[0],
            "capabilities": {"tools": {"listChanged": False}},
            "serverInfo": {"name": "thunderphone-mock", "version": "1"},
        }
    if method == "ping" or method.startswith("notifications/"):
        return {}
    if method == "tools/list":
        listed = [
            {"name": name, "description": tool.description, "inputSchema": tool.schema}
            for name, tool in _TOOLS.items()
        ]
        return {"tools": listed}
    if method == "tools/call":
        return _call(world, inputs, params)
    raise _Refused(_UNKNOWN_METHOD, f"Method not found: {method}")


def _call(world: World, inputs: Inputs, params: Document) -> Document:
    import jsonschema_rs

    tool = _TOOLS.get(str(params.get("name")))
    if tool is None:
        raise _Refused(_INVALID_PARAMS, f"Unknown tool: {params.get('name')}. tools/list names those there are.")
    arguments = params.get("arguments") or {}
    for error in jsonschema_rs.Draft202012Validator(tool.schema).iter_errors(arguments):
        raise _Refused(_INVALID_PARAMS, f"{params['name']}: {error.message}")
    success = inputs.operation.success
    assert success is not None, "the contract declares what a message is answered with"
    assert success.json is not None, "the contract declares what a message is answered with"
    try:
        found = tool.run(world, arguments, _shown_by(success.json.schemas))
    except _Absent as absent:
        return {"content": [{"type": "text", "text": str(absent)}], "isError": True}
    text = orjson.dumps(found).decode("utf-8")
    structured = found if isinstance(found, dict) else {"results": found}
    return {"content": [{"type": "text", "text": text}], "structuredContent": structured, "isError": False}


def _shown_by(schemas: Schemas) -> _Show:
    def show(name: str, document: Document) -> Any:
        schema = schemas.at(f"/components/schemas/{name}")
        return schema.project(document, lambda missing, path: missing.node.get("default"))

    return show


def _one(world: World, collection: str, identity: int) -> Document:
    record = world[collection].get(identity)
    if record is None:
        raise _Absent(f"There is no {identity} among this organization's {collection}.")
    return record.document


def _list_agents(world: World, arguments: Document, show: _Show) -> Any:
    return [show("Agent", record.document) for record in world[AGENTS].page(limit=_MOST).records]


def _get_agent(world: World, arguments: Document, show: _Show) -> Any:
    return show("Agent", _one(world, AGENTS, arguments["agent_id"]))


def _create_agent(world: World, arguments: Document, show: _Show) -> Any:
    return show("Agent", world.create(AGENTS, arguments).document)


def _list_calls(world: World, arguments: Document, show: _Show) -> Any:
    where: dict[str, Any] = {name: arguments[name] for name in ("agent_id", "status") if name in arguments}
    page = world[CALLS].page(where=where, limit=arguments.get("limit", 20))
    return {"total": page.total, "results": [show("Call", record.document) for record in page.records]}


def _get_call(world: World, arguments: Document, show: _Show) -> Any:
    return show("Call", _one(world, CALLS, arguments["call_id"]))


def _get_call_transcript(world: World, arguments: Document, show: _Show) -> Any:
    call = _one(world, CALLS, arguments["call_id"])
    spoken = conversations.of(world, call["call_id"])
    rows = views.transcript(spoken, until_ms=conversations.said_until(world, call))
    return {"call_id": call["call_id"], "transcripts": [show("TranscriptEntry", row) for row in rows]}


def _list_phone_numbers(world: World, arguments: Document, show: _Show) -> Any:
    return [show("PhoneNumber", record.document) for record in world[NUMBERS].page(limit=_MOST).records]


def _get_balance(world: World, arguments: Document, show: _Show) -> Any:
    return {"balance_cents": billing.balance(world)}


_ID: Final = {"type": "integer"}
_TEXT: Final = {"type": "string", "minLength": 1}

_TOOLS: Final[Mapping[str, _Tool]] = {
    "list_agents": _Tool("The agents of the organization.", {}, _list_agents),
    "get_agent": _Tool("One agent.", {"agent_id": _ID}, _get_agent, ("agent_id",)),
    "create_agent": _Tool(
        "A new agent, deployed at once.",
        {"name": {**_TEXT, "maxLength": 255}, "prompt": _TEXT, "voice": _TEXT},
        _create_agent,
        ("name", "prompt", "voice"),
    ),
    "list_calls": _Tool(
        "The calls of the organization, the newest first.",
        {
            "agent_id": _ID,
            "status": {"enum": ["in_progress", "completed", "failed"]},
            "limit": {"type": "integer", "minimum": 1, "maximum": _MOST},
        },
        _list_calls,
    ),
    "get_call": _Tool("One call.", {"call_id": _ID}, _get_call, ("call_id",)),
    "get_call_transcript": _Tool("What was said in a call.", {"call_id": _ID}, _get_call_transcript, ("call_id",)),
    "list_phone_numbers": _Tool("The phone numbers of the organization.", {}, _list_phone_numbers),
    "get_balance": _Tool("What the organization has left, in cents.", {}, _get_balance),
}
