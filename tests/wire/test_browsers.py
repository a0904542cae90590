"""A page of any origin may use everything, without cookies, and reads of every reply what it needs."""

from collections.abc import Mapping
from typing import Final

import httpx2
import pytest

PAGE: Final = {"Origin": "http://localhost:5173"}


def exposed(reply: httpx2.Response) -> set[str]:
    return {name.strip().lower() for name in reply.headers["access-control-expose-headers"].split(",")}


def preflight(http: httpx2.Client, method: str, path: str, *names: str) -> httpx2.Response:
    """What a browser asks before it sends; it carries no key."""
    headers = {**PAGE, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": ",".join(names)}
    with httpx2.Client(base_url=http.base_url) as stranger:
        return stranger.options(path, headers=headers)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/agents"),
        ("PATCH", "/v1/agents/1"),
        ("DELETE", "/v1/agents/1"),
        ("PUT", "/v1/calls"),  # not allowed, but the 405 that says so must reach the page
        ("GET", "/v1/agnets"),
        ("POST", "/_mock/faults"),
        ("DELETE", "/_mock/faults"),
        ("POST", "/_mock/flauts"),
    ],
)
def test_whatever_a_page_wants_to_send_it_may(http: httpx2.Client, method: str, path: str) -> None:
    names = ("authorization", "content-type", "idempotency-key", "prefer", "x-api-key")
    asked = preflight(http, method, path, *names)
    assert asked.status_code in (200, 204)
    assert asked.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in asked.headers
    assert method in asked.headers["access-control-allow-methods"]
    assert set(names) <= {each.strip() for each in asked.headers["access-control-allow-headers"].split(",")}


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/v1/agents", {}, 200),
        ("GET", "/v1/agnets", {}, 404),
        ("PUT", "/v1/calls", {}, 405),
        ("GET", "/v1/agents", {"Authorization": ""}, 401),
        ("POST", "/v1/call", {"Prefer": "code=402"}, 402),
        ("GET", "/_mock/clock", {}, 200),
        ("GET", "/_mock/clock", {"Authorization": ""}, 401),
        ("GET", "/_mock/clocks", {}, 404),
        ("PUT", "/_mock/clock", {}, 405),
        ("GET", "/_mock/openapi.yaml", {}, 200),
    ],
)
def test_every_reply_can_be_read_and_no_cookie_is_welcome(
    http: httpx2.Client, method: str, path: str, headers: Mapping[str, str], status: int
) -> None:
    reply = http.request(method, path, headers={**PAGE, **headers})
    assert reply.status_code == status
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in reply.headers


def test_the_headers_a_page_needs_are_exposed(http: httpx2.Client) -> None:
    assert "x-mock-warning" in exposed(http.get("/v1/agents?limt=1", headers=PAGE))
    assert "allow" in exposed(http.put("/v1/calls", headers=PAGE))
    assert "www-authenticate" in exposed(http.get("/v1/calls", headers={**PAGE, "Authorization": ""}))


def test_a_page_switches_failures_latency_and_limits_on_and_off(http: httpx2.Client) -> None:
    for fault, status in (
        ({"status": 503}, 503),
        ({"latency": 0.01}, 200),
        ({"rate_limit": {"requests": 1, "seconds": 60}}, 429),
    ):
        added = http.post("/_mock/faults", json={"operation": "agents_list", **fault}, headers=PAGE)
        assert (added.status_code, added.headers["access-control-allow-origin"]) == (201, "*")
        if status == 429:
            assert http.get("/v1/agents", headers=PAGE).status_code == 200, "one is let through"
        spoilt = http.get("/v1/agents", headers=PAGE)
        assert (spoilt.status_code, spoilt.headers["access-control-allow-origin"]) == (status, "*")
        assert "fault" in spoilt.headers["x-mock-warning"]
        if status == 429:
            assert "retry-after" in exposed(spoilt)
        assert http.delete("/_mock/faults", headers=PAGE).json() == {"removed": 1}
    assert http.get("/v1/agents", headers=PAGE).status_code == 200


def test_a_dropped_connection_reaches_a_page_as_one(http: httpx2.Client) -> None:
    http.post("/_mock/faults", json={"operation": "agents_list", "connection": "drop", "times": 1}, headers=PAGE)
    with pytest.raises(httpx2.RemoteProtocolError):
        http.get("/v1/agents", headers=PAGE)
