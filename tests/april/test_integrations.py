"""Tool integrations: kept, linked by agents, shown on them as they are now, transferred."""

from collections.abc import Callable
from typing import Any

import pytest
from caller import Caller
from hypothesis import given
from hypothesis import strategies as st

from mockserver.assembly import build
from mockserver.http.app import App
from mockserver.settings import Settings

SPEC = {
    "type": "function",
    "function": {"name": "find_parcel", "description": "Finds it.", "parameters": {"type": "object"}},
}
AGENT = {"name": "A", "prompt": "p", "voice": "v"}
APP = build(Settings())


def made(api: Caller, **fields: Any) -> Any:
    answer = api.post("/v1/integrations", {"display_name": "Parcels", "spec": SPEC, **fields})
    assert answer.status == 201, answer.body
    return answer.json


@pytest.fixture
def sister(april: App, api: Caller) -> Caller:
    """Another organization of the same person."""
    world = april.worlds.find(str(api.key))
    assert world is not None
    other = april.worlds.found(world)
    april.worlds.admit(f"sk_test_tools{other.organization}", other)
    return Caller(april, f"sk_test_tools{other.organization}")


def organization_id(caller: Caller) -> int:
    world = caller.app.worlds.find(str(caller.key))
    assert world is not None
    return world.organization_id


def test_an_integration_is_kept_with_its_versions(api: Caller) -> None:
    tool = made(api)
    assert (tool["endpoint_url"], tool["endpoint_method"], tool["headers"]) == ("", "POST", [])
    assert (tool["spec"], tool["validation_status"]) == (SPEC, "untested")
    at = f"/v1/integrations/{tool['id']}"
    assert api.get(at).json == tool
    assert api.get("/v1/integrations").json == [tool]
    api.patch(at, {"endpoint_url": "http://127.0.0.1:9/x", "headers": [{"key": "X-Shop", "value": "12"}]})
    versions = api.get(f"{at}/versions").json
    assert [each["snapshot"]["endpoint_url"] for each in versions] == ["http://127.0.0.1:9/x", ""]
    assert api("DELETE", at).status == 204
    assert (api.get(at).status, api.get(f"{at}/versions").status) == (404, 404)


def test_only_functions_are_tools(api: Caller) -> None:
    for spec in ({**SPEC, "type": "file_search"}, {"type": "function"}, {"type": "function", "function": 1}):
        refused = api.post("/v1/integrations", {"display_name": "x", "spec": spec})
        assert (refused.status, list(refused.json)) == (400, ["spec"])
    assert api("PUT", f"/v1/integrations/{made(api)['id']}", {}).status == 405


def test_an_agent_shows_its_integrations_as_they_are_now(api: Caller) -> None:
    one, two = made(api, display_name="one"), made(api, display_name="two")
    agent = api.post("/v1/agents", {**AGENT, "integration_ids": [two["id"], one["id"], two["id"]]})
    assert agent.json["integrations"] == [two, one]
    at = f"/v1/agents/{agent.json['id']}"
    api.advance(5)
    renamed = api.patch(f"/v1/integrations/{one['id']}", {"display_name": "uno"}).json
    assert api.get(at).json["integrations"] == [two, renamed]
    assert api.get(at).json["updated_at"] == agent.json["updated_at"], "the agent itself did not change"

    copy = api.post(f"{at}/duplicate").json
    assert copy["integrations"] == [two, renamed]
    assert api("DELETE", f"/v1/integrations/{two['id']}").status == 204
    for each in (agent.json["id"], copy["id"]):
        assert api.get(f"/v1/agents/{each}").json["integrations"] == [renamed]
    assert api.patch(at, {"integration_ids": []}).json["integrations"] == []
    assert api.get(f"/v1/agents/{copy['id']}").json["integrations"] == [renamed]
    replaced = api("PUT", f"/v1/agents/{copy['id']}", AGENT)
    assert replaced.json["integrations"] == [], "PUT unlinks what it leaves out"


@given(
    st.lists(
        st.one_of(
            st.tuples(st.sampled_from(["create", "delete", "rename"]), st.integers(0, 3), st.just(())),
            st.tuples(st.just("link"), st.integers(0, 3), st.lists(st.integers(0, 5), max_size=4)),
        ),
        max_size=14,
    )
)
def test_links_are_what_was_written_less_what_is_gone(steps: list[tuple[str, int, list[int]]]) -> None:
    """Whatever is created, renamed, linked and deleted, in whatever order."""
    api = Caller(APP, APP.worlds.mint())
    tools = [made(api)["id"] for _ in range(3)]
    agents = [api.post("/v1/agents", AGENT).json["id"] for _ in range(4)]
    links: dict[int, list[str]] = {agent: [] for agent in agents}
    for number, (step, index, chosen) in enumerate(steps):
        if step == "create":
            tools.append(made(api)["id"])
        elif step == "link":
            wanted = [tools[each % len(tools)] for each in chosen] if tools else []
            links[agents[index]] = list(dict.fromkeys(wanted))
            assert api.patch(f"/v1/agents/{agents[index]}", {"integration_ids": wanted}).status == 200
        elif tools:
            at = f"/v1/integrations/{tools[index % len(tools)]}"
            if step == "rename":
                api.patch(at, {"display_name": f"name {number}"})
                continue
            assert api("DELETE", at).status == 204
            gone = tools.pop(index % len(tools))
            links = {agent: [each for each in named if each != gone] for agent, named in links.items()}
    now = {each["id"]: each for each in api.get("/v1/integrations").json}
    assert set(now) == set(tools)
    shown = {agent["id"]: agent["integrations"] for agent in api.get("/v1/agents").json}
    assert shown == {agent: [now[each] for each in named] for agent, named in links.items()}


def test_an_agent_cannot_link_what_is_not_there(api: Caller, new_api: Callable[..., Caller]) -> None:
    tool = made(new_api())
    for answer in (
        api.post("/v1/agents", {**AGENT, "integration_ids": [tool["id"]]}),
        api.patch(f"/v1/agents/{api.post('/v1/agents', AGENT).json['id']}", {"integration_ids": [tool["id"]]}),
    ):
        assert (answer.status, tool["id"] in answer.json["detail"]) == (404, True)


def test_a_copy_is_another_and_a_move_is_the_same(api: Caller, sister: Caller) -> None:
    tool = made(api, endpoint_url="https://example.com/x")
    at = f"/v1/integrations/{tool['id']}"
    agent = api.post("/v1/agents", {**AGENT, "integration_ids": [tool["id"]]}).json
    target = organization_id(sister)
    copied = api.post(f"{at}/transfer", {"target_org_id": target, "name": "Theirs"})
    assert (copied.status, copied.json["mode"]) == (201, "copy")
    theirs = copied.json["integration"]
    assert (theirs["display_name"], theirs["endpoint_url"]) == ("Theirs", tool["endpoint_url"])
    assert theirs["id"] != tool["id"]
    assert api.get(at).json == tool

    moved = api.post(f"{at}/transfer", {"target_org_id": target, "mode": "move"})
    assert (moved.status, moved.json["source_org_id"], moved.json["target_org_id"]) == (
        200,
        organization_id(api),
        target,
    )
    assert api.get(at).status == 404
    assert sister.get(at).json == moved.json["integration"]
    assert len(sister.get("/v1/integrations").json) == 2
    assert api.get(f"/v1/agents/{agent['id']}").json["integrations"] == []


def test_where_it_cannot_go(api: Caller, new_api: Callable[..., Caller]) -> None:
    at = f"/v1/integrations/{made(api)['id']}/transfer"
    assert api.post(at, {"target_org_id": organization_id(new_api())}).status == 403
    assert api.post(at, {"target_org_id": organization_id(api), "mode": "move"}).status == 409
    assert api.post(at, {"target_org_id": organization_id(api)}).status == 201
    assert len(api.get("/v1/integrations").json) == 2
