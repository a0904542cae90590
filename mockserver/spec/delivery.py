"""How a contract delivers its events: who has subscribed, what a request carries, when it is tried again.

Read from `x-delivery` at the root of the document:

    x-delivery:
      subscriptions:                 # whose documents are the subscribers
        collection: developer/webhook-endpoints
        events: events               # the field that lists the wanted types; an empty list means all
        active: {status: active}     # what a subscriber looks like that is sent to
        failing: {status: failing}   # what becomes of one that was tried in vain
        agent: agent_id              # the field that limits it to one agent's events
        most_retries: max_retries    # the field that says how often it is tried again
        timeout_ms: timeout_ms       # the field that says how long it may take to answer
        touched: last_triggered_at   # the field that keeps when it was last sent to
      single: {collection: webhook, names: {telephony.complete: call.complete}}
      headers:
        User-Agent: Vendor/1.0
        X-Event: "{event}"
        X-Signature: {signs: "{timestamp}.{body}", shows: "sha256={hex}"}
      timeout_seconds: 30
      retries: {first: 10, factor: 2, within: 86400}     # or {after: [10, 60, 300]}

A header's text may name {timestamp} (Unix seconds), {method}, {path} (with its query), {event} and {delivery};
what is signed also {body}, what is shown also {hex}: the lower-case hex HMAC-SHA256 of what is signed.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mockserver.errors import SpecError, nearest

Facts = Mapping[str, bytes]

_FACTS: Final = ("timestamp", "method", "path", "event", "delivery")


@dataclass(frozen=True, slots=True)
class Template:
    """Text with gaps: literal and fact by turns, beginning with a literal."""

    literals: tuple[bytes, ...]
    gaps: tuple[str, ...]

    def fill(self, facts: Facts) -> bytes | None:
        """The text with its gaps filled; None when a fact is not known."""
        parts = [self.literals[0]]
        for gap, literal in zip(self.gaps, self.literals[1:], strict=True):
            if gap not in facts:
                return None
            parts += [facts[gap], literal]
        return b"".join(parts)


@dataclass(frozen=True, slots=True)
class Header:
    """One header of every request: what it shows, and what is signed for it, if anything."""

    name: str
    shows: Template
    signs: Template | None = None

    def value(self, secret: str, facts: Facts) -> str | None:
        """The header's value; None when it needs a secret or a fact that there is none of."""
        known = facts
        if self.signs is not None:
            signed = self.signs.fill(facts)
            if signed is None or not secret:
                return None
            digest = hmac.new(secret.encode("utf-8"), signed, hashlib.sha256).hexdigest()
            known = {**facts, "hex": digest.encode("ascii")}
        shown = self.shows.fill(known)
        return None if shown is None else shown.decode("latin-1")


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """The documents that subscribe to events; see the module's text for the fields' names."""

    collection: str
    events: str
    active: Mapping[str, Any]
    failing: Mapping[str, Any] = field(default_factory=dict)
    agent: str | None = None
    most_retries: str | None = None
    timeout_ms: str | None = None
    touched: str | None = None


@dataclass(frozen=True, slots=True)
class Single:
    """A collection with one document whose URL gets every event, some under older names."""

    collection: str
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Retries:
    """When a request that was not accepted is sent again: after given seconds, or ever more slowly for a time."""

    after: tuple[int, ...] = ()
    first: int = 0
    factor: int = 1
    within: int = 0

    def due_ms(self, *, tries: int, first_ms: int, now_ms: int, most: int | None = None) -> int | None:
        """When to try again after `tries` tries, the first at `first_ms`; None when it is over.

        `most` is how many retries the subscriber wants at most.
        """
        if self.after:
            if tries > (len(self.after) if most is None else most):
                return None
            return now_ms + self.after[min(tries, len(self.after)) - 1] * 1000
        last_ms = first_ms + self.within * 1000
        if now_ms >= last_ms:
            return None
        wait: int = self.first * self.factor ** (tries - 1)
        return min(now_ms + wait * 1000, last_ms)


@dataclass(frozen=True, slots=True)
class Delivery:
    """How one contract delivers events."""

    subscriptions: Subscriptions
    single: Single | None
    headers: tuple[Header, ...]
    timeout_seconds: float
    retries: Retries


def read_delivery(raw: Mapping[str, Any], *, name: str) -> Delivery | None:
    """The `x-delivery` of a document called `name`, None without one. Raises SpecError for what makes no sense."""
    if "x-delivery" not in raw:
        return None
    where = f"{name}: x-delivery"
    setting = _checked(raw["x-delivery"], where, Delivery)
    retries = _checked(setting["retries"], f"{where}.retries", Retries)
    single = setting.get("single")
    return Delivery(
        subscriptions=Subscriptions(**_checked(setting["subscriptions"], f"{where}.subscriptions", Subscriptions)),
        single=None if single is None else Single(**_checked(single, f"{where}.single", Single)),
        headers=tuple(
            _header(name, text, f"{where}.headers.{name}") for name, text in setting.get("headers", {}).items()
        ),
        timeout_seconds=float(setting["timeout_seconds"]),
        retries=Retries(**{**retries, "after": tuple(retries.get("after", ()))}),
    )


def _checked(setting: Any, where: str, kind: type) -> dict[str, Any]:
    """A setting with none but the fields of `kind`, and those that it needs."""
    fields: Mapping[str, Any] = kind.__dataclass_fields__  # type: ignore[attr-defined]
    if not isinstance(setting, dict):
        raise SpecError(f"{where} must be an object, not {setting!r}.")
    for key in setting:
        if key not in fields:
            raise SpecError(f"{where}: there is no setting {key!r}.{nearest(str(key), fields)}")
    needed = {"collection", "events", "active", "subscriptions", "timeout_seconds", "retries"} & fields.keys()
    for key in sorted(needed - setting.keys()):
        raise SpecError(f"{where}: {key} is missing.")
    return setting


def _header(name: str, setting: Any, where: str) -> Header:
    if isinstance(setting, str):
        return Header(name, _template(setting, _FACTS, where))
    if not isinstance(setting, dict) or setting.keys() != {"signs", "shows"}:
        raise SpecError(f"{where}: a text is wanted, or an object of `signs` and `shows`, not {setting!r}.")
    return Header(
        name,
        shows=_template(setting["shows"], (*_FACTS, "hex"), f"{where}.shows"),
        signs=_template(setting["signs"], (*_FACTS, "body"), f"{where}.signs"),
    )


def _template(text: str, known: tuple[str, ...], where: str) -> Template:
    pieces = re.split(r"\{(\w+)\}", text)
    for gap in pieces[1::2]:
        if gap not in known:
            raise SpecError(
                f"{where}: nothing is called {{{gap}}}.{nearest(gap, known)} Known: {', '.join(known)}."
            )
    return Template(tuple(piece.encode("utf-8") for piece in pieces[::2]), tuple(pieces[1::2]))
