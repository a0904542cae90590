"""Integrations, the saved tools of agents: what has been validated, test requests, transfers."""

from typing import Final
from urllib.parse import urlsplit

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import ApiError, Conflict, InvalidInput
from mockserver.lifecycles import organizations, tools
from mockserver.world.outbox import Outcome, Outgoing
from mockserver.world.store import Document
from mockserver.world.world import World

INTEGRATIONS: Final = "integrations"

LONGEST_PREVIEW: Final = 6 * 1024
"""Bytes of a tool's answer that are shown; the vendor says 6 kB."""

_CALLED: Final = ("spec", "endpoint_url", "endpoint_method", "headers")


def integrations_create(world: World, inputs: Inputs) -> Reply:
    """A new integration that nobody has tested."""
    given = {"headers": [], **defaults.wanted(inputs)}
    return Reply(world.create(INTEGRATIONS, {**given, "validation_status": "untested"}))


def integrations_partial_update(world: World, inputs: Inputs) -> Reply:
    """The integration changed; untested again when what is called is another."""
    record = defaults.record_of(world, inputs)
    before, changes = record.document, defaults.given(inputs)
    if any(name in changes and changes[name] != before[name] for name in _CALLED):
        changes["validation_status"] = "untested"
    return Reply(world.revise(INTEGRATIONS, record.id, changes))


def integrations_transfer(world: World, inputs: Inputs) -> Reply:
    """The integration in another organization of the same person: 201 for a copy, 200 for the thing itself."""
    integration = defaults.find(world, INTEGRATIONS, "integration_id", inputs).document
    wanted = defaults.wanted(inputs)
    target = organizations.sister(world, wanted["target_org_id"])
    moves = wanted["mode"] == "move"
    if moves and target is world:
        raise Conflict("The integration is in this organization already.")
    there = {**integration, "display_name": wanted.get("name", integration["display_name"])}
    if moves:
        world.remove(INTEGRATIONS, integration["id"])
    else:
        there = {name: value for name, value in there.items() if name not in ("id", "created_at", "updated_at")}
    arrived = target.create(INTEGRATIONS, there)
    return Reply(
        {
            "integration": arrived.document,
            "mode": wanted["mode"],
            "source_org_id": world.organization_id,
            "target_org_id": target.organization_id,
        },
        status=200 if moves else 201,
    )


async def integrations_test_request_create(world: World, inputs: Inputs) -> Reply:
    """What an endpoint really answered to a request like a tool's call, which integrations with it remember."""
    wanted = {"body": {}, "headers": {}, **defaults.wanted(inputs)}
    method, url = wanted["method"], wanted["url"]
    _require_url(url)
    address, body = tools.addressed(method, url, wanted["body"])
    signs = tools.signer(world)
    outcome = await world.outbox.exchange(
        Outgoing(
            lane=f"test request {world.count('test requests')}",
            method=method,
            url=address,
            body=body,
            secret=signs.secret,
            rules=signs.rules,
            headers=wanted["headers"],
            timeout_seconds=wanted["timeout_seconds"],
        )
    )
    if outcome.failure == "refused":
        raise ApiError(str(outcome.error), code="url_not_allowed")
    if outcome.failure == "invalid":
        raise InvalidInput({"url": [f"Enter a valid URL ({outcome.error})."]})
    validated = "validated" if outcome.accepted else "error"
    for record in world[INTEGRATIONS]:
        integration = record.document
        if (integration["endpoint_url"], integration["endpoint_method"]) == (url, method):
            world.change(INTEGRATIONS, record.id, {"validation_status": validated})
    return Reply(_result(outcome))


def _require_url(url: str) -> None:
    """Raise InvalidInput for what no request can be sent to."""
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
    if not fine:
        raise InvalidInput({"url": ["Enter a valid URL."]})


def _result(outcome: Outcome) -> Document:
    reason = "" if outcome.accepted else f"The endpoint answered {outcome.status}."
    return {
        "ok": outcome.accepted,
        "status_code": outcome.status,
        "latency_ms": outcome.duration_ms,
        "reason": reason if outcome.error is None else outcome.error,
        "response_headers": dict(outcome.headers),
        "response_body_preview": outcome.body[:LONGEST_PREVIEW].decode("utf-8", "replace"),
        "response_truncated": len(outcome.body) > LONGEST_PREVIEW,
    }
