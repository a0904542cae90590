"""Which language a text is in, told by its script and its commonest words.

A small heuristic of our own (invented): good enough for a prompt of a sentence or two,
and honest about not knowing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

UNKNOWN: Final = "und"
"""ISO 639's code for a language that is not determined."""

NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ar": "Arabic",
        "de": "German",
        "el": "Greek",
        "en": "English",
        "es": "Spanish",
        "fr": "French",
        "he": "Hebrew",
        "hi": "Hindi",
        "it": "Italian",
        "ja": "Japanese",
        "ko": "Korean",
        "nl": "Dutch",
        "pl": "Polish",
        "pt": "Portuguese",
        "ru": "Russian",
        "sv": "Swedish",
        "th": "Thai",
        "zh": "Chinese",
        UNKNOWN: "undetermined",
    }
)
"""Languages by ISO 639 code, in English."""

# Scripts that one language of the list uses. Kana stands before Han: a text with both is Japanese.
_SCRIPTS: Final = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
)

_COMMON_WORDS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        code: frozenset(words.split())
        for code, words in {
            "de": "der die das und ist nicht du sie ein eine für mit auf zu den dem wenn oder bist immer",
            "en": "the and you are is not a an of to for with if or your always be answer help keep",
            "es": "el la los las y es no un una de para con que si o eres tu siempre usted por",
            "fr": "le la les et est pas un une des de pour avec que si ou tu vous êtes toujours",
            "it": "il lo la gli e è non un una di per con che se o sei tu sempre sono della",
            "nl": "de het en is niet een van voor met dat als of je bent u altijd op te aan",
            "pl": "i jest nie w na z do że się jesteś dla lub jeśli zawsze to o po od",
            "pt": "o a os as e é não um uma de para com que se ou você seu sempre por da",
            "sv": "och är inte en ett av för med att om eller du alltid på till det som den",
        }.items()
    }
)


@dataclass(frozen=True, slots=True)
class Guess:
    """A language by its code, or UNKNOWN; `confidence` from 0 to 1; how it was told, in words."""

    code: str
    confidence: float
    reason: str


def detect(text: str) -> Guess:
    """The language that `text` is most likely in."""
    letters = sum(character.isalpha() for character in text)
    for code, pattern in _SCRIPTS:
        found = len(pattern.findall(text))
        if found and found * 3 >= letters:
            return Guess(code, 0.95, f"It is written in the script of {NAMES[code]}.")
    words = re.findall(r"[^\W\d_]+", text.lower())
    counts = sorted(
        ((sum(word in common for word in words), code) for code, common in _COMMON_WORDS.items()), reverse=True
    )
    (most, code), (second, _) = counts[:2]
    if most == second:
        return Guess(UNKNOWN, 0.0, "No language has more of its common words in it than another.")
    confidence = round(0.5 + 0.45 * (most - second) / most, 2)
    return Guess(code, confidence, f"{most} of its {len(words)} words are common in {NAMES[code]}.")


def language_of(locale: str) -> str:
    """The language code of a locale: `en` of `en-US`."""
    return re.split("[-_]", locale)[0].lower()


def name_of(code: str) -> str:
    """A language's English name; its code when we know no name."""
    return NAMES.get(code, code)
