"""Text messages: on their way, refused, tried again, answered; and a key that makes sending safe to repeat."""

from typing import Any

import pytest
from caller import Answer, Caller

from mockserver.lifecycles.texts import segments

THEIRS = "+14155550199"


def ours(demo: Caller) -> str:
    return str(next(each["number"] for each in demo.get("/v1/phone-numbers").json if each["sms_capable"]))


def send(demo: Caller, to: str = THEIRS, *, key: str = "one", **fields: Any) -> Answer:
    body = {"from_number": ours(demo), "to": to, "body": "See you at ten.", **fields}
    return demo.post("/v1/sms", body, headers={"idempotency-key": key})


def events(demo: Caller) -> list[tuple[str, str]]:
    told = demo.get("/_mock/events").json
    return [(each["type"], each["data"]["status"]) for each in told if each["type"].startswith("sms.")]


def test_a_text_is_sent_once_however_often_it_is_asked_for(demo: Caller) -> None:
    assert list(demo.post("/v1/sms", {"from_number": ours(demo), "to": THEIRS, "body": "Hi"}).json) == [
        "Idempotency-Key"
    ]
    first = send(demo)
    assert (first.status, first.json["status"], first.json["provider_id"]) == (201, "pending", "")
    assert send(demo).json == first.json
    assert send(demo, body="Something else").status == 409
    demo.settle()
    assert send(demo).json == first.json
    (shown,) = demo.get("/v1/sms").json["results"]
    assert demo.get(f"/v1/sms/{first.json['id']}").json == shown
    assert (shown["status"], shown["accepted_at"] > shown["created_at"]) == ("accepted", True)
    assert events(demo) == [("sms.sent", "accepted")]


def test_the_same_as_a_form(demo: Caller) -> None:
    form = f"from_number=%2B{ours(demo)[1:]}&to=%2B{THEIRS[1:]}&body=See+you".encode()
    headers = {"idempotency-key": "form", "content-type": "application/x-www-form-urlencoded"}
    assert demo("POST", "/v1/sms", body=form, headers=headers).json["body"] == "See you"


@pytest.mark.parametrize(
    ("end", "answered", "statuses", "attempts", "code"),
    [
        ("0404", 201, ["pending", "failed"], 1, "unknown_number"),
        ("0451", 201, ["pending", "failed"], 1, "blocked_content"),
        ("0500", 201, ["pending", "retrying", "failed"], 3, "carrier_unavailable"),
        ("0503", 201, ["pending", "retrying", "accepted"], 2, ""),
        ("0202", 202, ["unknown"], 1, ""),
    ],
)
def test_what_becomes_of_a_text(
    demo: Caller, end: str, answered: int, statuses: list[str], attempts: int, code: str
) -> None:
    sent = send(demo, f"+1415555{end}")
    assert sent.status == answered
    seen = [sent.json["status"]]
    for seconds in (2, 400):
        demo.advance(seconds)
        shown = demo.get(f"/v1/sms/{sent.json['id']}").json
        assert (shown["next_attempt_at"] is not None) == (shown["status"] == "retrying")
        seen += [shown["status"]] if shown["status"] != seen[-1] else []
    assert (seen, shown["attempt_count"], shown["error_code"]) == (statuses, attempts, code)


def test_who_texts_stop_gets_no_more_texts(demo: Caller) -> None:
    def said(word: str) -> None:
        answer = demo.post("/_mock/sms", {"from_number": THEIRS, "to_number": ours(demo), "body": word})
        assert answer.status == 201

    assert send(demo).status == 201
    said(" stop ")
    refused = send(demo, key="two")
    assert (refused.status, refused.json["code"]) == (409, "recipient_opted_out")
    assert send(demo, "+14155550198", key="three").status == 201
    said("START")
    assert send(demo, key="two").status == 201
    inbound = demo.get("/v1/sms?direction=inbound").json
    assert [each["body"] for each in inbound["results"]] == ["START", " stop "]
    assert ("sms.received", "accepted") in events(demo)


def test_who_may_send(demo: Caller) -> None:
    assert send(demo, from_number="+12025550123").status == 404
    demo.post("/v1/phone-numbers", {"area_code": "303"})
    fresh = next(each for each in demo.get("/v1/phone-numbers").json if each["status"] == "provisioning")
    assert send(demo, from_number=fresh["number"]).json["code"] == "number_inactive"
    demo.settle()
    assert send(demo, from_number=fresh["number"]).status == 201


@pytest.mark.parametrize(
    ("text", "count"),
    [("a" * 160, 1), ("a" * 161, 2), ("€" * 80, 1), ("€" * 81, 2), ("ж" * 70, 1), ("ж" * 71, 2), ("😀" * 36, 2)],
)
def test_how_many_messages_a_text_takes(text: str, count: int) -> None:
    assert segments(text) == count
