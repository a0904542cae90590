"""Puts a server together: contracts, behaviours, worlds, and the application around them."""

import copy
import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from mockserver import behaviours, chance, shipped
from mockserver.engine.exchange import Behaviour, LaterBehaviour
from mockserver.engine.pipeline import Engine
from mockserver.engine.shaping import answer_check, channels, histories, layouts, rates, references, shapes
from mockserver.errors import SpecError, nearest
from mockserver.http.app import App
from mockserver.lifecycles import collections, members, organizations, snapshots, webhooks
from mockserver.lifecycles.furnishing import find_world_file, furnish, read_world_file
from mockserver.lifecycles.snapshots import read_snapshot
from mockserver.media.signed_urls import UrlSigner
from mockserver.settings import Settings
from mockserver.simulation.scenarios import load_scenarios
from mockserver.simulation.wording import Wording
from mockserver.spec.contract import Contract, contract_names, find_contract
from mockserver.spec.fill import Filler
from mockserver.world.world import Rules, World
from mockserver.world.worlds import Worlds


def build(settings: Settings) -> App:
    """The application that `settings` describe. Raises MockError for whatever does not make sense."""
    folder = shipped.folder("openapi")
    if settings.spec is not None:
        paths = [settings.spec]
        behave: Mapping[str, Behaviour | LaterBehaviour] = {}  # ours belong to the shipped contracts' operations
    else:
        paths = [find_contract(folder, name) for name in settings.contracts]
        behave = behaviour_table()
    contracts = [Contract.load(path) for path in paths]
    filler = Filler()
    engine = Engine(
        contracts,
        behave,
        filler=filler,
        known_elsewhere=_names_elsewhere(folder) if behave else frozenset(),
        strict=settings.strict,
    )
    rules = Rules(
        layouts=layouts(contracts, collections.LAYOUTS if behave else ()),
        complete=shapes(contracts, filler).complete,
        references=references(contracts),
        histories=histories(contracts),
        channels=channels(contracts, filler),
        on_event=webhooks.deliver,
        check_answer=answer_check(contracts),
        scenarios=load_scenarios(shipped.folder("fixtures") / "scenarios"),
        wording=Wording(),
        rates=rates(contracts),
        signer=UrlSigner(chance.digest("url secret", settings.seed)),
        url_seconds=settings.url_seconds,
        pace=settings.pace,
        speed=settings.speed,
    )
    worlds = Worlds(
        rules,
        _furnisher(written_down=bool(behave)),
        seed=settings.seed,
        policy=settings.keys,
        world_name=settings.world,
        start_ms=None if settings.start is None else round(settings.start.timestamp() * 1000),
    )
    find_world_file(shipped.folder("fixtures") / "worlds", settings.world)  # a wrong name stops the start
    return App(
        engine,
        worlds,
        document=cache(lambda name: _served(contracts, name, settings.webhook_hosts)),
        allowed_hosts=settings.webhook_hosts,
    )


def behaviour_table() -> dict[str, Behaviour | LaterBehaviour]:
    """Every behaviour by the operationId it is named after: the public functions below `mockserver.behaviours`."""
    found: dict[str, Behaviour | LaterBehaviour] = {}
    for module_info in pkgutil.walk_packages(behaviours.__path__, f"{behaviours.__name__}."):
        module = importlib.import_module(module_info.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if not name.startswith("_") and function.__module__ == module.__name__:
                found[name] = function
    return found


def _names_elsewhere(folder: Path) -> frozenset[str]:
    """What the behaviours of all shipped contracts may be called: the words of their roles.txt."""
    files = [folder / name / "roles.txt" for name in contract_names(folder)]
    return frozenset(
        word for file in files if file.is_file() for word in re.findall(r"\w+", file.read_text(encoding="utf-8"))
    )


def _furnisher(*, written_down: bool) -> Callable[[World, str], None]:
    """Gives a new world what its file says; `written_down` is whether the organization itself is a document."""
    folder = shipped.folder("fixtures") / "worlds"
    read = cache(lambda name: read_world_file(find_world_file(folder, name)))

    def furnish_named(world: World, name: str) -> None:
        if name.endswith(".json"):
            snapshots.restore(world, read_snapshot(find_world_file(folder, name)))
            return
        file = read(name)
        if written_down:
            with world.in_the_past(file.age_seconds):
                organizations.begin(world, name=file.organization, owner=members.founder(world))
        furnish(world, file)

    return furnish_named


def _served(contracts: Sequence[Contract], name: str | None, allowed_hosts: Sequence[str]) -> bytes:
    """The served document of a contract as YAML, of the first when none is named. Raises SpecError for another.

    It says what holds for this very server. Its only server is this one, for whoever reads it to send requests
    must not ring real phones; a URL that the server itself calls (`x-calls-out`) has a host that it may call.
    """
    import yaml

    known = {contract.name: contract for contract in contracts}
    if name is not None and name not in known:
        raise SpecError(f"contract: {name!r} is not served.{nearest(name, known)} Served: {', '.join(known)}.")
    raw = (contracts[0] if name is None else known[name]).document.raw
    document = {**copy.deepcopy(dict(raw)), "servers": [{"url": "/", "description": "This mock server"}]}
    hosts = "|".join(re.escape(host) for host in ("localhost", "127.0.0.1", *allowed_hosts))
    waiting: list[Any] = [document]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            if each.get("x-calls-out") is True:
                each["pattern"] = rf"^https?://({hosts})(:[1-9][0-9]{{0,3}})?(/[A-Za-z0-9/_.~-]*)?$"
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text: str = yaml.dump(document, Dumper=dumper, sort_keys=False, allow_unicode=True, width=110)
    return text.encode("utf-8")
