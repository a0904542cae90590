"""What is found when a law is broken, and what keeps one from being judged."""

from collections.abc import Iterable
from dataclasses import dataclass

from .exchange import Exchange


@dataclass(frozen=True)
class Finding:
    """One way in which an implementation breaks a law.

    `mark` tells it from other findings of the same law and is the same in every run (no ids, times or values);
    `operation` is the operationId concerned, None when it is none in particular. `evidence` are the exchanges that
    show it, the decisive one last.
    """

    law: str
    message: str
    mark: str
    operation: str | None = None
    evidence: tuple[Exchange, ...] = ()

    @property
    def fingerprint(self) -> str:
        """What a baseline knows it by."""
        return f"{self.law} {self.operation or '-'} {self.mark}"


class Broken(Exception):
    """A law is broken: says what was expected and what came; `exchanges` show it."""

    def __init__(self, message: str, *exchanges: Exchange, mark: str = "", operation: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.exchanges = exchanges
        self.mark = mark
        self.operation = operation


class Unjudged(Exception):
    """A law cannot be judged here; says why, and what would help."""


def require(condition: object, message: str, *exchanges: Exchange, mark: str = "") -> None:
    """Raise Broken with `message` unless `condition` holds."""
    if not condition:
        raise Broken(message, *exchanges, mark=mark)


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """The findings without repetitions: the first of each fingerprint."""
    found: dict[str, Finding] = {}
    for each in findings:
        found.setdefault(each.fingerprint, each)
    return list(found.values())
