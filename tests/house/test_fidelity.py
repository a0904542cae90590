"""The fidelity pages: nothing is left out, and nothing is shown surer than it is."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from docs_site import fidelity
from docs_site.pages import contracts
from docs_site.standing import Fact, Sources, Word, events, operations, read_sources, schemas

ALL = {sources.name: sources for sources in contracts()}

PAGE = """\
# Books

| Method | Path | Description |
| --- | --- | --- |
| GET | /v1/books/{book_id} | Retrieve a book |

## Book object

| Field | Type | Description |
| --- | --- | --- |
| id | integer | Given by the server |
| title | string | What it is called |
| shelf | string | Where it stands [invented] |

## Retrieve a book

`GET /v1/books/{book_id}`

**Response 200**: [Book](#book-object)
"""

OVERRIDES = """\
schemas:
  Book:
    reason: Somebody must have written it, and titles are short.
    source: SOURCE
    merge: {properties: {author: {type: string}, title: {maxLength: 80}}}
conflicts:
  - {topic: What a book is, winner: paper, reason: The page says so., source: books.md}
"""


def facts(sources: Sources) -> list[Fact]:
    found = [fact for _, _, _, each in operations(sources) for fact in each]
    return found + [fact for _, _, each in [*schemas(sources), *events(sources)] for fact in each]


def made(folder: Path, source: str) -> Sources:
    """A contract of one page, compiled."""
    from mockserver.compiler.contract import compile_contract

    (folder / "docs").mkdir(parents=True)
    (folder / "docs" / "books.md").write_text(PAGE)
    (folder / "overrides.yaml").write_text(OVERRIDES.replace("SOURCE", source))
    (folder / "openapi.json").write_text(json.dumps(compile_contract(folder)[0].document))
    return read_sources(folder)


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("ours", Word.ASSUMED),
        ("a later client; ours (the length)", Word.ASSUMED),
        ("a later client", Word.CLIENT),
        ("a guide of May", Word.DOCUMENTED),
    ],
)
def test_each_field_is_as_sure_as_its_source(tmp_path: Path, source: str, word: Word) -> None:
    sources = made(tmp_path / "books-1", source)
    found = {fact.name: fact for fact in facts(sources) if fact.owner == "Book"}
    assert (found["id"].word, found["id"].source, found["id"].reason) == (
        Word.DOCUMENTED,
        "books.md#book-object",
        "",
    )
    assert found["shelf"].word is Word.INVENTED
    assert (found["author"].word, found["author"].source) == (word, source)
    assert found["title"].word is word, "a changed field is as sure as the change"
    assert "titles are short" in found["title"].reason
    page = fidelity.page(sources)
    assert "| What a book is | paper | The page says so. | books.md |" in page
    assert "[books: book object](../pages/books-1/books.md#book-object)" in page


def fields(schema: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(schema, dict):
        for name, field in schema.get("properties", {}).items():
            yield name, field
            yield from fields(field)
        yield from fields(schema.get("items"))
        for key in ("anyOf", "oneOf", "allOf"):
            for each in schema.get(key, ()):
                yield from fields(each)


@pytest.mark.parametrize("name", sorted(ALL))
def test_everything_has_a_row(name: str) -> None:
    sources = ALL[name]
    ids = {node["operationId"] for item in sources.document["paths"].values() for node in item.values()}
    assert {fact.owner for _, _, _, found in operations(sources) for fact in found} == ids
    for schema_name, schema, found in schemas(sources):
        shown = [fact.name.rsplit(".", 1)[-1].removesuffix("[]") for fact in found if fact.name]
        assert sorted(shown) == sorted(each for each, _ in fields(schema)), schema_name
    assert {each for each, _, _ in events(sources)} == set(sources.document.get("webhooks", {}))


def test_nothing_invented_is_shown_as_anything_else() -> None:
    marked = 0
    for sources in ALL.values():
        for name, schema, found in schemas(sources):
            words = {fact.name.rsplit(".", 1)[-1]: fact.word for fact in found}
            invented = [each for each, field in fields(schema) if field.get("x-invented") is True]
            assert {words[each] for each in invented} <= {Word.INVENTED}, f"{sources.name}: {name}"
            if schema.get("x-invented") is True:
                invented += words
                assert {fact.word for fact in found} == {Word.INVENTED}, f"{sources.name}: {name}"
            marked += len(invented)
    assert marked > 50, "there is something to look at"


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_conflict_is_told(name: str) -> None:
    page = fidelity.page(ALL[name])
    for conflict in ALL[name].overrides.conflicts:
        assert conflict.topic.replace("|", "\\|") in page
        assert conflict.winner.replace("|", "\\|") in page
