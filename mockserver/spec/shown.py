"""How a field of a reply follows from the document that is kept: `x-shown` on a property's schema.

Contracts that speak about one world differ in words: what one calls `mic` is `web` in another, a score of 0.92 is
92. The document that is kept speaks one language, and each contract's schemas say how they show it:

    x-shown:
      from: start_time                          # the kept field, when it has another name
      when: [{is_test_call: true, shows: test}] # the first case whose fields all match decides
      map: {mic: web, widget: web}              # a value by another; those not named stay
      scale: 100                                # a number times this, as a whole number
      time: seconds                             # a time without its milliseconds
      public_id: ag_                            # a number as a text with this prefix (see public_ids)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from mockserver.errors import SpecError, nearest
from mockserver.spec import public_ids

MISSING: Final[Any] = object()
"""What a field shows of a document that says nothing about it."""

_SETTINGS: Final = ("from", "when", "map", "scale", "time", "public_id")


@dataclass(frozen=True, slots=True)
class Shown:
    """One field's `x-shown`, read."""

    name: str
    source: str
    cases: tuple[tuple[Mapping[str, Any], Any], ...]
    values: Mapping[Any, Any]
    scale: float | None
    whole_seconds: bool
    prefix: str | None = None

    @property
    def derived(self) -> bool:
        """Whether the field is kept under another name, so that nothing is kept under its own."""
        return self.source != self.name

    def value(self, document: Mapping[str, Any]) -> Any:
        """What the field shows of `document`; MISSING when that has neither the kept field nor this one."""
        for fields, shows in self.cases:
            if all(document.get(name, MISSING) == value for name, value in fields.items()):
                return shows
        value = document.get(self.source, MISSING)
        if value is MISSING:
            return document.get(self.name, MISSING)
        if self.values and isinstance(value, str | bool | int):
            value = self.values.get(value, value)
        if self.scale is not None and isinstance(value, int | float):
            value = round(value * self.scale)
        if self.prefix is not None and isinstance(value, int):
            value = public_ids.shown(self.prefix, value)
        if self.whole_seconds and isinstance(value, str) and value[19:20] == ".":
            value = value[:19] + "Z"
        return value


def read(name: str, setting: Any, *, where: str) -> Shown:
    """The `x-shown` of the field `name`. Raises SpecError, beginning with `where`, when it does not make sense."""
    if not isinstance(setting, dict):
        raise SpecError(f"{where}: x-shown must be an object, not {setting!r}.")
    for key in setting:
        if key not in _SETTINGS:
            raise SpecError(f"{where}: x-shown has no setting {key!r}.{nearest(str(key), _SETTINGS)}")
    cases = []
    for case in setting.get("when", ()):
        if not isinstance(case, dict) or "shows" not in case or len(case) < 2:
            raise SpecError(f"{where}: a case of x-shown.when reads {{field: value, shows: value}}, not {case!r}.")
        cases.append(({key: value for key, value in case.items() if key != "shows"}, case["shows"]))
    if setting.get("time") not in (None, "seconds"):
        raise SpecError(f"{where}: x-shown.time can be `seconds`, not {setting['time']!r}.")
    return Shown(
        name=name,
        source=setting.get("from", name),
        cases=tuple(cases),
        values=setting.get("map", {}),
        scale=setting.get("scale"),
        whole_seconds="time" in setting,
        prefix=setting.get("public_id"),
    )
