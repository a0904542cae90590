"""`mockserver trigger`: make an event happen in a running server."""

from typing import Any

import click

from mockserver.cli.remote import Remote, of_server


@click.command()
@click.argument("event", required=False)
@of_server
@click.option("--agent-id", type=int, help="Whose call it is.")
@click.option("--scenario", help="What is said in the call: the name of a scenario.")
@click.option("--call-id", type=int, help="A call that exists, where an event can be about one.")
def trigger(
    event: str | None, base_url: str, api_key: str, agent_id: int | None, scenario: str | None, call_id: int | None
) -> None:
    """Make EVENT happen by what would cause it: call.graded, telephony.complete, number.failed, balance.empty, …

    Without EVENT, list what can be triggered.
    """
    remote = Remote(base_url, api_key)
    if event is None:
        _list(remote("GET", "/trigger"))
        return
    wishes = {"agent_id": agent_id, "scenario": scenario, "call_id": call_id}
    done = remote(
        "POST",
        "/trigger",
        {"event": event, **{name: value for name, value in wishes.items() if value is not None}},
    )
    click.echo(f"{done['event']}: {done['does']}")
    for name, value in done.items():
        if name not in ("event", "does", "deliveries"):
            click.echo(f"  {name} {value}")
    for delivery in done["deliveries"]:
        click.echo(f"  {line(delivery)}")
    if not done["deliveries"]:
        click.echo(
            "  Nobody was told: no webhook is subscribed to what happened (`mockserver listen --forward-to`)."
        )


def line(delivery: Any) -> str:
    """One delivery for people: `call.graded call_id=7 → http://localhost:3000/hook: delivered (200)`."""
    about = "" if delivery["call_id"] is None else f" call_id={delivery['call_id']}"
    answer = delivery["error"] if delivery["answer"] is None else delivery["answer"]
    told = f" ({answer})" if answer is not None else ""
    tries = f", {delivery['attempts']} tries" if delivery["attempts"] > 1 else ""
    return f"{delivery['event_type']}{about} → {delivery['url']}: {delivery['status']}{told}{tries}"


def _list(known: Any) -> None:
    width = max((len(each["event"]) for each in known["events"]), default=0)
    for each in known["events"]:
        takes = (
            f"  [{', '.join('--' + name.replace('_', '-') for name in each['takes'])}]" if each["takes"] else ""
        )
        click.echo(f"{each['event']:<{width}}  {each['does']}{takes}")
    for reason in known["refused"].values():
        click.echo(reason)
