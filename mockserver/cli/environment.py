"""Options that the environment can set under their own names: `--webhook-host` is MOCKSERVER_WEBHOOK_HOST."""

from collections.abc import Sequence
from typing import Any

import click

PREFIX = "MOCKSERVER_"


class Setting(click.Option):
    """An option whose variable is MOCKSERVER_ and its name; several values are set apart by commas or spaces."""

    def __init__(self, param_decls: Sequence[str] | None = None, **attrs: Any) -> None:
        super().__init__(param_decls, show_envvar=True, **attrs)
        name = next(each for each in self.opts if each.startswith("--"))
        self.envvar = PREFIX + name.removeprefix("--").replace("-", "_").upper()

    def resolve_envvar_value(self, ctx: click.Context) -> str | None:
        """What the environment says, or None."""
        value = super().resolve_envvar_value(ctx)
        if value is None or value.startswith("tcp://"):
            # Kubernetes gives every pod near a service named mockserver MOCKSERVER_PORT=tcp://10.0.0.7:8675: the
            # address of the service, nobody's wish.
            return None
        return value.replace(",", " ") if self.multiple else value
