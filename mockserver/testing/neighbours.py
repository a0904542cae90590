"""What a failed assertion says: what was looked for, and what there is instead."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from mockserver.clock import Clock
from mockserver.testing.records import Asked, Delivery

SHOWN: Final = 5


def times(count: int) -> str:
    """`once`, `twice`, `3 times`."""
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")


def pairs(fields: Mapping[str, Any]) -> str:
    """`call_id=7, status='completed'`."""
    return ", ".join(f"{name}={value!r}" for name, value in fields.items())


def differences(found: Any, wanted: Mapping[str, Any], *, where: str = "") -> list[str]:
    """How `found` lacks what is `wanted` of it, field by field; [] when it has it all. Objects may have more."""
    problems = []
    for name, value in wanted.items():
        place = f"{where}{name}"
        if not isinstance(found, Mapping) or name not in found:
            problems.append(f"{place} is missing, not {value!r}")
        elif isinstance(value, Mapping) and isinstance(found[name], Mapping):
            problems += differences(found[name], value, where=f"{place}.")
        elif found[name] != value:
            problems.append(f"{place} is {found[name]!r}, not {value!r}")
    return problems


def no_request(looked_for: str, near: Sequence[tuple[Asked, Sequence[str]]], others: Sequence[Asked]) -> str:
    """Nothing, or too much, was asked: `near` are requests that differ, and in what; `others` are all the rest."""
    lines = [looked_for]
    if near:
        lines.append(f"  {_counted(near, 'request')} nearly:")
        lines += [f"    {each}: {'; '.join(problems)}" for each, problems in near[-SHOWN:]]
    if others:
        counted = Counter(each.operation or f"{each.method} {each.path}" for each in others)
        names = ", ".join(f"{name} ×{count}" for name, count in counted.most_common(12))  # noqa: RUF001
        lines.append(f"  {_counted(others, 'other request')}: {names}")
    if not near and not others:
        lines.append("  Nothing was requested. Does the code under test use this base_url and this api_key?")
    return "\n".join(lines)


def no_delivery(
    looked_for: str,
    deliveries: Sequence[Delivery],
    near: Sequence[tuple[Delivery, Sequence[str]]],
    happened: int,
    subscribed: Iterable[str],
    clock: Clock,
) -> str:
    """Nothing, or too much, was delivered.

    `near` are deliveries of the type that differ, and in what; `happened` is how often there was such an event at
    all; `subscribed` is who wants which events.
    """
    lines = [looked_for]
    lines += [f"    {each}: {'; '.join(problems)}" for each, problems in near[-SHOWN:]]
    if deliveries:
        shown = ", ".join(str(each) for each in deliveries[-SHOWN:])
        more = f"the last {SHOWN}: " if len(deliveries) > SHOWN else ""
        many = f"{len(deliveries)} {'delivery' if len(deliveries) == 1 else 'deliveries'}"
        lines.append(f"  {many}: {more}{shown}")
    else:
        lines.append("  Nothing was delivered.")
    if happened and not near:
        lines.append(f"  The event happened {times(happened)}, when nobody wanted it.")
    wants = list(subscribed)
    lines.append(f"  Subscribed: {'; '.join(wants)}" if wants else "  Nobody has subscribed to any event.")
    timers = clock.timers()
    if timers:
        told = [
            f"{each.action.__name__} of {each.subject[0]}/{each.subject[1]} in {clock.seconds_until(each):g} s"
            for each in timers[:SHOWN]
        ]
        first = clock.seconds_until(timers[0])
        lines.append(
            f"  {_counted(timers, 'timer')} pending: {', '.join(told)}; advance({first:g}) would run one."
        )
    return "\n".join(lines)


def _counted(things: Sequence[Any], name: str) -> str:
    return f"{len(things)} {name}{'s'[: len(things) != 1]}"
