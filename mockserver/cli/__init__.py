"""The command `mockserver`. Each subcommand is a module, imported when it is used."""

import importlib

import click

import mockserver

_COMMANDS = {name: f"mockserver.cli.{name}" for name in ("health", "listen", "serve", "spec", "trigger", "verify")}


class _Lazy(click.Group):
    """A group whose commands are imported on use, so that `serve` starts without the others' dependencies."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(_COMMANDS[cmd_name]), cmd_name)
        return command


@click.command(
    cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "MOCKSERVER"}
)
@click.version_option(mockserver.__version__, prog_name="mockserver")
def main() -> None:
    """A local stand-in for a voice-AI REST API: stateful, offline, with signed recordings and its own time."""
