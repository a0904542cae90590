"""The wheel, in a fresh virtual environment with nothing of the checkout beside it, serves and compiles."""

import re
import shlex
import subprocess
import sys
import venv
import zipfile
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from shared import made_once

from mockserver import MockServer, shipped
from mockserver.spec.contract import contract_names

ROOT = Path(__file__).parents[2]
CONTRACTS = contract_names(shipped.folder("openapi"))


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def make(folder: Path) -> None:
        build = [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(ROOT)]
        subprocess.run(build, check=True, capture_output=True, timeout=300)

    return next(made_once(tmp_path_factory, "wheel", make).glob("*.whl"))


def installed(home: Path, *requirements: str | Path) -> Path:
    """The programs of a fresh environment with these packages."""
    venv.create(home, with_pip=True)
    subprocess.run([home / "bin" / "pip", "install", "-q", *requirements], check=True, timeout=300)
    return home / "bin"


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the checkout beside what is installed."""
    monkeypatch.delenv("PYTHONPATH", raising=False)


@pytest.fixture(scope="session")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a newcomer has who follows the quickstart, and xdist."""
    requirements = (f"{wheel}[verify]", "pytest-xdist")
    return made_once(tmp_path_factory, "newcomer", lambda home: installed(home, *requirements)) / "bin"


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


@pytest.mark.usefixtures("alone")
def test_two_hundred_tests_of_an_empty_project_pass(programs: Path, tmp_path: Path) -> None:
    """What a newcomer does: copy the README's test, run it; then many of it on four workers."""
    project = tmp_path / "project"
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
            [programs / "pytest", "-q", "-W", "error", *arguments],
            cwd=project,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert outcome in ran.stdout


@pytest.mark.usefixtures("alone")
def test_it_serves_from_a_fresh_environment(wheel: Path, tmp_path: Path) -> None:
    programs = installed(tmp_path / "venv", wheel)
    command = [str(programs / "mockserver"), "serve", "--port", "0", "--world", "demo"]
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
        ran = said(programs, words, tmp_path)
        assert ran.returncode == 0, ran.stdout + ran.stderr
    asked_early = said(programs, ["verify", "--list"], tmp_path)
    assert "pip install 'thunderphone-mockserver[verify]'" in asked_early.stderr
    assert asked_early.returncode == 1


def test_the_contract_suite_comes_with_its_extra(programs: Path, tmp_path: Path) -> None:
    ran = said(programs, ["verify", "--list"], tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "ML-901" in ran.stdout


def said(programs: Path, words: list[str], folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [programs / "mockserver", *words], cwd=folder, capture_output=True, text=True, timeout=120
    )


@pytest.mark.usefixtures("alone")
def test_the_suite_runs_as_pytest_tests_from_the_wheel(server: MockServer, programs: Path, tmp_path: Path) -> None:
    """The command of the guide, in an empty folder."""
    guide = (ROOT / "docs" / "guides" / "verify.md").read_text(encoding="utf-8")
    [shown] = re.findall(r"^pytest --pyargs .*$", guide, re.MULTILINE)
    judge(server, [programs / "pytest", *shlex.split(shown)[1:]], tmp_path)


def test_the_suite_runs_as_pytest_tests_from_the_checkout(server: MockServer) -> None:
    told = ["--base-url", "http://127.0.0.1:8675", "--api-key", "sk_test_verify", "-k", "ML-3 or ML-5"]
    judge(server, [sys.executable, "-m", "pytest", "contract_tests", *told], ROOT)


def judge(server: MockServer, command: list[str | Path], folder: Path) -> None:
    """Let a command judge the mock: every law it chose must be judged, and kept."""
    here = {"http://127.0.0.1:8675": server.base_url, "sk_test_verify": server.mint_key()}
    told = [here.get(str(each), each) for each in command]
    ran = subprocess.run(
        [*told, "-q", "-p", "no:cacheprovider"], cwd=folder, capture_output=True, text=True, timeout=300
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    [passed] = re.findall(r"^(\d+) passed, \d+ deselected in", ran.stdout, re.MULTILINE)
    assert int(passed) > 30
