"""One schema of a document: whether a value satisfies it, and a document as it shows it (projection)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from mockserver.errors import SpecError
from mockserver.spec import shown
from mockserver.spec.shown import MISSING, Shown

T = TypeVar("T")

# A projection takes a value and what to do about a missing required field: (schema, path) -> value.
Fill = Callable[["Schema", tuple[str | int, ...]], Any]
Projection = Callable[[Any, Fill, tuple[str | int, ...]], Any]

_ROOT = "urn:mockserver:document"


@dataclass(frozen=True, slots=True)
class Violation:
    """Where and how a value breaks a schema. `path` leads to the place, `keyword` names the rule."""

    path: tuple[str | int, ...]
    keyword: str
    message: str

    @property
    def pointer(self) -> str:
        """The path as a JSON pointer."""
        return "".join(f"/{part}" for part in self.path)


class Schemas:
    """All schemas of one document, found by JSON pointer, each made once."""

    def __init__(self, raw: Mapping[str, Any], *, name: str) -> None:
        self.raw = raw
        self.name = name
        self._made: dict[str, Schema] = {}

    def at(self, pointer: str) -> "Schema":
        """The schema at `pointer` (`/components/schemas/Call`), `$ref`s followed."""
        pointer, node = self.follow(pointer)
        if pointer not in self._made:
            self._made[pointer] = Schema(self, pointer, node)
        return self._made[pointer]

    def follow(self, pointer: str) -> tuple[str, dict[str, Any]]:
        """The node at `pointer` and where it really is. Raises SpecError for a `$ref` that leads nowhere."""
        seen = [pointer]
        while True:
            node = self._node(pointer, seen)
            if not isinstance(node, dict):
                if node is True:
                    return pointer, {}
                raise SpecError(f"{self.name}: there is no object at #{pointer}.")
            reference = node.get("$ref")
            if not isinstance(reference, str):
                return pointer, node
            if not reference.startswith("#/"):
                raise SpecError(
                    f"{self.name}: #{pointer} refers to {reference}. Only references inside the document "
                    "(`#/…`) are followed; bundle the document into one file first."
                )
            pointer = reference[1:]
            if pointer in seen:
                raise SpecError(f"{self.name}: #{pointer} refers to itself.")
            seen.append(pointer)

    @cached_property
    def registry(self) -> Any:
        """The document as jsonschema-rs wants it to resolve references."""
        import jsonschema_rs

        return jsonschema_rs.Registry([(_ROOT, dict(self.raw))], draft=jsonschema_rs.Draft202012)

    def _node(self, pointer: str, seen: list[str]) -> Any:
        node: Any = self.raw
        for part in pointer.split("/")[1:]:
            part = part.replace("~1", "/").replace("~0", "~")
            if isinstance(node, list) and part.isdigit() and int(part) < len(node):
                node = node[int(part)]
            elif isinstance(node, dict) and part in node:
                node = node[part]
            else:
                raise SpecError(f"{self.name}: #{seen[0]} leads to #{pointer}, and nothing is there.")
        return node


class Schema:
    """One schema. `pointer` is where it stands in its document; `key` names it among all documents."""

    def __init__(self, schemas: Schemas, pointer: str, node: dict[str, Any]) -> None:
        self.schemas = schemas
        self.pointer = pointer
        self.node = node
        self.key = f"{schemas.name}#{pointer}"
        self._remembered: dict[str, Any] = {}

    def __repr__(self) -> str:
        return f"Schema({self.key})"

    @property
    def name(self) -> str:
        """The component's name, or the pointer of an anonymous schema."""
        prefix = "/components/schemas/"
        return self.pointer.removeprefix(prefix) if self.pointer.startswith(prefix) else self.pointer

    def sub(self, *path: str | int) -> "Schema":
        """The schema at a path below this one, as `sub("properties", "id")`."""
        tail = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
        return self.schemas.at(self.pointer + tail)

    def remembered(self, name: str, work_out: "Callable[[Schema], T]") -> T:
        """What `work_out` says of this schema, worked out once and kept under `name`."""
        if name not in self._remembered:
            self._remembered[name] = work_out(self)
        found: T = self._remembered[name]
        return found

    # -- validation ---------------------------------------------------------------------------------

    @cached_property
    def _validator(self) -> Any:
        import jsonschema_rs

        return jsonschema_rs.Draft202012Validator(
            {"$ref": f"{_ROOT}#{_as_fragment(self.pointer)}"},
            registry=self.schemas.registry,
            validate_formats=True,
        )

    def accepts(self, value: Any) -> bool:
        """Whether `value` satisfies the schema, formats included."""
        result: bool = self._validator.is_valid(value)
        return result

    def violations(self, value: Any) -> Iterator[Violation]:
        """Every way in which `value` breaks the schema."""
        for error in self._validator.iter_errors(value):
            path = tuple(error.instance_path)
            keyword = error.kind.name
            if keyword == "required":
                path = (*path, error.kind.property)
            yield Violation(path, keyword, error.message)

    # -- structure ----------------------------------------------------------------------------------

    @cached_property
    def types(self) -> frozenset[str]:
        """The JSON types the schema names; empty when it names none."""
        found = self.node.get("type", [])
        names = {found} if isinstance(found, str) else set(found)
        for keyword in ("anyOf", "oneOf"):
            for index in range(len(self.node.get(keyword, []))):
                names |= self.sub(keyword, index).types
        return frozenset(names)

    @property
    def nullable(self) -> bool:
        """Whether the schema lets null through by its types."""
        return "null" in self.types

    @cached_property
    def properties(self) -> Mapping[str, "Schema"]:
        """The declared fields of an object, those of `allOf` parts included."""
        found = {name: self.sub("properties", name) for name in self.node.get("properties", {})}
        for part in self._parts("allOf"):
            found = {**part.properties, **found}
        return found

    @cached_property
    def required(self) -> frozenset[str]:
        """The fields an object must have, those of `allOf` parts included."""
        return frozenset(self.node.get("required", [])).union(*(part.required for part in self._parts("allOf")))

    @cached_property
    def shown(self) -> Mapping[str, Shown]:
        """How the declared fields that are not simply kept follow from the kept document, by field."""
        return {
            name: shown.read(name, node["x-shown"], where=f"{self.key}/properties/{name}")
            for name, node in self._property_nodes.items()
            if isinstance(node, dict) and "x-shown" in node
        }

    @cached_property
    def _property_nodes(self) -> Mapping[str, Any]:
        """The declared fields as they are written, before any `$ref` is followed."""
        found = dict(self.node.get("properties", {}))
        for part in self._parts("allOf"):
            found = {**part._property_nodes, **found}
        return found

    @property
    def keeps_extra(self) -> bool:
        """Whether an object says that it may have other fields than the declared ones."""
        extra = self.node.get("additionalProperties")
        return extra is True or isinstance(extra, dict)

    @cached_property
    def branches(self) -> tuple["Schema", ...]:
        """The alternatives of `oneOf` or `anyOf`."""
        return (*self._parts("oneOf"), *self._parts("anyOf"))

    @cached_property
    def object(self) -> "Schema":
        """The schema itself, or for `X | null` its one branch that is not null."""
        if not self.node.get("properties") and len(self.branches) == 2:
            others = [branch for branch in self.branches if branch.types != {"null"}]
            if len(others) == 1:
                return others[0]
        return self

    def _parts(self, keyword: str) -> Iterable["Schema"]:
        return [self.sub(keyword, index) for index in range(len(self.node.get(keyword, [])))]

    # -- projection ---------------------------------------------------------------------------------

    def project(self, value: Any, fill: Fill) -> Any:
        """`value` as this schema shows it: undeclared fields dropped, missing required ones filled."""
        return self._projection(value, fill, ())

    @cached_property
    def _projection(self) -> Projection:
        if self.branches:
            return _project_branch(self.branches)
        if self.properties:
            return _project_object(self.properties, self.required, self.shown, keeps_extra=self.keeps_extra)
        if isinstance(self.node.get("items"), dict):
            return _project_array(self.sub("items"))
        return _keep


def _keep(value: Any, fill: Fill, path: tuple[str | int, ...]) -> Any:
    return value


def _project_object(
    properties: Mapping[str, Schema],
    required: frozenset[str],
    derived: Mapping[str, Shown],
    *,
    keeps_extra: bool,
) -> Projection:
    def project(value: Any, fill: Fill, path: tuple[str | int, ...]) -> Any:
        if not isinstance(value, dict):
            return value
        result = {}
        for name, schema in properties.items():
            kept = derived[name].value(value) if name in derived else value.get(name, MISSING)
            if kept is not MISSING:
                result[name] = schema._projection(kept, fill, (*path, name))
            elif name in required:
                result[name] = fill(schema, (*path, name))
        if keeps_extra:
            result.update((name, each) for name, each in value.items() if name not in properties)
        return result

    return project


def _project_array(items: Schema) -> Projection:
    def project(value: Any, fill: Fill, path: tuple[str | int, ...]) -> Any:
        if not isinstance(value, list):
            return value
        return [items._projection(each, fill, (*path, index)) for index, each in enumerate(value)]

    return project


def _project_branch(branches: tuple[Schema, ...]) -> Projection:
    def project(value: Any, fill: Fill, path: tuple[str | int, ...]) -> Any:
        for branch in branches:
            if branch.accepts(value):
                return branch._projection(value, fill, path)
        # No branch takes it as it is; one may once its missing fields are filled. If none does, the reply's
        # validation will say so.
        for branch in branches:
            shown = branch._projection(value, fill, path)
            if branch.accepts(shown):
                return shown
        return value

    return project


def _as_fragment(pointer: str) -> str:
    """A JSON pointer as the fragment of a URI."""
    from urllib.parse import quote

    return quote(pointer, safe="/~!$&'()*+,;=:@-._")
