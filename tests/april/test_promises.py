"""What holds for the whole contract: isolation, determinism, one case per operation."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import preparing
import pytest
from caller import Answer, Caller

from mockserver import shipped
from mockserver.assembly import behaviour_table, build
from mockserver.engine.pipeline import Engine
from mockserver.errors import SpecError, UnknownBehaviour
from mockserver.settings import DEFAULT_CONTRACT, Settings
from mockserver.spec.contract import Contract, describe
from mockserver.spec.document import Operation
from mockserver.spec.fill import Filler

CONTRACT = Contract.load(shipped.folder("openapi") / DEFAULT_CONTRACT)


def test_two_runs_with_one_seed_are_the_same_byte_for_byte() -> None:
    def run() -> list[Answer]:
        caller = Caller(build(Settings(world="demo", seed="7")), None)
        caller.key = caller.app.worlds.mint()
        agent = caller.post("/v1/agents", {"name": "A", "prompt": "p", "voice": "v"})
        number = caller.post("/v1/phone-numbers", {"area_code": "212"})
        caller.advance(5)
        caller.patch(f"/v1/phone-numbers/{number.json['id']}", {"inbound_agent_id": agent.json["id"]})
        call = caller.post("/_mock/calls", {"to_number": number.json["number"]})
        at = f"/v1/calls/{call.json['call_id']}"
        caller.settle()
        report = caller.post(f"{at}/issue-reports", {"title": "x", "severity": "info"})
        reads = [at, f"{at}/transcript", f"{at}/history", f"{at}/grade", f"{at}/audio", "/v1/calls?limit=200"]
        reads += ["/v1/calls/export?export_format=json", "/v1/agents", "/v1/phone-numbers", "/_mock/events"]
        answers = [agent, number, call, report, *(caller.get(target) for target in reads)]
        recording = caller.get(answers[8].json["url"].removeprefix("http://mock.test"))
        return [*answers, recording]

    assert run() == run()


def test_another_seed_is_another_world() -> None:
    def calls(seed: str) -> Any:
        app = build(Settings(world="demo", seed=seed))
        return Caller(app, app.worlds.mint()).get("/v1/calls").json

    assert calls("1") != calls("2")


def test_resetting_starts_the_organization_again(new_api: Callable[..., Caller]) -> None:
    api = new_api(world="demo")
    before = api.get("/v1/calls?limit=200").body
    api.post("/v1/agents", {"name": "A", "prompt": "p", "voice": "v"})
    api.settle()
    assert api.post("/_mock/reset", {"world": "demo"}).status == 200
    assert api.get("/v1/calls?limit=200").body == before
    assert api.post("/_mock/reset", {"world": "empty"}).status == 200
    assert api.get("/v1/calls").json["total"] == 0
    refused = api.post("/_mock/reset", {"world": "dmeo"})
    assert (refused.status, "Did you mean demo?" in refused.json["mock_error"]) == (400, True)
    assert api.post("/_mock/reset", {"world": "../../secret.json"}).status == 400, "a name, not a path"


def test_keys_are_sandboxes(new_api: Callable[..., Caller]) -> None:
    ours, theirs = new_api(world="demo"), new_api(world="demo")
    mine = {call["call_id"] for call in ours.get("/v1/calls?limit=200").json["results"]}
    other = {call["call_id"] for call in theirs.get("/v1/calls?limit=200").json["results"]}
    assert not mine & other
    for target in ("", "/audio", "/transcript", "/history", "/grade", "/issue-reports"):
        assert theirs.get(f"/v1/calls/{min(mine)}{target}").status == 404
    ours.app.worlds.revoke(str(ours.key))
    assert ours.get("/v1/calls").status == 401
    assert ours.get("/_mock/journal").status == 401
    assert theirs.get("/v1/calls").status == 200


@pytest.mark.parametrize("operation", CONTRACT.operations, ids=lambda operation: operation.id)
def test_every_operation_answers_as_declared(operation: Operation, new_api: Callable[..., Caller]) -> None:
    """With what it needs prepared (preparing.py), a declared success comes back; without a key, 401."""
    api = new_api(world="demo")
    api.settle()
    owner = Caller(api.app, api.key)
    if operation.id in preparing.BEFORE:
        preparing.BEFORE[operation.id](api)
    target, body = preparing.target_of(operation, api), preparing.body_of(operation, api)
    headers = preparing.HEADERS[operation.id](api) if operation.id in preparing.HEADERS else None
    answer = api(operation.method, target, body, headers=headers)
    assert answer.status in {int(status) for status in operation.responses if status[0] == "2"}, answer.body
    assert answer.headers["x-mock-source"] in ("behaviour", "resource"), "no canned answer where state is meant"
    if answer.headers.get("content-type") == "application/json":
        declared = operation.responses[str(answer.status)].json
        assert declared is not None
        assert list(declared.violations(answer.json)) == []
    if operation.security:
        assert Caller(api.app, None)(operation.method, target, body).status == 401
    assert owner.get("/_mock/journal").json["defects"] == []


def test_roles_are_current() -> None:
    committed = (shipped.folder("openapi") / DEFAULT_CONTRACT / "roles.txt").read_text(encoding="utf-8")
    described = describe(CONTRACT, behaviour_table())
    assert [line for line in committed.splitlines() if not line.startswith("#")] == described.splitlines()


def test_a_behaviour_named_after_nothing_stops_the_start() -> None:
    table = {"calls_plase": behaviour_table()["calls_grade"]}
    with pytest.raises(UnknownBehaviour, match="calls_plase is named by no operation"):
        Engine([CONTRACT], table, filler=Filler())


def test_a_wrong_name_stops_the_start_with_the_nearest() -> None:
    with pytest.raises(SpecError, match="Did you mean thunderphone-2026-04"):
        build(Settings(contracts=("thunderphone-2026",)))
    with pytest.raises(SpecError, match="Did you mean demo"):
        build(Settings(world="dem"))


def test_a_defect_of_the_mock_never_looks_like_the_vendor(tmp_path: Path) -> None:
    broken = orjson.loads(orjson.dumps(CONTRACT.document.raw))
    broken["components"]["schemas"]["Agent"]["properties"]["name"]["type"] = "integer"
    spec = tmp_path / "broken.json"
    spec.write_bytes(orjson.dumps(broken))
    app = build(Settings(spec=spec))
    api = Caller(app, app.worlds.mint())
    answer = api.post("/v1/agents", {"name": "A", "prompt": "p", "voice": "v"})
    assert (answer.status, list(answer.json)) == (500, ["mock_error"])
    assert "agents_create" in answer.json["mock_error"]
    assert "/name" in answer.json["mock_error"]
    assert api.get("/_mock/journal").json["defects"] == [answer.json["mock_error"]]
