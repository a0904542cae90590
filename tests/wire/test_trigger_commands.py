"""`mockserver trigger` and `mockserver listen` against a running server."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mockserver import MockServer, Sandbox, WebhookReceiver
from mockserver.cli import main

BIN = Path(sys.executable).parent


def run(sandbox: Sandbox, *arguments: str) -> Result:
    return CliRunner().invoke(
        main, [*arguments, "--base-url", sandbox.base_url, "--api-key", sandbox.api_key], catch_exceptions=False
    )


def test_an_event_is_triggered_and_told(server: MockServer) -> None:
    with server.sandbox() as sandbox, WebhookReceiver() as receiver:
        sandbox.subscribe(receiver, "call.graded")
        done = run(sandbox, "trigger", "call.graded")
        call = receiver.wait_for("call.graded").data["call_id"]
        assert done.exit_code == 0
        assert done.output.splitlines()[0] == (
            "call.graded: A caller dials in and the call is graded, or a call is graded anew."
        )
        assert f"  call_id {call}" in done.output
        assert f"  call.graded call_id={call} → {receiver.url}: delivered (200)" in done.output
        again = run(sandbox, "trigger", "webhook.retry")
        assert f"call.graded call_id={call} → {receiver.url}: delivered (200), 2 tries" in again.output
        first, second = receiver.of_type("call.graded")
        assert first.body == second.body
        assert first.headers != second.headers, "signed anew"
        receiver.verify()


def test_without_an_event_it_lists_them(server: MockServer) -> None:
    with server.sandbox() as sandbox:
        listed = run(sandbox, "trigger").output
        assert re.search(
            r"^telephony\.complete +A caller dials in, and the call runs to its end\.", listed, re.MULTILINE
        )
        assert "[--agent-id, --scenario, --call-id]" in listed
        assert run(sandbox, "trigger", "number.failed").output.endswith(
            "Nobody was told: no webhook is subscribed to what happened (`mockserver listen --forward-to`).\n"
        )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["call.grade"], "Did you mean call.graded?"),
        (["call.graded", "--base-url", "http://127.0.0.1:9"], "Start one with `mockserver serve`"),
        (["call.graded", "--api-key", "nonsense"], "Invalid API key"),
        (["call.graded", "--base-url", "localhost:8675"], "is no URL"),
    ],
)
def test_what_goes_wrong_is_told(server: MockServer, arguments: list[str], said: str) -> None:
    with server.sandbox() as sandbox:
        given = ["trigger", "--base-url", sandbox.base_url, "--api-key", sandbox.api_key, *arguments]
        told = CliRunner().invoke(main, given)
        assert told.exit_code != 0
        assert said in told.output


@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGTERM])
def test_listening_forwards_and_prints_until_it_is_interrupted(server: MockServer, ended_by: int) -> None:
    with server.sandbox() as sandbox, WebhookReceiver() as receiver:
        command = [str(BIN / "python"), "-m", "mockserver", "listen", "--forward-to", receiver.url]
        command += ["--event", "telephony.complete", "--base-url", sandbox.base_url, "--api-key", sandbox.api_key]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            told = [process.stdout.readline() for _ in range(3)]
            assert told[0] == f"Forwarding telephony.complete to {receiver.url}.\n"
            secret = told[1].split()[-1]
            sandbox.place_inbound(scenario="wrong-number")
            receiver.fail_next()
            sandbox.settle()
            printed = [process.stdout.readline()]
            while "delivered" not in printed[-1]:
                printed.append(process.stdout.readline())
            assert f"→ {receiver.url}: delivered (200), 2 tries" in printed[-1]
            process.send_signal(ended_by)
            assert process.wait(timeout=30) == 0
        receiver.verify(secret=secret)
        count = len(receiver.received)
        sandbox.place_inbound(scenario="wrong-number")
        sandbox.settle()
        assert len(receiver.received) == count, "it has unsubscribed"
