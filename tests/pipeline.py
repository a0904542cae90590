"""Runs the shell steps of action.yml as a runner does."""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
ACTION = ROOT / "action.yml"


@dataclass
class Run:
    """What became of an action: exit codes of its steps by name, its outputs, its summary, what it printed."""

    codes: dict[str, int] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    said: str = ""


def run_action(
    inputs: Mapping[str, str], folder: Path, *, environment: Mapping[str, str], without: Sequence[str] = ()
) -> Run:
    """The action with these inputs, in `folder`; a step that fails ends it.

    Steps that use other actions are left out, and those that `without` names.
    """
    action: dict[str, Any] = yaml.safe_load(ACTION.read_text(encoding="utf-8"))
    given = {name: str(each.get("default", "")) for name, each in action["inputs"].items()} | dict(inputs)
    files = {name: folder / name.lower() for name in ("GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STEP_SUMMARY")}
    for file in files.values():
        file.touch()
    (folder / "temp").mkdir(exist_ok=True)
    base = {**os.environ, **environment, "RUNNER_TEMP": str(folder / "temp")}
    base |= {name: str(file) for name, file in files.items()}
    ran = Run()
    for step in action["runs"]["steps"]:
        if "run" not in step or step["name"] in without:
            continue
        path = os.pathsep.join([*reversed(files["GITHUB_PATH"].read_text().splitlines()), base["PATH"]])
        env = {name: _filled(text, given, ran.outputs) for name, text in step.get("env", {}).items()}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
            cwd=folder,
            env={**base, "PATH": path, **env},
            capture_output=True,
            text=True,
            timeout=600,
        )
        ran.codes[step["name"]] = done.returncode
        ran.said += done.stdout + done.stderr
        ran.outputs |= dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines())
        if done.returncode:
            break
    ran.summary = files["GITHUB_STEP_SUMMARY"].read_text()
    return ran


def _filled(text: str, inputs: Mapping[str, str], outputs: Mapping[str, str]) -> str:
    """A variable's text with its `${{ … }}` replaced."""

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name == "github.action_path":
            return str(ROOT)
        if name.startswith("inputs."):
            return inputs[name.removeprefix("inputs.")]
        return outputs[name.removeprefix("steps.verify.outputs.")]

    return re.sub(r"\$\{\{ ([\w.-]+) \}\}", value, text)
