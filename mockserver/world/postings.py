"""Sets of positions, and how they intersect: what makes a filtered page cheap in a large collection.

A position is a record's place in its collection's order. `Postings` holds the positions that share one value.
Few of them are a plain list; many are bit sets in chunks of 4,096 positions, so that setting a bit touches
half a kilobyte and an intersection of two filters over a million positions looks at 245 pairs of integers.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

CHUNK_BITS = 4096
_FEW = 32


class Postings:
    """A set of positions (integers from 0)."""

    __slots__ = ("_chunks", "_few")

    def __init__(self) -> None:
        self._few: list[int] | None = []
        self._chunks: dict[int, int] = {}

    def add(self, position: int) -> None:
        """Put `position` in; it must not be in yet."""
        if self._few is not None:
            self._few.append(position)
            if len(self._few) > _FEW:
                for each in self._few:
                    self._set(each)
                self._few = None
            return
        self._set(position)

    def remove(self, position: int) -> None:
        """Take `position` out; it must be in."""
        if self._few is not None:
            self._few.remove(position)
            return
        chunk, bit = divmod(position, CHUNK_BITS)
        rest = self._chunks[chunk] & ~(1 << bit)
        if rest:
            self._chunks[chunk] = rest
        else:
            del self._chunks[chunk]

    def __contains__(self, position: int) -> bool:
        if self._few is not None:
            return position in self._few
        chunk, bit = divmod(position, CHUNK_BITS)
        return bool(self._chunks.get(chunk, 0) >> bit & 1)

    def __len__(self) -> int:
        if self._few is not None:
            return len(self._few)
        return sum(bits.bit_count() for bits in self._chunks.values())

    def __bool__(self) -> bool:
        return bool(self._few) or bool(self._chunks)

    def _set(self, position: int) -> None:
        chunk, bit = divmod(position, CHUNK_BITS)
        self._chunks[chunk] = self._chunks.get(chunk, 0) | 1 << bit

    def few(self) -> list[int] | None:
        """The positions as a list when they are few, else None."""
        return self._few

    def chunk(self, number: int) -> int:
        """The bits of chunk `number`; only for a set that is not few."""
        return self._chunks.get(number, 0)

    def chunk_numbers(self) -> list[int]:
        """Which chunks have a bit; only for a set that is not few."""
        return list(self._chunks)


def select(
    postings: Sequence[Postings], low: int, high: int, *, offset: int, limit: int, newest_first: bool
) -> tuple[list[int], int]:
    """The positions in all of `postings` (at least one) with low <= position < high.

    Returns one page of them, in order of position or the reverse, and how many there are in all.
    """
    few = [each.few() for each in postings]
    shortest = min((each for each in few if each is not None), key=len, default=None)
    if shortest is not None:
        found = sorted(
            position
            for position in shortest
            if low <= position < high and all(position in each for each in postings)
        )
        if newest_first:
            found.reverse()
        return found[offset : offset + limit], len(found)
    return _select_chunks(postings, low, high, offset=offset, limit=limit, newest_first=newest_first)


def _select_chunks(
    postings: Sequence[Postings], low: int, high: int, *, offset: int, limit: int, newest_first: bool
) -> tuple[list[int], int]:
    smallest = min(postings, key=lambda each: len(each.chunk_numbers()))
    others = [each for each in postings if each is not smallest]
    page: list[int] = []
    total = 0
    first, last = low // CHUNK_BITS, (high - 1) // CHUNK_BITS
    for number in sorted(smallest.chunk_numbers(), reverse=newest_first):
        if not first <= number <= last:
            continue
        bits = smallest.chunk(number)
        for each in others:
            bits &= each.chunk(number)
        if number == first:
            bits = bits >> low % CHUNK_BITS << low % CHUNK_BITS
        if number == last:
            bits &= (1 << (high - 1) % CHUNK_BITS + 1) - 1
        count = bits.bit_count()
        if count and total + count > offset and len(page) < limit:
            start, skip = number * CHUNK_BITS, max(0, offset - total)
            bits_in_order = _highest_first(bits) if newest_first else _lowest_first(bits)
            page += [start + bit for bit in islice(bits_in_order, skip, skip + limit - len(page))]
        total += count
    return page, total


def _highest_first(bits: int) -> Iterator[int]:
    while bits:
        highest = bits.bit_length() - 1
        yield highest
        bits ^= 1 << highest


def _lowest_first(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
