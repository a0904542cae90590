"""The resources of one organization: collections of JSON documents, ordered and indexed.

A document is kept as its JSON bytes. So what a reader gets is always a copy, a million calls fit in a
gigabyte, and a snapshot is a concatenation. The replies made from a document are cached beside it, per
response schema, until it changes.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from mockserver.errors import MockError
from mockserver.world.postings import Postings, select

Id = int | str
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Layout:
    """How a collection is kept.

    `id_field` is the document's key; `numbered` says that new ids are integers, whatever a schema shows. `order`
    is the field lists are sorted by ("" is the order of creation), `newest_first` turns it round. `filters` are
    what lists filter by equality: fields, or names in `derived`, which says what a document is found by under
    them. A list equals each of its elements.
    """

    name: str
    id_field: str = "id"
    order: str = ""
    newest_first: bool = False
    filters: frozenset[str] = field(default_factory=frozenset)
    derived: Mapping[str, Callable[[Document], Any]] = field(default_factory=dict)
    numbered: bool = False


class Record:
    """One document and the replies made from it.

    `rendered` belongs to whoever renders, by the name of a schema; a change empties it.
    """

    __slots__ = ("collection", "data", "id", "place", "rendered")

    def __init__(self, collection: str, identity: Id, data: bytes) -> None:
        self.collection = collection
        self.id = identity
        self.data = data
        self.place = -1
        self.rendered: dict[str, bytes] | None = None

    @property
    def document(self) -> Document:
        """A copy of the document."""
        value: Document = orjson.loads(self.data)
        return value


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a filtered, ordered list: its records, and how many match in all (or behind `after`).

    `next_cursor` is what a caller may give to go on behind it, where the list is read so.
    """

    records: list[Record]
    total: int
    limit: int
    offset: int
    next_cursor: str | None = None


class Collection:
    """Documents of one kind, by id, in one order."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._records: dict[Id, Record] = {}
        self._clear_places()

    def _clear_places(self) -> None:
        self._places: list[Record | None] = []
        self._keys: list[Any] = []
        self._all = Postings()
        self._by_value: dict[str, dict[Any, Postings]] = {name: {} for name in self.layout.filters}
        self._in_order = True

    def __len__(self) -> int:
        return len(self._records)

    def __contains__(self, identity: object) -> bool:
        return identity in self._records

    def __iter__(self) -> Iterator[Record]:
        """The records in the order they were added."""
        return iter(self._records.values())

    def get(self, identity: Id) -> Record | None:
        """The record with this id, or None."""
        return self._records.get(identity)

    def find(self, field: str, value: Any) -> Record | None:
        """The first record whose `field`, one of `layout.filters`, equals `value`; None when there is none."""
        return next(iter(self.page(where={field: value}, limit=1).records), None)

    def counts(self, field: str) -> dict[Any, int]:
        """How many documents have each value of `field`, one of `layout.filters`."""
        if not self._in_order:
            self._lay_out()
        return {value: len(postings) for value, postings in self._by_value[field].items()}

    def add(self, document: Document) -> Record:
        """Keep `document` under its id field. Raises MockError when the id is missing or taken."""
        identity = document.get(self.layout.id_field)
        if identity is None or identity in self._records:
            problem = "has no" if identity is None else "repeats the"
            raise MockError(f"A new document in {self.layout.name!r} {problem} id ({self.layout.id_field}).")
        record = Record(self.layout.name, identity, _encode(document))
        self._records[identity] = record
        self._place(record, document)
        return record

    def change(self, identity: Id, changes: Mapping[str, Any]) -> Record:
        """Set top-level fields of a document. Raises KeyError when there is none, MockError on its id."""
        record = self._records[identity]
        before = record.document
        after = {**before, **changes}
        if after[self.layout.id_field] != identity:
            raise MockError(f"The id of {self.layout.name}/{identity} cannot change.")
        record.data = _encode(after)
        record.rendered = None
        if self._key(after) != self._key(before):
            self._in_order = False
        elif self._in_order:
            for name, postings in self._by_value.items():
                old, new = self._values(before, name), self._values(after, name)
                if old != new:
                    for value in old.difference(new):
                        _drop(postings, value, record.place)
                    for value in new.difference(old):
                        postings.setdefault(value, Postings()).add(record.place)
        return record

    def remove(self, identity: Id) -> None:
        """Forget a document. Raises KeyError when there is none."""
        record = self._records.pop(identity)
        if not self._in_order:
            return
        document = record.document
        self._places[record.place] = None
        self._all.remove(record.place)
        for name, postings in self._by_value.items():
            for value in self._values(document, name):
                _drop(postings, value, record.place)
        if len(self._places) > 2 * len(self._records) + 64:
            self._in_order = False  # mostly holes: lay the places out again on the next list

    def page(
        self,
        *,
        where: Mapping[str, Any] | None = None,
        at_least: Any = None,
        at_most: Any = None,
        after: Id | None = None,
        limit: int,
        offset: int = 0,
    ) -> Page:
        """The documents whose fields equal `where`, in the collection's order.

        `where` names fields of `layout.filters` only. `at_least` and `at_most` bound the order field; with `after`
        only what stands behind that document counts. Raises KeyError when there is no such document.
        """
        if not self._in_order:
            self._lay_out()
        wanted = []
        for name, value in (where or {}).items():
            found = self._by_value[name].get(value)
            if found is None:
                return Page([], 0, limit, offset)
            wanted.append(found)
        low = 0 if at_least is None else bisect_left(self._keys, at_least)
        high = len(self._keys) if at_most is None else bisect_right(self._keys, at_most)
        newest_first = self.layout.newest_first
        if after is not None:
            place = self._records[after].place
            low, high = (low, min(high, place)) if newest_first else (max(low, place + 1), high)
        if not wanted and len(self._places) == len(self._records):
            positions: Sequence[int]
            positions, total = _slice(low, high, offset=offset, limit=limit, newest_first=newest_first)
        else:
            positions, total = select(
                wanted or [self._all], low, high, offset=offset, limit=limit, newest_first=newest_first
            )
        records = [record for position in positions if (record := self._places[position]) is not None]
        return Page(records, total, limit, offset)

    def _values(self, document: Document, name: str) -> frozenset[Any]:
        """What a document is found by: the field's value, or each element of its list."""
        derive = self.layout.derived.get(name)
        value = document.get(name) if derive is None else derive(document)
        found = value if isinstance(value, list) else (value,)
        return frozenset(
            [each if each is None or isinstance(each, str | int | float) else orjson.dumps(each) for each in found]
        )

    def _key(self, document: Document) -> Any:
        if not self.layout.order:
            return None
        value = document.get(self.layout.order)
        return "" if value is None else value

    def _place(self, record: Record, document: Document) -> None:
        """Put `record` at the end of the order; if it belongs further up, lay everything out again later."""
        key = self._key(document)
        if not self._in_order or (self._keys and self.layout.order and key < self._keys[-1]):
            self._in_order = False
            return
        record.place = len(self._places)
        self._places.append(record)
        if self.layout.order:
            self._keys.append(key)
        else:
            self._keys.append(record.place)
        self._all.add(record.place)
        for name, postings in self._by_value.items():
            for value in self._values(document, name):
                postings.setdefault(value, Postings()).add(record.place)

    def _lay_out(self) -> None:
        documents = [(record, record.document) for record in self._records.values()]
        if self.layout.order:
            documents.sort(key=lambda pair: self._key(pair[1]))
        self._clear_places()
        for record, document in documents:
            self._place(record, document)


class Store:
    """The collections of one organization, made on first use."""

    def __init__(self, layouts: Mapping[str, Layout]) -> None:
        self._layouts = layouts
        self._collections: dict[str, Collection] = {}

    def __getitem__(self, name: str) -> Collection:
        collection = self._collections.get(name)
        if collection is None:
            layout = self._layouts.get(name, Layout(name))
            collection = self._collections[name] = Collection(layout)
        return collection

    def __iter__(self) -> Iterator[Collection]:
        return iter(self._collections.values())


def _encode(document: Document) -> bytes:
    # orjson over-allocates what it returns by several kilobytes; a copy holds exactly what it needs.
    return bytes(memoryview(orjson.dumps(document)))


def _drop(postings: dict[Any, Postings], value: Any, place: int) -> None:
    found = postings[value]
    found.remove(place)
    if not found:
        del postings[value]


def _slice(low: int, high: int, *, offset: int, limit: int, newest_first: bool) -> tuple[range, int]:
    """What `select` gives when every position counts."""
    if high <= low:
        return range(0), 0
    if newest_first:
        start = high - 1 - offset
        return range(start, max(start - limit, low - 1), -1), high - low
    start = low + offset
    return range(start, min(start + limit, high)), high - low
