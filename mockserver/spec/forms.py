"""Bodies that are forms: multipart or URL-encoded, read into names and values as a JSON body has them."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson

from mockserver.errors import ApiError
from mockserver.spec.schema import Schema

MULTIPART: Final = "multipart/form-data"
URLENCODED: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in a form. `filename` may be ""; `media_type` is what the sender says it is."""

    filename: str
    media_type: str
    data: bytes


Given = dict[str, list[str | Upload]]


def is_form(media_type: str) -> bool:
    """Whether a media type is a form's."""
    return _essence(media_type) in (MULTIPART, URLENCODED)


def read_form(raw: bytes, content_type: str) -> Given:
    """The fields of a form, each with what was given for it, in order. Raises ApiError 400 for what is no form.

    Some clients call a multipart body URL-encoded and name no boundary: what begins with `--` is multipart, and
    its first line is the boundary.
    """
    if _essence(content_type) == MULTIPART or raw.startswith(b"--"):
        return _multipart(raw)
    given: Given = {}
    try:
        pairs = parse_qsl(raw.decode("utf-8"), keep_blank_values=True)
    except UnicodeDecodeError as error:
        raise ApiError(f"Form parse error - {error}") from None
    for name, value in pairs:
        given.setdefault(name, []).append(value)
    return given


def typed(given: Given, schema: Schema) -> dict[str, Any]:
    """The fields as the schema's types want them; what does not fit stays as it was sent, for the check to refuse.

    A field that has another type than text takes JSON, or what people write for it (`True`, `3`). One that is a
    list may be called `name[]`.
    """
    found: dict[str, Any] = {}
    for sent, values in given.items():
        name = sent if sent in schema.properties else sent.removesuffix("[]")
        field = schema.properties.get(name)
        if field is None:
            found[sent] = values[0]
        elif "array" in field.types and "items" in field.node and not _is_json_list(values):
            found[name] = [*found.get(name, []), *(_value(each, field.sub("items")) for each in values)]
        else:
            found[name] = _value(values[-1], field)
    return found


def without_files(value: Any) -> Any:
    """A form's value with every file as an empty text, so that it can be checked as JSON."""
    if isinstance(value, Upload):
        return ""
    if isinstance(value, dict):
        return {name: without_files(each) for name, each in value.items()}
    return [without_files(each) for each in value] if isinstance(value, list) else value


def _value(sent: str | Upload, schema: Schema) -> Any:
    if isinstance(sent, Upload):
        return sent
    if schema.node.get("format") == "binary":
        return Upload("", "application/octet-stream", sent.encode("utf-8"))  # a file that came without a name
    types = schema.types
    if "boolean" in types and sent.lower() in ("true", "false"):
        return sent.lower() == "true"
    if "string" in types:
        return None if sent == "" and "null" in types else sent
    try:
        return orjson.loads(sent)
    except orjson.JSONDecodeError:
        return sent


def _is_json_list(values: list[str | Upload]) -> bool:
    return len(values) == 1 and isinstance(values[0], str) and values[0].lstrip().startswith("[")


def _multipart(raw: bytes) -> Given:
    from python_multipart.exceptions import FormParserError
    from python_multipart.multipart import MultipartParser, MultipartState, parse_options_header

    given: Given = {}
    headers: dict[str, bytes] = {}
    name, data = bytearray(), bytearray()
    value = bytearray()

    def begin() -> None:
        headers.clear()
        data.clear()

    def end_header() -> None:
        headers[name.decode("latin-1").lower()] = bytes(value)
        name.clear()
        value.clear()

    def end() -> None:
        _, options = parse_options_header(headers.get("content-disposition", b""))
        field = options.get(b"name", b"").decode("utf-8", "replace")
        filename = options.get(b"filename")
        if filename is None:
            given.setdefault(field, []).append(data.decode("utf-8", "replace"))
            return
        media_type = headers.get("content-type", b"application/octet-stream").decode("latin-1")
        given.setdefault(field, []).append(Upload(filename.decode("utf-8", "replace"), media_type, bytes(data)))

    first_line = raw.partition(b"\n")[0].strip()
    if not first_line.startswith(b"--") or len(first_line) < 3:
        raise ApiError("Form parse error - the body does not begin with a boundary.")
    if first_line.endswith(b"--") and raw.strip() == first_line:
        return {}  # the last boundary alone: a form without a field
    parser = MultipartParser(
        first_line[2:],
        {
            "on_part_begin": begin,
            "on_header_field": lambda part, start, stop: name.extend(part[start:stop]),
            "on_header_value": lambda part, start, stop: value.extend(part[start:stop]),
            "on_header_end": end_header,
            "on_part_data": lambda part, start, stop: data.extend(part[start:stop]),
            "on_part_end": end,
        },
    )
    try:
        parser.write(raw)
        parser.finalize()
    except FormParserError as error:
        raise ApiError(f"Form parse error - {error}") from None
    if parser.state != MultipartState.END:
        raise ApiError("Form parse error - the body ends before its last boundary.")
    return given


def _essence(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()
