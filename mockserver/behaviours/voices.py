"""Voices: the catalogue, filtered; previews of them; how many of one's own there may be."""

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Raw, Reply
from mockserver.errors import InvalidInput, NotFound
from mockserver.lifecycles import voices
from mockserver.simulation.languages import language_of, name_of
from mockserver.world.store import Document
from mockserver.world.world import World


def voices_list(world: World, inputs: Inputs) -> Reply:
    """The voices that match every filter, and the languages they speak."""
    query = inputs.query
    wanted = {language_of(each.strip()) for each in query.get("languages", "").split(",") if each.strip()}
    found = [
        voice
        for voice in voices.available(world)
        if wanted <= set(voice["languages"])
        and query.get("category", voice["category"]) == voice["category"]
        and query.get("gender", voice["gender"]) == voice["gender"]
    ]
    return Reply({"voices": found, "languages": _languages(found)})


def _languages(found: list[Document]) -> list[Document]:
    spoken = [code for voice in found for code in voice["languages"]]
    return [
        {"code": code, "name": name_of(code), "voice_count": spoken.count(code)} for code in sorted(set(spoken))
    ]


def voices_policy_list(world: World, inputs: Inputs) -> Reply:
    """How many clones there are and may be, and what a minute with one costs besides."""
    return Reply(
        {
            "cloning_enabled": True,
            "custom_voice_surcharge_cents": voices.SURCHARGE_CENTS,
            "max_custom_voices": voices.most_clones(world),
            "used": len(world[voices.CLONES]),
        }
    )


def voices_preview_create(world: World, inputs: Inputs) -> Reply:
    """Where a text can be heard in a voice; nothing is charged for it here.

    Raises NotFound for an unknown voice, InvalidInput for a language it does not speak.
    """
    wanted = defaults.wanted(inputs)
    voice = voices.named(world, wanted["voice"])
    if language_of(wanted["language"]) not in voice["languages"]:
        spoken = ", ".join(voice["languages"])
        raise InvalidInput(
            {"language": [f"{voice['id']} does not speak {wanted['language']}; it speaks {spoken}."]}
        )
    preview, cached = voices.preview(world, voice, wanted["language"], wanted["text"])
    return Reply(
        {
            "id": preview["id"],
            "url": f"{inputs.request.base_url}/v1/voices/previews/{preview['id']}",
            "expires_at": preview["expires_at"],
            "charged_cents": 0,
            "cached": cached,
        }
    )


def voices_previews_retrieve(world: World, inputs: Inputs) -> Reply:
    """The preview as MP3. Raises NotFound for one that has expired, too."""
    record = world[voices.PREVIEWS].get(inputs.path["public_id"])
    if record is None or record.document["expires_at"] <= world.now:
        raise NotFound(f"Not found: there is no preview {inputs.path['public_id']} (any more); make another.")
    preview = record.document
    return Reply(Raw(voices.speech(preview["voice"], preview["length_ms"]), "application/octet-stream"))


def voices_quota_requests_create(world: World, inputs: Inputs) -> Reply:
    """A wish for more, which is looked at later."""
    return Reply(voices.ask_for_more(world, defaults.wanted(inputs)).document)


def voices_quota_requests_current_list(world: World, inputs: Inputs) -> Reply:
    """The last wish for more. Raises NotFound when there was none."""
    requests = list(world[voices.QUOTA_REQUESTS])
    if not requests:
        raise NotFound("Not found: nothing has been asked for; POST /v1/voices/quota-requests does.")
    return Reply(requests[-1].document)
