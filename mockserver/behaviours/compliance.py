"""What an organization attests before it calls people, or has agents handle health data; and asks to be let do."""

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import NotFound
from mockserver.lifecycles import attestations, platform_numbers
from mockserver.world.world import World


def outbound_tcpa_confirmation_list(world: World, inputs: Inputs) -> Reply:
    """The newest confirmation, in force or not."""
    return Reply(attestations.confirmation(world))


def outbound_tcpa_confirmation_create(world: World, inputs: Inputs) -> Reply:
    """A confirmation: 201 for a new one, 200 for the same again, or for one revoked."""
    document, new = attestations.confirm(world, inputs.request.user_id, defaults.given(inputs))
    return Reply(document, status=201 if new else 200)


def phi_designation_attestation_list(world: World, inputs: Inputs) -> Reply:
    """The newest attestation, of whatever agent."""
    return Reply(attestations.designation(world))


def phi_designation_attestation_create(world: World, inputs: Inputs) -> Reply:
    """An attestation: 201 for a new one, 200 for the same again, or for one revoked."""
    given = defaults.given(inputs)
    if given["agent_id"] not in world["agents"]:
        raise NotFound(f"Agent {given['agent_id']} not found.")
    document, new = attestations.designate(world, inputs.request.user_id, given)
    return Reply(document, status=201 if new else 200)


def outbound_platform_number_request_list(world: World, inputs: Inputs) -> Reply:
    """Whether demo numbers may call out, and what was asked for."""
    state = platform_numbers.state(world)
    world.read((platform_numbers.REQUESTS, None))  # its structure does not tell that this shows a request
    return Reply(state)


def outbound_platform_number_request_create(world: World, inputs: Inputs) -> Reply:
    """A request, reviewed within a day."""
    return Reply(platform_numbers.ask(world, defaults.wanted(inputs)).document)
