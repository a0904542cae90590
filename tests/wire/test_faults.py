"""Failures on purpose: they happen when told to, as real ones do, and can be seen in the journal."""

from typing import Any

import httpx2
import pytest

from mockserver import MockServer


def fail(http: httpx2.Client, **fault: Any) -> int:
    made = http.post("/_mock/faults", json=fault)
    assert made.status_code == 201, made.text
    number: int = made.json()["fault"]
    return number


AGENT = {"name": "A", "prompt": "p", "voice": "v"}


def test_a_status_happens_so_often_and_changes_nothing(http: httpx2.Client) -> None:
    fail(http, operation="agents_create", status=503, detail="Try later.", retry_after=7, times=2)
    for _ in range(2):
        refused = http.post("/v1/agents", json=AGENT)
        assert (refused.status_code, refused.json()) == (503, {"detail": "Try later."})
        assert refused.headers["retry-after"] == "7"
    assert http.get("/v1/agents").json() == []
    assert http.post("/v1/agents", json=AGENT).status_code == 201
    entries = http.get("/_mock/journal").json()["entries"]
    assert [entry["status"] for entry in entries] == [503, 503, 200, 201]
    assert "fault 1" in entries[0]["warnings"][0]
    assert http.get("/_mock/faults").json() == []


def test_other_operations_and_other_organizations_are_spared(server: MockServer, http: httpx2.Client) -> None:
    fail(http, operation="calls_list", status=500)
    assert http.get("/v1/calls").status_code == 500
    assert http.get("/v1/agents").status_code == 200
    other = {"Authorization": f"Bearer {server.mint_key()}"}
    assert httpx2.get(f"{server.base_url}/v1/calls", headers=other).status_code == 200
    assert http.delete("/_mock/faults").json() == {"removed": 1}
    assert http.get("/v1/calls").status_code == 200


def test_a_rate_limit_refuses_until_its_time_is_over(http: httpx2.Client) -> None:
    fail(http, operation="calls_list", rate_limit={"requests": 3, "seconds": 60})
    assert [http.get("/v1/calls").status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    refused = http.get("/v1/calls")
    assert int(refused.headers["retry-after"]) == 60
    http.post("/_mock/clock/advance", json={"seconds": 60})
    assert http.get("/v1/calls").status_code == 200


def test_a_share_of_requests_fails_the_same_ones_each_time(server: MockServer) -> None:
    def statuses() -> list[int]:
        headers = {"Authorization": f"Bearer {server.mint_key(seed='share')}"}
        with httpx2.Client(base_url=server.base_url, headers=headers) as client:
            client.post("/_mock/reset", json={"seed": "share"})
            fail(client, status=500, share=0.3)
            first = [client.get("/v1/agents").status_code for _ in range(60)]
            client.post("/_mock/reset", json={"seed": "share"})
            fail(client, status=500, share=0.3)
            assert [client.get("/v1/agents").status_code for _ in range(60)] == first
            return first

    assert 8 <= statuses().count(500) <= 30


def test_connections_break_and_replies_are_mangled(http: httpx2.Client) -> None:
    http.post("/v1/agents", json=AGENT)
    fail(http, operation="agents_list", connection="drop", times=1)
    with pytest.raises(httpx2.RemoteProtocolError):
        http.get("/v1/agents")
    fail(http, operation="agents_list", connection="truncate", times=1)
    with pytest.raises(httpx2.RemoteProtocolError, match=r"incomplete|peer closed"):
        http.get("/v1/agents")
    fail(http, operation="agents_list", malformed=True, times=1)
    broken = http.get("/v1/agents")
    assert broken.status_code == 200
    with pytest.raises(ValueError, match=r"."):
        broken.json()
    assert len(http.get("/v1/agents").json()) == 1
    warned = [entry for entry in http.get("/_mock/journal").json()["entries"] if entry["warnings"]]
    assert [entry["status"] for entry in warned] == [0, 200, 200]


def test_latency_holds_back_that_reply_only(http: httpx2.Client) -> None:
    fail(http, operation="agents_list", latency={"min": 0.2, "max": 0.3}, times=1)
    slow, quick = http.get("/v1/agents"), http.get("/v1/agents")
    assert slow.status_code == quick.status_code == 200
    assert slow.elapsed.total_seconds() > 0.19
    assert slow.elapsed > quick.elapsed


@pytest.mark.parametrize(
    ("fault", "hint"),
    [
        ({"operation": "call_list", "status": 500}, "Did you mean calls_list?"),
        ({"operation": "calls_list"}, "say what goes wrong"),
        ({"operation": "calls_list", "status": 200}, "status"),
        ({"operation": "calls_list", "stauts": 500}, "Did you mean status?"),
    ],
)
def test_a_senseless_fault_is_refused_with_a_hint(http: httpx2.Client, fault: Any, hint: str) -> None:
    refused = http.post("/_mock/faults", json=fault)
    assert refused.status_code == 400
    assert hint in refused.json()["mock_error"]
    assert http.get("/_mock/faults").json() == []


def test_a_caller_may_wish_for_a_reply(http: httpx2.Client) -> None:
    wished = http.post("/v1/agents", json=AGENT, headers={"Prefer": "code=429"})
    assert (wished.status_code, list(wished.json())) == (429, ["detail"])
    example = http.post("/v1/agents", json=AGENT, headers={"Prefer": "code=201"})
    assert (example.status_code, example.headers["x-mock-source"]) == (201, "example")
    assert http.get("/v1/agents").json() == [], "nothing was made"
    assert http.get("/v1/agents", headers={"Prefer": "wait=0.2"}).elapsed.total_seconds() > 0.19
    refused = http.get("/v1/agents", headers={"Prefer": "code=418"})
    assert (refused.status_code, "declares only" in refused.json()["mock_error"]) == (400, True)
    assert http.get("/v1/agents", headers={"Prefer": "respond-async"}).status_code == 200
