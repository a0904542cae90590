"""Judges an implementation: which laws can be judged there, which cannot and why, and what was found."""

import re
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum

from .client import Client
from .control import Control
from .document import Document, Operation, WrongDocument
from .exchange import Exchange
from .finding import Broken, Finding, Unjudged, merged
from .law import Law, Need
from .options import Options, shipped_documents
from .receiver import Receiver
from .trial import Means, Trial
from .watch import Watch

READING_WORLD = "demo"
"""What laws that only read look at on a mock: an organization with weeks of calls behind it."""


class WrongTarget(Exception):
    """Nothing can be judged: the target does not answer, refuses the key, or an option makes no sense."""


class Outcome(StrEnum):
    """What became of a law."""

    KEPT = "kept"
    BROKEN = "broken"
    UNJUDGED = "not judged"


@dataclass(frozen=True)
class Verdict:
    """What became of one law. `reason` says why it could not be judged."""

    law: Law
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Report:
    """What a run says. `accepted` are findings that the baseline knows."""

    options: Options
    contract: str
    verdicts: tuple[Verdict, ...]
    exchanges: int
    seconds: float
    has_control: bool
    accepted: tuple[Finding, ...] = field(default=())

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything found that no baseline knows."""
        return tuple(each for verdict in self.verdicts for each in verdict.findings)

    def of(self, outcome: Outcome) -> tuple[Verdict, ...]:
        """The verdicts of one outcome."""
        return tuple(each for each in self.verdicts if each.outcome is outcome)


Progress = Callable[[Verdict], None]


def document_for(options: Options) -> Document:
    """The document to judge by. Raises WrongTarget for a contract there is none of."""
    if options.openapi is not None:
        try:
            return Document.load(options.openapi)
        except WrongDocument as error:
            raise WrongTarget(str(error)) from None
    folder = shipped_documents()
    path = folder / options.contract / "openapi.json"
    if not path.exists():
        known = ", ".join(sorted(each.parent.name for each in folder.glob("*/openapi.json")))
        raise WrongTarget(f"There is no contract {options.contract!r}. Known: {known}.")
    return Document.load(path)


class Judge:
    """One run over one implementation. Use as a context manager."""

    def __init__(self, options: Options, *, document: Document | None = None) -> None:
        self.options = options
        self.document = document_for(options) if document is None else document
        self.watch = Watch(self.document)
        self._started = time.monotonic()
        self._receiver = self._listening()
        self._client = Client(
            options.base_url, options.api_key, self.document, watch=self.watch, allowed=self.forbidden
        )
        self._means = Means(
            self.document, options, self._receiver, options.second_key, note_made=self.watch.note_made
        )
        self.control = self._control()
        self._reading: dict[tuple[str, ...], Trial] = {}

    def __enter__(self) -> "Judge":
        return self

    def __exit__(self, *raised: object) -> None:
        self._client.close()
        if self._receiver is not None:
            self._receiver.close()

    def _listening(self) -> Receiver | None:
        reachable = self.options.is_local or self.options.webhook_url is not None
        if not self.options.receiver or not reachable:
            return None
        return Receiver(self.options.webhook_url, port=self.options.webhook_port)

    def _control(self) -> Control | None:
        if self.options.control is False:
            return None
        try:
            offered = Control.offered(self._client)
        except Unjudged as unreachable:
            raise WrongTarget(str(unreachable)) from None
        if self.options.control and not offered:
            raise WrongTarget(
                f"{self.options.base_url} offers no control API under /_mock, and --control asks for it."
            )
        return Control(self._client) if offered else None

    def greet(self) -> None:
        """See that the target answers and takes the key. Raises WrongTarget."""
        asked = [each for each in self.document.operations.values() if _is_plain_read(each)][:3]
        try:
            statuses = {self._client(each.id).status for each in asked}
        except Unjudged as unreachable:
            raise WrongTarget(str(unreachable)) from None
        if statuses == {401}:
            raise WrongTarget(
                f"{self.options.base_url} refuses the key. Give one that is in use there: --api-key."
            )
        if statuses == {404}:
            raise WrongTarget(
                f"{self.options.base_url} knows none of {', '.join(each.label for each in asked)}. "
                "Give the address without the version, as http://127.0.0.1:8675."
            )

    def forbidden(self, operation: Operation) -> str:
        """Why an operation must not be used there; "" when it may."""
        if not operation.is_safe and not self.options.may_write:
            return f"{operation.label} changes things there: allow it with --writes."
        if operation.effects is not None and not self.options.may_spend:
            return f"{operation.label} costs money or rings phones: allow it with --writes --billable."
        return ""

    # -- one law --------------------------------------------------------------------------------------

    def lacks(self, law: Law) -> str:
        """Why a law cannot be judged here; "" when it can."""
        if law.contracts and self.document.name not in law.contracts:
            return f"It is a law of {', '.join(law.contracts)}."
        missing = [each for each in law.operations if each not in self.document.operations]
        if missing:
            return f"The contract has no {', '.join(missing)}."
        if Need.WRITES in law.needs and not self.options.may_write:
            return "It changes things there: allow it with --writes."
        if Need.BILLABLE in law.needs and not self.options.may_spend:
            return "It costs money or rings phones: allow it with --writes --billable."
        if Need.CONTROL in law.needs and self.control is None:
            return "It takes the control API of a mock, to make calls happen and move time."
        if Need.RECEIVER in law.needs and self._receiver is None:
            return "It takes a webhook receiver that the target can reach: --webhook-sink URL."
        return ""

    def judge(self, law: Law) -> Verdict:
        """Judge one law."""
        reason = self.lacks(law)
        if reason:
            return Verdict(law, Outcome.UNJUDGED, reason=reason)
        if law.is_passive:
            return self._passive(law)
        started = time.monotonic()
        self._means.broken.clear()
        self._means.notes.clear()
        self.watch.recent.clear()
        self.watch.made.clear()
        unjudged = ""
        try:
            law.body(self._trial(law))
        except Broken as broken:
            self._means.broken.append(broken)
        except Unjudged as cannot:
            unjudged = str(cannot)
        except (LookupError, TypeError, ValueError, AttributeError) as surprise:
            # What the law reads is not there, or not of its type: the reply's shape is at fault.
            self._means.broken.append(
                Broken(
                    f"The reply is not what the law can read: {type(surprise).__name__}: {surprise}",
                    mark="unreadable",
                )
            )
        findings = tuple(merged(self._finding(law, each) for each in self._means.broken))
        if self.control is None:
            self._tidy_up()
        spent = time.monotonic() - started
        if findings:
            return Verdict(law, Outcome.BROKEN, findings, seconds=spent)
        notes = "; ".join(dict.fromkeys((*self._means.notes, *([unjudged] if unjudged else []))))
        return Verdict(law, Outcome.UNJUDGED if notes else Outcome.KEPT, reason=notes, seconds=spent)

    def _tidy_up(self) -> None:
        """Delete what a law made in the organization it was given, so that the next one finds it as it was."""
        for key, collection, thing in reversed(self.watch.made):
            with suppress(Unjudged):
                unwatched = Client(self.options.base_url, key, self.document, watch=lambda exchange: None)
                unwatched(collection.delete or "", **{collection.parameter: thing})
                unwatched.close()
        self.watch.made.clear()

    def _finding(self, law: Law, broken: Broken) -> Finding:
        evidence = broken.exchanges or self._shown(broken.message)
        operation = broken.operation or (evidence[-1].operation if evidence else None)
        return Finding(law.code, broken.message, broken.mark or law.name, operation, evidence)

    def _shown(self, message: str) -> tuple[Exchange, ...]:
        """The latest exchange whose reply has what the message names; else the latest."""
        recent = tuple(self.watch.recent)
        names = [each.encode() for each in re.findall(r"\b\d{6,}\b", message)]
        for exchange in reversed(recent):
            if names and all(name in exchange.body for name in names[:1]):
                return (exchange,)
        return recent[-1:]

    def home(self) -> Trial:
        """The organization of the key."""
        return Trial(self._client, self._means, control=self.control)

    def _trial(self, law: Law) -> Trial:
        home = self.home()
        if Need.WRITES in law.needs or Need.BILLABLE in law.needs:
            return home.fresh()
        if law.contracts not in self._reading:
            reading = self._reading[law.contracts] = home.fresh(READING_WORLD)
            if self.control is not None and law.contracts:
                reading.furnish()
            elif self.control is not None:
                reading.settle()
        return self._reading[law.contracts]

    # -- a run ----------------------------------------------------------------------------------------

    def chosen(self, laws: Iterable[Law]) -> list[Law]:
        """The laws that --only and --skip leave. Raises WrongTarget for a name that is none."""
        known = list(laws)
        names = {name for law in known for name in (law.code, law.name, law.subject)}
        for wanted in (*self.options.only, *self.options.skip):
            if wanted not in names:
                raise WrongTarget(f"There is no law or subject {wanted!r}. `--list` shows them.")

        def is_in(law: Law, choice: Sequence[str]) -> bool:
            return bool({law.code, law.name, law.subject} & set(choice))

        only, skip = self.options.only, self.options.skip
        return [each for each in known if (not only or is_in(each, only)) and not is_in(each, skip)]

    def run(self, laws: Iterable[Law], *, progress: Progress = lambda verdict: None) -> Report:
        """Judge laws one after the other; passive ones last, because every other law is their evidence.

        Raises WrongTarget when the target does not answer, or refuses the key.
        """
        self.greet()
        verdicts: list[Verdict] = []
        for law in sorted(laws, key=lambda each: each.is_passive):
            verdicts.append(self.judge(law))
            progress(verdicts[-1])
        verdicts.sort(key=lambda each: each.law.code)
        return Report(
            self.options,
            self.document.name,
            tuple(verdicts),
            self.watch.exchanges,
            time.monotonic() - self._started,
            self.control is not None,
        )

    def _passive(self, law: Law) -> Verdict:
        findings = tuple(merged(each for each in self.watch.findings if each.law == law.code))
        if not self.watch.exchanges:
            return Verdict(law, Outcome.UNJUDGED, reason="Nothing was asked that it could be seen by.")
        return Verdict(law, Outcome.BROKEN if findings else Outcome.KEPT, findings)


def accepting(report: Report, known: frozenset[str]) -> Report:
    """The report with the findings that a baseline knows set aside; a law with no others counts as kept."""
    accepted: list[Finding] = []
    verdicts: list[Verdict] = []
    for verdict in report.verdicts:
        new = tuple(each for each in verdict.findings if each.fingerprint not in known)
        accepted += [each for each in verdict.findings if each.fingerprint in known]
        if verdict.outcome is Outcome.BROKEN:
            outcome = Outcome.BROKEN if new else Outcome.KEPT
            verdict = replace(verdict, outcome=outcome, findings=new)
        verdicts.append(verdict)
    return replace(report, verdicts=tuple(verdicts), accepted=tuple(accepted))


def _is_plain_read(operation: Operation) -> bool:
    return (
        operation.method == "GET"
        and operation.secured
        and "{" not in operation.path
        and not any(each.required for each in operation.parameters)
    )
