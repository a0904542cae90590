"""The headers a contract gives its requests (`x-delivery`), signatures over the exact bytes included."""

from urllib.parse import urlsplit

from mockserver.world.outbox import Outgoing


def path_query_of(url: str) -> str:
    """The path and query of a URL as they go over the wire; an empty path is `/`."""
    parts = urlsplit(url)
    path = parts.path if parts.path else "/"
    return f"{path}?{parts.query}" if parts.query else path


def contract_headers(outgoing: Outgoing, timestamp: int) -> dict[str, str]:
    """The headers that the contract gives a request sent at `timestamp` (Unix seconds), signatures included.

    One that needs a secret is left out where there is none.
    """
    facts = {
        "timestamp": str(timestamp).encode("ascii"),
        "method": outgoing.method.upper().encode("ascii"),
        "path": path_query_of(outgoing.url).encode("utf-8"),
        "body": outgoing.body,
        **{name: text.encode("utf-8") for name, text in outgoing.facts.items()},
    }
    found = {each.name: each.value(outgoing.secret, facts) for each in outgoing.rules}
    return {name: value for name, value in found.items() if value is not None}
