"""Voices: those that are shipped, those cloned from a sample, previews of both, and wishes for more clones.

All numbers are invented: how long cloning and a review take, how many clones there may be, how long a preview
lives.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from mockserver import chance, shipped
from mockserver.clock import iso
from mockserver.errors import Conflict, NotFound, nearest
from mockserver.media.recording import Segment, render_mp3
from mockserver.simulation.languages import language_of
from mockserver.spec.forms import Upload
from mockserver.world.store import Document, Record
from mockserver.world.world import World

CLONES: Final = "voices/clones"
PREVIEWS: Final = "voices/previews"
QUOTA_REQUESTS: Final = "voices/quota-requests"

CLONING_SECONDS: Final = 20.0
REVIEW_SECONDS: Final = 3_600.0
PREVIEW_SECONDS: Final = 3_600
MOST_CLONES: Final = 3
SURCHARGE_CENTS: Final = 1
SHORT_SAMPLE_BYTES: Final = 50_000
"""Samples below this are taken with a warning: a few seconds of speech are larger."""

_MS_PER_CHAR: Final = 60
_LONGEST_MS: Final = 15_000


@cache
def catalogue() -> tuple[Mapping[str, Any], ...]:
    """The shipped voices, read once; nobody can change them."""
    import yaml

    text = (shipped.folder("fixtures") / "voices.yaml").read_text(encoding="utf-8")
    return tuple(MappingProxyType(voice) for voice in yaml.safe_load(text))


def available(world: World) -> list[Document]:
    """Every voice an agent may have: the shipped ones, and the clones that are ready."""
    clones = [_as_voice(clone) for record in world[CLONES] if (clone := record.document)["status"] == "ready"]
    return [*map(dict, catalogue()), *clones]


def named(world: World, identity: str) -> Document:
    """The voice with this id. Raises NotFound, with the nearest id, when there is none."""
    known = {voice["id"]: voice for voice in available(world)}
    if identity not in known:
        raise NotFound(f"Not found: there is no voice {identity}.{nearest(identity, known)}")
    return known[identity]


def most_clones(world: World) -> int:
    """How many clones the organization may have: more since a wish for more was granted."""
    granted: list[int] = [
        record.document["requested_count"]
        for record in world[QUOTA_REQUESTS]
        if (record.document["kind"], record.document["status"]) == ("custom_voices", "approved")
    ]
    return max([MOST_CLONES, *granted])


def clone(world: World, *, display_name: str, language: str, gender: str | None, sample: Upload) -> Record:
    """A new clone of the voice in a sample, ready in 20 s; a sample that is no audio fails.

    Raises Conflict when there are as many clones as there may be.
    """
    if len(world[CLONES]) >= most_clones(world):
        raise Conflict(
            f"You have {len(world[CLONES])} custom voices already; delete one, or ask for more "
            "(POST /v1/voices/quota-requests).",
            code="voice_limit_reached",
        )
    public_id = "cv_" + chance.token("voice clone", world.seed, world.organization, world.count(CLONES), length=12)
    short = len(sample.data) < SHORT_SAMPLE_BYTES
    record = world.create(
        CLONES,
        {
            "public_id": public_id,
            "name": f"custom-{public_id}",
            "display_name": display_name,
            "language": language,
            "gender": gender,
            "status": "processing",
            "failure_reason": "",
            "warnings": ["The sample is short; a longer one sounds better."] if short else [],
            "sample_url": None,
        },
    )
    is_audio = not sample.media_type.startswith(("text/", "image/"))
    world.clock.after(CLONING_SECONDS, finish, (CLONES, public_id), public_id=public_id, is_audio=is_audio)
    return record


def finish(world: World, public_id: str, is_audio: bool) -> None:
    """A clone is ready, or its sample could not be used."""
    if is_audio:
        world.change(CLONES, public_id, {"status": "ready"})
    else:
        world.change(CLONES, public_id, {"status": "failed", "failure_reason": "The sample is not audio."})


def preview(world: World, voice: Document, language: str, text: str) -> tuple[Document, bool]:
    """A preview, and whether it was there already: the same text in the same voice is kept while it lives."""
    identity = chance.token("preview", voice["id"], language, text, length=20)
    record = world[PREVIEWS].get(identity)
    if record is not None and world.now < record.document["expires_at"]:
        return record.document, True
    if record is not None:
        world[PREVIEWS].remove(identity)
    expires_at = iso(world.clock.now_ms + PREVIEW_SECONDS * 1000)
    length_ms = min(_LONGEST_MS, 1_000 + _MS_PER_CHAR * len(text))
    document = {"id": identity, "voice": voice["id"], "length_ms": length_ms, "expires_at": expires_at}
    return world[PREVIEWS].add(document).document, False


def speech(voice: str, length_ms: int) -> bytes:
    """What a voice sounds like, as MP3: babble at a pitch of its own, like all voices here."""
    heard = Segment("assistant", 200, length_ms - 200)
    return render_mp3([heard], length_ms, seed=chance.number("voice preview", voice))


def ask_for_more(world: World, fields: Document) -> Record:
    """A new wish for more of something, granted after an hour.

    Raises Conflict while another for the same is being looked at.
    """
    for record in world[QUOTA_REQUESTS]:
        if (record.document["kind"], record.document["status"]) == (fields["kind"], "pending"):
            raise Conflict(f"There is a request for {fields['kind']} already; wait until it is resolved.")
    number = world.next_number(QUOTA_REQUESTS)
    record = world[QUOTA_REQUESTS].add(
        {**fields, "id": number, "status": "pending", "created_at": world.now, "resolved_at": None}
    )
    world.clock.after(REVIEW_SECONDS, approve, (QUOTA_REQUESTS, number), request_id=number)
    return record


def approve(world: World, request_id: int) -> None:
    """A wish for more is granted."""
    world[QUOTA_REQUESTS].change(request_id, {"status": "approved", "resolved_at": world.now})


def _as_voice(clone: Document) -> Document:
    """A clone as the catalogue shows voices."""
    return {
        "id": clone["name"],
        "name": clone["display_name"],
        "gender": clone["gender"] or "neutral",
        "category": "custom",
        "languages": [language_of(clone["language"])],
        "accent": None,
        "description": "A voice of your own",
    }
