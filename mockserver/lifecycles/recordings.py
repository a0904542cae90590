"""The recording of a call: where it is stored and who is heard in it when."""

from datetime import UTC, datetime
from typing import Final

from mockserver import chance
from mockserver.clock import parse_iso
from mockserver.lifecycles import conversations
from mockserver.media.recording import Segment
from mockserver.simulation import views
from mockserver.world.store import Document
from mockserver.world.world import World

BUCKET: Final = "thunderphone-recordings"

_VOICES: Final = {"user": "user", "assistant": "assistant"}


def internal_path(world: World, call_id: int) -> str:
    """Where the vendor keeps the recording, as the call itself says; nothing answers there."""
    return f"gs://{BUCKET}/{world.organization}/{call_id}.mp3"


def object_path(world: World, call_id: int) -> str:
    """The recording's object path at the storage service; the organization comes first."""
    return f"{world.address}/{call_id}.mp3"


def signed_url(
    world: World,
    call_id: int,
    base_url: str,
    *,
    lifetime_seconds: int | None = None,
    bucket: str = BUCKET,
) -> str:
    """A URL that plays the recording, as long as the settings say unless a lifetime is given.

    `base_url` is how the server is reached.
    """
    return world.rules.signer.sign(
        base_url,
        object_path(world, call_id),
        now=datetime.fromtimestamp(world.clock.now_ms / 1000, UTC),
        lifetime_seconds=world.rules.url_seconds if lifetime_seconds is None else lifetime_seconds,
        bucket=bucket,
    )


def organization_and_call(path: str) -> tuple[str, int] | None:
    """What `object_path` was made of, or None for another path."""
    organization, _, name = path.partition("/")
    number = name.removesuffix(".mp3")
    return (organization, int(number)) if name.endswith(".mp3") and number.isdecimal() else None


def recorded_call(world: World, call_id: int) -> Document | None:
    """The call, if it exists and its recording is ready."""
    record = world["calls"].get(call_id)
    if record is None:
        return None
    call = record.document
    return None if call["recording_url"] is None else call


def segments(world: World, call_id: int) -> list[Segment]:
    """Who is heard when, as the transcript says; a tool is heard where it is called."""
    rows = views.transcript(conversations.of(world, call_id))
    return [
        Segment(_VOICES.get(row["role"], "tool"), row["start_ms"], row["end_ms"])
        for row in rows
        if row["end_ms"] > row["start_ms"]
    ]


def voice_seed(world: World, call_id: int) -> int:
    """What the speakers' pitch and words are chosen by."""
    return chance.number("voices", *conversations.parts(world, call_id))


def version(heard: list[Segment], duration_ms: int, seed: int) -> str:
    """Text that changes whenever what a recording is made of does."""
    return chance.token("recording", repr(heard), duration_ms, seed, length=32)


def finished_ms(call: Document) -> int:
    """When the recording was last written, in milliseconds since 1970."""
    return parse_iso(call["end_time"])
