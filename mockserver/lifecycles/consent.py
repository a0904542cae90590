"""Announcements that a call is recorded: what they say, who answers for it, and what they sound like.

The wording and the sound are invented; the vendor publishes only that an attestation is kept with the hash of its
text, and that an announcement is fetched by one.
"""

from hashlib import sha256
from typing import Final

from mockserver import chance
from mockserver.media.recording import Segment, render_mp3
from mockserver.world.store import Document
from mockserver.world.world import World

ANNOUNCEMENTS: Final = "consent-announcements"
ATTESTATIONS: Final = "agents/consent-attestations"

REPLACED: Final = "Replaced by a newer attestation."

_STATEMENT: Final = "This call may be recorded. By staying on the line you agree to that."
_WORD_MS: Final = 340


def statement(version: str, locale: str) -> str:
    """The text that is attested when the caller sends none."""
    return f"{_STATEMENT} ({locale}, {version})"


def hash_of(text: str) -> str:
    """What an announcement is found by: the SHA-256 of its text, in hexadecimal."""
    return sha256(text.encode("utf-8")).hexdigest()


def keep(world: World, text: str) -> str:
    """Have an announcement found by its hash from now on; the hash."""
    found = hash_of(text)
    if found not in world[ANNOUNCEMENTS]:
        world.create(ANNOUNCEMENTS, {"asset_hash": found, "text": text})
    return found


def keep_of(world: World, agent: Document) -> None:
    """Keep the announcement that calls of this agent begin with, if they do."""
    if agent.get("consent_announcement_enabled") and agent.get("consent_announcement_text"):
        keep(world, agent["consent_announcement_text"])


def evidence(world: World, agent: Document) -> Document:
    """What a call that begins says of the announcement it begins with: nothing, where there is none."""
    if not agent.get("consent_announcement_enabled"):
        return {}
    locale = agent.get("primary_language") or "en-US"
    text = agent.get("consent_announcement_text") or _STATEMENT
    said = {"asset_hash": keep(world, text), "announced_at": world.now, "locale": locale}
    return {"consent_evidence": said}


def spoken(text: str) -> bytes:
    """An announcement as MP3: babble, as long as it would take to say it."""
    duration_ms = _WORD_MS * max(1, len(text.split()))
    return render_mp3([Segment("assistant", 0, duration_ms)], duration_ms, seed=chance.number("consent", text))


def replace_active(world: World, agent_id: int, locale: str) -> None:
    """Revoke the agent's attestation for this locale, if there is one: a newer one follows."""
    page = world[ATTESTATIONS].page(where={"agent_id": agent_id}, limit=len(world[ATTESTATIONS]) + 1)
    for record in page.records:
        found = record.document
        if (found["locale"], found["status"]) == (locale, "active"):
            revoked = {"status": "revoked", "status_reason": REPLACED, "status_updated_at": world.now}
            world.change(ATTESTATIONS, record.id, revoked)
