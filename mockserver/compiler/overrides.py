"""`overrides.yaml`: what no page says, and which source won where they disagree. Every entry has its reason."""

import copy
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mockserver.compiler.labels import component_name
from mockserver.compiler.request_texts import add_pattern
from mockserver.compiler.shared_responses import Shared
from mockserver.compiler.statements import reason
from mockserver.errors import SpecError, nearest

Json = dict[str, Any]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    reason: str = Field(min_length=1)
    source: str = Field(min_length=1)


class MergeEntry(_Entry):
    """A JSON merge patch with its reason."""

    merge: Json


class OperationEntry(_Entry):
    """A correction of one operation.

    `x-resource: null` says that no role may be inferred, `x-behaviour` whose behaviour the operation has.
    """

    id: str | None = None
    merge: Json = Field(default_factory=dict)
    resource: Json | None = Field(default=None, alias="x-resource")
    behaviour: str | None = Field(default=None, alias="x-behaviour")
    effects: str | None = Field(default=None, alias="x-effects")


class Conflict(_Entry):
    """A disagreement between sources that needs no change to the document: who said what and who won."""

    topic: str
    winner: str


class ResponseEntry(_Entry):
    """A response that many operations give. `body` is the schema of its JSON body, or a component's name."""

    status: int
    applies: Literal["every", "secured", "path", "input", "body", "documented"]
    description: str
    body: str | Json | None = None


class RequestTexts(_Entry):
    """A pattern for every text a client may send that has no form of its own."""

    pattern: str


class OperationIds(_Entry):
    """What every operationId begins with, so that behaviours of one API are not named like another's.

    The other entries call the operations by the ids that come of it.
    """

    prefix: str = Field(pattern=r"^[a-z][a-z0-9_]*$")


class Overrides(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid")

    document: list[MergeEntry] = Field(default_factory=list)
    operations: dict[str, OperationEntry] = Field(default_factory=dict)
    schemas: dict[str, MergeEntry] = Field(default_factory=dict)
    responses: list[ResponseEntry] = Field(default_factory=list)
    webhooks: dict[str, MergeEntry] = Field(default_factory=dict)
    request_texts: RequestTexts | None = None
    operation_ids: OperationIds | None = None
    conflicts: list[Conflict] = Field(default_factory=list)

    def shared(self) -> list[Shared]:
        """The responses that many operations give."""
        return [_shared(entry) for entry in self.responses]


def _shared(entry: ResponseEntry) -> Shared:
    response: Json = {"description": entry.description}
    if entry.body is not None:
        schema = {"$ref": f"#/components/schemas/{entry.body}"} if isinstance(entry.body, str) else entry.body
        response["content"] = {"application/json": {"schema": schema}}
    response["x-source"] = entry.source
    return Shared(component_name(reason(entry.status)), entry.status, entry.applies, response)


def read_overrides(path: Path) -> Overrides:
    """The overrides in the YAML file `path`, or in all those of the folder `path`, in the order of their names.

    Raises SpecError naming each wrong key and the nearest right one, and an entry that two files have.
    """
    if not path.is_dir():
        return _read_file(path)
    whole = Overrides()
    for file in sorted(path.glob("*.yaml")):
        part = _read_file(file)
        whole.document += part.document
        whole.responses += part.responses
        whole.conflicts += part.conflicts
        for known, more in (
            (whole.operations, part.operations),
            (whole.schemas, part.schemas),
            (whole.webhooks, part.webhooks),
        ):
            for key in known.keys() & more.keys():
                raise SpecError(f"{path.name}/{file.name}: {key} stands in another file of {path.name}/ as well.")
            known.update(more)  # type: ignore[arg-type]
        if part.request_texts is not None:
            whole.request_texts = part.request_texts
        if part.operation_ids is not None:
            whole.operation_ids = part.operation_ids
    return whole


def _read_file(path: Path) -> Overrides:
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SpecError(f"{path.name}: not YAML: {error}") from None
    try:
        return Overrides.model_validate({} if content is None else content)
    except ValidationError as error:
        lines = [_explained(path.name, each) for each in error.errors()]
        raise SpecError("\n".join(lines)) from None


_MODELS: dict[str, type[BaseModel]] = {
    "document": MergeEntry,
    "operations": OperationEntry,
    "schemas": MergeEntry,
    "responses": ResponseEntry,
    "webhooks": MergeEntry,
    "request_texts": RequestTexts,
    "operation_ids": OperationIds,
    "conflicts": Conflict,
}


def _explained(name: str, error: Any) -> str:
    location = [str(part) for part in error["loc"]]
    where = ".".join(location)
    if error["type"] == "extra_forbidden":
        model = Overrides if len(location) == 1 else _MODELS.get(location[0], Overrides)
        keys = [field.alias or key for key, field in model.model_fields.items()]
        return f"{name}: {where}: unknown key.{nearest(location[-1], keys)} Known: {', '.join(keys)}."
    return f"{name}: {where}: {error['msg']}."


def apply_overrides(document: Json, overrides: Overrides, *, file: str) -> None:
    """Correct `document` in place. Raises SpecError for entries that apply to nothing or change nothing."""
    problems: list[str] = []
    for index, entry in enumerate(overrides.document):
        where = f"{file}: document[{index}]"
        before = copy.deepcopy(document)
        merge(document, entry.merge)
        _changed(before, document, where, problems)
    if overrides.operation_ids is not None:
        for operation in _operations(document).values():
            operation["operationId"] = overrides.operation_ids.prefix + operation["operationId"]
    for key, operation_entry in overrides.operations.items():
        found = find_operation(document, key)
        if found is None:
            ids = [operation["operationId"] for operation in _operations(document).values()]
            problems.append(
                f"{file}: operations.{key}: no such operation.{nearest(key, [*ids, *_operations(document)])}"
            )
            continue
        before = copy.deepcopy(found)
        if operation_entry.id is not None:
            found["operationId"] = operation_entry.id
        if operation_entry.merge:
            unmerged = copy.deepcopy(found)
            merge(found, operation_entry.merge)
            _changed(unmerged, found, f"{file}: operations.{key}.merge", problems)
        if "resource" in operation_entry.model_fields_set:
            found["x-resource"] = operation_entry.resource
        if "behaviour" in operation_entry.model_fields_set:
            found["x-behaviour"] = operation_entry.behaviour
        if operation_entry.effects is not None:
            found["x-effects"] = operation_entry.effects
        _changed(before, found, f"{file}: operations.{key}", problems)
        _mark(found, operation_entry)
    for section, container in (
        (overrides.schemas, document.setdefault("components", {}).setdefault("schemas", {})),
        (overrides.webhooks, document.setdefault("webhooks", {})),
    ):
        label = "schemas" if section is overrides.schemas else "webhooks"
        for name, each in section.items():
            if name not in container and "$new" not in each.merge:
                problems.append(
                    f"{file}: {label}.{name}: no such entry.{nearest(name, list(container))} "
                    "To add one, put `$new: true` into its merge."
                )
                continue
            patch = {key: value for key, value in each.merge.items() if key != "$new"}
            before = copy.deepcopy(container.get(name))
            target = container.setdefault(name, {})
            merge(target, patch)
            _changed(before, target, f"{file}: {label}.{name}", problems)
            _mark(target, each)
    if overrides.request_texts is not None and not add_pattern(document, overrides.request_texts.pattern):
        problems.append(f"{file}: request_texts: no request has a text without a form; remove the entry.")
    if not document["webhooks"]:
        del document["webhooks"]
    ids = [operation["operationId"] for operation in _operations(document).values()]
    for name in sorted({name for name in ids if ids.count(name) > 1}):
        problems.append(
            f"{file}: the operationId {name} is used by {ids.count(name)} operations; give one an id here"
        )
    if problems:
        raise SpecError("\n".join(problems))


def _operations(document: Json) -> dict[str, Json]:
    return {
        f"{method.upper()} {path}": operation
        for path, item in document.get("paths", {}).items()
        for method, operation in item.items()
        if method in METHODS
    }


def find_operation(document: Json, key: str) -> Json | None:
    """The operation called `key`: an operationId, or "METHOD /path"."""
    operations = _operations(document)
    if key in operations:
        return operations[key]
    return next((operation for operation in operations.values() if operation["operationId"] == key), None)


def merge(target: Json, patch: Json) -> None:
    """RFC 7396: objects merge, null removes, anything else replaces; the text `$null` stands for a null.

    An operation's parameters are merged by name instead of replaced as a list: a patch may write
    `parameters: {limit: {…}}`.
    """
    for key, value in patch.items():
        if value is None:
            target.pop(key, None)
        elif (
            key == "parameters"
            and isinstance(value, dict)
            and ("operationId" in target or isinstance(target.get(key), list))
        ):  # and not a field of that name
            _merge_parameters(target, value)
        elif isinstance(value, dict) and isinstance(target.get(key), dict):
            merge(target[key], value)
        elif isinstance(value, dict):
            target[key] = {}
            merge(target[key], value)
        else:
            target[key] = None if value == "$null" else copy.deepcopy(value)


def _merge_parameters(target: Json, patch: Json) -> None:
    parameters: list[Json] = target.setdefault("parameters", [])
    for name, value in patch.items():
        known = next((each for each in parameters if each["name"] == name), None)
        if value is None:
            if known is not None:
                parameters.remove(known)
        elif known is not None:
            merge(known, value)
        else:
            parameters.append({"name": name, **copy.deepcopy(value)})


def _changed(before: Any, after: Any, where: str, problems: list[str]) -> None:
    if before == after:
        problems.append(f"{where}: changes nothing; the pages already say this. Remove the entry.")


def _mark(target: Json, entry: _Entry) -> None:
    """Say in the document that an override touched this, and why."""
    previous = target.pop("x-source", None)
    target["x-source"] = previous if previous is not None else "overrides"
    target["x-overridden"] = f"{entry.reason} ({entry.source})"
