"""A page cut into blocks: headings, tables, examples, commands, paragraphs, list items.

Two kinds of page are read. On a Markdown page headings carry `#`. On a page without any such heading (scraped
text) every short line that stands like a heading is a candidate, and `outline.py` judges it.
"""

# ruff: noqa: RUF001 (dashes and quotes of every kind are what this module reads)

import re
from collections.abc import Collection
from dataclasses import dataclass

from mockserver.compiler.columns import HEADINGS, KEYS, Column, column_of, split_glued_headings
from mockserver.compiler.commands import URL, Command, read_command
from mockserver.compiler.examples import Node, NotJson, read_json
from mockserver.compiler.flattened import looks_like_flat_row, read_flat
from mockserver.compiler.labels import object_name, structural
from mockserver.compiler.pages import Page
from mockserver.compiler.problems import Place, Problems
from mockserver.compiler.rows import METHODS, Row, UndecidedRow, read_piped, split_cells
from mockserver.compiler.typewords import strip_markup
from mockserver.errors import nearest


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading. `level` is 1 to 6, LABEL for a bold label, SCRAPED for a candidate on a scraped page."""

    line: int
    level: int
    text: str


LABEL = 7
SCRAPED = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A table of rows that were read; rows that were not are in the problems."""

    line: int
    columns: tuple[Column, ...]
    headings: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A JSON example."""

    line: int
    node: Node


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph, as (line number, line) pairs."""

    lines: tuple[tuple[int, str], ...]
    item: bool = False

    @property
    def line(self) -> int:
        """The first line's number."""
        return self.lines[0][0]

    @property
    def text(self) -> str:
        """The paragraph as one line."""
        return " ".join(text.strip() for _, text in self.lines)


@dataclass(frozen=True, slots=True)
class Mention:
    """An operation named by method and path: `GET /v1/calls`, alone or with words after it."""

    line: int
    method: str
    path: str
    text: str
    item: bool = False


Block = Heading | Table | Example | Command | Text | Mention

_ATX = re.compile(r" {0,3}(#{1,6})\s+(.*?)(?:\s+#+)?\s*$")
_FENCE = re.compile(r"(\s*)(`{3,}|~{3,})\s*([\w+-]*)")
_DELIMITER = re.compile(r"^\s*\|?(?:\s*:?-+:?\s*\|)*\s*:?-+:?\s*\|?\s*$")
_BULLET = re.compile(r"\s*(?:[-*+•]|\d+[.)])\s+(.*)$")
_LABEL = re.compile(r"^(?:\*\*([^*]+)\*\*|__([^_]+)__)\s*:?\s*(.*)$")
_MENTION = re.compile(
    rf"^[`*]*(?P<method>{'|'.join(METHODS)})[`*]*\s+[`*]*(?P<path>/[\w./{{}}:~-]*)[`*]*(?:\s*(?:[:—–-]\s+)?(?P<text>.*))?$"
)
_METHOD_LINE = re.compile(rf"^[`*]*({'|'.join(METHODS)})[`*]*$")
_GLUED_PATH = re.compile(r"^(/(?:[a-z0-9_.~/:-]|\{\w+\})*)(.*)$")
_FURNITURE = re.compile(
    r"^(?:skip to (?:main )?content|on this page|copy page|copy|was this page helpful\??|[=_*-]{3,})$", re.I
)


def is_markdown(page: Page) -> bool:
    """Whether the page marks its headings with `#` (outside code).

    A lone `#` title above bare structural headings ("Query parameters" on a line of its own) is scraped text.
    """
    fenced = ""
    marked, bare = 0, 0
    for line in page.lines:
        fence = _FENCE.match(line)
        if fence and (not fenced or (line.strip().startswith(fenced) and not fence[3])):
            fenced = "" if fenced else fence[2]
        elif not fenced and _ATX.match(line):
            marked += 1
        elif not fenced and stands_like_heading(line) and (structural(line) or object_name(line)):
            bare += 1
    return marked > 1 or (marked == 1 and not bare)


def scan(page: Page, problems: Problems, *, names: Collection[str] | None, known: Collection[str]) -> list[Block]:
    """The blocks of `page`. `names` are object names, `known` field names that examples confirm."""
    scanner = _Scanner(page, problems, names, known)
    scanner.run()
    return scanner.blocks


class _Scanner:
    def __init__(
        self, page: Page, problems: Problems, names: Collection[str] | None, known: Collection[str]
    ) -> None:
        self.page = page
        self.problems = problems
        self.names = names
        self.known = known
        self.blocks: list[Block] = []
        self.lines = list(page.lines)
        self.markdown = is_markdown(page)
        self.paragraph: list[tuple[int, str]] = []
        self.at = 0
        self.urls = {match["path"] for line in page.lines for match in URL.finditer(line)}

    def place(self, line: int) -> Place:
        return Place(self.page.name, line)

    def run(self) -> None:
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if not line.strip() or _FURNITURE.match(line.strip()):
                self.flush()
                self.at += 1
            elif not any(
                step(line)
                for step in (
                    self.fence,
                    self.atx,
                    self.command,
                    self.example,
                    self.piped,
                    self.flattened,
                    self.method_line,
                    self.mention,
                    self.label,
                    self.bullet,
                    self.candidate,
                )
            ):
                self.paragraph.append((self.at + 1, line.strip()))
                self.at += 1
        self.flush()

    def flush(self) -> None:
        if self.paragraph:
            self.blocks.append(Text(tuple(self.paragraph)))
            self.paragraph = []

    def add(self, block: Block) -> None:
        self.flush()
        self.blocks.append(block)

    # Each step returns True when it took the line (and moved on).

    def fence(self, line: str) -> bool:
        match = _FENCE.match(line)
        if match is None:
            return False
        start, mark = self.at, match[2]
        end = start + 1
        while end < len(self.lines) and not re.match(rf"\s*{re.escape(mark)}+\s*$", self.lines[end]):
            end += 1
        if end == len(self.lines):
            self.problems.report(self.place(start + 1), f"the code block opened with {mark} is never closed")
        body = self.lines[start + 1 : end]
        self.flush()
        self.at = end + 1
        self.code(match[3].lower(), body, start + 2)
        return True

    def code(self, language: str, body: list[str], line: int) -> None:
        text = "\n".join(body)
        stripped = text.strip()
        if language in ("json", "jsonc", "json5") or (not language and stripped[:1] in ("{", "[")):
            try:
                node, end = read_json(text, 0, line)
                rest = text[end:].strip()
                if rest:
                    raise NotJson(line + text.count("\n", 0, end), f"{rest[:20]!r} follows the JSON value")
            except NotJson as error:
                self.problems.report(self.place(error.line), f"the JSON example does not parse: {error}")
                return
            self.blocks.append(Example(line, node))
            return
        index = 0
        while index < len(body):
            if body[index].lstrip("$ ").startswith("curl "):
                command, used = read_command(body, index, line + index)
                index += used
                if command:
                    self.blocks.append(command)
            else:
                mention = _MENTION.match(body[index].strip())
                if mention and language in ("", "http"):
                    self.blocks.append(Mention(line + index, mention["method"], mention["path"], ""))
                index += 1

    def atx(self, line: str) -> bool:
        match = _ATX.match(line)
        if match is None:
            return False
        self.add(Heading(self.at + 1, len(match[1]) if self.markdown else SCRAPED, match[2]))
        self.at += 1
        return True

    def command(self, line: str) -> bool:
        if not line.lstrip("$ ").startswith("curl "):
            return False
        command, used = read_command(self.lines, self.at, self.at + 1)
        if command:
            self.add(command)
        self.at += used
        return True

    def example(self, line: str) -> bool:
        """JSON without a fence, as scrapers leave it; text glued to its end is read on."""
        text = line.strip()
        if self.markdown or not re.match(r'^(?:[{\[]$|\{\s*["}/.…]|\[\s*[{"\]/.…\d])', text):
            return False
        joined = "\n".join(self.lines[self.at :])
        try:
            node, end = read_json(joined, 0, self.at + 1)
        except NotJson as error:
            self.problems.report(self.place(error.line), f"the JSON example does not parse: {error}")
            self.at += 1
            return True
        self.add(Example(self.at + 1, node))
        used = joined.count("\n", 0, end)
        self.at += used
        newline = joined.find("\n", end)
        rest = joined[end : newline if newline >= 0 else len(joined)].strip()
        if rest:
            self.lines[self.at] = rest
        else:
            self.at += 1
        return True

    def piped(self, line: str) -> bool:
        if "|" not in line:
            return False
        after = self.lines[self.at + 1] if self.at + 1 < len(self.lines) else ""
        cells, leading, _ = split_cells(line)
        ruled = bool(_DELIMITER.match(after)) and "|" in after
        if ruled:
            width = len(split_cells(after)[0])
            if len(cells) == width + 1 and not leading:
                self.paragraph.append((self.at + 1, cells[0]))  # a sentence glued to the heading row
                cells, leading = cells[1:], True
        elif len(cells) < 2 or not all(column_of(cell) for cell in cells):
            return False
        self.flush()
        start = self.at
        self.at += 2 if ruled else 1
        columns = self.columns(cells, start + 1)
        if columns and self.lists_words(columns):
            columns = None
        rows: list[Row] = []
        while self.at < len(self.lines) and "|" in self.lines[self.at]:
            text = self.lines[self.at]
            if _DELIMITER.match(self.lines[self.at + 1] if self.at + 1 < len(self.lines) else ""):
                break  # the heading row of the next table
            if columns:
                try:
                    rows.append(read_piped(self.at + 1, text, columns, outer=leading, names=self.names))
                except UndecidedRow as error:
                    self.problems.report(self.place(self.at + 1), f"table row: {error}")
            self.at += 1
        if columns:
            self.add(Table(start + 1, columns, tuple(map(strip_markup, cells)), tuple(rows)))
        return True

    def lists_words(self, columns: tuple[Column, ...]) -> bool:
        """Whether a "Status | Meaning" table is about words (queued, sent), not about HTTP statuses."""
        if Column.STATUS not in columns:
            return False
        at = columns.index(Column.STATUS)
        cells = []
        for text in self.lines[self.at :]:
            if "|" not in text:
                break
            row = split_cells(text)[0]
            cells.append(strip_markup(row[at]) if at < len(row) else "")
        return bool(cells) and not any(re.search(r"\d", cell) for cell in cells)

    def columns(self, headings: list[str], line: int) -> tuple[Column, ...] | None:
        """The columns under `headings`; None for a table that is not about the API (no column names rows)."""
        found = [column_of(heading) for heading in headings]
        if not any(column in KEYS for column in found if column):
            return None
        if None in found and not {Column.TYPE, Column.REQUIRED, Column.DEFAULT, Column.METHOD} & set(found):
            self.problems.note(
                self.place(line), f"a table about {headings[0]!r} is not read: it has a column I do not know"
            )
            return None
        for heading, column in zip(headings, found, strict=True):
            if column is None:
                self.problems.report(
                    self.place(line),
                    f"the column heading {heading!r} is not one I know.{nearest(heading.lower(), HEADINGS)}",
                )
        if None in found:
            return None
        return tuple(column for column in found if column)

    def flattened(self, line: str) -> bool:
        headings = split_glued_headings(line)
        if headings is None:
            return False
        columns = self.columns(list(headings), self.at + 1)
        if columns is None:
            return False
        self.flush()
        start = self.at
        self.at += 1
        rows: list[Row] = []
        while self.at < len(self.lines) and self.lines[self.at].strip():
            text = self.lines[self.at].strip()
            try:
                if not looks_like_flat_row(text, columns):
                    break
                rows.append(read_flat(self.at + 1, text, columns, self.known, self.urls))
            except UndecidedRow as error:
                self.problems.report(self.place(self.at + 1), f"table row: {error}")
            self.at += 1
        self.add(Table(start + 1, columns, headings, tuple(rows)))
        return True

    def method_line(self, line: str) -> bool:
        """A method on its own line and a path, with its description glued to it, on the next."""
        match = _METHOD_LINE.match(line.strip())
        if match is None or self.at + 1 >= len(self.lines):
            return False
        path = _GLUED_PATH.match(self.lines[self.at + 1].strip())
        if path is None:
            return False
        self.add(Mention(self.at + 1, match[1], path[1], path[2].strip()))
        self.at += 2
        return True

    def mention(self, line: str) -> bool:
        bullet = _BULLET.match(line)
        match = _MENTION.match(bullet[1] if bullet else line.strip())
        if match is None or (not self.markdown and not bullet):
            return False
        if not bullet and self.paragraph:
            return False
        text = (match["text"] or "").strip()
        if not bullet and text and not re.search(r"[`*:—–-]\s*$", line[: line.rfind(text)]):
            return False  # a sentence that happens to begin with an operation
        self.add(Mention(self.at + 1, match["method"], match["path"], text, item=bool(bullet)))
        self.at += 1
        return True

    def label(self, line: str) -> bool:
        match = _LABEL.match(line.strip())
        if match is None or not self.markdown or self.paragraph:
            return False
        self.add(Heading(self.at + 1, LABEL, (match[1] or match[2]).rstrip(":")))
        if match[3]:
            self.paragraph.append((self.at + 1, match[3].lstrip(": ")))
        self.at += 1
        return True

    def bullet(self, line: str) -> bool:
        match = _BULLET.match(line)
        if match is None or (re.match(r"\s*\d", line) and not self.markdown):
            return False
        self.flush()
        lines = [(self.at + 1, match[1])]
        self.at += 1
        while (
            self.at < len(self.lines)
            and re.match(r"\s{2,}\S", self.lines[self.at])
            and not _BULLET.match(self.lines[self.at])
        ):
            lines.append((self.at + 1, self.lines[self.at].strip()))
            self.at += 1
        self.blocks.append(Text(tuple(lines), item=True))
        return True

    def candidate(self, line: str) -> bool:
        """A line of a scraped page that stands like a heading."""
        if self.markdown or not stands_like_heading(line):
            return False
        after = self.lines[self.at + 1].strip() if self.at + 1 < len(self.lines) else ""
        if structural(line) is None:
            if self.paragraph and not re.search(r"[.!?:)]$", self.paragraph[-1][1]):
                return False
            if after[:1].islower() and not split_glued_headings(after):
                return False
        self.add(Heading(self.at + 1, SCRAPED, line.strip()))
        self.at += 1
        return True


def stands_like_heading(line: str) -> bool:
    """Short, begins with a capital, does not end like a sentence, and holds no code."""
    text = line.strip()
    return bool(
        0 < len(text) <= 72
        and len(text.split()) <= 9
        and (text[0].isupper() or re.match(r"\d+\. [A-Z]", text))
        and not re.search(r"[.,;:!?…—–\\]$", text)
        and not re.search(r"[|{}=`\"]|[a-z)][.!?](?:[A-Z]|\s)", text)
        and not _METHOD_LINE.match(text)
        and not re.match(rf"(?:{'|'.join(METHODS)}) ?/", text)
    )
