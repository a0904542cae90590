"""Voice clones: made of a sample, renamed, heard."""

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Raw, Reply
from mockserver.errors import Conflict, InvalidInput
from mockserver.lifecycles import voices
from mockserver.lifecycles.voices import CLONES
from mockserver.spec.forms import Upload
from mockserver.world.store import Document, Record
from mockserver.world.world import World

_HEARD_MS = 4_000


def voices_clones_list(world: World, inputs: Inputs) -> Reply:
    """Every clone, whatever has become of it."""
    return Reply([_seen(record, inputs) for record in world[CLONES]])


def voices_clones_create(world: World, inputs: Inputs) -> Reply:
    """A clone that is being made. Raises InvalidInput without consent or without a sound."""
    wanted = defaults.wanted(inputs)
    sample = inputs.body["audio"]
    if not isinstance(sample, Upload) or not sample.data:
        raise InvalidInput({"audio": ["The submitted file is empty."]})
    record = voices.clone(
        world,
        display_name=wanted["name"],
        language=wanted["language"],
        gender=wanted.get("gender"),
        sample=sample,
    )
    return Reply(_seen(record, inputs))


def voices_clones_retrieve(world: World, inputs: Inputs) -> Reply:
    """The clone, with the address of its sample once it is ready."""
    return Reply(_seen(defaults.record_of(world, inputs), inputs))


def voices_clones_partial_update(world: World, inputs: Inputs) -> Reply:
    """The clone under another name for people; agents go on to know it by its own."""
    record = defaults.record_of(world, inputs)
    return Reply(_seen(world.change(CLONES, record.id, defaults.given(inputs)), inputs))


def voices_clones_preview_list(world: World, inputs: Inputs) -> Reply:
    """What the clone sounds like, as MP3. Raises Conflict until it is ready."""
    clone = defaults.find(world, CLONES, "public_id", inputs).document
    if clone["status"] != "ready":
        raise Conflict(f"This voice is {clone['status']}; it is heard once it is ready.")
    return Reply(Raw(voices.speech(clone["name"], _HEARD_MS), "application/octet-stream"))


def _seen(record: Record, inputs: Inputs) -> Document:
    clone = record.document
    if clone["status"] != "ready":
        return clone
    return {**clone, "sample_url": f"{inputs.request.base_url}/v1/voices/clones/{clone['public_id']}/preview"}
