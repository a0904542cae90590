"""Every law of the suite. One module per subject; codes are never reused."""

import importlib
import pkgutil
from functools import cache

from ..law import Law, laws_in


@cache
def every_law() -> tuple[Law, ...]:
    """All laws, by code. Raises ValueError when two have the same one."""
    found: dict[str, Law] = {}
    for info in pkgutil.iter_modules(__path__):
        for law in laws_in(importlib.import_module(f"{__name__}.{info.name}")):
            if law.code in found:
                raise ValueError(f"{law.code} is both {found[law.code].name} and {law.name}.")
            found[law.code] = law
    return tuple(found[code] for code in sorted(found))
