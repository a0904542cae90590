"""A running server, as the commands that talk to one see it."""

import json
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import click

Command = TypeVar("Command", bound=Callable[..., Any])

TIMEOUT_SECONDS = 120


class Remote:
    """`/_mock` of the server at `base_url`, for the organization of `api_key`."""

    def __init__(self, base_url: str, api_key: str) -> None:
        if urlsplit(base_url).scheme not in ("http", "https"):
            raise click.BadParameter(f"{base_url!r} is no URL; it begins with http://.", param_hint="--base-url")
        self.base_url = base_url.rstrip("/")
        self._api_key = api_key

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        """What the server answers, as JSON. Raises ClickException with its own words when it refuses."""
        request = Request(
            f"{self.base_url}/_mock{path}",
            data=None if body is None else json.dumps(body).encode("utf-8"),
            headers={"Authorization": f"Bearer {self._api_key}", "Content-Type": "application/json"},
            method=method,
        )
        try:
            with urlopen(request, timeout=TIMEOUT_SECONDS) as reply:
                return json.load(reply)
        except HTTPError as error:
            raise click.ClickException(_words(error)) from None
        except (URLError, OSError) as error:
            reason = getattr(error, "reason", error)
            raise click.ClickException(
                f"No mock server answers at {self.base_url} ({reason}). Start one with `mockserver serve`, or "
                "name another with --base-url."
            ) from None
        except ValueError:
            raise click.ClickException(f"What answers at {self.base_url} is no mock server.") from None


def of_server(command: Command) -> Command:
    """Give a command the options that say which server and whose organization."""
    key = click.option(
        "--api-key", default="sk_test_demo", show_default=True, help="The key of the organization it happens in."
    )
    url = click.option(
        "--base-url", default="http://127.0.0.1:8675", show_default=True, help="Where the server is."
    )
    return url(key(command))


def _words(error: HTTPError) -> str:
    body = error.read().decode("utf-8", "replace")
    try:
        said = json.loads(body)
    except ValueError:
        return f"The server answered {error.code}: {body[:200]}"
    if isinstance(said, dict):
        return str(said.get("mock_error", said.get("detail", said)))
    return str(said)
