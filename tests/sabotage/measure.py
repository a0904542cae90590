"""Run the suite against each fault of `independent`, as a user would, and say which laws found it.

    PYTHONPATH=tests:. python -m sabotage.measure [--seeds 1,2] [--json FILE] [NAME ...]

Without names every fault is measured; `healthy` is the server with nothing wrong in front.
"""

import argparse
import asyncio
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from contract_tests.judge import Judge
from contract_tests.laws import every_law
from contract_tests.options import Options
from mockserver.settings import Settings
from mockserver.world.worlds import KeyPolicy
from sabotage import independent
from sabotage.independent import DEFECTS
from sabotage.stage import Answered, Asked, Defect, Scene, Sent, staged

KEY = "sk_test_independent00"


class Witness:
    """Counts how often a fault changed something: one that never does was never given the occasion."""

    def __init__(self) -> None:
        self.changes = 0

    def watching(self, defect: Defect) -> Defect:
        """The same fault, watched."""

        async def before(asked: Asked, scene: Scene) -> Any:
            was = replace(asked, headers=[*asked.headers])
            answered = await _awaited(defect.before(asked, scene)) if defect.before else None
            same = asked.json == was.json if asked.json is not None else asked.body == was.body
            rest = (asked.method, asked.path, asked.query, asked.headers)
            self.changes += not same or rest != (was.method, was.path, was.query, was.headers)
            self.changes += isinstance(answered, Answered)
            return answered

        async def after(asked: Asked, answered: Answered, scene: Scene) -> Any:
            was = Answered(answered.status, [*answered.headers], answered.body)
            other = await _awaited(defect.after(asked, answered, scene)) if defect.after else None
            now = other or answered
            self.changes += (was.status, was.headers) != (now.status, now.headers) or (
                was.body != now.body and (was.json is None or was.json != now.json)
            )
            return other

        def webhook(sent: Sent, scene: Scene) -> Any:
            was = (sent.url, sent.body, dict(sent.headers))
            verdict = defect.webhook(sent, scene) if defect.webhook else None
            self.changes += was != (sent.url, sent.body, sent.headers) or verdict is not None
            return verdict

        return replace(defect, before=before, after=after, webhook=webhook)


async def _awaited(value: Any) -> Any:
    return await value if asyncio.iscoroutine(value) else value


# The subjects of laws that are most likely to see a fault of a group, by the first digit of their codes.
FIRST = {
    "CALLS": "3427",
    "AGENTS_AND_TOOLS": "57621",
    "NUMBERS_AND_LINES": "7526",
    "BILLING": "725",
    "PEOPLE": "6251",
    "SESSIONS": "7253",
    "WEBHOOKS": "8561",
    "HTTP": "1652",
}


def parts(defect: Defect | None, laws: list[Any], whole: bool) -> list[list[Any]]:
    """The laws, all at once or in parts; those that watch every exchange are in each."""
    if whole or defect is None:
        return [laws]
    group = next(name for name in FIRST if defect in getattr(independent, name))
    watching = [each for each in laws if "ML-101" <= each.code <= "ML-108"]
    order = FIRST[group] + "".join(each for each in "12345678" if each not in FIRST[group])
    return [
        watching + [each for each in laws if each.code[3] == digit and each not in watching] for digit in order
    ]


def found_by(defect: Defect | None, seed: int = 0, whole: bool = True) -> tuple[dict[str, str], int]:
    """The laws that a fault breaks, with what each says first, and how often it changed anything.

    Not whole, it stops after the first part that finds something.
    """
    witness = Witness()
    options = {"keys": KeyPolicy.OPEN} | (defect.options if defect else {})
    laws: dict[str, str] = {}
    with staged(Settings(**options)) as (url, saboteur):
        saboteur.put_on(witness.watching(defect) if defect else None)
        chosen = Options(base_url=url, api_key=KEY, skip=("conformance",), max_examples=5, seed=seed)
        with Judge(chosen) as judge:
            for part in parts(defect, list(judge.chosen(every_law())), whole):
                for finding in judge.run(part).findings:
                    laws.setdefault(finding.law, str(finding))
                if laws:
                    break
    return laws, witness.changes


def main(arguments: list[str]) -> None:
    """Measure what was named."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--seeds", default="0")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--part", default="0/1", help="Only every n-th fault: 0/2, 1/2")
    parser.add_argument(
        "--quick", action="store_true", help="Stop at the first part of the laws that finds a fault"
    )
    asked = parser.parse_args(arguments)
    part, of = (int(each) for each in asked.part.split("/"))
    known: dict[str, Defect | None] = {"healthy": None} | {each.name: each for each in DEFECTS}
    names = asked.names or [each.name for each in DEFECTS]
    for name in names[part::of]:
        for seed in asked.seeds.split(","):
            laws, changes = found_by(known[name], int(seed), not asked.quick)
            word = "found " if laws else "MISSED"
            sys.stdout.write(f"{word} {name} [{changes} changes] {' '.join(sorted(laws))}\n")
            sys.stdout.flush()
            if asked.json:
                with asked.json.open("a") as file:
                    file.write(json.dumps({"name": name, "seed": seed, "changes": changes, "laws": laws}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
