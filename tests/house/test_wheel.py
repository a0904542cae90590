"""The wheel, in a fresh virtual environment with nothing of the checkout beside it, serves and compiles."""

import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from mockserver import shipped
from mockserver.spec.contract import contract_names

ROOT = Path(__file__).parents[2]
CONTRACTS = contract_names(shipped.folder("openapi"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT],
        check=True,
        capture_output=True,
        timeout=300,
    )
    return next(folder.glob("*.whl"))


def test_everything_lies_inside_the_package(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {
        "mockserver",
        next(n for n in names if "dist-info" in n).split("/")[0],
    }
    for needed in (
        *(f"openapi/{name}/openapi.{kind}" for name in CONTRACTS for kind in ("yaml", "json")),
        "openapi/thunderphone-2026-04/docs/calls.md",
        "fixtures/worlds/demo.yaml",
        "fixtures/scenarios/voicemail.yaml",
        *(path.relative_to(ROOT).as_posix() for path in (ROOT / "contract_tests").rglob("*.py")),
        "http/swagger_ui/swagger-ui-bundle.js",
        "py.typed",
    ):
        assert f"mockserver/{needed}" in names


def test_two_hundred_tests_of_an_empty_project_pass(wheel: Path, tmp_path: Path) -> None:
    """What a newcomer does: install, copy the README's test, run it; then many of it on four workers."""
    home, project = tmp_path / "venv", tmp_path / "project"
    venv.create(home, with_pip=True)
    subprocess.run(
        [home / "bin" / "pip", "install", "-q", wheel, "pytest", "pytest-xdist"], check=True, timeout=300
    )
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    python = re.findall(r"^```python\n(.*?)^```$", readme, re.DOTALL | re.MULTILINE)
    [shown] = [block for block in python if "def test_" in block]
    project.mkdir()
    (project / "test_one.py").write_text(shown, encoding="utf-8")
    imports, _, body = shown.partition("def test_")
    many = "\n".join(f"def test_{number}_{body}" for number in range(199))
    (project / "test_many.py").write_text(f"{imports}\n{many}", encoding="utf-8")
    for arguments, outcome in ((["test_one.py"], "1 passed"), (["-n", "4"], "200 passed")):
        ran = subprocess.run(
            [home / "bin" / "pytest", "-q", "-W", "error", *arguments],
            cwd=project,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert outcome in ran.stdout


def test_it_serves_from_a_fresh_environment(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "venv"
    venv.create(home, with_pip=True)
    subprocess.run([home / "bin" / "pip", "install", "-q", wheel], check=True, timeout=300)
    command = [str(home / "bin" / "mockserver"), "serve", "--port", "0", "--world", "demo"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found is not None
        asked = Request(f"{found[0]}/v1/calls", headers={"Authorization": "Bearer sk_test_wheel"})
        with urlopen(asked, timeout=30) as reply:
            assert b'"total":200' in reply.read()
        for page in ("/docs", "/docs/assets/swagger-ui.css", "/_mock/openapi.yaml"):
            with urlopen(found[0] + page, timeout=30) as reply:
                assert reply.status == 200
        process.terminate()
        assert process.wait(timeout=10) in (0, -15)
    for words in (["--help"], *(["spec", "build", "--check", name] for name in CONTRACTS)):
        assert_runs(home, words, tmp_path)
    asked_early = said(home, ["verify", "--list"], tmp_path)
    assert "pip install 'thunderphone-mockserver[verify]'" in asked_early.stderr
    assert asked_early.returncode == 1


def test_the_contract_suite_comes_with_its_extra(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "venv"
    venv.create(home, with_pip=True)
    subprocess.run([home / "bin" / "pip", "install", "-q", f"{wheel}[verify]"], check=True, timeout=300)
    assert "ML-901" in assert_runs(home, ["verify", "--list"], tmp_path)


def said(home: Path, words: list[str], folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [home / "bin" / "mockserver", *words], cwd=folder, capture_output=True, text=True, timeout=120
    )


def assert_runs(home: Path, words: list[str], folder: Path) -> str:
    ran = said(home, words, folder)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout
