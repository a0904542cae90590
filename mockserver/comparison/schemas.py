"""Two schemas compared by direction: what a client may send, or what it may receive."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from mockserver.comparison.findings import Change
from mockserver.comparison.likeness import paired, renamings
from mockserver.comparison.views import NOTHING, View, Views

Direction = Literal["request", "response"]

_COMPONENTS = "/components/schemas/"
_HIDDEN = {"request": "readOnly", "response": "writeOnly"}


@dataclass(frozen=True, slots=True)
class Pair:
    """A component of the old document that became one of the new, as sent or as received. Each has a pointer."""

    old: str
    new: str
    direction: Direction

    @property
    def name(self) -> str:
        """The old component's name."""
        return self.old.removeprefix(_COMPONENTS)


@dataclass(slots=True)
class Findings:
    """What comparing one place found: its own changes, and the shared schemas that are compared apart."""

    changes: list[Change] = field(default_factory=list)
    shared: dict[Pair, None] = field(default_factory=dict)
    open: set[tuple[str, str, Direction]] = field(
        default_factory=set
    )  # what is being compared: it may contain itself

    def add(self, code: str, where: str, what: str, old: str | None, new: str | None) -> None:
        """Note a change."""
        self.changes.append(Change(code, where, what, old, new))


class Comparer:
    """Compares schemas of two documents. Components are compared once per pair and direction."""

    def __init__(self, old: Views, new: Views) -> None:
        self.old = old
        self.new = new
        self._pairs: dict[Pair, Findings] = {}

    def findings(self, pair: Pair) -> Findings:
        """The changes within two components, those of components that they refer to apart."""
        if pair not in self._pairs:
            found = self._pairs[pair] = Findings()
            self._views(found, pair.old, pair.new, pair.direction, pair.name)
        return self._pairs[pair]

    def reached(self, found: Findings) -> list[Pair]:
        """All shared schemas that a place uses, directly or through others."""
        waiting, seen = list(found.shared), dict.fromkeys(found.shared)
        while waiting:
            for pair in self.findings(waiting.pop()).shared:
                if pair not in seen:
                    seen[pair] = None
                    waiting.append(pair)
        return list(seen)

    def compare(self, found: Findings, old: str, new: str, direction: Direction, where: str) -> None:
        """Compare the schemas at two pointers and note what changed. `where` names the place."""
        old_null, old_place = self.old.peeled(old)
        new_null, new_place = self.new.peeled(new)
        if old_null is not None and new_null is not None and old_null != new_null:
            if direction == "request":
                code = "request-null-allowed" if new_null else "request-null-refused"
                what = "null is taken too" if new_null else "null is refused now"
            else:
                code = "response-null-possible" if new_null else "response-null-gone"
                what = "may be null now" if new_null else "is never null now"
            found.add(code, where, what, old, new)
        if direction == "request":
            was, is_now = self.old.default(old), self.new.default(new)
            if was is not is_now and not _same(was, is_now):
                found.add("request-default-changed", where, f"default {_said(was)} → {_said(is_now)}", old, new)
        if _is_component(old_place) and _is_component(new_place):
            found.shared[Pair(old_place, new_place, direction)] = None
        else:
            self._views(found, old_place, new_place, direction, where)

    def _views(self, found: Findings, old_place: str, new_place: str, direction: Direction, where: str) -> None:
        """Compare two peeled schemas."""
        key = (old_place, new_place, direction)
        if key not in found.open:
            found.open.add(key)
            self._opened(found, self.old.at(old_place), self.new.at(new_place), direction, where)
            found.open.remove(key)

    def _opened(self, found: Findings, old: View, new: View, direction: Direction, where: str) -> None:
        if old.anything != new.anything:
            self._any(found, old, new, direction, where)
            return
        if old.alternatives or new.alternatives:
            self._alternatives(found, old, new, direction, where)
            if not (old.alternatives and new.alternatives):
                return
        if not self._types(found, old, new, direction, where):
            return
        self._values(found, old, new, direction, where)
        self._fields(found, old, new, direction, where)
        self._extra(found, old, new, direction, where)
        if old.items is not None and new.items is not None:
            self.compare(found, old.items, new.items, direction, f"{where}[]")
        elif new.items is not None:
            self._any(found, View(old.place), self.new.at(new.items), direction, f"{where}[]")
        elif old.items is not None:
            self._any(found, self.old.at(old.items), View(new.place), direction, f"{where}[]")

    def _any(self, found: Findings, old: View, new: View, direction: Direction, where: str) -> None:
        """Note that anything was taken and now something, or the reverse."""
        if old.anything != new.anything:
            what = f"{self._named(self.old, old)} → {self._named(self.new, new)}"
            found.add(
                f"{direction}-type-{'narrowed' if old.anything else 'widened'}", where, what, old.place, new.place
            )

    # -- the values of one schema -------------------------------------------------------------------

    def _types(self, found: Findings, old: View, new: View, direction: Direction, where: str) -> bool:
        """Compare types and scales; whether there is anything in common whose details can be compared."""
        if _rescaled(old, new):
            what = f"{_scale(old)} → {_scale(new)}"
            found.add(f"{direction}-scale-changed", where, what, old.place, new.place)
            return False
        was, now = old.kinds, new.kinds
        if was != now:
            change = "widened" if was < now else "narrowed" if now < was else "changed"
            found.add(f"{direction}-type-{change}", where, f"{_types(old)} → {_types(new)}", old.place, new.place)
            return bool(was & now)
        return True

    def _values(self, found: Findings, old: View, new: View, direction: Direction, where: str) -> None:
        """Compare everything that limits the values of types in common."""
        at = (old.place, new.place)
        if old.enum is None and new.enum is not None:
            found.add(f"{direction}-enum-narrowed", where, f"any value → only {_values(new.enum)}", *at)
        elif old.enum is not None and new.enum is None:
            found.add(f"{direction}-enum-widened", where, f"only {_values(old.enum)} → any value", *at)
        elif old.enum is not None and new.enum is not None:
            gone = [each for each in old.enum if not any(_same(each, other) for other in new.enum)]
            came = [each for each in new.enum if not any(_same(each, other) for other in old.enum)]
            what = "; ".join(
                f"{word} {_values(values)}" for word, values in (("no longer", gone), ("also", came)) if values
            )
            if gone:
                found.add(f"{direction}-enum-narrowed", where, what, *at)
            if came:
                found.add(f"{direction}-enum-widened", where, what, *at)
        if old.format != new.format:
            change = "added" if old.format is None else "removed" if new.format is None else "changed"
            what = f"{old.format or 'any text'} → {new.format or 'any text'}"
            found.add(f"{direction}-format-{change}", where, what, *at)
        if old.patterns != new.patterns:
            looser, stricter = new.patterns < old.patterns, old.patterns < new.patterns
            if direction == "request":
                code = "request-pattern-removed" if looser else "request-pattern-changed"
            else:
                code = "response-pattern-added" if stricter else "response-pattern-changed"
            what = f"pattern {_values(sorted(old.patterns))} → {_values(sorted(new.patterns))}"
            found.add(code, where, what, *at)
        for name in sorted({*old.bounds, *new.bounds}):
            was, now = old.bound(name), new.bound(name)
            what = f"{'' if name == 'value' else name + ' '}{was} → {now}"
            if now.tighter_than(was):
                found.add(f"{direction}-bounds-tightened", where, what, *at)
            if was.tighter_than(now):
                found.add(f"{direction}-bounds-loosened", where, what, *at)
        if old.rules != new.rules:
            words = sorted(
                key
                for key in {*old.rules, *new.rules}
                if old.rules.get(key, NOTHING) != new.rules.get(key, NOTHING)
            )
            found.add(f"{direction}-rules-changed", where, f"other rules in {_values(words)}", *at)

    # -- objects ------------------------------------------------------------------------------------

    def _fields(self, found: Findings, old: View, new: View, direction: Direction, where: str) -> None:
        hidden = _HIDDEN[direction]
        before = {name: each for name, each in old.properties.items() if not self.old.is_set(each, hidden)}
        after = {name: each for name, each in new.properties.items() if not self.new.is_set(each, hidden)}

        def fits(one: str, other: str) -> bool:
            was, now = self.old.at(before[one]), self.new.at(after[other])
            return was.kinds == now.kinds or bool(was.kinds & now.kinds)

        if direction == "response" and bool(before) != bool(after) and old.extra is new.extra is True:
            names = _values(list(before or after))
            if before:
                what = f"does not declare {names} any more"
                found.add("response-fields-undeclared", where, what, old.place, new.place)
            else:
                found.add("response-fields-declared", where, f"declares {names} now", old.place, new.place)
            return
        renamed = renamings(
            (name for name in before if name not in after), (name for name in after if name not in before), fits
        )
        for name, pointer in before.items():
            place = f"{where}.{name}"
            if name in after or name in renamed:
                other = renamed.get(name, name)
                if other != name:
                    what = f"seems to be called `{other}` now"
                    found.add(f"{direction}-field-renamed", place, what, pointer, after[other])
                if (name in old.required) != (other in new.required):
                    word = "required" if other in new.required else "optional"
                    found.add(f"{direction}-field-became-{word}", place, f"is {word} now", pointer, after[other])
                self.compare(found, pointer, after[other], direction, place)
            elif isinstance(new.extra, str):
                # It is one of many now, whose values have a schema.
                if name in old.required:
                    found.add(f"{direction}-field-became-optional", place, "is optional now", pointer, new.extra)
                self.compare(found, pointer, new.extra, direction, place)
            elif direction == "request":
                code = "request-field-refused" if new.extra is False else "request-field-ignored"
                found.add(code, place, "is gone", pointer, None)
            else:
                code = "response-field-removed" if name in old.required else "response-optional-field-removed"
                found.add(code, place, "is gone", pointer, None)
        for name, pointer in after.items():
            if name in before or name in renamed.values():
                continue
            if isinstance(old.extra, str):
                if name in new.required:
                    place = f"{where}.{name}"
                    found.add(f"{direction}-field-became-required", place, "is required now", old.extra, pointer)
                self.compare(found, old.extra, pointer, direction, f"{where}.{name}")
            elif direction == "request":
                required = name in new.required
                code = "request-field-added-required" if required else "request-field-added"
                what = f"is new{' and required' if required else ''}"
                found.add(code, f"{where}.{name}", what, None, pointer)
            else:
                code = "response-field-added-to-closed" if old.extra is False else "response-field-added"
                found.add(code, f"{where}.{name}", "is new", None, pointer)

    def _extra(self, found: Findings, old: View, new: View, direction: Direction, where: str) -> None:
        """Compare what the fields that are not declared may be."""
        at = (old.place, new.place)
        if "object" not in old.kinds & new.kinds:
            return
        if (old.extra is False) != (new.extra is False):
            word, what = (
                ("closed", "no other fields now") if new.extra is False else ("opened", "other fields allowed now")
            )
            found.add(f"{direction}-object-{word}", where, what, *at)
        elif isinstance(old.extra, str) and isinstance(new.extra, str):
            self.compare(found, old.extra, new.extra, direction, f"{where}.*")
        elif isinstance(new.extra, str):
            self._any(found, View(old.place), self.new.at(new.extra), direction, f"{where}.*")
        elif isinstance(old.extra, str):
            self._any(found, self.old.at(old.extra), View(new.place), direction, f"{where}.*")

    # -- alternatives -------------------------------------------------------------------------------

    def _alternatives(self, found: Findings, old: View, new: View, direction: Direction, where: str) -> None:
        pairs, gone, came = paired(
            old.alternatives or (old.place,), new.alternatives or (new.place,), self._resemblance
        )
        for one, other in pairs:
            self.compare(found, one, other, direction, where)
        for pointer in gone:
            what = f"no longer {self._named(self.old, self.old.at(pointer))}"
            found.add(f"{direction}-alternative-removed", where, what, pointer, new.place)
        for pointer in came:
            what = f"also {self._named(self.new, self.new.at(pointer))}"
            found.add(f"{direction}-alternative-added", where, what, old.place, pointer)

    def _resemblance(self, old: str, new: str) -> float:
        """How probably two alternatives are the same one: 0 when they have no value in common."""
        was, now = self.old.at(old), self.new.at(new)
        if was.kinds and now.kinds and not was.kinds & now.kinds:
            return 0.0
        if _is_component(was.place) and was.place == now.place:
            return 4.0
        marks = self._marks(self.old, was), self._marks(self.new, now)
        if marks[0] and marks[1]:
            return 3.0 if marks[0] & marks[1] else 0.0
        both = was.properties.keys() | now.properties.keys()
        shared = len(was.properties.keys() & now.properties.keys()) / len(both) if both else 0.0
        return 1.0 + shared + (0.5 if was.format == now.format else 0.0)

    def _marks(self, views: Views, view: View) -> set[tuple[str, str]]:
        """The fields that tell an alternative from others: those with one possible value."""
        fields = {name: views.at(pointer).enum for name, pointer in view.properties.items()}
        return {(name, repr(enum[0])) for name, enum in fields.items() if enum is not None and len(enum) == 1}

    def _named(self, views: Views, view: View) -> str:
        """A schema by its component's name, its alternatives, or its types."""
        if _is_component(view.place) and not view.anything:
            return f"`{view.place.removeprefix(_COMPONENTS)}`"
        if view.alternatives:
            return " or ".join(self._named(views, views.at(each)) for each in view.alternatives)
        return _types(view)


def _is_component(pointer: str) -> bool:
    return pointer.startswith(_COMPONENTS) and "/" not in pointer[len(_COMPONENTS) :]


def _rescaled(old: View, new: View) -> bool:
    """Whether one is a share of one and the other counts further, as 0…1 and 0…100 or whole numbers do."""

    def is_share(view: View) -> bool:
        upper, lower = view.bound("value").upper, view.bound("value").lower
        return (
            "number" in view.types and upper is not None and upper[0] <= 1 and lower is not None and lower[0] >= 0
        )

    def counts(view: View) -> bool:
        upper = view.bound("value").upper
        return upper[0] >= 10 if upper is not None else view.types == {"integer"}

    return (is_share(old) and counts(new)) or (counts(old) and is_share(new))


def _scale(view: View) -> str:
    bound = view.bound("value")
    return f"{_types(view)} {bound}" if bound.upper or bound.lower else _types(view)


def _same(one: object, other: object) -> bool:
    """Whether two JSON values are the same one; Python takes true for 1."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _types(view: View) -> str:
    return " or ".join(sorted(view.types)) or "any"


def _values(values: Iterable[object]) -> str:
    return ", ".join(f"`{_plain(each)}`" for each in values) or "none"


def _said(value: object) -> str:
    return "none" if value is NOTHING else f"`{_plain(value)}`"


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "null" if value is None else str(value)
