"""Object schemas from field tables with dotted names, from JSON examples, or from both."""

import re
from collections.abc import Callable, Collection, Sequence

from mockserver.compiler.examples import Node
from mockserver.compiler.fields import Field, finished
from mockserver.compiler.problems import Problems
from mockserver.compiler.typewords import NAMED, Schema, nullable_schema

TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$")

Named = Callable[[str], str | None]


def object_schema(fields: Sequence[Field], source: str, problems: Problems, *, response: bool) -> Schema:
    """The object that `fields` describe. Names may be paths: `cost.total`, `turns[].role`, `breakdown.*`.

    Every field of a `response` is required unless its row says otherwise; of a request only those that say so.
    """
    root: Schema = {"type": "object", "properties": {}}
    for each in fields:
        if each.schema is None:
            problems.report(each.place, f"the type of {each.name!r} is not given and nothing near it tells")
            continue
        _place(root, each, source, problems, response=response)
    return root


def _place(root: Schema, each: Field, source: str, problems: Problems, *, response: bool) -> None:
    steps = re.findall(r"\[\]|\*|[^.\[\]]+", each.name)
    at = root
    for step in steps[:-1]:
        at = _into(at, step, source, response=response)
    last = steps[-1]
    schema = finished(each, source)
    if last == "[]":
        at.setdefault("items", {}).update(schema)
    elif last == "*":
        at["type"] = "object"
        at["additionalProperties"] = {key: value for key, value in schema.items() if key != "x-source"}
    else:
        at.setdefault("type", "object")
        properties = at.setdefault("properties", {})
        if last in properties:
            properties[last] = {**schema, **properties[last]}
        else:
            properties[last] = schema
        wanted = each.required if each.required is not None else response
        if wanted and last not in at.setdefault("required", []):
            at["required"].append(last)


def _into(at: Schema, step: str, source: str, *, response: bool) -> Schema:
    if step == "[]":
        at["type"] = "array"
        items: Schema = at.setdefault("items", {"type": "object"})
        return items
    if step == "*":
        values: Schema = at.setdefault("additionalProperties", {"type": "object"})
        return values
    at.setdefault("type", "object")
    properties = at.setdefault("properties", {})
    if step not in properties:
        properties[step] = {"type": "object", "x-source": source}
        if response:
            at.setdefault("required", []).append(step)
    inner: Schema = properties[step]
    return inner


def inferred(node: Node, named: Named, source: str) -> Schema:
    """The schema that an example shows: every key required, ISO timestamps as date-time, null as anything."""
    match node.kind:
        case "object":
            schema: Schema = {"type": "object"}
            members = node.members
            if members:
                schema["properties"] = {
                    name: {**inferred(value, named, source), "x-source": source} for name, value in members.items()
                }
                schema["required"] = [name for name, value in members.items() if value.kind != "elision"]
            return schema
        case "array":
            if node.items:
                kinds = [inferred(item, named, source) for item in node.items]
                return {"type": "array", "items": _common(kinds)}
            name = named(node.comment)
            return {"type": "array", "items": {NAMED: name}} if name else {"type": "array"}
        case "string":
            if TIMESTAMP.match(node.value):
                return {"type": "string", "format": "date-time"}
            return {"type": "string"}
        case "integer" | "number" | "boolean":
            return {"type": node.kind}
        case _:
            return {}


def _common(schemas: Sequence[Schema]) -> Schema:
    """One schema for all the items of an array; differing ones are left open."""
    first = schemas[0]
    if all(schema == first for schema in schemas):
        return first
    kinds = {str(schema.get("type")) for schema in schemas}
    if kinds == {"integer", "number"}:
        return {"type": "number"}
    if kinds == {"object"}:
        properties: dict[str, Schema] = {}
        for schema in schemas:
            for name, value in schema.get("properties", {}).items():
                properties[name] = _common([properties[name], value]) if name in properties else value
        required = [name for name in properties if all(name in schema.get("required", ()) for schema in schemas)]
        return {"type": "object", "properties": properties, "required": required}
    return {"type": kinds.pop()} if len(kinds) == 1 and "None" not in kinds else {}


def completed(schema: Schema, node: Node, named: Named, source: str, *, nulls: bool) -> Schema:
    """`schema` with what only the example `node` shows: undescribed fields, shapes of bare objects and arrays.

    What the schema says wins. With `nulls`, a null in the example makes that field nullable (for tables that never
    speak of null).
    """
    if node.kind == "null":
        return _or_null(schema) if nulls and schema else schema
    if schema.get("type") == "array" and node.kind == "array":
        if not node.items:
            if "items" not in schema and (name := named(node.comment)):
                return {**schema, "items": {NAMED: name}}
            return schema
        if "items" not in schema:
            return {**schema, "items": inferred(node, named, source)["items"]}
        items = schema["items"]
        for item in node.items:
            items = completed(items, item, named, source, nulls=nulls)
        return {**schema, "items": items}
    if schema.get("type") == "object" and node.kind == "object" and "oneOf" not in schema:
        open_values = schema.get("additionalProperties")
        properties = dict(schema.get("properties", {}))
        required = list(schema.get("required", []))
        ordered: dict[str, Schema] = {}
        for name, value in node.members.items():
            if name in properties:
                ordered[name] = completed(properties[name], value, named, source, nulls=nulls)
            elif isinstance(open_values, dict):
                ordered[name] = {**open_values, "x-source": source}
                required.append(name)
            else:
                ordered[name] = {**inferred(value, named, source), "x-source": source}
                required.append(name)
        for name, value in properties.items():
            ordered.setdefault(name, value)
        done = {**schema, "properties": ordered} if ordered else dict(schema)
        if required:
            done["required"] = [name for name in ordered if name in required]
        return done
    return schema


def laid_over(schema: Schema, node: Node, named: Named, source: str, *, partial: bool, nulls: bool) -> Schema:
    """`schema`, read from a field table, completed from the example beside it.

    A `partial` table (grouped rows or dotted names) leaves fields to the example; any other is the whole truth,
    and the example only fills in what its bare objects and arrays hold.
    """
    if partial or node.kind != "object":
        return completed(schema, node, named, source, nulls=nulls)
    properties = {
        name: completed(value, node.members[name], named, source, nulls=nulls) if name in node.members else value
        for name, value in schema.get("properties", {}).items()
    }
    return {**schema, "properties": properties}


def _or_null(schema: Schema) -> Schema:
    kept = ("description", "x-source", "x-invented", "default")
    outer: Schema = {key: schema[key] for key in kept if key in schema}
    inner = {key: value for key, value in schema.items() if key not in outer}
    return {**nullable_schema(inner), **outer}


def matching_node(node: Node, names: Collection[str]) -> tuple[str, Node] | None:
    """The object inside the example that a table of `names` describes: the one sharing most names.

    The outermost wins a tie; None when nothing is shared.
    """
    plain = {re.split(r"[.\[]", name)[0] for name in names}
    best: tuple[int, str, Node] | None = None
    for path, inner in node.walk():
        if inner.kind == "object":
            shared = len(plain & inner.members.keys())
            if shared and (best is None or shared > best[0]):
                best = (shared, path, inner)
    return (best[1], best[2]) if best else None


def at_path(schema: Schema, path: str) -> Schema:
    """The schema below `schema` at an example path such as "transcripts[]"."""
    for step in re.findall(r"\[\]|[^.\[\]]+", path):
        schema = schema["items"] if step == "[]" else schema["properties"][step]
    return schema


def type_and_format(schema: Schema) -> str:
    """The type and format of a schema, null aside, to tell whether two agree."""
    plain = without_null(schema)
    return f"{plain.get('type')}/{plain.get('format')}"


def without_null(schema: Schema) -> Schema:
    """`schema` with null taken out of it."""
    for branch in schema.get("anyOf", ()):
        if branch != {"type": "null"}:
            return dict(branch)
    kind = schema.get("type")
    if isinstance(kind, list):
        return {**schema, "type": next(each for each in kind if each != "null")}
    return schema
