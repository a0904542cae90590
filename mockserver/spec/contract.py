"""A contract: one published version of one API, as its document, its roles and how its keys look."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mockserver.errors import SpecError, nearest
from mockserver.spec import roles
from mockserver.spec.delivery import Delivery, read_delivery
from mockserver.spec.document import Document, Operation, Webhook
from mockserver.spec.roles import Kind, Role
from mockserver.spec.schema import Schema


@dataclass(frozen=True, slots=True)
class Credential:
    """How a security scheme carries its key: in which (lower-case) header, behind which prefix, of which form.

    `opens` is whether the first use of an unknown key may open an organization. A key that begins with `alias[0]`
    is another spelling of the one that begins with `alias[1]`: both open the same organization. `refusal` is what
    is said of a key that does not open one, where the API has a wording of its own.
    """

    scheme: str
    header: bytes
    prefix: str
    pattern: re.Pattern[str]
    opens: bool = True
    alias: tuple[str, str] = ("", "")
    refusal: str | None = None

    def canonical(self, key: str) -> str:
        """The key that `key` is a spelling of."""
        spelt, meant = self.alias
        return meant + key[len(spelt) :] if spelt and key.startswith(spelt) else key

    def spelled(self, key: str) -> str:
        """How this credential spells a key: the other way round."""
        spelt, meant = self.alias
        return spelt + key[len(meant) :] if spelt and key.startswith(meant) else key


class Contract:
    """A document with the roles of its operations. `name` is its folder's or file's name."""

    def __init__(self, document: Document) -> None:
        self.name = document.name
        self.document = document
        self.roles, self.reasons = roles.infer(document.operations)

    @classmethod
    def load(cls, path: Path) -> "Contract":
        """Read a contract folder (its `openapi.json`: its `openapi.yaml` once more), or one OpenAPI file."""
        return cls(Document.load(path / "openapi.json" if path.is_dir() else path))

    @property
    def behaviour_names(self) -> list[str]:
        """What behaviours of this contract's operations may be called."""
        return [name for operation in self.operations if (name := behaviour_name(operation)) is not None]

    def invalid_status(self, operation: Operation) -> int:
        """What answers a request whose fields are wrong: `x-invalid-status` of the operation or the document."""
        usual = self.document.raw.get("x-invalid-status", 400)
        return int(operation.node.get("x-invalid-status", usual))

    @property
    def operations(self) -> tuple[Operation, ...]:
        """Every operation of the document."""
        return self.document.operations

    @cached_property
    def webhooks(self) -> tuple[Webhook, ...]:
        """The events it declares."""
        return self.document.webhooks()

    @cached_property
    def delivery(self) -> Delivery | None:
        """How it delivers events (`x-delivery`); None when it delivers none."""
        return read_delivery(self.document.raw, name=self.name)

    @cached_property
    def credentials(self) -> Mapping[str, Credential]:
        """The security schemes with a key in a header, by scheme name.

        `x-key-pattern` is the key's form; `x-opens-organization: false` says that only keys made before are good;
        `x-key-alias: {from, to}` and `x-refusal` are as in Credential.
        """
        found = {}
        declared = self.document.raw.get("components", {}).get("securitySchemes", {})
        for name, scheme in declared.items():
            pattern = re.compile(scheme.get("x-key-pattern", r"^[\x21-\x7e]+$"))
            if scheme.get("type") == "apiKey" and scheme.get("in") == "header":
                header, prefix = scheme["name"].lower().encode("ascii"), ""
            elif scheme.get("type") in ("http", "oauth2", "openIdConnect"):
                header, prefix = b"authorization", "Bearer "
            else:
                continue
            alias = scheme.get("x-key-alias", {})
            found[name] = Credential(
                name,
                header,
                prefix,
                pattern,
                opens=scheme.get("x-opens-organization", True),
                alias=(alias.get("from", ""), alias.get("to", "")),
                refusal=scheme.get("x-refusal"),
            )
        return found

    def item_schema(self, operation: Operation) -> Schema | None:
        """The schema of one resource as this operation shows it, or None when it shows none."""
        success = operation.success
        if success is None or success.json is None:
            return None
        role = self.roles.get(operation.id)
        if role is not None and role.kind is Kind.LIST:
            found = roles.list_items(success.json)
            return None if found is None else found[1]
        return success.json.object


def behaviour_name(operation: Operation) -> str | None:
    """What the behaviour of an operation is called, if it has one: as the operation, or what `x-behaviour` says.

    Two operations of one meaning share a behaviour so, and one id may mean different things in two contracts.
    `x-behaviour: null` says that the operation is what its structure says, and no more.
    """
    name: str | None = operation.node.get("x-behaviour", operation.id)
    return name


def find_contract(folder: Path, name: str) -> Path:
    """The folder of the contract called `name`. Raises SpecError with the nearest name."""
    names = contract_names(folder)
    if name not in names:
        raise SpecError(
            f"There is no contract {name!r} in {folder}.{nearest(name, names)} Known: {', '.join(names)}."
        )
    return folder / name


def contract_names(folder: Path) -> list[str]:
    """The contracts in a folder, sorted."""
    return sorted(path.parent.name for path in folder.glob("*/openapi.json"))


def describe(contract: Contract, behaviours: Iterable[str]) -> str:
    """One line per operation: its id, method and path, role, and where its answer comes from."""
    known = set(behaviours)
    rows = []
    for operation in contract.operations:
        role = contract.roles.get(operation.id)
        resource_or_example = "example" if role is None else "resource"
        source = "behaviour" if behaviour_name(operation) in known else resource_or_example
        meaning = f"{role.kind} {role.collection}" if role is not None else "-"
        rows.append((operation.id, operation.method, operation.path, meaning, source, _note(contract, operation)))
    rows.sort()
    widths = [max(len(row[column]) for row in rows) for column in range(4)] if rows else []
    return "".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), *row[4:]]).rstrip()
        + "\n"
        for row in rows
    )


def _note(contract: Contract, operation: Operation) -> str:
    """What a reader of the roles wants to know besides: order, filters, parents; or why there is no role."""
    role: Role | None = contract.roles.get(operation.id)
    name = behaviour_name(operation)
    notes = [] if name in (None, operation.id) else [f"behaves as {name}"]
    if role is None:
        return f"({'; '.join([contract.reasons[operation.id], *notes])})"
    if role.order is not None:
        notes.append(f"order {role.order}")
    notes += [f"{each.parameter}: {each.field} {each.test}" for each in role.filters if each.test != "="]
    notes += [f"{field} in {target}" for field, target in sorted(role.references.items())]
    if role.snapshot_of is not None:
        notes.append(f"snapshots of {role.snapshot_of}")
    return f"({'; '.join(notes)})" if notes else ""
