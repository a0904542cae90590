"""Responses that many operations give: one component each, referred to by every operation it applies to."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

RULES = ("every", "secured", "path", "input", "body", "documented")
"""To whom a shared response applies: to every operation, to those with a key, a path parameter, anything to send,
a body; or only to those that mention its status themselves."""


@dataclass(frozen=True, slots=True)
class Shared:
    """One shared response; `name` is its component's, `response` the OpenAPI object, `applies` one of RULES."""

    name: str
    status: int
    applies: str
    response: Json


def share(document: Json, shared: Iterable[Shared]) -> None:
    """Give every operation the shared responses that apply to it, in place.

    An operation's own description of a status stays; only its body is filled in where it names none.
    """
    found = list(shared)
    if not found:
        return
    responses = document["components"].setdefault("responses", {})
    for each in found:
        responses[each.name] = each.response
        for operation in _operations(document):
            own = operation["responses"].get(str(each.status))
            if own is not None:
                _fill(own, each.response)
            elif _applies(each.applies, operation, document):
                operation["responses"][str(each.status)] = {"$ref": f"#/components/responses/{each.name}"}
    for operation in _operations(document):
        operation["responses"] = dict(sorted(operation["responses"].items()))
    order = ("securitySchemes", "responses", "schemas")
    components = document["components"]
    document["components"] = {
        key: components[key]
        for key in sorted(components, key=lambda k: (k not in order, order.index(k) if k in order else 0, k))
    }


def _fill(own: Json, response: Json) -> None:
    if "content" in own or "$ref" in own or "content" not in response:
        return
    source = own.pop("x-source", None)
    own["content"] = response["content"]
    if source is not None:
        own["x-source"] = source


def _operations(document: Json) -> list[Json]:
    return [operation for item in document["paths"].values() for operation in item.values()]


def _applies(rule: str, operation: Json, document: Json) -> bool:
    match rule:
        case "every":
            return True
        case "secured":
            return bool(operation.get("security", document.get("security")))
        case "path":
            return any(each["in"] == "path" for each in operation.get("parameters", ()))
        case "input":
            return bool("requestBody" in operation or operation.get("parameters"))
        case "body":
            return "requestBody" in operation
        case _:
            return False
