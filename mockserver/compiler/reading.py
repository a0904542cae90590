"""What the sections of all pages state about operations, objects, events and shared responses."""

import re
from collections.abc import Sequence

from mockserver.compiler import statements
from mockserver.compiler.blocks import Block, Example, Table, Text, scan
from mockserver.compiler.columns import Column
from mockserver.compiler.commands import Command
from mockserver.compiler.endpoints import find_endpoint
from mockserver.compiler.facts import Answer, Check, Event, NamedObject, Operation, Reading, SharedResponse
from mockserver.compiler.fields import Field, described, fields_of
from mockserver.compiler.labels import Part, object_name
from mockserver.compiler.naming import Naming
from mockserver.compiler.operations import read_operation
from mockserver.compiler.outline import Outline, Section, outline, report_misplaced
from mockserver.compiler.pages import Page
from mockserver.compiler.path_parameters import add_path_parameters
from mockserver.compiler.problems import Place, Problems
from mockserver.compiler.rows import Row
from mockserver.compiler.shapes import inferred, laid_over, object_schema
from mockserver.compiler.typewords import NAMED, Schema, strip_markup

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
        self.naming = Naming(names, problems)
        self.problems = problems
        self.result = Reading()
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
        add_path_parameters(self.result, self.problems)
        self.duplicates()
        return self.result

    # Objects.

    def object(self, page: Outline, section: Section) -> None:
        assert section.object is not None
        source = page.source(section.heading)
        fields: list[Field] = []
        nodes: list[Example] = []
        texts: list[str] = []
        for block in section.blocks():
            if isinstance(block, Table) and Column.NAME in block.columns:
                fields += fields_of(block.rows, page.page.name, self.problems, self.naming.names)
            elif isinstance(block, Table) and Column.STATUS not in block.columns:
                report_misplaced(self.problems, page, block, f"the section {section.heading!r}")
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
                    schema,
                    example.node,
                    self.naming.comment_name,
                    source,
                    partial=loose,
                    nulls=loose and not any_null,
                )
            self.result.checks.append(
                Check(page.page.name, example.node, schema, f"the example of the {name} object")
            )
        if not fields and not nodes and not union:
            self.problems.note(
                place, f"the {name} object has neither a field table nor an example; it is left open"
            )
        description, invented = described(texts)
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
            base = self.naming.named(words)
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
            if found := self.naming.named(name):
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
            operation = read_operation(self.result, self.naming, page, endpoint, section, tag)
            self.result.operations.append(operation)
        for section in page.sections:
            if section.endpoint or section.object:
                continue
            for piece in section.pieces:
                for block in piece.blocks:
                    if page.endpoints and isinstance(block, Text):
                        self.unbound_statuses(page, section, block)
                    if piece.label and piece.label.part is Part.HEADERS and isinstance(block, Table):
                        fields = fields_of(block.rows, page.page.name, self.problems, self.naming.names)
                        self.result.event_headers += [(each, page.source(section.heading)) for each in fields]
                    else:
                        self.unbound(page, section, block)

    def unbound_statuses(self, page: Outline, section: Section, text: Text) -> None:
        """A sentence about a status in a section about no operation is a fact that is lost."""
        if any(each.status is not None for each in statements.answers(text.text, self.naming.names)):
            self.problems.note(
                page.place(text.line),
                f"{text.text[:60]!r} speaks of a status, but {section.heading!r} is about no operation",
            )

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
                intro = described([block.text for block in first.blocks() if isinstance(block, Text)])[0]
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
            report_misplaced(self.problems, page, block, where)

    def event(self, page: Outline, section: Section, row: Row) -> None:
        place = page.place(row.line)
        description, invented = described([row.get(Column.TEXT)])
        payload = self.naming.body_type(row.get(Column.BODY), place)
        self.result.events.append(
            Event(
                strip_markup(row.get(Column.EVENT)),
                description,
                payload,
                place,
                page.source(section.heading),
                reply=self.naming.body_type(row.get(Column.REPLY), place),
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
        text, _ = described([row.get(Column.TEXT)])
        self.result.shared.append(
            SharedResponse(
                int(strip_markup(row.get(Column.STATUS))[:3]),
                text,
                self.naming.body_type(row.get(Column.BODY), place),
                APPLIES.get(words, ""),
                place,
                page.source(section.heading),
            )
        )

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
                name = self.naming.named(noun) or noun
                if name not in self.result.objects:
                    self.result.objects[name] = self.from_example(name, operation, answer)
                    self.naming.learn(name)
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
                    schema = inferred(candidate.example, self.naming.comment_name, candidate.source)
                    return NamedObject(
                        name, {**schema, "x-source": candidate.source}, candidate.place, candidate.example
                    )
        self.problems.note(
            answer.place,
            f"{operation.endpoint} answers with the {name}, which no page describes; it is left open",
        )
        return NamedObject(name, {"type": "object", "x-source": answer.source}, answer.place)

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
