"""Test requests of tools, to a real endpoint: what was sent, what is told about the answer, what is refused."""

from typing import Any

import httpx2
import pytest
from receiver import Receiver
from thunderphone.webhooks import verify_signature

from mockserver import MockServer
from mockserver.behaviours.integrations import LONGEST_PREVIEW

AT = "/v1/integrations/test-request"
SPEC = {"type": "function", "function": {"name": "find_parcel"}}


def integration(http: httpx2.Client, **fields: Any) -> Any:
    made = http.post("/v1/integrations", json={"display_name": "Parcels", "spec": SPEC, **fields})
    assert made.status_code == 201, made.text
    return made.json()


def test_the_endpoint_is_called_and_its_answer_told(http: httpx2.Client, receiver: Receiver) -> None:
    secret = http.put("/v1/webhook", json={"url": receiver.url}).json()["secret"]
    receiver.body = b'{"state":"on its way"}'
    body = {"url": receiver.url, "headers": {"X-Shop": "12"}, "body": {"number": "P-17", "fast": True}}
    told = http.post(AT, json=body)
    assert told.status_code == 200, told.text
    result = told.json()
    assert (result["ok"], result["status_code"], result["reason"]) == (True, 200, "")
    assert (result["response_body_preview"], result["response_truncated"]) == ('{"state":"on its way"}', False)
    assert result["response_headers"]["content-length"] == str(len(receiver.body))
    (sent,) = receiver.received
    assert (sent.method, sent.headers["x-shop"], sent.body) == ("POST", "12", b'{"fast":true,"number":"P-17"}')
    signature = sent.headers["x-thunderphone-signature-v2"]
    assert verify_signature(signature, secret=secret, method="POST", path="/hooks", body=sent.body)


def test_without_a_body_the_arguments_are_in_the_query(http: httpx2.Client, receiver: Receiver) -> None:
    told = http.post(AT, json={"url": receiver.url + "?a=1", "method": "GET", "body": {"number": "P 17"}})
    assert told.json()["ok"] is True
    assert [(each.method, each.path, each.body) for each in receiver.received] == [
        ("GET", "/hooks?a=1&number=P+17", b"")
    ]


def test_integrations_remember_what_became_of_the_test(http: httpx2.Client, receiver: Receiver) -> None:
    ours = integration(http, endpoint_url=receiver.url)
    other = integration(http, endpoint_url=receiver.url, endpoint_method="PUT")

    def states() -> list[str]:
        shown = [http.get(f"/v1/integrations/{each['id']}").json() for each in (ours, other)]
        return [each["validation_status"] for each in shown]

    agent = {"name": "A", "prompt": "p", "voice": "v", "integration_ids": [ours["id"]]}
    agent_id = http.post("/v1/agents", json=agent).json()["id"]
    receiver.answers = [(500, b"oops"), (204, b"")]
    failed = http.post(AT, json={"url": receiver.url}).json()
    assert (failed["ok"], failed["status_code"], failed["reason"]) == (False, 500, "The endpoint answered 500.")
    assert states() == ["error", "untested"]
    assert http.post(AT, json={"url": receiver.url}).json()["ok"] is True
    assert states() == ["validated", "untested"]
    (linked,) = http.get(f"/v1/agents/{agent_id}").json()["integrations"]
    assert linked["validation_status"] == "validated"
    http.patch(f"/v1/integrations/{ours['id']}", json={"display_name": "Another name"})
    assert states()[0] == "validated"
    http.patch(f"/v1/integrations/{ours['id']}", json={"headers": [{"key": "X-Shop", "value": "13"}]})
    assert states()[0] == "untested"


def test_a_long_answer_is_cut_and_silence_is_told(http: httpx2.Client, receiver: Receiver) -> None:
    receiver.body = b"x" * (LONGEST_PREVIEW + 1)
    long = http.post(AT, json={"url": receiver.url}).json()
    assert (len(long["response_body_preview"]), long["response_truncated"]) == (LONGEST_PREVIEW, True)
    receiver.delay_seconds = 20
    slow = http.post(AT, json={"url": receiver.url, "timeout_seconds": 1}).json()
    assert (slow["ok"], slow["status_code"], slow["reason"]) == (False, None, "no answer within 1 s")
    nobody = http.post(AT, json={"url": "http://127.0.0.1:9/"}).json()
    assert (nobody["ok"], nobody["status_code"], nobody["reason"] == "") == (False, None, False)


def test_headers_that_frame_a_message_are_the_senders_own(http: httpx2.Client, receiver: Receiver) -> None:
    body = {"url": receiver.url, "body": {"a": 1}, "headers": {"Content-Length": "0", "transfer-encoding": "x"}}
    assert http.post(AT, json=body).json()["ok"] is True
    assert receiver.received[0].body == b'{"a":1}'


@pytest.mark.parametrize("url", ["https://example.com/x", "http://10.0.0.1/", "http://169.254.169.254/latest"])
def test_other_machines_are_left_alone(http: httpx2.Client, url: str) -> None:
    refused = http.post(AT, json={"url": url})
    assert (refused.status_code, refused.json()["code"]) == (400, "url_not_allowed")
    assert "--webhook-host" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        *(
            ({"url": url}, "url")
            for url in ("x", "http://", "http://[", "ftp://127.0.0.1/", "http://127.0.0.1:99999/")
        ),
        ({"url": "http://127.0.0.1:0/"}, "url"),
        ({"url": "http://127.0.0.1:9/", "headers": {"a b": "c"}}, "headers"),
        ({"url": "http://127.0.0.1:9/", "headers": {"a": "é"}}, "headers"),
        ({"url": "http://127.0.0.1:9/", "timeout_seconds": 61}, "timeout_seconds"),
    ],
)
def test_what_cannot_be_sent_is_refused_by_field(http: httpx2.Client, body: Any, field: str) -> None:
    refused = http.post(AT, json=body)
    assert (refused.status_code, list(refused.json())) == (400, [field])


def test_nobody_else_waits_for_a_slow_tool(server: MockServer, http: httpx2.Client, receiver: Receiver) -> None:
    """While one request hangs on its tool, the receiver itself can use the API."""
    seen: list[int] = []
    agents = f"{server.base_url}/v1/agents"
    headers = {"Authorization": http.headers["Authorization"]}
    receiver.on_receive = lambda sent: seen.append(httpx2.get(agents, headers=headers).status_code)
    assert http.post(AT, json={"url": receiver.url}).json()["ok"] is True
    assert seen == [200]
