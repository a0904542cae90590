"""An OpenAPI document as operations: loaded, checked for sense, `$ref`s followed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import orjson

from mockserver.errors import SpecError
from mockserver.spec.schema import Schema, Schemas
from mockserver.spec.upgrade import bounded, upgraded

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One declared parameter. `location` is path, query, header or cookie."""

    name: str
    location: str
    required: bool
    schema: Schema


@dataclass(frozen=True, slots=True)
class Body:
    """The declared request body: a schema per media type."""

    required: bool
    content: Mapping[str, Schema]


@dataclass(frozen=True, slots=True)
class Response:
    """One declared response: a schema per media type, empty when it has no body."""

    status: str
    description: str
    content: Mapping[str, Schema]
    headers: Mapping[str, Schema]

    @property
    def json(self) -> Schema | None:
        """The schema of the JSON body, or None."""
        for media_type, schema in self.content.items():
            if is_json(media_type):
                return schema
        return None


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path. `parts` is the path's segments with parameters as None."""

    id: str
    method: str
    path: str
    parts: tuple[str | None, ...]
    path_names: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    body: Body | None
    responses: Mapping[str, Response]
    security: tuple[tuple[str, ...], ...]
    node: Mapping[str, Any] = field(repr=False)

    @property
    def shape(self) -> str:
        """The path with parameter names blanked: `/v1/calls/{}/grade`."""
        return "/" + "/".join("{}" if part is None else part for part in self.parts)

    @property
    def place(self) -> tuple[str | None, ...]:
        """`parts` without the empty one that a trailing slash leaves: where the path is among resources."""
        return self.parts[:-1] if self.parts and self.parts[-1] == "" else self.parts

    @property
    def success(self) -> Response | None:
        """The first declared 2xx response (3xx when there is none), or None."""
        for family in "23":
            for status in sorted(self.responses):
                if status.startswith(family):
                    return self.responses[status]
        return None

    @property
    def success_status(self) -> int:
        """The status of `success` as a number; 200 when nothing says."""
        found = self.success
        return int(found.status) if found is not None and found.status.isdigit() else 200

    def response(self, status: int) -> Response | None:
        """What is declared for `status`: exactly, as its family (`4XX`), or by default."""
        for name in (str(status), f"{status // 100}XX", "default"):
            if name in self.responses:
                return self.responses[name]
        return None

    def query(self) -> Iterator[Parameter]:
        """The declared query parameters."""
        return (each for each in self.parameters if each.location == "query")


@dataclass(frozen=True, slots=True)
class Webhook:
    """A declared event: its type, the schema of its body, and which of our own events cause it."""

    type: str
    schema: Schema
    caused_by: tuple[str, ...]


def is_json(media_type: str) -> bool:
    """Whether a media type is JSON: `application/json` or `application/…+json`."""
    essence = media_type.partition(";")[0].strip().lower()
    return essence == "application/json" or essence.endswith("+json")


class Document:
    """One OpenAPI 3.x document. `name` is used in messages."""

    def __init__(self, raw: dict[str, Any], *, name: str) -> None:
        version = raw.get("openapi")
        if not isinstance(version, str) or not version.startswith("3."):
            raise SpecError(
                f"{name}: the top-level field `openapi` is {version!r}. "
                "mockserver reads OpenAPI 3.0 and 3.1 documents."
            )
        self.name = name
        self.raw = upgraded(raw) if version.startswith("3.0") else raw
        bounded(self.raw)
        self.schemas = Schemas(self.raw, name=name)

    @classmethod
    def load(cls, path: Path) -> "Document":
        """Read a YAML or JSON file. Raises SpecError when it is neither, or not an object."""
        data = path.read_bytes()
        raw = _json(data, path) if path.suffix == ".json" else _yaml(data, path)
        if not isinstance(raw, dict):
            raise SpecError(f"{path}: the document is not an object. Is it an OpenAPI file?")
        return cls(raw, name=path.parent.name if path.stem == "openapi" else path.name)

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """Every operation, in the document's order. Raises SpecError when two share an id."""
        found: dict[str, Operation] = {}
        for path, item in self.raw.get("paths", {}).items():
            pointer = f"/paths/{_escape(path)}"
            shared = item.get("parameters", [])
            for method in METHODS:
                if method in item:
                    operation = self._operation(path, method, item[method], f"{pointer}/{method}", shared, pointer)
                    if operation.id in found:
                        raise SpecError(
                            f"{self.name}: the operationId {operation.id} is used by "
                            f"{found[operation.id].path} and by {path}. Give one of them another id."
                        )
                    found[operation.id] = operation
        return tuple(found.values())

    def webhooks(self) -> tuple[Webhook, ...]:
        """The events in the document's `webhooks` section.

        `x-caused-by` lists what has to happen, in our own words, where the event itself is called otherwise.
        """
        found = []
        for name, item in self.raw.get("webhooks", {}).items():
            post = item.get("post", {})
            for media_type in post.get("requestBody", {}).get("content", {}):
                pointer = f"/webhooks/{_escape(name)}/post/requestBody/content/{_escape(media_type)}/schema"
                causes = post.get("x-caused-by", [name])
                found.append(Webhook(name, self.schemas.at(pointer), tuple(causes)))
        return tuple(found)

    def webhook_answers(self) -> dict[str, Schema]:
        """The schema of the JSON answer that each event type asks its receiver for, where it asks for one."""
        found = {}
        for name, item in self.raw.get("webhooks", {}).items():
            for status, response in item.get("post", {}).get("responses", {}).items():
                for media_type in response.get("content", {}):
                    pointer = f"/webhooks/{_escape(name)}/post/responses/{_escape(str(status))}"
                    found[name] = self.schemas.at(f"{pointer}/content/{_escape(media_type)}/schema")
        return found

    def _operation(
        self,
        path: str,
        method: str,
        node: dict[str, Any],
        pointer: str,
        shared: list[Any],
        shared_pointer: str,
    ) -> Operation:
        names = []
        parts: list[str | None] = []
        for part in path.strip("/").split("/") if path.strip("/") else []:
            if part.startswith("{") and part.endswith("}"):
                names.append(part[1:-1])
                parts.append(None)
            else:
                parts.append(part)
        if path.endswith("/") and path != "/":
            parts.append("")  # a trailing slash is part of the path: nothing redirects
        pointers = [f"{shared_pointer}/parameters/{index}" for index in range(len(shared))]
        pointers += [f"{pointer}/parameters/{index}" for index in range(len(node.get("parameters", [])))]
        parameters = {(each.location, each.name): each for each in map(self._parameter, pointers)}
        for name in names:
            if ("path", name) not in parameters:
                raise SpecError(
                    f"{self.name}: {method.upper()} {path} does not declare its path parameter {name}."
                )
        fallback = method + path.replace("/", "_").replace("{", "").replace("}", "").replace("-", "_")
        security = node.get("security", self.raw.get("security", []))
        return Operation(
            id=node.get("operationId", fallback),
            method=method.upper(),
            path=path,
            parts=tuple(parts),
            path_names=tuple(names),
            parameters=tuple(parameters.values()),
            body=self._body(f"{pointer}/requestBody") if "requestBody" in node else None,
            responses={
                str(status): self._response(str(status), f"{pointer}/responses/{_escape(str(status))}")
                for status in node.get("responses", {})
            },
            security=tuple(tuple(option) for option in security),
            node=node,
        )

    def _parameter(self, pointer: str) -> Parameter:
        pointer, node = self.schemas.follow(pointer)
        if "schema" not in node:
            raise SpecError(f"{self.name}: the parameter at #{pointer} has no `schema`.")
        return Parameter(
            name=node["name"],
            location=node["in"],
            required=bool(node.get("required", False)),
            schema=self.schemas.at(f"{pointer}/schema"),
        )

    def _body(self, pointer: str) -> Body:
        pointer, node = self.schemas.follow(pointer)
        return Body(required=bool(node.get("required", False)), content=self._content(pointer, node))

    def _response(self, status: str, pointer: str) -> Response:
        pointer, node = self.schemas.follow(pointer)
        headers = {}
        for name in node.get("headers", {}):
            at, header = self.schemas.follow(f"{pointer}/headers/{_escape(name)}")
            if "schema" in header:
                headers[name] = self.schemas.at(f"{at}/schema")
        return Response(
            status=status,
            description=node.get("description", ""),
            content=self._content(pointer, node),
            headers=headers,
        )

    def _content(self, pointer: str, node: dict[str, Any]) -> dict[str, Schema]:
        return {
            media_type: self.schemas.at(f"{pointer}/content/{_escape(media_type)}/schema")
            for media_type, media in node.get("content", {}).items()
            if "schema" in media
        }


def _escape(name: str) -> str:
    """`name` as one segment of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def _json(data: bytes, path: Path) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise SpecError(f"{path} is not JSON: {error}") from error


def _yaml(data: bytes, path: Path) -> Any:
    import yaml  # a JSON document needs no YAML reader

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):  # type: ignore[misc]
        """Reads what JSON could say: a key is text (statuses are often not quoted), and so is a date."""

        yaml_implicit_resolvers: ClassVar[Any] = {
            letter: [(tag, pattern) for tag, pattern in found if not tag.endswith(":timestamp")]
            for letter, found in base.yaml_implicit_resolvers.items()
        }

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            found = super().construct_mapping(node, deep=deep)
            return {key if isinstance(key, str) else _as_written(key): value for key, value in found.items()}

    try:
        return yaml.load(data, Loader=Loader)
    except yaml.YAMLError as error:
        raise SpecError(f"{path} is not YAML: {error}") from error


def _as_written(key: Any) -> str:
    """A key that YAML took for something else than text, as text: `200`, `true`, `null`."""
    return orjson.dumps(key, default=str).decode()
