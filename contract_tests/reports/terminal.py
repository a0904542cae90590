"""A run on a terminal: progress while it goes on, then what was found, what could not be judged, and one line to
remember.
"""

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ..finding import Finding
from ..judge import Outcome, Report, Verdict
from ..law import Law

MARKS = {
    Outcome.KEPT: "[green]kept[/]",
    Outcome.BROKEN: "[red]broken[/]",
    Outcome.UNJUDGED: "[yellow]not judged[/]",
}

SHOWN_PER_LAW = 5
"""Findings of one law that are written out; the rest are counted, and whole in the JSON and HTML reports."""


class Live:
    """Progress of a run. Use as a context manager; call it with each verdict."""

    def __init__(self, console: Console, total: int) -> None:
        self._console = console
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("judging", total=total)

    def __enter__(self) -> "Live":
        self._bar.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._bar.stop()

    def __call__(self, verdict: Verdict) -> None:
        """Note a verdict; a broken law is told at once."""
        self._bar.update(self._task, advance=1, description=f"{verdict.law.code} {verdict.law.name}")
        if verdict.outcome is Outcome.BROKEN:
            self._console.print(
                f"{MARKS[verdict.outcome]} [bold]{verdict.law.code}[/] {escape(verdict.law.title)}"
            )


def write(console: Console, report: Report) -> None:
    """The whole report, for a person who wants to act on it."""
    for verdict in report.of(Outcome.BROKEN):
        law = verdict.law
        console.rule(f"[bold red]{law.code}[/] {law.name}", align="left", style="red")
        console.print(escape(law.title))
        console.print(f"source: {escape(law.source)}", style="dim")
        for finding in verdict.findings[:SHOWN_PER_LAW]:
            console.print()
            _finding(console, finding)
        if len(verdict.findings) > SHOWN_PER_LAW:
            console.print(f"\n… and {len(verdict.findings) - SHOWN_PER_LAW} more of this law.", style="dim")
        if law.causes:
            console.print(f"\nUsual causes: {escape(law.causes)}", style="dim")
    _unjudged(console, report)
    if report.accepted:
        console.print(f"\n{len(report.accepted)} known findings are accepted by the baseline.", style="dim")
    console.print()
    console.print(summary(report), soft_wrap=True)


def _finding(console: Console, finding: Finding) -> None:
    where = f"[bold]{escape(finding.operation)}[/]: " if finding.operation else ""
    console.print(f"  {where}{escape(finding.message)}", soft_wrap=True)
    if finding.evidence:
        console.print(Padding(escape(finding.evidence[-1].curl()), (0, 0, 0, 4)), style="cyan", soft_wrap=True)


def _unjudged(console: Console, report: Report) -> None:
    reasons: dict[str, list[Law]] = {}
    for verdict in report.of(Outcome.UNJUDGED):
        reasons.setdefault(verdict.reason, []).append(verdict.law)
    if not reasons:
        return
    console.print("\n[yellow]Not judged[/]")
    for reason, laws in sorted(reasons.items(), key=lambda each: -len(each[1])):
        codes = ", ".join(law.code for law in laws[:8]) + (f" and {len(laws) - 8} more" if len(laws) > 8 else "")
        console.print(f"  {len(laws)}: {escape(reason)} ({codes})", soft_wrap=True)


def summary(report: Report) -> str:
    """`141 laws of thunderphone-2026-04: 139 kept, 2 broken (3 findings), 0 not judged; 4,425 requests in 11
    s.`
    """
    counts = {outcome: len(report.of(outcome)) for outcome in Outcome}
    found = f" ({len(report.findings)} findings)" if report.findings else ""
    return (
        f"{len(report.verdicts)} laws of {report.contract}: {counts[Outcome.KEPT]} kept, "
        f"{counts[Outcome.BROKEN]} broken{found}, "
        f"{counts[Outcome.UNJUDGED]} not judged; {report.exchanges:,} requests in {report.seconds:.0f} s."
    )


def explain(console: Console, law: Law) -> None:
    """One law, with its source, its needs and its usual causes."""
    console.print(f"[bold]{law.code}[/] {law.name} ({law.subject})\n")
    console.print(escape(law.text))
    console.print(f"\nSource: {escape(law.source)}")
    if law.causes:
        console.print(f"Usual causes: {escape(law.causes)}", soft_wrap=True)
    needs = ", ".join(sorted(law.needs)) or "nothing but a base URL and a key"
    console.print(f"Needs: {needs}")
    if law.contracts:
        console.print(f"Contracts: {', '.join(law.contracts)}")
    if law.operations:
        console.print(f"Operations: {', '.join(law.operations)}")
