"""Which of the new names an old one has probably become."""

import difflib
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")

RENAMED = 0.75
"""From this likeness on, a name that is gone and one that came are taken for the same thing."""


def likeness(one: str, other: str) -> float:
    """How alike two names are: 1.0 for the same, 0.0 for nothing in common; the order does not matter."""
    first, second = sorted((one, other))
    letters = difflib.SequenceMatcher(None, first, second).ratio()
    words, others = set(_words(one)), set(_words(other))
    shared = words & others
    if shared in (words, others) and any(len(word) > 3 for word in shared):  # `number` and `phone_number`
        letters = max(letters, RENAMED)
    return letters


def renamings(
    gone: Iterable[str], came: Iterable[str], fits: Callable[[str, str], bool] = lambda one, other: True
) -> dict[str, str]:
    """The new name of each old one that seems to have got one, the likest first; `fits` has a veto."""
    new = list(came)
    candidates = [
        (-score, min(one, other), max(one, other), one, other)
        for one in gone
        for other in new
        if (score := likeness(one, other)) >= RENAMED and fits(one, other)
    ]
    found: dict[str, str] = {}
    for _, _, _, one, other in sorted(candidates):
        if one not in found and other not in found.values():
            found[one] = other
    return found


def paired(
    old: Sequence[T], new: Sequence[T], score: Callable[[T, T], float]
) -> tuple[list[tuple[T, T]], list[T], list[T]]:
    """Those that belong together, the best first, and what is left on each side. A score of 0 forbids."""
    candidates = sorted(
        (-points, abs(i - j), i + j, i, j)
        for i, one in enumerate(old)
        for j, other in enumerate(new)
        if (points := score(one, other)) > 0
    )
    chosen: dict[int, int] = {}
    for *_, i, j in candidates:
        if i not in chosen and j not in chosen.values():
            chosen[i] = j
    return (
        [(old[i], new[j]) for i, j in sorted(chosen.items())],
        [each for i, each in enumerate(old) if i not in chosen],
        [each for j, each in enumerate(new) if j not in chosen.values()],
    )


def _words(name: str) -> list[str]:
    return [word for word in name.lower().replace("-", "_").split("_") if word]
