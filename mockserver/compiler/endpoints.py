"""Operations as endpoint tables list them, and how a heading or a request finds one."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mockserver.compiler.problems import Place
from mockserver.compiler.typewords import strip_markup


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation as an endpoint table lists it; `source` is the slug of the heading above the table."""

    method: str
    path: str
    description: str
    place: Place
    source: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def find_endpoint(endpoints: Iterable[Endpoint], method: str, path: str) -> Endpoint | None:
    """The operation that a request to `path` reaches; literal segments win over parameters."""
    wanted = [part for part in path.split("/") if part]
    best: tuple[int, Endpoint] | None = None
    for endpoint in endpoints:
        parts = [part for part in endpoint.path.split("/") if part]
        if endpoint.method != method.upper() or len(parts) != len(wanted):
            continue
        literal = 0
        for part, given in zip(parts, wanted, strict=True):
            if part == given and not part.startswith("{"):
                literal += 1
            elif not part.startswith("{"):
                break
        else:
            if best is None or literal > best[0]:
                best = (literal, endpoint)
    return best[1] if best else None


# How like a heading and an operation's description are.

_VERBS: dict[str, str] = {
    **dict.fromkeys(["get", "fetch", "retrieve", "read", "show", "view", "download"], "read"),
    **dict.fromkeys(["list", "browse", "enumerate", "search", "query"], "list"),
    **dict.fromkeys(
        [
            *(
                "create",
                "add",
                "file",
                "submit",
                "post",
                "make",
                "provision",
                "register",
                "place",
                "send",
                "start",
            ),
            *("run", "trigger", "launch", "report", "open", "request", "buy", "import", "invite", "generate"),
        ],
        "create",
    ),
    **dict.fromkeys(["update", "edit", "modify", "change", "patch", "set", "assign", "rename"], "update"),
    **dict.fromkeys(["replace", "put", "overwrite"], "replace"),
    **dict.fromkeys(["delete", "remove", "release", "revoke", "cancel", "destroy"], "delete"),
    **dict.fromkeys(["export"], "export"),
}
_METHOD_VERBS = {
    "GET": ("read", "list", "export"),
    "HEAD": ("read", "list", "export"),
    "POST": ("create", "export", "update", "delete"),
    "PUT": ("replace", "update", "create"),
    "PATCH": ("update",),
    "DELETE": ("delete",),
    "OPTIONS": ("read",),
}
_IGNORED = {
    *("a", "an", "the", "of", "for", "to", "by", "in", "on", "or", "and", "its", "your", "single", "up", "from"),
    *("with", "all", "new", "re", "one", "this", "that"),
}


def _stem(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    else:
        if word.endswith("s") and not word.endswith("ss"):
            word = word[:-1]
    return word.rstrip("e")


def _words(text: str) -> list[str]:
    return [word for word in re.findall(r"[a-z]+", text.lower()) if word not in _IGNORED]


def likeness(heading: str, endpoint: Endpoint) -> tuple[float, ...] | None:
    """How well `heading` fits `endpoint`, larger is better; None when it does not fit at all.

    Every word of the heading must be found in the operation's description or path, the verb must agree with the
    method, and the last literal part of the path must be spoken of.
    """
    words = _words(re.sub(r"^\d+\.\s+", "", strip_markup(heading)))
    if not words:
        return None
    described = _words(endpoint.description)
    literals = [part for part in endpoint.path.split("/") if part and not part.startswith("{")]
    literals = [part for part in literals if not re.fullmatch(r"v\d+", part)]
    verb = _VERBS.get(words[0])
    nouns = {_stem(word) for word in (words[1:] if verb else words)}
    own = {_stem(word) for word in described} | {_stem(word) for part in literals for word in _words(part)}
    if not nouns <= own:
        return None
    focus = {_stem(word) for word in _words(literals[-1])} if literals else set()
    if nouns and not nouns & focus and _stem(words[0]) not in focus:
        return None
    agreement = 0.0
    if verb:
        if words[0] in described:
            agreement = 3.0
        elif verb in {_VERBS.get(word) for word in described}:
            agreement = 2.0
        elif verb in _METHOD_VERBS[endpoint.method]:
            agreement = 1.0
        else:
            return None
        if agreement > 1 and verb not in _METHOD_VERBS[endpoint.method] and endpoint.method == "GET":
            return None
    return (1.0 if verb else 0.0, agreement, len(nouns & own) / len(own))
