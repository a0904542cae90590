"""`mockserver spec diff`: what it groups, how it tells it, how it ends."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from comparison.documents import Json, compared, content, one, receiving, told
from mockserver import shipped
from mockserver.cli.spec import spec
from mockserver.comparison.findings import Comparison
from mockserver.comparison.operations import compare
from mockserver.comparison.reports import as_data, as_markdown, as_text
from mockserver.spec.document import Document

APRIL, CLIENT = "thunderphone-2026-04", "thunderphone-sdk-0.2"


def run(*words: object) -> Result:
    return CliRunner().invoke(spec, ["diff", *map(str, words)])


def cat(**fields: Any) -> Json:
    return {"type": "object", "properties": {"name": {"type": "string"}, **fields}}


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def several(schema: Json, *paths: str, **components: Json) -> Json:
    answer = {"get": {"responses": {"200": content(schema)}}}
    return {"paths": dict.fromkeys(paths, answer), "components": {"schemas": components}}


# What belongs together.


def test_a_shared_schema_is_told_once_with_who_uses_it() -> None:
    found = compared(
        several(ref("Cat"), "/a", "/b", "/c", "/d", "/e", Cat=cat(age={"type": "integer"})),
        several(ref("Cat"), "/a", "/b", "/c", "/d", "/e", Cat=cat(age={"type": "string"})),
    )

    assert told(found) == ["breaking response-type-changed Cat.age"]
    assert found.groups[0].title == "Cat (received)"
    assert found.groups[0].used_by == ("GET /a", "GET /b", "GET /c", "GET /d", "GET /e")
    assert found.changes[0].old == found.changes[0].new == "/components/schemas/Cat/properties/age"


def test_a_schema_that_one_operation_uses_is_told_with_it() -> None:
    found = compared(several(ref("Cat"), "/a", Cat=cat()), several(ref("Animal"), "/a", Animal=cat(age={})))

    assert [group.title for group in found.groups] == ["GET /a"]
    assert told(found) == ["compatible response-field-added Cat.age"]


def test_a_schema_below_others_is_told_by_its_own_name() -> None:
    page = {"type": "object", "properties": {"results": {"type": "array", "items": ref("Cat")}}}
    old = several(ref("Page"), "/a", "/b", Page=page, Cat=cat())

    found = compared(old, several(ref("Page"), "/a", "/b", Page=page, Cat=cat(age={})))

    assert told(found) == ["compatible response-field-added Cat.age"]


def test_what_became_two_schemas_is_told_once_where_they_agree() -> None:
    old = several(ref("Cat"), "/a", "/b", Cat=cat())
    new = several(ref("CatItem"), "/a", "/b", CatItem=cat(age={}), CatDetail=cat(age={}, toys={}))
    new["paths"]["/b"] = {"get": {"responses": {"200": content(ref("CatDetail"))}}}

    found = compared(old, new)

    assert [(group.title, [each.where for each in group.changes]) for group in found.groups] == [
        ("GET /b", ["Cat.toys"]),
        ("Cat (received)", ["Cat.age"]),
    ]


def test_the_same_change_in_many_operations_is_told_once() -> None:
    text, number = {"type": "string"}, {"type": "integer"}
    found = compared(several(text, "/a", "/b", "/c", "/d"), several(number, "/a", "/b", "/c", "/d"))
    three = compared(several(text, "/a", "/b", "/c"), several(number, "/a", "/b", "/c"))

    assert [group.title for group in found.groups] == ["4 operations alike"]
    assert found.groups[0].used_by == ("GET /a", "GET /b", "GET /c", "GET /d")
    assert [group.title for group in three.groups] == ["GET /a", "GET /b", "GET /c"]


def test_schemas_that_contain_themselves_end() -> None:
    # The one closes its circle after two steps, the other after three: they never meet at the same place.
    deep: Json = {"type": "object", "properties": {"next": {"type": "object", "properties": {"next": ref("Cat")}}}}
    new = {**deep, "properties": {"next": {"type": "object", "properties": {"next": deep["properties"]["next"]}}}}
    parts = {"allOf": [ref("Cat"), cat(kitten=ref("Cat"))]}  # nonsense, but a document may say it

    assert told(compared(receiving(ref("Cat"), Cat=deep), receiving(ref("Cat"), Cat=new))) == []
    assert told(compared(receiving(ref("Cat"), Cat=parts), receiving(ref("Cat"), Cat=cat()))) == [
        "risky response-optional-field-removed Cat.kitten"
    ]


@pytest.mark.parametrize(
    ("gone", "left", "nearest"),
    [
        ("put /cats/{id}", "patch /cats/{cat_id}", "PATCH /cats/{cat_id}"),
        ("get /cats/{id}/toys", "get /v2/cats/{id}/toys", "GET /v2/cats/{id}/toys"),
        ("delete /cats/{id}", "get /cats/{id}", None),
    ],
)
def test_what_is_gone_is_told_with_the_nearest(gone: str, left: str, nearest: str | None) -> None:
    def only(text: str) -> Json:
        method, path = text.split()
        names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        parameters = [{"name": name, "in": "path", "required": True, "schema": {}} for name in names]
        return {"paths": {path: {method: {"parameters": parameters, "responses": {}}}}}

    removed = next(each for each in compared(only(gone), only(left)).changes if each.code == "operation-removed")
    assert removed.what == (f"is gone; the nearest is {nearest}" if nearest else "is gone")


# How it is told.


def small() -> Comparison:
    return compared(
        {**one({"parameters": [{"name": "a|b", "in": "query", "schema": {}}]}), "webhooks": {"cat.fed": {}}},
        one({"requestBody": {"required": True, **content({})}}),
    )


def test_text_tells_breaking_changes_first_and_counts_what_is_harmless() -> None:
    text = as_text(small())

    assert text.splitlines()[0] == "old → new: 2 breaking, 1 risky, 0 compatible"
    assert text.index("request-body-added-required") < text.index("parameter-removed")
    assert (
        "POST /things\n  body: is new and required  [request-body-added-required]\n"
        "      Requests without a body are refused: send one.\n"
        "      at #/paths/~1things/post → #/paths/~1things/post/requestBody\n"
    ) in text

    new = compared({}, {"webhooks": {"cat.fed": {}}})
    assert "     1 event-added\n" in as_text(new)
    assert "cat.fed: is new  [event-added]" in as_text(new, everything=True)
    assert as_text(compared({}, {})) == "old → new: nothing changed for a client\n"


def test_markdown_is_tables_that_hold_whatever_the_names_are() -> None:
    text = as_markdown(small())

    assert "| `query a\\|b` | is gone | It is ignored" in text
    assert text.index("### Breaking") < text.index("#### `POST /things`") < text.index("<summary>Risky")
    assert text.count("<details>") == text.count("</details>") == 1


def test_json_tells_everything() -> None:
    data = as_data(small())

    assert data["counts"] == {"breaking": 2, "risky": 1, "compatible": 0}
    assert data["groups"][0]["changes"][0] == {
        "code": "request-body-added-required",
        "severity": "breaking",
        "where": "body",
        "what": "is new and required",
        "consequence": "Requests without a body are refused: send one.",
        "old": "/paths/~1things/post",
        "new": "/paths/~1things/post/requestBody",
    }


# How it ends.


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Two documents with a harmless difference, and one that breaks both: YAML, a folder, JSON."""
    head = 'openapi: "3.1.0"\ninfo: {title: A, version: "1"}\n'
    old, new, broken = tmp_path / "old.yaml", tmp_path / "new", tmp_path / "broken.json"
    old.write_text(head + "paths: {/a: {get: {responses: {200: {description: OK}}}}}\n", encoding="utf-8")
    new.mkdir()
    (new / "openapi.yaml").write_text(
        head + "paths: {/a: {get: {responses: {200: {description: OK}, 404: {description: No}}}}}\n",
        encoding="utf-8",
    )
    broken.write_text(
        '{"openapi": "3.0.3", "info": {"title": "A", "version": "1"}, "paths": {}}', encoding="utf-8"
    )
    return old, new, broken


def test_exit_codes(files: tuple[Path, Path, Path]) -> None:
    old, new, broken = files

    assert run(old, broken).exit_code == 0
    assert run(old, broken, "--fail-on", "breaking").exit_code == 1
    assert run(old, new, "--fail-on", "breaking").exit_code == 0
    assert run(old, new, "--fail-on", "any").exit_code == 1
    assert run(old, old, "--fail-on", "any").exit_code == 0


def test_out_writes_a_file_in_the_form_asked_for(files: tuple[Path, Path, Path], tmp_path: Path) -> None:
    old, new, _ = files
    found = run(old, new, "--format", "json", "--out", tmp_path / "diff.json")

    assert found.output == f"{tmp_path / 'diff.json'}: written\n"
    assert json.loads((tmp_path / "diff.json").read_bytes())["old"] == "old.yaml"


def test_two_processes_with_different_hash_seeds_write_the_same_bytes() -> None:
    command = [sys.executable, "-m", "mockserver", "spec", "diff", APRIL, CLIENT, "--format", "json"]
    root = shipped.folder("openapi").parent
    written = [
        subprocess.run(command, check=True, cwd=root, capture_output=True, env={"PYTHONHASHSEED": seed}).stdout
        for seed in ("1", "2")
    ]

    assert written[0] == written[1]


def test_what_cannot_be_read_is_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "no.json").write_text("{", encoding="utf-8")
    (tmp_path / "swagger.yaml").write_text("swagger: '2.0'\n", encoding="utf-8")

    def said(*words: object) -> str:
        found = run(*words)
        assert found.exit_code == 2, found.output
        return found.stderr

    assert f"Did you mean {APRIL}?" in said("thunderfone-2026-04", CLIENT)
    assert "has no openapi.json and no openapi.yaml" in said(tmp_path, CLIENT)
    assert "is not JSON" in said(tmp_path / "no.json", CLIENT)
    assert "mockserver reads OpenAPI 3.0 and 3.1" in said(tmp_path / "swagger.yaml", CLIENT)
    assert "Missing argument 'B'" in said(APRIL)
    assert "'--fail-on'" in said(APRIL, CLIENT, "--fail-on", "risky")


# The drift it was made for.


@pytest.fixture(scope="module")
def drift() -> Comparison:
    """From the reference pages of April 2026 to the vendor's typed client."""
    folder = shipped.folder("openapi")
    return compare(*(Document.load(folder / name / "openapi.json") for name in (APRIL, CLIENT)))


@pytest.mark.parametrize(
    ("title", "change"),
    [
        ("Call (received)", "breaking response-scale-changed Call.grade_score: number 0…1 → integer"),
        ("Grade (received)", "breaking response-scale-changed Grade.score: number 0…1 → integer"),
        (
            "Call (received)",
            "breaking response-enum-widened Call.direction: no longer `mic`, `widget`; also `test`, `web`",
        ),
        (
            "GET /v1/calls",
            "breaking request-enum-narrowed query direction: no longer `mic`, `widget`; also `test`, `web`",
        ),
        ("Call (received)", "breaking response-type-widened Call.billable_minutes: integer → number"),
        ("Call (received)", "compatible response-null-gone Call.start_time: is never null now"),
        ("Call (received)", "compatible response-field-added Call.agent_variant_id: is new"),
        ("POST /v1/call", "risky success-status-added response 202: is new"),
        ("POST /v1/test-calls", "breaking success-status-changed response 201: is 200 now"),
        ("DELETE /v1/phone-numbers/{phone_number_id}", "breaking success-status-changed response 204: is 200 now"),
        (
            "DELETE /v1/phone-numbers/{phone_number_id}",
            "breaking parameter-added-required query confirm: is new and required",
        ),
        (
            "GET /v1/integrations/{integration_id}",
            "breaking request-type-changed path integration_id: string → integer",
        ),
        ("GET /v1/billing/transactions", "breaking response-type-changed response 200: object → array"),
        ("IssueReport (received)", "breaking response-enum-widened IssueReport.status: also `dismissed`"),
        (
            "POST /v1/calls/{call_id}/issue-reports",
            "risky request-default-changed body.severity: default none → `warning`",
        ),
        (
            "GET /v1/voip-connections/{connection_id}",
            "breaking operation-removed voip_connections_retrieve: "
            "is gone; the nearest is GET /v1/voip-connections",
        ),
        ("campaign.completed", "compatible event-added campaign.completed: is new"),
    ],
)
def test_the_drift_that_is_known(drift: Comparison, title: str, change: str) -> None:
    found = [
        f"{each.severity} {each.code} {each.where}: {each.what}"
        for group in drift.groups
        if group.title == title
        for each in group.changes
    ]
    assert change in found


def test_a_page_instead_of_an_array_is_told_once_for_every_such_list(drift: Comparison) -> None:
    found = [
        group.used_by
        for group in drift.groups
        for change in group.changes
        if (change.code, change.what) == ("response-type-changed", "array → object") and group.used_by
    ]

    assert len(found) == 1
    assert {"GET /v1/issue-reports", "GET /v1/agents/{agent_id}/versions"} <= set(found[0])


def test_the_drift_fits_into_a_pull_request(drift: Comparison) -> None:
    assert len(as_markdown(drift)) < 65_536
    assert len({each.title for each in drift.groups if each.kind == "operation"}) > 100
