"""What is judged: `pytest contract_tests --base-url http://… --api-key sk_test_…`.

Nothing here imports mockserver. Without `--openapi` the document is the one shipped beside this suite.
"""

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig

DEFAULT_CONTRACT = "thunderphone-2026-04"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare what the suite needs to know."""
    group = parser.getgroup("contract")
    group.addoption(
        "--base-url", help="Where the implementation answers, without the version: http://127.0.0.1:8675"
    )
    group.addoption("--api-key", help="A key of an organization that the suite may write to.")
    group.addoption("--openapi", type=Path, help="The document to judge by, if not the shipped contract's.")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make one test per operation of the document."""
    if "operation" in metafunc.fixturenames:
        operations = [each.ok() for each in _schema(metafunc.config).get_all_operations()]
        metafunc.parametrize("operation", operations, ids=[each.label for each in operations])


def _schema(config: pytest.Config) -> Any:
    """The document as Schemathesis reads it, aimed at the implementation."""
    for option in ("--base-url", "--api-key"):
        if not config.getoption(option):
            raise pytest.UsageError(f"{option} is needed: it says what is to be judged.")
    shipped = Path(__file__).parents[1] / "openapi" / DEFAULT_CONTRACT / "openapi.yaml"
    given = config.getoption("--openapi")
    # The key belongs into the configuration: given with a call, it would come back where a case left it out.
    settings = SchemathesisConfig.from_dict(
        {
            "base-url": config.getoption("--base-url"),
            "headers": {"Authorization": f"Bearer {config.getoption('--api-key')}"},
            "cache": {"enabled": False},
        }
    )
    return schemathesis.openapi.from_path(shipped if given is None else given, config=settings)
