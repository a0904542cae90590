"""Voices, clones and previews."""

from typing import Any, Final

from sdk.wire import Wire

FORM: Final = (
    b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nOur founder\r\n'
    b'--x\r\nContent-Disposition: form-data; name="language"\r\n\r\nen-US\r\n'
    b'--x\r\nContent-Disposition: form-data; name="consent"\r\n\r\ntrue\r\n'
    b'--x\r\nContent-Disposition: form-data; name="audio"; filename="founder.wav"\r\n'
    b"Content-Type: audio/wav\r\n\r\n"
    b"RIFF....WAVE\r\n--x--\r\n"
)


def clone(wire: Wire) -> Any:
    headers = {"content-type": "multipart/form-data; boundary=x"}
    made = wire.post("/v1/voices/clones", content=FORM, headers=headers).json
    wire.settle()
    return made["public_id"]


def preview(wire: Wire) -> Any:
    return wire.post("/v1/voices/preview", {"voice": "en-US-James1", "language": "en"}).json["id"]


PATH: Final = {
    **{
        (f"voices_clones_{operation}", "public_id"): clone
        for operation in ("retrieve", "partial_update", "delete", "preview_list")
    },
    ("voices_previews_retrieve", "public_id"): preview,
}
BODY: Final = {
    ("voices_clones_create", "audio"): lambda wire: b"RIFF....WAVE",
    ("voices_clones_create", "language"): lambda wire: "en-US",
    ("voices_clones_create", "name"): lambda wire: "Our founder",
    ("voices_preview_create", "voice"): lambda wire: "en-US-James1",
    ("voices_preview_create", "language"): lambda wire: "en-US",
}
EXTRA: Final = {"voices_quota_requests_create": {"requested_count": 5}}
BEFORE: Final = {
    "voices_quota_requests_current_list": lambda wire: wire.post(
        "/v1/voices/quota-requests", {"requested_count": 5}
    )
}
