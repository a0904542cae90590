"""The code is formatted, lint-free and strictly typed."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "command",
    [["ruff", "format", "--check", "--quiet"], ["ruff", "check", "--quiet"], ["mypy"]],
    ids=lambda command: " ".join(command),
)
def test_checks_pass(command: list[str]) -> None:
    ran = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stdout + ran.stderr
