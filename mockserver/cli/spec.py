"""`mockserver spec`: build the OpenAPI documents from their pages, and check the pages."""

from pathlib import Path

import click

from mockserver.errors import MockError


@click.group()
def spec() -> None:
    """Work with the documents that drive the mock."""


@spec.command()
@click.argument("contract", required=False)
@click.option(
    "--docs", type=click.Path(exists=True, file_okay=False, path_type=Path), help="A folder of .md and .txt pages."
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Where to write the document.")
@click.option("--overrides", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Corrections.")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 when the committed files differ.")
def build(contract: str | None, docs: Path | None, out: Path | None, overrides: Path | None, check: bool) -> None:
    """Compile reference pages to an OpenAPI 3.1 document.

    Either name a CONTRACT (a folder of openapi/), or give --docs and --out.
    """
    if (contract is None) == (docs is None):
        raise click.UsageError("Name a CONTRACT, or give --docs DIR with --out FILE.")
    if contract is not None and (out is not None or overrides is not None):
        raise click.UsageError("--out and --overrides go with --docs; a CONTRACT has its own.")
    if docs is not None and out is None:
        raise click.UsageError("--docs needs --out FILE.")
    try:
        files, notes = _compiled(contract, docs, out, overrides)
    except MockError as error:
        click.echo(str(error), err=True)
        raise SystemExit(1) from None
    for note in notes:
        click.echo(note, err=True)
    stale = [path for path, text in files.items() if not path.exists() or path.read_bytes() != text.encode()]
    if check:
        for path in stale:
            click.echo(f"{path}: differs from what its pages say; build it again", err=True)
        raise SystemExit(1 if stale else 0)
    for path in stale:
        path.write_bytes(files[path].encode())
    for path in files:
        click.echo(f"{path}: {'written' if path in stale else 'unchanged'}")


def _compiled(
    contract: str | None, docs: Path | None, out: Path | None, overrides: Path | None
) -> tuple[dict[Path, str], list[str]]:
    """The files to write and the notes to show."""
    from mockserver.compiler.contract import compile_folder, contract_files, to_yaml

    if contract is not None:
        folder = _contract_folder(contract)
        texts, notes = contract_files(folder)
        return {folder / name: text for name, text in texts.items()}, [str(note) for note in notes]
    assert docs is not None
    assert out is not None
    compiled = compile_folder(docs, overrides=overrides)
    text = to_yaml(compiled.document, pages="--docs", command="mockserver spec build")
    return {out: text}, [str(note) for note in compiled.notes]


def _contract_folder(name: str) -> Path:
    from mockserver.errors import WrongUse, nearest
    from mockserver.shipped import folder

    root = folder("openapi")
    names = sorted(path.parent.name for path in root.glob("*/docs"))
    if name not in names:
        raise WrongUse(
            f"no contract {name!r} with pages in {root}.{nearest(name, names)} There are: {', '.join(names)}."
        )
    return root / name


@spec.command()
@click.option(
    "--docs",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of .md and .txt pages.",
)
def lint(docs: Path) -> None:
    """Check pages: rows that cannot be read, and examples that contradict the tables beside them."""
    from mockserver.compiler.contract import lint_folder

    try:
        problems = lint_folder(docs)
    except MockError as error:
        click.echo(str(error), err=True)
        raise SystemExit(1) from None
    for problem in problems:
        click.echo(str(problem))
    raise SystemExit(1 if any(problem.fatal for problem in problems) else 0)
