"""Small pages, one difficulty each: what is read, and what is reported with its line."""

# ruff: noqa: RUF001 (the dashes and quotes that pages use)

from typing import Any

import pytest

from mockserver.compiler.contract import compile_pages
from mockserver.compiler.pages import LONGEST_LINE, page_of
from mockserver.compiler.problems import Problems, UndecidedPages

BOOKS = """\
# Books

## Endpoints

| Method | Path | Description |
| --- | --- | --- |
| GET | /v1/books | List books |
| POST | /v1/books | Add a book |
| PUT | /v1/books/{book_id} | Update a book |
| PATCH | /v1/books/{book_id} | Update a book |

## Book object

| Field | Type | Description |
| --- | --- | --- |
| book_id | integer | Its number |
| shelf | string \\| null | Where it stands |
"""


def table(*rows: str) -> str:
    """A tidy table; rows are cells with `|` between, the first row its headings."""
    lines = [f"| {row} |" for row in rows]
    rule = "|" + " - |" * (rows[0].count("|") + 1)
    return "\n".join([lines[0], rule, *lines[1:]]) + "\n"


def books(*parts: str) -> str:
    """The books page with more sections."""
    return BOOKS + "\n" + "\n\n".join(parts) + "\n"


def compiled(*texts: str) -> dict[str, Any]:
    return compile_pages(*read(*texts)).document


def read(*texts: str) -> tuple[list[Any], Problems]:
    problems = Problems()
    pages = [page_of(f"page{index or ''}.md", text.encode(), problems) for index, text in enumerate(texts)]
    return pages, problems


def reports(*texts: str) -> list[str]:
    """What stops the build of these pages."""
    with pytest.raises(UndecidedPages) as caught:
        compiled(*texts)
    return [str(problem) for problem in caught.value.problems]


def notes(text: str) -> list[str]:
    """What the build of this page leaves open."""
    return [str(note) for note in compile_pages(*read(text)).notes]


def line_of(text: str, piece: str) -> int:
    return text[: text.index(piece)].count("\n") + 1


def fields(table: str, extra: str = "") -> dict[str, Any]:
    """The properties of a Thing object described by `table`."""
    document = compiled(f"{BOOKS}\n## Thing object\n\n{table}\n\n{extra}")
    properties = document["components"]["schemas"]["Thing"]["properties"]
    return {
        name: {key: value for key, value in schema.items() if key not in ("description", "x-source")}
        for name, schema in properties.items()
    }


def field(kind: str, words: str) -> dict[str, Any]:
    """The schema of one field of type `kind` described by `words`."""
    schema: dict[str, Any] = fields(f"| Field | Type | Description |\n| - | - | - |\n| it | {kind} | {words} |")[
        "it"
    ]
    return schema


# Words that constrain.


@pytest.mark.parametrize(
    ("kind", "words", "keywords"),
    [
        ("integer", "Page size (1-200)", {"minimum": 1, "maximum": 200}),
        ("integer", "1–200", {"minimum": 1, "maximum": 200}),
        ("integer", "Page size, between 1 and 200.", {"minimum": 1, "maximum": 200}),
        ("integer", "How many; ≥0", {"minimum": 0}),
        ("integer", "How many, at least 1", {"minimum": 1}),
        ("integer", "Page size (max 1,000)", {"maximum": 1000}),
        ("integer", "At most 200, default 50", {"maximum": 200, "default": 50}),
        ("integer", "Page size, 200 max", {"maximum": 200}),
        ("number", "0.0–1.0 quality", {"minimum": 0, "maximum": 1}),
        ("number", "Greater than 0", {"exclusiveMinimum": 0}),
        ("integer", "One of 7, 14 or 30", {"enum": [7, 14, 30]}),
        ("string", "1–120 chars", {"minLength": 1, "maxLength": 120}),
        ("string", "What to call it, at most 40 characters", {"maxLength": 40}),
        ("string", "exactly 3 digits", {"pattern": "^[0-9]{3}$"}),
        ("string", "csv or json", {"enum": ["csv", "json"]}),
        ("string", "`a`, `b`, or `c`: how it is sorted", {"enum": ["a", "b", "c"]}),
        ("string", "How it is sorted: “up”, “down”", {"enum": ["up", "down"]}),
        ("string", "Mood (good, fair, poor)", {"enum": ["good", "fair", "poor"]}),
        ("string", "Always `book`", {"const": "book"}),
        ("string", "in_progress, done. Final once done", {"enum": ["in_progress", "done"]}),
        ("string", "One of `red`, `green`; defaults to `red`", {"enum": ["red", "green"], "default": "red"}),
        ("array of string", "up to 5 items", {"items": {"type": "string"}, "maxItems": 5}),
        ("boolean", "Whether to wait. Default: false", {"default": False}),
    ],
)
def test_constraints_are_read_from_words(kind: str, words: str, keywords: dict[str, Any]) -> None:
    found = field(kind, words)
    found.pop("type")
    assert found == keywords


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("string", "Free text, e.g. red, green, blue"),
        ("string", "Colours such as red, green"),
        ("string", "red, green, etc."),
        ("string", "Usually 3–5 words"),
        ("integer", "Seen 2026-04-20"),
        ("integer", "Seconds, minutes"),
        ("integer", "Retries happen 3-5 times"),
        ("string", "Name of the default shelf"),
        ("object", "Quality (0-100)"),
    ],
)
def test_words_that_constrain_nothing(kind: str, words: str) -> None:
    assert field(kind, words) == {"type": kind}


@pytest.mark.parametrize(
    ("kind", "schema"),
    [
        ("ISO 8601", {"type": "string", "format": "date-time"}),
        ("UUID", {"type": "string", "format": "uuid"}),
        ("E.164", {"type": "string", "pattern": r"^\+[1-9][0-9]{1,14}$"}),
        ("string (email)", {"type": "string", "format": "email"}),
        ("integer (int64) \\| null", {"type": ["integer", "null"], "format": "int64"}),
        ("string (uuid), nullable", {"anyOf": [{"type": "string", "format": "uuid"}, {"type": "null"}]}),
        ("`string[]`", {"type": "array", "items": {"type": "string"}}),
        ("array of integers", {"type": "array", "items": {"type": "integer"}}),
        ("map of string to number", {"type": "object", "additionalProperties": {"type": "number"}}),
        ("[Book](#book-object)", {"$ref": "#/components/schemas/Book"}),
        ("Book \\| null", {"anyOf": [{"$ref": "#/components/schemas/Book"}, {"type": "null"}]}),
        ("array of Books objects", None),
        ("string \\| integer", {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
        ("any", {}),
    ],
)
def test_type_words(kind: str, schema: dict[str, Any] | None) -> None:
    if schema is None:
        with pytest.raises(UndecidedPages, match="is not a type I know"):
            field(kind, "It")
    else:
        assert field(kind, "It") == schema


# Damage that can be repaired.


def test_line_ends_tabs_marks_and_odd_spaces_change_nothing() -> None:
    text = BOOKS.replace("| shelf |", "|\tshelf\u00a0|").replace("# Books", "\ufeff# Books", 1)
    odd = text.replace("\n", "\r\n")

    assert compiled(odd) == compiled(BOOKS)


def test_a_table_inside_a_code_block_is_only_shown() -> None:
    shown = "```\n| Field | Type |\n| --- | --- |\n| colour | strange |\n```\n"

    assert compiled(BOOKS + "\n" + shown) == compiled(BOOKS)


def test_pipes_in_cells_by_escape_code_or_accident() -> None:
    table = (
        "| Field | Type | Description |\n| --- | --- | --- |\n"
        "| a | string \\| null | One |\n| b | `string | null` | Two |\n| c | string | null | Three |"
    )
    assert list(fields(table).values()) == [{"type": ["string", "null"]}] * 3


def test_cells_that_slid_left_where_only_one_place_fits() -> None:
    page = (
        "Endpoints\n| Method | Path | Description |\n|---|---|---|\nGET | /v1/books | List books |\n"
        "List books\nQuery parameters\n| Name | Type | Required | Default | Description |\n|---|---|---|---|---|\n"
        "limit | integer | no | 50 | Page size |\n"
        "after | integer | Only later ones | | |\n"
        "offset | integer | 0 | | |\n"
        "order | string | yes | asc, desc | |\n"
    )
    parameters = compiled(page)["paths"]["/v1/books"]["get"]["parameters"]
    found = {each["name"]: (each["required"], each["schema"], each.get("description")) for each in parameters}

    assert found == {
        "limit": (False, {"type": "integer", "default": 50}, "Page size"),
        "after": (False, {"type": "integer"}, "Only later ones"),
        "offset": (False, {"type": "integer", "default": 0}, None),
        "order": (True, {"type": "string", "enum": ["asc", "desc"]}, "asc, desc"),
    }


def test_a_lone_title_above_scraped_text_changes_nothing_but_the_tag() -> None:
    page = "Endpoints\nMethodPathDescription\nGET/v1/booksList books\n\nList books\n200 OK with a Book object.\n"
    titled = compiled("# Books\n\n" + page)

    assert titled["paths"]["/v1/books"]["get"]["responses"]["200"]["description"] == "A Book object"


# What is reported, with its place.


def page_with(table: str, example: str) -> str:
    return (
        f"{BOOKS}\n## Cover object\n\n| Field | Type | Description |\n| --- | --- | --- |\n{table}\n\n"
        f"```json\n{example}\n```\n"
    )


@pytest.mark.parametrize(
    ("example", "line", "what"),
    [
        ('{\n"title": 5,\n"colour": "red"}', 1, "at title: 5 is an integer, the table says string"),
        ('{\n"title": "x",\n"colour": "pink"}', 2, "at colour: 'pink' is not one of red, green"),
        (
            '{\n"title": "x",\n"colour": "red",\n"color": 1}',
            3,
            "at color: the table does not describe this field. Did you mean colour?",
        ),
        ('{\n"title": "",\n"colour": "red"}', 1, "at title: 0 characters, the table asks for 1"),
        ('{\n"title": null,\n"colour": "red"}', 1, "at title: None is null, the table says string"),
    ],
)
def test_an_example_that_contradicts_the_table_beside_it(example: str, line: int, what: str) -> None:
    text = page_with("| title | string | 1–9 chars |\n| colour | string | red or green |", example)
    first = line_of(text, "```json") + 1

    (report,) = reports(text)
    assert report.startswith(f"page.md:{first + line}: the example of the Cover object")
    assert report.endswith(what)


def test_a_field_that_the_example_leaves_out_is_believed_and_noted() -> None:
    text = page_with("| title | string | 1–9 chars |\n| colour | string | red or green |", '{"title": "x"}')
    document = compiled(text)
    assert list(document["components"]["schemas"]["Cover"]["properties"]) == ["title", "colour"]
    said = "the field 'colour' of the table is missing from this example"
    assert [note for note in notes(text) if note.endswith(said)]


def test_everything_wrong_is_reported_at_once_in_order() -> None:
    text = page_with(
        "| title | strnig | Its name |\n| pages | integer | 9–1 |\n| pages | integer | Again |", '{"pages": "x"}'
    )
    line = line_of(text, "| title |")

    assert reports(text) == [
        f"page.md:{line}: table row: 'strnig' is not a type I know. Did you mean string?",
        f"page.md:{line + 1}: pages: the range '9–1' runs backwards",
        f"page.md:{line + 2}: 'pages' is described twice; first on line {line + 1}",
        f"page.md:{line + 5}: the example of the Cover object at pages: 'x' is a string, the table says integer",
    ]


SCRAPED = """\
Endpoints
| Method | Path | Description |
|---|---|---|
GET | /v1/books | List books |
List books
Query parameters
| Param | Type | Default | Description |
|---|---|---|---|
"""
FLAT = """\
Endpoints

MethodPathDescription
GET/v1/booksList books

List books

Query parameters

"""
COVER = "## Cover object"


@pytest.mark.parametrize(
    ("text", "piece", "what"),
    [
        (books("```json\n{}"), "```json", "is never closed"),
        (books("\x00"), "\x00", "control character U+0000"),
        (books("x" * (LONGEST_LINE + 1)), "xxx", "the longest I read is"),
        (
            books(COVER, table("Field | Type | Since", "a | string | v2")),
            "| Field | Type | S",
            "'Since' is not one",
        ),
        (BOOKS.replace("| POST |", "| GET |"), "| GET | /v1/books | Add", "listed twice; first on line 7"),
        (
            books("## Book object", table("Field | Type", "a | string")),
            "## Book object\n\n| Field | Type |\n",
            "twice",
        ),
        (
            books("## Add a book", table("Parameter | Type", "a | string")),
            "| Parameter",
            "in the query or in the body?",
        ),
        (
            books("## Add a book", table("Field | Type", "a | string")),
            "| Field | Type |\n",
            "takes or what it answers?",
        ),
        (
            books("## Update a book", table("Field | Type", "a | string")),
            "| Field | Type |\n",
            "name the method and path",
        ),
        (
            books("## Prices", table("Field | Type", "a | string")),
            "| Field | Type |\n",
            "about no operation or object",
        ),
        (
            books("## List books", table("Status | Condition", "404 | One", "404 | Two")),
            "| 404 | Two",
            "described twice",
        ),
        (
            books("## List books", "```bash\ncurl 'https://a.example/v1/books?limt=5'\n```"),
            "curl",
            "does not describe",
        ),
        (
            books("## List books", table("Query param | Required", "sort | yes")),
            "| sort",
            "the type of the parameter",
        ),
        (
            books(
                "## List books",
                "**Query parameters**",
                table("Param | Type | Default | Use", "n | integer | 9 | 10–20"),
            ),
            "| n |",
            "not one of its own allowed values",
        ),
        (
            books(COVER, table("Field | Type | Use", "a | string | One of red (warm), blue")),
            "| a |",
            "cannot read the values",
        ),
        (books(COVER, table("Field | Type | Use", "a | string | `x` or `x`")), "| a |", "names x twice"),
        (books(COVER, table("Field | Type | Use", "a | string | 1–9")), "| a |", "say characters"),
        (books(COVER, table("Field | Type | Use", "a | Bok | It")), "| a |", "Did you mean Book?"),
        (
            books(COVER, table("Field | Type | Use", "a b | string | It")),
            "| a b |",
            "does not fit the column name",
        ),
        (books(COVER, table("Field | Use", "a | It")), "| a |", "the type of 'a' is not given"),
        (SCRAPED + "sort | string | newest | |\n", "sort |", "can be read in several ways"),
        (FLAT + "ParamTypeDefaultDescription\nsortstringnewest\n", "sortstring", "can be read in several ways"),
        (FLAT + "ParamTypeDefaultDescription\nsizeinteger10–200\n", "sizeint", "where does the default end"),
        (FLAT + "ParamTypeDefaultDescription\nsizeintgerHow many\n", "sizeint", "no word in it is a type I know"),
        (FLAT + "ParamTypeDefaultDescription\nsizeinttHow many\n", "sizeint", "no word in it is a type I know"),
        (FLAT + "ParamTypeRequiredDescription\nmemostringnotes for you\n", "memostring", "no reading"),
        (
            "Endpoints\n\nMethodPathDescription\nGET/v1/bookShelvesList them\n",
            "GET/v1",
            "can be read in several ways",
        ),
        ("Nothing here.\n", "Nothing", "no operation on any page"),
        ("", "", "no operation on any page"),
    ],
)
def test_what_cannot_be_decided_is_reported_with_its_line(text: str, piece: str, what: str) -> None:
    found = reports(text)

    assert any(each.startswith(f"page.md:{line_of(text, piece)}: ") and what in each for each in found), found


def test_bytes_that_are_no_text_are_reported() -> None:
    problems = Problems()
    page_of("page.md", b"# Books\n\xff\n", problems)

    assert [str(problem) for problem in problems.fatal()] == [
        "page.md:2: byte 0xff is not UTF-8; save the page as UTF-8"
    ]


def test_an_operation_described_on_two_pages_is_reported() -> None:
    found = reports(BOOKS, BOOKS.replace("Book object", "Tome object"))

    assert "page1.md:7: GET /v1/books is also described at page.md:7" in found


# Which section is about which operation.


def test_a_command_binds_a_section_whatever_its_heading() -> None:
    command = "```bash\ncurl https://a.example/v1/books\n```"
    text = books("## What is on the shelves", command, "Returns an array of Book objects.")
    answer = compiled(text)["paths"]["/v1/books"]["get"]["responses"]["200"]

    assert answer["content"]["application/json"]["schema"] == {
        "type": "array",
        "items": {"$ref": "#/components/schemas/Book"},
    }


def test_the_method_and_path_below_a_heading_bind_it() -> None:
    body_text = "**Body**: any of the fields of [Book](#book-object)"
    text = books(
        "## Update a book", "`PATCH /v1/books/{book_id}`", body_text, "**Response 200**: [Book](#book-object)"
    )
    operations = compiled(text)["paths"]["/v1/books/{book_id}"]
    body = operations["patch"]["requestBody"]["content"]["application/json"]["schema"]

    assert body == {"$ref": "#/components/schemas/PatchedBook"}
    assert "200" in operations["patch"]["responses"]
    assert "default" in operations["put"]["responses"], "nothing is said about PUT, and nothing is guessed"


def test_headings_glued_to_a_sentence_open_their_section() -> None:
    page = (
        "Endpoints\n| Method | Path | Description |\n|---|---|---|\nGET | /v1/books | List books |\n"
        "POST | /v1/books | Add a book |\nAbout books.List books\nAll of them, on every shelf.Query parameters\n"
        "| Param | Type | Description |\n|---|---|---|\nlimit | integer | Page size (1–9) |\nAdd a book\n"
        "201 Created with the Book object.\n"
    )
    item = compiled(page)["paths"]["/v1/books"]

    assert [each["name"] for each in item["get"]["parameters"]] == ["limit"]
    assert list(item["post"]["responses"]) == ["201"]


@pytest.mark.parametrize(
    ("sentence", "statuses"),
    [
        (
            "Returns 201 Created with the Book object, or 409 if it is there.",
            {"201": "The Book object", "409": "It is there"},
        ),
        (
            "Responds with 201 and the new Book, or 422 Unprocessable Entity when it has no name.",
            {"201": "The new Book", "422": "It has no name"},
        ),
        ("`202 Accepted` - the book is being bound.", {"202": "The book is being bound"}),
        (
            "Returns 200 OK, usually within 201 ms, for up to 1,404 books.",
            {"200": "Usually within 201 ms, for up to 1,404 books"},
        ),
    ],
)
def test_statuses_are_read_from_sentences(sentence: str, statuses: dict[str, str]) -> None:
    responses = compiled(books("## Add a book", sentence))["paths"]["/v1/books"]["post"]["responses"]

    assert {code: each["description"] for code, each in responses.items()} == statuses


def test_a_path_parameter_is_typed_by_what_it_names() -> None:
    page = (
        "# Racks\n\n## Endpoints\n\n"
        + table("Method | Path", "GET | /v1/book-racks/{rack}", "GET | /v1/rooms/{room_id}")
        + "\n## Book rack object\n\n"
        + table("Field | Type", "id | UUID")
    )
    result = compile_pages(*read(page))
    shelf, room = (item["get"]["parameters"][0]["schema"] for item in result.document["paths"].values())

    assert shelf == {"type": "string", "format": "uuid"}
    assert room == {"type": "string"}
    assert any("nothing tells the type of the path parameter 'room_id'" in str(note) for note in result.notes)


def test_tables_and_statuses_that_are_not_read_are_noted() -> None:
    page = books(
        *("## Plans", table("Name | Price", "Small | 5")),
        *("## Words", table("Status | Meaning", "lent | Gone")),
        *("## Elsewhere", "Returns 410 Gone if it burnt."),
        *("## Mood object", table("Field | Type | Use", "a | string | `x` (new) or `y` (old)")),
    )
    notes = [str(note).split(": note: ")[1] for note in compile_pages(*read(page)).notes]

    assert "a table about 'Name' is not read: it has a column I do not know" in notes
    assert any("speaks of a status, but 'Elsewhere' is about no operation" in note for note in notes)
    assert any("is not read as the only values" in note for note in notes)


def test_an_object_described_by_its_example_alone() -> None:
    example = """```json
{
  "id": 7,            // given by the server
  "ratio": 0.5,
  "added": "2026-01-01T10:00:00Z",
  "cover": null,
  "pages": [1, 2.5],
  "readers": [ /* Reader objects */ ],
  "marks": [{"page": 3}, {"page": 4, "text": "x"}],
  ...
}
```"""
    reader = table("Field | Type", "name | string")
    page = books("## Copy object", example, "## Reader object", reader)
    properties = compiled(page)["components"]["schemas"]["Copy"]["properties"]
    found = {
        name: {key: value for key, value in schema.items() if key != "x-source"}
        for name, schema in properties.items()
    }
    marks = found.pop("marks")["items"]

    assert found == {
        "id": {"type": "integer"},
        "ratio": {"type": "number"},
        "added": {"type": "string", "format": "date-time"},
        "cover": {},
        "pages": {"type": "array", "items": {"type": "number"}},
        "readers": {"type": "array", "items": {"$ref": "#/components/schemas/Reader"}},
    }
    assert list(marks["properties"]) == ["page", "text"]
    assert marks["required"] == ["page"]


def test_a_request_known_by_its_command_alone_is_open_and_noted() -> None:
    command = '```bash\ncurl https://a.example/v1/books -d \'{"title": "x"}\'\n```'
    result = compile_pages(*read(books("## Add a book", command, "Returns 201 Created with the Book object.")))
    body = result.document["paths"]["/v1/books"]["post"]["requestBody"]["content"]["application/json"]

    assert list(body["schema"]["properties"]) == ["title"]
    assert "required" not in body["schema"]
    assert any("only an example tells what POST /v1/books takes" in str(note) for note in result.notes)


def test_two_sections_about_one_operation_are_read_together() -> None:
    command = "```bash\ncurl 'https://a.example/v1/books?limit=5'\n```"
    rows = table("Query param | Type", "limit | integer")
    operation = compiled(books("## List books", rows, "## Example of paging", command))["paths"]["/v1/books"][
        "get"
    ]

    assert [each["name"] for each in operation["parameters"]] == ["limit"]


def test_the_body_of_a_status_row_names_an_object_or_is_reported() -> None:
    rows = table("Status | Body | Meaning", "200 | array of Book | All", "404 | — | None")
    responses = compiled(books("## List books", rows))["paths"]["/v1/books"]["get"]["responses"]

    assert responses["200"]["content"]["application/json"]["schema"]["items"] == {
        "$ref": "#/components/schemas/Book"
    }
    assert "content" not in responses["404"]
    wrong = books("## List books", rows.replace("array of Book", "array of Boook"))
    line = line_of(wrong, "Boook")
    assert reports(wrong) == [f"page.md:{line}: 'Boook' is not a type I know. Did you mean Book?"]


def test_versions_of_one_path_get_ids_of_their_own() -> None:
    page = "# Books\n\n## Endpoints\n\n| Method | Path |\n| - | - |\n| GET | /v1/books |\n| GET | /v2/books |\n"
    paths = compiled(page)["paths"]

    assert [paths[path]["get"]["operationId"] for path in paths] == ["books_list", "v2_books_list"]


def test_shared_responses_fill_the_bodies_that_operations_leave_out() -> None:
    errors = (
        "# Errors\n\n## Problem object\n\n| Field | Type |\n| - | - |\n| detail | string |\n\n## Shared\n\n"
        "| Status | Body | Applies to | Meaning |\n| - | - | - | - |\n"
        "| 404 | Problem | operations with a path parameter | Not there |\n"
        "| 409 | Problem | where documented | In the way |\n"
    )
    books = BOOKS + "\n## Add a book\n\nReturns 201 Created with the Book object, or 409 if it is there already.\n"
    paths = compiled(books, errors)["paths"]

    conflict = paths["/v1/books"]["post"]["responses"]["409"]
    assert conflict["description"] == "It is there already"
    assert conflict["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Problem"}
    assert paths["/v1/books/{book_id}"]["put"]["responses"]["404"] == {"$ref": "#/components/responses/NotFound"}
    assert "404" not in paths["/v1/books"]["get"]["responses"]


def test_events_become_webhooks_with_an_envelope() -> None:
    events = (
        "# Events\n\n## Events\n\n| Event | Data | Reply | Sent when |\n| - | - | - | - |\n"
        "| book.asked | Book | Book | Somebody asks |\n| book.lost | Book | — | It is gone [invented] |\n"
    )
    webhooks = compiled(BOOKS, events)["webhooks"]
    asked, lost = webhooks["book.asked"]["post"], webhooks["book.lost"]["post"]

    envelope = asked["requestBody"]["content"]["application/json"]["schema"]
    assert envelope["properties"]["type"] == {"type": "string", "const": "book.asked"}
    assert envelope["properties"]["data"] == {"$ref": "#/components/schemas/Book"}
    assert envelope["required"] == ["type", "data", "event_id"]
    assert asked["x-blocking"] is True
    assert "200" in asked["responses"]
    assert "x-blocking" not in lost
    assert lost["x-invented"] is True
    assert lost["description"] == "It is gone"


def test_one_of_several_objects_told_apart_by_a_field() -> None:
    text = books(
        "## Entry object",
        "One of [Loan](#loan-object) or [Return](#return-object), told apart by `type`.",
        "## Loan object",
        table("Field | Type | Description", "type | string | Always `loan`"),
        "## Return object",
        "Every field of [Book](#book-object), and the day.",
        table("Field | Type | Description", "type | string | Always `return`", "day | date | When"),
    )
    schemas = compiled(text)["components"]["schemas"]

    assert schemas["Entry"]["discriminator"] == {
        "propertyName": "type",
        "mapping": {"loan": "#/components/schemas/Loan", "return": "#/components/schemas/Return"},
    }
    assert schemas["Return"]["required"] == ["book_id", "shelf", "type", "day"]
