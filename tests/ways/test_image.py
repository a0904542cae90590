"""The container image: its Dockerfile is sound, and acted out it gives a server that behaves in a container."""

import json
import pickle
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import container
import httpx2
import pytest
from container import Image
from receiver import Received, Receiver
from shared import made_once

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "Dockerfile"
HEADERS = {"Authorization": "Bearer sk_test_image"}


def test_a_linter_finds_nothing() -> None:
    linted = subprocess.run(
        [Path(sys.executable).parent / "hadolint", DOCKERFILE], capture_output=True, text=True, timeout=60
    )
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_it_is_pinned_small_and_runs_as_nobody() -> None:
    build, final = container.stages(DOCKERFILE)
    bases = [
        re.fullmatch(r"(\S+:[\d.]+-\S+@sha256:[0-9a-f]{64})( AS \w+)?", stage[0][1]) for stage in (build, final)
    ]
    assert None not in bases, "each base is named by version and digest"
    assert len({base[1] for base in bases if base}) == 1, "what is installed runs on what installed it"
    said = dict(final)
    assert [value for name, value in final if name in ("COPY", "ADD", "RUN")] == [
        "--from=build /opt/mockserver /opt/mockserver"
    ]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", said["USER"]), "a number: Kubernetes cannot check names"
    for name in ("ENTRYPOINT", "CMD"):
        assert isinstance(json.loads(said[name]), list), "no shell stands between the engine's signals and us"
    assert isinstance(json.loads(said["HEALTHCHECK"].partition(" CMD ")[2]), list)


def test_what_is_copied_is_let_through_and_nothing_else() -> None:
    copied = {
        source.rstrip("/")
        for name, value in container.stages(DOCKERFILE)[0]
        if name == "COPY"
        for source in value.split()[:-1]
    }
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in ignored
    assert {line[1:] for line in ignored if line.startswith("!")} == copied


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The image, as far as it can be had without an engine."""
    if not container.possible():
        pytest.skip("Acting the Dockerfile out takes root and Linux namespaces (sudo -E pytest …).")

    def make(folder: Path) -> None:
        (folder / "room").mkdir()
        acted = container.act_out(DOCKERFILE, ROOT, folder / "room")
        (folder / "image").write_bytes(pickle.dumps(acted))

    made: Image = pickle.loads((made_once(tmp_path_factory, "image", make) / "image").read_bytes())
    return made


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@contextmanager
def running(
    image: Image, port: str, *arguments: str, **environment: str
) -> Iterator[tuple[httpx2.Client, "subprocess.Popen[str]"]]:
    """A container that listens at `port`."""
    with image.start(*arguments, MOCKSERVER_PORT=port, **environment) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            assert port in said, said
            with httpx2.Client(base_url=f"http://127.0.0.1:{port}", headers=HEADERS, timeout=30) as client:
                yield client, process
        finally:
            if process.poll() is None:
                container.signal_first_process(process, signal.SIGKILL)


def test_the_environment_configures_it_and_its_health_can_be_checked(image: Image) -> None:
    port = free_port()
    with running(image, port, MOCKSERVER_PACE="poll", MOCKSERVER_WORLD="empty", MOCKSERVER_STRICT="1") as (api, _):
        assert api.get("/_mock/health").json()["pace"] == "poll"
        assert api.get("/v1/calls").json()["total"] == 0
        assert api.get("/v1/calls?staus=failed").status_code == 400
        well = image.run(image.health, MOCKSERVER_PORT=port)
        assert well.returncode == 0, well.stderr
    ill = image.run(image.health, MOCKSERVER_PORT=port)
    assert (ill.returncode, "No mockserver answers" in ill.stderr) == (1, True)


def test_arguments_replace_the_command(image: Image) -> None:
    with running(image, free_port(), "serve", "--pace", "manual") as (api, _):
        assert api.get("/_mock/health").json()["pace"] == "manual"


def test_nothing_can_be_written_and_nothing_needs_to_be(image: Image) -> None:
    tried = image.run(["touch", "/tmp/x", "/opt/mockserver/x"])
    assert tried.stderr.count("Read-only file system") == 2
    who = image.run(["sh", "-c", "echo $(id -u):$(id -g)"])
    assert who.stdout.strip() == image.user == "10001:10001"
    with running(image, free_port()) as (api, _):
        call = api.get("/v1/calls?status=completed&limit=1").json()["results"][0]["call_id"]
        audio = api.get(f"/v1/calls/{call}/audio", follow_redirects=False).json()["url"]
        assert api.get(audio, headers={"Authorization": ""}).headers["content-type"] == "audio/mpeg"
        for page in ("/docs", "/_mock/openapi.yaml", "/_mock/snapshot"):
            assert api.get(page).status_code == 200, page


def test_a_stop_waits_for_the_delivery_that_is_on_its_way(image: Image, receiver: Receiver) -> None:
    """The receiver holds its answer until the server has stopped listening: it must still be there to take it."""
    arrived, answer = threading.Event(), threading.Event()

    def hold(received: Received) -> None:
        arrived.set()
        answer.wait(30)

    receiver.on_receive = hold
    port = free_port()
    with running(image, port, "serve", "--pace", "manual") as (api, process):
        api.post("/v1/developer/webhook-endpoints", json={"label": "x", "url": receiver.url}).raise_for_status()
        api.post("/_mock/calls", json={"direction": "mic", "scenario": "wrong-number"}).raise_for_status()
        settling = threading.Thread(target=lambda: _ignoring_errors(api, "/_mock/clock/settle"))
        settling.start()
        assert arrived.wait(30)
        container.signal_first_process(process, signal.SIGTERM)
        while _listens(port):
            pass
        assert process.poll() is None, "it waits"
        answer.set()
        assert process.wait(timeout=30) == 0
        settling.join()


def _ignoring_errors(api: httpx2.Client, path: str) -> None:
    try:
        api.post(path)
    except httpx2.HTTPError:
        """The server went away, which is what the test is about."""


def _listens(port: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(port))) == 0
