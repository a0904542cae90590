"""Scenario files: the shipped ones keep their promises, and a wrong one is told what is wrong with it."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from mockserver import shipped
from mockserver.errors import SpecError, WrongUse
from mockserver.simulation import placeholders, scenarios, timeline, views, wording
from mockserver.simulation.scenarios import Scenario, chosen_by_number, load_scenarios, parse_scenario, pick

SHIPPED = load_scenarios(shipped.folder("fixtures") / "scenarios")
WORDING = wording.Wording()
HISTORY_TYPES = {
    *("span", "completion", "patch", "function_call", "function_response", "interrupt", "acknowledgement"),
}


@pytest.mark.parametrize("scenario", SHIPPED.values(), ids=SHIPPED)
def test_a_shipped_scenario_takes_as_long_as_it_promises(scenario: Scenario) -> None:
    seconds = [timeline.plan(scenario, "length", call).duration_ms / 1000 for call in range(200)]

    if scenario.ends.status == "failed":
        assert set(seconds) == {0}
        return
    assert scenario.lasts is not None
    assert scenario.lasts[0] <= min(seconds) < max(seconds) <= scenario.lasts[1]


def test_the_shipped_scenarios_cover_what_a_client_can_meet() -> None:
    lengths = [scenario.lasts for scenario in SHIPPED.values() if scenario.lasts is not None]
    types = {
        entry["type"] for scenario in SHIPPED.values() for entry in views.history(_conversation(scenario, "types"))
    }

    assert list(SHIPPED) == sorted(SHIPPED)
    assert len(SHIPPED) >= 10
    assert min(shortest for shortest, _ in lengths) <= 9
    assert max(longest for _, longest in lengths) >= 200
    assert types == HISTORY_TYPES
    assert {scenario.ends.reason for scenario in SHIPPED.values()} >= {
        *("caller_hangup", "agent_end", "transfer", "timeout", "error"),
    }
    for direction in ("inbound", "outbound", "mic", "widget"):
        assert sum(direction in scenario.directions for scenario in SHIPPED.values()) >= 3


@pytest.mark.parametrize("name", [name for name, scenario in SHIPPED.items() if scenario.turns])
def test_a_shipped_scenario_is_worded_differently_in_another_call(name: str) -> None:
    texts = {
        tuple(row["content"] for row in views.transcript(_conversation(SHIPPED[name], call))) for call in range(20)
    }

    assert len(texts) > 1


@pytest.mark.parametrize("locale", scenarios.Locale.__args__)  # type: ignore[attr-defined]
def test_every_placeholder_has_a_value_in_every_locale(locale: str) -> None:
    names = placeholders.placeholder_names()
    scenario = parse_scenario(
        {"turns": [{"user": " | ".join(f"{{{name}}}" for name in names)}], "locale": locale}, where="test"
    )

    said = views.transcript(_conversation(scenario, locale))[0]["content"].split(" | ")

    assert len(said) == len(names)
    assert all(said)
    assert said[names.index("customer.email")].isascii()


def _conversation(scenario: Scenario, part: str | int) -> wording.Conversation:
    return WORDING.fill(scenario, timeline.plan(scenario, part), {}, part)


def test_the_end_of_a_number_chooses_a_scenario_of_the_direction() -> None:
    busy = chosen_by_number(SHIPPED, "outbound", "+4930" + SHIPPED["busy"].numbers[0])

    assert busy is SHIPPED["busy"]
    assert chosen_by_number(SHIPPED, "inbound", "+4930" + busy.numbers[0]) is None
    assert chosen_by_number(SHIPPED, "outbound", busy.numbers[0] + "7") is None


def test_two_scenarios_cannot_be_chosen_by_one_number(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text('numbers: ["5550099"]\nturns: [{user: "Hi."}]\n', "utf-8")

    with pytest.raises(SpecError, match=r"two\.yaml: numbers: 5550099 already chooses one\.yaml"):
        load_scenarios(tmp_path)


def test_pick_follows_direction_and_weight() -> None:
    inbound = {name for name, each in SHIPPED.items() if "inbound" in each.directions and each.weight}
    picked = Counter(pick(SHIPPED, "inbound", "pick", call).name for call in range(3000))

    assert set(picked) == inbound
    share = SHIPPED["support-question"].weight / sum(SHIPPED[name].weight for name in inbound)
    assert picked["support-question"] / 3000 == pytest.approx(share, rel=0.2)
    assert pick(SHIPPED, "mic", "pick", 1) is pick(SHIPPED, "mic", "pick", 1)


def test_pick_refuses_a_direction_nothing_is_meant_for() -> None:
    scenario = parse_scenario({"turns": [{"user": "Hi."}], "weight": 0}, where="test")

    with pytest.raises(WrongUse, match=r"direction 'mic'.*Name one: inline"):
        pick({"inline": scenario}, "mic", 1)


def test_little_is_needed_to_write_one() -> None:
    scenario = parse_scenario({"turns": [{"user": "Hi."}]}, where="test")

    assert scenario.name == "inline"
    assert timeline.plan(scenario, 1).end_reason == "caller_hangup"


HELLO = {"user": "Hello."}
# … stands for anything.
WRONG: list[tuple[Any, str]] = [
    ({"turns": [{"asistant": "Hi."}]}, "x: turns[0]: begins with none of … Did you mean assistant?"),
    ({"turns": [{"assistant": "Hi.", "user": "Hi."}]}, "x: turns[0]: has assistant and user; …dash"),
    ({"turns": [{"user": "Hi.", "silense": 2}]}, "x: turns[0].silense is not a key here. Known: user."),
    (
        {"turns": [{"assistant": "A b c.", "interrupted_afer": 1}, HELLO]},
        "… Did you mean interrupted_after?",
    ),
    ({"turns": [{"assistant": "A b.", "interrupted_after": 2}]}, "x: turns[0].interrupted_after: … 2 words"),
    ({"turns": [{"assistant": "A b.", "interrupted_after": 1}, {"silence": 1}]}, "… must be the user's"),
    ({"turns": [{"user": True}]}, "x: turns[0].user: needs text, but is True. Put it in quotes."),
    ({"turns": [{"user": " \n"}]}, "x: turns[0].user: A text needs at least one word."),
    ({"turns": [{"user": "My {oder_id}."}]}, "x: turns[0].user: {oder_id} is not … Did you mean order_id?"),
    ({"turns": [{"user": "My {date.hour}."}]}, "x: turns[0].user: {date.hour} is not a known"),
    ({"turns": [{"user": "50 % {off"}]}, "x: turns[0].user: … lone '{'; write '{{'"),
    ({"turns": [{"user": "\ud800"}]}, "x: turns[0].user: …surrogate"),
    ({"turns": [HELLO, {"tool": "look up"}]}, "x: turns[1].tool: "),
    ({"turns": [HELLO, {"tool": "t", "takes": -1}]}, "x: turns[1].takes: "),
    (
        {"turns": [HELLO, {"tool": "t", "acknowledgement": {"say": "Hm."}}]},
        "x: …says is missing…mean says",
    ),
    (
        {"turns": [HELLO, {"tool": "t", "arguments": {"a": {"order_id": None}}}]},
        '…arguments.a: …"{order_id}"',
    ),
    ({"turns": [HELLO, {"tool": "t", "response": ["{date.ios}"]}]}, "…response: …Did you mean date.iso?"),
    ({"turns": [HELLO, {"tool": "t", "response": float("nan")}]}, "…response: nan is not a JSON number"),
    ({"turns": [{"silence": 2}]}, "x: turns: needs at least one turn in which"),
    ({"turn": [HELLO]}, "x: turn is not a key here. Did you mean turns?"),
    ({"turns": HELLO}, "x: turns: needs a list, but is"),
    ({"turns": [HELLO], "ends": {"reson": "x"}}, "x: ends.reson is not a key here. Did you mean reason?"),
    (
        {"turns": [HELLO], "ends": {"status": "fail"}},
        "x: ends.status: 'fail' is none of … Did you mean failed?",
    ),
    ({"turns": [HELLO], "ends": {"reason": "transfer"}}, "x: ends: reason transfer and transfer_to belong"),
    ({"turns": [HELLO], "ends": {"status": "failed"}}, "x: turns: a call with ends.status failed never"),
    ({"ends": {"status": "failed"}, "grade": {"score": 1}}, "x: grade: a failed call has no conversation"),
    ({"turns": [HELLO], "grade": "fail"}, "x: grade: 'fail' is none of … Did you mean fails?"),
    ({"turns": [HELLO], "grade": {"score": [0.9, 0.2]}}, "x: grade.score: The first of the two, 0.9,"),
    ({"turns": [HELLO], "grade": {"score": 92}}, "x: grade.score"),
    ({"turns": [HELLO], "grade": {"sumary": ""}}, "x: grade.sumary is not a key here. Did you mean summary?"),
    ({"turns": [HELLO], "grade": {"summary": "{order_id}"}}, "x: grade.summary: …no placeholders"),
    (
        {"turns": [HELLO], "reports": [{"title": "T", "severity": "info", "turn": 1}]},
        "…there is no turns[1]",
    ),
    (
        {
            "turns": [HELLO],
            "grade": {"detected_issues": ["pause"]},
            "reports": [{"title": "T", "severity": "info", "issue": "pauze"}],
        },
        "x: reports[0].issue: 'pauze' is not one … Did you mean pause?",
    ),
    ({"turns": [HELLO], "directions": ["inbund"]}, "x: directions[0]: 'inbund' … Did you mean inbound?"),
    ({"turns": [HELLO], "lasts": [60, 90]}, "x: lasts: the turns take 2 to 3 seconds, … 60 to 90"),
    ({"turns": [HELLO], "name": "No Good"}, "x: name: "),
    (["turns"], "x: a scenario is a mapping with turns, not"),
]


@pytest.mark.parametrize(("data", "message"), WRONG, ids=[message[:60] for _, message in WRONG])
def test_a_wrong_scenario_is_told_the_field_and_the_cure(data: Any, message: str) -> None:
    pattern = ".*".join(re.escape(part) for part in message.split("…"))

    with pytest.raises(WrongUse) as refusal:
        parse_scenario(data, where="x")

    assert re.fullmatch(pattern + ".*", str(refusal.value), re.DOTALL), str(refusal.value)


def test_a_wrong_file_is_named(tmp_path: Path) -> None:
    def load(text: str) -> None:
        (tmp_path / "my-own.yaml").write_text(text, encoding="utf-8")
        load_scenarios(tmp_path)

    with pytest.raises(SpecError, match="no scenario files"):
        load_scenarios(tmp_path)
    with pytest.raises(SpecError, match=r"my-own\.yaml: turns\[0\]\.interrupted_afte is not.*interrupted_after"):
        load("turns: [{assistant: Hi there., interrupted_afte: 1}, {user: Hi.}]")
    with pytest.raises(SpecError, match=r"my-own\.yaml: name is 'other'"):
        load("{name: other, turns: [{user: Hi.}]}")
    with pytest.raises(SpecError, match=r"my-own\.yaml is not YAML: (?s:.)*line 2"):
        load("turns:\n  - user: 'Hi.")
    with pytest.raises(SpecError, match=r"my-own\.yaml, line 2: the key 'user' is written twice"):
        load("turns:\n  - {user: Hi., user: Ho.}")
    load("turns: [{user: Hi.}]")
