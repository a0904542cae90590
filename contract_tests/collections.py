"""The collections of the API: which operations make, show, change and delete their things, and what one is made
of.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .document import Operation
from .finding import Broken, require

if TYPE_CHECKING:
    from .trial import Trial

Json = Any


@dataclass(frozen=True)
class Collection:
    """One kind of thing. Operations that do not exist are None.

    `body(trial, n)` is what the n-th one is made of. `change` is what an update sends. `coupled` are fields that
    depend on each other, which laws about single fields leave alone. `unshown` are fields that are only written.
    `stays` says that a deleted one is still listed, as no longer in use. `copy` makes another one of one.
    """

    name: str
    body: Callable[["Trial", int], dict[str, Json]]
    create: str
    listing: str
    parameter: str
    retrieve: str | None = None
    update: str | None = None
    replace: str | None = None
    delete: str | None = None
    change: Mapping[str, Json] = field(default_factory=dict)
    coupled: frozenset[str] = frozenset()
    unshown: frozenset[str] = frozenset()
    stays: bool = False
    versions: str | None = None
    copy: str | None = None

    def operations(self) -> tuple[str, ...]:
        """Those that exist."""
        every = (self.create, self.listing, self.retrieve, self.update, self.replace, self.delete)
        return tuple(each for each in every if each is not None)

    def made(self, trial: "Trial", n: int = 0, **more: Json) -> Json:
        """A new one. Raises Broken when it cannot be made."""
        if self.create == "phone_numbers_create":
            return trial.number(**(self.body(trial, n) | more))
        return trial.api.ok(self.create, json=self.body(trial, n) | more)

    def listed(self, trial: "Trial") -> list[Json]:
        """All of them."""
        found: list[Json] = trial.api.ok(self.listing)
        return found

    def seen(self, trial: "Trial", one: Json) -> Json:
        """One as it is shown now: by itself, or in the list where it cannot be read by itself."""
        if self.retrieve is not None:
            return trial.api.ok(self.retrieve, **{self.parameter: one["id"]})
        found = [each for each in self.listed(trial) if each["id"] == one["id"]]
        require(
            len(found) == 1,
            f"{self.listing} has {len(found)} of id {one['id']}; one was made.",
            mark=f"{self.name} listed",
        )
        return found[0]

    def read(self, trial: "Trial", one: Json) -> None:
        """Read one at every door of it, as its owner: what is kept from that must be kept for nobody else."""
        for door in self.doors(trial):
            if door.method == "GET":
                trial.api(door.id, **{self.parameter: one["id"]})

    def doors(self, trial: "Trial") -> list[Operation]:
        """Every operation on one of them, versions and actions included."""
        placeholder = "{" + self.parameter + "}"
        return [each for each in trial.document.operations.values() if placeholder in each.path]


def _agent(trial: "Trial", n: int) -> dict[str, Json]:
    return {"name": f"Agent {n}", "prompt": f"You answer question {n}.", "voice": "en-US-James1"}


def _integration(trial: "Trial", n: int) -> dict[str, Json]:
    function = {
        "name": f"look_up_{n}",
        "description": "Looks up.",
        "parameters": {"type": "object", "properties": {}},
    }
    return {
        "display_name": f"Look up {n}",
        "spec": {"type": "function", "function": function},
        "headers": [{"key": "X-Shop", "value": str(n)}],
    }


def _label(trial: "Trial", n: int) -> dict[str, Json]:
    return {"phone_number": f"+1415555{2000 + n}", "label": f"Office {n}"}


def _publishable_key(trial: "Trial", n: int) -> dict[str, Json]:
    return {
        "name": f"Shop {n}",
        "allowed_domains": ["shop.example.com"],
        "mode": "agent",
        "agent_id": trial.agent()["id"],
    }


def _connection(trial: "Trial", n: int) -> dict[str, Json]:
    proven = {
        "provider": "telnyx",
        "credentials": {"apiKey": f"KEY{n}"},
        "sip_config": {"domain": "sip.example.com"},
    }
    tested = trial.api.ok("voip_connections_test_create", json=proven)
    if tested["verification_evidence_id"] is None:
        raise Broken(f"Good credentials did not pass their test: {tested}", mark="no evidence")
    return {**proven, "name": f"Trunk {n}", "verification_evidence_id": tested["verification_evidence_id"]}


def _endpoint(trial: "Trial", n: int) -> dict[str, Json]:
    return {"label": f"Orders {n}", "url": f"https://hooks.example.com/{n}", "events": ["telephony.complete"]}


COLLECTIONS = (
    Collection(
        "agents",
        _agent,
        create="agents_create",
        listing="agents_list",
        parameter="agent_id",
        retrieve="agents_retrieve",
        update="agents_partial_update",
        replace="agents_update",
        delete="agents_delete",
        change={"name": "Renamed", "prompt": "Be kind.", "max_hold_seconds": 30, "widget_enabled": False},
        coupled=frozenset(
            {
                "product",
                "thinking_level",
                "acknowledgement_prompt_mode",
                "acknowledgement_prompt",
                "integration_ids",
            }
        ),
        unshown=frozenset({"integration_ids"}),
        versions="agents_versions_list",
        copy="agents_duplicate",
    ),
    Collection(
        "integrations",
        _integration,
        create="integrations_create",
        listing="integrations_list",
        parameter="integration_id",
        retrieve="integrations_retrieve",
        update="integrations_partial_update",
        delete="integrations_delete",
        change={"display_name": "Renamed", "endpoint_method": "GET"},
        versions="integrations_versions_list",
    ),
    Collection(
        "phone-number-labels",
        _label,
        create="phone_number_labels_create",
        listing="phone_number_labels_list",
        parameter="label_id",
        delete="phone_number_labels_delete",
    ),
    Collection(
        "phone-numbers",
        lambda trial, n: {"area_code": "415"},
        create="phone_numbers_create",
        listing="phone_numbers_list",
        parameter="phone_number_id",
        retrieve="phone_numbers_retrieve",
        update="phone_numbers_partial_update",
        replace="phone_numbers_update",
        delete="phone_numbers_delete",
        coupled=frozenset({"inbound_agent_id", "outbound_agent_id", "status"}),
        unshown=frozenset({"area_code", "city", "state"}),
        versions="phone_numbers_versions_list",
    ),
    Collection(
        "publishable-keys",
        _publishable_key,
        create="publishable_key_create",
        listing="publishable_key_list",
        parameter="key_id",
        retrieve="publishable_key_retrieve",
        update="publishable_key_partial_update",
        delete="publishable_key_delete",
        change={"name": "Renamed", "allowed_domains": ["other.example.com"]},
        coupled=frozenset({"mode", "agent_id", "webhook_url"}),
        stays=True,
    ),
    Collection(
        "voip-connections",
        _connection,
        create="voip_connections_create",
        listing="voip_connections_list",
        parameter="connection_id",
        retrieve="voip_connections_retrieve",
        update="voip_connections_partial_update",
        delete="voip_connections_delete",
        change={"name": "Renamed"},
        coupled=frozenset({"provider", "verification_evidence_id", "setup_method", "credentials", "sip_config"}),
        unshown=frozenset({"verification_evidence_id", "credentials"}),
    ),
    Collection(
        "webhook-endpoints",
        _endpoint,
        create="developer_webhook_endpoints_create",
        listing="developer_webhook_endpoints_list",
        parameter="endpoint_id",
        update="developer_webhook_endpoints_partial_update",
        delete="developer_webhook_endpoints_delete",
        change={"label": "Renamed", "events": ["call.graded"]},
    ),
    Collection(
        "api-keys",
        lambda trial, n: {"name": f"Key {n}"},
        create="developer_api_keys_create",
        listing="developer_api_keys_list",
        parameter="key_id",
        delete="developer_api_keys_delete",
        stays=True,
    ),
    Collection(
        "invites",
        lambda trial, n: {"email": f"guest{n}@example.com", "role": "member"},
        create="invites_create",
        listing="invites_list",
        parameter="invite_id",
        delete="invites_delete",
    ),
)


def collections_of(trial: "Trial") -> list[Collection]:
    """The collections that the contract has."""
    return [each for each in COLLECTIONS if trial.has(*each.operations())]
