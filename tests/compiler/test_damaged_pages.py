"""However a page is damaged, it is compiled or reported with places on the page; nothing else happens."""

from collections.abc import Sequence
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from openapi_spec_validator import validate

from mockserver.compiler.contract import compile_pages
from mockserver.compiler.pages import page_of
from mockserver.compiler.problems import Problem, Problems, UndecidedPages

PAGES = [
    path.read_text(encoding="utf-8") for path in sorted((Path(__file__).parent / "samples").rglob("parcels.*"))
]
LINES = [line for page in PAGES for line in page.splitlines()]

edits = st.lists(
    st.tuples(
        st.sampled_from(["delete", "repeat", "insert", "cut", "glue", "type"]),
        st.integers(0, 200),
        st.integers(0, 80),
        st.sampled_from([*LINES, "|", "`", "```", "{", "]", '"', "–", "\\", "# ", "\x00"]),  # noqa: RUF001
    ),
    min_size=1,
    max_size=5,
)


def damaged(page: str, changes: Sequence[tuple[str, int, int, str]]) -> str:
    lines = page.splitlines()
    for kind, where, column, piece in changes:
        at = where % len(lines)
        match kind:
            case "delete":
                lines[at] = ""
            case "repeat":
                lines.insert(at, lines[at])
            case "insert":
                lines.insert(at, piece)
            case "cut":
                lines[at] = lines[at][:column]
            case "glue":
                lines[at] += lines[(at + 1) % len(lines)]
            case "type":
                lines[at] = lines[at][:column] + piece + lines[at][column:]
    return "\n".join(lines) + "\n"


@given(st.sampled_from(PAGES), edits)
def test_a_damaged_page_compiles_to_a_valid_document_or_is_reported(
    page: str, changes: list[tuple[str, int, int, str]]
) -> None:
    text = damaged(page, changes)
    problems = Problems()
    reported: list[Problem] = []
    try:
        document = compile_pages([page_of("page.md", text.encode(), problems)], problems).document
    except UndecidedPages as error:
        reported = error.problems
    else:
        validate(document)
    assert all(1 <= problem.place.line <= text.count("\n") + 1 for problem in reported)
