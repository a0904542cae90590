"""A document nobody wrote code for: every operation works by structure alone."""

from pathlib import Path

import pytest
from caller import Caller

from mockserver.assembly import build
from mockserver.http.app import App
from mockserver.settings import Settings

SPEC = Path(__file__).with_name("library.yaml")


@pytest.fixture(scope="module")
def app() -> App:
    return build(Settings(spec=SPEC))


@pytest.fixture
def library(app: App) -> Caller:
    return Caller(app, app.worlds.mint())


def test_a_document_lives_from_create_to_delete(library: Caller) -> None:
    made = library.post("/v1/books", {"title": "Dune"})
    assert (made.status, made.headers["x-mock-source"]) == (201, "resource")
    book = made.json
    assert (book["title"], book["author"], book["pages"]) == ("Dune", "anon", None)
    at = f"/v1/books/{book['id']}"
    assert library.get(at).json == book
    assert library.get("/v1/books").json == {"results": [book], "total": 1, "limit": 20, "offset": 0}
    changed = library.patch(at, {"author": "Herbert"}).json
    assert changed == {**book, "author": "Herbert"}
    assert library.get("/v1/books?author=Herbert").json["results"] == [changed]
    assert library.get("/v1/books?author=anon").json["total"] == 0
    gone = library("DELETE", at)
    assert (gone.status, gone.body) == (204, b"")
    assert library.get(at).status == 404
    assert library("DELETE", at).status == 404
    assert library.get("/v1/books").json["total"] == 0


def test_another_organization_sees_nothing(library: Caller, app: App) -> None:
    book = library.post("/v1/books", {"title": "Dune"}).json
    other = Caller(app, app.worlds.mint())
    assert other.get(f"/v1/books/{book['id']}").status == 404
    assert other.get("/v1/books").json["total"] == 0


def test_pages_cover_the_list_once(library: Caller) -> None:
    made = [library.post("/v1/books", {"title": f"Book {index}"}).json["id"] for index in range(7)]
    seen = [
        book["id"]
        for offset in range(0, 9, 3)
        for book in library.get(f"/v1/books?limit=3&offset={offset}").json["results"]
    ]
    assert seen == made


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, {"title": ["This field is required."]}),
        ({"title": ""}, {"title": ['"" is shorter than 1 character']}),
        ({"title": "x", "pages": "many"}, {"pages": ['"many" is not of type "integer"']}),
        ({"title": "a\0b"}, {"title": ["Null characters are not allowed."]}),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_kept(library: Caller, body: object, problem: object) -> None:
    refused = library.post("/v1/books", body)
    assert (refused.status, refused.json) == (400, problem)
    assert library.get("/v1/books").json["total"] == 0


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/v1/books?limit=0", 400),
        ("/v1/books?limit=abc", 400),
        ("/v1/books?limit=1&limit=2", 400),
        ("/v1/books?author=%00", 400),
        ("/v1/books?limit=%F0%9F%93%9E", 400),
        ("/v1/books/abc", 404),
        ("/v1/books/1e3", 404),
        ("/v1/books/%00", 404),
        ("/v1/books/%F0%9F%93%9E", 404),
        ("/v1/books/99999999999999999999999999", 404),
        ("/v1/books/", 404),
        ("/v1/bocks", 404),
    ],
)
def test_bad_targets_are_refused_in_the_apis_shape(library: Caller, target: str, status: int) -> None:
    refused = library.get(target)
    assert refused.status == status
    assert refused.headers["content-type"] == "application/json"
    assert all(isinstance(value, str | list) for value in refused.json.values())


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b'{"title": ', "application/json", 400),
        (b'"\xff"', "application/json", 400),
        (b"[" * 10_000 + b"]" * 10_000, "application/json", 400),
        (b'{"title": ' + b"[" * 200 + b"]" * 200 + b"}", "application/json", 400),
        (b'{"title": "x"}', "text/plain", 415),
        (b"title=x", "application/x-www-form-urlencoded", 415),
        (b"", "application/json", 400),
        (b'"' + b"x" * 10_000_000 + b'"', "application/json", 413),
    ],
)
def test_bad_bodies_are_refused(library: Caller, body: bytes, media_type: str, status: int) -> None:
    refused = library.post("/v1/books", body=body, headers={"content-type": media_type})
    assert refused.status == status
    assert refused.json.keys() <= {"detail"}
    assert library.get("/v1/books").json["total"] == 0


def test_what_stands_at_a_path_is_said_by_405_and_options(library: Caller) -> None:
    refused = library("PUT", "/v1/books/1")
    assert (refused.status, refused.headers["allow"]) == (405, "DELETE, GET, HEAD, OPTIONS, PATCH")
    asked = library(
        "OPTIONS",
        "/v1/books",
        headers={
            "origin": "https://app.example",
            "access-control-request-method": "POST",
            "access-control-request-headers": "authorization, content-type",
        },
    )
    assert asked.status == 204
    assert asked.headers["access-control-allow-origin"] == "*"
    assert "POST" in asked.headers["access-control-allow-methods"]
    assert asked.headers["access-control-allow-headers"] == "authorization, content-type"


def test_head_is_get_without_its_body(library: Caller) -> None:
    got, head = library.get("/v1/books"), library("HEAD", "/v1/books")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == str(len(got.body))


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic sk_test_x", "Bearer sk_unknown"])
def test_without_a_known_key_nothing_is_answered(app: App, header: str | None) -> None:
    stranger = Caller(app, None)
    refused = stranger.get("/v1/books", headers={} if header is None else {"authorization": header})
    assert refused.status == 401
    assert refused.headers["www-authenticate"] == "Bearer"
    assert isinstance(refused.json["detail"], str)


def test_what_was_misspelled_is_said_and_strictness_refuses_it(library: Caller) -> None:
    lenient = library.get("/v1/books?autor=x")
    assert lenient.status == 200
    assert "Did you mean author?" in lenient.headers["x-mock-warning"]
    strict_app = build(Settings(spec=SPEC, strict=True))
    strict = Caller(strict_app, strict_app.worlds.mint())
    assert "Did you mean author?" in strict.get("/v1/books?autor=x").json["autor"][0]
    assert strict.post("/v1/books", {"title": "x", "autor": "y"}).status == 400


def test_an_operation_without_a_role_says_that_its_answer_is_an_example(library: Caller) -> None:
    answer = library.get("/v1/ping")
    assert (answer.json, answer.headers["x-mock-source"]) == ({"ok": True}, "example")
