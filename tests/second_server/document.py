"""The April document without the operations that the second server does not have."""

import json
from pathlib import Path

from contract_tests.document import METHODS
from contract_tests.options import DEFAULT_CONTRACT, shipped_documents

from .service import ROUTES


def cut_document(folder: Path) -> Path:
    """Write it below `folder`, under the contract's name: laws are laws of a contract."""
    raw = json.loads((shipped_documents() / DEFAULT_CONTRACT / "openapi.json").read_text(encoding="utf-8"))
    here = {(each.path, each.method.lower()): each.operation for each in ROUTES}
    paths = {}
    for path, item in raw["paths"].items():
        kept = {name: node for name, node in item.items() if name not in METHODS or (path, name) in here}
        if any(name in METHODS for name in kept):
            paths[path] = kept
    found = {
        (path, name): item[name]["operationId"] for path, item in paths.items() for name in METHODS if name in item
    }
    assert found == here, "The second server and the document name operations differently."
    target = folder / DEFAULT_CONTRACT / "openapi.json"
    target.parent.mkdir(parents=True)
    target.write_text(json.dumps({**raw, "paths": paths}), encoding="utf-8")
    return target
