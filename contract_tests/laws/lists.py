"""Lists: pages, their bounds, their order, and every filter."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from itertools import permutations, product
from typing import Any

from hypothesis import strategies as st

from ..client import Client
from ..finding import Unjudged, require
from ..law import Need, law
from ..trial import Trial

Json = Any


@dataclass(frozen=True)
class Listing:
    """A list with pages: its operation, what names an item, what it is ordered by (newest first), its filters.

    A filter is a function (item, value) -> whether the item is wanted; `values` gives values worth asking for.
    """

    operation: str
    id: str
    order: str | None
    filters: Mapping[str, Callable[[Json, str], bool]] = field(default_factory=dict)
    envelope: bool = True


def _same(name: str) -> Callable[[Json, str], bool]:
    return lambda item, value: str(item[name]) == value


def _at_least(name: str) -> Callable[[Json, str], bool]:
    return lambda item, value: item[name] is not None and moment(item[name]) >= moment(value)


def _at_most(name: str) -> Callable[[Json, str], bool]:
    return lambda item, value: item[name] is not None and moment(item[name]) <= moment(value)


def moment(text: str) -> datetime:
    """A time as the API writes it, or as a filter takes it."""
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


CALLS = Listing(
    "calls_list",
    "call_id",
    "start_time",
    {
        "agent_id": _same("agent_id"),
        "direction": _same("direction"),
        "status": _same("status"),
        "from_number": _same("from_number"),
        "to_number": _same("to_number"),
        "start_date": _at_least("start_time"),
        "end_date": _at_most("start_time"),
    },
)
REPORTS = Listing(
    "issue_reports_list",
    "id",
    "created_at",
    {
        "severity": _same("severity"),
        "status": _same("status"),
        "source": _same("source"),
        "start_date": _at_least("created_at"),
        "end_date": _at_most("created_at"),
    },
    envelope=False,
)
TRANSACTIONS = Listing("billing_transactions_list", "id", "created_at")
TEST_CALLS = Listing(
    "test_calls_list",
    "id",
    "created_at",
    {"target_type": _same("target_type"), "status": _same("status"), "agent_id": _same("target_id")},
    envelope=False,
)
LISTINGS = (CALLS, REPORTS, TRANSACTIONS, TEST_CALLS)

MOST = 200
DEFAULT = 50
APRIL = ("thunderphone-2026-04",)


def items(listing: Listing, reply: Json) -> list[Json]:
    """The items of a page."""
    found: list[Json] = reply["results"] if listing.envelope else reply
    return found


def whole(api: Client, listing: Listing, *, size: int = MOST, **filters: Json) -> list[Json]:
    """Every item that a filter finds, page by page. Raises Broken for a list that does not end."""
    found: list[Json] = []
    seen: set[Json] = set()
    while True:
        page = items(listing, api.ok(listing.operation, limit=size, offset=len(found), **filters))
        found += page
        if len(page) < size:
            return found
        new = {each[listing.id] for each in page} - seen
        require(
            new,
            f"{listing.operation} does not end: at offset {len(found) - len(page)} it gives only items that "
            "it gave before.",
            mark=f"{listing.operation} endless",
        )
        seen |= new


def _here(trial: Trial) -> list[Listing]:
    return [each for each in LISTINGS if trial.has(each.operation)]


def _settled(trial: Trial, listing: Listing) -> list[Json]:
    """The whole list. Raises Unjudged when it is still changing, or is empty."""
    first = whole(trial.api, listing)
    second = whole(trial.api, listing)
    ids = [each[listing.id] for each in first]
    if ids != [each[listing.id] for each in second] and not trial.has_control:
        raise Unjudged("The list changes while it is read.")
    require(
        ids == [each[listing.id] for each in second],
        f"{listing.operation} read twice gives other items, or another order: "
        f"{_difference(ids, second, listing)}.",
        mark=f"{listing.operation} unstable",
    )
    return second


def _difference(ids: list[Json], other: list[Json], listing: Listing) -> str:
    seen = [each[listing.id] for each in other]
    at = next((i for i, (a, b) in enumerate(zip(ids, seen, strict=False)) if a != b), min(len(ids), len(seen)))
    return f"{len(ids)} and {len(seen)} items, the first difference at {at}"


@law(
    "ML-201",
    source="calls.md#list-calls, calls.md#call-page-object",
    contracts=APRIL,
    causes="An offset counted in pages; a page that is too long or short by one; the last page repeated for ever.",
)
def pages_partition_the_list(trial: Trial) -> None:
    """The pages of a list put together are the list: no item twice, none missing, whatever the page size."""
    for listing in _here(trial):
        with trial.about(listing.operation):
            complete = [each[listing.id] for each in _settled(trial, listing)]
            require(
                len(set(complete)) == len(complete),
                f"{listing.operation} names an item twice: {_twice(complete)}.",
                mark=f"{listing.operation} repeats",
            )

            def check(size: int, listing: Listing = listing, complete: list[Json] = complete) -> None:
                # Small pages of a long list take many requests: only the two ends are read then.
                reach = len(complete) if len(complete) // size < 12 else size * 6
                for start in sorted({*range(0, reach, size), max(0, len(complete) - size), len(complete)}):
                    page = items(listing, trial.api.ok(listing.operation, limit=size, offset=start))
                    got = [each[listing.id] for each in page]
                    require(
                        got == complete[start : start + size],
                        f"{listing.operation} with limit={size} and offset={start} does not give items {start} to "
                        f"{start + size} of the list: {len(got)} items came, "
                        f"{len(complete[start : start + size])} "
                        f"were due.",
                        mark=f"{listing.operation} pages",
                    )

            trial.forall(st.sampled_from([1, 2, 3, 7, 10, 49, 50, 51, 100, 199, 200]), check, times=8)


def _twice(ids: list[Json]) -> list[Json]:
    return [each for each in dict.fromkeys(ids) if ids.count(each) > 1][:3]


@law(
    "ML-202",
    source="calls.md#call-page-object",
    contracts=APRIL,
    causes="A total that counts the page, ignores the filters, or is stale.",
)
def total_counts_every_match(trial: Trial) -> None:
    """`total` is how many items match over all pages, whatever the page; `limit` and `offset` say what was
    used.
    """
    for listing in (each for each in _here(trial) if each.envelope):
        with trial.about(listing.operation):
            count = len(_settled(trial, listing))
            for limit, offset in (
                (1, 0),
                (50, 0),
                (200, 0),
                (3, 1),
                (10, max(0, count - 4)),
                (10, count),
                (5, count + 90),
            ):
                page = trial.api.ok(listing.operation, limit=limit, offset=offset)
                require(
                    page["total"] == count,
                    f"{listing.operation} with limit={limit}, offset={offset} says total {page['total']}; "
                    "the list has "
                    f"{count}.",
                    mark=f"{listing.operation} total",
                )
                require(
                    (page["limit"], page["offset"]) == (limit, offset),
                    f"{listing.operation} asked for limit={limit}, offset={offset} says {page['limit']}, "
                    f"{page['offset']}.",
                    mark=f"{listing.operation} echo",
                )
            page = trial.api.ok(listing.operation)
            require(
                (page["limit"], page["offset"]) == (DEFAULT, 0),
                f"{listing.operation} without parameters says limit {page['limit']}, offset "
                f"{page['offset']}; 50 and 0 "
                "are the defaults.",
                mark=f"{listing.operation} defaults",
            )


@law(
    "ML-203", source="calls.md#list-calls", contracts=APRIL, causes="Another default page size; no default at all."
)
def fifty_items_by_default(trial: Trial) -> None:
    """Without parameters a list gives its first 50 items."""
    for listing in _here(trial):
        with trial.about(listing.operation):
            complete = [each[listing.id] for each in _settled(trial, listing)]
            got = [each[listing.id] for each in items(listing, trial.api.ok(listing.operation))]
            require(
                got == complete[:DEFAULT],
                f"{listing.operation} without parameters gives {len(got)} items that are not the first "
                f"{min(DEFAULT, len(complete))} of the list.",
                mark=f"{listing.operation} default",
            )


@law(
    "ML-204",
    source="calls.md#list-calls: limit 1-200, offset at least 0",
    contracts=APRIL,
    causes="Bounds that are off by one, clamped in silence, or not looked at.",
)
def bounds_of_pages(trial: Trial) -> None:
    """A limit from 1 to 200 and an offset from 0 are taken; any other is refused with 400 that names the
    parameter.
    """
    for listing in _here(trial):
        for good in ({"limit": 1}, {"limit": MOST}, {"offset": 0}):
            with trial.about(listing.operation):
                trial.api.ok(listing.operation, **good)
        for name, bad in (
            ("limit", "0"),
            ("limit", "201"),
            ("limit", "-1"),
            ("limit", "1000000"),
            ("limit", "ten"),
            ("limit", "1.5"),
            ("offset", "-1"),
            ("offset", "x"),
        ):
            with trial.about(listing.operation):
                wrong: dict[str, Json] = {name: bad}
                exchange = trial.api(listing.operation, **wrong)
                require(
                    exchange.status == 400,
                    f"{listing.operation} takes {name}={bad} with {exchange.status}; 400 was due.",
                    exchange,
                    mark=f"{listing.operation} {name} bound",
                )
                require(
                    name in exchange.json,
                    f"{listing.operation} refuses {name}={bad} without naming the parameter: "
                    f"{exchange.shown_reply()}",
                    exchange,
                    mark=f"{listing.operation} {name} unnamed",
                )


@law(
    "ML-205",
    source="calls.md#list-calls: the newest call comes first",
    contracts=APRIL,
    causes="Oldest first; ordered by id, by text or not at all; order lost when a filter is set.",
)
def newest_first(trial: Trial) -> None:
    """The newest item of a list comes first, with a filter and without."""
    for listing in _here(trial):
        with trial.about(listing.operation):
            complete = whole(trial.api, listing)
            _ordered(complete, listing, "")
            for name in listing.filters:
                if name in ("start_date", "end_date"):
                    continue
                for value in trial.some(
                    sorted({str(each[name]) for each in complete if each.get(name) is not None}), 3
                ):
                    _ordered(whole(trial.api, listing, **{name: value}), listing, f" with {name}={value}")


def _ordered(found: list[Json], listing: Listing, how: str) -> None:
    if listing.order is None:
        return
    times = [moment(each[listing.order]) for each in found if each[listing.order] is not None]
    require(
        times == sorted(times, reverse=True),
        f"{listing.operation}{how} is not ordered by {listing.order}, newest first.",
        mark=f"{listing.operation} order",
    )


@law(
    "ML-206",
    source="calls.md#list-calls, issue-reports.md#list-issue-reports",
    contracts=APRIL,
    causes="A filter that is ignored, that compares the wrong field, or that is combined with or in place of and.",
)
def filters_find_exactly_what_matches(trial: Trial) -> None:
    """Any filters together give exactly the items of the whole list that satisfy every one of them, in its
    order.
    """
    for listing in (each for each in _here(trial) if each.filters):
        with trial.about(listing.operation):
            complete = _settled(trial, listing)
            values = {name: _values(trial, listing, name, complete) for name in listing.filters}

            def check(asked: dict[str, Json], listing: Listing = listing, complete: list[Json] = complete) -> None:
                due = [
                    each[listing.id]
                    for each in complete
                    if all(listing.filters[name](each, value) for name, value in asked.items())
                ]
                got = [each[listing.id] for each in whole(trial.api, listing, **asked)]
                how = "&".join(f"{name}={value}" for name, value in asked.items())
                wrong = [each for each in got if each not in due]
                missing = [each for each in due if each not in got]
                require(
                    got == due,
                    f"{listing.operation}?{how} gives {len(got)} items where {len(due)} match"
                    + (f"; these do not: {wrong[:3]}" if wrong else "")
                    + (f"; these are missing: {missing[:3]}" if missing else "")
                    + ".",
                    mark=f"{listing.operation} filter {'+'.join(sorted(asked))}",
                )
                if listing.envelope:
                    total = trial.api.ok(listing.operation, limit=1, **asked)["total"]
                    require(
                        total == len(due),
                        f"{listing.operation}?{how} says total {total}; {len(due)} match.",
                        mark=f"{listing.operation} filtered total",
                    )

            for name, offered in values.items():
                for value in trial.some(offered, 6):
                    with trial.about(listing.operation):
                        check({name: value})
            for pair in _telling_pairs(listing, complete, values):
                with trial.about(listing.operation):
                    check(pair)
            combined = st.fixed_dictionaries(
                {}, optional={name: st.sampled_from(offered) for name, offered in values.items() if offered}
            )
            trial.forall(combined, check, times=2 * trial.options.max_examples)


def _telling_pairs(
    listing: Listing, complete: list[Json], values: dict[str, list[str]]
) -> Iterator[dict[str, Json]]:
    """For any filter beside another, values of which it cannot be left out without another result, if there are
    any.
    """

    def matching(asked: dict[str, Json]) -> list[Json]:
        return [
            each[listing.id]
            for each in complete
            if all(listing.filters[name](each, value) for name, value in asked.items())
        ]

    for one, other in permutations(listing.filters, 2):
        found: list[dict[str, Json]] = []
        for first, second in product(values[one], values[other]):
            both = matching({one: first, other: second})
            if both != matching({one: first}):  # without the other filter, the result would be another one
                found.append({one: first, other: second})
                if both:
                    break  # the best there is: it tells, and it is not empty
        yield from found[-1:]


def _values(trial: Trial, listing: Listing, name: str, complete: list[Json]) -> list[str]:
    """Values worth filtering by: every declared word, values that occur, one that does not, exact moments."""
    operation = trial.document.operations[listing.operation]
    declared = operation.parameter(name)
    if declared is None:
        return []
    words = [str(each) for each in declared.schema.get("enum", ())]
    if words:
        return words
    if name in ("start_date", "end_date"):
        stamps = [each[listing.order] for each in trial.some(complete, 5) if each[listing.order] is not None]
        near = [_shift(each, delta) for each in stamps[:2] for delta in (-1, 1)]
        abroad = [_elsewhere(each) for each in stamps[:1]]
        return [*stamps, *near, *abroad]
    occurring = sorted({str(each[name]) for each in complete if each.get(name) is not None})
    strange = "+19995550100" if name.endswith("number") else "987654321987"
    return [*trial.some(occurring, 6), strange]


def _shift(stamp: str, milliseconds: int) -> str:
    shifted = moment(stamp) + timedelta(milliseconds=milliseconds)
    return shifted.strftime("%Y-%m-%dT%H:%M:%S.") + f"{shifted.microsecond // 1000:03d}Z"


def _elsewhere(stamp: str) -> str:
    """The same moment by a clock two hours ahead."""
    return moment(stamp).astimezone(timezone(timedelta(hours=2))).isoformat(timespec="milliseconds")


@law(
    "ML-207",
    source="calls.md#list-calls",
    contracts=APRIL,
    causes="A word that is none is ignored, or matches nothing, in place of a refusal.",
)
def wrong_filters_are_refused(trial: Trial) -> None:
    """A filter with a word that is none of its words, or a date that is none, is refused with 400 that names
    it.
    """
    for listing in _here(trial):
        operation = trial.document.operations[listing.operation]
        for parameter in operation.parameters:
            if parameter.name in ("limit", "offset"):
                continue
            bad = None
            if "enum" in parameter.schema:
                bad = ["nonsense", "", str(parameter.schema["enum"][0]).upper()]
            elif parameter.schema.get("type") == "integer":
                bad = ["twelve", "1.5"]
            elif parameter.name.endswith("date"):
                bad = ["yesterday", "2026-13-45", "20"]
            for value in bad or ():
                with trial.about(listing.operation):
                    wrong: dict[str, Json] = {parameter.name: value}
                    exchange = trial.api(listing.operation, **wrong)
                    require(
                        exchange.status == 400 and parameter.name in exchange.json,
                        f"{listing.operation} answers {parameter.name}={value!r} with "
                        f"{exchange.shown_reply()[:200]}; 400 "
                        "that names the parameter was due.",
                        exchange,
                        mark=f"{listing.operation} {parameter.name} unchecked",
                    )


@law(
    "ML-208",
    source="issue-reports.md#list-issue-reports, test-calls.md#list-test-calls",
    operations=("issue_reports_list", "calls_list"),
    contracts=APRIL,
    causes="The filter compares the report's own id, or is ignored.",
)
def reports_by_agent(trial: Trial) -> None:
    """Issue reports filtered by an agent are those about calls of that agent."""
    reports = whole(trial.api, REPORTS)
    agents = {each["call_id"]: each["agent_id"] for each in trial.calls()}
    for agent_id in trial.some(sorted({each for each in agents.values() if each is not None}), 4):
        due = [each["id"] for each in reports if agents.get(each["call_id"]) == agent_id]
        got = [each["id"] for each in whole(trial.api, REPORTS, agent_id=agent_id)]
        require(
            got == due,
            f"issue_reports_list?agent_id={agent_id} gives {got[:5]}; reports about its calls are {due[:5]}.",
            mark="by agent",
        )
    none = trial.api.ok("issue_reports_list", agent_id=987_654_321)
    require(none == [], "An agent that does not exist has issue reports.", mark="by no agent")


@law(
    "ML-209",
    source="voices.md#list-voices",
    operations=("voices_list",),
    contracts=APRIL,
    causes="Languages combined with or in place of and; counts that do not follow the filter.",
)
def voices_by_what_they_are(trial: Trial) -> None:
    """Voices filtered by language, category and gender are exactly those that satisfy all; languages count
    them.
    """
    everything = trial.api.ok("voices_list")
    voices = everything["voices"]
    require(voices, "There is no voice at all.", mark="no voices")
    require(len({each["id"] for each in voices}) == len(voices), "Two voices have the same id.", mark="same id")
    codes = sorted({code for each in voices for code in each["languages"]})
    asked = st.fixed_dictionaries(
        {},
        optional={
            "languages": st.lists(st.sampled_from(codes), min_size=1, max_size=2, unique=True).map(",".join),
            "category": st.sampled_from(sorted({each["category"] for each in voices})),
            "gender": st.sampled_from(sorted({each["gender"] for each in voices})),
        },
    )

    def check(filters: dict[str, str]) -> None:
        found = trial.api.ok("voices_list", **filters)
        wanted = set(filters.get("languages", "").split(",")) - {""}
        due = [
            each
            for each in voices
            if wanted <= set(each["languages"])
            and all(each[name] == value for name, value in filters.items() if name != "languages")
        ]
        require(
            found["voices"] == due,
            f"voices_list?{filters} gives {[each['id'] for each in found['voices']]}; "
            f"{[each['id'] for each in due]} match.",
            mark="filter",
        )
        counted = {each["code"]: each["voice_count"] for each in found["languages"]}
        for code, count in counted.items():
            speakers = sum(code in each["languages"] for each in due)
            require(
                count == speakers,
                f"voices_list counts {count} voices of {code}; {speakers} are listed.",
                mark="count",
            )
        spoken = {code for each in due for code in each["languages"]}
        require(
            set(counted) == spoken,
            f"voices_list names languages {sorted(counted)}; {sorted(spoken)} are spoken.",
            mark="languages",
        )

    for category, gender in product({e["category"] for e in voices}, {e["gender"] for e in voices}):
        check({"category": category, "gender": gender})
    trial.forall(asked, check)


@law(
    "ML-210",
    source="calls.md#list-calls",
    needs=(Need.CONTROL, Need.WRITES),
    operations=("calls_list",),
    contracts=APRIL,
    causes="A list that is cached, or sorted before the newest came.",
)
def a_new_call_is_first(trial: Trial) -> None:
    """A call is in the list as soon as it has begun: first, once, and counted."""
    agent = trial.agent()
    for number in range(1, 4):
        call_id = trial.place(direction="mic", agent_id=agent["id"])
        page = trial.api.ok("calls_list")
        require(
            [each["call_id"] for each in page["results"]].count(call_id) == 1,
            "A call that has just begun is not in the list exactly once.",
            mark="listed",
        )
        require(
            page["results"][0]["call_id"] == call_id, "The newest call is not the first of the list.", mark="first"
        )
        require(
            page["total"] == number, f"After {number} calls the list says total {page['total']}.", mark="total"
        )
        trial.control.advance(1)


@law(
    "ML-211",
    source="phone-numbers.md#list-phone-numbers, phone-number-labels.md#list-labels, members.md#list-members",
    needs=(Need.WRITES,),
    operations=("phone_number_labels_list", "phone_numbers_list"),
    contracts=APRIL,
    causes="Kept in the order of creation.",
)
def small_lists_have_their_order(trial: Trial) -> None:
    """Labels are sorted by number; phone numbers, keys, invites and versions come newest first; members as they
    joined.
    """
    for number, label in (("+14155550177", "a"), ("+12125550111", "c"), ("+493055501234", "b")):
        trial.api.ok("phone_number_labels_create", json={"phone_number": number, "label": label})
    labels = [each["phone_number"] for each in trial.api.ok("phone_number_labels_list")]
    with trial.about("phone_number_labels_list"):
        require(labels == sorted(labels), f"Labels are not sorted by number: {labels}.", mark="labels")
    for _ in range(3):
        trial.number()
        trial.api.ok("developer_api_keys_create", json={})
        if trial.has_control:
            trial.control.advance(2)
    for operation in ("phone_numbers_list", "developer_api_keys_list"):
        with trial.about(operation):
            stamps = [moment(each["created_at"]) for each in trial.api.ok(operation)]
            require(
                stamps == sorted(stamps, reverse=True),
                f"{operation} is not newest first.",
                mark=f"{operation} order",
            )
    with trial.about("members_list"):
        joined = [moment(each["created_at"]) for each in trial.api.ok("members_list")]
        require(joined == sorted(joined), "members_list is not in the order of joining.", mark="members")


E164 = re.compile(r"\+[1-9]\d{1,14}")
