"""Who may do what: keys, organizations, members and invites, and what a stranger may not see."""

from typing import Any

from ..client import Client
from ..collections import COLLECTIONS, Collection, collections_of
from ..finding import require
from ..law import Need, law
from ..trial import Trial
from .lists import APRIL, moment
from .resources import UNKNOWN, _plausible

Json = Any

WRITES = (Need.WRITES,)
BOTH = (Need.CONTROL, Need.WRITES)


def _unknown_ids(trial: Trial, operation: Any) -> dict[str, str]:
    return {
        each.name: UNKNOWN.get(str(each.schema.get("format")), "987654321987")
        for each in operation.parameters
        if each.location == "path"
    }


@law(
    "ML-601",
    source="authentication.md: missing, malformed or revoked is answered with 401; the HTTP standard: 401",
    causes="An operation that was forgotten; parameters or bodies looked at before the key; 403 in place of 401.",
)
def every_operation_asks_for_a_key(trial: Trial) -> None:
    """Without a key, and with one that is malformed or of another scheme, every secured operation answers 401."""
    headers: list[tuple[str, dict[str, str]]] = [
        ("without a key", {}),
        ("with an empty one", {"Authorization": "Bearer"}),
        ("with a malformed one", {"Authorization": "Bearer nonsense"}),
        ("with a publishable one", {"Authorization": "Bearer pk_live_0123456789abcdef0123456789abcdef"}),
        ("with another scheme", {"Authorization": "Basic c2tfdGVzdDpzZWNyZXQ="}),
        ("with its key under another scheme", {"Authorization": f"Token {trial.api.key}"}),
        ("with its key in another header", {"X-API-Key": str(trial.api.key)}),
    ]
    nobody = trial.api.holding(None)
    for operation in trial.document.operations.values():
        if not operation.secured or "bearerAuth" not in operation.schemes:
            continue
        ids = _unknown_ids(trial, operation)
        for how, sent in headers:
            with trial.about(operation.id):
                exchange = nobody(operation.id, **ids, headers=sent)
                require(
                    exchange.status == 401,
                    f"{exchange.what} {how}; 401 was due.",
                    exchange,
                    mark=f"{operation.id} {how}",
                )
                require(
                    isinstance(exchange.json, dict) and exchange.json.get("detail"),
                    f"{exchange.what} {how} gives no reason.",
                    exchange,
                    mark=f"{operation.id} reason",
                )
                require(
                    exchange.headers.get("www-authenticate", "").lower().startswith("bearer"),
                    f"{exchange.what} {how} does not say in WWW-Authenticate that it wants a bearer token.",
                    exchange,
                    mark=f"{operation.id} challenge",
                )


@law(
    "ML-602",
    source="health.md, authentication.md: every request but the health check",
    operations=("healthz_list",),
    causes="A health check behind the key.",
)
def health_needs_no_key(trial: Trial) -> None:
    """The health check answers anybody, with a key and without, that all is well."""
    for client in (trial.api.holding(None), trial.api):
        exchange = client("healthz_list")
        require(
            exchange.status == 200 and exchange.json.get("ok") is True,
            f"{exchange.what}: {exchange.shown_reply()[:100]}",
            exchange,
            mark="health",
        )


@law(
    "ML-603",
    source="api-keys.md#create-an-api-key",
    needs=WRITES,
    operations=("developer_api_keys_create",),
    contracts=APRIL,
    causes="A key that does not work at once; the key shown again in a list; a prefix of another length.",
)
def a_new_key_works(trial: Trial) -> None:
    """A new key works at once, in its organization, is shown this once, and its prefix is its first 15
    characters.
    """
    made = trial.api.ok("developer_api_keys_create", json={"name": "Contract suite"})
    key = made["key"]
    require(key.startswith(("sk_live_", "sk_test_")), f"A key is {key[:8]}….", mark="form")
    require(made["key_prefix"] == key[:15], f"A key {key[:15]}… has prefix {made['key_prefix']}.", mark="prefix")
    require(made["is_active"] is True and made["revoked_at"] is None, "A new key is not active.", mark="active")
    require(made["name"] == "Contract suite", "A new key has another name.", mark="name")
    other = trial.api.holding(key)
    agent = trial.agent()
    require(
        agent["id"] in [each["id"] for each in other.ok("agents_list")],
        "A new key works in another organization.",
        mark="home",
    )
    listed = {each["id"]: each for each in trial.api.ok("developer_api_keys_list")}
    require(made["id"] in listed, "A new key is not listed.", mark="listed")
    require("key" not in listed[made["id"]] and key not in str(listed), "The list shows a key.", mark="shown")
    require(
        listed[made["id"]]["last_used_at"] is not None, "A key that was used has no last_used_at.", mark="used"
    )
    unused = trial.api.ok("developer_api_keys_create", json={})
    require(
        unused["name"] == "Default key", f"A key without a name is called {unused['name']!r}.", mark="default name"
    )
    listed = {each["id"]: each for each in trial.api.ok("developer_api_keys_list")}
    require(
        listed[unused["id"]]["last_used_at"] is None,
        "A key that was never used has a last_used_at.",
        mark="unused",
    )
    require(unused["key"] != key, "Two keys are the same.", mark="same")


@law(
    "ML-604",
    source="api-keys.md#revoke-an-api-key: for good, and at once",
    needs=WRITES,
    operations=("developer_api_keys_create", "developer_api_keys_delete"),
    contracts=APRIL,
    causes="Keys that are cached; a revocation that only marks the list; 403 in place of 401.",
)
def a_revoked_key_is_refused(trial: Trial) -> None:
    """A revoked key is refused with 401 at once, everywhere, for good; other keys go on."""
    made = trial.api.ok("developer_api_keys_create", json={"name": "Short-lived"})
    other = trial.api.ok("developer_api_keys_create", json={"name": "Long-lived"})
    holder = trial.api.holding(made["key"])
    holder.ok("calls_list")
    trial.api.ok("developer_api_keys_delete", key_id=made["id"])
    for name in ("calls_list", "agents_list", "billing_list", "developer_api_keys_list"):
        exchange = holder(name)
        require(
            exchange.status == 401,
            f"A revoked key is answered {exchange.status}; 401 was due.",
            exchange,
            mark="taken",
        )
    exchange = holder("agents_create", json={"name": "x", "prompt": "x", "voice": "x"})
    require(exchange.status == 401, f"A revoked key may write: {exchange.status}.", exchange, mark="writes")
    trial.api.holding(other["key"]).ok("calls_list")
    listed = {each["id"]: each for each in trial.api.ok("developer_api_keys_list")}
    shown = listed.get(made["id"])
    require(shown is not None, "A revoked key is no longer listed.", mark="unlisted")
    assert shown is not None
    require(
        shown["is_active"] is False and shown["revoked_at"] is not None,
        "A revoked key is listed as active.",
        mark="listed",
    )
    require(listed[other["id"]]["is_active"] is True, "Another key was revoked too.", mark="other")
    require(
        trial.api("developer_api_keys_delete", key_id=made["id"]).status == 404,
        "A key can be revoked twice.",
        mark="twice",
    )


@law(
    "ML-605",
    source="authentication.md: an object of another organization is answered with 404",
    needs=(Need.WRITES, Need.STRANGER),
    contracts=APRIL,
    causes="Things looked up without the organization; a list over all organizations.",
)
def strangers_see_nothing(trial: Trial) -> None:
    """A thing of another organization is 404 at every door of it, in no list, and cannot be changed or deleted."""
    stranger = trial.stranger()
    for collection in collections_of(trial):
        with trial.about(collection.listing):
            one = collection.made(trial, 1)
            before = collection.seen(trial, one)
            collection.read(trial, one)
            theirs = stranger.ok(collection.listing)
            require(
                one["id"] not in [each["id"] for each in theirs],
                f"{collection.listing} shows a stranger what is not theirs.",
                mark=f"{collection.name} listed",
            )
            for door in collection.doors(trial):
                with trial.about(door.id):
                    body = _plausible(trial, door)
                    exchange = stranger(door.id, **{collection.parameter: one["id"]}, json=body)
                    require(
                        exchange.status == 404,
                        f"{exchange.what} for a stranger; 404 was due.",
                        exchange,
                        mark=f"{door.id} stranger",
                    )
            after = collection.seen(trial, one)
            used = {"last_used_at"}
            require(
                {k: v for k, v in after.items() if k not in used}
                == {k: v for k, v in before.items() if k not in used},
                f"A stranger changed one of {collection.name}.",
                mark=f"{collection.name} changed",
            )


@law(
    "ML-606",
    source="authentication.md: an object of another organization is answered with 404",
    needs=BOTH,
    operations=("calls_list", "calls_retrieve"),
    contracts=APRIL,
    causes="Calls, grades, reports or money that belong to everybody.",
)
def strangers_calls_are_hidden(trial: Trial) -> None:
    """A call of another organization is 404 at every door, in no list, export, report or transaction."""
    call = trial.ended_call(direction="mic", scenario=trial.turns())
    trial.api.ok("calls_issue_reports", call_id=call["call_id"], json={"title": "Mine", "severity": "critical"})
    stranger = trial.stranger()
    doors = [each for each in trial.document.operations.values() if "{call_id}" in each.path]
    for door in (each for each in doors if each.method == "GET"):
        trial.api(door.id, call_id=call["call_id"])
    for door in doors:
        with trial.about(door.id):
            body = {"title": "Yours", "severity": "info"} if door.id == "calls_issue_reports" else None
            exchange = stranger(door.id, call_id=call["call_id"], json=body)
            require(
                exchange.status == 404,
                f"{exchange.what} for a stranger; 404 was due.",
                exchange,
                mark=f"{door.id} stranger",
            )
    for name, found in (
        ("calls_list", stranger.ok("calls_list")["results"]),
        ("calls_export_list", stranger.ok("calls_export_list", export_format="json")["calls"]),
        ("issue_reports_list", stranger.ok("issue_reports_list")),
        ("billing_transactions_list", stranger.ok("billing_transactions_list")["results"]),
    ):
        with trial.about(name):
            require(
                call["call_id"] not in [each["call_id"] for each in found],
                f"{name} shows a stranger's call.",
                mark=f"{name} shows",
            )
    require(stranger.ok("calls_list")["total"] == 0, "A new organization counts calls of another.", mark="total")
    own = trial.api.ok("calls_issue_reports_list", call_id=call["call_id"])
    require(
        [each["title"] for each in own if each["source"] == "user"] == ["Mine"],
        "A stranger filed a report.",
        mark="filed",
    )


@law(
    "ML-607",
    source="agents.md#create-an-agent: 404 for what is not one of this organization",
    needs=(Need.WRITES, Need.STRANGER),
    operations=("agents_create", "phone_numbers_partial_update", "mic_session_create"),
    contracts=APRIL,
    causes="Ids in bodies that are not looked up, or looked up everywhere.",
)
def strangers_things_cannot_be_used(trial: Trial) -> None:
    """Nothing of another organization, and nothing that does not exist, can be assigned, linked or called with:
    404.
    """
    stranger = trial.stranger()
    agent = stranger.ok("agents_create", json={"name": "Theirs", "prompt": "x", "voice": "x"})["id"]
    number = trial.number()
    for foreign in (agent, 987_654_321_987):
        for name, ids, body in (
            ("phone_numbers_partial_update", {"phone_number_id": number["id"]}, {"inbound_agent_id": foreign}),
            ("phone_numbers_partial_update", {"phone_number_id": number["id"]}, {"outbound_agent_id": foreign}),
            ("mic_session_create", {}, {"agent_id": foreign}),
            (
                "publishable_key_create",
                {},
                {"allowed_domains": ["a.example.com"], "mode": "agent", "agent_id": foreign},
            ),
            (
                "test_calls_create",
                {},
                {"target_type": "agent", "target_id": foreign, "direction": "outbound", "consent_to_charge": True},
            ),
        ):
            if not trial.has(name):
                continue
            with trial.about(name):
                exchange = trial.api(name, **ids, json=body)
                require(
                    exchange.status == 404,
                    f"{name} takes an agent that is not one of the organization's: {exchange.status}.",
                    exchange,
                    mark=f"{name} {next(iter(body))}",
                )
    with trial.about("agents_create"):
        exchange = trial.api(
            "agents_create", json={"name": "x", "prompt": "x", "voice": "x", "integration_ids": [UNKNOWN["uuid"]]}
        )
        require(
            exchange.status == 404,
            f"agents_create links an integration that does not exist: {exchange.status}.",
            exchange,
            mark="integration",
        )
    shown = trial.api.ok("phone_numbers_retrieve", phone_number_id=number["id"])
    require(
        shown["inbound_agent_id"] is None and shown["outbound_agent_id"] is None,
        "A refused assignment was made.",
        mark="assigned",
    )


@law(
    "ML-608",
    source="organizations.md",
    operations=("orgs_list", "orgs_retrieve"),
    contracts=APRIL,
    causes="All organizations of the server listed; no role in the list.",
)
def a_key_is_of_one_organization(trial: Trial) -> None:
    """The list has exactly the key's own organization, with the caller's role, and it can be read by its id;
    others are 404.
    """
    found = trial.api.ok("orgs_list")
    require(len(found) == 1, f"A key is of {len(found)} organizations.", mark="one")
    require(
        found[0].get("role") in ("owner", "admin", "member"),
        "The list does not say the caller's role.",
        mark="role",
    )
    alone = trial.api.ok("orgs_retrieve", org_id=found[0]["id"])
    require(
        alone["id"] == found[0]["id"] and alone["name"] == found[0]["name"],
        "The organization read by its id is another.",
        mark="same",
    )
    require(
        trial.api("orgs_retrieve", org_id=987_654_321_987).status == 404,
        "An organization that does not exist is found.",
        mark="unknown",
    )


@law(
    "ML-609",
    source="organizations.md#rename-an-organization",
    needs=WRITES,
    operations=("orgs_partial_update",),
    contracts=APRIL,
    causes="A name that is answered and not kept.",
)
def an_organization_can_be_renamed(trial: Trial) -> None:
    """A new name is kept; a name of 0 or 121 characters is refused by name and changes nothing."""
    own = trial.api.ok("orgs_list")[0]
    if trial.has_control:
        trial.control.advance(3)
    for name in ("Renamed by the suite", "x", "é" * 120, own["name"]):
        changed = trial.api.ok("orgs_partial_update", org_id=own["id"], json={"name": name})
        require(changed["name"] == name, f"Renamed to {name!r} it is {changed['name']!r}.", mark="answer")
        require(
            trial.api.ok("orgs_retrieve", org_id=own["id"])["name"] == name, "A new name is not kept.", mark="kept"
        )
        require(trial.api.ok("orgs_list")[0]["name"] == name, "The list has another name.", mark="list")
        require(changed["created_at"] == own["created_at"], "Renaming changes created_at.", mark="created")
        if trial.has_control:
            moved = moment(changed["updated_at"]) > moment(own["updated_at"])
            require(moved, "Renaming leaves updated_at.", mark="updated")
    for bad in ("", "x" * 121, None, 5):
        exchange = trial.api("orgs_partial_update", org_id=own["id"], json={"name": bad})
        require(
            exchange.status == 400 and "name" in exchange.json,
            f"The name {bad!r} is answered {exchange.status}.",
            exchange,
            mark="bounds",
        )
    require(trial.api.ok("orgs_list")[0]["name"] == own["name"], "A refused name was taken.", mark="refused")


@law(
    "ML-610",
    source="organizations.md#create-an-organization",
    needs=BOTH,
    operations=("orgs_create", "orgs_delete"),
    contracts=APRIL,
    causes=(
        "The key moves to the new organization; the new one has the old one's things; a deletion that "
        "leaves the keys."
    ),
)
def organizations_begin_and_end(trial: Trial) -> None:
    """A new organization is empty and the caller's; the key stays where it was; deleting one takes its keys
    along.
    """
    agent = trial.agent()
    own = trial.api.ok("orgs_list")[0]
    made = trial.api.ok("orgs_create", json={"name": "Second"})
    require(made["id"] != own["id"] and made["name"] == "Second", f"A new organization is {made}.", mark="made")
    require(
        [each["id"] for each in trial.api.ok("orgs_list")] == [own["id"]],
        "The key left its organization.",
        mark="stays",
    )
    holder = trial.api.holding(trial.control.key(organization_id=made["id"]))
    for collection in collections_of(trial):
        if collection.name == "api-keys":
            continue
        with trial.about(collection.listing):
            collection.made(trial, 1)
            require(collection.listed(trial), f"{collection.listing} is empty.", mark=f"{collection.name} listed")
            found = holder.ok(collection.listing)
            require(found == [], f"A new organization has {collection.name}: {found[:1]}.", mark=collection.name)
    require(holder.ok("calls_list")["total"] == 0, "A new organization has calls.", mark="calls")
    require(
        holder.ok("orgs_list")[0]["role"] == "owner", "Who made an organization does not own it.", mark="owner"
    )
    require(
        holder("agents_retrieve", agent_id=agent["id"]).status == 404,
        "A new organization sees another's agent.",
        mark="sees",
    )
    only = trial.stranger()
    exchange = only("orgs_delete", org_id=only.ok("orgs_list")[0]["id"])
    require(
        exchange.status == 400,
        f"Somebody's only organization is deleted: {exchange.status}.",
        exchange,
        mark="only",
    )
    require(
        trial.api("orgs_delete", org_id=987_654_321_987).status == 404,
        "An unknown organization is deleted.",
        mark="unknown",
    )
    exchange = holder("orgs_delete", org_id=made["id"])
    require(exchange.status == 204, f"{exchange.what}; 204 was due.", exchange, mark="deleted")
    exchange = holder("agents_list")
    require(
        exchange.status == 401,
        f"A key of a deleted organization is answered {exchange.status}.",
        exchange,
        mark="key",
    )
    require(
        trial.api("orgs_retrieve", org_id=made["id"]).status == 404,
        "A deleted organization is found.",
        mark="found",
    )
    trial.api.ok("agents_retrieve", agent_id=agent["id"])


def _joined(trial: Trial, email: str, role: str = "member") -> tuple[Client, Json]:
    """Somebody who was invited and has accepted: their client, and their membership."""
    trial.control.advance(2)
    trial.api.ok("invites_create", json={"email": email, "role": role})
    token = next(each["token"] for each in reversed(trial.control.emails()) if each["to"] == email)
    trial.api.ok("invites_accept", token=token)
    member = next(each for each in trial.api.ok("members_list") if each["email"] == email)
    return trial.api.holding(trial.control.key(member_id=member["id"])), member


@law(
    "ML-611",
    source="invites.md",
    needs=BOTH,
    operations=("invites_create", "invites_accept", "members_list"),
    contracts=APRIL,
    causes="The token in a reply; an invite that can be used twice; the wrong role.",
)
def an_invite_makes_a_member(trial: Trial) -> None:
    """An invite is listed, pending, good for seven days, without its token; accepted, its person is a member
    with its role.
    """
    invite = trial.api.ok("invites_create", json={"email": "ada@example.com", "role": "admin"})
    require(
        (invite["email"], invite["role"], invite["status"]) == ("ada@example.com", "admin", "pending"),
        f"A new invite is {invite}.",
        mark="new",
    )
    days = (moment(invite["expires_at"]) - moment(invite["created_at"])).total_seconds() / 86_400
    require(days == 7, f"An invite is good for {days:g} days.", mark="days")
    mail = trial.control.emails()[-1]
    listed = trial.api.ok("invites_list")
    require(listed[:1] == [invite], "The newest invite is not the first of the list.", mark="listed")
    require(mail["token"] not in str(listed) + str(invite), "A reply shows the invite's token.", mark="token")
    detail = trial.api.ok("invites_retrieve", invite_id=mail["token"])
    require(
        detail["id"] == invite["id"] and detail["org_name"] == trial.api.ok("orgs_list")[0]["name"],
        f"The invite says {detail}.",
        mark="detail",
    )
    again = trial.api("invites_create", json={"email": "ada@example.com"})
    require(again.status == 409, f"A person is invited twice: {again.status}.", again, mark="twice")
    count = len(trial.api.ok("members_list"))
    trial.api.ok("invites_accept", token=mail["token"])
    members = trial.api.ok("members_list")
    require(
        [each["role"] for each in members if each["email"] == "ada@example.com"] == ["admin"],
        "Who accepted an invite is not a member with its role, once.",
        mark="member",
    )
    require(len(members) == count + 1, "Accepting an invite changed other members.", mark="others")
    require(trial.api.ok("invites_list") == [], "An accepted invite is still pending.", mark="pending")
    exchange = trial.api("invites_accept", token=mail["token"])
    require(
        exchange.status == 409, f"An invite is accepted twice: {exchange.status}.", exchange, mark="accepted twice"
    )
    exchange = trial.api("invites_create", json={"email": "ada@example.com"})
    require(exchange.status == 409, f"A member is invited: {exchange.status}.", exchange, mark="member invited")
    default = trial.api.ok("invites_create", json={"email": "bob@example.com"})
    require(default["role"] == "member", f"Without a role, an invite is for {default['role']}.", mark="default")
    bob = trial.control.emails()[-1]["token"]
    trial.api.ok("invites_decline", token=bob)
    require(
        "bob@example.com" not in [each["email"] for each in trial.api.ok("members_list")],
        "Who declined is a member.",
        mark="declined",
    )
    require(
        trial.api("invites_accept", token=bob).status == 409,
        "A declined invite is accepted.",
        mark="declined accepted",
    )
    again = trial.api("invites_decline", token=bob)
    require(again.status == 409, f"An answered invite is declined: {again.status}.", again, mark="declined twice")
    revoked = trial.api.ok("invites_create", json={"email": "eve@example.com"})
    trial.control.advance(2)
    later = trial.api.ok("invites_create", json={"email": "fay@example.com"})
    order = [each["id"] for each in trial.api.ok("invites_list")]
    require(order[:2] == [later["id"], revoked["id"]], "Invites are not newest first.", mark="order")
    token = next(each["token"] for each in trial.control.emails() if each["to"] == "eve@example.com")
    trial.api.ok("invites_delete", invite_id=revoked["id"])
    require(
        trial.api("invites_accept", token=token).status in (404, 409),
        "A revoked invite is accepted.",
        mark="revoked",
    )
    trial.api.ok("invites_create", json={"email": "old@example.com"})
    token = trial.control.emails()[-1]["token"]
    trial.control.advance(7 * 86_400 + 60)
    require(
        trial.api("invites_accept", token=token).status == 409, "An expired invite is accepted.", mark="expired"
    )
    require(
        "old@example.com" not in [each["email"] for each in trial.api.ok("invites_list")],
        "An expired invite is listed.",
        mark="listed expired",
    )


@law(
    "ML-612",
    source="members.md, api-keys.md: owner and admins may manage keys",
    needs=BOTH,
    operations=("invites_create", "members_list", "developer_api_keys_list"),
    contracts=APRIL,
    causes="Roles that are shown and not enforced; 401 or 404 in place of 403.",
)
def roles_decide(trial: Trial) -> None:
    """A member may not manage people, keys and webhook endpoints (403) and may do the rest; an admin may, but
    for roles.
    """
    member, card = _joined(trial, "mel@example.com")
    admin, other = _joined(trial, "kim@example.com", "admin")
    forbidden: tuple[tuple[str, dict[str, Json]], ...] = (
        ("developer_api_keys_list", {}),
        ("developer_api_keys_create", {"json": {"name": "x"}}),
        ("developer_webhook_endpoints_list", {}),
        ("developer_webhook_endpoints_create", {"json": {"label": "x", "url": "https://example.com/x"}}),
        ("invites_list", {}),
        ("invites_create", {"json": {"email": "new@example.com"}}),
        ("members_delete", {"member_id": other["id"]}),
        ("members_role_bulk_update", {"member_id": other["id"], "json": {"role": "member"}}),
        ("members_transfer_ownership", {"member_id": card["id"]}),
        ("orgs_partial_update", {"org_id": trial.api.ok("orgs_list")[0]["id"], "json": {"name": "Mine"}}),
        ("orgs_delete", {"org_id": trial.api.ok("orgs_list")[0]["id"]}),
    )
    for name, arguments in forbidden:
        with trial.about(name):
            exchange = member(name, **arguments)
            require(
                exchange.status == 403,
                f"A member's {exchange.what}; 403 was due.",
                exchange,
                mark=f"{name} member",
            )
            require(exchange.json.get("detail"), "A 403 gives no reason.", exchange, mark=f"{name} reason")
    for name in ("agents_list", "calls_list", "members_list", "billing_list"):
        member.ok(name)
    exchange = admin("members_delete", member_id=other["id"])
    require(
        exchange.status == 400, f"Who removes themselves is answered {exchange.status}.", exchange, mark="self"
    )
    member.ok("agents_create", json={"name": "Mel's", "prompt": "x", "voice": "x"})
    for name in ("developer_api_keys_list", "developer_webhook_endpoints_list", "invites_list"):
        admin.ok(name)
    owner = next(each for each in trial.api.ok("members_list") if each["role"] == "owner")
    for name, arguments in (
        ("members_role_bulk_update", {"member_id": card["id"], "json": {"role": "admin"}}),
        ("members_delete", {"member_id": owner["id"]}),
        ("members_transfer_ownership", {"member_id": other["id"]}),
    ):
        with trial.about(name):
            exchange = admin(name, **arguments)
            require(
                exchange.status == 403, f"An admin's {exchange.what}; 403 was due.", exchange, mark=f"{name} admin"
            )
    require(member.ok("orgs_list")[0]["role"] == "member", "A member's key has another role.", mark="role")


@law(
    "ML-613",
    source="members.md",
    needs=BOTH,
    operations=("members_delete", "members_role_bulk_update", "leave_create"),
    contracts=APRIL,
    causes="A role that is not kept; a removed person whose key goes on; an owner who leaves.",
)
def members_come_and_go(trial: Trial) -> None:
    """The owner changes roles for good, hands over, removes; who is removed or leaves is no member and their key
    is refused.
    """
    member, card = _joined(trial, "mel@example.com")
    _joined(trial, "ann@example.com")
    order = [moment(each["created_at"]) for each in trial.api.ok("members_list")]
    require(order == sorted(order), "Members are not in the order of joining.", mark="order")
    changed = trial.api.ok("members_role_bulk_update", member_id=card["id"], json={"role": "admin"})
    require(
        (changed["id"], changed["role"]) == (card["id"], "admin"),
        f"A new role is answered {changed}.",
        mark="answer",
    )
    listed = {each["id"]: each["role"] for each in trial.api.ok("members_list")}
    require(listed[card["id"]] == "admin", "A new role is not kept.", mark="kept")
    require(
        list(listed.values()).count("owner") == 1,
        f"An organization has {list(listed.values()).count('owner')} owners.",
        mark="owners",
    )
    member.ok("developer_api_keys_list")
    for bad in ("owner", "boss", None):
        exchange = trial.api("members_role_bulk_update", member_id=card["id"], json={"role": bad})
        require(
            exchange.status == 400, f"The role {bad!r} is answered {exchange.status}.", exchange, mark="bad role"
        )
    owner = next(each for each in trial.api.ok("members_list") if each["role"] == "owner")
    require(trial.api("leave_create").status == 403, "The owner may leave.", mark="owner leaves")
    require(
        trial.api("members_delete", member_id=owner["id"]).status in (400, 403),
        "The owner is removed.",
        mark="owner removed",
    )
    require(
        trial.api("members_role_bulk_update", member_id=owner["id"], json={"role": "member"}).status == 403,
        "The owner is made a member.",
        mark="owner demoted",
    )
    exchange = trial.api("members_delete", member_id=card["id"])
    require(exchange.status == 204, f"{exchange.what}; 204 was due.", exchange, mark="removed")
    require(
        card["id"] not in [each["id"] for each in trial.api.ok("members_list")],
        "A removed member is listed.",
        mark="listed",
    )
    require(member("agents_list").status == 401, "A removed member's key goes on.", mark="key")
    require(
        trial.api("members_delete", member_id=card["id"]).status == 404, "A member is removed twice.", mark="twice"
    )
    leaver, left = _joined(trial, "leo@example.com")
    require(leaver("leave_create").status == 204, "A member cannot leave.", mark="leave")
    require(
        left["id"] not in [each["id"] for each in trial.api.ok("members_list")],
        "Who left is still a member.",
        mark="left",
    )
    require(leaver("agents_list").status == 401, "The key of who left goes on.", mark="left key")
    heir, heiress = _joined(trial, "zoe@example.com", "admin")
    trial.api.ok("members_transfer_ownership", member_id=heiress["id"])
    roles = {each["id"]: each["role"] for each in trial.api.ok("members_list")}
    require(
        roles[heiress["id"]] == "owner" and list(roles.values()).count("owner") == 1,
        f"After a transfer the roles are {roles}.",
        mark="transfer",
    )
    require(
        heir.ok("orgs_list")[0]["role"] == "owner", "The new owner's key has another role.", mark="transfer key"
    )


@law(
    "ML-614",
    source="agents.md#transfer-an-agent, phone-numbers.md#transfer-a-phone-number",
    needs=BOTH,
    operations=("agents_transfer", "orgs_create"),
    contracts=APRIL,
    causes="A move that leaves the original; a copy that moves; a transfer to somebody else's organization.",
)
def transfers_move_or_copy(trial: Trial) -> None:
    """A moved agent is there and no longer here, a copied one in both; a stranger's organization is 403."""
    second = trial.api.ok("orgs_create", json={"name": "Second"})
    there = trial.api.holding(trial.control.key(organization_id=second["id"]))
    home = trial.api.ok("orgs_list")[0]["id"]
    for kind, listing, retrieve, key in (
        ("agents", "agents_transfer", "agents_retrieve", "agent_id"),
        ("integrations", "integrations_transfer", "integrations_retrieve", "integration_id"),
    ):
        if not trial.has(listing):
            continue
        collection: Collection = next(each for each in COLLECTIONS if each.name == kind)
        with trial.about(listing):
            one = collection.made(trial, 1)
            exchange = trial.api(
                listing, **{key: one["id"]}, json={"target_org_id": second["id"], "mode": "copy", "name": "There"}
            )
            require(
                exchange.status == 201,
                f"A copy is answered {exchange.status}; 201 was due.",
                exchange,
                mark=f"{kind} copy status",
            )
            copy = exchange.json[kind.removesuffix("s")]
            called = copy.get("name", copy.get("display_name"))
            require(called == "There", f"A copy to be called There is {called!r}.", exchange, mark=f"{kind} name")
            require(copy["id"] != one["id"], "A copy has the original's id.", exchange, mark=f"{kind} copy id")
            require(
                there(retrieve, **{key: copy["id"]}).status == 200,
                "A copy is not there.",
                mark=f"{kind} copy there",
            )
            require(
                trial.api(retrieve, **{key: one["id"]}).status == 200,
                "A copied thing is no longer here.",
                mark=f"{kind} copy here",
            )
            require(
                (exchange.json["source_org_id"], exchange.json["target_org_id"], exchange.json["mode"])
                == (home, second["id"], "copy"),
                f"A transfer says {exchange.json}.",
                exchange,
                mark=f"{kind} says",
            )
            exchange = trial.api(listing, **{key: one["id"]}, json={"target_org_id": second["id"], "mode": "move"})
            require(
                exchange.status == 200,
                f"A move is answered {exchange.status}; 200 was due.",
                exchange,
                mark=f"{kind} move status",
            )
            require(
                there(retrieve, **{key: one["id"]}).status == 200,
                "A moved thing is not there under its id.",
                mark=f"{kind} move there",
            )
            require(
                trial.api(retrieve, **{key: one["id"]}).status == 404,
                "A moved thing is still here.",
                mark=f"{kind} move here",
            )
            require(
                one["id"] not in [each["id"] for each in collection.listed(trial)],
                "A moved thing is listed.",
                mark=f"{kind} move listed",
            )
            foreign = trial.stranger().ok("orgs_list")[0]["id"]
            other = collection.made(trial, 2)
            exchange = trial.api(listing, **{key: other["id"]}, json={"target_org_id": foreign, "mode": "move"})
            require(
                exchange.status == 403,
                f"A transfer to a stranger is answered {exchange.status}.",
                exchange,
                mark=f"{kind} stranger",
            )
            require(
                trial.api(retrieve, **{key: other["id"]}).status == 200,
                "A refused transfer moved something.",
                mark=f"{kind} refused",
            )
    if trial.has("phone_numbers_transfer"):
        with trial.about("phone_numbers_transfer"):
            line = trial.line()
            moved = trial.api.ok(
                "phone_numbers_transfer", phone_number_id=line["id"], json={"target_org_id": second["id"]}
            )
            require(moved["phone_number"]["number"] == line["number"], "Another number was moved.", mark="number")
            require(
                moved["phone_number"]["inbound_agent_id"] is None and moved["cleared_agent_assignments"] is True,
                "A moved number keeps its agents.",
                mark="number agents",
            )
            require(
                trial.api("phone_numbers_retrieve", phone_number_id=line["id"]).status == 404,
                "A moved number is still here.",
                mark="number here",
            )
            require(
                line["number"] in [each["number"] for each in there.ok("phone_numbers_list")],
                "A moved number is not there.",
                mark="number there",
            )
