"""What an operation of the client needs before it can succeed, made on demand, one module per subject.

Each module may have these tables; a function in them is given a `Wire` in the demo world and answers a value:
* PATH: values for path parameters, by name, or by (operation, name) where one operation needs a special one;
* BODY: values for fields of the request body, by name, or by (operation, name);
* EXTRA: fields of the body that are sent although they are not required, by operation, as plain JSON;
* QUERY: further keyword arguments of the client's function, by operation, as plain values;
* HEADERS: headers that are sent besides the client's own, by operation;
* BEFORE: what must have happened, by operation; it may change the key that the client uses;
* ABSENT: operations that can only answer 404 here, and why.
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from typing import Any, Final

from sdk.wire import Wire

Prepared = Callable[[Wire], Any]
Table = Mapping[str | tuple[str, str], Any]


def table(name: str) -> Table:
    """The tables called `name` of all modules, put together."""
    found: dict[str | tuple[str, str], Any] = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        for key, value in getattr(module, name, {}).items():
            assert key not in found, f"{name}: {key} stands in two modules"
            found[key] = value
    return found


PATH: Final = table("PATH")
BODY: Final = table("BODY")
EXTRA: Final = table("EXTRA")
QUERY: Final = table("QUERY")
HEADERS: Final = table("HEADERS")
BEFORE: Final = table("BEFORE")
ABSENT: Final = table("ABSENT")


def prepared(needs: Table, operation: str, name: str, wire: Wire) -> Any:
    """The value that an operation needs for `name`; None when no table has one."""
    found = needs.get((operation, name), needs.get(name))
    return None if found is None else found(wire)
