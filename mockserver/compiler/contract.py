"""From a folder of pages, or a typed client's surface, to the text of an OpenAPI document."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mockserver.compiler.checks import check_examples
from mockserver.compiler.document import Document, document_of, shared_responses
from mockserver.compiler.facts import Reading
from mockserver.compiler.overrides import Overrides, apply_overrides, read_overrides
from mockserver.compiler.pages import Page, read_folder
from mockserver.compiler.paths import join_equal_shapes
from mockserver.compiler.problems import Place, Problem, Problems, UndecidedPages
from mockserver.compiler.reading import read_pages
from mockserver.compiler.shared_responses import share
from mockserver.compiler.surface import document_of_surface, read_surface
from mockserver.errors import SpecError

SURFACE = "surface.json"

HEADER = """\
# GENERATED from {origin} by `{command}`: do not edit.
# Facts are corrected there or, where that cannot say them, in the overrides file.
"""

_TOP = ("openapi", "info", "servers", "security", "tags", "paths", "webhooks", "components")


@dataclass(frozen=True, slots=True)
class Compiled:
    """A compiled document and the notes about what its pages leave open."""

    document: Document
    notes: tuple[Problem, ...]


def compile_folder(folder: Path, *, overrides: Path | None = None) -> Compiled:
    """The document of the pages in `folder`, corrected by the `overrides` file.

    Raises UndecidedPages with every problem of the pages, or SpecError for a wrong overrides file.
    """
    problems = Problems()
    pages = read_folder(folder, problems)
    if not pages:
        raise SpecError(f"{folder}: no pages here; I read .md and .txt files")
    wanted = read_overrides(overrides) if overrides is not None else None
    return compile_pages(pages, problems, overrides=wanted, file=overrides.name if overrides else "overrides")


def compile_pages(
    pages: list[Page], problems: Problems, *, overrides: Overrides | None = None, file: str = "overrides"
) -> Compiled:
    """As `compile_folder`, for pages already read; `problems` holds what reading them found."""
    reading = read_and_check(pages, problems)
    document = document_of(reading, problems)
    join_equal_shapes(document)
    if not reading.operations:
        problems.report(
            Place(pages[0].name, 1),
            "no operation on any page: no endpoint table, and no heading naming a method and path",
        )
    if problems.fatal():
        raise UndecidedPages(problems.fatal())
    if overrides is not None:
        apply_overrides(document, overrides, file=file)
    shared = shared_responses(reading, problems)
    if problems.fatal():
        raise UndecidedPages(problems.fatal())
    share(document, [*shared, *(overrides.shared() if overrides is not None else ())])
    return Compiled(_in_order(document), tuple(problems.notes()))


def compile_surface(surface: Path, *, overrides: Path | None = None) -> Compiled:
    """The document of a typed client's surface, corrected by the `overrides` file. Raises SpecError."""
    document = document_of_surface(read_surface(surface))
    join_equal_shapes(document)
    if overrides is not None:
        wanted = read_overrides(overrides)
        apply_overrides(document, wanted, file=overrides.name)
        share(document, wanted.shared())
    return Compiled(_in_order(document), ())


def _in_order(document: Document) -> Document:
    """The document with the keys people look for first."""
    ordered = {key: document[key] for key in _TOP if document.get(key)}
    return ordered | {key: value for key, value in document.items() if key not in ordered and value}


def read_and_check(pages: list[Page], problems: Problems) -> Reading:
    """What the pages say, with every example compared to the tables beside it."""
    reading = read_pages(pages, problems)
    check_examples(reading, problems)
    return reading


def lint_folder(folder: Path) -> list[Problem]:
    """Everything the compiler finds wrong or left open in the pages of `folder`."""
    problems = Problems()
    pages = read_folder(folder, problems)
    if not pages:
        raise SpecError(f"{folder}: no pages here; I read .md and .txt files")
    document_of(read_and_check(pages, problems), problems)
    return problems.all()


def to_yaml(document: Document, *, origin: str, command: str) -> str:
    """The document as YAML text: no aliases, keys in the given order, the same bytes each time."""
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

        def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
            return super().increase_indent(flow, False)

    text = yaml.dump(document, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=110)
    return HEADER.format(origin=origin, command=command) + text


def compile_contract(folder: Path) -> tuple[Compiled, str]:
    """The contract in `folder` and the text of its `openapi.yaml`.

    It is made of the pages in `docs/`, or of a typed client's `surface.json`, and of `overrides.yaml` or the files
    in `overrides/`. Raises as `compile_folder`.
    """
    found = [folder / "overrides.yaml", folder / "overrides"]
    corrected = next((each for each in found if each.exists()), None)
    if (folder / SURFACE).exists():
        origin, compiled = SURFACE, compile_surface(folder / SURFACE, overrides=corrected)
    else:
        origin, compiled = "the pages in docs/", compile_folder(folder / "docs", overrides=corrected)
    return compiled, to_yaml(compiled.document, origin=origin, command=f"mockserver spec build {folder.name}")
