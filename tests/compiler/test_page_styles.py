"""One made-up API in three styles reads to the same facts: tidy Markdown, flattened text, stripped text."""

from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from mockserver.compiler.contract import compile_folder

SAMPLES = Path(__file__).parent / "samples"

TIMESTAMP = {"type": "string", "format": "date-time"}
NULL = {"type": "null"}
SERVICE = {"type": "string", "enum": ["express", "standard", "economy"]}
PARCEL = {
    "parcel_id": {"type": "integer"},
    "depot_id": {"type": ["integer", "null"]},
    "service": SERVICE,
    "weight_grams": {"type": ["integer", "null"], "minimum": 1, "maximum": 30000},
    "sent_at": {"anyOf": [TIMESTAMP, NULL]},
    "arrived_at": {"anyOf": [TIMESTAMP, NULL]},
    "fragile": {"type": "boolean"},
    "score": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
    "note": {"type": ["string", "null"]},
    "scan_count": {"type": "integer"},
}
PARCEL_ID = ("parcel_id", "path", True, {"type": "integer"})
OPERATIONS = {
    "parcels_list": ("GET", "/v1/parcels", ["200"]),
    "parcels_create": ("POST", "/v1/parcels", ["201", "409"]),
    "parcels_retrieve": ("GET", "/v1/parcels/{parcel_id}", ["200", "404"]),
    "parcels_delete": ("DELETE", "/v1/parcels/{parcel_id}", ["204", "409"]),
    "parcels_label_list": ("GET", "/v1/parcels/{parcel_id}/label", ["200", "404"]),
    "parcels_scans": ("POST", "/v1/parcels/{parcel_id}/scans", ["202"]),
}


def compiled(style: str) -> dict[str, Any]:
    return compile_folder(SAMPLES / style).document


def bare(node: Any) -> Any:
    """`node` without words and provenance: only what constrains values."""
    if isinstance(node, dict):
        dropped = ("description", "examples", "example")
        return {key: bare(value) for key, value in node.items() if key not in dropped and not key.startswith("x-")}
    return [bare(item) for item in node] if isinstance(node, list) else node


def operations(document: dict[str, Any]) -> dict[str, tuple[str, str, dict[str, Any]]]:
    return {
        operation["operationId"]: (method.upper(), path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


def parameters(operation: dict[str, Any]) -> list[tuple[str, str, bool, Any]]:
    return [(each["name"], each["in"], each["required"], bare(each["schema"])) for each in operation["parameters"]]


def json_of(response: dict[str, Any]) -> Any:
    return bare(response["content"]["application/json"]["schema"])


@pytest.mark.parametrize("style", ["tidy", "flattened", "stripped"])
def test_the_same_api_in_three_styles(style: str) -> None:
    document = compiled(style)
    validate(document)
    found = operations(document)

    assert {
        name: (method, path, list(operation["responses"])) for name, (method, path, operation) in found.items()
    } == (OPERATIONS)
    parcel = document["components"]["schemas"]["Parcel"]
    assert bare(parcel["properties"]) == PARCEL
    assert parcel["required"] == list(PARCEL)

    assert parameters(found["parcels_list"][2]) == [
        ("limit", "query", False, {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}),
        ("offset", "query", False, {"type": "integer", "default": 0}),
        ("depot_id", "query", False, {"type": "integer"}),
        ("service", "query", False, SERVICE),
        ("sent_after", "query", False, TIMESTAMP),
    ]
    assert parameters(found["parcels_retrieve"][2]) == [PARCEL_ID]
    assert parameters(found["parcels_scans"][2]) == [PARCEL_ID, ("silent", "query", False, {"type": "boolean"})]

    create = found["parcels_create"][2]
    assert create["requestBody"]["required"]
    body = bare(create["requestBody"]["content"]["application/json"]["schema"])
    assert body == {
        "type": "object",
        "properties": {
            "service": SERVICE,
            "weight_grams": {"type": "integer", "minimum": 1, "maximum": 30000},
            "note": {"type": "string", "maxLength": 200},
        },
        "required": ["service", "weight_grams"],
    }
    assert json_of(create["responses"]["201"]) == {"$ref": "#/components/schemas/Parcel"}
    assert create["responses"]["409"]["description"] == "The depot is full"
    assert json_of(found["parcels_scans"][2]["responses"]["202"]) == {"$ref": "#/components/schemas/ScanRow"}


@pytest.mark.parametrize("style", ["tidy", "flattened"])
def test_examples_shape_what_no_table_describes(style: str) -> None:
    found = operations(compiled(style))

    page = json_of(found["parcels_list"][2]["responses"]["200"])
    assert page["properties"]["results"] == {"type": "array", "items": {"$ref": "#/components/schemas/Parcel"}}
    assert page["required"] == ["results", "total", "limit", "offset"]
    label = json_of(found["parcels_label_list"][2]["responses"]["200"])
    assert label == {"type": "object", "properties": {"url": {"type": "string"}}, "required": ["url"]}


def test_commands_tell_the_server_and_the_scheme() -> None:
    document = compiled("flattened")

    assert document["servers"] == [{"url": "https://api.parcels.example"}]
    assert document["components"]["securitySchemes"]["bearerAuth"] == {"type": "http", "scheme": "bearer"}


def test_every_fact_names_its_page_and_heading() -> None:
    document = compiled("tidy")

    parcel = document["components"]["schemas"]["Parcel"]
    assert {each["x-source"] for each in parcel["properties"].values()} == {"parcels.md#the-parcel-object"}
    for _, _, operation in operations(document).values():
        assert operation["x-source"].startswith("parcels.md#")
        assert all("x-source" in each for each in operation.get("parameters", []))


def test_what_the_page_leaves_open_is_noted_with_its_line() -> None:
    notes = [str(note) for note in compile_folder(SAMPLES / "stripped").notes]

    assert notes == [
        "parcels.txt:22: note: the page does not say what GET /v1/parcels answers; the body of 200 is left open",
        "parcels.txt:55: note: POST /v1/parcels/{parcel_id}/scans answers with the scan row, "
        "which no page describes; it is left open",
    ]


def test_a_detail_page_with_grouped_and_dotted_fields() -> None:
    document = compiled("nested")
    validate(document)

    ((method, path, operation),) = operations(document).values()
    assert (method, path) == ("GET", "/v2/loans/{loan_id}")
    assert parameters(operation) == [("loan_id", "path", True, {"type": "integer"})]
    assert operation["parameters"][0]["description"] == "The loan's number"
    assert {code: each["description"] for code, each in operation["responses"].items()} == {
        "200": "OK",
        "403": "Not your loan",
        "404": "Loan not found",
    }
    loan = json_of(operation["responses"]["200"])
    assert loan["properties"] == {
        "id": {"type": "integer"},
        "state": {"type": "string", "enum": ["open", "returned", "lost"]},
        "reader": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "joined": TIMESTAMP},
            "required": ["name", "joined"],
        },
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                # The table says number; the first example alone would say integer.
                "properties": {"title": {"type": "string"}, "days": {"type": "number"}},
                "required": ["title", "days"],
            },
        },
        "fees": {
            "type": "object",
            "properties": {
                "total": {"type": "number"},
                "parts": {
                    "type": "object",
                    "properties": {"late": {"type": "number"}, "lost": {"type": "number"}},
                    "required": ["late", "lost"],
                    "additionalProperties": {"type": "number"},
                },
            },
            "required": ["total", "parts"],
        },
        "rating": {"anyOf": [{"type": "string", "enum": ["good", "fair", "poor"]}, NULL]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "remarks": {"type": "array"},
    }
    assert loan["required"] == list(loan["properties"])
