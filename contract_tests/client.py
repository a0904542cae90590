"""One implementation, spoken to as one API key, by operationId.

Every exchange is shown to a watch, which holds it against the document whatever it was made for.
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import httpx2

from .document import Document, Operation, WrongDocument
from .exchange import Exchange
from .finding import Broken, Unjudged

Watch = Callable[[Exchange], None]
Allowed = Callable[[Operation], str]
"""Says why an operation must not be used there; "" when it may."""

TIMEOUT_SECONDS = 30.0

# Too many requests is no finding but a wish: it is granted so often, when it names a time that can be waited for.
PATIENCE_TRIES = 4
LONGEST_WAIT_SECONDS = 60


class Client:
    """Speaks to an implementation at `base_url` as the holder of `key` (None sends none).

    `watch` sees each exchange. A reply that never comes is an exchange with status 0.
    """

    def __init__(
        self,
        base_url: str,
        key: str | None,
        document: Document,
        *,
        watch: Watch,
        allowed: Allowed = lambda operation: "",
        http: httpx2.Client | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.key = key
        self.document = document
        self.watch = watch
        self.allowed = allowed
        self._http = httpx2.Client(timeout=TIMEOUT_SECONDS, trust_env=False) if http is None else http

    def holding(self, key: str | None) -> "Client":
        """The same implementation as the holder of another key."""
        return Client(self.base_url, key, self.document, watch=self.watch, allowed=self.allowed, http=self._http)

    def close(self) -> None:
        """Close the connections of this client and of those made of it."""
        self._http.close()

    def operation(self, operation_id: str) -> Operation:
        """The operation of this id. Raises WrongDocument when the document has none."""
        found = self.document.operations.get(operation_id)
        if found is None:
            raise WrongDocument(f"The document has no operation {operation_id}.")
        return found

    def __call__(
        self,
        operation_id: str,
        *,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        **parameters: Any,
    ) -> Exchange:
        """Ask an operation. `parameters` are those of its path and query, by name; one that is None is left out.

        A parameter that the operation does not declare goes into the query. Raises Unjudged when the operation may
        not be used there.
        """
        operation = self.operation(operation_id)
        forbidden = self.allowed(operation)
        if forbidden:
            raise Unjudged(forbidden)
        path, query = operation.path, {}
        for name, value in parameters.items():
            declared = operation.parameter(name)
            if declared is not None and declared.location == "path":
                path = path.replace("{" + name + "}", quote(str(value), safe=""))
            elif value is not None:
                query[name] = _as_text(value)
        if "{" in path:
            raise WrongDocument(f"{operation.label} needs its path parameters.")
        target = path + ("?" + urlencode(query) if query else "")
        return self.send(operation.method, target, json=json, headers=headers, operation=operation.id)

    def ok(self, operation_id: str, **arguments: Any) -> Any:
        """Ask an operation and read its reply. Raises Broken when it is no success."""
        exchange = self(operation_id, **arguments)
        if not 200 <= exchange.status < 300:
            raise Broken(
                f"{exchange.what}, and a success was due: {exchange.shown_reply()[:300]}",
                exchange,
                mark=f"{operation_id} answers {exchange.status} where a success is due",
                operation=operation_id,
            )
        if not exchange.body:
            return None
        try:
            return exchange.json
        except ValueError:
            raise Broken(
                f"{exchange.what} with a body that is no JSON.", exchange, operation=operation_id
            ) from None

    def send(
        self,
        method: str,
        target: str,
        *,
        json: Any = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        operation: str | None = None,
    ) -> Exchange:
        """Send any request; `target` is a path with its query, or a whole URL."""
        sent: dict[str, str] = {"accept": "*/*"}
        if self.key is not None:
            sent["authorization"] = f"Bearer {self.key}"
        content = body
        if json is not None:
            content = _encoded(json)
            sent["content-type"] = "application/json"
        sent |= {name.lower(): value for name, value in (headers or {}).items()}
        url = target if "://" in target else self.base_url + target
        for _ in range(PATIENCE_TRIES):
            exchange = self._exchange(method, url, content, sent, operation)
            self.watch(exchange)
            wait = exchange.headers.get("retry-after", "")
            if exchange.status != 429 or not wait.isdigit() or int(wait) > LONGEST_WAIT_SECONDS:
                break
            time.sleep(int(wait))
        return exchange

    def _exchange(
        self, method: str, url: str, content: bytes | None, sent: dict[str, str], operation: str | None
    ) -> Exchange:
        started = time.monotonic()
        try:
            reply = self._http.request(method, url, content=content, headers=sent, follow_redirects=False)
        except httpx2.ConnectError as error:
            raise Unjudged(f"Nobody answers at {url.partition('/v')[0]}: {error}.") from None
        except httpx2.HTTPError as error:
            text = f"{type(error).__name__}: {error}".encode()
            return Exchange(operation, method, url, sent, content or b"", 0, {}, text, time.monotonic() - started)
        return Exchange(
            operation,
            method,
            url,
            sent,
            content or b"",
            reply.status_code,
            {name.lower(): value for name, value in reply.headers.items()},
            reply.content,
            time.monotonic() - started,
        )


def _encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
