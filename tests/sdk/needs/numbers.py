"""Phone numbers and their labels."""

from collections.abc import Mapping
from typing import Any, Final

from sdk.wire import Wire


def first_agent(wire: Wire) -> Any:
    return wire.get("/v1/agents").json[0]["id"]


def demo_number(wire: Wire) -> Any:
    return next(each["id"] for each in wire.get("/v1/phone-numbers").json if each["source"] == "demo")


def voip_number(wire: Wire) -> Any:
    return next(each["id"] for each in wire.get("/v1/phone-numbers").json if each["source"] == "voip")


def label(wire: Wire) -> Any:
    return wire.post("/v1/phone-number-labels", {"phone_number": "+14155550177", "label": "Head office"}).json[
        "id"
    ]


def other_organization(wire: Wire) -> Any:
    return wire.post("/v1/orgs/", {"name": "Second"}).json["id"]


PATH: Final = {
    "phone_number_id": demo_number,
    ("phone_numbers_verify_voip", "phone_number_id"): voip_number,
    ("phone_numbers_test_inbound", "phone_number_id"): voip_number,
    "label_id": label,
}
BODY: Final = {("phone_numbers_transfer", "target_org_id"): other_organization}
EXTRA: Final[Mapping[str, Any]] = {
    "phone_numbers_partial_update": {"label": "Front desk", "webhook_url": "http://127.0.0.1:9/hook"},
    "phone_numbers_update": {"label": "Front desk"},
}
QUERY: Final[Mapping[str, Any]] = {"phone_numbers_delete": {"confirm": True}}
