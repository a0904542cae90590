"""Sentences that state facts: "Returns 201 Created with the Parcel object", "Pass force=true to …"."""

# ruff: noqa: RUF001 (dashes and quotes of every kind are what this module reads)

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mockserver.compiler.typewords import strip_markup

_CODE = re.compile(
    r"(?<![\w.,$€#/–-])([1-5]\d\d)(?![\w%]|[.,]\d|[–-]\s?\d|\s*(?:ms|kb|mb|seconds|chars|characters|items|per)\b)"
)
_BEFORE = re.compile(
    r"(?:^|[(]|\b(?:returns?|answers?|or|and|with|a|an|status|gives?|is|HTTP|code|yields?|responds?))\s*$", re.I
)
_AFTER = re.compile(r"^\s*(?:if|when|for|unless|with|on|while|otherwise|and|means|is\b|[(]|:|—|–|,|\.|$)", re.I)
_PASS = re.compile(
    r"(?:\b(?i:pass|set|add|send|use|supply)\s+(?:the\s+)?(?:query\s+parameter\s+)?|\bPass(?=[a-z_]+=(?:true|false)\b))"
    r"(?P<name>[a-z][a-z_0-9]*)=(?P<value>[\w.-]+)\s+(?P<why>to\s+[^.]*|for\s+[^.]*)"
)
_HEADER = re.compile(r"\b(?P<name>[A-Z][A-Za-z]*(?:-[A-Z][A-Za-z]*)+):\s+(?P<value>[a-z][^.;]*?)\s+header\b")
_MEDIA = re.compile(
    r"\bas\s+(?:either\s+)?(?P<list>(?:CSV|JSON|XML|PDF|MP3|WAV|NDJSON|[,\s]|\bor(?:\s+as)?\b|\band\b|\([^()]*\))+)"
)
MEDIA_TYPES = {
    "CSV": "text/csv",
    "JSON": "application/json",
    "XML": "application/xml",
    "PDF": "application/pdf",
    "MP3": "audio/mpeg",
    "WAV": "audio/wav",
    "NDJSON": "application/x-ndjson",
}

# Written out because the standard library's phrases differ between Python versions.
_REASONS = {
    200: "OK",
    201: "Created",
    202: "Accepted",
    203: "Non-Authoritative Information",
    204: "No Content",
    205: "Reset Content",
    206: "Partial Content",
    207: "Multi-Status",
    301: "Moved Permanently",
    302: "Found",
    303: "See Other",
    304: "Not Modified",
    307: "Temporary Redirect",
    308: "Permanent Redirect",
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    408: "Request Timeout",
    409: "Conflict",
    410: "Gone",
    411: "Length Required",
    412: "Precondition Failed",
    413: "Content Too Large",
    414: "URI Too Long",
    415: "Unsupported Media Type",
    416: "Range Not Satisfiable",
    417: "Expectation Failed",
    418: "I'm a Teapot",
    421: "Misdirected Request",
    422: "Unprocessable Content",
    423: "Locked",
    424: "Failed Dependency",
    425: "Too Early",
    426: "Upgrade Required",
    428: "Precondition Required",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    451: "Unavailable For Legal Reasons",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
# What may follow a bare object name: "the Call recording" and "the Call's grade" are not the Call.
_NAME_ENDS = r"(?=\s*(?:$|[.,;:()—–]|(?:in|with|and|or|for|as|once|when|if|whose|from|at|by|just|including)\b))"
_EDGES = " ,;:—–-("
_OLD_PHRASES = {
    413: "Payload Too Large|Request Entity Too Large",
    422: "Unprocessable Entity",
    302: "Moved Temporarily",
}

_ARRAY = re.compile(
    r"\b(?:array|list)\s+of\s+(?:the\s+|all\s+|your\s+)?(?P<noun>[\w \-]+?)\s*"
    r"\b(?P<kind>objects?|rows?|records?|entries|items|strings|integers|numbers)\b",
    re.I,
)
_ONE = re.compile(
    r"\b(?:a|an|the|its|one)\s+(?:[a-z-]+\s+){0,3}?(?P<noun>(?:[A-Z]\w*\s+)*[A-Z]\w*|[a-z]\w*)\s+(?P<kind>object|row|record)\b"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a sentence says about one status. `status` is None for "Returns a Call object" with no number."""

    status: int | None
    description: str
    array: bool = False
    noun: str = ""


@dataclass(frozen=True, slots=True)
class Passed:
    """A query parameter that a sentence introduces by a value: name, the value, what it is for."""

    name: str
    value: str
    why: str


def reason(status: int) -> str:
    """ "Not Found" for 404; "Status 499" for codes without a registered phrase."""
    return _REASONS.get(status, f"Status {status}")


def sentences(text: str) -> list[str]:
    """`text` cut after full stops that end a sentence."""
    return [
        part for part in re.split(r"(?<!e\.g\.)(?<!i\.e\.)(?<=[.!?])\s+(?=[A-Z0-9`\"(])", text) if part.strip()
    ]


def answers(text: str, names: Iterable[str]) -> list[Answer]:
    """The statuses and bodies that `text` promises. `names` are known object names, for "with the new Agent"."""
    found: list[Answer] = []
    for sentence in sentences(strip_markup(text)):
        codes = [match for match in _CODE.finditer(sentence) if _is_status(sentence, match)]
        for index, match in enumerate(codes):
            end = codes[index + 1].start() if index + 1 < len(codes) else len(sentence)
            status = int(match[1])
            clause = sentence[match.end() : end]
            phrase = _phrase_at(status, clause)
            clause = clause[phrase.end() :] if phrase else clause
            array, noun = body_in(clause, names)
            found.append(Answer(status, _condition(clause) or reason(status), array, noun))
        if not codes and re.match(r"(?:Returns?|Answers?|The response is)\b", sentence):
            array, noun = body_in(sentence, names)
            if array or noun:
                found.append(Answer(None, _condition(sentence), array, noun))
    return found


def _is_status(sentence: str, match: re.Match[str]) -> bool:
    after, before = sentence[match.end() :], sentence[: match.start()]
    if _phrase_at(int(match[1]), after):
        return True
    return bool(_BEFORE.search(before) and _AFTER.match(after))


def _phrase_at(status: int, text: str) -> re.Match[str] | None:
    phrases = re.escape(reason(status)) + (f"|{_OLD_PHRASES[status]}" if status in _OLD_PHRASES else "")
    return re.match(rf"\s+(?:{phrases})\b", text, re.I)


def _condition(clause: str) -> str:
    text = re.sub(r"\b(?:or|and)$", "", clause.strip(_EDGES)).strip(_EDGES)
    text = re.sub(r"^(?:if|when|with|for|unless|and|means)\b\s*", "", text).strip(" .,")
    return text[:1].upper() + text[1:] if text else ""


def body_in(clause: str, names: Iterable[str]) -> tuple[bool, str]:
    """(whether an array, the noun) of the body that `clause` speaks of: "a Call object" → (False, "Call")."""
    if match := _ARRAY.search(clause):
        noun = match["noun"].strip()
        capital = re.findall(r"[A-Z]\w*(?: [A-Z]\w*)*$", noun)
        if match["kind"].lower() in ("strings", "integers", "numbers"):
            return True, match["kind"].lower()[:-1]
        if capital:
            return True, capital[0]
        return True, "" if match["kind"].lower() in (
            "entries",
            "items",
        ) else f"{noun.split()[-1]} {_one(match['kind'])}"
    known = sorted(names, key=len, reverse=True)
    for name in known:
        if re.search(rf"\b(?:array|list) of (?:\w+ ){{0,2}}{re.escape(name)}s?\b", clause):
            return True, name
    if match := _ONE.search(clause):
        noun, kind = match["noun"], match["kind"]
        if noun == "JSON":
            return False, ""
        if kind == "object" and not noun[0].isupper():
            same = [name for name in known if name.lower() == noun.lower()]
            return False, same[0] if same else ""
        return False, noun if kind == "object" else f"{noun} {kind}"
    for name in known:
        if re.search(rf"\b(?:a|an|the|its)\s+(?:\w+\s+){{0,2}}{re.escape(name)}\b{_NAME_ENDS}", clause):
            return False, name
    return False, ""


def _one(kind: str) -> str:
    return {"entries": "entry"}.get(kind.lower(), kind.lower().rstrip("s"))


def passed(text: str) -> list[Passed]:
    """The query parameters that sentences such as "Pass force=true to skip the cache" introduce."""
    return [
        Passed(match["name"], match["value"], match["why"].strip()) for match in _PASS.finditer(strip_markup(text))
    ]


def response_headers(text: str) -> dict[str, str]:
    """Headers that the text says a response carries: {"Content-Disposition": "attachment"}."""
    return {match["name"]: match["value"] for match in _HEADER.finditer(strip_markup(text))}


def media_types(text: str) -> list[str]:
    """The media types in "as CSV or JSON"."""
    for match in _MEDIA.finditer(strip_markup(text)):
        words = re.findall(r"\b[A-Z0-9]{3,6}\b", re.sub(r"\([^()]*\)", "", match["list"]))
        found = [MEDIA_TYPES[word] for word in words if word in MEDIA_TYPES]
        if found:
            return list(dict.fromkeys(found))
    return []
