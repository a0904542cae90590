"""Where the files that are shipped beside the code are: contracts, worlds, scenarios, the contract suite.

In a checkout they are top-level folders; in an installed wheel they lie inside the package.
"""

import importlib
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """The shipped folder `name` ("openapi", "fixtures" or "contract_tests"), in either layout.

    Raises FileNotFoundError when neither layout has it, which means a broken installation.
    """
    for parent in (_PACKAGE, _PACKAGE.parent):
        if (parent / name).is_dir():
            return parent / name
    raise FileNotFoundError(
        f"mockserver is installed without its folder {name!r} (looked in {_PACKAGE} and {_PACKAGE.parent}). "
        "Reinstall the package, or run from a complete checkout."
    )


def suite(module: str) -> Any:
    """A module of the contract suite, in either layout.

    Raises ModuleNotFoundError when it, or a library that it needs, is not installed.
    """
    inside = folder("contract_tests").parent == _PACKAGE
    return importlib.import_module(f"{'mockserver.' if inside else ''}contract_tests.{module}")
