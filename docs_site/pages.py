"""All generated pages of the site, in the order of its navigation."""

import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from docs_site import fidelity, reference
from docs_site.standing import Sources, read_sources
from mockserver.shipped import folder


@dataclass(frozen=True, slots=True)
class Page:
    """A page: where it stands in the navigation, its path in the site's sources, and its Markdown."""

    section: str
    title: str
    path: str
    text: str


@cache
def generated() -> tuple[Page, ...]:
    """Every page that is made from the code and the contracts."""
    return tuple(_pages())


def contracts() -> list[Sources]:
    """The contracts whose sources are shipped, the surest first."""
    return [read_sources(path.parent) for path in sorted(folder("openapi").glob("*/openapi.json"))]


def _pages() -> Iterator[Page]:
    own: list[tuple[str, str, Callable[[], str]]] = [
        ("Command line", "cli.md", reference.command_line),
        ("Settings", "settings.md", reference.settings),
        ("Control API", "control.md", reference.control),
        ("Laws", "laws.md", reference.laws),
    ]
    for heading, name, write in own:
        yield Page("Reference", heading, f"reference/{name}", write())
    found = contracts()
    for each in found:
        yield Page(
            "Reference",
            f"Operations of {each.name}",
            f"reference/{each.name}.md",
            reference.operations(each.name, copy.deepcopy(each.document)),
        )
    yield Page("Fidelity", "What it is", "fidelity/index.md", fidelity.index(found))
    for each in found:
        yield Page("Fidelity", each.name, f"fidelity/{each.name}.md", fidelity.page(each))
    for each in found:
        for page in sorted((folder("openapi") / each.name / "docs").glob("*.md")):
            text = page.read_text(encoding="utf-8")
            title = re.search(r"^# (.+)$", text, re.MULTILINE)
            assert title is not None, f"{page} has no title"
            yield Page(f"Pages of {each.name}", title[1], f"pages/{each.name}/{page.name}", text)
