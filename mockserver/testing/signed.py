"""Whether a webhook is signed as its contract says: what a careful receiver checks."""

import hmac
import re
from collections.abc import Mapping, Sequence
from typing import Final

from mockserver.clock import wall_ms
from mockserver.spec.delivery import Header

TOLERANCE_SECONDS: Final = 300
"""How old a signature may be, in real time, and how far ahead: the vendor's own verifier says five minutes."""


def objection(
    rules: Sequence[Header], secret: str, method: str, path: str, headers: Mapping[str, str], body: bytes
) -> str | None:
    """What is wrong with the signatures of a request, or None. `headers` have lower-case names.

    Each header that the contract signs is worked out again from the bytes and compared.
    """
    signed = [rule for rule in rules if rule.signs is not None]
    if not signed:
        return "its contract signs nothing, so nothing can be verified"
    for rule in signed:
        sent = headers.get(rule.name.lower())
        if sent is None:
            return f"the header {rule.name} is missing"
        timestamp = _timestamp(rule, sent) or _timestamp_of(rules, headers)
        facts = {
            "timestamp": timestamp.encode("ascii"),
            "method": method.upper().encode("ascii"),
            "path": path.encode("utf-8"),
            "body": body,
        }
        right = rule.value(secret, facts)
        if right is None or not hmac.compare_digest(right.encode("utf-8"), sent.encode("utf-8")):
            return (
                f"{rule.name} is {sent!r}, which this secret does not give for these bytes. Was the body parsed "
                "and written anew, or is it another endpoint's secret?"
            )
        if timestamp and abs(wall_ms() // 1000 - int(timestamp)) > TOLERANCE_SECONDS:
            return f"{rule.name} is older than {TOLERANCE_SECONDS} s: a replay"
    return None


def _timestamp(rule: Header, sent: str) -> str:
    """The time that a header shows, "" when it shows none."""
    pieces = [re.escape(literal.decode("utf-8")) for literal in rule.shows.literals]
    gaps = [f"(?P<{gap}>{'[0-9]+' if gap == 'timestamp' else '.*?'})" for gap in rule.shows.gaps]
    pattern = "".join(piece + gap for piece, gap in zip(pieces, [*gaps, ""], strict=True))
    found = re.fullmatch(pattern, sent)
    return found["timestamp"] if found is not None and "timestamp" in rule.shows.gaps else ""


def _timestamp_of(rules: Sequence[Header], headers: Mapping[str, str]) -> str:
    """The time that any header of the contract shows: some sign one that another header carries."""
    shown = (_timestamp(rule, headers.get(rule.name.lower(), "")) for rule in rules)
    return next((each for each in shown if each), "")
