"""`mockserver listen`: see an organization's webhooks as they are sent, and have them sent to a URL meanwhile."""

import signal
import time
from typing import Any, Final

import click

from mockserver.cli.remote import Remote, of_server
from mockserver.cli.trigger import line

LOOKED_AT: Final = 200
"""How many of the newest deliveries are watched for further tries."""

PAUSE_SECONDS: Final = 0.3


@click.command()
@of_server
@click.option("--forward-to", metavar="URL", help="Subscribe this URL for as long as the command runs.")
@click.option("--event", "events", multiple=True, help="An event that the URL wants; without any it gets all.")
def listen(base_url: str, api_key: str, forward_to: str | None, events: tuple[str, ...]) -> None:
    """Print deliveries as they happen, until interrupted.

    With --forward-to the server itself sends to the URL, so signatures, answers and retries are as they will be; a
    URL that is not on the server's machine must be allowed there with --webhook-host.
    """
    if events and forward_to is None:
        raise click.UsageError("--event says what the URL of --forward-to wants; name one.")
    remote = Remote(base_url, api_key)
    seen = {each["id"]: _state(each) for each in _newest(remote)}
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a supervisor's stop cleans up as Ctrl-C does
    subscriber = None
    try:
        if forward_to is not None:
            wanted = {"url": forward_to, "events": events, "label": "mockserver listen"}
            subscriber = remote("POST", "/subscriptions", wanted)
            click.echo(f"Forwarding {', '.join(events) or 'every event'} to {forward_to}.")
            click.echo(f"The signing secret is {subscriber['secret']}")
        click.echo(f"Listening at {remote.base_url}; Ctrl-C ends it.")
        while True:
            for each in _newest(remote):
                if each["attempts"] and seen.get(each["id"]) != _state(each):
                    seen[each["id"]] = _state(each)
                    click.echo(f"{each['created_at'][11:19]}  {line(_brief(each))}")
            time.sleep(PAUSE_SECONDS)
    except KeyboardInterrupt:
        if subscriber is not None:
            remote("DELETE", f"/subscriptions/{subscriber['id']}")


def _newest(remote: Remote) -> Any:
    return remote("GET", f"/deliveries?last={LOOKED_AT}")


def _state(delivery: Any) -> Any:
    return delivery["status"], delivery["attempt_count"]


def _brief(delivery: Any) -> Any:
    last = delivery["attempts"][-1]
    return {**delivery, "attempts": delivery["attempt_count"], "answer": last["status"], "error": last["error"]}
