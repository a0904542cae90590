"""Issue reports: what can be filed about a call, and where it is seen."""

from typing import Any

from hypothesis import strategies as st

from ..finding import Unjudged, require
from ..law import Need, law
from ..trial import Trial
from .lists import APRIL, REPORTS, whole

Json = Any

WRITES = (Need.WRITES,)
OPERATIONS = ("calls_issue_reports", "calls_issue_reports_list", "issue_reports_list", "calls_retrieve")
SEVERITIES = ("info", "warning", "critical")
LETTERS = st.characters(exclude_categories=["Cs", "Cc"])
TEXT = st.text(LETTERS, min_size=1, max_size=120)
DETAILS = st.text(LETTERS, max_size=200)


def _call(trial: Trial) -> int:
    if trial.has_control:
        return int(trial.ended_call(direction="mic", scenario=trial.turns(grade=None))["call_id"])
    return int(trial.a_call()["call_id"])


@law(
    "ML-441",
    source="calls.md#file-an-issue-report",
    needs=WRITES,
    operations=OPERATIONS,
    contracts=APRIL,
    causes="Text that is cut, trimmed or escaped; a default in place of what was sent.",
)
def a_report_says_what_was_filed(trial: Trial) -> None:
    """A report that is filed says what was sent, is open, from a user, about its call, and is found wherever
    reports are.
    """
    call_id = _call(trial)

    def check(filed: dict[str, str]) -> None:
        report = trial.api.ok("calls_issue_reports", call_id=call_id, json=filed)
        for name, value in filed.items():
            require(
                report[name] == value, f"A report filed with {name} {value!r} says {report[name]!r}.", mark=name
            )
        require(
            report["description"] == filed.get("description", ""),
            f"A report without description has {report['description']!r}.",
            mark="description",
        )
        facts = (report["call_id"], report["source"], report["status"])
        require(facts == (call_id, "user", "open"), f"A report that was just filed says {facts}.", mark="facts")
        require(report["created_at"] == report["updated_at"], "A new report was already changed.", mark="times")
        require(report["reported_by_id"] is not None, "A report by a person names nobody.", mark="nobody")
        own = trial.api.ok("calls_issue_reports_list", call_id=call_id)
        require(own[:1] == [report], "The call's newest report is not the one just filed.", mark="own list")
        require(
            trial.api.ok("issue_reports_list", limit=1) == [report],
            "The organization's newest report is not the one just filed.",
            mark="list",
        )

    filed = st.fixed_dictionaries(
        {"title": TEXT, "severity": st.sampled_from(SEVERITIES)}, optional={"description": DETAILS}
    )
    check({"title": "As long as it may be, " * 5 + "abcdefghij", "severity": "warning", "description": "x" * 5000})
    check({"title": " between blanks ", "severity": "info", "description": " also here\n"})
    trial.forall(filed, check, shrink=False)


@law(
    "ML-442",
    source="calls.md#file-an-issue-report: title 1-120 chars",
    needs=WRITES,
    operations=OPERATIONS,
    contracts=APRIL,
    causes="A bound that is off by one; bytes counted in place of characters; a wrong severity taken.",
)
def report_bounds(trial: Trial) -> None:
    """A title has 1 to 120 characters and a severity is one of three; anything else is refused, by name, and not
    filed.
    """
    call_id = _call(trial)
    good = {"title": "Silence", "severity": "warning"}
    count = len(trial.api.ok("calls_issue_reports_list", call_id=call_id))
    for title in ("x", "x" * 120, "é" * 120, "漢" * 120):
        with trial.about("calls_issue_reports"):
            trial.api.ok("calls_issue_reports", call_id=call_id, json={**good, "title": title})
            count += 1
    for name, body in (
        ("title", {**good, "title": ""}),
        ("title", {**good, "title": "x" * 121}),
        ("title", {**good, "title": None}),
        ("title", {**good, "title": 12}),
        ("title", {"severity": "info"}),
        ("severity", {**good, "severity": "fatal"}),
        ("severity", {**good, "severity": "Critical"}),
        ("severity", {**good, "severity": ""}),
        ("severity", {**good, "severity": None}),
        ("severity", {"title": "Silence"}),
        ("description", {**good, "description": 5}),
        ("description", {**good, "description": ["x"]}),
    ):
        with trial.about("calls_issue_reports"):
            exchange = trial.api("calls_issue_reports", call_id=call_id, json=body)
            require(
                exchange.status == 400,
                f"{body} is answered {exchange.status}; 400 was due.",
                exchange,
                mark=f"{name} taken",
            )
            told = exchange.json
            require(
                isinstance(told.get(name), list) and told[name],
                f"The refusal does not name {name}: {told}",
                exchange,
                mark=f"{name} unnamed",
            )
    with trial.about("calls_issue_reports"):
        now = len(trial.api.ok("calls_issue_reports_list", call_id=call_id))
        require(
            now == count,
            f"Reports that were refused were filed all the same: {now} where {count} are due.",
            mark="filed",
        )


@law(
    "ML-443",
    source="calls.md#call-object: issue_count, critical_issue_count",
    needs=WRITES,
    operations=OPERATIONS,
    contracts=APRIL,
    causes="A counter that is not kept, is kept for all calls together, or counts warnings as critical.",
)
def reports_are_counted(trial: Trial) -> None:
    """Each report raises its call's `issue_count` by one, and `critical_issue_count` when critical; other calls
    stay.
    """
    call_id = _call(trial)
    others = [each for each in trial.calls(most=20) if each["call_id"] != call_id]
    for severity in ("info", "critical", "warning", "critical"):
        before = trial.api.ok("calls_retrieve", call_id=call_id)
        trial.api.ok("calls_issue_reports", call_id=call_id, json={"title": "Count me", "severity": severity})
        after = trial.api.ok("calls_retrieve", call_id=call_id)
        require(
            after["issue_count"] == before["issue_count"] + 1,
            f"After a {severity} report issue_count goes from {before['issue_count']} to {after['issue_count']}.",
            mark="count",
        )
        due = before["critical_issue_count"] + (severity == "critical")
        require(
            after["critical_issue_count"] == due,
            f"After a {severity} report critical_issue_count is {after['critical_issue_count']}; {due} is due.",
            mark="critical",
        )
    listed = {each["call_id"]: each for each in trial.calls(most=200)}
    require(
        listed[call_id]["issue_count"] == after["issue_count"],
        "The list counts other reports than the record.",
        mark="list",
    )
    for other in others:
        require(
            listed.get(other["call_id"], other)["issue_count"] == other["issue_count"],
            "Another call's count changed.",
            mark="other call",
        )


@law(
    "ML-444",
    source="calls.md#list-issue-reports-of-a-call",
    operations=("calls_issue_reports_list", "issue_reports_list", "calls_list"),
    contracts=APRIL,
    causes="Reports of all calls under one; a report that only one of the lists has.",
)
def both_lists_have_the_same_reports(trial: Trial) -> None:
    """The reports of all calls, each listed under its call, are the organization's reports, field by field."""
    every = whole(trial.api, REPORTS)
    if not every:
        raise Unjudged("There are no issue reports.")
    for call_id in trial.some(sorted({each["call_id"] for each in every}), 15):
        own = trial.api.ok("calls_issue_reports_list", call_id=call_id)
        due = [each for each in every if each["call_id"] == call_id]
        require(
            sorted(own, key=_id) == sorted(due, key=_id),
            f"Call {call_id} lists {len(own)} reports; the organization has {len(due)} about it, or they differ.",
            mark="differ",
        )
    ids = [each["id"] for each in every]
    require(len(set(ids)) == len(ids), "Two reports have the same id.", mark="ids")
    traces = [each["trace_id"] for each in every]
    require(len(set(traces)) == len(traces), "Two reports have the same trace_id.", mark="traces")
    for each in every:
        require(
            (each["source"] == "system") == (each["reported_by_id"] is None),
            f"A report of source {each['source']} has reported_by_id {each['reported_by_id']}.",
            mark="reporter",
        )


def _id(report: Json) -> int:
    return int(report["id"])


@law(
    "ML-445",
    source="calls.md#file-an-issue-report",
    needs=WRITES,
    operations=OPERATIONS,
    contracts=APRIL,
    causes="The call is not looked up before the report is filed.",
)
def no_report_about_an_unknown_call(trial: Trial) -> None:
    """Nothing can be filed about a call that does not exist: 404, and nothing is filed."""
    before = trial.api.ok("issue_reports_list", limit=5)
    exchange = trial.api("calls_issue_reports", call_id=987_654_321_987, json={"title": "x", "severity": "info"})
    require(
        exchange.status == 404,
        f"{exchange.what} for a call that does not exist; 404 was due.",
        exchange,
        mark="found",
    )
    require(trial.api.ok("issue_reports_list", limit=5) == before, "A refused report was filed.", mark="filed")
