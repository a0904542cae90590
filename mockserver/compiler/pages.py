"""Pages as lines of clean text."""

from dataclasses import dataclass
from pathlib import Path

from mockserver.compiler.problems import Place, Problems

SUFFIXES = (".md", ".txt")
LONGEST_LINE = 20_000  # a longer line is not documentation; refusing it keeps every pattern's cost bounded

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_SPACES = dict.fromkeys(map(ord, "\t\u00a0\u2007\u2009\u200a\u202f\u3000"), " ")


@dataclass(frozen=True, slots=True)
class Page:
    """One page: `name` is its path inside the folder, `lines` its text without line ends."""

    name: str
    lines: tuple[str, ...]


def read_folder(folder: Path, problems: Problems) -> list[Page]:
    """The .md and .txt files below `folder`, sorted by path; what cannot be read as text is reported."""
    files = sorted(
        (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file()),
        key=lambda path: path.relative_to(folder).as_posix(),
    )
    return [page_of(path.relative_to(folder).as_posix(), path.read_bytes(), problems) for path in files]


def page_of(name: str, data: bytes, problems: Problems) -> Page:
    """The page in `data` (UTF-8, any line ends, with or without a byte order mark)."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        bad_line = data[: error.start].count(b"\n") + 1
        problems.report(
            Place(name, bad_line), f"byte {data[error.start]:#04x} is not UTF-8; save the page as UTF-8"
        )
        text = data.decode("utf-8-sig", "replace")
    lines = []
    for number, raw in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        line = raw
        place = Place(name, number)
        bad = next((char for char in line if ord(char) < 32 and char != "\t"), None)
        if bad is not None:
            problems.report(place, f"control character U+{ord(bad):04X}; remove it")
        if len(line) > LONGEST_LINE:
            problems.report(place, f"a line of {len(line)} characters; the longest I read is {LONGEST_LINE}")
            line = ""
        clean = line.translate(_INVISIBLE).translate(_SPACES)
        lines.append("".join(char for char in clean if ord(char) >= 32).rstrip())
    return Page(name, tuple(lines))
