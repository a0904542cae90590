"""`/_mock`: what a mock offers besides the API, so that calls happen and time moves when the suite says so.

An implementation without it is judged by what it holds already, and by waiting.
"""

from collections.abc import Mapping
from typing import Any

from .client import Client
from .exchange import Exchange
from .finding import Unjudged

PREFIX = "/_mock"


class Control:
    """The control API of one organization, by its client."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @staticmethod
    def offered(client: Client) -> bool:
        """Whether the target has a control API that answers this key."""
        health = client.send("GET", f"{PREFIX}/health")
        if health.status != 200 or health.media_type != "application/json":
            return False
        return client.send("GET", f"{PREFIX}/clock").status == 200

    def place(self, **wanted: Any) -> int:
        """A call happens: `direction`, `scenario`, `from_number`, `agent_id` …; its id."""
        call_id: int = self._ask("POST", "/calls", wanted)["call_id"]
        return call_id

    def advance(self, seconds: float) -> None:
        """Move the organization's time; what falls due on the way happens, deliveries included."""
        self._ask("POST", "/clock/advance", {"seconds": seconds})

    def settle(self) -> None:
        """Move time until nothing waits any more."""
        self._ask("POST", "/clock/settle", {})

    def now(self) -> str:
        """The organization's time."""
        found: str = self._ask("GET", "/clock")["now"]
        return found

    def key(self, **wanted: Any) -> str:
        """Another key: of this organization or another of the same person (`organization_id`), for a member."""
        found: str = self._ask("POST", "/keys", wanted)["key"]
        return found

    def organization(self, world: str) -> str:
        """A key of a new organization that nobody else uses, furnished with what a world has."""
        made = self._ask("POST", "/organizations", {"world": world})
        spellings: list[str] = made.get("keys", [made["key"]])
        own = self._client.key or ""
        return next((each for each in spellings if each.split("_")[0] == own.split("_")[0]), spellings[0])

    def emails(self) -> list[Mapping[str, Any]]:
        """What was sent by e-mail, with the tokens in the links."""
        found: list[Mapping[str, Any]] = self._ask("GET", "/emails")
        return found

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        exchange: Exchange = self._client.send(method, PREFIX + path, json=body)
        if not 200 <= exchange.status < 300:
            raise Unjudged(f"The control API refused: {exchange.what}: {exchange.shown_reply()[:300]}")
        return exchange.json
