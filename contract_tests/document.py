"""The OpenAPI document that an implementation is judged by, as far as the suite needs it."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

Json = Any

METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

_ROOT = "urn:contract"


class WrongDocument(Exception):
    """The document, or a name in it, does not make sense; says which."""


@dataclass(frozen=True)
class Parameter:
    """One declared parameter. `location` is path, query or header."""

    name: str
    location: str
    required: bool
    schema: Mapping[str, Json]


@dataclass(frozen=True)
class Operation:
    """One method on one path. `pointer` is where it stands in the document."""

    id: str
    method: str
    path: str
    tag: str
    pointer: str
    parameters: tuple[Parameter, ...]
    node: Mapping[str, Json]
    secured: bool
    schemes: tuple[str, ...]

    @property
    def label(self) -> str:
        """`GET /v1/calls`."""
        return f"{self.method} {self.path}"

    @property
    def is_safe(self) -> bool:
        """Whether the operation is said to change nothing, by its method."""
        return self.method in SAFE

    @property
    def effects(self) -> str | None:
        """What it does in the world besides (`billable`), None for nothing."""
        found: str | None = self.node.get("x-effects")
        return found

    @property
    def success(self) -> int:
        """The lowest declared status of success."""
        found = sorted(int(status) for status in self.node["responses"] if status[0] in "23" and status.isdigit())
        return found[0] if found else 200

    @property
    def statuses(self) -> frozenset[int]:
        """Every declared status that is a number."""
        return frozenset(int(status) for status in self.node["responses"] if status.isdigit())

    def parameter(self, name: str) -> Parameter | None:
        """The declared parameter of this name, or None."""
        return next((each for each in self.parameters if each.name == name), None)


class Document:
    """One OpenAPI 3.1 document. `name` is the contract's, or the file's."""

    def __init__(self, raw: Mapping[str, Json], *, name: str) -> None:
        self.raw = raw
        self.name = name
        self._validators: dict[int, tuple[Mapping[str, Json], Any]] = {}

    @classmethod
    def load(cls, path: Path) -> "Document":
        """Read a JSON or YAML file. Raises WrongDocument when it is no OpenAPI document."""
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise WrongDocument(f"{path} cannot be read: {error.strerror}.") from None
        if path.suffix == ".json":
            raw = json.loads(text)
        else:
            import yaml

            raw = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        if not isinstance(raw, dict) or not str(raw.get("openapi", "")).startswith("3."):
            raise WrongDocument(f"{path} is no OpenAPI 3 document.")
        return cls(raw, name=path.parent.name if path.stem == "openapi" else path.stem)

    @cached_property
    def operations(self) -> Mapping[str, Operation]:
        """Every operation, by its id."""
        return {each.id: each for each in self._operations()}

    def _operations(self) -> Iterator[Operation]:
        for path, item in self.raw.get("paths", {}).items():
            for method in METHODS:
                if method not in item:
                    continue
                node = item[method]
                security = node.get("security", self.raw.get("security", []))
                schemes = tuple(next(iter(security), {}))
                yield Operation(
                    id=node.get("operationId", f"{method} {path}"),
                    method=method.upper(),
                    path=path,
                    tag=next(iter(node.get("tags", [])), ""),
                    pointer=f"/paths/{_escaped(path)}/{method}",
                    parameters=tuple(
                        self._parameter(each)
                        for each in (*item.get("parameters", ()), *node.get("parameters", ()))
                    ),
                    node=node,
                    secured=bool(schemes),
                    schemes=schemes,
                )

    def _parameter(self, node: Mapping[str, Json]) -> Parameter:
        node = self.followed(node)
        return Parameter(
            name=node["name"],
            location=node["in"],
            required=bool(node.get("required", node["in"] == "path")),
            schema=self.followed(node.get("schema", {})),
        )

    def followed(self, node: Mapping[str, Json]) -> Mapping[str, Json]:
        """A node, or what its `$ref` leads to."""
        while isinstance(node.get("$ref"), str):
            found: Json = self.raw
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part.replace("~1", "/").replace("~0", "~")]
            node = found
        return node

    def response(self, operation: Operation, status: int) -> Mapping[str, Json] | None:
        """What is declared for a status: exactly, as its family, or by default; None when nothing is."""
        for name in (str(status), f"{status // 100}XX", "default"):
            if name in operation.node["responses"]:
                return self.followed(operation.node["responses"][name])
        return None

    def reply_schema(self, operation: Operation, status: int) -> Mapping[str, Json] | None:
        """The schema of the JSON body declared for a status, or None."""
        response = self.response(operation, status)
        for media_type, media in (response or {}).get("content", {}).items():
            if is_json(media_type):
                found: Mapping[str, Json] = media.get("schema", {})
                return found
        return None

    def body_schema(self, operation: Operation) -> Mapping[str, Json] | None:
        """The schema of the JSON body that a request has, or None."""
        body = self.followed(operation.node.get("requestBody", {}))
        for media_type, media in body.get("content", {}).items():
            if is_json(media_type):
                return self.followed(media.get("schema", {}))
        return None

    def properties(self, schema: Mapping[str, Json]) -> dict[str, Mapping[str, Json]]:
        """The declared fields of an object's schema, those of its `allOf` parts included, `$ref`s followed."""
        schema = self.followed(schema)
        found: dict[str, Mapping[str, Json]] = {}
        for part in schema.get("allOf", ()):
            found |= self.properties(part)
        for name, each in schema.get("properties", {}).items():
            found[name] = self.followed(each)
        return found

    def item_schema(self, schema: Mapping[str, Json]) -> tuple[str | None, Mapping[str, Json]] | None:
        """(field that holds the items, item schema) of a list's schema; the field is None for a bare array."""
        schema = self.followed(schema)
        if schema.get("type") == "array":
            return None, self.followed(schema.get("items", {}))
        arrays = [
            (name, self.followed(each["items"]))
            for name, each in self.properties(schema).items()
            if each.get("type") == "array" and isinstance(each.get("items"), dict)
        ]
        return arrays[0] if len(arrays) == 1 else None

    def violations(self, schema: Mapping[str, Json], value: Json) -> list[str]:
        """How a value breaks a schema: `/results/0/status: "paused" is not one of …`, the first five."""
        found = []
        for error in self._validator(schema).iter_errors(value):
            where = "".join(f"/{part}" for part in error.instance_path)
            found.append(f"{where or 'the body'}: {error.message[:200]}")
            if len(found) == 5:
                break
        return found

    def _validator(self, schema: Mapping[str, Json]) -> Any:
        """The validator of a schema, made once: a schema of the document is the same object whenever it is met."""
        import jsonschema_rs

        known = self._validators.get(id(schema))
        if known is None or known[0] is not schema:
            made = jsonschema_rs.Draft202012Validator(
                _at_root(schema), registry=self._registry, validate_formats=True
            )
            known = self._validators[id(schema)] = (schema, made)
        return known[1]

    @cached_property
    def _registry(self) -> Any:
        import jsonschema_rs

        return jsonschema_rs.Registry([(_ROOT, dict(self.raw))], draft=jsonschema_rs.Draft202012)


def _at_root(schema: Json) -> Json:
    """A schema of the document whose local references are made absolute, so that it can stand alone."""
    if isinstance(schema, dict):
        return {
            key: f"{_ROOT}{value}" if key == "$ref" and isinstance(value, str) else _at_root(value)
            for key, value in schema.items()
        }
    return [_at_root(each) for each in schema] if isinstance(schema, list) else schema


def is_json(media_type: str) -> bool:
    """Whether a media type is JSON."""
    essence = media_type.partition(";")[0].strip().lower()
    return essence == "application/json" or essence.endswith("+json")


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def path_parameters(path: str) -> list[str]:
    """The names in a path's braces, in order."""
    return re.findall(r"\{([^{}]+)\}", path)
