"""What a run of the suite is told: what to judge, and what it may do there."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

DEFAULT_CONTRACT = "thunderphone-2026-04"


@dataclass(frozen=True, kw_only=True)
class Options:
    """One run's options.

    * base_url, api_key: the implementation, without the version; a key of the organization to judge.
    * contract, openapi: the shipped document to judge by, by name; or one of one's own.
    * writes: whether things may be changed there; `billable`: whether money may be spent and phones may ring.
    * control: whether `/_mock` is used; None means: if the target offers it.
    * second_key: a key of another organization.
    * webhook_url: how the implementation reaches the suite's receiver; None is its address on this machine.
    * webhook_port: the port the receiver listens on; 0 takes a free one.
    * receiver: whether the suite starts a receiver at all.
    * seed, max_examples: what generated requests are derived from, and how many are tried.
    * only, skip: law codes or subjects to judge, or to leave out.
    * patience: real seconds to wait for what takes time, where time cannot be moved.
    """

    base_url: str
    api_key: str
    contract: str = DEFAULT_CONTRACT
    openapi: Path | None = None
    writes: bool = False
    billable: bool = False
    control: bool | None = None
    second_key: str | None = None
    webhook_url: str | None = None
    webhook_port: int = 0
    receiver: bool = True
    seed: int = 0
    max_examples: int = 10
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    patience: float = 40.0

    @property
    def is_local(self) -> bool:
        """Whether the target is on this machine."""
        host = urlsplit(self.base_url).hostname or ""
        if host == "localhost" or host.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False

    @property
    def may_write(self) -> bool:
        """Whether the organization may be changed: on this machine always, elsewhere when it is allowed."""
        return self.writes or self.is_local

    @property
    def may_spend(self) -> bool:
        """Whether money may be spent: on this machine always, elsewhere when that and writing are allowed."""
        return self.is_local or (self.billable and self.writes)


def shipped_documents() -> Path:
    """The folder of the shipped contracts, in a checkout or in an installed wheel."""
    return Path(__file__).resolve().parents[1] / "openapi"
