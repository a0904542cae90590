"""Ids as some contracts show them: a number that the store knows, behind a prefix and disguised as hex.

    x-public-id: ag_        # a request's value like ag_5d2678fd_e556 is taken for the number it stands for
    x-shown: {public_id: ag_}        # a kept number is shown so

Number and text determine each other, so nothing has to be kept or looked up.
"""

import re
from typing import Final

_SIZE: Final = 1 << 48
_FACTOR: Final = 0x5D26_78FD_E555  # odd, so multiplication can be undone
_BACK: Final = pow(_FACTOR, -1, _SIZE)
_DIGITS: Final = re.compile(r"([0-9a-f]{8})_([0-9a-f]{4})", re.ASCII)


def shown(prefix: str, number: int) -> str:
    """The public form of `number` (from 0 to below 2**48)."""
    digits = f"{number * _FACTOR % _SIZE:012x}"
    return f"{prefix}{digits[:8]}_{digits[8:]}"


def meant(prefix: str, text: str) -> int | None:
    """The number whose public form is `text`; None when it is none's."""
    found = _DIGITS.fullmatch(text.removeprefix(prefix)) if text.startswith(prefix) else None
    return None if found is None else int(found[1] + found[2], 16) * _BACK % _SIZE
