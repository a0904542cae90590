"""Laws that hold for every scenario one can write, and for the shipped ones."""

import json
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import mockserver
from mockserver import shipped
from mockserver.errors import WrongUse
from mockserver.simulation import grading, placeholders, timeline, views, wording
from mockserver.simulation.scenarios import Locale, Scenario, load_scenarios, parse_scenario
from mockserver.simulation.turns import AssistantTurn, SilenceTurn, ToolTurn

SHIPPED = load_scenarios(shipped.folder("fixtures") / "scenarios")
ROOT = Path(mockserver.__file__).parents[1]
FACTS = {"agent_name": "Nora", "company": "Acme", "from_number": "+14155550199"}
# Only pools of names are kept in it, so that one may serve all tests; a test below makes fresh ones.
WORDING = wording.Wording()

words = st.sampled_from(
    ["Hello", "there,", "please", "ご注文は", "नमस्ते", "👋", "—", "{{really}}", "¿qué?"]
) | st.text(st.characters(exclude_categories=["Z", "C"], exclude_characters="{}"), min_size=1, max_size=12)
gaps = st.builds(
    "{{{}{}}}{}".format,
    st.sampled_from(placeholders.placeholder_names()),
    st.sampled_from(["", ":other"]),
    st.sampled_from(["", ".", "さん"]),
)
texts = st.lists(words | gaps, min_size=1, max_size=12).map(" ".join)
seconds = st.floats(0, 20)
json_data = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3),
    max_leaves=6,
)
replies = st.builds(lambda text: [{"assistant": text}], texts)
asks = st.builds(lambda text: [{"user": text}], texts)
silences = st.floats(0.001, 20).map(lambda length: [{"silence": length}])
tools = st.fixed_dictionaries(
    {"tool": st.sampled_from(["look_up", "book"])},
    optional={
        "arguments": st.dictionaries(st.text("xyz", max_size=3), json_data, max_size=3),
        "response": json_data,
        "error": texts,
        "takes": seconds,
        "acknowledgement": texts
        | st.fixed_dictionaries({"says": texts, "mode": st.sampled_from(["auto", "manual"])}),
    },
).map(lambda turn: [turn])


@st.composite
def cut_replies(draw: st.DrawFn) -> list[dict[str, Any]]:
    said = draw(st.lists(words | gaps, min_size=2, max_size=12))
    after = draw(st.integers(1, len(said) - 1))
    return [{"assistant": " ".join(said), "interrupted_after": after}]


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    interruptions = st.builds(lambda reply, ask: reply + ask, cut_replies(), asks)
    middle = draw(st.lists(replies | asks | interruptions | tools | silences, max_size=40))
    last = draw(replies | asks | cut_replies())
    turns = [turn for part in middle for turn in part] + last
    return parse_scenario({"turns": turns, "rings": draw(seconds)}, where="generated")


any_scenario = scenarios() | st.sampled_from(list(SHIPPED.values()))
calls = st.integers(0, 2**40)
# No deadline: the first example that words something reads the names.
law = settings(max_examples=40, deadline=None)


def converse(scenario: Scenario, *parts: str | int) -> wording.Conversation:
    return WORDING.fill(scenario, timeline.plan(scenario, *parts), FACTS, *parts)


@law
@given(any_scenario, calls)
@example(parse_scenario({"turns": [{"user": "Yes?"}, {"assistant": "No."}] * 50}, where="long"), 1)
def test_turns_follow_one_another_within_the_call(scenario: Scenario, call: int) -> None:
    plan = timeline.plan(scenario, "world", call)

    silence, ended = 0.0, plan.answered_ms
    timings = {timing.turn: timing for timing in plan.turns}
    cut_in = False
    for index, turn in enumerate(scenario.turns):
        if isinstance(turn, SilenceTurn):
            silence += turn.silence * 1000
            continue
        timing = timings[index]
        assert ended is not None
        if cut_in:
            before = plan.turns[plan.turns.index(timing) - 1]
            assert before.start_ms < timing.start_ms < before.end_ms < timing.end_ms
            assert timing.wait_ms == 0
        else:
            assert timing.start_ms >= ended + int(silence)
            assert timing.wait_ms == timing.start_ms - ended - int(silence)
        if isinstance(turn, ToolTurn):
            assert timing.end_ms - timing.start_ms == turn.takes_ms
            assert (timing.acknowledged_ms is None) == (turn.acknowledgement is None)
        else:
            assert timing.start_ms < timing.end_ms
        ended = max(timing.end_ms, timing.acknowledged_ms if timing.acknowledged_ms is not None else 0)
        assert ended <= plan.duration_ms
        cut_in = isinstance(turn, AssistantTurn) and turn.interrupted_after is not None
        silence = 0.0
    if scenario.turns:
        assert 0 <= plan.ends_ms - plan.duration_ms < 1000
        assert plan.duration_ms % 1000 == 0
    assert len(timings) == sum(not isinstance(turn, SilenceTurn) for turn in scenario.turns)


@law
@given(any_scenario, calls)
def test_an_outline_is_the_plan_without_the_turns(scenario: Scenario, call: int) -> None:
    outline, plan = timeline.outline(scenario, call), timeline.plan(scenario, call)

    assert all(getattr(outline, field) == getattr(plan, field) for field in timeline.Outline.__slots__)


@law
@given(any_scenario, calls)
def test_the_same_call_is_the_same_bytes(scenario: Scenario, call: int) -> None:
    first = converse(scenario, "world", call)
    converse(scenario, "world", call + 1)
    again = converse(scenario, "world", call)

    text = json.dumps(first, allow_nan=False)
    assert text == json.dumps(again)
    assert json.loads(text) == first
    json.dumps(first, ensure_ascii=False).encode()


@law
@given(any_scenario, calls)
def test_wording_changes_no_time(scenario: Scenario, call: int) -> None:
    def times(conversation: wording.Conversation) -> list[tuple[int, int]]:
        return [(turn["start_ms"], turn["end_ms"]) for turn in conversation["turns"]]

    plan = timeline.plan(scenario, call)
    one = WORDING.fill(scenario, plan, {}, call)
    other = WORDING.fill(scenario, plan, {"company": "The Long Name Company " * 9, "customer.name": "Al"}, -1)

    assert times(one) == times(other) == [(timing.start_ms, timing.end_ms) for timing in plan.turns]


@law
@given(any_scenario, calls)
def test_a_transcript_is_ordered_and_pairs_tools(scenario: Scenario, call: int) -> None:
    conversation = converse(scenario, call)
    rows = views.transcript(conversation)

    assert all(before["start_ms"] <= after["start_ms"] for before, after in pairwise(rows))
    assert all(type(row[field]) is int for row in rows for field in ("start_ms", "end_ms"))
    assert all(0 <= row["start_ms"] <= row["end_ms"] for row in rows)
    content_types = {"user": "text", "assistant": "text"}
    content_types |= {"tool_call": "function", "tool_response": "function_response"}
    assert all(row["content_type"] == content_types[row["role"]] for row in rows)
    at_calls = [index for index, row in enumerate(rows) if row["role"] == "tool_call"]
    answers = [index for index, row in enumerate(rows) if row["role"] == "tool_response"]
    assert answers == [index + 1 for index in at_calls]
    for tool, at, answer in zip(views.tool_calls(conversation), at_calls, answers, strict=True):
        assert json.loads(rows[at]["content"]) == {"name": tool["name"], "arguments": tool["arguments"]}
        only_error = tool["response"] is None and tool["error"] is not None
        expected = {"error": tool["error"]} if only_error else tool["response"]
        assert json.loads(rows[answer]["content"]) == expected


@law
@given(any_scenario, calls)
def test_history_and_transcript_tell_the_same(scenario: Scenario, call: int) -> None:
    conversation = converse(scenario, call)
    rows, entries = views.transcript(conversation), views.history(conversation)

    assert [entry["index"] for entry in entries] == list(range(len(entries)))
    times = [entry["at_ms"] if "at_ms" in entry else entry["start_ms"] for entry in entries]
    assert times == sorted(times)
    # Spans and acknowledgements together are the text rows, one to one.
    spoken = [
        {
            "role": entry.get("role", "assistant"),
            "content_type": "text",
            **{field: entry[field] for field in ("content", "start_ms", "end_ms")},
        }
        for entry in entries
        if entry["type"] in ("span", "acknowledgement")
    ]
    assert spoken == [row for row in rows if row["content_type"] == "text"]
    for role, kind in (("tool_call", "function_call"), ("tool_response", "function_response")):
        tools = [entry for entry in entries if entry["type"] == kind]
        assert [entry["at_ms"] for entry in tools] == [row["start_ms"] for row in rows if row["role"] == role]
        assert [entry["tool_call_id"] for entry in tools] == [t["id"] for t in views.tool_calls(conversation)]
    assert len({tool["id"] for tool in views.tool_calls(conversation)}) == len(views.tool_calls(conversation))


@law
@given(any_scenario, calls)
def test_every_reply_has_its_completion_and_an_interruption_its_marks(scenario: Scenario, call: int) -> None:
    entries = views.history(converse(scenario, call))
    replies = [entry for entry in entries if entry["type"] == "span" and entry["role"] == "assistant"]
    completions = [entry for entry in entries if entry["type"] == "completion"]
    interrupts = [entry for entry in entries if entry["type"] == "interrupt"]
    patches = [entry for entry in entries if entry["type"] == "patch"]

    for reply, completion in zip(replies, completions, strict=True):
        assert completion["index"] < reply["index"]
        assert 0 <= completion["first_byte_ms"] <= completion["total_ms"] <= reply["first_byte_ms"]
        assert completion["at_ms"] - completion["total_ms"] >= 0
        if not reply["interrupted"]:
            assert completion["text"] == reply["content"]
    cut = [entry for entry in replies if entry["interrupted"]]
    assert [entry["target_index"] for entry in interrupts] == [entry["index"] for entry in cut]
    for reply, interrupt, patch in zip(cut, interrupts, patches, strict=True):
        completion = entries[patch["target_index"]]
        assert completions.index(completion) == replies.index(reply)
        assert interrupt["at_ms"] == patch["at_ms"] == reply["end_ms"]
        assert reply["content"] == interrupt["spoken"] == patch["content"]
        assert completion["text"] == f"{interrupt['spoken']} {interrupt['unspoken']}"
    assert [entry for entry in entries if entry["type"] == "span" and entry["role"] == "user"] == [
        entry for entry in entries if entry["type"] == "span" and entry["first_byte_ms"] is None
    ]


@law
@given(any_scenario, calls, st.data())
@pytest.mark.parametrize("view", [views.transcript, views.history])
def test_a_view_in_progress_only_grows(view: Any, scenario: Scenario, call: int, data: st.DataObject) -> None:
    plan = timeline.plan(scenario, call)
    conversation = WORDING.fill(scenario, plan, FACTS, call)
    moments = st.integers(0, plan.duration_ms) | st.sampled_from(
        [moment for timing in plan.turns for moment in (timing.start_ms, timing.end_ms)] + [0]
    )
    earlier_ms, later_ms = sorted((data.draw(moments), data.draw(moments)))

    earlier, later = view(conversation, until_ms=earlier_ms), view(conversation, until_ms=later_ms)
    whole = view(conversation)

    assert len(earlier) <= len(later) <= len(whole)
    assert view(conversation, until_ms=plan.duration_ms) == whole
    for then, now in zip(earlier, later, strict=False):
        assert {**now, **_growing(then)} == {**then, **_growing(then)}
        if then.get("content") != now.get("content"):
            assert then["end_ms"] == earlier_ms
        if isinstance(now.get("content"), str):
            assert now["content"].startswith(then["content"])
        assert len(str(then.get("content", "-"))) > 0
    for entry in later:
        assert not entry.get("interrupted", False) or whole[later.index(entry)]["end_ms"] <= later_ms
        assert all(entry[field] <= later_ms for field in ("at_ms", "start_ms", "end_ms") if field in entry)


def _growing(entry: dict[str, Any]) -> dict[str, Any]:
    """What may change in an entry while its words are spoken."""
    return {field: None for field in ("content", "end_ms", "interrupted") if field in entry}


def test_values_agree_between_speech_and_tools() -> None:
    conversation = converse(SHIPPED["refund-with-tool"], "demo", 7)
    tool = views.tool_calls(conversation)[0]
    speech = " ".join(turn.get("content", "") for turn in conversation["turns"])

    assert tool["arguments"] == {"order_id": tool["response"]["order_id"]}
    assert tool["arguments"]["order_id"] in speech
    assert f"${tool['response']['total']:.2f}" in speech
    assert isinstance(tool["response"]["total"], float)
    assert tool["response"]["customer"].split()[0] in speech
    assert "Thanks for calling Acme, this is Nora." in speech


def test_labels_make_values_of_their_own() -> None:
    for call in range(100):
        offered = views.tool_calls(converse(SHIPPED["appointment-booking"], call))[0]["response"]["free"]
        assert offered[0]["date"] == offered[1]["date"]
        assert offered[0]["time"] != offered[1]["time"]


def test_dates_are_counted_from_today_and_facts_win() -> None:
    turn = {"user": "{date.iso} {date} {customer.name} {customer.email} {customer.name:other}"}
    scenario = parse_scenario({"turns": [turn]}, where="test")
    facts = {"today": "2027-12-31T10:00:00Z", "customer.first_name": "Ana", "customer.last_name": "Silva"}

    content = WORDING.fill(scenario, timeline.plan(scenario, 1), facts, 1)["turns"][0]["content"]

    assert content.startswith("2028-01-")
    assert "January" in content
    assert content.count("Ana Silva") == 1
    assert "ana.silva@example.com" in content


def test_a_transfer_names_the_number_the_tool_was_told() -> None:
    conversation = converse(SHIPPED["transfer"], 3)

    assert conversation["transfer_number"] == views.tool_calls(conversation)[-1]["arguments"]["to"]
    assert conversation["transfer_number"].startswith("+1")
    assert converse(SHIPPED["voicemail"], 3)["transfer_number"] is None


def test_a_real_answer_replaces_the_scenarios() -> None:
    conversation = converse(SHIPPED["tool-failure"], 3)
    before = json.dumps(conversation)
    first, second = (call["id"] for call in views.tool_calls(conversation))

    real = views.with_tool_response(conversation, second, {"status": "packed"}, duration_ms=41)

    assert json.dumps(conversation) == before
    assert views.tool_calls(real)[0] == views.tool_calls(conversation)[0]
    answers = [entry for entry in views.history(real) if entry["type"] == "function_response"]
    assert [(a["response"], a["error"]) for a in answers[1:]] == [({"status": "packed"}, None)]
    assert answers[1]["duration_ms"] == 41
    assert views.transcript(real)[-5]["content"] == '{"status":"packed"}'
    failed = views.with_tool_response(conversation, first, None, duration_ms=9, error="refused")
    assert '{"error":"refused"}' in [row["content"] for row in views.transcript(failed)]
    with pytest.raises(WrongUse, match=rf"no tool call 'call_x'; it has {first}, {second}"):
        views.with_tool_response(conversation, "call_x", {}, duration_ms=0)


def test_words_come_one_by_one() -> None:
    scenario = parse_scenario({"turns": [{"assistant": "One two three four."}]}, where="test")
    plan = timeline.plan(scenario, 1)
    conversation = WORDING.fill(scenario, plan, {}, 1)
    start, end = plan.turns[0].start_ms, plan.turns[0].end_ms

    def said(until_ms: int) -> list[str]:
        return [row["content"] for row in views.transcript(conversation, until_ms=until_ms)]

    assert said(start - 1) == []
    assert said(start) == ["One"]
    assert said((start + end) // 2 + 1) == ["One two three"]
    assert said(end - 1) == said(end) == ["One two three four."]


def test_a_failed_call_has_nothing_to_show() -> None:
    scenario = SHIPPED["failed-to-connect"]
    plan = timeline.plan(scenario, 1)
    conversation = converse(scenario, 1)

    assert (plan.status, plan.end_reason, plan.duration_ms, plan.answered_ms) == ("failed", "error", 0, None)
    assert plan.ends_ms == scenario.rings * 1000
    assert views.transcript(conversation) == views.history(conversation) == []
    assert grading.grade(scenario, 1) is None


@law
@given(any_scenario, calls)
def test_a_grade_keeps_to_its_rubric(scenario: Scenario, call: int) -> None:
    plan = timeline.plan(scenario, call)
    grade = grading.grade(scenario, call, plan=plan)

    assert grade == grading.grade(scenario, call, plan=plan)
    if grade is None:
        assert scenario.grade == "none" or scenario.ends.status == "failed"
        return
    assert not isinstance(scenario.grade, str)
    lowest, highest = scenario.grade.score
    assert grade.score is not None
    assert lowest <= grade.score <= highest
    assert grade.row()["status"] == "completed"
    for report in grade.reports:
        assert report.detected_issue is None or report.detected_issue in grade.detected_issues
        assert report.timestamp_seconds is None or report.timestamp_seconds * 1000 <= plan.duration_ms


def test_an_angry_caller_is_reported() -> None:
    scenario = SHIPPED["angry-caller"]
    plan = timeline.plan(scenario, 5)
    grade = grading.grade(scenario, 5, plan=plan)

    assert grade is not None
    assert grade.score is not None
    assert grade.score < 0.4
    assert [report.severity for report in grade.reports] == ["critical", "warning"]
    # The pause is reported where the tool's turn ends.
    tool = plan.turns[4]
    assert grade.reports[1].timestamp_seconds == tool.end_ms // 1000
    assert len({grading.grade(scenario, 5, attempt) for attempt in range(10)}) > 1


def test_grading_may_fail_and_a_plain_scenario_is_a_success() -> None:
    def graded(**more: Any) -> grading.Grade | None:
        return grading.grade(parse_scenario({"turns": [{"user": "Hi."}], **more}, where="test"), 1)

    failed, plain, exact = graded(grade="fails"), graded(title="A greeting"), graded(grade={"score": 1})
    assert failed is not None
    assert plain is not None
    assert exact is not None
    assert (failed.status, failed.score) == ("failed", None)
    assert (plain.call_outcome, plain.summary) == ("successful", "A greeting")
    assert exact.score == 1
    assert graded(grade=None) is graded(grade="none") is None


def test_there_are_names_of_every_kind_for_every_locale() -> None:
    kinds = {"first_name", "last_name", "company", "city", "street_address"}
    for locale in get_args(Locale):
        names = json.loads((ROOT / "fixtures" / "names" / f"{locale}.json").read_text(encoding="utf-8"))
        assert names.keys() == kinds
        for each in names.values():
            assert len(each) == 128
            assert len(set(each)) > 40, "callers are not all called alike"
            assert all(name and name.strip() == name and "\n" not in name for name in each)


def test_it_needs_no_generator_of_names() -> None:
    """Faker is a plugin of pytest too: as a dependency it would slow every run in the user's environment down."""
    dependencies = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    assert [
        each for each in dependencies if each.startswith(("faker", "hypothesis", "pytest", "schemathesis"))
    ] == []


def test_two_processes_say_the_same() -> None:
    scenario = SHIPPED["multilingual"]
    fresh = wording.Wording().fill(scenario, timeline.plan(scenario, "w", 1), FACTS, "w", 1)

    assert fresh == converse(scenario, "w", 1)
