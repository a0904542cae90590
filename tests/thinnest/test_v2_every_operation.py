"""One case per operation: with what it needs, a declared success on schema; none from a canned example."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest
from caller import Caller

from mockserver import shipped
from mockserver.assembly import behaviour_table, build
from mockserver.settings import Settings
from mockserver.spec.contract import Contract, describe
from mockserver.spec.document import Operation

CONTRACT = Contract.load(shipped.folder("openapi") / "thinnestai-v2")
SPOKEN: Final = {"name": "Priya", "voiceEnabled": True}
FORM: Final = (
    b'--b\r\nContent-Disposition: form-data; name="agent_id"\r\n\r\n%s\r\n--b\r\n'
    b'Content-Disposition: form-data; name="file"; filename="a.md"\r\n\r\nHello\r\n--b--\r\n'
)


def agent(api: Caller) -> Any:
    return api.post("/v2/agents", SPOKEN).json["id"]


def call(api: Caller) -> Any:
    return api.get("/v2/calls").json["calls"][0]["id"]


def session(api: Caller) -> Any:
    return api.post("/v2/sessions", {"agent_id": agent(api)}).json["id"]


def campaign(api: Caller) -> Any:
    body = {"name": "C", "agent_id": agent(api), "type": "voice", "contacts": ["+14155550199"]}
    return api.post("/campaigns", body).json["id"]


def endpoint(api: Caller) -> Any:
    body = {"url": "https://hooks.example", "event_types": ["agent.created"]}
    return api.post("/webhooks/endpoints", body).json["endpoint"]["id"]


PATH: Final[Mapping[str, Callable[[Caller], Any]]] = {
    "agent_id": agent,
    "call_id": call,
    "campaign_id": campaign,
    "endpoint_id": endpoint,
    "public_id": agent,
    "session_id": session,
}
BODY: Final[Mapping[str, Callable[[Caller], Any]]] = {
    "v2_agents_chat": lambda api: {"message": "Hello"},
    "v2_agents_create": lambda api: SPOKEN,
    "v2_agents_partial_update": lambda api: {"name": "Asha"},
    "v2_calls_create": lambda api: {"agent_id": agent(api)},
    "v2_calls_partial_update": lambda api: {"tags": ["vip"]},
    "v2_campaigns_create": lambda api: {"name": "C", "agent_id": agent(api), "type": "sms", "contacts": []},
    "v2_campaigns_partial_update": lambda api: {"name": "D"},
    "v2_sessions_create": lambda api: {"agent_id": agent(api)},
    "v2_sessions_partial_update": lambda api: {"status": "archived"},
    "v2_tools_create": lambda api: {"name": "find_parcel", "headers": {"X-Secret": "s3cret"}},
    "v2_webhooks_endpoints": lambda api: {"url": "https://hooks.example", "event_types": ["agent.created"]},
    "v2_webhooks_endpoints_partial_update": lambda api: {"description": "Desk"},
}
BEFORE: Final = {"v2_campaigns_pause": ("launch",), "v2_campaigns_resume": ("launch", "pause")}


@pytest.fixture(scope="module")
def demo() -> Any:
    """An organization with a history, of a server that serves nothing else."""
    app = build(Settings(contracts=("thinnestai-v2",), world="demo", strict=True))
    return lambda: Caller(app, app.worlds.mint().replace("sk_test_", "thns_sk_"))


@pytest.mark.parametrize("operation", CONTRACT.operations, ids=lambda operation: operation.id)
def test_every_operation_answers_as_declared(operation: Operation, demo: Callable[[], Caller]) -> None:
    api = demo()
    api.settle()
    target = operation.path
    for name in operation.path_names:
        target = target.replace(f"{{{name}}}", str(PATH[name](api)))
    for step in BEFORE.get(operation.id, ()):
        assert api.post(f"{target.rpartition('/')[0]}/{step}").status == 200
    sent: dict[str, Any] = {}
    if operation.id == "v2_knowledge_add_file":
        sent["body"] = FORM % agent(api).encode()
        sent["headers"] = {"content-type": "multipart/form-data; boundary=b"}
    elif operation.body is not None:
        sent["json"] = BODY[operation.id](api)
    answer = api(operation.method, target, **sent)
    assert answer.status == operation.success_status, answer.body
    assert answer.headers["x-mock-source"] in ("behaviour", "resource")
    assert "x-ratelimit-remaining" in answer.headers
    if answer.status != 204:
        declared = operation.responses[str(answer.status)].json
        assert declared is not None
        assert list(declared.violations(answer.json)) == []
    assert Caller(api.app, None)(operation.method, target, **sent).status == 401
    journal = api.get("/_mock/journal")
    assert journal.json["defects"] == []
    assert b"s3cret" not in journal.body


def test_a_tool_is_listed_by_its_type(demo: Callable[[], Caller]) -> None:
    api = demo()
    made = [api.post("/v2/tools", {"name": kind, "type": kind}).json["id"] for kind in ("code", "mcp", "function")]
    listed = api.get("/v2/tools").json
    assert {each["id"] for each in listed} == set(made)
    assert [each["name"] for each in api.get("/v2/tools?type=mcp").json] == ["mcp"]
    assert [each["id"] for each in api.get("/v2/tools?limit=1&offset=1").json] == [listed[1]["id"]]


def test_roles_are_current() -> None:
    folder = shipped.folder("openapi") / "thinnestai-v2"
    committed = (folder / "roles.txt").read_text(encoding="utf-8")
    described = describe(CONTRACT, behaviour_table())
    assert [line for line in committed.splitlines() if not line.startswith("#")] == described.splitlines()


@pytest.mark.parametrize("other", ["thunderphone-2026-04", "thunderphone-sdk-0.2"])
def test_it_is_served_beside_either_generation_of_the_other_api(other: str) -> None:
    app = build(Settings(contracts=(other, "thinnestai-v2"), world="demo"))
    key = app.worlds.mint()
    ours, theirs = Caller(app, key), Caller(app, key.replace("sk_test_", "thns_sk_"))
    ours.settle()
    listed = theirs.get("/v2/calls?limit=1").json
    assert listed["total"] == 200
    assert ours.get(f"/v1/calls/{listed['calls'][0]['id']}").status == 200
    assert theirs.get(f"/v2/calls/{listed['calls'][0]['id']}").status == 200
