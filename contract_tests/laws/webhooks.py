"""Webhooks: what arrives, how it is signed, to whom, in which order, how often, and what an answer decides."""

import itertools
import json
import re
import time
from typing import Any

from ..finding import require
from ..law import Need, law
from ..receiver import V1_HEADER, V2_HEADER, Arrival, Inbox
from ..trial import Trial
from .lists import APRIL, E164

Json = Any

NEEDS = (Need.WRITES, Need.CONTROL, Need.RECEIVER)
OPERATIONS = ("developer_webhook_endpoints_create",)
DAY = 86_400


def _endpoint(trial: Trial, *events: str, **fields: Json) -> tuple[Inbox, Json]:
    """A new inbox with an endpoint that posts to it."""
    inbox = trial.inbox()
    body = {"label": "Contract suite", "url": inbox.url, "events": list(events), **fields}
    return inbox, trial.api.ok("developer_webhook_endpoints_create", json=body)


def _finished(trial: Trial, **wanted: Any) -> Json:
    """A mic session that has ended and was graded."""
    return trial.ended_call(direction="mic", scenario=trial.turns(), **wanted)


def _arrived(inbox: Inbox, event_type: str, count: int = 1) -> list[Arrival]:
    found = inbox.wait(count, event_type=event_type)
    require(
        len(found) >= count,
        f"{event_type} arrived {len(found)} times; {count} were due. There came: "
        f"{[each.type for each in inbox.arrivals]}.",
        mark=f"{event_type} missing",
    )
    return found


def _quiet(inbox: Inbox, what: str, mark: str, seconds: float = 0.15) -> None:
    time.sleep(seconds)
    require(not inbox.arrivals, f"{what}, and there came {[each.type for each in inbox.arrivals]}.", mark=mark)


@law(
    "ML-801",
    source="webhook-events.md: sorted keys and no spaces",
    needs=NEEDS,
    operations=OPERATIONS,
    contracts=APRIL,
    causes="A serializer with other settings than the one that is signed; an envelope with more or other fields.",
)
def the_envelope(trial: Trial) -> None:
    """An event is POSTed as JSON with exactly `type`, `data` and `event_id`, its keys sorted and without blanks
    between.
    """
    inbox, _ = _endpoint(trial)
    _finished(trial)
    arrivals = inbox.wait(2)
    require(arrivals, "No event arrived at an endpoint that wants all.", mark="nothing")
    for each in arrivals:
        require(each.method == "POST", f"An event came by {each.method}.", mark="method")
        require(
            each.headers.get("content-type", "").startswith("application/json"),
            f"An event is {each.headers.get('content-type')}.",
            mark="type",
        )
        require(
            set(each.json) == {"type", "data", "event_id"},
            f"An event has the fields {sorted(each.json)}.",
            mark="fields",
        )
        exact = {
            json.dumps(each.json, sort_keys=True, separators=(",", ":"), ensure_ascii=ascii_only).encode()
            for ascii_only in (True, False)
        }
        require(each.body in exact, f"The body of {each.type} is not compact with sorted keys.", mark="compact")
        require(
            re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", each.json["event_id"]),
            "An event_id is no UUID.",
            mark="uuid",
        )
    ids = [each.json["event_id"] for each in arrivals]
    require(len(set(ids)) == len(ids), "Two events have the same event_id.", mark="ids")


@law(
    "ML-802",
    source="webhook-events.md#headers",
    needs=NEEDS,
    operations=OPERATIONS,
    contracts=APRIL,
    causes=(
        "Another secret; signed before the body was changed; base64 or capitals; one of the two headers forgotten."
    ),
)
def both_signatures_are_right(trial: Trial) -> None:
    """Each event carries both signatures, made with its endpoint's secret over exactly the bytes that arrive."""
    inbox, endpoint = _endpoint(trial)
    other, second = _endpoint(trial)
    require(endpoint["secret"] != second["secret"], "Two endpoints have the same secret.", mark="same secret")
    call = _finished(trial)
    abroad = {"title": "Überlänge, 長い 😀", "severity": "info"}
    trial.api.ok("calls_issue_reports", call_id=call["call_id"], json=abroad)
    for box, secret in ((inbox, endpoint["secret"]), (other, second["secret"])):
        arrivals = box.wait(3)
        require(arrivals, "No event arrived.", mark="nothing")
        for each in arrivals:
            _signed(each, secret)


def _signed(arrival: Arrival, secret: str) -> None:
    given = arrival.headers.get(V1_HEADER)
    require(given is not None, f"{arrival.type} came without {V1_HEADER}.", mark="v1 missing")
    require(
        given == arrival.v1(secret),
        f"{arrival.type}: {V1_HEADER} is not the HMAC-SHA256 of the body, in lowercase hex.",
        mark="v1",
    )
    shown = arrival.headers.get(V2_HEADER)
    require(shown is not None, f"{arrival.type} came without {V2_HEADER}.", mark="v2 missing")
    found = re.fullmatch(r"t=(\d{9,11}),v1=([0-9a-f]{64})", shown or "")
    require(found, f"{V2_HEADER} reads {shown!r}; t=<unix seconds>,v1=<hex> is due.", mark="v2 form")
    assert found is not None
    stamp = int(found[1])
    require(
        abs(stamp - time.time()) < 300,
        f"{V2_HEADER} names a time {stamp - time.time():.0f} s off: receivers refuse it.",
        mark="v2 time",
    )
    require(
        found[2] == arrival.v2(secret, stamp),
        f"{arrival.type}: {V2_HEADER} is not made of time, method, path and body.",
        mark="v2",
    )


@law(
    "ML-803",
    source="webhook-events.md#events",
    needs=NEEDS,
    operations=OPERATIONS,
    contracts=APRIL,
    causes="A field forgotten in an event, or in another form than in the API.",
)
def events_keep_their_schema(trial: Trial) -> None:
    """Each event is valid by what the document declares for its type."""
    inbox, _ = _endpoint(trial)
    trial.ended_call(direction="mic", scenario="refund-with-tool")
    trial.ended_call(scenario="support-question")
    call = trial.ended_call(direction="mic", scenario="tool-failure")
    trial.api.ok("calls_issue_reports", call_id=call["call_id"], json={"title": "Odd", "severity": "info"})
    time.sleep(0.2)
    declared = trial.document.raw.get("webhooks", {})
    seen = {each.type for each in inbox.arrivals}
    for due in (
        "web.complete",
        "web.tool",
        "telephony.incoming",
        "telephony.complete",
        "call.graded",
        "issue.reported",
    ):
        require(due in seen, f"{due} did not arrive; there came {sorted(seen)}.", mark=f"{due} missing")
    for each in inbox.arrivals:
        require(each.type in declared, f"An event of type {each.type!r} is not in the document.", mark="type")
        body = declared[each.type]["post"]["requestBody"]["content"]["application/json"]["schema"]
        wrong = trial.document.violations(body, each.json)
        require(
            not wrong,
            f"{each.type}: {'; '.join(wrong)}",
            mark=f"{each.type} " + (re.sub(r"/\d+", "/*", wrong[0].partition(":")[0]) if wrong else ""),
        )


@law(
    "ML-804",
    source="webhook-endpoints.md#webhook-endpoint-object: an empty list means all",
    needs=NEEDS,
    operations=OPERATIONS,
    contracts=APRIL,
    causes="The list of events is not looked at, or an empty one means none.",
)
def an_endpoint_gets_what_it_wants(trial: Trial) -> None:
    """An endpoint gets exactly the types of event it wants, each event once; one with an empty list gets all."""
    some, _ = _endpoint(trial, "call.graded")
    both, _ = _endpoint(trial, "web.complete", "call.graded")
    every, _ = _endpoint(trial)
    none, _ = _endpoint(trial, "telephony.complete")
    _finished(trial)
    _arrived(every, "call.graded")
    time.sleep(0.1)
    require(
        [each.type for each in some.arrivals] == ["call.graded"],
        f"An endpoint for call.graded got {_types(some)}.",
        mark="one",
    )
    require(
        sorted(_types(both)) == ["call.graded", "web.complete"],
        f"An endpoint for two types got {_types(both)}.",
        mark="two",
    )
    require(
        {"web.complete", "call.graded"} <= set(_types(every)),
        f"An endpoint for all got {_types(every)}.",
        mark="all",
    )
    require(
        len(every.arrivals) == len({each.json["event_id"] for each in every.arrivals}),
        "An event came twice.",
        mark="twice",
    )
    require(
        not none.arrivals, f"An endpoint for telephone calls got {_types(none)} of a browser session.", mark="none"
    )


def _types(inbox: Inbox) -> list[str]:
    return [each.type for each in inbox.arrivals]


@law(
    "ML-805",
    source="webhook-endpoints.md: each active endpoint",
    needs=NEEDS,
    operations=OPERATIONS,
    contracts=APRIL,
    causes="Status is kept and not looked at; endpoints remembered after they are gone.",
)
def only_active_endpoints_get_events(trial: Trial) -> None:
    """A disabled or deleted endpoint gets nothing; one that is made active again, moved or narrowed gets what it
    wants now.
    """
    disabled, endpoint = _endpoint(trial, status="disabled")
    deleted, gone = _endpoint(trial)
    trial.api.ok("developer_webhook_endpoints_delete", endpoint_id=gone["id"])
    paused, pauser = _endpoint(trial)
    trial.api.ok(
        "developer_webhook_endpoints_partial_update", endpoint_id=pauser["id"], json={"status": "disabled"}
    )
    moved, mover = _endpoint(trial)
    target = trial.inbox()
    trial.api.ok(
        "developer_webhook_endpoints_partial_update",
        endpoint_id=mover["id"],
        json={"url": target.url, "events": ["call.graded"]},
    )
    _finished(trial)
    _arrived(target, "call.graded")
    _quiet(disabled, "An endpoint is disabled", "disabled")
    _quiet(paused, "An endpoint was disabled by an update", "paused")
    _quiet(deleted, "An endpoint was deleted", "deleted")
    _quiet(moved, "An endpoint has another URL now", "moved")
    require(
        _types(target) == ["call.graded"],
        f"An endpoint narrowed to call.graded got {_types(target)}.",
        mark="narrowed",
    )
    _signed(target.arrivals[0], mover["secret"])
    trial.api.ok(
        "developer_webhook_endpoints_partial_update", endpoint_id=endpoint["id"], json={"status": "active"}
    )
    _finished(trial)
    _arrived(disabled, "call.graded")


@law(
    "ML-806",
    source="webhook-events.md: anything else is tried again, ever more slowly, for 24 hours",
    needs=NEEDS,
    operations=OPERATIONS,
    contracts=APRIL,
    causes="No second try; a new event_id or body with each try; tries that go on after success.",
)
def what_is_refused_is_sent_again(trial: Trial) -> None:
    """What is not answered 2xx comes again, the same event and body, freshly signed, ever more slowly, until it
    is accepted.
    """
    inbox, endpoint = _endpoint(trial, "web.complete")
    inbox.answers = [(500, b"", 0.0), (404, b"", 0.0), (302, b"", 0.0)]
    call_id = trial.place(direction="mic", scenario=trial.turns(grade=None))
    waits: list[float] = []
    counted, passed = 0, 0.0
    for _ in range(400):
        if len(inbox.arrivals) > counted:
            counted = len(inbox.arrivals)
            waits.append(passed)
            passed = 0.0
        if counted >= 4:
            break
        trial.control.advance(2)
        passed += 2
    tries = inbox.arrivals
    require(
        len(tries) == 4,
        f"An event that was refused three times came {len(tries)} times in {sum(waits) + passed:.0f} s.",
        mark="tries",
    )
    require(len({each.body for each in tries}) == 1, "A second try brings another body.", mark="body")
    for each in tries:
        _signed(each, endpoint["secret"])
        require(each.json["data"]["call_id"] == call_id, "A try is about another call.", mark="call")
    pauses = waits[1:]
    require(
        all(later >= earlier for earlier, later in itertools.pairwise(pauses)),
        f"Tries come after {pauses} s: they must become slower.",
        mark="slower",
    )
    trial.control.advance(DAY / 4)
    time.sleep(0.1)
    require(len(inbox.arrivals) == 4, "An event that was accepted came again.", mark="again")


@law(
    "ML-807",
    source="webhook-endpoints.md#webhook-endpoint-object: after a day of failed tries",
    needs=NEEDS,
    operations=OPERATIONS,
    contracts=APRIL,
    causes="Tries without an end; an endpoint that never fails, or never recovers.",
)
def an_endpoint_fails_after_a_day(trial: Trial) -> None:
    """After a day of refusals an endpoint is `failing` and gets nothing, until it is made active again."""
    inbox, endpoint = _endpoint(trial, "web.complete")
    inbox.status = 503
    trial.place(direction="mic", scenario=trial.turns(grade=None))
    trial.control.advance(3600)
    require(_status(trial, endpoint) == "active", "An endpoint fails within an hour.", mark="early")
    many = len(inbox.arrivals)
    require(many >= 3, f"In an hour a refused event came {many} times.", mark="tries")
    trial.control.advance(DAY + 3600)
    require(
        _status(trial, endpoint) == "failing",
        "After a day of refusals an endpoint is still active.",
        mark="failing",
    )
    tried = len(inbox.arrivals)
    require(tried < 200, f"In a day a refused event came {tried} times.", mark="flood")
    trial.ended_call(direction="mic", scenario=trial.turns(grade=None))
    time.sleep(0.1)
    require(len(inbox.arrivals) == tried, "A failing endpoint still gets events.", mark="still")
    inbox.status = 200
    trial.api.ok(
        "developer_webhook_endpoints_partial_update", endpoint_id=endpoint["id"], json={"status": "active"}
    )
    call = trial.ended_call(direction="mic", scenario=trial.turns(grade=None))
    arrivals = inbox.wait(tried + 1)
    require(
        call["call_id"] in [each.json["data"]["call_id"] for each in arrivals[tried:]],
        "An endpoint made active again gets nothing.",
        mark="again",
    )


def _status(trial: Trial, endpoint: Json) -> str:
    return next(
        str(each["status"])
        for each in trial.api.ok("developer_webhook_endpoints_list")
        if each["id"] == endpoint["id"]
    )


@law(
    "ML-808",
    source="webhook-events.md#events",
    needs=NEEDS,
    operations=OPERATIONS,
    contracts=APRIL,
    causes="Deliveries that run side by side and overtake each other.",
)
def events_come_in_order(trial: Trial) -> None:
    """To one endpoint a call's events come in the order they happen: incoming, tools, complete, graded; calls in
    theirs.
    """
    inbox, _ = _endpoint(trial)
    line = trial.line()
    calls = [
        trial.ended_call(from_number=f"+1415555014{n}", to_number=line["number"], scenario="refund-with-tool")[
            "call_id"
        ]
        for n in range(3)
    ]
    _arrived(inbox, "call.graded", 3)
    rank = {"telephony.incoming": 0, "telephony.tool": 1, "telephony.complete": 2, "call.graded": 3}
    for call_id in calls:
        of_call = [
            rank[each.type]
            for each in inbox.arrivals
            if each.type in rank and each.json["data"].get("call_id") == call_id
        ]
        require(
            of_call == sorted(of_call) and set(of_call) == {0, 1, 2, 3},
            f"A call's events came in the order {of_call}.",
            mark="order",
        )
    done = [each.json["data"]["call_id"] for each in inbox.of("telephony.complete")]
    require(done == calls, f"Calls were completed in the order {calls} and told in {done}.", mark="calls")


@law(
    "ML-809",
    source="webhook-endpoints.md#created-webhook-endpoint-object: the only time it is shown",
    needs=(Need.WRITES,),
    operations=OPERATIONS,
    contracts=APRIL,
    causes="The secret in a list or an update's answer; a hint of another secret.",
)
def a_secret_is_shown_once(trial: Trial) -> None:
    """An endpoint's secret is shown when it is created and never again; its hint is the secret's last six
    characters.
    """
    body = {"label": "Once", "url": "https://hooks.example.com/once"}
    made = trial.api.ok("developer_webhook_endpoints_create", json=body)
    require(made["secret"].startswith("whsec_"), "A secret does not begin with whsec_.", mark="form")
    require(
        made["secret_hint"] == "whsec_…" + made["secret"][-6:],
        f"The hint of a secret is {made['secret_hint']!r}.",
        mark="hint",
    )
    require(
        (made["events"], made["status"]) == ([], "active"),
        f"A plain endpoint has {made['events']}, {made['status']}.",
        mark="defaults",
    )
    listed = next(each for each in trial.api.ok("developer_webhook_endpoints_list") if each["id"] == made["id"])
    changed = trial.api.ok(
        "developer_webhook_endpoints_partial_update", endpoint_id=made["id"], json={"label": "Twice"}
    )
    for shown in (listed, changed):
        require(
            "secret" not in shown and made["secret"] not in str(shown), "A secret is shown again.", mark="again"
        )
        require(shown["secret_hint"] == made["secret_hint"], "The hint of a secret changes.", mark="hint changes")


@law(
    "ML-810",
    source="organization-webhook.md",
    needs=NEEDS,
    operations=("webhook_update", "webhook_list"),
    contracts=APRIL,
    causes="The new names at the old URL; one of the two in place of both; a secret that changes with the URL.",
)
def the_older_url_gets_events_too(trial: Trial) -> None:
    """The organization's URL gets every event beside the endpoints, under the older names, signed with its own
    lasting secret.
    """
    exchange = trial.api("webhook_list")
    require(
        exchange.status == 404, f"A URL that was never set is answered {exchange.status}.", exchange, mark="unset"
    )
    first = trial.api.ok("webhook_update", json={"url": "https://hooks.example.com/old"})
    old = trial.inbox()
    kept = trial.api.ok("webhook_bulk_update", json={"url": old.url})
    require(kept["secret"] == first["secret"], "A new URL changes the secret.", mark="secret")
    require(
        trial.api.ok("webhook_list") == kept and kept["url"] == old.url,
        "The URL that was set is not kept.",
        mark="kept",
    )
    inbox, endpoint = _endpoint(trial)
    require(endpoint["secret"] != kept["secret"], "An endpoint has the organization's secret.", mark="own secret")
    trial.ended_call(scenario=trial.turns())
    _arrived(inbox, "call.graded")
    _arrived(old, "call.graded")
    require(
        _types(old) == ["call.incoming", "call.complete", "call.graded"],
        f"The older URL got {_types(old)}.",
        mark="names",
    )
    require(
        _types(inbox) == ["telephony.incoming", "telephony.complete", "call.graded"],
        f"An endpoint got {_types(inbox)}.",
        mark="new names",
    )
    for each in old.arrivals:
        _signed(each, kept["secret"])


@law(
    "ML-811",
    source="webhook-events.md#completed-call-object",
    needs=NEEDS,
    operations=OPERATIONS,
    contracts=APRIL,
    causes="An event made before the bill; a transcript in the API's form; a recording that is not signed.",
)
def a_completed_call_is_told_as_it_is(trial: Trial) -> None:
    """`telephony.complete` and `web.complete` tell the call as its record does, with its transcript and a
    recording that plays.
    """
    inbox, _ = _endpoint(trial, "telephony.complete", "web.complete")
    for wanted, kind in (({"direction": "mic"}, "web.complete"), ({}, "telephony.complete")):
        call = trial.ended_call(**wanted, scenario="refund-with-tool")
        data = _arrived(inbox, kind)[0].json["data"]
        for name in (
            "call_id",
            "direction",
            "from_number",
            "to_number",
            "start_time",
            "end_time",
            "duration_seconds",
            "status",
            "end_reason",
            "product",
            "voice",
            "billable_minutes",
            "billing_total_cents",
        ):
            require(
                data[name] == call[name],
                f"{kind} says {name} {data[name]!r}, the call {call[name]!r}.",
                mark=f"{kind} {name}",
            )
        rows = trial.api.ok("calls_transcript_list", call_id=call["call_id"])["transcripts"]
        told = data["transcripts"]
        require(
            [(each["role"], each["start_ms"], each["end_ms"]) for each in told]
            == [(each["role"], each["start_ms"], each["end_ms"]) for each in rows],
            f"{kind} has another transcript than the call.",
            mark=f"{kind} transcript",
        )
        for row, each in zip(rows, told, strict=True):
            spoken = row["role"] in ("user", "assistant")
            require(
                each["content_type"] == ("text/plain" if spoken else "application/json"),
                f"{kind}: a {row['role']} row is {each['content_type']}.",
                mark=f"{kind} content type",
            )
            if spoken:
                require(
                    each["content"] == row["content"],
                    f"{kind} has other words than the transcript.",
                    mark=f"{kind} words",
                )
            else:
                require(
                    not isinstance(each["content"], str),
                    f"{kind}: the content of a tool row is text, not JSON.",
                    mark=f"{kind} tool",
                )
        require(data["transfer_number"] is None, "A call that nobody transferred names a number.", mark="transfer")
        if data["recording_url"] is not None:
            exchange = trial.api.holding(None).send("GET", data["recording_url"])
            require(
                exchange.status == 200,
                f"The recording that {kind} names answers {exchange.status}.",
                exchange,
                mark=f"{kind} recording",
            )


@law(
    "ML-812",
    source="webhook-events.md#graded-call-object, webhook-events.md#events",
    needs=NEEDS,
    operations=OPERATIONS,
    contracts=APRIL,
    causes="An event before the grade is complete; a report told without its ids.",
)
def grades_and_reports_are_told_as_they_are(trial: Trial) -> None:
    """`call.graded` tells the complete grade, `issue.reported` the report, each once and as the API shows it."""
    inbox, _ = _endpoint(trial, "call.graded", "issue.reported")
    call = _finished(trial)
    data = _arrived(inbox, "call.graded")[0].json["data"]
    grade = trial.api.ok("calls_grade_list", call_id=call["call_id"])
    require(
        data == {"call_id": call["call_id"], "grade": grade},
        f"call.graded tells {data}, the API {grade}.",
        mark="grade",
    )
    report = trial.api.ok(
        "calls_issue_reports", call_id=call["call_id"], json={"title": "Told", "severity": "warning"}
    )
    told = [each.json["data"] for each in _arrived(inbox, "issue.reported")]
    require(report in told, "issue.reported does not tell the report as the API shows it.", mark="report")
    odd = trial.ended_call(direction="mic", scenario="tool-failure")
    filed = trial.api.ok("calls_issue_reports_list", call_id=odd["call_id"])
    told = [each.json["data"] for each in _arrived(inbox, "issue.reported", 1 + len(filed))]
    for report in filed:
        require(report in told, "A report that grading filed is not told.", mark="system report")
    count = len(inbox.of("call.graded"))
    trial.api.ok("calls_grade", call_id=call["call_id"])
    trial.settle()
    time.sleep(0.1)
    require(len(inbox.of("call.graded")) == count, "A grade that was given back is told again.", mark="again")
    trial.api.ok("calls_grade", call_id=call["call_id"], force=True)
    trial.settle()
    _arrived(inbox, "call.graded", count + 1)


CONFIG = {"prompt": "You sell lamps.", "voice": "en-US-James1", "product": "bolt"}


def _asked(trial: Trial, answer: tuple[int, bytes, float]) -> tuple[Json, Json, Inbox]:
    """An inbound call whose receiver answers so: the call when it is over, the number, and the inbox."""
    inbox, _ = _endpoint(trial, "telephony.incoming")
    inbox.status, inbox.body = answer[:2]
    inbox.answers = [answer] if answer[2] else []
    line = trial.line()
    return trial.ended_call(to_number=line["number"], scenario=trial.turns(grade=None)), line, inbox


@law(
    "ML-813",
    source="webhook-events.md#call-configuration-object",
    needs=NEEDS,
    operations=OPERATIONS,
    contracts=APRIL,
    causes="The answer is not read; the call is run by the assigned agent all the same.",
)
def an_answer_decides_how_a_call_is_run(trial: Trial) -> None:
    """A receiver that answers `telephony.incoming` with a configuration decides the call's product and voice,
    and its bill.
    """
    call, line, inbox = _asked(trial.fresh(), (200, json.dumps(CONFIG).encode(), 0.0))
    arrival = _arrived(inbox, "telephony.incoming")[0]
    data = arrival.json["data"]
    require(
        (data["call_id"], data["to_number"], data["from_number"])
        == (call["call_id"], line["number"], call["from_number"]),
        f"telephony.incoming asks about {data}.",
        mark="data",
    )
    require(
        call["product"] == "bolt",
        f"A configuration with product bolt leads to a call with {call['product']}.",
        mark="product",
    )
    require(call["voice"] == "en-US-James1", "A configuration's voice is not the call's.", mark="voice")
    require(len(inbox.arrivals) == 1, f"The question was asked {len(inbox.arrivals)} times.", mark="times")
    short = {name: value for name, value in CONFIG.items() if name not in ("product", "voice")}
    call, _, _ = _asked(trial.fresh(), (200, json.dumps({**short, "voice_name": "en-US-James1"}).encode(), 0.0))
    require(
        call["product"] == "spark",
        f"A configuration without product leads to {call['product']}; spark is the default.",
        mark="default",
    )


@law(
    "ML-814",
    source=(
        "webhook-events.md#call-configuration-object: an empty or late reply leaves the call to the assigned agent"
    ),
    needs=NEEDS,
    operations=OPERATIONS,
    contracts=APRIL,
    causes="A call that fails because its receiver is slow or wrong; a wrong answer taken.",
)
def what_cannot_be_used_falls_back(trial: Trial) -> None:
    """An answer that is empty, late, no 2xx, no JSON, incomplete or has unknown fields leaves the call to the
    number's agent.
    """
    good = json.dumps(CONFIG).encode()
    cases: list[tuple[str, tuple[int, bytes, float]]] = [
        ("empty", (200, b"", 0.0)),
        ("refused", (500, good, 0.0)),
        ("no JSON", (200, b"<html>", 0.0)),
        ("incomplete", (200, b'{"product": "bolt"}', 0.0)),
        ("with unknown fields", (200, json.dumps({**CONFIG, "colour": "red"}).encode(), 0.0)),
        ("with a wrong product", (200, json.dumps({**CONFIG, "product": "gold"}).encode(), 0.0)),
        ("late", (200, good, 2.6)),
    ]
    for how, answer in cases:
        with trial.about("developer_webhook_endpoints_create"):
            call, line, inbox = _asked(trial.fresh(), answer)
            require(inbox.arrivals, "Nobody was asked how to run the call.", mark="asked")
            require(
                call["status"] == "completed",
                f"A call whose receiver's answer was {how} is {call['status']}.",
                mark=f"{how} status",
            )
            require(
                call["product"] == "spark" and call["agent_id"] == line["inbound_agent_id"],
                f"An answer that was {how} runs the call with {call['product']}, agent {call['agent_id']}.",
                mark=how,
            )


@law(
    "ML-815",
    source="webhook-events.md: phone calls and browser sessions have events of their own",
    needs=NEEDS,
    operations=OPERATIONS,
    contracts=APRIL,
    causes="Both kinds under one name.",
)
def browsers_and_telephones_are_told_apart(trial: Trial) -> None:
    """Telephone calls are told as `telephony.…`, browser sessions as `web.…`, never both."""
    inbox, _ = _endpoint(trial)
    call = trial.ended_call(scenario="refund-with-tool")
    session = trial.ended_call(direction="widget", scenario="refund-with-tool")
    mic = trial.ended_call(direction="mic", scenario="refund-with-tool")
    _arrived(inbox, "web.complete", 2)
    for call_id, due, strange in (
        (call["call_id"], "telephony.", "web."),
        (session["call_id"], "web.", "telephony."),
        (mic["call_id"], "web.", "telephony."),
    ):
        kinds = [each.type for each in inbox.arrivals if each.json["data"].get("call_id") == call_id]
        require(
            not [each for each in kinds if each.startswith(strange)],
            f"A call was told as {kinds}.",
            mark=f"{due} kinds",
        )
        require(
            {f"{due}tool", f"{due}complete"} <= set(kinds), f"A call was told as {kinds}.", mark=f"{due} missing"
        )


@law(
    "ML-816",
    source="authentication.md",
    needs=NEEDS,
    operations=OPERATIONS,
    contracts=APRIL,
    causes="Events sent to all endpoints of the server.",
)
def events_stay_at_home(trial: Trial) -> None:
    """Another organization's endpoint gets nothing of this one's calls."""
    other = trial.fresh()
    foreign, _ = _endpoint(other)
    inbox, _ = _endpoint(trial)
    _finished(trial)
    _arrived(inbox, "call.graded")
    _quiet(foreign, "Another organization had a call", "foreign")


@law(
    "ML-817",
    source="webhook-events.md#headers",
    needs=NEEDS,
    operations=OPERATIONS,
    contracts=APRIL,
    causes="The path without its query in the second signature; a URL that is normalized.",
)
def a_url_is_called_as_it_was_given(trial: Trial) -> None:
    """An endpoint's URL is called with its path and query as they are, and the second signature covers both."""
    inbox = trial.inbox()
    path = inbox.url + "?tenant=a%20b&x=1"
    endpoint = trial.api.ok(
        "developer_webhook_endpoints_create", json={"label": "Query", "url": path, "events": ["web.complete"]}
    )
    require(endpoint["url"] == path, f"A URL is kept as {endpoint['url']!r}.", mark="kept")
    _finished(trial)
    arrival = _arrived(inbox, "web.complete")[0]
    require(arrival.path.endswith("?tenant=a%20b&x=1"), f"The URL was called as {arrival.path!r}.", mark="called")
    _signed(arrival, endpoint["secret"])


@law(
    "ML-818",
    source="webhook-events.md#tool-call-object",
    needs=NEEDS,
    operations=OPERATIONS,
    contracts=APRIL,
    causes="A tool event without the answer, or with an id that the history does not know.",
)
def a_tool_is_told_as_the_history_has_it(trial: Trial) -> None:
    """`web.tool` and `telephony.tool` tell a tool's use with the id, name, arguments and answer that the history
    has.
    """
    inbox, _ = _endpoint(trial, "web.tool", "telephony.tool")
    for direction, kind in (("mic", "web.tool"), ("inbound", "telephony.tool")):
        call = trial.ended_call(direction=direction, scenario="refund-with-tool")
        entries = trial.api.ok("calls_history_list", call_id=call["call_id"])
        asked = [each for each in entries if each["type"] == "function_call"]
        told = [each.json["data"] for each in _arrived(inbox, kind, len(asked))]
        for entry, data in zip(asked, told, strict=False):
            response = next(
                each
                for each in entries
                if each["type"] == "function_response" and each["tool_call_id"] == entry["tool_call_id"]
            )
            due = (call["call_id"], entry["tool_call_id"], entry["name"], entry["arguments"], response["response"])
            got = (data["call_id"], data["tool_call_id"], data["name"], data["arguments"], data["response"])
            require(due == got, f"{kind} tells {got}, the history {due}.", mark=f"{kind} data")


@law(
    "ML-819",
    source="webhook-events.md#events: test-call.completed",
    needs=(*NEEDS, Need.BILLABLE),
    operations=("test_calls_create", *OPERATIONS),
    contracts=APRIL,
    causes="An event at the beginning of the run, or none.",
)
def a_test_call_is_told_when_it_is_over(trial: Trial) -> None:
    """`test-call.completed` comes once a run is over, and tells it as the list shows it."""
    inbox, _ = _endpoint(trial, "test-call.completed")
    agent = trial.agent()
    run = trial.api.ok(
        "test_calls_create",
        json={
            "target_type": "agent",
            "target_id": agent["id"],
            "direction": "outbound",
            "consent_to_charge": True,
            "scenario_prompt": "scenario:support-question",
        },
    )
    _quiet(inbox, "A run has only begun", "early", 0.05)
    trial.settle()
    data = _arrived(inbox, "test-call.completed")[0].json["data"]
    listed = next(each for each in trial.api.ok("test_calls_list") if each["id"] == run["id"])
    require(
        data["test_call"] == listed, "test-call.completed does not tell the run as the list shows it.", mark="run"
    )
    require(len(inbox.arrivals) == 1, "A run's end is told more than once.", mark="once")
    grade = trial.api("calls_grade_list", call_id=listed["call_id"])
    if grade.status == 200 and grade.json["status"] == "completed":
        require(data["grade"] == grade.json, f"A run's grade is told as {data['grade']}.", grade, mark="grade")


@law(
    "ML-820",
    source=(
        "webhook-events.md#events: a phone call has ended; webhook-events.md#completed-call-object: "
        "transfer_number"
    ),
    needs=(*NEEDS, Need.BILLABLE),
    operations=("calls_place", *OPERATIONS),
    contracts=APRIL,
    causes="Only completed calls are told; the number of a transfer is lost.",
)
def every_end_is_told(trial: Trial) -> None:
    """A call that failed is told too, as `failed`; one that was transferred says where to."""
    inbox, _ = _endpoint(trial, "telephony.complete")
    line = trial.caller_line()
    busy = {"from_number": line["number"], "to_number": "+14155550001"}
    placed = trial.api.ok("calls_place", json=busy)["call_id"]
    trial.settle()
    call = trial.api.ok("calls_retrieve", call_id=placed)
    told = _arrived(inbox, "telephony.complete")[0].json["data"]
    require(
        (told["call_id"], told["status"], told["end_reason"]) == (placed, "failed", call["end_reason"]),
        f"A call that failed is told as {told['status']}, {told['end_reason']}.",
        mark="failed",
    )
    trial.ended_call(to_number=line["number"], scenario="transfer")
    told = _arrived(inbox, "telephony.complete", 2)[1].json["data"]
    require(
        isinstance(told["transfer_number"], str) and E164.fullmatch(told["transfer_number"]),
        f"A transferred call says transfer_number {told['transfer_number']!r}.",
        mark="transfer",
    )


@law(
    "ML-821",
    source="webhook-events.md#alert-object",
    needs=(*NEEDS, Need.BILLABLE),
    operations=("billing_top_up_create", *OPERATIONS),
    contracts=APRIL,
    causes="Nobody is told that money runs out, or that a card was declined.",
)
def money_trouble_is_told(trial: Trial) -> None:
    """`alert.triggered` tells that the balance is used up, and that a reload was declined, with what is left."""
    poor = trial.fresh("penniless")
    poor.api.ok("billing_top_up_create", json={"amount_cents": 100, "payment_method_id": "pm_card_visa"})
    inbox, _ = _endpoint(poor, "alert.triggered")
    agent = poor.agent(product="storm-extra")
    for _ in range(6):
        if poor.api.ok("billing_list")["balance_cents"] <= 0:
            break
        poor.ended_call(direction="mic", agent_id=agent["id"], scenario=poor.turns(grade=None))
    kinds = {each.json["data"]["kind"]: each.json["data"] for each in _arrived(inbox, "alert.triggered")}
    require("balance_empty" in kinds, f"The balance is used up and {sorted(kinds)} is told.", mark="empty")
    left = poor.api.ok("billing_list")["balance_cents"]
    require(
        kinds["balance_empty"]["balance_cents"] == left,
        f"An alert says {kinds['balance_empty']['balance_cents']} cents are left; {left} are.",
        mark="left",
    )
    cents = kinds["balance_empty"]["balance_cents"]
    dollars = f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"
    told = kinds["balance_empty"]["balance_usd"]
    require(told == dollars, f"An alert says {cents} cents are {told} dollars.", mark="dollars")
    poor.api.ok("billing_default_payment_method_create", json={"payment_method_id": "pm_card_chargeDeclined"})
    settings = {"auto_reload_enabled": True, "auto_reload_minimum_cents": 500, "auto_reload_amount_cents": 1000}
    poor.api.ok("billing_bulk_update", json=settings)
    inbox.wait(2, event_type="alert.triggered")
    kinds = {each.json["data"]["kind"]: each.json["data"] for each in inbox.arrivals}
    require("auto_reload_failed" in kinds, f"A reload was declined and {sorted(kinds)} is told.", mark="declined")
