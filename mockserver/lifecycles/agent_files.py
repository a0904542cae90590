"""The life of a file that an agent shall read: it is uploaded, processed, and ready."""

from typing import Final

from mockserver.errors import ApiError
from mockserver.world.store import Record
from mockserver.world.world import World

FILES: Final = "v2/knowledge"

PROCESSING_SECONDS: Final = 20.0
"""From the upload to a file that is ready (invented)."""

_MEGABYTE: Final = 1024 * 1024
_LARGEST: Final = {
    **dict.fromkeys(("pdf", "docx", "doc", "csv", "xlsx", "xls"), 50 * _MEGABYTE),
    **dict.fromkeys(("txt", "md", "json"), 10 * _MEGABYTE),
}
"""How large a file of each kind may be."""


def add(world: World, agent_id: int, name: str, size: int) -> Record:
    """A file of `size` bytes that is being processed. Raises ApiError 415 for its kind, 413 for its size."""
    _, _, kind = name.rpartition(".")
    kind = kind.lower()
    if kind not in _LARGEST:
        known = ", ".join(_LARGEST)
        raise ApiError(f"Unsupported file type: {name!r}. Taken are {known}.", status=415)
    if size > _LARGEST[kind]:
        most = _LARGEST[kind] // _MEGABYTE
        raise ApiError(f"{name!r} is larger than the {most} MB a {kind} file may have.", status=413)
    file = world.create(
        FILES,
        {"agent_id": agent_id, "name": name, "type": kind, "status": "processing", "created_at": world.now},
    )
    world.clock.after(PROCESSING_SECONDS, ready, (FILES, file.id), file_id=file.id)
    return file


def ready(world: World, file_id: int) -> None:
    """The file has been read."""
    world.change(FILES, file_id, {"status": "ready"})
