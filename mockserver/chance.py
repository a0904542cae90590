"""Every value that looks random comes from here, and is a pure function of what it is named by.

Nothing in mockserver draws from a shared generator: a value is derived from a tuple of parts (a seed, a
collection, an id, a field …), so it does not depend on what else was asked for before it.
"""

import hashlib
import random
import uuid

Part = str | int

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def digest(*parts: Part) -> bytes:
    """32 bytes determined by `parts`; ("ab", "c") and ("a", "bc") differ."""
    state = hashlib.blake2b(digest_size=32)
    for part in parts:
        data = str(part).encode("utf-8", "surrogatepass")
        state.update(len(data).to_bytes(8, "big"))
        state.update(data)
    return state.digest()


def number(*parts: Part, bits: int = 64) -> int:
    """An unsigned integer of at most `bits` bits (1 to 256) determined by `parts`."""
    return int.from_bytes(digest(*parts), "big") >> (256 - bits)


def generator(*parts: Part) -> random.Random:
    """A generator of its own, started from `parts`."""
    return random.Random(number(*parts))


def uuid_of(*parts: Part) -> str:
    """A version-4 UUID string determined by `parts`."""
    return str(uuid.UUID(bytes=digest("uuid", *parts)[:16], version=4))


def token(*parts: Part, length: int) -> str:
    """`length` characters of [0-9a-zA-Z] (at most 40) determined by `parts`."""
    value = number("token", *parts, bits=256)
    letters = []
    for _ in range(length):
        value, index = divmod(value, len(_ALPHABET))
        letters.append(_ALPHABET[index])
    return "".join(letters)
