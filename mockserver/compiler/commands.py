"""curl commands: which operation a page asks, with which query, headers and body."""

import re
import shlex
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from mockserver.compiler.examples import Node, NotJson, read_json

URL = re.compile(r"(?P<origin>https?://[^/\s'\"`?#]+)(?P<path>/[^\s'\"`?#]*)(?:\?(?P<query>[^\s'\"`#]*))?")


@dataclass(frozen=True, slots=True)
class Command:
    """A curl command: what it asks, of which path."""

    line: int
    method: str
    origin: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: Node | None = None


def read_command(lines: list[str], start: int, line: int) -> tuple[Command | None, int]:
    """The curl command that begins at `lines[start]`, and how many lines it takes."""
    taken: list[str] = []
    for text in lines[start:]:
        taken.append(text.rstrip("\\").rstrip() if text.endswith("\\") else text)
        whole = "\n".join(taken)
        if _open_quote(whole) is None and not text.endswith("\\"):
            break
        if not text.strip() and _open_quote(whole) is None:
            break
    whole = "\n".join(taken)
    try:
        words = shlex.split(whole.lstrip("$ "))
    except ValueError:
        return None, len(taken)
    return _command_of(words, line, whole), len(taken)


def _open_quote(text: str) -> str | None:
    quote = None
    escaped = False
    for char in text:
        if escaped:
            escaped = False
        elif char == "\\" and quote != "'":
            escaped = True
        elif quote is None and char in "'\"":
            quote = char
        elif char == quote:
            quote = None
    return quote


_VALUED = {"-o", "--output", "-u", "--user", "-A", "-m", "--max-time", "-F", "--form", "-b", "-c", "-w"}


def _command_of(words: list[str], line: int, whole: str) -> Command | None:
    method, url, body = "", "", None
    headers: dict[str, str] = {}
    index = 1
    while index < len(words):
        word = words[index]
        value = words[index + 1] if index + 1 < len(words) else ""
        if word in ("-X", "--request"):
            method, index = value.upper(), index + 1
        elif word in ("-H", "--header"):
            name, _, text = value.partition(":")
            headers[name.strip()] = text.strip()
            index += 1
        elif word in ("-d", "--data", "--data-raw", "--json", "--data-binary"):
            body, index = value, index + 1
        elif word == "--url":
            url, index = value, index + 1
        elif word in _VALUED:
            index += 1
        elif word in ("-I", "--head"):
            method = "HEAD"
        elif not word.startswith("-") and not url:
            url = word
        index += 1
    place = URL.match(url) or re.match(r"(?P<origin>)(?P<path>/[^\s?#]*)(?:\?(?P<query>[^\s#]*))?", url)
    if place is None:
        return None
    node = None
    if body is not None and body.lstrip()[:1] in ("{", "["):
        offset = whole.find(body[:40])
        try:
            node, _ = read_json(body, 0, line + (whole.count("\n", 0, offset) if offset > 0 else 0))
        except NotJson:
            node = None
    return Command(
        line=line,
        method=method or ("POST" if body is not None else "GET"),
        origin=place["origin"],
        path=place["path"],
        query=dict(parse_qsl(place["query"] or "", keep_blank_values=True)),
        headers=headers,
        body=node,
    )
