"""Billing: the account, top-ups, payment methods, transactions."""

from mockserver import chance
from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.lifecycles import billing
from mockserver.world.world import World


def billing_list(world: World, inputs: Inputs) -> Reply:
    """The account."""
    billing.account(world)
    return defaults.read(world, inputs)


def billing_bulk_update(world: World, inputs: Inputs) -> Reply:
    """The account with its automatic reloads configured."""
    billing.configure_reload(world, defaults.given(inputs))
    return defaults.read(world, inputs)


def billing_top_up_create(world: World, inputs: Inputs) -> Reply:
    """A payment, made at once; nothing is left for the client to confirm."""
    body = defaults.given(inputs)
    payment = billing.top_up(world, body["amount_cents"], body.get("payment_method_id"))
    return Reply({"payment_intent_id": payment, "client_secret": None, "status": "succeeded"})


def billing_setup_intent_create(world: World, inputs: Inputs) -> Reply:
    """What the payment provider's form needs in order to collect a card."""
    intent = billing.stripe_id(world, "seti")
    secret = chance.token("setup intent", world.seed, world.organization, intent, length=24)
    return Reply(
        {
            "setup_intent_id": intent,
            "client_secret": f"{intent}_secret_{secret}",
            "status": "requires_payment_method",
        }
    )


def billing_default_payment_method_create(world: World, inputs: Inputs) -> Reply:
    """The account with a payment method."""
    billing.save_payment_method(world, defaults.given(inputs)["payment_method_id"])
    record = world[billing.ACCOUNT].get(billing.THE)
    return Reply(record)


def billing_transactions_list(world: World, inputs: Inputs) -> Reply:
    """The account's transactions, from the opening credit on."""
    billing.account(world)
    return defaults.list_documents(world, inputs)
