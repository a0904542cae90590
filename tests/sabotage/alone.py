"""What Schemathesis alone finds of the catalogue.

`python -m sabotage.alone` (with `PYTHONPATH=tests:.`) writes it down. Each defect is judged by generated requests
to the operations that it breaks, in all phases and with all checks: more favourable than a run over the whole API,
which spends its requests elsewhere. It takes a quarter of an hour, so what it found is kept in `alone.json`; a
test measures a part of it again and compares.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from contract_tests.conformance import PHASES, askable, conforms
from contract_tests.judge import Judge
from contract_tests.options import Options
from mockserver import Settings
from mockserver.world.worlds import KeyPolicy
from sabotage.catalogue import every_defect
from sabotage.stage import Defect, Saboteur, staged

RECORD = Path(__file__).with_name("alone.json")
EXAMPLES = 10


def finds(base_url: str, saboteur: Saboteur, defect: Defect) -> bool:
    """Whether Schemathesis finds the defect."""
    with Judge(Options(base_url=base_url, api_key=f"sk_test_alone_{defect.name}", max_examples=EXAMPLES)) as judge:
        home = judge.home().fresh("demo")
        home.settle()
        operations = [each for each in askable(home) if each.id in defect.operations]
        saboteur.put_on(defect)
        try:
            return any(True for _ in conforms(home, operations, phases=PHASES))
        finally:
            saboteur.put_on(None)


def measure(defects: Iterable[Defect]) -> dict[str, bool]:
    """What is found, by the defects' names."""
    found: dict[str, bool] = {}
    with staged(Settings(keys=KeyPolicy.OPEN)) as (base_url, saboteur):
        for defect in defects:
            found[defect.name] = finds(base_url, saboteur, defect)
            print(f"{defect.name}: {'found' if found[defect.name] else 'not found'}", file=sys.stderr)  # noqa: T201
    return found


if __name__ == "__main__":
    RECORD.write_text(json.dumps(measure(every_defect()), indent=1) + "\n", encoding="utf-8")
