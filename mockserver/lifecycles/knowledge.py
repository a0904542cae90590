"""The life of a knowledge document: added, read in, found by searches; or failed, and tried again.

What a document says is kept apart from the document, so that lists and agents that show documents stay small.
Texts and text files are read as they are. The mock fetches no page and reads no other format: such a document says
so in one sentence. How long reading takes and how a text is cut are invented.
"""

import base64
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from mockserver.spec.forms import Upload
from mockserver.world.store import Document, Record
from mockserver.world.world import World

BASES: Final = "knowledge-bases"
DOCUMENTS: Final = "knowledge/documents"

CONTENTS: Final = "knowledge contents"
"""A collection of ours: no path has a space, so no contract has one of that name."""

QUEUED_SECONDS: Final = 1.0
READING_SECONDS: Final = 4.0
"""How long a document waits, and how long it is then read."""

CHUNK_CHARS: Final = 800
"""How much of a text is found at once."""

MOST_RESULTS: Final = 5

UNREACHABLE: Final = ".invalid"
"""Pages below this domain cannot be fetched: it is the one that never exists (RFC 2606)."""

_WORD: Final = re.compile(r"\w+")


class Source(NamedTuple):
    """What a document is made of: `fields` of the document, the text in it, and the file it came as, if it did."""

    fields: Document
    text: str
    original: bytes | None = None
    warnings: tuple[Document, ...] = ()


def of_text(name: str, text: str) -> Source:
    """A document that was typed."""
    fields = {"source_type": "text", "source_origin": None, "mime_type": "text/plain", "original_filename": ""}
    return Source({**fields, "name": name, "source_url": None}, text)


def of_file(file: Upload, name: str | None = None) -> Source:
    """A document that was uploaded, called as its file unless it has a name."""
    filename = file.filename or "document"
    fields = {
        "source_type": "file",
        "source_origin": "upload",
        "source_url": None,
        "name": name or filename,
        "original_filename": filename,
        "mime_type": file.media_type,
    }
    try:
        return Source(fields, file.data.decode("utf-8"), file.data)
    except UnicodeDecodeError:
        text = f"{filename} is a file of the type {file.media_type}, which this mock does not read."
        return Source(fields, text, file.data, ({"code": "not_read", "message": text},))


def of_url(url: str, name: str | None = None) -> Source:
    """A document made of a page, called as its address unless it has a name. Nothing is fetched."""
    host = urlsplit(url).hostname or ""
    fields = {
        "source_type": "file",
        "source_origin": "url",
        "source_url": url,
        "name": name or url,
        "original_filename": "",
        "mime_type": "text/html",
    }
    return Source(
        fields, "" if host.endswith(UNREACHABLE) else f"This is the page at {url}, which no mock fetches."
    )


def add(world: World, source: Source, *, uploaded_by: Document, base_id: str | None = None) -> Record:
    """A new document, waiting to be read; in a knowledge base, or in none."""
    document = {
        **source.fields,
        **_measured(source),
        "knowledge_base_id": base_id,
        "uploaded_by": uploaded_by,
        "status": "pending",
        "error": "",
        "fetched_at": None,
        "replaced_at": None,
    }
    record = world.create(DOCUMENTS, document)
    world[CONTENTS].add({"id": record.id, **_content(source)})
    _count(world, base_id)
    _queue(world, str(record.id))
    return record


def replace(world: World, record: Record, source: Source) -> Record:
    """The document made of something else; waiting to be read again."""
    world[CONTENTS].change(record.id, _content(source))
    world.change(DOCUMENTS, record.id, {**source.fields, **_measured(source), "replaced_at": world.now})
    return read_again(world, record)


def read_again(world: World, record: Record) -> Record:
    """The document, waiting to be read once more."""
    world.clock.cancel((DOCUMENTS, record.id))
    changed = world.change(DOCUMENTS, record.id, {"status": "pending", "error": "", "chunk_count": 0})
    _queue(world, str(record.id))
    return changed


def remove(world: World, record: Record) -> None:
    """Forget a document and what it says."""
    base_id = record.document["knowledge_base_id"]
    world.remove(DOCUMENTS, record.id)
    world[CONTENTS].remove(record.id)
    _count(world, base_id)


def start(world: World, document_id: str) -> None:
    """A document's turn has come: it is read now."""
    world.change(DOCUMENTS, document_id, {"status": "processing"})
    world.clock.after(READING_SECONDS, finish, (DOCUMENTS, document_id), document_id=document_id)


def finish(world: World, document_id: str) -> None:
    """A document has been read: it can be searched, or there was nothing in it."""
    record = world[DOCUMENTS].get(document_id)
    if record is None:
        return
    is_page = record.document["source_origin"] == "url"
    chunks = len(_chunks(text_of(world, document_id)))
    if not chunks:
        error = "The page could not be fetched: its host is unknown." if is_page else "There is no text in it."
        world.change(DOCUMENTS, document_id, {"status": "failed", "error": error})
        return
    fetched = {"fetched_at": world.now} if is_page else {}
    world.change(DOCUMENTS, document_id, {"status": "ready", "chunk_count": chunks, **fetched})


def text_of(world: World, document_id: str) -> str:
    """What a document says."""
    return str(_kept(world, document_id)["text"])


def original_of(world: World, document_id: str) -> bytes | None:
    """The file a document came as; None when it came as a text or from a page."""
    data = _kept(world, document_id)["original"]
    return None if data is None else base64.b64decode(data)


def search(world: World, query: str, records: Iterable[Record]) -> list[Document]:
    """The parts of documents with most of the query's words, the best first; of equal ones the earlier first."""
    words = frozenset(_WORD.findall(query.casefold()))
    found = sorted(_matches(world, words, records), key=lambda each: -each["score"])
    return found[:MOST_RESULTS]


def _matches(world: World, words: frozenset[str], records: Iterable[Record]) -> Iterator[Document]:
    for record in records:
        document = record.document
        if document["status"] != "ready":
            continue
        for index, chunk in enumerate(_chunks(text_of(world, str(record.id)))):
            hits = len(words & set(_WORD.findall(chunk.casefold())))
            if hits:
                yield {
                    "document_id": document["id"],
                    "document_name": document["name"],
                    "chunk_index": index,
                    "content": chunk,
                    "score": round(hits / len(words), 3),
                }


def _chunks(text: str) -> list[str]:
    """A text in parts of whole lines where it has lines short enough, and none without a word."""
    parts: list[str] = []
    for line in text.splitlines():
        pieces = [line[start : start + CHUNK_CHARS] for start in range(0, len(line), CHUNK_CHARS)]
        for piece in pieces:
            if parts and len(parts[-1]) + len(piece) < CHUNK_CHARS:
                parts[-1] += "\n" + piece
            else:
                parts.append(piece)
    return [part.strip() for part in parts if part.strip()]


def _measured(source: Source) -> Document:
    original = source.original
    return {
        "byte_count": len(source.text.encode("utf-8")),
        "chunk_count": 0,
        "estimated_chunk_count": len(_chunks(source.text)),
        "has_original": original is not None,
        "original_mime_type": None if original is None else source.fields["mime_type"],
        "original_size_bytes": None if original is None else len(original),
    }


def _content(source: Source) -> dict[str, Any]:
    original = None if source.original is None else base64.b64encode(source.original).decode("ascii")
    return {"text": source.text, "original": original}


def _kept(world: World, document_id: str) -> Document:
    record = world[CONTENTS].get(document_id)
    assert record is not None, "every document has its content"
    return record.document


def _queue(world: World, document_id: str) -> None:
    world.clock.after(QUEUED_SECONDS, start, (DOCUMENTS, document_id), document_id=document_id)


def _count(world: World, base_id: str | None) -> None:
    """Have a knowledge base say how many documents it has."""
    if base_id is not None and base_id in world[BASES]:
        count = world[DOCUMENTS].counts("knowledge_base_id").get(base_id, 0)
        world.change(BASES, base_id, {"document_count": count})
