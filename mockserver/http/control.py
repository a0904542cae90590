"""`/_mock/…`: what makes calls happen, moves time, and shows what went on. A key controls its own world only."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import mockserver
from mockserver.clock import iso
from mockserver.engine.pipeline import Engine
from mockserver.errors import ApiError, InvalidInput, MockError, SpecError, Unauthorized, WrongUse, nearest
from mockserver.http import deliveries, faults, keys, triggers
from mockserver.http.api import find_access, sent_key
from mockserver.http.bodies import read
from mockserver.http.pacemaker import Pacemaker
from mockserver.lifecycles import calls, numbers, snapshots, texts, webhooks
from mockserver.spec.contract import Credential
from mockserver.world.journal import Entry
from mockserver.world.store import Document
from mockserver.world.world import World
from mockserver.world.worlds import Worlds

PREFIX = "/_mock"

Handler = Callable[[World, bytes], Any]
_STRICT = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class ResetBody(BaseModel):
    """`POST /_mock/reset`: which shipped world to start again from, and which seed.

    A name and not a path: whoever has a key reads no files of the machine that serves.
    """

    model_config = _STRICT
    world: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")] | None = None
    seed: str | int | None = None


class CallBody(BaseModel):
    """`POST /_mock/calls`: who calls whom. What is left out is chosen: a number that has an agent, a caller.

    `scenario` is the name of a shipped scenario, or one written out.
    """

    model_config = _STRICT
    direction: Literal["inbound", "mic", "widget"] = "inbound"
    from_number: Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$")] | None = None
    to_number: Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$")] | None = None
    agent_id: int | None = None
    scenario: str | dict[str, Any] | None = None
    is_test_call: bool = False


class TextBody(BaseModel):
    """`POST /_mock/sms`: what somebody texts to one of the organization's numbers."""

    model_config = _STRICT
    to_number: Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$")]
    from_number: Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$")] = "+14155550123"
    body: Annotated[str, Field(min_length=1, max_length=1600)]


class OrganizationBody(BaseModel):
    """`POST /_mock/organizations`: what the new organization begins with; left out, as a new key's does."""

    model_config = _STRICT
    world: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")] | None = None
    seed: str | int | None = None


class AdvanceBody(BaseModel):
    """`POST /_mock/clock/advance`: by how many seconds of world time, at most ten years."""

    model_config = _STRICT
    seconds: Annotated[float, Field(ge=0, le=315_360_000, allow_inf_nan=False)]


class Control:
    """The endpoints under `/_mock`, as Starlette routes."""

    def __init__(
        self, engine: Engine, worlds: Worlds, pacemaker: Pacemaker, *, document: Callable[[str | None], bytes]
    ) -> None:
        """`document` gives a served OpenAPI document as YAML, by its contract's name; the first for None."""
        self._engine = engine
        self._worlds = worlds
        self._pacemaker = pacemaker
        self._document = document
        self._credentials = _bearer(engine)

    def routes(self) -> list[Route]:
        """The routes, relative to `/_mock`."""
        return [
            Route("/health", self._health),
            Route("/openapi.yaml", self._openapi),
            Route("/reset", self._guarded(self._reset_world), methods=["POST"]),
            Route("/calls", self._guarded(self._on(place_call), status=201), methods=["POST"]),
            Route("/sms", self._guarded(self._on(text), status=201), methods=["POST"]),
            Route("/trigger", self._guarded(self._on(self._triggers)), methods=["GET"]),
            Route("/trigger", self._guarded(self._trigger), methods=["POST"]),
            Route("/clock", self._guarded(self._on(show_clock)), methods=["GET"]),
            Route("/clock/advance", self._guarded(self._advance), methods=["POST"]),
            Route("/clock/settle", self._guarded(self._settle), methods=["POST"]),
            Route("/snapshot", self._guarded(self._on(take_snapshot)), methods=["GET"]),
            Route("/snapshot", self._guarded(self._restore), methods=["POST"]),
            Route("/faults", self._guarded(self._on(faults.show)), methods=["GET"]),
            Route("/faults", self._guarded(self._on(self._add_fault), status=201), methods=["POST"]),
            Route("/faults", self._guarded(self._on(faults.clear)), methods=["DELETE"]),
            Route("/deliveries", self._deliveries, methods=["GET"]),
            Route("/deliveries/mode", self._guarded(self._on(deliveries.set_mode)), methods=["POST"]),
            Route("/deliveries/{delivery_id}/redeliver", self._redeliver, methods=["POST"]),
            Route("/subscriptions", self._guarded(self._on(deliveries.subscribe), status=201), methods=["POST"]),
            Route("/subscriptions/{subscriber_id}", self._unsubscribe, methods=["DELETE"]),
            Route("/events", self._events, methods=["GET"]),
            Route("/organizations", self._guarded(self._open_organization, status=201), methods=["POST"]),
            Route("/keys", self._guarded(keys.make, status=201), methods=["POST"]),
            Route("/emails", self._guarded(self._on(keys.emails)), methods=["GET"]),
            Route("/journal", self._guarded(self._on(show_journal)), methods=["GET"]),
            Route("/journal", self._guarded(self._on(clear_journal)), methods=["DELETE"]),
        ]

    async def _health(self, request: Request) -> Response:
        """That the server answers: its version, contracts and pace, and how many organizations it holds."""
        rules = self._worlds.rules
        return _json(
            {
                "status": "ok",
                "version": mockserver.__version__,
                "contracts": [contract.name for contract in self._engine.contracts],
                "pace": rules.pace,
                "speed": rules.speed,
                "keys": self._worlds.policy,
                "organizations": len(self._worlds),
            }
        )

    async def unknown(self, request: Request, error: Exception) -> Response:
        """404 and 405 under `/_mock`: which endpoints there are."""
        known = [
            f"{method} {PREFIX}{route.path}"
            for route in self.routes()
            for method in sorted((route.methods or set()) - {"HEAD"})
        ]
        status = error.status_code if isinstance(error, HTTPException) else 404
        asked = f"{request.method} {request.url.path}"
        hint = nearest(asked, known)
        return _json({"mock_error": f"There is no {asked}.{hint} Known: {', '.join(known)}."}, status=status)

    async def _openapi(self, request: Request) -> Response:
        """The served document; `?contract=` names one of several."""
        try:
            document = self._document(request.query_params.get("contract"))
        except SpecError as error:
            return _json({"mock_error": str(error)}, status=404)
        return Response(document, media_type="application/yaml")

    async def _advance(self, world: World, key: str, body: bytes) -> Any:
        """Move time; the new time and how many timers ran. Answers to webhooks are waited for on the way."""
        count = await self._pacemaker.advance(world, read(AdvanceBody, body).seconds)
        return {"now": world.now, "ran": count}

    async def _settle(self, world: World, key: str, body: bytes) -> Any:
        """Move time until nothing waits and nothing is on its way; the new time and how many timers ran."""
        count = await self._pacemaker.settle(world)
        return {"now": world.now, "ran": count}

    def _triggers(self, world: World, body: bytes) -> Any:
        """What can be triggered, what each event does and takes, and what cannot be triggered and why."""
        return triggers.show(self._engine.contracts)

    async def _trigger(self, world: World, key: str, body: bytes) -> Any:
        """An event happens by what would cause it; what was done, and the deliveries that came of it."""
        return await triggers.pull(world, body, self._engine.contracts, self._pacemaker)

    def _restore(self, world: World, key: str, body: bytes) -> Any:
        """The organization becomes what a snapshot says it was."""
        try:
            snapshot = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise WrongUse(f"The body is not JSON: {error}") from None
        fresh = self._worlds.reopen(key, lambda empty: snapshots.restore(empty, snapshot))
        self._pacemaker.forget(world)
        self._pacemaker.follow(fresh)
        return {"organization": fresh.organization, "now": fresh.now}

    def _add_fault(self, world: World, body: bytes) -> Any:
        """A failure on purpose; its number, and everything it will do."""
        operations = [each.id for contract in self._engine.contracts for each in contract.operations]
        return faults.add(world, body, operations)

    async def _deliveries(self, request: Request) -> Response:
        """Every delivery, oldest first, with every attempt; `?last=` gives the newest so many."""
        return await self._guarded(lambda world, key, body: deliveries.show(world, request.query_params))(request)

    async def _unsubscribe(self, request: Request) -> Response:
        """A URL that was subscribed here is sent nothing more."""
        subscriber_id = request.path_params["subscriber_id"]

        def take_away(world: World, key: str, body: bytes) -> Any:
            if not webhooks.unsubscribe(world, subscriber_id):
                raise WrongUse(f"There is no subscriber {subscriber_id}.")
            return {"id": subscriber_id}

        return await self._guarded(take_away)(request)

    async def _redeliver(self, request: Request) -> Response:
        """Send a delivery once more and wait for what becomes of it."""
        delivery_id = request.path_params["delivery_id"]

        async def send_again(world: World, key: str, body: bytes) -> Any:
            if webhooks.redeliver(world, delivery_id) is None:
                raise WrongUse(f"There is no delivery {delivery_id}. GET /_mock/deliveries lists them.")
            self._pacemaker.follow(world)
            await self._pacemaker.courier.idle(world)
            return deliveries.shown(world, delivery_id)

        return await self._guarded(send_again)(request)

    def _on(self, handler: Handler) -> Callable[[World, str, bytes], Any]:
        def call(world: World, key: str, body: bytes) -> Any:
            return handler(world, body)

        call.__doc__ = handler.__doc__
        return call

    async def _events(self, request: Request) -> Response:
        """What happened, oldest first, as a contract tells it; `?contract=` names another than the first."""
        names = [contract.name for contract in self._engine.contracts]
        name = request.query_params.get("contract", names[0])

        def show(world: World, body: bytes) -> Any:
            if name not in names:
                raise WrongUse(
                    f"contract: {name!r} is not served.{nearest(name, names)} Served: {', '.join(names)}."
                )
            return show_events(world, name)

        return await self._guarded(self._on(show))(request)

    def _reset_world(self, world: World, key: str, body: bytes) -> Any:
        """The organization starts again: what it held is gone, its keys stay."""
        wanted = read(ResetBody, body)
        self._pacemaker.forget(world)
        fresh = self._worlds.reset(
            key, world_name=wanted.world, seed=None if wanted.seed is None else str(wanted.seed)
        )
        return {"organization": fresh.organization, "now": fresh.now}

    def _open_organization(self, world: World, key: str, body: bytes) -> Any:
        """A key of a new organization that nobody else uses; `keys` are its spellings, one per served contract."""
        wanted = read(OrganizationBody, body)
        made = self._worlds.mint(world_name=wanted.world, seed=None if wanted.seed is None else str(wanted.seed))
        fresh = self._worlds.access(made)
        assert fresh is not None  # it has just been minted
        keys = list(dict.fromkeys(each.spelled(made) for each in self._credentials))
        return {"key": made, "keys": keys, "organization": fresh.world.organization, "now": fresh.world.now}

    def _guarded(
        self, handler: Callable[[World, str, bytes], Any], *, status: int = 200
    ) -> Callable[[Request], Awaitable[Response]]:
        """`handler` as an endpoint: the key's world found, errors put into words, time kept."""

        async def endpoint(request: Request) -> Response:
            headers = dict(request.headers.raw)
            body = await request.body()
            try:
                world, key = self._caller(headers)
                world.keep_pace()
                answer = handler(world, key, body)
                if inspect.isawaitable(answer):
                    answer = await answer
                self._pacemaker.follow(world)
            except InvalidInput as error:
                return _json(error.fields, status=400)
            except ApiError as error:
                return _json({"detail": error.detail}, status=error.status, headers=error.headers)
            except (WrongUse, SpecError) as error:  # a wrong scenario or world file came with the request
                return _json({"mock_error": str(error)}, status=400)
            except MockError as error:
                return _json({"mock_error": str(error)}, status=500)
            return _json(answer, status=status)

        endpoint.__doc__ = handler.__doc__  # the reference is made of these
        return endpoint

    def _caller(self, headers: Mapping[bytes, bytes]) -> tuple[World, str]:
        """The caller's world and key, by whichever served contract knows keys of that form."""
        if not self._credentials:
            raise Unauthorized("No served contract has bearer keys, so no world can be controlled.")
        key = sent_key(self._credentials[0], headers)
        known = [each for each in self._credentials if each.pattern.fullmatch(key)]
        credential = known[0] if known else self._credentials[0]
        return find_access(self._worlds, credential, headers).world, credential.canonical(key)


def place_call(world: World, body: bytes) -> Any:
    """A caller dials in, or a mic or widget session starts; the call's id."""
    wanted = read(CallBody, body)
    agent = _agent(world, wanted.agent_id)
    if wanted.direction == "inbound":
        placement = _inbound(world, wanted, agent)
    else:
        for name in ("from_number", "to_number"):
            if getattr(wanted, name) is not None:
                raise WrongUse(f"{name}: a {wanted.direction} session runs in a browser and has no numbers.")
        if agent is None:
            agent = _first_agent(world, f"A {wanted.direction} session")
        placement = calls.browser_placement(wanted.direction, agent, world.count("visitors"), wanted.scenario)
        placement = replace(placement, is_test_call=wanted.is_test_call)
    record = calls.start(world, placement)
    call = record.document
    return {
        "call_id": call["call_id"],
        "status": call["status"],
        "from_number": call["from_number"],
        "to_number": call["to_number"],
        "agent_id": call["agent_id"],
        "scenario": call["mock_scenario"],
    }


def text(world: World, body: bytes) -> Any:
    """Somebody texts the organization; the message's id. STOP keeps texts to them back, START does not."""
    wanted = read(TextBody, body)
    record = texts.receive(world, from_number=wanted.from_number, to=wanted.to_number, body=wanted.body)
    return {"id": record.id, "from_number": wanted.from_number, "to_number": wanted.to_number}


def take_snapshot(world: World, body: bytes) -> Any:
    """Everything the organization owns, as one document."""
    return snapshots.take(world)


def show_clock(world: World, body: bytes) -> Any:
    """The world's time and what waits."""
    return {
        "now": world.now,
        "pace": world.rules.pace,
        "speed": world.rules.speed,
        "pending": [
            {
                "due": iso(timer.due_ms),
                "in_seconds": world.clock.seconds_until(timer),
                "action": timer.action.__name__,
                "collection": timer.subject[0],
                "id": timer.subject[1],
            }
            for timer in world.clock.timers()
        ],
    }


def show_events(world: World, contract: str) -> Any:
    """What happened, oldest first, as a contract tells it."""
    return [
        {"at": event.at, **told.envelope}
        for event in world.events
        for told in event.told
        if told.channel == contract
    ]


def show_journal(world: World, body: bytes) -> Any:
    """Requests and replies, oldest first, and the mock's own defects."""
    return {"entries": [_entry(entry) for entry in world.journal], "defects": world.journal.defects}


def clear_journal(world: World, body: bytes) -> Any:
    """Forget the entries."""
    world.journal.clear()
    return {"entries": 0}


def _inbound(world: World, wanted: CallBody, agent: Document | None) -> calls.Placement:
    number = _number(world, wanted.to_number, has_agent=agent is None)
    if agent is None:
        agent = _agent(world, number["inbound_agent_id"])
    caller = wanted.from_number
    if caller is None:
        caller = f"+1415555{2000 + world.count('callers') % 8000}"
    return calls.Placement(
        direction="inbound",
        from_number=caller,
        to_number=number["number"],
        agent=agent,
        scenario=wanted.scenario,
        is_test_call=wanted.is_test_call,
    )


def _number(world: World, dialled: str | None, *, has_agent: bool) -> Document:
    """The organization's number that is dialled, or else its oldest active one that an agent answers."""
    owned = [record.document for record in world[numbers.NUMBERS]]
    if dialled is None:
        for number in owned:
            if number["status"] == "active" and (number["inbound_agent_id"] is not None or not has_agent):
                return number
        raise WrongUse(
            "to_number: this organization has no active phone number with an inbound agent. Make one: POST "
            "/v1/phone-numbers, wait until it is active, and PATCH its inbound_agent_id. Or name an agent_id."
        )
    for number in owned:
        if number["number"] == dialled:
            if number["status"] != "active":
                raise WrongUse(f"to_number: {dialled} is {number['status']}; only an active number can be called.")
            if has_agent and number["inbound_agent_id"] is None:
                raise WrongUse(
                    f"to_number: nobody answers {dialled}. PATCH /v1/phone-numbers/{number['id']} with an "
                    "inbound_agent_id, or name an agent_id here."
                )
            return number
    known = [number["number"] for number in owned]
    raise WrongUse(f"to_number: this organization has no number {dialled}.{nearest(dialled, known)}")


def _agent(world: World, agent_id: int | None) -> Document | None:
    if agent_id is None:
        return None
    record = world["agents"].get(agent_id)
    if record is None:
        raise WrongUse(f"agent_id: this organization has no agent {agent_id}.")
    return record.document


def _first_agent(world: World, what: str) -> Document:
    for record in world["agents"]:
        return record.document
    raise WrongUse(f"agent_id: {what} needs an agent and this organization has none. Make one: POST /v1/agents.")


def _entry(entry: Entry) -> Any:
    return {
        "number": entry.number,
        "at": iso(entry.at_ms),
        "method": entry.method,
        "path": entry.path,
        "query": entry.query,
        "operation": entry.operation,
        "request_body": _readable(entry.request_body),
        "status": entry.status,
        "source": entry.source,
        "reply_body": _readable(entry.reply_body),
        "media_type": entry.media_type,
        "warnings": entry.warnings,
    }


def _readable(body: bytes) -> Any:
    """A body as JSON when it is JSON, else as text; None when there is none."""
    if not body:
        return None
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.decode("utf-8", "replace")


def _bearer(engine: Engine) -> tuple[Credential, ...]:
    found = {
        (each.header, each.prefix, each.pattern.pattern): each
        for contract in engine.contracts
        for each in contract.credentials.values()
        if each.header == b"authorization"
    }
    return tuple(found.values())


def _json(value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    body = orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    return Response(body, status, headers, "application/json")
