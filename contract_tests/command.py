"""`mockserver verify BASE_URL --api-key KEY`: does this implementation keep the contract?"""

import difflib
from pathlib import Path

import click
from rich.console import Console

from .judge import Judge, Outcome, WrongTarget, accepting
from .law import Law
from .laws import every_law
from .options import DEFAULT_CONTRACT, Options
from .reports import files, page, terminal

KEPT, BROKEN, UNUSABLE = 0, 1, 2
"""Exit codes: nothing found; something found; nothing could be judged."""


@click.command()
@click.argument("base_url", required=False)
@click.option("--api-key", help="A key of the organization to judge.")
@click.option("--contract", default=DEFAULT_CONTRACT, show_default=True, help="The shipped contract to judge by.")
@click.option(
    "--openapi", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A document of your own."
)
@click.option("--writes", is_flag=True, help="Things may be changed there. On this machine they always may.")
@click.option("--billable", is_flag=True, help="Money may be spent and phones may ring. Needs --writes.")
@click.option("--control/--no-control", default=None, help="Use /_mock, or do not. Default: if it is there.")
@click.option("--second-key", help="A key of another organization, for laws about isolation.")
@click.option(
    "--webhook-sink", "sink", help="How the target reaches this machine: a public URL of --webhook-port."
)
@click.option("--webhook-port", default=0, help="The port to receive webhooks on. Default: any free one.")
@click.option("--no-webhooks", is_flag=True, help="Start no receiver.")
@click.option("--seed", default=0, show_default=True, help="What generated requests are derived from.")
@click.option(
    "--max-examples",
    default=10,
    show_default=True,
    type=click.IntRange(1),
    help="Generated requests per operation.",
)
@click.option(
    "--patience", default=40.0, show_default=True, help="Real seconds to wait where time cannot be moved."
)
@click.option("--only", multiple=True, metavar="LAW", help="Judge only this law or subject. May be repeated.")
@click.option("--skip", multiple=True, metavar="LAW", help="Leave out this law or subject. May be repeated.")
@click.option("--list", "lists", is_flag=True, help="Show every law, what it needs and its source.")
@click.option("--explain", metavar="CODE", help="Explain one law.")
@click.option(
    "--baseline", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Findings to accept."
)
@click.option(
    "--write-baseline", type=click.Path(dir_okay=False, path_type=Path), help="Accept what is found from now on."
)
@click.option("--junit", type=click.Path(dir_okay=False, path_type=Path), help="Write JUnit XML.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write JSON.")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write one HTML page.")
def verify(
    base_url: str | None,
    api_key: str | None,
    contract: str,
    openapi: Path | None,
    writes: bool,
    billable: bool,
    control: bool | None,
    second_key: str | None,
    sink: str | None,
    webhook_port: int,
    no_webhooks: bool,
    seed: int,
    max_examples: int,
    patience: float,
    only: tuple[str, ...],
    skip: tuple[str, ...],
    lists: bool,
    explain: str | None,
    baseline: Path | None,
    write_baseline: Path | None,
    junit: Path | None,
    json_file: Path | None,
    html: Path | None,
) -> None:
    """Judge whether the implementation at BASE_URL keeps the contract.

    Exits with 0 when no law is broken, with 1 when one is, and with 2 when nothing could be judged.
    """
    console = Console(highlight=False)
    if lists:
        _list(console)
        return
    if explain is not None:
        terminal.explain(console, _law(explain))
        return
    if base_url is None or api_key is None:
        raise click.UsageError("Say what to judge: mockserver verify http://127.0.0.1:8675 --api-key sk_test_demo")
    if not base_url.startswith(("http://", "https://")):
        raise click.UsageError(f"BASE_URL: {base_url!r} is no address. Give one as http://127.0.0.1:8675.")
    if billable and not writes:
        raise click.UsageError("--billable needs --writes: what costs money also changes things.")
    options = Options(
        base_url=base_url.rstrip("/"),
        api_key=api_key,
        contract=contract,
        openapi=openapi,
        writes=writes,
        billable=billable,
        control=control,
        second_key=second_key,
        webhook_url=sink,
        webhook_port=webhook_port,
        receiver=not no_webhooks,
        seed=seed,
        max_examples=max_examples,
        only=tuple(_named(each) for each in only),
        skip=tuple(_named(each) for each in skip),
        patience=patience,
    )
    try:
        known = frozenset() if baseline is None else files.read_baseline(baseline)
        with Judge(options) as judge:
            laws = judge.chosen(every_law())
            with terminal.Live(console, len(laws)) as live:
                report = accepting(judge.run(laws, progress=live), known)
    except WrongTarget as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(UNUSABLE) from None
    terminal.write(console, report)
    if write_baseline is not None:
        files.write_baseline(report, write_baseline)
    for path, write in ((junit, files.write_junit), (json_file, files.write_json), (html, page.write_html)):
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            write(report, path)
    if report.findings:
        raise SystemExit(BROKEN if write_baseline is None else KEPT)
    if not report.of(Outcome.KEPT):
        click.echo("Error: nothing could be judged.", err=True)
        raise SystemExit(UNUSABLE)


def _list(console: Console) -> None:
    subject = ""
    for law in every_law():
        if law.subject != subject:
            subject = law.subject
            console.print(f"\n[bold]{subject}[/]")
        needs = f" [yellow]needs {', '.join(sorted(law.needs))}[/]" if law.needs else ""
        console.print(f"{law.code} {law.name}: {law.title}{needs} [dim]({law.source})[/]", soft_wrap=True)


def _law(code: str) -> Law:
    known = {name: law for law in every_law() for name in (law.code, law.name)}
    if code not in known:
        raise click.UsageError(_unknown(code, list(known)))
    return known[code]


def _named(name: str) -> str:
    """A law's code or name, or a subject, as given. Raises UsageError for any other."""
    known = {each for law in every_law() for each in (law.code, law.name, law.subject)}
    if name not in known:
        raise click.UsageError(_unknown(name, sorted(known)))
    return name


def _unknown(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return f"There is no law {name!r}.{hint} `mockserver verify --list` shows all."
