"""Connections to other services: which services there are, and what an organization's agents may do with them.

The vendor publishes that a connection has a provider, operations and scopes; which ones there are is invented.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from mockserver import chance
from mockserver.errors import NotFound, nearest
from mockserver.lifecycles import agent_names
from mockserver.world.store import Document
from mockserver.world.world import World

CONNECTIONS: Final = "provider-connections"
SHEETS: Final = "google_sheets"


class Provider(NamedTuple):
    """A service: what people call it, what can be done with it, and what it grants for that."""

    name: str
    operations: tuple[str, ...]
    scopes: tuple[str, ...]


PROVIDERS: Final[Mapping[str, Provider]] = MappingProxyType(
    {
        "cal_com": Provider("Cal.com", ("list_slots", "create_booking", "cancel_booking"), ("bookings",)),
        "google_calendar": Provider(
            "Google Calendar", ("list_events", "create_event", "cancel_event"), ("calendar.events",)
        ),
        SHEETS: Provider("Google Sheets", ("read_rows", "append_row", "update_row"), ("drive.file",)),
        "hubspot": Provider("HubSpot", ("find_contact", "create_contact", "log_call"), ("crm.objects.contacts",)),
    }
)


def of(name: str) -> Provider:
    """The service of this name. Raises NotFound, with the nearest name, when there is none."""
    if name not in PROVIDERS:
        raise NotFound(f"Not found: there is no provider {name}.{nearest(name, PROVIDERS)}")
    return PROVIDERS[name]


def new(name: str, api_key: str) -> Document:
    """A connection to a service with a key, as it is before anybody has limited it; the key is not kept."""
    provider = of(name)
    account = chance.token("provider account", name, api_key, length=12)
    allowed = dict.fromkeys(provider.operations, True)
    return {
        "provider": name,
        "provider_account_id": f"acct_{account}",
        "provider_account_email": f"{account.lower()}@example.com",
        "provider_metadata": {},
        "granted_scopes": list(provider.scopes),
        "allowed_operations": allowed,
        "send_guest_invitations": False,
        "token_expires_at": None,
        "agent_ids": [],
        "agent_operations": {},
    }


def seen(world: World, connection: Document) -> Document:
    """A connection with what it comes to: what it allows, and what each of its agents may do."""
    allowed = connection["allowed_operations"]
    attachments = []
    for agent_id in connection["agent_ids"]:
        own = connection["agent_operations"].get(str(agent_id))
        attachments.append(
            {
                "agent_id": agent_id,
                "agent_name": agent_names.of(world, agent_id),
                "allowed_operations": own,
                "effective_operations": allowed if own is None else _both(allowed, own),
            }
        )
    return {**connection, "effective_operations": allowed, "agent_attachments": attachments}


def _both(allowed: Document, own: Document) -> Document:
    return {name: yes and own.get(name, False) for name, yes in allowed.items()}
