"""`mockserver health`: whether a server answers, for health checks and for scripts that wait for one."""

import functools
import http.client
import time
import urllib.request
from urllib.error import URLError

import click

from mockserver.cli.environment import Setting
from mockserver.clock import monotonic_seconds

_option = functools.partial(click.option, cls=Setting)

_EVERYWHERE = ("0.0.0.0", "::")


@click.command()
@click.argument("base_url", required=False)
@_option("--host", default="127.0.0.1", show_default=True, help="Where to look when no BASE_URL is given.")
@_option("--port", default=8675, show_default=True, type=click.IntRange(1, 65535), help="The same.")
@click.option(
    "--wait",
    default=0.0,
    type=click.FloatRange(0, 3600),
    help="Seconds to keep trying while nobody answers.  [default: 0, one try]",
)
def health(base_url: str | None, host: str, port: int, wait: float) -> None:
    """Exit 0 when the server at BASE_URL answers, else 1."""
    if base_url is None:
        reached = "127.0.0.1" if host in _EVERYWHERE else host
        base_url = f"http://{f'[{reached}]' if ':' in reached else reached}:{port}"
    until = monotonic_seconds() + wait
    while True:
        problem = _problem(f"{base_url.rstrip('/')}/_mock/health")
        if problem is None:
            click.echo(f"mockserver answers at {base_url}")
            return
        if monotonic_seconds() >= until:
            raise click.ClickException(f"No mockserver answers at {base_url}: {problem}")
        time.sleep(0.1)


def _problem(url: str) -> str | None:
    """Why a server is not well, or None when it is."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy would answer for it
    try:
        with direct.open(url, timeout=2):
            return None
    except URLError as error:
        return str(error.reason)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return f"{type(error).__name__}: {error}"
