"""Forms: whatever a client sends as one arrives as names and values, files included."""

from pathlib import Path
from urllib.parse import urlencode

import httpx2
import hypothesis.strategies as st
import pytest
import yaml
from caller import Caller
from hypothesis import given

from mockserver.assembly import build
from mockserver.errors import ApiError
from mockserver.settings import Settings
from mockserver.spec.forms import Upload, read_form

PATH = """
openapi: 3.1.0
info: {title: Voices, version: "1"}
paths:
  /voices:
    get:
      responses: {200: {description: ok, content: {application/json: {schema:
        {type: array, items: {$ref: "#/components/schemas/Voice"}}}}}}
    post:
      requestBody:
        required: true
        content:
          multipart/form-data: {schema: {$ref: "#/components/schemas/NewVoice"}}
          application/x-www-form-urlencoded: {schema: {$ref: "#/components/schemas/NewVoice"}}
      responses: {201: {description: made, content: {application/json: {schema:
        {$ref: "#/components/schemas/Voice"}}}}}
components:
  schemas:
    NewVoice:
      type: object
      required: [name, consent]
      properties:
        name: {type: string, minLength: 1}
        consent: {type: boolean}
        age: {type: integer, minimum: 18}
        tags: {type: array, items: {type: string}}
        audio: {type: string, format: binary}
    Voice:
      type: object
      required: [id, name, consent]
      properties:
        id: {type: integer}
        name: {type: string}
        consent: {type: boolean}
        age: {type: integer}
        tags: {type: array, items: {type: string}}
"""

NAMES = st.text(st.characters(min_codepoint=97, max_codepoint=122), min_size=1, max_size=8)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)


@given(
    fields=st.lists(st.tuples(NAMES, TEXTS), max_size=4), files=st.lists(st.tuples(NAMES, st.binary()), max_size=2)
)
def test_a_multipart_body_is_read_as_it_was_written(
    fields: list[tuple[str, str]], files: list[tuple[str, bytes]]
) -> None:
    parts = [(name, (None, text.encode(), "text/plain")) for name, text in fields]
    parts += [(name, ("a.mp3", data, "audio/mpeg")) for name, data in files]  # type: ignore[misc]
    if not parts:
        return
    request = httpx2.Request("POST", "http://mock.test/", files=parts)
    expected: dict[str, list[str | Upload]] = {}
    for name, text in fields:
        expected.setdefault(name, []).append(text)
    for name, data in files:
        expected.setdefault(name, []).append(Upload("a.mp3", "audio/mpeg", data))
    body = request.read()
    assert read_form(body, request.headers["content-type"]) == expected
    # The vendor's client labels such a body URL-encoded and names no boundary.
    assert read_form(body, "application/x-www-form-urlencoded") == expected


@given(fields=st.lists(st.tuples(NAMES, TEXTS)))
def test_a_url_encoded_body_is_read_as_it_was_written(fields: list[tuple[str, str]]) -> None:
    expected: dict[str, list[str]] = {}
    for name, text in fields:
        expected.setdefault(name, []).append(text)
    assert read_form(urlencode(fields).encode(), "application/x-www-form-urlencoded") == expected


@pytest.mark.parametrize(
    "body", [b"nothing like it", b"--", b"--a\r\nContent-Disposition: form-data", b"--a\r\n\x00"]
)
def test_what_is_no_form_is_refused(body: bytes) -> None:
    with pytest.raises(ApiError, match="Form parse error"):
        read_form(body, "multipart/form-data; boundary=a")


@pytest.fixture
def voices(tmp_path: Path) -> Caller:
    spec = tmp_path / "voices.yaml"
    spec.write_text(yaml.dump(yaml.safe_load(PATH)))
    app = build(Settings(spec=spec))
    return Caller(app, app.worlds.mint())


def test_a_form_without_a_field_is_one() -> None:
    assert read_form(b"--x--\r\n", "multipart/form-data; boundary=x") == {}


def test_a_form_creates_what_json_would(voices: Caller) -> None:
    parts = [
        ("name", (None, b"Ines", "text/plain")),
        ("consent", (None, b"True", "text/plain")),
        ("age", (None, b"30", "text/plain")),
        ("tags[]", (None, b"warm", "text/plain")),
        ("tags[]", (None, b"low", "text/plain")),
        ("audio", ("a.mp3", b"\xff\xfb\x00", "audio/mpeg")),
    ]
    request = httpx2.Request("POST", "http://mock.test/voices", files=parts)
    made = voices(
        "POST", "/voices", body=request.read(), headers={"content-type": request.headers["content-type"]}
    )
    assert made.status == 201, made.body
    assert {name: made.json[name] for name in ("name", "consent", "age", "tags")} == {
        "name": "Ines",
        "consent": True,
        "age": 30,
        "tags": ["warm", "low"],
    }
    assert voices.get("/voices").json == [made.json]


def test_a_wrong_field_is_named(voices: Caller) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    refused = voices("POST", "/voices", body=b"name=&age=17", headers=headers)
    assert refused.status == 400
    assert refused.json.keys() == {"name", "age", "consent"}
    assert voices.get("/voices").json == []
    assert voices("POST", "/voices", body=b"{}", headers={"content-type": "application/json"}).status == 415
