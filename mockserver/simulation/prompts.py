"""What can be said about a prompt by looking at it; and a prompt with its steps as one text. All of it is ours."""

import re
from typing import Any, Final

from mockserver.simulation.languages import UNKNOWN, detect, language_of, name_of

SHORT_WORDS: Final = 15
LONG_TOKENS: Final = 6_000
_LETTERS_PER_TOKEN: Final = 4

_TITLES: Final = ("title", "name", "label")
_TEXTS: Final = ("instructions", "instruction", "prompt", "content", "text", "description")
_CHILDREN: Final = ("steps", "children", "nodes")


def facts_of(prompt: str) -> dict[str, Any]:
    """What is counted and found in a prompt."""
    guess = detect(prompt)
    return {
        "characters": len(prompt),
        "words": len(prompt.split()),
        "estimated_tokens": -(-len(prompt) // _LETTERS_PER_TOKEN),
        "language_code": guess.code,
        "language_name": name_of(guess.code),
        "variables": sorted(set(re.findall(r"\{\{\s*(\w+)\s*\}\}", prompt))),
    }


def findings_of(facts: dict[str, Any], languages: list[str]) -> list[dict[str, Any]]:
    """What somebody should look at; `languages` are the locales that the agent is to speak."""
    found = []
    if facts["words"] < SHORT_WORDS:
        found.append(_finding("prompt_too_short", "warning", words=facts["words"], recommended_words=SHORT_WORDS))
    if facts["estimated_tokens"] > LONG_TOKENS:
        tokens = {"estimated_tokens": facts["estimated_tokens"], "recommended_tokens": LONG_TOKENS}
        found.append(_finding("prompt_too_long", "warning", **tokens))
    known = [language_of(each) for each in languages]
    if facts["language_code"] not in (UNKNOWN, *known):
        found.append(_finding("language_mismatch", "warning", detected=facts["language_code"], expected=known))
    if facts["variables"]:
        found.append(_finding("variables_need_values", "info", variables=facts["variables"]))
    return found


def flattened(prompt: str, steps: Any) -> str:
    """The prompt with its steps, if there are any, as a numbered list behind it.

    A step is a text, or an object with a title, a text and steps of its own.
    """
    lines = _lines(steps, "")
    return prompt if not lines else f"{prompt.rstrip()}\n\n## Steps\n\n" + "\n".join(lines)


def _finding(identity: str, severity: str, **params: Any) -> dict[str, Any]:
    return {"id": identity, "severity": severity, "params": params}


def _lines(steps: Any, number: str) -> list[str]:
    found: list[str] = []
    for index, step in enumerate(_steps(steps), start=1):
        place = f"{number}{index}."
        if not isinstance(step, dict):
            found.append(f"{place} {step}")
            continue
        said = [str(step[name]) for name in (_first(step, _TITLES), _first(step, _TEXTS)) if name is not None]
        found.append(f"{place} {': '.join(said)}".rstrip())
        found += ["   " + line for line in _lines({name: step[name] for name in _CHILDREN if name in step}, place)]
    return found


def _steps(value: Any) -> list[Any]:
    """The steps of a list, or of an object around one; an object without such a list is one of steps by name."""
    if isinstance(value, dict):
        within = next((value[name] for name in _CHILDREN if name in value), None)
        value = list(value.values()) if within is None else within
    return [each for each in value if each is not None] if isinstance(value, list) else []


def _first(step: dict[str, Any], names: tuple[str, ...]) -> str | None:
    return next((name for name in names if step.get(name)), None)
