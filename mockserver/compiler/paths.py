"""Paths of equal shape: OpenAPI forbids `/things/{id}` beside `/things/{token}`, so they become one."""

import re
from typing import Any

from mockserver.errors import SpecError

Json = dict[str, Any]

_PARAMETER = re.compile(r"\{([^{}]*)\}")


def join_equal_shapes(document: Json) -> None:
    """Move the operations of a path into the earlier path of equal shape, in place.

    Their path parameters take the earlier path's names and keep their own types. Raises SpecError when both
    paths have the same method.
    """
    paths: Json = {}
    first: dict[str, str] = {}
    for path, item in document["paths"].items():
        kept = first.setdefault(_PARAMETER.sub("{}", path), path)
        if kept == path:
            paths[path] = item
            continue
        names = dict(zip(_PARAMETER.findall(path), _PARAMETER.findall(kept), strict=True))
        for method, operation in item.items():
            if method in paths[kept]:
                raise SpecError(
                    f"{method.upper()} {kept} and {method.upper()} {path} cannot be told apart. "
                    "Describe that operation once."
                )
            paths[kept][method] = {**operation, "parameters": [_renamed(each, names) for each in _of(operation)]}
    document["paths"] = paths


def _of(operation: Json) -> list[Json]:
    parameters: list[Json] = operation.get("parameters", [])
    return parameters


def _renamed(parameter: Json, names: dict[str, str]) -> Json:
    """A path parameter under its new name; the description says what it was called."""
    name = names.get(parameter["name"], parameter["name"])
    if parameter["in"] != "path" or name == parameter["name"]:
        return parameter
    said = parameter.get("description")
    described = f"The {parameter['name']}" + (f": {said}" if said else "")
    return {"name": name, "in": "path", "required": True, "description": described, **_rest(parameter)}


def _rest(parameter: Json) -> Json:
    return {key: value for key, value in parameter.items() if key not in ("name", "in", "required", "description")}
