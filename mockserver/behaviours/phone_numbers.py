"""Phone numbers: provisioning, assignments, transfer, verification, release."""

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.lifecycles import numbers, organizations, platform_numbers, voip
from mockserver.world.world import World


def phone_numbers_create(world: World, inputs: Inputs) -> Reply:
    """A demo number that becomes active within seconds."""
    numbers.require_room(world)
    wanted = defaults.given(inputs)
    return Reply(
        numbers.provision(
            world,
            area_code=wanted.get("area_code"),
            state=wanted.get("state"),
            platform_outbound=platform_numbers.is_enabled(world),
        )
    )


def phone_numbers_limits_list(world: World, inputs: Inputs) -> Reply:
    """How many demo numbers there are and may be."""
    used = numbers.demo_count(world)
    return Reply({"max_platform_numbers": numbers.MOST_DEMO_NUMBERS, "platform_numbers_used": used})


def phone_numbers_update(world: World, inputs: Inputs) -> Reply:
    """The number with exactly the agents given. A status left out stays: a number cannot do without one."""
    record = defaults.record_of(world, inputs)
    nobody = {"inbound_agent_id": None, "outbound_agent_id": None}
    changes = numbers.settings(world, record.document, {**nobody, **defaults.given(inputs)})
    return Reply(world.revise(numbers.NUMBERS, record.id, changes))


def phone_numbers_configure(world: World, inputs: Inputs) -> Reply:
    """The number with other settings; a new webhook address comes with a new secret."""
    record = defaults.record_of(world, inputs)
    changes = numbers.settings(world, record.document, defaults.given(inputs))
    return Reply(world.revise(numbers.NUMBERS, record.id, changes))


def phone_numbers_delete(world: World, inputs: Inputs) -> Reply:
    """Nothing; the number is no longer the organization's."""
    numbers.release(world, defaults.record_of(world, inputs).document)
    return Reply(None)


def phone_numbers_release(world: World, inputs: Inputs) -> Reply:
    """What became of the number: it is no longer the organization's, and perhaps not the provider's either."""
    number = defaults.record_of(world, inputs).document
    connection = world[voip.CONNECTIONS].get(number["voip_connection_id"] or 0)
    orders = connection is not None and connection.document["provider"] != "manual"
    numbers.release(world, number)
    return Reply(
        {
            "detail": f"{number['number']} was released.",
            "released_at_provider": number["source"] == "demo"
            or (orders and inputs.query.get("release_at_provider", False)),
            "routing_removed": True,
        }
    )


def phone_numbers_test_inbound(world: World, inputs: Inputs) -> Reply:
    """Whether a call from outside arrives at the number."""
    number = defaults.find(world, numbers.NUMBERS, "phone_number_id", inputs).document
    probe = numbers.probe_inbound(world, number)
    return Reply(
        {
            "inbound_probe": probe,
            "phone_number_id": number["id"],
            "voip_inbound_status": "passed" if probe["status"] == "pass" else "failed",
            "voip_inbound_tested_at": probe["tested_at"],
        }
    )


def phone_numbers_transfer(world: World, inputs: Inputs) -> Reply:
    """The number in another organization of the same person, with nobody assigned."""
    number = defaults.find(world, numbers.NUMBERS, "phone_number_id", inputs).document
    target_id = inputs.body["target_org_id"]
    target = organizations.sister(world, target_id)
    moved = numbers.move(number, world, target)
    assigned = number["inbound_agent_id"] is not None or number["outbound_agent_id"] is not None
    return Reply(
        {
            "phone_number": moved.document,
            "source_org_id": world.organization_id,
            "target_org_id": target.organization_id,
            "cleared_agent_assignments": assigned,
            "cleared_webhook_config": number.get("webhook_url") is not None,
        }
    )


def phone_numbers_verify_voip(world: World, inputs: Inputs) -> Reply:
    """How the number's verification stands, now that it has begun."""
    number = defaults.find(world, numbers.NUMBERS, "phone_number_id", inputs).document
    numbers.verify(world, number)
    return Reply(
        {
            "phone_number_id": number["id"],
            "status": number["status"],
            "voip_verification_status": number["voip_verification_status"],
            "verification_evidence": voip.evidence_of_number(world, number),
            **voip.UNKNOWN_CHARGE,
        }
    )
