"""What an organization attests: that it has consent to call people, and that an agent handles health data.

There is one attestation in force at a time (one per agent for health data). A newer text supersedes it; sending it
with `accepted: false` revokes it. That an organization begins with its confirmation of consent to call is ours: no
call could be placed without.
"""

import hashlib
from typing import Final

from mockserver.errors import ApiError, NotFound
from mockserver.lifecycles import members
from mockserver.world.store import Document, Record
from mockserver.world.world import World

CONFIRMATIONS: Final = "outbound-tcpa-confirmations"
DESIGNATIONS: Final = "phi-designation-attestations"

_FIRST_TEXT: Final = "We have prior express consent of everybody whom our agents call."


def confirmation(world: World) -> Document:
    """The newest confirmation of consent to call, in force or not."""
    newest = world[CONFIRMATIONS].page(limit=1).records
    if newest:
        return newest[0].document
    given = {"text_version": "1", "rendered_text": _FIRST_TEXT}
    return _confirm(world, world.user_id, given).document


def require_confirmation(world: World) -> None:
    """Raise ApiError 403 while nobody confirms that the organization has consent to call people."""
    if confirmation(world)["status"] != "active":
        raise ApiError(
            "The organization has not confirmed that it has consent to call people: "
            "POST /v1/outbound-tcpa-confirmation does.",
            status=403,
            code="tcpa_confirmation_required",
        )


def confirm(world: World, user_id: int, given: Document) -> tuple[Document, bool]:
    """The confirmation in force, or the one revoked, and whether it is new."""
    now = confirmation(world)
    same = now["text_version"] == given["text_version"] and now["rendered_text_sha256"] == _hash(given)
    if not given["accepted"]:
        return _end(world, CONFIRMATIONS, now, "revoked"), False
    if now["status"] == "active":
        if same:
            return now, False
        _end(world, CONFIRMATIONS, now, "superseded")
    return _confirm(world, user_id, given).document, True


def designate(world: World, user_id: int, given: Document) -> tuple[Document, bool]:
    """The attestation in force for an agent, or the one revoked, and whether it is new.

    Raises NotFound when there is none to revoke.
    """
    agent_id = given["agent_id"]
    standing = world[DESIGNATIONS].page(where={"agent_id": agent_id}, limit=1).records
    now = standing[0].document if standing and standing[0].document["status"] == "active" else None
    if not given["accepted"]:
        if now is None:
            raise NotFound(
                f"There is nothing to revoke: nobody attested that agent {agent_id} handles health data."
            )
        return _end(world, DESIGNATIONS, now, "revoked"), False
    if now is not None:
        if (now["text_version"], now["rendered_text_sha256"]) == (
            given["text_version"],
            given["statement_sha256"],
        ):
            return now, False
        _end(world, DESIGNATIONS, now, "superseded")
    record = world.create(
        DESIGNATIONS,
        {
            "agent_id": agent_id,
            "scope": "agent",
            "source": "customer",
            "designation": "phi",
            "attested_at": world.now,
            "rendered_text_sha256": given["statement_sha256"],
            **_common(world, user_id, given),
        },
    )
    return record.document, True


def designation(world: World) -> Document:
    """The newest attestation about health data. Raises NotFound when there is none."""
    newest = world[DESIGNATIONS].page(limit=1).records
    if not newest:
        raise NotFound("Nobody has attested yet that an agent of this organization handles health data.")
    return newest[0].document


def _confirm(world: World, user_id: int, given: Document) -> Record:
    document = {"confirmed_at": world.now, "rendered_text_sha256": _hash(given), **_common(world, user_id, given)}
    return world.create(CONFIRMATIONS, document)


def _common(world: World, user_id: int, given: Document) -> Document:
    member = members.of(world, user_id)
    return {
        "locale": given.get("locale", "en-US"),
        "organization_id": world.organization_id,
        "status": "active",
        "status_updated_at": world.now,
        "text_version": given["text_version"],
        "user_id": user_id,
        "user_role": "owner" if member is None else member["role"],
    }


def _end(world: World, collection: str, document: Document, status: str) -> Document:
    return world.change(collection, document["id"], {"status": status, "status_updated_at": world.now}).document


def _hash(given: Document) -> str:
    return hashlib.sha256(given["rendered_text"].encode()).hexdigest()
