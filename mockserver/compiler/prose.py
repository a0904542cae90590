"""Constraints said in words: enumerations, ranges, lengths, defaults."""

# ruff: noqa: RUF001 (dashes and quotes of every kind are what this module reads)

import re
from dataclasses import dataclass, field
from typing import Any

from mockserver.compiler.typewords import strip_markup

_NUM = r"(-?\d[\d,]*(?:\.\d+)?)"
_DASH = r"\s*(?:-|–|—|−|‒|‑|\.{2,3}|…|\bto\b|\bthrough\b)\s*"
_UNIT = r"\s*(?:-\s*)?(?P<unit>chars?\b|characters?\b|letters?\b|items?\b|entries\b|elements?\b|digits?\b)?"
_NOT_BEFORE = r"(?<![\w.,+\-–—/:#])"
_NOT_AFTER = r"(?![\w:/]|[-–—−‒]\s?\d|\.\d|%)"

_RANGE = re.compile(_NOT_BEFORE + _NUM + _DASH + _NUM + r"(?!\d|\.\d|[-–—/:]\d)" + _UNIT + r"(?!\w)")
_BETWEEN = re.compile(rf"\b(?:between|from)\s+{_NUM}\s+(?:and|to)\s+{_NUM}{_UNIT}", re.I)
_LEAST = re.compile(
    rf"(?:≥|⩾|>=|\b(?:at least|no less than|not less than|min(?:imum)?(?:\s+of|\s+is|\s*[:=])?))\s*{_NUM}{_UNIT}",
    re.I,
)
_MOST = re.compile(
    r"(?:≤|⩽|<=|\b(?:at most|no more than|not more than|capped at|max(?:imum)?(?:\s+of|\s+is|\s*[:=])?))"
    rf"\s*{_NUM}{_UNIT}",
    re.I,
)
_UP_TO = re.compile(rf"\bup to\s+{_NUM}{_UNIT}(?=\s*(?:$|[).,;]))", re.I)
_MORE = re.compile(rf"(?:(?<![<>=-])>(?!=)|\b(?:greater than|more than(?! once)))\s*{_NUM}{_UNIT}", re.I)
_LESS = re.compile(rf"(?:(?<![<>=-])<(?!=)|\b(?:less than|fewer than))\s*{_NUM}{_UNIT}", re.I)
_POSTFIX = re.compile(rf"{_NOT_BEFORE}{_NUM}{_UNIT}\s+(?P<side>max|min)(?:imum)?\b", re.I)
_EXACT = re.compile(rf"(?:^|\bexactly\s+){_NUM}{_UNIT}$", re.I)
_DEFAULT = re.compile(
    r"\bdefault(?P<sure>s\s+to|\s*[:=]|\s+is)?\s*"
    r"(?P<value>`[^`]+`|\"[^\"]*\"|-?\d[\d,]*(?:\.\d+)?(?![\w.]*\w)|true\b|false\b|null\b|[a-z0-9][\w./-]*)",
    re.I,
)
_PATTERN = re.compile(r"\bpattern:?\s+`([^`]+)`", re.I)
_ALWAYS = re.compile(r"\balways\s+(?:`([^`]+)`|\"([^\"]+)\")", re.I)
_INVENTED = re.compile(r"\s*\[invented\]", re.I)

_EXAMPLES = re.compile(
    r"\be\.g\b|\bfor example\b|\bsuch as\b|\blike\b|\bincluding\b|\bincludes?\b|\betc\b|…|\.\.\.", re.I
)
_MARKED = r"`[^`]+`|\"[^\"]+\"|“[^”]+”|‘[^’]+’|'[^']+'"
_PLAIN = r"[a-z0-9][a-z0-9_]*(?:[.:+/-][a-z0-9_]+)*|[A-Z0-9][A-Z0-9_]*(?:[-.][A-Z0-9_]+)*"
_ANY_CASE = r"[A-Za-z0-9][\w]*(?:[.:+/-]\w+)*"
_QUOTED = re.compile(_MARKED)
_TOKENS = {False: re.compile(f"{_MARKED}|{_PLAIN}"), True: re.compile(f"{_MARKED}|{_ANY_CASE}")}
_SEPARATOR = re.compile(r"\s*,\s*(?:or\s+|and\s+)?|\s+or\s+|\s+and\s+|\s*\|\s*|\s+/\s+")
_LEAD = re.compile(
    r"^(?:must be\s+|can be\s+|may be\s+)?"
    r"(?:(?:one|any) of|allowed(?: values?)?|(?:possible|valid|accepted) values?|values?|either"
    r"|must be|can be|may be)"
    r"(?:\s+(?:are|is|the following))?\s*:?\s+(?=\S)",
    re.I,
)
_ONE_OF = re.compile(r"\bone of:?\s+", re.I)

_UNITS = {"c": "length", "l": "length", "i": "items", "e": "items", "d": "length"}


@dataclass(frozen=True, slots=True)
class Said:
    """What a description adds to a type. `keywords` are JSON schema keywords; `problems` what it says twice."""

    keywords: dict[str, Any] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    invented: bool = False
    nullable: bool = False
    text: str = ""
    notes: tuple[str, ...] = ()


def number_of(text: str) -> int | float:
    """ "1,000" → 1000, "0.0" → 0, "0.5" → 0.5."""
    value = float(text.replace(",", ""))
    return int(value) if value.is_integer() else value


def split_list(text: str, *, any_case: bool = False) -> list[str] | None:
    """The items when all of `text` is a list of two or more values: "a, b, or c", "`a`, `b`", "csv or json"."""
    parts = _SEPARATOR.split(text.strip().rstrip("."))
    if len(parts) < 2 or not all(_TOKENS[any_case].fullmatch(part) for part in parts):
        return None
    if len(parts) == 2 and re.search(r"\sand\s", text) and not all(_QUOTED.fullmatch(part) for part in parts):
        return None
    return [_unmark(part) for part in parts]


def _unmark(token: str) -> str:
    return token[1:-1] if _QUOTED.fullmatch(token) else token


def clauses(text: str) -> list[str]:
    """`text` cut at sentence ends (not after "e.g."), semicolons and spaced dashes."""
    return [
        part.strip()
        for part in re.split(r"(?<!e\.g\.)(?<!i\.e\.)(?<!\bvs\.)(?<=[.])\s+|;\s+|\s+[—–-]\s+", text)
        if part and part.strip()
    ]


def enumeration(text: str, *, any_case: bool = False) -> list[str] | None:
    """The values the words enumerate, or None. Lists of examples ("e.g. a, b", "a, b, etc.") do not count."""
    for clause in clauses(text):
        if (items := split_list(clause, any_case=any_case)) and "etc" not in items:
            return items
        if _EXAMPLES.search(clause):
            continue
        lead = _LEAD.sub("", clause)
        if lead != clause and (items := split_list(lead, any_case=any_case)):
            return items
        head, colon, _ = clause.partition(": ")
        if colon and re.match(_MARKED, head) and (items := split_list(head)):
            return items
        if ":" in clause:
            tail = clause.rsplit(": ", 1)[-1]
            if re.match(_MARKED, tail) and (items := split_list(tail)):
                return items
        if match := _ONE_OF.search(clause):
            tail = clause[match.end() :]
            if items := split_list(tail, any_case=any_case):
                return items
        if (match := re.search(r"\(([^()]+)\)\.?$", clause)) and (items := split_list(match[1])):
            return items
    return None


def read_constraints(text: str, base: str | None, *, allowed: str = "") -> Said:
    """What the description `text` and the Allowed values cell `allowed` say about a value of JSON type `base`.

    `base` is None where the type is not known; then only enumerations (of strings) are read.
    """
    reader = _Constraints(base)
    invented = bool(_INVENTED.search(text) or _INVENTED.search(allowed))
    text, allowed = _INVENTED.sub("", text), _INVENTED.sub("", allowed)
    reader.enumerations(allowed, any_case=True)
    reader.enumerations(text, any_case=False)
    for cell in (allowed, text):
        reader.bounds(cell)
        reader.other(cell)
    notes = reader.open_choices(text) if base == "string" else ()
    return Said(reader.keywords, tuple(reader.problems), invented, reader.nullable, text.strip(), notes)


class _Constraints:
    def __init__(self, base: str | None) -> None:
        self.base = base
        self.keywords: dict[str, Any] = {}
        self.problems: list[str] = []
        self.nullable = False

    def set(self, keyword: str, value: Any) -> None:
        if keyword in self.keywords and self.keywords[keyword] != value:
            self.problems.append(f"{keyword} is {self.keywords[keyword]} and also {value}")
        self.keywords[keyword] = value

    def enumerations(self, text: str, *, any_case: bool) -> None:
        if self.base not in (None, "string", "integer", "number") or not text:
            return
        if match := _ALWAYS.search(text):
            self.set("const", match[1] or match[2])
            return
        items = enumeration(text, any_case=any_case)
        if not items:
            self.unread_list(text)
            return
        if "null" in items:
            if len(items) == 2:
                return  # "a label or null" says nothing about the label
            items.remove("null")
            self.nullable = True
        doubles = {item for item in items if items.count(item) > 1}
        if doubles:
            self.problems.append(f"the enumeration names {', '.join(sorted(doubles))} twice")
            return
        if self.base in ("integer", "number"):
            if not all(re.fullmatch(r"-?\d+(\.\d+)?", item) for item in items):
                return
            self.set("enum", [number_of(item) for item in items])
        else:
            self.set("enum", items)

    def unread_list(self, text: str) -> None:
        """A list that announces itself ("one of …", "allowed values: …") must be readable."""
        if self.base == "object":
            return
        for clause in clauses(text):
            if _EXAMPLES.search(clause):
                continue
            announced = re.search(
                r"\b(?:one of:?\s+(?!the\b|your\b|its\b|these\b|those\b)"
                r"|(?:allowed|possible|valid) values?(?: are)?:?\s)",
                clause,
                re.I,
            )
            if announced and re.search(r"[`\"“]|,\s|\bor\b", clause[announced.end() :]):
                self.problems.append(
                    f"I cannot read the values in {clause[:80]!r}; write them as `a`, `b`, or `c`"
                )

    def open_choices(self, text: str) -> tuple[str, ...]:
        """A note when the words offer marked values that are not read as the only ones."""
        if {"enum", "const", "pattern"} & self.keywords.keys():
            return ()
        for clause in clauses(text):
            choice = re.search(r"`[^`]+`[^`]*\bor\b[^`]*`[^`]+`", clause)
            if choice and not _EXAMPLES.search(clause):
                return (f"{choice[0][:60]!r} is not read as the only values; write them as `a`, `b`, or `c`: …",)
        return ()

    def bounds(self, text: str) -> None:
        if "enum" in self.keywords or "const" in self.keywords:
            return
        plain = strip_markup(text)
        for pattern, low, high in (
            (_BETWEEN, 1, 2),
            (_RANGE, 1, 2),
            (_LEAST, 1, 0),
            (_MOST, 0, 1),
            (_UP_TO, 0, 1),
        ):
            for match in pattern.finditer(plain):
                if pattern is _RANGE and not self._states_range(plain, match):
                    continue
                self._bound(
                    match, number_of(match[low]) if low else None, number_of(match[high]) if high else None
                )
        for match in _POSTFIX.finditer(plain):
            value = number_of(match[1])
            self._bound(match, *((value, None) if match["side"].lower() == "min" else (None, value)))
        if self.base in ("integer", "number"):
            for pattern, keyword in ((_MORE, "exclusiveMinimum"), (_LESS, "exclusiveMaximum")):
                for match in pattern.finditer(plain):
                    self.set(keyword, number_of(match[1]))
        for clause in clauses(plain):
            exact = _EXACT.search(clause.rstrip("."))
            if exact and exact["unit"] and self.base == "string":
                if exact["unit"].startswith("digit"):
                    self.set("pattern", f"^[0-9]{{{number_of(exact[1])}}}$")
                else:
                    self._bound(exact, number_of(exact[1]), number_of(exact[1]))

    def _states_range(self, text: str, match: re.Match[str]) -> bool:
        """A range counts when it carries a unit, opens a clause, or fills a parenthesis or the cell."""
        if match["unit"]:
            return True
        before, after = text[: match.start()].rstrip(), text[match.end() :].lstrip()
        opens = not before or before[-1] in ".;:(,"
        closes = not after or after[0] in ".;,)"
        if before.endswith("("):
            return after.startswith((")", ",", ";", ".")) or not after
        if self.base == "string":
            if opens and (not after or after[0] in ".;"):
                self.problems.append(f"{match[0]!r} on a string: say characters, or digits, if it is a length")
            return False
        return opens or closes

    def _bound(self, match: re.Match[str], low: int | float | None, high: int | float | None) -> None:
        if low is not None and high is not None and low > high:
            self.problems.append(f"the range {match[0]!r} runs backwards")
            return
        unit = match["unit"]
        kind = _UNITS[unit[0].lower()] if unit else "value"
        if kind == "length" and self.base == "string":
            names = ("minLength", "maxLength")
        elif kind == "items" and self.base == "array":
            names = ("minItems", "maxItems")
        elif kind == "value" and self.base in ("integer", "number"):
            names = ("minimum", "maximum")
        else:
            return
        for name, value in zip(names, (low, high), strict=True):
            if value is None:
                continue
            if isinstance(value, float) and self.base != "number":
                self.problems.append(f"{match[0]!r} is not a whole number")
            else:
                self.set(name, value)

    def other(self, text: str) -> None:
        if self.base == "string" and (match := _PATTERN.search(text)):
            self.set("pattern", match[1])
        if self.base == "string" and text.strip().rstrip(".").lower() in ("uuid", "iso 8601"):
            self.set("format", {"uuid": "uuid"}.get(text.strip().rstrip(".").lower(), "date-time"))
        if self.base and (match := _DEFAULT.search(text)):
            value = read_literal(match["value"], self.base)
            marked = match["value"][0] in '`"'
            sure = marked or match["sure"] or match["value"] in self.keywords.get("enum", ())
            if value is not NOTHING and (self.base != "string" or sure):
                self.set("default", value)


NOTHING = object()


def read_literal(text: str, base: str | None) -> Any:
    """The value of JSON type `base` that a Default cell writes; NOTHING when the text is not such a value."""
    text = text.strip()
    bare = strip_markup(text).strip("“”") if not text.startswith('"') else text
    if bare == "null":
        return None
    if base == "integer":
        return int(bare.replace(",", "")) if re.fullmatch(r"-?\d{1,3}(,\d{3})+|-?\d+", bare) else NOTHING
    if base == "number":
        return number_of(bare) if re.fullmatch(r"-?\d[\d,]*(\.\d+)?", bare) else NOTHING
    if base == "boolean":
        return {"true": True, "false": False}.get(bare.lower(), NOTHING)
    if base in ("array", "object"):
        import json

        try:
            return json.loads(bare)
        except ValueError:
            return NOTHING
    return bare[1:-1] if re.fullmatch(r'"[^"]*"', bare) else bare
