"""What a comparison finds: single changes, in groups that belong together."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from mockserver.comparison.rules import RULES, Severity

Kind = Literal["document", "operation", "operations", "schema", "event"]


@dataclass(frozen=True, slots=True)
class Change:
    """One change. `where` names the place for people, `what` says what happened to it.

    `old` and `new` are the JSON pointers of the place in the two documents, None where nothing stands.
    """

    code: str
    where: str
    what: str
    old: str | None
    new: str | None

    def __post_init__(self) -> None:
        RULES[self.code]  # an unknown code is a defect, and found at once

    @property
    def severity(self) -> Severity:
        """How much the change hurts."""
        return RULES[self.code].severity

    @property
    def consequence(self) -> str:
        """What follows for the client's team."""
        return RULES[self.code].consequence


@dataclass(frozen=True, slots=True)
class Group:
    """Changes that belong together: of one operation, event or shared schema.

    `title` names it for people, `used_by` says which operations and events a shared one reaches.
    """

    kind: Kind
    title: str
    changes: tuple[Change, ...]
    used_by: tuple[str, ...] = ()

    def only(self, severity: Severity) -> tuple[Change, ...]:
        """Its changes of one severity."""
        return tuple(each for each in self.changes if each.severity is severity)


@dataclass(frozen=True, slots=True)
class Comparison:
    """All changes from the document named `old` to the one named `new`, by group."""

    old: str
    new: str
    groups: tuple[Group, ...]

    @property
    def changes(self) -> tuple[Change, ...]:
        """All changes, whatever their group."""
        return tuple(change for group in self.groups for change in group.changes)

    @property
    def counts(self) -> Mapping[Severity, int]:
        """How many changes there are of each severity."""
        found = Counter(each.severity for each in self.changes)
        return {severity: found[severity] for severity in Severity}
