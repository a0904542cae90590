"""What can be set about a server; the command line and `MockServer` offer the same."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mockserver.clock import Pace
from mockserver.world.worlds import KeyPolicy

DEFAULT_CONTRACT = "thunderphone-2026-04"
"""The contract that is meant where one is, and the first of those served."""

DEFAULT_CONTRACTS = (DEFAULT_CONTRACT, "thinnestai-v2")
"""What is served unless something else is named: two APIs over one world, with no path in common."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A server's settings.

    * contracts: shipped contracts to serve, by name; `spec` serves an OpenAPI file of one's own instead.
    * pace, speed: how time moves by itself; world seconds per real second at pace `real`.
    * keys: whether an unknown, well-formed key opens a new organization.
    * world: what a new organization owns: a name in fixtures/worlds, or a file.
    * seed: what everything that looks random is derived from.
    * start: the (aware) moment worlds begin at; None is the present at pace `real`, else a fixed one.
    * strict: refuse undeclared query parameters and body fields instead of warning.
    * url_seconds: how long a recording's URL lives.
    * webhook_hosts: hosts besides this machine that webhooks and tool calls may be sent to.
    """

    contracts: tuple[str, ...] = DEFAULT_CONTRACTS
    spec: Path | None = None
    pace: Pace = Pace.MANUAL
    speed: float = 1.0
    keys: KeyPolicy = KeyPolicy.MINTED
    world: str = "empty"
    seed: str = "0"
    start: datetime | None = None
    strict: bool = False
    url_seconds: int = 900
    webhook_hosts: tuple[str, ...] = ()
