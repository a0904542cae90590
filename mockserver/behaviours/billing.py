"""Billing: the account, top-ups, payment methods, transactions."""

from mockserver import chance
from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import NotFound
from mockserver.lifecycles import billing, payment_methods
from mockserver.world.world import World


def billing_list(world: World, inputs: Inputs) -> Reply:
    """The account."""
    return Reply(billing.statement(world))


def billing_bulk_update(world: World, inputs: Inputs) -> Reply:
    """The account with its automatic reloads configured."""
    billing.configure_reload(world, defaults.given(inputs))
    return Reply(billing.statement(world))


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
    payment_methods.save(world, defaults.given(inputs)["payment_method_id"])
    return Reply(billing.statement(world))


def billing_transactions_list(world: World, inputs: Inputs) -> Reply:
    """The account's transactions, from the opening credit on."""
    billing.account(world)
    return defaults.list_documents(world, inputs)


def billing_payment_methods_delete(world: World, inputs: Inputs) -> Reply:
    """Nothing; the payment method is forgotten."""
    payment_methods.remove(world, defaults.record_of(world, inputs))
    return Reply(None)


def billing_transactions_receipt_retrieve(world: World, inputs: Inputs) -> Reply:
    """Where the payment provider shows the receipt of a payment. Nothing answers there."""
    transaction = defaults.find(world, billing.TRANSACTIONS, "transaction_id", inputs).document
    if not transaction["has_receipt"]:
        raise NotFound(
            f"Transaction {transaction['id']} has no receipt: it is no payment but {transaction['kind']}."
        )
    return Reply(
        {"receipt_url": f"https://pay.example.com/receipts/{transaction['metadata']['payment_intent_id']}"}
    )
