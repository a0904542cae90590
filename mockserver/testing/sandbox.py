"""An organization of its own for a test: its key, its time, its calls, and what went on in it."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

import orjson

from mockserver import chance
from mockserver.errors import ApiError, MockError, WrongUse, nearest
from mockserver.http import control, faults, triggers
from mockserver.lifecycles import lines, webhooks
from mockserver.testing import neighbours
from mockserver.testing.receiver import PATH, Signing, WebhookReceiver
from mockserver.testing.records import Asked, Delivery, asked, delivered
from mockserver.world.world import World

if TYPE_CHECKING:
    from mockserver.hosting import Host

T = TypeVar("T")

GRACE_SECONDS: Final = 1.0
"""How long the end of a test waits for what is still on its way, so that a defect in it is not missed."""


class Sandbox:
    """A fresh organization on a host: `with server.sandbox() as thunderphone:`.

    `base_url` and `api_key` are for the code under test; everything else is for the test. Its methods may be
    called from any thread. From a coroutine, `await asyncio.to_thread(thunderphone.settle)` keeps a receiver that
    runs on the same event loop able to answer meanwhile.
    """

    def __init__(self, host: "Host", *, world: str | None = None, seed: str | None = None, name: str = "") -> None:
        self._host = host
        self._wanted = (world, seed, name)
        self._key = ""
        self._worlds: list[World] = []
        self._connected: list[str] = []

    def __enter__(self) -> Self:
        world_name, seed, name = self._wanted

        def open_one() -> None:
            worlds = self._host.app.worlds
            self._key = worlds.mint(world_name=world_name, seed=seed) if not name else self._named(name)
            if name:
                worlds.open(self._key, world_name=world_name, seed=seed)

        self._host.call(open_one)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        defects = self._host.wait(self._close)
        if not defects:
            return
        text = "The mock itself was wrong while it was used:\n" + "\n".join(f"  * {each}" for each in defects)
        if error is None:
            raise MockError(text)
        error.add_note(text)

    # -- for the code under test --------------------------------------------------------------------------

    @property
    def base_url(self) -> str:
        """What the paths of requests are appended to, without a slash at its end."""
        return self._host.base_url

    @property
    def api_key(self) -> str:
        """The key that opens this organization, and no other."""
        return self._key

    @property
    def headers(self) -> dict[str, str]:
        """The header that carries the key, for an HTTP client."""
        return {"Authorization": f"Bearer {self._key}"}

    @property
    def app(self) -> "Host":
        """The host: of `thunderphone_asgi` the ASGI application for `ASGITransport(app=…)`."""
        return self._host

    # -- time and telephones ------------------------------------------------------------------------------

    @property
    def now(self) -> str:
        """The organization's time, ISO 8601 in UTC."""
        return self._on(lambda world: world.now)

    def advance(self, seconds: float) -> int:
        """Move time by world seconds, waiting for the answers to what is sent; how many timers ran."""
        return self._host.wait(lambda: self._host.app.pacemaker.advance(self._world(), seconds))

    def settle(self) -> int:
        """Move time until nothing waits and nothing is on its way; how many timers ran."""
        return self._host.wait(lambda: self._host.app.pacemaker.settle(self._world()))

    def place_inbound(
        self,
        *,
        from_number: str | None = None,
        to_number: str | None = None,
        agent_id: int | None = None,
        scenario: str | Mapping[str, Any] | None = None,
        is_test_call: bool = False,
    ) -> dict[str, Any]:
        """A caller dials in: the call's `call_id`, `status`, `from_number`, `to_number`, `agent_id`, `scenario`.

        What is not said is chosen, and an organization without a number or an agent is given one. `scenario` is
        the name of a shipped one, or one written out. Raises WrongUse for what does not exist.
        """
        wanted = {
            "from_number": from_number,
            "to_number": to_number,
            "agent_id": agent_id,
            "scenario": scenario,
            "is_test_call": is_test_call,
        }

        def place(world: World) -> Any:
            if to_number is None:
                lines.provide(world, agent_id)
            return control.place_call(world, orjson.dumps(wanted))

        placed: dict[str, Any] = self._on(place)
        return placed

    def trigger(
        self, event: str, *, agent_id: int | None = None, scenario: str | None = None, call_id: int | None = None
    ) -> dict[str, Any]:
        """Make an event happen by what would cause it, moving time as far as it takes: `trigger("call.graded")`.

        What happened, as `POST /_mock/trigger` tells it. Raises WrongUse for an event there is none of, and for
        one that did not come to pass.
        """
        wishes = {"agent_id": agent_id, "scenario": scenario, "call_id": call_id}
        given = {name: value for name, value in wishes.items() if value is not None}
        body = orjson.dumps({"event": event, **given})
        app = self._host.app

        async def pull() -> dict[str, Any]:
            try:
                done: dict[str, Any] = await triggers.pull(
                    self._world(), body, app.engine.contracts, app.pacemaker
                )
            except ApiError as error:  # without money, say, no call begins
                raise WrongUse(f"{event}: {error.detail}") from None
            return done

        return self._host.wait(pull)

    # -- what is in it ------------------------------------------------------------------------------------

    def seed(self, collection: str, document: Mapping[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
        """Put a document into a collection, past the API: `seed("agents", name="Acme Support")`.

        What it lacks is made up by its schema. It is returned whole, as kept. Raises WrongUse for a collection
        there is none of, or a reference to nothing.
        """
        given = {**(document or {}), **fields}

        def put(world: World) -> dict[str, Any]:
            if collection not in world.rules.layouts:
                known = sorted(world.rules.layouts)
                raise WrongUse(
                    f"seed: there is no collection {collection!r}.{nearest(collection, known)} "
                    f"Known: {', '.join(known)}."
                )
            try:
                return world.create(collection, given).document
            except ApiError as error:
                raise WrongUse(f"seed: {error.detail}") from None

        return self._on(put)

    def fail_next(self, operation: str = "*", status: int | None = 503, *, times: int = 1, **fault: Any) -> None:
        """Let the next `times` requests for an operation (an operationId, `*` for any) fail with `status`.

        `fault` are further fields of `POST /_mock/faults`: `latency`, `retry_after`, `connection="drop"`, …; with
        status None only they happen. Raises WrongUse for an operation there is none of.
        """
        body = orjson.dumps({"operation": operation, "status": status, "times": times, **fault})
        self._on(lambda world: faults.add(world, body, self._operations()))

    def subscribe(
        self, receiver: "WebhookReceiver | str", *events: str, contract: str | None = None
    ) -> dict[str, Any]:
        """Have these events (none named: all) sent to a receiver or a URL; the endpoint, its secret included.

        A `WebhookReceiver` can `verify` what it gets from now on. Where nothing listens (`thunderphone_asgi`) it
        is reached without a socket.
        """
        for event in events:
            self._require_event(event)
        url = receiver if isinstance(receiver, str) else self._url_of(receiver)

        def add(world: World) -> tuple[dict[str, Any], str]:
            endpoint = webhooks.subscribe(world, url, events, channel=contract, label="test").document
            name = next(iter(world.rules.channels)) if contract is None else contract
            return endpoint, name

        endpoint, channel = self._on(add)
        if isinstance(receiver, WebhookReceiver):
            delivery = self._host.app.worlds.rules.channels[channel].delivery
            receiver.trust(Signing(endpoint["secret"], delivery.headers))
        return endpoint

    # -- what went on in it -------------------------------------------------------------------------------

    @property
    def requests(self) -> list[Asked]:
        """The requests that were made with this key, oldest first: the last 1,000."""
        return self._on(lambda world: [asked(each) for each in world.journal if each.source != "webhook"])

    @property
    def deliveries(self) -> list[Delivery]:
        """The webhooks that were sent or are to be sent again, oldest first; what is on its way arrives first."""
        return self._host.wait(self._arrived)

    def assert_requested(
        self,
        operation: str | None = None,
        *,
        method: str | None = None,
        path: str | None = None,
        status: int | None = None,
        body: Mapping[str, Any] | None = None,
        times: int | None = None,
    ) -> list[Asked]:
        """The requests for an operation (an operationId) that look like this; AssertionError if there are none.

        `body` need only be part of what was sent. With `times` there must be exactly so many: 0 for none at all.
        """
        __tracebackhide__ = True  # a failure is about the test's own line
        if operation is not None and operation not in self._operations():
            raise WrongUse(
                f"assert_requested: there is no operation {operation!r}.{nearest(operation, self._operations())}"
            )
        same: list[Asked] = []
        near: list[tuple[Asked, list[str]]] = []
        others: list[Asked] = []
        for each in self.requests:
            if operation not in (None, each.operation):
                others.append(each)
                continue
            wanted = {"method": method, "path": path, "status": status}
            known = {"method": each.method, "path": each.path, "status": each.status}
            problems = neighbours.differences(known, {name: value for name, value in wanted.items() if value})
            problems += neighbours.differences(each.body, body or {}, where="body.")
            if problems:
                near.append((each, problems))
            else:
                same.append(each)
        if (same and times is None) or times == len(same):
            return same
        what = {"method": method, "path": path, "status": status, "body": body}
        said = neighbours.pairs({name: value for name, value in what.items() if value is not None})
        name = "anything" if operation is None else operation
        looked_for = f"No request for {name}{f' with {said}' if said else ''}."
        if same:
            looked_for = (
                f"{name}{f' with {said}' if said else ''} was requested {neighbours.times(len(same))}, not "
                f"{neighbours.times(times or 0)}: {', '.join(str(each) for each in same[-neighbours.SHOWN :])}"
            )
        elif times:
            looked_for = f"{looked_for[:-1]}, but {neighbours.times(times)} was expected."
        raise AssertionError(neighbours.no_request(looked_for, near, others))

    def assert_delivered(self, event_type: str, *, times: int | None = None, **fields: Any) -> list[Delivery]:
        """The accepted deliveries of a type whose data has these fields; AssertionError if there are none.

        With `times` there must be exactly so many: 0 for none at all.
        """
        __tracebackhide__ = True  # a failure is about the test's own line
        self._require_event(event_type)
        deliveries = self.deliveries
        same: list[Delivery] = []
        near: list[tuple[Delivery, list[str]]] = []
        for each in deliveries:
            if each.type == event_type:
                problems = neighbours.differences(each.data, fields)
                if each.status != "delivered":
                    problems.append(f"it is {each.fate}")
                if problems:
                    near.append((each, problems))
                else:
                    same.append(each)
        if (same and times is None) or times == len(same):
            return same
        said = neighbours.pairs(fields)
        name = f"{event_type}{f' with {said}' if said else ''}"
        looked_for = f"No delivery of {name}."
        if same:
            looked_for = f"{name} was delivered {neighbours.times(len(same))}, not {neighbours.times(times or 0)}."
        elif times:
            looked_for = f"No delivery of {name}, but {neighbours.times(times)} was expected."

        def explain(world: World) -> str:
            happened = sum(told.type == event_type for event in world.events for told in event.told)
            subscribed = list(_subscribed(world))
            return neighbours.no_delivery(looked_for, deliveries, near, happened, subscribed, world.clock)

        raise AssertionError(self._on(explain))

    # -- inside -------------------------------------------------------------------------------------------

    def _on(self, action: Callable[[World], T]) -> T:
        """`action(world)` on the loop that owns it; what it queued is sent."""

        def act() -> T:
            world = self._world()
            world.keep_pace()
            result = action(world)
            self._host.app.pacemaker.follow(self._world())
            return result

        return self._host.call(act)

    def _world(self) -> World:
        """The organization as it is now: a reset makes it anew, and a revoked key leads to the last known."""
        access = self._host.app.worlds.access(self._key)
        if access is not None and access.world not in self._worlds:
            self._worlds.append(access.world)
        if not self._worlds:
            raise WrongUse("The sandbox is not open. Use it as `with server.sandbox() as thunderphone:`.")
        return self._worlds[-1]

    def _named(self, name: str) -> str:
        """The key that goes with a name; another one while that is in use, by the same test in a thread, say."""
        worlds = self._host.app.worlds
        number = 0
        while True:
            parts = (name,) if not number else (name, number)
            key = "sk_test_" + chance.token("sandbox", worlds.seed, *parts, length=32)
            if worlds.access(key) is None:
                return key
            number += 1

    async def _arrived(self) -> list[Delivery]:
        world = self._world()
        await self._host.app.pacemaker.courier.idle(world)
        return [delivered(record.document) for record in world[webhooks.DELIVERIES]]

    async def _close(self) -> list[str]:
        """Close the organization, and what the same person founded beside it; the mock's own defects in them."""
        worlds, pacemaker = self._host.app.worlds, self._host.app.pacemaker
        person = self._world().user_id
        ours = dict.fromkeys([*self._worlds, *(each for each in worlds if each.user_id == person)])
        for world in ours:
            with suppress(TimeoutError):
                async with asyncio.timeout(GRACE_SECONDS):
                    await pacemaker.courier.idle(world)
            pacemaker.forget(world)
            worlds.close(world)
        for host in self._connected:
            pacemaker.courier.disconnect(host)
        return [defect for world in ours for defect in world.journal.defects]

    def _operations(self) -> set[str]:
        return {each.id for contract in self._host.app.engine.contracts for each in contract.operations}

    def _require_event(self, event_type: str) -> None:
        """Raise WrongUse for a type of event that no served contract knows."""
        known = {each.type for contract in self._host.app.engine.contracts for each in contract.webhooks}
        for channel in self._host.app.worlds.rules.channels.values():
            if channel.delivery.single is not None:
                known |= set(channel.delivery.single.names.values())
        if event_type not in known:
            raise WrongUse(
                f"There is no event {event_type!r}.{nearest(event_type, known)} Known: {', '.join(sorted(known))}."
            )

    def _url_of(self, receiver: WebhookReceiver) -> str:
        """Where a receiver is: where it listens, or in this process for a host that does not listen either."""
        if self._host.listens:
            return receiver.url
        host = f"receiver-{chance.token('receiver', self._key, len(self._connected), length=12).lower()}.test"
        self._host.call(lambda: self._host.app.pacemaker.courier.connect(host, receiver.receive))
        self._connected.append(host)
        return f"http://{host}{PATH}"


def _subscribed(world: World) -> Iterator[str]:
    """Who wants which events, for people."""
    for channel in world.rules.channels.values():
        rules = channel.delivery.subscriptions
        for record in world[rules.collection]:
            endpoint = record.document
            wanted = ", ".join(endpoint[rules.events]) or "everything"
            yield f"{endpoint['url']} wants {wanted}"
        if channel.delivery.single is not None:
            for record in world[channel.delivery.single.collection]:
                yield f"{record.document['url']} (the organization's one URL) wants everything"
