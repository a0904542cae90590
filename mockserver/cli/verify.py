"""`mockserver verify`: the contract suite, which is a package of its own and knows nothing of the mock."""

import click

from mockserver import shipped

try:
    verify: click.Command = shipped.suite("command").verify
except ModuleNotFoundError as missing:
    if missing.name is None or missing.name.partition(".")[0] in ("mockserver", "contract_tests"):
        raise
    raise SystemExit(
        f"mockserver verify needs {missing.name}, which comes with: pip install 'thunderphone-mockserver[verify]'"
    ) from None
