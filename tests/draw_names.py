"""Draws the names in fixtures/names with Faker: `python tests/draw_names.py`, with the extra `dev`.

The files are what the server reads; it does not need Faker. What is drawn depends on Faker's version, which that
extra pins: after changing it, draw again and commit what came of it.
"""

import json
from pathlib import Path
from typing import Final

from faker.factory import Factory

from mockserver import chance

FOLDER: Final = Path(__file__).parents[1] / "fixtures" / "names"
KINDS: Final = ("first_name", "last_name", "company", "city", "street_address")
PROVIDERS: Final = [f"faker.providers.{name}" for name in ("address", "company", "person")]
NAMES: Final = 128
"""How many of each kind; some come twice, as among people."""


def drawn(locale: str) -> str:
    """A locale's file."""
    faker = Factory.create(locale, PROVIDERS)
    kinds = []
    for kind in KINDS:
        faker.random = chance.generator("names", locale, kind)
        names = [", ".join(str(faker.format(kind)).strip().splitlines()) for _ in range(NAMES)]
        kinds.append(f'  "{kind}": {json.dumps(names, ensure_ascii=False)}')
    return "{\n" + ",\n".join(kinds) + "\n}\n"


def files() -> list[Path]:
    """The files, one for each locale that scenarios may name."""
    return sorted(FOLDER.glob("*.json"))


if __name__ == "__main__":
    for file in files():
        file.write_text(drawn(file.stem), encoding="utf-8")
