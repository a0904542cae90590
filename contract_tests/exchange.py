"""One request and its reply, as evidence."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_UNREMARKABLE = frozenset({"accept", "accept-encoding", "connection", "content-length", "host", "user-agent"})
_KEPT_BODY = 4_000


@dataclass(frozen=True)
class Exchange:
    """What was asked and what was answered. Header names are lower-case; bodies are bytes."""

    operation: str | None
    method: str
    url: str
    sent_headers: Mapping[str, str]
    sent: bytes
    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float = 0.0

    @property
    def json(self) -> Any:
        """The reply's JSON. Raises ValueError when it is none."""
        return json.loads(self.body)

    @property
    def media_type(self) -> str:
        """The reply's media type, without parameters; "" when it names none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def what(self) -> str:
        """The exchange in one line: `GET /v1/calls?limit=2 -> 200`."""
        return f"{self.method} {self.target} -> {self.status}"

    @property
    def target(self) -> str:
        """Path and query."""
        _, _, rest = self.url.partition("://")
        return "/" + rest.partition("/")[2]

    def curl(self) -> str:
        """A command that sends the request again. The key stands for itself: `$API_KEY`."""
        words = ["curl", "-i"]
        if self.method != "GET":
            words += ["-X", self.method]
        words.append(shlex.quote(self.url))
        for name, value in self.sent_headers.items():
            if name in _UNREMARKABLE:
                continue
            if name in ("authorization", "x-api-key"):
                scheme = value.partition(" ")[0] + " " if name == "authorization" else ""
                words += ["-H", f'"{name.title()}: {scheme}$API_KEY"']
            else:
                words += ["-H", shlex.quote(f"{name}: {value}")]
        if self.sent:
            words += ["--data-binary", shlex.quote(self.sent[:_KEPT_BODY].decode("utf-8", "replace"))]
        return " ".join(words)

    def shown_reply(self) -> str:
        """The reply for people: status, and the body as far as it can be read."""
        text = self.body[:_KEPT_BODY].decode("utf-8", "replace")
        return f"{self.status} {text}".rstrip()


@dataclass(frozen=True)
class Evidence:
    """The exchanges that show a finding, oldest first."""

    exchanges: tuple[Exchange, ...] = field(default_factory=tuple)
