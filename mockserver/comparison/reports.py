"""A comparison for people in a terminal, for a pull request, and for programs."""

from collections.abc import Callable, Iterator
from typing import Any

from mockserver.comparison.findings import Change, Comparison, Group
from mockserver.comparison.rules import Severity

Paint = Callable[[str, str], str]
"""Gives a text the look of a role: a severity, `title`, `code`, `faint`."""

_SHOWN_USERS = 6
_WORDS = {
    Severity.BREAKING: "Breaking: what fails until the client is changed",
    Severity.RISKY: "Risky: what goes on, and may do something else",
    Severity.COMPATIBLE: "Compatible: what needs nothing",
}


def as_text(comparison: Comparison, *, everything: bool = False, paint: Paint = lambda text, role: text) -> str:
    """The changes for a terminal, breaking first; compatible ones are only counted unless `everything`."""
    lines = [f"{comparison.old} → {comparison.new}: {summary(comparison)}"]
    for severity in Severity:
        if not comparison.counts[severity]:
            continue
        lines += ["", paint(f"{_WORDS[severity]} ({comparison.counts[severity]})", severity)]
        if severity is Severity.COMPATIBLE and not everything:
            lines += [f"  {count:4} {code}" for code, count in _counted(comparison)]
            continue
        for group, changes in _groups(comparison, severity):
            lines += ["", paint(group.title, "title")]
            if group.used_by:
                lines.append(paint(f"  used by {_users(group)}", "faint"))
            for change in changes:
                lines.append(f"  {change.where}: {change.what}  {paint(f'[{change.code}]', 'code')}")
                lines.append(f"      {change.consequence}")
                lines.append(paint(f"      {_places(change)}", "faint"))
    return "\n".join(lines) + "\n"


def as_markdown(comparison: Comparison, *, everything: bool = False) -> str:
    """The changes for a pull request: a table per operation, everything but the breaking ones folded away.

    Where exactly a change stands in the documents is left to the other formats, which have no limit of length.
    """
    lines = [f"## {comparison.old} → {comparison.new}", "", f"{summary(comparison).capitalize()}."]
    for severity in Severity:
        count = comparison.counts[severity]
        if not count:
            continue
        heading = f"{_WORDS[severity]} ({count})"
        folded = severity is not Severity.BREAKING
        lines += ["", *(["<details>", f"<summary>{heading}</summary>"] if folded else [f"### {heading}"])]
        if severity is Severity.COMPATIBLE and not everything:
            lines += ["", *(f"- {number} of `{code}`" for code, number in _counted(comparison))]
        else:
            for group, changes in _groups(comparison, severity):
                lines += ["", f"#### {_marked(group.title)}"]
                if group.used_by:
                    lines += ["", f"Used by {_users(group)}."]
                lines += ["", "| Where | What | So | Code |", "| --- | --- | --- | --- |"]
                lines += map(_row, changes)
        if folded:
            lines += ["", "</details>"]
    return "\n".join(lines) + "\n"


def as_data(comparison: Comparison) -> dict[str, Any]:
    """The whole comparison as JSON data."""
    return {
        "old": comparison.old,
        "new": comparison.new,
        "counts": {str(severity): count for severity, count in comparison.counts.items()},
        "groups": [
            {
                "kind": group.kind,
                "title": group.title,
                "used_by": list(group.used_by),
                "changes": [
                    {
                        "code": each.code,
                        "severity": str(each.severity),
                        "where": each.where,
                        "what": each.what,
                        "consequence": each.consequence,
                        "old": each.old,
                        "new": each.new,
                    }
                    for each in group.changes
                ],
            }
            for group in comparison.groups
        ],
    }


def summary(comparison: Comparison) -> str:
    """How much there is, in one line."""
    if not comparison.changes:
        return "nothing changed for a client"
    return ", ".join(f"{count} {severity}" for severity, count in comparison.counts.items())


def _groups(comparison: Comparison, severity: Severity) -> Iterator[tuple[Group, tuple[Change, ...]]]:
    return ((group, changes) for group in comparison.groups if (changes := group.only(severity)))


def _counted(comparison: Comparison) -> list[tuple[str, int]]:
    """The codes of the compatible changes with their numbers, the most frequent first."""
    found: dict[str, int] = {}
    for change in comparison.changes:
        if change.severity is Severity.COMPATIBLE:
            found[change.code] = found.get(change.code, 0) + 1
    return sorted(found.items(), key=lambda each: (-each[1], each[0]))


def _users(group: Group) -> str:
    shown = ", ".join(group.used_by[:_SHOWN_USERS])
    more = len(group.used_by) - _SHOWN_USERS
    return f"{shown} and {more} more" if more > 0 else shown


def _places(change: Change) -> str:
    old, new = (f"#{each}" if each is not None else "nothing" for each in (change.old, change.new))
    return f"at {old}" if old == new else f"at {old} → {new}"


def _marked(name: str) -> str:
    """A name as code, so that its underscores and braces stay as they are."""
    return f"`{name}`"


def _row(change: Change) -> str:
    cells = (_marked(change.where), change.what, change.consequence, _marked(change.code))
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
