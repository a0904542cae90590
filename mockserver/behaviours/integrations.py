"""Integrations, the saved tools of agents: what has been validated, test requests, transfers."""

from typing import Final
from urllib.parse import urlsplit

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import ApiError, Conflict, InvalidInput
from mockserver.lifecycles import organizations, tools
from mockserver.world.outbox import Outcome, Outgoing
from mockserver.world.store import Document, Record
from mockserver.world.world import World

INTEGRATIONS: Final = "integrations"

LONGEST_PREVIEW: Final = 6 * 1024
"""Bytes of a tool's answer that are shown; the vendor says 6 kB."""

_CALLED: Final = ("spec", "endpoint_url", "endpoint_method", "headers")


def integrations_create(world: World, inputs: Inputs) -> Reply:
    """A new integration that nobody has tested."""
    given = {"headers": [], **defaults.wanted(inputs)}
    return Reply(_keep(world, {**given, "validation_status": "untested"}))


def integrations_create_named(world: World, inputs: Inputs) -> Reply:
    """A new integration of a name that no other has; tested only if whoever makes it says so."""
    given = defaults.wanted(inputs)
    _require_free(world, given["display_name"])
    return Reply(_keep(world, given))


def integrations_partial_update(world: World, inputs: Inputs) -> Reply:
    """The integration changed; untested again when what is called is another."""
    return Reply(_revise(world, defaults.record_of(world, inputs), defaults.given(inputs)))


def integrations_partial_update_named(world: World, inputs: Inputs) -> Reply:
    """The integration changed, under a name that no other has."""
    record = defaults.record_of(world, inputs)
    changes = defaults.given(inputs)
    _require_free(world, changes.get("display_name"), but=record)
    return Reply(_revise(world, record, changes))


def integrations_update(world: World, inputs: Inputs) -> Reply:
    """The integration as the body says; what it leaves out is as in a new one."""
    record = defaults.record_of(world, inputs)
    given = defaults.given(inputs)
    _require_free(world, given["display_name"], but=record)
    return Reply(_revise(world, record, {"endpoint": None, "wizard_input": "", **given}))


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
        own = ("id", "number", "created_at", "updated_at")
        there = {name: value for name, value in there.items() if name not in own}
    arrived = _keep(target, there)
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


def _keep(world: World, document: Document) -> Record:
    """Keep an integration under its UUID and its number: one contract names it by this, another by that."""
    names = {} if "id" in document else {"id": world.next_uuid(INTEGRATIONS)}
    numbers = {} if "number" in document else {"number": world.next_number(INTEGRATIONS)}
    return world.create(INTEGRATIONS, {**document, **names, **numbers, "endpoint": _endpoint(document)})


def _revise(world: World, record: Record, changes: Document) -> Record:
    """Change an integration; what is called may be told in one object or by field."""
    before = record.document
    if "endpoint" in changes:
        changes = {**changes, **_by_field(changes["endpoint"], before)}
    if any(name in changes and changes[name] != before[name] for name in _CALLED):
        changes = {"validation_status": "untested", **changes}
    return world.revise(INTEGRATIONS, record.id, {**changes, "endpoint": _endpoint({**before, **changes})})


def _endpoint(integration: Document) -> Document | None:
    """What is called, as one object; None while nothing is configured."""
    if not integration.get("endpoint_url"):
        return None
    return {
        "url": integration["endpoint_url"],
        "method": integration["endpoint_method"],
        "headers": {header["key"]: header["value"] for header in integration["headers"]},
        "request_format": integration.get("request_format", "standard"),
    }


def _by_field(endpoint: Document | None, before: Document) -> Document:
    """The fields that an endpoint's object stands for; what it leaves out stays, without one nothing is called."""
    if endpoint is None:
        return {"endpoint_url": "", "endpoint_method": "POST", "headers": []}
    fields = {
        "endpoint_url": endpoint["url"],
        "endpoint_method": endpoint.get("method", before["endpoint_method"]),
    }
    if "headers" in endpoint:
        fields["headers"] = [{"key": key, "value": value} for key, value in endpoint["headers"].items()]
    if "request_format" in endpoint:
        fields["request_format"] = endpoint["request_format"]
    return fields


def _require_free(world: World, name: str | None, *, but: Record | None = None) -> None:
    """Raise Conflict when another integration has this name."""
    other = None if name is None else world[INTEGRATIONS].find("display_name", name)
    if other is not None and (but is None or other.id != but.id):
        raise Conflict(f"There is an integration called {name!r} already; choose another name.")


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
