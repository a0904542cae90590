"""Imports point one way, and nothing is kept in module globals."""

import ast
import importlib
import pkgutil
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mockserver

ROOT = Path(mockserver.__file__).parent

# Who may import whom, lowest first: a unit sees only what stands before it, and itself. `engine` and
# `lifecycles` do not know each other; neither do the pure units of the second row.
GROUND = {"errors", "chance", "shipped", "clock"}
PURE = {"spec", "simulation", "media", "compiler"}
ALLOWED: dict[str, set[str]] = {
    **{name: {"errors"} if name == "clock" else set() for name in GROUND},
    **dict.fromkeys(PURE, GROUND),
    "comparison": GROUND | {"spec"},
    "world": GROUND | {"spec", "simulation", "media"},
    "delivery": GROUND | {"world"},
    "engine": GROUND | {"spec", "world"},
    "lifecycles": GROUND | {"spec", "simulation", "media", "world"},
    "behaviours": GROUND | {"spec", "simulation", "media", "world", "delivery", "engine", "lifecycles"},
    "http": GROUND | {"spec", "media", "world", "delivery", "engine", "lifecycles"},
    "settings": GROUND | {"world"},
    "assembly": GROUND | PURE - {"compiler"} | {"world", "engine", "lifecycles", "behaviours", "http", "settings"},
    # What a test holds: `testing` sees a host's type only, `hosting` makes sandboxes of it when asked.
    "testing": GROUND | {"spec", "world", "lifecycles", "http", "settings", "hosting", "server", "in_process"},
    "hosting": GROUND | {"assembly", "http", "settings", "testing"},
    "server": GROUND | {"hosting", "settings"},
    "in_process": GROUND | {"hosting"},
    "pytest_plugin": {"errors", "server", "testing"},
    "bench": GROUND | {"world", "http", "settings", "assembly", "server", "hosting"},
    "cli": GROUND | PURE | {"comparison", "world", "http", "settings", "assembly", "server"},
    "__main__": {"cli"},
    "__init__": {"clock", "in_process", "server", "settings", "testing"},  # for type checkers; imported on use
}


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(ROOT.rglob("*.py")):
        unit = path.relative_to(ROOT).parts[0].removesuffix(".py")
        if unit not in ("openapi", "fixtures", "contract_tests"):
            yield unit, path


def imported_units(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom | ast.Import):
            continue
        names = [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            module = node.module or ""
            names = [f"{module}.{name}" for name in names] if module == "mockserver" else [module]
        for name in names:
            if name.startswith("mockserver."):
                yield node.lineno, name.split(".")[1]


def test_layers() -> None:
    upward = [
        f"{path.relative_to(ROOT)}:{line} imports {unit_below}"
        for unit, path in modules()
        for line, unit_below in imported_units(path)
        if unit_below not in ALLOWED[unit] | {unit, "__version__"}
    ]
    assert upward == []


def test_every_unit_has_a_place_in_the_layers() -> None:
    assert {unit for unit, _ in modules()} <= ALLOWED.keys()


def is_constant(value: Any) -> bool:
    """Whether a module may own `value`: it cannot change, or nobody is meant to change it."""
    plain = (str, bytes, int, float, bool, frozenset, tuple, type(None), types.MappingProxyType)
    if isinstance(value, (*plain, type, types.ModuleType)) or callable(value):
        return True
    return type(value).__module__ in ("typing", "re", "types", "datetime")


def test_no_module_state() -> None:
    """Every public global is a function, class, constant, or an upper-case table that nothing writes to."""
    loose = []
    for info in pkgutil.walk_packages(mockserver.__path__, "mockserver."):
        if info.name.startswith(("mockserver.__main__", "mockserver.openapi", "mockserver.contract_tests")):
            continue
        module = importlib.import_module(info.name)
        for name, value in vars(module).items():
            if name.startswith("__") or is_constant(value) or name.lstrip("_").isupper():
                continue
            if not isinstance(value, type) and getattr(value, "__module__", "").startswith(
                ("mockserver", "typing")
            ):
                continue
            loose.append(f"{info.name}.{name} = {value!r:.60}")
    assert loose == []


def test_nothing_names_a_contract() -> None:
    """A contract is data: no code but the settings' default knows one by name."""
    names = [path.parent.name for path in (ROOT.parent / "openapi").glob("*/overrides.yaml")]
    assert names
    for unit, path in modules():
        text = path.read_text(encoding="utf-8")
        found = [name for name in names if name in text]
        assert not found or unit == "settings", f"{path.relative_to(ROOT)} names {found}"
