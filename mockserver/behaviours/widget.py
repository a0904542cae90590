"""The web widget: a visitor's session, opened from a page with a publishable key."""

from urllib.parse import urlsplit

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import ApiError, Unauthorized
from mockserver.lifecycles import questions, sessions, tools
from mockserver.lifecycles.questions import Place
from mockserver.world.store import Document
from mockserver.world.world import World

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1"})


async def widget_session_create(world: World, inputs: Inputs) -> Reply:
    """A call of the direction `widget`, and the way into its room.

    A key of mode `webhook` has its URL asked first how the call shall be run. The page may say in which voice, and
    what the prompt's variables stand for.
    """
    key = _key(world, inputs.request.header("x-api-key"))
    if not key["is_enabled"]:
        raise ApiError("This key is paused.", status=403, code="key_disabled")
    if not _is_allowed(inputs.request.header("origin"), key["allowed_domains"]):
        raise ApiError("Origin not allowed.", status=403, code="domain_not_allowed")
    wanted = defaults.given(inputs)
    variables = wanted.get("variables", {})
    if key["mode"] != "webhook":
        agent = _spoken_as(wanted, _agent(world, key))
        return Reply(sessions.open_session(world, "widget", agent, variables=variables))
    call_id = world.next_number("calls")
    configured = await _ask(world, key, call_id)
    agent = _spoken_as(wanted, _agent(world, key) if configured is None else configured)
    return Reply(sessions.open_session(world, "widget", agent, call_id=call_id, variables=variables))


async def _ask(world: World, key: Document, call_id: int) -> Document | None:
    """What the key's own URL answers about the visitor: an agent for this one call, or None."""
    # A contract that shows keys a secret of their own has it sign; elsewhere the organization's does.
    secret = key.get("webhook_secret", tools.signer(world).secret)
    place = Place(f"publishable key {key['id']}", key["webhook_url"], secret)
    payload = {"call_id": call_id, "from_number": "web", "to_number": "web"}
    answer = await questions.answer_to(world, "web.incoming", payload, place)
    return None if answer is None else {"name": "the assistant", **answer}


def _key(world: World, text: str | None) -> Document:
    """The key that the request carries. Raises Unauthorized when the organization has forgotten it in a reset."""
    for record in world[sessions.KEYS]:
        key = record.document
        if key["key"] == text:
            return key
    raise Unauthorized("Invalid API key: it is unknown or has been revoked.")


def _agent(world: World, key: Document) -> Document:
    """The key's agent. Raises ApiError 409 when it has none, 403 when the agent is not meant for the widget."""
    record = None if key["agent_id"] is None else world["agents"].get(key["agent_id"])
    if record is None:
        raise ApiError("No agent is assigned to this key.", status=409, code="no_agent")
    agent = record.document
    if not agent["widget_enabled"]:
        raise ApiError("The agent is not available in the widget.", status=403, code="widget_disabled")
    return agent


def _spoken_as(wanted: Document, agent: Document) -> Document:
    """The agent, in the voice that the page wants."""
    return {**agent, "voice": wanted["voice"]} if wanted.get("voice") else agent


def _is_allowed(origin: str | None, domains: list[str]) -> bool:
    """Whether a page of this origin may use a key of these domains."""
    try:
        host = urlsplit("" if origin is None else origin).hostname
    except ValueError:
        host = None
    if host is None:
        return False
    return host in LOCAL_HOSTS or any(_covers(domain.lower(), host) for domain in domains)


def _covers(domain: str, host: str) -> bool:
    """Whether an entry names the host: exactly, or, as `*.example.com`, as one of its subdomains."""
    return host.endswith(domain[1:]) if domain.startswith("*.") else host == domain
