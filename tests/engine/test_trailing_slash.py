"""Paths that end in a slash mean what they would mean without it."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from caller import Caller

from mockserver.assembly import build
from mockserver.settings import Settings
from mockserver.spec.document import Document
from mockserver.spec.roles import infer

SHELF = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
}
BOOK = {**SHELF, "properties": {**SHELF["properties"], "shelf_id": {"type": "integer"}}}  # type: ignore[dict-item]


def document(slash: str) -> dict[str, Any]:
    def answer(status: int, schema: Any) -> dict[str, Any]:
        return {str(status): {"description": "ok", "content": {"application/json": {"schema": schema}}}}

    def operations(item: Any, *names: str) -> tuple[dict[str, Any], dict[str, Any]]:
        def parameters(*wanted: str) -> list[Any]:
            return [
                {"name": name, "in": "path", "required": True, "schema": {"type": "integer"}} for name in wanted
            ]

        body = {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}
        above, own = parameters(*names[:-1]), parameters(*names)
        many = {
            "get": {"parameters": above, "responses": answer(200, {"type": "array", "items": item})},
            "post": {"parameters": above, "requestBody": body, "responses": answer(201, item)},
        }
        one = {
            "get": {"parameters": own, "responses": answer(200, item)},
            "delete": {"parameters": own, "responses": {"204": {"description": "gone"}}},
        }
        return many, one

    shelves, shelf = operations({"$ref": "#/components/schemas/Shelf"}, "shelf_id")
    books, book = operations({"$ref": "#/components/schemas/Book"}, "shelf_id", "book_id")
    return {
        "openapi": "3.1.0",
        "info": {"title": "Shelves", "version": "1"},
        "security": [{"bearerAuth": []}],
        "paths": {
            f"/v1/shelves{slash}": shelves,
            f"/v1/shelves/{{shelf_id}}{slash}": shelf,
            f"/v1/shelves/{{shelf_id}}/books{slash}": books,
            f"/v1/shelves/{{shelf_id}}/books/{{book_id}}{slash}": book,
        },
        "components": {
            "securitySchemes": {"bearerAuth": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Shelf": SHELF, "Book": BOOK},
        },
    }


def test_the_roles_are_those_of_the_paths_without_it() -> None:
    with_slash, without = (infer(Document(document(slash), name="shelves").operations)[0] for slash in ("/", ""))
    assert list(with_slash.values()) == list(without.values())
    assert len(without) == 8


@pytest.mark.parametrize("slash", ["/", ""])
def test_only_the_declared_form_is_a_path(tmp_path: Path, slash: str) -> None:
    spec = tmp_path / "shelves.json"
    spec.write_bytes(orjson.dumps(document(slash)))
    app = build(Settings(spec=spec))
    api = Caller(app, app.worlds.mint())
    shelf = api.post(f"/v1/shelves{slash}", {"name": "A"})
    assert (shelf.status, shelf.headers["x-mock-source"]) == (201, "resource")
    at = f"/v1/shelves/{shelf.json['id']}"
    book = api.post(f"{at}/books{slash}", {"name": "Dune"}).json
    assert api.get(f"{at}/books/{book['id']}{slash}").json == book
    assert api.get(f"/v1/shelves{slash}").json == [shelf.json]
    other = "" if slash else "/"
    assert api.get(at + other).status == 404
    assert api("DELETE", at + slash).status == 204
    assert api.get(at + slash).status == 404
    assert api.get(f"{at}/books{slash}").status == 404, "a shelf that is gone has no books"
