"""What the pages about tests and triggers show does what they say."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml  # noqa: F401  # inner runs forget what they import, and its C part cannot be imported twice

from mockserver import MockServer

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


def blocks(page: str) -> list[tuple[str, str]]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


PYTEST_PAGE = blocks("docs/pytest.md")
PYTHON = [
    (index, code, PYTEST_PAGE[index + 1][1] if PYTEST_PAGE[index + 1 : index + 2] and failing == "text" else "")
    for index, (kind, code) in enumerate(PYTEST_PAGE)
    for failing in [PYTEST_PAGE[index + 1][0] if index + 1 < len(PYTEST_PAGE) else ""]
    if kind == "python"
]


def glob(text: str) -> str:
    return text.replace("[", "[[]").replace("…", "*")


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    # In this process the plugin may have been imported before, which pytest warns of.
    warnings = "-W error -W ignore::pytest.PytestAssertRewriteWarning"
    monkeypatch.setenv(
        "PYTEST_ADDOPTS", f"{warnings} --strict-markers -p mockserver.pytest_plugin -p no:cacheprovider"
    )
    return pytester


@pytest.mark.parametrize(("index", "code", "failure"), PYTHON, ids=lambda value: None)
def test_the_snippets_run(project: pytest.Pytester, index: int, code: str, failure: str) -> None:
    if "def test_" not in code:
        ran = subprocess.run(
            [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=60
        )
        assert ran.returncode == 0, ran.stderr
        return
    project.makepyfile(code)
    outcome = project.runpytest_inprocess()
    if failure:
        outcome.assert_outcomes(failed=1)
        outcome.stdout.fnmatch_lines([f"E  *{glob(line.strip())}" for line in failure.splitlines()])
    else:
        outcome.assert_outcomes(passed=len(re.findall("def test_", code)))


def test_the_configuration_is_understood(project: pytest.Pytester) -> None:
    [settings] = [code for kind, code in PYTEST_PAGE if kind == "toml"]
    project.makepyprojecttoml(settings)
    project.makepyfile(
        """
        import httpx2

        def test_it(thunderphone):
            reply = httpx2.get(f"{thunderphone.base_url}/v1/calls", headers=thunderphone.headers)
            assert reply.json()["total"] == 200
        """
    )
    project.runpytest_inprocess().assert_outcomes(passed=1)


def test_the_tables_name_what_there_is(project: pytest.Pytester) -> None:
    from mockserver.testing.options import Options
    from mockserver.testing.sandbox import Sandbox

    text = (ROOT / "docs/pytest.md").read_text(encoding="utf-8")
    public = {name for name in vars(Sandbox) if not name.startswith("_")} - {"app"}
    assert public <= set(re.findall(r"`(\w+)", text))
    for name in Options.__dataclass_fields__:
        assert f"`thunderphone_{name}` | `--thunderphone-{name}` | `{name}=`" in text


def test_the_trigger_page_prints_what_it_shows(server: MockServer) -> None:
    shown = [block for kind, block in blocks("docs/trigger.md") if kind == "console"]
    assert len(shown) == 2
    with server.sandbox() as sandbox:
        environment = {
            **os.environ,
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "URL": sandbox.base_url,
            "KEY": f"Authorization: Bearer {sandbox.api_key}",
            "MOCKSERVER_TRIGGER_BASE_URL": sandbox.base_url,
            "MOCKSERVER_TRIGGER_API_KEY": sandbox.api_key,
        }
        for block in shown:
            for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                command, _, expected = part.partition("\n")
                ran = subprocess.run(
                    ["bash", "-c", command], env=environment, capture_output=True, text=True, timeout=60
                )
                assert ran.returncode == 0, ran.stderr
                pattern = ".*".join(re.escape(piece) for piece in expected.strip().split("…"))
                assert re.fullmatch(pattern, ran.stdout.strip(), re.DOTALL), f"$ {command}\n{ran.stdout}"


def test_the_readme_names_the_same_test() -> None:
    assert PYTEST_PAGE[0] in blocks("README.md"), "what the README shows is what is tried here and from the wheel"
