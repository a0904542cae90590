"""Rate limits that a contract documents (`x-rate-limit`), told in headers and, where it says so, enforced.

    x-rate-limit: {requests: 5, seconds: 60}                        # on an operation: its own, and enforced
    x-rate-limit: {requests: 120, seconds: 60, enforced: false}     # on the document: of all others together

Requests are counted by key and in world time, like everything that has a time in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from mockserver.errors import ApiError
from mockserver.spec.contract import Contract
from mockserver.spec.document import Operation
from mockserver.world.world import World


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `requests` in any `seconds`, counted together under `scope`."""

    scope: str
    requests: int
    seconds: int
    enforced: bool


def limit_of(contract: Contract, operation: Operation) -> Limit | None:
    """The limit that holds for an operation: its own, else its contract's, else None."""
    for scope, node in ((operation.id, operation.node), (contract.name, contract.document.raw)):
        if "x-rate-limit" in node:
            rule = node["x-rate-limit"]
            return Limit(scope, rule["requests"], rule["seconds"], rule.get("enforced", True))
    return None


def admit(world: World, limit: Limit) -> Mapping[str, str]:
    """Count one more request; the headers that say how many are left. Raises ApiError 429 beyond the limit."""
    now_ms = world.clock.now_ms
    moments = [each for each in world.requests.get(limit.scope, ()) if now_ms - each < limit.seconds * 1000]
    refused = limit.enforced and len(moments) >= limit.requests
    if not refused:
        moments.append(now_ms)
    # What is not enforced is not counted without end: beyond the limit nothing changes any more.
    world.requests[limit.scope] = moments[-limit.requests :]
    reset = (moments[0] if moments else now_ms) // 1000 + limit.seconds
    headers = {
        "X-RateLimit-Limit": str(limit.requests),
        "X-RateLimit-Remaining": str(max(0, limit.requests - len(moments))),
        "X-RateLimit-Reset": str(reset),
    }
    if refused:
        wait = max(1, reset - now_ms // 1000)
        text = f"Rate limit exceeded: {limit.requests} requests in {limit.seconds} s. Try again in {wait} s."
        raise ApiError(text, status=429, headers={**headers, "Retry-After": str(wait)})
    return headers
