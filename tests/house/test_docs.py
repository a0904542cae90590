"""The documentation: it builds without a warning, needs no network, and every snippet in it does what it says."""

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from shared import made_once
from snippets import Block, blocks, matches, promised, steps

from contract_tests.laws import every_law
from docs_site import reference
from mockserver.cli import main
from mockserver.cli.environment import PREFIX
from mockserver.cli.serve import serve

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
# Pages whose snippets are of another kind, and the tests that run them.
RUN_ELSEWHERE = dict.fromkeys(("pytest.md", "trigger.md"), "tests/plugin/test_plugin_pages.py")
PAGES = sorted({path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")} - RUN_ELSEWHERE.keys())
BIN = Path(sys.executable).parent
WITH_PYTEST = re.findall(r"^pytest --pyargs .*$", (DOCS / "guides" / "verify.md").read_text(), re.MULTILINE)
WRITTEN_URL = "http://127.0.0.1:8675"


class Story:
    """A page's snippets run one after another in one folder, against one server."""

    def __init__(self, folder: Path, page: list[Block]) -> None:
        self.folder = folder
        self.options = next((block.said["server"] for block in page if "server" in block.said), "")
        self._server: subprocess.Popen[str] | None = None
        self._url = ""
        for block in page:
            if block.title:
                path = folder / block.title
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block.body, encoding="utf-8")

    @property
    def url(self) -> str:
        """Where the page's server listens; it is started when it is first needed."""
        if self._server is None:
            self._server, self._url = started(["mockserver", "serve", *shlex.split(self.options)], self.folder)
        return self._url

    def stop(self) -> None:
        """End the server."""
        if self._server is not None:
            self._server.terminate()
            self._server.communicate(timeout=30)

    def run(self, block: Block) -> None:
        """Run one block."""
        if block.kind == "sh":
            run_shell(block.body, self.folder)
        elif block.kind == "console":
            for command, expected in steps(block.body):
                said = self.output(["bash", "-c", self.there(command)])
                assert matches(self.there(expected).strip(), said), f"$ {command}\n{said}\nis not\n{expected}"
        elif block.kind == "python" and not block.title:
            said = self.output([sys.executable, "-W", "error", "-c", self.there(block.body)])
            assert said.splitlines() == promised(block.body)
        elif block.kind == "js":
            node = shutil.which("node")
            if node is None and "CI" not in os.environ:
                pytest.skip("There is no node to run the page's JavaScript with.")
            said = self.output([node or "node", "--input-type=module", "--eval", self.there(block.body)])
            assert said.splitlines() == promised(block.body)
        else:
            assert block.title, f"line {block.line}: nothing runs a block of kind {block.kind}"

    def there(self, text: str) -> str:
        """A snippet, talking to this page's server."""
        return text.replace(WRITTEN_URL, self.url) if WRITTEN_URL in text else text

    def output(self, command: list[str]) -> str:
        """What a command that succeeds prints."""
        ran = subprocess.run(
            command, cwd=self.folder, env=environment(), capture_output=True, text=True, timeout=300
        )
        assert ran.returncode == 0, f"{command[-1]}\n{ran.stdout}\n{ran.stderr}"
        return ran.stdout.strip()


def environment(**more: str) -> dict[str, str]:
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "PYTHONPATH": path, **more}


def started(command: list[str], folder: Path) -> tuple["subprocess.Popen[str]", str]:
    """A server that listens at a free port, and its address."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment(MOCKSERVER_PORT="0"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    banner = process.stdout.readline()
    found = re.search(r"http://\S+", banner)
    assert found is not None, banner + process.stdout.read()
    return process, found[0]


def run_shell(script: str, folder: Path) -> None:
    """What a person types into a terminal, as far as it can be run or at least be checked here."""
    if re.search(r"&$", script, re.MULTILINE):
        run_in_background(script)
        return
    for line in script.strip().splitlines():
        words = shlex.split(line)
        if words[:2] == ["pip", "install"]:
            check_requirement(words[2])
        elif words[0] == "docker":
            check_docker(words[1:])
        elif words[:2] == ["pytest", "--pyargs"]:
            assert line in WITH_PYTEST, "tests/house/test_wheel.py runs it"
        elif words[:2] == ["mockserver", "serve"]:
            process, _ = started(words, folder)
            process.terminate()
            process.communicate(timeout=30)
        else:
            pytest.fail(f"nothing runs: {line}")


def run_in_background(script: str) -> None:
    """A whole script that leaves a server running, which is stopped after it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    told = environment(MOCKSERVER_PORT=port, MOCKSERVER_URL=f"http://127.0.0.1:{port}")
    process = subprocess.Popen(
        ["bash", "-e", "-c", script], cwd=ROOT, env=told, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        code = process.wait(timeout=120)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
    assert process.stdout is not None
    assert code == 0, process.stdout.read()
    process.stdout.close()


def check_requirement(text: str) -> None:
    wanted = Requirement(text)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert wanted.name == project["name"]
    assert wanted.extras <= project["optional-dependencies"].keys()


def check_docker(words: list[str]) -> None:
    """A docker command about things that are there. What the image does with them, tests/ways shows."""
    match words:
        case ["build", "--tag", "mockserver", "."]:
            assert (ROOT / "Dockerfile").is_file()
        case ["compose", "--file", file, "up", "--build"]:
            assert (ROOT / file).is_file()
        case ["run", *rest]:
            image = rest.index("mockserver")
            told = [rest[at + 1].partition("=")[0] for at, each in enumerate(rest[:image]) if each == "--env"]
            known = {f"{PREFIX}{option.opts[0][2:].replace('-', '_').upper()}" for option in serve.params}
            assert set(told) <= known
            assert rest[image + 1 : image + 2] in ([], ["serve"])
            serve.make_context("serve", rest[image + 2 :]).close()
        case _:
            pytest.fail(f"nobody checks: docker {shlex.join(words)}")


@pytest.fixture
def story(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Story, list[Block]]]:
    page = blocks((DOCS / request.param).read_text(encoding="utf-8"))
    told = Story(tmp_path, page)
    yield told, page
    told.stop()


@pytest.mark.parametrize("story", PAGES, indirect=True)
def test_the_snippets_do_what_they_say(story: tuple[Story, list[Block]]) -> None:
    told, page = story
    for block in page:
        told.run(block)


@pytest.mark.parametrize(("page", "test"), RUN_ELSEWHERE.items())
def test_somebody_runs_the_other_pages(page: str, test: str) -> None:
    assert (DOCS / page).is_file()
    assert f"docs/{page}" in (ROOT / test).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_once(tmp_path_factory, "site", build_site)


def build_site(folder: Path) -> None:
    built = subprocess.run(
        [BIN / "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder],
        cwd=ROOT,
        env=environment(NO_MKDOCS_2_WARNING="1"),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    assert built.stdout + built.stderr == ""


def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    loads = re.compile(
        r"<(?:script|img|iframe|audio|source)\b[^>]*\bsrc=\"?https?:[^>]*>|<link\b[^>]*href=\"?https?:[^>]*>"
    )
    pages = list(site.rglob("*.html"))
    assert len(pages) > 20
    for page in pages:
        found = [each for each in loads.findall(page.read_text(encoding="utf-8")) if "canonical" not in each]
        assert found == [], page
    for style in site.rglob("*.css"):
        assert not re.search(r"(@import|url\()\s*[\"']?https?:", style.read_text(encoding="utf-8")), style


def test_what_is_written_leads_to_what_is_generated(site: Path) -> None:
    commands = (site / "reference" / "cli.html").read_text(encoding="utf-8")
    for name in main.list_commands(None):  # type: ignore[arg-type]
        assert f"mockserver {name}" in commands
    for name in ("MOCKSERVER_WEBHOOK_HOST", "--url-seconds"):
        assert name in commands


def test_every_law_is_in_the_reference(site: Path) -> None:
    told = (site / "reference" / "laws.html").read_text(encoding="utf-8")
    for law in every_law():
        assert f'id="{law.code.lower()}"' in told or f"id={law.code.lower()}>" in told
        assert law.name in told


def test_every_endpoint_of_the_control_api_says_what_it_does() -> None:
    sections = reference.control().split("\n## ")[1:]
    silent = [section.splitlines()[0] for section in sections if len(section.split("\n\n")[1].strip()) < 10]
    assert silent == [], "the docstring of its handler is what the reference says"


def test_the_guide_to_failures_explains_every_field() -> None:
    from mockserver.http.faults import FaultBody

    guide = (DOCS / "guides" / "faults.md").read_text(encoding="utf-8")
    for name in FaultBody.model_fields:
        assert f"`{name}`" in guide
