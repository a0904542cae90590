"""Generated conformance: Schemathesis, aimed at one organization, as a source of findings.

The document's own structure says what is asked: examples, every boundary of every parameter and field, random
requests valid and invalid, and sequences along the document's links. Schemathesis's checks judge what comes back.
"""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from .document import Operation
from .exchange import Exchange
from .finding import Broken
from .trial import Trial

Json = Any

WORKERS = 2

PHASES = ("examples", "coverage", "fuzzing", "stateful")

CLOSES_DOORS = frozenset(
    {
        "developer_api_keys_delete",
        "leave_create",
        "members_delete",
        "members_transfer_ownership",
        "orgs_delete",
    }
)
"""Operations by which a run may rightly lose its own key, membership or organization."""


@dataclass
class Reach:
    """How far a run came: requests made, and the operations that answered with success."""

    requests: int = 0
    succeeded: set[str] = field(default_factory=set)


def askable(trial: Trial) -> list[Operation]:
    """The operations that generated requests may be sent to: those that the options allow to be used."""
    found = []
    for each in trial.document.operations.values():
        if each.id in CLOSES_DOORS:
            continue
        if not each.is_safe and not trial.options.may_write:
            continue
        if each.effects is not None and not trial.options.may_spend:
            continue
        found.append(each)
    return found


def conforms(
    trial: Trial, operations: Sequence[Operation], *, phases: Sequence[str], reach: Reach | None = None
) -> Iterator[Broken]:
    """What Schemathesis finds in these phases: `examples`, `coverage`, `fuzzing`, `stateful`."""
    outside = [each for each in operations if "x-calls-out" in str(each.node)]
    inside = [each for each in operations if each not in outside]
    if inside:
        yield from _run(trial, inside, phases, {}, reach)
    if outside and "stateful" not in phases:
        # What an endpoint elsewhere answers decides there, not the request's form.
        yield from _run(trial, outside, phases, {"positive_data_acceptance": {"enabled": False}}, reach)


def _run(
    trial: Trial, operations: Sequence[Operation], phases: Sequence[str], checks: Json, reach: Reach | None
) -> Iterator[Broken]:
    import schemathesis
    from schemathesis.config import SchemathesisConfig
    from schemathesis.engine import Status, events, from_schema

    config = SchemathesisConfig.from_dict(
        {
            "seed": trial.options.seed,
            "workers": WORKERS,
            "continue-on-failure": True,
            "base-url": trial.api.base_url,
            # The key belongs into the configuration: given with a call, it would come back where a case left
            # it out.
            "headers": {"Authorization": f"Bearer {trial.api.key}"},
            "generation": {"max-examples": trial.options.max_examples, "database": "none"},
            "phases": {name: {"enabled": name in phases} for name in PHASES},
            "checks": checks,
            "cache": {"enabled": False},
        }
    )
    schema = schemathesis.openapi.from_dict(deepcopy(dict(trial.document.raw)), config=config)
    # Left out by a filter, not cut out of the document: what is there must not look undeclared.
    wanted = schema.include(operation_id=[each.id for each in operations])
    for event in from_schema(wanted).execute():
        if isinstance(event, events.FatalError):
            raise event.exception
        recorder = getattr(event, "recorder", None)
        if recorder is None:
            continue
        if reach is not None:
            _note(reach, recorder)
        for case_id, judged in recorder.checks.items():
            for check in judged:
                if check.status is Status.FAILURE and check.failure_info is not None:
                    yield _broken(recorder, case_id, check)


def _note(reach: Reach, recorder: Any) -> None:
    for case_id, interaction in recorder.interactions.items():
        reach.requests += 1
        if interaction.response is not None and 200 <= interaction.response.status_code < 300:
            reach.succeeded.add(_name(recorder.cases[case_id].value))


def _name(case: Any) -> str:
    """The operationId of a generated case."""
    return str(case.operation.definition.raw.get("operationId", case.operation.label))


def _broken(recorder: Any, case_id: str, check: Any) -> Broken:
    failure = check.failure_info.failure
    interaction = recorder.interactions.get(case_id)
    operation = _name(recorder.cases[case_id].value)
    exchanges = () if interaction is None else (_exchange(operation, interaction),)
    message = (
        f"{failure.title}: {' '.join(str(failure.message).split())[:600]}" if failure.message else failure.title
    )
    return Broken(message, *exchanges, mark=f"{check.name} {failure.title}", operation=operation)


def _exchange(operation: str, interaction: Any) -> Exchange:
    import base64

    request, response = interaction.request, interaction.response
    sent = request.body if isinstance(request.body, bytes) else base64.b64decode(request.body or "")
    if response is None:
        return Exchange(operation, request.method, request.uri, _flat(request.headers), sent, 0, {}, b"no reply")
    return Exchange(
        operation,
        request.method,
        request.uri,
        _flat(request.headers),
        sent,
        response.status_code,
        _flat(response.headers),
        response.content or b"",
        response.elapsed,
    )


def _flat(headers: Any) -> dict[str, str]:
    return {
        name.lower(): ", ".join(value) if isinstance(value, list) else str(value)
        for name, value in headers.items()
    }
