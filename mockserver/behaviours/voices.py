"""Voices: the catalogue, filtered."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from mockserver import shipped
from mockserver.engine.exchange import Inputs, Reply
from mockserver.simulation.languages import language_of, name_of
from mockserver.world.store import Document
from mockserver.world.world import World


def voices_list(world: World, inputs: Inputs) -> Reply:
    """The voices that match every filter, and the languages they speak."""
    query = inputs.query
    wanted = {language_of(each.strip()) for each in query.get("languages", "").split(",") if each.strip()}
    found = [
        dict(voice)
        for voice in _catalogue()
        if wanted <= set(voice["languages"])
        and query.get("category", voice["category"]) == voice["category"]
        and query.get("gender", voice["gender"]) == voice["gender"]
    ]
    return Reply({"voices": found, "languages": _languages(found)})


def _languages(voices: list[Document]) -> list[Document]:
    spoken = [code for voice in voices for code in voice["languages"]]
    return [
        {"code": code, "name": name_of(code), "voice_count": spoken.count(code)} for code in sorted(set(spoken))
    ]


@cache
def _catalogue() -> tuple[Mapping[str, Any], ...]:
    """The shipped voices, read once; nobody can change them."""
    import yaml

    text = (shipped.folder("fixtures") / "voices.yaml").read_text(encoding="utf-8")
    return tuple(MappingProxyType(voice) for voice in yaml.safe_load(text))
