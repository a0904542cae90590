"""`mockserver verify` as pipelines call it, for real: the action whole, and GitLab's script."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from pipeline import run_action
from snippets import blocks

from mockserver import MockServer, Pace, Settings
from mockserver.cli import main
from mockserver.world.worlds import KeyPolicy

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
CI_PAGE = (ROOT / "docs" / "quickstart" / "ci.md").read_text(encoding="utf-8")

# What the whole suite finds is judged elsewhere; here one subject is enough.
FEW = "--only recordings"


@pytest.fixture(scope="module")
def target() -> Iterator[str]:
    with MockServer(Settings(pace=Pace.MANUAL, keys=KeyPolicy.OPEN, world="demo")) as server:
        yield server.base_url


def test_the_action_installs_verifies_and_reports(target: str, tmp_path: Path) -> None:
    inputs = {"base-url": target, "api-key": "sk_test_action", "arguments": f"{FEW} --seed 7"}
    ran = run_action(inputs, tmp_path, environment={"PATH": f"{BIN}:{os.environ['PATH']}"})
    assert ran.codes == {"Install": 0, "Verify": 0, "Judge": 0}, ran.said
    assert ElementTree.parse(tmp_path / ran.outputs["junit"]).getroot().tag in ("testsuite", "testsuites")
    assert "<html" in (tmp_path / ran.outputs["html"]).read_text(encoding="utf-8").lower()


def test_nobody_there_is_2_and_fails_the_build(tmp_path: Path) -> None:
    inputs = {"base-url": "http://127.0.0.1:9", "api-key": "sk_test_action"}
    here = {"PATH": f"{BIN}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    ran = run_action(inputs, tmp_path, environment=here, without=("Install",))
    assert ran.codes == {"Verify": 0, "Judge": 2}, ran.said


def test_gitlab_s_script_makes_its_artifacts(target: str, tmp_path: Path) -> None:
    snippet = next(each.body for each in blocks(CI_PAGE) if each.title == "contract.gitlab-ci.yml")
    job = yaml.safe_load(snippet)["contract"]
    verify = next(line for line in job["script"] if line.startswith("mockserver verify"))
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        ["bash", "-e", "-c", f"{verify} {FEW}"],
        cwd=tmp_path,
        env={**environment, "BASE_URL": target, "API_KEY": "sk_test_gitlab"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for name in [*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"]]:
        assert (tmp_path / name).stat().st_size > 0


def test_every_option_the_docs_name_is_there() -> None:
    verify = main.get_command(None, "verify")  # type: ignore[arg-type]
    assert verify is not None
    known = {name for parameter in verify.params for name in (*parameter.opts, *parameter.secondary_opts)}
    guide = (ROOT / "docs" / "guides" / "verify.md").read_text(encoding="utf-8")
    known |= {"--pyargs", "--base-url"}  # of pytest, by which the laws can be judged too
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", guide)) <= known
