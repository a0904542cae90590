"""A way to talk to a running server as one API key, with the interface of `caller.Caller`."""

from collections.abc import Mapping
from typing import Any

import httpx2
import orjson
from caller import Answer


class Wire:
    """Calls a server over a socket."""

    def __init__(self, base_url: str, key: str) -> None:
        self.base_url = base_url
        self.key = key
        self.client = httpx2.Client(base_url=base_url, timeout=30, trust_env=False)

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *error: object) -> None:
        self.client.close()

    def __call__(
        self,
        method: str,
        target: str,
        json: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> Answer:
        sent = {"authorization": f"Bearer {self.key}", **(headers or {})}
        if json is not None:
            kwargs["content"] = orjson.dumps(json)
            sent.setdefault("content-type", "application/json")
        reply = self.client.request(method, target, headers=sent, **kwargs)
        return Answer(
            reply.status_code, {name.lower(): text for name, text in reply.headers.items()}, reply.content
        )

    def get(self, target: str, **kwargs: Any) -> Answer:
        return self("GET", target, **kwargs)

    def post(self, target: str, json: Any = None, **kwargs: Any) -> Answer:
        return self("POST", target, json, **kwargs)

    def patch(self, target: str, json: Any = None, **kwargs: Any) -> Answer:
        return self("PATCH", target, json, **kwargs)

    def settle(self) -> None:
        assert self.post("/_mock/clock/settle").status == 200
