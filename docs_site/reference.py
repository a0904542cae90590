"""The reference pages: command line, settings, `/_mock`, the laws, and the operations of each contract."""

import dataclasses
import importlib
import inspect
import json
import pkgutil
import re
from collections.abc import Iterator
from enum import EnumType
from typing import Any

import click
from pydantic import BaseModel

import mockserver.http
from contract_tests.law import Law
from contract_tests.laws import every_law
from docs_site.markdown import code, table
from mockserver.assembly import behaviour_table, build
from mockserver.cli import main
from mockserver.http import control as control_module
from mockserver.http.control import Control
from mockserver.http.pacemaker import Pacemaker
from mockserver.settings import Settings
from mockserver.spec.contract import Contract, behaviour_name
from mockserver.spec.document import Document


def command_line() -> str:
    """Every command with its arguments, options, and their environment variables."""
    parts = ["# Command line\n"]
    context = click.Context(main, info_name="mockserver")
    for name, command in _commands(main, context):
        parts += [f"## {name}\n", f"{inspect.cleandoc(command.help or '')}\n"]
        arguments = [each for each in command.params if isinstance(each, click.Argument)]
        usage = " ".join([name, "[OPTIONS]", *(_argument(each) for each in arguments)])
        parts.append(f"    {usage}\n")
        options = [each for each in command.params if isinstance(each, click.Option) and not each.hidden]
        if options:
            parts.append(table(["Option", "Default", "Variable", "Meaning"], [_option(each) for each in options]))
    return "\n".join(parts)


def settings() -> str:
    """The fields of `Settings`."""
    meaning = _bullets(inspect.getdoc(Settings) or "")
    rows = []
    for field in dataclasses.fields(Settings):
        default = getattr(Settings(), field.name)
        shown = repr(str(default)) if isinstance(default, str) else repr(default)
        rows.append((code(field.name), code(_plain_type(field.type)), code(shown), meaning[field.name]))
    return (
        "# Settings\n\n"
        "What `MockServer(Settings(…))` takes. `mockserver serve` has the same as options; where the defaults "
        "differ, its own suit a server that people look at, these suit tests.\n\n"
        + table(["Field", "Type", "Default", "Meaning"], rows)
    )


def control() -> str:
    """The endpoints under `/_mock`, with the fields of their bodies."""
    app = build(Settings())
    routes = Control(app.engine, app.worlds, Pacemaker(), document=lambda name: b"").routes()
    bodies = dict(_bodies())
    parts = [
        "# Control API\n",
        "Everything is JSON and takes the API key of the organization it is about, as the API itself does; "
        "`GET /_mock/health` and `GET /_mock/openapi.yaml` need none. What is wrong with a request is answered "
        'with 400 and `{"mock_error": …}`, and never in the words of the API.\n',
    ]
    for route in routes:
        for method in sorted((route.methods or set()) - {"HEAD"}):
            endpoint = f"{method} {control_module.PREFIX}{route.path}"
            parts += [f"## {endpoint}\n", f"{inspect.getdoc(route.endpoint) or ''}\n"]
            if endpoint in bodies:
                parts.append(_body_of(bodies[endpoint]))
    return "\n".join(parts)


def laws() -> str:
    """What `mockserver verify` judges by: every law with its source, its needs and its usual causes."""
    by_subject: dict[str, list[Law]] = {}
    for law in every_law():
        by_subject.setdefault(law.subject, []).append(law)
    parts = [
        "# Laws\n",
        f"The {sum(map(len, by_subject.values()))} laws that "
        "[`mockserver verify`](../guides/verify.md) judges an implementation by, in its order. A code never "
        "changes and is never given to another law. `--only` and `--skip` take codes, names and the subjects, "
        "which are the headings here. A law without needs takes a base URL and a key.\n",
    ]
    head = ["Law", "What it says", "Needs", "Source", "Usual causes when it is broken"]
    for subject, found in by_subject.items():
        parts += [f"## {subject}\n", table(head, [_law(each) for each in found])]
    return "\n".join(parts)


def operations(name: str, raw: dict[str, Any]) -> str:
    """The operations of a contract: what each is, does, and answers with."""
    contract = Contract(Document(raw, name=name))
    known = behaviour_table()
    by_tag: dict[str, list[tuple[str, ...]]] = {}
    for operation in contract.operations:
        role = contract.roles.get(operation.id)
        source = "resource" if role is not None else "example"
        if behaviour_name(operation) in known:
            source = "behaviour"
        node = operation.node
        by_tag.setdefault((node.get("tags") or ["Other"])[0], []).append(
            (
                f"`{operation.id}`<br>`{operation.method} {operation.path}`",
                node.get("summary", ""),
                "" if role is None else f"{role.kind} {role.collection}",
                source,
                ", ".join(node.get("responses", {})),
            )
        )
    head = ["Operation", "What it is", "What it does to which collection", "Answered by", "Statuses"]
    parts = [
        f"# Operations of {name}\n",
        f"{raw['info'].get('description', '')}\n",
        "How sure each of them is, and each of its fields, is told under "
        f"[Fidelity](../fidelity/{name}.md). An answer of a `behaviour` is simulated, of a `resource` is what was "
        "stored, and of an `example` is canned; the reply says which in `X-Mock-Source`.\n",
    ]
    for tag, rows in by_tag.items():
        parts += [f"## {tag}\n", table(head, rows)]
    return "\n".join(parts)


def _law(law: Law) -> tuple[str, ...]:
    needs = ", ".join(sorted(law.needs))
    name = f'<span id="{law.code.lower()}">{law.code}</span><br>{code(law.name)}'
    only = f"<br>Of {', '.join(law.contracts)} only." if law.contracts else ""
    return name, f"{law.title}{only}", needs, law.source, law.causes


def _commands(group: click.Group, context: click.Context) -> Iterator[tuple[str, click.Command]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        inner = click.Context(command, info_name=name, parent=context)
        if isinstance(command, click.Group):
            yield from _commands(command, inner)
        else:
            yield inner.command_path, command


def _argument(argument: click.Argument) -> str:
    name = (argument.metavar or argument.name or "").upper()
    return name if argument.required else f"[{name}]"


def _option(option: click.Option) -> tuple[str, ...]:
    names = ", ".join(code(each) for each in [*option.opts, *option.secondary_opts])
    text = re.sub(r"\s*\[default: .*\]$", "", option.help or "")
    default = re.search(r"\[default: (.*)\]$", option.help or "")
    shown = default[1] if default else ""
    if not shown and option.show_default and option.default is not None:
        shown = str(option.default)
    if option.is_flag and not shown:
        shown = "off"
    variable = option.envvar if isinstance(option.envvar, str) else ""
    if isinstance(option.type, click.Choice):
        text = f"One of {', '.join(code(str(each)) for each in option.type.choices)}. {text}"
    return names, shown, code(variable), text


def _plain_type(annotation: Any) -> str:
    """A type as its author wrote it: `Pace`, `tuple[str, ...]`."""
    return annotation.__name__ if type(annotation) in (type, EnumType) else str(annotation).replace("pathlib.", "")


def _bullets(docstring: str) -> dict[str, str]:
    """What a docstring's bullets say, by the names before their colons (`* a, b: …`)."""
    found: dict[str, str] = {}
    for bullet in re.split(r"^\* ", docstring, flags=re.MULTILINE)[1:]:
        names, _, text = " ".join(bullet.split()).partition(": ")
        each = names.split(", ")
        texts = text.split("; ") if len(text.split("; ")) == len(each) else [text] * len(each)
        found.update(zip(each, texts, strict=True))
    found.setdefault("spec", "an OpenAPI file of one's own, served instead of a contract")
    return found


def _bodies() -> Iterator[tuple[str, type[BaseModel]]]:
    """The models of request bodies by the endpoint their docstring begins with."""
    for info in pkgutil.iter_modules(mockserver.http.__path__):
        module = importlib.import_module(f"{mockserver.http.__name__}.{info.name}")
        for _, model in inspect.getmembers(module, inspect.isclass):
            named = re.match(r"`([A-Z]+ /_mock/\S*)`", model.__doc__ or "")
            if issubclass(model, BaseModel) and model.__module__ == module.__name__ and named is not None:
                yield named[1], model


def _body_of(model: type[BaseModel]) -> str:
    schema = model.model_json_schema()
    required = set(schema.get("required", ()))
    rows = []
    for name, field in schema["properties"].items():
        default = "required" if name in required else code(json.dumps(field.get("default")))
        rows.append((code(name), _json_type(field, schema), default))
    text = re.sub(r"^`[^`]*`[:;]\s*", "", inspect.getdoc(model) or "")
    return f"{text[:1].upper()}{text[1:]}\n\n{table(['Field', 'Type', 'Default'], rows)}"


def _json_type(field: dict[str, Any], whole: dict[str, Any]) -> str:
    if "$ref" in field:
        inner = whole["$defs"][field["$ref"].rsplit("/", 1)[-1]]
        return "{" + ", ".join(inner["properties"]) + "}"
    if "anyOf" in field:
        return " or ".join(_json_type(each, whole) for each in field["anyOf"])
    if "enum" in field:
        return ", ".join(code(str(each)) for each in field["enum"])
    bounds = [
        text.format(field[key])
        for key, text in (("minimum", "from {:g}"), ("exclusiveMinimum", "above {:g}"), ("maximum", "to {:g}"))
        if key in field
    ]
    if "pattern" in field:
        bounds.append(f"matching `{field['pattern']}`")
    return " ".join([str(field.get("type", "anything")), *bounds])
