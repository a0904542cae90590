"""Every command and snippet of the README does what it says."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from snippets import blocks, matches, promised, steps

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = [(block.kind, block.body) for block in blocks(README)]
BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A server started as the README says, on a free port."""
    command = [str(BIN / "mockserver"), "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        banner = process.stdout.readline()
        found = re.search(r"http://\S+", banner)
        assert found is not None, banner + process.stdout.read()
        yield found[0]
        process.terminate()
        assert process.wait(timeout=10) in (0, -15)


CONSOLE = [
    (command, expected) for kind, block in BLOCKS if kind == "console" for command, expected in steps(block)
]


def test_the_console_examples_print_what_they_show(url: str, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "URL": url,
        "KEY": "Authorization: Bearer sk_test_demo",
        "PATH": f"{BIN}:{os.environ['PATH']}",
    }
    assert len(CONSOLE) >= 8
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    for command, expected in CONSOLE:
        ran = subprocess.run(
            ["bash", "-c", command], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60
        )
        assert ran.returncode == 0, f"{command}\n{ran.stderr}"
        assert matches(expected, ran.stdout.strip()), f"$ {command}\n{ran.stdout}\nis not\n{expected}"


def test_the_python_examples_run(tmp_path: Path) -> None:
    snippets = [block for kind, block in BLOCKS if kind == "python"]
    assert snippets
    for snippet in snippets:
        ran = subprocess.run(
            [sys.executable, "-W", "error", "-c", snippet],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert ran.returncode == 0, ran.stderr
        assert ran.stdout.splitlines() == promised(snippet)


def test_the_two_commands_are_what_ci_and_the_wheel_test_run() -> None:
    run, test = [block.strip() for kind, block in BLOCKS if kind == "sh"][:2]
    assert run == "python3 -m venv .venv && .venv/bin/pip install -q . && .venv/bin/mockserver serve"
    assert test.startswith("python3 -m venv .venv && .venv/bin/pip install -q -e '.[dev]' && .venv/bin/pytest")
    assert test in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_the_options_table_names_every_option() -> None:
    from mockserver.cli.serve import serve

    options = {name for parameter in serve.params for name in parameter.opts}
    table = README[README.index("## Options of `serve`") :]
    assert options <= set(re.findall(r"`(--[a-z-]+)", table))


def test_the_counts_are_true() -> None:
    roles = (ROOT / "openapi" / "thunderphone-2026-04" / "roles.txt").read_text(encoding="utf-8")
    rows = [line for line in roles.splitlines() if line and not line.startswith("#")]
    assert f"{len(rows)} operations" in README
    assert not [line for line in rows if " example " in line], "none answers with a canned example"
    scenarios = list((ROOT / "fixtures" / "scenarios").glob("*.yaml"))
    assert f"{len(scenarios)} are shipped" in README
