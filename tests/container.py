"""Acts a Dockerfile out without a container engine, as far as this machine's own kernel can.

A stage is a fresh root folder in which the machine's system folders appear read-only, and this interpreter under
its own path, in place of the base image. COPY, RUN, ENV, WORKDIR, USER, HEALTHCHECK, ENTRYPOINT and CMD are done
as written, in mount and process namespaces of their own: what runs has PID 1, the image's user and, if wanted, a
read-only file system. What is not shown: the base image itself, layers, the network, the engine's own options.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Any

from dockerfile_parse import DockerfileParser

Instruction = tuple[str, str]

_ENTER = """
set -e
root=$1 mode=$2 user=$3 folder=$4 python=$5; shift 5
mount --make-rprivate /
mount --bind "$root" "$root"
bind() { mkdir -p "$root$1"; mount --bind "$1" "$root$1"; mount -o remount,ro,bind "$root$1"; }
for each in /bin /sbin /lib /lib64; do
  if [ -L "$each" ]; then ln -sfn "$(readlink "$each")" "$root$each"; elif [ -d "$each" ]; then bind "$each"; fi
done
bind /usr; bind /etc; bind "$python"
mkdir -p "$root/proc" "$root/dev" "$root/tmp"
mount -t proc proc "$root/proc"
for each in null zero random urandom; do touch "$root/dev/$each"; mount --bind "/dev/$each" "$root/dev/$each"; done
if [ "$mode" = ro ]; then mount -o remount,ro,bind "$root"; fi
exec /usr/sbin/chroot --userspec="$user" "$root" /usr/bin/env --chdir="$folder" "$@"
"""


def possible() -> bool:
    """Whether this machine lets this user make namespaces and take another user's id."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    tried = subprocess.run(["unshare", "--mount", "--pid", "--fork", "mount", "--make-rprivate", "/"], check=False)
    return tried.returncode == 0


def instructions(path: Path) -> list[Instruction]:
    """(name, value) of each instruction of a Dockerfile, comments left out."""
    with path.open("rb") as file:
        parsed: list[dict[str, Any]] = DockerfileParser(fileobj=file).structure
    return [(each["instruction"], each["value"]) for each in parsed if each["instruction"] != "COMMENT"]


def stages(path: Path) -> list[list[Instruction]]:
    """The instructions of each stage, FROM first."""
    found: list[list[Instruction]] = []
    for name, value in instructions(path):
        if name == "FROM":
            found.append([])
        found[-1].append((name, value))
    return found


@dataclass
class Image:
    """A stage that was acted out: its root folder and what it says about running it."""

    root: Path
    environment: dict[str, str]
    folder: str = "/"
    user: str = "0:0"
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)

    def entering(self, command: list[str], *, mode: str) -> list[str]:
        """The command line that runs `command` in the image, `mode` being ro or rw."""
        namespaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
        arguments = [str(self.root), mode, self.user, self.folder, sys.base_prefix]
        return [*namespaces, "bash", "-c", _ENTER, "bash", *arguments, *command]

    def run(
        self, command: list[str], *, mode: str = "ro", **environment: str
    ) -> "subprocess.CompletedProcess[str]":
        """What `command` says in the image."""
        return subprocess.run(
            self.entering(command, mode=mode),
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=300,
        )

    def start(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        """What `docker run --read-only IMAGE arguments` starts."""
        return subprocess.Popen(
            self.entering([*self.entrypoint, *(arguments or self.command)], mode="ro"),
            env={**self.environment, **environment},
            stdout=subprocess.PIPE,
            text=True,
        )


def signal_first_process(namespaces: "subprocess.Popen[str]", number: int) -> None:
    """Send a signal to the process with PID 1 inside, as an engine does to stop a container."""
    [child] = Path(f"/proc/{namespaces.pid}/task/{namespaces.pid}/children").read_text().split()
    os.kill(int(child), number)


def act_out(dockerfile: Path, context: Path, room: Path) -> Image:
    """The last stage of a Dockerfile. `context` is the folder it is built from, `room` an empty one to work in."""
    made: dict[str, Image] = {}
    image = None
    for number, stage in enumerate(stages(dockerfile)):
        image = Image(room / str(number), {"PATH": f"{sys.base_prefix}/bin:/usr/bin:/bin", **_installing()})
        image.root.mkdir()
        for name, value in stage:
            _do(name, value, image, context, made)
        made[str(number)] = image
        if named := re.search(r"(?i) as (\S+)$", stage[0][1]):
            made[named[1]] = image
    assert image is not None, f"{dockerfile} has no FROM"
    return image


def _do(name: str, value: str, image: Image, context: Path, made: dict[str, Image]) -> None:
    match name:
        case "FROM" | "LABEL" | "EXPOSE":
            pass
        case "WORKDIR":
            image.folder = value
            (image.root / value.lstrip("/")).mkdir(parents=True, exist_ok=True)
        case "ENV":
            for each in shlex.split(value):
                key, _, text = each.partition("=")
                image.environment[key] = Template(text).substitute(image.environment)
        case "USER":
            image.user = value
        case "COPY":
            *sources, target = value.split()
            origin = context
            if sources[0].startswith("--from="):
                origin = made[sources.pop(0).removeprefix("--from=")].root
            for source in sources:
                _copy(origin / source.lstrip("/"), _inside(image, target), into=target.endswith("/"))
        case "RUN":
            ran = image.run(["/bin/sh", "-c", value], mode="rw")
            assert ran.returncode == 0, f"RUN {value}\n{ran.stdout}{ran.stderr}"
        case "ENTRYPOINT":
            image.entrypoint = json.loads(value)
        case "CMD":
            image.command = json.loads(value)
        case "HEALTHCHECK":
            image.health = json.loads(value.partition(" CMD ")[2])
        case _:
            raise AssertionError(f"{name} cannot be acted out yet: teach tests/container.py")


def _inside(image: Image, target: str) -> Path:
    return image.root / os.path.normpath(os.path.join(image.folder, target)).lstrip("/")


def _copy(source: Path, target: Path, *, into: bool) -> None:
    """As COPY does: a folder's contents into the target, a file to it or, with a slash at its end, into it."""
    if source.is_dir():
        shutil.copytree(
            source, target, symlinks=True, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
        )
    else:
        shutil.copy2(source, target / source.name if into else target)


def _installing() -> dict[str, str]:
    """What this machine's pip is told in the environment, so that RUN installs as this machine does."""
    return {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
