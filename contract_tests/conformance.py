"""Generated conformance: Schemathesis, aimed at one organization, as a source of findings.

The document's own structure says what is asked: examples, every boundary of every parameter and field, random
requests valid and invalid, and sequences along the document's links. Schemathesis's checks judge what comes back.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from .collections import Collection, collections_of
from .document import Operation
from .exchange import Exchange
from .finding import Broken
from .trial import Trial
from .watch import CREATES

Json = Any

WORKERS = 2

AVAILABLE = "ensure_resource_availability"
"""The check that something that was made can be found."""

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
    """The operations that generated requests may be sent to: those that the options allow to be used.

    An organization that somebody else uses too is changed by nothing but what can be undone: making things, which
    are deleted afterwards, and changing and deleting what was made for it (`spared`).
    """
    found = []
    undone = {*CREATES, *_doors(trial)}
    for each in trial.document.operations.values():
        if each.id in CLOSES_DOORS:
            continue
        if not each.is_safe and not trial.options.may_write:
            continue
        if each.effects is not None and not trial.options.may_spend:
            continue
        if not each.is_safe and not trial.has_control and each.id not in undone:
            continue
        found.append(each)
    return found


def _doors(trial: Trial) -> dict[str, Collection]:
    """The operations that copy, change or delete a thing, and of which collection."""
    return {
        name: each
        for each in collections_of(trial)
        for name in (each.copy, each.update, each.replace, each.delete)
        if name is not None and trial.has(name)
    }


def spared(trial: Trial, operations: Sequence[Operation]) -> dict[str, Mapping[str, Json]]:
    """Path parameters by operation: things made for it, lest in a shared organization what was there be touched.

    Generated requests take ids from lists that they read; so each operation that changes a thing gets its own.
    """
    if trial.has_control:
        return {}
    doors = _doors(trial)
    found: dict[str, Mapping[str, Json]] = {}
    for n, each in enumerate(each for each in operations if each.id in doors):
        collection = doors[each.id]
        found[each.id] = {f"path.{collection.parameter}": collection.made(trial, 50 + n)["id"]}
    return found


def conforms(
    trial: Trial, operations: Sequence[Operation], *, phases: Sequence[str], reach: Reach | None = None
) -> Iterator[Broken]:
    """What Schemathesis finds in these phases: `examples`, `coverage`, `fuzzing`, `stateful`."""
    if "stateful" in phases and not trial.has_control:
        # A sequence is about what it made itself, and may as well come upon what was there.
        operations = [each for each in operations if each.id not in _doors(trial)]
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

    asked = {each.id for each in operations}
    # An empty list would be no filter, and switch everything off.
    left_out = [each for each in trial.document.operations if each not in asked] or ["none"]
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
            "operations": [
                # Switched off, not cut out of the document, where what is there would look undeclared; and not by
                # `schema.include`, which is without effect as soon as any operation is configured.
                {"include-operation-id": left_out, "enabled": False},
                *(
                    {"include-operation-id": name, "parameters": dict(ids)}
                    for name, ids in spared(trial, operations).items()
                ),
            ],
        }
    )
    schema = schemathesis.openapi.from_dict(deepcopy(dict(trial.document.raw)), config=config)
    for event in from_schema(schema).execute():
        if isinstance(event, events.FatalError):
            raise event.exception
        recorder = getattr(event, "recorder", None)
        if recorder is None:
            continue
        _note(trial, recorder, reach)
        for case_id, judged in recorder.checks.items():
            for check in judged:
                if check.status is not Status.FAILURE or check.failure_info is None:
                    continue
                if check.name == AVAILABLE and recorder.interactions[case_id].request.body:
                    continue  # a 404 may be about what the body names: another thing that does not exist
                yield _broken(recorder, case_id, check)


def _note(trial: Trial, recorder: Any, reach: Reach | None) -> None:
    for case_id, interaction in recorder.interactions.items():
        name = _name(recorder.cases[case_id].value)
        succeeded = interaction.response is not None and 200 <= interaction.response.status_code < 300
        if succeeded and name in CREATES:
            trial.means.note_made(_exchange(name, interaction))
        if reach is not None:
            reach.requests += 1
            if succeeded:
                reach.succeeded.add(name)


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
