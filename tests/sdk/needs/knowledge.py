"""Knowledge bases and documents."""

from collections.abc import Mapping
from typing import Any, Final

from sdk.wire import Wire

FORM: Final = (
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="opening-hours.txt"\r\n'
    b"Content-Type: text/plain\r\n\r\nOpen from nine to five.\r\n--x--\r\n"
)
BASE: Final = "/v1/knowledge-bases"


def text(wire: Wire) -> Any:
    body = {"name": "Opening hours", "content": "Open from nine to five."}
    return wire.post("/v1/knowledge/documents", body).json["documents"][0]["id"]


def file(wire: Wire) -> Any:
    headers = {"content-type": "multipart/form-data; boundary=x"}
    made = wire.post("/v1/knowledge/documents", content=FORM, headers=headers)
    return made.json["documents"][0]["id"]


def page(wire: Wire) -> Any:
    return wire.post("/v1/knowledge/documents/import-url", {"url": "https://example.com/"}).json["document"]["id"]


def failed_page(wire: Wire) -> Any:
    made = wire.post("/v1/knowledge/documents/import-url", {"url": "https://shop.invalid/"}).json["document"]
    wire.settle()
    return made["id"]


def base(wire: Wire) -> Any:
    bases = wire.get(BASE).json
    return bases[0]["id"] if bases else wire.post(BASE, {"name": "Shop"}).json["id"]


def document_in_base(wire: Wire) -> Any:
    body = {"name": "Opening hours", "content": "Open from nine to five."}
    return wire.post(f"{BASE}/{base(wire)}/documents", body).json["id"]


def blank_document_in_base(wire: Wire) -> Any:
    made = wire.post(f"{BASE}/{base(wire)}/documents", {"name": "Nothing", "content": " "}).json
    wire.settle()
    return made["id"]


PATH: Final[Mapping[str | tuple[str, str], Any]] = {
    "knowledge_base_id": base,
    "document_id": text,
    ("knowledge_documents_original_list", "document_id"): file,
    ("knowledge_documents_refresh", "document_id"): page,
    ("knowledge_documents_retry", "document_id"): failed_page,
    ("knowledge_bases_documents_retry", "document_id"): blank_document_in_base,
    ("knowledge_bases_documents_delete", "document_id"): document_in_base,
    ("knowledge_bases_documents_partial_update", "document_id"): document_in_base,
}
BODY: Final = {
    ("knowledge_documents_import_url", "url"): lambda wire: "https://example.com/hours",
    ("knowledge_documents_replace", "file"): lambda wire: b"Open from ten to six.",
}
EXTRA: Final[Mapping[str, Any]] = {
    "knowledge_documents_create": {"name": "Opening hours", "content": "Open from nine to five."},
    "knowledge_documents_partial_update": {"content": "Open from ten to six."},
    "knowledge_bases_documents": {"name": "Opening hours", "content": "Open from nine to five."},
    "knowledge_bases_documents_partial_update": {"name": "Hours"},
    "knowledge_bases_partial_update": {"name": "Shop"},
}
