"""The published client's own few lines: an agent, a call, its end, what was said, and signed webhooks."""

from functools import partial

import pytest
import thunderphone
from receiver import Receiver
from thunderphone.generated.api.developer import developer_webhook_endpoints_create
from thunderphone.generated.models import DeveloperWebhookEndpointCreateUpdateRequest as EndpointRequest

from mockserver import MockServer, Settings
from mockserver.clock import Pace
from sdk.needs.calls import calling_number
from sdk.wire import Wire

CONTRACT = "thunderphone-sdk-0.2"


@pytest.mark.parametrize(
    "settings",
    [
        Settings(contracts=(CONTRACT,), world="demo", pace=Pace.POLL),
        Settings(contracts=(CONTRACT,), world="demo", pace=Pace.REAL, speed=200),
    ],
    ids=["poll", "real"],
)
def test_from_an_agent_to_its_signed_webhook(settings: Settings, receiver: Receiver) -> None:
    with MockServer(settings) as server:
        key = server.mint_key()
        with (
            thunderphone.ThunderPhone(key, base_url=server.base_url) as client,
            Wire(server.base_url, key) as wire,
        ):
            endpoint = developer_webhook_endpoints_create.sync(
                client=client.client,
                body=EndpointRequest(label="Shop", url=f"{receiver.url}?a=1"),
            )
            assert endpoint is not None

            agent = client.agents.create(
                thunderphone.AgentRequest(name="Desk", prompt="Be brief.", voice="en-US-James1")
            )
            placed = client.calls.place(
                thunderphone.PlaceCallRequest(
                    from_number=calling_number(wire), to_number="+14155550199", agent_id=agent.id
                )
            )
            call = client.calls.wait_for_completion(placed.call_id, timeout=60, poll_interval=0.05)
            assert (call.status, call.agent_id) == ("completed", agent.id)
            assert client.calls.get(placed.call_id).end_time is not None
            said = client.calls.transcript(placed.call_id)
            assert said.call_id == placed.call_id
            assert {"user", "assistant"} <= {each.role for each in said.transcripts}

            wire.settle()
            told = [each.json for each in receiver.received if each.json["type"] == "telephony.complete"]
            assert [each["data"]["call_id"] for each in told].count(placed.call_id) == 1
            for each in receiver.received:
                header = each.headers[thunderphone.webhooks.SIGNATURE_HEADER.lower()]
                verify = partial(
                    thunderphone.verify_signature, header, method=each.method, path=each.path, body=each.body
                )
                assert verify(secret=["old", endpoint.secret])
                assert not verify(secret="whsec_other")
                assert not verify(secret=endpoint.secret, path="/")


def test_a_refusal_is_the_clients_own_error() -> None:
    with (
        MockServer(Settings(contracts=(CONTRACT,))) as server,
        thunderphone.ThunderPhone(server.mint_key(), base_url=server.base_url) as client,
    ):
        with pytest.raises(thunderphone.ThunderPhoneError) as refused:
            client.calls.get(7)
        assert refused.value.status == 404
        with pytest.raises(thunderphone.ThunderPhoneError) as refused:
            client.calls.wait_for_completion(7)
        assert refused.value.status == 404
