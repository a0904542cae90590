"""The Node example: its own tests pass against the mock, and its programs run as compose.yaml starts them."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from mockserver import MockServer, Pace, Settings
from mockserver.cli.environment import PREFIX
from mockserver.cli.serve import serve
from mockserver.world.worlds import KeyPolicy

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
EXAMPLE = ROOT / "examples" / "node"
COMPOSE = yaml.safe_load((ROOT / "examples" / "compose.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def node() -> str:
    found = shutil.which("node")
    if found is None:
        if "CI" in os.environ:
            pytest.fail("CI has no node, so nobody ran the Node example.")
        pytest.skip("There is no node (20 or newer) to run the example with.")
    return found


@pytest.fixture(scope="module")
def mock() -> Iterator[MockServer]:
    with MockServer(Settings(pace=Pace.POLL, keys=KeyPolicy.OPEN, world="demo")) as server:
        yield server


def test_the_suite_passes(node: str, mock: MockServer) -> None:
    ran = subprocess.run(
        [node, "--test", "--test-reporter=tap"],
        cwd=EXAMPLE,
        env={**os.environ, "MOCKSERVER_URL": mock.base_url},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    counts = {name: int(count) for name, count in re.findall(r"^# (tests|pass|skipped) (\d+)$", ran.stdout, re.M)}
    assert counts["tests"] == counts["pass"] >= 5, ran.stdout


@contextmanager
def program(node: str, name: str, **environment: str) -> Iterator["subprocess.Popen[str]"]:
    command = [node, name]
    with subprocess.Popen(
        command, cwd=EXAMPLE, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.terminate()
        assert process.wait(timeout=30) == 0


def test_the_page_and_what_it_loads_are_served(node: str, mock: MockServer) -> None:
    with program(node, "dev-server.mjs", PORT="0", MOCKSERVER_URL=mock.base_url) as process:
        assert process.stdout is not None
        with httpx2.Client(base_url=process.stdout.readline().strip()) as http:
            assert http.get("/config.json").json()["baseUrl"] == mock.base_url
            page = http.get("/").text
            sources = {
                "/page.mjs": page,
                "/calls.mjs": http.get("/page.mjs").text,
                "/wait.mjs": http.get("/calls.mjs").text,
            }
            for path, mentioned_in in sources.items():
                assert path.removeprefix("/") in mentioned_in
                assert http.get(path).headers["content-type"] == "text/javascript"


def test_the_receiver_registers_itself_and_prints_events(node: str, mock: MockServer) -> None:
    key = mock.mint_key()
    with program(node, "receiver.mjs", RECEIVER_PORT="0", MOCKSERVER_URL=mock.base_url, API_KEY=key) as process:
        assert process.stdout is not None
        assert "events are received at" in process.stdout.readline()
        with httpx2.Client(base_url=mock.base_url, headers={"Authorization": f"Bearer {key}"}) as http:
            placed = http.post("/_mock/calls", json={"scenario": "wrong-number"})
            http.post("/_mock/clock/settle")
        assert str(placed.json()["call_id"]) in process.stdout.readline()


def test_compose_starts_what_is_there() -> None:
    checked = subprocess.run(
        [BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", ROOT / "examples" / "compose.yaml"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert checked.returncode == 0, checked.stdout
    services: dict[str, Any] = COMPOSE["services"]
    for name in ("receiver", "web"):
        service = services[name]
        program_name, *_ = service["command"][1:]
        assert (EXAMPLE / program_name).is_file()
        assert service["depends_on"] == {"mock": {"condition": "service_healthy"}}, "the image has a health check"
        used = set(re.findall(r"[A-Z]\w+_URL|RECEIVER_\w+", (EXAMPLE / program_name).read_text(encoding="utf-8")))
        assert set(service["environment"]) <= used
    known = {f"{PREFIX}{option.opts[0][2:].replace('-', '_').upper()}" for option in serve.params}
    assert set(services["mock"]["environment"]) <= known
    assert (ROOT / "examples" / services["mock"]["build"] / "Dockerfile").is_file()
