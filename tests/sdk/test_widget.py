"""A page's session in the client's contract: the key's agent or its own URL, asked with the key's own secret."""

from collections.abc import Iterator
from typing import Any

import pytest
from receiver import Receiver
from thunderphone.webhooks import verify_signature

from mockserver import MockServer, Settings
from sdk.wire import Wire

DOMAINS = ["shop.example.com"]


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(Settings(contracts=("thunderphone-sdk-0.2",), world="demo")) as running:
        yield running


@pytest.fixture
def wire(server: MockServer) -> Iterator[Wire]:
    with Wire(server.base_url, server.mint_key()) as each:
        yield each


def open_session(wire: Wire, key: Any, **body: Any) -> Any:
    headers = {"x-api-key": key["key"], "origin": "https://shop.example.com"}
    return wire.post("/v1/widget/session", body, headers=headers)


def test_a_page_talks_to_the_agent_of_its_key_in_the_voice_it_wants(wire: Wire) -> None:
    agent = wire.get("/v1/agents").json[0]
    key = wire.post("/v1/publishable-key", {"allowed_domains": DOMAINS, "agent_id": agent["id"]}).json
    assert (key["agent_name"], key["embed_config"]) == (agent["name"], {})
    session = open_session(wire, key, voice="de-DE-Lena1").json
    assert wire.get(f"/v1/calls/{session['call_id']}").json["voice"] == "de-DE-Lena1"
    assert wire("DELETE", f"/v1/agents/{agent['id']}").status == 204
    (listed,) = wire.get("/v1/publishable-key").json
    assert (listed["agent_id"], listed["agent_name"]) == (None, None)
    assert open_session(wire, key).status == 409


def test_a_keys_own_url_is_asked_with_its_own_secret(wire: Wire, receiver: Receiver) -> None:
    receiver.body = b'{"prompt": "Be brief.", "voice": "en-US-Nora1"}'
    body = {"allowed_domains": DOMAINS, "mode": "webhook", "webhook_url": receiver.url}
    key = wire.post("/v1/publishable-key", body).json
    session = open_session(wire, key).json
    (asked,) = receiver.received
    assert verify_signature(
        asked.headers["x-thunderphone-signature-v2"],
        secret=key["webhook_secret"],
        method="POST",
        path=asked.path,
        body=asked.body,
    )
    assert asked.json["data"]["call_id"] == session["call_id"]
    assert wire.get(f"/v1/calls/{session['call_id']}").json["voice"] == "en-US-Nora1"
    copied = wire.post(
        f"/v1/publishable-key/{key['id']}/transfer",
        {"target_org_id": wire.post("/v1/orgs/", {"name": "Second"}).json["id"]},
    ).json
    assert copied["webhook_secret"] not in ("", key["webhook_secret"])
