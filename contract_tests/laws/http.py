"""How the API speaks HTTP: methods, bodies, media types, refusals, and requests sent twice."""

import json
from typing import Any

from hypothesis import strategies as st

from ..collections import collections_of
from ..document import METHODS
from ..finding import require
from ..law import Need, law
from ..trial import Trial
from .lists import APRIL
from .resources import _plausible

Json = Any

TWINS = ("integrations", "publishable-keys", "webhook-endpoints", "api-keys", "phone-numbers")
"""Collections of which two may be alike."""

WRITES = (Need.WRITES,)


def _concrete(path: str) -> str:
    """The path with something in each brace."""
    parts = [("1" if part.startswith("{") else part) for part in path.split("/")]
    return "/".join(parts)


@law(
    "ML-111",
    source="errors.md#shared-responses: 405, the HTTP standard",
    causes="404 for a path that exists; no Allow header; a method that is taken as another.",
)
def other_methods_are_405(trial: Trial) -> None:
    """A method that a path does not have is answered 405, with the methods it has in `Allow`."""
    for path, item in trial.document.raw["paths"].items():
        have = {each.upper() for each in METHODS if each in item}
        for method in ("PUT", "DELETE", "PATCH", "POST", "GET"):
            if method in have:
                continue
            first = trial.document.operations[next(item[each.lower()]["operationId"] for each in sorted(have))]
            with trial.about(first.id):
                exchange = trial.api.send(method, _concrete(path))
                if exchange.status == 404 and _shadowed(trial, path, method):
                    continue
                require(
                    exchange.status == 405, f"{exchange.what}; 405 was due.", exchange, mark=f"{method} {path}"
                )
                allowed = {
                    each.strip().upper() for each in exchange.headers.get("allow", "").split(",") if each.strip()
                }
                require(
                    have <= allowed,
                    f"{method} {path} allows {sorted(allowed)}; {sorted(have)} exist.",
                    exchange,
                    mark=f"{path} allow",
                )


def _shadowed(trial: Trial, path: str, method: str) -> bool:
    """Whether a path with a parameter takes the same place, so that the method means something there."""
    parts = path.split("/")
    for other, item in trial.document.raw["paths"].items():
        theirs = other.split("/")
        if other == path or len(theirs) != len(parts) or method.lower() not in item:
            continue
        if all(a == b or b.startswith("{") for a, b in zip(parts, theirs, strict=True)):
            return True
    return False


@law(
    "ML-112",
    source="errors.md: a refusal has a JSON body",
    contracts=APRIL,
    causes="A framework's own page for unknown paths.",
)
def unknown_paths_are_404(trial: Trial) -> None:
    """A path that the API does not have is answered 404 in the API's own form."""
    for path in ("/v1/nothing", "/v1/call", "/v1/calls/1/nothing", "/v1/agents/1/2/3"):
        if path in trial.document.raw["paths"]:
            continue
        exchange = trial.api.send("GET", path)
        require(exchange.status == 404, f"{exchange.what}; 404 was due.", exchange, mark=path)
        require(
            exchange.media_type == "application/json" and exchange.json.get("detail"),
            f"{path}: {exchange.shown_reply()[:200]}",
            exchange,
            mark=f"{path} form",
        )


@law(
    "ML-113",
    source="errors.md#shared-responses: 415, the body is not JSON",
    needs=WRITES,
    contracts=APRIL,
    causes="A body that is guessed at; 500 for what cannot be read.",
)
def bodies_are_json(trial: Trial) -> None:
    """A body that is no JSON is 400, one of another media type 415, one that is no object 400; nothing is made."""
    count = len(trial.api.ok("agents_list"))
    for operation in trial.document.operations.values():
        if (
            trial.document.body_schema(operation) is None
            or "{" in operation.path
            or "bearerAuth" not in operation.schemes
        ):
            continue
        for body in (b"{", b"", b'{"name": "x",}', b"\xff\xfe", b"[]", b'"text"', b"12", b"null"):
            required = trial.document.body_schema(operation) or {}
            if body == b"" and not required.get("required"):
                continue
            with trial.about(operation.id):
                exchange = trial.api.send(
                    operation.method,
                    operation.path,
                    body=body,
                    headers={"content-type": "application/json"},
                    operation=operation.id,
                )
                require(
                    exchange.status == 400,
                    f"{operation.id} answers the body {body!r} with {exchange.status}; 400 was due.",
                    exchange,
                    mark=f"{operation.id} {body!r}",
                )
                require(
                    isinstance(exchange.json, dict),
                    f"{operation.id} refuses in another form.",
                    exchange,
                    mark=f"{operation.id} form",
                )
        good = json.dumps(_plausible(trial, operation)).encode()
        for media_type in ("text/plain", "application/xml"):
            with trial.about(operation.id):
                exchange = trial.api.send(
                    operation.method,
                    operation.path,
                    body=good,
                    headers={"content-type": media_type},
                    operation=operation.id,
                )
                require(
                    exchange.status == 415,
                    f"{operation.id} takes {media_type} with {exchange.status}; 415 was due.",
                    exchange,
                    mark=f"{operation.id} {media_type}",
                )
    require(len(trial.api.ok("agents_list")) == count, "A refused body made something.", mark="made")


@law(
    "ML-114", source="the HTTP standard: HEAD", contracts=APRIL, causes="HEAD that is 405, or answers with a body."
)
def head_is_get_without_body(trial: Trial) -> None:
    """HEAD, where it is offered, answers as GET does, without a body."""
    for name in ("calls_list", "agents_list", "healthz_list", "billing_list"):
        if not trial.has(name):
            continue
        with trial.about(name):
            operation = trial.document.operations[name]
            get = trial.api.send("GET", operation.path)
            head = trial.api.send("HEAD", operation.path)
            if head.status in (404, 405, 501):
                continue
            require(
                head.status == get.status,
                f"HEAD {operation.path} is {head.status}, GET is {get.status}.",
                head,
                mark=name,
            )
            require(not head.body, f"HEAD {operation.path} has a body.", head, mark=f"{name} body")
            require(
                head.headers.get("content-type") == get.headers.get("content-type"),
                "HEAD names another media type.",
                head,
                mark=f"{name} type",
            )


@law(
    "ML-115",
    source="errors.md#detail-object, errors.md#field-errors-object",
    contracts=APRIL,
    needs=WRITES,
    causes="Errors in another envelope, as {error: …} or a list; detail that is no text.",
)
def refusals_have_one_form(trial: Trial) -> None:
    """A refusal is an object: `detail` with words, or fields with lists of messages, all of them text."""
    api = trial.api
    refused = [
        api.holding(None)("calls_list"),
        api("calls_retrieve", call_id=987_654_321_987),
        api("agents_create", json={}),
        api("agents_create", json={"name": "", "prompt": 5, "voice": None}),
        api("calls_list", limit=0, offset=-1, direction="sideways"),
        api("billing_top_up_create", json={"amount_cents": "many"})
        if trial.has("billing_top_up_create")
        else None,
    ]
    for exchange in (each for each in refused if each is not None):
        with trial.about(exchange.operation):
            told = exchange.json
            require(
                isinstance(told, dict) and told,
                f"{exchange.what} refuses with {exchange.shown_reply()[:200]}",
                exchange,
                mark="object",
            )
            if "detail" in told and isinstance(told["detail"], str):
                require(
                    told["detail"].strip() and set(told) <= {"detail", "code"},
                    f"{exchange.what} refuses with {told}.",
                    exchange,
                    mark="detail",
                )
                continue
            for name, messages in told.items():
                require(
                    isinstance(messages, list)
                    and messages
                    and all(isinstance(each, str) and each for each in messages),
                    f"{exchange.what} says of {name}: {messages!r}; a list of messages was due.",
                    exchange,
                    mark="messages",
                )
    several = refused[3]
    assert several is not None
    require(
        set(several.json) >= {"name", "prompt", "voice"},
        f"Of three wrong fields {sorted(several.json)} are named.",
        several,
        mark="all named",
    )
    several = refused[4]
    assert several is not None
    require(
        set(several.json) >= {"limit", "offset", "direction"},
        f"Of three wrong parameters {sorted(several.json)} are named.",
        several,
        mark="all parameters named",
    )


@law(
    "ML-116",
    source="errors.md#shared-responses: 400, a parameter is not valid",
    contracts=APRIL,
    causes="An id that is no number answered 500 or 200.",
)
def malformed_ids_are_refused(trial: Trial) -> None:
    """An id that cannot be one is refused with 400 or 404, never answered or failed over."""
    strange = st.sampled_from(
        [
            "abc",
            "1.5",
            "-1",
            "0",
            "%00",
            "1e3",
            "99999999999999999999999",
            "null",
            "1%20",
            "é",
            "not-a-uuid",
            "1;2",
        ]
    )

    def check(text: str) -> None:
        for name, parameter in (
            ("calls_retrieve", "call_id"),
            ("agents_retrieve", "agent_id"),
            ("integrations_retrieve", "integration_id"),
            ("phone_numbers_retrieve", "phone_number_id"),
        ):
            if not trial.has(name):
                continue
            path = trial.document.operations[name].path.replace(
                "{" + parameter + "}", text.encode("utf-8").decode("latin-1") if text.isascii() else "%C3%A9"
            )
            exchange = trial.api.send("GET", path, operation=name)
            require(
                exchange.status in (400, 404), f"{exchange.what}; 400 or 404 was due.", exchange, mark=f"{name}"
            )

    trial.forall(strange, check, times=12)


@law(
    "ML-117",
    source="the contract's document",
    contracts=APRIL,
    needs=WRITES,
    causes="Answers kept by a cache of the server or of a proxy between.",
)
def no_answer_is_stale(trial: Trial) -> None:
    """A read behind a write sees it, at once, ten times in a row."""
    agent = trial.agent(name="0")
    for number in range(1, 11):
        trial.api.ok("agents_partial_update", agent_id=agent["id"], json={"name": str(number)})
        shown = trial.api.ok("agents_retrieve", agent_id=agent["id"])["name"]
        listed = [each["name"] for each in trial.api.ok("agents_list") if each["id"] == agent["id"]]
        require(
            shown == str(number) and listed == [str(number)],
            f"After the name became {number}, reads say {shown} and {listed}.",
            mark="stale",
        )


@law(
    "ML-118",
    source="the HTTP standard: the same request twice",
    contracts=APRIL,
    needs=WRITES,
    causes="Creations merged because they look alike.",
)
def equal_requests_make_two_things(trial: Trial) -> None:
    """The same creation sent twice, without a key that says it is one, makes two things; a label is made once."""
    body = {"name": "Twin", "prompt": "Be brief.", "voice": "en-US-James1"}
    one, two = (trial.api.ok("agents_create", json=body) for _ in range(2))
    require(one["id"] != two["id"], "The same creation sent twice makes one thing.", mark="merged")
    for collection in collections_of(trial):
        if collection.name not in TWINS:
            continue
        with trial.about(collection.create):
            body = collection.body(trial, 3)
            ids = [trial.api.ok(collection.create, json=body)["id"] for _ in range(2)]
            require(
                ids[0] != ids[1],
                f"{collection.create} sent twice makes one thing.",
                mark=f"{collection.name} merged",
            )
    label = {"phone_number": "+14155550188", "label": "First"}
    first = trial.api.ok("phone_number_labels_create", json=label)
    if trial.has_control:
        trial.control.advance(3)
    again = trial.api.ok("phone_number_labels_create", json={**label, "label": "Second"})
    with trial.about("phone_number_labels_create"):
        require(
            (again["id"], again["label"], again["created_at"]) == (first["id"], "Second", first["created_at"]),
            "Labelling a number again makes another label.",
            mark="label",
        )
        listed = [
            each["label"]
            for each in trial.api.ok("phone_number_labels_list")
            if each["phone_number"] == label["phone_number"]
        ]
        require(listed == ["Second"], f"A number labelled twice has the labels {listed}.", mark="label listed")
