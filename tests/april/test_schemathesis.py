"""Generated requests over a real socket find nothing, and would find something if there were anything."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from mockserver import MockServer, Pace, Settings
from mockserver.world.worlds import KeyPolicy

ROOT = Path(__file__).parents[2]

OWN_DOORS = "^/v1/(orgs/|developer/api-keys)"
"""Paths where a run finds its own organization and key, and may rightly close them behind itself."""


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    settings = Settings(pace=Pace.REAL, speed=20.0, world="demo", keys=KeyPolicy.OPEN)
    with MockServer(settings) as running:
        yield running


@pytest.mark.parametrize("choice", ["exclude", "include"])
def test_the_command_line_finds_nothing(server: MockServer, tmp_path: Path, choice: str) -> None:
    """All checks, all phases; the seed is fixed so that a failure can be repeated."""
    key = server.mint_key()
    command = [
        *(str(Path(sys.executable).with_name("st")), "run", f"{server.base_url}/_mock/openapi.yaml"),
        *("--url", server.base_url, "--header", f"Authorization: Bearer {key}", "--max-examples", "20"),
        *("--seed", "20", "--no-color", "--continue-on-failure", "--generation-database", "none"),
        *("--warnings", "off", f"--{choice}-path-regex", OWN_DOORS),
    ]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stdout[-6000:]
    assert "Failures:" not in ran.stdout
    defects = [defect for world in server.app.worlds for defect in world.journal.defects]
    assert defects == [], "no request made the mock fail"


def test_the_suite_judges_by_the_document(server: MockServer, tmp_path: Path) -> None:
    """It passes by the contract's own document, and fails by one that promises a field nobody sends."""
    document = yaml.safe_load((ROOT / "openapi" / "thunderphone-2026-04" / "openapi.yaml").read_text("utf-8"))
    agents = {path: item for path, item in document["paths"].items() if path.startswith("/v1/agents")}
    verdicts = []
    for extra in ([], ["colour"]):
        document["paths"] = agents
        document["components"]["schemas"]["Agent"]["required"] += extra
        spec = tmp_path / "openapi.yaml"
        spec.write_text(yaml.safe_dump(document), "utf-8")
        options = [f"--base-url={server.base_url}", f"--api-key={server.mint_key()}", f"--openapi={spec}"]
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", ROOT / "contract_tests", *options],
            capture_output=True,
            text=True,
            timeout=300,
            cwd=tmp_path,
        )
        verdicts.append((ran.returncode, "colour" in ran.stdout))
    assert verdicts == [(0, False), (1, True)], ran.stdout[-3000:]
