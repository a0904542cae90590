"""Knowledge: documents typed, uploaded or taken from a page, on their own or in knowledge bases, and searches."""

from collections.abc import Iterable
from typing import Any

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Raw, Reply
from mockserver.errors import Conflict, InvalidInput, NotFound
from mockserver.lifecycles import knowledge, members
from mockserver.lifecycles.knowledge import BASES, DOCUMENTS, Source
from mockserver.spec.forms import Upload
from mockserver.world.store import Document, Record
from mockserver.world.world import World


def knowledge_documents_create(world: World, inputs: Inputs) -> Reply:
    """One document of a text, or one of each file."""
    sources = _sources(inputs)
    records = [knowledge.add(world, source, uploaded_by=_caller(world, inputs)) for source in sources]
    warnings = [warning for source in sources for warning in source.warnings]
    return Reply({"documents": [record.document for record in records], "warnings": warnings})


def knowledge_documents_import_url(world: World, inputs: Inputs) -> Reply:
    """A document of a page, which is fetched later."""
    body = inputs.body
    record = knowledge.add(
        world, knowledge.of_url(body["url"], body.get("name")), uploaded_by=_caller(world, inputs)
    )
    return Reply({"document": record.document, "warnings": []})


def knowledge_documents_retrieve(world: World, inputs: Inputs) -> Reply:
    """The document with what it says."""
    record = defaults.record_of(world, inputs)
    return Reply({**record.document, "content": knowledge.text_of(world, str(record.id))})


def knowledge_documents_partial_update(world: World, inputs: Inputs) -> Reply:
    """The document renamed, or made of something else and waiting to be read again."""
    record = defaults.record_of(world, inputs)
    body = defaults.given(inputs)
    name = str(body.get("name", record.document["name"]))
    files = _files(inputs)
    if files:
        return Reply(knowledge.replace(world, record, knowledge.of_file(files[0], name)))
    if "content" in body:
        return Reply(knowledge.replace(world, record, knowledge.of_text(name, body["content"])))
    return Reply(world.change(DOCUMENTS, record.id, {"name": name}))


def knowledge_documents_delete(world: World, inputs: Inputs) -> Reply:
    """Nothing; the document is in no search and no agent any more."""
    knowledge.remove(world, defaults.record_of(world, inputs))
    return Reply(None)


def knowledge_documents_replace(world: World, inputs: Inputs) -> Reply:
    """The document made of another file; it keeps its name unless it is given one."""
    record = defaults.record_of(world, inputs)
    name = defaults.given(inputs).get("name", record.document["name"])
    source = knowledge.of_file(_files(inputs)[0], name)
    return Reply(
        {"document": knowledge.replace(world, record, source).document, "warnings": list(source.warnings)}
    )


def knowledge_documents_refresh(world: World, inputs: Inputs) -> Reply:
    """The document, its page to be fetched again. Raises Conflict for one that is no page."""
    record = defaults.record_of(world, inputs)
    if record.document["source_origin"] != "url":
        raise Conflict("Only documents from a URL can be refreshed; replace this one instead.")
    return Reply(knowledge.read_again(world, record))


def knowledge_documents_retry(world: World, inputs: Inputs) -> Reply:
    """The document, to be read again. Raises Conflict for one that has not failed."""
    record = defaults.record_of(world, inputs)
    status = record.document["status"]
    if status != "failed":
        raise Conflict(f"Only documents that failed can be tried again; this one is {status}.")
    return Reply(knowledge.read_again(world, record))


def knowledge_documents_original_list(world: World, inputs: Inputs) -> Reply:
    """The file as it was uploaded. Raises NotFound for a document that never was a file."""
    record = defaults.record_of(world, inputs)
    data = knowledge.original_of(world, str(record.id))
    if data is None:
        raise NotFound("Not found: this document was not uploaded as a file.")
    # Names are text of the client's; only what every header can carry is put into one.
    name = "".join(each for each in record.document["original_filename"] if each.isalnum() or each in "._- ")
    shown = name.encode("ascii", "replace").decode("ascii")
    return Reply(
        Raw(data, "application/octet-stream"), headers={"Content-Disposition": f'attachment; filename="{shown}"'}
    )


def knowledge_search_create(world: World, inputs: Inputs) -> Reply:
    """What documents say about a question: those that were named, or all."""
    return Reply(
        {"results": knowledge.search(world, inputs.body["query"], _searched(world, inputs, world[DOCUMENTS]))}
    )


def knowledge_bases_documents(world: World, inputs: Inputs) -> Reply:
    """A document of a text or a file, in a knowledge base."""
    base = _base(world, inputs)
    (source,) = _sources(inputs)[:1]
    return Reply(knowledge.add(world, source, uploaded_by=_caller(world, inputs), base_id=str(base.id)))


def knowledge_bases_delete(world: World, inputs: Inputs) -> Reply:
    """Nothing; the knowledge base and its documents are gone."""
    base = _base(world, inputs)
    for record in _in_base(world, base):
        knowledge.remove(world, record)
    world.remove(BASES, base.id)
    return Reply(None)


def knowledge_bases_search(world: World, inputs: Inputs) -> Reply:
    """What the documents of a knowledge base say about a question."""
    within = _in_base(world, _base(world, inputs))
    return Reply({"results": knowledge.search(world, inputs.body["query"], _searched(world, inputs, within))})


def _sources(inputs: Inputs) -> list[Source]:
    """What a request brings: a text, or files. Raises InvalidInput when it brings neither."""
    body = defaults.given(inputs)
    if "content" in body:
        return [knowledge.of_text(body["name"], body["content"])]
    files = _files(inputs)
    if not files:
        raise InvalidInput({"file": ["Send a name and its content as JSON, or a file as a form."]})
    # One name is no name for several files.
    return [knowledge.of_file(file, body.get("name") if len(files) == 1 else None) for file in files]


def _files(inputs: Inputs) -> list[Upload]:
    body: Any = inputs.body if isinstance(inputs.body, dict) else {}
    given = [body.get("file"), *body.get("files", ())]
    return [each for each in given if isinstance(each, Upload)]


def _searched(world: World, inputs: Inputs, within: Iterable[Record]) -> list[Record]:
    """The documents a search is over. Raises NotFound for one that is named and not among them."""
    records = list(within)
    named = inputs.body.get("document_ids")
    if named is None:
        return records
    known = {record.id: record for record in records}
    for identity in named:
        if identity not in known:
            raise NotFound(f"Not found: document_ids has {identity}, which is no document here.")
    return [known[identity] for identity in named]


def _base(world: World, inputs: Inputs) -> Record:
    return defaults.find(world, BASES, "knowledge_base_id", inputs)


def _in_base(world: World, base: Record) -> list[Record]:
    return world[DOCUMENTS].page(where={"knowledge_base_id": base.id}, limit=len(world[DOCUMENTS])).records


def _caller(world: World, inputs: Inputs) -> Document:
    """Who adds a document."""
    member = members.require(world, inputs.request.user_id, "member")
    return {"id": member["user_id"], "email": member["email"]}
