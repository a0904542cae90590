"""Which object the words of a page mean."""

import re
from collections.abc import Iterable

from mockserver.compiler.labels import component_name
from mockserver.compiler.problems import Place, Problems
from mockserver.compiler.typewords import Schema, UnknownType, read_type, strip_markup

_NO_BODY = ("", "-", "—", "\u2013", "none", "empty", "no body", "nothing")


class Naming:
    """The objects that have a section on some page, found again by looser words."""

    def __init__(self, names: Iterable[str], problems: Problems) -> None:
        self.names = set(names)
        self.problems = problems
        self._by_key = {component_name(name).lower(): name for name in self.names}

    def learn(self, name: str) -> None:
        """Make `name`, described without a section of its own, findable."""
        self._by_key[component_name(name).lower()] = name

    def named(self, words: str) -> str | None:
        """The object that `words` ("Call objects", "agent") name, None when no page describes one."""
        text = re.sub(r"\b(objects?|rows?|records?)$", "", strip_markup(words).strip(), flags=re.I).strip()
        key = component_name(text).lower()
        for candidate in (key, key.removesuffix("s")):
            if candidate in self._by_key:
                return self._by_key[candidate]
        return None

    def comment_name(self, words: str) -> str | None:
        """As `named`, but a capitalised name that no page describes is taken too (and noted later)."""
        if found := self.named(words):
            return found
        match = re.match(r"^(?:\.\.\.\s*)?((?:[A-Z]\w*\s+)*[A-Z]\w*)\s+objects?", words.strip())
        return match[1] if match else None

    def body_type(self, cell: str, place: Place) -> Schema | None:
        """The schema a Body cell names, None for an empty one."""
        text = strip_markup(cell)
        if text.lower() in _NO_BODY:
            return None
        try:
            return read_type(cell, self.names).schema
        except UnknownType as error:
            self.problems.report(place, str(error))
            return None
