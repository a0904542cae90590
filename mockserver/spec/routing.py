"""Which operation a method and a path mean: a tree of path segments, one step per segment."""

from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar
from urllib.parse import unquote

from mockserver.spec.document import Operation

T = TypeVar("T")


@dataclass(slots=True)
class _Node(Generic[T]):
    literal: dict[str, "_Node[T]"] = field(default_factory=dict)
    parameter: "_Node[T] | None" = None
    methods: dict[str, T] = field(default_factory=dict)


class Match(NamedTuple, Generic[T]):
    """A path that some operation has: what stands there per method, and the values of its parameters."""

    methods: dict[str, T]
    values: tuple[str, ...]

    @property
    def allowed(self) -> list[str]:
        """The methods a caller may use, HEAD beside GET and OPTIONS included, sorted."""
        names = {*self.methods, "OPTIONS"}
        if "GET" in names:
            names.add("HEAD")
        return sorted(names)


class Routes(Generic[T]):
    """A tree over the segments of every path. A literal segment wins over a parameter.

    Paths of equal shape share a place, whatever their parameters are called and whichever document has them.
    """

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()
        self.paths: list[str] = []

    def add(self, operation: Operation, target: T) -> T | None:
        """Put `target` at the operation's method and path; what stood there before, or None."""
        node = self._root
        for part in operation.parts:
            if part is None:
                if node.parameter is None:
                    node.parameter = _Node()
                node = node.parameter
            else:
                node = node.literal.setdefault(part, _Node())
        previous = node.methods.get(operation.method)
        node.methods[operation.method] = target
        self.paths.append(operation.path)
        return previous

    def find(self, raw_path: str) -> Match[T] | None:
        """What stands at a path as it was sent, percent-encoding included; None when nothing does."""
        segments = raw_path[1:].split("/") if len(raw_path) > 1 else []
        if "%" in raw_path:
            segments = [unquote(segment, errors="replace") for segment in segments]
        found = _walk(self._root, segments, 0)
        if found is None:
            return None
        node, values = found
        return Match(node.methods, values)


def _walk(node: _Node[T], segments: list[str], depth: int) -> tuple[_Node[T], tuple[str, ...]] | None:
    if depth == len(segments):
        return (node, ()) if node.methods else None
    segment = segments[depth]
    if segment in node.literal:
        found = _walk(node.literal[segment], segments, depth + 1)
        if found is not None:
            return found
    # An empty segment is no value: `/v1/calls/` is another path than `/v1/calls`, and no call's.
    if node.parameter is not None and segment:
        found = _walk(node.parameter, segments, depth + 1)
        if found is not None:
            return found[0], (segment, *found[1])
    return None
