"""Telephone numbers, calls out, sessions, the widget, test calls and connections."""

import base64
import itertools
import json
import re
from typing import Any

from ..finding import require
from ..law import Need, law
from ..trial import Trial
from .lists import APRIL, E164, moment

Json = Any

WRITES = (Need.WRITES,)
SPENDS = (Need.WRITES, Need.BILLABLE)
BOTH = (Need.CONTROL, Need.WRITES, Need.BILLABLE)


@law(
    "ML-721",
    source="outbound-calls.md#place-an-outbound-call",
    needs=BOTH,
    operations=("calls_place", "calls_retrieve"),
    contracts=APRIL,
    causes="A call that leaves no record; numbers swapped; another agent.",
)
def an_outbound_call_becomes_a_call(trial: Trial) -> None:
    """A placed call is answered `initiated` before it rings, is a call in progress at once, and ends like any
    other.
    """
    line = trial.caller_line()
    agent = trial.agent(product="bolt")
    exchange = trial.api(
        "calls_place", json={"from_number": line["number"], "to_number": "+14155550142", "agent_id": agent["id"]}
    )
    require(
        exchange.status == 201 and exchange.json["status"] == "initiated",
        f"A placed call is answered {exchange.shown_reply()}.",
        exchange,
        mark="answer",
    )
    call_id = exchange.json["call_id"]
    call = trial.api.ok("calls_retrieve", call_id=call_id)
    require(
        (call["status"], call["direction"]) == ("in_progress", "outbound"),
        f"A placed call is {call['status']}, {call['direction']}.",
        mark="begun",
    )
    require(
        (call["from_number"], call["to_number"]) == (line["number"], "+14155550142"),
        "A placed call has other numbers.",
        mark="numbers",
    )
    require(
        (call["agent_id"], call["product"]) == (agent["id"], "bolt"),
        "Another agent calls than the one named.",
        mark="agent",
    )
    trial.settle()
    call = trial.api.ok("calls_retrieve", call_id=call_id)
    require(
        call["status"] in ("completed", "failed") and call["end_time"] is not None,
        f"A placed call is still {call['status']}.",
        mark="end",
    )
    other = trial.api.ok("calls_place", json={"from_number": line["number"], "to_number": "+14155550143"})
    shown = trial.api.ok("calls_retrieve", call_id=other["call_id"])
    require(
        shown["agent_id"] == line["outbound_agent_id"],
        "Without an agent the number's outbound agent does not call.",
        mark="default agent",
    )
    config = {"prompt": "Sell lamps.", "voice": "en-US-James1", "product": "storm-base"}
    third = trial.api.ok(
        "calls_place", json={"from_number": line["number"], "to_number": "+14155550144", "config": config}
    )
    shown = trial.api.ok("calls_retrieve", call_id=third["call_id"])
    require(
        shown["product"] == "storm-base",
        f"A call with a configuration of its own runs with {shown['product']}.",
        mark="config",
    )


@law(
    "ML-722",
    source="outbound-calls.md: what a refusal says",
    needs=SPENDS,
    operations=("calls_place",),
    contracts=APRIL,
    causes="Numbers that are not looked up; demo numbers that call out; both an agent and a configuration taken.",
)
def a_call_that_cannot_be_placed(trial: Trial) -> None:
    """A call without numbers, with both agent and configuration, from a demo or a stranger's number is refused
    and makes no call.
    """
    demo = trial.number()
    if trial.has_control:
        trial.settle()
    agent = trial.agent()
    total = trial.api.ok("calls_list", limit=1)["total"]
    to = {"to_number": "+14155550142"}
    config = {"prompt": "x", "voice": "x"}
    cases: list[tuple[int, Json]] = [
        (400, {}),
        (400, to),
        (400, {"from_number": demo["number"]}),
        (400, {"from_number": "12", **to}),
        (400, {"from_number": demo["number"], "to_number": "4155550142"}),
        (400, {"from_number": demo["number"], **to, "agent_id": agent["id"], "config": config}),
        (400, {"from_number": demo["number"], **to, "config": {**config, "colour": "red"}}),
        (403, {"from_number": demo["number"], **to, "agent_id": agent["id"]}),
        (404, {"from_number": "+14155559876", **to, "agent_id": agent["id"]}),
    ]
    for status, body in cases:
        with trial.about("calls_place"):
            exchange = trial.api("calls_place", json=body)
            require(
                exchange.status == status,
                f"{body} is answered {exchange.status}; {status} was due.",
                exchange,
                mark=f"{status} {sorted(body)}",
            )
    with trial.about("calls_list"):
        require(trial.api.ok("calls_list", limit=1)["total"] == total, "A refused call was placed.", mark="placed")


@law(
    "ML-723",
    source="mic-sessions.md",
    needs=SPENDS,
    operations=("mic_session_create", "calls_retrieve"),
    contracts=APRIL,
    causes="A room that does not go with its call; a token that is none.",
)
def a_mic_session_is_a_call(trial: Trial) -> None:
    """A mic session is a call of direction `mic` with its agent, and its token lets into its room for a while."""
    agent = trial.agent()
    one, two = (trial.api.ok("mic_session_create", json={"agent_id": agent["id"]}) for _ in range(2))
    require(
        one["call_id"] != two["call_id"] and one["room_name"] != two["room_name"],
        "Two sessions share a call or room.",
        mark="shared",
    )
    call = trial.api.ok("calls_retrieve", call_id=one["call_id"])
    require(
        (call["direction"], call["agent_id"]) == ("mic", agent["id"]),
        f"A mic session is {call['direction']}, agent {call['agent_id']}.",
        mark="call",
    )
    require(
        one["server_url"].startswith(("wss://", "ws://")),
        f"A room's server is {one['server_url']}.",
        mark="server",
    )
    parts = one["token"].split(".")
    require(len(parts) == 3, "A token is no JSON web token.", mark="token")
    claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    require(
        claims.get("video", {}).get("room") == one["room_name"],
        f"A token lets into {claims.get('video')}, not its room.",
        mark="room",
    )
    for body in ({}, {"agent_id": None}, {"agent_id": "x"}):
        exchange = trial.api("mic_session_create", json=body)
        require(
            (exchange.status == 400 and "agent_id" in exchange.json)
            or (exchange.status == 400 and "agent_id" in str(exchange.json)),
            f"A session for {body} is answered {exchange.shown_reply()[:100]}.",
            exchange,
            mark="required",
        )


@law(
    "ML-724",
    source="phone-numbers.md#provision-a-demo-number",
    needs=(Need.CONTROL, Need.WRITES),
    operations=("phone_numbers_create",),
    contracts=APRIL,
    causes="A number that is active at once, or never; a wrong area; the same number twice.",
)
def a_number_becomes_active(trial: Trial) -> None:
    """A new number is `provisioning`, of its area and in E.164, without agents; some seconds later it is
    `active`.
    """
    numbers = []
    for area in ("415", "212"):
        made = trial.number(area_code=area)
        require(made["status"] == "provisioning", f"A new number is {made['status']}.", mark="status")
        require(
            E164.fullmatch(made["number"]) and made["number"].startswith(f"+1{area}"),
            f"A number of the area {area} is {made['number']}.",
            mark="area",
        )
        require(
            (made["source"], made["inbound_agent_id"], made["outbound_agent_id"], made["voip_connection_id"])
            == ("demo", None, None, None),
            f"A new number is {made}.",
            mark="plain",
        )
        numbers.append(made["number"])

        def active(made: Json = made) -> bool:
            return bool(trial.api.ok("phone_numbers_retrieve", phone_number_id=made["id"])["status"] == "active")

        require(trial.until(active, within=60, step=2), "A number is not active after a minute.", mark="active")
    require(len(set(numbers)) == 2, "Two numbers are the same.", mark="twice")


@law(
    "ML-725",
    source="phone-numbers.md#get-the-limits",
    needs=WRITES,
    operations=("phone_numbers_limits_list", "phone_numbers_create"),
    contracts=APRIL,
    causes="A counter that does not go down again; a limit that is shown and not kept.",
)
def numbers_are_limited(trial: Trial) -> None:
    """The limits count the demo numbers as they come and go; beyond the limit there are none: 403."""
    limits = trial.api.ok("phone_numbers_limits_list")
    own = [
        each
        for each in trial.api.ok("phone_numbers_list")
        if each["source"] == "demo" and each["status"] != "released"
    ]
    require(
        limits["platform_numbers_used"] == len(own),
        f"{limits['platform_numbers_used']} numbers are counted; {len(own)} are there.",
        mark="used",
    )
    first = trial.number()
    require(
        trial.api.ok("phone_numbers_limits_list")["platform_numbers_used"] == len(own) + 1,
        "A new number is not counted.",
        mark="up",
    )
    trial.api.ok("phone_numbers_delete", phone_number_id=first["id"])
    require(
        trial.api.ok("phone_numbers_limits_list")["platform_numbers_used"] == len(own),
        "A released number is still counted.",
        mark="down",
    )
    if trial.is_own and limits["max_platform_numbers"] <= 20:
        for _ in range(limits["max_platform_numbers"] - len(own)):
            trial.number()
        exchange = trial.api("phone_numbers_create", json={})
        require(
            exchange.status == 403,
            f"Beyond the limit a number is answered {exchange.status}.",
            exchange,
            mark="beyond",
        )


@law(
    "ML-726",
    source="phone-numbers.md#update-a-phone-number, phone-numbers.md#replace-a-numbers-assignments",
    needs=WRITES,
    operations=("phone_numbers_partial_update", "phone_numbers_update"),
    contracts=APRIL,
    causes="PATCH that unassigns the other agent; PUT that keeps it; null not understood.",
)
def assignments_of_a_number(trial: Trial) -> None:
    """PATCH changes the assignment it sends and no other, null unassigns; PUT unassigns what it leaves out; both
    are kept.
    """
    one, two = trial.agent()["id"], trial.agent()["id"]
    made = trial.number()
    number = made["id"]
    if trial.has_control:
        trial.settle()
    kept = "failed"
    trial.api.ok("phone_numbers_partial_update", phone_number_id=number, json={"status": kept})
    steps: list[tuple[str, Json, tuple[Json, Json]]] = [
        ("phone_numbers_partial_update", {"inbound_agent_id": one}, (one, None)),
        ("phone_numbers_partial_update", {"outbound_agent_id": two}, (one, two)),
        ("phone_numbers_partial_update", {"inbound_agent_id": None}, (None, two)),
        ("phone_numbers_partial_update", {}, (None, two)),
        ("phone_numbers_update", {"inbound_agent_id": two}, (two, None)),
        ("phone_numbers_update", {"inbound_agent_id": one, "outbound_agent_id": one}, (one, one)),
        ("phone_numbers_update", {}, (None, None)),
    ]
    for name, body, due in steps:
        with trial.about(name):
            changed = trial.api.ok(name, phone_number_id=number, json=body)
            shown = trial.api.ok("phone_numbers_retrieve", phone_number_id=number)
            for each in (changed, shown):
                require(
                    each["status"] == kept, f"{name} with {body} makes the status {each['status']}.", mark="status"
                )
                got = (each["inbound_agent_id"], each["outbound_agent_id"])
                require(
                    got == due,
                    f"{name} with {body} gives the agents {got}; {due} were due.",
                    mark=f"{name} {sorted(body)}",
                )


@law(
    "ML-727",
    source="agents.md, phone-numbers.md",
    needs=WRITES,
    operations=("agents_delete", "phone_numbers_partial_update"),
    contracts=APRIL,
    causes="References to what is gone.",
)
def a_deleted_agent_answers_nowhere(trial: Trial) -> None:
    """When an agent is deleted, no number has it any more, and it cannot be assigned."""
    agent = trial.agent()["id"]
    number = trial.number()["id"]
    trial.api.ok(
        "phone_numbers_partial_update",
        phone_number_id=number,
        json={"inbound_agent_id": agent, "outbound_agent_id": agent},
    )
    trial.api.ok("agents_delete", agent_id=agent)
    shown = trial.api.ok("phone_numbers_retrieve", phone_number_id=number)
    require(
        (shown["inbound_agent_id"], shown["outbound_agent_id"]) == (None, None),
        "A number still has a deleted agent.",
        mark="kept",
    )
    exchange = trial.api("phone_numbers_partial_update", phone_number_id=number, json={"inbound_agent_id": agent})
    require(exchange.status == 404, f"A deleted agent is assigned: {exchange.status}.", exchange, mark="assigned")


@law(
    "ML-728",
    source="publishable-keys.md, widget.md",
    needs=SPENDS,
    operations=("publishable_key_create", "widget_session_create"),
    contracts=APRIL,
    causes="Domains that are not looked at; a secret key or none taken; paused keys that go on.",
)
def the_widget_opens_where_it_may(trial: Trial) -> None:
    """A widget session opens with a publishable key, from its domains only, while it is enabled; the call is the
    key's agent's.
    """
    agent = trial.agent(name="Desk")
    key = trial.api.ok(
        "publishable_key_create",
        json={
            "name": "Shop",
            "allowed_domains": ["shop.example.com", "*.example.org"],
            "mode": "agent",
            "agent_id": agent["id"],
        },
    )
    require(
        key["key"].startswith("pk_") and key["key"].startswith(key["key_prefix"]),
        f"A publishable key is {key['key'][:8]}….",
        mark="form",
    )
    require(key["key_prefix"] == key["key"][:12], f"A key's prefix is {key['key_prefix']!r}.", mark="prefix")
    for bad in (["*"], ["*.*"], ["https://shop.example.com"], ["shop example.com"], []):
        exchange = trial.api("publishable_key_create", json={"allowed_domains": bad, "agent_id": agent["id"]})
        require(
            exchange.status == 400 and "allowed_domains" in str(exchange.json),
            f"A key for the domains {bad} is answered {exchange.status}; 400 was due.",
            exchange,
            mark="domains",
        )
    require(key["is_active"] is True and key["is_enabled"] is True, "A new key is not in use.", mark="in use")
    nobody = trial.api.holding(None)

    def opened(origin: str | None, api_key: str | None = key["key"]) -> Any:
        sent = {} if api_key is None else {"X-API-Key": api_key}
        return nobody(
            "widget_session_create", json={}, headers=sent | ({} if origin is None else {"Origin": origin})
        )

    for origin in (
        "https://shop.example.com",
        "https://www.example.org",
        "http://localhost:3000",
        "http://127.0.0.1",
    ):
        exchange = opened(origin)
        require(
            exchange.status == 200,
            f"From {origin} the widget is answered {exchange.status}.",
            exchange,
            mark="allowed",
        )
        session = exchange.json
        require(
            session["agent_name"] == "Desk",
            f"The widget's agent is called {session['agent_name']}.",
            exchange,
            mark="agent name",
        )
        call = trial.api.ok("calls_retrieve", call_id=session["call_id"])
        require(
            (call["direction"], call["agent_id"]) == ("widget", agent["id"]),
            f"A widget session is {call['direction']}.",
            mark="call",
        )
    for origin in (
        "https://evil.example.net",
        "https://shop.example.com.evil.net",
        "https://evilshop.example.com",
        "https://example.org",
        "https://evilexample.org",
        "https://other.example.com",
        "https://example.com",
    ):
        exchange = opened(origin)
        require(
            exchange.status == 403 and exchange.json.get("error") == "domain_not_allowed",
            f"From {origin} the widget is answered {exchange.shown_reply()[:120]}.",
            exchange,
            mark="foreign domain",
        )
    for wrong in (None, "pk_live_nonsense", "sk_test_0123456789"):
        exchange = opened("https://shop.example.com", wrong)
        require(
            exchange.status == 401,
            f"With the key {wrong} the widget is answered {exchange.status}.",
            exchange,
            mark="wrong key",
        )
    trial.api.ok("publishable_key_partial_update", key_id=key["id"], json={"is_enabled": False})
    exchange = opened("https://shop.example.com")
    require(
        exchange.status == 403 and exchange.json.get("error") == "key_disabled",
        f"With a paused key the widget is answered {exchange.shown_reply()[:120]}; 403 key_disabled was due.",
        exchange,
        mark="paused",
    )
    trial.api.ok("publishable_key_partial_update", key_id=key["id"], json={"is_enabled": True})
    require(
        opened("https://shop.example.com").status == 200,
        "A key that goes on does not open the widget.",
        mark="resumed",
    )
    trial.api.ok("publishable_key_delete", key_id=key["id"])
    exchange = opened("https://shop.example.com")
    require(
        exchange.status in (401, 403),
        f"A deactivated key opens the widget: {exchange.status}.",
        exchange,
        mark="deactivated",
    )


@law(
    "ML-729",
    source="test-calls.md",
    needs=BOTH,
    operations=("test_calls_create", "test_calls_list"),
    contracts=APRIL,
    causes="A run that is over at once; a call that is not marked as a test; no consent needed.",
)
def a_test_call_runs(trial: Trial) -> None:
    """A test call is queued, then runs, then is over; its call is marked as a test and costs twice as much."""
    agent = trial.agent()
    body = {
        "target_type": "agent",
        "target_id": agent["id"],
        "direction": "outbound",
        "consent_to_charge": True,
        "scenario_prompt": "scenario:support-question",
    }
    run = trial.api.ok("test_calls_create", json=body)
    require(run["status"] == "queued", f"A new run is {run['status']}.", mark="queued")
    require(
        run["started_at"] is None and run["completed_at"] is None, "A queued run has begun or ended.", mark="early"
    )
    for name, value in body.items():
        if name != "consent_to_charge":
            require(run[name] == value, f"A run with {name} {value!r} says {run[name]!r}.", mark=f"{name}")
    require(
        trial.api.ok("test_calls_list", limit=1) == [run], "A new run is not the first of the list.", mark="listed"
    )
    seen = {run["status"]}
    for _ in range(200):
        now = trial.api.ok("test_calls_list", limit=1)[0]
        seen.add(now["status"])
        if now["status"] in ("completed", "failed"):
            break
        trial.control.advance(2)
    require(now["status"] == "completed", f"A run ended as {now['status']}: {now['error_message']!r}.", mark="end")
    require("in_progress" in seen, "A run was never in progress.", mark="in progress")
    require(
        now["started_at"] is not None
        and now["completed_at"] is not None
        and moment(now["started_at"]) <= moment(now["completed_at"]),
        "A run that is over has no times, or they are swapped.",
        mark="times",
    )
    trial.settle()
    call = trial.api.ok("calls_retrieve", call_id=now["call_id"])
    due = {"outbound": "inbound", "inbound": "outbound"}[run["direction"]]
    require(
        call["direction"] == due,
        f"An {run['direction']} run is told from the bot's side: its call is {call['direction']}, not {due}.",
        mark="side",
    )
    require(
        call["is_test_call"] is True and call["agent_id"] == agent["id"],
        "A run's call is not marked as a test, or has another agent.",
        mark="call",
    )
    require(
        call["billing_total_cents"] == 16 * call["billable_minutes"],
        f"A test call of {call['billable_minutes']} minutes of spark costs {call['billing_total_cents']} cents.",
        mark="cost",
    )
    total = len(trial.api.ok("test_calls_list"))
    for bad in (
        {**body, "consent_to_charge": False},
        {**body, "target_type": "person"},
        {**body, "direction": "sideways"},
        {name: value for name, value in body.items() if name != "consent_to_charge"},
    ):
        exchange = trial.api("test_calls_create", json=bad)
        require(
            exchange.status == 400, f"{bad} is answered {exchange.status}; 400 was due.", exchange, mark="refused"
        )
    require(len(trial.api.ok("test_calls_list")) == total, "A refused run was begun.", mark="begun")


@law(
    "ML-730",
    source="test-calls.md#start-a-batch-of-test-calls",
    needs=BOTH,
    operations=("test_call_batches_create", "test_calls_list"),
    contracts=APRIL,
    causes="Another number of runs; counters that do not add up; prompts in another order.",
)
def a_batch_is_its_runs(trial: Trial) -> None:
    """A batch begins as many runs as asked for, with its prompts in turn, and ends with the last; its counters
    are its runs'.
    """
    agent = trial.agent()
    prompts = ["scenario:support-question", "scenario:no-answer"]
    batch = trial.api.ok(
        "test_call_batches_create",
        json={
            "target_type": "agent",
            "target_id": agent["id"],
            "consent_to_charge": True,
            "run_count": 3,
            "stagger_seconds": 9,
            "scenario_prompts": prompts,
        },
    )
    require(
        (batch["status"], batch["run_count"], batch["direction"], batch["stagger_seconds"])
        == ("in_progress", 3, "outbound", 9),
        f"A new batch is {batch}.",
        mark="new",
    )
    require(
        batch["completed_runs"] == 0 and batch["failed_runs"] == 0,
        "A new batch has runs that are over.",
        mark="early",
    )
    trial.settle()
    shown = trial.api.ok("test_call_batches_retrieve", batch_id=batch["id"])
    starts = [
        moment(each["started_at"]) for each in reversed(trial.api.ok("test_calls_list")) if each["started_at"]
    ]
    gaps = [(later - earlier).total_seconds() for earlier, later in itertools.pairwise(starts)]
    require(
        all(gap >= batch["stagger_seconds"] - 1 for gap in gaps),
        f"Runs {batch['stagger_seconds']} s apart began {gaps} s after each other.",
        mark="stagger",
    )
    plain = {"target_type": "agent", "target_id": agent["id"], "consent_to_charge": True}
    default = trial.api.ok("test_call_batches_create", json=plain)
    require(
        (default["run_count"], default["stagger_seconds"], default["direction"]) == (3, 5, "outbound"),
        f"A batch without wishes is {default}.",
        mark="defaults",
    )
    foreign = trial.stranger()("test_call_batches_retrieve", batch_id=batch["id"])
    require(foreign.status == 404, f"A stranger's {foreign.what}; 404 was due.", foreign, mark="stranger")
    runs = {each["id"]: each for each in trial.api.ok("test_calls_list")}
    require(
        len(shown["run_ids"]) == 3 and set(shown["run_ids"]) <= set(runs),
        f"A batch of 3 has the runs {shown['run_ids']}.",
        mark="runs",
    )
    own = [runs[each] for each in shown["run_ids"]]
    require(
        [each["scenario_prompt"] for each in own] == [prompts[0], prompts[1], prompts[0]],
        "The prompts are not given in turn.",
        mark="prompts",
    )
    require(all(each["batch_id"] == batch["id"] for each in own), "A run does not name its batch.", mark="named")
    counted = (sum(each["status"] == "completed" for each in own), sum(each["status"] == "failed" for each in own))
    require(
        (shown["completed_runs"], shown["failed_runs"]) == counted,
        f"A batch counts {shown['completed_runs']} and {shown['failed_runs']}; {counted} are over.",
        mark="counted",
    )
    require(
        shown["status"] == "completed" and shown["completed_at"] is not None,
        f"A batch whose runs are over is {shown['status']}.",
        mark="over",
    )
    require(
        shown["estimated_cost_cents"] == sum(each["estimated_cost_cents"] for each in own),
        "A batch's cost is not that of its runs.",
        mark="cost",
    )
    for count in (0, 21):
        exchange = trial.api(
            "test_call_batches_create",
            json={"target_type": "agent", "target_id": agent["id"], "consent_to_charge": True, "run_count": count},
        )
        require(
            exchange.status == 400, f"A batch of {count} is answered {exchange.status}.", exchange, mark="bounds"
        )


@law(
    "ML-731",
    source="voip-connections.md",
    needs=(Need.CONTROL, Need.WRITES),
    operations=("voip_connections_create", "voip_connections_import_numbers"),
    contracts=APRIL,
    causes="Evidence that can be used twice; credentials in a reply; numbers imported twice.",
)
def a_connection_brings_numbers(trial: Trial) -> None:
    """A tested connection is made once per evidence, never shows its credentials, and brings numbers that can be
    verified.
    """
    body = {
        "provider": "telnyx",
        "credentials": {"apiKey": "KEY-secret-77"},
        "sip_config": {"domain": "sip.example.com", "password": "hush-hush"},
    }
    failed = trial.api.ok("voip_connections_test_create", json={**body, "credentials": {"apiKey": "KEY-invalid"}})
    require(
        (failed["status"], failed["verification_evidence_id"]) == ("fail", None),
        f"Bad credentials give {failed}.",
        mark="fail",
    )
    tested = trial.api.ok("voip_connections_test_create", json=body)
    require(
        tested["status"] == "pass" and all(tested["checks"].values()),
        f"Good credentials give {tested}.",
        mark="pass",
    )
    proven = {**body, "verification_evidence_id": tested["verification_evidence_id"]}
    made = trial.api.ok("voip_connections_create", json=proven)
    require(
        (made["provider"], made["status"], made["numbers_imported"]) == ("telnyx", "connected", 0),
        f"A new connection is {made}.",
        mark="new",
    )
    for shown in (
        made,
        trial.api.ok("voip_connections_retrieve", connection_id=made["id"]),
        trial.api.ok("voip_connections_list"),
    ):
        require(
            "KEY-secret-77" not in str(shown) and "hush-hush" not in str(shown),
            "A reply shows credentials.",
            mark="credentials",
        )
    require(
        trial.api("voip_connections_create", json=proven).status == 409,
        "Evidence makes two connections.",
        mark="evidence twice",
    )
    unknown = trial.api(
        "voip_connections_create",
        json={**body, "verification_evidence_id": "00000000-0000-4000-8000-00000000dead"},
    )
    require(
        unknown.status == 404,
        f"Evidence that does not exist is answered {unknown.status}.",
        unknown,
        mark="no evidence",
    )
    offered = [
        each["number"]
        for each in trial.api.ok("voip_connections_available_numbers_list", connection_id=made["id"])
    ]
    require(offered == sorted(offered), "Available numbers are not sorted.", mark="sorted")
    wanted = ["+14155557117", offered[0] if offered else "+14155557101"]
    wanted.sort(reverse=True)
    imported = trial.api.ok("voip_connections_import_numbers", connection_id=made["id"], json={"numbers": wanted})
    require(
        imported["imported_count"] == 2 and [each["number"] for each in imported["results"]] == wanted,
        f"Importing {wanted} gives {imported}.",
        mark="imported",
    )
    again = [
        each["number"]
        for each in trial.api.ok("voip_connections_available_numbers_list", connection_id=made["id"])
    ]
    require(not set(wanted) & set(again), "An imported number is still available.", mark="available")
    exchange = trial.api(
        "voip_connections_import_numbers", connection_id=made["id"], json={"numbers": [wanted[0], "+14155557133"]}
    )
    require(exchange.status == 409, f"A number is imported twice: {exchange.status}.", exchange, mark="twice")
    own = {each["number"]: each for each in trial.api.ok("phone_numbers_list")}
    require("+14155557133" not in own, "A refused import imported something.", mark="refused import")
    number = own["+14155557117"]
    require(
        (number["source"], number["voip_connection_id"], number["voip_verification_status"])
        == ("voip", made["id"], "unverified"),
        f"An imported number is {number}.",
        mark="number",
    )
    require(
        trial.api.ok("voip_connections_retrieve", connection_id=made["id"])["numbers_imported"] == 2,
        "Imported numbers are not counted.",
        mark="counted",
    )
    trial.api.ok("phone_numbers_verify_voip", phone_number_id=number["id"])
    trial.settle()
    shown = trial.api.ok("phone_numbers_retrieve", phone_number_id=number["id"])
    require(
        (shown["voip_verification_status"], shown["status"]) == ("verified", "active")
        and shown["voip_last_verified_at"] is not None,
        f"A verified number is {shown['voip_verification_status']}, {shown['status']}.",
        mark="verified",
    )
    demo = trial.number()
    require(
        trial.api("phone_numbers_verify_voip", phone_number_id=demo["id"]).status == 409,
        "A demo number is verified.",
        mark="demo",
    )
    trial.api.ok("voip_connections_delete", connection_id=made["id"])
    shown = trial.api.ok("phone_numbers_retrieve", phone_number_id=number["id"])
    require(
        (shown["voip_verification_status"], shown["status"]) == ("unverified", "failed"),
        f"Without its connection a number is {shown['status']}.",
        mark="orphan",
    )


@law(
    "ML-732",
    source="agents.md#agent-input-object",
    needs=WRITES,
    operations=("agents_create", "agents_partial_update"),
    contracts=APRIL,
    causes="Fields that contradict each other taken; a tier's thinking level not followed.",
)
def fillers_go_with_their_tier(trial: Trial) -> None:
    """A filler prompt takes mode `manual` and a Storm tier, each asks for the others, and a Storm tier decides
    the thinking level.
    """
    manual = {
        "product": "storm-base-with-ack",
        "acknowledgement_prompt_mode": "manual",
        "acknowledgement_prompt": "Say hm.",
    }
    agent = trial.agent(**manual)
    for name, value in manual.items():
        require(agent[name] == value, f"An agent made with {name} {value!r} has {agent[name]!r}.", mark=name)
    base = {"name": "x", "prompt": "x", "voice": "x"}
    for missing in manual:
        body = {**base, **{name: value for name, value in manual.items() if name != missing}}
        exchange = trial.api("agents_create", json=body)
        require(
            exchange.status == 400,
            f"An agent with a filler prompt and without {missing} is answered {exchange.status}.",
            exchange,
            mark=f"no {missing}",
        )
    for product, level in (("storm-base", "base"), ("storm-extra", "extra"), ("storm-extra-with-ack", "extra")):
        for asked in ("base", "extra"):
            made = trial.agent(product=product, thinking_level=asked)
            require(
                made["thinking_level"] == level,
                f"{product} asked for {asked} thinks {made['thinking_level']}; {level} is the tier's.",
                mark=product,
            )
    for product, level in (("storm-base", "base"), ("storm-extra", "extra"), ("storm-base-with-ack", "base")):
        made = trial.agent(thinking_level="base" if level == "extra" else "extra")
        changed = trial.api.ok("agents_partial_update", agent_id=made["id"], json={"product": product})
        shown = trial.api.ok("agents_retrieve", agent_id=made["id"])
        for each in (changed, shown):
            require(
                (each["product"], each["thinking_level"]) == (product, level),
                f"Changed to {product} an agent thinks {each['thinking_level']}; {level} is the tier's.",
                mark=f"changed {product}",
            )
    for asked in ("base", "extra"):
        require(
            trial.agent(product="spark", thinking_level=asked)["thinking_level"] == asked,
            "Spark does not keep the thinking level.",
            mark="spark",
        )
    plain = trial.agent()
    due: dict[str, Json] = {
        "product": "spark",
        "thinking_level": "base",
        "background_track": None,
        "acknowledgement_prompt_mode": "auto",
        "acknowledgement_prompt": None,
        "inbound_speak_order": "agent_first",
        "outbound_speak_order": "agent_first",
        "max_hold_seconds": None,
        "integrations": [],
        "tools": [],
        "widget_enabled": True,
    }
    wrong = [f"{name} {plain[name]!r}" for name, value in due.items() if plain[name] != value]
    require(not wrong, f"A plain agent has {', '.join(wrong)}; the defaults are others.", mark="defaults")
    exchange = trial.api("agents_partial_update", agent_id=agent["id"], json={"product": "spark"})
    require(
        exchange.status == 409,
        f"A filler prompt is left without its tier: {exchange.status}.",
        exchange,
        mark="contradiction",
    )
    require(
        trial.api.ok("agents_retrieve", agent_id=agent["id"]) == agent,
        "A refused change was kept.",
        mark="refused",
    )


@law(
    "ML-733",
    source="integrations.md: agents link integrations",
    needs=WRITES,
    operations=("integrations_create", "agents_create"),
    contracts=APRIL,
    causes="Links that are not shown, point at copies, or outlive what they link.",
)
def agents_link_integrations(trial: Trial) -> None:
    """An agent shows the integrations it links, as they are now; one that is deleted is linked no more."""
    tool = {
        "type": "function",
        "function": {"name": "find", "description": "Finds.", "parameters": {"type": "object", "properties": {}}},
    }
    one, two = (
        trial.api.ok("integrations_create", json={"display_name": name, "spec": tool}) for name in ("One", "Two")
    )
    agent = trial.agent(integration_ids=[one["id"], two["id"]])
    require(
        [each.get("id") for each in agent["integrations"]] == [one["id"], two["id"]],
        f"An agent links {agent['integrations']}.",
        mark="linked",
    )
    changed = trial.api.ok("agents_partial_update", agent_id=agent["id"], json={"integration_ids": [two["id"]]})
    require(
        [each.get("id") for each in changed["integrations"]] == [two["id"]],
        "Links that were replaced are kept.",
        mark="replaced",
    )
    trial.api.ok("integrations_partial_update", integration_id=two["id"], json={"display_name": "Two, renamed"})
    shown = trial.api.ok("agents_retrieve", agent_id=agent["id"])
    require(
        [each.get("display_name") for each in shown["integrations"]] == ["Two, renamed"],
        "An agent shows an integration as it was, not as it is.",
        mark="as it is",
    )
    changed = shown
    kept = trial.api.ok("agents_partial_update", agent_id=agent["id"], json={"name": "Linked"})
    require(kept["integrations"] == changed["integrations"], "An update without links changes them.", mark="kept")
    none = trial.api.ok("agents_partial_update", agent_id=agent["id"], json={"integration_ids": []})
    require(none["integrations"] == [], "An empty list of links unlinks nothing.", mark="emptied")
    trial.api.ok("agents_partial_update", agent_id=agent["id"], json={"integration_ids": [two["id"]]})
    trial.api.ok("integrations_delete", integration_id=two["id"])
    shown = trial.api.ok("agents_retrieve", agent_id=agent["id"])
    require(shown["integrations"] == [], "An agent links a deleted integration.", mark="deleted")
    listed = next(each for each in trial.api.ok("agents_list") if each["id"] == agent["id"])
    require(listed == shown, "The list shows other links than the record.", mark="list")


@law(
    "ML-734",
    source="integrations.md#send-a-test-request",
    needs=(Need.WRITES, Need.RECEIVER),
    operations=("integrations_test_request_create", "integrations_create"),
    contracts=APRIL,
    causes="A request that is not sent; arguments lost; an answer that is not shown.",
)
def a_test_request_is_really_sent(trial: Trial) -> None:
    """A test request reaches its endpoint with its method, headers and arguments, and tells what it answered;
    its integrations know.
    """
    inbox = trial.inbox()
    inbox.body = b'{"state": "on its way"}'
    tool = {"type": "function", "function": {"name": "find"}}
    made = trial.api.ok(
        "integrations_create",
        json={"display_name": "Find", "spec": tool, "endpoint_url": inbox.url, "endpoint_method": "POST"},
    )
    require(
        made["validation_status"] == "untested",
        f"A new integration is {made['validation_status']}.",
        mark="untested",
    )
    told = trial.api.ok(
        "integrations_test_request_create",
        json={"url": inbox.url, "method": "POST", "headers": {"X-Shop": "12"}, "body": {"number": "P-17"}},
    )
    require(
        (told["ok"], told["status_code"], told["reason"]) == (True, 200, ""),
        f"A good answer is told as {told}.",
        mark="ok",
    )
    require("on its way" in told["response_body_preview"], "The answer is not shown.", mark="preview")
    require(len(inbox.arrivals) == 1, f"A test request arrived {len(inbox.arrivals)} times.", mark="sent")
    arrival = inbox.arrivals[0]
    require(
        (arrival.method, arrival.headers.get("x-shop")) == ("POST", "12"),
        "Method or headers are lost.",
        mark="headers",
    )
    require("P-17" in arrival.body.decode(), f"The arguments are lost: {arrival.body!r}.", mark="arguments")
    shown = trial.api.ok("integrations_retrieve", integration_id=made["id"])
    require(
        shown["validation_status"] == "validated",
        f"After a good answer an integration is {shown['validation_status']}.",
        mark="validated",
    )
    nothing = trial.api.ok("integrations_test_request_create", json={"url": "http://127.0.0.1:9/closed"})
    require(
        (nothing["ok"], nothing["status_code"]) == (False, None) and nothing["reason"],
        f"When nothing answers, a test request tells {nothing}.",
        mark="nothing",
    )
    inbox.status = 302
    moved = trial.api.ok("integrations_test_request_create", json={"url": inbox.url, "method": "POST"})
    require(moved["ok"] is False, "An answer that is no 2xx is told as ok.", mark="moved")
    inbox.status = 500
    told = trial.api.ok("integrations_test_request_create", json={"url": inbox.url, "method": "POST"})
    require(
        (told["ok"], told["status_code"]) == (False, 500) and told["reason"],
        f"A bad answer is told as {told}.",
        mark="bad",
    )
    shown = trial.api.ok("integrations_retrieve", integration_id=made["id"])
    require(
        shown["validation_status"] == "error",
        f"After a bad answer an integration is {shown['validation_status']}.",
        mark="error",
    )
    changed = trial.api.ok(
        "integrations_partial_update", integration_id=made["id"], json={"endpoint_method": "GET"}
    )
    require(
        changed["validation_status"] == "untested",
        "An integration with another method is not untested.",
        mark="again",
    )


@law(
    "ML-735",
    source="agents.md#duplicate-an-agent",
    needs=WRITES,
    operations=("agents_duplicate",),
    contracts=APRIL,
    causes="A copy that shares state with the original; settings lost.",
)
def a_duplicate_is_a_copy(trial: Trial) -> None:
    """A duplicate has everything of its original but id, times and name, and the two change apart from then on."""
    tools = [{"type": "function", "function": {"name": "find"}}]
    agent = trial.agent(product="bolt", max_hold_seconds=40, background_track="office", tools=tools)
    if trial.has_control:
        trial.control.advance(5)
    exchange = trial.api("agents_duplicate", agent_id=agent["id"], json={"name": "Second"})
    require(exchange.status == 201, f"{exchange.what}; 201 was due.", exchange, mark="status")
    copy = exchange.json
    own = {"id", "name", "created_at", "updated_at"}
    differing = [name for name in agent if name not in own and agent[name] != copy[name]]
    require(not differing, f"A duplicate differs in {differing}.", exchange, mark="differs")
    require(
        copy["id"] != agent["id"] and copy["name"] == "Second",
        "A duplicate has the original's id, or another name than asked.",
        exchange,
        mark="own",
    )
    require(
        trial.api.ok("agents_retrieve", agent_id=copy["id"]) == copy, "A duplicate is kept otherwise.", mark="kept"
    )
    if trial.has_control:
        require(
            moment(copy["created_at"]) > moment(agent["created_at"]),
            "A duplicate is as old as its original.",
            mark="age",
        )
    trial.api.ok("agents_partial_update", agent_id=copy["id"], json={"prompt": "Changed."})
    require(
        trial.api.ok("agents_retrieve", agent_id=agent["id"]) == agent,
        "Changing the copy changed the original.",
        mark="shared",
    )
    require(
        copy["id"] in [each["id"] for each in trial.api.ok("agents_list")],
        "A duplicate is not listed.",
        mark="listed",
    )


@law(
    "ML-736",
    source="agents.md#check-a-prompts-language, agents.md#translate-a-prompt",
    operations=("agents_prompt_language_check_create",),
    contracts=APRIL,
    causes="Everything taken for English; a confidence in percent.",
)
def a_prompt_tells_its_language(trial: Trial) -> None:
    """A prompt's language is told, and a mismatch with the language wanted; a translation says whether it is
    one.
    """
    texts = {
        "en": "You answer questions about parcels and you keep your answers short.",
        "de": "Du beantwortest Fragen zu Paketen und fasst dich dabei kurz.",
        "es": "Respondes preguntas sobre los paquetes y das respuestas cortas para el cliente.",
    }
    for code, text in texts.items():
        told = trial.api.ok("agents_prompt_language_check_create", json={"prompt": text, "target_locale": "en-US"})
        require(
            re.match(code, told["detected_language_code"]),
            f"{text!r} is taken for {told['detected_language_code']}.",
            mark=code,
        )
        require(
            told["mismatch"] is (code != "en"),
            f"For {code}, wanted en, mismatch is {told['mismatch']}.",
            mark="mismatch",
        )
        require(0 <= told["confidence"] <= 1, f"A confidence is {told['confidence']}.", mark="confidence")
    if trial.has("agents_translate_prompt_create"):
        wish = {"prompt": texts["de"], "target_locale": "en-US"}
        other = trial.api.ok("agents_translate_prompt_create", json=wish)
        if other["translated_prompt"] == texts["de"]:
            require(
                other["used_fallback"] is True and other["warning"],
                "A prompt comes back untranslated, and nothing says so.",
                mark="honest",
            )
        same = trial.api.ok(
            "agents_translate_prompt_create", json={"prompt": texts["en"], "target_locale": "en-US"}
        )
        require(
            same["translated_prompt"] == texts["en"], "A prompt in the language wanted is changed.", mark="same"
        )
