"""`mockserver spec build` and `lint`: what they write, what they refuse to write, and the committed contract."""

import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from openapi_spec_validator import validate

from mockserver import shipped
from mockserver.cli.spec import spec
from mockserver.compiler.contract import compile_contract
from mockserver.settings import DEFAULT_CONTRACTS
from mockserver.spec.contract import contract_names

SAMPLES = Path(__file__).parent / "samples"
CONTRACT = shipped.folder("openapi") / "thunderphone-2026-04"


def run(*words: object) -> Result:
    return CliRunner().invoke(spec, [str(word) for word in words])


@pytest.mark.parametrize("name", contract_names(CONTRACT.parent))
def test_the_committed_contract_is_what_its_pages_say(name: str) -> None:
    found = run("build", "--check", name)

    assert found.exit_code == 0, found.output


@pytest.mark.parametrize("name", DEFAULT_CONTRACTS)
def test_the_contract_is_a_valid_document_that_leaves_nothing_open(name: str) -> None:
    compiled, text = compile_contract(CONTRACT.parent / name)

    assert compiled.notes == ()
    validate(yaml.safe_load(text))
    assert yaml.safe_load(text) == compiled.document


def test_the_contract_has_the_vendors_ten_calls_operations() -> None:
    paths = compile_contract(CONTRACT)[0].document["paths"]
    calls = [
        (operation["operationId"], method.upper(), path.removeprefix("/v1/calls"))
        for path, item in paths.items()
        for method, operation in item.items()
        if path.startswith("/v1/calls")
    ]

    assert calls == [
        ("calls_list", "GET", ""),
        ("calls_export_list", "GET", "/export"),
        ("calls_retrieve", "GET", "/{call_id}"),
        ("calls_audio_list", "GET", "/{call_id}/audio"),
        ("calls_transcript_list", "GET", "/{call_id}/transcript"),
        ("calls_history_list", "GET", "/{call_id}/history"),
        ("calls_grade_list", "GET", "/{call_id}/grade"),
        ("calls_grade", "POST", "/{call_id}/grade"),
        ("calls_issue_reports_list", "GET", "/{call_id}/issue-reports"),
        ("calls_issue_reports", "POST", "/{call_id}/issue-reports"),
    ]


def test_what_was_never_published_is_marked() -> None:
    document = compile_contract(CONTRACT)[0].document
    schemas = document["components"]["schemas"]
    invented = {name for name, schema in schemas.items() if schema.get("x-invented")}

    assert {name for name in schemas if name.endswith("Entry")} - invented == {
        "TranscriptEntry",
        "WebhookTranscriptEntry",
    }
    assert {"CallExport", "AgentVersion", "PhoneNumberVersion"} <= invented
    assert document["webhooks"]["issue.reported"]["post"]["x-invented"]


def test_two_processes_with_different_hash_seeds_write_the_same_bytes(tmp_path: Path) -> None:
    script = "from mockserver.cli.spec import spec; spec()"
    written = []
    for seed in ("1", "2"):
        out = tmp_path / f"{seed}.yaml"
        command = [sys.executable, "-c", script, "build", "--docs", str(SAMPLES / "flattened"), "--out", str(out)]
        subprocess.run(command, check=True, env={"PYTHONHASHSEED": seed}, cwd=shipped.folder("openapi").parent)
        written.append(out.read_bytes())

    assert written[0] == written[1]
    assert written[0].startswith(b"# GENERATED")


def test_check_fails_when_a_page_says_more_than_the_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / CONTRACT.name
    shutil.copytree(CONTRACT, folder)
    monkeypatch.setattr(shipped, "folder", lambda name: tmp_path)
    assert run("build", "--check", CONTRACT.name).exit_code == 0

    page = folder / "docs" / "calls.md"
    page.write_text(page.read_text(encoding="utf-8").replace("(1–200)", "(1–500)"), encoding="utf-8")  # noqa: RUF001
    before = (folder / "openapi.yaml").read_bytes()

    found = run("build", "--check", CONTRACT.name)
    assert found.exit_code == 1
    assert "openapi.yaml: differs from what its pages say" in found.stderr
    assert (folder / "openapi.yaml").read_bytes() == before
    assert run("build", CONTRACT.name).exit_code == 0
    assert b"maximum: 500" in (folder / "openapi.yaml").read_bytes()


def test_pages_that_cannot_be_decided_exit_1_with_every_problem_and_write_nothing(tmp_path: Path) -> None:
    text = (SAMPLES / "flattened" / "parcels.txt").read_text(encoding="utf-8")
    wrong = text.replace('"fragile": true', '"fragile": "yes"').replace("scan_countinteger", "scan_countintgr")
    docs, out = tmp_path / "docs", tmp_path / "out.yaml"
    docs.mkdir()
    (docs / "parcels.txt").write_text(wrong, encoding="utf-8")

    found = run("build", "--docs", docs, "--out", out)
    assert found.exit_code == 1
    lines = [
        wrong[: wrong.index(piece)].count("\n") + 1 for piece in ('"fragile"', '"scan_count"', "scan_countintgr")
    ]
    assert [line.split(" ")[0] for line in found.stderr.splitlines()] == [f"parcels.txt:{line}:" for line in lines]
    assert not out.exists()


def test_a_wrong_page_keeps_the_document_of_the_last_build(tmp_path: Path) -> None:
    docs, out = tmp_path / "docs", tmp_path / "out.yaml"
    shutil.copytree(SAMPLES / "tidy", docs)
    assert run("build", "--docs", docs, "--out", out).exit_code == 0
    before = out.read_bytes()
    (docs / "more.md").write_text("# More\n\n```json\n{\n```\n", encoding="utf-8")

    assert run("build", "--docs", docs, "--out", out).exit_code == 1
    assert out.read_bytes() == before


def test_notes_go_to_stderr_and_do_not_fail(tmp_path: Path) -> None:
    found = run("build", "--docs", SAMPLES / "stripped", "--out", tmp_path / "out.yaml")

    assert found.exit_code == 0
    assert "parcels.txt:22: note: the page does not say what GET /v1/parcels answers" in found.stderr
    assert found.stdout == f"{tmp_path / 'out.yaml'}: written\n"


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ([], "Name a CONTRACT, or give --docs DIR"),
        (["thunderphone-2026-04", "--docs", "."], "Name a CONTRACT, or give --docs DIR"),
        (["--docs", "."], "--docs needs --out"),
        (["thunderphone-2026-04", "--out", "x.yaml"], "a CONTRACT has its own"),
    ],
)
def test_wrong_use_exits_2(words: list[str], what: str) -> None:
    found = run("build", *words)

    assert found.exit_code == 2
    assert what in found.stderr


def test_an_unknown_contract_is_answered_with_the_nearest() -> None:
    found = run("build", "thunderfone-2026-04")

    assert found.exit_code == 1
    assert "Did you mean thunderphone-2026-04?" in found.stderr


def test_lint_lists_problems_and_notes(tmp_path: Path) -> None:
    page = (SAMPLES / "tidy" / "parcels.md").read_text(encoding="utf-8")
    (tmp_path / "parcels.md").write_text(
        page.replace('"service": "express",', '"service": "air",', 1), encoding="utf-8"
    )

    found = run("lint", "--docs", tmp_path)
    assert found.exit_code == 1
    assert "'air' is not one of express, standard, economy" in found.output
    assert run("lint", "--docs", SAMPLES / "tidy").exit_code == 0


# Overrides.


def with_overrides(tmp_path: Path, text: str) -> Result:
    overrides = tmp_path / "overrides.yaml"
    overrides.write_text(text, encoding="utf-8")
    return run("build", "--docs", SAMPLES / "tidy", "--out", tmp_path / "out.yaml", "--overrides", overrides)


def test_overrides_correct_what_the_pages_say_and_say_why(tmp_path: Path) -> None:
    found = with_overrides(
        tmp_path,
        """
        document:
          - {reason: A title, source: us, merge: {info: {title: Parcels}}}
        operations:
          GET /v1/parcels:
            reason: Newest first
            source: a letter
            id: parcels_all
            x-resource: {order: -sent_at}
            merge:
              summary: null
              parameters: {offset: {schema: {maximum: 1000}}, service: null}
        schemas:
          Parcel: {reason: Ids are large, source: a letter, merge: {properties: {parcel_id: {format: int64}}}}
        """,
    )
    assert found.exit_code == 0, found.output
    document = yaml.safe_load((tmp_path / "out.yaml").read_text(encoding="utf-8"))
    operation = document["paths"]["/v1/parcels"]["get"]

    assert document["info"] == {"title": "Parcels", "version": "v1"}
    assert operation["operationId"] == "parcels_all"
    assert operation["x-resource"] == {"order": "-sent_at"}
    assert operation["x-overridden"] == "Newest first (a letter)"
    assert "summary" not in operation
    schemas = {each["name"]: each["schema"] for each in operation["parameters"]}
    assert "service" not in schemas
    assert schemas["offset"] == {"type": "integer", "maximum": 1000, "default": 0}
    assert document["components"]["schemas"]["Parcel"]["properties"]["parcel_id"]["format"] == "int64"


def test_all_operation_ids_can_begin_alike_and_a_field_be_called_parameters(tmp_path: Path) -> None:
    found = with_overrides(
        tmp_path,
        """
        operation_ids: {prefix: v2_, reason: Another API has parcels too, source: us}
        operations:
          v2_parcels_list: {reason: Newest first, source: us, x-resource: {order: -sent_at}}
        schemas:
          Parcel: {reason: More, source: us, merge: {properties: {parameters: {type: object}}}}
        """,
    )
    assert found.exit_code == 0, found.output
    document = yaml.safe_load((tmp_path / "out.yaml").read_text(encoding="utf-8"))
    ids = [operation["operationId"] for item in document["paths"].values() for operation in item.values()]
    assert {each[:3] for each in ids} == {"v2_"}
    assert document["paths"]["/v1/parcels"]["get"]["x-resource"] == {"order": "-sent_at"}
    assert document["components"]["schemas"]["Parcel"]["properties"]["parameters"] == {"type": "object"}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("operatons: {}", "operatons: unknown key. Did you mean operations?"),
        ("operations: {parcels_list: {reason: a, source: b, merg: {}}}", "merg: unknown key. Did you mean merge?"),
        ("operations: {parcels_list: {source: b}}", "operations.parcels_list.reason: Field required"),
        (
            "operations: {parcels_lst: {reason: a, source: b}}",
            "parcels_lst: no such operation. Did you mean parcels_list?",
        ),
        ("operations: {parcels_list: {reason: a, source: b, merge: {summary: List parcels}}}", "changes nothing"),
        ("schemas: {Parcl: {reason: a, source: b, merge: {x: 1}}}", "Parcl: no such entry. Did you mean Parcel?"),
        ("document: [{reason: a, source: b, merge: {info: {version: v1}}}]", "document[0]: changes nothing"),
        ("operations: {parcels_create: {reason: a, source: b, id: parcels_list}}", "is used by 2 operations"),
        ("a: [", "not YAML"),
    ],
)
def test_an_override_that_makes_no_sense_stops_the_build(tmp_path: Path, text: str, what: str) -> None:
    found = with_overrides(tmp_path, text)

    assert found.exit_code == 1
    assert what in found.stderr
    assert not (tmp_path / "out.yaml").exists()


def test_the_guide_to_page_conventions_shows_pages_that_compile(tmp_path: Path) -> None:
    guide = (shipped.folder("openapi") / "README.md").read_text(encoding="utf-8")
    shown = [textwrap.dedent(block) for block in re.findall(r"(?:^(?:    .*)?\n)+", guide, re.M)]
    listing = next(block for block in shown if "| Method |" in block)
    parts = next(block for block in shown if "**Query parameters**" in block)
    book = next(block for block in shown if "## Book object" in block)
    page = f"# Books\n\n## Endpoints\n{listing}\n{book}\n## Add a book\n\n`POST /v1/books`\n{parts}"
    (tmp_path / "books.md").write_text(page, encoding="utf-8")

    found = run("build", "--docs", tmp_path, "--out", tmp_path / "out.yaml")
    assert found.exit_code == 0, found.output
    document = yaml.safe_load((tmp_path / "out.yaml").read_text(encoding="utf-8"))
    create = document["paths"]["/v1/books"]["post"]
    assert list(create["responses"]) == ["201", "409"]
    assert create["requestBody"]["content"]["application/json"]["schema"]["required"] == ["title"]
    assert document["components"]["schemas"]["Book"]["required"] == ["book_id", "shelf", "state"]
