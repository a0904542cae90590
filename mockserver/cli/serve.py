"""`mockserver serve`: run the mock until it is stopped."""

import functools
from pathlib import Path

import click
import uvicorn

from mockserver.assembly import build
from mockserver.cli.environment import Setting
from mockserver.clock import Pace
from mockserver.errors import MockError
from mockserver.settings import DEFAULT_CONTRACT, Settings
from mockserver.world.worlds import KeyPolicy

_option = functools.partial(click.option, cls=Setting)

READY_KEY = "sk_test_demo"
"""The key the banner shows; any other of its form opens an organization of its own."""


@click.command()
@_option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@_option("--port", default=8675, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free port.")
@_option("--contract", "contracts", multiple=True, help=f"Contract to serve.  [default: {DEFAULT_CONTRACT}]")
@_option(
    "--spec",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="An OpenAPI 3.x file of your own to serve instead of a contract.",
)
@_option("--world", default="demo", show_default=True, help="What a new organization owns: a name or a file.")
@_option("--seed", default="0", show_default=True, help="What all made-up values are derived from.")
@_option(
    "--pace",
    type=click.Choice([each.value for each in Pace]),
    default="real",
    show_default=True,
    help="real: time passes. manual: only /_mock/clock moves it. poll: reading a resource moves it on.",
)
@_option(
    "--speed",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0.001, 1_000_000),
    help="World seconds per real second, at pace real.",
)
@_option(
    "--keys",
    type=click.Choice([each.value for each in KeyPolicy]),
    default="open",
    show_default=True,
    help="open: a new key of the right form opens a new organization. minted: only known keys.",
)
@_option("--strict", is_flag=True, help="Refuse undeclared query parameters and body fields.")
@_option(
    "--url-seconds",
    default=900,
    show_default=True,
    type=click.IntRange(1, 604_800),
    help="How long a recording's URL lives, in world seconds.",
)
@_option(
    "--webhook-host",
    "webhook_hosts",
    multiple=True,
    help="A host besides this machine that webhooks and tool calls may be sent to.",
)
def serve(
    host: str,
    port: int,
    contracts: tuple[str, ...],
    spec: Path | None,
    world: str,
    seed: str,
    pace: str,
    speed: float,
    keys: str,
    strict: bool,
    url_seconds: int,
    webhook_hosts: tuple[str, ...],
) -> None:
    """Serve the API until interrupted.

    Each option can also be set in the environment: --port as MOCKSERVER_PORT, and so on.
    """
    settings = Settings(
        contracts=contracts if contracts else (DEFAULT_CONTRACT,),
        spec=spec,
        pace=Pace(pace),
        speed=speed,
        keys=KeyPolicy(keys),
        world=world if spec is None else "empty",
        seed=seed,
        strict=strict,
        url_seconds=url_seconds,
        webhook_hosts=webhook_hosts,
    )
    try:
        app = build(settings)
    except MockError as error:
        raise click.ClickException(str(error)) from error
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        # With the courier's grace this stays within the ten seconds that container engines give.
        timeout_graceful_shutdown=3,
    )
    server = _Announcing(config, app_paths=app.engine.routes.paths)
    server.run()


class _Announcing(uvicorn.Server):
    """A uvicorn server that says where it is once it listens, and not before."""

    def __init__(self, config: uvicorn.Config, *, app_paths: list[str]) -> None:
        super().__init__(config)
        self._example = next((path for path in app_paths if "{" not in path), "/")

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        await super().startup(sockets)  # type: ignore[arg-type]
        if not self.started:
            return
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host
        url = f"http://{shown}:{port}"
        click.echo(f"mockserver listens at {url}")
        click.echo(f"  key   {READY_KEY}  (any sk_test_… or sk_live_… key opens an organization of its own)")
        click.echo(f"  try   curl {url}{self._example} -H 'Authorization: Bearer {READY_KEY}'")
        click.echo(f"  docs  {url}/docs")
