"""What a new organization owns: a world file, lived through by the same code that real requests run."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from mockserver import chance
from mockserver.errors import SpecError, nearest
from mockserver.lifecycles import billing, calls, numbers, payment_methods, reports, voip
from mockserver.lifecycles.organizations import DEFAULT_NAME
from mockserver.world.store import Document, Record
from mockserver.world.world import World

_STRICT = ConfigDict(extra="forbid", frozen=True, defer_build=True)
_DAY_SECONDS = 86_400

# A history of many calls costs more than the opening credit, and is topped up on the way, like this.
_TOP_UP_BELOW_CENTS = 2_000
_TOP_UP_CENTS = 10_000
_CARD = "pm_card_visa"

# The connection that VoIP numbers of a new organization come by.
_PROVIDER = "telnyx"
_CREDENTIALS = {"apiKey": "KEY-of-the-demo"}

# Everything but the calls is this much older than the first call.
_HEADSTART_SECONDS = 60.0


class AgentEntry(BaseModel):
    """An agent; `key` is how the rest of the file calls it, other fields are the API's."""

    model_config = ConfigDict(extra="allow", frozen=True)
    key: str
    name: str
    prompt: str
    voice: str


class NumberEntry(BaseModel):
    """An active number with the keys of its agents: a demo number, or one that came by a VoIP connection.

    Only the latter can call out. It is one that its connection offers, so it takes no area code.
    """

    model_config = _STRICT
    source: Literal["demo", "voip"] = "demo"
    area_code: Annotated[str, Field(pattern=r"^[2-9][0-9]{2}$")] | None = None
    inbound_agent: str | None = None
    outbound_agent: str | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> "NumberEntry":
        if self.source == "voip" and self.area_code is not None:
            raise ValueError("area_code is for demo numbers; leave it out for source voip")
        return self


class ReportEntry(BaseModel):
    """A complaint by a person, filed on some completed calls."""

    model_config = _STRICT
    title: Annotated[str, Field(min_length=1, max_length=120)]
    severity: Literal["info", "warning", "critical"]
    description: str = ""


class CallEntries(BaseModel):
    """`count` calls over the last `days`, the newest `in_progress` of them still going on.

    `directions` says how often each occurs, relative to the others. Each of `reports` is filed on one call in
    twenty or so.
    """

    model_config = _STRICT
    count: Annotated[int, Field(ge=0, le=100_000)]
    days: Annotated[float, Field(gt=0)] = 21
    in_progress: Annotated[int, Field(ge=0, le=100)] = 0
    directions: dict[Literal["inbound", "outbound", "mic", "widget"], Annotated[int, Field(ge=0)]] = {"inbound": 1}
    reports: tuple[ReportEntry, ...] = ()


class WorldFile(BaseModel):
    """What a new organization owns.

    `payment_method` is its saved payment method. `balance_cents` is what it has in the end; without it, its
    opening credit less what its calls cost.
    """

    model_config = _STRICT
    title: str = ""
    organization: Annotated[str, Field(min_length=1, max_length=120)] = DEFAULT_NAME
    balance_cents: Annotated[int, Field(ge=-1_000_000_000, le=1_000_000_000)] | None = None
    payment_method: Annotated[str, Field(pattern=r"^pm_[A-Za-z0-9_]{1,120}$")] | None = None
    agents: tuple[AgentEntry, ...] = ()
    phone_numbers: tuple[NumberEntry, ...] = ()
    calls: CallEntries | None = None

    @property
    def age_seconds(self) -> float:
        """How long before the present the organization's history begins."""
        return 0.0 if self.calls is None else self.calls.days * _DAY_SECONDS + _HEADSTART_SECONDS


def read_world_file(path: Path) -> WorldFile:
    """A world file, checked. Raises SpecError naming file and field."""
    import yaml

    try:
        data = yaml.load(path.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise SpecError(f"{path.name} is not YAML: {error}") from error
    try:
        return WorldFile.model_validate(data)
    except ValidationError as error:
        raise SpecError("\n".join(f"{path.name}: {_in_words(each)}" for each in error.errors())) from None


def find_world_file(folder: Path, name: str) -> Path:
    """The file of the world called `name` (or a path to one). Raises SpecError with the nearest name."""
    if name.endswith((".yaml", ".yml", ".json")):
        path = Path(name)
        if not path.is_file():
            raise SpecError(f"There is no world file {name}.")
        return path
    path = folder / f"{name}.yaml"
    if not path.is_file():
        known = sorted(each.stem for each in folder.glob("*.yaml"))
        raise SpecError(f"There is no world {name!r}.{nearest(name, known)} Known: {', '.join(known)}.")
    return path


def furnish(world: World, file: WorldFile) -> None:
    """Make a new world own what `file` says, its calls spread over the past."""
    if file.calls is None:
        _furnish_present(world, file)
    else:
        _furnish_past(world, file, file.calls)
    if file.balance_cents is not None:
        billing.settle_at(world, file.balance_cents)


def _furnish_past(world: World, file: WorldFile, entries: CallEntries) -> None:
    span = entries.days * _DAY_SECONDS
    with world.in_the_past(span + _HEADSTART_SECONDS):
        owned = _furnish_present(world, file)
        world.clock.advance(_HEADSTART_SECONDS)
        _live_through(world, entries, owned, span)
        _complain(world, entries)


@dataclass(frozen=True, slots=True)
class _Owned:
    agents: dict[str, Document]
    numbers: list[Document]


def _furnish_present(world: World, file: WorldFile) -> _Owned:
    billing.account(world)
    if file.payment_method is not None:
        payment_methods.save(world, file.payment_method)
    agents: dict[str, Document] = {}
    for entry in file.agents:
        agents[entry.key] = world.create("agents", entry.model_dump(exclude={"key"})).document
    owned = []
    for number in file.phone_numbers:
        record = _number(world, number)
        assigned = {
            f"{direction}_agent_id": _agent(agents, key)["id"]
            for direction, key in (("inbound", number.inbound_agent), ("outbound", number.outbound_agent))
            if key is not None
        }
        owned.append(world.change(numbers.NUMBERS, record.id, assigned).document)
    return _Owned(agents=agents, numbers=owned)


def _number(world: World, entry: NumberEntry) -> Record:
    """An active number of the kind that the entry wants."""
    if entry.source == "demo":
        record = numbers.provision(world, area_code=entry.area_code)
        numbers.activate(world, int(record.id))
        return record
    connection = next(iter(world[voip.CONNECTIONS]), None)
    if connection is None:
        tested = voip.probe(world, _PROVIDER, _CREDENTIALS, {})
        evidence = {"verification_evidence_id": tested["verification_evidence_id"]}
        connection = voip.connect(world, {"provider": _PROVIDER, "credentials": _CREDENTIALS, **evidence})
    offered = next((each["number"] for each in voip.available(world, connection.document)), None)
    if offered is None:
        raise SpecError("The world file has more numbers of source voip than a connection offers.")
    record = voip.import_numbers(world, connection, [offered])[0]
    numbers.verified(world, int(record.id))
    return record


def _agent(agents: Mapping[str, Document], key: str) -> Document:
    if key not in agents:
        raise SpecError(f"The world file has no agent with the key {key!r}.{nearest(key, agents)}")
    return agents[key]


def _live_through(world: World, entries: CallEntries, owned: _Owned, span: float) -> None:
    """Place the calls at their moments and let time pass between them."""
    draw = chance.generator("furnishing", world.seed, world.organization)
    present = world.clock.now_ms + round(span * 1000)
    finished = entries.count - entries.in_progress
    # The last ten minutes stay free, so that whatever is not meant to be in progress has ended and been graded.
    moments = sorted(round(draw.random() * (span - 600) * 1000) for _ in range(max(0, finished)))
    started = [present - round(span * 1000) + moment for moment in moments]
    started += [present - draw.randrange(4_000, 8_000) for _ in range(min(entries.in_progress, entries.count))]
    directions, weights = zip(*entries.directions.items(), strict=True)
    callers = [f"+1{draw.choice((212, 305, 415, 646, 818))}555{draw.randrange(10_000):04d}" for _ in range(40)]
    for index, moment in enumerate(sorted(started)):
        world.clock.advance_to(moment)
        if billing.balance(world) < _TOP_UP_BELOW_CENTS:
            billing.top_up(world, _TOP_UP_CENTS, _CARD)
        going_on = index >= finished
        direction = "inbound" if going_on else draw.choices(directions, weights)[0]
        scenario = "support-question" if going_on else None
        calls.start(world, _placement(owned, direction, draw.choice(callers), index, scenario))


def _placement(owned: _Owned, direction: str, caller: str, index: int, scenario: str | None) -> calls.Placement:
    agents = list(owned.agents.values())
    agent = agents[index % len(agents)] if agents else None
    if direction not in calls.TELEPHONE or not owned.numbers:
        return calls.browser_placement(direction, agent, index, scenario)
    number = owned.numbers[index % len(owned.numbers)]
    inbound = direction == "inbound"
    wanted = number["inbound_agent_id" if inbound else "outbound_agent_id"]
    agent = next((each for each in agents if each["id"] == wanted), agent)
    ours, theirs = number["number"], caller
    return calls.Placement(
        direction=direction,
        from_number=theirs if inbound else ours,
        to_number=ours if inbound else theirs,
        agent=agent,
        scenario=scenario,
    )


def _complain(world: World, entries: CallEntries) -> None:
    page = world[calls.CALLS].page(where={"status": "completed"}, limit=entries.count)
    for index, record in enumerate(page.records):
        if entries.reports and index % 19 == 7:
            entry = entries.reports[index // 19 % len(entries.reports)]
            reports.file(world, int(record.id), source="user", reported_by_id=world.user_id, **entry.model_dump())


def _in_words(error: Any) -> str:
    place = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"{place} is not a field here.{nearest(str(error['loc'][-1]), WorldFile.model_fields)}"
    return f"{place}: {error['msg']}"
