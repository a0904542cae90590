"""What the section of one operation states: parameters, bodies, answers."""

import re
from dataclasses import replace

from mockserver.compiler import statements
from mockserver.compiler.blocks import Block, Example, Mention, Table, Text
from mockserver.compiler.columns import Column
from mockserver.compiler.commands import Command
from mockserver.compiler.endpoints import Endpoint
from mockserver.compiler.examples import Node
from mockserver.compiler.facts import Answer, Body, Check, Operation, Parameter, Reading
from mockserver.compiler.fields import Field, described, fields_of, finished, strip_emphasis
from mockserver.compiler.labels import Part
from mockserver.compiler.naming import Naming
from mockserver.compiler.outline import Outline, Section, operation_in, report_misplaced
from mockserver.compiler.problems import Place
from mockserver.compiler.shapes import (
    at_path,
    inferred,
    laid_over,
    matching_node,
    object_schema,
    type_and_format,
)
from mockserver.compiler.typewords import NAMED, Schema, UnknownType, read_type, strip_markup


def read_operation(
    reading: Reading, naming: Naming, page: Outline, endpoint: Endpoint, section: Section | None, tag: str
) -> Operation:
    """Everything that `section` says about `endpoint`; its examples are added to the checks of `reading`.

    Path parameters without a row, and bodies named by a noun, are settled when all pages are read.
    """
    return _OperationReader(reading, naming, page, endpoint, section, tag).read()


class _OperationReader:
    """Reads one operation's section."""

    def __init__(
        self,
        reading: Reading,
        naming: Naming,
        page: Outline,
        endpoint: Endpoint,
        section: Section | None,
        tag: str,
    ) -> None:
        self.reading = reading
        self.naming = naming
        self.problems = naming.problems
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
                text, _ = described([row.get(Column.TEXT)])
                answer = self.answer(code, text or statements.reason(code), row.line)
                if schema := self.naming.body_type(row.get(Column.BODY), self.place(row.line)):
                    answer.schema = schema
            return
        if Column.NAME not in table.columns:
            if Column.METHOD not in table.columns and Column.ENDPOINT not in table.columns:
                report_misplaced(self.problems, self.page, table, f"the section {self.operation.source!r}")
            return
        kind = self.kind_of(table, part)
        if kind is None:
            return
        fields = fields_of(table.rows, self.page.page.name, self.problems, self.naming.names)
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
            type_and_format(named.schema["properties"][name]): named.schema["properties"][name]
            for named in self.reading.objects.values()
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
                reading = read_type(text.rstrip("."), self.naming.names)
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
        name = self.naming.named(match["name"])
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
            for each in statements.answers(text, self.naming.names):
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
        named = self.naming.comment_name
        if not tables:
            if answer.example is not None and answer.schema is None and not answer.noun:
                answer.schema = inferred(answer.example, named, self.source)
            return
        rows = [row for table in tables for row in table.rows]
        fields = fields_of(rows, self.page.page.name, self.problems, self.naming.names)
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
            schema = inferred(node, self.naming.comment_name, self.source)
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
                self.reading.checks.append(
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
        description, invented = described(self.texts)
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
