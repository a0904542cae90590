"""What a law is: something that must hold of every implementation, judged by a small function."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .trial import Trial


class Need(StrEnum):
    """What a law may need to be judged, beside a base URL and a key."""

    WRITES = "writes"
    """It changes things in the organization it is given."""

    BILLABLE = "billable"
    """It costs money or rings phones, unless the implementation is a mock."""

    CONTROL = "control"
    """The target offers `/_mock`: calls can be made to happen, and time moved."""

    RECEIVER = "receiver"
    """The implementation can reach the suite's own webhook receiver."""

    STRANGER = "stranger"
    """A key of another organization."""

    FRESH = "fresh organization"
    """An organization that nobody else uses; it is made through the API, and its key through `/_mock`."""


Body = Callable[["Trial"], None]


@dataclass(frozen=True)
class Law:
    """One law.

    `code` never changes and is never given to another law. `source` says where the vendor says so; `causes` what
    usually is the matter when it is broken. `operations` must be in the document for the law to apply, and
    `contracts`, when not empty, names the contracts that it is a law of.
    """

    code: str
    body: Body
    source: str
    causes: str = ""
    needs: frozenset[Need] = frozenset()
    operations: tuple[str, ...] = ()
    contracts: tuple[str, ...] = ()
    subject: str = field(default="", compare=False)
    is_passive: bool = False
    """Whether it is judged by what is asked for the other laws; its body does nothing."""

    @property
    def name(self) -> str:
        """The function's name."""
        return self.body.__name__

    @property
    def title(self) -> str:
        """The law in one sentence: the first line of its text."""
        return self.text.partition("\n\n")[0].replace("\n", " ")

    @property
    def text(self) -> str:
        """The law in words."""
        lines = (self.body.__doc__ or "").strip().splitlines()
        return "\n".join(line.strip() for line in lines)


def law(
    code: str,
    *,
    source: str,
    causes: str = "",
    needs: tuple[Need, ...] = (),
    operations: tuple[str, ...] = (),
    contracts: tuple[str, ...] = (),
    passive: bool = False,
) -> Callable[[Body], Law]:
    """Make a law of a function `(trial) -> None` that raises when the law is broken."""

    def made(body: Body) -> Law:
        subject = body.__module__.rpartition(".")[2]
        return Law(code, body, source, causes, frozenset(needs), operations, contracts, subject, passive)

    return made


def laws_in(module: ModuleType) -> Iterator[Law]:
    """The laws that a module makes, in its order."""
    return (
        each for each in vars(module).values() if isinstance(each, Law) and each.body.__module__ == module.__name__
    )
