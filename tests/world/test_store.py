"""A collection agrees with a plain dictionary, whatever is done to it in whatever order."""

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mockserver.errors import MockError
from mockserver.world.postings import CHUNK_BITS, Postings, select
from mockserver.world.store import Collection, Layout

LAYOUT = Layout("calls", order="at", newest_first=True, filters=frozenset({"status", "agent"}))
STATUSES = st.sampled_from(["open", "closed"])
AGENTS = st.one_of(st.none(), st.integers(1, 3))
TIMES = st.integers(0, 20).map(lambda number: f"2026-04-{number + 1:02d}T00:00:00.000Z")


class CollectionMachine(RuleBasedStateMachine):
    """Adds, changes and removes documents, and compares every list with the dictionary's."""

    def __init__(self) -> None:
        super().__init__()
        self.collection = Collection(LAYOUT)
        self.model: dict[int, dict[str, Any]] = {}
        self.next_id = 1

    @rule(status=STATUSES, agent=AGENTS, at=TIMES)
    def add(self, status: str, agent: int | None, at: str) -> None:
        document = {"id": self.next_id, "status": status, "agent": agent, "at": at}
        self.collection.add(document)
        self.model[self.next_id] = document
        self.next_id += 1

    @precondition(lambda self: self.model)
    @rule(
        data=st.data(),
        changes=st.fixed_dictionaries({}, optional={"status": STATUSES, "agent": AGENTS, "at": TIMES}),
    )
    def change(self, data: st.DataObject, changes: dict[str, Any]) -> None:
        chosen = data.draw(st.sampled_from(sorted(self.model)))
        self.collection.change(chosen, changes)
        self.model[chosen] = {**self.model[chosen], **changes}

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        chosen = data.draw(st.sampled_from(sorted(self.model)))
        self.collection.remove(chosen)
        del self.model[chosen]

    @rule(
        where=st.fixed_dictionaries({}, optional={"status": STATUSES, "agent": AGENTS}),
        at_least=st.none() | TIMES,
        at_most=st.none() | TIMES,
        limit=st.integers(1, 5),
        offset=st.integers(0, 8),
    )
    def list(
        self, where: dict[str, Any], at_least: str | None, at_most: str | None, limit: int, offset: int
    ) -> None:
        page = self.collection.page(where=where, at_least=at_least, at_most=at_most, limit=limit, offset=offset)
        expected = [
            document
            for document in self.model.values()
            if all(document[name] == value for name, value in where.items())
            and (at_least is None or document["at"] >= at_least)
            and (at_most is None or document["at"] <= at_most)
        ]
        assert page.total == len(expected)
        times = sorted((document["at"] for document in expected), reverse=True)
        assert [record.document["at"] for record in page.records] == times[offset : offset + limit]
        assert all(self.model[int(record.id)] == record.document for record in page.records)
        everything = self.collection.page(where=where, at_least=at_least, at_most=at_most, limit=1000)
        assert page.records == everything.records[offset : offset + limit]

    @invariant()
    def keeps_the_same_documents(self) -> None:
        assert {int(record.id): record.document for record in self.collection} == self.model


TestCollection = CollectionMachine.TestCase


@given(
    sets=st.lists(st.sets(st.integers(0, 3 * CHUNK_BITS), max_size=60), min_size=1, max_size=3),
    low=st.integers(0, 3 * CHUNK_BITS),
    high=st.integers(0, 3 * CHUNK_BITS + 1),
    limit=st.integers(1, 10),
    offset=st.integers(0, 30),
    newest_first=st.booleans(),
)
def test_select_is_the_intersection(
    sets: list[set[int]], low: int, high: int, limit: int, offset: int, newest_first: bool
) -> None:
    postings = []
    for members in sets:
        made = Postings()
        for position in sorted(members):
            made.add(position)
        assert len(made) == len(members)
        postings.append(made)
    common = set.intersection(*sets) & set(range(low, high))
    expected = sorted(common, reverse=newest_first)
    found, total = select(postings, low, high, offset=offset, limit=limit, newest_first=newest_first)
    assert (found, total) == (expected[offset : offset + limit], len(expected))


def test_what_is_read_is_a_copy() -> None:
    collection = Collection(LAYOUT)
    record = collection.add({"id": 1, "at": "", "tags": ["a"]})
    record.document["tags"].append("b")
    assert record.document["tags"] == ["a"]


@pytest.mark.parametrize("document", [{"at": ""}, {"id": 1, "at": ""}])
def test_an_id_is_needed_and_unique(document: dict[str, Any]) -> None:
    collection = Collection(LAYOUT)
    collection.add({"id": 1, "at": ""})
    with pytest.raises(MockError):
        collection.add(document)
    assert len(collection) == 1
