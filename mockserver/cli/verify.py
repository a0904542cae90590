"""`mockserver verify`: the contract suite, which is a package of its own and knows nothing of the mock."""

import click

from mockserver import shipped


def _without(missing: str) -> click.Command:
    """The command where what it needs is not installed: it is listed, and says what to install."""

    @click.command("verify", add_help_option=False, context_settings={"ignore_unknown_options": True})
    @click.argument("words", nargs=-1, type=click.UNPROCESSED)
    def refused(words: tuple[str, ...]) -> None:
        """Judge an implementation by its contract (install the extra `verify` first)."""
        raise click.ClickException(
            f"mockserver verify needs {missing}, which comes with: pip install 'thunderphone-mockserver[verify]'"
        )

    return refused


try:
    verify: click.Command = shipped.suite("command").verify
except ModuleNotFoundError as error:
    if error.name is None or error.name.partition(".")[0] in ("mockserver", "contract_tests"):
        raise
    verify = _without(error.name)
