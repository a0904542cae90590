"""Voices in the client's contract: cloned with time, listed with the others, heard, and asked for."""

import pytest
from caller import Answer, Caller

from mockserver.assembly import build
from mockserver.http.app import App
from mockserver.settings import Settings

CLONES = "/v1/voices/clones"


@pytest.fixture(scope="module")
def app() -> App:
    return build(Settings(contracts=("thunderphone-sdk-0.2",)))


@pytest.fixture
def api(app: App) -> Caller:
    return Caller(app, app.worlds.mint(world_name="demo"))


def clone(api: Caller, *, sample: bytes = b"RIFF", media_type: str = "audio/wav", consent: str = "True") -> Answer:
    fields = {"name": "Our founder", "language": "en-US", "consent": consent}
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{text}\r\n' for key, text in fields.items()
    ]
    audio = (
        f'--x\r\nContent-Disposition: form-data; name="audio"; filename="a"\r\nContent-Type: {media_type}\r\n\r\n'
    )
    body = "".join([*parts, audio]).encode() + sample + b"\r\n--x--\r\n"
    return api("POST", CLONES, body=body, headers={"content-type": "multipart/form-data; boundary=x"})


def test_a_clone_is_ready_after_a_while_and_then_a_voice_like_others(api: Caller) -> None:
    made = clone(api)
    assert (made.status, made.json["status"], made.json["sample_url"]) == (202, "processing", None)
    at = f"{CLONES}/{made.json['public_id']}"
    assert api.get(f"{at}/preview").status == 409
    assert api.get("/v1/voices?category=custom").json["voices"] == []
    api.settle()
    ready = api.get(at).json
    assert (ready["status"], ready["sample_url"]) == ("ready", f"http://mock.test{at}/preview")
    assert api.get(f"{at}/preview").body.startswith(b"\xff\xf3"), "MPEG-2 layer III"
    api.patch(at, {"display_name": "The boss"})
    (voice,) = api.get("/v1/voices?category=custom").json["voices"]
    assert (voice["id"], voice["name"], voice["languages"]) == (ready["name"], "The boss", ["en"])
    assert api.post("/v1/voices/preview", {"voice": voice["id"], "language": "en"}).status == 200
    assert api("DELETE", at).status == 204
    assert (api.get(at).status, api.get("/v1/voices?category=custom").json["voices"]) == (404, [])


def test_what_cannot_be_cloned_is_refused_or_fails(api: Caller) -> None:
    assert "consent" in clone(api, consent="False").json
    assert "audio" in clone(api, sample=b"").json
    text = clone(api, media_type="text/plain").json
    api.settle()
    failed = api.get(f"{CLONES}/{text['public_id']}").json
    assert (failed["status"], failed["failure_reason"]) == ("failed", "The sample is not audio.")


def test_more_clones_than_allowed_need_a_request_that_is_granted_later(api: Caller) -> None:
    most = api.get("/v1/voices/policy").json["max_custom_voices"]
    assert [clone(api).status for _ in range(most)] == [202] * most
    assert clone(api).json["code"] == "voice_limit_reached"
    assert api.get("/v1/voices/quota-requests/current").status == 404
    asked = api.post("/v1/voices/quota-requests", {"requested_count": most + 1, "note": "A voice for each shop."})
    assert (asked.status, asked.json["status"]) == (201, "pending")
    assert api.post("/v1/voices/quota-requests", {"requested_count": 50}).status == 409
    assert clone(api).status == 409
    api.settle()
    assert api.get("/v1/voices/quota-requests/current").json["status"] == "approved"
    policy = api.get("/v1/voices/policy").json
    assert (policy["max_custom_voices"], policy["used"]) == (most + 1, most)
    assert clone(api).status == 202


def test_a_preview_is_made_once_and_expires(api: Caller) -> None:
    wanted = {"voice": "de-DE-Lena1", "language": "de-DE", "text": "Guten Tag."}
    first = api.post("/v1/voices/preview", wanted).json
    again = api.post("/v1/voices/preview", wanted).json
    assert (first["cached"], again["cached"], first["id"]) == (False, True, again["id"])
    path = first["url"].removeprefix("http://mock.test")
    assert api.get(path).body.startswith(b"\xff\xf3")
    api.advance(3600)
    assert api.get(path).status == 404
    assert api.post("/v1/voices/preview", wanted).json["cached"] is False
    assert "language" in api.post("/v1/voices/preview", {**wanted, "language": "fr"}).json
    unknown = api.post("/v1/voices/preview", {**wanted, "voice": "de-DE-Lena"})
    assert (unknown.status, "de-DE-Lena1" in unknown.json["detail"]) == (404, True)
