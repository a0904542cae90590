"""How sure each fact of a contract is: who said it, read off the contract's sources.

A fact is compared with what the sources alone compile to, without the overrides, so that what an override added or
changed is known field by field.
"""

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import orjson

from mockserver.compiler.contract import SURFACE, compile_folder, compile_surface
from mockserver.compiler.overrides import METHODS, MergeEntry, OperationEntry, Overrides, read_overrides
from mockserver.compiler.request_texts import add_pattern

Json = dict[str, Any]
Entry = MergeEntry | OperationEntry


class Word(StrEnum):
    """How sure a fact is, the surest first."""

    DOCUMENTED = "documented"
    CLIENT = "client"
    ASSUMED = "assumed"
    INVENTED = "invented"


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: what it is about, how sure it is, who says so, and why the mock's authors changed or added to it.

    `name` is empty for the operation, schema or event itself, else the parameter or field (`report.title`).
    """

    owner: str
    name: str
    type: str
    word: Word
    source: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Sources:
    """A contract with what its sources say without the overrides, and the overrides."""

    name: str
    document: Json
    alone: Json
    overrides: Overrides
    from_client: bool

    @property
    def origin(self) -> tuple[Word, str]:
        """How sure what the sources say by themselves is, and which sources they are."""
        if self.from_client:
            return Word.CLIENT, str(self.document.get("x-source", "the vendor's typed client"))
        return Word.DOCUMENTED, "the reference pages"


def read_sources(folder: Path) -> Sources:
    """The contract in `folder` (of `openapi/`)."""
    parts = [folder / "overrides.yaml", folder / "overrides"]
    overrides = next((read_overrides(part) for part in parts if part.exists()), Overrides())
    from_client = (folder / SURFACE).is_file()
    compiled = compile_surface(folder / SURFACE) if from_client else compile_folder(folder / "docs")
    alone = copy.deepcopy(compiled.document)
    if overrides.request_texts is not None:
        add_pattern(alone, overrides.request_texts.pattern)
    return Sources(
        folder.name, orjson.loads((folder / "openapi.json").read_bytes()), alone, overrides, from_client
    )


def operations(sources: Sources) -> Iterator[tuple[str, str, Json, list[Fact]]]:
    """(method, path, the operation, its facts) of each operation, those of its parameters and bodies included."""
    for path, item in sources.document["paths"].items():
        before = sources.alone["paths"].get(path, {})
        for method in METHODS:
            if method not in item:
                continue
            node = item[method]
            found = Comparison(sources, node["operationId"], _operation_entry(sources, node, method, path))
            yield method.upper(), path, node, list(found.operation(node, before.get(method)))


def schemas(sources: Sources) -> Iterator[tuple[str, Json, list[Fact]]]:
    """(name, schema, its facts) of each named schema: itself and its fields."""
    before = sources.alone["components"].get("schemas", {})
    for name, schema in sources.document["components"]["schemas"].items():
        found = Comparison(sources, name, sources.overrides.schemas.get(name))
        yield name, schema, list(found.schema(schema, before.get(name)))


def events(sources: Sources) -> Iterator[tuple[str, Json, list[Fact]]]:
    """(type, description, its facts) of each event."""
    before = sources.alone.get("webhooks", {})
    for name, item in sources.document.get("webhooks", {}).items():
        found = Comparison(sources, name, sources.overrides.webhooks.get(name))
        marked = {**item["post"], **{key: item[key] for key in ("x-source", "x-invented") if key in item}}
        yield name, item["post"], list(found.operation(marked, before.get(name, {}).get("post")))


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared with what: an operation, schema or event, with the override about it if there is one."""

    sources: Sources
    owner: str
    entry: Entry | None

    def operation(self, node: Json, before: Json | None) -> Iterator[Fact]:
        """The facts of an operation or an event."""
        itself = self._fact("", "", node, before, self.sources.origin)
        yield itself
        origin = itself.word, itself.source
        known = {(each.get("name"), each.get("in")): each for each in (before or {}).get("parameters", ())}
        for each in node.get("parameters", ()):
            if "$ref" not in each:
                same = known.get((each["name"], each["in"]))
                yield self._fact(f"{each['name']} ({each['in']})", type_of(each["schema"]), each, same, origin)
        contents = node.get("requestBody", {}).get("content", {})
        contents_before = (before or {}).get("requestBody", {}).get("content", {})
        for media_type, content in contents.items():
            same = contents_before.get(media_type, {}).get("schema")
            yield from self._fields("", content.get("schema", {}), same, origin)
            break  # forms repeat what the JSON body says
        answers, answers_before = node.get("responses", {}), (before or {}).get("responses", {})
        for status, answer in answers.items():
            for content in answer.get("content", {}).values():
                contents_before = answers_before.get(status, {}).get("content", {})
                same = next((each.get("schema") for each in contents_before.values()), None)
                yield from self._fields(f"{status}: ", content.get("schema", {}), same, origin)

    def schema(self, node: Json, before: Json | None) -> Iterator[Fact]:
        """The facts of a named schema."""
        itself = self._fact("", type_of(node), node, before, self.sources.origin)
        yield itself
        yield from self._fields("", node, before, (itself.word, itself.source))

    def _fields(self, prefix: str, node: Json, before: Json | None, origin: tuple[Word, str]) -> Iterator[Fact]:
        for suffix, inner, inner_before in _parts(node, before):
            known = (inner_before or {}).get("properties", {})
            for name, field in inner.get("properties", {}).items():
                full = f"{prefix}{suffix}{name}"
                fact = self._fact(full, type_of(field), field, known.get(name), origin)
                yield fact
                yield from self._fields(f"{full}.", field, known.get(name), (fact.word, fact.source))

    def _fact(self, name: str, kind: str, node: Json, before: Json | None, origin: tuple[Word, str]) -> Fact:
        word, source = origin
        said = node.get("x-source")
        if said not in (None, "overrides") and not self.sources.from_client:
            word, source = Word.DOCUMENTED, said
        reason = ""
        if self.entry is not None and before is None:
            word, source, reason = word_of(self.entry.source), self.entry.source, self.entry.reason
        elif self.entry is not None and _own(node) != _own(before or {}):
            reason = f"{self.entry.reason} ({self.entry.source})"
            word = max(word, word_of(self.entry.source), key=list(Word).index)
        if node.get("x-invented") is True or origin[0] is Word.INVENTED:
            word = Word.INVENTED
        return Fact(self.owner, name, kind, word, source, reason)


def word_of(source: str) -> Word:
    """How sure what an override says is, by the weakest of the sources it names."""
    if re.search(r"\b(ours|inferred|structure)\b", source):
        return Word.ASSUMED
    return Word.CLIENT if "client" in source else Word.DOCUMENTED


def type_of(schema: Mapping[str, Any]) -> str:
    """A schema's type in a few words: `string (uuid) or null`, `list of Agent`."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            joined = dict.fromkeys(type_of(each) for each in schema[key])
            return (" and " if key == "allOf" else " or ").join(joined)
    if "const" in schema:
        return f"“{schema['const']}”"
    kinds = schema.get("type", "anything")
    words = []
    for kind in kinds if isinstance(kinds, list) else [kinds]:
        if kind == "array":
            words.append(f"list of {type_of(schema.get('items', {}))}")
        elif "format" in schema and kind != "null":
            words.append(f"{kind} ({schema['format']})")
        else:
            words.append(kind)
    return " or ".join(words)


def _operation_entry(sources: Sources, node: Json, method: str, path: str) -> OperationEntry | None:
    entries = sources.overrides.operations
    for key in (node["operationId"], f"{method.upper()} {path}"):
        if key in entries:
            return entries[key]
    return next((each for each in entries.values() if each.id == node["operationId"]), None)


def _parts(node: Json, before: Json | None) -> Iterator[tuple[str, Json, Json | None]]:
    """The places in a schema that can have fields: itself, its items, its alternatives."""
    yield "", node, before
    if isinstance(node.get("items"), dict):
        for suffix, inner, same in _parts(node["items"], (before or {}).get("items")):
            yield f"[].{suffix}" if not suffix.startswith("[]") else f"[]{suffix}", inner, same
    for key in ("anyOf", "oneOf", "allOf"):
        others = (before or {}).get(key, [])
        for index, each in enumerate(node.get(key, ())):
            yield from _parts(each, others[index] if index < len(others) else None)


def _plain(node: Any) -> Any:
    """A node without our remarks, to compare what it says."""
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items() if not key.startswith("x-")}
    return [_plain(each) for each in node] if isinstance(node, list) else node


def _own(node: Json) -> Json:
    """What an operation, parameter or schema says itself, less what has rows of its own and what is shared."""
    inside = ("properties", "items", "anyOf", "oneOf", "allOf", "parameters", "requestBody", "responses")
    own = {key: value for key, value in _plain(node).items() if key not in inside}
    answers = node.get("responses", {})
    own["responses"] = {status: each.get("description") for status, each in answers.items() if "$ref" not in each}
    return own
