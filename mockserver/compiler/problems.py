"""What the compiler could not decide, collected so that all of it is reported at once."""

from collections.abc import Iterable
from dataclasses import dataclass

from mockserver.errors import SpecError


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line of a page; `line` counts from 1."""

    page: str
    line: int

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One finding. `fatal` ones stop the build; the others say what the page leaves open."""

    place: Place
    text: str
    fatal: bool = True

    def __str__(self) -> str:
        return f"{self.place}: {'' if self.fatal else 'note: '}{self.text}"


class Problems:
    """A list of findings that fills while pages are read."""

    def __init__(self) -> None:
        self._found: dict[Problem, None] = {}

    def report(self, place: Place, text: str) -> None:
        """Record something that cannot be decided; the build will stop."""
        self._found[Problem(place, text)] = None

    def note(self, place: Place, text: str) -> None:
        """Record something the page leaves open and the document leaves open too."""
        self._found[Problem(place, text, fatal=False)] = None

    def all(self) -> list[Problem]:
        """Every finding, by page and line."""
        return sorted(self._found)

    def fatal(self) -> list[Problem]:
        """The findings that stop the build, by page and line."""
        return [problem for problem in self.all() if problem.fatal]

    def notes(self) -> list[Problem]:
        """The findings that do not stop the build, by page and line."""
        return [problem for problem in self.all() if not problem.fatal]


class UndecidedPages(SpecError):
    """The pages say things that cannot be decided; `problems` has one entry per place."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
