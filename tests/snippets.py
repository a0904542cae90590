"""The snippets of a Markdown page: found, run, and compared with what the page says they print.

A comment before a block says how the page's server is started (`<!-- server: --pace manual -->`). A block with
a title is a file of that name.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_BLOCK = re.compile(
    r"(?P<comments>(?:^<!-- \w+: .*? -->\n)*)"
    r"^```(?P<kind>\w+)(?: title=\"(?P<title>[^\"]+)\")?\n(?P<body>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block. `title` is the file it is, or ""; `said` are the comments before it, by their keys."""

    kind: str
    title: str
    body: str
    line: int
    said: dict[str, str]


def blocks(text: str) -> list[Block]:
    """Every fenced block of a page."""
    return [
        Block(
            found["kind"],
            found["title"] or "",
            found["body"],
            text.count("\n", 0, found.start("kind")) + 1,
            dict(re.findall(r"<!-- (\w+): (.*?) -->", found["comments"])),
        )
        for found in _BLOCK.finditer(text)
    ]


def steps(block: str) -> Iterator[tuple[str, str]]:
    """(command, expected output) of a console block; a command may go on over indented lines."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        lines = part.splitlines()
        command = [lines.pop(0)]
        while lines and lines[0].startswith("    "):
            command.append(lines.pop(0))
        yield "\n".join(command), "\n".join(lines)


def matches(expected: str, output: str) -> bool:
    """Whether `output` is what is expected, `…` standing for anything."""
    pattern = ".*".join(re.escape(part) for part in expected.split("…"))
    return re.fullmatch(pattern, output, re.DOTALL) is not None


def promised(block: str) -> list[str]:
    """What a program says it prints: the remark at the end of each line that prints."""
    return re.findall(r"^\s*(?:print|console\.log)\(.*\);?  ?(?:#|//) (.*)$", block, re.MULTILINE)
