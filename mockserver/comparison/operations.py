"""Two documents compared: operation by operation, event by event."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest
from typing import Any

from mockserver.comparison.findings import Change, Comparison, Group, Kind
from mockserver.comparison.likeness import likeness, renamings
from mockserver.comparison.rules import Severity
from mockserver.comparison.schemas import Comparer, Direction, Findings, Pair
from mockserver.comparison.views import Views, below
from mockserver.spec.document import Document, Operation, is_json

_Place = tuple[Kind, str]  # the kind and title of what a client uses: an operation, an event
_Likeness = tuple[str, str, str]  # what makes two changes the same one: code, where, what

_NOTHING = "nothing"  # the credentials of who needs none
_FAMILIES = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "POST": "write"}

ALIKE = 4
"""The same change in so many operations or more is reported once, for all of them."""


def compare(old: Document, new: Document) -> Comparison:
    """What a client of `old` meets when it is answered by `new`. Raises SpecError for a `$ref` to nowhere."""
    return _Comparison(old, new).made()


def title(operation: Operation) -> str:
    """An operation as people call it: `GET /v1/calls`."""
    return f"{operation.method} {operation.path}"


class _Comparison:
    """The comparison of two documents, as it is made."""

    def __init__(self, old: Document, new: Document) -> None:
        self.old = old
        self.new = new
        self.comparer = Comparer(Views(old.schemas), Views(new.schemas))
        self.places: dict[_Place, Findings] = {}  # by kind of group and title

    def made(self) -> Comparison:
        self._servers(self._place("document", "The whole document"))
        before = {(each.method, each.shape): each for each in self.old.operations}
        after = {(each.method, each.shape): each for each in self.new.operations}
        for key, operation in before.items():
            if key in after:
                self._operation(self._place("operation", title(operation)), operation, after[key])
            else:
                suggestion = _nearest(operation, after.values())
                what = f"is gone; the nearest is {title(suggestion)}" if suggestion else "is gone"
                found = self._place("operation", title(operation))
                found.add("operation-removed", operation.id, what, _pointer(operation), None)
        for key, operation in after.items():
            if key not in before:
                found = self._place("operation", title(operation))
                found.add("operation-added", operation.id, "is new", None, _pointer(operation))
        self._events()
        return Comparison(self.old.name, self.new.name, tuple(self._groups()))

    def _place(self, kind: Kind, name: str) -> Findings:
        return self.places.setdefault((kind, name), Findings())

    # -- groups -------------------------------------------------------------------------------------

    def _groups(self) -> Iterator[Group]:
        """The groups with changes: the ones that several share after the ones of each."""
        own = {place: list(found.changes) for place, found in self.places.items()}
        alike = _alike(own)
        shared = _shared(self._inside(), own)
        for (kind, name), changes in own.items():
            if changes:
                yield Group(kind, name, tuple(_sorted(changes)))
        yield from (*alike, *shared)

    def _inside(self) -> dict[tuple[Direction, str], dict[_Likeness, tuple[Change, list[_Place]]]]:
        """The changes inside components, by direction and old name, each once, with the places that it reaches.

        One component may have become several: what those have in common is still one change.
        """
        reaches: dict[Pair, list[_Place]] = defaultdict(list)
        for place, found in self.places.items():
            for pair in self.comparer.reached(found):
                reaches[pair].append(place)
        inside: dict[tuple[Direction, str], dict[_Likeness, tuple[Change, list[_Place]]]] = defaultdict(dict)
        for pair, places in reaches.items():
            component = inside[pair.direction, pair.name]
            for change in self.comparer.findings(pair).changes:
                known = component.setdefault(_likeness(change), (change, []))[1]
                known += [each for each in places if each not in known]
        return inside

    # -- one operation ------------------------------------------------------------------------------

    def _servers(self, found: Findings) -> None:
        was, now = ([each.get("url") for each in doc.raw.get("servers", [])] for doc in (self.old, self.new))
        if was != now:
            what = f"{', '.join(map(str, was)) or 'none'} → {', '.join(map(str, now)) or 'none'}"
            found.add("servers-changed", "servers", what, "/servers", "/servers")

    def _operation(self, found: Findings, old: Operation, new: Operation) -> None:
        at = (_pointer(old), _pointer(new))
        if "operationId" in old.node and "operationId" in new.node and old.id != new.id:
            found.add("operation-renamed", "operationId", f"`{old.id}` → `{new.id}`", *at)
        if bool(old.node.get("deprecated")) != bool(new.node.get("deprecated")):
            code = "operation-deprecated" if new.node.get("deprecated") else "operation-undeprecated"
            word = "is deprecated now" if new.node.get("deprecated") else "is not deprecated any more"
            found.add(code, old.id, word, *at)
        self._security(found, old, new)
        self._parameters(found, old, new)
        self._body(found, old, new)
        self._responses(found, old, new)

    def _security(self, found: Findings, old: Operation, new: Operation) -> None:
        at = (_pointer(old), _pointer(new))
        was, now = _credentials(self.old, old), _credentials(self.new, new)
        if (_NOTHING in was) != (_NOTHING in now):
            code = "security-dropped" if _NOTHING in now else "security-required"
            what = f"{' or '.join(sorted(was))} → {' or '.join(sorted(now))}"
            found.add(code, "security", what, *at)
            return
        if gone := was - now:
            found.add("security-option-removed", "security", f"no longer {' or '.join(sorted(gone))}", *at)
        if came := now - was:
            found.add("security-option-added", "security", f"also {' or '.join(sorted(came))}", *at)

    def _parameters(self, found: Findings, old: Operation, new: Operation) -> None:
        before, after = _parameters(self.old, old), _parameters(self.new, new)
        for one, other in zip(old.path_names, new.path_names, strict=True):
            where = f"path {one}"
            was, now = before.pop(("path", one)), after.pop(("path", other))
            if one != other:
                found.add("path-parameter-renamed", where, f"is called `{other}` now", was[0], now[0])
            self._schemas(found, was, now, "request", where)
        renamed: dict[tuple[str, str], tuple[str, str]] = {}
        for location in sorted({location for location, _ in (*before, *after)}):
            gone = (name for place, name in before if place == location and (place, name) not in after)
            came = (name for place, name in after if place == location and (place, name) not in before)
            renamed.update({(location, name): (location, other) for name, other in renamings(gone, came).items()})
        for key, was in before.items():
            where = f"{key[0]} {key[1]}"
            if key not in after and key not in renamed:
                found.add("parameter-removed", where, "is gone", was[0], None)
                continue
            became = renamed.get(key, key)
            now = after[became]
            if became != key:
                found.add("parameter-renamed", where, f"seems to be called `{became[1]}` now", was[0], now[0])
            self._became_required(found, "parameter", where, was, now)
            self._schemas(found, was, now, "request", where)
        for key, now in after.items():
            if key in before or key in renamed.values():
                continue
            if now[1].get("required"):
                found.add("parameter-added-required", f"{key[0]} {key[1]}", "is new and required", None, now[0])
            else:
                found.add("parameter-added", f"{key[0]} {key[1]}", "is new", None, now[0])

    def _became_required(
        self, found: Findings, what: str, where: str, old: tuple[str, Any], new: tuple[str, Any]
    ) -> None:
        was, now = bool(old[1].get("required")), bool(new[1].get("required"))
        if was != now:
            word = "required" if now else "optional"
            found.add(f"{what}-became-{word}", where, f"is {word} now", old[0], new[0])

    def _schemas(
        self, found: Findings, old: tuple[str, Any], new: tuple[str, Any], direction: Direction, where: str
    ) -> None:
        """Compare the schemas of two nodes that have one each (parameters, headers, media types)."""
        if "schema" in old[1] and "schema" in new[1]:
            self.comparer.compare(found, f"{old[0]}/schema", f"{new[0]}/schema", direction, where)

    def _body(self, found: Findings, old: Operation, new: Operation) -> None:
        was, now = (
            document.schemas.follow(f"{_pointer(each)}/requestBody") if "requestBody" in each.node else None
            for document, each in ((self.old, old), (self.new, new))
        )
        if was is None and now is not None:
            required = now[1].get("required")
            code = "request-body-added-required" if required else "request-body-added"
            found.add(code, "body", "is new and required" if required else "is new", _pointer(old), now[0])
        elif was is not None and now is None:
            found.add("request-body-removed", "body", "is gone", was[0], _pointer(new))
        elif was is not None and now is not None:
            self._became_required(found, "request-body", "body", was, now)
            self._contents(found, was, now, "request", "body")

    def _contents(
        self, found: Findings, old: tuple[str, Any], new: tuple[str, Any], direction: Direction, where: str
    ) -> None:
        """Compare what two bodies are made of, by media type; JSON is JSON whatever it is called."""
        before, after = _media(old), _media(new)
        if direction == "response" and bool(before) != bool(after):
            code = "response-body-added" if after else "response-body-removed"
            found.add(code, where, "has a body now" if after else "has no body any more", old[0], new[0])
            return
        for media_type, node in before.items():
            if media_type in after:
                self._schemas(found, node, after[media_type], direction, where)
            else:
                what = f"no longer {media_type}"
                found.add(f"{direction}-media-type-removed", where, what, node[0], new[0])
        for media_type, node in after.items():
            if media_type not in before:
                found.add(f"{direction}-media-type-added", where, f"also {media_type}", old[0], node[0])
        gone = [node for name, node in before.items() if name not in after and is_json(name)]
        came = [node for name, node in after.items() if name not in before and is_json(name)]
        for one, other in zip(gone, came, strict=False):
            self._schemas(found, one, other, direction, where)

    def _responses(self, found: Findings, old: Operation, new: Operation) -> None:
        before, after = (
            _responses(self.old, _pointer(old), old.node),
            _responses(self.new, _pointer(new), new.node),
        )
        for status in (each for each in before if each in after):
            self._response(found, before[status], after[status], f"response {status}")
        gone, came = sorted(before.keys() - after.keys()), sorted(after.keys() - before.keys())
        successes = [[each for each in side if each[0] in "23"] for side in (gone, came)]
        for one, other in zip_longest(*successes):
            if one is None:
                found.add("success-status-added", f"response {other}", "is new", None, after[other][0])
            elif other is None:
                found.add("success-status-removed", f"response {one}", "is gone", before[one][0], None)
            else:
                at = (before[one][0], after[other][0])
                found.add("success-status-changed", f"response {one}", f"is {other} now", *at)
                self._response(found, before[one], after[other], f"response {other}")
        for status in gone:
            if status[0] not in "23":
                found.add("error-status-removed", f"response {status}", "is gone", before[status][0], None)
        for status in came:
            if status[0] not in "23":
                found.add("error-status-added", f"response {status}", "is new", None, after[status][0])

    def _response(self, found: Findings, old: tuple[str, Any], new: tuple[str, Any], where: str) -> None:
        self._contents(found, old, new, "response", where)
        self._headers(found, _headers(self.old, old), _headers(self.new, new), where)

    def _headers(
        self,
        found: Findings,
        before: Mapping[str, tuple[str, Any]],
        after: Mapping[str, tuple[str, Any]],
        where: str,
    ) -> None:
        """Compare headers that the client reads, by their lower-case names."""
        for name, was in before.items():
            place = f"{where} header {name}".strip()
            if name in after:
                self._schemas(found, was, after[name], "response", place)
            else:
                found.add("response-header-removed", place, "is gone", was[0], None)
        for name, now in after.items():
            if name not in before:
                found.add("response-header-added", f"{where} header {name}".strip(), "is new", None, now[0])

    # -- events -------------------------------------------------------------------------------------

    def _events(self) -> None:
        before, after = self.old.raw.get("webhooks", {}), self.new.raw.get("webhooks", {})
        renamed = renamings(
            (name for name in before if name not in after), (name for name in after if name not in before)
        )
        for name in before:
            found = self._place("event", name)
            if name in after:
                self._event(found, below("/webhooks", name, "post"), before[name].get("post", {}), after[name])
            else:
                what = f"is gone; the nearest is {renamed[name]}" if name in renamed else "is gone"
                found.add("event-removed", name, what, below("/webhooks", name), None)
        for name in after:
            if name not in before:
                found = self._place("event", name)
                found.add("event-added", name, "is new", None, below("/webhooks", name))

    def _event(self, found: Findings, pointer: str, old: Mapping[str, Any], item: Mapping[str, Any]) -> None:
        """Compare two events: what they bring is read by the client, what they ask for is written by it."""
        new = item.get("post", {})
        if "requestBody" in old and "requestBody" in new:
            was = self.old.schemas.follow(f"{pointer}/requestBody")
            now = self.new.schemas.follow(f"{pointer}/requestBody")
            self._contents(found, was, now, "response", "body")
        before, after = (
            {
                place[1].lower(): node
                for place, node in _parameters_at(document, pointer, node).items()
                if place[0] == "header"
            }
            for document, node in ((self.old, old), (self.new, new))
        )
        self._headers(found, before, after, "")
        asked, asks = (
            next((each for _, each in sorted(answers.items()) if each[1].get("content")), None)
            for answers in (_responses(self.old, pointer, old), _responses(self.new, pointer, new))
        )
        if asked is None and asks is not None:
            found.add("event-answer-required", "answer", "is asked for now", pointer, asks[0])
        elif asked is not None and asks is None:
            found.add("event-answer-removed", "answer", "is not asked for any more", asked[0], pointer)
        elif asked is not None and asks is not None:
            self._contents(found, asked, asks, "request", "answer")


def _alike(own: dict[_Place, list[Change]]) -> list[Group]:
    """The groups of changes that many operations have alike, taken out of `own`."""
    sharers: dict[_Likeness, list[_Place]] = defaultdict(list)
    for place, changes in own.items():
        for key in dict.fromkeys(map(_likeness, changes)):
            sharers[key].append(place)
    together: dict[tuple[str, ...], dict[_Likeness, Change]] = defaultdict(dict)
    for changes in own.values():
        for change in list(changes):
            key = _likeness(change)
            if len(sharers[key]) >= ALIKE:
                changes.remove(change)
                together[tuple(name for _, name in sharers[key])].setdefault(key, change)
    return [
        Group("operations", f"{len(names)} operations alike", tuple(_sorted(changes.values())), names)
        for names, changes in together.items()
    ]


def _shared(
    inside: dict[tuple[Direction, str], dict[_Likeness, tuple[Change, list[_Place]]]],
    own: dict[_Place, list[Change]],
) -> list[Group]:
    """A group per component and the places it reaches; what reaches one place only is added to that in `own`."""
    groups = []
    for (direction, name), component in inside.items():
        together: dict[tuple[str, ...], list[Change]] = defaultdict(list)
        for change, places in component.values():
            if len(places) == 1:
                own[places[0]].append(change)
            else:
                together[tuple(each for _, each in places)].append(change)
        title = f"{name} ({'sent' if direction == 'request' else 'received'})"
        groups += [Group("schema", title, tuple(_sorted(each)), names) for names, each in together.items()]
    return groups


def _likeness(change: Change) -> _Likeness:
    return change.code, change.where, change.what


def _sorted(changes: Iterable[Change]) -> list[Change]:
    """The changes, what hurts most first, else as they stand in the documents."""
    order = list(Severity)
    return sorted(changes, key=lambda each: order.index(each.severity))


def _pointer(operation: Operation) -> str:
    return below("/paths", operation.path, operation.method.lower())


def _nearest(operation: Operation, others: Iterable[Operation]) -> Operation | None:
    """The operation that may do what `operation` did: the same name, or the same kind on the most similar path."""

    def score(other: Operation) -> float:
        if other.id == operation.id:
            return 3.0
        if _FAMILIES.get(other.method, other.method) != _FAMILIES.get(operation.method, operation.method):
            return 0.0
        path = 1.5 if other.shape == operation.shape else likeness(other.shape, operation.shape)
        return path * (1.0 if other.method == operation.method else 0.9)

    best = max(others, key=score, default=None)
    return best if best is not None and score(best) >= 0.7 else None


def _credentials(document: Document, operation: Operation) -> frozenset[str]:
    """The ways to authorize a request, by what they are and not by how the document calls them."""
    schemes = document.raw.get("components", {}).get("securitySchemes", {})

    def told(name: str) -> str:
        scheme = schemes.get(name, {})
        words = (scheme.get(key) for key in ("type", "scheme", "in", "name"))
        return " ".join(str(word) for word in words if word) or name

    options = operation.security or ((),)
    return frozenset(" and ".join(sorted(map(told, option))) or _NOTHING for option in options)


def _parameters(document: Document, operation: Operation) -> dict[tuple[str, str], tuple[str, Any]]:
    """The parameters by (in, name), each with its pointer; the operation's own beat those of its path."""
    item = below("/paths", operation.path)
    found = _parameters_at(document, item, document.raw["paths"][operation.path])
    return {**found, **_parameters_at(document, _pointer(operation), operation.node)}


def _parameters_at(
    document: Document, pointer: str, node: Mapping[str, Any]
) -> dict[tuple[str, str], tuple[str, Any]]:
    found = [
        document.schemas.follow(below(pointer, "parameters", index))
        for index in range(len(node.get("parameters", [])))
    ]
    return {(each[1]["in"], each[1]["name"]): each for each in found}


def _responses(document: Document, pointer: str, node: Mapping[str, Any]) -> dict[str, tuple[str, Any]]:
    return {
        str(status): document.schemas.follow(below(pointer, "responses", str(status)))
        for status in node.get("responses", {})
    }


def _headers(document: Document, response: tuple[str, Any]) -> dict[str, tuple[str, Any]]:
    return {
        name.lower(): document.schemas.follow(below(response[0], "headers", name))
        for name in response[1].get("headers", {})
    }


def _media(body: tuple[str, Any]) -> dict[str, tuple[str, Any]]:
    """The media types of a body, without their parameters, each with its pointer."""
    return {
        name.partition(";")[0].strip().lower(): (below(body[0], "content", name), node)
        for name, node in body[1].get("content", {}).items()
    }
