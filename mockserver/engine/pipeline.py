"""The engine: contracts and behaviours, fixed at construction; all state arrives as a world."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import orjson

from mockserver.clock import Pace, Subject
from mockserver.engine import idempotency, limits
from mockserver.engine.defaults import DEFAULTS
from mockserver.engine.exchange import NO_HEADERS, Behaviour, Inputs, LaterBehaviour, Raw, Reply, Request, Source
from mockserver.engine.rendering import Rendered, Renderer
from mockserver.errors import (
    ApiError,
    InvalidInput,
    MockError,
    NonConformingReply,
    SpecError,
    UnknownBehaviour,
    WrongUse,
    nearest,
)
from mockserver.spec.contract import Contract, Credential, behaviour_name
from mockserver.spec.document import Operation
from mockserver.spec.fill import Filler
from mockserver.spec.requests import RequestCheck, check_request, unknown_name
from mockserver.spec.roles import Kind, Role
from mockserver.spec.routing import Match, Routes
from mockserver.spec.schema import Schema
from mockserver.world.store import Page, Record
from mockserver.world.world import World


@dataclass(frozen=True, slots=True)
class Bound:
    """An operation with everything that answering it needs, worked out once."""

    operation: Operation
    contract: Contract
    role: Role | None
    check: RequestCheck
    behaviour: Behaviour
    source: Source
    credentials: tuple[Credential, ...]
    subject: tuple[str, str | None] | None
    success_status: int
    success_schema: Schema | None
    later: LaterBehaviour | None
    key_of: idempotency.KeyOf | None
    limit: limits.Limit | None


class Engine:
    """Answers requests: check, behave, conform, record."""

    def __init__(
        self,
        contracts: Sequence[Contract],
        behaviours: Mapping[str, Behaviour | LaterBehaviour],
        *,
        filler: Filler,
        known_elsewhere: frozenset[str] = frozenset(),
        strict: bool = False,
    ) -> None:
        """`known_elsewhere` are operations of contracts that are not served; behaviours may be named by them.

        Raises UnknownBehaviour for a behaviour named by no operation, MockError for two operations in one
        place.
        """
        self.contracts = tuple(contracts)
        self.renderer = Renderer(filler)
        self.strict = strict
        self.routes: Routes[Bound] = Routes()
        names = {name for contract in contracts for name in contract.behaviour_names}
        for name, behaviour in behaviours.items():
            if name not in names and name not in known_elsewhere:
                raise UnknownBehaviour(
                    f"{behaviour.__module__}.{name} is named by no operation of any contract."
                    f"{nearest(name, names | known_elsewhere)}"
                )
        for contract in contracts:
            for operation in contract.operations:
                bound = self._bind(contract, operation, _behaviour_of(operation, behaviours))
                other = self.routes.add(operation, bound)
                if other is not None:
                    raise MockError(
                        f"{operation.method} {operation.path} is in both {other.contract.name} and "
                        f"{contract.name}. Serve them one at a time."
                    )

    def match(self, path: str) -> Match[Bound] | None:
        """What stands at a path, or None."""
        return self.routes.find(path)

    def respond(self, bound: Bound, values: Sequence[str], world: World, request: Request) -> Rendered:
        """The reply to a request whose caller is known. Never raises: a defect becomes a 500 of our own."""
        warnings: tuple[str, ...] = ()
        inputs: Inputs | None = None
        told: Mapping[str, str] = NO_HEADERS
        try:
            if bound.limit is not None:
                told = limits.admit(world, bound.limit)
            inputs, warnings = self._check(bound, values, request)
            if bound.key_of is None:
                rendered = self._conform(bound, world, bound.behaviour(world, inputs))
            else:
                rendered = self._once(bound, world, inputs)
        except ApiError as error:
            rendered = self._refusal(bound, error)
        except Exception as error:  # whatever it is, it is ours and must not look like the vendor's
            rendered = self.defect(world, bound.operation.id, error)
        if world.rules.pace is Pace.POLL and inputs is not None and bound.operation.method == "GET":
            # A refused read counts as well: whoever polls for a recording is told 404 until there is one.
            try:
                self._after_read(bound, world, inputs)
            except Exception as error:  # a timer's failure, which this caller should see
                rendered = self.defect(world, bound.operation.id, error)
        if told:
            rendered = rendered._replace(headers={**told, **rendered.headers})
        if warnings:
            rendered = rendered._replace(warnings=warnings)
        self.record(bound, world, request, rendered)
        return rendered

    def _once(self, bound: Bound, world: World, inputs: Inputs) -> Rendered:
        """The reply to a request that may carry an idempotency key: the one it got before, if it did."""
        assert bound.key_of is not None, "only asked for operations that take a key"
        key = bound.key_of(inputs)
        if key is None:
            return self._conform(bound, world, bound.behaviour(world, inputs))
        rendered = idempotency.replayed(world, bound.operation, key, inputs)
        if rendered is None:
            rendered = self._conform(bound, world, bound.behaviour(world, inputs))
            idempotency.keep(world, bound.operation, key, inputs, rendered)
        return rendered

    def wished(self, bound: Bound, world: World, code: int | None, example: str | None) -> Rendered:
        """The reply a caller wishes for: a declared status, a named example. Nothing else happens.

        Raises WrongUse when the operation declares no such reply.
        """
        operation = bound.operation
        response = operation.success if code is None else operation.response(code)
        if response is None:
            raise WrongUse(f"Prefer: code={code}: {operation.id} declares only {', '.join(operation.responses)}.")
        status = operation.success_status if code is None else code
        if status >= 400 and example is None:
            error = ApiError(response.description, status=status)
            return self.renderer.refusal(error, operation, Source.EXAMPLE)
        if response.json is None:
            return Rendered(status, b"", "", Source.EXAMPLE)
        value = self.renderer.example(world, operation, response, example)
        return Rendered(status, orjson.dumps(value), "application/json", Source.EXAMPLE)

    async def respond_later(self, bound: Bound, values: Sequence[str], world: World, request: Request) -> Rendered:
        """As `respond`, for a behaviour that waits for something outside; others are answered meanwhile."""
        warnings: tuple[str, ...] = ()
        try:
            inputs, warnings = self._check(bound, values, request)
            assert bound.later is not None, "only asked for behaviours that wait"
            rendered = self._conform(bound, world, await bound.later(world, inputs))
        except ApiError as error:
            rendered = self._refusal(bound, error)
        except Exception as error:  # as in respond
            rendered = self.defect(world, bound.operation.id, error)
        if warnings:
            rendered = rendered._replace(warnings=warnings)
        self.record(bound, world, request, rendered)
        return rendered

    def record(self, bound: Bound, world: World, request: Request, rendered: Rendered) -> None:
        """Write a request, without its secrets, and its reply into the world's journal."""
        redaction = bound.check.redaction
        world.journal.record(
            world.clock.now_ms,
            request.method,
            request.path,
            request.query,
            bound.operation.id,
            request.body if redaction is None else redaction.hidden(request.body),
            rendered.status,
            rendered.source,
            rendered.journaled if rendered.secrets else rendered.body,
            rendered.media_type,
            rendered.warnings,
        )

    def defect(self, world: World | None, operation: str | None, error: Exception) -> Rendered:
        """A 500 that says it is the mock's own; the world remembers it for whoever owns the test."""
        known = isinstance(error, MockError)
        text = str(error) if known else f"{type(error).__name__}: {error} (in {operation})"
        if world is not None:
            world.journal.defects.append(text)
        return self.renderer.defect(text)

    def _refusal(self, bound: Bound, error: ApiError) -> Rendered:
        if isinstance(error, InvalidInput):
            error.status = bound.contract.invalid_status(bound.operation)
        return self.renderer.refusal(error, bound.operation, bound.source)

    def _bind(self, contract: Contract, operation: Operation, given: Behaviour | LaterBehaviour | None) -> Bound:
        role = contract.roles.get(operation.id)
        later: LaterBehaviour | None = None
        behaviour: Behaviour
        if given is not None:
            source = Source.BEHAVIOUR
            if inspect.iscoroutinefunction(given):
                later, behaviour = given, self._example
            else:
                behaviour = cast(Behaviour, given)
        elif role is not None:
            behaviour, source = DEFAULTS[role.kind], Source.RESOURCE
        else:
            behaviour, source = self._example, Source.EXAMPLE
        # The first alternative that names schemes we can read; an empty one means no key is needed.
        required = next(iter(operation.security), ())
        return Bound(
            operation=operation,
            contract=contract,
            role=role,
            check=RequestCheck(operation),
            behaviour=behaviour,
            source=source,
            credentials=tuple(contract.credentials[name] for name in required if name in contract.credentials),
            subject=_subject(contract, operation, role),
            success_status=operation.success_status,
            success_schema=None if operation.success is None else operation.success.json,
            later=later,
            key_of=idempotency.key_reader(operation),
            limit=limits.limit_of(contract, operation),
        )

    def _check(self, bound: Bound, values: Sequence[str], request: Request) -> tuple[Inputs, tuple[str, ...]]:
        content_type = request.header("content-type") if request.body else None
        checked = check_request(bound.check, values, request.query, request.body, content_type)
        inputs = Inputs(bound.operation, bound.role, checked.path, checked.query, checked.body, request)
        if not checked.unknown:
            return inputs, ()
        if self.strict:
            raise InvalidInput(
                {each.name: [unknown_name(bound.operation, each, "is not declared")] for each in checked.unknown}
            )
        return inputs, tuple(
            unknown_name(bound.operation, each, "is not declared and was ignored") for each in checked.unknown
        )

    def _conform(self, bound: Bound, world: World, reply: Reply) -> Rendered:
        operation = bound.operation
        content = reply.content
        if reply.status is None:
            status, schema = bound.success_status, bound.success_schema
        else:
            status, schema = reply.status, _json_schema(operation, reply.status)
        if content is None:
            return Rendered(status, b"", "", bound.source, reply.headers)
        if isinstance(content, Raw):
            return Rendered(status, content.data, content.media_type, bound.source, reply.headers)
        where = operation.id
        if schema is None:
            raise NonConformingReply(f"{where} answered {status} with JSON, but none is declared for that status.")
        if isinstance(content, Record):
            body = self.renderer.record(world, content, schema, where)
        elif isinstance(content, Page):
            body = self.renderer.page(world, content, schema, where)
        else:
            body = self.renderer.value(world, content, schema, where)
        return Rendered(
            status, body, "application/json", bound.source, headers=reply.headers, secrets=reply.secrets
        )

    def _example(self, world: World, inputs: Inputs) -> Reply:
        """What an operation without role or behaviour answers: the document's example, or a made-up value."""
        success = inputs.operation.success
        if success is None or success.json is None:
            return Reply(None)
        return Reply(self.renderer.example(world, inputs.operation, success))

    def _after_read(self, bound: Bound, world: World, inputs: Inputs) -> None:
        if bound.subject is None:
            return
        collection, parameter = bound.subject
        subject: Subject = (collection, None if parameter is None else inputs.path[parameter])
        world.read(subject)


def _behaviour_of(
    operation: Operation, behaviours: Mapping[str, Behaviour | LaterBehaviour]
) -> Behaviour | LaterBehaviour | None:
    """The behaviour of an operation: by its operationId, or the one that the document names.

    Raises SpecError when there is none of that name, unless no behaviours are wanted at all.
    """
    name = behaviour_name(operation)
    if name is None or not behaviours:
        return None
    if name != operation.id and name not in behaviours:
        raise SpecError(
            f"{operation.id} (x-behaviour): there is no behaviour {name}.{nearest(name, behaviours)} "
            "Its name is that of a public function in mockserver/behaviours."
        )
    return behaviours.get(name)


def _json_schema(operation: Operation, status: int) -> Schema | None:
    """The schema of the JSON body declared for a status. Raises NonConformingReply for an undeclared status."""
    response = operation.response(status)
    if response is None:
        declared = ", ".join(operation.responses)
        raise NonConformingReply(f"{operation.id} answered {status}, and only {declared} are declared.")
    return response.json


def _subject(contract: Contract, operation: Operation, role: Role | None) -> tuple[str, str | None] | None:
    """Which resource a GET is about: (collection, path parameter), the parameter None for a whole list.

    The longest resource path at the operation's start decides, so that reading a call's grade reads the call.
    """
    if role is not None and role.kind is Kind.LIST and not role.parents:
        return role.collection, None
    best: tuple[int, str, str | None] = (0, "", None)
    for other in contract.operations:
        found = contract.roles.get(other.id)
        if (
            found is not None
            and found.kind is Kind.RETRIEVE
            and len(other.place) > best[0]
            and operation.place[: len(other.place)] == other.place
        ):
            names = operation.path_names
            best = (len(other.place), found.collection, names[sum(part is None for part in other.place) - 1])
    return best[1:] if best[0] else None
