"""The pytest plugin: fixtures that give each test an organization of its own on one server per session.

pytest imports this module in every run of an environment that has mockserver installed, so it imports nothing of
mockserver, or of anything that is not loaded anyway, before a fixture is used.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mockserver.server import MockServer
    from mockserver.testing.fleet import Fleet
    from mockserver.testing.options import Options
    from mockserver.testing.receiver import WebhookReceiver
    from mockserver.testing.sandbox import Sandbox

_OPTIONS = (
    ("contract", "the contract to serve, or several with spaces between (default: the April 2026 one)"),
    ("world", "what each test's organization owns: a name or a file (default: empty)"),
    ("pace", "how time moves by itself: poll, manual or real (default: poll)"),
    ("seed", "what all made-up values are derived from (default: 0)"),
)

_SUITE = "mockserver.contract_tests"


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--thunderphone-world demo` on the command line, `thunderphone_world = "demo"` in the configuration."""
    group = parser.getgroup("thunderphone", "a local ThunderPhone API (mockserver)")
    for name, text in _OPTIONS:
        group.addoption(f"--thunderphone-{name}", default=None, metavar=name.upper(), help=text)
        parser.addini(f"thunderphone_{name}", help=text, default=None)
    text = "refuse undeclared query parameters and body fields"
    group.addoption("--thunderphone-strict", action="store_true", default=None, help=text)
    parser.addini("thunderphone_strict", help=text, type="bool", default=False)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Let `--pyargs mockserver.contract_tests` take the suite's options: pytest looks for them in folders only."""
    known = early_config.known_args_namespace
    suite = Path(__file__).parent / "contract_tests"
    if known.pyargs and suite.is_dir():
        known.file_or_dir = [str(suite) if each == _SUITE else each for each in known.file_or_dir]


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers",
        "thunderphone(contract=, world=, pace=, seed=, strict=): what this test's organization is like.",
    )


@pytest.fixture(scope="session")
def _thunderphone_fleet() -> "Iterator[Fleet]":
    from mockserver.testing.fleet import Fleet

    with Fleet() as fleet:
        yield fleet


@pytest.fixture(scope="session")
def thunderphone_server(_thunderphone_fleet: "Fleet", pytestconfig: pytest.Config) -> "MockServer":
    """A ThunderPhone API on a free port of this machine, for the whole session."""
    return _thunderphone_fleet.server(_session_options(pytestconfig))


@pytest.fixture
def thunderphone(request: pytest.FixtureRequest, _thunderphone_fleet: "Fleet") -> "Iterator[Sandbox]":
    """A ThunderPhone organization of this test's own: `base_url` and `api_key` for the code under test."""
    options = _options_of(request)
    server = _thunderphone_fleet.server(options)
    with server.sandbox(world=options.world, seed=options.seed, name=request.node.nodeid) as sandbox:
        yield sandbox


@pytest.fixture
def thunderphone_asgi(request: pytest.FixtureRequest, _thunderphone_fleet: "Fleet") -> "Iterator[Sandbox]":
    """The same without a socket: `ASGITransport(app=thunderphone_asgi.app)`."""
    options = _options_of(request)
    app = _thunderphone_fleet.app(options)
    with app.sandbox(world=options.world, seed=options.seed, name=request.node.nodeid) as sandbox:
        yield sandbox


@pytest.fixture
def thunderphone_receiver() -> "Iterator[WebhookReceiver]":
    """A webhook receiver on this machine: records, answers as told, and can `verify` signatures."""
    from mockserver.testing.receiver import WebhookReceiver

    with WebhookReceiver() as receiver:
        yield receiver


def _session_options(config: pytest.Config) -> "Options":
    """The configuration's options, and over them the command line's."""
    from mockserver.errors import MockError
    from mockserver.testing.options import DEFAULTS

    names = [*(name for name, _ in _OPTIONS), "strict"]
    ini = {name: config.getini(f"thunderphone_{name}") for name in names}
    line = {name: config.getoption(f"thunderphone_{name}") for name in names}
    try:
        chosen = DEFAULTS.changed("pytest configuration", {name: value for name, value in ini.items() if value})
        return chosen.changed("command line", {name: value for name, value in line.items() if value is not None})
    except MockError as error:
        raise pytest.UsageError(str(error)) from None


def _options_of(request: pytest.FixtureRequest) -> "Options":
    """The session's options, and over them those of the test's markers, the closest last."""
    from mockserver.errors import MockError

    options = _session_options(request.config)
    for marker in reversed(list(request.node.iter_markers("thunderphone"))):
        given: dict[str, Any] = dict(marker.kwargs)
        if marker.args:
            raise pytest.UsageError(
                f"@pytest.mark.thunderphone takes named options only, as world='demo', and not {marker.args[0]!r}."
            )
        try:
            options = options.changed("@pytest.mark.thunderphone", given)
        except MockError as error:
            raise pytest.UsageError(str(error)) from None
    return options
