"""The GitHub Action and the pipeline snippets of the docs: valid for their services, and their shell steps work.

`mockserver verify` itself is played by a stub here; with the real one, tests/ways/test_verify_in_pipelines.py.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from pipeline import ACTION, Run, run_action
from snippets import blocks

from mockserver import MockServer, Pace, Settings
from mockserver.world.worlds import KeyPolicy

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
SNIPPETS = {
    block.title: block.body
    for block in blocks((ROOT / "docs" / "quickstart" / "ci.md").read_text(encoding="utf-8"))
    if block.kind == "yaml"
}

STUB = """#!/usr/bin/env bash
printf '%s\\n' "$@" > asked.txt
echo "12 laws judged, 1 broken: PG-3"
for file in junit.xml report.json report.html; do echo "made" > "reports of mine/$file"; done
exit "$STUB_EXITS"
"""


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        (".github/workflows/front-end.yml", "vendor.github-workflows"),
        (".github/workflows/contract.yml", "vendor.github-workflows"),
        ("front-end.gitlab-ci.yml", "vendor.gitlab-ci"),
        ("contract.gitlab-ci.yml", "vendor.gitlab-ci"),
        ("action.yml", "vendor.github-actions"),
    ],
)
def test_it_is_what_the_service_reads(name: str, schema: str, tmp_path: Path) -> None:
    file = tmp_path / Path(name).name
    file.write_text(SNIPPETS.get(name) or ACTION.read_text(encoding="utf-8"), encoding="utf-8")
    checked = subprocess.run(
        [BIN / "check-jsonschema", "--builtin-schema", schema, file], capture_output=True, text=True, timeout=60
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_snippet_is_checked_here() -> None:
    assert len(SNIPPETS) == 4


@pytest.fixture
def stubbed(tmp_path: Path) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    stub = folder / "mockserver"
    stub.write_text(STUB)
    stub.chmod(0o755)
    return folder


def acted(folder: Path, stubbed: Path, code: int, **inputs: str) -> Run:
    given = {"base-url": "http://127.0.0.1:1", "api-key": "sk_test_x", "reports": "reports of mine", **inputs}
    more = {"STUB_EXITS": str(code), "PATH": f"{stubbed}:{os.environ['PATH']}"}
    return run_action(given, folder, environment=more, without=("Install",))


@pytest.mark.parametrize(
    ("code", "title"),
    [(0, "The contract is kept"), (1, "The contract is broken"), (2, "The contract could not be judged")],
)
def test_the_verdict_fails_the_build_after_the_reports_are_out(
    tmp_path: Path, stubbed: Path, code: int, title: str
) -> None:
    ran = acted(tmp_path, stubbed, code)
    assert ran.codes == {"Verify": 0, "Judge": code}
    assert ran.outputs["exit-code"] == str(code)
    assert (tmp_path / ran.outputs["junit"]).read_text() == "made\n"
    assert (tmp_path / ran.outputs["html"]).read_text() == "made\n"
    assert title in ran.summary
    assert "PG-3" in ran.summary, "what was found is said where people look"


def test_what_is_given_reaches_the_command_and_nothing_is_executed(tmp_path: Path, stubbed: Path) -> None:
    evil = "$(touch broken) `touch broken`; touch broken"
    acted(tmp_path, stubbed, 0, **{"contract": "a-1", "arguments": f"--writes --seed 7 {evil}", "api-key": evil})
    asked = (tmp_path / "asked.txt").read_text().splitlines()
    assert asked[:4] == ["verify", "http://127.0.0.1:1", "--api-key", evil]
    assert [each for each in asked if each in ("--writes", "--seed", "7")] == ["--writes", "--seed", "7"]
    assert asked[-2:] == ["--contract", "a-1"]
    assert not (tmp_path / "broken").exists()


def test_scripts_never_contain_inputs_and_other_actions_are_pinned() -> None:
    steps: list[dict[str, Any]] = yaml.safe_load(ACTION.read_text(encoding="utf-8"))["runs"]["steps"]
    for step in steps:
        assert "${{" not in step.get("run", "")
        assert "uses" not in step or re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"])


def test_the_service_container_s_job_is_green() -> None:
    """Its image with its environment, played by the server with the same settings, and its steps."""
    job = yaml.safe_load(SNIPPETS[".github/workflows/front-end.yml"])["jobs"]["test"]
    settings = Settings(
        pace=Pace(job["services"]["mockserver"]["env"]["MOCKSERVER_PACE"]), world="demo", keys=KeyPolicy.OPEN
    )
    assert job["env"]["MOCKSERVER_URL"].endswith(":8675")
    with MockServer(settings) as server:
        for step in [each for each in job["steps"] if "run" in each]:
            ran = subprocess.run(
                ["bash", "-e", "-c", step["run"]],
                cwd=ROOT / step["working-directory"],
                env={**os.environ, "MOCKSERVER_URL": server.base_url},
                capture_output=True,
                text=True,
                timeout=120,
            )
            assert ran.returncode == 0, ran.stdout + ran.stderr
