"""Alerts about the API itself: told to whoever is on call, acknowledged by a link or by a machine."""

import pytest
from caller import Caller

from mockserver.assembly import build
from mockserver.http.app import App
from mockserver.settings import Settings

AZURE = "/v1/monitoring/azure-alert"


@pytest.fixture(scope="module")
def app() -> App:
    return build(Settings(contracts=("thunderphone-sdk-0.2",)))


@pytest.fixture
def api(app: App) -> Caller:
    return Caller(app, app.worlds.mint(world_name="empty"))


def fire(api: Caller, condition: str = "Fired") -> bool:
    essentials = {"alertRule": "api-down", "severity": "Sev0", "monitorCondition": condition}
    delivered: bool = api.post(AZURE, {"data": {"essentials": essentials}}).json["delivered"]
    return delivered


def test_an_incident_is_acknowledged_by_its_link_without_a_key(api: Caller) -> None:
    assert fire(api)
    email = api.get("/_mock/emails").json[-1]
    assert (email["subject"], email["link"].endswith(email["token"])) == ("Sev0: api-down", True)
    path = email["link"].removeprefix("http://mock.test")
    anybody = Caller(api.app, None)
    assert anybody.get(path).body == b"api-down is acknowledged.\n"
    assert fire(api, "Resolved")
    assert anybody.get(path).body == b"api-down is resolved.\n"
    assert anybody.get("/v1/monitoring/ack/nothing").status == 404


def test_a_machine_acknowledges_what_is_open_of_a_rule(api: Caller) -> None:
    wanted = {"actor": "watcher", "rule": "api-down"}
    assert api.post("/v1/monitoring/auto-ack", wanted).json == {"ok": True, "acknowledged": False}
    fire(api)
    assert api.post("/v1/monitoring/auto-ack", {**wanted, "rule": "other"}).json["acknowledged"] is False
    assert api.post("/v1/monitoring/auto-ack", wanted).json["acknowledged"] is True
    assert api.post("/v1/monitoring/auto-ack", wanted).json["acknowledged"] is False


def test_alerts_that_say_nothing_tell_nobody(api: Caller) -> None:
    assert api.post(AZURE, {"data": []}).json == {"ok": True, "delivered": False}
    glitchtip = "/v1/monitoring/glitchtip-alert"
    assert api.post(glitchtip, {"attachments": [{}]}).json == {"ok": True, "delivered": False}
    assert api.post(glitchtip, {"attachments": [{"title": "KeyError"}]}).json["delivered"] is True
    assert [each["subject"] for each in api.get("/_mock/emails").json] == ["KeyError"]


def test_the_heartbeat_is_public(api: Caller) -> None:
    products = Caller(api.app, None).get("/v1/status/heartbeat").json["products"]
    assert [each["product"] for each in products] == ["spark", "bolt", "storm"]
