"""Sections of a page, and which operation or object each one describes."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from mockserver.compiler.blocks import (
    LABEL,
    SCRAPED,
    Block,
    Example,
    Heading,
    Mention,
    Table,
    Text,
    is_markdown,
    stands_like_heading,
)
from mockserver.compiler.columns import Column
from mockserver.compiler.commands import Command
from mockserver.compiler.endpoints import Endpoint, find_endpoint, likeness
from mockserver.compiler.labels import Label, Part, object_name, slug, structural
from mockserver.compiler.pages import Page
from mockserver.compiler.problems import Place, Problems
from mockserver.compiler.rows import METHODS
from mockserver.compiler.typewords import strip_markup


@dataclass(slots=True)
class Piece:
    """A run of blocks under one structural heading (`label`), or directly under the section's own (None)."""

    label: Label | None
    line: int
    blocks: list[Block] = field(default_factory=list)


@dataclass(slots=True)
class Section:
    """A heading and what stands under it. At most one of `endpoint`, `object` and `listing` is set."""

    heading: str
    line: int
    level: int
    pieces: list[Piece]
    parent: "Section | None" = None
    endpoint: Endpoint | None = None
    object: str | None = None
    listing: bool = False

    def blocks(self) -> list[Block]:
        """Every block of the section, in order."""
        return [block for piece in self.pieces for block in piece.blocks]

    def commands(self) -> list[Command]:
        """The curl commands of the section."""
        return [block for block in self.blocks() if isinstance(block, Command)]


@dataclass(slots=True)
class Outline:
    """A page's title (Markdown only), its sections and the operations it lists."""

    page: Page
    title: str
    markdown: bool
    sections: list[Section]
    endpoints: list[Endpoint]

    def place(self, line: int) -> Place:
        """A line of this page."""
        return Place(self.page.name, line)

    def source(self, heading: str) -> str:
        """The provenance of what stands under `heading`: "calls.md#call-object"."""
        return f"{self.page.name}#{slug(heading)}" if heading else self.page.name


def outline(page: Page, blocks: Sequence[Block], problems: Problems) -> Outline:
    """Cut `blocks` into sections and bind each to the operation or object it describes."""
    markdown = is_markdown(page)
    builder = _Builder(page, blocks, problems, markdown=markdown)
    return builder.build()


class _Builder:
    def __init__(self, page: Page, blocks: Sequence[Block], problems: Problems, *, markdown: bool) -> None:
        self.page = page
        self.blocks = list(blocks)
        self.problems = problems
        self.markdown = markdown
        self.endpoints: list[Endpoint] = []
        self.sections: list[Section] = []
        self.title = ""

    def place(self, line: int) -> Place:
        return Place(self.page.name, line)

    def build(self) -> Outline:
        self.collect_endpoints()
        if not self.markdown:
            self.blocks = list(self.unglued(self.blocks))
        self.cut()
        self.bind()
        return Outline(self.page, self.title, self.markdown, self.sections, self.endpoints)

    # Endpoints.

    def collect_endpoints(self) -> None:
        heading = ""
        listing = False
        for block in self.blocks:
            if isinstance(block, Heading):
                found = operation_in(block.text)
                if found:
                    self.declare(*found, "", block.line, slug(block.text), mark=True)
                if block.level != LABEL:
                    label = structural(block.text)
                    listing = label is not None and label.part is Part.ENDPOINTS
                    heading = block.text
            elif isinstance(block, Table):
                for row in block.rows:
                    if row.has(Column.METHOD) and row.has(Column.PATH):
                        method, path = strip_markup(row.get(Column.METHOD)), strip_markup(row.get(Column.PATH))
                    elif row.has(Column.ENDPOINT):
                        method, _, path = strip_markup(row.get(Column.ENDPOINT)).partition(" ")
                    else:
                        continue
                    text = strip_markup(row.get(Column.TEXT))
                    self.declare(method, path.strip(), text, row.line, slug(heading), mark=False)
            elif isinstance(block, Mention) and (not block.item or listing):
                self.declare(
                    block.method,
                    block.path,
                    strip_markup(block.text),
                    block.line,
                    slug(heading),
                    mark=not block.item,
                )

    def declare(self, method: str, path: str, text: str, line: int, source: str, *, mark: bool) -> None:
        """Add an operation; a `mark` (a heading or line naming it) may repeat what a table listed."""
        path = re.sub(r"(?<=/):(\w+)", r"{\1}", re.sub(r"^https?://[^/]+", "", path).split("?")[0])
        shape = _shape(path)
        for known in self.endpoints:
            if known.method == method.upper() and _shape(known.path) == shape:
                if not mark:
                    self.problems.report(
                        self.place(line), f"{method} {path} is listed twice; first on line {known.place.line}"
                    )
                return
        if re.search(r"[{}]", re.sub(r"\{\w+\}", "", path)):
            self.problems.report(self.place(line), f"the path {path} has unbalanced braces")
            return
        self.endpoints.append(Endpoint(method.upper(), path, text, self.place(line), source))

    # Scraped pages: headings glued to the end of a sentence.

    def unglued(self, blocks: Iterable[Block]) -> Iterable[Block]:
        for block in blocks:
            if not isinstance(block, Text) or block.item:
                yield block
                continue
            lines: list[tuple[int, str]] = []
            follows = [text for _, text in block.lines[1:]] + [""]
            for (number, text), after in zip(block.lines, follows, strict=True):
                if stands_like_heading(text) and not after[:1].islower() and self.means_something(text):
                    if lines:
                        yield Text(tuple(lines))
                    yield Heading(number, SCRAPED, text)
                    lines = []
                    continue
                glued = re.search(r"(?<=[.!?)])([A-Z][^.!?|=:]{1,60})$", text)
                if glued and self.means_something(glued[1]):
                    lines.append((number, text[: glued.start()]))
                    yield Text(tuple(lines))
                    yield Heading(number, SCRAPED, glued[1])
                    lines = []
                else:
                    lines.append((number, text))
            if lines:
                yield Text(tuple(lines))

    def means_something(self, heading: str) -> bool:
        return bool(structural(heading) or object_name(heading) or self.match(heading))

    # Sections.

    def cut(self) -> None:
        current = Section("", 1, -1, [Piece(None, 1)])
        self.sections.append(current)
        fresh_label = False
        for block in self.blocks:
            if not isinstance(block, Heading):
                current.pieces[-1].blocks.append(block)
                fresh_label = False
                continue
            label = structural(block.text)
            scraped = block.level == SCRAPED
            if label is not None and label.part is not Part.ENDPOINTS:
                current = self.owner(block, current)
                current.pieces.append(Piece(label, block.line))
                fresh_label = True
                continue
            if block.level == LABEL:
                current.pieces[-1].blocks.append(Text(((block.line, block.text + "."),)))
                continue
            name = object_name(block.text)
            if scraped and fresh_label and not name and label is None and not self.match(block.text):
                current.pieces[-1].blocks.append(Text(((block.line, block.text),)))
                fresh_label = False
                continue
            if block.level == 1 and not self.title:
                self.title = strip_markup(block.text)
            level = 1 if scraped else block.level
            parent = current
            while parent.level >= level and parent.parent:
                parent = parent.parent
            current = Section(
                block.text,
                block.line,
                level,
                [Piece(None, block.line)],
                parent=parent if parent.level < level else None,
                object=name,
                listing=label is not None,
            )
            self.sections.append(current)
            fresh_label = False

    def owner(self, heading: Heading, current: Section) -> Section:
        """The section a structural heading belongs to: the nearest less deep one, else the one before."""
        if heading.level in (SCRAPED, LABEL):
            return current
        section: Section | None = current
        while section is not None and section.level >= heading.level:
            section = section.parent
        if section is None or section.level <= 1:
            same_depth = current.level == heading.level and (current.object or self.could_bind(current))
            return current if same_depth or section is None else section
        return section

    def could_bind(self, section: Section) -> bool:
        return bool(self.commands_of(section) or operation_in(section.heading) or self.match(section.heading))

    # Binding sections to operations.

    def bind(self) -> None:
        sure: dict[int, Endpoint] = {}
        for section in self.sections:
            if section.object or section.listing:
                continue
            if endpoint := self.named(section):
                sure[id(section)] = endpoint
        claimed = set(sure.values())
        likely: dict[Endpoint, list[tuple[tuple[float, ...], Section]]] = {}
        for section in self.sections:
            if section.object or section.listing or id(section) in sure:
                continue
            match = self.match(section.heading)
            if match and match[1] in claimed and match[0][0]:
                sure[id(section)] = match[1]  # a heading that names what a command elsewhere shows
            elif match and match[1] not in claimed:
                likely.setdefault(match[1], []).append((match[0], section))
        for endpoint, claims in likely.items():
            best = max(score for score, _ in claims)
            winners = [section for score, section in claims if score == best]
            if len(winners) > 1:
                lines = ", ".join(str(section.line) for section in winners)
                self.problems.report(
                    self.place(winners[0].line),
                    f"the headings on lines {lines} could all be about {endpoint}; name method and path below one",
                )
                continue
            sure[id(winners[0])] = endpoint
        self.settle(sure)

    def settle(self, sure: dict[int, Endpoint]) -> None:
        """Bind the sections, merge the ones about the same operation, and hang what is left below its parent."""
        first: dict[Endpoint, Section] = {}
        kept: list[Section] = []
        alone = self.endpoints[0] if len(self.endpoints) == 1 else None
        for section in self.sections:
            endpoint = sure.get(id(section))
            if endpoint and endpoint in first:
                first[endpoint].pieces.extend(section.pieces)
                continue
            section.endpoint = endpoint
            if endpoint:
                first[endpoint] = section
                kept.append(section)
                continue
            host = section.parent
            while host is not None and host.endpoint is None and host.object is None:
                host = host.parent
            if host is not None and self.markdown and not section.object and not section.listing:
                host.pieces.extend(section.pieces)
                continue
            if alone in first and not self.markdown and not section.object and not section.listing:
                first[alone].pieces.extend(section.pieces)  # a page about one operation
                continue
            kept.append(section)
        self.sections = kept
        if alone and alone not in first:
            pages = [section for section in kept if not section.object and not section.listing]
            host = next((section for section in pages if _has_facts(section)), None)
            if host is not None:
                for section in pages:
                    if section is not host and section.line > host.line:
                        host.pieces.extend(section.pieces)
                        self.sections.remove(section)
                host.endpoint = alone

    def commands_of(self, section: Section) -> list[Endpoint]:
        found = {}
        for command in section.commands():
            if endpoint := find_endpoint(self.endpoints, command.method, command.path):
                found[str(endpoint)] = endpoint
            elif self.endpoints:
                self.problems.report(
                    self.place(command.line),
                    f"the command asks {command.method} {command.path}, which no endpoint table here lists",
                )
        return list(found.values())

    def named(self, section: Section) -> Endpoint | None:
        """The operation that the section names by method and path: in its heading, a line, or its commands."""
        marks = [operation_in(section.heading)] if operation_in(section.heading) else []
        marks += [
            (block.method, block.path)
            for block in section.blocks()
            if isinstance(block, Mention) and not block.item
        ]
        found = {
            str(endpoint): endpoint
            for mark in marks
            if mark and (endpoint := find_endpoint(self.endpoints, *mark)) is not None
        }
        if not found:
            found = {str(endpoint): endpoint for endpoint in self.commands_of(section)}
        if len(found) > 1:
            match = self.match(section.heading)
            if match and str(match[1]) in found:
                return match[1]
            if _has_facts(section):
                self.problems.report(
                    self.place(section.line),
                    f"the section {section.heading!r} names {' and '.join(found)}; give each a section of its own",
                )
            return None
        return next(iter(found.values()), None)

    def match(self, heading: str) -> tuple[tuple[float, ...], Endpoint] | None:
        """The one operation that the heading's words fit best, with how well; None when none or several."""
        scored = [(score, endpoint) for endpoint in self.endpoints if (score := likeness(heading, endpoint))]
        if not scored:
            return None
        best = max(score for score, _ in scored)
        winners = [endpoint for score, endpoint in scored if score == best]
        return (best, winners[0]) if len(winners) == 1 else None


def report_misplaced(problems: Problems, page: Outline, table: Table, where: str) -> None:
    """Say that a table belongs to nothing, so that no fact is dropped silently."""
    problems.report(
        page.place(table.line),
        f"this table stands in {where}, which is about no operation or object I can tell; "
        "name the method and path below the heading",
    )


def _has_facts(section: Section) -> bool:
    return any(isinstance(block, Table | Example | Command | Mention) for block in section.blocks())


def operation_in(heading: str) -> tuple[str, str] | None:
    """("POST", "/v1/agents") for a heading that is a method and a path."""
    match = re.match(rf"^({'|'.join(METHODS)})\s+(/[\w./{{}}:~-]*)$", strip_markup(heading))
    return (match[1], match[2]) if match else None


def _shape(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)
