"""Every `x-…` word that the code or a contract's overrides use is explained in openapi/README.md, and no other."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

import mockserver
from mockserver import shipped
from mockserver.spec import roles, shown

CODE = Path(mockserver.__file__).parent
OPENAPI = shipped.folder("openapi")
README = (OPENAPI / "README.md").read_text(encoding="utf-8")
SECTION = README[README.index("## Words of ours in a document") :]
ROWS = re.findall(r"^\| `(x-[a-z-]+)` \| (.+?) \| (.+?) \| `(.+)` \|$", SECTION, re.MULTILINE)
INSIDE = set(re.findall(r"`(x-[a-z-]+)`, (?:a reference|that it means)", SECTION))

# Headers, which are spelt in lower case where they are read.
HEADERS = {"x-api-key", "x-mock-hint", "x-mock-source", "x-mock-warning"}
WORD = re.compile(r"(?<![\w/-])x-[a-z]+(?:-[a-z]+)*(?![\w-])")


def in_code() -> dict[str, set[str]]:
    """The words that stand in the code, with the modules they stand in."""
    found: dict[str, set[str]] = {}
    for path in CODE.rglob("*.py"):
        for word in WORD.findall(path.read_text(encoding="utf-8")):
            found.setdefault(word, set()).add(path.relative_to(CODE).as_posix())
    return {word: places for word, places in found.items() if word not in HEADERS}


def in_overrides() -> set[str]:
    """The words that the contracts' overrides use as keys."""

    def keys(node: Any) -> Iterator[str]:
        for each in node if isinstance(node, list) else node.values() if isinstance(node, dict) else ():
            yield from keys(each)
        if isinstance(node, dict):
            yield from (key for key in node if str(key).startswith("x-"))

    files = [*OPENAPI.glob("*/overrides.yaml"), *OPENAPI.glob("*/overrides/*.yaml")]
    assert len(files) > 1
    return {key for file in files for key in keys(yaml.safe_load(file.read_text(encoding="utf-8")))}


def test_every_word_that_is_used_is_explained_and_the_reverse() -> None:
    explained = [word for word, *_ in ROWS]
    used = in_code().keys() | in_overrides()

    assert len(explained) == len(set(explained)), "a word is explained twice"
    known = set(explained) | INSIDE
    assert not used - known, "explain these in openapi/README.md"
    assert not known - used, "nobody uses these any more"


def test_the_modules_that_are_said_to_read_a_word_name_it() -> None:
    code = in_code()
    for word, _, readers, _ in ROWS:
        for module in re.findall(r"`([\w/]+\.py)`", readers):
            assert module in code[word], f"{module} does not name {word}"


def test_each_example_shows_its_word() -> None:
    for word, _, _, example in ROWS:
        assert list(yaml.safe_load(example.replace("\\|", "|"))) == [word]


def test_the_settings_of_the_two_large_words_are_all_there() -> None:
    blocks = [
        yaml.safe_load(block) for block in re.findall(r"^    x-\w+:\n(?:      .*\n)+", SECTION, re.MULTILINE)
    ]
    settings = {word: set(block[word]) for block in blocks for word in block}

    assert settings == {"x-resource": set(roles._OVERRIDES), "x-shown": set(shown._SETTINGS)}


def test_placeholders_do_not_reach_a_document() -> None:
    assert len(INSIDE) == 2
    for file in OPENAPI.glob("*/openapi.json"):
        text = file.read_text(encoding="utf-8")
        assert not [word for word in INSIDE if f'"{word}"' in text], file
