"""What holds of every thing that can be made, read, changed and deleted, whichever it is."""

from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import strategies as st

from ..collections import Collection, collections_of
from ..document import Operation
from ..finding import Unjudged, require
from ..law import Need, law
from ..trial import Trial
from .lists import APRIL, moment

Json = Any

WRITES = (Need.WRITES,)
UNKNOWN = {"uuid": "00000000-0000-4000-8000-00000000dead", "int64": "987654321987"}
ONCE = frozenset({"secret", "key"})
"""What only the reply of creation shows."""


def _without(one: Json, names: frozenset[str] = ONCE) -> Json:
    return {name: value for name, value in one.items() if name not in names}


def _same(one: Json, other: Json, what: str, mark: str) -> None:
    names = sorted({*one, *other})
    differing = [name for name in names if one.get(name, "nothing") != other.get(name, "nothing")]
    require(
        not differing,
        f"{what}: "
        + ", ".join(f"{name} was {one.get(name)!r} and is {other.get(name)!r}" for name in differing[:4])
        + ".",
        mark=mark,
    )


def _kept(collection: Collection, made: Json) -> Json:
    """What a thing shows after its creation: a key in use is dated at each use."""
    hidden = ONCE if collection.name != "publishable-keys" else frozenset({"secret"})
    return _without(made, hidden | {"last_used_at"})


@law(
    "ML-501",
    source="agents.md#create-an-agent and the other pages' create sections",
    needs=WRITES,
    contracts=APRIL,
    causes="A field that is dropped, trimmed, or replaced by its default when a thing is made.",
)
def what_is_made_is_what_was_sent(trial: Trial) -> None:
    """A new thing says what was sent, field by field, whether the field is required or not."""
    for collection in collections_of(trial):
        for body in (collection.body(trial, 1), _told(trial, collection)):
            with trial.about(collection.create):
                made = trial.api.ok(collection.create, json=body)
                for name, each in trial.document.properties(_input(trial, collection)).items():
                    if name not in body and name in made and "default" in each:
                        require(
                            made[name] == each["default"],
                            f"{collection.create} without {name} makes it {made[name]!r}; "
                            f"{each['default']!r} is the "
                            "default.",
                            mark=f"{collection.name} default {name}",
                        )
                for name, value in body.items():
                    if name in collection.unshown:
                        continue
                    require(
                        name in made and made[name] == value,
                        f"{collection.create} was sent {name} {value!r} and answers {made.get(name)!r}.",
                        mark=f"{collection.name} {name}",
                    )


def _input(trial: Trial, collection: Collection) -> Mapping[str, Json]:
    """The schema of what a creation takes."""
    return trial.document.body_schema(trial.document.operations[collection.create]) or {}


def _told(trial: Trial, collection: Collection) -> dict[str, Json]:
    """A body with every field that stands by itself, none of them as it would be without being sent."""
    body = collection.body(trial, 2)
    for name, each in trial.document.properties(_input(trial, collection)).items():
        if name in body or name in collection.coupled or name in collection.unshown:
            continue
        candidates = [*reversed(each.get("enum", ())), "told", 17, not each.get("default", False)]
        fitting = [value for value in candidates if not trial.document.violations(each, value)]
        telling = [value for value in fitting if value != each.get("default")]
        if telling:
            body[name] = telling[0]
    return body


@law(
    "ML-502",
    source="agents.md#retrieve-an-agent and the other pages' retrieve and list sections",
    needs=WRITES,
    contracts=APRIL,
    causes="Creation that answers and forgets; a list that is cached; another form in list and record.",
)
def what_is_made_is_there(trial: Trial) -> None:
    """A new thing is in its list, once, and read by itself it is the same; the others are still there."""
    for collection in collections_of(trial):
        with trial.about(collection.create):
            before = collection.listed(trial)
            made = [collection.made(trial, n) for n in (1, 2, 3)]
            after = collection.listed(trial)
            ids = [each["id"] for each in after]
            require(
                len(set(ids)) == len(ids),
                f"{collection.listing} has an id twice.",
                mark=f"{collection.name} twice",
            )
            due = {each["id"] for each in (*before, *made)}
            require(
                set(ids) == due,
                f"After three were made, {collection.listing} has {len(ids)} things; {len(due)} are due.",
                mark=f"{collection.name} listed",
            )
            shown = {each["id"]: each for each in after}
            for each in made:
                _same(
                    _kept(collection, each),
                    _kept(collection, shown[each["id"]]),
                    f"{collection.listing} and creation differ",
                    f"{collection.name} list differs",
                )
                if collection.retrieve is not None:
                    alone = collection.seen(trial, each)
                    _same(
                        shown[each["id"]],
                        alone,
                        f"{collection.listing} and {collection.retrieve} differ",
                        f"{collection.name} differs",
                    )


@law(
    "ML-503",
    source="agents.md#agent-object and the other pages' objects: id, given by the server",
    needs=WRITES,
    contracts=APRIL,
    causes="Ids counted from the list's length, used again after deletion, or taken from the request.",
)
def ids_are_never_used_again(trial: Trial) -> None:
    """Every new thing gets an id that no other has or had, whatever id is sent."""
    for collection in collections_of(trial):
        with trial.about(collection.create):
            seen: list[Json] = [each["id"] for each in collection.listed(trial)]
            for n in (1, 2, 3):
                made = collection.made(trial, n, **({"id": seen[-1]} if seen else {}))
                require(
                    made["id"] not in seen,
                    f"{collection.create} gives the id {made['id']} again.",
                    mark=f"{collection.name} again",
                )
                seen.append(made["id"])
                if collection.delete is not None:
                    trial.api.ok(collection.delete, **{collection.parameter: made["id"]})


@law(
    "ML-504",
    source="agents.md#update-an-agent: fields that are left out stay as they are",
    needs=WRITES,
    contracts=APRIL,
    causes="PATCH that resets what is left out; a change that is answered and not kept; another thing changed.",
)
def an_update_changes_what_it_says(trial: Trial) -> None:
    """An update changes the fields it sends, only those, for good, and only of its thing."""
    for collection in collections_of(trial):
        if collection.update is None or not collection.change:
            continue
        for name, value in collection.change.items():
            with trial.about(collection.update):
                one, other = collection.made(trial, 1), collection.made(trial, 2)
                before = collection.seen(trial, one)
                if trial.has_control:
                    trial.control.advance(3)
                changed = trial.api.ok(collection.update, **{collection.parameter: one["id"]}, json={name: value})
                require(
                    changed[name] == value,
                    f"{collection.update} was sent {name} {value!r} and answers {changed[name]!r}.",
                    mark=f"{collection.name} {name}",
                )
                moved = frozenset({name, "updated_at", "validation_status"})
                _same(
                    _without(before, moved),
                    _without(changed, moved),
                    f"{collection.update} of {name} changed more",
                    f"{collection.name} more",
                )
                listed = next(each for each in collection.listed(trial) if each["id"] == one["id"])
                for shown in (collection.seen(trial, one), listed):
                    _same(changed, shown, f"{collection.update} is not kept", f"{collection.name} kept")
                _same(
                    _kept(collection, other),
                    _kept(collection, collection.seen(trial, other)),
                    f"{collection.update} changed another",
                    f"{collection.name} other",
                )


@law(
    "ML-505",
    source="agents.md#agent-object: updated_at",
    needs=WRITES,
    contracts=APRIL,
    causes="updated_at that is never written, or created_at that is written again.",
)
def times_of_change(trial: Trial) -> None:
    """A new thing was created and updated at one moment; an update moves `updated_at` on and leaves
    `created_at`.
    """
    for collection in collections_of(trial):
        if collection.update is None or not collection.change:
            continue
        with trial.about(collection.update):
            made = collection.made(trial, 1)
            require(
                made["created_at"] == made["updated_at"],
                f"A new one of {collection.name} was created {made['created_at']} and updated "
                f"{made['updated_at']}.",
                mark=f"{collection.name} new",
            )
            if trial.has_control:
                trial.control.advance(5)
            changed = trial.api.ok(
                collection.update, **{collection.parameter: made["id"]}, json=dict(collection.change)
            )
            require(
                changed["created_at"] == made["created_at"],
                f"{collection.update} changes created_at.",
                mark=f"{collection.name} created",
            )
            later = moment(changed["updated_at"]) - moment(made["updated_at"])
            due = 4 if trial.has_control else 0
            require(
                later.total_seconds() >= due,
                f"{collection.update} leaves updated_at at {changed['updated_at']}.",
                mark=f"{collection.name} updated",
            )


@law(
    "ML-506",
    source="agents.md#replace-an-agent: fields that are left out go back to their defaults",
    needs=WRITES,
    operations=("agents_update", "agents_create"),
    contracts=APRIL,
    causes="PUT that is really a PATCH.",
)
def put_replaces(trial: Trial) -> None:
    """PUT replaces: what it leaves out is as in a new thing, what it sends is as sent; id and created_at stay."""
    extras = {
        "product": "bolt",
        "thinking_level": "extra",
        "background_track": "office",
        "tools": [{"type": "function", "function": {"name": "find"}}],
        "max_hold_seconds": 60,
        "inbound_speak_order": "caller_first",
        "outbound_speak_order": "caller_first",
        "widget_enabled": False,
    }
    body = {"name": "Plain", "prompt": "Be plain.", "voice": "en-US-James1"}
    agent = trial.agent(**extras)
    plain = trial.api.ok("agents_create", json=body)
    replaced = trial.api.ok("agents_update", agent_id=agent["id"], json=body)
    own = frozenset({"id", "created_at", "updated_at"})
    _same(_without(plain, own), _without(replaced, own), "A replaced agent is not as a new one", "defaults")
    require(
        (replaced["id"], replaced["created_at"]) == (agent["id"], agent["created_at"]),
        "PUT changes id or created_at.",
        mark="own",
    )
    _same(replaced, trial.api.ok("agents_retrieve", agent_id=agent["id"]), "A replaced agent is not kept", "kept")
    exchange = trial.api("agents_update", agent_id=agent["id"], json={"name": "Only a name"})
    require(
        exchange.status == 400,
        f"PUT without required fields is answered {exchange.status}.",
        exchange,
        mark="required",
    )
    _same(
        replaced,
        trial.api.ok("agents_retrieve", agent_id=agent["id"]),
        "A refused PUT changed the agent",
        "refused",
    )


@law(
    "ML-507",
    source="agents.md#delete-an-agent and the other pages' delete sections",
    needs=WRITES,
    contracts=APRIL,
    causes="A deletion that only hides; a list that keeps what was deleted; a second deletion that succeeds.",
)
def delete_is_final(trial: Trial) -> None:
    """What is deleted is gone: from every door of it and from the list, at once; deleting it again is 404;
    others stay.
    """
    for collection in collections_of(trial):
        if collection.delete is None:
            continue
        with trial.about(collection.delete):
            one, other = collection.made(trial, 1), collection.made(trial, 2)
            kept = collection.seen(trial, other)
            collection.read(trial, one)
            exchange = trial.api(collection.delete, **{collection.parameter: one["id"]})
            require(
                exchange.status == 204,
                f"{exchange.what}; 204 was due.",
                exchange,
                mark=f"{collection.name} status",
            )
            listed = {each["id"]: each for each in collection.listed(trial)}
            if collection.stays:
                require(
                    one["id"] in listed and listed[one["id"]]["is_active"] is False,
                    f"{collection.listing} does not show a deleted key as no longer active.",
                    mark=f"{collection.name} inactive",
                )
            else:
                require(
                    one["id"] not in listed,
                    f"{collection.listing} still has what was deleted.",
                    mark=f"{collection.name} listed",
                )
            require(
                other["id"] in listed,
                f"{collection.delete} deleted another one too.",
                mark=f"{collection.name} other",
            )
            _same(
                _without(kept, frozenset({"last_used_at"})),
                _without(collection.seen(trial, other), frozenset({"last_used_at"})),
                f"{collection.delete} changed another one",
                f"{collection.name} other",
            )
            for name in (
                collection.retrieve,
                collection.update,
                collection.replace,
                collection.versions,
                collection.delete,
            ):
                if name is None:
                    continue
                body = (
                    {}
                    if name == collection.update
                    else collection.body(trial, 3)
                    if name == collection.replace
                    else None
                )
                exchange = trial.api(name, **{collection.parameter: one["id"]}, json=body)
                require(
                    exchange.status == 404,
                    f"{exchange.what} for what was deleted; 404 was due.",
                    exchange,
                    mark=f"{name} answers",
                )


@law(
    "ML-508",
    source="errors.md#shared-responses: 404",
    needs=WRITES,
    contracts=APRIL,
    causes="An action that does not look its thing up; 200 with nothing; 500.",
)
def unknown_ids_are_404(trial: Trial) -> None:
    """Every operation on a thing that does not exist answers 404 with a reason, and makes nothing."""
    for operation in trial.document.operations.values():
        names = [each for each in operation.parameters if each.location == "path"]
        if not names or not operation.secured or 404 not in operation.statuses:
            continue
        ids: dict[str, Json] = {
            each.name: UNKNOWN.get(str(each.schema.get("format")), "987654321987") for each in names
        }
        body = _plausible(trial, operation)
        with trial.about(operation.id):
            exchange = trial.api(operation.id, **ids, json=body)
            require(
                exchange.status == 404,
                f"{exchange.what} for a thing that does not exist; 404 was due.",
                exchange,
                mark=f"{operation.id} found",
            )
            require(
                isinstance(exchange.json, dict) and exchange.json.get("detail"),
                f"{exchange.what} gives no reason.",
                exchange,
                mark=f"{operation.id} reason",
            )


def _plausible(trial: Trial, operation: Operation) -> Json:
    """A body that an operation takes: its required fields, by the example or the plainest valid values."""
    schema = trial.document.body_schema(operation)
    if schema is None:
        return None
    body: dict[str, Json] = {}
    for name in _required(trial, schema):
        body[name] = _plain(trial, trial.document.properties(schema)[name])
    return body


def _required(trial: Trial, schema: Mapping[str, Json]) -> list[str]:
    schema = trial.document.followed(schema)
    found = list(schema.get("required", ()))
    for part in schema.get("allOf", ()):
        found += [each for each in _required(trial, part) if each not in found]
    return found


def _plain(trial: Trial, schema: Mapping[str, Json]) -> Json:
    schema = trial.document.followed(schema)
    candidates: list[Json] = [
        *schema.get("enum", ()),
        schema.get("const"),
        schema.get("default"),
        "x",
        "+14155550123",
        1,
        500,
        True,
        UNKNOWN["uuid"],
        "https://example.com/x",
        "someone@example.com",
        ["shop.example.com"],
        ["+14155550123"],
        [],
        {"type": "function", "function": {"name": "x"}},
        {},
        "pm_card_visa",
    ]
    for candidate in candidates:
        if candidate is not None and not trial.document.violations(schema, candidate):
            return candidate
    raise Unjudged(f"No plain value is known for {schema}.")


def _wrong(trial: Trial, schema: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    """Values that a field's schema forbids, each with what is wrong with it."""
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else list(types)
    for branch in schema.get("anyOf", ()):
        kind = trial.document.followed(branch).get("type")
        types += [kind] if isinstance(kind, str) else []
    candidates: list[tuple[str, Json]] = [
        ("null", None),
        ("an object", {"a": 1}),
        ("a list", [1]),
        ("a number", 12.5),
    ]
    if "string" in types:
        candidates += [
            ("empty", ""),
            ("a word that is none", "nonsense!"),
            ("too long", "x" * (schema.get("maxLength", 0) + 1)),
        ]
        candidates += [("in capitals", str(each).upper()) for each in schema.get("enum", ())[:1]]
    else:
        candidates += [("text", "text"), ("a number as text", "12")]
    if "boolean" not in types:
        candidates.append(("true", True))
    if "boolean" in types:
        candidates += [("one", 1), ("true as text", "true")]
    for bound, step in (("minimum", -1), ("maximum", 1)):
        if bound in schema:
            candidates.append((f"beyond its {bound}", schema[bound] + step))
    if "maxItems" in schema:
        item = _plain(trial, schema.get("items", {}))
        candidates.append(("too many", [item] * (schema["maxItems"] + 1)))
    if schema.get("minItems"):
        candidates.append(("none", []))
    for what, value in candidates:
        if what == "too long" and "maxLength" not in schema:
            continue
        if trial.document.violations(schema, value):
            yield what, value


def _refused(
    trial: Trial, operation: Operation, body: Json, field: str, what: str, ids: Mapping[str, Json]
) -> None:
    exchange = trial.api(operation.id, **ids, json=body)
    require(
        exchange.status == 400,
        f"{operation.id} takes {field} that is {what} ({str(body.get(field))[:60]!r}) with "
        f"{exchange.status}; 400 was due.",
        exchange,
        mark=f"{operation.id} {field} {what}",
    )
    told = exchange.json
    named = isinstance(told, dict) and any(
        each == field or str(each).startswith((f"{field}.", f"{field}[")) for each in told
    )
    require(
        named,
        f"{operation.id} refuses {field} that is {what} without naming it: {exchange.shown_reply()[:200]}",
        exchange,
        mark=f"{operation.id} {field} unnamed",
    )


@law(
    "ML-509",
    source="errors.md#field-errors-object",
    needs=WRITES,
    contracts=APRIL,
    causes="A bound, type or word that is not checked; a message that does not name its field.",
)
def wrong_fields_are_refused_by_name(trial: Trial) -> None:
    """A field of a body that is of a wrong type, beyond its bounds or none of its words is refused with 400 that
    names it.
    """
    for collection in collections_of(trial):
        one: Json = None
        for name in (collection.create, collection.update, collection.replace):
            if name is None:
                continue
            operation = trial.document.operations[name]
            schema = trial.document.body_schema(operation)
            if schema is None:
                continue
            if one is None:
                with trial.about(collection.create):
                    one = collection.made(trial, 1)
                if one is None:
                    break
            base = {} if name == collection.update else collection.body(trial, 2)
            ids = {} if name == collection.create else {collection.parameter: one["id"]}
            with trial.about(name):
                before = collection.listed(trial)
            for field, each in trial.document.properties(schema).items():
                for what, value in _wrong(trial, each):
                    with trial.about(name):
                        _refused(trial, operation, {**base, field: value}, field, what, ids)
            with trial.about(name):
                ordered = [_without(each, frozenset({"last_used_at"})) for each in collection.listed(trial)]
                require(
                    ordered == [_without(each, frozenset({"last_used_at"})) for each in before],
                    f"Requests that {name} refused changed {collection.name}.",
                    mark=f"{name} changed",
                )


@law(
    "ML-510",
    source="errors.md#field-errors-object: This field is required",
    needs=WRITES,
    contracts=APRIL,
    causes="A required field that gets a default; the wrong field named.",
)
def required_fields_are_required(trial: Trial) -> None:
    """A body that lacks a required field is refused with 400 that names exactly it, and nothing is made."""
    for operation in trial.document.operations.values():
        schema = trial.document.body_schema(operation)
        collection = next(
            (each for each in collections_of(trial) if operation.id in (each.create, each.replace)), None
        )
        if schema is None or collection is None or not _required(trial, schema):
            continue
        with trial.about(operation.id):
            good = collection.body(trial, 1)
            ids = (
                {}
                if operation.id == collection.create
                else {collection.parameter: collection.made(trial, 5)["id"]}
            )
            count = len(collection.listed(trial))
            for field in _required(trial, schema):
                body = {name: value for name, value in good.items() if name != field}
                exchange = trial.api(operation.id, **ids, json=body)
                require(
                    exchange.status == 400,
                    f"{operation.id} without {field} is answered {exchange.status}; 400 was due.",
                    exchange,
                    mark=f"{operation.id} {field}",
                )
                require(
                    field in exchange.json,
                    f"{operation.id} without {field} complains of {list(exchange.json)}.",
                    exchange,
                    mark=f"{operation.id} {field} unnamed",
                )
            require(
                len(collection.listed(trial)) == count,
                f"{operation.id} refused a request and made something.",
                mark=f"{operation.id} made",
            )


@law(
    "ML-511",
    source="agents.md#agent-input-object and the other pages' input objects",
    needs=WRITES,
    contracts=APRIL,
    causes="A bound that is off by one; a word of the list that is forgotten; text that is cut.",
)
def everything_allowed_is_taken(trial: Trial) -> None:
    """A field takes each of its words, its shortest and longest text and its lowest and highest number, at
    creation and as a change, and keeps them.
    """
    for collection in collections_of(trial):
        one = collection.made(trial, 1)
        for name in (collection.create, collection.update):
            schema = None if name is None else trial.document.body_schema(trial.document.operations[name])
            if name is None or schema is None:
                continue
            for field, each in trial.document.properties(schema).items():
                if field in collection.coupled or field in collection.unshown:
                    continue
                for value in _extremes(trial, each):
                    with trial.about(name):
                        if name == collection.update:
                            sent: Json = {field: value}
                            found = trial.api.ok(name, **{collection.parameter: one["id"]}, json=sent)
                        else:
                            sent = {**collection.body(trial, trial.random.randrange(10, 999_999)), field: value}
                            found = trial.api.ok(name, json=sent)
                        shown = collection.seen(trial, found)
                        for kept in (found[field], shown[field]):
                            require(
                                kept == value,
                                f"{name} was sent {field} {str(value)[:60]!r} and keeps {str(kept)[:60]!r}.",
                                mark=f"{name} {field}",
                            )


def _extremes(trial: Trial, schema: Mapping[str, Json]) -> list[Json]:
    found: list[Json] = list(schema.get("enum", ()))
    if "maxLength" in schema and "format" not in schema:
        found += ["é" * int(schema["maxLength"]), "x" * int(schema.get("minLength", 0))]
    found += [schema[bound] for bound in ("minimum", "maximum") if bound in schema]
    found += [0] if "integer" in schema.get("type", []) else []
    types = schema.get("type", [])
    if "boolean" in types:
        found += [True, False]
    if "array" in types:
        words = schema.get("items", {}).get("enum", [])
        tool = {"type": "function", "function": {"name": "find"}}
        found += [list(words), list(words[:1]), [tool], []]  # what is there first can be emptied
    if "null" in types:
        found.append(None)
    return [each for each in found if not trial.document.violations(schema, each)]


ABROAD = "Büro, 長い 😀"
LETTERS = st.characters(exclude_categories=["Cs", "Cc"])


@law(
    "ML-512",
    source="agents.md#agent-object",
    needs=WRITES,
    operations=("agents_create", "agents_retrieve"),
    contracts=APRIL,
    causes="Text that is escaped, normalized, trimmed or stored in another encoding.",
)
def text_comes_back_as_sent(trial: Trial) -> None:
    """Any text comes back letter by letter, in whatever script, with its blanks."""

    def check(text: str) -> None:
        agent = trial.agent(name=text[:255], prompt=text)
        shown = trial.api.ok("agents_retrieve", agent_id=agent["id"])
        require(
            (shown["name"], shown["prompt"]) == (text[:255], text),
            f"{text!r} comes back as {shown['name']!r}, {shown['prompt']!r}.",
            mark="text",
        )

    for collection in collections_of(trial):
        for field in ("name", "label", "display_name"):
            body = collection.body(trial, 7)
            if field in body:
                with trial.about(collection.create):
                    made = trial.api.ok(collection.create, json={**body, field: ABROAD})
                    listed = next(each for each in collection.listed(trial) if each["id"] == made["id"])
                    for shown in (made, listed):
                        require(
                            shown[field] == ABROAD,
                            f"{field} {ABROAD!r} comes back as {shown[field]!r}.",
                            mark=f"{collection.name} {field}",
                        )
    trial.forall(st.text(LETTERS, min_size=1, max_size=300), check, shrink=False)
    for text in (" padded ", "line\nbreak", "<b>&amp;</b>", "Grüße, 你好, 😀", "e\u0301"):
        check(text)


@law(
    "ML-513",
    source="agents.md#list-an-agents-versions: the newest first",
    needs=WRITES,
    contracts=APRIL,
    causes="No snapshot at creation or at a change; a snapshot that changes with the thing; oldest first.",
)
def a_version_per_change(trial: Trial) -> None:
    """Versions are numbered from 1, one for creation and one per change, the newest first, each showing the
    thing as it was.
    """
    for collection in collections_of(trial):
        if collection.versions is None or not trial.has(collection.versions) or collection.update is None:
            continue
        with trial.about(collection.versions):
            one = collection.made(trial, 1)
            other = collection.made(trial, 2)
            if trial.has_control:
                trial.settle()
            snapshots = [collection.seen(trial, one)]
            key = {collection.parameter: one["id"]}
            for change in _changes(trial, collection):
                snapshots.append(trial.api.ok(collection.update, **key, json=change))
            versions = trial.api.ok(collection.versions, **key)
            numbers = [each["version"] for each in versions]
            require(
                numbers == list(range(len(versions), 0, -1)),
                f"{collection.versions} is numbered {numbers}.",
                mark=f"{collection.name} numbers",
            )
            require(
                len(versions) >= len(snapshots),
                f"After {len(snapshots) - 1} changes there are {len(versions)} versions.",
                mark=f"{collection.name} count",
            )
            # A number becomes active by itself, which is no change of its assignments.
            ours = frozenset({"status", "updated_at"}) if collection.name == "phone-numbers" else frozenset()
            for version, due in zip(versions, reversed(snapshots), strict=False):
                _same(
                    _without(due, ours),
                    _without(version["snapshot"], ours),
                    f"A version of {collection.name} does not show it as it was",
                    f"{collection.name} snapshot",
                )
                naming = collection.parameter
                require(
                    version[naming] == one["id"],
                    f"A version names another of {collection.name}.",
                    mark=f"{collection.name} names",
                )
            ids = [each["id"] for each in versions]
            require(len(set(ids)) == len(ids), "Two versions have the same id.", mark=f"{collection.name} ids")
            untouched = trial.api.ok(collection.versions, **{collection.parameter: other["id"]})
            require(
                all(each["snapshot"]["id"] == other["id"] for each in untouched),
                "Versions of one thing are listed under another.",
                mark=f"{collection.name} other",
            )
            if collection.name == "agents":
                require(
                    len(untouched) == 1,
                    f"An agent that nobody changed has {len(untouched)} versions.",
                    mark="agents untouched",
                )


def _changes(trial: Trial, collection: Collection) -> list[dict[str, Json]]:
    if collection.name == "phone-numbers":
        return [{"inbound_agent_id": trial.agent()["id"]}, {"inbound_agent_id": None}]
    return [{name: value} for name, value in collection.change.items()]


@law(
    "ML-514",
    source="agents.md#update-an-agent",
    needs=WRITES,
    contracts=APRIL,
    causes="A partial change kept from a refused request.",
)
def a_refused_update_changes_nothing(trial: Trial) -> None:
    """An update with one wrong field changes nothing, not even what was right in it."""
    for collection in collections_of(trial):
        if collection.update is None or not collection.change:
            continue
        operation = trial.document.operations[collection.update]
        schema = trial.document.body_schema(operation) or {}
        with trial.about(collection.update):
            one = collection.made(trial, 1)
            before = collection.seen(trial, one)
            fields = trial.document.properties(schema)
            good = dict(list(collection.change.items())[:1])
            wrong = next(
                (
                    {name: value}
                    for name, each in fields.items()
                    if name not in good
                    for _, value in _wrong(trial, each)
                ),
                None,
            )
            if wrong is None:
                continue
            exchange = trial.api(collection.update, **{collection.parameter: one["id"]}, json={**good, **wrong})
            require(
                exchange.status == 400,
                f"{exchange.what} with a wrong field; 400 was due.",
                exchange,
                mark=f"{collection.name} taken",
            )
            _same(
                before,
                collection.seen(trial, one),
                "A refused update changed something",
                f"{collection.name} changed",
            )


@law(
    "ML-515",
    source="the HTTP standard: safe methods",
    needs=WRITES,
    contracts=APRIL,
    causes="A read that counts, marks as read, grades, bills, or creates what is missing.",
)
def reading_changes_nothing(trial: Trial) -> None:
    """Every GET of the API, asked twice, leaves everything as it was and answers the same."""
    if trial.has_control:
        trial = trial.fresh("demo")
        trial.settle()
    for collection in collections_of(trial):
        if collection.name in ("agents", "integrations", "publishable-keys", "webhook-endpoints"):
            collection.made(trial, 1)
    reads = [each for each in trial.document.operations.values() if each.method == "GET" and each.secured]
    known: dict[str, Json] = {}
    for collection in collections_of(trial):
        listed = collection.listed(trial)
        if listed:
            known.setdefault(collection.parameter, listed[0]["id"])
    calls = trial.api.ok("calls_list", limit=1, status="completed")["results"]
    if calls:
        known["call_id"] = calls[0]["call_id"]
    known["org_id"] = trial.api.ok("orgs_list")[0]["id"]

    def pass_over() -> dict[str, Json]:
        found = {}
        for operation in reads:
            names = [each.name for each in operation.parameters if each.location == "path"]
            if not all(name in known for name in names):
                continue
            arguments = {name: known[name] for name in names}
            if operation.parameter("export_format") is not None:
                arguments["export_format"] = "json"
            exchange = trial.api(operation.id, **arguments)
            if (
                exchange.status == 200
                and exchange.media_type == "application/json"
                and operation.id != "calls_audio_list"
            ):
                found[operation.id] = exchange.json
        return found

    first, second = pass_over(), pass_over()
    for name, before in first.items():
        if name == "developer_api_keys_list":
            continue
        with trial.about(name):
            require(
                before == second.get(name),
                f"{name} answers otherwise after everything was only read.",
                mark=f"{name} changed",
            )
