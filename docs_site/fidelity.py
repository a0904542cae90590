"""The fidelity pages: of each operation and field, whether anybody said so, and who."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from docs_site.markdown import code, table
from docs_site.standing import Fact, Sources, Word, events, operations, schemas
from mockserver.compiler.overrides import MergeEntry, RequestTexts, ResponseEntry

_MEANING = {
    Word.DOCUMENTED: "A reference page of the vendor says so. Follow the source to our rendering of the page.",
    Word.CLIENT: "The vendor's typed client has it: an operation, a parameter or a field of its models.",
    Word.ASSUMED: "Nobody says so; it follows from how the rest works, and the reason is given.",
    Word.INVENTED: "Nobody says anything; without it the mock would have a hole. Do not rely on it.",
}

INTRODUCTION = """\
# Fidelity

A stand-in is worth what it is built on. These pages are generated from the contracts. They list every operation,
every parameter, every field and every event, and say for each how sure it is.

"""


def index(all_sources: Sequence[Sources]) -> str:
    """The page that leads to the others: the words, and the counts of each contract."""
    words = table(["Word", "What it means"], list(_MEANING.items()))
    rows = []
    for sources in all_sources:
        count = Counter(fact.word for fact in _all(sources))
        total = sum(count.values())
        rows.append(
            (
                f"[{sources.name}]({sources.name}.md)",
                str(len(list(operations(sources)))),
                *(f"{count[word]} ({count[word] / total:.0%})" for word in Word),
                str(len(sources.overrides.conflicts)),
            )
        )
    counts = table(["Contract", "Operations", *Word, "Conflicts"], rows)
    return (
        f"{INTRODUCTION}{words}\n## How much of each\n\nCounted are operations, events, parameters and fields.\n\n"
        f"{counts}\nWhere two sources disagree, the page of the contract says which one won, and why.\n"
    )


def page(sources: Sources) -> str:
    """The page of one contract."""
    info = sources.document["info"]
    parts = [
        f"---\nsearch:\n  exclude: true\n---\n\n# Fidelity of {sources.name}\n\n{info.get('description', '')}\n",
        "[What the words mean](index.md).\n",
        "## Where sources disagree\n",
        _conflicts(sources),
        "## What was decided for the whole document\n",
        table(
            ["Why", "Says who"],
            [(each.reason, each.source) for each in _entries_for_all(sources)],
        ),
        "## Operations\n",
        "Each with its parameters, and the fields of bodies that have no schema of their own.\n",
    ]
    by_tag: dict[str, list[Fact]] = {}
    paths: dict[str, str] = {}
    for method, path, node, facts in operations(sources):
        by_tag.setdefault((node.get("tags") or ["Other"])[0], []).extend(facts)
        paths[node["operationId"]] = f"{method} {path}"
    for tag, facts in by_tag.items():
        parts += [f"### {tag}\n", _rows(sources, facts, paths)]
    parts += ["## Fields\n", "Of every named schema.\n"]
    for name, _, facts in schemas(sources):
        parts += [f"### {name}\n", _rows(sources, facts, {})]
    if found := [fact for _, _, facts in events(sources) for fact in facts]:
        parts += ["## Events\n", _rows(sources, found, {})]
    return "\n".join(parts)


def _all(sources: Sources) -> Iterable[Fact]:
    for _, _, _, facts in operations(sources):
        yield from facts
    for _, _, facts in [*schemas(sources), *events(sources)]:
        yield from facts


def _conflicts(sources: Sources) -> str:
    conflicts = sources.overrides.conflicts
    if not conflicts:
        return "None is recorded for this contract. What the other contracts say about it is on their pages.\n"
    rows = [(each.topic, each.winner, each.reason, each.source) for each in conflicts]
    return table(["About", "What won", "Why", "Who says so"], rows)


def _entries_for_all(sources: Sources) -> list[MergeEntry | RequestTexts | ResponseEntry]:
    found = sources.overrides
    texts = [] if found.request_texts is None else [found.request_texts]
    return [*found.document, *texts, *found.responses]


def _rows(sources: Sources, facts: Iterable[Fact], paths: dict[str, str]) -> str:
    return table(
        ["What", "Type", "Standing", "Source", "What was decided"],
        [
            (
                _what(fact, paths),
                fact.type,
                fact.word,
                _source(sources, fact.source),
                fact.reason,
            )
            for fact in facts
        ],
    )


def _what(fact: Fact, paths: dict[str, str]) -> str:
    if fact.name:
        return code(fact.name)
    path = f"<br>{code(paths[fact.owner])}" if fact.owner in paths else ""
    return f"**{code(fact.owner)}**{path}"


def _source(sources: Sources, source: str) -> str:
    """A source, with a link when it is one of our renderings of the vendor's pages."""
    found = re.fullmatch(r"([\w-]+\.md)#([\w-]+)", source)
    if found is None or sources.from_client:
        return source
    return f"[{found[1].removesuffix('.md')}: {found[2].replace('-', ' ')}](../pages/{sources.name}/{source})"
