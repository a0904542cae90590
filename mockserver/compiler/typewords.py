"""The words a Type cell is made of, and the JSON schema each stands for."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from mockserver.errors import nearest

Schema = dict[str, Any]

E164 = r"^\+[1-9][0-9]{1,14}$"

WORDS: dict[str, Schema] = {
    "integer": {"type": "integer"},
    "int": {"type": "integer"},
    "int32": {"type": "integer", "format": "int32"},
    "int64": {"type": "integer", "format": "int64"},
    "long": {"type": "integer", "format": "int64"},
    "string": {"type": "string"},
    "str": {"type": "string"},
    "boolean": {"type": "boolean"},
    "bool": {"type": "boolean"},
    "number": {"type": "number"},
    "float": {"type": "number"},
    "double": {"type": "number"},
    "decimal": {"type": "number"},
    "timestamp": {"type": "string", "format": "date-time"},
    "datetime": {"type": "string", "format": "date-time"},
    "date-time": {"type": "string", "format": "date-time"},
    "iso 8601": {"type": "string", "format": "date-time"},
    "iso8601": {"type": "string", "format": "date-time"},
    "iso-8601": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
    "uuid": {"type": "string", "format": "uuid"},
    "email": {"type": "string", "format": "email"},
    "uri": {"type": "string", "format": "uri"},
    "url": {"type": "string", "format": "uri"},
    "e.164": {"type": "string", "pattern": E164},
    "array": {"type": "array"},
    "list": {"type": "array"},
    "object": {"type": "object"},
    "map": {"type": "object"},
    "dict": {"type": "object"},
    "any": {},
    "json": {},
}

_FORMATS = {
    **{
        name: name
        for name in (
            "int32",
            "int64",
            "float",
            "double",
            "date",
            "date-time",
            "uuid",
            "email",
            "uri",
            "binary",
        )
    },
    "timestamp": "date-time",
    "iso 8601": "date-time",
    "url": "uri",
}

NAMED = "x-named"  # placeholder for a reference to an object, resolved when all pages are read

_ARRAY_OF = re.compile(
    r"^(?:array|list)s?\s+of\s+(?P<item>.+)$|^array<(?P<angle>.+)>$|^(?P<suffixed>.+)\[\]$", re.I
)
_MAP_OF = re.compile(r"^(?:map|dict|object)\s+of\s+(?:string\s+to\s+)?(?P<value>.+)$", re.I)
_OBJECT_NAME = re.compile(r"^[A-Z][A-Za-z0-9]*(?: [A-Z][A-Za-z0-9]*)*$")
_QUOTED = re.compile(r"""^(?:"([^"]*)"|'([^']*)')$""")


@dataclass(frozen=True, slots=True)
class TypeReading:
    """What a Type cell says: a schema without null, whether null is allowed, and `required` where it says so."""

    schema: Schema = field(default_factory=dict)
    nullable: bool = False
    required: bool | None = None


class UnknownType(Exception):
    """A Type cell holds a word that is not in the vocabulary."""

    def __init__(self, word: str, names: Collection[str] = ()) -> None:
        self.word = word
        near = nearest(word, names)
        super().__init__(f"{word!r} is not a type I know.{near if near else nearest(word.lower(), WORDS)}")


def strip_markup(text: str) -> str:
    """`text` without code marks, emphasis, link targets and escapes."""
    text = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"\*\*(.+?)\*\*", r"\1", text)
    return text.replace("`", "").replace("\\|", "|").replace("\\_", "_").strip()


def read_type(cell: str, names: Collection[str] | None = None) -> TypeReading:
    """What the Type cell `cell` says, e.g. "integer | null", "array of string", "string (uuid)", "Agent".

    `names` are the object names that may be used; None allows any capitalised name (checked later). Raises
    UnknownType.
    """
    text = strip_markup(cell)
    nullable, required = False, None
    if text.endswith("?"):
        text, nullable = text[:-1], True
    parts = [part.strip() for part in re.split(r",(?![^()]*\))", text)]
    for attribute in parts[1:]:
        if attribute.lower() in ("nullable", "or null"):
            nullable = True
        elif attribute.lower() in ("required", "optional"):
            required = attribute.lower() == "required"
        else:
            raise UnknownType(attribute)
    if parts[0].lower().startswith("nullable "):
        parts[0], nullable = parts[0][9:], True
    alternatives = [part.strip() for part in re.split(r"\s*\|\s*|\s+or\s+|(?<=[a-z])/(?=[a-z])", parts[0])]
    if len(alternatives) > 1 and all(_QUOTED.match(part) for part in alternatives):
        return TypeReading({"type": "string", "enum": [part[1:-1] for part in alternatives]}, nullable, required)
    schemas: list[Schema] = []
    for alternative in alternatives:
        if alternative.lower() == "null":
            nullable = True
            continue
        reading = _read_alternative(alternative, names)
        nullable = nullable or reading.nullable
        required = required if reading.required is None else reading.required
        schemas.append(reading.schema)
    if not schemas:
        raise UnknownType(text)
    return TypeReading(schemas[0] if len(schemas) == 1 else {"anyOf": schemas}, nullable, required)


def _read_alternative(text: str, names: Collection[str] | None) -> TypeReading:
    if match := _ARRAY_OF.match(text):
        item = match["item"] or match["angle"] or match["suffixed"]
        reading = _read_alternative(_singular(item.strip()), names)
        items = nullable_schema(reading.schema) if reading.nullable else reading.schema
        return TypeReading({"type": "array", "items": items} if items else {"type": "array"})
    if match := _MAP_OF.match(text):
        reading = _read_alternative(_singular(match["value"].strip()), names)
        return TypeReading({"type": "object", "additionalProperties": reading.schema or True})
    base, nullable, required = text, False, None
    schema: Schema = {}
    if match := re.match(r"^([^()]+?)\s*\(([^()]+)\)$", text):
        base = match[1]
        for attribute in (part.strip().lower() for part in match[2].split(",")):
            if attribute == "nullable":
                nullable = True
            elif attribute in ("required", "optional"):
                required = attribute == "required"
            elif attribute in _FORMATS:
                schema["format"] = _FORMATS[attribute]
            elif attribute == "e.164":
                schema["pattern"] = E164
            else:
                raise UnknownType(attribute)
    if base.lower() in WORDS:
        return TypeReading({**WORDS[base.lower()], **schema}, nullable, required)
    named = re.sub(r"\s+objects?$", "", base)
    if _OBJECT_NAME.match(named) if names is None else named in names:
        return TypeReading({NAMED: named}, nullable, required)
    raise UnknownType(base, () if names is None else names)


def _singular(text: str) -> str:
    if text.lower() not in WORDS and text.lower().endswith("s") and text.lower()[:-1] in WORDS:
        return text[:-1]
    return re.sub(r"\bobjects$", "object", text)


def nullable_schema(schema: Schema) -> Schema:
    """`schema` with null added: a type list for plain types, an anyOf for formats, enums and references.

    Generators and validators treat `enum` and `format` beside a type list in different ways; the anyOf form leaves
    no room for that.
    """
    plain = isinstance(schema.get("type"), str) and not (
        schema["type"] == "string" and {"enum", "const", "format", "pattern"} & schema.keys()
    )
    if plain and not {"enum", "const"} & schema.keys():
        return {**schema, "type": [schema["type"], "null"]}
    if not schema:
        return schema
    if set(schema) == {"anyOf"}:
        return {"anyOf": [*schema["anyOf"], {"type": "null"}]}
    return {"anyOf": [schema, {"type": "null"}]}
