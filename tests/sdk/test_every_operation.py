"""The published client, unchanged: each of its operations, called as the document asks, parses its reply.

What came of it is told as a table when the run ends (`tests/conftest.py`).
"""

import importlib
from collections.abc import Callable, Iterator

import pytest
from thunderphone.generated.client import AuthenticatedClient

from mockserver import MockServer, Settings
from mockserver.spec.document import Operation, is_json
from sdk import needs
from sdk.published import CONTRACT, MODULES, arguments_of
from sdk.wire import Wire


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(Settings(contracts=("thunderphone-sdk-0.2",), world="demo")) as running:
        yield running


@pytest.fixture
def wire(server: MockServer) -> Iterator[Wire]:
    """A fresh organization with the demo world's history."""
    with Wire(server.base_url, server.mint_key()) as each:
        each.settle()
        yield each


@pytest.mark.parametrize("operation", CONTRACT.operations, ids=lambda operation: operation.id)
def test_the_reply_parses(
    operation: Operation, wire: Wire, record_property: Callable[[str, object], None]
) -> None:
    module = importlib.import_module(MODULES[operation.id])
    founder = wire.key
    if operation.id in needs.BEFORE:
        needs.BEFORE[operation.id](wire)
    arguments = arguments_of(operation, module.sync_detailed, wire)
    headers = needs.HEADERS[operation.id](wire) if operation.id in needs.HEADERS else {}
    client = AuthenticatedClient(
        base_url=wire.base_url, token=wire.key, headers=headers, raise_on_unexpected_status=True
    )
    with client:
        response = module.sync_detailed(client=client, **arguments)
    success = operation.response(int(response.status_code))
    assert success is not None
    assert success.status[0] in "23", response.content
    if any(is_json(media) for media in success.content):
        assert response.parsed is not None
    record_property("published client", f"{MODULES[operation.id].split('.')[-2]} {success.status}")
    wire.key = founder  # what was called may have ended the key it was called with
    assert wire.get("/_mock/journal").json["defects"] == [], "the mock itself failed"
