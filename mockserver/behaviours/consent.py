"""Who answers for announcements that calls are recorded, and the announcements."""

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Raw, Reply
from mockserver.errors import InvalidInput, NotFound
from mockserver.lifecycles import consent, members
from mockserver.lifecycles.agents import AGENTS
from mockserver.world.world import World


def agents_consent_attestations(world: World, inputs: Inputs) -> Reply:
    """A new attestation in the name of whoever asks; the one before for the same locale is revoked.

    Raises InvalidInput when nothing is affirmed, or the hash sent is not that of the text sent.
    """
    agent = defaults.find(world, AGENTS, "agent_id", inputs)
    body = defaults.wanted(inputs)
    if not body["affirmed"]:
        raise InvalidInput({"affirmed": ["An attestation must be affirmed: send true."]})
    version, locale = body["attestation_text_version"], body["locale"]
    text = body.get("rendered_text") or consent.statement(version, locale)
    found = consent.keep(world, text)
    claimed = body.get("statement_sha256", found).lower()
    if body.get("rendered_text") and claimed != found:
        raise InvalidInput({"statement_sha256": [f"This is not the SHA-256 of rendered_text, which is {found}."]})
    consent.replace_active(world, int(agent.id), locale)
    person = members.of(world, inputs.request.user_id)
    attested = {
        "agent_id": agent.id,
        "affirmed": True,
        "attestation_text_sha256": claimed,
        "attestation_text_version": version,
        "attested_at": world.now,
        "locale": locale,
        "organization_id": world.organization_id,
        "status": "active",
        "status_reason": "",
        "status_updated_at": world.now,
        "user_id": inputs.request.user_id,
        "user_role": "owner" if person is None else person["role"],
    }
    return Reply(world.create(consent.ATTESTATIONS, attested))


def consent_announcements_retrieve(world: World, inputs: Inputs) -> Reply:
    """The sound of an announcement. Raises NotFound for a hash that no attestation and no deployed agent has."""
    asset_hash = inputs.path["asset_hash"]
    record = world[consent.ANNOUNCEMENTS].get(asset_hash.lower())
    if record is None:
        raise NotFound(
            f"Not found: no announcement has the hash {asset_hash}. It is the attestation_text_sha256 of "
            "an attestation, or the SHA-256 of a deployed agent's consent_announcement_text."
        )
    return Reply(Raw(consent.spoken(record.document["text"]), "audio/mpeg"))
