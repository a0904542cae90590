"""Tools in a call: where an agent's tool has an endpoint it is really called, and its answer is what was said.

Which of the organization's secrets signs a tool call is told in two ways by the vendor's pages; the secret of the
endpoint that is asked about incoming calls wins, then the organization's webhook secret.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode, urlsplit

import orjson

from mockserver.lifecycles import conversations, webhooks
from mockserver.simulation import timeline, views
from mockserver.simulation.scenarios import Scenario
from mockserver.simulation.turns import ToolTurn
from mockserver.spec.delivery import Header
from mockserver.world.outbox import Outcome, Outgoing
from mockserver.world.store import Document
from mockserver.world.world import World

TIMEOUT_SECONDS: Final = 20.0
"""How long a tool may take (the default of the vendor's test request; the limit in calls is unpublished)."""

CALL_ID_HEADER: Final = "X-ThunderPhone-Call-ID"

_BODILESS: Final = frozenset({"GET", "DELETE"})


class Endpoint(NamedTuple):
    """Where a tool is called."""

    method: str
    url: str
    headers: dict[str, str]


def schedule(world: World, call_id: int, scenario: Scenario) -> None:
    """Have each tool of the call used when its turn comes; nothing when nobody could notice."""
    if not world.heard or not any(isinstance(turn, ToolTurn) for turn in scenario.turns):
        return
    plan = timeline.plan(scenario, *conversations.parts(world, call_id))
    tools = [timing for timing in plan.turns if isinstance(scenario.turns[timing.turn], ToolTurn)]
    for index, timing in enumerate(tools):
        seconds = timing.start_ms / 1000
        world.clock.after(seconds, use, ("calls", call_id), call_id=call_id, index=index)


def use(world: World, call_id: int, index: int) -> None:
    """The agent uses its tool: it is called where it has an endpoint, else it answers as the scenario says."""
    spoken = conversations.of(world, call_id)
    tool = views.tool_calls(spoken)[index]
    endpoint = _endpoint(world, call_id, tool["name"])
    if endpoint is None:
        _tell(world, call_id, tool)
        return
    world.outbox.put(_request(world, call_id, tool, endpoint))


def answered(world: World, call_id: int, tool_call_id: str, outcome: Outcome) -> None:
    """Put what the endpoint really answered into the conversation, a failure too."""
    response, error = _result(outcome)
    spoken = views.with_tool_response(
        conversations.of(world, call_id), tool_call_id, response, duration_ms=outcome.duration_ms, error=error
    )
    conversations.replace(world, call_id, spoken)
    tool = next(each for each in views.tool_calls(spoken) if each["id"] == tool_call_id)
    _tell(world, call_id, tool)


def _request(world: World, call_id: int, tool: Document, endpoint: Endpoint) -> Outgoing:
    url, body = addressed(endpoint.method, endpoint.url, tool["arguments"])

    def then(outcome: Outcome, timestamp: int) -> None:
        answered(world, call_id, tool["id"], outcome)

    signs = signer(world)
    return Outgoing(
        lane=f"tools of call {call_id}",
        method=endpoint.method,
        url=url,
        body=body,
        secret=signs.secret,
        rules=signs.rules,
        then=then,
        headers={**endpoint.headers, CALL_ID_HEADER: str(call_id)},
        timeout_seconds=TIMEOUT_SECONDS,
    )


def addressed(method: str, url: str, arguments: Document) -> tuple[str, bytes]:
    """(url, body) of a tool's call: the arguments go into the body, or into the query where there is no body."""
    if method not in _BODILESS:
        return url, webhooks.encode(arguments)
    query = urlencode({name: _as_text(value) for name, value in sorted(arguments.items())})
    return url + (("&" if urlsplit(url).query else "?") + query if query else ""), b""


class Signer(NamedTuple):
    """What signs a tool call, and the headers it gets; without a secret it is not signed."""

    secret: str
    rules: Sequence[Header]


def signer(world: World) -> Signer:
    """How the organization's tool calls are signed: as events for whoever is asked about incoming calls."""
    for secret, rules in webhooks.signers(world, "telephony.incoming"):
        return Signer(secret, rules)
    for channel in world.rules.channels.values():
        return Signer("", channel.delivery.headers)
    return Signer("", ())


def _endpoint(world: World, call_id: int, name: str) -> Endpoint | None:
    """Where the tool of this name is called: inline tools of the call or its agent first, then integrations."""
    record = world["calls"].get(call_id)
    call = {} if record is None else record.document
    agent = world["agents"].get(call.get("agent_id", 0) or 0)
    agent_document = {} if agent is None else agent.document
    for tool in (*call.get("tools", ()), *agent_document.get("tools", ())):
        place = tool.get("endpoint") or {}
        if tool.get("function", {}).get("name") == name and isinstance(place.get("url"), str):
            return Endpoint(str(place.get("method", "POST")).upper(), place["url"], _headers(place.get("headers")))
    for integration in _linked(world, agent_document):
        function = integration["spec"].get("function", integration["spec"])
        if function.get("name") == name and integration["endpoint_url"]:
            headers = {each["key"]: each["value"] for each in integration["headers"]}
            return Endpoint(integration["endpoint_method"], integration["endpoint_url"], headers)
    return None


def _linked(world: World, agent: Document) -> Iterator[Document]:
    for integration_id in agent.get("integration_ids", ()):
        record = world["integrations"].get(integration_id)
        if record is not None:
            yield record.document


def _headers(given: Any) -> dict[str, str]:
    return {str(name): str(value) for name, value in given.items()} if isinstance(given, dict) else {}


def _result(outcome: Outcome) -> tuple[Any, str | None]:
    """(response, error): what the model is given."""
    if outcome.error is not None:
        return None, outcome.error
    try:
        response = orjson.loads(outcome.body) if outcome.body else None
    except orjson.JSONDecodeError:
        response = outcome.body.decode("utf-8", "replace")
    if not outcome.accepted:
        return response, f"the tool answered {outcome.status}"
    return response, None


def _tell(world: World, call_id: int, tool: Document) -> None:
    record = world["calls"].get(call_id)
    assert record is not None, "a call's timers are cancelled with it"
    call = record.document
    family = "telephony" if call["direction"] in ("inbound", "outbound") else "web"
    world.emit(
        f"{family}.tool",
        lambda: {
            "call_id": call_id,
            "agent_id": call["agent_id"],
            "tool_call_id": tool["id"],
            "name": tool["name"],
            "arguments": tool["arguments"],
            "response": tool["response"],
            "error": tool["error"],
            "duration_ms": tool["duration_ms"],
        },
    )


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
