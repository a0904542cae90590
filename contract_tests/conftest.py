"""The suite through pytest: `pytest contract_tests --base-url http://… --api-key sk_test_…`, a test per law."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from .judge import Judge, WrongTarget
from .law import Law
from .laws import every_law
from .options import DEFAULT_CONTRACT, Options


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare what the suite needs to know; `mockserver verify --help` says more."""
    group = parser.getgroup("contract")
    group.addoption(
        "--base-url", help="Where the implementation answers, without the version: http://127.0.0.1:8675"
    )
    group.addoption("--api-key", help="A key of the organization to judge.")
    group.addoption("--contract", default=DEFAULT_CONTRACT, help="The shipped contract to judge by.")
    group.addoption("--openapi", type=Path, help="The document to judge by, if not a shipped contract's.")
    group.addoption("--writes", action="store_true", help="Things may be changed there.")
    group.addoption("--billable", action="store_true", help="Money may be spent and phones may ring there.")
    group.addoption("--no-control", action="store_true", help="Do not use /_mock.")
    group.addoption("--second-key", help="A key of another organization.")
    group.addoption("--webhook-sink", help="How the target reaches the suite's webhook receiver.")
    group.addoption("--contract-seed", type=int, default=0, help="What generated requests are derived from.")
    group.addoption("--max-examples", type=int, default=10, help="Generated requests per operation.")


@pytest.fixture(scope="session")
def judge(request: pytest.FixtureRequest) -> Iterator[Judge]:
    """The judge of this run. Fails every test with what is wrong when the target cannot be judged."""
    option = request.config.getoption
    for name in ("--base-url", "--api-key"):
        if not option(name):
            raise pytest.UsageError(f"{name} is needed: it says what is to be judged.")
    options = Options(
        base_url=option("--base-url").rstrip("/"),
        api_key=option("--api-key"),
        contract=option("--contract"),
        openapi=option("--openapi"),
        writes=option("--writes"),
        billable=option("--billable"),
        control=False if option("--no-control") else None,
        second_key=option("--second-key"),
        webhook_url=option("--webhook-sink"),
        seed=option("--contract-seed"),
        max_examples=option("--max-examples"),
    )
    try:
        judge = Judge(options)
    except WrongTarget as error:
        pytest.fail(str(error), pytrace=False)
    with judge:
        try:
            judge.greet()
        except WrongTarget as error:
            pytest.fail(str(error), pytrace=False)
        yield judge


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make one test per law; those that are judged by everything that was asked come last."""
    if "law" in metafunc.fixturenames:
        laws: list[Law] = sorted(every_law(), key=lambda law: law.is_passive)
        metafunc.parametrize("law", laws, ids=[f"{law.code}-{law.name}" for law in laws])
