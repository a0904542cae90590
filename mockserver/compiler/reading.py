"""What the sections of all pages state about operations, objects, events and shared responses."""

# ruff: noqa: RUF001 (dashes and quotes of every kind are what this module reads)

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mockserver.compiler import statements
from mockserver.compiler.blocks import Block, Command, Example, Mention, Table, Text, scan
from mockserver.compiler.columns import Column
from mockserver.compiler.examples import Node
from mockserver.compiler.fields import Field, fields_of, finished, strip_emphasis
from mockserver.compiler.labels import Part, component_name, object_name
from mockserver.compiler.outline import Endpoint, Outline, Section, find_endpoint, operation_in, outline
from mockserver.compiler.pages import Page
from mockserver.compiler.problems import Place, Problems
from mockserver.compiler.rows import Row
from mockserver.compiler.shapes import at_path, inferred, laid_over, matching_node, object_schema
from mockserver.compiler.typewords import NAMED, Schema, UnknownType, read_type, strip_markup

REFERENCE = "#/components/schemas/"
NO_BODY = ("", "-", "—", "–", "none", "empty", "no body", "nothing")


@dataclass(slots=True)
class Parameter:
    """One parameter of an operation; `place` in path, query or header."""

    name: str
    location: str
    schema: Schema
    required: bool
    description: str
    source: str
    invented: bool = False


@dataclass(slots=True)
class Answer:
    """One response of an operation; `status` is None for what the page answers without naming a status."""

    status: int | None
    description: str
    source: str
    place: Place
    schema: Schema | None = None
    example: Node | None = None
    media: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    noun: str = ""


@dataclass(slots=True)
class Body:
    """The request body of an operation."""

    schema: Schema
    required: bool
    source: str
    example: Node | None = None
    description: str = ""


@dataclass(slots=True)
class Operation:
    """Everything the pages say about one operation."""

    endpoint: Endpoint
    tag: str
    summary: str
    description: str
    source: str
    place: Place
    parameters: list[Parameter] = field(default_factory=list)
    body: Body | None = None
    answers: list[Answer] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class NamedObject:
    """An object with a section of its own; becomes a component."""

    name: str
    schema: Schema
    place: Place
    example: Node | None = None


@dataclass(slots=True)
class Event:
    """One webhook event from an Event table."""

    name: str
    description: str
    payload: Schema | None
    place: Place
    source: str
    reply: Schema | None = None
    invented: bool = False


@dataclass(slots=True)
class SharedResponse:
    """A response that many operations give, from a status table on a page without operations."""

    status: int
    description: str
    schema: Schema | None
    applies: str
    place: Place
    source: str


@dataclass(slots=True)
class Check:
    """An example and the schema it stands beside, to be compared when all names are resolved."""

    page: str
    node: Node
    schema: Schema
    what: str
    partial: bool = False


@dataclass(slots=True)
class Reading:
    """What all pages say."""

    operations: list[Operation] = field(default_factory=list)
    objects: dict[str, NamedObject] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    shared: list[SharedResponse] = field(default_factory=list)
    event_headers: list[tuple[Field, str]] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)
    origins: list[str] = field(default_factory=list)
    bearer: bool = False


_TYPED = {Column.TYPE, Column.REQUIRED, Column.DEFAULT}

APPLIES = {
    "every operation": "every",
    "every operation with a key": "secured",
    "operations with a path parameter": "path",
    "operations with parameters or a body": "input",
    "operations with a body": "body",
    "where documented": "",
}


def read_pages(pages: Sequence[Page], problems: Problems) -> Reading:
    """Everything `pages` state; what cannot be decided goes to `problems`."""
    names = _object_names(pages)
    outlines = []
    for page in pages:
        known = _confirmed_names(page)
        outlines.append(outline(page, scan(page, problems, names=names, known=known), problems))
    reader = _Reader(outlines, names, problems)
    return reader.read()


def _object_names(pages: Sequence[Page]) -> set[str]:
    """Names of objects that have a section on some page."""
    found = set()
    for page in pages:
        for line in page.lines:
            text = line.strip().lstrip("#").strip()
            if len(text) < 80 and (name := object_name(text)):
                found.add(name)
    return found


def _confirmed_names(page: Page) -> set[str]:
    """Field names that JSON on the page shows, and query names in its commands."""
    text = "\n".join(page.lines)
    return {
        *re.findall(r'"([A-Za-z_$][\w$-]*)"\s*:', text),
        *re.findall(r"[?&]([A-Za-z_]\w*)=", text),
    }


class _Reader:
    def __init__(self, outlines: Sequence[Outline], names: set[str], problems: Problems) -> None:
        self.outlines = outlines
        self.names = names
        self.problems = problems
        self.result = Reading()
        self.by_key = {component_name(name).lower(): name for name in names}
        self.extends: dict[str, tuple[str, Place]] = {}

    def read(self) -> Reading:
        for each in self.outlines:
            for section in each.sections:
                if section.object:
                    self.object(each, section)
        self.extend_objects()
        for each in self.outlines:
            self.page(each)
        self.stray_commands()
        self.nouns()
        self.path_parameters()
        self.duplicates()
        return self.result

    def named(self, words: str) -> str | None:
        """The object that `words` ("Call objects", "agent") name, None when no page describes one."""
        text = re.sub(r"\b(objects?|rows?|records?)$", "", strip_markup(words).strip(), flags=re.I).strip()
        key = component_name(text).lower()
        for candidate in (key, key.removesuffix("s")):
            if candidate in self.by_key:
                return self.by_key[candidate]
        return None

    def comment_name(self, words: str) -> str | None:
        """As `named`, but a capitalised name that no page describes is taken too (and noted later)."""
        if found := self.named(words):
            return found
        match = re.match(r"^(?:\.\.\.\s*)?((?:[A-Z]\w*\s+)*[A-Z]\w*)\s+objects?", words.strip())
        return match[1] if match else None

    # Objects.

    def object(self, page: Outline, section: Section) -> None:
        assert section.object is not None
        source = page.source(section.heading)
        fields: list[Field] = []
        nodes: list[Example] = []
        texts: list[str] = []
        for block in section.blocks():
            if isinstance(block, Table) and Column.NAME in block.columns:
                fields += fields_of(block.rows, page.page.name, self.problems, self.names)
            elif isinstance(block, Table) and Column.STATUS not in block.columns:
                self.misplaced(page, block, f"the section {section.heading!r}")
            elif isinstance(block, Example):
                nodes.append(block)
            elif isinstance(block, Text):
                texts.append(block.text)
        place = page.place(section.line)
        name = section.object
        if name in self.result.objects:
            first = self.result.objects[name].place
            self.problems.report(place, f"the {name} object is described twice; first at {first}")
            return
        prose = " ".join(texts)
        schema: Schema
        union = re.search(r"\bOne of\s+(.+?),?\s+told apart by\s+`(\w+)`", prose)
        if union and not fields:
            schema = self.union(union, source, place)
        else:
            given = any(each.required is not None for each in fields)
            schema = object_schema(fields, source, self.problems, response=not given)
        loose = any(re.search(r"[.\[*]", each.name) for each in fields) or not fields
        any_null = any(each.nullable for each in fields)
        for example in nodes:
            if example.node.kind == "object":
                schema = laid_over(
                    schema, example.node, self.comment_name, source, partial=loose, nulls=loose and not any_null
                )
            self.result.checks.append(
                Check(page.page.name, example.node, schema, f"the example of the {name} object")
            )
        if not fields and not nodes and not union:
            self.problems.note(
                place, f"the {name} object has neither a field table nor an example; it is left open"
            )
        description, invented = _described(texts)
        if match := re.search(r"\b[Ee]very field of\s+\[?([A-Z][\w ]*?)\]?[(,.:]", prose):
            self.extends[name] = (match[1], place)
        if re.search(r"\bNo other fields\b", prose):
            schema["additionalProperties"] = False
            description = re.sub(r"\s*No other fields\b[^.]*\.", "", description).strip()
        if description:
            schema = {"description": description, **schema}
        if invented:
            schema["x-invented"] = True
        schema["x-source"] = source
        example_node = next((block.node for block in nodes if block.node.complete()), None)
        self.result.objects[name] = NamedObject(name, schema, place, example_node)

    def extend_objects(self) -> None:
        """Give objects that say "Every field of X, and …" the fields of X, before their own."""
        for name, (words, place) in self.extends.items():
            base = self.named(words)
            if base is None or base not in self.result.objects or base in self.extends:
                self.problems.report(place, f"no page describes an object called {words!r} with fields of its own")
                continue
            model, own = self.result.objects[base].schema, self.result.objects[name].schema
            own["properties"] = {**model.get("properties", {}), **own.get("properties", {})}
            own["required"] = list(dict.fromkeys([*model.get("required", []), *own.get("required", [])]))

    def union(self, match: re.Match[str], source: str, place: Place) -> Schema:
        names = re.split(r"\s*,\s*(?:or\s+|and\s+)?|\s+or\s+|\s+and\s+", strip_markup(match[1]))
        branches = []
        for name in names:
            if found := self.named(name):
                branches.append({NAMED: found})
            else:
                self.problems.report(place, f"no page describes an object called {name!r}")
        return {"oneOf": branches, "discriminator": {"propertyName": match[2]}}

    # Pages.

    def page(self, page: Outline) -> None:
        bound = {section.endpoint: section for section in page.sections if section.endpoint}
        tag = self.tag(page)
        for block in (block for section in page.sections for block in section.blocks()):
            if isinstance(block, Command):
                if block.origin and block.origin not in self.result.origins:
                    self.result.origins.append(block.origin)
                self.result.bearer |= block.headers.get("Authorization", "").startswith("Bearer")
        for endpoint in page.endpoints:
            section = bound.get(endpoint)
            operation = _OperationReader(self, page, endpoint, section, tag).read()
            self.result.operations.append(operation)
        for section in page.sections:
            if section.endpoint or section.object:
                continue
            for piece in section.pieces:
                for block in piece.blocks:
                    if piece.label and piece.label.part is Part.HEADERS and isinstance(block, Table):
                        fields = fields_of(block.rows, page.page.name, self.problems, self.names)
                        self.result.event_headers += [(each, page.source(section.heading)) for each in fields]
                    else:
                        self.unbound(page, section, block)

    def tag(self, page: Outline) -> str:
        if not page.endpoints:
            return ""
        title = page.title
        if not title:
            literals = [part for part in page.endpoints[0].path.split("/") if part and not part.startswith("{")]
            literals = [part for part in literals if not re.fullmatch(r"v\d+", part)] or ["API"]
            title = re.sub(r"[-_]", " ", literals[0]).capitalize()
        intro = ""
        if page.markdown:
            first = page.sections[0] if page.sections[0].heading or len(page.sections) == 1 else page.sections[1]
            if first.heading and strip_markup(first.heading) == title and not first.endpoint:
                intro = _described([block.text for block in first.blocks() if isinstance(block, Text)])[0]
        self.result.tags.setdefault(title, intro)
        return title

    def unbound(self, page: Outline, section: Section, block: Block) -> None:
        """Facts in a section that describes no operation and no object."""
        if not isinstance(block, Table):
            return
        if Column.EVENT in block.columns:
            for row in block.rows:
                self.event(page, section, row)
        elif Column.STATUS in block.columns and not page.endpoints:
            for row in block.rows:
                self.share(page, section, row)
        elif Column.METHOD in block.columns or Column.ENDPOINT in block.columns:
            return
        elif Column.NAME in block.columns and not _TYPED & set(block.columns):
            self.problems.note(page.place(block.line), "this table names no types; it is taken for a glossary")
        elif block.rows:
            where = f"the section {section.heading!r}" if section.heading else "the top of the page"
            self.misplaced(page, block, where)

    def misplaced(self, page: Outline, block: Table, where: str) -> None:
        self.problems.report(
            page.place(block.line),
            f"this table stands in {where}, which is about no operation or object I can tell; "
            "name the method and path below the heading",
        )

    def event(self, page: Outline, section: Section, row: Row) -> None:
        place = page.place(row.line)
        description, invented = _described([row.get(Column.TEXT)])
        payload = self.body_type(row.get(Column.BODY), place)
        self.result.events.append(
            Event(
                strip_markup(row.get(Column.EVENT)),
                description,
                payload,
                place,
                page.source(section.heading),
                reply=self.body_type(row.get(Column.REPLY), place),
                invented=invented,
            )
        )

    def share(self, page: Outline, section: Section, row: Row) -> None:
        place = page.place(row.line)
        words = strip_markup(row.get(Column.APPLIES)).lower()
        if row.has(Column.APPLIES) and words not in APPLIES:
            self.problems.report(
                place, f"{words!r} does not say which operations; use one of: {', '.join(APPLIES)}"
            )
            return
        text, _ = _described([row.get(Column.TEXT)])
        self.result.shared.append(
            SharedResponse(
                int(strip_markup(row.get(Column.STATUS))[:3]),
                text,
                self.body_type(row.get(Column.BODY), place),
                APPLIES.get(words, ""),
                place,
                page.source(section.heading),
            )
        )

    def body_type(self, cell: str, place: Place) -> Schema | None:
        """The schema a Body cell names, None for an empty one."""
        text = strip_markup(cell)
        if text.lower() in NO_BODY:
            return None
        try:
            return read_type(cell, self.names).schema
        except UnknownType as error:
            self.problems.report(place, str(error))
            return None

    # After all operations are read.

    def stray_commands(self) -> None:
        """Guides show commands too; the ones that no reference page describes are noted."""
        endpoints = [operation.endpoint for operation in self.result.operations]
        for page in self.outlines:
            if page.endpoints:
                continue
            for command in (command for section in page.sections for command in section.commands()):
                if find_endpoint(endpoints, command.method, command.path) is None:
                    self.problems.note(
                        page.place(command.line), f"no page describes {command.method} {command.path}, asked here"
                    )

    def nouns(self) -> None:
        """Bodies named by a noun ("the grade row"): an example beside one use describes it, else it is open."""
        for operation in self.result.operations:
            for answer in operation.answers:
                if not answer.noun or answer.schema is not None:
                    continue
                array = answer.noun.startswith("[]")
                noun = answer.noun.removeprefix("[]")
                name = self.named(noun) or noun
                if name not in self.result.objects:
                    self.result.objects[name] = self.from_example(name, operation, answer)
                    self.by_key[component_name(name).lower()] = name
                reference: Schema = {NAMED: name}
                answer.schema = {"type": "array", "items": reference} if array else reference
        for operation in self.result.operations:
            for answer in operation.answers:
                if answer.example is not None and answer.schema is not None:
                    self.result.checks.append(
                        Check(
                            answer.place.page,
                            answer.example,
                            answer.schema,
                            f"the response example of {operation.endpoint}",
                        )
                    )

    def from_example(self, name: str, operation: Operation, answer: Answer) -> NamedObject:
        for other in self.result.operations:
            for candidate in other.answers:
                same = candidate.noun.removeprefix("[]") == name
                if same and candidate.example is not None and candidate.example.kind == "object":
                    schema = inferred(candidate.example, self.comment_name, candidate.source)
                    return NamedObject(
                        name, {**schema, "x-source": candidate.source}, candidate.place, candidate.example
                    )
        self.problems.note(
            answer.place,
            f"{operation.endpoint} answers with the {name}, which no page describes; it is left open",
        )
        return NamedObject(name, {"type": "object", "x-source": answer.source}, answer.place)

    def path_parameters(self) -> None:
        for operation in self.result.operations:
            declared = {each.name for each in operation.parameters if each.location == "path"}
            wanted = re.findall(r"\{(\w+)\}", operation.endpoint.path)
            for name in declared - set(wanted):
                self.problems.report(
                    operation.place, f"the path parameter {name!r} is not in the path {operation.endpoint.path}"
                )
            inserted = []
            for name in wanted:
                if name in declared:
                    continue
                inserted.append(self.inferred_parameter(operation, name, last=name == wanted[-1]))
            order = {name: index for index, name in enumerate(wanted)}
            path = [*inserted, *(each for each in operation.parameters if each.location == "path")]
            rest = [each for each in operation.parameters if each.location != "path"]
            operation.parameters = [*sorted(path, key=lambda each: order.get(each.name, 99)), *rest]

    def inferred_parameter(self, operation: Operation, name: str, *, last: bool) -> Parameter:
        """A path parameter without a row: typed by the object field of that name, or by the object's id."""
        found: dict[str, Schema] = {}
        own = _stem_of(name)
        for named in self.result.objects.values():
            properties = named.schema.get("properties", {})
            if name in properties:
                found.setdefault(_bare(properties[name]), properties[name])
            elif "id" in properties and component_name(named.name).lower() in (
                own,
                *_collection_before(operation, name),
            ):
                found.setdefault(_bare(properties["id"]), properties["id"])
        if not found and last:
            for answer in operation.answers:
                properties = (answer.schema or {}).get("properties", {})
                for key in (name, "id"):
                    if answer.status in (None, 200) and key in properties:
                        found.setdefault(_bare(properties[key]), properties[key])
                        break
        schema: Schema = {"type": "string"}
        source = operation.source
        if len(found) == 1:
            model = next(iter(found.values()))
            plain = _without_null(model)
            schema = {key: plain[key] for key in ("type", "format", "pattern") if key in plain} or schema
            source = model.get("x-source", source)
        elif found:
            self.problems.report(
                operation.place,
                f"objects disagree about the type of {name!r}; give {operation.endpoint} a path parameter table",
            )
        else:
            self.problems.note(
                operation.place, f"nothing tells the type of the path parameter {name!r}; it is text"
            )
        text = operation.extra.pop("path_text", "") if last else ""
        return Parameter(name, "path", schema, True, text, source)

    def duplicates(self) -> None:
        first: dict[str, Operation] = {}
        for operation in self.result.operations:
            key = f"{operation.endpoint.method} {re.sub(r'{[^}]*}', '{}', operation.endpoint.path)}"
            if key in first:
                self.problems.report(
                    operation.endpoint.place,
                    f"{operation.endpoint} is also described at {first[key].endpoint.place}",
                )
            else:
                first[key] = operation


def _bare(schema: Schema) -> str:
    """The type and format of a schema, null aside, to tell whether two agree."""
    plain = _without_null(schema)
    return f"{plain.get('type')}/{plain.get('format')}"


def _without_null(schema: Schema) -> Schema:
    for branch in schema.get("anyOf", ()):
        if branch != {"type": "null"}:
            return dict(branch)
    kind = schema.get("type")
    if isinstance(kind, list):
        return {**schema, "type": next(each for each in kind if each != "null")}
    return schema


def _collection_before(operation: Operation, parameter: str) -> tuple[str, ...]:
    """("webhookendpoint",) for `/v1/webhook-endpoints/{endpoint_id}`: whose items the parameter names."""
    match = re.search(rf"/([\w-]+)/\{{{parameter}\}}", operation.endpoint.path)
    if match is None:
        return ()
    words = component_name(match[1]).lower()
    return (words, words.removesuffix("s"), re.sub(r"ies$", "y", words))


def _stem_of(parameter: str) -> str:
    """ "callid" for call_id, "agent" for agent_id: the object whose id it is."""
    return component_name(re.sub(r"_?(?:id|uuid|key)$", "", parameter)).lower()


def _described(texts: Sequence[str]) -> tuple[str, bool]:
    """The texts as one description, and whether they are marked [invented]."""
    text = strip_emphasis(" ".join(part for part in texts if part))
    return re.sub(r"\s*\[invented\]", "", text, flags=re.I).strip(), "[invented]" in text.lower()


class _OperationReader:
    """Reads one operation's section."""

    def __init__(
        self, reader: _Reader, page: Outline, endpoint: Endpoint, section: Section | None, tag: str
    ) -> None:
        self.reader = reader
        self.problems = reader.problems
        self.page = page
        self.endpoint = endpoint
        self.section = section
        heading = section.heading if section else ""
        self.source = page.source(heading) if section else f"{page.page.name}#{endpoint.source}".rstrip("#")
        place = page.place(section.line) if section and section.line > 1 else endpoint.place
        self.operation = Operation(endpoint, tag, "", "", self.source, place)
        self.answers: dict[int | None, Answer] = {}
        self.body_fields: list[Field] = []
        self.body_type: tuple[Schema, bool] | None = None
        self.body_example: Node | None = None
        self.response_tables: list[tuple[Table, int | None]] = []
        self.texts: list[str] = []
        self.commands: list[Command] = []

    def place(self, line: int) -> Place:
        return self.page.place(line)

    def read(self) -> Operation:
        if self.section is not None:
            self.commands = self.section.commands()
            for piece in self.section.pieces:
                part = piece.label.part if piece.label else None
                status = piece.label.status if piece.label else None
                if status is not None and piece.label and piece.label.part is Part.RESPONSE:
                    self.answer(status, "", piece.line)
                for block in piece.blocks:
                    self.block(block, part, status)
            self.sentences()
            self.response_fields()
            self.request_body()
        self.headline()
        self.finish_answers()
        self.check_commands()
        return self.operation

    def block(self, block: Block, part: Part | None, status: int | None) -> None:
        if isinstance(block, Table):
            self.table(block, part, status)
        elif isinstance(block, Example):
            self.example(block, part, status)
        elif isinstance(block, Text):
            self.text(block, part, status)
        elif isinstance(block, Mention) and block.text:
            self.texts.insert(0, block.text)

    # Tables.

    def table(self, table: Table, part: Part | None, status: int | None) -> None:
        if Column.STATUS in table.columns:
            seen: dict[int, int] = {}
            for row in table.rows:
                code = int(strip_markup(row.get(Column.STATUS))[:3])
                if code in seen:
                    self.problems.report(
                        self.place(row.line), f"status {code} is described twice; first on line {seen[code]}"
                    )
                seen[code] = row.line
                text, _ = _described([row.get(Column.TEXT)])
                answer = self.answer(code, text or statements.reason(code), row.line)
                if schema := self.reader.body_type(row.get(Column.BODY), self.place(row.line)):
                    answer.schema = schema
            return
        if Column.NAME not in table.columns:
            if Column.METHOD not in table.columns and Column.ENDPOINT not in table.columns:
                self.reader.misplaced(self.page, table, f"the section {self.operation.source!r}")
            return
        kind = self.kind_of(table, part)
        if kind is None:
            return
        fields = fields_of(table.rows, self.page.page.name, self.problems, self.reader.names)
        if kind == "body":
            self.body_fields += fields
        elif kind == "response":
            self.response_tables.append((replace(table, rows=table.rows), status))
        else:
            for each in fields:
                self.parameter(each, each.location or kind)

    def kind_of(self, table: Table, part: Part | None) -> str | None:
        """What a field table describes: "query", "path", "header", "body" or "response"."""
        fixed = {
            Part.QUERY: "query",
            Part.PATH: "path",
            Part.HEADERS: "header",
            Part.BODY: "body",
            Part.RESPONSE: "response",
        }
        if part in fixed:
            return fixed[part]
        heading = next(
            (
                text.lower()
                for text, column in zip(table.headings, table.columns, strict=True)
                if column is Column.NAME
            ),
            "",
        )
        names = {strip_markup(row.get(Column.NAME)) for row in table.rows}
        in_path = set(re.findall(r"\{(\w+)\}", self.endpoint.path))
        if names and names <= in_path:
            return "path"
        for word, kind in (("query", "query"), ("path", "path"), ("header", "header"), ("body", "body")):
            if word in heading:
                return kind
        if heading == "filter":
            return "query"
        writes = self.endpoint.method in ("POST", "PUT", "PATCH")
        sent = {name for command in self.commands if command.body for name in command.body.members}
        asked = {name for command in self.commands for name in command.query}
        if heading.startswith("param") or part is Part.PARAMETERS or heading == "argument":
            if not writes or (names & asked and not names & sent):
                return "query"
            if names & sent and not names & asked:
                return "body"
            self.problems.report(
                self.place(table.line),
                f"are these parameters of {self.endpoint} in the query or in the body? Say so in the heading",
            )
            return None
        if part is Part.ERRORS:
            return "response"
        if Column.REQUIRED in table.columns or Column.ALLOWED in table.columns or Column.DEFAULT in table.columns:
            return "body" if writes else "query"
        if writes and names & sent and not self.has_response_example(names):
            return "body"
        if not writes or self.has_response_example(names):
            return "response"
        self.problems.report(
            self.place(table.line),
            f"are these fields what {self.endpoint} takes or what it answers? Put them under Body or Response",
        )
        return None

    def has_response_example(self, names: set[str]) -> bool:
        assert self.section is not None
        return any(
            isinstance(block, Example) and matching_node(block.node, names) is not None
            for block in self.section.blocks()
        )

    def parameter(self, each: Field, location: str) -> None:
        schema = each.schema
        if schema is None:
            schema = self.parameter_type(each.name)
        if schema is None:
            self.problems.report(
                each.place,
                f"the type of the parameter {each.name!r} is not given; add a Type column or say its values",
            )
            return
        if any(known.name == each.name and known.location == location for known in self.operation.parameters):
            self.problems.report(each.place, f"the parameter {each.name!r} is described twice")
            return
        shown = finished(replace(each, schema=schema, description="", invented=False), self.source)
        required = location == "path" or bool(each.required)
        self.operation.parameters.append(
            Parameter(each.name, location, shown, required, each.description, self.source, each.invented)
        )

    def parameter_type(self, name: str) -> Schema | None:
        """The type of an untyped parameter, from its value in a command or the object field of that name."""
        values = [command.query[name] for command in self.commands if name in command.query]
        if values and all(value in ("true", "false") for value in values):
            return {"type": "boolean"}
        found = {
            _bare(named.schema["properties"][name]): named.schema["properties"][name]
            for named in self.reader.result.objects.values()
            if name in named.schema.get("properties", {})
        }
        if len(found) == 1:
            model = next(iter(found.values()))
            if isinstance(model.get("type"), str):
                return {key: model[key] for key in ("type", "format") if key in model}
        return None

    # Examples.

    def example(self, block: Example, part: Part | None, status: int | None) -> None:
        if part is Part.BODY:
            self.body_example = block.node
            return
        writes = self.endpoint.method in ("POST", "PUT", "PATCH")
        if part in (Part.RESPONSE, Part.ERRORS) or not writes:
            self.response_example(block, status)
            return
        names = {each.name for each in self.body_fields}
        if names and block.node.kind == "object" and block.node.members.keys() <= names:
            self.body_example = block.node
            return
        if any(command.body is not None and command.line < block.line for command in self.commands):
            self.response_example(block, status)
            return
        self.problems.report(
            self.place(block.line),
            f"is this example what {self.endpoint} takes or what it answers? Put it under Body or Response",
        )

    def response_example(self, block: Example, status: int | None) -> None:
        answer = self.answers.get(status)
        if answer is None:
            answer = self.answer(status, "", block.line)
        if answer.example is None:
            answer.example = block.node
            answer.place = self.place(block.line)

    # Prose.

    def text(self, block: Text, part: Part | None, status: int | None) -> None:
        if part is Part.PATH and not block.item:
            self.operation.extra["path_text"] = strip_emphasis(block.text)
            return
        if part is Part.RESPONSE and status is not None:
            text = strip_markup(block.text)
            try:
                reading = read_type(text.rstrip("."), self.reader.names)
            except UnknownType:
                pass
            else:
                self.answers[status].schema = reading.schema
                return
        if part is Part.BODY and self.body_named(block):
            return
        self.texts.append(block.text)

    def body_named(self, block: Text) -> bool:
        """A Body that is another page's object: "[Agent input](…)", "any of the fields of [Agent input](…)"."""
        text = strip_markup(block.text)
        match = re.match(
            r"^(?P<some>any of the fields of\s+)?(?P<name>[A-Z][\w ]*?)(?P<optional>, optional)?\.?$", text
        )
        if match is None:
            return False
        name = self.reader.named(match["name"])
        if name is None:
            self.problems.report(
                self.place(block.line), f"no page describes an object called {match['name']!r}, named as the body"
            )
            return True
        schema: Schema = {NAMED: name}
        if match["some"]:
            schema = {NAMED: name, "x-partial": True}
        self.body_type = (schema, not match["optional"])
        return True

    def sentences(self) -> None:
        for text in self.texts:
            for each in statements.answers(text, self.reader.names):
                answer = self.answers.get(each.status)
                line = self.line_of(text)
                if answer is None:
                    answer = self.answer(each.status, each.description if each.status is not None else "", line)
                elif not answer.description and each.status is not None:
                    answer.description = each.description
                if each.noun or each.array:
                    self.said_body(answer, each)
            for given in statements.passed(text):
                self.passed(given, self.line_of(text))
        headers = {name: value for text in self.texts for name, value in statements.response_headers(text).items()}
        if headers:
            self.operation.extra["headers"] = headers

    def said_body(self, answer: Answer, said: statements.Answer) -> None:
        if said.array and not said.noun:
            answer.schema = {"type": "array", "items": {"type": "object"}}
        elif said.array and said.noun in ("string", "integer", "number"):
            answer.schema = {"type": "array", "items": {"type": said.noun}}
        elif answer.schema is None:
            answer.noun = ("[]" if said.array else "") + said.noun

    def passed(self, given: statements.Passed, line: int) -> None:
        if any(each.name == given.name for each in self.operation.parameters):
            return
        if given.value in ("true", "false"):
            schema: Schema = {"type": "boolean"}
        elif given.value.isdigit():
            schema = {"type": "integer"}
        else:
            self.problems.report(
                self.place(line),
                f"the parameter {given.name!r} is known only by one value; describe it in a table",
            )
            return
        why = given.why[:1].upper() + given.why[1:]
        schema["x-source"] = self.source
        self.operation.parameters.append(Parameter(given.name, "query", schema, False, why + ".", self.source))

    def line_of(self, text: str) -> int:
        assert self.section is not None
        for block in self.section.blocks():
            if isinstance(block, Text) and block.text == text:
                return block.line
        return self.section.line

    # Putting it together.

    def answer(self, status: int | None, description: str, line: int) -> Answer:
        known = self.answers.get(status)
        if known is not None:
            if description and (not known.description or known.description == statements.reason(status or 0)):
                known.description = description
            return known
        answer = Answer(status, description, self.source, self.place(line))
        self.answers[status] = answer
        return answer

    def success(self) -> Answer | None:
        return next((self.answers[code] for code in sorted(c for c in self.answers if c and 200 <= c < 300)), None)

    def response_fields(self) -> None:
        """Response field tables, laid over the response example where there is one."""
        unnumbered = self.answers.get(None)
        success = self.success()
        if unnumbered is not None and success is not None:
            success.example = success.example or unnumbered.example
            success.schema = success.schema if success.schema is not None else unnumbered.schema
            success.noun = success.noun or unnumbered.noun
            if unnumbered.example is not None:
                success.place = unnumbered.place
            del self.answers[None]
        for answer in list(self.answers.values()):
            tables = [
                table
                for table, status in self.response_tables
                if (status == answer.status if status is not None else answer is (self.success() or unnumbered))
            ]
            self.shape(answer, tables)
        placed = bool(self.answers)
        if self.response_tables and not placed:
            answer = self.answer(None, "", self.response_tables[0][0].line)
            self.shape(answer, [table for table, _ in self.response_tables])

    def shape(self, answer: Answer, tables: list[Table]) -> None:
        named = self.reader.comment_name
        if not tables:
            if answer.example is not None and answer.schema is None and not answer.noun:
                answer.schema = inferred(answer.example, named, self.source)
            return
        rows = [row for table in tables for row in table.rows]
        fields = fields_of(rows, self.page.page.name, self.problems, self.reader.names)
        if answer.example is None:
            answer.schema = object_schema(fields, self.source, self.problems, response=True)
            return
        match = matching_node(answer.example, [each.name for each in fields])
        if match is None:
            self.problems.report(
                self.place(tables[0].line), "none of these fields is in the example above the table"
            )
            return
        path, node = match
        partial = any(Column.SECTION in table.columns for table in tables) or any(
            re.search(r"[.\[*]", each.name) for each in fields
        )
        schema = object_schema(fields, self.source, self.problems, response=True)
        nulls = partial and not any(each.nullable for each in fields)
        schema = laid_over(schema, node, named, self.source, partial=partial, nulls=nulls)
        if path:
            whole = inferred(answer.example, named, self.source)
            target = at_path(whole, path)
            target.clear()
            target.update(schema)
            schema = whole
        answer.schema = schema

    def request_body(self) -> None:
        commands = [command for command in self.commands if command.body is not None]
        node = self.body_example or (commands[0].body if commands else None)
        if self.body_type is not None:
            schema, required = self.body_type
        elif self.body_fields:
            schema = object_schema(self.body_fields, self.source, self.problems, response=False)
            required = bool(schema.get("required"))
        elif node is not None:
            schema = inferred(node, self.reader.comment_name, self.source)
            schema.pop("required", None)
            required = True
            self.problems.note(
                self.place(node.line),
                f"only an example tells what {self.endpoint} takes; every field is taken as optional",
            )
        else:
            return
        self.operation.body = Body(schema, required, self.source, node)
        for each in [self.body_example, *(command.body for command in commands)]:
            if each is not None:
                self.reader.result.checks.append(
                    Check(
                        self.page.page.name,
                        each,
                        schema,
                        f"the request example of {self.endpoint}",
                        partial=self.endpoint.method == "PATCH",
                    )
                )

    def headline(self) -> None:
        heading = strip_markup(self.section.heading) if self.section else ""
        if not heading or operation_in(heading):
            heading = self.endpoint.description or str(self.endpoint)
        self.operation.summary = re.sub(r"^\d+\.\s+", "", heading)
        description, invented = _described(self.texts)
        self.operation.description = description or self.endpoint.description
        if invented:
            self.operation.extra["x-invented"] = True

    def finish_answers(self) -> None:
        unnumbered = self.answers.pop(None, None)
        media = statements.media_types(" ".join([self.endpoint.description, *self.texts]))
        if self.success() is None and not any(300 <= (code or 0) < 400 for code in self.answers):
            status = 200 if self.endpoint.method in ("GET", "HEAD") else None
            answer = unnumbered or Answer(None, "", self.source, self.operation.place)
            if status is None:
                self.problems.note(
                    answer.place,
                    f"the page does not say with which status {self.endpoint} succeeds; any is allowed",
                )
                answer.description = answer.description or "The page does not say with which status this succeeds."
            elif unnumbered is None and not media:
                self.problems.note(
                    answer.place,
                    f"the page does not say what {self.endpoint} answers; the body of 200 is left open",
                )
            answer.status = status
            answer.description = answer.description or statements.reason(status or 200)
            self.answers = {status: answer, **self.answers}
        success = self.success()
        for answer in self.answers.values():
            answer.description = answer.description or statements.reason(answer.status or 200)
        if success is not None:
            success.headers = self.operation.extra.pop("headers", {})
            success.media = media
        self.operation.answers = [
            self.answers[code] for code in sorted(self.answers, key=lambda code: -1 if code is None else code)
        ]

    def check_commands(self) -> None:
        """Query parameters in the page's own commands must be described."""
        known = {each.name: each for each in self.operation.parameters if each.location == "query"}
        for command in self.commands:
            for name, value in command.query.items():
                if name not in known:
                    self.problems.report(
                        self.place(command.line),
                        f"the command passes {name}={value}, which {self.endpoint} does not describe",
                    )
                elif problem := _query_problem(known[name].schema, value):
                    self.problems.report(self.place(command.line), f"the command passes {name}={value}: {problem}")


def _query_problem(schema: Schema, value: str) -> str | None:
    kind = schema.get("type")
    if kind == "integer" and not re.fullmatch(r"-?\d+", value):
        return "not an integer"
    if kind == "boolean" and value not in ("true", "false"):
        return "not a boolean"
    if "enum" in schema and value not in map(str, schema["enum"]):
        return f"not one of {', '.join(map(str, schema['enum']))}"
    if kind == "integer" and not schema.get("minimum", int(value)) <= int(value) <= schema.get(
        "maximum", int(value)
    ):
        return "outside its bounds"
    return None
