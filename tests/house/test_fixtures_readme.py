"""The guide to fixtures tells every key, and its examples play."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from caller import Caller
from pydantic import BaseModel

from mockserver.assembly import build
from mockserver.lifecycles.furnishing import (
    AgentEntry,
    CallEntries,
    NumberEntry,
    ReportEntry,
    WorldFile,
    read_world_file,
)
from mockserver.settings import Settings
from mockserver.simulation.placeholders import placeholder_names
from mockserver.simulation.scenarios import Ending, Report, Rubric, Scenario, parse_scenario
from mockserver.simulation.turns import KINDS, Acknowledgement

GUIDE = (Path(__file__).parents[2] / "fixtures" / "README.md").read_text(encoding="utf-8")
WORLD, SCENARIO = re.findall(r"^```yaml\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
WORLD_MODELS = (WorldFile, AgentEntry, NumberEntry, CallEntries, ReportEntry)
SCENARIO_MODELS = (Scenario, *KINDS.values(), Acknowledgement, Ending, Rubric, Report)


def keys(value: Any) -> Iterator[str]:
    """Every key of a YAML value, at any depth."""
    if isinstance(value, dict):
        yield from value
        for each in value.values():
            yield from keys(each)
    elif isinstance(value, list):
        for each in value:
            yield from keys(each)


@pytest.mark.parametrize(("text", "models"), [(WORLD, WORLD_MODELS), (SCENARIO, SCENARIO_MODELS)])
def test_the_examples_have_every_key_and_the_tables_explain_it(
    text: str, models: tuple[type[BaseModel], ...]
) -> None:
    used = set(keys(yaml.safe_load(text)))
    for model in models:
        assert set(model.model_fields) - used == set(), f"the example has no {model.__name__} with these"
        for name in model.model_fields:
            assert f"`{name}`" in GUIDE, f"{model.__name__}.{name} is not explained"


def test_the_guide_lists_the_placeholders() -> None:
    for name in placeholder_names():
        assert f"`{{{name}}}`" in GUIDE


def test_the_world_plays(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text(WORLD, encoding="utf-8")
    file = read_world_file(path)
    app = build(Settings(world=str(path)))
    api = Caller(app, app.worlds.mint())
    agents = {agent["name"]: agent for agent in api.get("/v1/agents").json}
    assert set(agents) == {entry.name for entry in file.agents}
    first = next(each for each in api.get("/v1/phone-numbers").json if each["number"].startswith("+1415"))
    assert first["inbound_agent_id"] == agents["Spoke & Wheel"]["id"]
    assert first["outbound_agent_id"] == agents["Spoke & Wheel Workshop"]["id"]
    calls = api.get("/v1/calls?limit=200").json
    assert calls["total"] == 40
    assert [call["status"] for call in calls["results"]].count("in_progress") == 1
    assert {call["direction"] for call in calls["results"]} == {"inbound", "outbound", "mic", "widget"}
    titles = {report["title"] for report in api.get("/v1/issue-reports?source=user").json}
    assert titles == {"The wrong opening hours were given"}
    billing = api.get("/v1/billing").json
    assert (billing["balance_cents"], billing["has_payment_method"]) == (4250, True)
    api.settle()
    assert api.get("/_mock/journal").json["defects"] == []


def test_the_scenario_plays(api: Caller) -> None:
    written = yaml.safe_load(SCENARIO)
    parse_scenario(written, where="the example")
    agent = api.post("/v1/agents", {"name": "Kim", "prompt": "p", "voice": "v"}).json["id"]
    placed = api.post("/_mock/calls", {"direction": "widget", "agent_id": agent, "scenario": written})
    assert placed.status == 201, placed.body
    api.settle()
    at = f"/v1/calls/{placed.json['call_id']}"
    call = api.get(at).json
    assert (call["status"], call["end_reason"]) == ("completed", "transfer")
    assert written["lasts"][0] <= call["duration_seconds"] <= written["lasts"][1]
    kinds = {entry["type"] for entry in api.get(f"{at}/history").json}
    assert kinds >= {"span", "function_call", "function_response", "interrupt", "acknowledgement"}
    transcript = api.get(f"{at}/transcript").body.decode()
    assert [name for name in placeholder_names() if f"{{{name}" in transcript] == [], "gaps are filled"
    assert "this is Kim" in transcript
    grade = api.get(f"{at}/grade").json
    assert (grade["call_outcome"], 0.55 <= grade["score"] <= 0.7) == ("unsuccessful", True)
    report = api.get(f"{at}/issue-reports").json[0]
    assert (report["severity"], report["detected_issue_ref"] is not None) == ("critical", True)
