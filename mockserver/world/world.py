"""A world: everything one organization owns, and its time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from mockserver import chance
from mockserver.clock import Clock, Pace, Subject, Timer, monotonic_seconds
from mockserver.errors import NotFound
from mockserver.media.signed_urls import UrlSigner
from mockserver.simulation.scenarios import Scenario
from mockserver.simulation.wording import Wording
from mockserver.world.channels import Channel
from mockserver.world.events import Event, EventLog
from mockserver.world.faults import Faults
from mockserver.world.journal import Journal
from mockserver.world.outbox import Outbox
from mockserver.world.store import Collection, Document, Id, Layout, Record, Store


@dataclass(frozen=True, slots=True)
class Reference:
    """A field of one collection's documents that names a document of `target`, or several in a list.

    `shown_as` is the field that holds the documents named by a list, as they are now; None when nothing does.
    """

    collection: str
    field: str
    target: str
    shown_as: str | None = None


@dataclass(frozen=True, slots=True)
class History:
    """Where a collection's changes are kept: another collection, and its field that names the changed one."""

    collection: str
    link: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What every world of a server has in common, fixed when the server is made.

    `layouts` says how collections are kept; `complete` fills up a new document; `channels` are how the served
    contracts tell events; `on_event` sends one to whoever subscribed; `rates` are what a minute of each product
    costs, in cents; `check_answer` says what is wrong with the answer to a question, or None. Calls follow
    `scenarios`, filled by `wording`; recordings' URLs are made by `signer` and live for `url_seconds`. `speed` is
    how many world seconds pass in a real one at pace `real`.
    """

    layouts: Mapping[str, Layout]
    complete: "Callable[[World, str, Document], Document]"
    references: Sequence[Reference]
    histories: Mapping[str, History]
    channels: Mapping[str, Channel]
    on_event: "Callable[[World, Event], None]"
    check_answer: Callable[[str, Any], str | None]
    scenarios: Mapping[str, Scenario]
    wording: Wording
    rates: Mapping[str, int]
    signer: UrlSigner
    url_seconds: int = 900
    pace: Pace = Pace.MANUAL
    speed: float = 1.0


class Access:
    """What a key opens: `world`, in the name of the person `user_id`. `used_ms` is its last use in world time."""

    __slots__ = ("used_ms", "user_id", "world")

    def __init__(self, world: "World", user_id: int) -> None:
        self.world = world
        self.user_id = user_id
        self.used_ms: int | None = None


class Registry(Protocol):
    """What a world may ask about keys and about other organizations."""

    def admit(self, key: str, world: "World", *, user_id: int | None = None) -> None:
        """From now on `key` belongs to the organization of `world` and acts for `user_id`, or who founded it."""

    def revoke(self, key: str) -> None:
        """From now on `key` is refused."""

    def found(self, world: "World", *, user_id: int | None = None) -> "World":
        """A new, empty organization of `user_id`, or of the same person as `world`; it has no key yet."""

    def sister(self, world: "World", organization_id: int) -> "World | None":
        """The organization with this id, if it belongs to the same person as `world`."""

    def organization(self, organization_id: int) -> "World | None":
        """The organization with this id, whoever it belongs to."""

    def of_organization(self, organization: str) -> "World | None":
        """The world of an organization, by its address."""

    def __iter__(self) -> "Iterator[World]":
        """Every organization."""

    def close(self, world: "World") -> None:
        """The organization is deleted: its keys are refused and nothing of it is found."""

    def publish(self, token: str, world: "World", identity: Id) -> None:
        """From now on whoever has `token` finds what `identity` names in the organization of `world`."""

    def published(self, token: str) -> "tuple[World, Id] | None":
        """Where a token leads; None when it is unknown or the organization is gone."""


def id_base(kind: str, *parts: chance.Part) -> int:
    """Where the ids of one kind of thing begin: different for each organization, small enough for JavaScript."""
    return 10_000_000 + chance.number("ids", *parts, kind, bits=39)


class World:
    """All state of one organization: `store`, `clock`, `events`, `journal`, `outbox`, `faults`.

    Only the server's event loop touches a world, and no handler awaits, so a request is atomic. Everything
    that looks random in it is derived from `seed` and `organization`, a token; `organization_id` is the number
    the API knows it by; `address` is what its recordings are found under (the token, unless it was restored).
    `keys` are the API keys that open it. `user_id` is the person who founded it; `registry` knows that person's
    other organizations. `duplicates` and `reorders` make webhook deliveries arrive twice, or out of order, on
    purpose. `replays` are the replies to requests with an idempotency key, by operation and key; `requests` are
    the moments of those that a rate limit counts, by its scope.
    """

    def __init__(
        self,
        rules: Rules,
        registry: "Registry",
        *,
        seed: str,
        organization: str,
        user_id: int,
        start_ms: int,
    ) -> None:
        self.rules = rules
        self.registry = registry
        self.seed = seed
        self.organization = organization
        self.address = organization
        self.organization_id = id_base("organization", seed, organization)
        self.user_id = user_id
        self.keys: dict[str, Access] = {}
        self.store = Store(rules.layouts)
        self.clock = Clock(start_ms, self._run)
        self.events = EventLog()
        self.journal = Journal()
        self.outbox = Outbox()
        self.faults = Faults(seed, organization)
        self.replays: dict[tuple[str, str], tuple[bytes, Any]] = {}
        self.requests: dict[str, list[int]] = {}
        self.duplicates = False
        self.reorders = False
        self.counts: dict[str, int] = {}
        self._unheard = False
        self._wall_start = monotonic_seconds()
        self._world_start_ms = start_ms

    def __getitem__(self, collection: str) -> Collection:
        """The collection of this name, empty on first use."""
        return self.store[collection]

    @property
    def now(self) -> str:
        """The world's time, ISO 8601 UTC with milliseconds."""
        return self.clock.now

    # -- documents ----------------------------------------------------------------------------------

    def completed(self, collection: str, document: Document) -> Document:
        """`document` as it would be created: with an id and every field it lacks. Nothing is kept."""
        return self.rules.complete(self, collection, document)

    def create(self, collection: str, document: Document) -> Record:
        """Keep a new document, completed, and its first version where versions are kept.

        Raises NotFound for a reference to nothing.
        """
        linked = self._linked(collection, document)
        record = self[collection].add(self.completed(collection, linked))
        self._keep_version(record)
        return record

    def change(self, collection: str, identity: Id, changes: Document) -> Record:
        """Set fields of a document and its `updated_at`: something happened to it.

        Raises NotFound for a reference to nothing, KeyError when there is no such document.
        """
        linked = self._linked(collection, changes)
        before = self[collection].get(identity)
        if before is not None and "updated_at" in before.document:
            linked = {**linked, "updated_at": self.now}
        record = self[collection].change(identity, linked)
        for each in self.rules.references:
            if each.target == collection and each.shown_as is not None:
                for referrer in self._referrers(each, identity):
                    names = referrer.document[each.field]
                    self[each.collection].change(referrer.id, {each.shown_as: self._documents(each, names)})
        return record

    def revise(self, collection: str, identity: Id, changes: Document) -> Record:
        """Change a document on its owner's behalf: the same, and a new version where versions are kept."""
        record = self.change(collection, identity, changes)
        self._keep_version(record)
        return record

    def remove(self, collection: str, identity: Id) -> None:
        """Forget a document and its timers; fields that name it become null, lists of names lose it."""
        self[collection].remove(identity)
        self.clock.cancel((collection, identity))
        for each in self.rules.references:
            if each.target == collection:
                for referrer in self._referrers(each, identity):
                    names = referrer.document[each.field]
                    left = [name for name in names if name != identity] if isinstance(names, list) else None
                    change: Document = {each.field: left}
                    if each.shown_as is not None:
                        change[each.shown_as] = self._documents(each, left)
                    self[each.collection].change(referrer.id, change)

    def _keep_version(self, record: Record) -> None:
        history = self.rules.histories.get(record.collection)
        if history is None:
            return
        document = record.document
        id_field = self[history.collection].layout.id_field
        version = {name: value for name, value in document.items() if name != id_field}
        version |= {
            history.link: record.id,
            "version": self.count(f"{record.collection} {record.id} versions"),
            "snapshot": document,
            "created_at": self.now,
        }
        self.create(history.collection, version)

    def _linked(self, collection: str, document: Document) -> Document:
        """`document` with the documents that its lists of ids name. Raises NotFound for a reference to nothing."""
        linked = document
        for each in self.rules.references:
            if each.collection != collection or each.field not in document:
                continue
            named = document[each.field]
            for one in named if isinstance(named, list) else [named]:
                if one is not None and one not in self[each.target]:
                    # 404 and not 400: the vendor answers so for an unknown agent in a body (mic sessions).
                    raise NotFound(f"Not found: {each.field} {one} is none of this organization's {each.target}.")
            if each.shown_as is not None:
                names = list(dict.fromkeys(named)) if isinstance(named, list) else []
                linked = {**linked, each.field: names, each.shown_as: self._documents(each, names)}
        return linked

    def _referrers(self, reference: Reference, identity: Id) -> list[Record]:
        """The documents whose field names `identity`."""
        collection = self[reference.collection]
        return collection.page(where={reference.field: identity}, limit=len(collection)).records

    def _documents(self, reference: Reference, names: list[Id] | None) -> list[Document]:
        """The documents that a list names."""
        found = [self[reference.target].get(name) for name in ([] if names is None else names)]
        return [record.document for record in found if record is not None]

    # -- identity and chance ------------------------------------------------------------------------

    def next_number(self, collection: str) -> int:
        """A new integer id for `collection`.

        Ids count up from a base that differs per organization and collection, so that two organizations
        never share one and an id of the other is really unknown here.
        """
        return id_base(collection, self.seed, self.organization) + self.count(collection)

    def next_uuid(self, collection: str) -> str:
        """A new UUID for `collection`."""
        return chance.uuid_of(self.seed, self.organization, collection, self.count(collection))

    def count(self, name: str) -> int:
        """One more of what `name` names: 1 at first, and never the same number twice."""
        count = self.counts.get(name, 0) + 1
        self.counts[name] = count
        return count

    # -- time ---------------------------------------------------------------------------------------

    def keep_pace(self) -> None:
        """Before a request: at pace `real`, move the clock to where real time says it is."""
        if self.rules.pace is Pace.REAL:
            self.clock.advance_to(self._real_ms())

    def seconds_to_next_timer(self) -> float | None:
        """Real seconds until the next timer is due at pace `real`; None when none waits."""
        due = self.clock.next_due()
        if due is None:
            return None
        return max(0.0, (due - self._real_ms()) / 1000 / self.rules.speed)

    def advance(self, seconds: float) -> int:
        """Move time by `seconds`; how many timers ran. At pace `real` it goes on from there."""
        count = self.clock.advance(seconds)
        self._restart_wall()
        return count

    def read(self, subject: Subject) -> None:
        """After a read of `subject` was served: at pace `poll`, move to its next timer."""
        if self.rules.pace is Pace.POLL:
            due = self.clock.next_due(subject)
            if due is not None:
                self.clock.advance_to(due)

    def _restart_wall(self) -> None:
        self._wall_start = monotonic_seconds()
        self._world_start_ms = self.clock.now_ms

    def _real_ms(self) -> int:
        passed = (monotonic_seconds() - self._wall_start) * self.rules.speed
        return self._world_start_ms + int(passed * 1000)

    def _run(self, timer: Timer) -> None:
        timer.action(self, **timer.data)

    # -- events -------------------------------------------------------------------------------------

    def emit(self, event_type: str, payload: Callable[[], Document]) -> None:
        """Log that something happened, and send it to whoever subscribed.

        `payload` is asked for the event's data only if there is anyone to hear of it. Raises MockError when the
        data breaks the schema a contract declares.
        """
        event = self.log(event_type, payload)
        if event is not None:
            self.rules.on_event(self, event)

    def log(self, event_type: str, payload: Callable[[], Document]) -> Event | None:
        """Log that something happened and send it to nobody; None when no served contract tells it."""
        number = self.count("events")
        channels = [each for each in self.rules.channels.values() if event_type in each.tells]
        if self._unheard or not channels:
            return None
        data = payload()
        identity = chance.uuid_of(self.seed, self.organization, "event", number)
        said = {
            "type": event_type,
            "data": data,
            "event_id": identity,
            "at": self.now,
            "agent_id": data.get("agent_id"),
        }
        told = tuple(each for channel in channels for each in channel.tell(event_type, said))
        event = Event(id=identity, type=event_type, at=self.now, data=data, told=told)
        self.events.append(event)
        return event

    @property
    def heard(self) -> bool:
        """Whether what happens now can be noticed by anybody: not while the past is lived through."""
        return not self._unheard

    @contextmanager
    def in_the_past(self, seconds: float) -> Iterator[None]:
        """Live through the last `seconds` before now, unheard: inside the block it is that long ago.

        At its end time is back where it was, and everything that fell due on the way has happened.
        """
        present = self.clock.now_ms
        self.clock.now_ms = present - round(seconds * 1000)
        self._unheard = True
        try:
            yield
            self.clock.advance_to(present)
        finally:
            self._unheard = False
            self._restart_wall()
