"""What a test holds: time, telephones, receivers, and assertions that say what there was instead."""

import asyncio
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from mockserver import MockApp, MockServer, Sandbox, WebhookReceiver
from mockserver.errors import MockError, WrongUse


@pytest.fixture
def thunderphone(server: MockServer) -> Iterator[Sandbox]:
    with server.sandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def mock_app() -> Iterator[MockApp]:
    with MockApp() as app:
        yield app


@pytest.fixture
def webhooks() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as receiver:
        yield receiver


def client(sandbox: Sandbox) -> httpx2.Client:
    return httpx2.Client(base_url=sandbox.base_url, headers=sandbox.headers, timeout=30)


def test_the_story_of_a_call(thunderphone: Sandbox, webhooks: WebhookReceiver) -> None:
    thunderphone.subscribe(webhooks, "telephony.complete", "call.graded")
    before = thunderphone.now
    call = thunderphone.place_inbound(scenario="refund-with-tool", from_number="+14155550123")
    assert (call["status"], call["from_number"]) == ("in_progress", "+14155550123")
    with client(thunderphone) as api:
        at = f"/v1/calls/{call['call_id']}"
        assert api.get(at).json()["agent_id"] == call["agent_id"]
        assert thunderphone.advance(1) >= 0
        assert thunderphone.settle() > 0
        assert thunderphone.now > before
        assert api.get(at).json()["grade_status"] == "completed"
    [graded] = thunderphone.assert_delivered("call.graded", call_id=call["call_id"], times=1)
    assert graded.data == webhooks.wait_for("call.graded", call_id=call["call_id"]).data
    assert webhooks.types == ["telephony.complete", "call.graded"]
    webhooks.verify()
    assert len(thunderphone.assert_requested("calls_retrieve", path=at, status=200)) == 2
    thunderphone.assert_requested("calls_list", times=0)


def test_a_caller_is_answered_by_who_is_there(thunderphone: Sandbox) -> None:
    agent = thunderphone.seed("agents", name="Kim")
    assert thunderphone.place_inbound()["agent_id"] == agent["id"]
    other = thunderphone.seed("agents", {"name": "Alex"})
    assert thunderphone.place_inbound(agent_id=other["id"])["agent_id"] == other["id"]
    with client(thunderphone) as api:
        assert len(api.get("/v1/phone-numbers").json()) == 1
    with pytest.raises(WrongUse, match=r"no scenario 'voice-mail'. Did you mean voicemail\?"):
        thunderphone.place_inbound(scenario="voice-mail")
    with pytest.raises(WrongUse, match=r"no number \+1999"):
        thunderphone.place_inbound(to_number="+19995550100")


def test_an_event_is_triggered(thunderphone: Sandbox, webhooks: WebhookReceiver) -> None:
    thunderphone.subscribe(webhooks, "call.graded")
    call = thunderphone.trigger("call.graded", scenario="angry-caller")["call_id"]
    [graded] = thunderphone.assert_delivered("call.graded", call_id=call)
    assert graded.data["grade"]["score"] < 0.5
    with pytest.raises(WrongUse, match="this organization has no call 7"):
        thunderphone.trigger("call.graded", call_id=7)
    thunderphone.trigger("balance.empty")
    with pytest.raises(WrongUse, match=r"telephony.complete: Insufficient balance"):
        thunderphone.trigger("telephony.complete")


def test_what_cannot_be_seeded_is_told(thunderphone: Sandbox) -> None:
    with pytest.raises(WrongUse, match=r"no collection 'agent'. Did you mean agents\?"):
        thunderphone.seed("agent", name="Kim")
    with pytest.raises(WrongUse, match=r"inbound_agent_id 7 is none of this organization's agents"):
        thunderphone.seed("phone-numbers", number="+14155550100", inbound_agent_id=7)


def test_failures_are_ordered_by_operation(thunderphone: Sandbox) -> None:
    thunderphone.fail_next("calls_list", 429, retry_after=7)
    thunderphone.fail_next(status=None, malformed=True)
    with client(thunderphone) as api:
        assert api.get("/v1/agents").text == "["
        refused = api.get("/v1/calls")
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "7")
        assert api.get("/v1/calls").status_code == 200
    with pytest.raises(WrongUse, match=r"no operation 'calls_lst'. Did you mean calls_list\?"):
        thunderphone.fail_next("calls_lst")


# -- failures show the neighbours --------------------------------------------------------------------------


def test_a_request_that_was_not_made_shows_those_that_were(thunderphone: Sandbox) -> None:
    with pytest.raises(AssertionError) as nothing:
        thunderphone.assert_requested("agents_create")
    assert str(nothing.value) == (
        "No request for agents_create.\n"
        "  Nothing was requested. Does the code under test use this base_url and this api_key?"
    )
    with client(thunderphone) as api:
        api.post("/v1/agents", json={"name": "Kim", "prompt": "p", "voice": "v"})
        api.get("/v1/calls")
        api.get("/v1/calls?limit=2")
    with pytest.raises(AssertionError) as other:
        thunderphone.assert_requested("agents_create", body={"name": "Alex", "product": "bolt"}, status=201)
    assert str(other.value) == (
        "No request for agents_create with status=201, body={'name': 'Alex', 'product': 'bolt'}.\n"
        "  1 request nearly:\n"
        "    #1 POST /v1/agents → 201: body.name is 'Kim', not 'Alex'; body.product is missing, not 'bolt'\n"
        "  2 other requests: calls_list ×2"  # noqa: RUF001
    )
    with pytest.raises(AssertionError) as often:
        thunderphone.assert_requested("calls_list", times=1)
    assert str(often.value).startswith(
        "calls_list was requested twice, not once: #2 GET /v1/calls → 200, #3 GET /v1/calls?limit=2 → 200\n"
    )
    with pytest.raises(AssertionError, match=r"^No request for agents_list, but twice was expected\."):
        thunderphone.assert_requested("agents_list", times=2)
    with pytest.raises(WrongUse, match=r"no operation 'agent_create'. Did you mean agents_create\?"):
        thunderphone.assert_requested("agent_create")


def test_an_event_that_was_not_delivered_shows_those_that_were(
    thunderphone: Sandbox, webhooks: WebhookReceiver
) -> None:
    call = thunderphone.place_inbound(scenario="wrong-number")["call_id"]
    with pytest.raises(AssertionError) as nobody:
        thunderphone.assert_delivered("telephony.incoming")
    assert str(nobody.value).startswith(
        "No delivery of telephony.incoming.\n"
        "  Nothing was delivered.\n"
        "  The event happened once, when nobody wanted it.\n"
        "  Nobody has subscribed to any event.\n"
        "  1 timer pending: finish of calls/"
    )
    assert " would run one." in str(nobody.value)
    thunderphone.subscribe(webhooks, "telephony.complete", "call.graded")
    webhooks.fail_next(event_type="call.graded", status=503)
    thunderphone.advance(600)
    thunderphone.assert_delivered("telephony.complete", call_id=call)
    with pytest.raises(AssertionError) as different:
        thunderphone.assert_delivered("telephony.complete", call_id=7, status="completed")
    assert str(different.value) == (
        "No delivery of telephony.complete with call_id=7, status='completed'.\n"
        f"    telephony.complete call_id={call} (delivered): call_id is {call}, not 7\n"
        f"  2 deliveries: telephony.complete call_id={call} (delivered), call.graded call_id={call} (delivered)\n"
        f"  Subscribed: {webhooks.url} wants telephony.complete, call.graded"
    )
    with pytest.raises(AssertionError, match=r"telephony.complete was delivered once, not never"):
        thunderphone.assert_delivered("telephony.complete", times=0)
    with pytest.raises(WrongUse, match=r"no event 'call.grade'. Did you mean call.graded\?"):
        thunderphone.assert_delivered("call.grade")


def test_a_delivery_that_failed_is_no_delivery(thunderphone: Sandbox, webhooks: WebhookReceiver) -> None:
    thunderphone.subscribe(webhooks, "telephony.complete")
    webhooks.answer("telephony.complete", status=503)
    thunderphone.place_inbound(scenario="abandoned")
    while not thunderphone.deliveries:
        thunderphone.advance(5)
    with pytest.raises(AssertionError) as refused:
        thunderphone.assert_delivered("telephony.complete")
    said = str(refused.value)
    assert "(retrying: answered 503): it is retrying: answered 503\n" in said
    assert ", send of developer/webhook-deliveries/" in said


def test_what_did_not_arrive_shows_what_did(thunderphone: Sandbox, webhooks: WebhookReceiver) -> None:
    with pytest.raises(AssertionError, match=r"Nothing arrived. Is the endpoint's URL receiver.url"):
        webhooks.wait_for("call.graded", timeout=0.01)
    thunderphone.subscribe(webhooks)
    call = thunderphone.place_inbound(scenario="wrong-number")["call_id"]
    thunderphone.settle()
    with pytest.raises(AssertionError, match=rf"1 of this type arrived, the last with call_id={call}."):
        webhooks.wait_for("call.graded", call_id=7, timeout=0.01)
    with pytest.raises(AssertionError, match=r"Arrived: telephony.incoming ×1, telephony.complete ×1"):  # noqa: RUF001
        webhooks.wait_for("issue.reported", timeout=0.01)


# -- receivers -----------------------------------------------------------------------------------------------


def test_an_answer_configures_the_call(thunderphone: Sandbox, webhooks: WebhookReceiver) -> None:
    thunderphone.subscribe(webhooks, "telephony.incoming")
    webhooks.answer(
        "telephony.incoming", lambda received: {"prompt": f"Greet {received.data['from_number']}.", "voice": "v"}
    )
    call = thunderphone.place_inbound(from_number="+14155550123")["call_id"]
    thunderphone.settle()
    with client(thunderphone) as api:
        assert api.get(f"/v1/calls/{call}").json()["voice"] == "v"
    [asked] = webhooks.of_type("telephony.incoming", from_number="+14155550123")
    webhooks.verify(asked)


def test_a_wrong_signature_is_told(thunderphone: Sandbox, webhooks: WebhookReceiver) -> None:
    with pytest.raises(WrongUse, match=r"no secret is known"):
        webhooks.verify()
    with client(thunderphone) as api:
        made = api.post("/v1/developer/webhook-endpoints", json={"label": "own", "url": webhooks.url}).json()
    thunderphone.place_inbound(scenario="wrong-number")
    thunderphone.settle()
    assert webhooks.received
    webhooks.verify(secret=made["secret"])
    with pytest.raises(AssertionError, match=r"X-ThunderPhone-Signature is .* this secret does not give"):
        webhooks.verify(secret="whsec_other")
    first = webhooks.received[0]
    changed = type(first)(first.method, first.path, first.headers, first.body.replace(b":", b": ", 1))
    with pytest.raises(AssertionError, match=r"parsed and written anew"):
        webhooks.verify(changed, secret=made["secret"])


# -- threads, event loops, and no network ---------------------------------------------------------------------


def test_threads_may_share_it(thunderphone: Sandbox, webhooks: WebhookReceiver) -> None:
    thunderphone.subscribe(webhooks, "telephony.complete")

    def one(number: int) -> int:
        placed: int = thunderphone.place_inbound(scenario="wrong-number")["call_id"]
        thunderphone.advance(number)
        return placed

    with ThreadPoolExecutor(8) as pool:
        placed = list(pool.map(one, range(24)))
    thunderphone.settle()
    assert len(set(placed)) == 24
    delivered = thunderphone.assert_delivered("telephony.complete", times=24)
    assert {each.call_id for each in delivered} == set(placed)


def test_a_receiver_may_run_on_the_event_loop_that_waits(thunderphone: Sandbox) -> None:
    async def story() -> list[bytes]:
        seen = []

        async def receive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = await reader.readuntil(b"\r\n\r\n")
            seen.append(head.splitlines()[0])
            writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
            await writer.drain()
            writer.close()

        async with await asyncio.start_server(receive, "127.0.0.1", 0) as own:
            port = own.sockets[0].getsockname()[1]
            thunderphone.subscribe(f"http://127.0.0.1:{port}/hook", "telephony.complete")
            thunderphone.place_inbound(scenario="wrong-number")
            await asyncio.to_thread(thunderphone.settle)
        return seen

    assert asyncio.run(story()) == [b"POST /hook HTTP/1.1"]
    thunderphone.assert_delivered("telephony.complete", times=1)


def test_it_works_without_a_network(
    mock_app: MockApp, webhooks: WebhookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*args: Any) -> None:
        raise AssertionError("a socket was used")

    async def story(sandbox: Sandbox, call: int) -> Any:
        transport = httpx2.ASGITransport(app=mock_app)
        async with httpx2.AsyncClient(
            transport=transport, base_url=sandbox.base_url, headers=sandbox.headers
        ) as api:
            await asyncio.to_thread(sandbox.settle)
            signed = (await api.get(f"/v1/calls/{call}/audio")).json()["url"]
            assert signed.startswith(sandbox.base_url)
            sound = await api.get(signed)
            assert sound.headers["content-type"] == "audio/mpeg"
            sandbox.fail_next("calls_list", None, connection="drop")
            with pytest.raises(ConnectionResetError):
                await api.get("/v1/calls")
            made = await api.post("/v1/agents", json={"name": "Zoë", "prompt": "p", "voice": "v"})
            return made.json()["name"]

    for name in ("connect", "bind", "listen"):
        monkeypatch.setattr(socket.socket, name, forbidden)
    with mock_app.sandbox() as sandbox:
        assert "secret" in sandbox.subscribe(webhooks)
        webhooks.answer("telephony.incoming", {"prompt": "p", "voice": "en-US-Test"})
        call = sandbox.place_inbound(scenario="refund-with-tool")["call_id"]
        assert asyncio.run(story(sandbox, call)) == "Zoë"
        sandbox.assert_delivered("telephony.complete", voice="en-US-Test")
    webhooks.verify()


# -- plain context managers -------------------------------------------------------------------------------------


def test_an_organization_ends_with_its_block(server: MockServer) -> None:
    with server.sandbox(world="demo", seed="7", name="mine") as first:
        key = first.api_key
        with server.sandbox(world="demo", seed="7", name="mine") as second, client(first) as api:
            assert second.api_key != key, "two at a time are two organizations"
            calls = api.get("/v1/calls?limit=1").json()
            assert calls["total"] == 200
    with client(first) as api:
        assert api.get("/v1/calls").status_code == 401
    with server.sandbox(world="demo", seed="7", name="mine") as again, client(again) as api:
        assert again.api_key == key
        assert api.get("/v1/calls?limit=1").json() == calls, "the same name and seed give the same bytes"


def test_a_defect_does_not_hide_the_failure_that_was_first(server: MockServer) -> None:
    def fail() -> None:
        with server.sandbox() as sandbox, client(sandbox) as api:
            agent = sandbox.seed("agents", name=5)
            assert api.get(f"/v1/agents/{agent['id']}").status_code == 500
            raise LookupError("the test's own")

    with pytest.raises(LookupError) as failed:
        fail()
    assert "The mock itself was wrong" in failed.value.__notes__[0]


def test_a_host_says_when_it_cannot_act(mock_app: MockApp, webhooks: WebhookReceiver) -> None:
    with pytest.raises(WrongUse, match=r"It is not running"):
        MockApp().mint_key()
    with pytest.raises(WrongUse, match=r"started already"):
        mock_app.start()
    stopped = MockServer().start()
    stopped.stop()
    with pytest.raises(WrongUse, match=r"It is not running"):
        stopped.mint_key()
    with pytest.raises(WrongUse, match=r"cannot wait for itself"):
        mock_app.call(mock_app.mint_key)
    with pytest.raises(MockError, match=r"not open"):
        mock_app.sandbox().settle()
