"""Text with gaps: `Thanks for calling {company}.` A literal brace is written twice."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from mockserver.errors import nearest
from mockserver.simulation.placeholders import GROUPS, Value, placeholder_names

_GAP: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_NAME: Final = re.compile(r"([a-z_]+)(?:\.([a-z_]+))?(?::([a-z0-9_-]+))?")
# Scripts written without spaces start here; one of their signs takes about as long as this part of a word.
_WIDE_FROM: Final = 0x2E80
_WIDE_WORDS: Final = 0.4


@dataclass(frozen=True, slots=True)
class Placeholder:
    """`{group.part:label}`; `part` and `label` are "" where not written."""

    group: str
    part: str
    label: str


Fill = Callable[[Placeholder], Value]


@dataclass(frozen=True, slots=True)
class Template:
    """Literal pieces and gaps in order."""

    source: str
    pieces: tuple[str | Placeholder, ...]

    def words(self) -> float:
        """How many words it is timed as, whatever the gaps are filled with; at least 1: something is said."""
        return max(1.0, sum(map(_spoken_words, self.source.split())))

    def fill(self, value: Fill) -> str:
        """The text with every gap filled."""
        return "".join([piece if isinstance(piece, str) else str(value(piece)) for piece in self.pieces])

    def lone(self) -> Placeholder | None:
        """The gap, when the template is one gap and nothing else: its value may then stay a number."""
        only = self.pieces[0] if len(self.pieces) == 1 else ""
        return None if isinstance(only, str) else only


def parse(text: str) -> Template:
    """The template that `text` writes.

    Raises ValueError for an unknown placeholder, a lone brace or half a surrogate pair.
    """
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        raise ValueError(f"{text!r} has half a surrogate pair, which no reply can carry.")
    pieces: list[str | Placeholder] = []
    end = 0
    for match in _GAP.finditer(text):
        pieces.append(text[end : match.start()])
        end = match.end()
        found = match.group()
        if found in ("{{", "}}"):
            pieces.append(found[0])
        elif found in ("{", "}"):
            raise ValueError(f"{text!r} has a lone {found!r}; write {found * 2!r} for a literal brace.")
        else:
            pieces.append(_placeholder(match[1]))
    pieces.append(text[end:])
    return Template(text, tuple(piece for piece in pieces if piece != ""))


def cut(template: Template, count: int) -> tuple[Template, Template]:
    """`template` before and after its `count`-th word, as words are written in the scenario (a gap with its
    punctuation is one). Both parts must have a word: 0 < `count` < number of words."""
    words = template.source.split()
    return parse(" ".join(words[:count])), parse(" ".join(words[count:]))


def _placeholder(written: str) -> Placeholder:
    match = _NAME.fullmatch(written)
    name = f"{{{written}}}"
    if match is None:
        raise ValueError(f"{name} is no placeholder; they look like {{order_id}} or {{time.iso:booked}}.")
    group, part, label = match.groups(default="")
    if group not in GROUPS or part not in GROUPS[group].words:
        wanted = f"{group}.{part}" if part else group
        parts = [f"{{{group}.{known}}}" for known in GROUPS[group].words] if group in GROUPS else []
        hint = nearest(wanted, placeholder_names())
        if not hint and parts:
            hint = f" Known: {', '.join(parts)}."
        raise ValueError(f"{name} is not a known placeholder.{hint}")
    return Placeholder(group, part, label)


def _spoken_words(word: str) -> float:
    """How many words one whitespace-separated word is timed as."""
    if word.isascii() and word.isalpha():
        return 1.0
    gaps = [_placeholder(written) for written in _GAP.findall(word) if written]
    filled = sum(GROUPS[gap.group].words[gap.part] for gap in gaps)
    rest = _GAP.sub("", word)
    wide = sum(1 for sign in rest if ord(sign) >= _WIDE_FROM and sign.isalnum())
    if wide:
        return filled + wide * _WIDE_WORDS
    # A dash, a dot after a gap or an emoji takes no time of its own.
    return filled + (1.0 if any(sign.isalnum() for sign in rest) else 0.0)


# A JSON value in which each text is a Template.
JsonTemplate = Template | int | float | bool | None | list["JsonTemplate"] | dict[str, "JsonTemplate"]


def parse_json(value: object) -> JsonTemplate:
    """`value`, JSON data, with every text in it (not the keys) parsed. Raises ValueError as `parse` does."""
    if isinstance(value, str):
        return parse(value)
    if isinstance(value, list):
        return [parse_json(item) for item in value]
    if isinstance(value, dict):
        for key, item in value.items():
            if item is None and len(value) == 1 and key in placeholder_names():
                raise ValueError(f'YAML reads {{{key}}} as a mapping; write "{{{key}}}" in quotes.')
        return {key: parse_json(item) for key, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value} is not a JSON number.")
    if value is None or isinstance(value, int | float):
        return value
    raise ValueError(f"{value!r} is not a JSON value; put dates and the like in quotes.")


def fill_json(template: JsonTemplate, value: Fill) -> object:
    """The JSON value with every gap filled; a text that is one gap becomes the gap's own value."""
    if isinstance(template, Template):
        lone = template.lone()
        return template.fill(value) if lone is None else value(lone)
    if isinstance(template, list):
        return [fill_json(item, value) for item in template]
    if isinstance(template, dict):
        return {key: fill_json(item, value) for key, item in template.items()}
    return template
