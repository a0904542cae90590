"""What was asked of a world and what it answered."""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

KEPT = 1_000
KEPT_BODY = 64 * 1024


class Entry(NamedTuple):
    """One request and its reply. `at_ms` is world time; bodies longer than 64 KiB are cut."""

    number: int
    at_ms: int
    method: str
    path: str
    query: str
    operation: str | None
    request_body: bytes
    status: int
    source: str
    reply_body: bytes
    media_type: str
    warnings: tuple[str, ...]


class Journal:
    """The last 1,000 entries of a world, oldest first; `defects` are the mock's own errors, oldest first."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._count = 0
        self.defects: list[str] = []

    def record(
        self,
        at_ms: int,
        method: str,
        path: str,
        query: str,
        operation: str | None,
        request_body: bytes,
        status: int,
        source: str,
        reply_body: bytes,
        media_type: str,
        warnings: tuple[str, ...],
    ) -> None:
        """Keep one request and its reply."""
        self._count += 1
        self._entries.append(
            Entry(
                self._count,
                at_ms,
                method,
                path,
                query,
                operation,
                request_body[:KEPT_BODY],
                status,
                source,
                reply_body[:KEPT_BODY],
                media_type,
                warnings,
            )
        )

    def annotate(self, warnings: tuple[str, ...]) -> None:
        """Give the newest entry these warnings: something happened to its reply on the way out."""
        if self._entries:
            self._entries[-1] = self._entries[-1]._replace(warnings=warnings)

    def clear(self) -> None:
        """Forget the entries; numbering goes on."""
        self._entries.clear()

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)
