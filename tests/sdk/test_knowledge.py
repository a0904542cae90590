"""Knowledge in the client's contract: read in with time, searched, replaced, kept in bases, linked to agents."""

from typing import Any

import pytest
from caller import Answer, Caller

from mockserver.assembly import build
from mockserver.http.app import App
from mockserver.settings import Settings

DOCUMENTS = "/v1/knowledge/documents"
BASES = "/v1/knowledge-bases"
HOURS = "Open from nine to five.\nClosed on public holidays."


@pytest.fixture(scope="module")
def app() -> App:
    return build(Settings(contracts=("thunderphone-sdk-0.2",)))


@pytest.fixture
def api(app: App) -> Caller:
    return Caller(app, app.worlds.mint(world_name="demo"))


def upload(api: Caller, target: str, *files: tuple[str, str, bytes], field: str = "file") -> Answer:
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'.encode()
        + f"Content-Type: {media_type}\r\n\r\n".encode()
        + data
        + b"\r\n"
        for name, media_type, data in files
    ]
    headers = {"content-type": "multipart/form-data; boundary=x"}
    return api("POST", target, body=b"".join(parts) + b"--x--\r\n", headers=headers)


def typed(api: Caller, name: str = "Hours", content: str = HOURS) -> Any:
    (document,) = api.post(DOCUMENTS, {"name": name, "content": content}).json["documents"]
    return document


def found(api: Caller, query: str, at: str = "/v1/knowledge/search", **body: Any) -> list[str]:
    return [each["document_name"] for each in api.post(at, {"query": query, **body}).json["results"]]


def test_a_document_is_searched_once_it_has_been_read(api: Caller) -> None:
    document = typed(api)
    assert (document["status"], document["chunk_count"]) == ("pending", 0)
    assert found(api, "When are you open?") == []
    api.advance(1)
    assert api.get(f"{DOCUMENTS}/{document['id']}").json["status"] == "processing"
    api.settle()
    read = api.get(f"{DOCUMENTS}/{document['id']}").json
    assert (read["status"], read["chunk_count"], read["content"]) == ("ready", 1, HOURS)
    typed(api, "Refunds", "Refunds take five days.")
    api.settle()
    assert found(api, "open holidays") == ["Hours"]
    assert found(api, "five") == ["Hours", "Refunds"]
    assert found(api, "five", document_ids=[document["id"]]) == ["Hours"]
    assert api("DELETE", f"{DOCUMENTS}/{document['id']}").status == 204
    assert found(api, "five") == ["Refunds"]
    gone = api.post("/v1/knowledge/search", {"query": "five", "document_ids": [document["id"]]})
    assert gone.status == 404


def test_files_keep_their_original_and_tell_what_was_not_read(api: Caller) -> None:
    scan = b"%PDF-\xff\xfe"
    made = upload(
        api,
        DOCUMENTS,
        ("hours.txt", "text/plain", HOURS.encode()),
        ("scan.pdf", "application/pdf", scan),
        field="files",
    ).json
    assert [each["name"] for each in made["documents"]] == ["hours.txt", "scan.pdf"]
    assert [each["code"] for each in made["warnings"]] == ["not_read"]
    at = f"{DOCUMENTS}/{made['documents'][1]['id']}"
    original = api.get(f"{at}/original")
    assert (original.body, 'filename="scan.pdf"' in original.headers["content-disposition"]) == (scan, True)
    replaced = upload(api, f"{at}/replace", ("hours.txt", "text/plain", b"Open all night.")).json["document"]
    assert (replaced["name"], replaced["status"], replaced["original_filename"]) == (
        "scan.pdf",
        "pending",
        "hours.txt",
    )
    api.settle()
    assert "scan.pdf" in found(api, "night")
    assert api.get(f"{DOCUMENTS}/{typed(api)['id']}/original").status == 404


def test_a_page_that_cannot_be_fetched_fails_and_may_be_tried_again(api: Caller) -> None:
    pages = [
        api.post(f"{DOCUMENTS}/import-url", {"url": url}).json["document"]
        for url in ("https://shop.invalid/hours", "https://example.com/hours")
    ]
    api.settle()
    lost, read = [api.get(f"{DOCUMENTS}/{page['id']}").json for page in pages]
    assert (lost["status"], lost["fetched_at"], bool(lost["error"])) == ("failed", None, True)
    assert (read["status"], read["fetched_at"] is not None, read["error"]) == ("ready", True, "")
    again = api.post(f"{DOCUMENTS}/{lost['id']}/retry").json
    assert (again["status"], again["error"]) == ("pending", "")
    assert api.post(f"{DOCUMENTS}/{read['id']}/retry").status == 409
    assert api.post(f"{DOCUMENTS}/{read['id']}/refresh").json["status"] == "pending"
    assert api.post(f"{DOCUMENTS}/{typed(api)['id']}/refresh").status == 409
    for url in ("http://localhost/", "http://127.0.0.1/", "ftp://example.com/"):
        assert api.post(f"{DOCUMENTS}/import-url", {"url": url}).status == 400


def test_a_base_counts_searches_and_takes_along_its_own_documents(api: Caller) -> None:
    typed(api)
    base = api.post(BASES, {"name": "Shop"}).json
    at = f"{BASES}/{base['id']}"
    inside = api.post(f"{at}/documents", {"name": "Inside", "content": "Open on Sundays."}).json
    api.settle()
    assert api.get(at).json["document_count"] == 1
    assert [each["id"] for each in api.get(f"{at}/documents").json] == [inside["id"]]
    assert len(api.get(DOCUMENTS).json) == 2
    assert found(api, "open", f"{at}/search") == ["Inside"]
    other = api.post(BASES, {"name": "Empty"}).json
    assert api.patch(f"{BASES}/{other['id']}/documents/{inside['id']}", {"name": "Mine"}).status == 404
    assert api.patch(f"{at}/documents/{inside['id']}", {"content": "Closed."}).json["status"] == "pending"
    assert api("DELETE", at).status == 204
    assert [each["name"] for each in api.get(DOCUMENTS).json] == ["Hours"]
